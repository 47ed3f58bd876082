//! How like each other two features of different orthomosaics are.

use crate::local_feature::{LocalFeature, LocalShape, WideLine, strip};
use crate::mosaic_frame::MosaicFrame;
use geo::{
    Area, BooleanOps, Centroid, Coord, Euclidean, Length, MultiLineString, MultiPolygon, Point,
    Polygon,
};

/// Least shares at which two areas are one, as for boxes of neighbouring tiles: intersection over
/// union, and intersection over the smaller one.
const SAME_IOU: f64 = 0.3;
const SAME_IOS: f64 = 0.6;

/// Areas of less than this share of each other are not of like size.
const LIKE_SIZE: f64 = 0.5;

/// Share of the shorter of two lines that runs along the other.
const SAME_COURSE: f64 = 0.5;

/// What is needed to compare.
pub(crate) struct Matcher<'a> {
    pub(crate) mosaics: &'a [MosaicFrame],
    /// Horizontal error of positions, metres.
    pub(crate) accuracy_m: f64,
}

impl Matcher<'_> {
    /// From 0 for the very same to 1 for just so; `None` for two objects or earthworks.
    pub(crate) fn match_cost(&self, a: &LocalFeature, b: &LocalFeature) -> Option<f64> {
        match (&a.shape, &b.shape) {
            (LocalShape::Point(at_a), LocalShape::Point(at_b)) => {
                self.near(*at_a, *at_b, a.half_m.min(b.half_m))
            }
            (LocalShape::Area(area_a), LocalShape::Area(area_b)) => {
                let frames = (&self.mosaics[a.mosaic].frame, &self.mosaics[b.mosaic].frame);
                overlap(area_a, area_b, frames).or_else(|| self.same_place(a, b, area_a, area_b))
            }
            (LocalShape::Lines(lines_a), LocalShape::Lines(lines_b)) => {
                self.same_course(a, b, lines_a, lines_b)
            }
            _ => None,
        }
    }

    /// How far two places are apart, as a share of the error and of half an object.
    fn near(&self, a: Coord, b: Coord, half_m: f64) -> Option<f64> {
        let match_cost = (a.x - b.x).hypot(a.y - b.y) / (self.accuracy_m + half_m);
        (match_cost <= 1.0).then_some(match_cost)
    }

    /// How near the centres of two areas of like size lie.
    fn same_place(
        &self,
        a: &LocalFeature,
        b: &LocalFeature,
        area_a: &MultiPolygon,
        area_b: &MultiPolygon,
    ) -> Option<f64> {
        let (m2_a, m2_b) = (area_a.unsigned_area(), area_b.unsigned_area());
        let centres = area_a
            .centroid()
            .zip(area_b.centroid())
            .filter(|_| m2_a.min(m2_b) >= LIKE_SIZE * m2_a.max(m2_b));
        let (centre_a, centre_b): (Point, Point) = centres?;
        self.near(centre_a.0, centre_b.0, a.half_m.min(b.half_m))
    }

    /// How much of the shorter line, as far as both orthomosaics show its ground, runs along the
    /// other.
    fn same_course(
        &self,
        a: &LocalFeature,
        b: &LocalFeature,
        lines_a: &[WideLine],
        lines_b: &[WideLine],
    ) -> Option<f64> {
        let within = |lines: &[WideLine], frame: &Polygon| -> MultiLineString {
            let all = lines.iter().map(|(line, _)| line.clone()).collect();
            MultiPolygon(vec![frame.clone()]).clip(&MultiLineString(all), false)
        };
        let shared_a = within(lines_a, &self.mosaics[b.mosaic].frame);
        let shared_b = within(lines_b, &self.mosaics[a.mosaic].frame);
        let (length_a, length_b) = (Euclidean.length(&shared_a), Euclidean.length(&shared_b));
        let (shorter, longer, length_m) = if length_a <= length_b {
            (shared_a, lines_b, length_a)
        } else {
            (shared_b, lines_a, length_b)
        };
        let along_m = Euclidean.length(&strip(longer, self.accuracy_m).clip(&shorter, false));
        (length_m > 0.0 && along_m >= SAME_COURSE * length_m).then(|| 1.0 - along_m / length_m)
    }
}

/// How far two areas are one, judged by what both orthomosaics show.
fn overlap(
    a: &MultiPolygon,
    b: &MultiPolygon,
    (frame_a, frame_b): (&Polygon, &Polygon),
) -> Option<f64> {
    let m2 = |area: &MultiPolygon, frame: &Polygon| area.intersection(frame).unsigned_area();
    let shared_m2 = a.intersection(b).unsigned_area();
    let (m2_a, m2_b) = (m2(a, frame_b), m2(b, frame_a));
    let is_same =
        shared_m2 >= SAME_IOU * (m2_a + m2_b - shared_m2) || shared_m2 >= SAME_IOS * m2_a.min(m2_b);
    (shared_m2 > 0.0 && is_same).then(|| 1.0 - shared_m2 / m2_a.min(m2_b))
}
