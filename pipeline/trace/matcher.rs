//! How like each other two features of different orthomosaics are.

use crate::cross_mosaic_match::Sheet;
use geo::{
    Area, BooleanOps, BoundingRect, Buffer, Centroid, Coord, Euclidean, Geometry, Length,
    LineString, MultiLineString, MultiPolygon, Point, Polygon, Rect, unary_union,
};
use rams_domain::{EoCategory, Feature, FeaturePart, Ground, Model, Orthomosaic};

/// Least shares at which two areas are one, as for boxes of neighbouring tiles.
const SAME_IOU: f64 = 0.3;
const SAME_IOS: f64 = 0.6;

/// Areas of less than this share of each other are not of like size.
const LIKE_SIZE: f64 = 0.5;

/// Share of the shorter of two lines that runs along the other.
const SAME_COURSE: f64 = 0.5;

/// A feature as it is compared, local metres.
pub(crate) struct Shown {
    /// Number of its orthomosaic.
    pub(crate) sheet: usize,
    /// Model, family and category: others are never the same.
    pub(crate) key: (usize, usize, EoCategory),
    pub(crate) bounds: Rect,
    /// How far beyond its bounds it may be found again, but for the error of positions.
    pub(crate) reach_m: f64,
    /// Half the longer side of an object; half the shorter one of an area.
    pub(crate) half_m: f64,
    pub(crate) form: Form,
}

pub(crate) enum Form {
    Point(Coord),
    Area(MultiPolygon),
    /// Lines with their widths.
    Lines(Vec<(LineString, f64)>),
}

/// What is needed to compare.
pub(crate) struct Matcher<'a> {
    pub(crate) sheets: &'a [Sheet],
    pub(crate) accuracy_m: f64,
}

impl Shown {
    /// `None` for a feature of an unknown orthomosaic, model or class, or without a position.
    pub(crate) fn of(
        feature: &Feature,
        sheets: &[&Orthomosaic],
        models: &[&Model],
        ground: &Ground,
    ) -> Option<Self> {
        let sheet = sheets.iter().position(|sheet| sheet.name == feature.orthomosaic)?;
        let model = models.iter().position(|model| model.name == feature.model)?;
        let class = models[model].classes.iter().position(|class| class.name == feature.class)?;
        let key = (model, models[model].family(class), feature.eo_category);
        let metres = ground.to_metres(&feature.geometry);
        let bounds = metres
            .bounding_rect()
            .filter(|rect| rect.min().x.is_finite() && rect.max().y.is_finite())?;
        let [length_m, width_m] = feature.size_m;
        let (form, half_m) = match metres {
            Geometry::Point(at) => (Form::Point(at.0), length_m / 2.0),
            Geometry::Polygon(area) => (Form::Area(area.into()), width_m / 2.0),
            Geometry::MultiPolygon(area) => (Form::Area(area), width_m / 2.0),
            Geometry::LineString(line) => (Form::Lines(vec![(line, width_m)]), width_m / 2.0),
            Geometry::MultiLineString(_) => {
                let stretch = |part: &FeaturePart| (ground.to_metres(&part.line), part.width_m);
                (Form::Lines(feature.parts.iter().map(stretch).collect()), width_m / 2.0)
            }
            _ => return None,
        };
        Some(Self { sheet, key, bounds, reach_m: half_m, half_m, form })
    }

    /// From one point to another.
    pub(crate) fn shift_to(&self, other: &Self) -> Option<Coord> {
        match (&self.form, &other.form) {
            (Form::Point(a), Form::Point(b)) => Some(*b - *a),
            _ => None,
        }
    }
}

impl Matcher<'_> {
    /// From 0 for the very same to 1 for just so; `None` for two things.
    pub(crate) fn match_cost(&self, a: &Shown, b: &Shown) -> Option<f64> {
        match (&a.form, &b.form) {
            (Form::Point(at_a), Form::Point(at_b)) => {
                self.near(*at_a, *at_b, a.half_m.min(b.half_m))
            }
            (Form::Area(area_a), Form::Area(area_b)) => {
                let frames = (&self.sheets[a.sheet].frame, &self.sheets[b.sheet].frame);
                overlap(area_a, area_b, frames).or_else(|| self.same_place(a, b, area_a, area_b))
            }
            (Form::Lines(lines_a), Form::Lines(lines_b)) => self.course(a, b, lines_a, lines_b),
            _ => None,
        }
    }

    fn near(&self, a: Coord, b: Coord, half_m: f64) -> Option<f64> {
        let match_cost = (a.x - b.x).hypot(a.y - b.y) / (self.accuracy_m + half_m);
        (match_cost <= 1.0).then_some(match_cost)
    }

    fn same_place(
        &self,
        a: &Shown,
        b: &Shown,
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
    fn course(&self, a: &Shown, b: &Shown, lines_a: &Lines, lines_b: &Lines) -> Option<f64> {
        let within = |lines: &Lines, frame: &Polygon| -> MultiLineString {
            MultiPolygon(vec![frame.clone()]).clip(&all(lines), false)
        };
        let seen_a = within(lines_a, &self.sheets[b.sheet].frame);
        let seen_b = within(lines_b, &self.sheets[a.sheet].frame);
        let (length_a, length_b) = (Euclidean.length(&seen_a), Euclidean.length(&seen_b));
        let (shorter, longer, length_m) = if length_a <= length_b {
            (seen_a, lines_b, length_a)
        } else {
            (seen_b, lines_a, length_b)
        };
        let along_m = Euclidean.length(&strip(longer, self.accuracy_m).clip(&shorter, false));
        (length_m > 0.0 && along_m >= SAME_COURSE * length_m).then(|| 1.0 - along_m / length_m)
    }
}

type Lines = [(LineString, f64)];

pub(crate) fn all(lines: &Lines) -> MultiLineString {
    MultiLineString(lines.iter().map(|(line, _)| line.clone()).collect())
}

/// The ground within half a width, and a little more, of lines.
pub(crate) fn strip(lines: &Lines, more_m: f64) -> MultiPolygon {
    unary_union(
        &lines
            .iter()
            .map(|(line, width_m)| line.buffer(width_m / 2.0 + more_m))
            .collect::<Vec<_>>(),
    )
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
