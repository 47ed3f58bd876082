//! A place where look-alikes are laid, and what they are made of.

mod farm;
mod water;
mod ways;

use super::look::{Look, Strip};
use super::path::{Form, Path};
use super::profile::Profile;
use super::soil::Soil;
use super::walk::{Walk, rounded};
use super::work::{Shape, Work};
use crate::angle::{right_of, turned};
use crate::random::Dice;
use geo::Coord;

/// Where look-alikes are laid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    pub(crate) soil: Soil,
    /// A place in it, the direction of the fields or of what is laid there, and how far lines go.
    pub(crate) middle: Coord,
    pub(crate) along: Coord,
    pub(crate) span_m: f64,
}

impl Site {
    /// Most things run along the fields or across them.
    pub(super) fn turned(self, dice: &mut Dice) -> Self {
        let along = if dice.happens(0.6) {
            self.along
        } else {
            turned(self.along, dice.between(-90.0, 90.0))
        };
        Self { along: if dice.happens(0.5) { along } else { right_of(along) }, ..self }
    }

    /// A line through it that bends as roads do.
    pub(super) fn road_line(&self, dice: &mut Dice) -> Vec<Coord> {
        rounded(&Walk::ROAD.through(self.middle, self.along, self.span_m, dice))
    }

    /// One colour from the line outwards.
    fn strip(&self, half_m: f64, colour: [f32; 3]) -> Strip {
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
    fn bare(&self, half_m: f64, share: f64, broken: f32) -> Strip {
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
    fn grown(&self, half_m: f64, share: f32) -> Strip {
        Strip {
            share,
            broken: 0.4,
            ragged_m: 0.4,
            grain: 0.32,
            ..self.strip(half_m, self.soil.leaf)
        }
    }

    /// A work along a line, of even width.
    fn line(&self, line: &[Coord], profile: Profile, strips: Vec<Strip>, dice: &mut Dice) -> Work {
        let seed = dice.bits();
        let path = Path::new(line, Form::EVEN);
        Work::new(Shape::Line(path), profile, Look { strips, ..Look::default() }, seed)
    }
}

/// A colour, brighter or darker.
fn toned(colour: [f32; 3], [from, to]: [f64; 2], dice: &mut Dice) -> [f32; 3] {
    let tone = dice.between(from, to) as f32;
    colour.map(|band| band * tone)
}
