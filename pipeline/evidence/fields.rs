//! Which fields of a layer say what.

use crate::mapping::Rules;
use crate::words::Attribute;
use gdal::vector::OGRwkbGeometryType::wkbNone;
use gdal::vector::{Layer, LayerAccess, OGRFieldType};
use std::collections::BTreeMap;

/// The fields that say something of some attributes, by the mapping or by their usual names: their
/// numbers, and whether they are dates. The error is what is wrong and what to do.
pub(crate) fn fields(
    layer: &Layer<'_>,
    rules: &Rules,
    attributes: &[Attribute],
) -> Result<BTreeMap<Attribute, (usize, bool)>, (String, String)> {
    let has_geometry = layer.defn().geometry_type() != wkbNone;
    let number = |name: &str| layer.defn().field_index(name).ok();
    let mut found = BTreeMap::new();
    for &attribute in attributes {
        let index = match rules.fields.get(&attribute) {
            Some(name) => Some(number(name).ok_or_else(|| {
                let cause = format!(
                    "the mapping reads {} from field {name:?}, which is not among {}",
                    attribute.name(),
                    names(layer)
                );
                (cause, "name the field as the file does".to_owned())
            })?),
            // A layer with geometry may have columns of coordinates too: not asked for, not read.
            None if has_geometry
                && [Attribute::X, Attribute::Y, Attribute::Wkt].contains(&attribute) =>
            {
                None
            }
            None => attribute.usual_names().iter().find_map(|name| number(name)),
        };
        if let Some(index) = index {
            let kind = layer.defn().fields().nth(index).map(|field| field.field_type());
            let is_date = matches!(kind, Some(OGRFieldType::OFTDate | OGRFieldType::OFTDateTime));
            found.insert(attribute, (index, is_date));
        }
    }
    Ok(found)
}

/// The names of all fields, for a message.
pub(crate) fn names(layer: &Layer<'_>) -> String {
    let names: Vec<_> = layer.defn().fields().map(|field| field.name()).collect();
    if names.is_empty() { "its fields: it has none".into() } else { names.join(", ") }
}
