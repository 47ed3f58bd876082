//! A former front from low down: the demo, and as much more of it as there is room for.

use super::{Layout, Shrub, Track};
use crate::SceneSpec;
use crate::random::Dice;
use crate::terrain::{Soil, Terrain, Work};
use geo::{Coord, coord};

/// What one patch of contamination holds.
#[derive(Debug, Clone, Copy)]
enum Patch {
    /// A dispenser's load of one class, scattered, with a part of the dispenser.
    Scatter { of: &'static str, part: &'static str },
    /// A row along the front: mines, and the least and greatest step, metres.
    Row { of: &'static str, count: i32, step_m: [f64; 2] },
    /// One of each along the track, facing it.
    Wayside { of: &'static [&'static str] },
}

/// Patches on the first 430 m² (the demo), and per hectare beyond.
#[rustfmt::skip]
const PATCHES: [Patch; 17] = [
    PFM_1,
    Patch::Row { of: "tm-62m", count: 5, step_m: [4.0, 5.0] },
    PFM_1,
    Patch::Row { of: "pmn-1", count: 5, step_m: [1.0, 1.6] },
    Patch::Scatter { of: "9n235", part: "rbk-part" },
    Patch::Wayside { of: &["ozm-72", "pom-2", "pom-3"] },
    PFM_1,
    Patch::Wayside { of: &["mon-50"] },
    Patch::Scatter { of: "shoab-0.5", part: "rbk-part" },
    Patch::Row { of: "pmn-2", count: 4, step_m: [1.0, 1.6] },
    PFM_1,
    Patch::Wayside { of: &["mon-90"] },
    Patch::Scatter { of: "ptab-1m", part: "rbk-part" },
    Patch::Row { of: "tm-57", count: 3, step_m: [4.0, 5.0] },
    Patch::Scatter { of: "m095", part: "rbk-part" },
    Patch::Row { of: "pmn-4", count: 4, step_m: [1.0, 1.6] },
    Patch::Scatter { of: "ao-2.5", part: "rbk-part" },
];
const PFM_1: Patch = Patch::Scatter { of: "pfm-1", part: "ksf-casing" };
const PATCH_AREA_M2: f64 = 25.0;
const PATCHES_PER_HA: f64 = 20.0;
const PATCHES_MAX: usize = 4_000;
const SHRUBS_PER_HA: f64 = 220.0;
const SHRUBS_MAX: usize = 20_000;
const SHRUB_LEAF: [f32; 3] = [92.0, 108.0, 62.0];
/// Half the width of the disturbed ground, metres.
const TRENCH_HALF_M: f64 = 1.75;
const BERM_HALF_M: f64 = 2.0;

/// Cosine and sine of the turns at a trench's corners: 28, 33 and 38 degrees.
const TURNS: [[f64; 2]; 3] = [[0.8829, 0.4695], [0.8387, 0.5446], [0.7880, 0.6157]];

impl Layout {
    /// A former front: trench, track and berm side by side along the longer side, and what was left
    /// between them.
    pub(super) fn lay_field(&mut self, spec: &SceneSpec) {
        let extent = spec.extent_m();
        let mut dice = Dice::new(spec.seed, "layout", 0);
        let slant = dice.between(-0.16, 0.16);
        let long = if extent[0] >= extent[1] {
            coord! { x: 1.0, y: slant }
        } else {
            coord! { x: slant, y: 1.0 }
        };
        let along = long / (1.0 + slant * slant).sqrt();
        let middle = coord! { x: extent[0] / 2.0, y: extent[1] / 2.0 };
        let across = coord! { x: -along.y, y: along.x };
        let short = extent[0].min(extent[1]);
        let side = if dice.happens(0.5) { 1.0 } else { -1.0 };
        let track =
            Track { through: middle + across * (side * short * dice.between(0.06, 0.12)), along };
        self.track = Some(track);
        if short >= 14.0 {
            let from = middle - across * (side * short * 0.27);
            let trench =
                self.trench(from, along, &mut dice).map(|line| Soil::demo_trench(&line, spec.seed));
            let berm = self.berm(middle, along, across * side, extent, &mut dice);
            let berm = berm.map(|line| Soil::demo_berm(&line, spec.seed ^ 1));
            let works: Vec<Work> = trench.into_iter().chain(berm).collect();
            self.terrain = Terrain::new(spec.seed, 0.0, works);
        }
        self.lay_patches(spec.seed, extent, track);
        self.plant(spec.seed, extent);
    }

    fn lay_patches(&mut self, seed: u64, extent: [f64; 2], track: Track) {
        let area_m2 = extent[0] * extent[1];
        let first = (area_m2 / PATCH_AREA_M2).min(PATCHES.len() as f64).max(1.0);
        let beyond_ha = (area_m2 - PATCH_AREA_M2 * PATCHES.len() as f64).max(0.0) / 1e4;
        let patches = ((first + beyond_ha * PATCHES_PER_HA) as usize).min(PATCHES_MAX);
        for number in 0..patches {
            let mut dice = Dice::new(seed, "patch", number as u64);
            // The first tries find room on small scenes too: near the middle.
            let Some(middle) = (0..60).find_map(|attempt| {
                let spread = if number == 0 { 0.3 } else { 0.44 };
                let at = dice.place_in(extent, 0.5 - spread, 0.5 + spread);
                let apart_m = if attempt < 40 { 1.5 } else { 0.2 };
                self.has_room(at, apart_m).then_some(at)
            }) else {
                continue;
            };
            match PATCHES[number % PATCHES.len()] {
                Patch::Scatter { of, part } => {
                    let count = 4 + dice.below(3);
                    (0..count).for_each(|_| self.scatter(of, middle, 2.6, &mut dice));
                    self.scatter(part, middle, 2.6, &mut dice);
                }
                Patch::Row { of, count, step_m } => {
                    let step_m = dice.between(step_m[0], step_m[1]);
                    for place in -count / 2..=(count - 1) / 2 {
                        self.lay(
                            of,
                            middle + track.along * (f64::from(place) * step_m),
                            0.1,
                            &mut dice,
                        );
                    }
                }
                Patch::Wayside { of } => self.line_track(track, middle, of, &mut dice),
            }
        }
    }

    /// Sets mines beside the track, each facing it.
    fn line_track(&mut self, track: Track, middle: Coord, of: &[&str], dice: &mut Dice) {
        let across = coord! { x: -track.along.y, y: track.along.x };
        let off = middle - track.through;
        let foot = track.through + track.along * (off.x * track.along.x + off.y * track.along.y);
        let side = if dice.happens(0.5) { 1.0 } else { -1.0 };
        for (number, class) in of.iter().enumerate() {
            let away_m = dice.between(1.4, 2.8);
            let at = foot
                + across * (side * away_m)
                + track.along * (number as f64 * dice.between(2.0, 4.0));
            let faces = track.along + dice.direction() * 0.2;
            self.put(class, at, faces / (faces.x * faces.x + faces.y * faces.y).sqrt(), dice);
        }
    }

    fn trench(&self, from: Coord, along: Coord, dice: &mut Dice) -> Option<Vec<Coord>> {
        let margin = TRENCH_HALF_M + 0.2;
        let mut line = vec![from];
        for (end, way) in [(true, 1.0), (false, -1.0)] {
            for number in 0.. {
                // The turns alternate about the general direction, which so stays.
                let [cos, sin] = TURNS[dice.below(TURNS.len())];
                // Half a turn to either side: the sum of direction and turned direction.
                let sin = if (number % 2 == 0) == end { sin } else { -sin };
                let turned = coord! {
                    x: along.x * (1.0 + cos) - along.y * sin,
                    y: along.y * (1.0 + cos) + along.x * sin,
                };
                let ahead = turned * (way / (turned.x * turned.x + turned.y * turned.y).sqrt());
                let whole_m = dice.between(6.4, 8.8);
                let last = if end { line[line.len() - 1] } else { line[0] };
                let fits =
                    |share: &f64| self.footprint.holds(last + ahead * (whole_m * share), margin);
                let Some(share) = [1.0, 0.75, 0.5, 0.3].into_iter().find(fits) else { break };
                let next = last + ahead * (whole_m * share);
                if end {
                    line.push(next)
                } else {
                    line.insert(0, next)
                }
                if share < 1.0 {
                    break;
                }
            }
        }
        (line.len() > 1).then_some(line)
    }

    /// A berm beside the track, as far out on `outward` as the footprint allows.
    fn berm(
        &self,
        middle: Coord,
        along: Coord,
        outward: Coord,
        extent: [f64; 2],
        dice: &mut Dice,
    ) -> Option<Vec<Coord>> {
        let (long, short) = (extent[0].max(extent[1]), extent[0].min(extent[1]));
        let half = along * (long * dice.between(0.10, 0.14)).min(25.0);
        let shift = along * (long * dice.between(-0.28, -0.05));
        let margin = BERM_HALF_M + 0.1;
        let line = [0.36, 0.34, 0.32, 0.30, 0.28].map(|share| {
            let centre = middle + shift + outward * (short * share);
            vec![centre - half, centre + half]
        });
        line.into_iter().find(|line| line.iter().all(|end| self.footprint.holds(*end, margin)))
    }

    fn plant(&mut self, seed: u64, extent: [f64; 2]) {
        let count =
            ((extent[0] * extent[1] / 1e4 * SHRUBS_PER_HA).round() as usize).min(SHRUBS_MAX);
        for number in 0..count {
            let mut dice = Dice::new(seed, "shrub", number as u64);
            let radius_m = dice.between(0.25, 0.9).max(dice.between(-0.5, 1.3));
            let height_m = radius_m * dice.between(0.9, 1.5);
            let somewhere = (0..5).find_map(|_| {
                let at =
                    coord! { x: dice.between(0.0, extent[0]), y: dice.between(0.0, extent[1]) };
                let fits =
                    self.footprint.holds(at, radius_m) && self.has_room(at, radius_m * 1.15 + 0.15);
                fits.then_some(at)
            });
            let Some(centre) = somewhere else { continue };
            self.add(Shrub { centre, radius_m, height_m, leaf: SHRUB_LEAF, seed: dice.bits() });
        }
    }
}
