//! The import checks, each on a fault made for it.

use super::{export, fixture};
use crate::Format;
use crate::check::check;
use crate::exported_row::{ExportedRow, Origin, RowKind, Shows};
use geo::{Geometry, LineString, MultiPolygon, Point, Polygon, Rect, coord, polygon};
use rams_store::write;

fn area(id: &str, geometry: impl Into<Geometry>) -> ExportedRow {
    let origin = Origin::new(Shows::Shape("hazard_areas"), id);
    ExportedRow {
        origin,
        id: id.into(),
        kind: RowKind::Area,
        eo_category: "AP_MINE".into(),
        geometry: geometry.into(),
    }
}

fn evidence(id: &str, x: f64, y: f64) -> ExportedRow {
    let (origin, geometry) = (Origin::new(Shows::Centre, id), Point::new(x, y).into());
    ExportedRow {
        origin,
        id: id.into(),
        kind: RowKind::Evidence,
        eo_category: "CMR".into(),
        geometry,
    }
}

/// Milli-degrees, about 100 m each.
fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Polygon {
    Rect::new(coord! { x: x0 / 1e3, y: y0 / 1e3 }, coord! { x: x1 / 1e3, y: y1 / 1e3 }).to_polygon()
}

/// (id, what, advisory) of every finding.
fn findings(rows: &[ExportedRow]) -> Vec<(String, String, bool)> {
    check(rows)
        .findings
        .into_iter()
        .map(|found| (found.id, found.what, found.is_advisory))
        .collect()
}

fn assert_finds(rows: &[ExportedRow], id: &str, what: &str, advisory: bool) {
    let found = findings(rows);
    assert!(
        found.iter().any(|(i, w, a)| i == id && w.contains(what) && *a == advisory),
        "{found:?}"
    );
    assert_eq!(check(rows).refuse(), found.iter().any(|(_, _, advisory)| !advisory));
}

#[test]
fn what_is_as_it_should_be_has_no_findings() {
    let ring: LineString = rectangle(0.0, 0.0, 4.0, 4.0).exterior().clone();
    let with_hole = Polygon::new(ring, vec![rectangle(1.0, 1.0, 2.0, 2.0).exterior().clone()]);
    let rows = [
        area("A0001", with_hole),
        area(
            "A0002",
            MultiPolygon(vec![rectangle(10.0, 0.0, 12.0, 2.0), rectangle(14.0, 0.0, 16.0, 2.0)]),
        ),
        evidence("F000001", 0.001, 0.001),
        evidence("F000002", 0.001, 0.002),
    ];
    let checks = check(&rows);
    assert_eq!((checks.areas, checks.points, checks.evidence), (2, 16, 2));
    assert_eq!(
        checks.to_string(),
        "import checks: 2 areas with 16 points, 2 evidence points: no findings"
    );
    assert!(!checks.refuse());
}

#[test]
fn what_is_not_valid_is_refused() {
    let bow =
        polygon![(x: 0.0, y: 0.0), (x: 0.002, y: 0.002), (x: 0.002, y: 0.0), (x: 0.0, y: 0.002)];
    assert_finds(
        &[area("A0001", bow)],
        "A0001",
        "is not valid: exterior ring has a self-intersection",
        false,
    );
    let overlapping =
        MultiPolygon(vec![rectangle(0.0, 0.0, 2.0, 2.0), rectangle(1.0, 0.0, 3.0, 2.0)]);
    assert_finds(&[area("A0001", overlapping)], "A0001", "is not valid", false);
    let outside = Polygon::new(
        rectangle(0.0, 0.0, 2.0, 2.0).exterior().clone(),
        vec![rectangle(3.0, 0.0, 4.0, 1.0).exterior().clone()],
    );
    assert_finds(&[area("A0001", outside)], "A0001", "is not valid", false);
    // A hole from side to side: `geo` sees nothing wrong, GEOS does.
    let diamond = geo::LineString::from(vec![
        (0.0, 0.001),
        (0.001, 0.0),
        (0.002, 0.001),
        (0.001, 0.002),
        (0.0, 0.001),
    ]);
    let cut = Polygon::new(rectangle(0.0, 0.0, 2.0, 2.0).exterior().clone(), vec![diamond]);
    assert_finds(&[area("A0001", cut)], "A0001", "is not valid: its interior is in pieces", false);
    assert_finds(
        &[area("A0001", MultiPolygon::<f64>::new(vec![]))],
        "A0001",
        "has no polygon",
        false,
    );
    assert_finds(&[area("A0001", Point::new(0.0, 0.0))], "A0001", "has no polygon", false);
}

#[test]
fn a_ring_has_three_vertices_and_none_twice() {
    let line = polygon![(x: 0.0, y: 0.0), (x: 0.002, y: 0.002)];
    assert_finds(&[area("A0001", line)], "A0001", "fewer than three vertices", false);
    // Out along a spike and back.
    let spike = polygon![
        (x: 0.0, y: 0.0), (x: 0.002, y: 0.0), (x: 0.004, y: 0.0), (x: 0.002, y: 0.0),
        (x: 0.002, y: 0.002)
    ];
    assert_finds(&[area("A0001", spike)], "A0001", "has a point twice", false);
}

#[test]
fn nothing_is_there_twice() {
    let square = rectangle(0.0, 0.0, 2.0, 2.0);
    let mut corners = square.exterior().0.clone();
    corners.pop();
    corners.rotate_left(2);
    corners.reverse();
    let turned = Polygon::new(corners.into(), vec![]);
    let mut rows = [area("A0001", square), area("A0002", turned)];
    assert_finds(&rows, "A0002", "has the same polygon as A0001", false);
    rows[1].eo_category = "AV_MINE".into();
    assert_finds(&rows, "A0002", "has the same polygon as A0001 of AP_MINE", true);
    let mut points = [evidence("F000001", 1.0, 1.0), evidence("F000002", 1.0, 1.0)];
    assert_finds(&points, "F000002", "has the same point as F000001", false);
    points[1].eo_category = "AP_MINE".into();
    assert_finds(&points, "F000002", "has the same point as F000001 of CMR", true);
    let ids = [
        evidence("F000001", 1.0, 1.0),
        evidence("F000001", 2.0, 1.0),
        evidence("F000001", 3.0, 1.0),
    ];
    assert_finds(&ids, "F000001", "is the id of more than one row", false);
    assert_eq!(findings(&ids).len(), 1);
    assert_finds(&[evidence("", 1.0, 1.0)], "", "has no id", false);
    let long = "x".repeat(51);
    assert_finds(&[evidence(&long, 1.0, 1.0)], &long, "more than 50 characters", false);
    assert_eq!(findings(&[evidence(&"é".repeat(50), 1.0, 1.0)]), []);
}

#[test]
fn long_legs_and_parts_upon_each_other_are_questioned() {
    // 0.05 degrees of longitude on the equator are 5,566 m, 0.044 are 4,898 m.
    assert_finds(
        &[area("A0001", rectangle(0.0, 0.0, 50.0, 1.0))],
        "A0001",
        "points 5566 m apart",
        true,
    );
    assert_eq!(findings(&[area("A0001", rectangle(0.0, 0.0, 44.0, 1.0))]), []);
    // 10 by 10, and of the smaller one 95 % or 85 % on it.
    let on = |share: f64| {
        let smaller = rectangle(10.0 - 2.0 * share, 2.0, 12.0 - 2.0 * share, 4.0);
        [area("A0001", rectangle(0.0, 0.0, 10.0, 10.0)), area("A0002", smaller)]
    };
    assert_finds(&on(0.95), "A0001", "overlaps A0002 by 95 % of the smaller", true);
    assert_eq!(findings(&on(0.85)), []);
    let mut categories = on(0.95);
    categories[1].eo_category = "CMR".into();
    assert_eq!(findings(&categories), [], "different categories share their ground by rule");
}

#[test]
fn every_export_is_read_back_and_its_faults_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    write(&survey, dir.path()).unwrap();
    // In tables parts of an area are apart and an envelope of CMR has no perimeter.
    let counts = |format: Format| match format {
        Format::Csv | Format::Xlsx => (3, 9),
        Format::Imsma => (2, 11),
        _ => (3, 9),
    };
    for format in Format::ALL {
        let checks =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().checks;
        assert_eq!((checks.areas, checks.evidence), counts(format), "{format}");
        assert_eq!(checks.findings, [], "{format}");
    }
    survey.features[1].geometry = survey.features[0].geometry.clone();
    write(&survey, dir.path()).unwrap();
    for format in Format::ALL {
        let exported =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap();
        let found = exported.checks.to_string();
        assert!(exported.checks.refuse() && exported.files.iter().all(|file| file.is_file()));
        assert!(found.contains("F000002 has the same point as"), "{format}: {found}");
    }
}
