//! Values of a row of a GeoPackage.

use gdal::vector::{Feature, Geometry};
use rams_domain::PxBox;

/// Why a row cannot be read: GDAL's reason or ours.
pub(crate) type Cause = Box<dyn std::error::Error>;

/// The geometry of a row, `None` where it is NULL or empty. Not `row.geometry()`, which hands out a
/// null pointer for a row without one.
pub fn geometry<'a>(row: &'a Feature<'_>) -> Option<&'a Geometry> {
    row.geometry_by_index(0).ok().filter(|geometry| !geometry.is_empty())
}

/// What is wrong with a row without geometry.
pub fn without_geometry(layer: &str, row: &Feature<'_>) -> String {
    format!(
        "layer {layer}, row {} has no geometry: draw it, or take the row out of the layer",
        row.fid().unwrap_or(0)
    )
}

/// A field of a row as text; empty where it is NULL or missing.
pub fn text(row: &Feature<'_>, name: &str) -> String {
    let index = row.field_index(name).ok();
    index.and_then(|index| row.field_as_string(index).ok().flatten()).unwrap_or_default()
}

/// A box in mosaic pixels that must be there.
pub(crate) fn px(row: &Feature<'_>) -> Result<PxBox, Cause> {
    let [x0, y0, x1, y1] = ["px_x0", "px_y0", "px_x1", "px_y1"].map(|name| number(row, name));
    let px = PxBox { x0: x0?, y0: y0?, x1: x1?, y1: y1? };
    let is_box = px.x0 < px.x1 && px.y0 < px.y1 && px.area().is_finite();
    let PxBox { x0, y0, x1, y1 } = px;
    is_box.then_some(px).ok_or_else(|| {
        let text = format!("{x0} {y0} to {x1} {y1} px; give x0 < x1 and y0 < y1");
        bad(row, "the box", &text)
    })
}

/// A text; empty where it is NULL, an error where there is no such field.
pub(crate) fn text_of(row: &Feature<'_>, name: &str) -> Result<String, Cause> {
    Ok(row.field_as_string(row.field_index(name)?)?.unwrap_or_default())
}

/// A number that must be there: a box with a side missing would be a silent miss.
pub(crate) fn number(row: &Feature<'_>, name: &str) -> Result<f64, Cause> {
    row.field_as_double(row.field_index(name)?)?.ok_or_else(|| bad(row, "no", name))
}

/// A name that must be there, for the same reason.
pub(crate) fn named(row: &Feature<'_>, name: &str) -> Result<String, Cause> {
    Some(text_of(row, name)?).filter(|text| !text.is_empty()).ok_or_else(|| bad(row, "no", name))
}

/// The bytes of a field; `None` where it is NULL or missing.
pub(crate) fn bytes(row: &Feature<'_>, name: &str) -> Option<Box<[u8]>> {
    let index = row.field_index(name).ok()? as i32;
    let mut length = 0;
    // SAFETY: the row is alive and has the field; the bytes are copied before it changes.
    #[allow(unsafe_code)]
    let bytes = unsafe {
        let first = gdal_sys::OGR_F_GetFieldAsBinary(row.c_feature(), index, &mut length);
        (!first.is_null()).then(|| std::slice::from_raw_parts(first, length as usize))
    };
    bytes.map(Into::into)
}

fn bad(row: &Feature<'_>, what: &str, value: &str) -> Cause {
    Cause::from(format!("row {} has {what} {value}", row.fid().unwrap_or(0)))
}
