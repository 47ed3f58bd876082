//! A truth as ground: objects where they lie, of whatever form.

use crate::earthworks::{placed, transform};
use crate::error::StoreError;
use crate::row::{self, Cause};
use crate::truth::{is_ignored, open_truth, truth_layer};
use gdal::vector::LayerAccess;
use gdal::vector::OGRwkbGeometryType::wkbNone;
use geo::Geometry;
use rams_domain::{EoCategory, Ground};
use serde::Deserialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use std::path::Path;

/// An object of a truth.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueObject {
    /// Name of the class; empty where the file does not say.
    pub class: String,
    /// Its category of explosive ordnance, where the file says.
    pub eo_category: Option<EoCategory>,
    /// Where it lies, metres of the ground of a survey.
    pub geometry: Geometry,
    /// Whether to find it is neither right nor wrong.
    pub ignored: bool,
}

/// Whether the objects of a truth have boxes in pixels of an orthomosaic, and so belong to it.
pub fn has_boxes(path: &Path) -> Result<bool, StoreError> {
    let dataset = open_truth(path)?;
    let layer = truth_layer(&dataset)
        .map_err(|cause| StoreError::NotATruth { path: path.into(), cause })?;
    Ok(layer.defn().fields().any(|field| field.name() == "px_x0"))
}

/// Reads the layer `truth` or `labels` of a file, or its only one, in metres of the ground of a
/// survey, whatever the CRS of the file; `None` of a layer of boxes without geometry.
pub fn true_objects(path: &Path, onto: &Ground) -> Result<Option<Vec<TrueObject>>, StoreError> {
    let not_a_truth =
        |cause: Cause| StoreError::NotATruth { path: path.into(), cause: cause.to_string() };
    let dataset = open_truth(path)?;
    let mut layer = truth_layer(&dataset).map_err(|cause| not_a_truth(cause.into()))?;
    if layer.defn().geometry_type() == wkbNone {
        return Ok(None);
    }
    let (name, to_crs) = (layer.name(), transform(&layer, onto).map_err(not_a_truth)?);
    let read = |row: gdal::vector::Feature<'_>| {
        let stated = row::text(&row, "eo_category");
        let category = |word: &str| {
            EoCategory::deserialize(StrDeserializer::<WordError>::new(word))
                .map_err(|error| format!("row {}: eo_category: {error}", row.fid().unwrap_or(0)))
        };
        Ok(TrueObject {
            class: row::text(&row, "class"),
            eo_category: (!stated.is_empty()).then(|| category(&stated)).transpose()?,
            geometry: placed(&row, &name, Some(&to_crs), onto)?,
            ignored: is_ignored(&row),
        })
    };
    let objects = layer.features().map(read).collect::<Result<_, Cause>>();
    objects.map(Some).map_err(not_a_truth)
}
