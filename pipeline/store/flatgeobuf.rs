//! The survey as FlatGeobuf: one layer a file, for that is all a file holds.

use crate::copy::{self, Copy};
use crate::error::Halt;
use crate::export::Job;
use crate::readme;
use gdal::DriverManager;
use gdal::vector::{LayerAccess, LayerOptions};

/// In the order of the survey's file.
const LAYERS: [&str; 5] = ["features", "hazard_areas", "known", "gaps", "assessed"];

const ABOUT: &str = "One FlatGeobuf file for each layer of the survey, in the survey's CRS:\n\
_features, _hazard_areas, _known, _gaps, _assessed. The fields are those of survey.gpkg, which also\n\
holds the detections and the record of the run.\n";

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let driver = DriverManager::get_driver_by_name("FlatGeobuf")?;
    let srs = job.source.srs()?;
    let mut names = Vec::new();
    for name in LAYERS {
        let file = format!("{}_{name}.fgb", job.stem);
        let path = job.draft.path(&file);
        let mut from = job.source.layer(name)?;
        let columns = copy::same_names(&from);
        let copy = Copy { columns: &columns, mark: None, transform: None, takes: copy::everything, longest_text: None };
        let ty = from.defn().geometry_type();
        let mut dataset = driver.create_vector_only(&path)?;
        let to = dataset.create_layer(LayerOptions { name, srs: Some(&srs), ty, options: None })?;
        copy.define(&from, &to)?;
        let rows = copy.rows(&mut from, &to)?;
        dataset.close()?;
        copy::check(&path, rows)?;
        names.push(file);
    }
    names.push(readme::write(job, ABOUT)?);
    Ok(names)
}
