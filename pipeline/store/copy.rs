//! One layer of a survey to one layer of another file, through GDAL.

use crate::error::Halt;
use crate::source;
use gdal::Dataset;
use gdal::errors::Result;
use gdal::spatial_ref::CoordTransform;
use gdal::vector::{Feature, FieldDefn, FieldValue, Geometry, Layer, LayerAccess, OGRFieldType, geometry_type_flatten};
use std::path::Path;

/// What to take along and how. The formats differ in these few values.
pub(crate) struct Copy<'a> {
    /// Columns to take, as (name in the survey, name in the copy).
    pub(crate) columns: &'a [(String, String)],
    /// A column to add with one value: (name, value).
    pub(crate) mark: Option<(&'a str, &'a str)>,
    /// Where to; `None` leaves the CRS.
    pub(crate) transform: Option<&'a CoordTransform>,
    /// Which geometries to take.
    pub(crate) takes: fn(&Geometry) -> bool,
    /// Longest text, bytes, where the format has a limit.
    pub(crate) longest_text: Option<usize>,
}

impl Copy<'_> {
    /// Adds the columns to a new layer, those that it does not have yet.
    pub(crate) fn define(&self, from: &Layer<'_>, to: &Layer<'_>) -> Result<()> {
        let add = |name: &str, kind: OGRFieldType::Type| match to.defn().field_index(name) {
            Ok(_) => Ok(()),
            Err(_) => FieldDefn::new(name, kind)?.add_to_layer(to),
        };
        if let Some((name, _)) = self.mark {
            add(name, OGRFieldType::OFTString)?;
        }
        for (name, renamed) in self.columns {
            let index = from.defn().field_index(name)?;
            if let Some(field) = from.defn().fields().nth(index) {
                add(renamed, field.field_type())?;
            }
        }
        Ok(())
    }

    /// Copies the rows and returns their number. NULL stays unset, so that GeoJSON leaves it out.
    pub(crate) fn rows(&self, from: &mut Layer<'_>, to: &Layer<'_>) -> std::result::Result<u64, Halt> {
        let pairs = self
            .columns
            .iter()
            .map(|(name, renamed)| Ok((from.defn().field_index(name)?, to.defn().field_index(renamed)?)));
        let pairs = pairs.collect::<Result<Vec<_>>>()?;
        let mark = self.mark.map(|(name, value)| Ok((to.defn().field_index(name)?, value)));
        let mark = mark.transpose().map_err(|error: gdal::errors::GdalError| Halt::Gdal(error))?;
        let mut count = 0;
        for row in from.features() {
            let Some(geometry) = source::geometry(&row).filter(|geometry| (self.takes)(geometry)) else { continue };
            let mut copy = Feature::new(to.defn())?;
            if let Some((index, value)) = mark {
                copy.set_field_string(index, value)?;
            }
            for (index, new_index) in &pairs {
                if let Some(value) = row.field(*index)? {
                    copy.set_field(*new_index, &self.shortened(value))?;
                }
            }
            copy.set_geometry(match self.transform {
                Some(transform) => geometry.transform(transform)?,
                None => geometry.clone(),
            })?;
            copy.create(to)?;
            count += 1;
        }
        Ok(count)
    }

    /// A text that is too long ends in "..." instead of somewhere.
    fn shortened(&self, value: FieldValue) -> FieldValue {
        const CUT: &str = "...";
        match (value, self.longest_text) {
            (FieldValue::StringValue(text), Some(longest)) if text.len() > longest => {
                let end = (0..=longest - CUT.len()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
                FieldValue::StringValue(format!("{}{CUT}", &text[..end]))
            }
            (value, _) => value,
        }
    }
}

/// All columns of a layer under their own names.
pub(crate) fn same_names(layer: &Layer<'_>) -> Vec<(String, String)> {
    layer.defn().fields().map(|field| (field.name(), field.name())).collect()
}

/// The name of a column in a format that tells by `layer` which layer a row is of: a person may have added
/// a column of that name.
pub(crate) fn beside_layer(name: &str) -> &str {
    if name == "layer" { "layer_" } else { name }
}

/// Every geometry.
pub(crate) fn everything(_: &Geometry) -> bool {
    true
}

/// A geometry's type without Z and M.
pub(crate) fn flat_type(geometry: &Geometry) -> gdal::vector::OGRwkbGeometryType::Type {
    geometry_type_flatten(geometry.geometry_type())
}

/// Reads a finished file back and counts, since GDAL before 3.7 does not say when closing one has
/// failed, as on a full disk.
pub(crate) fn check(path: &Path, rows: u64) -> std::result::Result<(), Halt> {
    let dataset = Dataset::open(path)?;
    let found = dataset.layer(0)?.features().count() as u64;
    if found == rows { Ok(()) } else { Err(Halt::Torn(format!("it reads back {found} features of {rows}"))) }
}
