//! What a ground is made of: fine texture, colours and relief, varied by the dice.

use crate::light::Sun;
use crate::random::{Dice, at};
use crate::texture::{Blades, Grains, Pieces, Shape, Texel, Texture};
use geo::Coord;

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

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stuff {
    Meadow,
    Lawn,
    Straw,
    Stubble,
    Earth,
    Soil,
    Gravel,
    Sand,
    Litter,
    Asphalt,
    Concrete,
    Snow,
    Rubble,
}

/// A palette, its use (see [`Material::hue`]), contrast, height and coming through.
type Look = ([[f32; 3]; 4], [f32; 3], f32, f32, f32);

#[rustfmt::skip]
impl Stuff {
    fn look(self) -> Look {
        match self {
            // The demo's grass: from green to straw.
            Stuff::Meadow => ([[116.0, 134.0, 84.0], [138.7, 147.3, 104.7], [161.3, 160.7, 125.3], [184.0, 174.0, 146.0]],
                [0.55, 1.0, 0.28], 0.26, 1.0, 0.04),
            Stuff::Lawn => ([[72.0, 100.0, 58.0], [104.0, 134.0, 82.0], [138.0, 156.0, 106.0], [190.0, 178.0, 142.0]],
                [0.40, 0.45, 0.20], 0.20, 0.9, 0.06),
            Stuff::Straw => ([[84.0, 96.0, 60.0], [142.0, 136.0, 112.0], [182.0, 170.0, 152.0], [206.0, 192.0, 178.0]],
                [0.56, 0.45, 0.30], 0.31, 1.0, 0.08),
            Stuff::Stubble => ([[104.0, 90.0, 68.0], [148.0, 130.0, 98.0], [178.0, 160.0, 124.0], [204.0, 188.0, 152.0]],
                [0.45, 0.35, 0.30], 0.26, 0.9, 0.06),
            // The demo's soil.
            Stuff::Earth => ([[165.0, 150.0, 130.0], [167.0, 150.0, 127.3], [169.0, 150.0, 124.7], [171.0, 150.0, 122.0]],
                [0.50, 0.0, 0.5], 0.13, 0.0, 0.04),
            Stuff::Soil => ([[92.0, 76.0, 62.0], [124.0, 104.0, 84.0], [152.0, 132.0, 108.0], [178.0, 158.0, 132.0]],
                [0.45, 0.35, 0.14], 0.19, 0.0, 0.04),
            Stuff::Gravel => ([[104.0, 98.0, 94.0], [146.0, 140.0, 132.0], [166.0, 152.0, 136.0], [204.0, 200.0, 194.0]],
                [0.50, 0.15, 0.42], 0.27, 0.0, 0.10),
            Stuff::Sand => ([[186.0, 170.0, 146.0], [200.0, 188.0, 168.0], [208.0, 198.0, 182.0], [216.0, 209.0, 198.0]],
                [0.50, 0.50, 0.12], 0.055, 0.0, 0.04),
            Stuff::Litter => ([[98.0, 72.0, 52.0], [152.0, 114.0, 78.0], [186.0, 148.0, 112.0], [214.0, 190.0, 164.0]],
                [0.48, 0.20, 0.42], 0.24, 0.8, 0.10),
            Stuff::Asphalt => ([[96.0, 96.0, 98.0], [118.0, 118.0, 119.0], [136.0, 135.0, 132.0], [152.0, 150.0, 146.0]],
                [0.50, 0.30, 0.20], 0.075, 0.0, 0.02),
            Stuff::Concrete => ([[150.0, 146.0, 138.0], [172.0, 168.0, 160.0], [186.0, 183.0, 176.0], [202.0, 199.0, 192.0]],
                [0.55, 0.40, 0.08], 0.03, 0.0, 0.02),
            Stuff::Snow => ([[216.0, 222.0, 232.0], [228.0, 232.0, 238.0], [236.0, 239.0, 243.0], [244.0, 245.0, 247.0]],
                [0.55, 0.35, 0.10], 0.028, 0.0, 0.02),
            Stuff::Rubble => ([[112.0, 104.0, 98.0], [150.0, 114.0, 96.0], [164.0, 152.0, 138.0], [192.0, 187.0, 178.0]],
                [0.62, 0.25, 0.40], 0.25, 0.0, 0.12),
        }
    }

    fn texture(self, seed: u64, gsd_m: f64, side: u32, sun: &Sun, dice: &mut Dice) -> Texture {
        let blades = |blades| Texture::blades(seed, gsd_m, side, sun, blades);
        let grains = |grains| Texture::grains(seed, gsd_m, side, sun, grains);
        let pieces = |pieces| Texture::pieces(seed, gsd_m, side, sun, pieces);
        let long = dice.between(0.7, 1.6);
        match self {
            Stuff::Meadow => blades(Blades::MEADOW),
            Stuff::Lawn => blades(Blades { length_m: [0.010 * long, 0.032 * long], bend: 0.6, ..Blades::MEADOW }),
            Stuff::Straw => blades(Blades { length_m: [0.015 * long, 0.055 * long], width_m: 0.002, bend: 0.8, combed: dice.between(0.0, 0.45), layers: 3.2, ..Blades::MEADOW }),
            Stuff::Stubble => blades(Blades { length_m: [0.015 * long, 0.05 * long], width_m: 0.003, layers: dice.between(0.9, 1.8), combed: 0.3, bend: 0.2, row_m: dice.between(0.11, 0.22) }),
            Stuff::Earth => grains(Grains::EARTH),
            Stuff::Soil => grains(Grains { clod_m: dice.between(0.03, 0.10) as f32, pebbles_m2: dice.between(0.0, 160.0), ..Grains::EARTH }),
            Stuff::Gravel => pieces(Pieces { shape: Shape::Pebble, radius_m: [0.003, 0.014 * long], layers: 1.8, height: 0.5 }),
            Stuff::Sand => grains(Grains { rough: 0.12, clod_m: 0.03, pebbles_m2: dice.between(0.0, 40.0), pebble_m: 0.006 }),
            Stuff::Litter => pieces(Pieces { shape: Shape::Leaf, radius_m: [0.018 * long, 0.052 * long], layers: 2.6, height: 0.16 }),
            Stuff::Asphalt => grains(Grains { rough: 0.2, clod_m: 0.006, pebbles_m2: 300.0, pebble_m: 0.003 }),
            Stuff::Concrete => grains(Grains { rough: 0.1, clod_m: 0.01, pebbles_m2: 20.0, pebble_m: 0.004 }),
            Stuff::Snow => grains(Grains { rough: 0.1, clod_m: 0.12, pebbles_m2: 0.0, pebble_m: 0.0 }),
            Stuff::Rubble => pieces(Pieces { shape: Shape::Shard, radius_m: [0.004, 0.075 * long], layers: 1.7, height: 0.6 }),
        }
    }
}

impl Material {
    const SHADES: usize = 64;

    /// The demo's two are as their palettes say, whatever the seed.
    pub(super) fn new(stuff: Stuff, seed: u64, gsd_m: f64, side: u32, sun: &Sun) -> Self {
        let mut dice = Dice::new(seed, "material", stuff as u64);
        let (palette, mut hue, contrast, tall, poke) = stuff.look();
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

/// Relief that is too large for a texture: lumps, ripples, furrows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Swell {
    /// Height of lumps of some 0.7 m, metres.
    pub(super) lumps_m: f32,
    /// Depth of what feet and hooves leave, metres.
    pub(super) trodden_m: f32,
    /// Length and height of ripples or furrows, metres; a length of 0 for none.
    pub(super) wave_m: [f64; 2],
    pub(super) along: Coord,
}

impl Swell {
    pub(super) fn new(stuff: Stuff, dice: &mut Dice) -> Self {
        let along = dice.direction();
        let (one, two, often) = (dice.between(0.0, 1.0), dice.between(0.0, 1.0), dice.happens(0.5));
        let [lumps_m, trodden_m] = match stuff {
            Stuff::Asphalt | Stuff::Concrete => [0.004, 0.0],
            Stuff::Sand => [0.04, 0.020 + 0.03 * one as f32],
            Stuff::Snow => [0.06, 0.012 + 0.02 * one as f32],
            Stuff::Soil => [0.03, 0.02],
            Stuff::Rubble => [0.08, 0.02],
            _ => [0.03, 0.0],
        };
        let wave_m = match stuff {
            Stuff::Sand if often => [0.06 + 0.08 * one, 0.006 + 0.004 * two],
            Stuff::Soil if often => [0.22 + 0.5 * one, 0.02 + 0.05 * two],
            _ => [0.0; 2],
        };
        Self { lumps_m, trodden_m, wave_m, along }
    }
}
