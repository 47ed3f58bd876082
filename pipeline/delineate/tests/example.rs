// What the examples of the documentation are about: mines on ground around 45 N 30 W.

use geo::{Coord, Point, Rect, coord};
pub use rams_domain::{
    Crs, DetectionId, EoCategory, Feature, FeatureId, Ground, Indicator, PxBox, TileId,
};

pub fn ground() -> Ground {
    let extent = Rect::new(coord! { x: -500.0, y: -500.0 }, coord! { x: 500.0, y: 500.0 });
    // Metres on the WGS 84 ellipsoid.
    let lonlat = |c: Coord| coord! { x: -30.0 + c.x / 78_846.8, y: 45.0 + c.y / 111_131.7 };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "invented".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("the extent spans an area")
}

pub fn mine(id: u32, x: f64, y: f64) -> Feature {
    Feature {
        id: FeatureId(id),
        class: "pmn-2".into(),
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry: Point::new(x, y).into(),
        score: 0.8,
        confidence: 0.8,
        size_m: [0.12, 0.06],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "flight".into(),
        model: "toy".into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 },
        detections: vec![DetectionId { tile: TileId(0), index: id }],
        also: vec![],
    }
}
