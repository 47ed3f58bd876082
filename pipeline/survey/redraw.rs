//! A stored survey -> the same with its areas drawn again, without a look at the imagery.

use crate::{
    Progress, Summary, SurveyError,
    aoi::Aoi,
    checkpoint,
    coverage::Coverage,
    draw::{draw, tell_of_results},
    evidence, invariants, overlap,
};
use geo::MultiPolygon;
use rams_delineate::Doctrine;
use rams_domain::{
    EvidenceFileRecord, ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, GapReason,
    RunRecord, Survey, SurveyMetadata,
};
use rams_store::{JOURNAL_FILE, SURVEY_FILE, StoreError};
use std::path::{Path, PathBuf};

/// What areas are drawn again from, and by.
pub struct RedrawConfig {
    /// The folder of the survey.
    pub dir: PathBuf,
    /// The folder of a new survey with the new areas; `None` to replace those of `dir`.
    pub out: Option<PathBuf>,
    /// Whether a survey that is in `out` is replaced.
    pub overwrite: bool,
    /// By which rules areas are drawn; `None` for the baseline, if the survey was drawn by it.
    pub doctrine: Option<Doctrine>,
    /// Least confidence of an area, in place of the doctrine's.
    pub min_confidence: Option<f32>,
    /// A file of polygons in place of the survey's limit.
    pub aoi: Option<PathBuf>,
    /// Files of external evidence in place of those that the survey has; empty to keep these.
    pub evidence: Vec<PathBuf>,
    /// How to read these.
    pub mapping: Option<PathBuf>,
    /// What goes before what the survey states of who, when and where.
    pub metadata: SurveyMetadata,
}

/// Draws the areas of a stored survey again: by another doctrine, with other evidence, within
/// another limit. Detections, with their embeddings, and features stay as they are in the file.
/// Ground that the survey did not assess stays a gap, whatever the new limit.
///
/// Nothing is replaced if it fails. Areas that people drew or edited are never replaced: an error
/// says so, and a new folder (`out`) is the remedy.
pub fn redraw(config: &RedrawConfig, progress: &dyn Progress) -> Result<Summary, SurveyError> {
    let dir = &config.dir;
    if !dir.join(SURVEY_FILE).is_file() {
        return Err(StoreError::NoSurvey { path: dir.join(SURVEY_FILE) }.into());
    }
    let other = config.out.as_deref().filter(|out| !is_same(out, dir));
    let out = other.unwrap_or(dir);
    let journal = match other {
        Some(out) => {
            let there = [SURVEY_FILE, JOURNAL_FILE].map(|name| out.join(name));
            let there = there.into_iter().find(|path| path.exists() && !config.overwrite);
            there.map_or(Ok(()), |path| Err(StoreError::Exists { path }))?;
            checkpoint::claim(out, true, progress)?
        }
        None => {
            let journal = checkpoint::claim(dir, true, progress)?;
            rams_store::check_as_drawn(dir)?;
            journal
        }
    };
    let (stored, notices) = rams_store::read(dir)?;
    notices.iter().for_each(|text| progress.notice(text));
    let doctrine = doctrine(config, &stored.record)?;

    let (given, uncut) = with_inputs(config, &stored, progress)?;
    let mut survey = draw(given, &doctrine, out, checkpoint::now())?;
    tell_of_results(&mut survey.record, &uncut, progress);
    invariants::check_areas(&survey)?;
    let path = rams_store::write_areas(&survey, &stored, dir, out)?;
    if other.is_some() {
        // Of a survey that was there before.
        journal.remove()?;
    }
    Ok(Summary::of(&survey, false, path))
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// The doctrine to draw by.
fn doctrine(config: &RedrawConfig, record: &RunRecord) -> Result<Doctrine, SurveyError> {
    let before = &record.doctrine;
    let which = || SurveyError::WhichDoctrine {
        path: config.dir.join(SURVEY_FILE),
        doctrine: format!("{} {}", before.name, before.version),
        sha256: before.sha256.clone(),
    };
    let given = config.doctrine.clone().or_else(|| known_doctrine(record));
    let mut doctrine = given.ok_or_else(which)?;
    let least = &mut doctrine.area.min_confidence;
    *least = config.min_confidence.unwrap_or(*least);
    Ok(doctrine)
}

/// The doctrine that a survey was drawn by, if that is the baseline: no other is at hand.
pub(crate) fn known_doctrine(record: &RunRecord) -> Option<Doctrine> {
    let (baseline, name) = (Doctrine::baseline(), &record.doctrine.name);
    (name.is_empty() || *name == baseline.reference.name).then_some(baseline)
}

/// The survey with what was given in place of what it has, and orthomosaics whose ground could not
/// be cut at a new limit, with why.
fn with_inputs(
    config: &RedrawConfig,
    stored: &Survey,
    progress: &dyn Progress,
) -> Result<(Survey, Vec<(String, String)>), SurveyError> {
    let mut survey = stored.clone();
    if survey.record.drawings.is_empty()
        && let Some(started) = survey.record.started().map(str::to_owned)
    {
        // A record of version 0.2 has no row of its own for the first.
        let rams = survey.record.software.rams.clone();
        survey.record.add_drawing(started, &rams);
    }
    survey.metadata = config.metadata.clone().over(survey.metadata);
    let (mut limit_files, mut files): (Vec<EvidenceFileRecord>, Vec<_>) =
        survey.record.evidence.into_iter().partition(|file| file.is_limit);
    let is_of_limit = |row: &ExternalEvidence| {
        let is_its_file = |file: &EvidenceFileRecord| file.path.ends_with(&row.file);
        row.kind == ExternalEvidenceKind::SurveyLimit && limit_files.iter().any(is_its_file)
    };
    let (mut limit, mut evidence): (Vec<_>, Vec<_>) =
        survey.external_evidence.into_iter().partition(is_of_limit);
    let mut uncut = vec![];
    if let Some(path) = &config.aoi {
        let coverage = Coverage { assessed: survey.assessed, gaps: survey.gaps };
        let surveyed = surveyed(&coverage);
        let aoi = Aoi::read(path, &survey.ground, &surveyed.0)?;
        progress.notice(&aoi.told());
        survey.ground = rams_tile::widened(&survey.ground, aoi.extent(), path)?;
        let beyond = match limit_files[..] {
            [] => (GapReason::NoImagery, "no orthomosaic of this survey reaches here"),
            _ => (GapReason::BeyondLimit, "the limit of the survey did not reach here"),
        };
        let cut;
        (cut, uncut) = aoi.cut(coverage, &survey.ground, &surveyed, beyond);
        (survey.assessed, survey.gaps) = (cut.assessed, cut.gaps);
        (limit_files, limit) = (vec![aoi.record()], aoi.evidence(0).collect());
    }
    if !config.evidence.is_empty() {
        let read = evidence::read(&config.evidence, config.mapping.as_deref(), &survey.ground)?;
        read.told().for_each(|text| progress.notice(&text));
        (files, evidence) = (read.records(), read.external_evidence);
    }
    survey.record.evidence = [files, limit_files].concat();
    let rows = evidence.into_iter().chain(limit).zip((1..).map(ExternalEvidenceId));
    survey.external_evidence = rows.map(|(row, id)| ExternalEvidence { id, ..row }).collect();
    Ok((survey, uncut))
}

/// All ground that a survey accounts for: that of any class is all of it.
fn surveyed(coverage: &Coverage) -> MultiPolygon {
    let mut classes = coverage
        .looked_for()
        .into_iter()
        .filter_map(|(model, classes)| Some((model, classes.into_iter().next()?)));
    let Some((model, class)) = classes.next() else { return MultiPolygon(vec![]) };
    let assessed = coverage.assessed.iter().map(|row| (&row.model, &row.classes, &row.boundary));
    let gaps = coverage.gaps.iter().map(|row| (&row.model, &row.classes, &row.boundary));
    let of_class = assessed.chain(gaps).filter(|row| *row.0 == model && row.1.contains(&class));
    overlap::union(&of_class.map(|(.., boundary)| boundary.clone()).collect::<Vec<_>>())
}
