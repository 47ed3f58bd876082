//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    args::SurveyConfig,
    coverage::{self, Scope},
    engine, evidence, height,
    look::{self, Pass},
    progress::Progress,
    record::Record,
    summary::Summary,
};
use anyhow::Context;
use rams_delineate::Basis;
use rams_detect::{Manifest, Runtime};
use rams_domain::{FeatureId, Grid, Orthomosaic, Survey, TilePlan};
use std::{path::PathBuf, sync::Arc};
use tokio::task::spawn_blocking;

/// Surveys orthomosaics with models and stores the map.
pub(crate) async fn survey(config: SurveyConfig, progress: Progress) -> anyhow::Result<Summary> {
    rams_store::check_writable(&config.out)?;
    let orthomosaics = open(&config.orthomosaics)?;
    let ground = rams_tile::ground_around(&orthomosaics).context("no orthomosaic given")??;
    let surfaces = height::under(config.dsm.as_deref(), &orthomosaics)?;
    let others = evidence::read(&config, &ground)?;
    let manifests =
        config.models.iter().map(|folder| Manifest::read(folder).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    let mut runtime = Runtime::load()?;
    let engines = engine::choose(&config, &orthomosaics, &manifests, &mut runtime)?;
    let runtime = Arc::new(runtime);
    let mut record = Record::begin(&config, &orthomosaics, &manifests, &runtime);
    engine::note(&engines, &mut record);
    let shortfalls = height::shortfalls(&orthomosaics, &surfaces, manifests.iter().map(Arc::as_ref));
    shortfalls.iter().for_each(|(of, text)| eprintln!("{of}: {text}"));
    others.note(&mut record);
    record.surfaces(&orthomosaics, &surfaces, &shortfalls);
    let (dsm, stop) = (config.dsm.clone(), progress.clone());
    let dsm_digest = spawn_blocking(move || dsm.map(|path| rams_tile::digest(&path, || stop.is_stopping())));

    let mut survey = Survey::new(ground);
    survey.known = others.known;
    for (orthomosaic, surface) in orthomosaics.into_iter().map(Arc::new).zip(surfaces) {
        let (path, stop) = (orthomosaic.path.clone(), progress.clone());
        let digest = spawn_blocking(move || rams_tile::digest(&path, || stop.is_stopping()));
        for manifest in &manifests {
            let scope = Scope::of(&manifest.model, &orthomosaic);
            survey.gaps.extend(scope.too_coarse(&orthomosaic));
            if scope.assessable.is_empty() {
                continue;
            }
            let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
            let plan = TilePlan::new(grid, manifest.model.tile)?;
            let surface = height::choose(surface.as_ref(), manifest).and_then(Result::ok);
            let pass = Pass { orthomosaic: orthomosaic.clone(), surface, manifest: manifest.clone(), plan };
            let pass = Arc::new(pass);
            let seen = look::look(pass.clone(), runtime.clone(), config.workers, progress.clone()).await;

            record.tiles(&pass, &seen);
            survey.features.extend(rams_trace::trace(&seen.detections, &manifest.model, &orthomosaic, &grid));
            let (assessed, gaps) = scope.cover(&seen, &orthomosaic);
            survey.assessed.extend(assessed);
            survey.gaps.extend(gaps);
            survey.add_detections(seen.detections, &manifest.model, &orthomosaic);
        }
        survey.gaps.extend(coverage::no_model(&manifests, &orthomosaic));
        record.digest(&orthomosaic, digest.await?);
    }
    for (feature, number) in survey.features.iter_mut().zip(1..) {
        feature.id = FeatureId(number);
    }
    let Survey { features, known, assessed, gaps, ground, .. } = &survey;
    survey.hazard_areas =
        rams_delineate::delineate(&Basis { features, known, assessed, gaps, ground }, &config.doctrine);
    if let Some(digest) = dsm_digest.await? {
        record.surface_digest(digest);
    }
    survey.record = record.end(progress.is_stopping());
    let path = rams_store::write(&survey, &config.out)?;
    Ok(Summary::of(&survey, path))
}

/// Opens orthomosaics; those of the same file name get different names in the survey.
fn open(paths: &[PathBuf]) -> anyhow::Result<Vec<Orthomosaic>> {
    let mut opened: Vec<Orthomosaic> = vec![];
    for path in paths {
        let mut orthomosaic = rams_tile::open(path)?;
        let stem = orthomosaic.name.clone();
        let mut copies = 2..;
        while opened.iter().any(|other| other.name == orthomosaic.name) {
            orthomosaic.name = format!("{stem}-{}", copies.next().unwrap_or(2));
        }
        opened.push(orthomosaic);
    }
    Ok(opened)
}
