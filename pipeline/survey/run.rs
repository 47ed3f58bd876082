//! The pipeline, on one screen: wires the stages, nothing else.

use crate::{
    Progress, Summary, SurveyConfig, SurveyError,
    checkpoint::{self, Checkpoint},
    chips,
    coverage::{self, Coverage, Scope},
    digest,
    draw::{draw, tell_of_results},
    identity::{Beginning, RunIdentity},
    inference,
    inputs::Inputs,
    invariants, overlap,
    pass::Pass,
    pass_result::PassResult,
    provider::Begun,
    record,
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
    let digest = |path: &Path| digest::recorded(rams_tile::digest(path, || progress.is_stopping()));
    let mut infer = |pass: &Pass<'_>| {
        inference::run_pass(pass, &inputs.runtime, config.threads, progress, &mut checkpoint)
    };
    let observed = observe(config, &inputs, &mut record, &mut infer, &digest)?;
    let unsettled = observed.unsettled;
    let mut map = map(config, &inputs, record, observed, checkpoint::now(), progress)?;

    let timing = &mut map.survey.record.timing;
    timing.interrupted = progress.is_stopping();
    timing.seconds = started.elapsed().as_secs_f64();
    let (stopped, has_points) = (timing.interrupted, map.survey.record.has_points());
    let summary = map.store(config, &inputs)?;
    let left = checkpoint.end(unsettled, stopped, has_points)?;
    left.iter().for_each(|text| progress.notice(text));
    Ok(summary)
}

/// Opens all that is given, and the checkpoint: a new one, or that of a survey that goes on.
fn open(
    config: &SurveyConfig,
    progress: &dyn Progress,
) -> Result<(Inputs, RunRecord, Checkpoint), SurveyError> {
    let tell = |texts: &[String]| texts.iter().for_each(|text| progress.notice(text));
    let journal = checkpoint::claim(&config.out, config.overwrite, progress)?;
    tell(checkpoint::replaced(config).as_slice());
    let earlier = checkpoint::earlier_identity(&journal);
    let inputs = Inputs::open(config, earlier.as_ref().map_or(Begun::No, Begun::Here))?;
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
pub(crate) struct Observed {
    features: Vec<Feature>,
    detections: Vec<NamedDetection>,
    coverage: Coverage,
    /// Tiles that another run may do better.
    pub(crate) unsettled: u32,
}

/// Makes of each pass what it saw.
type Infer<'a> = dyn FnMut(&Pass<'_>) -> Result<PassResult, SurveyError> + 'a;

/// Runs every model on every orthomosaic that it can assess; digests are computed meanwhile.
pub(crate) fn observe(
    config: &SurveyConfig,
    inputs: &Inputs,
    record: &mut RunRecord,
    infer: &mut Infer<'_>,
    digest: &(dyn Fn(&Path) -> FileDigest + Sync),
) -> Result<Observed, SurveyError> {
    let coverage = Coverage::default();
    let mut observed = Observed { features: vec![], detections: vec![], coverage, unsettled: 0 };
    let (mut numbers, mut ids) = (0.., FeatureId::all());
    thread::scope(|scope| {
        let of_dsm = config.dsm.as_deref().map(|dsm| scope.spawn(move || digest(dsm)));
        for (at, input) in inputs.list.iter().enumerate() {
            let orthomosaic = &input.orthomosaic;
            let of_orthomosaic = scope.spawn(move || digest(&orthomosaic.path));
            for (scope, pass) in inputs.passes(input, &mut numbers)? {
                observed.coverage.gaps.extend(scope.too_coarse(orthomosaic));
                let Some(pass) = pass else { continue };
                let result = infer(&pass)?;
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

/// A survey with its areas, before it is stored.
pub(crate) struct Map {
    pub(crate) survey: Survey,
    /// Whether a model assessed nothing of an orthomosaic.
    is_blank: bool,
    /// Whether all ground was counted once.
    is_cut: bool,
}

/// Makes the map of what was observed, with its areas drawn at a time.
pub(crate) fn map(
    config: &SurveyConfig,
    inputs: &Inputs,
    mut record: RunRecord,
    observed: Observed,
    time: String,
    progress: &dyn Progress,
) -> Result<Map, SurveyError> {
    let is_blank = observed.coverage.is_blank();
    record.out_of_reach = record::out_of_reach_records(&observed.detections);
    let Combined { mut features, detections, coverage, uncut } = combine(observed, config, inputs);
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
    let mut survey = draw(survey, &config.doctrine, &config.out, time)?;
    tell_of_results(&mut survey.record, &uncut, progress);
    survey.chips = chips::chips(&survey, inputs, progress);
    Ok(Map { survey, is_blank, is_cut: uncut.is_empty() })
}

impl Map {
    /// Checks that nothing was lost on the way, and stores the survey.
    pub(crate) fn store(
        self,
        config: &SurveyConfig,
        inputs: &Inputs,
    ) -> Result<Summary, SurveyError> {
        inputs.check_unchanged()?;
        invariants::check(&self.survey, &inputs.whole(), &inputs.manifests(), !self.is_cut)?;
        let path = rams_store::write(&self.survey, &config.out)?;
        Ok(Summary::of(&self.survey, self.is_blank, path))
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
