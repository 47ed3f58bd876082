//! Fine texture: tiles that repeat without a seam, painted once per scene and looked up per pixel.

mod blades;
mod pieces;
mod relief;

pub(crate) use blades::Blades;
pub(crate) use pieces::{Pieces, Shape};
pub(crate) use relief::Grains;

use crate::random::{mix, unit};
use geo::Coord;

/// A square of texels that continues at its opposite edge.
#[derive(Debug, Clone)]
pub(crate) struct Texture {
    side: i64,
    texels: Vec<Texel>,
}

/// Relative brightness and tint of a pixel of texture, both about 0.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Texel {
    /// Brightness, deviation 1.
    pub(crate) light: f32,
    /// Where in its palette the colour lies: green or dry, pale or reddish; about -1 to 1.
    pub(crate) tint: f32,
}

impl Texture {
    /// The texel at a position of the endless plane.
    pub(crate) fn at(&self, x: i64, y: i64) -> Texel {
        self.texels[self.index(x, y)]
    }

    fn filled(side: u32, texel: Texel) -> Self {
        debug_assert!(side.is_power_of_two());
        Self { side: i64::from(side), texels: vec![texel; side as usize * side as usize] }
    }

    fn index(&self, x: i64, y: i64) -> usize {
        let mask = self.side - 1;
        ((y & mask) * self.side + (x & mask)) as usize
    }

    /// Lays a texel over the four around a position.
    fn dab(&mut self, at: Coord, texel: Texel, opacity: f32) {
        let (x, y) = (at.x.floor(), at.y.floor());
        let (u, v) = ((at.x - x) as f32, (at.y - y) as f32);
        let weights = [
            (0, 0, (1.0 - u) * (1.0 - v)),
            (1, 0, u * (1.0 - v)),
            (0, 1, (1.0 - u) * v),
            (1, 1, u * v),
        ];
        for (dx, dy, weight) in weights {
            let index = self.index(x as i64 + dx, y as i64 + dy);
            let below = &mut self.texels[index];
            below.light += (texel.light - below.light) * weight * opacity;
            below.tint += (texel.tint - below.tint) * weight * opacity;
        }
    }

    fn disc(&mut self, centre: Coord, radius: f64, texel: Texel) {
        let reach = radius.ceil() as i64 + 1;
        for y in centre.y as i64 - reach..=centre.y as i64 + reach {
            for x in centre.x as i64 - reach..=centre.x as i64 + reach {
                let (dx, dy) = (x as f64 - centre.x, y as f64 - centre.y);
                let cover = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0) as f32;
                let index = self.index(x, y);
                let below = &mut self.texels[index];
                below.light += (texel.light - below.light) * cover;
                below.tint += (texel.tint - below.tint) * cover;
            }
        }
    }

    /// Shifts and scales the light to mean 0 and deviation 1, less where a pixel is the mean of
    /// many blades or clods.
    fn level(&mut self, gsd_m: f64) {
        let count = self.texels.len() as f64;
        let mean = self.texels.iter().map(|t| f64::from(t.light)).sum::<f64>() / count;
        let square =
            self.texels.iter().map(|t| (f64::from(t.light) - mean).powi(2)).sum::<f64>() / count;
        let contrast = 1.0 / (gsd_m / 0.005).max(1.0).sqrt();
        for texel in &mut self.texels {
            texel.light =
                ((f64::from(texel.light) - mean) / square.sqrt().max(1e-6) * contrast) as f32;
            texel.tint *= contrast as f32;
        }
    }
}

/// Value noise on a lattice that repeats every `side` texels, for all texels in turn.
fn wrapped(seed: u64, cell_px: u32, side: u32) -> impl Iterator<Item = f32> {
    let cells = side / cell_px;
    let lattice: Vec<f32> = (0..cells * cells)
        .map(|at| unit(mix(seed ^ u64::from(at % cells) << 32 ^ u64::from(at / cells))))
        .collect();
    let part = move |at: u32| {
        let t = (at % cell_px) as f32 / cell_px as f32;
        t * t * (3.0 - 2.0 * t)
    };
    (0..side).flat_map(move |y| {
        let v = part(y);
        let row = |j: u32| (j % cells * cells) as usize;
        let [upper, lower] = [row(y / cell_px), row(y / cell_px + 1)]
            .map(|row| lattice[row..][..cells as usize].to_vec());
        let between: Vec<f32> =
            upper.iter().zip(&lower).map(|(upper, lower)| upper * (1.0 - v) + lower * v).collect();
        (0..side).map(move |x| {
            let (i, u) = (x / cell_px, part(x));
            between[i as usize] * (1.0 - u) + between[((i + 1) % cells) as usize] * u
        })
    })
}
