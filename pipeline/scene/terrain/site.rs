//! A place where look-alikes are laid, and what they are made of.

use super::look::{Look, Strip};
use super::path::{Form, Path};
use super::profile::{Bank, Cut, Heap, Profile, Ruts};
use super::soil::Soil;
use super::walk::{Walk, rounded};
use super::work::{Shape, Work};
use crate::angle::right_of;
use crate::random::Dice;
use geo::Coord;

/// Where look-alikes are laid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    pub(crate) soil: Soil,
    /// A place in it, the direction of the fields there, and how far lines go.
    pub(crate) middle: Coord,
    pub(crate) along: Coord,
    pub(crate) span_m: f64,
}

pub(super) const ASPHALT: [f32; 3] = [118.0, 118.0, 118.0];
const BALLAST: [f32; 3] = [132.0, 124.0, 116.0];
const STRAW: [f32; 3] = [206.0, 186.0, 136.0];

impl Site {
    pub(super) fn strip(&self, half_m: f64, colour: [f32; 3]) -> Strip {
        Strip {
            from_m: 0.0,
            to_m: half_m as f32,
            colour,
            share: 1.0,
            ragged_m: 0.04,
            broken: 0.0,
            grain: 0.10,
        }
    }

    /// Trodden or turned earth.
    pub(super) fn bare(&self, half_m: f64, share: f64, broken: f32) -> Strip {
        let colour = self.soil.spoil.map(|band| 0.9 * band);
        Strip {
            share: share as f32,
            broken,
            ragged_m: 0.15,
            grain: 0.16,
            ..self.strip(half_m, colour)
        }
    }

    /// A strip that no one mows.
    pub(super) fn grown(&self, half_m: f64, share: f32) -> Strip {
        Strip {
            share,
            broken: 0.4,
            ragged_m: 0.4,
            grain: 0.32,
            ..self.strip(half_m, self.soil.leaf)
        }
    }

    pub(super) fn line(
        &self,
        line: &[Coord],
        profile: Profile,
        strips: Vec<Strip>,
        dice: &mut Dice,
    ) -> Work {
        let seed = dice.bits();
        let path = Path::new(line, Form::EVEN);
        Work::new(Shape::Line(path), profile, Look { strips, ..Look::default() }, seed)
    }

    /// For water or against it: straight, even, green banks, often wet, little or no spoil.
    pub(super) fn ditch(&self, line: &[Coord], dice: &mut Dice) -> Work {
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

    /// A road on a low or high bank.
    pub(super) fn roadbed(
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

    /// Two ruts, now and then with grass between.
    pub(super) fn track(&self, line: &[Coord], dice: &mut Dice) -> Work {
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

    pub(super) fn railway(&self, line: &[Coord], height_m: f64, dice: &mut Dice) -> [Work; 1] {
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
        [self.line(
            line,
            Profile { bank, rough: 0.12, strip_m: foot_m + 0.6, ..Profile::default() },
            strips,
            dice,
        )]
    }

    /// Winding, of uneven width, with water and rank growth.
    pub(super) fn stream(&self, along: Coord, dice: &mut Dice) -> Work {
        let line = rounded(&Walk::STREAM.through(self.middle, along, 1.3 * self.span_m, dice));
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

    /// Round or square bales, in rows or as they fell.
    pub(super) fn bales(&self, along: Coord, dice: &mut Dice) -> Vec<Work> {
        let is_round = dice.happens(0.6);
        let (gap_m, row_m) = (dice.between(5.0, 14.0), dice.between(8.0, 18.0));
        let (rows, each) = (1 + dice.below(4), 2 + dice.below(6));
        let colour = toned(STRAW, [0.8, 1.05], dice);
        let mut bales = vec![];
        for number in 0..rows * each {
            let (row, place) = ((number / each) as f64, (number % each) as f64);
            let at = self.middle + along * (place * gap_m) + right_of(along) * (row * row_m);
            let centre = at + dice.direction() * dice.between(0.0, 1.5);
            let half_m = if is_round { [0.62, 0.6] } else { [1.1, 0.6] };
            let bank =
                Bank { foot_m: 0.6, crest_m: 0.5, height_m: if is_round { 1.2 } else { 0.8 } };
            let heading = if dice.happens(0.7) { along } else { dice.direction() };
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

    /// A pond or a quarry.
    pub(super) fn hollow(
        &self,
        half_m: [f64; 2],
        depth_m: f64,
        wet: bool,
        dice: &mut Dice,
    ) -> Work {
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

/// A colour, brighter or darker.
pub(super) fn toned(colour: [f32; 3], [from, to]: [f64; 2], dice: &mut Dice) -> [f32; 3] {
    let tone = dice.between(from, to) as f32;
    colour.map(|band| band * tone)
}
