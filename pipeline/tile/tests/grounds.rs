//! Orthomosaics of several systems on one ground, against PROJ.

use super::folder;
use crate::{ground_around, open};
use gdal::{
    DriverManager, GeoTransformEx,
    raster::RasterCreationOptions,
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
};
use geo::{Distance, Euclidean, Point, coord};
use rams_domain::{Orthomosaic, PxBox};
use std::path::Path;

/// 5 km of pixels of about a metre.
const SIDE: usize = 5000;

/// UTM zone 33 at 50 N, near its eastern edge.
const FIRST: (u32, [f64; 6]) = (32633, [708_000.0, 1.0, 0.0, 5_546_000.0, 0.0, -1.0]);

/// A file without pixels: only its head is read.
fn wide(path: &Path, reference: &SpatialRef, geotransform: &[f64; 6]) -> Orthomosaic {
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let options: RasterCreationOptions = ["SPARSE_OK=TRUE", "TILED=YES"].into_iter().collect();
    let mut dataset = driver
        .create_with_band_type_with_options::<u8, _>(path, SIDE, SIDE, 3, &options)
        .expect("create");
    dataset.set_geo_transform(geotransform).expect("geotransform");
    dataset.set_spatial_ref(reference).expect("CRS");
    drop(dataset);
    open(path, &rams_domain::ReadAs::default()).expect("it is an orthomosaic")
}

fn epsg(code: u32) -> SpatialRef {
    let mut reference = SpatialRef::from_epsg(code).expect("a code of EPSG");
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    reference
}

#[test]
fn an_orthomosaic_of_another_system_lies_where_proj_puts_it() {
    let (folder, path) = folder();
    let first = wide(&path, &epsg(FIRST.0), &FIRST.1);
    let (sin, cos) = 20f64.to_radians().sin_cos();
    let others = [
        (32634, [278_000.0, 1.0, 0.0, 5_545_000.0, 0.0, -1.0]),
        (4326, [17.9, 1.4e-5 * cos, 9e-6 * sin, 50.02, 1.4e-5 * sin, -9e-6 * cos]),
        (4326, [17.9, 4e-5, 0.0, 78.02, 0.0, -9e-6]),
    ];
    for (code, geotransform) in others {
        let other = wide(&folder.path().join("b.tif"), &epsg(code), &geotransform);
        let near = |north: f64| [FIRST.1[0], 1.0, 0.0, north, 0.0, -1.0];
        let first = if geotransform[3] == 78.02 {
            wide(&path, &epsg(FIRST.0), &near(8_660_000.0))
        } else {
            first.clone()
        };
        let mut pair = [first.clone(), other.clone()];
        let ground = ground_around(&mut pair).expect("two are given").expect("PROJ knows both");
        assert_eq!(ground.crs(), first.georef.ground().crs());
        assert_eq!(pair[0], first);
        let [_, placed] = pair;
        assert_eq!(
            (placed.gsd_m(), placed.georef.own_ground()),
            (other.gsd_m(), other.georef.own_ground())
        );
        let proj = CoordTransform::new(&epsg(code), &epsg(FIRST.0)).expect("PROJ");
        let mut worst_m = 0.0f64;
        for step in 0..2000 {
            // Spread evenly over the raster.
            let at = |factor: f64| (f64::from(step) * factor).fract() * SIDE as f64;
            let px = coord! { x: at(0.754_877_666), y: at(0.569_840_296) };
            let gdals = geotransform.apply(px.x, px.y);
            let (mut x, mut y) = ([gdals.0], [gdals.1]);
            proj.transform_coords(&mut x, &mut y, &mut []).expect("PROJ");
            let ours = placed.georef.to_ground(px);
            worst_m = worst_m.max((ours.x - x[0]).hypot(ours.y - y[0]));
            let back = placed.georef.to_pixel(ours);
            assert!((back.x - px.x).hypot(back.y - px.y) < 1e-6, "{px:?} comes back as {back:?}");
            assert!(ground.extent().min().x <= ours.x && ours.x <= ground.extent().max().x);
        }
        assert!(worst_m < 1e-3, "EPSG:{code}: {worst_m} m");
        assert!(worst_m > 1e-9, "EPSG:{code} is not the survey's");
    }
}

#[test]
fn neighbours_share_their_border_on_the_ground_of_another_system() {
    let (folder, path) = folder();
    let first = wide(&path, &epsg(FIRST.0), &FIRST.1);
    let mut pair = [
        first,
        wide(&folder.path().join("b.tif"), &epsg(4326), &[17.9, 1.4e-5, 0.0, 50.02, 0.0, -9e-6]),
    ];
    ground_around(&mut pair).expect("two are given").expect("PROJ knows both");
    let place = |x0, y0, x1, y1| pair[1].georef.place_box(&PxBox { x0, y0, x1, y1 });
    // The lower one has a corner where the edge of the upper one has none.
    let (upper, lower) = (place(0.0, 0.0, 5000.0, 2111.0), place(1234.5, 2111.0, 5000.0, 5000.0));
    let off_m = |at: &geo::Coord| {
        let legs = upper.exterior().lines().map(|leg| Euclidean.distance(&Point::from(*at), &leg));
        legs.fold(f64::INFINITY, f64::min)
    };
    let shared = lower.exterior().coords().filter(|at| off_m(at) < 1e-6).count();
    assert!(shared > 50, "{shared}");
}

#[test]
fn orthomosaics_far_apart_or_of_unknown_relation_are_refused() {
    let (folder, path) = folder();
    let (first, other) = (wide(&path, &epsg(FIRST.0), &FIRST.1), folder.path().join("b.tif"));
    let refusal = |second: Orthomosaic| {
        ground_around(&mut [first.clone(), second])
            .expect("two are given")
            .expect_err("no ground holds both")
            .to_string()
    };
    let south =
        refusal(wide(&other, &epsg(32634), &[278_000.0, 1.0, 0.0, -5_545_000.0, 0.0, -1.0]));
    assert!(south.contains("b.tif lies too far"), "{south}");
    let far = refusal(wide(&other, &epsg(32648), &[500_000.0, 1.0, 0.0, 10_000.0, 0.0, -1.0]));
    assert!(
        far.contains("b.tif lies around longitude 105.0, latitude 0.")
            && far.ends_with("survey each alone"),
        "{far}"
    );
    let local = "GEOGCS[\"Site\",DATUM[\"Of our own\",SPHEROID[\"Bessel\",6377397,299.15]],\
                 PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]";
    let local = SpatialRef::from_wkt(local).expect("well-known text");
    let mut dataset = super::geotiff(&other, 3, &[], |_, _, _| 9);
    dataset.set_geo_transform(&[17.9, 1e-7, 0.0, 50.02, 0.0, -1e-7]).expect("geotransform");
    dataset.set_spatial_ref(&local).expect("CRS");
    drop(dataset);
    let strange = super::refusal(&other);
    assert!(
        strange.contains("b.tif lies in Site, and how its datum, Of our own, lies to WGS 84 is"),
        "{strange}"
    );
    assert!(ground_around(&mut []).is_none());
    assert!(ground_around(&mut [first]).is_some_and(|ground| ground.is_ok()));
}

#[test]
fn heights_do_not_depend_on_the_system_of_the_survey() {
    let (folder, path) = folder();
    let first = wide(&path, &epsg(FIRST.0), &FIRST.1);
    let other = wide(
        &folder.path().join("b.tif"),
        &epsg(32634),
        &[278_000.0, 1.0, 0.0, 5_545_000.0, 0.0, -1.0],
    );
    let dsm = folder.path().join("dsm.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let mut heights = driver.create_with_band_type::<f32, _>(&dsm, 600, 600, 1).expect("create");
    heights
        .set_geo_transform(&[277_500.0, 10.0, 0.0, 5_545_500.0, 0.0, -10.0])
        .expect("geotransform");
    heights.set_spatial_ref(&epsg(32634)).expect("CRS");
    let values = (0..360_000).map(|at| (at % 600) as f32 + 0.5 * (at / 600) as f32).collect();
    let mut band = heights.rasterband(1).expect("band");
    band.write((0, 0), (600, 600), &mut gdal::raster::Buffer::new((600, 600), values))
        .expect("write");
    drop(heights);
    let mut pair = [first, other.clone()];
    ground_around(&mut pair).expect("two are given").expect("PROJ knows both");
    let read = |orthomosaic: &Orthomosaic| {
        let surface = crate::surface_under(&dsm, orthomosaic).expect("a surface model");
        let grid = rams_domain::Grid::new(orthomosaic.size, orthomosaic.gsd_m(), 4.0);
        let mut reader =
            crate::height::HeightReader::open(&surface, orthomosaic).expect("it opens");
        let heights =
            reader.read(&grid, &rams_domain::GridRect { x0: 300, y0: 200, x1: 400, y1: 300 });
        (surface, heights.expect("heights"))
    };
    let (own, placed) = (read(&other), read(&pair[1]));
    assert_eq!(own.0, placed.0);
    assert_eq!(own.1, placed.1);
    assert!(own.1.iter().all(|height| (100.0..900.0).contains(height)));
}
