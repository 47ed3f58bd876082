//! How a file marks pixels without image.

use crate::{
    colour::{Colours, Values},
    value_type::ValueType,
    window::{self, Resampling, Source},
};
use gdal::{
    Dataset, Metadata,
    raster::{GdalDataType, RasterBand},
};
use rams_domain::{Nodata, PxBox, Validity};

/// One way in which a file marks pixels without image.
pub(crate) enum Marker {
    /// The validity mask of a band.
    MaskOf(usize),
    /// A band that is a mask, opaque from a value on.
    Alpha(usize, f64),
    /// Each of these bands of 8 bits has its value.
    Bytes(Vec<usize>, Vec<u8>),
    /// Each of these bands that has a value for it has it, or one of them is no number.
    Values(ValueType, Vec<EmptyValue>),
    /// A band of numbers of colours: whether each is image.
    Table(usize, Vec<bool>),
}

/// What a band has where there is no image, in the file's own type.
pub(crate) struct EmptyValue {
    band: usize,
    value: Option<f64>,
    /// Whether it tells so alone: it is a value that no colour has.
    alone: bool,
}

/// A mask from here on is image; it is 0 or 255 but for lossy compression.
const OPAQUE: u8 = 128;

impl Marker {
    /// All markers of an orthomosaic; black where the file declares none.
    pub(crate) fn of(dataset: &Dataset, colours: &Colours, declared: &Validity) -> Vec<Marker> {
        let mut bands = colours.bands.to_vec();
        bands.dedup();
        let mut markers = vec![];
        markers.extend(declared.masked_bands.iter().map(|band| Marker::MaskOf(*band)));
        for alpha in &declared.alpha_bands {
            let opaque = dataset.rasterband(*alpha).map_or(f64::from(OPAQUE), |band| opaque(&band));
            markers.push(Marker::Alpha(*alpha, opaque));
        }
        let black = Nodata(bands.iter().map(|band| (*band, 0.0)).collect());
        let groups: Vec<&Nodata> =
            declared.nodata.iter().chain(declared.black.then_some(&black)).collect();
        match &colours.values {
            Values::Bytes => markers
                .extend(groups.iter().map(|group| of_bytes(dataset, colours.value_type, group))),
            Values::Table(table) => {
                let is_empty =
                    |index: usize| groups.iter().any(|group| group.0 == [(bands[0], index as f64)]);
                let is_black = |colour: &[u8; 4]| declared.black && colour[..3] == [0; 3];
                let is_image = |(index, colour): (usize, &[u8; 4])| {
                    (declared.black || !is_empty(index)) && colour[3] >= OPAQUE && !is_black(colour)
                };
                markers.push(Marker::Table(
                    bands[0],
                    table.iter().enumerate().map(is_image).collect(),
                ));
            }
            Values::Scaled(scale) => {
                let mut groups: Vec<_> = groups
                    .iter()
                    .map(|group| of_values(group, colours.value_type, *scale))
                    .collect();
                // A colour that is no number is none, whatever the file declares.
                groups.extend(groups.is_empty().then(Vec::new));
                let missing =
                    bands.iter().filter(|band| groups[0].iter().all(|empty| empty.band != **band));
                let missing: Vec<_> = missing
                    .map(|band| EmptyValue { band: *band, value: None, alone: false })
                    .collect();
                groups[0].extend(missing);
                markers.extend(
                    groups.into_iter().map(|group| Marker::Values(colours.value_type, group)),
                );
            }
        }
        markers
    }

    /// Whether each pixel of a window has an image, row by row: of whole mosaic pixels each for
    /// itself, else those nearest.
    pub(crate) fn read(
        &self,
        dataset: &Dataset,
        window: &PxBox,
        size: (usize, usize),
    ) -> Result<Vec<bool>, String> {
        let bytes = |source: Source<'_>, bands: usize| {
            let mut buffer = vec![0u8; size.0 * size.1 * bands];
            window::read(dataset, source, window, size, Resampling::Nearest, &mut buffer)
                .map(|()| buffer)
        };
        let numbers = |band: usize| {
            let mut buffer = vec![0.0f64; size.0 * size.1];
            let bands = Source::Bands(&[band]);
            window::read(dataset, bands, window, size, Resampling::Nearest, &mut buffer)
                .map(|()| buffer)
        };
        Ok(match self {
            Marker::MaskOf(band) => {
                bytes(Source::MaskOf(*band), 1)?.iter().map(|value| *value >= OPAQUE).collect()
            }
            Marker::Alpha(band, opaque) if *opaque == f64::from(OPAQUE) => {
                bytes(Source::Bands(&[*band]), 1)?.iter().map(|value| *value >= OPAQUE).collect()
            }
            Marker::Alpha(band, opaque) => {
                numbers(*band)?.iter().map(|value| value >= opaque).collect()
            }
            Marker::Bytes(bands, empty) => {
                let pixels = bytes(Source::Bands(bands), bands.len())?;
                pixels.chunks_exact(bands.len()).map(|px| px != &empty[..]).collect()
            }
            Marker::Table(band, is_image) => {
                let of = |value: f64| is_image.get(value as usize).copied().unwrap_or(false);
                numbers(*band)?.into_iter().map(of).collect()
            }
            Marker::Values(value_type, bands) => {
                let declares = bands.iter().any(|empty| empty.value.is_some());
                let (mut all_empty, mut is_number) =
                    (vec![declares; size.0 * size.1], vec![true; size.0 * size.1]);
                for EmptyValue { band, value, alone } in bands {
                    for (at, found) in numbers(*band)?.into_iter().enumerate() {
                        let is_empty = Some(value_type.own(found)) == *value;
                        is_number[at] &= found.is_finite() && !(*alone && is_empty);
                        all_empty[at] &= is_empty || value.is_none();
                    }
                }
                all_empty
                    .into_iter()
                    .zip(is_number)
                    .map(|(all_empty, is_number)| is_number && !all_empty)
                    .collect()
            }
        })
    }
}

/// Values that mark pixels of a file of 8 bits.
fn of_bytes(dataset: &Dataset, value_type: ValueType, group: &Nodata) -> Marker {
    let is_byte = |(band, _): &(usize, f64)| {
        dataset.rasterband(*band).is_ok_and(|band| band.band_type() == GdalDataType::UInt8)
    };
    if group.0.iter().all(is_byte) {
        return Marker::Bytes(
            group.0.iter().map(|(band, _)| *band).collect(),
            group.0.iter().map(|(_, value)| *value as u8).collect(),
        );
    }
    // A band that is not read may be of another type.
    let empty = |(band, value): &(usize, f64)| EmptyValue {
        band: *band,
        value: Some(*value),
        alone: false,
    };
    Marker::Values(value_type, group.0.iter().map(empty).collect())
}

/// Values that mark pixels of a file whose values are scaled. One that lies farther beyond the
/// scale than the scale is wide, such as -9999, is no colour: a band that has it tells alone.
fn of_values(group: &Nodata, value_type: ValueType, [low, high]: [f64; 2]) -> Vec<EmptyValue> {
    let is_far = |value: f64| (low - value).max(value - high) > high - low;
    let empty = |(band, value): &(usize, f64)| {
        let value = value_type.own(*value);
        EmptyValue { band: *band, value: Some(value), alone: is_far(value) }
    };
    group.0.iter().map(empty).collect()
}

/// Half of the most that an alpha band of its type holds; of floats, which end at 1 or at 255, half
/// of 1.
fn opaque(alpha: &RasterBand<'_>) -> f64 {
    let bits = alpha.metadata_item("NBITS", "IMAGE_STRUCTURE").and_then(|bits| bits.parse().ok());
    let bits: i32 = bits.unwrap_or(match alpha.band_type() {
        GdalDataType::UInt8 => 8,
        GdalDataType::UInt16 => 16,
        GdalDataType::Int16 => 15,
        GdalDataType::UInt32 => 32,
        GdalDataType::Int32 => 31,
        _ => 0,
    });
    f64::from(bits - 1).exp2()
}
