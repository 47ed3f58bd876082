//! Features to areas: three mines in a row become one suspected hazardous area, by the doctrine.
//!
//!     cargo run --example areas

use geo::{Point, coord};
use rams_delineate::{Basis, Doctrine, delineate};
use rams_domain::{Crs, EoCategory, Feature, FeatureId, Ground, Indicator, PxBox, RunRecord};

fn main() {
    let ground = ground();
    let at = [(10.0, 10.0), (20.0, 10.5), (30.0, 11.0)];
    let features: Vec<Feature> =
        at.iter().zip(FeatureId::all()).map(|((x, y), id)| mine(id, *x, *y)).collect();

    let basis = Basis {
        features: &features,
        external_evidence: &[],
        assessed: &[],
        gaps: &[],
        ground: &ground,
        record: &RunRecord::default(),
    };
    for area in delineate(&basis, &Doctrine::baseline()).hazard_areas {
        println!(
            "{}: {} of {}, {:.0} m² around {} features, threat {}, confidence {:.2}",
            area.id,
            area.land_class,
            area.eo_category,
            area.area_m2,
            area.features.len(),
            area.threat,
            area.confidence
        );
    }
}

/// Ground of 100 x 100 m whose coordinates are metres, in the middle of an ocean.
fn ground() -> Ground {
    let corners = [coord! { x: 0.0, y: 0.0 }, coord! { x: 100.0, y: 100.0 }];
    let extent = Ground::extent_of(&corners).expect("two corners have an extent");
    let lonlat = |at: geo::Coord| coord! { x: -30.0 + at.x / 111_320.0, y: at.y / 110_574.0 };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "metres".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("its coordinates are on earth")
}

fn mine(id: FeatureId, x: f64, y: f64) -> Feature {
    Feature {
        id,
        class: "pmn-2".into(),
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry: Point::new(x, y).into(),
        score: 0.9,
        // What the calibration of the model makes of that score.
        confidence: 0.9995,
        size_m: [0.12, 0.12],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "flight".into(),
        model: "surface-ordnance".into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 30.0, y1: 30.0 },
        detections: vec![],
        also: vec![],
    }
}
