//! A former front from high up: trenches, ditches, berms, positions and craters.

use super::{Layout, country};
use crate::angle::{right_of, turned};
use crate::random::Dice;
use crate::terrain::{Form, Path, Soil, Terrain, Walk, Work, rounded};
use crate::{Ground, GroundKind, SceneSpec};
use geo::{Coord, coord};

/// A part of a former front: where, which way it runs, and how far.
struct Front {
    soil: Soil,
    middle: Coord,
    along: Coord,
    /// Away from the other side.
    rear: Coord,
    span_m: f64,
}

/// Share of the scenes that hold look-alikes alone.
const ALIKE_ONLY: f64 = 0.25;

impl Layout {
    /// One to three complexes of works in a countryside of look-alikes.
    pub(super) fn lay_earthworks(&mut self, spec: &SceneSpec) {
        let extent_m @ [width, height] = spec.extent_m();
        self.litter = 0.2;
        let mut dice = Dice::new(spec.seed, "front", 0);
        let soil = Soil::new(spec.ground == Ground::Kind(GroundKind::Snow), &mut dice);
        let hills_m = if dice.happens(0.7) { dice.between(0.0, 9.0) } else { 0.0 };
        let alike_only = dice.happens(ALIKE_ONLY);
        let country = country::Country::new(spec.seed, extent_m, soil, alike_only);
        let (mut works, hedges) = country.lookalikes();
        if !alike_only {
            let many = if width.min(height) < 80.0 {
                1 + usize::from(dice.happens(0.3))
            } else {
                1 + dice.below(3)
            };
            let along = dice.direction();
            for number in 0..many {
                let mut dice = Dice::new(spec.seed, "complex", number as u64);
                let along = turned(along, dice.between(-25.0, 25.0));
                let front = Front {
                    soil: soil.aged(&mut dice),
                    middle: dice.place_in(extent_m, 0.2, 0.8),
                    along,
                    rear: right_of(along),
                    span_m: width.hypot(height),
                };
                works.extend(front.complex(&mut dice));
            }
            if dice.happens(0.3) {
                let front = Front {
                    soil: soil.aged(&mut dice),
                    middle: dice.place_in(extent_m, 0.0, 1.0),
                    along,
                    rear: right_of(along),
                    span_m: width.hypot(height),
                };
                let some = 1 + dice.below(8);
                works.extend(front.craters(some, &mut dice));
            }
        }
        // What was used afterwards runs across what was left.
        works.extend(country.later());
        self.terrain = Terrain::new(spec.seed, hills_m, works);
        country.plant(&hedges, self);
    }
}

impl Front {
    fn complex(&self, dice: &mut Dice) -> Vec<Work> {
        match dice.below(10) {
            0..4 => self.trenches(dice),
            4..7 => self.ditch_and_berm(dice),
            7..9 => self.positions(dice),
            _ => {
                let many = 4 + dice.below(50);
                self.craters(many, dice)
            }
        }
    }

    /// A zigzag, a crenellated line or a winding one.
    fn fire_line(&self, middle: Coord, length_m: f64, dice: &mut Dice) -> Vec<Coord> {
        match dice.below(10) {
            0..7 => Walk::FIRE_TRENCH.through(middle, self.along, length_m, dice),
            7..9 => {
                let (bay_m, traverse_m, deep_m) =
                    (dice.between(5.0, 9.0), dice.between(2.5, 4.5), dice.between(1.8, 3.2));
                let mut line = vec![];
                let mut at = middle - self.along * (length_m / 2.0);
                for number in 0..(length_m / (bay_m + traverse_m)).ceil() as i32 * 2 {
                    let (go_m, off) =
                        if number % 2 == 0 { (bay_m, -0.5) } else { (traverse_m, 0.5) };
                    line.push(at + self.rear * (off * deep_m));
                    at = at + self.along * go_m;
                    line.push(at + self.rear * (off * deep_m));
                }
                line
            }
            _ => rounded(&Walk::FIRE_TRENCH.through(middle, self.along, length_m, dice)),
        }
    }

    fn trenches(&self, dice: &mut Dice) -> Vec<Work> {
        let length_m = (self.span_m * dice.between(0.45, 1.1)).min(900.0);
        let line = self.fire_line(self.middle, length_m, dice);
        let main = Path::new(&line, Form::EVEN);
        let mut works = vec![];
        let length_m = main.length_m();
        let second_m = dice.between(28.0, 70.0);
        let has_second = self.span_m > 90.0 && dice.happens(0.5);
        if has_second {
            let middle =
                self.middle + self.rear * second_m + self.along * dice.between(-20.0, 20.0);
            let line = self.fire_line(middle, length_m * dice.between(0.3, 0.8), dice);
            works.push(self.soil.fire_trench(&line, [2.0; 2], dice));
        }
        // Communication trenches lead to the rear, now and then from before the line.
        for _ in 0..1 + dice.below(1 + (length_m / 60.0).clamp(1.0, 3.0) as usize) {
            let (at, _) = main.place(dice.between(0.05, 0.95) * length_m);
            let heading = turned(self.rear, dice.between(-30.0, 30.0));
            let crosses = dice.happens(0.3);
            let from = if crosses { at - heading * dice.between(5.0, 14.0) } else { at };
            let far_m = if has_second {
                second_m + dice.between(-4.0, 20.0)
            } else {
                dice.between(15.0, 0.5 * self.span_m.max(50.0))
            };
            let line = Walk::COMMUNICATION_TRENCH.line(from, heading, far_m, dice);
            works.push(self.soil.communication_trench(
                &line,
                [if crosses { 2.0 } else { 0.0 }, 2.0],
                dice,
            ));
        }
        works.extend(self.spurs(&main, dice));
        works.push(self.soil.fire_trench(&line, [2.0; 2], dice));
        for _ in 0..dice.below(3) {
            works.extend(self.foxholes(dice));
        }
        for _ in 0..dice.below(3) {
            let at = self.middle
                + self.along * (length_m * dice.between(-0.4, 0.4))
                + self.rear * dice.between(9.0, 30.0);
            let heading = turned(self.rear, dice.between(-20.0, 20.0));
            works.push(self.soil.dugout(at, heading, dice));
        }
        works
    }

    /// Spurs of a trench with a place to look out in front, or to shelter behind.
    fn spurs(&self, main: &Path, dice: &mut Dice) -> Vec<Work> {
        let mut works = vec![];
        let mut along_m = dice.between(4.0, 20.0);
        while along_m < main.length_m() - 2.0 {
            let (at, _) = main.place(along_m);
            let side = if dice.happens(0.6) { -1.0 } else { 1.0 };
            let heading = turned(self.rear * side, dice.between(-30.0, 30.0));
            let end = at + heading * dice.between(2.2, 6.0);
            works.push(self.soil.fire_trench(&[at, end], [0.0, 1.2], dice));
            if side > 0.0 && dice.happens(0.35) {
                works.push(self.soil.dugout(end + heading * dice.between(0.5, 1.5), heading, dice));
            }
            along_m += dice.between(12.0, 45.0);
        }
        works
    }

    /// A group in a line, forward or in the rear.
    fn foxholes(&self, dice: &mut Dice) -> Vec<Work> {
        let first = self.middle
            + self.along * (self.span_m * dice.between(-0.3, 0.3))
            + self.rear * dice.between(-25.0, 30.0);
        let step_m = dice.between(3.0, 9.0);
        let heading = turned(self.along, dice.between(-20.0, 20.0));
        (0..2 + dice.below(8))
            .map(|number| {
                let at = first
                    + heading * (number as f64 * step_m)
                    + dice.direction() * dice.between(0.0, 1.5);
                self.soil.foxhole(at, turned(heading, dice.between(-30.0, 30.0)), dice)
            })
            .collect()
    }

    fn ditch_and_berm(&self, dice: &mut Dice) -> Vec<Work> {
        let mut works = vec![];
        let spoil_side = dice.below(2);
        let has_ditch = dice.happens(0.75);
        if has_ditch {
            let line = Walk::AT_DITCH.through(
                self.middle,
                self.along,
                self.span_m * dice.between(0.6, 1.2),
                dice,
            );
            works.push(self.soil.at_ditch(&line, [4.0; 2], spoil_side, dice));
        }
        for number in 0..1 + dice.below(3) {
            let off = self.rear
                * (dice.between(9.0, 30.0) * if dice.happens(0.8) { 1.0 } else { -1.0 })
                + self.along * (self.span_m * dice.between(-0.3, 0.3));
            let middle = if has_ditch || number > 0 { self.middle + off } else { self.middle };
            let heading = turned(
                self.along,
                if dice.happens(0.8) { dice.between(-12.0, 12.0) } else { 90.0 },
            );
            let line = Walk::BERM.through(
                middle,
                heading,
                dice.between(20.0, self.span_m.clamp(25.0, 200.0)),
                dice,
            );
            works.push(self.soil.berm(&rounded(&line), [2.5; 2], dice));
        }
        works
    }

    fn positions(&self, dice: &mut Dice) -> Vec<Work> {
        let mut works = vec![];
        let gap_m = dice.between(14.0, 34.0);
        let many = 2 + dice.below(5);
        let in_line = dice.happens(0.6);
        for number in 0..many {
            let off_m = (number as f64 - many as f64 / 2.0) * gap_m;
            let at = if in_line {
                self.middle + self.along * off_m + self.rear * dice.between(-6.0, 6.0)
            } else {
                self.middle + dice.direction() * dice.between(0.0, gap_m * 1.6)
            };
            let out = turned(
                if dice.happens(0.7) { self.rear } else { self.along },
                dice.between(-25.0, 25.0),
            );
            works.extend(self.soil.revetment(at, out, dice));
        }
        for _ in 0..1 + dice.below(3) {
            works.extend(self.foxholes(dice));
        }
        for _ in 0..dice.below(4) {
            let at = self.middle + dice.direction() * dice.between(6.0, 40.0);
            works.push(self.soil.dugout(at, turned(self.along, dice.between(-40.0, 40.0)), dice));
        }
        if dice.happens(0.4) {
            let middle = self.middle - self.rear * dice.between(12.0, 25.0);
            let line = Walk::BERM.through(middle, self.along, dice.between(20.0, 90.0), dice);
            works.push(self.soil.berm(&rounded(&line), [2.5; 2], dice));
        }
        if dice.happens(0.3) {
            let middle = self.middle - self.rear * dice.between(14.0, 30.0);
            let line = self.fire_line(middle, dice.between(15.0, 70.0), dice);
            works.push(self.soil.fire_trench(&line, [2.0; 2], dice));
        }
        works
    }

    /// A cluster: most are small.
    fn craters(&self, many: usize, dice: &mut Dice) -> Vec<Work> {
        let wide_m = (0.28 * self.span_m).clamp(12.0, 90.0);
        let scale = dice.between(0.6, 1.3);
        (0..many)
            .map(|_| {
                let off = coord! { x: dice.about_zero(), y: dice.about_zero() };
                let radius_m = dice.quantile([0.5, 0.8, 1.3, 2.2, 6.0]) * scale;
                self.soil.crater(self.middle + off * (wide_m / 2.0), radius_m.clamp(0.5, 6.0), dice)
            })
            .collect()
    }
}
