//! The shape of the ground: hills, what was dug and heaped, and the light on both.

mod dug;
mod kind;
mod lattice;
mod look;
mod lookalike;
mod path;
mod profile;
mod site;
mod soil;
#[cfg(test)]
mod tests;
mod walk;
mod work;

pub(crate) use lattice::{Grid, Lattice};
pub(crate) use look::Coat;
pub(crate) use lookalike::LookAlike;
pub(crate) use path::{Form, Path};
pub(crate) use site::Site;
pub(crate) use soil::Soil;
pub(crate) use walk::{Walk, rounded};
pub(crate) use work::{EarthworkTruth, Work};

use crate::random::octaves;
use geo::Coord;
use rstar::{AABB, RTree, RTreeObject};

/// Natural relief and a list of works; later ones are dug into earlier ones.
#[derive(Debug, Clone)]
pub(crate) struct Terrain {
    seed: u64,
    /// Height of the hills, metres; 0 for level ground.
    hills_m: f64,
    pub(crate) works: Vec<Work>,
    index: RTree<WorkPart>,
    /// Highest less lowest of all works together, metres.
    drop_m: f64,
}

/// A part of a work with the box that it may touch.
#[derive(Debug, Clone, Copy, PartialEq)]
struct WorkPart {
    work: usize,
    part: usize,
    low: [f64; 2],
    high: [f64; 2],
}

impl RTreeObject for WorkPart {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

impl Terrain {
    pub(crate) fn new(seed: u64, hills_m: f64, works: Vec<Work>) -> Self {
        let parts = works.iter().enumerate().flat_map(|(work, of)| {
            (0..of.parts()).map(move |part| {
                let [low, high] = of.bounds(part);
                WorkPart { work, part, low: [low.x, low.y], high: [high.x, high.y] }
            })
        });
        let index = RTree::bulk_load(parts.collect());
        let most = |lies: bool| {
            works.iter().filter(|work| work.lies == lies).map(Work::drop_m).fold(0.0, f64::max)
        };
        let drop_m = most(true) + most(false);
        Self { seed, hills_m, works, index, drop_m }
    }

    /// Level ground that nobody touched.
    pub(crate) fn level(seed: u64) -> Self {
        Self::new(seed, 0.0, vec![])
    }

    /// Height of what nobody dug, metres.
    pub(crate) fn hills(&self, at: Coord) -> f32 {
        if self.hills_m == 0.0 {
            return 0.0;
        }
        let noise =
            |salt: u64, wave_m: f64| octaves(self.seed ^ salt, at.x / wave_m, at.y / wave_m, 2);
        let (broad, near) = (noise(0x4111, 140.0), noise(0x4112, 23.0));
        broad * self.hills_m as f32 + near * (0.06 * self.hills_m).min(0.35) as f32
    }

    /// Whether a work is as near as this to a place.
    pub(crate) fn is_near(&self, at: Coord, apart_m: f64) -> bool {
        let envelope =
            AABB::from_corners([at.x - apart_m, at.y - apart_m], [at.x + apart_m, at.y + apart_m]);
        self.index.locate_in_envelope_intersecting(&envelope).any(|near| {
            let work = &self.works[near.work];
            let mut off = work.offset(near.part, at);
            off.across_m -= apart_m.min(off.across_m.abs()).copysign(off.across_m);
            !work.misses(off)
        })
    }

    /// The parts that may touch a box, in the order of their works.
    fn parts_near(&self, low: Coord, high: Coord) -> Vec<WorkPart> {
        let envelope = AABB::from_corners([low.x, low.y], [high.x, high.y]);
        let mut found: Vec<WorkPart> =
            self.index.locate_in_envelope_intersecting(&envelope).copied().collect();
        found.sort_unstable_by_key(|found| (found.work, found.part));
        found
    }
}
