use super::*;
use rams_domain::{Crs, Georef, RasterSize, ReadAs, Validity};

/// Ground in metres at 0.5 N 0.5 E, near enough to the ellipsoid.
fn ground(extent: Rect) -> Ground {
    let lonlat = |c: geo::Coord| geo::coord! { x: 0.5 + c.x / 111_315.3, y: 0.5 + c.y / 110_574.4 };
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
                let rest = rows[..i]
                    .iter()
                    .try_fold(row.clone(), |rest, other| rams_overlay::difference(&rest, other));
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
        assert!((sum(&assessed) + sum(&gaps) - whole_m2).abs() < 1e-3, "{class}: the whole, once");
        assert!(
            (union(&seen(&before)) - union(&assessed)).abs() < 1e-3,
            "{class}: what was assessed still is"
        );
        for (gap, seen) in
            gaps.iter().flat_map(|gap| seen(&before).into_iter().map(move |seen| (gap, seen)))
        {
            let both_m2 =
                rams_overlay::intersection(gap, &seen).expect("an overlay").unsigned_area();
            assert!(both_m2 < 1e-3, "{class}: what one of them assessed is no gap: {both_m2} m²");
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

/// `cargo test --release -p rams-survey speed_of_overlap -- --ignored --nocapture`
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

#[test]
fn small_ground_far_from_other_ground_keeps_its_size() {
    for km in [30.0, 100.0] {
        let piece = |x: f64| MultiPolygon::from(Rect::new((x, 0.3), (x + 6.1, 5.1)).to_polygon());
        let all = union(&[piece(0.7), piece(0.7 + km * 1e3)]);
        assert_eq!(all.0.len(), 2);
        assert!((all.unsigned_area() - 2.0 * 6.1 * 4.8).abs() < 1e-8, "{all:?}");
    }
}
