//! A survey in every format, read back by those who receive it.

use crate::support::{Ortho, rams, rows, survey};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{Layer, LayerAccess, OGRwkbGeometryType::wkbNone, sql::Dialect};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::GeodesicArea;
use std::path::{Path, PathBuf};
use std::process::Command;

const FORMATS: [&str; 8] = ["geojson", "kml", "shp", "csv", "xlsx", "imsma", "fgb", "gdb"];

/// Mines as squares, berms as a ring and bars across tiles.
fn surveyed(folder: &Path) -> PathBuf {
    let red = [255, 0, 0];
    let ring =
        Ortho::new(400, 300).fill((90, 170), (90, 170), red).fill((110, 150), (110, 150), [100; 3]);
    let bars = ring.fill((20, 380), (200, 212), red).fill((250, 256), (20, 120), red);
    let squares = [(40, 40), (60, 45), (300, 100), (350, 250)];
    let ortho = folder.join("ortho.tif");
    squares.iter().fold(bars, |ortho, (x, y)| ortho.square(*x, *y)).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.join("out"), &["red-boxes", "red-mask"], &[]);
    // 3: ground of one single colour is a gap.
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    map
}

fn export(map: &Path, format: &str, out: &Path) -> crate::support::Ran {
    rams(&[
        "export",
        map.parent().unwrap().to_str().unwrap(),
        "--format",
        format,
        "-o",
        out.to_str().unwrap(),
    ])
}

#[test]
fn every_export_is_read_back_and_every_polygon_is_valid_to_geos() {
    let folder = tempfile::tempdir().unwrap();
    let map = surveyed(folder.path());
    let mut files = vec![map.clone()];
    for format in FORMATS {
        let ran = export(&map, format, &folder.path().join(format!("out.{format}")));
        assert_eq!(ran.code, 0, "{format}: {}{}", ran.stdout, ran.stderr);
        // A square is a mine to one model and a bit of a berm to the other: advice, at the most.
        let checks = ran.stdout.lines().skip_while(|line| !line.starts_with("import checks: "));
        let findings: Vec<_> = checks.skip(1).collect();
        assert!(
            findings.iter().all(|line| line.ends_with("of AP_MINE (advisory)")),
            "{format}: {}",
            ran.stdout
        );
        assert!(ran.stdout.contains("import checks: "), "{format}: {}", ran.stdout);
        files.extend(ran.stdout.lines().map(PathBuf::from).filter(|file| file.is_file()));
    }
    let is_map = |file: &&PathBuf| {
        let extension = file.extension().unwrap().to_str().unwrap();
        ["gpkg", "geojson", "kml", "shp", "fgb", "zip"].contains(&extension)
    };
    for file in files.iter().filter(is_map) {
        let dataset = Dataset::open(file).unwrap();
        for mut layer in dataset.layers() {
            for row in layer.features() {
                let valid = row.geometry().is_none_or(gdal::vector::Geometry::is_valid);
                assert!(valid, "row {:?} in {}", row.fid(), file.display());
            }
        }
    }
    assert!(!rows(&map, "hazard_areas").is_empty());
}

#[test]
fn areas_in_the_map_are_those_on_the_ellipsoid() {
    let folder = tempfile::tempdir().unwrap();
    let map = surveyed(folder.path());
    let dataset = Dataset::open(&map).unwrap();
    let mut from = dataset.layer_by_name("hazard_areas").unwrap().spatial_ref().unwrap();
    let mut to = SpatialRef::from_epsg(4326).unwrap();
    for srs in [&mut from, &mut to] {
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    }
    let to_lonlat = CoordTransform::new(&from, &to).unwrap();
    for layer in ["hazard_areas", "gaps", "assessed"] {
        for row in rows(&map, layer) {
            let on_ellipsoid =
                row.geometry.as_ref().unwrap().transform(&to_lonlat).unwrap().to_geo().unwrap();
            let (expected, found) = (on_ellipsoid.geodesic_area_unsigned(), row.number("area_m2"));
            // A file holds the thousandth of a square metre.
            assert!(
                (found - expected).abs() < (expected * 1e-6).max(0.6e-3),
                "{layer}: {found} is not {expected}"
            );
        }
    }
}

/// The map, opened to be edited as in QGIS.
fn opened(map: &Path) -> Dataset {
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE,
        ..DatasetOptions::default()
    };
    Dataset::open_ex(map, options).unwrap()
}

fn edit(map: &Path, sql: &str) {
    let mut edited = opened(map);
    edited.execute_sql(sql, None, Dialect::DEFAULT).unwrap();
    edited.flush_cache().unwrap();
}

#[test]
fn what_an_import_would_refuse_is_written_and_named_with_exit_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let map = surveyed(folder.path());
    // As a person might in QGIS: an area copied and pasted, and given an id of its own.
    let sql = "INSERT INTO hazard_areas (geom, id, kind, eo_category) \
               SELECT geom, 'A9', kind, eo_category FROM hazard_areas LIMIT 1";
    edit(&map, sql);
    for format in FORMATS {
        let out = folder.path().join(format!("out.{format}"));
        let ran = export(&map, format, &out);
        assert_eq!(ran.code, 3, "{format}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("A0009 has the same polygon as"), "{format}: {}", ran.stdout);
        assert!(
            Path::new(ran.stdout.lines().next().unwrap()).is_file(),
            "{format}: {}",
            ran.stdout
        );
    }
}

#[test]
fn an_edit_that_cannot_be_used_is_named_by_row_and_field_and_one_that_can_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let map = surveyed(folder.path());
    let dir = map.parent().unwrap().to_str().unwrap().to_owned();
    edit(&map, "UPDATE hazard_areas SET eo_category = 'ap mine' WHERE fid = 1");
    let report = || rams(&["report", &dir]);
    let geojson = || export(&map, "geojson", &folder.path().join("out.geojson"));
    for ran in [report(), geojson()] {
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        let said =
            "layer hazard_areas, row 1, field eo_category is `ap mine`; give one of AP_MINE, ";
        assert!(
            ran.stderr.contains(said) && ran.stderr.contains("correct it in QGIS"),
            "{}",
            ran.stderr
        );
        assert!(
            !ran.stderr.contains("disk") && !ran.stderr.contains("rams survey"),
            "{}",
            ran.stderr
        );
    }
    edit(&map, "UPDATE hazard_areas SET eo_category = 'AP_MINE', id = NULL WHERE fid = 1");
    let count = rows(&map, "hazard_areas").len();
    for ran in [report(), geojson()] {
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let said = format!("layer hazard_areas, row 1 has no id: it is A{:04} here", count + 1);
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
}

#[test]
fn a_program_that_was_only_handed_a_survey_does_not_keep_it_from_being_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let map = surveyed(folder.path());
    // What a program inherits from one that was just looking at the file.
    let handed = std::fs::File::open(&map).unwrap();
    let mut program = Command::new("sleep").arg("600").stdin(handed).spawn().unwrap();
    let ortho = folder.path().join("ortho.tif");
    let ran = survey(&ortho, map.parent().unwrap(), &["red-boxes"], &["--overwrite"]).0;
    program.kill().unwrap();
    program.wait().unwrap();
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
}

#[test]
fn a_survey_that_is_open_elsewhere_or_has_edits_beside_it_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let map = surveyed(folder.path());
    let (ortho, out) = (folder.path().join("ortho.tif"), map.parent().unwrap());
    let again = || survey(&ortho, out, &["red-boxes"], &["--overwrite"]).0;
    let before = std::fs::read(&map).unwrap();
    let dataset = opened(&map);
    dataset.execute_sql("PRAGMA journal_mode = WAL", None, Dialect::DEFAULT).unwrap();
    let ran = again();
    assert!(ran.code == 1 && ran.stderr.contains("has it open"), "{}", ran.stderr);
    dataset
        .execute_sql("UPDATE hazard_areas SET district = 'edited'", None, Dialect::DEFAULT)
        .unwrap();
    // As a crash leaves it.
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    let kept = folder.path().join("kept");
    std::fs::copy(log(&map), &kept).unwrap();
    drop(dataset);
    std::fs::write(&map, &before).unwrap();
    std::fs::copy(&kept, log(&map)).unwrap();
    let ran = again();
    assert!(
        ran.code == 1 && ran.stderr.contains("survey.gpkg-wal holds changes"),
        "{}",
        ran.stderr
    );
    assert!(
        rows(&map, "hazard_areas").iter().all(|row| row.text("district") == "edited"),
        "nothing is lost"
    );
    let ran = again();
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("will be replaced, with all that was edited in it"),
        "{}",
        ran.stderr
    );
    assert!(rows(&map, "hazard_areas").iter().all(|row| row.text("district") != "edited"));
}

/// Exports in every format: no finding that an import refuses, and the files that are maps.
fn exported(map: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for format in FORMATS {
        let ran = export(map, format, &folder.join(format!("x/out.{format}")));
        assert_eq!(ran.code, 0, "{format}: {}{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("Warning"), "{format}: {}", ran.stderr);
        files.extend(ran.stdout.lines().map(PathBuf::from).filter(|file| file.is_file()));
    }
    files.retain(|file| {
        ["geojson", "kml", "shp", "fgb", "zip"]
            .map(Some)
            .contains(&file.extension().and_then(|it| it.to_str()))
    });
    files
}

#[test]
fn areas_that_released_land_cuts_pass_the_import_checks_of_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    let squares = [(40, 40), (60, 45), (300, 100), (350, 250), (200, 150)];
    squares.iter().fold(Ortho::new(400, 300), |ortho, (x, y)| ortho.square(*x, *y)).write(&ortho);
    // Triangles at all angles around what is found, over the edge of its area and over each other.
    let released = |seed: usize| -> Vec<String> {
        let corner = |part: usize, corner: usize| {
            let at = |degrees: usize| (degrees as f64).to_radians().sin_cos();
            let ((south, west), (sin, cos)) =
                (at(seed * 37 + part * 50), at(seed * 97 + part * 53 + corner * 120));
            format!("[{}, {}]", 500_002.0 + 6.0 * west + 3.0 * cos, 998.5 + 6.0 * south + 3.0 * sin)
        };
        (0..3).map(|part| [0, 1, 2, 0].map(|at| corner(part, at)).join(",")).collect()
    };
    for seed in 0..3 {
        let path = folder.path().join(format!("released-{seed}.geojson"));
        let feature = |ring: String| {
            format!(
                "{{\"type\": \"Feature\", \"properties\": {{\"kind\": \"released\"}}, \
                 \"geometry\": {{\"type\": \"Polygon\", \"coordinates\": [[{ring}]]}}}}"
            )
        };
        let features: Vec<_> = released(seed).into_iter().map(feature).collect();
        let crs =
            "{\"type\": \"name\", \"properties\": {\"name\": \"urn:ogc:def:crs:EPSG::32633\"}}";
        let features = features.join(",");
        let text = format!(
            "{{\"type\": \"FeatureCollection\", \"crs\": {crs}, \"features\": [{features}]}}"
        );
        std::fs::write(&path, text).unwrap();
        let more = ["--evidence", path.to_str().unwrap()];
        let (ran, map) =
            survey(&ortho, &folder.path().join(format!("out-{seed}")), &["red-boxes"], &more);
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
        let cut_m2: f64 =
            rows(&map, "hazard_areas").iter().map(|area| area.number("released_m2")).sum();
        assert!(cut_m2 > 1.0, "{cut_m2}");
        exported(&map, folder.path());
    }
}

#[test]
fn a_survey_across_the_180th_meridian_is_cut_there_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    let squares = [(40, 40), (300, 45), (300, 100), (350, 250), (200, 150)];
    let mut painted =
        squares.iter().fold(Ortho::new(400, 300), |ortho, (x, y)| ortho.square(*x, *y));
    // UTM zone 1 begins at the meridian, which lies two metres east of the corner.
    painted.epsg = 32601;
    painted.geotransform[0] = 166_019.4;
    painted.geotransform[3] = 12.0;
    painted.write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let (mut west, mut east) = (0, 0);
    for file in exported(&map, folder.path()) {
        let dataset = Dataset::open(&file).unwrap();
        let is_map = |layer: &Layer<'_>| layer.defn().geometry_type() != wkbNone;
        for mut layer in dataset.layers().filter(is_map) {
            for row in layer.features() {
                let geometry = row.geometry().unwrap();
                assert!(geometry.is_valid(), "{}: {}", file.display(), geometry.wkt().unwrap());
                let parts = (0..geometry.geometry_count().max(1)).map(|index| {
                    match geometry.geometry_count() {
                        0 => geometry.envelope(),
                        _ => geometry.get_geometry(index).envelope(),
                    }
                });
                for bounds in parts {
                    let is_on_one_side = bounds.MaxX - bounds.MinX < 0.01;
                    let is_within = bounds.MinX >= -180.0 && bounds.MaxX <= 180.0;
                    assert!(
                        is_on_one_side && is_within,
                        "{}: {}",
                        file.display(),
                        geometry.wkt().unwrap()
                    );
                    west += usize::from(bounds.MaxX > 0.0);
                    east += usize::from(bounds.MinX < 0.0);
                }
            }
        }
    }
    assert!(west > 0 && east > 0, "{west} {east}");
}
