//! Seed -> a field of evidence: how mines lie and what a model sees of them, without a pixel.
//!
//! A [`Field`] holds what a survey would hand to delineation, and the truth behind it. It is made
//! to measure areas on hundreds of fields: what cannot be flown that often. It lies where no one
//! surveyed, and no layout is copied from a real one. Distributions and where they come from: the
//! [`FieldSpec`].
//!
//! A seed means the same field for any number of threads. It may differ in last digits between
//! platforms, because logarithms are the platform's.

mod country;
mod cover;
mod earthworks;
mod lay;
mod see;
mod spec;
#[cfg(test)]
mod tests;

pub use spec::{FieldSpec, FieldSpecError};

use crate::random::Dice;
use cover::Cover;
use geo::{Coord, LineString, MultiPolygon, Point, Rect, coord};
use lay::Lay;
use rams_domain::{AssessedArea, Crs, EoCategory, ExternalEvidence, Feature, Ground, Indicator};

/// A simulated field: what a survey knows of it, and what is true. Geometry in metres east and
/// north of the field's middle, which are the units of its CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it was made from.
    pub seed: u64,
    /// Its CRS, invented: metres about 45 N 30 W.
    pub ground: Ground,
    /// What was found in the imagery, right and wrong.
    pub features: Vec<Feature>,
    /// Ground that the models have seen.
    pub assessed: Vec<AssessedArea>,
    /// Other evidence; none as yet.
    pub known: Vec<ExternalEvidence>,
    /// What is there.
    pub truth: FieldTruth,
}

/// What is there.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldTruth {
    /// Each mine and submunition within the field.
    pub items: Vec<TrueItem>,
    /// The ground that mines of a category occupy. Of a belt: from its first to its last row, wider
    /// by half the distance of rows (AP 2.5 m, AV 10 m), each row from its first to its last mine
    /// and half a distance in the row beyond. Of a mine without a pattern: a circle of 2.5 m (AP)
    /// or 5 m (AV). Of scattered mines: their hull, wider by 2.5 m. Submunitions have none: they
    /// are not recorded as perimeters.
    pub mined: Vec<(EoCategory, MultiPolygon)>,
    /// The direction that the defences face, degrees from true north; `None` without any.
    pub front_deg: Option<f64>,
    /// Centrelines of the earthworks.
    pub works: Vec<(Indicator, LineString)>,
}

/// One mine or submunition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueItem {
    /// Where.
    pub at: Point,
    /// What.
    pub eo_category: EoCategory,
    /// How it was laid.
    pub laid: Laid,
    /// Buried, covered or overgrown: no imagery shows it.
    pub hidden: bool,
}

/// How an item was laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// In a row of a belt.
    Row,
    /// Alone or in threes, without a pattern.
    Single,
    /// From a container.
    Scattered,
}

/// What lies in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKind {
    Empty,
    Submunitions,
    Nuisance,
    Front,
}

impl Field {
    /// The field of a seed.
    pub fn new(seed: u64, spec: &FieldSpec) -> Self {
        let half = spec.side_m / 2.0;
        let extent = Rect::new(coord! { x: -half, y: -half }, coord! { x: half, y: half });
        let kind = FieldKind::of(seed, spec);
        let lay = Lay::new(seed, spec, kind, extent);
        let cover = Cover::new(seed, &spec.cover, extent);
        let ground = ground(extent);
        let features = see::ordnance(seed, spec, &lay, &cover, extent);
        let features =
            earthworks::found(features, seed, &spec.sight.works, &lay.works, &cover, extent);
        let area_m2 = ground.area_m2(&cover.assessed);
        let assessed = |(model, classes): (&str, &[&str])| AssessedArea {
            boundary: cover.assessed.clone(),
            area_m2,
            orthomosaic: see::ORTHOMOSAIC.into(),
            model: model.into(),
            classes: classes.iter().map(|class| (*class).into()).collect(),
        };
        let assessed =
            [(see::MODEL, &see::CLASSES[..]), (earthworks::MODEL, &earthworks::CLASSES[..])]
                .map(assessed)
                .to_vec();
        Self { seed, ground, features, assessed, known: vec![], truth: lay.truth() }
    }

    /// The whole field.
    pub fn extent(&self) -> Rect {
        self.ground.extent()
    }
}

impl FieldKind {
    fn of(seed: u64, spec: &FieldSpec) -> Self {
        let kinds = &spec.kinds;
        let drawn = Dice::new(seed, "field kind", 0).between(0.0, 1.0);
        let until = [
            kinds.empty,
            kinds.empty + kinds.submunitions,
            kinds.empty + kinds.submunitions + kinds.nuisance,
        ];
        match until.iter().position(|until| drawn < *until) {
            Some(0) => Self::Empty,
            Some(1) => Self::Submunitions,
            Some(_) => Self::Nuisance,
            None => Self::Front,
        }
    }
}

/// Ground in the middle of an ocean, whose units are metres.
fn ground(extent: Rect) -> Ground {
    /// Metres in a degree of longitude and of latitude at 45 N on WGS 84.
    const DEGREE_M: [f64; 2] = [78_846.8, 111_131.7];
    let lonlat = |c: Coord| coord! { x: -30.0 + c.x / DEGREE_M[0], y: 45.0 + c.y / DEGREE_M[1] };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "simulated field".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("a field has an extent")
}
