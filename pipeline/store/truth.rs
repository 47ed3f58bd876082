//! The layer of a GeoPackage that holds a truth.

use crate::error::StoreError;
use crate::held::{self, Unopened};
use gdal::Dataset;
use gdal::vector::{Feature, Layer};
use std::path::Path;

/// The layers in which a truth may lie: as `rams scene` writes it, and as labels of real flights.
const TRUTHS: [&str; 2] = ["truth", "labels"];

/// Fields, where there are any, that say that to find an object is neither right nor wrong.
const IGNORED: [&str; 2] = ["ignored", "truncated"];

/// Opens a file in which a truth may be.
pub(crate) fn open_truth(path: &Path) -> Result<Dataset, StoreError> {
    held::open_vector(path, None).map_err(|unopened| match unopened {
        Unopened::Gdal(error) => {
            StoreError::NotATruth { path: path.into(), cause: held::cause(error) }
        }
        Unopened::Unsettled(error) => error,
    })
}

/// The one layer that holds a truth, or why there is none. A file of one layer may call it as it
/// likes.
pub(crate) fn truth_layer(dataset: &Dataset) -> Result<Layer<'_>, String> {
    if dataset.layer_count() == 1 {
        return dataset.layer(0).map_err(|error| error.to_string());
    }
    let mut layers: Vec<_> =
        TRUTHS.iter().filter_map(|name| dataset.layer_by_name(name).ok()).collect();
    let layer = layers.pop().ok_or_else(|| format!("it has no layer {}", TRUTHS.join(" or ")))?;
    if !layers.is_empty() {
        return Err(format!("it has both layers, {}: remove one", TRUTHS.join(" and ")));
    }
    Ok(layer)
}

/// Whether a row of a truth is neither to be found nor to be missed.
pub(crate) fn is_ignored(row: &Feature<'_>) -> bool {
    let value = |name: &str| {
        row.field_index(name).and_then(|index| row.field_as_integer(index)).ok().flatten()
    };
    IGNORED.iter().any(|name| value(name) == Some(1))
}
