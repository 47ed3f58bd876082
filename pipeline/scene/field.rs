//! Seed -> a field of evidence: how mines lie and what a model sees of them, without a pixel.
//!
//! A [`Field`] holds what a survey would hand to delineation, and the truth behind it. It is made
//! to measure areas on hundreds of fields: what cannot be flown that often. It lies where no one
//! surveyed, and no layout is copied from a real one. Distributions and where they come from: the
//! [`FieldSpec`].
//!
//! A seed means the same field for any number of threads. It may differ in last digits between
//! platforms, because logarithms are the platform's.

mod chance;
mod country;
mod cover;
mod earthworks;
mod finds;
mod frame;
mod kind;
mod lay;
mod spec;
#[cfg(test)]
mod tests;
mod truth;

pub use spec::{FieldSpec, FieldSpecError};
pub use truth::{FieldTruth, Laid, TrueItem};

use cover::Cover;
use geo::{Coord, Rect, coord};
use kind::FieldKind;
use lay::Lay;
use rams_domain::{AssessedArea, Crs, ExternalEvidence, Feature, Ground};

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
    pub external_evidence: Vec<ExternalEvidence>,
    /// What is there.
    pub truth: FieldTruth,
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
        let mut features = finds::ordnance::find(seed, &spec.detection, &lay.items, &cover, extent);
        finds::earthworks::find(
            &mut features,
            seed,
            &spec.detection.earthworks,
            &lay.earthworks,
            &cover,
            extent,
        );
        let assessed = assessed(&ground, &cover);
        Self { seed, ground, features, assessed, external_evidence: vec![], truth: lay.truth() }
    }

    /// The whole field.
    pub fn extent(&self) -> Rect {
        self.ground.extent()
    }
}

/// What each model has seen: all that nothing hides.
fn assessed(ground: &Ground, cover: &Cover) -> Vec<AssessedArea> {
    let area_m2 = ground.area_m2(&cover.assessed);
    let by_model: [(&str, &[&str]); 2] = [
        (finds::ordnance::MODEL, &finds::ordnance::CLASSES),
        (finds::earthworks::MODEL, &finds::earthworks::CLASSES),
    ];
    by_model
        .map(|(model, classes)| AssessedArea {
            boundary: cover.assessed.clone(),
            area_m2,
            orthomosaic: finds::ORTHOMOSAIC.into(),
            model: model.into(),
            classes: classes.iter().map(|class| (*class).into()).collect(),
        })
        .to_vec()
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
