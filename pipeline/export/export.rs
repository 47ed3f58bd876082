//! `survey.gpkg` -> files of another format.

use crate::check::check;
use crate::import_checks::ImportChecks;
use crate::job::Job;
use crate::target::{check_name, check_replaced, is_readme, stem};
use crate::{ExportError, Halt};
use crate::{
    Format, agreement, csv, flatgeobuf, geodatabase, geojson, imsma, kml, readback, rejected,
    shapefile, xlsx,
};
use rams_domain::SurveyMetadata;
use rams_store::{Draft, SURVEY_FILE, Source};
use std::path::{Path, PathBuf};

/// What a person asks of an export.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExportOptions {
    /// What goes before what the survey states of who, when and where.
    pub metadata: SurveyMetadata,
    /// Least confidence of an area, 0 to 1. Those below are left out and counted in the notices,
    /// but for what others reported and what people drew.
    pub min_confidence: f32,
}

/// An export that was written and read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The files, sorted as they were written.
    pub files: Vec<PathBuf>,
    /// What an information manager's import would find in them.
    pub checks: ImportChecks,
    /// For people to know: what was put in order of what they did to the survey, and which models
    /// found more than can lie there.
    pub notices: Vec<String>,
}

/// Writes the survey of a folder in another format, reads it back and checks it as an import would.
/// An `out` that is a folder stands for `out/survey.<format>`.
///
/// Files, all in WGS 84, by format:
/// * GeoJSON: `OUT` with features, hazard areas, belts of indications, other evidence and gaps.
/// * KML: `OUT` with the same.
/// * Shapefile: `STEM_hazard_areas`, `STEM_features_points`, `_lines`, `_polygons`,
///   `STEM_external_evidence_...` alike, `STEM_indication_belts`, `STEM_gaps`, `STEM_assessed`
///   (.shp and its companions), `STEM_shp_README.txt`.
/// * CSV: `OUT` with the turning points of the SHAs, `STEM_hazard_areas.csv`,
///   `STEM_features.csv`, `STEM_external_evidence.csv`, `STEM_csv_README.txt`.
/// * XLSX: `OUT` with the sheets `turning_points`, `hazard_areas`, `evidence_points`,
///   `external_evidence`, `read me`.
/// * IMSMA: `STEM_imsma_hazard_areas`, `_evidence_points` (.geojson and .csv),
///   `_turning_points.csv`, `_indications`, `_indicative_envelopes`, `_not_assessed` (.geojson),
///   `STEM_imsma_README.txt`.
/// * FlatGeobuf: `STEM_hazard_areas.fgb`, `_features`, `_external_evidence`, `_indication_belts`,
///   `_gaps`, `_assessed`, `STEM_fgb_README.txt`.
/// * File geodatabase: `STEM.gdb.zip` with the classes of the shapefiles and pictures of finds as
///   attachments, `STEM_gdb_README.txt`.
///
/// Of a survey as people decided it, which states its review, `STEM_FORMAT_rejected_areas.csv`,
/// too.
///
/// A `STEM` that is or ends in the name of the format is not followed by it once more. Layers
/// without a row are written all the same: an export over an older one replaces all of it. The
/// stretches of traced lines, the detections and the record of the run stay in the GeoPackage.
///
/// Each file appears whole or not at all. Errors are
/// [`StoreError::NoSurvey`](rams_store::StoreError::NoSurvey) and
/// [`StoreError::NotASurvey`](rams_store::StoreError::NotASurvey) for what is not there to be read,
/// [`ExportError::OntoItself`], [`ExportError::OtherExtension`] and [`ExportError::NoExport`] for a
/// name that is not to be written, [`StoreError::Write`](rams_store::StoreError::Write) for what
/// cannot be written.
pub fn export(
    dir: &Path,
    format: Format,
    out: &Path,
    options: &ExportOptions,
) -> Result<Exported, ExportError> {
    let mut source = Source::open_from_confidence(dir, options.min_confidence)?;
    source.metadata = options.metadata.clone().over(source.metadata);
    let out = if out.is_dir() { out.join(format!("survey.{format}")) } else { out.to_path_buf() };
    let survey = dir.join(SURVEY_FILE);
    if let (Ok(from), Ok(to)) = (survey.canonicalize(), out.canonicalize())
        && from == to
    {
        return Err(ExportError::OntoItself { path: survey });
    }
    check_name(&out, format)?;
    let draft = Draft::beside(&out)?;
    let job = Job {
        dir,
        source,
        draft: &draft,
        format,
        stem: stem(&out, format),
        name: out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let make: fn(&Job<'_>) -> Result<Vec<String>, Halt> = match format {
        Format::GeoJson => geojson::make,
        Format::Kml => kml::make,
        Format::Shp => shapefile::make,
        Format::Csv => csv::make,
        Format::Xlsx => xlsx::make,
        Format::Imsma => imsma::make,
        Format::Fgb => flatgeobuf::make,
        Format::Gdb => geodatabase::make,
    };
    let made = make(&job).and_then(|mut names| {
        names.extend(rejected::write(&job)?);
        let rows = readback::rows(&job)?;
        agreement::verify(&job, &rows)?;
        Ok((names, check(&rows)))
    });
    let (mut names, checks) = made.map_err(|halt| draft.blame(&out, halt))?;
    check_replaced(&out, format, &names)?;
    let mut notices = job.source.notices;
    notices.extend(job.source.record.crowds.iter().map(ToString::to_string));
    let files = names.iter().map(|name| out.with_file_name(name)).collect();
    // By its README a set is known: what is interrupted between two files can be done again.
    names.sort_by_key(|name| !is_readme(name));
    draft.publish(&names)?;
    Ok(Exported { files, checks, notices })
}
