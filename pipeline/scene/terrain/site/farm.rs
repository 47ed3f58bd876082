//! What farming leaves: hedges and walls, terraces and borders, heaps and bales.

use super::ways::GRAVEL;
use super::{Site, toned};
use crate::angle::right_of;
use crate::random::Dice;
use crate::terrain::look::{Look, Strip};
use crate::terrain::profile::{Bank, Profile};
use crate::terrain::walk::{Walk, rounded};
use crate::terrain::work::{Shape, Work};
use geo::Coord;

const STONES: [f32; 3] = [168.0, 164.0, 154.0];
const WOOD: [f32; 3] = [146.0, 126.0, 104.0];
const MANURE: [f32; 3] = [96.0, 80.0, 62.0];
const STRAW: [f32; 3] = [206.0, 186.0, 136.0];

impl Site {
    /// The strip that a hedge stands on, and the line to plant it along.
    pub(in crate::terrain) fn hedge(&self, dice: &mut Dice) -> (Work, Vec<Coord>) {
        let line = self.road_line(dice);
        let strip = self.grown(dice.between(0.8, 2.0), 0.8);
        let profile = Profile {
            bank: Bank { foot_m: 1.5, crest_m: 0.2, height_m: dice.between(0.02, 0.5) },
            rough: 0.4,
            strip_m: 2.4,
            ..Profile::default()
        };
        (self.line(&line, profile, vec![strip], dice), line)
    }

    /// Felled trees.
    pub(in crate::terrain) fn trunks(&self, dice: &mut Dice) -> Vec<Work> {
        (0..1 + dice.below(6))
            .map(|_| {
                let at = self.middle + dice.direction() * dice.between(0.0, 14.0);
                let heading = dice.direction();
                let line = [at, at + heading * dice.between(3.0, 14.0)];
                let foot_m = dice.between(0.15, 0.45);
                let bank = Bank { foot_m, crest_m: 0.3 * foot_m, height_m: 1.6 * foot_m };
                let strip =
                    Strip { grain: 0.3, ..self.strip(foot_m, toned(WOOD, [0.7, 1.2], dice)) };
                let profile =
                    Profile { bank, strip_m: foot_m + 0.1, rough: 0.1, ..Profile::default() };
                self.line(&line, profile, vec![strip], dice).loose()
            })
            .collect()
    }

    /// A wall of stones without mortar.
    pub(in crate::terrain) fn dry_wall(&self, dice: &mut Dice) -> Work {
        let length_m = self.span_m * dice.between(0.3, 1.0);
        let line = Walk::ROAD.through(self.middle, self.along, length_m, dice);
        let foot_m = dice.between(0.35, 0.7);
        let bank = Bank { foot_m, crest_m: 0.5 * foot_m, height_m: dice.between(0.5, 1.3) };
        let strip = Strip { broken: 0.3, grain: 0.4, ragged_m: 0.15, ..self.strip(foot_m, STONES) };
        let profile = Profile { bank, strip_m: foot_m + 0.4, rough: 0.9, ..Profile::default() };
        self.line(&line, profile, vec![strip], dice).loose()
    }

    /// Steps across a slope.
    pub(in crate::terrain) fn terraces(&self, dice: &mut Dice) -> Vec<Work> {
        let gap_m = dice.between(13.0, 28.0);
        let across = right_of(self.along);
        let first = rounded(&Walk::ROAD.through(self.middle, self.along, self.span_m, dice));
        (0..2 + dice.below(3))
            .map(|number| {
                let line: Vec<Coord> =
                    first.iter().map(|at| *at + across * (number as f64 * gap_m)).collect();
                let strips = vec![self.grown(dice.between(0.5, 1.2), 0.8)];
                let profile = Profile {
                    step_m: dice.between(0.3, 1.2),
                    rough: 0.5,
                    strip_m: 1.6,
                    ..Profile::default()
                };
                self.line(&line, profile, strips, dice)
            })
            .collect()
    }

    /// Heaps of earth, manure or gravel.
    pub(in crate::terrain) fn heaps(&self, dice: &mut Dice) -> Vec<Work> {
        let colour = [self.soil.spoil, MANURE, GRAVEL][dice.below(3)];
        (0..1 + dice.below(5)).map(|_| self.heap(colour, dice)).collect()
    }

    fn heap(&self, colour: [f32; 3], dice: &mut Dice) -> Work {
        let centre = self.middle + dice.direction() * dice.between(0.0, 16.0);
        let half_m = [dice.between(0.8, 3.5), dice.between(0.8, 2.4)];
        let foot_m = half_m[0].min(half_m[1]);
        let height_m = foot_m * dice.between(0.3, 0.6);
        let bank = Bank { foot_m, crest_m: 0.1 * foot_m, height_m };
        let shape = Shape::Box { centre, along: dice.direction(), half_m, round_m: foot_m };
        let look = Look {
            spoil: colour,
            turned: 1.0,
            leaf: self.soil.leaf,
            green: if dice.happens(0.3) { 0.5 } else { 0.0 },
            ..Look::default()
        };
        let profile = Profile { bank, rough: 0.8, ..Profile::default() };
        Work::new(shape, profile, look, dice.bits()).loose()
    }

    /// Round or square bales, in rows or as they fell.
    pub(in crate::terrain) fn bales(&self, dice: &mut Dice) -> Vec<Work> {
        let is_round = dice.happens(0.6);
        let (gap_m, row_m) = (dice.between(5.0, 14.0), dice.between(8.0, 18.0));
        let (rows, each) = (1 + dice.below(4), 2 + dice.below(6));
        let colour = toned(STRAW, [0.8, 1.05], dice);
        let mut bales = vec![];
        for number in 0..rows * each {
            let (row, place) = ((number / each) as f64, (number % each) as f64);
            let at =
                self.middle + self.along * (place * gap_m) + right_of(self.along) * (row * row_m);
            let centre = at + dice.direction() * dice.between(0.0, 1.5);
            let half_m = if is_round { [0.62, 0.6] } else { [1.1, 0.6] };
            let bank =
                Bank { foot_m: 0.6, crest_m: 0.5, height_m: if is_round { 1.2 } else { 0.8 } };
            let heading = if dice.happens(0.7) { self.along } else { dice.direction() };
            let shape = Shape::Box { centre, along: heading, half_m, round_m: 0.1 };
            let look = Look { spoil: colour, turned: 1.0, ..Look::default() };
            bales.push(
                Work::new(
                    shape,
                    Profile { bank, rough: 0.06, ..Profile::default() },
                    look,
                    dice.bits(),
                )
                .loose(),
            );
        }
        bales
    }

    /// Where two fields meet: a step, unsown or trodden.
    pub(in crate::terrain) fn border(&self, dice: &mut Dice) -> Work {
        let half = self.along * (self.span_m / 2.0);
        let line = [self.middle - half, self.middle + half];
        let strip = if dice.happens(0.5) {
            self.grown(dice.between(0.3, 1.2), 0.9)
        } else {
            self.bare(dice.between(0.2, 0.9), 0.8, 0.4)
        };
        let profile = Profile {
            step_m: dice.between(0.02, 0.35),
            strip_m: 1.6,
            rough: 0.4,
            ..Profile::default()
        };
        self.line(&line, profile, vec![strip], dice)
    }
}
