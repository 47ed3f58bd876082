//! Ditches, streams, ponds and quarries.

use super::Site;
use crate::angle::right_of;
use crate::random::Dice;
use crate::terrain::look::Look;
use crate::terrain::path::{Form, Path};
use crate::terrain::profile::{Cut, Heap, Profile};
use crate::terrain::walk::{Walk, rounded};
use crate::terrain::work::{Shape, Work};
use geo::Coord;

impl Site {
    /// For water or against it: straight, even, green banks, often wet, little or no spoil.
    pub(in crate::terrain) fn ditch(&self, line: &[Coord], dice: &mut Dice) -> Work {
        let half_m = dice.between(0.35, 1.5);
        let depth_m = (half_m * dice.between(0.6, 1.1)).min(1.4);
        let cut = Cut { half_m, depth_m, wall_m: half_m * dice.between(0.9, 1.7) };
        let mut heaps = [Heap::default(); 2];
        if dice.happens(0.4) {
            let width_m = dice.between(0.8, 2.0);
            heaps[dice.below(2)] =
                Heap { ledge_m: 0.2, width_m, height_m: dice.between(0.06, 0.4) };
        }
        let seed = dice.bits();
        let path = Path::new(line, Form { spread: dice.between(0.0, 0.08), seed, ..Form::EVEN });
        let green = dice.between(0.2, 1.0) as f32;
        let look = Look {
            spoil: self.soil.spoil,
            turned: if dice.happens(0.3) { 0.9 } else { 0.2 },
            green,
            leaf: self.soil.leaf,
            pool_m: if dice.happens(0.45) {
                (depth_m * dice.between(0.15, 0.5)) as f32
            } else {
                0.0
            },
            pool: self.soil.water,
            is_water: true,
            strips: vec![],
        };
        Work::new(
            Shape::Line(path),
            Profile { cut, heaps, rough: 0.4, strip_m: half_m + 0.8, ..Profile::default() },
            look,
            seed,
        )
    }

    /// Straight ditches side by side.
    pub(in crate::terrain) fn drains(&self, dice: &mut Dice) -> Vec<Work> {
        let gap_m = dice.between(9.0, 30.0);
        let across = right_of(self.along);
        (0..2 + dice.below(4))
            .map(|number| {
                let from = self.middle + across * (number as f64 * gap_m)
                    - self.along * (self.span_m / 2.0);
                let line = [from, from + self.along * (self.span_m * dice.between(0.6, 1.0))];
                self.ditch(&line, dice)
            })
            .collect()
    }

    /// Winding, of uneven width, with water and rank growth.
    pub(in crate::terrain) fn stream(&self, dice: &mut Dice) -> Work {
        let line = rounded(&Walk::STREAM.through(self.middle, self.along, 1.3 * self.span_m, dice));
        let half_m = dice.between(0.5, 2.4);
        let depth_m = dice.between(0.5, 1.4);
        let cut = Cut { half_m, depth_m, wall_m: half_m * dice.between(0.7, 1.6) };
        let seed = dice.bits();
        let path = Path::new(&line, Form { spread: 0.35, seed, ..Form::EVEN });
        let look = Look {
            spoil: self.soil.spoil.map(|band| band * 0.85),
            turned: 0.3,
            green: dice.between(0.5, 1.0) as f32,
            leaf: self.soil.leaf,
            pool_m: if dice.happens(0.85) {
                (depth_m * dice.between(0.2, 0.6)) as f32
            } else {
                0.0
            },
            pool: self.soil.water,
            is_water: true,
            strips: vec![self.grown(half_m + 1.5, 0.6)],
        };
        Work::new(
            Shape::Line(path),
            Profile { cut, rough: 0.9, strip_m: half_m + 2.0, ..Profile::default() },
            look,
            seed,
        )
    }

    /// A hole with water in it.
    pub(in crate::terrain) fn pond(&self, dice: &mut Dice) -> Work {
        let half_m = [dice.between(3.0, 14.0), dice.between(2.5, 9.0)];
        self.hollow(half_m, dice.between(0.6, 1.6), true, dice)
    }

    /// A larger one without.
    pub(in crate::terrain) fn quarry(&self, dice: &mut Dice) -> Work {
        let half_m = [dice.between(8.0, 26.0), dice.between(6.0, 18.0)];
        self.hollow(half_m, dice.between(1.5, 5.0), false, dice)
    }

    /// A hole, as deep and as steep as it was dug.
    fn hollow(&self, half_m: [f64; 2], depth_m: f64, wet: bool, dice: &mut Dice) -> Work {
        let inner = half_m[0].min(half_m[1]);
        let wall_m =
            if wet { dice.between(0.4, 0.9) * inner } else { dice.between(0.1, 0.5) * inner };
        let cut = Cut { half_m: inner, depth_m, wall_m };
        let shape = Shape::Box {
            centre: self.middle,
            along: dice.direction(),
            half_m,
            round_m: 0.8 * inner,
        };
        let look = Look {
            spoil: self.soil.spoil,
            turned: if wet { 0.3 } else { 0.85 },
            green: if wet { 0.7 } else { 0.15 },
            leaf: self.soil.leaf,
            pool_m: if wet { (depth_m * dice.between(0.3, 0.7)) as f32 } else { 0.0 },
            pool: self.soil.water,
            is_water: true,
            strips: vec![],
        };
        Work::new(
            shape,
            Profile { cut, rough: 1.6, strip_m: inner + wall_m + 1.0, ..Profile::default() },
            look,
            dice.bits(),
        )
    }
}
