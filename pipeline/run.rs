//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    args::SurveyConfig,
    coverage::{self, Scope},
    evidence, height,
    limit::Limit,
    look::{self, Pass},
    overlap,
    progress::Progress,
    record::Record,
    summary::Summary,
};
use anyhow::Context;
use rams_delineate::Basis;
use rams_detect::{Detector, Manifest, Runtime};
use rams_domain::{FeatureId, Grid, Model, Orthomosaic, Survey, TilePlan};
use std::{path::PathBuf, sync::Arc};
use tokio::task::spawn_blocking;

/// Surveys orthomosaics with models and stores the map.
pub(crate) async fn survey(config: SurveyConfig, progress: Progress) -> anyhow::Result<Summary> {
    rams_store::check_writable(&config.out)?;
    let mut orthomosaics = open(&config.orthomosaics)?;
    let mut ground = rams_tile::ground_around(&mut orthomosaics).context("no orthomosaic given")??;
    // The map does not depend on the order in which they were given, but for its CRS.
    orthomosaics.sort_by(|a, b| a.name.cmp(&b.name));
    let read_limit = |path: &PathBuf| Limit::read(path, &ground, &orthomosaics);
    let limit = config.aoi.as_ref().map(read_limit).transpose()?;
    if let (Some(limit), Some(path)) = (&limit, &config.aoi) {
        ground = rams_tile::widened(&ground, limit.extent(), path)?;
    }
    let surfaces = height::under(config.dsm.as_deref(), &orthomosaics)?;
    let others = evidence::read(&config, &ground)?;
    let manifests =
        config.models.iter().map(|folder| Manifest::read(folder).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    let runtime = Arc::new(Runtime::load()?);
    for manifest in &manifests {
        // A model that does not fit is an error now, not a gap after hours.
        Detector::new(manifest, &runtime)?;
    }
    let mut record = Record::begin(&config, &orthomosaics, &manifests, &runtime);
    let shortfalls = height::shortfalls(&orthomosaics, &surfaces, manifests.iter().map(Arc::as_ref));
    shortfalls.iter().for_each(|(of, text)| eprintln!("{of}: {text}"));
    others.note(&mut record);
    if let (Some(limit), Some(path)) = (&limit, &config.aoi) {
        limit.note(path, &ground, &mut record);
    }
    let overlaps = overlap::pairs(&orthomosaics.iter().collect::<Vec<_>>(), &ground);
    record.overlaps(&overlaps);
    record.surfaces(&orthomosaics, &surfaces, &shortfalls);
    let (dsm, stop) = (config.dsm.clone(), progress.clone());
    let dsm_digest = spawn_blocking(move || dsm.map(|path| rams_tile::digest(&path, || stop.is_stopping())));

    let mut survey = Survey::new(ground);
    survey.known = others.known;
    if let Some(limit) = &limit {
        limit.join(&mut survey.known);
    }
    let orthomosaics: Vec<Arc<Orthomosaic>> = orthomosaics.into_iter().map(Arc::new).collect();
    for (orthomosaic, surface) in orthomosaics.iter().zip(surfaces) {
        let (path, stop) = (orthomosaic.path.clone(), progress.clone());
        let digest = spawn_blocking(move || rams_tile::digest(&path, || stop.is_stopping()));
        for manifest in &manifests {
            let scope = Scope::of(&manifest.model, orthomosaic);
            survey.gaps.extend(scope.too_coarse(orthomosaic));
            if scope.assessable.is_empty() {
                continue;
            }
            let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
            let plan = TilePlan::new(grid, manifest.model.tile)?;
            let surface = height::choose(surface.as_ref(), manifest).and_then(Result::ok);
            let within = limit.as_ref().map(|limit| limit.tiles(&plan, orthomosaic));
            let pass = Pass { orthomosaic: orthomosaic.clone(), surface, manifest: manifest.clone(), plan, within };
            let pass = Arc::new(pass);
            let seen = look::look(pass.clone(), runtime.clone(), config.workers, progress.clone()).await;

            record.tiles(&pass, &seen);
            survey.features.extend(rams_trace::trace(&seen.detections, &manifest.model, orthomosaic, &grid));
            let (assessed, gaps) = scope.cover(&seen, orthomosaic);
            survey.assessed.extend(assessed);
            survey.gaps.extend(gaps);
            survey.add_detections(seen.detections, &manifest.model, orthomosaic);
        }
        survey.gaps.extend(coverage::no_model(&manifests, orthomosaic));
        record.digest(orthomosaic, digest.await?);
    }
    let is_blank = coverage::is_blank(&survey);
    if !overlaps.is_empty() {
        let models: Vec<&Model> = manifests.iter().map(|manifest| &manifest.model).collect();
        let sheets: Vec<&Orthomosaic> = orthomosaics.iter().map(Arc::as_ref).collect();
        let accuracy_m = config.doctrine.area.position_accuracy_m;
        survey.features = rams_trace::across(survey.features, &sheets, &models, &survey.ground, accuracy_m);
        let failures = overlap::count_once(&mut survey, &orthomosaics, &overlaps);
        record.overlap_failures(&failures);
    }
    if let Some(limit) = &limit {
        limit.cut(&mut survey, &orthomosaics, &manifests);
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
    Ok(Summary::of(&survey, is_blank, path))
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
