//! [`Tile`]s -> the input of a model.

use ndarray::{Array2, Array4, ArrayViewMut3, Zip, s};
use rams_domain::Tile;
use rams_model::Input;

/// `[batch, bands, rows, columns]`. Three planes of `(value / 255 - mean) / std`; 0, the mean
/// colour, where there is no image, so that a border is as quiet as it can be. For a model that
/// takes heights, two more: see [`heights`].
pub(crate) fn tensor(tiles: &[Tile], input: &Input) -> Array4<f32> {
    let Input { mean, std, .. } = input;
    let (rows, cols) = tiles.first().map_or((0, 0), |tile| tile.valid.dim());
    let mut batch = Array4::zeros((tiles.len(), input.planes(), rows, cols));
    for (tile, mut planes) in tiles.iter().zip(batch.outer_iter_mut()) {
        // Slices, which are walked five times as fast as views of arrays.
        let (pixels, valid) = (tile.pixels.as_standard_layout(), tile.valid.as_standard_layout());
        let (pixels, valid) = pixels.as_slice().zip(valid.as_slice()).expect("of standard layout");
        for (band, mut plane) in planes.slice_mut(s![..3, .., ..]).outer_iter_mut().enumerate() {
            let normalised: [f32; 256] =
                std::array::from_fn(|value| (value as f32 / 255.0 - mean[band]) / std[band]);
            let plane = plane.as_slice_mut().expect("a plane of a new array lies in one piece");
            for ((out, pixel), valid) in plane.iter_mut().zip(pixels.chunks_exact(3)).zip(valid) {
                *out = if *valid { normalised[usize::from(pixel[band])] } else { 0.0 };
            }
        }
        if let (true, Some(Ok(metres))) = (input.takes_heights(), &tile.heights) {
            heights(metres, &tile.valid, planes.slice_mut(s![3.., .., ..]));
        }
    }
    batch
}

/// Metres above the mean of the tile's known heights, and 1; both planes are 0 where no height is
/// known or there is no image, and so everywhere without a surface model. Only differences count:
/// above which level a surface model measures is seldom known.
fn heights(metres: &Array2<f32>, valid: &Array2<bool>, mut planes: ArrayViewMut3<'_, f32>) {
    let counts = |height: f32, valid: bool| valid && height.is_finite();
    let used = metres.iter().zip(valid).filter(|(height, valid)| counts(**height, **valid));
    let (count, sum) =
        used.fold((0, 0.0), |(count, sum), (height, _)| (count + 1, sum + f64::from(*height)));
    let mean = (sum / f64::from(count.max(1))) as f32;
    let (mut above, mut is_known) = planes.multi_slice_mut((s![0, .., ..], s![1, .., ..]));
    Zip::from(&mut above).and(&mut is_known).and(metres).and(valid).for_each(
        |above, is_known, height, valid| {
            if counts(*height, *valid) {
                (*above, *is_known) = (*height - mean, 1.0);
            }
        },
    );
}
