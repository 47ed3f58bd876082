//! The ground that a survey was ordered for: tiles beyond it are not read, and all of it is accounted
//! for.

use crate::{coverage, overlap, record::Record};
use anyhow::ensure;
use geo::{
    Area, BooleanOps, BoundingRect, Contains, Densify, Euclidean, Geometry, Intersects, MapCoords, MultiPolygon,
    Orient, Polygon, Rect, orient::Direction, unary_union,
};
use rams_detect::Manifest;
use rams_domain::{GapArea, GapReason, Ground, Known, KnownId, Orthomosaic, Survey, TilePlan};
use std::{ops::Deref, path::Path};

/// Edges are straight in the survey's CRS, and on an orthomosaic of another only nearly: 0.1 mm in 64 m.
const STRAIGHT_M: f64 = 64.0;

/// The limit of a survey.
pub(crate) struct Limit {
    /// As it was given, for the map.
    pub(crate) known: Vec<Known>,
    area: MultiPolygon,
}

impl Limit {
    /// Reads a limit; it must meet the imagery.
    pub(crate) fn read(path: &Path, ground: &Ground, orthomosaics: &[Orthomosaic]) -> anyhow::Result<Self> {
        let known = rams_store::read_limit(path, ground)?;
        let polygons = known.iter().map(|known| match &known.geometry {
            Geometry::Polygon(polygon) => MultiPolygon(vec![polygon.clone()]),
            Geometry::MultiPolygon(polygons) => polygons.clone(),
            _ => MultiPolygon(vec![]),
        });
        let area = unary_union(&polygons.collect::<Vec<_>>());
        let frames: Vec<Polygon> = orthomosaics.iter().map(overlap::frame).collect();
        let extent = area.bounding_rect().unwrap_or(ground.extent());
        ensure!(
            area.unsigned_area() > 0.0 && frames.iter().any(|frame| frame.intersects(&area)),
            "{} does not touch the imagery: it reaches {}, the imagery {}; check its CRS, or give the limit of this ground",
            path.display(),
            degrees(extent, ground),
            degrees(ground.extent(), ground)
        );
        eprintln!("limit {}: {} polygon(s), {:.1} m²", path.display(), known.len(), ground.area_m2(&area));
        Ok(Self { known, area })
    }

    /// The ground within it, units of the survey's CRS.
    pub(crate) fn area(&self) -> &MultiPolygon {
        &self.area
    }

    /// Its extent, units of the survey's CRS.
    pub(crate) fn extent(&self) -> Option<Rect> {
        self.area.bounding_rect()
    }

    /// The limit among what others know, numbered after it.
    pub(crate) fn join(&self, known: &mut Vec<Known>) {
        let numbers = known.len() as u32 + 1..;
        known.extend(self.known.iter().cloned().zip(numbers).map(|(known, id)| Known { id: KnownId(id), ..known }));
    }

    /// Notes the file.
    pub(crate) fn note(&self, path: &Path, ground: &Ground, record: &mut Record) {
        let text = format!("survey limit: {} polygon(s), {:.1} m²", self.known.len(), ground.area_m2(&self.area));
        record.evidence(path, &text);
        record.evidence_digest(path, rams_tile::digest(path, || false));
    }

    /// Which tiles of a plan to look at: those whose window meets the limit, halo and all, so that an
    /// object on the limit is seen.
    pub(crate) fn tiles(&self, plan: &TilePlan, orthomosaic: &Orthomosaic) -> Vec<bool> {
        let georef = &orthomosaic.georef;
        let ground = georef.ground();
        let metres = ground.to_metres(&self.area);
        let dense: MultiPolygon = ground.from_metres(&Euclidean.densify(&metres, STRAIGHT_M));
        let px = dense.map_coords(|at| georef.to_pixel(at));
        let meets = |window: Rect| px.iter().any(|polygon| polygon.intersects(&window));
        plan.tiles().map(|tile| meets(plan.grid().rect_to_mosaic(&tile.read).rect())).collect()
    }

    /// Cuts coverage at the limit, and makes a gap of the ground within it that nothing shows, for all
    /// that the models look for. Ground without an image is no matter of course there. Returns the
    /// orthomosaics of rows that could not be cut, and why: ground beyond the limit that counts is better
    /// than a survey that is lost.
    pub(crate) fn cut(
        &self,
        survey: &mut Survey,
        orthomosaics: &[impl Deref<Target = Orthomosaic>],
        manifests: &[impl Deref<Target = Manifest>],
    ) -> Vec<(String, String)> {
        let ground = &survey.ground;
        let mut failures = vec![];
        for row in &mut survey.assessed {
            let cut = cut_row(&mut row.boundary, &mut row.area_m2, &self.area, ground);
            failures.extend(cut.err().map(|cause| (row.orthomosaic.clone(), cause)));
        }
        for row in &mut survey.gaps {
            let cut = cut_row(&mut row.boundary, &mut row.area_m2, &self.area, ground);
            failures.extend(cut.err().map(|cause| (row.orthomosaic.clone(), cause)));
            if row.reason == GapReason::Nodata {
                row.reason = GapReason::NoImagery;
                row.detail = "the orthomosaic has no image here".into();
            }
        }
        survey.assessed.retain(|row| !row.boundary.0.is_empty());
        survey.gaps.retain(|row| !row.boundary.0.is_empty());
        let frames: Vec<Polygon> = orthomosaics.iter().map(|orthomosaic| overlap::frame(orthomosaic)).collect();
        let mut boundary = self.area.difference(&unary_union(&frames));
        boundary.0.retain(|piece| overlap::is_ground(piece, ground));
        if boundary.0.is_empty() {
            return failures;
        }
        let area_m2 = ground.area_m2(&boundary);
        let missing = |model: &str, classes, reason, detail: &str| GapArea {
            boundary: boundary.clone(),
            area_m2,
            orthomosaic: String::new(),
            model: model.into(),
            classes,
            reason,
            detail: detail.into(),
        };
        survey.gaps.extend(manifests.iter().map(|manifest| {
            let (model, classes) = (&manifest.model.name, coverage::looked_for(&manifest.model));
            missing(model, classes, GapReason::NoImagery, "no orthomosaic of this survey reaches here")
        }));
        let others = coverage::looked_for_by_none(manifests);
        if !others.is_empty() {
            survey.gaps.push(missing("", others, GapReason::NoModel, coverage::NO_MODEL));
        }
        failures
    }
}

/// Cuts a row; what lies wholly within the limit stays as it is, to the last digit. One that cannot be
/// cut stays whole.
fn cut_row(
    boundary: &mut MultiPolygon,
    area_m2: &mut f64,
    limit: &MultiPolygon,
    ground: &Ground,
) -> Result<(), String> {
    let is_within = |polygon: &Polygon| polygon.bounding_rect().is_some_and(|rect| limit.contains(&rect.to_polygon()));
    let (within, across): (Vec<Polygon>, Vec<Polygon>) =
        std::mem::take(&mut boundary.0).into_iter().partition(is_within);
    boundary.0 = within;
    if across.is_empty() {
        return Ok(());
    }
    let across = MultiPolygon(across);
    let cut = rams_tile::within(&across, limit).map(|inside| {
        let pieces = inside.orient(Direction::Default).into_iter();
        boundary.0.extend(pieces.filter(|piece| overlap::is_ground(piece, ground)));
        *area_m2 = ground.area_m2(boundary);
    });
    if cut.is_err() {
        boundary.0.extend(across);
    }
    cut
}

/// `15.00000 E to 15.00004 E and 0.00900 N to 0.00904 N`, WGS 84.
fn degrees(extent: Rect, ground: &Ground) -> String {
    let [min, max] = [extent.min(), extent.max()].map(|corner| ground.lonlat(corner));
    let east = |lon: f64| format!("{:.5} {}", lon.abs(), if lon < 0.0 { "W" } else { "E" });
    let [west, most] = [min.x, max.x].map(rams_domain::wrapped_longitude);
    let north = |lat: f64| format!("{:.5} {}", lat.abs(), if lat < 0.0 { "S" } else { "N" });
    format!("from {} to {} and from {} to {}", east(west), east(most), north(min.y), north(max.y))
}
