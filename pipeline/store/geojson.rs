//! The survey as one FeatureCollection of RFC 7946.

use crate::copy::{self, Copy};
use crate::error::Halt;
use crate::export::Job;
use crate::source::wgs84;
use gdal::DriverManager;
use gdal::vector::LayerOptions;
use rams_domain::LIMITS;

/// Layers in drawing order: what comes first in the file is drawn first, so lies below.
const LAYERS: [&str; 4] = ["gaps", "hazard_areas", "known", "features"];

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let path = job.draft.path(&job.name);
    let to_lonlat = job.source.to_lonlat()?;
    let mut dataset = DriverManager::get_driver_by_name("GeoJSON")?.create_vector_only(&path)?;
    let description = format!("DESCRIPTION={LIMITS}");
    let collection = dataset.create_layer(LayerOptions {
        name: "rams_survey",
        srs: Some(&wgs84()?),
        // Right-hand rings, seven decimals, cut at the antimeridian.
        options: Some(&["RFC7946=YES", "WRITE_NAME=YES", &description]),
        ..LayerOptions::default()
    })?;
    let mut columns = Vec::new();
    for name in &LAYERS {
        let names = copy::same_names(&job.source.layer(name)?).into_iter();
        columns.push(names.map(|(name, _)| (name.clone(), copy::beside_layer(&name).to_owned())).collect::<Vec<_>>());
    }
    let copy_of = |name: &'static str, columns| Copy {
        columns,
        mark: Some(("layer", name)),
        transform: Some(&to_lonlat),
        takes: copy::everything,
        longest_text: None,
    };
    // All columns before the first row: the driver writes as it goes.
    for (name, columns) in LAYERS.into_iter().zip(&columns) {
        copy_of(name, columns).define(&job.source.layer(name)?, &collection)?;
    }
    let mut rows = 0;
    for (name, columns) in LAYERS.into_iter().zip(&columns) {
        rows += copy_of(name, columns).rows(&mut job.source.layer(name)?, &collection)?;
    }
    dataset.close()?;
    copy::check(&path, rows)?;
    Ok(vec![job.name.clone()])
}
