//! Roads, railways, tracks and trails, and what lies buried along them.

use super::{Site, toned};
use crate::angle::{length, right_of, turned};
use crate::random::Dice;
use crate::terrain::look::Strip;
use crate::terrain::profile::{Bank, Cut, Profile, Ruts};
use crate::terrain::walk::{Walk, rounded};
use crate::terrain::work::Work;
use geo::Coord;

const ASPHALT: [f32; 3] = [118.0, 118.0, 118.0];
pub(super) const GRAVEL: [f32; 3] = [178.0, 171.0, 158.0];
const BALLAST: [f32; 3] = [132.0, 124.0, 116.0];

impl Site {
    /// A road, now and then with ditches beside it.
    pub(in crate::terrain) fn road(&self, dice: &mut Dice) -> Vec<Work> {
        let line = self.road_line(dice);
        let half_m = dice.between(1.6, 3.6);
        let bed = if dice.happens(0.5) { ASPHALT } else { GRAVEL };
        let mut works = vec![self.roadbed(&line, half_m, dice.between(0.05, 0.5), bed, dice)];
        for side in [-1.0, 1.0] {
            if dice.happens(0.6) {
                let ditch = beside(&line, side * (half_m + dice.between(1.4, 3.0)));
                works.push(self.ditch(&ditch, dice));
            }
        }
        works
    }

    /// A road on a high bank.
    pub(in crate::terrain) fn embankment(&self, dice: &mut Dice) -> Work {
        let line = self.road_line(dice);
        let (half_m, height_m) = (dice.between(1.8, 4.0), dice.between(0.9, 3.5));
        self.roadbed(&line, half_m, height_m, GRAVEL, dice)
    }

    /// A road on a low or high bank.
    fn roadbed(
        &self,
        line: &[Coord],
        half_m: f64,
        height_m: f64,
        bed: [f32; 3],
        dice: &mut Dice,
    ) -> Work {
        let foot_m = half_m + 0.3 + 1.6 * height_m;
        let bank = Bank { foot_m, crest_m: half_m + 0.3, height_m };
        let mut strips = vec![self.grown(foot_m, 0.45)];
        if dice.happens(0.3) {
            strips.push(self.bare(foot_m * 0.95, 0.8, 0.3));
        }
        strips.push(Strip {
            ragged_m: if bed == ASPHALT { 0.03 } else { 0.2 },
            ..self.strip(half_m, toned(bed, [0.85, 1.1], dice))
        });
        if bed != ASPHALT {
            // Where wheels run it is paler, between them grass comes up.
            strips.push(Strip { share: 0.5, broken: 0.6, ..self.grown(0.3, 0.5) });
        }
        let profile = Profile { bank, rough: 0.12, strip_m: foot_m + 0.5, ..Profile::default() };
        self.line(line, profile, strips, dice)
    }

    /// A road in a cut.
    pub(in crate::terrain) fn cutting(&self, dice: &mut Dice) -> Work {
        let line = self.road_line(dice);
        let half_m = dice.between(3.0, 6.0);
        let cut = Cut { half_m, depth_m: dice.between(1.0, 3.5), wall_m: 0.9 * half_m };
        let mut bed = self.strip(half_m * 0.5, if dice.happens(0.5) { ASPHALT } else { GRAVEL });
        bed.ragged_m = 0.1;
        let profile = Profile { cut, rough: 0.25, ..Profile::default() };
        self.line(&line, profile, vec![self.grown(half_m * 1.4, 0.5), bed], dice)
    }

    /// Two ruts, now and then with grass between.
    pub(in crate::terrain) fn track(&self, line: &[Coord], dice: &mut Dice) -> Work {
        let (off_m, half_m) = (dice.between(0.7, 1.0), dice.between(0.16, 0.35));
        let ruts = Ruts { off_m, half_m, depth_m: dice.between(0.04, 0.22) };
        let rut = self.bare(off_m + 1.3 * half_m, dice.between(0.6, 1.0), 0.35);
        let mut strips = vec![Strip { from_m: (off_m - 1.3 * half_m) as f32, ..rut }];
        if dice.happens(0.35) {
            strips.insert(0, self.bare(off_m + 0.6, 0.7, 0.5));
        }
        self.line(
            line,
            Profile { ruts, rough: 0.5, strip_m: off_m + 1.2, ..Profile::default() },
            strips,
            dice,
        )
    }

    /// Paths that cross each other.
    pub(in crate::terrain) fn trails(&self, dice: &mut Dice) -> Vec<Work> {
        (0..2 + dice.below(5))
            .map(|_| {
                let heading = turned(self.along, dice.between(-35.0, 35.0));
                let span_m = self.span_m * 0.7;
                let line = rounded(&Walk::PATH.through(self.middle, heading, span_m, dice));
                let half_m = dice.between(0.15, 0.4);
                let strips = vec![self.bare(half_m, dice.between(0.5, 0.9), 0.5)];
                let ruts = Ruts { off_m: 0.0, half_m, depth_m: dice.between(0.03, 0.12) };
                let profile = Profile { ruts, strip_m: 1.0, rough: 0.5, ..Profile::default() };
                self.line(&line, profile, strips, dice)
            })
            .collect()
    }

    /// Ballast, sleepers and two rails on a bank.
    pub(in crate::terrain) fn railway(&self, dice: &mut Dice) -> Work {
        let line = self.road_line(dice);
        let height_m = dice.between(0.2, 3.5);
        let top_m = 2.2;
        let foot_m = top_m + 1.5 * height_m + 0.3;
        let bank = Bank { foot_m, crest_m: top_m, height_m };
        let rail =
            Strip { from_m: 0.70, to_m: 0.82, share: 0.75, ..self.strip(0.82, [92.0, 78.0, 70.0]) };
        let strips = vec![
            self.grown(foot_m, 0.5),
            Strip { ragged_m: 0.25, grain: 0.25, ..self.strip(1.9, BALLAST) },
            Strip { share: 0.45, grain: 0.3, ..self.strip(1.25, [108.0, 100.0, 92.0]) },
            rail,
        ];
        let profile = Profile { bank, rough: 0.12, strip_m: foot_m + 0.6, ..Profile::default() };
        self.line(&line, profile, strips, dice)
    }

    /// Bare earth over a buried pipe.
    pub(in crate::terrain) fn pipeline(&self, dice: &mut Dice) -> Work {
        let half_m = dice.between(1.5, 6.0);
        let bank =
            Bank { foot_m: half_m, crest_m: 0.3 * half_m, height_m: dice.between(0.04, 0.2) };
        let strip = Strip {
            ragged_m: 0.5,
            broken: dice.between(0.1, 0.9) as f32,
            ..self.bare(half_m * 0.9, 0.9, 0.0)
        };
        let profile = Profile { bank, rough: 0.8, strip_m: half_m + 0.6, ..Profile::default() };
        self.line(&self.road_line(dice), profile, vec![strip], dice)
    }
}

/// A line beside another.
fn beside(line: &[Coord], away_m: f64) -> Vec<Coord> {
    let direction = |from: Coord, to: Coord| (to - from) / length(to - from).max(1e-9);
    (0..line.len())
        .map(|index| {
            let [from, to] = [line[index.saturating_sub(1)], line[(index + 1).min(line.len() - 1)]];
            line[index] + right_of(direction(from, to)) * away_m
        })
        .collect()
}
