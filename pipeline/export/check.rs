//! What an information manager's import would refuse or question in an export, as it was read back.

use crate::exported_row::{ExportedRow, RowKind};
use crate::import_checks::{Finding, ImportChecks};
use crate::validity::fault;
use geo::{
    Area, BooleanOps, BoundingRect, Coord, Distance, Geodesic, Geometry, LineString, Point, Polygon,
};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// A leg longer than this is questioned, metres.
const LONGEST_LEG_M: f64 = 5_000.0;

/// Parts that share more of the smaller of the two are questioned.
const MOST_OVERLAP: f64 = 0.9;

/// IMSMA Core's limit.
const LONGEST_ID: usize = 50;

/// Checks the rows of an export: ids, validity, points and polygons that appear twice within an EO
/// category; and as advice, points and polygons that appear twice in two categories, legs of more
/// than 5,000 m, and parts of areas of one category of which one covers more than 90 % of the other
/// (areas of different categories share their ground by rule).
pub(crate) fn check(rows: &[ExportedRow]) -> ImportChecks {
    let mut found = Found::default();
    ids(&mut found, rows.iter().filter(|row| row.kind != RowKind::Other));
    let valid: Vec<bool> = rows.iter().map(|row| shape(&mut found, row)).collect();
    let areas: Vec<&ExportedRow> = rows.iter().filter(|row| row.kind == RowKind::Area).collect();
    let evidence: Vec<&ExportedRow> =
        rows.iter().filter(|row| row.kind == RowKind::Evidence).collect();
    let parts: Vec<Part<'_>> = areas.iter().flat_map(|area| Part::of(area)).collect();
    let polygons = parts.iter().map(|part| (part.row, canonical(part.polygon)));
    twice(&mut found, polygons, "has the same polygon as");
    twice(
        &mut found,
        evidence.iter().filter_map(|row| Some((*row, place(row)?))),
        "has the same point as",
    );
    let valid = rows.iter().zip(valid).filter(|(row, valid)| *valid && row.kind == RowKind::Area);
    overlaps(&mut found, &valid.flat_map(|(area, _)| Part::of(area)).collect::<Vec<_>>());
    let rings = parts.iter().flat_map(|part| rings(part.polygon));
    let points = rings.map(|ring| ring.0.len().saturating_sub(1)).sum();
    ImportChecks { areas: areas.len(), points, evidence: evidence.len(), findings: found.0 }
}

#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn refuse(&mut self, row: &ExportedRow, what: impl Into<String>) {
        self.0.push(Finding { id: row.id.clone(), what: what.into(), is_advisory: false });
    }

    fn advise(&mut self, row: &ExportedRow, what: impl Into<String>) {
        self.0.push(Finding { id: row.id.clone(), what: what.into(), is_advisory: true });
    }
}

fn ids<'a>(found: &mut Found, rows: impl Iterator<Item = &'a ExportedRow>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        let times = seen.entry(&row.id).or_default();
        *times += 1;
        if row.id.is_empty() {
            found.refuse(row, "(a row) has no id");
        } else if *times == 2 {
            found.refuse(row, "is the id of more than one row");
        }
        if row.id.chars().count() > LONGEST_ID {
            found.refuse(row, format!("is an id of more than {LONGEST_ID} characters"));
        }
    }
}

/// Checks one shape and returns whether it is valid.
fn shape(found: &mut Found, row: &ExportedRow) -> bool {
    let polygons = polygons_of(&row.geometry);
    if polygons.is_empty() && row.kind == RowKind::Area {
        found.refuse(row, "has no polygon");
    }
    let fault = fault(&row.geometry);
    if let Some(fault) = &fault {
        found.refuse(row, format!("is not valid: {fault}"));
    }
    for ring in polygons.iter().flat_map(rings) {
        let open = &ring.0[..ring.0.len().saturating_sub(1)];
        let mut corners: Vec<_> = open.iter().map(|corner| bits(*corner)).collect();
        corners.sort_unstable();
        corners.dedup();
        if corners.len() < 3 {
            found.refuse(row, "has a ring of fewer than three vertices");
        } else if corners.len() < open.len() {
            found.refuse(row, "has a point twice in a ring");
        }
        let length = |leg: geo::Line| Geodesic.distance(Point(leg.start), Point(leg.end));
        let longest = ring.lines().map(length).fold(0.0, f64::max);
        if longest > LONGEST_LEG_M && row.kind == RowKind::Area {
            found.advise(
                row,
                format!("has consecutive points {longest:.0} m apart, more than {LONGEST_LEG_M} m"),
            );
        }
    }
    fault.is_none()
}

/// Those whose key another has before them. One place in two EO categories is for a person to look
/// at: one object that a model or two could not tell, and categories are never mixed.
fn twice<'a, K: Hash + Eq>(
    found: &mut Found,
    rows: impl Iterator<Item = (&'a ExportedRow, K)>,
    what: &str,
) {
    let mut seen: HashMap<K, &ExportedRow> = HashMap::new();
    for (row, key) in rows {
        match seen.entry(key) {
            Entry::Vacant(place) => _ = place.insert(row),
            Entry::Occupied(first) => {
                let ExportedRow { id, eo_category, .. } = first.get();
                if *eo_category == row.eo_category {
                    found.refuse(row, format!("{what} {id}"));
                } else {
                    found.advise(row, format!("{what} {id} of {eo_category}"));
                }
            }
        }
    }
}

fn place(row: &ExportedRow) -> Option<[u64; 2]> {
    match &row.geometry {
        Geometry::Point(at) => Some(bits(at.0)),
        _ => None,
    }
}

/// One polygon of an area.
struct Part<'a> {
    row: &'a ExportedRow,
    polygon: &'a Polygon,
}

impl<'a> Part<'a> {
    fn of(row: &'a ExportedRow) -> Vec<Self> {
        polygons_of(&row.geometry).iter().map(|polygon| Part { row, polygon }).collect()
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
            if apart || part.row.eo_category != other.row.eo_category {
                continue;
            }
            let smaller = part.polygon.unsigned_area().min(other.polygon.unsigned_area());
            let share = part.polygon.intersection(other.polygon).unsigned_area() / smaller;
            if share > MOST_OVERLAP {
                let what =
                    format!("overlaps {} by {:.0} % of the smaller", other.row.id, share * 100.0);
                found.advise(part.row, what);
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
