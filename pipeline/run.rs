//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    args::SurveyConfig,
    coverage::{self, Scope},
    height,
    identity::Identity,
    inputs::Inputs,
    invariants,
    limit::Limit,
    look::{self, Pass},
    overlap, present,
    progress::Progress,
    sitting::{self, Sitting},
    summary::Summary,
};
use rams_delineate::Basis;
use rams_domain::{FeatureId, Grid, Survey, TilePlan};
use std::{path::PathBuf, sync::Arc};
use tokio::task::{JoinHandle, spawn_blocking};

/// Surveys orthomosaics with models and stores the map.
pub(crate) async fn survey(config: SurveyConfig, progress: Progress) -> anyhow::Result<Summary> {
    let journal = sitting::claim(&config)?;
    let inputs = Inputs::open(&config, Identity::earlier(&journal).as_ref())?;
    let mut record = inputs.record(&config);
    let mut sitting = Sitting::begin(journal, &config, &Identity::of(&config, &record)?)?;
    record.sitting(&sitting);
    let dsm_digest = config.dsm.clone().map(|path| digest(path, &progress));

    let mut survey = inputs.survey();
    let (mut passes, mut unsettled) = (0.., 0);
    for (orthomosaic, surface) in inputs.orthomosaics.iter().zip(&inputs.surfaces) {
        let digest = digest(orthomosaic.path.clone(), &progress);
        for manifest in &inputs.manifests {
            let scope = Scope::of(&manifest.model, orthomosaic);
            survey.gaps.extend(scope.too_coarse(orthomosaic));
            if scope.assessable.is_empty() {
                continue;
            }
            let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
            let plan = TilePlan::new(grid, manifest.model.tile)?;
            let surface = height::choose(surface.as_ref(), manifest).and_then(Result::ok);
            let (number, manifest) = (passes.next().unwrap_or(0), manifest.clone());
            let within = inputs.limit.as_ref().map(|limit| limit.tiles(&plan, orthomosaic));
            let pass = Arc::new(Pass { number, orthomosaic: orthomosaic.clone(), surface, manifest, plan, within });
            let (runtime, workers) = (inputs.runtime.clone(), config.workers);
            let seen = look::look(pass.clone(), runtime, workers, progress.clone(), &mut sitting).await?;

            unsettled += seen.unsettled;
            record.tiles(&pass, &seen);
            let model = &pass.manifest.model;
            survey.features.extend(rams_trace::trace(&seen.detections, model, orthomosaic, &grid));
            let (assessed, gaps) = scope.cover(&seen, orthomosaic);
            survey.assessed.extend(assessed);
            survey.gaps.extend(gaps);
            survey.add_detections(seen.detections, model, orthomosaic);
        }
        survey.gaps.extend(coverage::no_model(&inputs.manifests, orthomosaic));
        record.digest(orthomosaic, digest.await?);
    }
    record.out_of_reach(&survey);
    let is_blank = coverage::is_blank(&survey);
    let mut uncut = overlap::merge(&mut survey, &inputs, config.doctrine.area.position_accuracy_m);
    if let Some(limit) = &inputs.limit {
        uncut.extend(limit.cut(&mut survey, &inputs.orthomosaics, &inputs.manifests));
    }
    record.overlap_failures(&uncut);
    for (feature, number) in survey.features.iter_mut().zip(1..) {
        feature.id = FeatureId(number);
    }
    let Survey { features, known, assessed, gaps, ground, .. } = &survey;
    let basis = Basis { features, known, assessed, gaps, ground };
    let crowds = rams_delineate::crowds(&basis);
    record.crowds(&crowds);
    survey.hazard_areas = rams_delineate::delineate(&basis, &config.doctrine);
    let whole = invariants::ground_of(inputs.limit.as_ref().map(Limit::area), &inputs.orthomosaics);
    invariants::check(&survey, &whole, &inputs.manifests, !uncut.is_empty())?;

    if let Some(digest) = dsm_digest {
        record.surface_digest(digest.await?);
    }
    inputs.check_unchanged()?;
    let stopped = progress.is_stopping();
    survey.record = record.end(stopped);
    let path = rams_store::write(&survey, &config.out)?;
    present::tell_of_older(&path);
    sitting.end(unsettled, stopped)?;
    Ok(Summary::of(&survey, is_blank, crowds, path))
}

/// Computes the digest of a file beside all else that is done.
fn digest(path: PathBuf, progress: &Progress) -> JoinHandle<Result<Option<String>, rams_tile::TileError>> {
    let stop = progress.clone();
    spawn_blocking(move || rams_tile::digest(&path, || stop.is_stopping()))
}
