//! A layer of the GeoPackage before it is written: columns and rows.

use crate::error::Halt;
use gdal::Dataset;
use gdal::errors::Result;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{
    Feature, FieldDefn, FieldValue, Geometry, Layer, LayerAccess, LayerOptions, OGRFieldType,
    OGRwkbGeometryType,
};
use rams_domain::LIMITS;

/// Type of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    Text,
    Real,
    Whole,
    Bytes,
}

impl Column {
    pub(crate) fn ogr(self) -> OGRFieldType::Type {
        match self {
            Column::Text => OGRFieldType::OFTString,
            Column::Real => OGRFieldType::OFTReal,
            Column::Whole => OGRFieldType::OFTInteger64,
            Column::Bytes => OGRFieldType::OFTBinary,
        }
    }
}

/// A value of a row.
pub(crate) enum Value {
    Plain(FieldValue),
    Bytes(Box<[u8]>),
}

/// One row; `values` in the order of the columns, `None` for NULL.
pub(crate) struct TableRow {
    pub(crate) geometry: Option<Geometry>,
    pub(crate) values: Vec<Option<Value>>,
}

/// One layer.
pub(crate) struct Table<'a> {
    pub(crate) name: &'static str,
    /// What people read in place of the name.
    pub(crate) title: &'static str,
    pub(crate) description: String,
    /// `wkbNone` for a table without geometry.
    pub(crate) geometry: OGRwkbGeometryType::Type,
    pub(crate) columns: &'static [(&'static str, Column)],
    pub(crate) rows: Box<dyn Iterator<Item = Result<TableRow>> + 'a>,
}

/// What a layer is, and what no layer can say.
pub(crate) fn describe(what: &str) -> String {
    format!("{what} {LIMITS}")
}

/// Name of the geometry column of every layer: the styles refer to it.
pub(crate) const GEOMETRY_COLUMN: &str = "geom";

impl Table<'_> {
    pub(crate) fn create<'d>(
        &self,
        dataset: &'d mut Dataset,
        srs: &SpatialRef,
    ) -> Result<Layer<'d>> {
        let identifier = format!("IDENTIFIER={}", self.title);
        let description = format!("DESCRIPTION={}", self.description);
        let geometry_name = format!("GEOMETRY_NAME={GEOMETRY_COLUMN}");
        let is_spatial = self.geometry != OGRwkbGeometryType::wkbNone;
        let mut options = vec![identifier.as_str(), description.as_str(), "FID=fid"];
        if is_spatial {
            options.push(&geometry_name);
        }
        let layer = dataset.create_layer(LayerOptions {
            name: self.name,
            srs: is_spatial.then_some(srs),
            ty: self.geometry,
            options: Some(&options),
        })?;
        for (name, column) in self.columns {
            FieldDefn::new(name, column.ogr())?.add_to_layer(&layer)?;
        }
        Ok(layer)
    }

    /// Writes the rows and returns their number.
    pub(crate) fn fill(self, layer: &mut Layer<'_>) -> std::result::Result<u64, Halt> {
        let mut count = 0;
        for row in self.rows {
            let row = row?;
            let mut feature = Feature::new(layer.defn())?;
            for (index, value) in row.values.iter().enumerate() {
                match value {
                    Some(Value::Plain(value)) => feature.set_field(index, value)?,
                    Some(Value::Bytes(bytes)) => set_bytes(&feature, index, bytes),
                    None => {}
                }
            }
            if let Some(geometry) = row.geometry {
                feature.set_geometry(geometry)?;
            }
            feature.create(layer)?;
            count += 1;
        }
        Ok(count)
    }
}

/// Sets a field of bytes, for which GDAL's binding has no function.
pub fn set_bytes(feature: &Feature<'_>, index: usize, bytes: &[u8]) {
    let (index, length) = (index as i32, bytes.len() as i32);
    // SAFETY: the feature is alive, and GDAL copies so many of the bytes.
    #[allow(unsafe_code)]
    unsafe {
        gdal_sys::OGR_F_SetFieldBinary(feature.c_feature(), index, length, bytes.as_ptr().cast());
    }
}

/// A text. A NUL, which no file format can hold, becomes U+FFFD.
pub(crate) fn text(value: impl ToString) -> Option<Value> {
    let mut text = value.to_string();
    if text.contains('\0') {
        text = text.replace('\0', "\u{fffd}");
    }
    Some(Value::Plain(FieldValue::StringValue(text)))
}

/// Several texts in one, separated by commas.
pub(crate) fn list<T: ToString>(values: impl IntoIterator<Item = T>) -> Option<Value> {
    text(values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(","))
}

/// A measure to the third decimal: millimetres say more than any orthomosaic knows.
pub(crate) fn measure(value: f64) -> Option<Value> {
    real(rounded_measure(value))
}

/// A measure as it is written.
pub(crate) fn rounded_measure(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A score or probability to the sixth decimal, where an `f32` ends: 0.9 and not
/// 0.8999999761581421.
pub(crate) fn share(value: f32) -> Option<Value> {
    real(rounded_share(value))
}

/// A score or probability as it is written.
pub(crate) fn rounded_share(value: f32) -> f64 {
    (f64::from(value) * 1e6).round() / 1e6
}

/// A number, or 0 and 1 for no and yes.
pub(crate) fn whole(value: impl Into<i64>) -> Option<Value> {
    Some(Value::Plain(FieldValue::Integer64Value(value.into())))
}

fn real(value: f64) -> Option<Value> {
    value.is_finite().then_some(Value::Plain(FieldValue::RealValue(value)))
}
