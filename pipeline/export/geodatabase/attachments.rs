//! Pictures of finds as attachments of the feature classes.

use super::fields::{Field, GLOBAL_ID};
use super::sys;
use crate::Halt;
use gdal::Dataset;
use gdal::vector::OGRFieldType::{OFTBinary, OFTInteger, OFTString};
use gdal::vector::OGRwkbGeometryType::wkbNone;
use gdal::vector::{Feature, LayerAccess, LayerOptions};
use rams_domain::Chip;
use rams_store::set_bytes;
use std::collections::HashMap;

/// What names the row that a picture is of.
const OF: &str = "REL_GLOBALID";

/// Adds the pictures of the rows of a feature class, which are known by their id; `pictures` has
/// the GlobalID of each row.
pub(super) fn add(
    dataset: &mut Dataset,
    class: &str,
    chips: &[Chip],
    ids: &HashMap<String, String>,
) -> Result<(), Halt> {
    let name = format!("{class}__ATTACH");
    let layer = dataset.create_layer(LayerOptions {
        name: &name,
        srs: None,
        ty: wkbNone,
        options: Some(&["FID=ATTACHMENTID", &format!("COLUMN_TYPES={OF}=esriFieldTypeGUID")]),
    })?;
    // As ArcGIS makes them.
    for (name, kind, width) in [
        (OF, OFTString, 38),
        ("CONTENT_TYPE", OFTString, 150),
        ("ATT_NAME", OFTString, 250),
        ("DATA_SIZE", OFTInteger, 0),
        ("DATA", OFTBinary, 0),
    ] {
        sys::add_field(&layer, &Field::own(name, name, kind), width)?;
    }
    for chip in chips {
        let feature = chip.feature.to_string();
        let Some(id) = ids.get(&feature) else { continue };
        let mut row = Feature::new(layer.defn())?;
        row.set_field_string(0, id)?;
        row.set_field_string(1, "image/jpeg")?;
        row.set_field_string(2, &format!("{feature}.jpg"))?;
        row.set_field_integer(3, chip.jpeg.len() as i32)?;
        set_bytes(&row, 4, &chip.jpeg);
        row.create(&layer)?;
    }
    Ok(())
}

/// Says of the table of a feature class that its rows are attachments.
pub(super) fn relate(dataset: &mut Dataset, class: &str) -> Result<(), Halt> {
    let table = format!("{class}__ATTACH");
    sys::add_attachments(dataset, &format!("{table}REL"), [class, &table], [GLOBAL_ID, OF])
}
