//! Where orthomosaics and surface models lie, and what is said of it; and that nothing is fetched.

use crate::support::{Ortho, model, rams, raster, rows, survey};
use gdal::{Dataset, spatial_ref::SpatialRef};
use std::{fs, net::TcpListener, path::Path, process::Command};

const SIZE: (usize, usize) = (200, 200);

fn painted(path: &Path, definition: Option<&str>, origin: (f64, f64)) {
    let ground = Ortho::new(SIZE.0, SIZE.1).square(50, 50);
    let bands: Vec<_> = (0..3).map(|colour| ground.band(colour)).collect();
    raster(path, SIZE, &bands, &["PROFILE=GeoTIFF"], |dataset: &mut Dataset| {
        dataset.set_geo_transform(&[origin.0, 0.01, 0.0, origin.1, 0.0, -0.01]).unwrap();
        let srs = definition.map_or_else(SpatialRef::new, SpatialRef::from_definition).unwrap();
        dataset.set_spatial_ref(&srs).unwrap();
    });
}

/// Of a layer's first row.
fn first_point(map: &Path) -> (f64, f64) {
    let (x, y, _) = rows(map, "features")[0].geometry.as_ref().unwrap().get_point(0);
    (x, y)
}

fn notices(map: &Path) -> Vec<String> {
    let run = rows(map, "run").into_iter().filter(|row| row.text("section") == "notices");
    run.map(|row| format!("{}: {}", row.text("name"), row.text("value"))).collect()
}

#[test]
fn a_datum_that_no_one_knows_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("krass.tif");
    let krassowsky = "+proj=tmerc +lat_0=0 +lon_0=45 +x_0=8500000 +ellps=krass +units=m";
    painted(&path, Some(krassowsky), (8_450_000.0, 4_450_000.0));
    let (ortho, out, toy) = (path.to_str().unwrap(), folder.path().join("out"), model("red-boxes"));
    let (out, toy) = (out.to_str().unwrap(), toy.to_str().unwrap());
    for args in [
        vec!["survey", ortho, "-o", out, "--model", toy],
        vec!["inspect", ortho, "--model", toy],
        vec!["chip", ortho, "--truth", ortho, "-o", out],
    ] {
        let ran = rams(&args);
        assert_eq!(ran.code, 1, "{args:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("krass.tif") && ran.stderr.contains("Krassovsky"),
            "{args:?}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains("--assume-crs EPSG:<code>"), "{args:?}: {}", ran.stderr);
    }
    let (ran, map) = survey(&path, Path::new(out), &["red-boxes"], &["--assume-crs", "EPSG:28408"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let exported = folder.path().join("map.geojson");
    let ran = rams(&["export", out, "--format", "geojson", "-o", exported.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(notices(&map)[0].contains("EPSG:28408"), "{:?}", notices(&map));
}

#[test]
fn an_assumed_system_holds_for_every_file_and_says_where_one_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    painted(&path("silent.tif"), None, (500_000.0, 4_500_000.0));
    painted(&path("same.tif"), Some("EPSG:32638"), (500_003.0, 4_500_000.0));
    painted(&path("other.tif"), Some("EPSG:32637"), (500_006.0, 4_500_000.0));
    raster(&path("dsm.tif"), (100, 20), &[vec![100.0f32; 2000]], &[], |dataset| {
        dataset.set_geo_transform(&[499_999.0, 0.1, 0.0, 4_500_000.5, 0.0, -0.2]).unwrap();
        dataset.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
    });
    let files =
        ["silent.tif", "same.tif", "other.tif"].map(|name| path(name).to_str().unwrap().to_owned());
    let (dsm, out, toy) = (path("dsm.tif"), path("out"), model("high-ground"));
    let mut args = vec!["survey", "-o", out.to_str().unwrap(), "--model", toy.to_str().unwrap()];
    args.extend(["--assume-crs", "EPSG:32638", "--dsm", dsm.to_str().unwrap()]);
    args.extend(files.iter().map(String::as_str));
    let ran = rams(&args);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let mut said = notices(&out.join("survey.gpkg"));
    said.sort();
    assert_eq!(said.len(), 2, "{said:?}");
    for (said, (name, own)) in
        said.iter().zip([("dsm.tif", "WGS 84 (EPSG:4326)"), ("other", "EPSG:32637")])
    {
        assert!(
            said.starts_with(name) && said.contains(own) && said.contains("EPSG:32638"),
            "{said}"
        );
        let value = said.split_once(": ").unwrap().1;
        assert!(
            ran.stderr.contains(value) && ran.stdout.contains(value),
            "{said}: {} {}",
            ran.stderr,
            ran.stdout
        );
    }
    // All lie beside each other in the zone that was named.
    let orthos = rows(&out.join("survey.gpkg"), "gaps");
    for x in [500_001.0, 500_004.0, 500_007.0] {
        assert!(orthos.iter().any(|row| row.covers(x, 4_499_999.0)), "nothing at {x}");
    }
    // The report finds them where they were surveyed.
    let ran = rams(&["report", out.to_str().unwrap()]);
    assert!(ran.code == 0 && !ran.stderr.contains("without pictures"), "{}", ran.stderr);
}

#[test]
fn a_band_that_is_not_read_is_named_with_what_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("four.tif");
    let ground = Ortho::new(SIZE.0, SIZE.1).square(50, 50);
    let mut bands: Vec<_> = (0..3).map(|colour| ground.band(colour)).collect();
    bands.push((0..SIZE.0 * SIZE.1).map(|at| if at % SIZE.0 < 96 { 0 } else { 255 }).collect());
    raster(&path, SIZE, &bands, &["PHOTOMETRIC=RGB", "ALPHA=UNSPECIFIED"], |_| {});
    let said = "band 4 is not read; if it marks ground without image, give --alpha 4";
    let (out, toy) = (folder.path().join("out"), model("red-boxes"));
    let (ran, map) = survey(&path, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains(said) && ran.stdout.contains(said),
        "{} {}",
        ran.stderr,
        ran.stdout
    );
    assert_eq!((notices(&map), rows(&map, "features").len()), (vec![format!("four: {said}")], 1));
    let ran = rams(&["inspect", path.to_str().unwrap(), "--model", toy.to_str().unwrap()]);
    assert!(ran.code == 0 && ran.stdout.contains(said), "{}", ran.stdout);
    let (ran, map) = survey(&path, &out, &["red-boxes"], &["--alpha", "4", "--overwrite"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("is not read"), "{}", ran.stderr);
    assert_eq!((notices(&map).len(), rows(&map, "features").len()), (0, 0));
    for (flags, expected) in [
        (&["--alpha", "5"][..], "no band 5"),
        (&["--alpha", "3", "--bands", "1,2,3"], "cannot be a colour and alpha"),
    ] {
        let (ran, _) = survey(&path, &out, &["red-boxes"], &[flags, &["--overwrite"]].concat());
        assert!(ran.code == 1 && ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn a_datum_told_by_the_file_alone_lies_right_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.tif");
    let own = "+proj=tmerc +lat_0=0 +lon_0=45 +x_0=8500000 +ellps=krass \
               +towgs84=23.57,-140.95,-79.8 +units=m";
    painted(&path, Some(own), (8_450_000.0, 4_450_000.0));
    let out = folder.path().join("out");
    let (ran, map) = survey(&path, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        notices(&map)[0].contains("the map is in WGS 84 / UTM zone 38N"),
        "{:?}",
        notices(&map)
    );
    let lonlat = |file: &Path| {
        use gdal::{spatial_ref::AxisMappingStrategy, vector::LayerAccess};
        let dataset = Dataset::open(file).unwrap();
        let mut layer = dataset.layer(0).unwrap();
        let [mut from, mut to] =
            [layer.spatial_ref().unwrap(), SpatialRef::from_epsg(4326).unwrap()];
        for srs in [&mut from, &mut to] {
            srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        }
        let row = layer.features().next().unwrap();
        let geometry = row.geometry().unwrap();
        // A shapefile has multi-points.
        let (x, y, _) = match geometry.geometry_count() {
            0 => geometry.get_point(0),
            _ => geometry.get_geometry(0).get_point(0),
        };
        let (mut x, mut y) = ([x], [y]);
        let transform = gdal::spatial_ref::CoordTransform::new(&from, &to).unwrap();
        transform.transform_coords(&mut x, &mut y, &mut []).unwrap();
        (x[0], y[0])
    };
    let export = |format: &str, file: &str| {
        let to = folder.path().join(format!("map.{format}"));
        let ran = rams(&[
            "export",
            out.to_str().unwrap(),
            "--format",
            format,
            "-o",
            to.to_str().unwrap(),
        ]);
        assert_eq!(ran.code, 0, "{format}: {}", ran.stderr);
        lonlat(&folder.path().join(file))
    };
    let expected = lonlat(&map);
    // By PROJ: the shift is that of the file.
    let mut truth = SpatialRef::from_definition(own).unwrap();
    truth.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
    let mut wgs84 = SpatialRef::from_epsg(4326).unwrap();
    wgs84.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
    let (mut x, mut y) = ([8_450_000.555], [4_449_999.445]);
    let transform = gdal::spatial_ref::CoordTransform::new(&truth, &wgs84).unwrap();
    transform.transform_coords(&mut x, &mut y, &mut []).unwrap();
    for (name, (lon, lat)) in [
        ("map", expected),
        ("shapefile", export("shp", "map_features_points.shp")),
        ("FlatGeobuf", export("fgb", "map_features.fgb")),
    ] {
        assert!(
            (lon - x[0]).abs() < 5e-8 && (lat - y[0]).abs() < 5e-8,
            "{name}: {lon}, {lat} is not {x:?}, {y:?}"
        );
    }
}

#[test]
fn nothing_is_fetched_whatever_the_environment_and_the_files_say() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = || listener.accept().is_ok();
    let path = folder.path().join("osgb.tif");
    painted(&path, Some("EPSG:27700"), (430_000.0, 350_000.0));
    let (out, limit) = (folder.path().join("out"), folder.path().join("limit.geojson"));
    let link = format!(
        r#""crs":{{"type":"link","properties":{{"href":"{address}/x.prj","type":"esriwkt"}}}}"#
    );
    let square = "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]";
    let feature = format!(
        r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{square}}}}}"#
    );
    fs::write(&limit, format!(r#"{{"type":"FeatureCollection",{link},"features":[{feature}]}}"#))
        .unwrap();
    let (ortho, toy, exported) =
        (path.to_str().unwrap(), model("red-boxes"), folder.path().join("map.kml"));
    let (out, toy) = (out.to_str().unwrap(), toy.to_str().unwrap());
    for (args, code) in [
        (vec!["survey", ortho, "-o", out, "--model", toy, "--threads", "4"], 0),
        (vec!["export", out, "--format", "kml", "-o", exported.to_str().unwrap()], 0),
        (vec!["report", out], 0),
        (vec!["inspect", ortho, "--model", toy], 0),
        (
            vec![
                "survey",
                ortho,
                "-o",
                out,
                "--model",
                toy,
                "--overwrite",
                "--aoi",
                limit.to_str().unwrap(),
            ],
            1,
        ),
    ] {
        let ran = Command::new(env!("CARGO_BIN_EXE_rams"))
            .args(&args)
            .env("PROJ_NETWORK", "ON")
            .env("PROJ_NETWORK_ENDPOINT", &address)
            .output()
            .unwrap();
        assert_eq!(
            ran.status.code(),
            Some(code),
            "{args:?}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        assert!(!asked(), "{args:?} asks the network");
    }
    assert!(first_point(&Path::new(out).join("survey.gpkg")).0 > 430_000.0);
}
