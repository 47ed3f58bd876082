//! The earth that works are dug in, and what years have made of it.

use super::look::Look;
use crate::random::Dice;

/// How long ago it was dug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Sharp walls, bare spoil.
    Fresh,
    /// Slumped, spoil partly grown over.
    Weathered,
    /// Relief only, green over all.
    Overgrown,
}

/// The earth that works are dug in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Soil {
    /// Colour of the subsoil, and of what stands in wet ground; green or dry growth.
    pub(crate) spoil: [f32; 3],
    pub(crate) leaf: [f32; 3],
    pub(crate) water: [f32; 3],
    pub(crate) age: Age,
    /// Share of the cuts with water, and whether snow lies instead.
    pub(crate) wet: f64,
    pub(crate) snow: bool,
}

pub(super) const SPOILS: [[f32; 3]; 8] = [
    [201.0, 183.0, 152.0],
    [186.0, 169.0, 144.0],
    [176.0, 142.0, 110.0],
    [216.0, 210.0, 196.0],
    [206.0, 190.0, 158.0],
    [160.0, 148.0, 132.0],
    [130.0, 112.0, 92.0],
    [108.0, 92.0, 76.0],
];
const LEAVES: [[f32; 3]; 5] = [
    [92.0, 116.0, 58.0],
    [112.0, 132.0, 74.0],
    [78.0, 100.0, 52.0],
    [150.0, 142.0, 98.0],
    [128.0, 128.0, 84.0],
];
const WATERS: [[f32; 3]; 4] =
    [[74.0, 82.0, 70.0], [98.0, 104.0, 92.0], [122.0, 132.0, 138.0], [120.0, 108.0, 88.0]];

impl Soil {
    pub(crate) fn new(snow: bool, dice: &mut Dice) -> Self {
        let spoil = SPOILS[dice.below(SPOILS.len())];
        let tone = dice.between(0.9, 1.08) as f32;
        Self {
            spoil: spoil.map(|band| band * tone),
            leaf: LEAVES[dice.below(LEAVES.len())],
            water: WATERS[dice.below(WATERS.len())],
            age: Age::Fresh,
            wet: if dice.happens(0.3) { dice.between(0.2, 0.8) } else { 0.0 },
            snow,
        }
    }

    /// Of another age, drawn.
    pub(crate) fn aged(self, dice: &mut Dice) -> Self {
        let share = dice.between(0.0, 1.0);
        let age = if share < 0.45 {
            Age::Fresh
        } else if share < 0.8 {
            Age::Weathered
        } else {
            Age::Overgrown
        };
        Self { age, ..self }
    }

    /// How far its walls have come down, 0 to 1.
    pub(super) fn slump(&self, dice: &mut Dice) -> f64 {
        match self.age {
            Age::Fresh => dice.between(0.0, 0.18),
            Age::Weathered => dice.between(0.28, 0.58),
            Age::Overgrown => dice.between(0.6, 0.9),
        }
    }

    /// What it looks like: `deep_m` is its depth now.
    pub(super) fn look(&self, slump: f64, deep_m: f64, dice: &mut Dice) -> Look {
        let turned = (1.12 - 1.25 * slump).clamp(0.0, 1.0) as f32;
        let green = ((slump - 0.22) * dice.between(0.9, 1.6)).clamp(0.0, 1.0) as f32;
        let wet = dice.happens(self.wet);
        let pool_m = (deep_m * dice.between(0.12, 0.45)) as f32;
        // Rain washes the fines out, and what dries there is paler and greyer.
        let grey = self.spoil.iter().sum::<f32>() / 3.0;
        let bleach = (0.5 * slump) as f32;
        Look {
            spoil: self.spoil.map(|band| band + (grey - band) * bleach),
            turned: if self.snow { turned * 0.6 } else { turned },
            green: if self.snow { 0.25 * green } else { green },
            leaf: self.leaf,
            pool_m: if wet || self.snow { pool_m } else { 0.0 },
            pool: if self.snow { [228.0, 232.0, 240.0] } else { self.water },
            is_water: !self.snow,
            strips: vec![],
        }
    }

    /// Of an earthwork in the truth: 1 fresh.
    pub(super) fn visibility(slump: f64) -> f64 {
        (1.0 - 0.6 * slump).min(1.0)
    }
}
