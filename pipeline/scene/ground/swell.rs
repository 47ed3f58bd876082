//! Relief that nobody dug.

use super::stuff::Stuff;
use crate::random::Dice;
use geo::Coord;

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
