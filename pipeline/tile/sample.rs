//! A fixed sample of a file's own values -> the scale that is proposed for it.

use crate::{
    value_type::ValueType,
    window::{self, Resampling, Source},
};
use gdal::Dataset;
use rams_domain::PxBox;

/// Squares along each side of the raster, and the side of each, pixels.
const SQUARES: usize = 8;
const SIDE_PX: usize = 64;

/// The value below which 1 % of the sample lie, and that below which 99 %; what marks pixels
/// without image does not take part. `None` if it cannot be read or holds one value.
pub(crate) fn scale(
    dataset: &Dataset,
    bands: &[usize; 3],
    value_type: ValueType,
) -> Option<[f64; 2]> {
    let (width, height) = dataset.raster_size();
    let side = |length: usize| length.min(SIDE_PX);
    let start = |number: usize, length: usize| (length - side(length)) * number / (SQUARES - 1);
    let mut values = vec![];
    for band in bands {
        let nodata = dataset
            .rasterband(*band)
            .ok()?
            .no_data_value()
            .map_or(0.0, |value| value_type.own(value));
        for square in 0..SQUARES * SQUARES {
            let (x, y) = (start(square % SQUARES, width), start(square / SQUARES, height));
            let (x1, y1) = (x + side(width), y + side(height));
            let window = PxBox { x0: x as f64, y0: y as f64, x1: x1 as f64, y1: y1 as f64 };
            let mut square = vec![0.0; side(width) * side(height)];
            let size = (side(width), side(height));
            // A damaged square is not in the sample.
            if window::read(
                dataset,
                Source::Bands(&[*band]),
                &window,
                size,
                Resampling::Nearest,
                &mut square,
            )
            .is_ok()
            {
                let own = square.into_iter().map(|value| value_type.own(value));
                values.extend(own.filter(|value| value.is_finite() && *value != nodata));
            }
        }
    }
    values.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| values.get(values.len() * percent / 100).map(|value| round(*value));
    Some([at(1)?, at(99)?]).filter(|[low, high]| low < high)
}

/// To four digits: more would look like knowledge.
fn round(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
