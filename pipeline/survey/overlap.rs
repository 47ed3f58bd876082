//! Ground that several orthomosaics show counts once, and what one of them assessed is no gap.

use crate::coverage::Coverage;
use geo::{
    Area, BooleanOps, BoundingRect, Intersects, MultiPolygon, Orient, Polygon, Rect,
    orient::Direction, unary_union,
};
use rams_domain::{AssessedArea, GapArea, GapReason, Ground, Orthomosaic, PxBox};
use std::collections::BTreeMap;

/// Pieces smaller than this, square metres, come from the overlay's lattice and are no ground.
const LATTICE_M2: f64 = 1e-6;

/// The names of the orthomosaics of each pair that show common ground.
pub(crate) fn pairs(orthomosaics: &[&Orthomosaic], ground: &Ground) -> Vec<[String; 2]> {
    let frames: Vec<Polygon> = orthomosaics.iter().map(|orthomosaic| frame(orthomosaic)).collect();
    let shared_m2 = |a: usize, b: usize| {
        let shared = ground.to_metres(&frames[a].intersection(&frames[b]));
        shared.unsigned_area()
    };
    let all = (0..frames.len()).flat_map(|a| (a + 1..frames.len()).map(move |b| (a, b)));
    let apart = |(a, b): &(usize, usize)| {
        frames[*a].intersects(&frames[*b]) && shared_m2(*a, *b) > LATTICE_M2
    };
    all.filter(apart).map(|(a, b)| [a, b].map(|i| orthomosaics[i].name.clone())).collect()
}

/// The frame of an orthomosaic on the ground, with image or without.
pub(crate) fn frame(orthomosaic: &Orthomosaic) -> Polygon {
    let (x1, y1) = (f64::from(orthomosaic.size.width), f64::from(orthomosaic.size.height));
    orthomosaic.georef.place_box(&PxBox { x0: 0.0, y0: 0.0, x1, y1 })
}

/// The ground of all of these. Not [`unary_union`], where GEOS can do it: that one lays the extent
/// of all on a lattice of 32 bits, and over 30 km two small orthomosaics come back larger or
/// smaller than they are.
pub(crate) fn union(ground: &[MultiPolygon]) -> MultiPolygon {
    rams_overlay::union_all(ground)
        .map_or_else(|_| unary_union(ground), |all| all.orient(Direction::Default))
}

/// Makes the assessed ground and the gaps of overlapping orthomosaics disjoint, class by class:
/// what several assessed is the finest one's, what any assessed is no gap, and what is a gap in
/// several is one, for the reason that tells most. No ground is lost: what was in a row is in one
/// still. With it go the orthomosaics of rows that could not be cut, and why.
pub(crate) fn count_once(
    coverage: Coverage,
    ground: &Ground,
    orthomosaics: &[&Orthomosaic],
    pairs: &[[String; 2]],
) -> (Coverage, Vec<(String, String)>) {
    if pairs.is_empty() {
        return (coverage, vec![]);
    }
    let Coverage { assessed, gaps } = coverage;
    let rows: Vec<CoverageRow> =
        assessed.iter().map(CoverageRow::from).chain(gaps.iter().map(CoverageRow::from)).collect();
    let (left, failures) = shares(&rows, ground, orthomosaics, pairs);
    let mut left = left.into_iter();
    let assessed = assessed.iter().zip(left.by_ref()).flat_map(|(row, parts)| {
        parts.into_iter().map(move |(boundary, classes)| AssessedArea {
            area_m2: measured(&boundary, &row.boundary, row.area_m2, ground),
            classes: in_order(&row.classes, &classes),
            boundary,
            ..row.clone()
        })
    });
    let assessed = assessed.filter(|row| !row.boundary.0.is_empty()).collect();
    let gaps = gaps.iter().zip(left).flat_map(|(row, parts)| {
        parts.into_iter().map(move |(boundary, classes)| GapArea {
            area_m2: measured(&boundary, &row.boundary, row.area_m2, ground),
            classes: in_order(&row.classes, &classes),
            boundary,
            ..row.clone()
        })
    });
    let gaps = gaps.filter(|row| !row.boundary.0.is_empty()).collect();
    (Coverage { assessed, gaps }, failures)
}

/// Ground of a row, and the classes for which it is that row's.
type Share = (MultiPolygon, Vec<String>);

/// What is left of each row when all ground is in one row of each class; and rows that could not be
/// cut.
fn shares(
    rows: &[CoverageRow<'_>],
    ground: &Ground,
    orthomosaics: &[&Orthomosaic],
    pairs: &[[String; 2]],
) -> (Vec<Vec<Share>>, Vec<(String, String)>) {
    let rank = ranks(orthomosaics);
    let meets = |a: &str, b: &str| {
        pairs.iter().any(|[one, other]| [a, b] == [one, other] || [b, a] == [one, other])
    };
    let mut failures = vec![];
    let mut left: Vec<Vec<Share>> = vec![vec![]; rows.len()];
    for (classes, mut members) in alike(rows) {
        members.sort_by_key(|&i| (rows[i].weight, rank.get(rows[i].orthomosaic)));
        for (place, &i) in members.iter().enumerate() {
            let mut before = members[..place]
                .iter()
                .filter(|&&j| meets(rows[j].orthomosaic, rows[i].orthomosaic));
            let whole = rows[i].boundary.clone();
            let rest = before.try_fold(whole, |rest, &j| without(rest, rows[j].boundary, ground));
            // A row that cannot be cut stays whole: ground that counts twice is better than none.
            let boundary = rest.unwrap_or_else(|cause| {
                failures.push((rows[i].orthomosaic.to_owned(), cause));
                rows[i].boundary.clone()
            });
            match left[i].iter_mut().find(|(same, _)| *same == boundary) {
                Some((_, names)) => names.extend(classes.iter().cloned()),
                None => left[i].push((boundary, classes.clone())),
            }
        }
    }
    (left, failures)
}

/// The place of each orthomosaic among them, the finest first.
fn ranks<'a>(orthomosaics: &[&'a Orthomosaic]) -> BTreeMap<&'a str, usize> {
    let mut finest: Vec<(f64, &str)> =
        orthomosaics.iter().map(|each| (each.coarsest_gsd_m(), each.name.as_str())).collect();
    finest.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    finest.iter().enumerate().map(|(rank, (_, name))| (*name, rank)).collect()
}

/// A row of either layer.
struct CoverageRow<'a> {
    boundary: &'a MultiPolygon,
    orthomosaic: &'a str,
    model: &'a str,
    classes: &'a [String],
    /// Which row has the ground that several have: the lowest.
    weight: u8,
}

impl<'a> From<&'a AssessedArea> for CoverageRow<'a> {
    fn from(row: &'a AssessedArea) -> Self {
        let AssessedArea { boundary, orthomosaic, model, classes, .. } = row;
        CoverageRow { boundary, orthomosaic, model, classes, weight: 0 }
    }
}

impl<'a> From<&'a GapArea> for CoverageRow<'a> {
    fn from(row: &'a GapArea) -> Self {
        let GapArea { boundary, orthomosaic, model, classes, reason, .. } = row;
        // What can be mended first; an image that hides the ground says more than none.
        let weight = match reason {
            GapReason::Interrupted | GapReason::ModelFailed | GapReason::Unreadable => 1,
            hidden if hidden.is_hidden() => 2,
            GapReason::GsdTooCoarse => 3,
            _ => 4,
        };
        CoverageRow { boundary, orthomosaic, model, classes, weight }
    }
}

/// Classes of a model that the same rows speak of, and these rows.
fn alike(rows: &[CoverageRow<'_>]) -> Vec<(Vec<String>, Vec<usize>)> {
    let mut of_class: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        row.classes
            .iter()
            .for_each(|class| of_class.entry((row.model, class)).or_default().push(i));
    }
    let mut alike: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    for ((_, class), rows) in of_class {
        alike.entry(rows).or_default().push(class.to_owned());
    }
    alike.into_iter().map(|(rows, classes)| (classes, rows)).collect()
}

/// What is left of some ground without other ground. Polygons that lie apart from it stay as they
/// are, to the last digit.
fn without(
    boundary: MultiPolygon,
    other: &MultiPolygon,
    ground: &Ground,
) -> Result<MultiPolygon, String> {
    let near = |polygon: &Polygon, reach: Option<Rect>| {
        polygon.bounding_rect().zip(reach).is_some_and(|(rect, reach)| rect.intersects(&reach))
    };
    let reach = boundary.bounding_rect();
    let other: MultiPolygon =
        other.iter().filter(|polygon| near(polygon, reach)).cloned().collect();
    let reach = other.bounding_rect();
    let (met, mut left): (Vec<Polygon>, Vec<Polygon>) =
        boundary.into_iter().partition(|polygon| near(polygon, reach));
    if !met.is_empty() {
        let rest = rams_overlay::difference(&MultiPolygon(met), &other)?;
        left.extend(
            rest.orient(Direction::Default).into_iter().filter(|piece| is_ground(piece, ground)),
        );
    }
    Ok(MultiPolygon(left))
}

/// Whether a piece of an overlay is more than a trace of its lattice.
pub(crate) fn is_ground(piece: &Polygon, ground: &Ground) -> bool {
    ground.to_metres(piece).unsigned_area() > LATTICE_M2
}

/// The area of what is left of a row.
fn measured(boundary: &MultiPolygon, whole: &MultiPolygon, whole_m2: f64, ground: &Ground) -> f64 {
    if boundary == whole { whole_m2 } else { ground.area_m2(boundary) }
}

/// Some of a row's classes, in the row's order.
fn in_order(all: &[String], some: &[String]) -> Vec<String> {
    all.iter().filter(|class| some.contains(class)).cloned().collect()
}

#[cfg(test)]
mod tests;
