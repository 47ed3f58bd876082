//! What covers a ground: fine texture and colours, varied by the dice.

use super::stuff::Stuff;
use crate::light::Sun;
use crate::random::{Dice, at};
use crate::texture::{Texel, Texture};

/// One of the two things that cover a scene's ground.
#[derive(Debug, Clone)]
pub(super) struct Material {
    texture: Texture,
    /// Colours from one end of the palette to the other, finely divided.
    ramp: Vec<[f32; 3]>,
    /// Mean place in the palette, and how far it moves slowly (metres) and from texel to texel.
    pub(super) hue: [f32; 3],
    /// How much the texture's light brightens and darkens.
    contrast: f32,
    /// How far its texels stand up and cover what lies there; 0 for what is flat.
    pub(super) tall: f32,
    /// How much it comes through what lies over it: blades through snow.
    pub(super) poke: f32,
    /// How much of what lies below shows between its pieces.
    pub(super) lace: f32,
    /// Whether the tile may be laid in shifted patches: not where a border would cut a stone.
    shifted: bool,
}

impl Material {
    const SHADES: usize = 64;

    /// The demo's two are as their palettes say, whatever the seed.
    pub(super) fn new(stuff: Stuff, seed: u64, gsd_m: f64, side: u32, sun: &Sun) -> Self {
        let mut dice = Dice::new(seed, "material", stuff as u64);
        let (palette, mut hue, contrast, tall, poke) = stuff.appearance();
        let fixed = matches!(stuff, Stuff::Meadow | Stuff::Earth);
        let shifted = !matches!(stuff, Stuff::Litter | Stuff::Stubble);
        // What cannot be shifted needs a larger tile, or one sees it repeat.
        let side = if shifted { side } else { (2 * side).min(1024) };
        let texture = stuff.texture(seed, gsd_m, side, sun, &mut dice);
        // Another field has other colours: darker when wet, redder or greyer by its clay.
        let (bright, warm, grey) =
            (dice.between(0.82, 1.10), dice.between(-0.06, 0.06), dice.between(0.0, 0.35));
        let made = matches!(stuff, Stuff::Snow | Stuff::Asphalt | Stuff::Concrete);
        let (bright, warm, grey) = match stuff {
            Stuff::Snow => (1.0, 0.0, 0.0),
            _ => (bright as f32, warm as f32 * if made { 0.4 } else { 1.0 }, grey as f32),
        };
        let shade = |index: usize| {
            let place = index as f32 / (Self::SHADES - 1) as f32 * 3.0;
            let first = (place as usize).min(2);
            let colour: [f32; 3] = std::array::from_fn(|band| {
                palette[first][band]
                    + (palette[first + 1][band] - palette[first][band]) * (place - first as f32)
            });
            if fixed {
                return colour;
            }
            let mean = colour.iter().sum::<f32>() / 3.0;
            let tint = [1.0 + warm, 1.0, 1.0 - warm];
            std::array::from_fn(|band| {
                (colour[band] + (mean - colour[band]) * grey) * bright * tint[band]
            })
        };
        if !fixed {
            hue[0] += dice.between(-0.15, 0.15) as f32;
        }
        let contrast = if fixed { contrast } else { contrast * dice.between(0.75, 1.2) as f32 };
        let lace = match stuff {
            Stuff::Stubble => 0.6,
            Stuff::Litter | Stuff::Rubble => 0.5,
            Stuff::Gravel => 0.3,
            _ => 0.10,
        };
        Self {
            texture,
            ramp: (0..Self::SHADES).map(shade).collect(),
            hue,
            contrast,
            tall,
            poke,
            lace,
            shifted,
        }
    }

    /// The texel at a pixel, without visible repeats: the tile is laid in irregular patches, each
    /// shifted.
    ///
    /// `variant` holds a jitter that does not depend on the texture itself: a border that favoured
    /// bright blades would show as a bright line.
    pub(super) fn texel(&self, seed: u64, x: i64, y: i64, variant: f32) -> Texel {
        if !self.shifted {
            return self.texture.at(x, y);
        }
        let bits = at(seed ^ 0x711e, variant.floor() as i64, 0);
        self.texture.at(x + (bits & 0xfff) as i64, y + (bits >> 32 & 0xfff) as i64)
    }

    /// Colour of a texel where the palette is at `hue`.
    pub(super) fn colour(&self, texel: Texel, hue: f32) -> [f32; 3] {
        let place = (hue + self.hue[2] * texel.tint).clamp(0.0, 1.0) * (Self::SHADES - 1) as f32;
        let light = (1.0 + self.contrast * texel.light).max(0.1);
        self.ramp[place as usize].map(|band| band * light)
    }
}
