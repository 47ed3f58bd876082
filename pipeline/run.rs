//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    args::SurveyConfig,
    coverage::{self, Scope},
    engine, evidence, height,
    identity::Identity,
    limit::Limit,
    look::{self, Pass},
    overlap,
    progress::Progress,
    record::Record,
    sitting::Sitting,
    summary::Summary,
};
use anyhow::Context;
use rams_delineate::Basis;
use rams_detect::{DetectError, Manifest, Runtime};
use rams_domain::{FeatureId, Grid, Model, Orthomosaic, ReadAs, Survey, TilePlan};
use rams_store::Journal;
use std::{path::PathBuf, sync::Arc};
use tokio::task::spawn_blocking;

/// Surveys orthomosaics with models and stores the map.
pub(crate) async fn survey(config: SurveyConfig, progress: Progress) -> anyhow::Result<Summary> {
    let journal = Journal::claim(&config.out, config.overwrite)?;
    let mut orthomosaics = open(&config.orthomosaics, &config.read_as)?;
    let prints = config.orthomosaics.iter().map(|path| rams_tile::fingerprint(path)).collect::<Result<Vec<_>, _>>()?;
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
    let read = |path: &PathBuf| Manifest::read(path, config.tile_px);
    let manifests = config.models.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut runtime = Runtime::load()?;
    let tried = manifests.into_iter().map(|manifest| Ok(Arc::new(manifest.try_out(&runtime)?.manifest)));
    let manifests = tried.collect::<Result<Vec<_>, DetectError>>()?;
    let engines = engine::choose(&config, &orthomosaics, &manifests, &mut runtime)?;
    let runtime = Arc::new(runtime);
    let mut record = Record::begin(&config, &orthomosaics, &manifests, &runtime);
    engine::note(&engines, &mut record);
    let shortfalls = height::shortfalls(&orthomosaics, &surfaces, manifests.iter().map(Arc::as_ref));
    shortfalls.iter().for_each(|(of, text)| eprintln!("{of}: {text}"));
    others.note(&mut record);
    if let (Some(limit), Some(path)) = (&limit, &config.aoi) {
        limit.note(path, &ground, &mut record);
    }
    let overlaps = overlap::pairs(&orthomosaics.iter().collect::<Vec<_>>(), &ground);
    record.overlaps(&overlaps);
    record.surfaces(&orthomosaics, &surfaces, &shortfalls);
    let mut sitting = Sitting::begin(journal, &config, &Identity::of(&config, &record)?)?;
    record.sitting(&sitting);
    let (dsm, stop) = (config.dsm.clone(), progress.clone());
    let dsm_digest = spawn_blocking(move || dsm.map(|path| rams_tile::digest(&path, || stop.is_stopping())));

    let mut survey = Survey::new(ground);
    survey.known = others.known;
    if let Some(limit) = &limit {
        limit.join(&mut survey.known);
    }
    let (mut passes, mut unsettled) = (0.., 0);
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
            let (number, manifest) = (passes.next().unwrap_or(0), manifest.clone());
            let within = limit.as_ref().map(|limit| limit.tiles(&plan, orthomosaic));
            let pass = Pass { number, orthomosaic: orthomosaic.clone(), surface, manifest, plan, within };
            let pass = Arc::new(pass);
            let seen =
                look::look(pass.clone(), runtime.clone(), config.workers, progress.clone(), &mut sitting).await?;
            unsettled += seen.unsettled;

            record.tiles(&pass, &seen);
            survey.features.extend(rams_trace::trace(&seen.detections, &pass.manifest.model, orthomosaic, &grid));
            let (assessed, gaps) = scope.cover(&seen, orthomosaic);
            survey.assessed.extend(assessed);
            survey.gaps.extend(gaps);
            survey.add_detections(seen.detections, &pass.manifest.model, orthomosaic);
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
    // What was read of a file that was written to meanwhile is no survey of it.
    prints.iter().try_for_each(rams_tile::Fingerprint::check)?;
    let stopped = progress.is_stopping();
    survey.record = record.end(stopped);
    let path = rams_store::write(&survey, &config.out)?;
    sitting.end(unsettled, stopped)?;
    Ok(Summary::of(&survey, is_blank, path))
}

/// Opens orthomosaics; those of the same file name get different names in the survey.
fn open(paths: &[PathBuf], read_as: &ReadAs) -> anyhow::Result<Vec<Orthomosaic>> {
    let mut opened: Vec<Orthomosaic> = vec![];
    for path in paths {
        let mut orthomosaic = rams_tile::open(path, read_as)?;
        let stem = orthomosaic.name.clone();
        let mut copies = 2..;
        while opened.iter().any(|other| other.name == orthomosaic.name) {
            orthomosaic.name = format!("{stem}-{}", copies.next().unwrap_or(2));
        }
        opened.push(orthomosaic);
    }
    Ok(opened)
}
