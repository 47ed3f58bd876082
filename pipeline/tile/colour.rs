//! Which bands of a file are its colours, and what becomes of their values.

use crate::{
    TileError,
    colour_bands::declared,
    sample,
    value_type::{ValueType, holds_exactly, image_structure, type_name},
};
use gdal::{
    Dataset,
    raster::{ColorInterpretation, GdalDataType, RasterBand},
};
use rams_domain::ReadAs;
use std::path::Path;

/// The bands that are read, and what becomes of their values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Colours {
    /// Numbers of the red, green and blue band, from 1.
    pub(crate) bands: [usize; 3],
    pub(crate) values: Values,
    pub(crate) value_type: ValueType,
}

/// What becomes of values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// They are 8 bits, and stay.
    Bytes,
    /// These two become 0 and 255.
    Scaled([f64; 2]),
    /// They are numbers of colours: red, green, blue, opacity.
    Table(Vec<[u8; 4]>),
}

impl Colours {
    /// Which bands are read and how, as a person wants it, else as the file says.
    pub(crate) fn choose(
        path: &Path,
        dataset: &Dataset,
        read_as: &ReadAs,
    ) -> Result<Self, TileError> {
        let (path, count) = (|| path.to_owned(), dataset.raster_count());
        let bands = match read_as.bands {
            Some(bands) => bands,
            None => declared(&path(), dataset, read_as)?,
        };
        let missing = |band: usize| TileError::NoBand { path: path(), band, count };
        let band = |number: usize| dataset.rasterband(number).map_err(|_| missing(number));
        if let Some(alpha) = read_as.alpha {
            band(alpha)?;
            if bands.contains(&alpha) {
                return Err(TileError::AlphaIsColour { path: path(), band: alpha });
            }
        }
        let red = band(bands[0])?;
        let is_grey = bands.iter().all(|band| *band == bands[0]);
        let value_type = ValueType::of(&red);
        if is_grey && let Some(table) = table(&red) {
            return Ok(Self { bands, values: Values::Table(table), value_type });
        }
        let mut values = Values::Bytes;
        for number in bands {
            let band = band(number)?;
            match (band.band_type(), image_structure(&band, "NBITS").as_deref(), read_as.scale) {
                (_, Some("1"), _) if value_type == ValueType::Bits => {
                    values = Values::Scaled([0.0, 1.0])
                }
                (GdalDataType::UInt8, None | Some("8"), _) if value_type == ValueType::Numbers => {}
                (data_type, ..) if !holds_exactly(data_type) => {
                    return Err(TileError::DataType {
                        path: path(),
                        band: number,
                        data_type: data_type.name(),
                    });
                }
                (.., Some(scale)) => values = Values::Scaled(scale),
                (.., None) => {
                    let (data_type, proposal) =
                        (type_name(&band), sample::scale(dataset, &bands, value_type));
                    return Err(TileError::NoScale {
                        path: path(),
                        band: number,
                        data_type,
                        proposal,
                    });
                }
            }
        }
        Ok(Self { bands, values, value_type })
    }

    /// The values, for people.
    pub(crate) fn describe(&self, dataset: &Dataset) -> String {
        let data_type = dataset
            .rasterband(self.bands[0])
            .map_or_else(|_| "unknown".into(), |band| type_name(&band));
        match &self.values {
            Values::Bytes => format!("{data_type}, as they are"),
            Values::Scaled([low, high]) => {
                format!("{data_type}, {low} becomes 0 and {high} becomes 255")
            }
            Values::Table(table) => {
                format!("{data_type}, a colour table of {} entries", table.len())
            }
        }
    }

    /// Why these are not the colours that models learned from; `None` if they are.
    pub(crate) fn off_colour(
        &self,
        path: &Path,
        dataset: &Dataset,
        read_as: &ReadAs,
    ) -> Option<String> {
        let is_grey = match &self.values {
            Values::Table(table) => {
                table.iter().all(|[red, green, blue, _]| red == green && green == blue)
            }
            _ => self.bands.iter().all(|band| *band == self.bands[0]),
        };
        let declared = declared(path, dataset, read_as).ok();
        if is_grey {
            return Some(
                "grey: without colours plants cannot be told from bare ground, so ground that they \
                 hide counts as assessed; models learned from colours"
                    .into(),
            );
        }
        let bands = self.bands;
        declared.filter(|declared| *declared != bands).map(|declared| {
            format!(
                "bands {bands:?} in place of {declared:?}: plants are told by more green than red \
                 and blue, and models learned from red, green and blue"
            )
        })
    }
}

/// The colours of a band whose values are numbers of them: red, green, blue, opacity.
fn table(band: &RasterBand<'_>) -> Option<Vec<[u8; 4]>> {
    if band.color_interpretation() != ColorInterpretation::PaletteIndex {
        return None;
    }
    let table = band.color_table()?;
    let byte = |value: i16| value.clamp(0, 255) as u8;
    let entry = |index| {
        table.entry_as_rgb(index).map(|entry| [entry.r, entry.g, entry.b, entry.a].map(byte))
    };
    Some((0..table.entry_count()).map(|index| entry(index).unwrap_or_default()).collect())
}
