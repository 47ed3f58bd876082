// What the examples of the documentation are about: an orthomosaic of 200 x 200 px of 0.1 m, off
// any coast, its upper left corner at (0, 20), and a model that finds mines, craters and trenches.

use geo::{Coord, Rect, coord};
pub use rams_domain::{
    Calibration, Class, Crs, Detection, DetectionId, EoCategory, GeometryKind, Georef, Grid,
    Ground, Indicator, Model, Orthomosaic, PxBox, RasterSize, ReadAs, Shape, Task, TileId,
    TileSpec, Validity,
};

pub fn ground() -> Ground {
    let extent = Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 20.0, y: 20.0 });
    // Metres around 0.5 N 0.5 E on the WGS 84 ellipsoid.
    let lonlat = |c: Coord| coord! { x: 0.5 + c.x / 111_315.3, y: 0.5 + c.y / 110_574.4 };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "invented".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("the extent spans an area")
}

pub fn orthomosaic(name: &str) -> Orthomosaic {
    let transform = [0.0, 0.1, 0.0, 20.0, 0.0, -0.1];
    Orthomosaic {
        path: format!("{name}.tif").into(),
        name: name.into(),
        size: RasterSize { width: 200, height: 200 },
        georef: Georef::new(transform, ground()).expect("invertible"),
        colour_bands: [1, 2, 3],
        values: String::new(),
        off_colour: None,
        validity: Validity::default(),
        format: String::new(),
        notices: vec![],
        read_as: ReadAs::default(),
    }
}

pub fn model() -> Model {
    let class = |name: &str, indicator, geometry, size_m| Class {
        name: name.into(),
        label: None,
        indicator,
        eo_category: EoCategory::Unknown,
        geometry,
        parent: None,
        gsd_name_m: None,
        size_m,
        gsd_max_m: 0.1,
        threshold: 0.5.into(),
        pixel_threshold: None,
        hidden_by: vec![],
        calibration: Calibration::default(),
    };
    let classes = vec![
        class("mine", Indicator::MineSurface, GeometryKind::Point, [0.1, 0.4]),
        class("crater", Indicator::Crater, GeometryKind::Polygon, [0.8, 20.0]),
        class("trench", Indicator::TrenchFire, GeometryKind::Line, [4.0, 5000.0]),
    ];
    Model {
        name: "toy".into(),
        version: "1".into(),
        digest: String::new(),
        task: Task::Segment,
        gsd_m: 0.1,
        tile: TileSpec { tile_px: 128, halo_px: 16 },
        classes,
    }
}

pub fn grid(orthomosaic: &Orthomosaic) -> Grid {
    Grid::new(orthomosaic.size, orthomosaic.gsd_m(), 0.1)
}

pub fn detection(tile: u32, index: u32, class: usize, score: f32, shape: Shape) -> Detection {
    let id = DetectionId { tile: TileId(tile), index };
    Detection { id, class, score, shape, embedding: None }
}

pub fn px(x0: f64, y0: f64, x1: f64, y1: f64) -> PxBox {
    PxBox { x0, y0, x1, y1 }
}
