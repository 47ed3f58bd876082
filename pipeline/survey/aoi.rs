//! The ground that a survey was ordered for: tiles beyond it are not read, and all of it is
//! accounted for.

use crate::{
    SurveyError,
    coverage::{self, Coverage},
    digest::file_digest,
    overlap,
};
use geo::{
    Area, BoundingRect, Contains, Densify, Euclidean, Geometry, Intersects, MapCoords,
    MultiPolygon, Orient, Polygon, Rect, orient::Direction,
};
use rams_domain::{
    EvidenceFileRecord, ExternalEvidence, ExternalEvidenceId, GapArea, GapReason, Ground,
    Orthomosaic, TilePlan, plural,
};
use std::path::{Path, PathBuf};

/// Edges are straight in the survey's CRS, and on an orthomosaic of another only nearly: 0.1 mm in
/// 64 m.
const STRAIGHT_M: f64 = 64.0;

/// The area of interest: the limit of a survey.
pub(crate) struct Aoi {
    path: PathBuf,
    /// As it was given, for the map.
    known: Vec<ExternalEvidence>,
    area: MultiPolygon,
    area_m2: f64,
}

impl Aoi {
    /// Reads a limit; it must meet the ground that was or will be surveyed.
    pub(crate) fn read(
        path: &Path,
        ground: &Ground,
        surveyed: &[Polygon],
    ) -> Result<Self, SurveyError> {
        let known = rams_evidence::read_aoi(path, ground)?;
        let polygons = known.iter().map(|known| match &known.geometry {
            Geometry::Polygon(polygon) => MultiPolygon(vec![polygon.clone()]),
            Geometry::MultiPolygon(polygons) => polygons.clone(),
            _ => MultiPolygon(vec![]),
        });
        let area = overlap::union(&polygons.collect::<Vec<_>>());
        let extent = area.bounding_rect().unwrap_or(ground.extent());
        if area.unsigned_area() <= 0.0 || !surveyed.iter().any(|piece| piece.intersects(&area)) {
            let (aoi, imagery) = (degrees(extent, ground), degrees(ground.extent(), ground));
            return Err(SurveyError::AoiApart { path: path.to_owned(), aoi, imagery });
        }
        let area_m2 = ground.area_m2(&area);
        Ok(Self { path: path.to_owned(), known, area, area_m2 })
    }

    /// What it is, for a person.
    pub(crate) fn told(&self) -> String {
        format!("limit {}: {}", self.path.display(), self.outcome())
    }

    fn outcome(&self) -> String {
        let count = self.known.len();
        format!("{count} {}, {:.1} m²", plural(count, "polygon"), self.area_m2)
    }

    /// The file and what it holds.
    pub(crate) fn record(&self) -> EvidenceFileRecord {
        let outcome = format!("survey limit: {}", self.outcome());
        EvidenceFileRecord {
            path: self.path.clone(),
            outcome: Some(outcome),
            kept_out: 0,
            digest: file_digest(&self.path),
            is_limit: true,
        }
    }

    /// The ground within it, units of the survey's CRS.
    pub(crate) fn area(&self) -> &MultiPolygon {
        &self.area
    }

    /// Its extent, units of the survey's CRS.
    pub(crate) fn extent(&self) -> Option<Rect> {
        self.area.bounding_rect()
    }

    /// The limit as external evidence, numbered after `count` other pieces.
    pub(crate) fn evidence(&self, count: usize) -> impl Iterator<Item = ExternalEvidence> {
        let numbers = count as u32 + 1..;
        self.known
            .iter()
            .cloned()
            .zip(numbers)
            .map(|(known, id)| ExternalEvidence { id: ExternalEvidenceId(id), ..known })
    }

    /// Which tiles of a plan to look at: those whose window meets the limit, halo and all, so that
    /// an object on the limit is seen.
    pub(crate) fn tiles(&self, plan: &TilePlan, orthomosaic: &Orthomosaic) -> Vec<bool> {
        let georef = &orthomosaic.georef;
        let ground = georef.ground();
        let metres = ground.to_metres(&self.area);
        let dense: MultiPolygon = ground.from_metres(&Euclidean.densify(&metres, STRAIGHT_M));
        let px = dense.map_coords(|at| georef.to_pixel(at));
        let meets = |window: Rect| px.iter().any(|polygon| polygon.intersects(&window));
        plan.tiles().map(|tile| meets(plan.grid().rect_to_mosaic(&tile.read).rect())).collect()
    }

    /// Coverage cut at the limit, with a gap of a reason for the ground within it that was not
    /// `surveyed`, for all that was looked for elsewhere: ground without an image is no matter of
    /// course there. With it go the orthomosaics of rows that could not be cut, and why: ground
    /// beyond the limit that counts is better than a survey that is lost.
    pub(crate) fn cut(
        &self,
        coverage: Coverage,
        ground: &Ground,
        surveyed: &MultiPolygon,
        (reason, detail): (GapReason, &str),
    ) -> (Coverage, Vec<(String, String)>) {
        let looked_for = coverage.looked_for();
        let Coverage { mut assessed, mut gaps } = coverage;
        let mut failures = vec![];
        for row in &mut assessed {
            let cut = cut_row(&mut row.boundary, &mut row.area_m2, &self.area, ground);
            failures.extend(cut.err().map(|cause| (row.orthomosaic.clone(), cause)));
        }
        for row in &mut gaps {
            let cut = cut_row(&mut row.boundary, &mut row.area_m2, &self.area, ground);
            failures.extend(cut.err().map(|cause| (row.orthomosaic.clone(), cause)));
            if row.reason == GapReason::Nodata {
                row.reason = GapReason::NoImagery;
                row.detail = "the orthomosaic has no image here".into();
            }
        }
        assessed.retain(|row| !row.boundary.0.is_empty());
        gaps.retain(|row| !row.boundary.0.is_empty());
        // Ground that counts twice is better than none.
        let mut boundary = rams_overlay::difference(&self.area, surveyed)
            .map(|rest| rest.orient(Direction::Default))
            .unwrap_or_else(|cause| {
                failures.push((self.path.display().to_string(), cause));
                self.area.clone()
            });
        boundary.0.retain(|piece| overlap::is_ground(piece, ground));
        if !boundary.0.is_empty() {
            let area_m2 = ground.area_m2(&boundary);
            let gap = |(model, classes): (String, Vec<String>)| {
                let (reason, detail) = match &*model {
                    "" => (GapReason::NoModel, coverage::NO_MODEL),
                    _ => (reason, detail),
                };
                let (boundary, orthomosaic, detail) =
                    (boundary.clone(), String::new(), detail.to_owned());
                GapArea { boundary, area_m2, orthomosaic, model, classes, reason, detail }
            };
            gaps.extend(looked_for.into_iter().map(gap));
        }
        (Coverage { assessed, gaps }, failures)
    }
}

/// Cuts a row; what lies wholly within the limit stays as it is, to the last digit. One that cannot
/// be cut stays whole.
fn cut_row(
    boundary: &mut MultiPolygon,
    area_m2: &mut f64,
    limit: &MultiPolygon,
    ground: &Ground,
) -> Result<(), String> {
    let is_within = |polygon: &Polygon| {
        polygon.bounding_rect().is_some_and(|rect| limit.contains(&rect.to_polygon()))
    };
    let (within, across): (Vec<Polygon>, Vec<Polygon>) =
        std::mem::take(&mut boundary.0).into_iter().partition(is_within);
    boundary.0 = within;
    if across.is_empty() {
        return Ok(());
    }
    let across = MultiPolygon(across);
    let cut = rams_overlay::intersection(&across, limit).map(|inside| {
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
