//! Where a file says that it lies, in every way in which files say it.

use super::{NORTH_UP, SIDE, folder, geotiff, refusal};
use crate::{ground_around, open};
use gdal::{
    Dataset, Gcp,
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
};
use geo::{Coord, coord};
use rams_domain::{Orthomosaic, ReadAs};
use std::{fs, path::Path};

const KRASSOWSKY: &str =
    "+proj=tmerc +lat_0=0 +lon_0=45 +k=1 +x_0=8500000 +ellps=krass +units=m +no_defs";
const SHIFT: &str = "+towgs84=23.57,-140.95,-79.8,0,0.35,0.79,-0.22";

fn crs(definition: &str) -> SpatialRef {
    let mut crs = SpatialRef::from_definition(definition).expect("PROJ knows it");
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    crs
}

fn written(path: &Path, geotransform: Option<[f64; 6]>, srs: Option<&SpatialRef>) -> Dataset {
    let mut dataset = geotiff(path, 3, &[], |_, _, _| 9);
    geotransform
        .iter()
        .for_each(|geotransform| dataset.set_geo_transform(geotransform).expect("geotransform"));
    srs.iter().for_each(|srs| dataset.set_spatial_ref(srs).expect("CRS"));
    dataset
}

fn at(x: f64, y: f64) -> [f64; 6] {
    [x, 0.01, 0.0, y, 0.0, -0.01]
}

fn opened(path: &Path, assume_crs: Option<&str>) -> Orthomosaic {
    let read_as = ReadAs { assume_crs: assume_crs.map(str::to_owned), ..ReadAs::default() };
    open(path, &read_as).expect("it is an orthomosaic")
}

/// Longitude and latitude of a position, by PROJ.
fn lonlat(srs: &SpatialRef, x: f64, y: f64) -> Coord {
    let (mut x, mut y) = ([x], [y]);
    let transform = CoordTransform::new(srs, &crs("EPSG:4326")).expect("PROJ");
    transform.transform_coords(&mut x, &mut y, &mut []).expect("PROJ");
    coord! { x: x[0], y: y[0] }
}

fn is_near(one: Coord, other: Coord) -> bool {
    // 1 mm.
    (one - other).x.abs() < 1e-8 && (one - other).y.abs() < 1e-8
}

#[test]
fn a_datum_of_unknown_relation_is_refused_and_one_that_says_it_is_kept() {
    let (_folder, path) = folder();
    drop(written(&path, Some(at(8_450_000.0, 4_450_000.0)), Some(&crs(KRASSOWSKY))));
    let refused = refusal(&path);
    assert!(refused.contains("Krassovsky") && refused.contains("--assume-crs"), "{refused}");
    // Not so where a person names one, or the file says how its datum lies.
    let named = opened(&path, Some("EPSG:28408"));
    assert!(
        named
            .notices
            .iter()
            .any(|text| text.contains("EPSG:28408") && text.contains("--assume-crs"))
    );
    let said = crs(&format!("{KRASSOWSKY} {SHIFT}"));
    drop(written(&path, Some(at(8_450_000.0, 4_450_000.0)), Some(&said)));
    let mut orthomosaics = [opened(&path, None)];
    let truth = lonlat(&said, 8_450_000.32, 4_449_999.68);
    let unshifted = lonlat(&crs(KRASSOWSKY), 8_450_000.32, 4_449_999.68);
    assert!((truth.x - unshifted.x).abs() > 1e-3, "the shift is 100 m and more");
    let ground = ground_around(&mut orthomosaics).expect("one is given").expect("PROJ knows it");
    // Not every format of maps would keep that.
    assert_eq!(ground.crs().code.as_deref(), Some("EPSG:32638"));
    let [orthomosaic] = orthomosaics;
    assert!(
        orthomosaic.notices.iter().any(|text| text.contains("the map is in WGS 84 / UTM zone 38N"))
    );
    let placed = ground.lonlat(orthomosaic.georef.to_ground(coord! { x: 32.0, y: 32.0 }));
    assert!(is_near(placed, truth), "{placed:?} is not {truth:?}");
}

#[test]
fn a_shift_that_a_file_gives_holds_though_its_code_has_another() {
    let (folder, path) = folder();
    drop(written(&path, Some(at(8_450_000.0, 4_450_000.0)), Some(&crs("EPSG:28408"))));
    // All numbers of the shift are 0: it lies as if Krassowsky's ellipsoid were in the earth's
    // centre.
    let wkt = SpatialRef::from_epsg(28408).expect("EPSG").to_wkt().expect("text");
    let (before, after) =
        wkt.split_once("AUTHORITY[\"EPSG\",\"7024\"]]").expect("the spheroid of 28408");
    let wkt = format!("{before}AUTHORITY[\"EPSG\",\"7024\"]],TOWGS84[0,0,0,0,0,0,0]{after}");
    let text = format!(
        "<VRTDataset rasterXSize=\"{SIDE}\" rasterYSize=\"{SIDE}\"><SRS>{}</SRS>\
         <GeoTransform>8450000, 0.01, 0, 4450000, 0, -0.01</GeoTransform>{}</VRTDataset>",
        wkt.replace('"', "&quot;"),
        "<VRTRasterBand dataType=\"Byte\" band=\"1\"></VRTRasterBand>"
    );
    let shifted = folder.path().join("shifted.vrt");
    fs::write(&shifted, text).expect("write");
    let [by_code, by_shift] = [&path, &shifted].map(|path| {
        let mut one = [opened(path, None)];
        let ground = ground_around(&mut one).expect("one is given").expect("PROJ knows it");
        (
            ground.crs().code.clone(),
            ground.lonlat(one[0].georef.to_ground(coord! { x: 0.0, y: 0.0 })),
        )
    });
    assert_eq!(by_code.0.as_deref(), Some("EPSG:28408"));
    assert_eq!(by_shift.0.as_deref(), Some("EPSG:32638"));
    let null = crs(&KRASSOWSKY.replace("+ellps=krass", "+ellps=krass +towgs84=0,0,0"));
    let truth = lonlat(&null, 8_450_000.0, 4_450_000.0);
    assert!(is_near(by_shift.1, truth), "{:?} is not {truth:?}", by_shift.1);
    assert!(!is_near(by_code.1, truth));
    // Nor are the two the same beside each other.
    let mut pair = [opened(&path, None), opened(&shifted, None)];
    let ground = ground_around(&mut pair).expect("two are given").expect("PROJ knows both");
    let second = ground.lonlat(pair[1].georef.to_ground(coord! { x: 0.0, y: 0.0 }));
    assert!(is_near(second, truth), "{second:?} is not {truth:?}");
}

#[test]
fn todays_datums_without_a_relation_are_taken_for_wgs_84_with_a_notice() {
    let (_folder, path) = folder();
    drop(written(&path, Some(at(500_000.0, 4_500_000.0)), Some(&crs("EPSG:4549"))));
    let mut orthomosaics = [opened(&path, None)];
    let ground = ground_around(&mut orthomosaics)
        .expect("one is given")
        .expect("CGCS2000 lies as WGS 84 does");
    assert_eq!(ground.crs().code.as_deref(), Some("EPSG:32651"));
    assert!(
        orthomosaics[0]
            .notices
            .iter()
            .any(|text| text.contains("CGCS2000") && text.contains("a few metres"))
    );
}

#[test]
fn a_grid_that_is_missing_is_named() {
    let (_folder, path) = folder();
    drop(written(&path, Some(at(430_000.0, 350_000.0)), Some(&crs("EPSG:27700"))));
    let notices = opened(&path, None).notices;
    // Where it is installed there is nothing to say.
    let grid = "uk_os_OSTN15_NTv2_OSGBtoETRS.tif";
    assert!(
        notices.is_empty() || notices[0].contains(&format!("projsync --file {grid}")),
        "{notices:?}"
    );
    drop(written(&path, Some(NORTH_UP), Some(&crs("EPSG:32633"))));
    assert_eq!(opened(&path, None).notices, [""; 0]);
    // Ontario: without the grid there is no way at all.
    drop(written(&path, Some(at(400_000.0, 5_000_000.0)), Some(&crs("EPSG:2017"))));
    if let Err(error) = open(&path, &ReadAs::default()) {
        assert!(error.to_string().contains("not known without PROJ's grid ca_nrc_"), "{error}");
        assert!(error.to_string().contains("projsync --file ca_nrc_"), "{error}");
    }
    // The datum of Britain, in Africa.
    drop(written(&path, Some(at(5_000_000.0, -5_000_000.0)), Some(&crs("EPSG:27700"))));
    let notices = opened(&path, None).notices;
    assert!(notices[0].contains("no way to WGS 84 for this place"), "{notices:?}");
}

#[test]
fn heights_and_the_order_of_axes_do_not_move_the_ground() {
    let (folder, path) = folder();
    let (x, y) = (15.0, 50.0);
    drop(written(&path, Some([x, 1e-7, 0.0, y, 0.0, -1e-7]), Some(&crs("EPSG:4326+5773"))));
    let flat = opened(&path, None);
    assert_eq!(flat.georef.ground().crs().code.as_deref(), Some("EPSG:4326"));
    // The numbers of a file may be latitude before longitude.
    let swapped = folder.path().join("swapped.vrt");
    let text = format!(
        "<VRTDataset rasterXSize=\"{SIDE}\" rasterYSize=\"{SIDE}\"><SRS \
         dataAxisToSRSAxisMapping=\"1,2\">EPSG:4326</SRS><GeoTransform>{y}, 0, -1e-7, {x}, 1e-7, \
         0</GeoTransform><VRTRasterBand dataType=\"Byte\" \
         band=\"1\"></VRTRasterBand></VRTDataset>"
    );
    fs::write(&swapped, text).expect("write");
    let px = coord! { x: 10.0, y: 20.0 };
    let swapped = opened(&swapped, None);
    assert!(is_near(swapped.georef.to_ground(px), flat.georef.to_ground(px)));
    assert!(is_near(flat.georef.to_ground(px), coord! { x: x + 1e-6, y: y - 2e-6 }));
    // Grads have their pole at 100, and here their meridian in Paris.
    let paris = crs("EPSG:4807");
    drop(written(&path, Some([2.0, 1e-7, 0.0, 99.0, 0.0, -1e-7]), Some(&paris)));
    let placed = opened(&path, None);
    let corner = placed.georef.own_ground().lonlat(placed.georef.to_own(coord! { x: 0.0, y: 0.0 }));
    assert!(
        is_near(corner, lonlat(&paris, 2.0, 99.0)) && (corner.y - 89.1).abs() < 0.01,
        "{corner:?}"
    );
    drop(written(&path, Some([x, 1e-7, 0.0, 90.5, 0.0, -1e-7]), Some(&crs("EPSG:4326"))));
    assert!(refusal(&path).contains("latitudes from"), "{}", refusal(&path));
}

fn point(pixel: f64, line: f64, x: f64, y: f64) -> Gcp {
    Gcp { id: String::new(), info: String::new(), pixel, line, x, y, z: 0.0 }
}

#[test]
fn control_points_that_agree_are_a_geotransform() {
    let (_folder, path) = folder();
    let places = |wild: f64| {
        let corners = [(0.0, 0.0), (64.0, 0.0), (64.0, 64.0), (0.0, 64.0), (32.0, 32.0)];
        corners.map(|(px, line)| {
            let off = if px == 32.0 { wild } else { 0.0 };
            point(px, line, 500_000.0 + 0.01 * px + off, 100.0 - 0.01 * line)
        })
    };
    let write = |points: &[Gcp], srs: &SpatialRef| {
        let dataset = written(&path, None, None);
        dataset.set_gcps(points.to_vec(), srs).expect("points");
    };
    let utm = crs("EPSG:32633");
    write(&places(0.002), &utm);
    let orthomosaic = opened(&path, None);
    assert!(
        orthomosaic.notices.iter().any(|text| text.contains("5 control points")),
        "{:?}",
        orthomosaic.notices
    );
    let placed = orthomosaic.georef.to_ground(coord! { x: 64.0, y: 64.0 });
    assert!(
        (placed.x - 500_000.64).abs() < 0.002 && (placed.y - 99.36).abs() < 0.002,
        "{placed:?}"
    );
    write(&places(0.05), &utm);
    let refused = refusal(&path);
    assert!(
        refused.contains("gdalwarp -tps -t_srs EPSG:32633") && refused.contains("pixels"),
        "{refused}"
    );
    write(&places(0.0)[..2], &utm);
    assert!(refusal(&path).contains("three or more"), "{}", refusal(&path));
    let in_line: Vec<Gcp> = (0..4)
        .map(|at| 10.0 * f64::from(at))
        .map(|at| point(at, at, 5e5 + at, 100.0 - at))
        .collect();
    write(&in_line, &utm);
    assert!(refusal(&path).contains("three or more"), "{}", refusal(&path));
}

#[test]
fn each_dead_end_says_what_leads_out_of_it() {
    let (folder, path) = folder();
    drop(written(&path, Some(NORTH_UP), Some(&crs("LOCAL_CS[\"our site\",UNIT[\"metre\",1]]"))));
    let refused = refusal(&path);
    assert!(
        refused.contains("our site")
            && refused.contains("--assume-crs")
            && refused.contains("-gcp"),
        "{refused}"
    );
    assert!(opened(&path, Some("EPSG:32633")).notices[0].contains("our site"));
    drop(written(&path, Some(NORTH_UP), None));
    assert!(refusal(&path).contains("no coordinate reference system"), "{}", refusal(&path));
    // A .prj beside it is read.
    let esri = crs("EPSG:32633");
    esri.morph_to_esri().expect("Esri's words");
    fs::write(folder.path().join("ortho.prj"), esri.to_wkt().expect("text")).expect("write");
    let beside = opened(&path, None);
    assert_eq!(beside.georef.ground().crs().name, "WGS 84 / UTM zone 33N");
    assert!(beside.notices[0].contains("ortho.prj"), "{:?}", beside.notices);
    fs::write(folder.path().join("ortho.prj"), "nothing").expect("write");
    assert!(refusal(&path).contains("no coordinate reference system"), "{}", refusal(&path));
    drop(written(&path, None, Some(&crs("EPSG:32633"))));
    assert!(refusal(&path).contains("no geotransform"), "{}", refusal(&path));
    let rpc = [("LONG_OFF", "45.0"), ("LAT_OFF", "40.65")]
        .map(|(key, value)| format!("<MDI key=\"{key}\">{value}</MDI>"));
    let text = |domain: &str, items: &str| {
        format!(
            "<VRTDataset rasterXSize=\"64\" rasterYSize=\"64\"><Metadata \
             domain=\"{domain}\">{items}</Metadata><VRTRasterBand dataType=\"Byte\" \
             band=\"1\"></VRTRasterBand></VRTDataset>"
        )
    };
    let over = folder.path().join("over.vrt");
    fs::write(&over, text("RPC", &rpc.concat())).expect("write");
    assert!(refusal(&over).contains("gdalwarp -rpc -t_srs EPSG:32638"), "{}", refusal(&over));
    fs::write(&over, text("GEOLOCATION", "<MDI key=\"X_BAND\">1</MDI>")).expect("write");
    assert!(refusal(&over).contains("gdalwarp -geoloc"), "{}", refusal(&over));
    // What is no place on the ground cannot be assumed either.
    for code in ["EPSG:5773", "EPSG:4978", "32633"] {
        assert!(crate::check_crs(code).is_err(), "{code}");
    }
}
