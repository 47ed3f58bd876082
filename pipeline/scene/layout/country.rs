//! The countryside that works lie in: what looks like them, hedges, trees.

use super::{Layout, Shrub};
use crate::angle::length;
use crate::random::Dice;
use crate::terrain::{LookAlike, Site, Soil, Work};
use geo::Coord;

/// Where and how much.
pub(super) struct Country {
    seed: u64,
    extent_m: [f64; 2],
    soil: Soil,
    /// Whether there is nothing but look-alikes.
    alone: bool,
}

/// Look-alikes: one to three, and one more for so many square metres.
const EACH_M2: f64 = 7_000.0;
const LOOKALIKES_MAX: usize = 24;
const TREES_MAX: usize = 6_000;
/// Green, dark, olive, dry and yellow crowns.
const LEAVES: [[f32; 3]; 6] = [
    [92.0, 108.0, 62.0],
    [74.0, 96.0, 52.0],
    [60.0, 76.0, 50.0],
    [110.0, 122.0, 72.0],
    [138.0, 124.0, 84.0],
    [120.0, 112.0, 98.0],
];

/// The direction of field borders and rows in a scene.
pub(crate) fn fields_along(seed: u64) -> Coord {
    Dice::new(seed, "fields", 0).direction()
}

impl Country {
    pub(super) fn new(seed: u64, extent_m: [f64; 2], soil: Soil, alone: bool) -> Self {
        Self { seed, extent_m, soil, alone }
    }

    /// Look-alikes that were there before any work, and lines to plant hedges on.
    pub(super) fn lookalikes(&self) -> (Vec<Work>, Vec<Vec<Coord>>) {
        let mut dice = Dice::new(self.seed, "country", 0);
        let more = self.extent_m[0] * self.extent_m[1] / EACH_M2 * dice.between(0.5, 1.3);
        let many = 1 + dice.below(3) + more as usize + if self.alone { 2 } else { 0 };
        let (mut works, mut hedges) = (vec![], vec![]);
        for number in 0..many.min(LOOKALIKES_MAX) {
            let mut dice = Dice::new(self.seed, "likeness", number as u64);
            let kind = LookAlike::ALL[dice.below(LookAlike::ALL.len())];
            let (laid, lines) = kind.lay(self.site(kind, &mut dice), &mut dice);
            works.extend(laid);
            hedges.extend(lines);
        }
        (works, hedges)
    }

    /// A track or trails that run across all.
    pub(super) fn later(&self) -> Vec<Work> {
        let mut dice = Dice::new(self.seed, "later", 0);
        if !dice.happens(0.45) {
            return vec![];
        }
        let kind = if dice.happens(0.6) { LookAlike::Track } else { LookAlike::Trails };
        let (mut works, _) = kind.lay(self.site(kind, &mut dice), &mut dice);
        for work in &mut works {
            // Wheels and feet leave colour on what lies there, hardly a shape.
            work.look.strips.iter_mut().for_each(|strip| strip.share *= 0.7);
        }
        works
    }

    fn site(&self, kind: LookAlike, dice: &mut Dice) -> Site {
        let [width, height] = self.extent_m;
        let whole_m = 2.0 * width.hypot(height);
        // Some end within the scene: a track, a ditch, but no railway.
        let ends = dice.happens(0.3) && !kind.goes_far();
        Site {
            soil: self.soil,
            middle: dice.place_in(self.extent_m, 0.05, 0.95),
            along: fields_along(self.seed),
            span_m: if ends { whole_m.min(60.0) } else { whole_m },
        }
    }

    /// Hedges, trees and shrubs in groups.
    pub(super) fn plant(&self, hedges: &[Vec<Coord>], layout: &mut Layout) {
        let mut dice = Dice::new(self.seed, "trees", 0);
        let palette = [(); 3].map(|()| LEAVES[dice.below(LEAVES.len())]);
        for (number, line) in hedges.iter().enumerate() {
            let mut dice = Dice::new(self.seed, "hedge", number as u64);
            let (size_m, gap_m) = (dice.between(0.6, 1.8), dice.between(0.5, 1.1));
            let broken = dice.between(0.0, 0.35);
            for ends in line.windows(2) {
                let edge_m = length(ends[1] - ends[0]);
                for place in 0..(edge_m / (gap_m * size_m)) as usize {
                    let at = ends[0]
                        + (ends[1] - ends[0]) * ((place as f64 + 0.5) * gap_m * size_m / edge_m);
                    if !dice.happens(broken) {
                        let at = at + dice.direction() * dice.between(0.0, 0.5 * size_m);
                        self.tree(at, size_m * dice.between(0.6, 1.2), &palette, &mut dice, layout);
                    }
                }
            }
        }
        let per_ha =
            if dice.happens(0.25) { dice.between(60.0, 220.0) } else { dice.between(0.0, 45.0) };
        let wanted = (self.extent_m[0] * self.extent_m[1] / 1e4 * per_ha) as usize;
        let mut number = 0;
        while number < wanted.min(TREES_MAX) {
            let mut dice = Dice::new(self.seed, "grove", number as u64);
            let middle = self.anywhere(&mut dice);
            let (many, reach_m) = match dice.below(3) {
                0 => (1, 0.0),
                1 => (2 + dice.below(6), dice.between(2.0, 8.0)),
                _ => (5 + dice.below(30), dice.between(5.0, 22.0)),
            };
            let tall = dice.between(0.5, 2.6);
            for _ in 0..many {
                let at = middle + dice.direction() * (reach_m * dice.between(0.0, 1.0));
                let radius_m = tall * dice.between(0.35, 1.0);
                // Nobody leaves a tree in a trench that was just dug.
                if dice.happens(0.25) || !layout.terrain.is_near(at, 0.6 * radius_m) {
                    self.tree(at, radius_m, &palette, &mut dice, layout);
                }
            }
            number += many;
        }
    }

    fn anywhere(&self, dice: &mut Dice) -> Coord {
        dice.place_in(self.extent_m, -0.02, 1.02)
    }

    fn tree(
        &self,
        centre: Coord,
        radius_m: f64,
        palette: &[[f32; 3]; 3],
        dice: &mut Dice,
        layout: &mut Layout,
    ) {
        // The longest shadow is some 30 m.
        let reach = |at: f64, side_m: f64| (-30.0..side_m + 30.0).contains(&at);
        if !reach(centre.x, self.extent_m[0]) || !reach(centre.y, self.extent_m[1]) {
            return;
        }
        let height_m = (radius_m * dice.between(1.2, 2.8)).min(6.0);
        let tone = dice.between(0.8, 1.15) as f32;
        let leaf = palette[dice.below(3)].map(|band| band * tone);
        layout.add(Shrub { centre, radius_m, height_m, leaf, seed: dice.bits() });
    }
}
