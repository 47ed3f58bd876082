//! Rows of files -> evidence, numbered, and what became of each file.

use crate::Mapping;
use crate::error::{EVIDENCE, EvidenceError};
use crate::evidence_row::Outcome;
use crate::layer::Reader;
use crate::place::REACH_KM;
use crate::problem::listed;
use crate::repeats::FirstRows;
use gdal::Dataset;
use gdal::vector::LayerAccess;
use rams_domain::{ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Ground, plural};
use rams_store::{Unopened, cause, open_vector};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// No other driver of GDAL is let near a file that somebody sent.
const DRIVERS: [&str; 7] =
    ["GPKG", "GeoJSON", "LIBKML", "KML", "ESRI Shapefile", "CSV", "FlatGeobuf"];

/// Tables in which QGIS keeps its own things.
pub(crate) const NOT_EVIDENCE: [&str; 2] = ["layer_styles", "qgis_projects"];

/// What others know of a survey's ground, and what became of each file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// Numbered over all files in the order given, their rows in the order of the file.
    pub known: Vec<ExternalEvidence>,
    /// The files in the order given.
    pub files: Vec<EvidenceFile>,
}

/// What became of a file of evidence: its rows are those of `kinds`, `beyond`, `skipped` and
/// `repeated`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EvidenceFile {
    /// The file.
    pub path: PathBuf,
    /// Number of its rows.
    pub rows: usize,
    /// How many of them the survey keeps, by kind.
    pub kinds: BTreeMap<ExternalEvidenceKind, usize>,
    /// How many lie over 10 km beyond the survey and are kept out.
    pub beyond: usize,
    /// How far the nearest of these lies from the survey's middle, kilometres.
    pub nearest_beyond_km: Option<f64>,
    /// How many the mapping leaves out.
    pub skipped: usize,
    /// Those that say what an earlier row says of the same place, with that row: they count once.
    pub repeated: Vec<String>,
    /// Those whose geometry was invalid and has been mended.
    pub mended: Vec<ExternalEvidenceId>,
}

/// Reads evidence onto the ground of a survey: GeoPackage, GeoJSON, KML, shapefile, CSV or
/// FlatGeobuf, all layers of each. Every row is kept, or counted as kept out, or an error: none is
/// lost without a word. Rows of the same words (kind, category, grade, name, date, bearing) and the
/// same place, to a centimetre, are one report, over all files.
///
/// Geometries are valid, in two dimensions and in the survey's CRS: points, lines or polygons,
/// single or multiple, never a mixture. Released land, districts and survey limits are always
/// polygons; districts and land use have a name, fronts a bearing. Errors are
/// [`EvidenceError::Unusable`].
pub fn read_evidence(
    paths: &[PathBuf],
    mapping: &Mapping,
    onto: &Ground,
) -> Result<Evidence, EvidenceError> {
    let mut evidence = Evidence::default();
    let mut first_rows = FirstRows::on(onto);
    for (index, path) in paths.iter().enumerate() {
        if paths[..index].iter().any(|other| is_same(other, path)) {
            return Err(unreadable(path, "it is given twice".into(), "give it once"));
        }
        let file = evidence.read(path, mapping, onto, &mut first_rows)?;
        evidence.files.push(file);
    }
    Ok(evidence)
}

impl Evidence {
    fn read(
        &mut self,
        path: &Path,
        mapping: &Mapping,
        onto: &Ground,
        first_rows: &mut FirstRows<'_>,
    ) -> Result<EvidenceFile, EvidenceError> {
        let mut file = EvidenceFile { path: path.into(), ..EvidenceFile::default() };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let dataset = open(path)?;
        let layers = dataset.layer_count();
        let is_csv = dataset.driver().short_name() == "CSV";
        for mut layer in dataset.layers() {
            if NOT_EVIDENCE.contains(&layer.name().as_str()) {
                continue;
            }
            let Some(reader) = Reader::new(path, &layer, is_csv, mapping, onto)? else {
                let rows = layer.feature_count() as usize;
                file.rows += rows;
                file.skipped += rows;
                continue;
            };
            for (number, outcome) in (1..).zip(reader.read(&mut layer)?) {
                file.rows += 1;
                match outcome {
                    Outcome::Skipped => file.skipped += 1,
                    Outcome::Beyond { km } => {
                        file.beyond += 1;
                        file.nearest_beyond_km =
                            Some(file.nearest_beyond_km.map_or(km, |nearest| nearest.min(km)));
                    }
                    Outcome::Evidence { row, mended } => {
                        let evidence =
                            row.numbered(ExternalEvidenceId(self.known.len() as u32 + 1), &name);
                        let row = match layers {
                            1 => format!("row {number}"),
                            _ => format!("row {number} of layer {}", layer.name()),
                        };
                        let this = format!("{row} of {name}");
                        if let Some(first) = first_rows.said_before(&evidence, this) {
                            file.repeated.push(format!("{row} (as {first})"));
                            continue;
                        }
                        *file.kinds.entry(evidence.kind).or_default() += 1;
                        file.mended.extend(mended.map(|_| evidence.id));
                        self.known.push(evidence);
                    }
                }
            }
        }
        Ok(file)
    }
}

/// What became of the rows, on one line.
impl fmt::Display for EvidenceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self.kinds.iter().map(|(kind, count)| counted(*count, *kind)).collect();
        let kept = if kinds.is_empty() { "none kept".into() } else { kinds.join(", ") };
        write!(f, "{} {}: {kept}", self.rows, plural(self.rows, "row"))?;
        if let Some(km) = self.nearest_beyond_km {
            let all = self.beyond + self.skipped == self.rows;
            let hint =
                if all { ": check the CRS, and the order of longitude and latitude" } else { "" };
            write!(
                f,
                "; {} over {REACH_KM} km beyond the survey, kept out (the nearest {km:.0} km from \
                 its middle{hint})",
                self.beyond
            )?;
        }
        if self.skipped > 0 {
            write!(f, "; {} left out by the mapping", self.skipped)?;
        }
        if !self.repeated.is_empty() {
            let s = if self.repeated.len() == 1 { "s" } else { "" };
            let (count, rows) = (self.repeated.len(), listed(&self.repeated));
            write!(f, "; {count} repeat{s} an earlier row and count{s} once: {rows}")?;
        }
        if !self.mended.is_empty() {
            let mended: Vec<_> = self.mended.iter().map(ToString::to_string).collect();
            write!(f, "; invalid outline mended, please check: {}", mended.join(", "))?;
        }
        Ok(())
    }
}

/// So many rows of a kind, in words.
fn counted(count: usize, kind: ExternalEvidenceKind) -> String {
    let noun = kind.to_string().replace('_', " ");
    let words = match kind {
        kind if kind.is_release() => noun,
        ExternalEvidenceKind::Witness if count > 1 => format!("{noun}es"),
        _ => plural(count, &noun),
    };
    format!("{count} {words}")
}

pub(crate) fn open(path: &Path) -> Result<Dataset, EvidenceError> {
    const REMEDY: &str = "give a GeoPackage, GeoJSON, KML, shapefile, CSV or FlatGeobuf";
    let closed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            unreadable(path, "there is no such file".into(), "check its name and its folder")
        }
        _ => unreadable(path, error.to_string(), "check that it may be read"),
    };
    if std::fs::metadata(path).map_err(closed)?.is_dir() {
        return Err(unreadable(path, "it is a folder".into(), REMEDY));
    }
    let dataset = open_vector(path, Some(&DRIVERS)).map_err(|unopened| match unopened {
        Unopened::Gdal(error) => unreadable(path, cause(error), REMEDY),
        Unopened::Unsettled(error) => error.into(),
    })?;
    if dataset.layer_count() == 0 {
        return Err(unreadable(path, "it has no layer".into(), REMEDY));
    }
    Ok(dataset)
}

pub(crate) fn unreadable(path: &Path, cause: String, remedy: &str) -> EvidenceError {
    EvidenceError::Unusable {
        role: EVIDENCE,
        path: path.into(),
        place: String::new(),
        cause,
        remedy: remedy.into(),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
