//! On which side of an earthwork the front lies.

use crate::FrontRule;
use geo::{
    BoundingRect, Coord, CoordsIter, Distance, Euclidean, Geometry, Intersects, LinesIter, Point,
    Polygon, coord, unary_union,
};
use rams_domain::{
    ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Ground, Indicator, Notice, Subject,
};
use rstar::{AABB, RTree, primitives::GeomWithData};

/// Reports no further apart speak of one place, metres: positions are known no better.
const SAME_PLACE_M: f64 = 10.0;

/// Reports whose directions differ by more contradict each other, degrees: their belts would lie on
/// other ground.
const CONTRADICTS_DEG: f64 = 45.0;

/// Where the front lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Front {
    /// In this direction, degrees from north, 0 to 360; as the evidence `by` reports, or else as
    /// mines tell.
    Towards { deg: f64, by: Option<ExternalEvidenceId> },
    /// On one of the two sides, nobody knows on which.
    Unknown,
    /// As unknown, for two reports of the same place contradict each other.
    Disputed([ExternalEvidenceId; 2]),
}

/// A mine with its probability.
type Mine = GeomWithData<[f64; 2], f64>;

/// A report with the direction of the front, degrees from north, 0 to 360, and its ground, local
/// metres.
type Report<'a> = (&'a ExternalEvidence, f64, Geometry);

/// What tells where fronts are: reports, and mines in rows.
pub(crate) struct Fronts<'a> {
    rule: FrontRule,
    reported: Vec<Report<'a>>,
    mines: RTree<Mine>,
}

impl<'a> Fronts<'a> {
    /// `mines`: positions in local metres and probabilities.
    pub(crate) fn new(
        rule: FrontRule,
        external_evidence: &'a [ExternalEvidence],
        mines: Vec<(Point, f64)>,
        ground: &Ground,
    ) -> Self {
        let fronts = external_evidence
            .iter()
            .filter(|evidence| evidence.kind == ExternalEvidenceKind::Front);
        let reported = fronts.filter_map(|front| {
            Some((front, front.bearing_deg?.rem_euclid(360.0), ground.to_metres(&front.geometry)))
        });
        let mines =
            mines.into_iter().map(|(at, p)| GeomWithData::new([at.x(), at.y()], p)).collect();
        Self { rule, reported: reported.collect(), mines: RTree::bulk_load(mines) }
    }

    /// The front of an earthwork, local metres: what was reported on its ground, or nearest to it,
    /// unless reports of one place contradict each other; else, of a fire trench and where the
    /// doctrine says so, the side on which nearly all the mines in rows lie, since mines are laid
    /// before a position. Behind a ditch they lie as well as before it.
    pub(crate) fn of(&self, earthwork: &Geometry, indicator: Indicator) -> Front {
        let on_it = |(_, _, ground): &&Report| is_area(ground) && ground.intersects(earthwork);
        let mut reports: Vec<(f64, &Report)> =
            self.reported.iter().filter(on_it).map(|report| (0.0, report)).collect();
        if reports.is_empty() {
            let distance_m = |report: &Report| Euclidean.distance(&report.2, earthwork);
            reports = self.reported.iter().map(|report| (distance_m(report), report)).collect();
            reports.retain(|(metres, _)| *metres <= self.rule.within_m);
        }
        // No order of rows decides.
        reports.sort_by(|(a, one), (b, other)| a.total_cmp(b).then(one.1.total_cmp(&other.1)));
        match &reports[..] {
            [(nearest_m, (reported, deg, _)), others @ ..] => {
                let here = others.iter().filter(|(m, _)| *m <= nearest_m + SAME_PLACE_M);
                let mut here = here.map(|(_, report)| report);
                match here.find(|report| angle_deg(report.1, *deg) > CONTRADICTS_DEG) {
                    Some((other, ..)) => {
                        let mut ids = [reported.id, other.id];
                        ids.sort();
                        Front::Disputed(ids)
                    }
                    None => Front::Towards { deg: *deg, by: Some(reported.id) },
                }
            }
            [] if indicator != Indicator::TrenchFire => Front::Unknown,
            [] => self
                .side_of_mines(earthwork)
                .map_or(Front::Unknown, |deg| Front::Towards { deg, by: None }),
        }
    }

    /// The side on which nearly all mines in rows lie, degrees from north, where they are enough.
    fn side_of_mines(&self, earthwork: &Geometry) -> Option<f64> {
        let rows = self.rule.rows?;
        let (middle, along, half_m) = axis(earthwork)?;
        let ahead = coord! { x: -along.y, y: along.x };
        let reach_m = half_m + self.rule.within_m;
        let around = AABB::from_corners(
            [middle.x - reach_m, middle.y - reach_m],
            [middle.x + reach_m, middle.y + reach_m],
        );
        let mut sides = [0.0; 2];
        for mine in self.mines.locate_in_envelope(&around) {
            let from = coord! { x: mine.geom()[0] - middle.x, y: mine.geom()[1] - middle.y };
            let (beside_m, before_m) =
                (from.x * along.x + from.y * along.y, from.x * ahead.x + from.y * ahead.y);
            if beside_m.abs() <= half_m && before_m.abs() <= self.rule.within_m {
                sides[usize::from(before_m < 0.0)] += mine.data;
            }
        }
        let (sum, most) = (sides[0] + sides[1], sides[0].max(sides[1]));
        let ahead = if sides[0] >= sides[1] { ahead } else { -ahead };
        let is_told = sum >= rows.mines && most >= rows.share * sum;
        is_told.then(|| ahead.x.atan2(ahead.y).to_degrees().rem_euclid(360.0))
    }
}

/// Middle, direction and half the length of the long axis of a geometry.
fn axis(geometry: &Geometry) -> Option<(Coord, Coord, f64)> {
    let places: Vec<Coord> = geometry.coords_iter().collect();
    let count = places.len() as f64;
    let middle = places.iter().fold(coord! { x: 0.0, y: 0.0 }, |sum, place| sum + *place) / count;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for place in &places {
        let off = *place - middle;
        (xx, xy, yy) = (xx + off.x * off.x, xy + off.x * off.y, yy + off.y * off.y);
    }
    let (sin, cos) = (0.5 * (2.0 * xy).atan2(xx - yy)).sin_cos();
    let along = coord! { x: cos, y: sin };
    let reach = places
        .iter()
        .map(|place| ((*place - middle).x * cos + (*place - middle).y * sin).abs())
        .fold(0.0, f64::max);
    (reach > 0.0).then_some((middle, along, reach))
}

/// A notice for two reports of a front that contradict each other beside an earthwork.
pub(crate) fn dispute([one, other]: [&ExternalEvidence; 2]) -> Notice {
    let told = |front: &ExternalEvidence| {
        format!("{} ({:.0}°)", front.id, front.bearing_deg.unwrap_or_default())
    };
    let of_other =
        if one.file == other.file { String::new() } else { format!(" of {}", other.file) };
    let text = format!(
        "fronts {} and {}{of_other} contradict each other: belts there lie on both sides; leave \
         out the one that is wrong",
        told(one),
        told(other),
    );
    Notice::new(Subject::Front, &one.file, text)
}

/// The angle between two directions, 0 to 180 degrees.
fn angle_deg(one: f64, other: f64) -> f64 {
    ((one - other + 180.0).rem_euclid(360.0) - 180.0).abs()
}

fn is_area(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
}

/// A geometry and all the ground that it passes when it is moved so many metres in a direction,
/// degrees from north.
pub(crate) fn sweep(geometry: &Geometry, deg: f64, metres: f64) -> Geometry {
    let (sin, cos) = deg.to_radians().sin_cos();
    let by = coord! { x: sin * metres, y: cos * metres };
    let passed = |line: geo::Line| {
        Polygon::new(vec![line.start, line.end, line.end + by, line.start + by].into(), vec![])
    };
    let mut parts: Vec<Polygon> = lines(geometry).map(passed).collect();
    match geometry {
        Geometry::Polygon(polygon) => parts.push(polygon.clone()),
        Geometry::MultiPolygon(polygons) => parts.extend(polygons.0.iter().cloned()),
        _ => {}
    }
    parts
        .retain(|part| part.bounding_rect().is_some_and(|rect| rect.width() * rect.height() > 0.0));
    let swept = unary_union(&parts);
    if swept.0.is_empty() { geometry.clone() } else { swept.into() }
}

fn lines(geometry: &Geometry) -> Box<dyn Iterator<Item = geo::Line> + '_> {
    match geometry {
        Geometry::LineString(line) => Box::new(line.lines()),
        Geometry::MultiLineString(lines) => Box::new(lines.lines_iter()),
        Geometry::Polygon(polygon) => Box::new(polygon.lines_iter()),
        Geometry::MultiPolygon(polygons) => Box::new(polygons.lines_iter()),
        _ => Box::new(std::iter::empty()),
    }
}
