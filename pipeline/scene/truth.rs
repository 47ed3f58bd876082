//! The exact truth of a scene.

use crate::SceneSpec;
use crate::camera::Mosaic;
use crate::earthwork::Works;
use crate::layout::Layout;
use geo::{AffineOps, BoundingRect, Buffer, Coord, Length, LineString, MapCoords, Polygon};
use rams_domain::{EoCategory, Indicator, PxBox};
use std::path::PathBuf;

/// All point-like classes and the coarser class of each, in the order of their COCO numbers: a new
/// one goes to the end.
#[rustfmt::skip]
pub(crate) const CLASSES: [(&str, &str); 18] = [
    ("pfm-1", "pfm-1"), ("pmn-1", "ap-round"), ("pmn-2", "ap-round"), ("pmn-4", "ap-round"),
    ("ozm-72", "ap-fragmentation"), ("pom-2", "ap-fragmentation"), ("pom-3", "ap-fragmentation"),
    ("mon-50", "ap-directional"), ("mon-90", "ap-directional"), ("tm-62m", "av-round"), ("tm-57", "av-round"),
    ("9n235", "submunition"), ("m095", "submunition"), ("ptab-1m", "submunition"), ("shoab-0.5", "submunition"),
    ("ao-2.5", "submunition"), ("ksf-casing", "carrier"), ("rbk-part", "carrier"),
];

/// What lies where in a painted scene.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneTruth {
    /// The orthomosaic.
    pub orthomosaic: PathBuf,
    /// The GeoPackage that holds the same as `objects`.
    pub path: PathBuf,
    /// The COCO file that holds those of point-like classes.
    pub coco: PathBuf,
    /// All objects and earthworks; leaves, stones, shrubs and the track are not among them.
    pub objects: Vec<TrueObject>,
}

/// One object or earthwork, exactly as painted, without its shadow, and where the mosaic shows it:
/// local displacements of the camera's ([`crate::CameraSpec::warp_px`]) and jumps along seams are in
/// it, second copies are not. No object lies across a seam; an earthwork follows the image at its
/// first point.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueObject {
    /// Class: `pfm-1`, `pmn-2`, `ksf-casing`, ..., `trench` or `berm`.
    pub class: &'static str,
    /// The indicator it is.
    pub indicator: Indicator,
    /// The category of explosive ordnance; unknown for earthworks.
    pub eo_category: EoCategory,
    /// Outline in the CRS. A trench's holds its parapets, 3.5 m in all.
    pub outline: Polygon,
    /// The same in mosaic pixels.
    pub outline_px: Polygon,
    /// Centreline of an earthwork in the CRS.
    pub centreline: Option<LineString>,
    /// Size along its own axis (of an earthwork: along the centreline), metres of the CRS.
    pub length_m: f64,
    /// Size across, metres of the CRS.
    pub width_m: f64,
    /// Box around the outline, mosaic pixels, not rounded.
    pub px: PxBox,
    /// Visible share of the body, 0 to 1: the rest is sunk or under grass. 1 for earthworks.
    pub visibility: f64,
}

/// The truth of a layout, objects first.
pub(crate) fn truth(spec: &SceneSpec, layout: &Layout, mosaic: &Mosaic) -> Vec<TrueObject> {
    let objects = layout.objects.iter().filter_map(|object| {
        let (class, indicator, eo_category) = object.kind.truth()?;
        let outline = Polygon::new(object.outline.iter().map(|c| object.placed(*c)).collect(), vec![]);
        let size_m = object.size_m();
        let image = mosaic.image(object.centre);
        let what = What { class, indicator, eo_category, size_m, visibility: object.visibility };
        place(spec, mosaic, image, what, outline, None)
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
        let size_m = [geo::Euclidean.length(&line), 2.0 * half_m];
        let what = What { class, indicator, eo_category: EoCategory::Unknown, size_m, visibility: 1.0 };
        place(spec, mosaic, mosaic.image(work.line[0]), what, outline, Some(line))
    });
    objects.chain(earthworks).collect()
}

/// A truth without its place.
struct What {
    class: &'static str,
    indicator: Indicator,
    eo_category: EoCategory,
    size_m: [f64; 2],
    visibility: f64,
}

/// Puts a truth in scene metres into the mosaic's pixels and the CRS.
fn place(
    spec: &SceneSpec,
    mosaic: &Mosaic,
    image: u64,
    what: What,
    outline: Polygon,
    centreline: Option<LineString>,
) -> Option<TrueObject> {
    let to_crs = spec.scene_to_crs();
    let shown = |c: Coord| mosaic.shown(c, image);
    let outline = outline.map_coords(shown);
    let outline_px = outline.map_coords(|c| spec.scene_to_px(c));
    let px = outline_px.bounding_rect()?;
    let [length_m, width_m] = what.size_m;
    Some(TrueObject {
        class: what.class,
        indicator: what.indicator,
        eo_category: what.eo_category,
        outline: outline.affine_transform(&to_crs),
        outline_px,
        centreline: centreline.map(|line| line.map_coords(shown).affine_transform(&to_crs)),
        length_m,
        width_m,
        px: PxBox { x0: px.min().x, y0: px.min().y, x1: px.max().x, y1: px.max().y },
        visibility: what.visibility,
    })
}
