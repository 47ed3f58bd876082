//! The exact truth of a scene.

use crate::SceneSpec;
use crate::earthwork::Works;
use crate::layout::Layout;
use geo::{AffineOps, BoundingRect, Buffer, Coord, Length, LineString, MapCoords, Polygon};
use rams_domain::{EoCategory, Indicator, PxBox};
use std::path::PathBuf;

/// What lies where in a painted scene.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneTruth {
    /// The orthomosaic.
    pub orthomosaic: PathBuf,
    /// The GeoPackage that holds the same as `objects`.
    pub path: PathBuf,
    /// All objects and earthworks; leaves, stones, shrubs and the track are not among them.
    pub objects: Vec<TrueObject>,
}

/// One object or earthwork, exactly as painted, without its shadow.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueObject {
    /// Class: `pfm-1`, `ksf-casing`, `pmn-1`, `tm-62m`, `9n235`, `trench` or `berm`.
    pub class: &'static str,
    /// The indicator it is.
    pub indicator: Indicator,
    /// The category of explosive ordnance; unknown for earthworks.
    pub eo_category: EoCategory,
    /// Outline in the CRS. A trench's holds its parapets, 3.5 m in all.
    pub outline: Polygon,
    /// Centreline of an earthwork in the CRS.
    pub centreline: Option<LineString>,
    /// Size along its own axis (of an earthwork: along the centreline), metres of the CRS.
    pub length_m: f64,
    /// Size across, metres of the CRS.
    pub width_m: f64,
    /// Box around the outline, mosaic pixels, not rounded.
    pub px: PxBox,
}

/// The truth of a layout, objects first.
pub(crate) fn truth(spec: &SceneSpec, layout: &Layout) -> Vec<TrueObject> {
    let objects = layout.objects.iter().filter_map(|object| {
        let (class, indicator, eo_category) = object.kind.truth()?;
        let outline = Polygon::new(object.outline.iter().map(|c| object.placed(*c)).collect(), vec![]);
        let [length_m, width_m] = object.size_m();
        place(
            spec,
            TrueObject {
                class,
                indicator,
                eo_category,
                outline,
                centreline: None,
                length_m,
                width_m,
                px: PxBox { x0: 0.0, y0: 0.0, x1: 0.0, y1: 0.0 },
            },
        )
    });
    let earthworks = layout.earthworks.iter().filter_map(|work| {
        let (class, indicator) = match work.works {
            Works::Trench => ("trench", Indicator::TrenchFire),
            Works::Berm => ("berm", Indicator::Berm),
        };
        let line = LineString::from(work.line.clone());
        let half_m = work.works.half_width_m();
        // A line that does not cross itself buffers to one polygon.
        let outline = line.buffer(half_m).0.into_iter().next()?;
        place(
            spec,
            TrueObject {
                class,
                indicator,
                eo_category: EoCategory::Unknown,
                outline,
                length_m: geo::Euclidean.length(&line),
                centreline: Some(line),
                width_m: 2.0 * half_m,
                px: PxBox { x0: 0.0, y0: 0.0, x1: 0.0, y1: 0.0 },
            },
        )
    });
    objects.chain(earthworks).collect()
}

/// Puts a truth in scene metres into pixels and the CRS.
fn place(spec: &SceneSpec, object: TrueObject) -> Option<TrueObject> {
    let to_crs = spec.scene_to_crs();
    let px = object.outline.map_coords(|c: Coord| spec.scene_to_px(c)).bounding_rect()?;
    Some(TrueObject {
        px: PxBox { x0: px.min().x, y0: px.min().y, x1: px.max().x, y1: px.max().y },
        outline: object.outline.affine_transform(&to_crs),
        centreline: object.centreline.map(|line| line.affine_transform(&to_crs)),
        ..object
    })
}
