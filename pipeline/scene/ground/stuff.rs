//! What a ground may be made of.

use super::palette::{self, Palette};
use crate::light::Sun;
use crate::random::Dice;
use crate::texture::{Blades, Grains, Pieces, Shape, Texture};

/// What a ground may be made of.
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

/// A palette, its use (see [`super::material::Material`]), contrast, height and coming through.
type Appearance = (Palette, [f32; 3], f32, f32, f32);

impl Stuff {
    /// How it looks before the dice vary it.
    pub(super) fn appearance(self) -> Appearance {
        match self {
            Stuff::Meadow => (palette::MEADOW, [0.55, 1.0, 0.28], 0.26, 1.0, 0.04),
            Stuff::Lawn => (palette::LAWN, [0.40, 0.45, 0.20], 0.20, 0.9, 0.06),
            Stuff::Straw => (palette::STRAW, [0.56, 0.45, 0.30], 0.31, 1.0, 0.08),
            Stuff::Stubble => (palette::STUBBLE, [0.45, 0.35, 0.30], 0.26, 0.9, 0.06),
            Stuff::Earth => (palette::EARTH, [0.50, 0.0, 0.5], 0.13, 0.0, 0.04),
            Stuff::Soil => (palette::SOIL, [0.45, 0.35, 0.14], 0.19, 0.0, 0.04),
            Stuff::Gravel => (palette::GRAVEL, [0.50, 0.15, 0.42], 0.27, 0.0, 0.10),
            Stuff::Sand => (palette::SAND, [0.50, 0.50, 0.12], 0.055, 0.0, 0.04),
            Stuff::Litter => (palette::LITTER, [0.48, 0.20, 0.42], 0.24, 0.8, 0.10),
            Stuff::Asphalt => (palette::ASPHALT, [0.50, 0.30, 0.20], 0.075, 0.0, 0.02),
            Stuff::Concrete => (palette::CONCRETE, [0.55, 0.40, 0.08], 0.03, 0.0, 0.02),
            Stuff::Snow => (palette::SNOW, [0.55, 0.35, 0.10], 0.028, 0.0, 0.02),
            Stuff::Rubble => (palette::RUBBLE, [0.62, 0.25, 0.40], 0.25, 0.0, 0.12),
        }
    }

    /// Its texture, varied by the dice.
    pub(super) fn texture(
        self,
        seed: u64,
        gsd_m: f64,
        side: u32,
        sun: &Sun,
        dice: &mut Dice,
    ) -> Texture {
        let long = dice.between(0.7, 1.6);
        match self {
            Stuff::Meadow | Stuff::Lawn | Stuff::Straw | Stuff::Stubble => {
                Texture::blades(seed, gsd_m, side, sun, self.blades(long, dice))
            }
            Stuff::Gravel | Stuff::Litter | Stuff::Rubble => {
                Texture::pieces(seed, gsd_m, side, sun, self.pieces(long))
            }
            _ => Texture::grains(seed, gsd_m, side, sun, self.grains(dice)),
        }
    }

    /// Of what grows; `long` is how long its blades are against the usual.
    fn blades(self, long: f64, dice: &mut Dice) -> Blades {
        match self {
            Stuff::Lawn => {
                Blades { length_m: [0.010 * long, 0.032 * long], bend: 0.6, ..Blades::MEADOW }
            }
            Stuff::Straw => Blades {
                length_m: [0.015 * long, 0.055 * long],
                width_m: 0.002,
                bend: 0.8,
                combed: dice.between(0.0, 0.45),
                layers: 3.2,
                ..Blades::MEADOW
            },
            Stuff::Stubble => Blades {
                length_m: [0.015 * long, 0.05 * long],
                width_m: 0.003,
                layers: dice.between(0.9, 1.8),
                combed: 0.3,
                bend: 0.2,
                row_m: dice.between(0.11, 0.22),
            },
            _ => Blades::MEADOW,
        }
    }

    /// Of what lies loose; `large` is how large the largest are against the usual.
    fn pieces(self, large: f64) -> Pieces {
        match self {
            Stuff::Gravel => Pieces {
                shape: Shape::Pebble,
                radius_m: [0.003, 0.014 * large],
                layers: 1.8,
                height: 0.5,
            },
            Stuff::Litter => Pieces {
                shape: Shape::Leaf,
                radius_m: [0.018 * large, 0.052 * large],
                layers: 2.6,
                height: 0.16,
            },
            _ => Pieces {
                shape: Shape::Shard,
                radius_m: [0.004, 0.075 * large],
                layers: 1.7,
                height: 0.6,
            },
        }
    }

    /// Of what is fine or made.
    fn grains(self, dice: &mut Dice) -> Grains {
        match self {
            Stuff::Soil => Grains {
                clod_m: dice.between(0.03, 0.10) as f32,
                pebbles_m2: dice.between(0.0, 160.0),
                ..Grains::EARTH
            },
            Stuff::Sand => {
                let pebbles_m2 = dice.between(0.0, 40.0);
                Grains { rough: 0.12, clod_m: 0.03, pebbles_m2, pebble_m: 0.006 }
            }
            Stuff::Asphalt => {
                Grains { rough: 0.2, clod_m: 0.006, pebbles_m2: 300.0, pebble_m: 0.003 }
            }
            Stuff::Concrete => {
                Grains { rough: 0.1, clod_m: 0.01, pebbles_m2: 20.0, pebble_m: 0.004 }
            }
            Stuff::Snow => Grains { rough: 0.1, clod_m: 0.12, pebbles_m2: 0.0, pebble_m: 0.0 },
            _ => Grains::EARTH,
        }
    }
}
