//! The type of a file's values.

use gdal::{
    Metadata,
    raster::{GdalDataType, RasterBand},
};

/// The type of a file's values, as far as GDAL's 64-bit numbers differ from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ValueType {
    /// One of these holds them exactly.
    Numbers,
    /// As above, but two colours and nothing between: 1 bit.
    Bits,
    /// GDAL before 3.7 reads -1 as 255.
    SignedBytes,
    /// 32-bit floats: -3.4e38 is written with more or fewer digits.
    Singles,
}

impl ValueType {
    pub(crate) fn of(band: &RasterBand<'_>) -> Self {
        match band.band_type() {
            GdalDataType::Float32 => ValueType::Singles,
            _ if image_structure(band, "PIXELTYPE").as_deref() == Some("SIGNEDBYTE") => {
                ValueType::SignedBytes
            }
            _ if image_structure(band, "NBITS").as_deref() == Some("1") => ValueType::Bits,
            _ => ValueType::Numbers,
        }
    }

    /// A value as it stands in the file.
    pub(crate) fn own(self, value: f64) -> f64 {
        match self {
            ValueType::SignedBytes if value >= 128.0 => value - 256.0,
            ValueType::Singles => f64::from(value as f32),
            _ => value,
        }
    }
}

/// Whether a 64-bit number holds every value of a type.
pub(crate) fn holds_exactly(data_type: GdalDataType) -> bool {
    let exact = ["Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64"];
    exact.contains(&data_type.name().as_str())
}

/// The type of a band's values, for people.
pub(crate) fn type_name(band: &RasterBand<'_>) -> String {
    match (image_structure(band, "PIXELTYPE"), image_structure(band, "NBITS")) {
        (Some(signed), _) if signed == "SIGNEDBYTE" => "Int8".into(),
        (_, Some(bits)) => format!("{} ({bits} bit)", band.band_type().name()),
        _ => band.band_type().name(),
    }
}

/// What the metadata of a file say of how a band is stored.
pub(crate) fn image_structure(band: &RasterBand<'_>, key: &str) -> Option<String> {
    band.metadata_item(key, "IMAGE_STRUCTURE")
}
