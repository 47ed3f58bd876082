//! The survey as FlatGeobuf: one layer a file, for that is all a file holds.

use crate::Halt;
use crate::copy::{self, Copy};
use crate::job::Job;
use crate::layers::LAYERS;
use crate::readme;
use crate::record;
use gdal::DriverManager;
use gdal::vector::OGRwkbGeometryType::wkbMultiPolygon;
use gdal::vector::{LayerAccess, LayerOptions};
use geo::{Geometry, MultiPolygon};
use rams_store::wgs84;

const ABOUT: &str = "\
    One FlatGeobuf file for each layer of the survey, in WGS 84:\n\
    _features, _hazard_areas, _external_evidence, _indication_belts, _gaps, _assessed. The fields \
    are those of\n\
    survey.gpkg, which also holds the detections and the record of the run.\n";

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let driver = DriverManager::get_driver_by_name("FlatGeobuf")?;
    let mut names = Vec::new();
    for name in LAYERS {
        let file = format!("{}_{name}.fgb", job.stem);
        let path = job.draft.path(&file);
        let from = job.source.layer(name)?;
        let columns = copy::same_names(&from);
        let copy = Copy { columns: &columns, mark: None, is_dbase: false };
        let ty = from.defn().geometry_type();
        let mut dataset = driver.create_vector_only(&path)?;
        let to =
            dataset.create_layer(LayerOptions { name, srs: Some(&wgs84()?), ty, options: None })?;
        let fields = copy.define(&from, &to)?;
        let mut rows = 0;
        record::each_record(&job.source, name, |mut record| {
            if ty == wkbMultiPolygon
                && let Geometry::Polygon(one) = record.geometry
            {
                record.geometry = MultiPolygon::from(one).into();
            }
            rows += 1;
            copy.row(&record, &fields, &to)
        })?;
        dataset.close()?;
        copy::check(&path, rows)?;
        names.push(file);
    }
    names.push(readme::write(job, ABOUT)?);
    Ok(names)
}
