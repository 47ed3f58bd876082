//! One layer of a survey to one layer of another file, through GDAL.

use crate::Halt;
use crate::record::Record;
use gdal::Dataset;
use gdal::errors::Result;
use gdal::vector::{Feature, FieldDefn, FieldValue, Layer, LayerAccess, OGRFieldType, ToGdal};
use std::path::Path;

/// What to take along and how. The formats differ in these few values.
pub(crate) struct Copy<'a> {
    /// All columns of the layer, as (name in the survey, name in the copy).
    pub(crate) columns: &'a [(String, String)],
    /// A column to add with one value: (name, value).
    pub(crate) mark: Option<(&'a str, &'a str)>,
    /// Whether the copy is in dBASE, where a value has little room.
    pub(crate) is_dbase: bool,
}

/// A text of dBASE holds no more, bytes.
const LONGEST_TEXT: usize = 254;

impl Copy<'_> {
    /// Adds the columns to a new layer, those that it does not have yet, and returns where they
    /// are.
    pub(crate) fn define(&self, from: &Layer<'_>, to: &Layer<'_>) -> Result<Vec<usize>> {
        let add = |name: &str, kind: OGRFieldType::Type| {
            if to.defn().field_index(name).is_err() {
                let field = FieldDefn::new(name, kind)?;
                if self.is_dbase && kind == OGRFieldType::OFTReal {
                    // By itself it has 24 digits with 15 decimals: no room for 100,000,000 m².
                    field.set_width(24);
                    field.set_precision(9);
                }
                field.add_to_layer(to)?;
            }
            to.defn().field_index(name)
        };
        if let Some((name, _)) = self.mark {
            add(name, OGRFieldType::OFTString)?;
        }
        let pairs = self.columns.iter().zip(from.defn().fields());
        pairs.map(|((_, renamed), field)| add(renamed, field.field_type())).collect()
    }

    /// Adds a row whose values go to `fields`. NULL stays unset, so that GeoJSON leaves it out.
    pub(crate) fn row(
        &self,
        record: &Record,
        fields: &[usize],
        to: &Layer<'_>,
    ) -> std::result::Result<(), Halt> {
        let mut copy = Feature::new(to.defn())?;
        if let Some((name, value)) = self.mark {
            copy.set_field_string(to.defn().field_index(name)?, value)?;
        }
        for (index, value) in fields.iter().zip(record.fields()) {
            if let Some(value) = value {
                copy.set_field(*index, &self.shortened(value.clone()))?;
            }
        }
        copy.set_geometry(record.geometry.to_gdal()?)?;
        Ok(copy.create(to)?)
    }

    /// A text that is too long ends in "..." instead of somewhere.
    fn shortened(&self, value: FieldValue) -> FieldValue {
        const CUT: &str = "...";
        match value {
            FieldValue::StringValue(text) if self.is_dbase && text.len() > LONGEST_TEXT => {
                let end = (0..=LONGEST_TEXT - CUT.len())
                    .rev()
                    .find(|end| text.is_char_boundary(*end))
                    .unwrap_or(0);
                FieldValue::StringValue(format!("{}{CUT}", &text[..end]))
            }
            value => value,
        }
    }
}

/// All columns of a layer under their own names.
pub(crate) fn same_names(layer: &Layer<'_>) -> Vec<(String, String)> {
    layer.defn().fields().map(|field| (field.name(), field.name())).collect()
}

/// The name of a column in a format that tells by `layer` which layer a row is of: a person may
/// have added a column of that name.
pub(crate) fn beside_layer(name: &str) -> &str {
    if name == "layer" { "layer_" } else { name }
}

/// Reads a finished file back and counts, since GDAL before 3.7 does not say when closing one has
/// failed, as on a full disk.
pub(crate) fn check(path: &Path, rows: u64) -> std::result::Result<(), Halt> {
    let dataset = Dataset::open(path)?;
    let found = dataset.layer(0)?.features().count() as u64;
    if found == rows {
        Ok(())
    } else {
        Err(Halt::Torn(format!("it reads back {found} features of {rows}")))
    }
}
