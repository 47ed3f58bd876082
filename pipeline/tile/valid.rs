//! Where a window holds an image: judged on the file's own pixels, never on averages of them, in
//! which one pixel of image would hide its missing neighbours.

use crate::{
    colour::{Colours, Kind, Values},
    window::{self, Resampling, Source},
};
use gdal::{
    Dataset, Metadata,
    raster::{GdalDataType, RasterBand},
};
use ndarray::Array2;
use rams_domain::{Grid, GridRect, PxBox, Validity};
use std::ops::Range;

/// One way in which a file marks pixels without image.
pub(crate) enum Marker {
    /// The validity mask of a band.
    MaskOf(usize),
    /// A band that is a mask, opaque from a value on.
    Alpha(usize, f64),
    /// All of these bands of 8 bits have this value.
    Colour([usize; 3], u8),
    /// Each of these bands has its value, if any, of the file's own type, or one of them is no number.
    Values(Kind, Vec<(usize, Option<f64>)>),
    /// A band of numbers of colours: whether each is image.
    Table(usize, Vec<bool>),
}

/// A mask from here on is image; it is 0 or 255 but for lossy compression.
const OPAQUE: u8 = 128;

/// Pixels of the file that are looked at in one go.
const STRIP_PX: usize = 4_000_000;

impl Marker {
    /// All markers of an orthomosaic; black where the file declares none.
    pub(crate) fn of(dataset: &Dataset, colours: &Colours, declared: &Validity) -> Vec<Marker> {
        let mut bands = colours.bands.to_vec();
        bands.dedup();
        let mut markers = vec![];
        if declared.mask {
            let is_shared = dataset.rasterband(bands[0]).and_then(|band| band.mask_flags());
            let is_shared = is_shared.is_ok_and(|flags| flags.is_per_dataset());
            let masked = if is_shared { &bands[..1] } else { &bands[..] };
            markers.extend(masked.iter().map(|band| Marker::MaskOf(*band)));
        }
        if let Some(alpha) = declared.alpha_band {
            let opaque = dataset.rasterband(alpha).map_or(f64::from(OPAQUE), |band| opaque(&band));
            markers.push(Marker::Alpha(alpha, opaque));
        }
        let empty = if declared.black { Some(0.0) } else { declared.nodata };
        match &colours.values {
            Values::Bytes => markers.extend(empty.map(|value| Marker::Colour(colours.bands, value as u8))),
            Values::Table(table) => {
                let is_black = |colour: &[u8; 4]| declared.black && colour[..3] == [0; 3];
                let is_image = |(index, colour): (usize, &[u8; 4])| {
                    declared.nodata != Some(index as f64) && colour[3] >= OPAQUE && !is_black(colour)
                };
                markers.push(Marker::Table(bands[0], table.iter().enumerate().map(is_image).collect()));
            }
            Values::Scaled(_) => {
                let own = |band: usize| dataset.rasterband(band).ok().and_then(|band| band.no_data_value());
                let empty = |band: usize| empty.map(|empty| own(band).filter(|_| !declared.black).unwrap_or(empty));
                let of_bands = bands.iter().map(|band| (*band, empty(*band).map(|value| colours.kind.own(value))));
                markers.push(Marker::Values(colours.kind, of_bands.collect()));
            }
        }
        markers
    }

    /// Whether each pixel of a window has an image, row by row: of whole mosaic pixels each for
    /// itself, else those nearest.
    pub(crate) fn read(&self, dataset: &Dataset, window: &PxBox, size: (usize, usize)) -> Result<Vec<bool>, String> {
        let bytes = |source: Source<'_>, bands: usize| {
            let mut buffer = vec![0u8; size.0 * size.1 * bands];
            window::read(dataset, source, window, size, Resampling::Nearest, &mut buffer).map(|()| buffer)
        };
        let numbers = |band: usize| {
            let mut buffer = vec![0.0f64; size.0 * size.1];
            let bands = Source::Bands(&[band]);
            window::read(dataset, bands, window, size, Resampling::Nearest, &mut buffer).map(|()| buffer)
        };
        Ok(match self {
            Marker::MaskOf(band) => bytes(Source::MaskOf(*band), 1)?.iter().map(|value| *value >= OPAQUE).collect(),
            Marker::Alpha(band, opaque) if *opaque == f64::from(OPAQUE) => {
                bytes(Source::Bands(&[*band]), 1)?.iter().map(|value| *value >= OPAQUE).collect()
            }
            Marker::Alpha(band, opaque) => numbers(*band)?.iter().map(|value| value >= opaque).collect(),
            Marker::Colour(bands, empty) => {
                bytes(Source::Bands(bands), 3)?.chunks_exact(3).map(|px| px.iter().any(|v| v != empty)).collect()
            }
            Marker::Table(band, is_image) => {
                let of = |value: f64| is_image.get(value as usize).copied().unwrap_or(false);
                numbers(*band)?.into_iter().map(of).collect()
            }
            Marker::Values(kind, bands) => {
                let (mut any, mut known) = (vec![false; size.0 * size.1], vec![true; size.0 * size.1]);
                for (band, empty) in bands {
                    for (at, value) in numbers(*band)?.into_iter().enumerate() {
                        known[at] &= value.is_finite();
                        any[at] |= Some(kind.own(value)) != *empty;
                    }
                }
                any.into_iter().zip(known).map(|(any, known)| any && known).collect()
            }
        })
    }
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

/// Validity of a rectangle of the grid, (row, column): a grid pixel is valid if every mosaic pixel
/// that it touches is.
pub(crate) fn valid(
    dataset: &Dataset,
    markers: &[Marker],
    grid: &Grid,
    rect: &GridRect,
) -> Result<Array2<bool>, String> {
    let mut valid = Array2::from_elem((rect.height(), rect.width()), true);
    let [scale_x, scale_y] = grid.scale();
    let (raster_width, raster_height) = dataset.raster_size();
    let cols: Vec<Range<usize>> = (rect.x0..rect.x1).map(|x| touched(x, scale_x, raster_width)).collect();
    let rows: Vec<Range<usize>> = (rect.y0..rect.y1).map(|y| touched(y, scale_y, raster_height)).collect();
    let (Some(left), Some(right)) = (cols.first().map(|c| c.start), cols.last().map(|c| c.end)) else {
        return Ok(valid);
    };
    let per_strip = (STRIP_PX as f64 / ((right - left) as f64 * scale_y.max(1.0))).ceil() as usize;
    for marker in markers {
        for (strip, rows) in rows.chunks(per_strip).enumerate() {
            let (top, bottom) = (rows[0].start, rows[rows.len() - 1].end);
            let [x0, x1, y0, y1] = [left, right, top, bottom].map(|edge| edge as f64);
            let width = right - left;
            let image = marker.read(dataset, &PxBox { x0, y0, x1, y1 }, (width, bottom - top))?;
            if image.iter().all(|image| *image) {
                continue;
            }
            for (row, ys) in rows.iter().enumerate() {
                for (col, xs) in cols.iter().enumerate() {
                    let whole =
                        |y: usize| image[(y - top) * width..][xs.start - left..xs.end - left].iter().all(|i| *i);
                    valid[(strip * per_strip + row, col)] &= ys.clone().all(whole);
                }
            }
        }
    }
    Ok(valid)
}

/// The mosaic pixels that a grid pixel touches along one axis.
fn touched(at: i64, scale: f64, raster: usize) -> Range<usize> {
    /// An edge within this of a mosaic pixel's is on it: scales are quotients with rounding errors.
    const ON_EDGE_PX: f64 = 1e-6;
    let start = (at as f64 * scale + ON_EDGE_PX).floor() as usize;
    let end = ((at + 1) as f64 * scale - ON_EDGE_PX).ceil() as usize;
    start.min(raster - 1)..end.clamp(start.min(raster - 1) + 1, raster)
}
