//! [`Tile`]s -> the input of a model.

use ndarray::{Array4, Axis};
use rams_domain::Tile;

/// `[batch, 3, rows, columns]` of `(value / 255 - mean) / std`; 0, the mean colour, where there is
/// no image, so that a border is as quiet as it can be.
pub(crate) fn tensor(tiles: &[Tile], mean: [f32; 3], std: [f32; 3]) -> Array4<f32> {
    let (rows, cols) = tiles.first().map_or((0, 0), |tile| tile.valid.dim());
    let mut batch = Array4::zeros((tiles.len(), 3, rows, cols));
    for (tile, mut planes) in tiles.iter().zip(batch.outer_iter_mut()) {
        for (band, mut plane) in planes.outer_iter_mut().enumerate() {
            let normalised: [f32; 256] = std::array::from_fn(|value| (value as f32 / 255.0 - mean[band]) / std[band]);
            let colour = tile.pixels.index_axis(Axis(2), band);
            ndarray::Zip::from(&mut plane).and(colour).and(&tile.valid).for_each(|out, value, valid| {
                if *valid {
                    *out = normalised[usize::from(*value)];
                }
            });
        }
    }
    batch
}
