//! The exact truth of a scene.

use crate::SceneSpec;
use crate::camera::Mosaic;
use crate::layout::Layout;
use crate::terrain::EarthworkTruth;
use geo::{
    AffineOps, Area, BooleanOps, BoundingRect, Coord, Euclidean, Intersects, Length, LineString,
    MapCoords, MultiLineString, Polygon,
};
use rams_domain::{EoCategory, Indicator, PxBox};
use std::path::PathBuf;

/// What lies where in a painted scene.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneTruth {
    /// The orthomosaic.
    pub orthomosaic: PathBuf,
    /// The GeoPackage that holds the same as `objects`.
    pub path: PathBuf,
    /// The COCO file that holds the same, outlines and boxes in mosaic pixels.
    pub coco: PathBuf,
    /// The surface model of the same ground, of scenes of earthworks.
    pub surface_model: Option<PathBuf>,
    /// All objects and earthworks; leaves, stones, shrubs and what only looks like one are not
    /// among them.
    pub objects: Vec<TrueObject>,
}

/// One object or earthwork, exactly as painted, without its shadow, and where the mosaic shows it:
/// local displacements of the camera's ([`crate::CameraSpec::warp_px`]) and jumps along seams are
/// in it, second copies are not. No object lies across a seam; an earthwork follows the image at
/// its first point. Of an earthwork that leaves the image and comes back each part is one of these.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueObject {
    /// Class: `pfm-1`, `pmn-2`, `ksf-casing`, ..., `trench_fire` or `berm`, called like their
    /// indicators.
    pub class: &'static str,
    /// The indicator it is.
    pub indicator: Indicator,
    /// The category of explosive ordnance; unknown for earthworks.
    pub eo_category: EoCategory,
    /// Outline in the CRS. An earthwork's is all disturbed ground: a trench's holds its parapets.
    pub outline: Polygon,
    /// The same in mosaic pixels.
    pub outline_px: Polygon,
    /// Centrelines of a linear earthwork in the CRS: one, or several where the image cuts it.
    pub centrelines: Vec<LineString>,
    /// Size along its own axis (of a linear earthwork: along the centrelines), metres of the CRS.
    pub length_m: f64,
    /// Size across, metres of the CRS.
    pub width_m: f64,
    /// Box around the outline, mosaic pixels, not rounded.
    pub px: PxBox,
    /// Visible share of the body, 0 to 1: the rest is sunk or under grass. Of an earthwork 1 fresh,
    /// less slumped and overgrown.
    pub visibility: f64,
}

/// The truth of a layout, objects first.
pub(crate) fn truth(spec: &SceneSpec, layout: &Layout, mosaic: &Mosaic) -> Vec<TrueObject> {
    let objects = layout.objects.iter().filter_map(|object| {
        let (class, indicator, eo_category) = object.kind.truth()?;
        let outline =
            Polygon::new(object.outline.iter().map(|c| object.placed(*c)).collect(), vec![]);
        let size_m = object.size_m();
        let image = mosaic.image(object.centre);
        let attributes =
            Attributes { class, indicator, eo_category, size_m, visibility: object.visibility };
        place(spec, mosaic, image, attributes, outline, vec![])
    });
    let seen = layout.footprint.outline();
    let earthworks = layout.terrain.works.iter().filter_map(|work| work.truth.as_ref());
    let earthworks = earthworks.flat_map(|truth| parts(spec, mosaic, &seen, truth));
    objects.chain(earthworks).collect()
}

/// Less of an earthwork than this, square metres, is no part of it.
const PART_MIN_M2: f64 = 0.3;

/// The parts of an earthwork that the image holds.
fn parts(
    spec: &SceneSpec,
    mosaic: &Mosaic,
    seen: &Polygon,
    truth: &EarthworkTruth,
) -> Vec<TrueObject> {
    let reaches = truth.outline.bounding_rect().is_some_and(|bounds| seen.intersects(&bounds));
    if !reaches {
        return vec![];
    }
    let cut = truth.outline.intersection(seen);
    cut.into_iter()
        .filter(|part| part.unsigned_area() > PART_MIN_M2)
        .filter_map(|part| {
            let line = MultiLineString::new(truth.centreline.iter().cloned().collect());
            let lines = part.clip(&line, false).0;
            let size_m = if truth.centreline.is_some() && lines.is_empty() {
                // The image holds an edge of it only.
                [part.unsigned_area() / truth.width_m, truth.width_m]
            } else if lines.is_empty() {
                let bounds = part.bounding_rect()?;
                let (width, height) = (bounds.width(), bounds.height());
                [width.max(height), width.min(height)]
            } else {
                [lines.iter().map(|line| Euclidean.length(line)).sum(), truth.width_m]
            };
            let attributes = Attributes {
                class: truth.class,
                indicator: truth.indicator,
                eo_category: EoCategory::Unknown,
                size_m,
                visibility: truth.visibility,
            };
            let first = *part.exterior().0.first()?;
            place(spec, mosaic, mosaic.image(first), attributes, part, lines)
        })
        .collect()
}

/// A truth without its place.
struct Attributes {
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
    attributes: Attributes,
    outline: Polygon,
    centrelines: Vec<LineString>,
) -> Option<TrueObject> {
    let to_crs = spec.scene_to_crs();
    let shown = |c: Coord| mosaic.shown(c, image);
    let outline = outline.map_coords(shown);
    let outline_px = outline.map_coords(|c| spec.scene_to_px(c));
    let px = outline_px.bounding_rect()?;
    let [length_m, width_m] = attributes.size_m;
    Some(TrueObject {
        class: attributes.class,
        indicator: attributes.indicator,
        eo_category: attributes.eo_category,
        outline: outline.affine_transform(&to_crs),
        outline_px,
        centrelines: centrelines
            .iter()
            .map(|line| line.map_coords(shown).affine_transform(&to_crs))
            .collect(),
        length_m,
        width_m,
        px: PxBox { x0: px.min().x, y0: px.min().y, x1: px.max().x, y1: px.max().y },
        visibility: attributes.visibility,
    })
}
