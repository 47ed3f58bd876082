//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    Progress, Summary, SurveyConfig, SurveyError,
    aoi::Aoi,
    checkpoint::{self, Checkpoint},
    coverage::{self, Coverage, Scope},
    digest, heights,
    identity::{Beginning, RunIdentity},
    inference::{self, Pass},
    input::{Input, RunModel},
    inputs::Inputs,
    invariants, overlap, record,
};
use rams_delineate::Basis;
use rams_domain::{
    Feature, FeatureId, FileDigest, Grid, NamedDetection, Notice, PassRecord, RunRecord, Subject,
    Survey, TilePlan, named_detections,
};
use std::{path::Path, thread, time::Instant};

/// Surveys orthomosaics with models and stores the map. Nothing is stored if it fails, and what was
/// done is kept for the next run.
pub fn run(config: &SurveyConfig, progress: &dyn Progress) -> Result<Summary, SurveyError> {
    let started = Instant::now();
    let journal = checkpoint::claim(config, progress)?;
    checkpoint::replaced(config).iter().for_each(|text| progress.notice(text));
    let inputs = Inputs::open(config, checkpoint::earlier_identity(&journal).as_ref())?;
    let mut record = record::begin(config, &inputs)?;
    inputs.told().iter().for_each(|text| progress.notice(text));
    record.notices.iter().for_each(|notice| progress.notice(&notice.to_string()));
    let identity = RunIdentity::of(&record, &inputs.fingerprints);
    let beginning = Beginning::new(identity, &inputs.fingerprints);
    let (mut checkpoint, notices) = Checkpoint::begin(journal, config, &beginning)?;
    notices.iter().for_each(|text| progress.notice(text));
    record.timing.runs = checkpoint.runs().to_vec();

    let seen = look(config, &inputs, &mut record, &mut checkpoint, progress)?;
    record.out_of_reach = record::out_of_reach_records(&seen.detections);
    let is_blank = seen.coverage.is_blank();
    let (orthomosaics, manifests) = (inputs.orthomosaics(), inputs.manifests());
    let models: Vec<_> = manifests.iter().map(|manifest| &manifest.model).collect();
    let accuracy_m = config.doctrine.area.position_accuracy_m;
    let features = match &inputs.overlaps[..] {
        [] => seen.features,
        _ => rams_trace::cross_mosaic_match(
            seen.features,
            &orthomosaics,
            &models,
            &inputs.ground,
            accuracy_m,
        ),
    };
    let (coverage, mut uncut) =
        overlap::count_once(seen.coverage, &inputs.ground, &orthomosaics, &inputs.overlaps);
    let coverage = match &inputs.aoi {
        None => coverage,
        Some(aoi) => {
            let (coverage, failures) = aoi.cut(coverage, &inputs.ground, &orthomosaics, &manifests);
            uncut.extend(failures);
            coverage
        }
    };
    let known = inputs.known();
    let Coverage { assessed, gaps } = coverage;
    let ground = &inputs.ground;
    let basis = Basis {
        features: &features,
        external_evidence: &known,
        assessed: &assessed,
        gaps: &gaps,
        ground,
    };
    record.crowds = rams_delineate::crowds(&basis);
    let hazard_areas = rams_delineate::delineate(&basis, &config.doctrine);
    tell_of_results(&mut record, &uncut, progress);

    inputs.check_unchanged()?;
    let stopped = progress.is_stopping();
    (record.timing.interrupted, record.timing.seconds) = (stopped, started.elapsed().as_secs_f64());
    let (ground, detections) = (inputs.ground.clone(), seen.detections);
    let survey = Survey {
        ground,
        hazard_areas,
        features,
        external_evidence: known,
        detections,
        assessed,
        gaps,
        record,
    };
    let whole = invariants::ground_of(inputs.aoi.as_ref().map(Aoi::area), &orthomosaics);
    invariants::check(&survey, &whole, &manifests, !uncut.is_empty())?;
    let path = rams_store::write(&survey, &config.out)?;
    checkpoint.end(seen.unsettled, stopped)?.iter().for_each(|text| progress.notice(text));
    Ok(Summary::of(&survey, is_blank, path))
}

/// What all passes saw.
struct Seen {
    features: Vec<Feature>,
    detections: Vec<NamedDetection>,
    coverage: Coverage,
    /// Tiles that another run may do better.
    unsettled: u32,
}

/// Lets every model look at every orthomosaic that it can assess, digests being computed meanwhile.
fn look(
    config: &SurveyConfig,
    inputs: &Inputs,
    record: &mut RunRecord,
    checkpoint: &mut Checkpoint,
    progress: &dyn Progress,
) -> Result<Seen, SurveyError> {
    let mut seen =
        Seen { features: vec![], detections: vec![], coverage: Coverage::default(), unsettled: 0 };
    let (mut passes, mut ids) = (0.., FeatureId::all());
    let digest = |path: &Path| digest::recorded(rams_tile::digest(path, || progress.is_stopping()));
    thread::scope(|scope| {
        let of_dsm = config.dsm.as_deref().map(|dsm| scope.spawn(move || digest(dsm)));
        for (at, input) in inputs.list.iter().enumerate() {
            let Input { orthomosaic, surface } = input;
            let of_orthomosaic = scope.spawn(move || digest(&orthomosaic.path));
            for RunModel { manifest, provider } in &inputs.models {
                let model = &manifest.model;
                let scope = Scope::of(model, orthomosaic);
                seen.coverage.gaps.extend(scope.too_coarse(orthomosaic));
                if scope.assessable.is_empty() {
                    continue;
                }
                let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), model.gsd_m);
                let plan = TilePlan::new(grid, model.tile)?;
                let surface = heights::choose(surface.as_ref(), manifest).and_then(Result::ok);
                let within = inputs.aoi.as_ref().map(|aoi| aoi.tiles(&plan, orthomosaic));
                let (number, provider) = (passes.next().unwrap_or(0), provider.provider);
                let pass = Pass { number, orthomosaic, surface, manifest, provider, plan, within };
                let result = inference::run_pass(
                    &pass,
                    &inputs.runtime,
                    config.threads,
                    progress,
                    checkpoint,
                )?;

                seen.unsettled += result.unsettled;
                record.passes.push(PassRecord {
                    orthomosaic: orthomosaic.name.clone(),
                    model: model.name.clone(),
                    tiles: result.heights.len() as u32,
                    heights: pass
                        .surface
                        .as_ref()
                        .map(|surface| heights::tally(surface, &result.heights)),
                });
                seen.features.extend(rams_trace::trace(
                    &result.detections,
                    model,
                    orthomosaic,
                    &grid,
                    &mut ids,
                ));
                let covered = scope.cover(&result, orthomosaic);
                seen.coverage.assessed.extend(covered.assessed);
                seen.coverage.gaps.extend(covered.gaps);
                seen.detections.extend(named_detections(result.detections, model, orthomosaic));
            }
            seen.coverage.gaps.extend(coverage::no_model(&inputs.manifests(), orthomosaic));
            record.orthomosaics[at].digest =
                of_orthomosaic.join().unwrap_or_else(|_| digest_lost());
        }
        if let (Some(surface), Some(digest)) = (&mut record.surface_model, of_dsm) {
            surface.digest = digest.join().unwrap_or_else(|_| digest_lost());
        }
        Ok(seen)
    })
}

fn digest_lost() -> FileDigest {
    FileDigest::Failed("not computed: its thread ended".into())
}

/// Notes, and says, where ground could not be told from that of others, and where a model found
/// more than can lie there.
fn tell_of_results(record: &mut RunRecord, uncut: &[(String, String)], progress: &dyn Progress) {
    for (orthomosaic, cause) in uncut {
        let text = format!("part of what others show too is counted twice: {cause}");
        let notice = Notice::new(Subject::Overlap, orthomosaic, text);
        progress.notice(&notice.to_string());
        record.notices.push(notice);
    }
    record.crowds.iter().for_each(|crowd| progress.notice(&crowd.to_string()));
}
