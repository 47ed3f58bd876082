//! How long it takes, and how much memory: `cargo test --release -p rams-delineate speed --
//! --ignored --nocapture`.

use super::*;
use rams_domain::AssessedArea;
use std::{fs, time::Instant};

/// Numbers from 0 to 1 that are the same in every run.
fn numbers() -> impl FnMut() -> f64 {
    let mut state = 1u64;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Mines at random on a square of ground.
fn mines_on(count: u32, side_m: f64) -> Vec<Feature> {
    let mut random = numbers();
    let mut at = || (random() - 0.5) * side_m;
    (0..count).map(|i| mine(i + 1, at(), at())).collect()
}

/// A survey of a country: mostly mines, a fifth of them beside another, and submunitions,
/// positions, craters, ditches and trenches.
fn country(count: u32, side_m: f64) -> Vec<Feature> {
    let mut random = numbers();
    let mut last = (0.0, 0.0);
    let one = |i: u32| {
        let at = if i % 5 == 4 {
            (last.0 + 20.0 * random() - 10.0, last.1 + 20.0 * random() - 10.0)
        } else {
            ((random() - 0.5) * side_m, (random() - 0.5) * side_m)
        };
        last = at;
        let point = || Geometry::from(Point::new(at.0, at.1));
        let square = |side: f64| {
            let corner = coord! { x: at.0 + side, y: at.1 + side };
            Geometry::from(Rect::new(coord! { x: at.0, y: at.1 }, corner).to_polygon())
        };
        let line = |step: f64| {
            vec![
                at,
                (at.0 + step, at.1 + 8.0),
                (at.0 + 2.0 * step, at.1),
                (at.0 + 3.0 * step, at.1),
            ]
        };
        let id = i + 1;
        let mut found = match (i / 5) % 20 {
            0..10 => mine(id, at.0, at.1),
            10..12 => feature(id, EoCategory::AvMine, Indicator::MineSurface, "tm-62m", point()),
            12..14 => feature(id, EoCategory::Cmr, Indicator::Submunition, "9n235", point()),
            14 => feature(id, EoCategory::Uxo, Indicator::Submunition, "shell", point()),
            15 | 16 => feature(id, EoCategory::Unknown, Indicator::Crater, "crater", square(3.0)),
            17 => feature(id, EoCategory::Unknown, Indicator::Foxhole, "foxhole", square(2.0)),
            18 => feature(
                id,
                EoCategory::Unknown,
                Indicator::AtDitch,
                "ditch",
                LineString::from(line(30.0)).into(),
            ),
            _ => trench(id, line(15.0)),
        };
        found.confidence = 0.5 + 0.5 * random() as f32;
        found
    };
    (0..count).map(one).collect()
}

/// Sheets of ground that a model looked at, side by side.
fn sheets(side_m: f64, each_m: f64) -> Vec<AssessedArea> {
    let count = (side_m / each_m).round() as u32;
    let sheet = |number: u32| {
        let at = |n: u32| f64::from(n) * each_m - side_m / 2.0;
        let low = coord! { x: at(number % count), y: at(number / count) };
        let boundary = Rect::new(low, low + coord! { x: each_m, y: each_m }).to_polygon().into();
        let classes =
            ["ap-round", "tm-62m", "9n235", "shell", "crater", "foxhole", "ditch", "trench"];
        AssessedArea {
            boundary,
            area_m2: each_m * each_m,
            orthomosaic: format!("sheet-{number}"),
            model: "toy".into(),
            classes: classes.map(str::to_owned).into(),
        }
    };
    (0..count * count).map(sheet).collect()
}

/// Delineates and prints what it took; memory is the peak of the process since the last call.
fn measure(what: &str, features: &[Feature], assessed: &[AssessedArea], ground: &Ground) {
    // Linux starts counting the peak anew.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let basis =
        Basis { features, external_evidence: &[], assessed, gaps: &[], ground, record: &RECORD };
    let areas = delineate(&basis, &Doctrine::baseline()).hazard_areas;
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or(" not known").trim();
    println!(
        "{what}: {} finds, {} areas, {seconds:.2} s ({cpu:.2} of CPU), peak {peak}",
        features.len(),
        areas.len()
    );
}

/// Time that the process has computed, of all threads: on a machine that others use it says more.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

#[test]
#[ignore = "a measurement"]
fn speed_of_a_country() {
    for count in [10_000, 100_000, 1_000_000] {
        // 1,000,000 on 6,000 km².
        let side_m = 77_460.0 * (f64::from(count) / 1e6).sqrt();
        measure("spread", &country(count, side_m), &sheets(side_m, side_m / 40.0), &ground());
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_a_crowd() {
    // A model beside itself: 100,000 finds on 7 ha, and on less and less.
    for (count, side_m) in [(20_000, 250.0), (100_000, 264.6), (100_000, 40.0), (100_000, 1.0)] {
        measure(&format!("over {side_m} m"), &mines_on(count, side_m), &[], &ground());
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_a_chain() {
    // Mines at random, 3 times as dense as the densest fields reported (3,000 per km²): one area.
    for (count, side_m) in [(10_000, 1000.0), (100_000, 3162.0), (1_000_000, 10_000.0)] {
        measure(&format!("over {side_m} m"), &mines_on(count, side_m), &[], &ground());
    }
}
