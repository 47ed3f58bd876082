//! What lies where: everything that is drawn once per scene, before a pixel is painted.

use crate::SceneSpec;
use crate::earthwork::{Earthwork, Works, from_segment};
use crate::footprint::Footprint;
use crate::light::Sun;
use crate::object::{Kind, Object};
use crate::random::{Dice, octaves, rise};
use geo::{Coord, coord};
use rstar::{AABB, RTree, RTreeObject};

/// The plan of a scene, scene metres (right and down from the upper left corner).
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) sun: Sun,
    pub(crate) footprint: Footprint,
    pub(crate) track: Track,
    pub(crate) earthworks: Vec<Earthwork>,
    pub(crate) objects: Vec<Object>,
    pub(crate) shrubs: Vec<Shrub>,
    index: RTree<Reach>,
}

/// Two ruts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Track {
    pub(crate) through: Coord,
    pub(crate) along: Coord,
}

/// A shrub or small tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shrub {
    pub(crate) centre: Coord,
    pub(crate) radius_m: f64,
    pub(crate) height_m: f64,
    pub(crate) seed: u64,
}

/// What the index holds: an object or shrub with its shadow.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reach {
    what: What,
    low: [f64; 2],
    high: [f64; 2],
}

/// A place in one of the layout's lists. Ordered as painted: shrubs over objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Object(usize),
    Shrub(usize),
}

impl RTreeObject for Reach {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

/// Patches of contamination on the first 430 m² (the demo), and per hectare beyond.
#[rustfmt::skip]
const PATCHES: [Kind; 8] = [
    Kind::Pfm1, Kind::Tm62m, Kind::Pfm1, Kind::Pmn1, Kind::Sub9n235, Kind::Pfm1, Kind::CasingTube, Kind::Pfm1,
];
const PATCH_AREA_M2: f64 = 54.0;
const PATCHES_PER_HA: f64 = 20.0;
const PATCHES_MAX: usize = 4_000;
const SHRUBS_PER_HA: f64 = 220.0;
const SHRUBS_MAX: usize = 20_000;

/// Cosine and sine of the turns at a trench's corners: 28, 33 and 38 degrees.
const TURNS: [[f64; 2]; 3] = [[0.8829, 0.4695], [0.8387, 0.5446], [0.7880, 0.6157]];

impl Layout {
    pub(crate) fn new(spec: &SceneSpec) -> Self {
        let sun = Sun::new(spec.seed);
        let extent = spec.extent_m();
        let footprint = Footprint::new(spec.seed, extent, spec.gsd_m);
        let mut dice = Dice::new(spec.seed, "layout", 0);
        // Trench, track and berm run side by side along the longer side, as along a front.
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
        let track = Track { through: middle + across * (side * short * dice.between(0.06, 0.12)), along };
        let mut layout =
            Self { sun, footprint, track, earthworks: vec![], objects: vec![], shrubs: vec![], index: RTree::new() };
        if short >= 14.0 {
            let from = middle - across * (side * short * 0.27);
            layout.dig_trench(from, along, &mut dice);
            layout.heap_berm(middle, along, across * side, extent, &mut dice);
        }
        layout.lay_mines(spec.seed, extent);
        layout.plant(spec.seed, extent);
        layout
    }

    /// Objects and shrubs whose body or shadow may touch a box, in the order in which to paint.
    pub(crate) fn near(&self, low: Coord, high: Coord) -> Vec<What> {
        let envelope = AABB::from_corners([low.x, low.y], [high.x, high.y]);
        let mut found: Vec<What> =
            self.index.locate_in_envelope_intersecting(&envelope).map(|reach| reach.what).collect();
        found.sort_unstable();
        found
    }

    /// The same place with nothing on it: for telling what objects change.
    #[cfg(test)]
    pub(crate) fn without_objects(&self) -> Self {
        let mut bare = self.clone();
        bare.index =
            RTree::bulk_load(self.index.iter().filter(|reach| matches!(reach.what, What::Shrub(_))).copied().collect());
        bare
    }

    /// The same place with these objects alone.
    #[cfg(test)]
    pub(crate) fn with_objects(&self, objects: Vec<Object>) -> Self {
        let mut other =
            Self { objects: vec![], shrubs: vec![], earthworks: vec![], index: RTree::new(), ..self.clone() };
        for object in objects {
            let what = What::Object(other.objects.len());
            other.index.insert(reach(what, object.centre, object.radius_m, &other.sun, object.height_m));
            other.objects.push(object);
        }
        other
    }

    fn dig_trench(&mut self, from: Coord, along: Coord, dice: &mut Dice) {
        let margin = Works::Trench.half_width_m() + 0.2;
        let mut line = vec![from];
        for (end, way) in [(true, 1.0), (false, -1.0)] {
            for number in 0.. {
                // The turns alternate about the general direction, which so stays.
                let [cos, sin] = TURNS[dice.below(TURNS.len())];
                // Half a turn to either side: the sum of direction and turned direction.
                let sin = if (number % 2 == 0) == end { sin } else { -sin };
                let turned =
                    coord! { x: along.x * (1.0 + cos) - along.y * sin, y: along.y * (1.0 + cos) + along.x * sin };
                let ahead = turned * (way / (turned.x * turned.x + turned.y * turned.y).sqrt());
                let whole_m = dice.between(6.4, 8.8);
                let last = if end { line[line.len() - 1] } else { line[0] };
                let fits = |share: &f64| self.footprint.holds(last + ahead * (whole_m * share), margin);
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
        if line.len() > 1 {
            self.earthworks.push(Earthwork { works: Works::Trench, line });
        }
    }

    /// Heaps a berm beside the track, as far out on `outward` as the footprint allows.
    fn heap_berm(&mut self, middle: Coord, along: Coord, outward: Coord, extent: [f64; 2], dice: &mut Dice) {
        let (long, short) = (extent[0].max(extent[1]), extent[0].min(extent[1]));
        let half = along * (long * dice.between(0.10, 0.14)).min(25.0);
        let shift = along * (long * dice.between(-0.28, -0.05));
        let margin = Works::Berm.half_width_m() + 0.1;
        let line = [0.36, 0.34, 0.32, 0.30, 0.28].map(|share| {
            let centre = middle + shift + outward * (short * share);
            vec![centre - half, centre + half]
        });
        let fitting = line.into_iter().find(|line| line.iter().all(|end| self.footprint.holds(*end, margin)));
        self.earthworks.extend(fitting.map(|line| Earthwork { works: Works::Berm, line }));
    }

    fn lay_mines(&mut self, seed: u64, extent: [f64; 2]) {
        let area_m2 = extent[0] * extent[1];
        let first = (area_m2 / PATCH_AREA_M2).min(PATCHES.len() as f64).max(1.0);
        let beyond_ha = (area_m2 - PATCH_AREA_M2 * PATCHES.len() as f64).max(0.0) / 1e4;
        let patches = ((first + beyond_ha * PATCHES_PER_HA) as usize).min(PATCHES_MAX);
        for patch in 0..patches {
            let mut dice = Dice::new(seed, "patch", patch as u64);
            let kind = PATCHES[patch % PATCHES.len()];
            // The first tries find room on small scenes too: near the middle.
            let Some(middle) = (0..60).find_map(|attempt| {
                let spread = if patch == 0 { 0.3 } else { 0.44 };
                let at = coord! {
                    x: extent[0] * dice.between(0.5 - spread, 0.5 + spread),
                    y: extent[1] * dice.between(0.5 - spread, 0.5 + spread),
                };
                let apart_m = if attempt < 40 { 1.5 } else { 0.2 };
                self.has_room(at, apart_m).then_some(at)
            }) else {
                continue;
            };
            self.lay_patch(kind, middle, &mut dice);
        }
    }

    fn lay_patch(&mut self, kind: Kind, middle: Coord, dice: &mut Dice) {
        let row = self.track.along;
        match kind {
            // A dispenser's load, scattered, with parts of the dispenser.
            Kind::Pfm1 => {
                let count = 4 + dice.below(3);
                (0..count).for_each(|_| self.scatter(Kind::Pfm1, middle, 2.6, dice));
                let part = [Kind::CasingTube, Kind::CasingSlotted, Kind::CasingEnd][dice.below(3)];
                self.scatter(part, middle, 2.6, dice);
            }
            Kind::Tm62m => {
                let step_m = dice.between(4.0, 5.0);
                (-2..=2).for_each(|place| self.lay(kind, middle + row * (f64::from(place) * step_m), 0.15, dice));
            }
            Kind::Pmn1 => {
                let step_m = dice.between(1.0, 1.6);
                (-2..=1).for_each(|place| self.lay(kind, middle + row * (f64::from(place) * step_m), 0.1, dice));
            }
            Kind::Sub9n235 => (0..3).for_each(|_| self.scatter(kind, middle, 2.5, dice)),
            _ => [Kind::CasingTube, Kind::CasingSlotted, Kind::CasingEnd]
                .into_iter()
                .for_each(|part| self.scatter(part, middle, 2.0, dice)),
        }
    }

    /// Puts an object somewhere around, where there is room.
    fn scatter(&mut self, kind: Kind, middle: Coord, reach_m: f64, dice: &mut Dice) {
        for _ in 0..12 {
            let at = middle + dice.direction() * dice.between(0.0, reach_m);
            if self.has_room(at, 0.35) {
                return self.put(kind, at, dice);
            }
        }
    }

    /// Puts an object at its place in a row, if there is room.
    fn lay(&mut self, kind: Kind, at: Coord, sway_m: f64, dice: &mut Dice) {
        let at = at + dice.direction() * dice.between(0.0, sway_m);
        if self.has_room(at, 0.35) {
            self.put(kind, at, dice);
        }
    }

    fn put(&mut self, kind: Kind, at: Coord, dice: &mut Dice) {
        let object = Object::new(kind, at, dice.direction(), dice);
        let what = What::Object(self.objects.len());
        self.index.insert(reach(what, at, object.radius_m, &self.sun, object.height_m));
        self.objects.push(object);
    }

    fn has_room(&self, at: Coord, apart_m: f64) -> bool {
        let around = coord! { x: apart_m, y: apart_m };
        self.footprint.holds(at, 0.2)
            && self.near(at - around, at + around).is_empty()
            && !self.earthworks.iter().any(|work| {
                let keep_off_m = work.works.half_width_m() + 0.2;
                work.line.windows(2).any(|ends| from_segment(at, ends[0], ends[1]) < keep_off_m)
            })
    }

    fn plant(&mut self, seed: u64, extent: [f64; 2]) {
        let count = ((extent[0] * extent[1] / 1e4 * SHRUBS_PER_HA).round() as usize).min(SHRUBS_MAX);
        for number in 0..count {
            let mut dice = Dice::new(seed, "shrub", number as u64);
            let radius_m = dice.between(0.25, 0.9).max(dice.between(-0.5, 1.3));
            let height_m = radius_m * dice.between(0.9, 1.5);
            let somewhere = (0..5).find_map(|_| {
                let at = coord! { x: dice.between(0.0, extent[0]), y: dice.between(0.0, extent[1]) };
                let fits = self.footprint.holds(at, radius_m) && self.has_room(at, radius_m * 1.15 + 0.15);
                fits.then_some(at)
            });
            let Some(centre) = somewhere else { continue };
            let what = What::Shrub(self.shrubs.len());
            self.index.insert(reach(what, centre, radius_m * 1.25, &self.sun, height_m));
            self.shrubs.push(Shrub { centre, radius_m, height_m, seed: dice.bits() });
        }
    }
}

impl Track {
    /// Depth of the ruts at a position, 0 to 1, and how bare the track is, 0 to 1.
    pub(crate) fn at(&self, seed: u64, at: Coord) -> [f32; 2] {
        let off = at - self.through;
        if (off.y * self.along.x - off.x * self.along.y).abs() > 4.0 {
            return [0.0; 2];
        }
        let along = off.x * self.along.x + off.y * self.along.y;
        let sway = f64::from(octaves(seed ^ 0x7ac4, along / 14.0, 0.5, 2)) * 3.2 - 1.6;
        let across = off.y * self.along.x - off.x * self.along.y - sway;
        let broken = octaves(seed ^ 0x7ac5, at.x / 0.9, at.y / 0.9, 4);
        let edge = 0.16 * (broken - 0.5);
        let rut = |middle: f64| 1.0 - rise(0.06, 0.34, (across - middle).abs() as f32 + edge);
        let ruts = rut(0.78).max(rut(-0.78)) * rise(0.15, 0.5, broken);
        let worn = 0.45 * (1.0 - rise(0.6, 1.6, across.abs() as f32 + edge));
        [ruts, ruts.max(worn)]
    }
}

fn reach(what: What, centre: Coord, radius_m: f64, sun: &Sun, height_m: f64) -> Reach {
    let shadow = sun.shadow_of(height_m);
    // A centimetre more for the soft edge of what touches the ground.
    let grown = radius_m + 0.012;
    let low = [centre.x + shadow.x.min(0.0) - grown, centre.y + shadow.y.min(0.0) - grown];
    let high = [centre.x + shadow.x.max(0.0) + grown, centre.y + shadow.y.max(0.0) + grown];
    Reach { what, low, high }
}
