//! A stored survey, read back through GDAL.

use gdal::{
    Dataset,
    vector::{FieldValue, Geometry, LayerAccess},
};
use std::{collections::BTreeMap, path::Path};

/// One row of a layer: its fields as text and its geometry.
pub(crate) struct Row {
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) geometry: Option<Geometry>,
}

impl Row {
    pub(crate) fn text(&self, field: &str) -> &str {
        self.fields
            .get(field)
            .unwrap_or_else(|| panic!("no field {field} in {:?}", self.fields.keys()))
    }

    pub(crate) fn number(&self, field: &str) -> f64 {
        self.text(field).parse().unwrap_or_else(|_| panic!("{field} is {}", self.text(field)))
    }

    /// Area of the geometry in units of its CRS, squared.
    pub(crate) fn area(&self) -> f64 {
        self.geometry.as_ref().unwrap().area()
    }

    /// Whether the geometry holds a position, units of the CRS.
    pub(crate) fn covers(&self, x: f64, y: f64) -> bool {
        let point = Geometry::from_wkt(&format!("POINT ({x} {y})")).unwrap();
        self.geometry.as_ref().unwrap().contains(&point)
    }
}

/// All rows of a layer, in the order in which they were written.
pub(crate) fn rows(survey: &Path, layer: &str) -> Vec<Row> {
    let dataset = Dataset::open(survey).unwrap();
    let mut layer = dataset.layer_by_name(layer).unwrap();
    let row = |feature: gdal::vector::Feature<'_>| Row {
        fields: feature
            .fields()
            .map(|(name, value)| (name, value.map_or_else(String::new, text)))
            .collect(),
        geometry: feature.geometry().cloned(),
    };
    layer.features().map(row).collect()
}

fn text(value: FieldValue) -> String {
    match value {
        FieldValue::StringValue(value) => value,
        FieldValue::RealValue(value) => value.to_string(),
        FieldValue::IntegerValue(value) => value.to_string(),
        FieldValue::Integer64Value(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}
