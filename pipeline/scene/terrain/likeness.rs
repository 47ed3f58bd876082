//! What looks like an earthwork from above and is none: laid with as much care, and no truth.

use super::look::{Look, Strip};
use super::profile::{Bank, Cut, Profile, Ruts};
use super::site::{ASPHALT, Site, toned};
use super::walk::{Walk, rounded};
use super::work::{Shape, Work};
use crate::angle::{right_of, turned};
use crate::random::Dice;
use geo::Coord;

/// A kind of look-alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    IrrigationDitch,
    Drains,
    Road,
    Track,
    Trails,
    Pipeline,
    Stream,
    Hedge,
    Trunks,
    DryWall,
    Railway,
    Cutting,
    Embankment,
    Terraces,
    Heaps,
    Bales,
    Pond,
    Quarry,
    Border,
}

const GRAVEL: [f32; 3] = [178.0, 171.0, 158.0];
const STONES: [f32; 3] = [168.0, 164.0, 154.0];
const WOOD: [f32; 3] = [146.0, 126.0, 104.0];
const MANURE: [f32; 3] = [96.0, 80.0, 62.0];

impl Likeness {
    #[rustfmt::skip]
    pub(crate) const ALL: [Self; 19] = [
        Self::IrrigationDitch, Self::Drains, Self::Road, Self::Track, Self::Trails, Self::Pipeline, Self::Stream,
        Self::Hedge, Self::Trunks, Self::DryWall, Self::Railway, Self::Cutting, Self::Embankment, Self::Terraces,
        Self::Heaps, Self::Bales, Self::Pond, Self::Quarry, Self::Border,
    ];

    /// Whether it never ends in a field.
    pub(crate) fn goes_far(self) -> bool {
        matches!(
            self,
            Self::Road
                | Self::Railway
                | Self::Cutting
                | Self::Embankment
                | Self::Stream
                | Self::Pipeline
        )
    }

    /// Lays one; lines to plant a hedge on come second.
    pub(crate) fn lay(self, site: Site, dice: &mut Dice) -> (Vec<Work>, Vec<Vec<Coord>>) {
        let mut works = vec![];
        let mut hedges = vec![];
        let along = if dice.happens(0.6) {
            site.along
        } else {
            turned(site.along, dice.between(-90.0, 90.0))
        };
        let along = if dice.happens(0.5) { along } else { right_of(along) };
        let road =
            |dice: &mut Dice| rounded(&Walk::ROAD.through(site.middle, along, site.span_m, dice));
        match self {
            Self::IrrigationDitch => works.push(site.ditch(&road(dice), dice)),
            Self::Drains => {
                let gap_m = dice.between(9.0, 30.0);
                let across = right_of(along);
                for number in 0..2 + dice.below(4) {
                    let from = site.middle + across * (number as f64 * gap_m)
                        - along * (site.span_m / 2.0);
                    let line = [from, from + along * (site.span_m * dice.between(0.6, 1.0))];
                    works.push(site.ditch(&line, dice));
                }
            }
            Self::Road => {
                let line = road(dice);
                let half_m = dice.between(1.6, 3.6);
                let bed = if dice.happens(0.5) { ASPHALT } else { GRAVEL };
                works.push(site.roadbed(&line, half_m, dice.between(0.05, 0.5), bed, dice));
                for side in [-1.0, 1.0] {
                    if dice.happens(0.6) {
                        works.push(
                            site.ditch(
                                &beside(&line, side * (half_m + dice.between(1.4, 3.0))),
                                dice,
                            ),
                        );
                    }
                }
            }
            Self::Track => works.push(site.track(&road(dice), dice)),
            Self::Trails => {
                for _ in 0..2 + dice.below(5) {
                    let heading = turned(along, dice.between(-35.0, 35.0));
                    let line =
                        rounded(&Walk::PATH.through(site.middle, heading, site.span_m * 0.7, dice));
                    let half_m = dice.between(0.15, 0.4);
                    let strips = vec![site.bare(half_m, dice.between(0.5, 0.9), 0.5)];
                    let ruts = Ruts { off_m: 0.0, half_m, depth_m: dice.between(0.03, 0.12) };
                    works.push(site.line(
                        &line,
                        Profile { ruts, strip_m: 1.0, rough: 0.5, ..Profile::default() },
                        strips,
                        dice,
                    ));
                }
            }
            Self::Pipeline => {
                let half_m = dice.between(1.5, 6.0);
                let bank = Bank {
                    foot_m: half_m,
                    crest_m: 0.3 * half_m,
                    height_m: dice.between(0.04, 0.2),
                };
                let strip = Strip {
                    ragged_m: 0.5,
                    broken: dice.between(0.1, 0.9) as f32,
                    ..site.bare(half_m * 0.9, 0.9, 0.0)
                };
                let profile =
                    Profile { bank, rough: 0.8, strip_m: half_m + 0.6, ..Profile::default() };
                works.push(site.line(&road(dice), profile, vec![strip], dice));
            }
            Self::Stream => works.push(site.stream(along, dice)),
            Self::Hedge => {
                let line = road(dice);
                let strip = site.grown(dice.between(0.8, 2.0), 0.8);
                let profile = Profile {
                    bank: Bank { foot_m: 1.5, crest_m: 0.2, height_m: dice.between(0.02, 0.5) },
                    rough: 0.4,
                    strip_m: 2.4,
                    ..Profile::default()
                };
                works.push(site.line(&line, profile, vec![strip], dice));
                hedges.push(line);
            }
            Self::Trunks => {
                for _ in 0..1 + dice.below(6) {
                    let at = site.middle + dice.direction() * dice.between(0.0, 14.0);
                    let heading = dice.direction();
                    let line = [at, at + heading * dice.between(3.0, 14.0)];
                    let foot_m = dice.between(0.15, 0.45);
                    let bank = Bank { foot_m, crest_m: 0.3 * foot_m, height_m: 1.6 * foot_m };
                    let strip =
                        Strip { grain: 0.3, ..site.strip(foot_m, toned(WOOD, [0.7, 1.2], dice)) };
                    let profile =
                        Profile { bank, strip_m: foot_m + 0.1, rough: 0.1, ..Profile::default() };
                    works.push(site.line(&line, profile, vec![strip], dice).loose());
                }
            }
            Self::DryWall => {
                let line = Walk::ROAD.through(
                    site.middle,
                    along,
                    site.span_m * dice.between(0.3, 1.0),
                    dice,
                );
                let foot_m = dice.between(0.35, 0.7);
                let bank = Bank { foot_m, crest_m: 0.5 * foot_m, height_m: dice.between(0.5, 1.3) };
                let strip =
                    Strip { broken: 0.3, grain: 0.4, ragged_m: 0.15, ..site.strip(foot_m, STONES) };
                let profile =
                    Profile { bank, strip_m: foot_m + 0.4, rough: 0.9, ..Profile::default() };
                works.push(site.line(&line, profile, vec![strip], dice).loose());
            }
            Self::Railway => works.extend(site.railway(&road(dice), dice.between(0.2, 3.5), dice)),
            Self::Embankment => works.push(site.roadbed(
                &road(dice),
                dice.between(1.8, 4.0),
                dice.between(0.9, 3.5),
                GRAVEL,
                dice,
            )),
            Self::Cutting => {
                let line = road(dice);
                let half_m = dice.between(3.0, 6.0);
                let cut = Cut { half_m, depth_m: dice.between(1.0, 3.5), wall_m: 0.9 * half_m };
                let mut bed =
                    site.strip(half_m * 0.5, if dice.happens(0.5) { ASPHALT } else { GRAVEL });
                bed.ragged_m = 0.1;
                let profile = Profile { cut, rough: 0.25, ..Profile::default() };
                works.push(site.line(
                    &line,
                    profile,
                    vec![site.grown(half_m * 1.4, 0.5), bed],
                    dice,
                ));
            }
            Self::Terraces => {
                let gap_m = dice.between(13.0, 28.0);
                let across = right_of(along);
                let first = rounded(&Walk::ROAD.through(site.middle, along, site.span_m, dice));
                for number in 0..2 + dice.below(3) {
                    let line: Vec<Coord> =
                        first.iter().map(|at| *at + across * (number as f64 * gap_m)).collect();
                    let strips = vec![site.grown(dice.between(0.5, 1.2), 0.8)];
                    let profile = Profile {
                        step_m: dice.between(0.3, 1.2),
                        rough: 0.5,
                        strip_m: 1.6,
                        ..Profile::default()
                    };
                    works.push(site.line(&line, profile, strips, dice));
                }
            }
            Self::Heaps => {
                let colour = [site.soil.spoil, MANURE, GRAVEL][dice.below(3)];
                for _ in 0..1 + dice.below(5) {
                    let centre = site.middle + dice.direction() * dice.between(0.0, 16.0);
                    let half_m = [dice.between(0.8, 3.5), dice.between(0.8, 2.4)];
                    let foot_m = half_m[0].min(half_m[1]);
                    let bank = Bank {
                        foot_m,
                        crest_m: 0.1 * foot_m,
                        height_m: foot_m * dice.between(0.3, 0.6),
                    };
                    let shape =
                        Shape::Box { centre, along: dice.direction(), half_m, round_m: foot_m };
                    let look = Look {
                        spoil: colour,
                        turned: 1.0,
                        leaf: site.soil.leaf,
                        green: if dice.happens(0.3) { 0.5 } else { 0.0 },
                        ..Look::default()
                    };
                    works.push(
                        Work::new(
                            shape,
                            Profile { bank, rough: 0.8, ..Profile::default() },
                            look,
                            dice.bits(),
                        )
                        .loose(),
                    );
                }
            }
            Self::Bales => works.extend(site.bales(along, dice)),
            Self::Pond => {
                let half_m = [dice.between(3.0, 14.0), dice.between(2.5, 9.0)];
                works.push(site.hollow(half_m, dice.between(0.6, 1.6), true, dice));
            }
            Self::Quarry => {
                let half_m = [dice.between(8.0, 26.0), dice.between(6.0, 18.0)];
                works.push(site.hollow(half_m, dice.between(1.5, 5.0), false, dice));
            }
            Self::Border => {
                let line = [
                    site.middle - along * (site.span_m / 2.0),
                    site.middle + along * (site.span_m / 2.0),
                ];
                let strip = if dice.happens(0.5) {
                    site.grown(dice.between(0.3, 1.2), 0.9)
                } else {
                    site.bare(dice.between(0.2, 0.9), 0.8, 0.4)
                };
                let profile = Profile {
                    step_m: dice.between(0.02, 0.35),
                    strip_m: 1.6,
                    rough: 0.4,
                    ..Profile::default()
                };
                works.push(site.line(&line, profile, vec![strip], dice));
            }
        }
        (works, hedges)
    }
}

/// A line beside another.
fn beside(line: &[Coord], away_m: f64) -> Vec<Coord> {
    let direction =
        |from: Coord, to: Coord| (to - from) / crate::angle::length(to - from).max(1e-9);
    (0..line.len())
        .map(|index| {
            let [from, to] = [line[index.saturating_sub(1)], line[(index + 1).min(line.len() - 1)]];
            line[index] + right_of(direction(from, to)) * away_m
        })
        .collect()
}
