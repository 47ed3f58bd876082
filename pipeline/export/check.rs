//! What an information manager's import would refuse or question in an export, as it was read back.

use crate::agreement::Origin;
use geo::{
    Area, BooleanOps, BoundingRect, Coord, Distance, Geodesic, Geometry, LineString, Point,
    Polygon, Validation,
};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;

/// A leg longer than this is questioned, metres.
const LONGEST_LEG_M: f64 = 5_000.0;

/// Parts that share more of the smaller of the two are questioned.
const MOST_OVERLAP: f64 = 0.9;

/// IMSMA Core's limit.
const LONGEST_ID: usize = 50;

/// What a row of an export stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowKind {
    /// An area, by its perimeter or a part of it.
    Area,
    /// A piece of evidence.
    Evidence,
    /// What is neither, and has no id to an import.
    Other,
}

/// One row of an export, in longitude and latitude.
#[derive(Debug, Clone)]
pub(crate) struct ExportedRow {
    pub(crate) origin: Origin,
    pub(crate) id: String,
    pub(crate) kind: RowKind,
    pub(crate) eo_category: String,
    pub(crate) geometry: Geometry,
}

/// Something that an import would refuse, or question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The area or the piece of evidence.
    pub id: String,
    /// What is wrong, as a phrase that follows the id.
    pub what: String,
    /// Whether an import takes it all the same and asks a person to look.
    pub is_advisory: bool,
}

/// The import checks of one export.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportChecks {
    /// Areas, or parts of areas where the format splits them.
    pub areas: usize,
    /// Points of their perimeters.
    pub points: usize,
    /// Pieces of evidence.
    pub evidence: usize,
    /// What was found, areas first.
    pub findings: Vec<Finding>,
}

impl ImportChecks {
    /// Whether an import would refuse a part of the export.
    pub fn refuse(&self) -> bool {
        self.findings.iter().any(|finding| !finding.is_advisory)
    }
}

/// One line, and one more for each finding.
impl fmt::Display for ImportChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { areas, points, evidence, findings } = self;
        let counted = |count: usize, what: &str| {
            format!("{count} {what}{}", if count == 1 { "" } else { "s" })
        };
        let (areas, points, evidence) = (
            counted(*areas, "area"),
            counted(*points, "point"),
            counted(*evidence, "evidence point"),
        );
        write!(f, "import checks: {areas} with {points}, {evidence}: ")?;
        match findings.len() {
            0 => f.write_str("no findings"),
            many => f.write_str(&counted(many, "finding")),
        }?;
        for Finding { id, what, is_advisory } in findings {
            write!(f, "\n  {id} {what}{}", if *is_advisory { " (advisory)" } else { "" })?;
        }
        Ok(())
    }
}

/// Checks the rows of an export: ids, validity, points and polygons that appear twice within an EO
/// category; and as advice, points and polygons that appear twice in two categories, legs of more
/// than 5,000 m, and parts of areas of one category of which one covers more than 90 % of the other
/// (areas of different categories share their ground by rule).
pub(crate) fn check(pieces: &[ExportedRow]) -> ImportChecks {
    let mut found = Found::default();
    ids(&mut found, pieces.iter().filter(|piece| piece.kind != RowKind::Other));
    let valid: Vec<bool> = pieces.iter().map(|piece| shape(&mut found, piece)).collect();
    let areas: Vec<&ExportedRow> =
        pieces.iter().filter(|piece| piece.kind == RowKind::Area).collect();
    let evidence: Vec<&ExportedRow> =
        pieces.iter().filter(|piece| piece.kind == RowKind::Evidence).collect();
    let parts: Vec<Part<'_>> = areas.iter().flat_map(|area| Part::of(area)).collect();
    let polygons = parts.iter().map(|part| (part.piece, canonical(part.polygon)));
    twice(&mut found, polygons, "has the same polygon as");
    twice(
        &mut found,
        evidence.iter().filter_map(|piece| Some((*piece, place(piece)?))),
        "has the same point as",
    );
    let valid =
        pieces.iter().zip(valid).filter(|(piece, valid)| *valid && piece.kind == RowKind::Area);
    overlaps(&mut found, &valid.flat_map(|(area, _)| Part::of(area)).collect::<Vec<_>>());
    let rings = parts.iter().flat_map(|part| rings(part.polygon));
    let points = rings.map(|ring| ring.0.len().saturating_sub(1)).sum();
    ImportChecks { areas: areas.len(), points, evidence: evidence.len(), findings: found.0 }
}

#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn refuse(&mut self, piece: &ExportedRow, what: impl Into<String>) {
        self.0.push(Finding { id: piece.id.clone(), what: what.into(), is_advisory: false });
    }

    fn advise(&mut self, piece: &ExportedRow, what: impl Into<String>) {
        self.0.push(Finding { id: piece.id.clone(), what: what.into(), is_advisory: true });
    }
}

fn ids<'a>(found: &mut Found, pieces: impl Iterator<Item = &'a ExportedRow>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for piece in pieces {
        let times = seen.entry(&piece.id).or_default();
        *times += 1;
        if piece.id.is_empty() {
            found.refuse(piece, "(a row) has no id");
        } else if *times == 2 {
            found.refuse(piece, "is the id of more than one row");
        }
        if piece.id.chars().count() > LONGEST_ID {
            found.refuse(piece, format!("is an id of more than {LONGEST_ID} characters"));
        }
    }
}

/// Checks one shape and returns whether it is valid.
fn shape(found: &mut Found, piece: &ExportedRow) -> bool {
    let polygons = polygons_of(&piece.geometry);
    if polygons.is_empty() && piece.kind == RowKind::Area {
        found.refuse(piece, "has no polygon");
    }
    let fault = fault(&piece.geometry);
    if let Some(fault) = &fault {
        found.refuse(piece, format!("is not valid: {fault}"));
    }
    for ring in polygons.iter().flat_map(rings) {
        let open = &ring.0[..ring.0.len().saturating_sub(1)];
        let mut corners: Vec<_> = open.iter().map(|corner| bits(*corner)).collect();
        corners.sort_unstable();
        corners.dedup();
        if corners.len() < 3 {
            found.refuse(piece, "has a ring of fewer than three vertices");
        } else if corners.len() < open.len() {
            found.refuse(piece, "has a point twice in a ring");
        }
        let length = |leg: geo::Line| Geodesic.distance(Point(leg.start), Point(leg.end));
        let longest = ring.lines().map(length).fold(0.0, f64::max);
        if longest > LONGEST_LEG_M && piece.kind == RowKind::Area {
            found.advise(
                piece,
                format!("has consecutive points {longest:.0} m apart, more than {LONGEST_LEG_M} m"),
            );
        }
    }
    fault.is_none()
}

/// Whether an import takes a geometry.
pub(crate) fn is_valid(geometry: &Geometry) -> bool {
    fault(geometry).is_none()
}

/// Why a geometry is not valid. GEOS decides, as it does for an importer: `geo` compares every leg
/// of a ring with every other, minutes for one of 20,000, and does not see an interior cut in two.
fn fault(geometry: &Geometry) -> Option<String> {
    let has_geos = rams_overlay::has_geos();
    if has_geos && rams_overlay::is_valid(geometry) {
        return None;
    }
    let fault = geometry.check_validation().err().map(|error| error.to_string());
    fault.or_else(|| {
        has_geos.then(|| "its interior is in pieces, or its rings touch along a line".into())
    })
}

/// Those whose key another has before them. One place in two EO categories is for a person to look
/// at: one object that a model or two could not tell, and categories are never mixed.
fn twice<'a, K: Hash + Eq>(
    found: &mut Found,
    pieces: impl Iterator<Item = (&'a ExportedRow, K)>,
    what: &str,
) {
    let mut seen: HashMap<K, &ExportedRow> = HashMap::new();
    for (piece, key) in pieces {
        match seen.entry(key) {
            Entry::Vacant(place) => _ = place.insert(piece),
            Entry::Occupied(first) => {
                let ExportedRow { id, eo_category, .. } = first.get();
                if *eo_category == piece.eo_category {
                    found.refuse(piece, format!("{what} {id}"));
                } else {
                    found.advise(piece, format!("{what} {id} of {eo_category}"));
                }
            }
        }
    }
}

fn place(piece: &ExportedRow) -> Option<[u64; 2]> {
    match &piece.geometry {
        Geometry::Point(at) => Some(bits(at.0)),
        _ => None,
    }
}

/// One polygon of an area.
struct Part<'a> {
    piece: &'a ExportedRow,
    polygon: &'a Polygon,
}

impl<'a> Part<'a> {
    fn of(piece: &'a ExportedRow) -> Vec<Self> {
        polygons_of(&piece.geometry).iter().map(|polygon| Part { piece, polygon }).collect()
    }
}

/// Pairs of parts, swept from west to east.
fn overlaps(found: &mut Found, parts: &[Part<'_>]) {
    let mut boxed: Vec<_> =
        parts.iter().filter_map(|part| Some((part, part.polygon.bounding_rect()?))).collect();
    boxed.sort_by(|(_, a), (_, b)| a.min().x.total_cmp(&b.min().x));
    for (index, (part, bounds)) in boxed.iter().enumerate() {
        let near =
            boxed[index + 1..].iter().take_while(|(_, other)| other.min().x <= bounds.max().x);
        for (other, other_bounds) in near {
            let apart =
                other_bounds.min().y > bounds.max().y || other_bounds.max().y < bounds.min().y;
            if apart || part.piece.eo_category != other.piece.eo_category {
                continue;
            }
            let smaller = part.polygon.unsigned_area().min(other.polygon.unsigned_area());
            let share = part.polygon.intersection(other.polygon).unsigned_area() / smaller;
            if share > MOST_OVERLAP {
                let what =
                    format!("overlaps {} by {:.0} % of the smaller", other.piece.id, share * 100.0);
                found.advise(part.piece, what);
            }
        }
    }
}

fn polygons_of(geometry: &Geometry) -> &[Polygon] {
    match geometry {
        Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
        Geometry::MultiPolygon(polygons) => &polygons.0,
        _ => &[],
    }
}

fn rings(polygon: &Polygon) -> impl Iterator<Item = &LineString> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn bits(at: Coord) -> [u64; 2] {
    // One zero, not two.
    [(at.x + 0.0).to_bits(), (at.y + 0.0).to_bits()]
}

/// The same for the same outer ring, wherever it starts and whichever way it runs.
fn canonical(polygon: &Polygon) -> Vec<[u64; 2]> {
    let ring = &polygon.exterior().0;
    let open: Vec<_> =
        ring[..ring.len().saturating_sub(1)].iter().map(|corner| bits(*corner)).collect();
    let least = (0..open.len()).min_by_key(|index| open[*index]).unwrap_or(0);
    let forth: Vec<_> = open.iter().cycle().skip(least).take(open.len()).copied().collect();
    let back: Vec<_> = forth.iter().take(1).chain(forth.iter().skip(1).rev()).copied().collect();
    forth.min(back)
}
