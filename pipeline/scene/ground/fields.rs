//! Farmed land from high up: plots side by side, each worked in its own way.

use crate::GroundKind;
use crate::angle::{dot, right_of};
use crate::layout::country::fields_along;
use crate::random::{Dice, at, mix, octaves, rise, unit};
use geo::Coord;

/// Fields side by side: bands of uneven width, each cut into plots of uneven length.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    seed: u64,
    along: Coord,
    /// Mean width and length of a plot, metres.
    side_m: [f64; 2],
    /// Half the width of what lies unsown between two, metres.
    border_m: f64,
    mixes: usize,
}

/// A plot as one of its places sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plot {
    /// Which of the scene's mixes it is sown with.
    pub(super) mix: usize,
    /// What is to be added to cover, hue and tone.
    pub(super) cover: f32,
    pub(super) hue: f32,
    pub(super) tone: f32,
    /// Height of furrows and beds, metres.
    pub(super) height_m: f32,
}

/// How one plot is worked, drawn from its number.
struct Husbandry {
    tone: f32,
    hue: f32,
    along: Coord,
    /// Distance of crop rows and how far they stand out; of mown swaths; of wheel tracks; of
    /// furrows and their height. Metres; 0 for none.
    rows_m: f64,
    rows: f32,
    swath_m: f64,
    wheels_m: f64,
    furrow_m: f64,
    ridge_m: f64,
}

/// What is grown on a scene whose ground is of a kind: that, and two that lie beside it.
pub(super) fn kinds(seed: u64, kind: GroundKind) -> Vec<GroundKind> {
    const FARMED: [GroundKind; 6] = [
        GroundKind::Grass,
        GroundKind::Meadow,
        GroundKind::Straw,
        GroundKind::Stubble,
        GroundKind::Soil,
        GroundKind::Soil,
    ];
    let mut dice = Dice::new(seed, "farmed", 0);
    let beside = [(); 2].map(|()| FARMED[dice.below(FARMED.len())]);
    // Snow falls on all fields.
    if kind == GroundKind::Snow { vec![kind; 2] } else { [vec![kind], beside.to_vec()].concat() }
}

impl Fields {
    pub(super) fn new(seed: u64, mixes: usize) -> Self {
        let mut dice = Dice::new(seed, "plots", 0);
        let side_m = [dice.between(20.0, 90.0), dice.between(40.0, 150.0)];
        Self {
            seed: mix(seed ^ 0xf1e1),
            along: fields_along(seed),
            side_m,
            border_m: dice.between(0.1, 0.8),
            mixes,
        }
    }

    /// The plot at a place; `step_m` is the distance of nodes, and finer patterns average out.
    pub(super) fn at(&self, place: Coord, step_m: f64) -> Plot {
        let sway = |salt: u64| {
            f64::from(octaves(self.seed ^ salt, place.x / 70.0, place.y / 70.0, 2) - 0.5) * 9.0
        };
        let (u, v) = (dot(place, self.along) + sway(1), dot(place, right_of(self.along)) + sway(2));
        let (band, off_u) = self.cell(u, self.side_m[0], 0);
        let (part, off_v) = self.cell(v, self.side_m[1], band + 1);
        let bits = at(self.seed, band, part);
        let worked = Husbandry::new(bits, self.along);
        let ragged = f64::from(octaves(self.seed ^ 3, place.x / 1.3, place.y / 1.3, 3) - 0.5) * 0.8;
        let border = 1.0
            - rise(-0.15, 0.25, (off_u.min(off_v) - self.border_m + ragged * self.border_m) as f32);
        let mut plot = Plot {
            mix: (bits >> 7) as usize % self.mixes,
            cover: border * if bits >> 9 & 3 == 0 { -0.9 } else { 0.9 },
            hue: worked.hue * (1.0 - border) - 0.22 * border,
            tone: worked.tone - 0.05 * border,
            height_m: 0.0,
        };
        let (across, along) = (dot(place, right_of(worked.along)), dot(place, worked.along));
        // Rows bend a little, as whoever drove them did.
        let across =
            across + f64::from(octaves(self.seed ^ 5, along / 40.0, across / 90.0, 2)) * 1.5;
        let inner = 1.0 - border;
        let seen = |wave_m: f64| rise(1.8, 4.5, (wave_m / step_m) as f32) * inner;
        if worked.rows_m > 0.0 {
            // Here it came up well, there it did not.
            let stand = rise(0.25, 0.7, octaves(self.seed ^ 7, place.x / 11.0, place.y / 11.0, 3));
            let row = wave(across / worked.rows_m) * worked.rows * stand * seen(worked.rows_m);
            plot.cover += 0.8 * row;
            plot.hue += 0.3 * row;
            plot.tone += 0.10 * row;
        }
        if worked.swath_m > 0.0 {
            let swath = (4.0 * wave(across / (2.0 * worked.swath_m))).clamp(-1.0, 1.0) * inner;
            plot.tone += 0.035 * swath;
            plot.hue += 0.05 * swath;
        }
        if worked.wheels_m > 0.0 {
            let part = across / worked.wheels_m;
            let off_m = (part - part.floor() - 0.5).abs() * worked.wheels_m;
            let worn = 1.0 - rise(0.12, 0.34, (off_m - 0.9).abs() as f32);
            plot.cover -= 0.5 * worn * inner;
            plot.tone -= 0.05 * worn * inner;
        }
        if worked.furrow_m > 0.0 {
            let wave = wave(across / worked.furrow_m) * seen(worked.furrow_m);
            let clods = 0.2 + 1.6 * octaves(self.seed ^ 6, place.x / 0.9, place.y / 0.9, 3);
            plot.height_m = wave * worked.ridge_m as f32 * clods;
            plot.cover -= 1.2 * inner;
        }
        plot
    }

    /// The number of an uneven cell on a line, and the distance from its nearer end.
    fn cell(&self, at_m: f64, side_m: f64, salt: i64) -> (i64, f64) {
        let start = |cell: i64| {
            (cell as f64 + 0.7 * (f64::from(unit(at(self.seed ^ 0xce11, cell, salt))) - 0.5))
                * side_m
        };
        let mut cell = (at_m / side_m).floor() as i64;
        if at_m < start(cell) {
            cell -= 1;
        } else if at_m >= start(cell + 1) {
            cell += 1;
        }
        (cell, (at_m - start(cell)).min(start(cell + 1) - at_m))
    }
}

impl Husbandry {
    fn new(bits: u64, fields: Coord) -> Self {
        let mut dice = Dice::new(bits, "husbandry", 0);
        let along = if dice.happens(0.7) { fields } else { right_of(fields) };
        let mut sometimes = |share: f64, from: f64, to: f64| {
            let (happens, value) = (dice.happens(share), dice.between(from, to));
            if happens { value } else { 0.0 }
        };
        let tone = sometimes(1.0, -0.10, 0.09) as f32;
        let hue = sometimes(1.0, -0.10, 0.10) as f32;
        let rows_m = sometimes(0.5, 0.25, 0.9);
        let rows = sometimes(1.0, 0.05, 0.75) as f32;
        let swath_m = sometimes(0.4, 2.5, 7.0);
        let wheels_m = sometimes(0.4, 9.0, 27.0);
        let furrow_m = sometimes(0.12, 0.4, 1.1);
        let ridge_m = sometimes(1.0, 0.03, 0.11);
        Self { tone, hue, along, rows_m, rows, swath_m, wheels_m, furrow_m, ridge_m }
    }
}

/// A wave of length 1 between -1 and 1: two parabolas a wave.
fn wave(at: f64) -> f32 {
    let part = (at - at.floor()) as f32;
    let half = |t: f32| 16.0 * t * (0.5 - t);
    if part < 0.5 { half(part) } else { -half(part - 0.5) }
}
