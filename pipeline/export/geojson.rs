//! The survey as one FeatureCollection of RFC 7946.

use crate::Halt;
use crate::copy::{self, Copy};
use crate::grid::GEOJSON_DIGITS;
use crate::job::Job;
use crate::layers::GEOJSON_LAYERS as LAYERS;
use crate::readme;
use crate::record;
use gdal::DriverManager;
use gdal::vector::LayerOptions;
use rams_domain::LIMITS;

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let path = job.draft.path(&job.name);
    let mut dataset = DriverManager::get_driver_by_name("GeoJSON")?.create_vector_only(&path)?;
    let stated = readme::stated(&job.source).join("; ");
    let description = format!("DESCRIPTION={LIMITS} {stated}");
    let collection = dataset.create_layer(LayerOptions {
        name: "rams_survey",
        // WGS 84 by definition; what comes runs the right way and is cut at the 180th meridian
        // already.
        options: Some(&[GEOJSON_DIGITS, "WRITE_NAME=YES", &description]),
        ..LayerOptions::default()
    })?;
    let mut columns = Vec::new();
    for name in &LAYERS {
        let names = copy::same_names(&job.source.layer(name)?).into_iter();
        columns.push(
            names
                .map(|(name, _)| (name.clone(), copy::beside_layer(&name).to_owned()))
                .collect::<Vec<_>>(),
        );
    }
    let copy_of = |name: &'static str, columns| Copy {
        columns,
        mark: Some(("layer", name)),
        is_dbase: false,
    };
    // All columns before the first row: the driver writes as it goes.
    let mut fields = Vec::new();
    for (name, columns) in LAYERS.into_iter().zip(&columns) {
        fields.push(copy_of(name, columns).define(&job.source.layer(name)?, &collection)?);
    }
    let mut rows = 0;
    for ((name, columns), fields) in LAYERS.into_iter().zip(&columns).zip(&fields) {
        let copy = copy_of(name, columns);
        record::each_record(&job.source, name, |record| {
            rows += 1;
            copy.row(&record, fields, &collection)
        })?;
    }
    dataset.close()?;
    copy::check(&path, rows)?;
    Ok(vec![job.name.clone()])
}
