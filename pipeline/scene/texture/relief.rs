//! Earth, sand, snow and asphalt.

use super::{Texel, Texture, wrapped};
use crate::light::Sun;
use crate::random::{Dice, mix};
use geo::Coord;

/// Fine relief lit by the sun: earth, sand, snow, asphalt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grains {
    /// Height of a wave against its length.
    pub(crate) rough: f32,
    /// Length beyond which waves flatten, metres: the size of a clod.
    pub(crate) clod_m: f32,
    /// Pebbles a square metre.
    pub(crate) pebbles_m2: f64,
    /// Radius of the largest, metres.
    pub(crate) pebble_m: f64,
}

impl Grains {
    /// Bare earth: clods of some centimetres and pebbles.
    pub(crate) const EARTH: Self =
        Self { rough: 0.17, clod_m: 0.06, pebbles_m2: 90.0, pebble_m: 0.009 };
}

impl Texture {
    /// Grains and clods lit by the sun, with pebbles.
    pub(crate) fn grains(seed: u64, gsd_m: f64, side: u32, sun: &Sun, grains: Grains) -> Self {
        let seed = mix(seed ^ 0x50_11);
        let mut tile = Self::filled(side, Texel::default());
        let mut height = vec![0.0f32; tile.texels.len()];
        for (octave, cell_px) in
            [2u32, 4, 8, 16, 32, 64].into_iter().enumerate().filter(|(_, px)| *px <= side / 4)
        {
            let wave_m = (f64::from(cell_px) * gsd_m) as f32;
            // Beyond the size of a clod waves end, and slopes with them.
            let over = wave_m / grains.clod_m;
            let amplitude_m = wave_m * grains.rough / (1.0 + over * over);
            let seed = mix(seed ^ octave as u64);
            for (height, wave) in height.iter_mut().zip(wrapped(seed, cell_px, side)) {
                *height += amplitude_m * wave;
            }
        }
        let tints = wrapped(seed ^ 7, (side / 16).max(2), side);
        for (index, tint) in tints.enumerate() {
            let (x, y) = (index as i64 % tile.side, index as i64 / tile.side);
            let z = |dx: i64, dy: i64| height[tile.index(x + dx, y + dy)];
            let per_m = (0.5 / gsd_m) as f32;
            let slope = [(z(1, 0) - z(-1, 0)) * per_m, (z(0, 1) - z(0, -1)) * per_m];
            tile.texels[index] = Texel { light: sun.on_slope(slope) - 1.0, tint: tint * 2.0 - 1.0 };
        }
        tile.pebbles(&mut Dice::new(seed, "pebbles", 0), gsd_m, sun, grains);
        tile.level(gsd_m);
        tile
    }

    fn pebbles(&mut self, dice: &mut Dice, gsd_m: f64, sun: &Sun, grains: Grains) {
        let area_m2 = (self.side as f64 * gsd_m).powi(2);
        // As many as can be seen: none where a pixel is larger than the largest.
        let count = if gsd_m < 0.01 { (area_m2 * grains.pebbles_m2) as usize } else { 0 };
        for _ in 0..count {
            let side = self.side as f64;
            let centre = Coord { x: dice.between(0.0, side), y: dice.between(0.0, side) };
            let radius =
                dice.between(0.0015, 0.004).max(dice.between(0.0, grains.pebble_m)) / gsd_m;
            let light = dice.between(-0.1, 0.35) as f32;
            let shadow = centre + sun.shadow_of(0.8 * radius);
            self.disc(shadow, radius, Texel { light: -0.45, tint: 0.0 });
            self.disc(centre, radius, Texel { light, tint: dice.between(-1.0, 1.0) as f32 });
        }
    }
}
