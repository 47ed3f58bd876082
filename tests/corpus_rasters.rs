//! The same ground in many clothes is the same map: as many finds, in the same places, and as much
//! ground assessed, whatever system, axis order, rotation, format or marker of ground without
//! image.

mod hidden;

use crate::support::{Ortho, SQUARE_PX, copy_as, raster, rows, survey};
use gdal::{
    Dataset, Gcp, Metadata,
    raster::Buffer,
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
    vector::LayerAccess,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const SIZE: (usize, usize) = (320, 240);

/// Place of the upper left corner in EPSG:32633, and the side of a pixel, metres.
const ORIGIN: (f64, f64) = (500_000.0, 5_540_000.0);
const PX_M: f64 = 0.01;

/// Upper left corners of red squares, pixels.
const SQUARES: [(i64, i64); 4] = [(40, 40), (124, 60), (200, 150), (270, 200)];

/// Columns from the left that have no image in some clothes.
const HIDDEN_PX: usize = 96;

/// What of a survey must not depend on clothes.
struct Map {
    /// Longitude and latitude of each find.
    finds: Vec<(f64, f64)>,
    assessed_m2: f64,
}

fn reference(definition: &str) -> SpatialRef {
    let mut reference = SpatialRef::from_definition(definition).unwrap();
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    reference
}

fn moved(at: (f64, f64), from: &SpatialRef, to: &SpatialRef) -> (f64, f64) {
    let (mut x, mut y) = ([at.0], [at.1]);
    CoordTransform::new(from, to).unwrap().transform_coords(&mut x, &mut y, &mut []).unwrap();
    (x[0], y[0])
}

/// Place of a pixel's corner in EPSG:32633.
fn place(x: f64, y: f64) -> (f64, f64) {
    (ORIGIN.0 + PX_M * x, ORIGIN.1 - PX_M * y)
}

/// The geotransform of the picture in another system.
fn geotransform(definition: &str) -> [f64; 6] {
    let (utm, other) = (reference("EPSG:32633"), reference(definition));
    let (width, height) = (SIZE.0 as f64, SIZE.1 as f64);
    let [origin, east, south] =
        [(0.0, 0.0), (width, 0.0), (0.0, height)].map(|(x, y)| moved(place(x, y), &utm, &other));
    [
        origin.0,
        (east.0 - origin.0) / width,
        (south.0 - origin.0) / height,
        origin.1,
        (east.1 - origin.1) / width,
        (south.1 - origin.1) / height,
    ]
}

/// The picture, as three bands.
fn picture() -> Vec<Vec<u8>> {
    let ground =
        SQUARES.iter().fold(Ortho::new(SIZE.0, SIZE.1), |ortho, (x, y)| ortho.square(*x, *y));
    (0..3).map(|colour| ground.band(colour)).collect()
}

/// The pixels in another order: `from` says which pixel of the picture comes to a place.
fn turned(size: (usize, usize), from: impl Fn(usize, usize) -> (usize, usize)) -> Vec<Vec<u8>> {
    let pick = |band: &Vec<u8>| {
        let at = (0..size.0 * size.1).map(|at| from(at % size.0, at / size.0));
        at.map(|(x, y)| band[y * SIZE.0 + x]).collect()
    };
    picture().iter().map(pick).collect()
}

/// Puts a file of the picture into a place.
fn dress(definition: &str, geotransform: [f64; 6]) -> impl FnOnce(&mut Dataset) {
    let srs = reference(definition);
    move |dataset| {
        dataset.set_spatial_ref(&srs).unwrap();
        dataset.set_geo_transform(&geotransform).unwrap();
    }
}

/// The picture in its own place.
fn at_home(dataset: &mut Dataset) {
    dress("EPSG:32633", geotransform("EPSG:32633"))(dataset);
}

/// Ground within the picture in all clothes, 16 pixels inside its border.
fn limit(folder: &Path) -> PathBuf {
    let (utm, wgs84) = (reference("EPSG:32633"), reference("EPSG:4326"));
    let corners = [(16.0, 16.0), (16.0, 224.0), (304.0, 224.0), (304.0, 16.0), (16.0, 16.0)];
    let corners = corners.map(|(x, y)| moved(place(x, y), &utm, &wgs84));
    let corners = corners.map(|(lon, lat)| format!("[{lon:.12},{lat:.12}]")).join(",");
    let path = folder.join("limit.geojson");
    let head =
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":"#;
    fs::write(&path, format!(r#"{head}{{"type":"Polygon","coordinates":[[{corners}]]}}}}]}}"#))
        .unwrap();
    path
}

fn map(path: &Path, flags: &[&str]) -> Map {
    let folder = path.parent().unwrap();
    let (limit, out) = (
        limit(folder),
        folder.join(format!("{}-out", path.file_name().unwrap().to_str().unwrap())),
    );
    let flags = [&["--aoi", limit.to_str().unwrap()], flags].concat();
    let (ran, map) = survey(path, &out, &["red-boxes"], &flags);
    assert!([0, 3].contains(&ran.code), "{}: {}", path.display(), ran.stderr);
    let dataset = Dataset::open(&map).unwrap();
    let mut own = dataset.layer_by_name("features").unwrap().spatial_ref().unwrap();
    own.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let wgs84 = reference("EPSG:4326");
    let finds = rows(&map, "features")
        .iter()
        .map(|row| row.geometry.as_ref().unwrap().get_point(0))
        .collect::<Vec<_>>();
    Map {
        finds: finds.into_iter().map(|(x, y, _)| moved((x, y), &own, &wgs84)).collect(),
        assessed_m2: rows(&map, "assessed").iter().map(|row| row.number("area_m2")).sum(),
    }
}

/// Whether a map is as it must be: the squares but those that are hidden, to 2 cm, and the ground
/// of the limit, to a thousandth.
fn check(name: &str, found: &Map, hidden_px: usize) {
    let (utm, wgs84) = (reference("EPSG:32633"), reference("EPSG:4326"));
    let half = SQUARE_PX as f64 / 2.0;
    let visible: Vec<_> = SQUARES.iter().filter(|(x, _)| *x as usize >= hidden_px).collect();
    assert_eq!(found.finds.len(), visible.len(), "{name}: {:?}", found.finds);
    for (x, y) in visible {
        let (lon, lat) = moved(place(*x as f64 + half, *y as f64 + half), &utm, &wgs84);
        let metres = |find: &(f64, f64)| {
            ((find.0 - lon) * 111_320.0 * lat.to_radians().cos()).hypot((find.1 - lat) * 111_200.0)
        };
        let nearest = found.finds.iter().map(metres).fold(f64::INFINITY, f64::min);
        assert!(nearest < 0.02, "{name}: the square at {x}, {y} is {nearest} m off");
    }
    // A metre of UTM in the middle of its zone is 1/0.9996 m on the ellipsoid.
    let expected_m2 = (304 - hidden_px.max(16)) as f64 * 208.0 * (PX_M / 0.9996).powi(2);
    assert!(
        (found.assessed_m2 / expected_m2 - 1.0).abs() < 1e-3,
        "{name}: {} of {expected_m2} m²",
        found.assessed_m2
    );
}

#[test]
fn whatever_system_it_lies_in() {
    let folder = tempfile::tempdir().unwrap();
    let krassowsky = "+proj=tmerc +lat_0=0 +lon_0=15 +x_0=500000 +ellps=krass \
                      +towgs84=26,-121,-78,0,0,0,0 +units=m";
    let systems = [
        ("home", "EPSG:32633"),
        ("neighbour zone", "EPSG:32634"),
        ("degrees", "EPSG:4326"),
        ("ETRS89 degrees", "EPSG:4258"),
        ("web Mercator", "EPSG:3857"),
        ("Krovak", "EPSG:5514"),
        ("northing first", "EPSG:31468"),
        ("ED50", "EPSG:23033"),
        ("Pulkovo", "EPSG:28403"),
        ("own shift", krassowsky),
        ("feet", "+proj=tmerc +lat_0=50 +lon_0=15 +datum=WGS84 +units=us-ft"),
        ("heights", "EPSG:32633+5773"),
        ("GRS 80 alone", "+proj=utm +zone=33 +ellps=GRS80 +units=m"),
        ("Paris and grads", "EPSG:4807"),
        (
            "oblique",
            "+proj=omerc +lat_0=50 +lonc=15 +alpha=30 +gamma=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84",
        ),
    ];
    for (name, definition) in systems {
        let path = folder.path().join(format!("{name}.tif"));
        raster(
            &path,
            SIZE,
            &picture(),
            &["PHOTOMETRIC=RGB"],
            dress(definition, geotransform(definition)),
        );
        check(name, &map(&path, &[]), 0);
    }
}

#[test]
fn whatever_way_its_pixels_run() {
    let folder = tempfile::tempdir().unwrap();
    let (width, height) = SIZE;
    let [x, px, _, y, _, _] = geotransform("EPSG:32633");
    let bottom = y - px * height as f64;
    let clothes = [
        ("south up", SIZE, turned(SIZE, |x, y| (x, height - 1 - y)), [x, px, 0.0, bottom, 0.0, px]),
        (
            "east first",
            SIZE,
            turned(SIZE, |x, y| (width - 1 - x, y)),
            [x + px * width as f64, -px, 0.0, y, 0.0, -px],
        ),
        (
            "quarter turn",
            (height, width),
            turned((height, width), |x, y| (y, height - 1 - x)),
            [x, 0.0, px, bottom, px, 0.0],
        ),
    ];
    for (name, size, bands, geotransform) in clothes {
        let path = folder.path().join(format!("{name}.tif"));
        raster(&path, size, &bands, &["PHOTOMETRIC=RGB"], dress("EPSG:32633", geotransform));
        check(name, &map(&path, &[]), 0);
    }
    for degrees in [23.7f64, 161.0] {
        let name = format!("turned by {degrees}");
        let path = folder.path().join(format!("{name}.tif"));
        // A larger picture, about the middle of the ground; its squares are turned about their own
        // middles.
        let side = 448usize;
        let (sin, cos) = degrees.to_radians().sin_cos();
        let turn = [px * cos, px * sin, px * sin, -px * cos];
        let middle = place(width as f64 / 2.0, height as f64 / 2.0);
        let half = side as f64 / 2.0;
        let corner = (middle.0 - half * (turn[0] + turn[1]), middle.1 - half * (turn[2] + turn[3]));
        let determinant = turn[0] * turn[3] - turn[1] * turn[2];
        let mut ground = Ortho::new(side, side);
        for (x, y) in SQUARES {
            let centre = SQUARE_PX as f64 / 2.0;
            let (east, north) = place(x as f64 + centre, y as f64 + centre);
            let (dx, dy) = (east - corner.0, north - corner.1);
            let column = (dx * turn[3] - dy * turn[1]) / determinant;
            let row = (dy * turn[0] - dx * turn[2]) / determinant;
            ground = ground.square((column - centre).round() as i64, (row - centre).round() as i64);
        }
        let bands: Vec<_> = (0..3).map(|colour| ground.band(colour)).collect();
        let geotransform = [corner.0, turn[0], turn[1], corner.1, turn[2], turn[3]];
        raster(
            &path,
            (side, side),
            &bands,
            &["PHOTOMETRIC=RGB"],
            dress("EPSG:32633", geotransform),
        );
        check(&name, &map(&path, &[]), 0);
    }
}

#[test]
fn whatever_file_it_is_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write =
        |name: &str, options: &[&str]| raster(&path(name), SIZE, &picture(), options, at_home);
    let plain = path("plain.tif");
    write("plain.tif", &[]);
    for (name, options) in [
        ("striped.tif", &["TILED=NO", "COMPRESS=LZW"][..]),
        (
            "tiled-big.tif",
            &["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=32", "BIGTIFF=YES", "COMPRESS=ZSTD"],
        ),
        ("by-band.tif", &["INTERLEAVE=BAND"]),
        // Its place is in the .aux.xml beside it.
        ("pam.tif", &["PROFILE=BASELINE"]),
    ] {
        write(name, options);
    }
    assert!(path("pam.tif.aux.xml").exists());
    raster(&path("point.tif"), SIZE, &picture(), &[], |dataset| {
        dataset.set_metadata_item("AREA_OR_POINT", "Point", "").unwrap();
        at_home(dataset);
    });
    // Overviews of a ground without anything on it.
    raster(&path("overviews.tif"), SIZE, &picture(), &[], |dataset| {
        at_home(dataset);
        for number in 1..=3 {
            let grey = vec![90u8; SIZE.0 * SIZE.1];
            dataset
                .rasterband(number)
                .unwrap()
                .write((0, 0), SIZE, &mut Buffer::new(SIZE, grey))
                .unwrap();
        }
        dataset.build_overviews("NEAREST", &[2, 4], &[]).unwrap();
    });
    copy_as(&plain, "COG", &path("cog.tif"), &["BLOCKSIZE=128"]);
    copy_as(&plain, "VRT", &path("over.vrt"), &[]);
    copy_as(
        &plain,
        "JP2OpenJPEG",
        &path("lossless.jp2"),
        &["QUALITY=100", "REVERSIBLE=YES", "YCC=NO"],
    );
    // The same with latitude before longitude.
    let [x, a, b, y, c, d] = geotransform("EPSG:4326").map(|value| format!("{value:e}"));
    let text = fs::read_to_string(path("over.vrt")).unwrap();
    let (head, rest) = text.split_once("<SRS").unwrap();
    let (_, rest) = rest.split_once("</GeoTransform>").unwrap();
    let place = format!(
        "<SRS dataAxisToSRSAxisMapping=\"1,2\">EPSG:4326</SRS><GeoTransform>{y}, {c}, {d}, {x}, \
         {a}, {b}</GeoTransform>"
    );
    fs::write(path("swapped.vrt"), format!("{head}{place}{rest}")).unwrap();
    // A world file, and a .prj beside it.
    write("world.tif", &["PROFILE=BASELINE", "TFW=YES"]);
    fs::remove_file(path("world.tif.aux.xml")).unwrap();
    let esri = reference("EPSG:32633");
    esri.morph_to_esri().unwrap();
    fs::write(path("world.prj"), esri.to_wkt().unwrap()).unwrap();
    // Control points alone.
    raster(&path("points.tif"), SIZE, &picture(), &["PROFILE=GeoTIFF"], |dataset| {
        let point = |pixel: f64, line: f64| {
            let (x, y) = self::place(pixel, line);
            Gcp { id: String::new(), info: String::new(), pixel, line, x, y, z: 0.0 }
        };
        let points =
            [(0.0, 0.0), (320.0, 0.0), (320.0, 240.0), (0.0, 240.0)].map(|(x, y)| point(x, y));
        dataset.set_gcps(points.to_vec(), &reference("EPSG:32633")).unwrap();
    });
    for name in [
        "plain.tif",
        "striped.tif",
        "tiled-big.tif",
        "by-band.tif",
        "pam.tif",
        "point.tif",
        "overviews.tif",
        "cog.tif",
        "over.vrt",
        "lossless.jp2",
        "swapped.vrt",
        "world.tif",
        "points.tif",
    ] {
        check(name, &map(&path(name), &[]), 0);
    }
    // A file that says nothing or something wrong, and a person who knows.
    raster(&path("silent.tif"), SIZE, &picture(), &["PROFILE=BASELINE", "TFW=YES"], at_home);
    fs::remove_file(path("silent.tif.aux.xml")).unwrap();
    let wrong = dress("EPSG:32638", geotransform("EPSG:32633"));
    raster(&path("wrong.tif"), SIZE, &picture(), &[], wrong);
    for name in ["silent.tif", "wrong.tif", "plain.tif"] {
        check(name, &map(&path(name), &["--assume-crs", "EPSG:32633", "--overwrite"]), 0);
    }
}
