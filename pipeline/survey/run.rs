//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    Progress, Summary, SurveyConfig, SurveyError,
    checkpoint::{self, Checkpoint},
    chips,
    coverage::{self, Coverage, Scope},
    digest,
    draw::{draw, tell_of_results},
    identity::{Beginning, RunIdentity},
    inference::{self, Pass, PassResult},
    inputs::Inputs,
    invariants, overlap, record,
};
use rams_domain::{
    Feature, FeatureId, FileDigest, GapReason, NamedDetection, OperatingPoint, RunRecord, Survey,
    named_detections,
};
use std::{path::Path, thread, time::Instant};

/// Surveys orthomosaics with models and stores the map. Nothing is stored if it fails, and what was
/// done is kept for the next run.
pub fn run(config: &SurveyConfig, progress: &dyn Progress) -> Result<Summary, SurveyError> {
    let started = Instant::now();
    let (inputs, mut record, mut checkpoint) = open(config, progress)?;
    let observed = observe(config, &inputs, &mut record, &mut checkpoint, progress)?;
    let (is_blank, unsettled) = (observed.coverage.is_blank(), observed.unsettled);
    record.out_of_reach = record::out_of_reach_records(&observed.detections);
    let Combined { mut features, detections, coverage, uncut } = combine(observed, config, &inputs);
    if let Some(learned) = &config.site_calibration {
        features.iter_mut().for_each(|feature| learned.apply(feature));
    }

    let Coverage { assessed, gaps } = coverage;
    let survey = Survey {
        features,
        external_evidence: inputs.external_evidence(),
        detections,
        georefs: inputs.georefs(),
        assessed,
        gaps,
        record,
        metadata: inputs.metadata.metadata.clone(),
        ..Survey::new(inputs.ground.clone())
    };
    let mut survey = draw(survey, &config.doctrine, &config.out)?;
    tell_of_results(&mut survey.record, &uncut, progress);
    survey.chips = chips::chips(&survey, &inputs, progress);

    inputs.check_unchanged()?;
    survey.record.timing.interrupted = progress.is_stopping();
    survey.record.timing.seconds = started.elapsed().as_secs_f64();
    let stopped = survey.record.timing.interrupted;
    invariants::check(&survey, &inputs.whole(), &inputs.manifests(), !uncut.is_empty())?;
    let path = rams_store::write(&survey, &config.out)?;
    let left = checkpoint.end(unsettled, stopped, survey.record.has_points())?;
    left.iter().for_each(|text| progress.notice(text));
    Ok(Summary::of(&survey, is_blank, path))
}

/// Opens all that is given, and the checkpoint: a new one, or that of a survey that goes on.
fn open(
    config: &SurveyConfig,
    progress: &dyn Progress,
) -> Result<(Inputs, RunRecord, Checkpoint), SurveyError> {
    let tell = |texts: &[String]| texts.iter().for_each(|text| progress.notice(text));
    let journal = checkpoint::claim(&config.out, config.overwrite, progress)?;
    tell(checkpoint::replaced(config).as_slice());
    let inputs = Inputs::open(config, checkpoint::earlier_identity(&journal).as_ref())?;
    let mut record = record::begin(config, &inputs)?;
    tell(&inputs.told());
    record.notices.iter().for_each(|notice| progress.notice(&notice.to_string()));
    let identity = RunIdentity::of(&record, &inputs.fingerprints);
    let beginning = Beginning::new(identity, &inputs.fingerprints);
    let (checkpoint, notices) = Checkpoint::begin(journal, config, &beginning)?;
    tell(&notices);
    record.timing.runs = checkpoint.runs().to_vec();
    Ok((inputs, record, checkpoint))
}

/// What all passes found, each on its own orthomosaic.
struct Observed {
    features: Vec<Feature>,
    detections: Vec<NamedDetection>,
    coverage: Coverage,
    /// Tiles that another run may do better.
    unsettled: u32,
}

/// Runs every model on every orthomosaic that it can assess; digests are computed meanwhile.
fn observe(
    config: &SurveyConfig,
    inputs: &Inputs,
    record: &mut RunRecord,
    checkpoint: &mut Checkpoint,
    progress: &dyn Progress,
) -> Result<Observed, SurveyError> {
    let coverage = Coverage::default();
    let mut observed = Observed { features: vec![], detections: vec![], coverage, unsettled: 0 };
    let (mut passes, mut ids) = (0.., FeatureId::all());
    let digest = |path: &Path| digest::recorded(rams_tile::digest(path, || progress.is_stopping()));
    thread::scope(|scope| {
        let of_dsm = config.dsm.as_deref().map(|dsm| scope.spawn(move || digest(dsm)));
        for (at, input) in inputs.list.iter().enumerate() {
            let orthomosaic = &input.orthomosaic;
            let of_orthomosaic = scope.spawn(move || digest(&orthomosaic.path));
            for model in &inputs.models {
                let scope = Scope::of(&model.manifest.model, orthomosaic);
                observed.coverage.gaps.extend(scope.too_coarse(orthomosaic));
                if scope.assessable.is_empty() {
                    continue;
                }
                let pass = inputs.pass(passes.next().unwrap_or(0), input, model)?;
                let result = inference::run_pass(
                    &pass,
                    &inputs.runtime,
                    config.threads,
                    progress,
                    checkpoint,
                )?;
                record.passes.push(record::pass(&pass, &result));
                observed.add(&pass, &scope, result, config.operating_point, &mut ids);
            }
            observed.coverage.gaps.extend(coverage::no_model(&inputs.manifests(), orthomosaic));
            record.orthomosaics[at].digest = of_orthomosaic.join().unwrap_or_else(|_| lost());
        }
        if let (Some(surface), Some(digest)) = (&mut record.surface_model, of_dsm) {
            surface.digest = digest.join().unwrap_or_else(|_| lost());
        }
        Ok(observed)
    })
}

impl Observed {
    /// Adds what a pass found: features, what it assessed, and its detections, to which ids lead.
    fn add(
        &mut self,
        pass: &Pass<'_>,
        scope: &Scope,
        result: PassResult,
        point: OperatingPoint,
        ids: &mut impl Iterator<Item = FeatureId>,
    ) {
        let (model, orthomosaic) = (&pass.manifest.model, pass.orthomosaic);
        let grid = pass.plan.grid();
        self.unsettled += result.unsettled;
        self.features.extend(rams_trace::trace(
            &result.detections,
            model,
            orthomosaic,
            grid,
            point,
            ids,
        ));
        let Coverage { assessed, gaps } = scope.cover(&result, orthomosaic);
        self.coverage.assessed.extend(assessed);
        self.coverage.gaps.extend(gaps);
        self.detections.extend(named_detections(result.detections, model, orthomosaic, point));
    }
}

/// What all orthomosaics show together, within the survey's limit.
struct Combined {
    features: Vec<Feature>,
    detections: Vec<NamedDetection>,
    coverage: Coverage,
    /// Orthomosaics of ground that could not be told from that of others, and why.
    uncut: Vec<(String, String)>,
}

/// Makes one of what several orthomosaics show, and cuts coverage at the survey's limit.
fn combine(observed: Observed, config: &SurveyConfig, inputs: &Inputs) -> Combined {
    let Observed { features, detections, coverage, .. } = observed;
    let (orthomosaics, manifests) = (inputs.orthomosaics(), inputs.manifests());
    let (ground, overlaps) = (&inputs.ground, &inputs.overlaps);
    let models: Vec<_> = manifests.iter().map(|manifest| &manifest.model).collect();
    let accuracy_m = config.doctrine.area.position_accuracy_m;
    let features = match &overlaps[..] {
        [] => features,
        _ => rams_trace::cross_mosaic_match(features, &orthomosaics, &models, ground, accuracy_m),
    };
    let (coverage, uncut) = overlap::count_once(coverage, ground, &orthomosaics, overlaps);
    let Some(aoi) = &inputs.aoi else { return Combined { features, detections, coverage, uncut } };
    let beyond = (GapReason::NoImagery, "no orthomosaic of this survey reaches here");
    let (coverage, failures) = aoi.cut(coverage, ground, &inputs.imagery(), beyond);
    Combined { features, detections, coverage, uncut: [uncut, failures].concat() }
}

fn lost() -> FileDigest {
    FileDigest::Failed("not computed: its thread ended".into())
}
