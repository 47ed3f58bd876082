//! Survey -> `survey.gpkg`.

use crate::crs::{between, wgs84};
use crate::draft::Draft;
use crate::drawn;
use crate::error::{Halt, StoreError};
use crate::names::SURVEY_FILE;
use crate::table::Table;
use crate::{project, style, tables};
use gdal::config::{clear_thread_local_config_option, set_thread_local_config_option};
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use gdal::{Dataset, DriverManager};
use geo::{Distance, Geodesic, Point};
use rams_domain::{Ground, Survey};
use std::path::{Path, PathBuf};

/// Writes `dir/survey.gpkg` and returns its path. The folder is made where it is missing.
///
/// Layers, in the survey's CRS and in the order in which QGIS stacks them, first on top:
/// `features`, `feature_parts`, `hazard_areas`, `external_evidence`, `indication_belts`, `gaps`,
/// `assessed`; then the tables `detections`, `chips`, `run`, `run_record`, `survey_metadata` and
/// `layer_styles`, by which QGIS opens the layers styled. The rows of a survey are always the same,
/// in the order given, and the time stamps of the format are the time of the last drawing: two
/// files of one survey are the same byte for byte.
///
/// The file appears whole or not at all: it is made beside its place, read back, forced to the disk
/// and moved over an older one, which is untouched until then. Errors are [`StoreError::Write`] for
/// a folder that cannot be written to and a full disk.
pub fn write(survey: &Survey, dir: &Path) -> Result<PathBuf, StoreError> {
    let target = dir.join(SURVEY_FILE);
    let draft = Draft::beside(&target)?;
    let tables = tables::of(survey);
    fill(survey, tables, &srs(survey)?, &draft.path(SURVEY_FILE), Some(dir))
        .map_err(|halt| draft.blame(&target, halt))?;
    draft.publish(&[SURVEY_FILE.into()])?;
    Ok(target)
}

/// The survey's CRS, x before y.
pub(crate) fn srs(survey: &Survey) -> Result<SpatialRef, StoreError> {
    let mut srs = SpatialRef::from_wkt(&survey.ground.crs().wkt).map_err(|error| {
        StoreError::Bug { doing: "read the survey's CRS", cause: error.to_string() }
    })?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(srs)
}

/// Writes all tables of a survey, and with the folder where the file is to be, a project for QGIS.
pub(crate) fn fill(
    survey: &Survey,
    tables: Vec<Table<'_>>,
    srs: &SpatialRef,
    path: &Path,
    dir: Option<&Path>,
) -> Result<(), Halt> {
    let driver = DriverManager::get_driver_by_name("GPKG")?;
    let drawn = survey.record.drawings.last().map(|drawing| drawing.time.as_str());
    let options = SqliteOptions::set(drawn)?;
    let mut dataset = driver.create_vector_only(path)?;
    let mut written = Vec::new();
    for table in tables.into_iter().chain([style::table(survey)]) {
        written.push((table.name, add(&mut dataset, srs, table)?));
    }
    drawn::note(&dataset)?;
    dir.map_or(Ok(()), |dir| project::write(&dataset, survey, dir))?;
    dataset.close()?;
    drop(options);
    check(path, &written)?;
    check_crs(path, &survey.ground)
}

/// Writes one table in one transaction and returns its number of rows.
pub(crate) fn add(dataset: &mut Dataset, srs: &SpatialRef, table: Table<'_>) -> Result<u64, Halt> {
    let mut transaction = dataset.start_transaction()?;
    let mut layer = table.create(&mut transaction, srs)?;
    let rows = table.fill(&mut layer)?;
    transaction.commit()?;
    Ok(rows)
}

/// Reads back what was written: GDAL before 3.7 does not say when closing a file has failed.
pub(crate) fn check(path: &Path, written: &[(&'static str, u64)]) -> Result<(), Halt> {
    let dataset = Dataset::open(path)?;
    let verdict =
        dataset.execute_sql("PRAGMA quick_check", None, Dialect::DEFAULT)?.and_then(|mut rows| {
            let first = rows.features().next()?;
            first.field_as_string(0).ok().flatten()
        });
    if verdict.as_deref() != Some("ok") {
        return Err(Halt::Torn(format!(
            "the file does not read back ({})",
            verdict.unwrap_or_default()
        )));
    }
    for (name, rows) in written {
        let found = dataset.layer_by_name(name)?.feature_count();
        if found != *rows {
            return Err(Halt::Torn(format!("layer {name} reads back {found} rows of {rows}")));
        }
    }
    Ok(())
}

/// Whether the CRS that the file holds leads to where the survey is. A format may drop how a datum
/// relates to others, and every export reads the CRS here.
fn check_crs(path: &Path, ground: &Ground) -> Result<(), Halt> {
    const MOST_M: f64 = 0.05;
    let dataset = Dataset::open(path)?;
    let mut srs = dataset
        .layer_by_name("features")?
        .spatial_ref()
        .ok_or(GdalError::BadArgument("no CRS".into()))?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let lost = |cause: String| StoreError::CrsLost { crs: ground.crs().to_string(), cause };
    let to_lonlat = between(&srs, &wgs84()?)
        .map_err(|_| lost("how it lies to WGS 84 is not known then".into()))?;
    let corners = ground.extent().to_polygon().exterior().0.clone();
    let (mut lon, mut lat): (Vec<f64>, Vec<f64>) = corners.iter().map(|at| (at.x, at.y)).unzip();
    to_lonlat.transform_coords(&mut lon, &mut lat, &mut [])?;
    for (corner, found) in corners.into_iter().zip(lon.into_iter().zip(lat)) {
        let metres = Geodesic.distance(Point(ground.lonlat(corner)), Point::from(found));
        if metres.is_nan() || metres > MOST_M {
            return Err(lost(format!("what is written reads back {metres:.2} m away")).into());
        }
    }
    Ok(())
}

/// SQLite without its precautions, which a file that no one can see yet does not need: it is
/// synced once at the end. Thread-local, so that other files of the process keep theirs.
pub(crate) struct SqliteOptions;

impl SqliteOptions {
    const OPTIONS: [(&str, &str); 2] =
        [("OGR_SQLITE_SYNCHRONOUS", "OFF"), ("OGR_SQLITE_JOURNAL", "MEMORY")];
    /// What the format notes as the time of its last change, in place of that of the clock.
    const TIME: &str = "OGR_CURRENT_DATE";

    pub(crate) fn set(time: Option<&str>) -> Result<Self, Halt> {
        for (key, value) in Self::OPTIONS.into_iter().chain(time.map(|time| (Self::TIME, time))) {
            set_thread_local_config_option(key, value)?;
        }
        Ok(Self)
    }
}

impl Drop for SqliteOptions {
    fn drop(&mut self) {
        for key in Self::OPTIONS.map(|(key, _)| key).into_iter().chain([Self::TIME]) {
            // Fails only for a key with a NUL.
            let _ = clear_thread_local_config_option(key);
        }
    }
}
