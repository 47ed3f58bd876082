//! Several orthomosaics are one map, in whatever order, system and pixel size they come.

use crate::{
    golden::describe,
    support::{Ortho, Ran, Row, model, rams, rows},
};
use gdal::{
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
    vector::Geometry,
};
use std::path::{Path, PathBuf};

/// Squares of 11 cm by the place of their upper left corners, centimetres east and south of the
/// origin of an [`Ortho`]. The third and fourth lie 30 cm apart.
const SQUARES: [(i64, i64); 7] =
    [(40, 40), (200, 150), (330, 60), (360, 60), (420, 200), (520, 120), (700, 220)];

/// A flight over some of this ground: from `west` on `width`, 300 cm from north to south, of pixels
/// of 1 cm, all squares but some in it.
pub(crate) fn flight(west: i64, width: usize, but: &[usize]) -> Ortho {
    let seen =
        SQUARES.iter().enumerate().filter(|(i, _)| !but.contains(i)).map(|(_, square)| square);
    let mut ortho = seen.fold(Ortho::new(width, 300), |ortho, (x, y)| ortho.square(x - west, *y));
    ortho.geotransform[0] += west as f64 / 100.0;
    ortho
}

/// The same ground in another system, of pixels of 1.3 cm.
pub(crate) fn elsewhere(epsg: u32, west: i64, width: usize, but: &[usize]) -> Ortho {
    let fine = flight(west, width, but);
    let pixel = 1.3;
    let size = ((width as f64 / pixel) as usize, (300.0 / pixel) as usize);
    let squares = SQUARES.iter().enumerate().filter(|(i, _)| !but.contains(i));
    let at = |cm: i64| (cm as f64 / pixel).round() as i64;
    let mut ortho = squares.fold(Ortho::new(size.0, size.1), |ortho, (_, (x, y))| {
        ortho.fill((at(x - west), at(x + 11 - west)), (at(*y), at(*y + 11)), [255, 0, 0])
    });
    let [x, _, _, y, _, _] = fine.geotransform;
    let corners =
        [(x, y), (x + width as f64 / 100.0, y), (x, y - 3.0)].map(|at| moved(at, 32633, epsg));
    let [origin, east, south] = corners;
    let (columns, rows) = (width as f64 / pixel, 300.0 / pixel);
    ortho.epsg = epsg;
    ortho.geotransform = [
        origin.0,
        (east.0 - origin.0) / columns,
        (south.0 - origin.0) / rows,
        origin.1,
        (east.1 - origin.1) / columns,
        (south.1 - origin.1) / rows,
    ];
    ortho
}

fn moved(at: (f64, f64), from: u32, to: u32) -> (f64, f64) {
    let reference = |code| {
        let mut reference = SpatialRef::from_epsg(code).unwrap();
        reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        reference
    };
    let (mut x, mut y) = ([at.0], [at.1]);
    CoordTransform::new(&reference(from), &reference(to))
        .unwrap()
        .transform_coords(&mut x, &mut y, &mut [])
        .unwrap();
    (x[0], y[0])
}

fn survey(folder: &Path, flights: &[(&str, &Ortho)], more: &[&str]) -> (Ran, PathBuf) {
    let paths: Vec<PathBuf> =
        flights.iter().map(|(name, _)| folder.join(format!("{name}.tif"))).collect();
    flights.iter().zip(&paths).for_each(|((_, ortho), path)| ortho.write(path));
    let out = folder.join(format!(
        "out of {}",
        flights.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
    ));
    let boxes = model("red-boxes");
    let mut args = vec!["survey", "-o", out.to_str().unwrap(), "--overwrite"];
    if !more.contains(&"--model") {
        args.extend(["--model", boxes.to_str().unwrap()]);
    }
    args.extend(paths.iter().map(|path| path.to_str().unwrap()).chain(more.iter().copied()));
    (rams(&args), out.join("survey.gpkg"))
}

/// Centimetres east and south of the origin, of all features, in order.
fn found(map: &Path) -> Vec<(i64, i64)> {
    let place = |row: &Row| {
        let (x, y, _) = row.geometry.as_ref().unwrap().get_point(0);
        (((x - 500_000.0) * 100.0).round() as i64, ((1_000.0 - y) * 100.0).round() as i64)
    };
    let mut found: Vec<_> = rows(map, "features").iter().map(place).collect();
    found.sort_unstable();
    found
}

/// Whether each square, and nothing else, was found within some centimetres of its middle.
fn each_once(map: &Path, within_cm: i64) {
    let found = found(map);
    let is_at = |(x, y): &(i64, i64), (fx, fy): &(i64, i64)| {
        (x * 10 + 55 - fx * 10).abs() <= within_cm * 10
            && (y * 10 + 55 - fy * 10).abs() <= within_cm * 10
    };
    for square in &SQUARES {
        assert_eq!(
            found.iter().filter(|at| is_at(square, at)).count(),
            1,
            "{square:?} in {found:?}"
        );
    }
    assert_eq!(found.len(), SQUARES.len(), "{found:?}");
}

/// Square metres of the rows of a layer, and of their union.
fn areas(map: &Path, layer: &str, wanted: impl Fn(&Row) -> bool) -> (f64, f64) {
    let (mut sum, mut union) = (0.0, None::<Geometry>);
    for row in rows(map, layer).iter().filter(|row| wanted(row)) {
        let geometry = row.geometry.clone().unwrap();
        sum += geometry.area();
        union = Some(union.map_or_else(|| geometry.clone(), |all| all.union(&geometry).unwrap()));
    }
    (sum, union.map_or(0.0, |union| union.area()))
}

fn is_of(reason: &str) -> impl Fn(&Row) -> bool {
    move |row| row.text("reason") == reason
}

#[test]
fn overlapping_flights_are_one_map_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (west, mut east) = (flight(0, 500, &[]), flight(300, 500, &[]));
    // Flights lie decimetres apart.
    (east.geotransform[0], east.geotransform[3]) = (500_003.12, 999.94);
    let (ran, map) = survey(folder.path(), &[("west", &west), ("east", &east)], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    each_once(&map, 13);
    let features = rows(&map, "features");
    let seen_twice: Vec<_> =
        features.iter().filter(|row| row.text("detections").contains(':')).collect();
    assert_eq!(seen_twice.len(), 3, "those in the overlap");
    for row in &seen_twice {
        let other = if row.text("orthomosaic") == "west" { "east" } else { "west" };
        let listed = row
            .text("detections")
            .split(',')
            .find_map(|id| id.strip_prefix(&format!("{other}:")))
            .unwrap();
        let is_it = |row: &Row| row.text("orthomosaic") == other && row.text("id") == listed;
        assert!(rows(&map, "detections").iter().any(is_it), "{listed} of {other} is in the layer");
    }
    // The frames are 5 x 3 m, 3.12 m and 6 cm apart.
    let whole = 2.0 * 15.0 - 1.88 * 2.94;
    let (sum, union) = areas(&map, "assessed", |_| true);
    assert!(
        (sum - whole).abs() < 1e-3 && (union - whole).abs() < 1e-3,
        "{sum} and {union} of {whole}"
    );
    let (sum, union) = areas(&map, "gaps", is_of("no_model"));
    assert!(
        (sum - whole).abs() < 1e-3 && (union - whole).abs() < 1e-3,
        "{sum} and {union} of {whole}"
    );
    assert!(
        rows(&map, "run")
            .iter()
            .any(|row| row.text("section") == "overlap" && row.text("name") == "east and west")
    );

    let (_, swapped) = survey(folder.path(), &[("east", &east), ("west", &west)], &[]);
    assert_eq!(describe(&map), describe(&swapped));
}

#[test]
fn small_flights_far_from_each_other_are_one_map() {
    let dir = tempfile::tempdir().unwrap();
    for km in [30, 100] {
        let [here, mut there] =
            [(0, 300), (300, 300)].map(|(west, width)| flight(west, width, &[]));
        there.geotransform[0] += f64::from(km) * 1_000.0;
        let (ran, map) = survey(dir.path(), &[("here", &here), ("there", &there)], &[]);
        assert_eq!(ran.code, 0, "{km} km: {}", ran.stderr);
        assert_eq!(found(&map).len(), 6, "{km} km");
        let looked_for = |row: &Row| row.text("model") == "red-boxes";
        let [seen, gaps] = ["assessed", "gaps"].map(|layer| areas(&map, layer, looked_for).0);
        assert!((seen + gaps - 18.0).abs() < 1e-5, "{km} km: {seen} and {gaps} m²");
    }
}

#[test]
fn imagery_too_coarse_for_anything_is_a_gap_beside_fine_imagery() {
    let dir = tempfile::tempdir().unwrap();
    let (fine, mut coarse) = (flight(0, 300, &[]), Ortho::new(1000, 1000));
    // 8 km: at the model's scale it would have 39 million tiles.
    (coarse.geotransform[1], coarse.geotransform[5]) = (8.0, -8.0);
    let (ran, map) = survey(dir.path(), &[("coarse", &coarse), ("fine", &fine)], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(found(&map).len(), 2);
    let too_coarse = |row: &Row| row.text("reason") == "gsd_too_coarse";
    assert!(rows(&map, "gaps").iter().any(too_coarse));
}

#[test]
fn another_system_and_pixel_size_give_the_same_map() {
    for epsg in [4326, 32634] {
        let folder = tempfile::tempdir().unwrap();
        let (west, east) = (flight(0, 500, &[]), elsewhere(epsg, 300, 500, &[]));
        let run = |flights: &[(&str, &Ortho)]| {
            let (ran, map) = survey(folder.path(), flights, &[]);
            (ran.code == 0).then_some(map).ok_or(ran.stderr)
        };
        let map = run(&[("west", &west), ("east", &east)]).unwrap();
        each_once(&map, 2);
        let (sum, union) = areas(&map, "assessed", |_| true);
        // The last column of pixels is cut off.
        assert!(
            (sum - 23.95).abs() < 0.01 && (union - sum).abs() < 1e-3,
            "EPSG:{epsg}: {sum} and {union}"
        );
        let crs = |name: &str| {
            let run = rows(&map, "run");
            run.iter()
                .find(|row| row.text("name") == format!("{name}: crs"))
                .unwrap()
                .text("value")
                .to_owned()
        };
        assert!(
            crs("west").contains("EPSG:32633") && crs("east").contains(&format!("EPSG:{epsg}"))
        );
        // The other way round the map is in the other system, and nothing else differs.
        let swapped = run(&[("east", &east), ("west", &west)]).unwrap();
        let summary = |map: &Path| -> Vec<Vec<String>> {
            let fields = ["class", "score", "orthomosaic", "detections", "px_x0"];
            rows(map, "features")
                .iter()
                .map(|row| fields.map(|field| row.text(field).to_owned()).to_vec())
                .collect()
        };
        assert_eq!(summary(&map), summary(&swapped));
        for (one, other) in rows(&map, "features").iter().zip(rows(&swapped, "features")) {
            let at = |row: &Row| row.geometry.as_ref().unwrap().get_point(0);
            let (here, there) = (at(one), at(&other));
            let there = moved((there.0, there.1), epsg, 32633);
            assert!((here.0 - there.0).hypot(here.1 - there.1) < 1e-3, "{here:?} and {there:?}");
        }
    }
}

#[test]
fn a_report_shows_all_flights_and_an_evaluation_asks_for_each_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (west, east) = (flight(0, 500, &[]), elsewhere(4326, 300, 500, &[]));
    let (_, map) = survey(folder.path(), &[("west", &west), ("east", &east)], &[]);
    let out = map.parent().unwrap();
    let ran = rams(&["report", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("data:image/jpeg") && !page.contains("Without the imagery"));
    let truth = folder.path().join("truth.json");
    let image = |id: u8, name: &str, w: usize, h: usize| {
        format!(r#"{{"id": {id}, "file_name": "{name}.tif", "width": {w}, "height": {h}}}"#)
    };
    let images =
        [image(1, "west", 500, 300), image(2, "east", east.size.0, east.size.1)].join(", ");
    let categories = r#"[{"id": 1, "name": "red-square"}]"#;
    let text =
        format!(r#"{{"images": [{images}], "annotations": [], "categories": {categories}}}"#);
    std::fs::write(&truth, text).unwrap();
    let figures = folder.path().join("figures");
    let args = [
        "evaluate",
        truth.to_str().unwrap(),
        out.to_str().unwrap(),
        "-o",
        figures.to_str().unwrap(),
    ];
    let ran = rams(&args);
    assert!(
        ran.code == 1 && ran.stderr.contains("east and west show the same ground"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_one_flight_missed_stays_and_neighbours_stay_two() {
    let folder = tempfile::tempdir().unwrap();
    // Of two squares 30 cm apart one flight shows the one and the other flight the other.
    let (west, east) = (flight(0, 600, &[2]), flight(100, 700, &[3, 4]));
    let (ran, map) = survey(folder.path(), &[("west", &west), ("east", &east)], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(rows(&map, "features").len(), 6, "within the error of positions the two may be one");
    // Where many show how the flights lie to each other they are two.
    let many = |ortho: Ortho, west: i64| {
        (0..12).fold(ortho, |ortho, i| ortho.square(110 + 40 * i - west, 270))
    };
    let (west, east) = (many(west, 0), many(east, 100));
    let (_, map) = survey(folder.path(), &[("west", &west), ("east", &east)], &[]);
    assert_eq!(rows(&map, "features").len(), 7 + 12);
}

#[test]
fn an_earthwork_across_two_flights_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let paint = |ortho: Ortho, west: i64| {
        ortho.fill((100 - west, 700 - west), (100, 130), [255, 0, 0]).fill(
            (340 - west, 370 - west),
            (180, 240),
            [0, 0, 255],
        )
    };
    let (west, mut east) = (paint(Ortho::new(500, 300), 0), paint(Ortho::new(500, 300), 300));
    east.geotransform[0] = 500_003.05;
    let mask = model("red-mask");
    let (ran, map) = survey(
        folder.path(),
        &[("west", &west), ("east", &east)],
        &["--model", mask.to_str().unwrap()],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let features = rows(&map, "features");
    assert_eq!(features.len(), 2);
    let bar = features.iter().find(|row| row.text("class") == "red").unwrap();
    assert!(
        (bar.number("length_m") - 6.05).abs() < 0.03
            && (bar.number("area_m2") - 1.815).abs() < 0.02
    );
    assert!((bar.area() - 1.815).abs() < 0.02 && bar.geometry.as_ref().unwrap().is_valid());
}

#[test]
fn a_gap_that_another_flight_assessed_is_none() {
    let folder = tempfile::tempdir().unwrap();
    // West has no image from 3.2 m on, east none up to 3.52 m and none in its north-eastern corner.
    let west = flight(0, 500, &[]).without(|x, _| x >= 320);
    let east = flight(300, 500, &[]).without(|x, y| x < 52 || (x >= 404 && y < 100));
    let (ran, map) = survey(folder.path(), &[("west", &west), ("east", &east)], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (sum, union) = areas(&map, "gaps", is_of("nodata"));
    let (assessed, _) = areas(&map, "assessed", |_| true);
    assert!((sum - union).abs() < 1e-6, "a hole in both is one gap: {sum}, {union}");
    assert!((sum + assessed - 24.0).abs() < 1e-3, "{sum} and {assessed} are the whole");
    let covers = |x: f64, y: f64| {
        rows(&map, "gaps")
            .iter()
            .any(|row| row.text("reason") == "nodata" && row.covers(500_000.0 + x, 1_000.0 - y))
    };
    assert!(covers(3.4, 1.0) && covers(7.5, 0.5), "what no flight shows");
    assert!(!covers(4.5, 1.0) && !covers(3.05, 1.0), "what one of them shows");
}

/// A file of polygons, centimetres east and south of the origin.
fn limit(folder: &Path, rings: &[&[(i64, i64)]]) -> String {
    let ring = |ring: &&[(i64, i64)]| {
        let at = |(x, y): &(i64, i64)| {
            format!("[{}, {}]", 500_000.0 + *x as f64 / 100.0, 1_000.0 - *y as f64 / 100.0)
        };
        let points: Vec<_> = ring.iter().chain(ring.first()).map(at).collect();
        format!(
            r#"{{"type": "Feature", "properties": {{"kind": "task"}}, "geometry": {{"type": "Polygon", "coordinates": [[{}]]}}}}"#,
            points.join(", ")
        )
    };
    let rows: Vec<_> = rings.iter().map(ring).collect();
    let crs = r#"{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}"#;
    let text = format!(
        r#"{{"type": "FeatureCollection", "crs": {crs}, "features": [{}]}}"#,
        rows.join(", ")
    );
    let path = folder.join("limit.geojson");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_limit_is_what_is_surveyed_and_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    // Two polygons that overlap, 3.2 x 2 m together; the second square lies in their tiles, but
    // outside.
    let rings: [&[(i64, i64)]; 2] = [
        &[(20, 20), (220, 20), (220, 120), (20, 120)],
        &[(120, 20), (340, 20), (340, 220), (240, 220), (240, 120), (120, 120)],
    ];
    let aoi = limit(folder.path(), &rings);
    let (ran, map) = survey(folder.path(), &[("whole", &flight(0, 800, &[]))], &["--aoi", &aoi]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let whole = 3.2 + 1.0;
    let (assessed, union) = areas(&map, "assessed", |_| true);
    assert!(
        (assessed - whole).abs() < 1e-6 && (union - whole).abs() < 1e-6,
        "{assessed} of {whole}"
    );
    let (no_model, _) = areas(&map, "gaps", |_| true);
    assert!((no_model - whole).abs() < 1e-6, "{no_model} of {whole}");
    let run = rows(&map, "run");
    let tiles = run.iter().find(|row| row.text("section") == "tiles").unwrap().number("value");
    assert!(tiles < 15.0, "{tiles} of 21 tiles");
    // What was seen in passing stays; what lies far beyond was not looked at.
    let found = found(&map);
    assert!(
        found.contains(&(46, 46)) && found.contains(&(335, 65)) && found.contains(&(205, 155)),
        "{found:?}"
    );
    assert!(!found.contains(&(526, 126)) && !found.contains(&(706, 226)), "{found:?}");
    let known: Vec<_> =
        rows(&map, "external_evidence").iter().map(|row| row.text("kind").to_owned()).collect();
    assert_eq!(known, ["survey_limit", "survey_limit"]);
    assert!(
        run.iter()
            .any(|row| row.text("section") == "evidence" && row.text("value").contains("4.2 m²"))
    );
}

#[test]
fn ground_of_the_limit_without_an_image_is_an_unexpected_gap() {
    let folder = tempfile::tempdir().unwrap();
    let aoi = limit(folder.path(), &[&[(600, 100), (1000, 100), (1000, 200), (600, 200)]]);
    let flights =
        (flight(0, 500, &[]), flight(300, 500, &[]).without(|x, _| (400..450).contains(&x)));
    let (ran, map) =
        survey(folder.path(), &[("west", &flights.0), ("east", &flights.1)], &["--aoi", &aoi]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("NOT assessed") && ran.stdout.contains("no imagery"),
        "{}",
        ran.stdout
    );
    let (missing, _) = areas(&map, "gaps", is_of("no_imagery"));
    let (assessed, _) = areas(&map, "assessed", |_| true);
    assert!((missing + assessed - 4.0).abs() < 1e-6, "{missing} and {assessed}");
    let (no_model, _) = areas(&map, "gaps", is_of("no_model"));
    assert!(
        (no_model - 4.0).abs() < 1e-6,
        "what no model looks for is not assessed anywhere: {no_model}"
    );
    let gaps = rows(&map, "gaps");
    let covers = |x: f64| {
        gaps.iter()
            .any(|row| row.text("reason") == "no_imagery" && row.covers(500_000.0 + x, 998.5))
    };
    assert!(
        covers(9.0) && covers(7.2) && !covers(6.5) && !covers(7.9),
        "beyond the image, and a hole in it"
    );
    assert!(gaps.iter().all(|row| row.text("reason") != "nodata"));
}

#[test]
fn a_limit_that_is_none_stops_a_survey() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = flight(0, 300, &[]);
    let refused = |aoi: &str| {
        let (ran, map) = survey(folder.path(), &[("whole", &ortho)], &["--aoi", aoi]);
        assert!(ran.code == 1 && !map.exists(), "{}", ran.stdout);
        ran.stderr
    };
    let beside = refused(&limit(folder.path(), &[&[(2000, 0), (2100, 0), (2100, 100)]]));
    assert!(
        beside.contains("limit.geojson does not touch the imagery")
            && beside.contains("15.00018 E to 15.00019 E"),
        "{beside}"
    );
    let crossed = refused(&limit(
        folder.path(),
        &[&[(0, 0), (9, 0), (9, 9)], &[(0, 0), (100, 100), (100, 0), (0, 100)]],
    ));
    assert!(
        crossed.contains("limit.geojson, layer limit, row 2: its outline crosses itself"),
        "{crossed}"
    );
    let far = refused(&limit(
        folder.path(),
        &[&[(0, 0), (9, 0), (9, 9)], &[(9_000_000, 0), (9_000_900, 0), (9_000_900, 900)]],
    ));
    assert!(far.contains("row 2: it lies 90 km from the middle of the imagery"), "{far}");
    let none = refused(&limit(folder.path(), &[]));
    assert!(none.contains("limit.geojson: it holds no polygon; give a file"), "{none}");
    let points = folder.path().join("points.csv");
    std::fs::write(&points, "lon,lat\n15.00001,0.00903\n").unwrap();
    let points = refused(points.to_str().unwrap());
    assert!(
        points.contains("cannot read limit ")
            && points.contains("points.csv")
            && !points.contains("mapping"),
        "{points}"
    );
}
