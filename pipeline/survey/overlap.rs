//! Ground that several orthomosaics show counts once, and what one of them assessed is no gap.

use crate::coverage::Coverage;
use geo::{
    Area, BooleanOps, BoundingRect, Intersects, MultiPolygon, Orient, Polygon, Rect,
    orient::Direction,
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
mod tests {
    use super::*;
    use rams_domain::{Crs, Georef, RasterSize, ReadAs, Validity};

    /// Ground in metres at 0.5 N 0.5 E, near enough to the ellipsoid.
    fn ground(extent: Rect) -> Ground {
        let lonlat =
            |c: geo::Coord| geo::coord! { x: 0.5 + c.x / 111_315.3, y: 0.5 + c.y / 110_574.4 };
        let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
        Ground::new(Crs { name: "flat".into(), code: None, wkt: String::new() }, extent, nodes)
            .expect("an area")
    }

    /// Pixels of 1 cm, the upper left corner so many metres east and north.
    fn sheet(name: &str, side_px: u32, at_m: (f64, f64)) -> Orthomosaic {
        let size = RasterSize { width: side_px, height: side_px };
        let transform = [at_m.0, 0.01, 0.0, at_m.1, 0.0, -0.01];
        let extent = Ground::extent_of(&Georef::corners(transform, size)).expect("four corners");
        Orthomosaic {
            path: name.into(),
            name: name.into(),
            size,
            georef: Georef::new(transform, ground(extent)).expect("invertible"),
            colour_bands: [1, 2, 3],
            validity: Validity::default(),
            values: String::new(),
            off_colour: None,
            notices: vec![],
            format: String::new(),
            read_as: ReadAs::default(),
        }
    }

    /// A cheap hash, for patches that nobody chose.
    fn chance(seed: u64, x: i64, y: i64) -> f64 {
        let mut h = seed
            ^ (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (y as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        h = (h ^ (h >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((h ^ (h >> 29)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Cells of 16 px, part of which plants hide, and part of which have no image.
    fn looked(coverage: &mut Coverage, orthomosaic: &Orthomosaic, seed: u64) {
        let cells = i64::from(orthomosaic.size.width) / 16;
        let (mut seen, mut hidden, mut empty) = (vec![], vec![], vec![]);
        for (row, col) in (0..cells).flat_map(|row| (0..cells).map(move |col| (row, col))) {
            let cell = |n: i64| n as f64 * 16.0;
            let px = PxBox { x0: cell(col), y0: cell(row), x1: cell(col + 1), y1: cell(row + 1) };
            match chance(seed, col / 7, row / 7) + 0.3 * chance(seed, col, row) {
                p if p < 0.3 => hidden.push(px),
                p if p > 1.1 => empty.push(px),
                _ => seen.push(px),
            }
        }
        let classes = || vec!["a".to_owned(), "b".to_owned()];
        let (name, model) = (orthomosaic.name.clone(), "m".to_owned());
        let (boundary, area_m2) = rams_trace::cover(&seen, orthomosaic);
        coverage.assessed.push(AssessedArea {
            boundary,
            area_m2,
            orthomosaic: name.clone(),
            model: model.clone(),
            classes: classes(),
        });
        // What plants hide for one class is seen for the other.
        for (reason, cells, classes) in [
            (GapReason::Vegetation, &hidden, vec!["a".to_owned()]),
            (GapReason::Nodata, &empty, classes()),
        ] {
            let (boundary, area_m2) = rams_trace::cover(cells, orthomosaic);
            let (orthomosaic, model, detail) = (name.clone(), model.clone(), String::new());
            coverage.gaps.push(GapArea {
                boundary,
                area_m2,
                orthomosaic,
                model,
                classes,
                reason,
                detail,
            });
        }
        let (boundary, area_m2) = rams_trace::cover(&hidden, orthomosaic);
        coverage.assessed.push(AssessedArea {
            boundary,
            area_m2,
            orthomosaic: name,
            model,
            classes: vec!["b".into()],
        });
    }

    fn two(side_px: u32, shift_m: (f64, f64)) -> (Coverage, Ground, [Orthomosaic; 2]) {
        let sheets = [sheet("one", side_px, (0.0, 0.0)), sheet("two", side_px, shift_m)];
        let side_m = f64::from(side_px) * 0.01;
        let extent = Rect::new((0.0, -side_m), (shift_m.0 + side_m, shift_m.1));
        let mut coverage = Coverage::default();
        looked(&mut coverage, &sheets[0], 1);
        looked(&mut coverage, &sheets[1], 2);
        (coverage, ground(extent), sheets)
    }

    #[test]
    fn all_ground_is_in_one_row_of_each_class() {
        let (before, ground, sheets) = two(1600, (7.03, 2.21));
        let sheets: Vec<&Orthomosaic> = sheets.iter().collect();
        let pairs = pairs(&sheets, &ground);
        assert_eq!(pairs, [["one".to_owned(), "two".to_owned()]]);
        let (after, failures) = count_once(before.clone(), &ground, &sheets, &pairs);
        assert!(failures.is_empty(), "{failures:?}");
        let whole_m2 = 2.0 * 256.0 - (16.0 - 7.03) * (16.0 - 2.21);
        for class in ["a", "b"] {
            let has = |classes: &[String]| classes.iter().any(|name| name == class);
            let seen = |coverage: &Coverage| -> Vec<MultiPolygon> {
                coverage
                    .assessed
                    .iter()
                    .filter(|row| has(&row.classes))
                    .map(|row| row.boundary.clone())
                    .collect()
            };
            let missed = |coverage: &Coverage| -> Vec<MultiPolygon> {
                coverage
                    .gaps
                    .iter()
                    .filter(|row| has(&row.classes))
                    .map(|row| row.boundary.clone())
                    .collect()
            };
            let sum = |rows: &[MultiPolygon]| rows.iter().map(Area::unsigned_area).sum::<f64>();
            // One row after the other, since two rows of one orthomosaic may share edges.
            let union = |rows: &[MultiPolygon]| {
                let apart = rows.iter().enumerate().map(|(i, row)| {
                    let rest = rows[..i].iter().try_fold(row.clone(), |rest, other| {
                        rams_overlay::difference(&rest, other)
                    });
                    rest.expect("an overlay").unsigned_area()
                });
                apart.sum::<f64>()
            };
            let (assessed, gaps) = (seen(&after), missed(&after));
            assert!(
                (sum(&assessed) - union(&assessed)).abs() < 1e-3,
                "{class}: assessed ground is disjoint: {} and {}",
                sum(&assessed),
                union(&assessed)
            );
            assert!(
                (sum(&assessed) + sum(&gaps) - whole_m2).abs() < 1e-3,
                "{class}: the whole, once"
            );
            assert!(
                (union(&seen(&before)) - union(&assessed)).abs() < 1e-3,
                "{class}: what was assessed still is"
            );
            for (gap, seen) in
                gaps.iter().flat_map(|gap| seen(&before).into_iter().map(move |seen| (gap, seen)))
            {
                let both_m2 =
                    rams_overlay::intersection(gap, &seen).expect("an overlay").unsigned_area();
                assert!(
                    both_m2 < 1e-3,
                    "{class}: what one of them assessed is no gap: {both_m2} m²"
                );
            }
        }
        let named: f64 = after.assessed.iter().map(|row| row.area_m2).sum();
        let drawn: f64 = after.assessed.iter().map(|row| row.boundary.unsigned_area()).sum();
        assert!((named / drawn - 1.0).abs() < 0.002, "areas are those of what is left");
    }

    #[test]
    fn apart_or_side_by_side_is_no_overlap() {
        for at_m in [(16.0, 0.0), (30.0, 0.0)] {
            let (_, ground, sheets) = two(1600, at_m);
            assert!(pairs(&sheets.iter().collect::<Vec<_>>(), &ground).is_empty(), "{at_m:?}");
        }
    }

    /// `cargo test --release -p rams speed_of_overlap -- --ignored --nocapture`
    #[test]
    #[ignore = "a measurement"]
    fn speed_of_overlap() {
        for side_px in [2_500, 5_000, 10_000] {
            let (coverage, ground, sheets) = two(side_px, (f64::from(side_px) / 200.0, 1.23));
            let sheets: Vec<&Orthomosaic> = sheets.iter().collect();
            let corners: usize =
                coverage.gaps.iter().map(|row| geo::CoordsIter::coords_count(&row.boundary)).sum();
            let pairs = pairs(&sheets, &ground);
            let started = std::time::Instant::now();
            count_once(coverage, &ground, &sheets, &pairs);
            eprintln!(
                "{side_px} px, {corners} corners of gaps: {:.2} s",
                started.elapsed().as_secs_f64()
            );
        }
    }
}
