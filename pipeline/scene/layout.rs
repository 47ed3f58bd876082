//! What lies where: everything that is drawn once per scene, before a pixel is painted.

pub(crate) mod country;
mod dense;
mod earthworks;
mod field;

use crate::camera::Mosaic;
use crate::footprint::Footprint;
use crate::light::Sun;
use crate::object::{Object, ObjectKind};
use crate::random::{Dice, octaves, rise};
use crate::terrain::Terrain;
use crate::{Arrangement, SceneSpec};
use geo::{Coord, coord};
use rstar::{AABB, RTree, RTreeObject};

/// The plan of a scene, scene metres (right and down from the upper left corner).
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) sun: Sun,
    pub(crate) footprint: Footprint,
    pub(crate) track: Option<Track>,
    /// How many times more leaves lie than on open ground: 10 under trees in autumn.
    pub(crate) leaf_fall: f64,
    /// How many times more of everything else lies about.
    pub(crate) litter: f64,
    pub(crate) terrain: Terrain,
    pub(crate) objects: Vec<Object>,
    pub(crate) shrubs: Vec<Shrub>,
    mosaic: Mosaic,
    index: RTree<IndexEntry>,
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
    pub(crate) leaf: [f32; 3],
    pub(crate) seed: u64,
}

/// What the index holds: an object or shrub with its shadow.
#[derive(Debug, Clone, Copy, PartialEq)]
struct IndexEntry {
    item: LayoutItem,
    low: [f64; 2],
    high: [f64; 2],
}

/// A place in one of the layout's lists. Ordered as painted: shrubs over objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LayoutItem {
    Object(usize),
    Shrub(usize),
}

impl RTreeObject for IndexEntry {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

impl Layout {
    /// The plan of a scene; nothing that is to be found lies across a seam of the mosaic.
    pub(crate) fn new(spec: &SceneSpec, mosaic: &Mosaic) -> Self {
        let mut layout = Self {
            sun: Sun::new(spec.seed, spec.arrangement),
            footprint: Footprint::new(spec),
            track: None,
            leaf_fall: 1.0,
            litter: 1.0,
            terrain: Terrain::level(spec.seed),
            objects: vec![],
            shrubs: vec![],
            mosaic: mosaic.clone(),
            index: RTree::new(),
        };
        match spec.arrangement {
            Arrangement::Field => layout.lay_field(spec),
            Arrangement::Dense => layout.lay_densely(spec),
            Arrangement::Earthworks => layout.lay_earthworks(spec),
        }
        layout
    }

    /// Objects and shrubs whose body or shadow may touch a box, in the order in which to paint.
    pub(crate) fn near(&self, low: Coord, high: Coord) -> Vec<LayoutItem> {
        let envelope = AABB::from_corners([low.x, low.y], [high.x, high.y]);
        let mut found: Vec<LayoutItem> =
            self.index.locate_in_envelope_intersecting(&envelope).map(|entry| entry.item).collect();
        found.sort_unstable();
        found
    }

    /// The same place with nothing on it: for telling what objects change.
    #[cfg(test)]
    pub(crate) fn without_objects(&self) -> Self {
        let mut bare = self.clone();
        bare.index = RTree::bulk_load(
            self.index
                .iter()
                .filter(|entry| matches!(entry.item, LayoutItem::Shrub(_)))
                .copied()
                .collect(),
        );
        bare
    }

    /// The same place with these objects alone.
    #[cfg(test)]
    pub(crate) fn with_objects(&self, objects: Vec<Object>) -> Self {
        let terrain = Terrain::level(0);
        let mut other =
            Self { objects: vec![], shrubs: vec![], terrain, index: RTree::new(), ..self.clone() };
        for object in objects {
            let item = LayoutItem::Object(other.objects.len());
            other.index.insert(index_entry(
                item,
                object.centre,
                object.radius_m,
                &other.sun,
                object.height_m,
            ));
            other.objects.push(object);
        }
        other
    }

    /// Puts an object of a class somewhere around, where there is room.
    fn scatter(&mut self, class: &str, middle: Coord, reach_m: f64, dice: &mut Dice) {
        for _ in 0..12 {
            let at = middle + dice.direction() * dice.between(0.0, reach_m);
            if self.put(class, at, dice.direction(), dice) {
                return;
            }
        }
    }

    /// Puts an object of a class at its place in a row, if there is room.
    fn lay(&mut self, class: &str, at: Coord, sway_m: f64, dice: &mut Dice) {
        let at = at + dice.direction() * dice.between(0.0, sway_m);
        self.put(class, at, dice.direction(), dice);
    }

    /// Puts an object of a class, of any of its kinds, at a place, if there is room.
    fn put(&mut self, class: &str, at: Coord, axis: Coord, dice: &mut Dice) -> bool {
        let is_of = |kind: &&ObjectKind| kind.truth().is_some_and(|truth| truth.0 == class);
        let kinds: Vec<ObjectKind> = ObjectKind::ORDNANCE.iter().filter(is_of).copied().collect();
        self.has_room(at, 0.1)
            && self.fit(Object::new(kinds[dice.below(kinds.len())], at, axis, dice))
    }

    /// Takes an object if there is room for it.
    fn fit(&mut self, object: Object) -> bool {
        if !self.has_room(object.centre, object.radius_m + 0.12) {
            return false;
        }
        let item = LayoutItem::Object(self.objects.len());
        self.index.insert(index_entry(
            item,
            object.centre,
            object.radius_m,
            &self.sun,
            object.height_m,
        ));
        self.objects.push(object);
        true
    }

    fn add(&mut self, shrub: Shrub) {
        let item = LayoutItem::Shrub(self.shrubs.len());
        self.index.insert(index_entry(
            item,
            shrub.centre,
            shrub.radius_m * 1.25,
            &self.sun,
            shrub.height_m,
        ));
        self.shrubs.push(shrub);
    }

    fn has_room(&self, at: Coord, apart_m: f64) -> bool {
        let around = coord! { x: apart_m, y: apart_m };
        self.footprint.holds(at, apart_m.min(0.4))
            && self.near(at - around, at + around).is_empty()
            && !self.terrain.is_near(at, 0.2)
            && self.mosaic.is_whole(at, apart_m.min(0.4))
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

fn index_entry(
    item: LayoutItem,
    centre: Coord,
    radius_m: f64,
    sun: &Sun,
    height_m: f64,
) -> IndexEntry {
    let shadow = sun.shadow_of(height_m);
    // A centimetre more for the soft edge of what touches the ground.
    let grown = radius_m + 0.012;
    let low = [centre.x + shadow.x.min(0.0) - grown, centre.y + shadow.y.min(0.0) - grown];
    let high = [centre.x + shadow.x.max(0.0) + grown, centre.y + shadow.y.max(0.0) + grown];
    IndexEntry { item, low, high }
}
