//! The run's record, as far as it is known before the first tile.

use crate::{
    SurveyConfig, SurveyError, heights,
    input::{Input, RunModel},
    inputs::Inputs,
    pass::Pass,
    pass_result::PassResult,
};
use rams_delineate::Doctrine;
use rams_domain::{
    DoctrineRecord, DoctrineRef, FileDigest, LeftOut, Model, ModelRecord, NamedDetection, Notice,
    OperatingPoint, Orthomosaic, OrthomosaicRecord, OutOfReach, PassRecord, RunRecord, Software,
    Subject, SurfaceModel, SurfaceModelRecord, Timing, out_of_reach,
};

/// What is known of a run before it begins: all but its times, its passes and what it found.
pub(crate) fn begin(config: &SurveyConfig, inputs: &Inputs) -> Result<RunRecord, SurveyError> {
    let program = std::env::current_exe().map_err(|cause| SurveyError::NoProgram { cause })?;
    let build = rams_tile::fingerprint_file(&program)?;
    let doctrine = &config.doctrine;
    let evidence =
        inputs.evidence.records().into_iter().chain(inputs.aoi.iter().map(|aoi| aoi.record()));
    let point = config.operating_point;
    let models: Vec<_> = inputs.models.iter().map(|of| model(of, point)).collect();
    if let Some(learned) = &config.site_calibration {
        models.iter().try_for_each(|of| learned.check(&of.name, &of.sha256))?;
    }
    let notices = [notices(inputs), Vec::from_iter(idle_point(&models, point))].concat();
    Ok(RunRecord {
        software: Software {
            rams: env!("CARGO_PKG_VERSION").into(),
            build: build.samples,
            onnxruntime: inputs.runtime.version().into(),
        },
        timing: Timing::default(),
        orthomosaics: inputs.list.iter().map(|input| orthomosaic(&input.orthomosaic)).collect(),
        surface_model: surface_model(&inputs.list),
        overlaps: inputs.overlaps.clone(),
        models,
        operating_point: point,
        site_calibration: config.site_calibration.clone(),
        doctrine: self::doctrine(doctrine),
        left_out: LeftOut { min_confidence: doctrine.area.min_confidence, areas: 0 },
        drawings: vec![],
        areas_sha256: String::new(),
        evidence: evidence.collect(),
        threads: config.threads,
        passes: vec![],
        out_of_reach: vec![],
        crowds: vec![],
        notices,
    })
}

/// The profile by which areas are drawn.
pub(crate) fn doctrine(of: &Doctrine) -> DoctrineRecord {
    let DoctrineRef { name, version, digest } = of.reference.clone();
    DoctrineRecord { name, version, sha256: digest, notes: of.notes.clone() }
}

fn orthomosaic(of: &Orthomosaic) -> OrthomosaicRecord {
    OrthomosaicRecord {
        name: of.name.clone(),
        path: of.path.clone(),
        size: of.size,
        gsd_m: of.gsd_m(),
        crs: of.georef.own_ground().crs().clone(),
        bands: of.colour_bands,
        values: of.values.clone(),
        read_as: of.read_as.clone(),
        format: of.format.clone(),
        validity: of.validity.to_string(),
        digest: FileDigest::Stopped,
    }
}

fn surface_model(inputs: &[Input]) -> Option<SurfaceModelRecord> {
    let under = |input: &Input| {
        let SurfaceModel { gsd_m, share, .. } = input.surface.as_ref()?;
        Some((input.orthomosaic.name.clone(), *gsd_m, *share))
    };
    let first = inputs.iter().find_map(|input| input.surface.as_ref())?;
    let under = inputs.iter().filter_map(under).collect();
    Some(SurfaceModelRecord { path: first.path.clone(), under, digest: FileDigest::Stopped })
}

fn model(of: &RunModel, point: OperatingPoint) -> ModelRecord {
    let RunModel { manifest, provider } = of;
    let Model { name, version, digest, gsd_m, tile, classes, .. } = &manifest.model;
    let unused =
        manifest.unused.iter().map(|unused| (unused.setting.clone(), unused.reason.clone()));
    ModelRecord {
        name: name.clone(),
        version: version.clone(),
        sha256: digest.clone(),
        weight_files: manifest.files.clone(),
        normalisation: manifest.normalisation(),
        unused_settings: unused.collect(),
        licence: manifest.licence.clone(),
        training_data: manifest.training_data.clone(),
        layout: manifest.layout(),
        ignored_outputs: manifest.ignored.clone(),
        gsd_m: *gsd_m,
        tile_px: tile.tile_px,
        halo_px: tile.halo_px,
        thresholds: classes.iter().map(|class| (class.name.clone(), class.threshold)).collect(),
        measured: manifest.measured.get(&point).cloned(),
        labels: classes
            .iter()
            .filter_map(|class| Some((class.name.clone(), class.label.clone()?)))
            .collect(),
        provider: provider.provider.to_string(),
        provider_reason: provider.reason.clone(),
        manifest_sha256: manifest.toml_sha256.clone(),
    }
}

/// What people should know of the inputs.
fn notices(inputs: &Inputs) -> Vec<Notice> {
    let mut notices = vec![];
    for orthomosaic in inputs.orthomosaics() {
        let Orthomosaic { name, off_colour, notices: own, .. } = orthomosaic;
        notices.extend(off_colour.as_ref().map(|text| Notice::new(Subject::Colours, name, text)));
        notices.extend(own.iter().map(|text| Notice::new(Subject::File, name, text)));
    }
    // It is one file, however many orthomosaics it lies under.
    if let Some(surface) = inputs.list.iter().find_map(|input| input.surface.as_ref()) {
        notices.extend(
            surface.notices.iter().map(|text| Notice::new(Subject::File, &surface.name, text)),
        );
    }
    notices.extend(heights::shortfalls(&inputs.list, &inputs.manifests()));
    notices
}

/// That another operating point was asked for than the one there is.
fn idle_point(models: &[ModelRecord], point: OperatingPoint) -> Option<Notice> {
    let is_idle = point != OperatingPoint::Balanced && !models.iter().any(ModelRecord::has_points);
    let text = "no model of the survey has more than one threshold a class: its finds are the same \
                at every point";
    is_idle.then(|| Notice::new(Subject::OperatingPoint, format!("operating point {point}"), text))
}

/// What a pass did.
pub(crate) fn pass(pass: &Pass<'_>, result: &PassResult) -> PassRecord {
    PassRecord {
        orthomosaic: pass.orthomosaic.name.clone(),
        model: pass.manifest.model.name.clone(),
        tiles: result.heights.len() as u32,
        heights: pass.surface.as_ref().map(|surface| heights::tally(surface, &result.heights)),
    }
}

/// What was seen in pixels too coarse for it.
pub(crate) fn out_of_reach_records(detections: &[NamedDetection]) -> Vec<OutOfReach> {
    let counts = out_of_reach(detections).into_iter();
    let record = |(of, detections): (&rams_domain::DetectedClass, usize)| OutOfReach {
        orthomosaic: of.orthomosaic.clone(),
        model: of.model.clone(),
        class: of.class.clone(),
        detections,
    };
    counts.map(record).collect()
}
