//! Heights -> how a sun lights them.

use super::resample::Rgba;
use ndarray::Array2;
use rams_review::TILE_PX;

/// Where the sun stands if nobody says: in the north-west, where maps have it.
const SUN_DEG: f64 = 315.0;

/// Height of the sun above the horizon, degrees.
const ALTITUDE_DEG: f64 = 40.0;

/// Heights are taken this many times as high: a trench that filled up is a hand deep.
const EXAGGERATION: f64 = 2.0;

/// A tile of the light on heights that have a pixel more on each side. Slopes as Horn (1981) takes
/// them; a pixel without its height shows nothing, and one at the edge of a hole is flat there.
pub(super) fn shaded(heights: &Array2<f32>, px_m: f64, sun_deg: Option<f64>) -> Vec<Rgba> {
    let (sun, altitude) = (sun_deg.unwrap_or(SUN_DEG).to_radians(), ALTITUDE_DEG.to_radians());
    let towards = [sun.sin() * altitude.cos(), sun.cos() * altitude.cos(), altitude.sin()];
    let side = TILE_PX as usize;
    let mut tile = Vec::with_capacity(side * side);
    for row in 1..=side {
        for col in 1..=side {
            let middle = heights[[row, col]];
            if middle.is_nan() {
                tile.push([0; 4]);
                continue;
            }
            let at = |down: usize, right: usize| {
                let height = heights[[row + down - 1, col + right - 1]];
                f64::from(if height.is_nan() { middle } else { height })
            };
            let east = at(0, 2) + 2.0 * at(1, 2) + at(2, 2) - at(0, 0) - 2.0 * at(1, 0) - at(2, 0);
            let north = at(0, 0) + 2.0 * at(0, 1) + at(0, 2) - at(2, 0) - 2.0 * at(2, 1) - at(2, 2);
            let [east, north] = [east, north].map(|rise| rise * EXAGGERATION / (8.0 * px_m));
            let light = (towards[2] - east * towards[0] - north * towards[1])
                / (1.0 + east * east + north * north).sqrt();
            let grey = (light.clamp(0.0, 1.0) * 255.0).round() as u8;
            tile.push([grey, grey, grey, 255]);
        }
    }
    tile
}
