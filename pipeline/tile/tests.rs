//! Files that GDAL wrote, read back: georeference against GDAL and PROJ, validity, scale, and
//! every kind of file that is not an orthomosaic.

use crate::{Reader, digest, open};
use gdal::{
    Dataset, DriverManager, GeoTransformEx,
    raster::{Buffer, ColorInterpretation, RasterCreationOptions},
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
};
use geo::coord;
use proptest::prelude::*;
use rams_domain::{GapReason, Grid, Nodata, Orthomosaic, ReadAs, Tile, TilePlan, TileSpec};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

mod average;
mod fingerprint;
mod grounds;
mod heights;
mod kinds;
mod places;

const NORTH_UP: [f64; 6] = [500_000.0, 0.01, 0.0, 100.0, 0.0, -0.01];
const SIDE: usize = 64;

/// A GeoTIFF of `bands` bands whose every value is `value(band, x, y)`.
fn geotiff(
    path: &Path,
    bands: usize,
    options: &[&str],
    value: impl Fn(usize, usize, usize) -> u8,
) -> Dataset {
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let options: RasterCreationOptions = options.iter().copied().collect();
    let dataset = driver
        .create_with_band_type_with_options::<u8, _>(path, SIDE, SIDE, bands, &options)
        .expect("create");
    for number in 1..=bands {
        let values = (0..SIDE * SIDE).map(|at| value(number, at % SIDE, at / SIDE)).collect();
        let mut band = dataset.rasterband(number).expect("band");
        band.write((0, 0), (SIDE, SIDE), &mut Buffer::new((SIDE, SIDE), values)).expect("write");
    }
    dataset
}

fn georeferenced(
    path: &Path,
    bands: usize,
    options: &[&str],
    value: impl Fn(usize, usize, usize) -> u8,
) -> Dataset {
    let mut dataset = geotiff(path, bands, options, value);
    dataset.set_geo_transform(&NORTH_UP).expect("geotransform");
    dataset.set_spatial_ref(&SpatialRef::from_epsg(32633).expect("EPSG:32633")).expect("CRS");
    dataset
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ortho.tif");
    (folder, path)
}

fn refusal(path: &Path) -> String {
    open(path, &ReadAs::default()).expect_err("it is not an orthomosaic").to_string()
}

/// All tiles of an orthomosaic at a GSD, read with a core of 32 px and a halo of 16.
fn read_all(orthomosaic: &Orthomosaic, gsd_m: f64) -> (Grid, Vec<Result<Tile, GapReason>>) {
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), gsd_m);
    let plan =
        TilePlan::new(grid, TileSpec { tile_px: 64, halo_px: 16 }).expect("32 px are two cells");
    let mut reader = Reader::open(orthomosaic, grid).expect("the file is there");
    (grid, plan.tiles().map(|planned| reader.read(planned).map_err(|gap| gap.reason)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Ground and longitude and latitude are what GDAL and PROJ say, for rotated files too, and
    /// the distance of a pixel is the ellipsoid's.
    #[test]
    fn georeference_agrees_with_gdal(
        angle in 0.0f64..360.0, gsd_m in 0.002f64..0.5, x in 0.0f64..64.0, y in 0.0f64..64.0,
        north in -5_000_000.0f64..5_000_000.0,
    ) {
        let (_folder, path) = folder();
        let (sin, cos) = angle.to_radians().sin_cos();
        let geotransform = [520_000.0, gsd_m * cos, gsd_m * sin, north, gsd_m * sin, -gsd_m * cos];
        let utm = SpatialRef::from_epsg(32633).expect("EPSG:32633");
        {
            let mut dataset = geotiff(&path, 3, &[], |_, _, _| 9);
            dataset.set_geo_transform(&geotransform).expect("geotransform");
            dataset.set_spatial_ref(&utm).expect("CRS");
        }
        let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
        let px = coord! { x: x, y: y };
        let ours = orthomosaic.georef.to_ground(px);
        let gdals = geotransform.apply(x, y);
        prop_assert!((ours.x - gdals.0).abs() < 1e-6 && (ours.y - gdals.1).abs() < 1e-6);
        let back = orthomosaic.georef.to_pixel(ours);
        prop_assert!((back.x - x).abs() < 1e-5 && (back.y - y).abs() < 1e-5);

        let (mut utm, mut wgs84) = (utm, SpatialRef::from_epsg(4326).expect("EPSG:4326"));
        utm.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        wgs84.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let (mut lon, mut lat) = ([gdals.0], [gdals.1]);
        let to_lonlat = CoordTransform::new(&utm, &wgs84).expect("PROJ");
        to_lonlat.transform_coords(&mut lon, &mut lat, &mut []).expect("PROJ");
        let lonlat = orthomosaic.georef.ground().lonlat(ours);
        prop_assert!((lonlat.x - lon[0]).abs() < 1e-8 && (lonlat.y - lat[0]).abs() < 1e-8); // 1 mm

        // UTM's scale is 0.9996 to 1.0004 within a zone's middle; 20 km off the axis it is 0.9996.
        let [gsd_x, gsd_y] = orthomosaic.gsd_m();
        let is_near = |found_m: f64| (found_m / gsd_m - 1.0004).abs() < 2e-4;
        prop_assert!(is_near(gsd_x) && is_near(gsd_y));
    }
}

#[test]
fn gsd_is_metres_on_the_ellipsoid_in_feet_and_degrees() {
    // (CRS, geotransform, GSD along x and y in metres). At 60 degrees north a degree of longitude
    // is 55.80 km and one of latitude 111.41 km on WGS 84.
    // New York Long Island, US survey feet.
    let feet = [2_000_000.0, 0.1, 0.0, 700_000.0, 0.0, -0.1];
    let degrees = [15.0, 1e-7, 0.0, 60.0, 0.0, -1e-7];
    // Web Mercator at 60 degrees north.
    let mercator = [1_669_792.0, 0.01, 0.0, 8_399_738.0, 0.0, -0.01];
    let cases = [
        (2263, feet, 0.030_48, 0.030_48),
        (4326, degrees, 0.005_580, 0.011_141),
        (3857, mercator, 0.005_009, 0.005_001),
    ];
    for (epsg, geotransform, x, y) in cases {
        let (_folder, path) = folder();
        let mut dataset = geotiff(&path, 3, &[], |_, _, _| 9);
        dataset.set_geo_transform(&geotransform).expect("geotransform");
        dataset.set_spatial_ref(&SpatialRef::from_epsg(epsg).expect("EPSG")).expect("CRS");
        drop(dataset);
        let [gsd_x, gsd_y] = open(&path, &ReadAs::default()).expect("it is an orthomosaic").gsd_m();
        assert!(
            (gsd_x / x - 1.0).abs() < 1e-3 && (gsd_y / y - 1.0).abs() < 1e-3,
            "EPSG:{epsg}: {gsd_x} x {gsd_y}"
        );
    }
}

#[test]
fn alpha_mask_and_nodata_are_combined() {
    // Columns 0-7 have alpha 0, rows 0-7 are masked, the square 40-47 has the nodata value.
    let (_folder, path) = folder();
    let empty = |x: usize, y: usize| (40..48).contains(&x) && (40..48).contains(&y);
    {
        let mut dataset =
            georeferenced(&path, 4, &["PHOTOMETRIC=RGB", "ALPHA=YES"], |band, x, y| match band {
                4 => {
                    if x < 8 {
                        0
                    } else {
                        255
                    }
                }
                _ => {
                    if empty(x, y) {
                        7
                    } else {
                        100
                    }
                }
            });
        gdal::config::set_thread_local_config_option("GDAL_TIFF_INTERNAL_MASK", "YES")
            .expect("option");
        for number in 1..=3 {
            dataset.rasterband(number).expect("band").set_no_data_value(Some(7.0)).expect("nodata");
        }
        dataset.rasterband(1).expect("band").create_mask_band(true).expect("mask");
        dataset.flush_cache().expect("flush");
        let mut mask = dataset.rasterband(1).expect("band");
        let mut mask = mask_of(&mut mask);
        let values = (0..SIDE * SIDE).map(|at| if at / SIDE < 8 { 0u8 } else { 255 }).collect();
        mask.write((0, 0), (SIDE, SIDE), &mut Buffer::new((SIDE, SIDE), values))
            .expect("write the mask");
    }
    let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
    assert_eq!(
        (&orthomosaic.validity.nodata[..], &orthomosaic.validity.alpha_bands[..]),
        (&[Nodata(vec![(1, 7.0), (2, 7.0), (3, 7.0)])][..], &[4][..])
    );
    assert_eq!(orthomosaic.validity.masked_bands, [1]);
    let (_, tiles) = read_all(&orthomosaic, orthomosaic.gsd_m()[0]);
    for tile in tiles.into_iter().map(|tile| tile.expect("every core has an image")) {
        for ((row, col), valid) in tile.valid.indexed_iter() {
            let (x, y) = (tile.planned.read.x0 + col as i64, tile.planned.read.y0 + row as i64);
            let inside = (0..SIDE as i64).contains(&x) && (0..SIDE as i64).contains(&y);
            let expected = inside && x >= 8 && y >= 8 && !empty(x as usize, y as usize);
            assert_eq!(*valid, expected, "pixel {x}, {y}");
        }
    }
}

/// A VRT over the three bands of `ortho.tif` beside it.
fn vrt(geotransform: [f64; 6]) -> String {
    let band = |number: usize| {
        format!(
            "<VRTRasterBand dataType=\"Byte\" band=\"{number}\"><SimpleSource>\
             <SourceFilename relativeToVRT=\"1\">ortho.tif</SourceFilename>\
             <SourceBand>{number}</SourceBand></SimpleSource></VRTRasterBand>"
        )
    };
    let bands: String = (1..=3).map(band).collect();
    let numbers = geotransform.map(|value| value.to_string()).join(", ");
    format!(
        "<VRTDataset rasterXSize=\"{SIDE}\" rasterYSize=\"{SIDE}\"><SRS>EPSG:32633</SRS>\
         <GeoTransform>{numbers}</GeoTransform>{bands}</VRTDataset>"
    )
}

#[test]
fn a_vrt_is_read_like_the_file_behind_it() {
    let (folder, path) = folder();
    drop(georeferenced(&path, 3, &[], |band, x, y| (band * 50 + x + y) as u8));
    let virtual_path = folder.path().join("ortho.vrt");
    std::fs::write(&virtual_path, vrt(NORTH_UP)).expect("write");
    let [file, over] = [path, virtual_path]
        .map(|path| open(&path, &ReadAs::default()).expect("it is an orthomosaic"));
    assert_eq!(file.georef, over.georef);
    let gsd_m = file.gsd_m()[0];
    assert_eq!(read_all(&file, gsd_m).1, read_all(&over, gsd_m).1);
}

fn mask_of<'a>(band: &'a mut gdal::raster::RasterBand<'_>) -> gdal::raster::RasterBand<'a> {
    band.open_mask_band().expect("mask")
}

#[test]
fn a_black_collar_that_no_one_declared_is_nodata() {
    let (_folder, path) = folder();
    drop(georeferenced(&path, 3, &[], |_, x, _| if x < 32 { 0 } else { 80 }));
    let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
    assert!(orthomosaic.validity.black);
    let (_, tiles) = read_all(&orthomosaic, orthomosaic.gsd_m()[0]);
    let gaps: Vec<_> = tiles.iter().map(|tile| tile.as_ref().err().copied()).collect();
    assert_eq!(gaps, [Some(GapReason::Nodata), None, Some(GapReason::Nodata), None]);
}

#[test]
fn a_declared_black_is_an_image() {
    // Alpha says that black pixels are ground: a shadow is not a collar.
    let (_folder, path) = folder();
    drop(georeferenced(&path, 4, &["PHOTOMETRIC=RGB", "ALPHA=YES"], |band, _, _| {
        if band == 4 { 255 } else { 0 }
    }));
    let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
    let (_, tiles) = read_all(&orthomosaic, orthomosaic.gsd_m()[0]);
    assert!(tiles.iter().all(Result::is_ok));
}

#[test]
fn windows_are_read_at_the_asked_scale_and_line_up() {
    // A ramp along x: at half the scale each value is the mean of two columns, whatever the tile.
    let (_folder, path) = folder();
    drop(georeferenced(&path, 3, &[], |band, x, _| (10 * band + 2 * x) as u8));
    let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
    let (grid, tiles) = read_all(&orthomosaic, 2.0 * orthomosaic.gsd_m()[0]);
    assert_eq!((grid.size().width, grid.scale()), (32, [2.0, 2.0]));
    let tile = tiles[0].as_ref().expect("it has an image");
    for x in 0..32usize {
        let col = (x as i64 - tile.planned.read.x0) as usize;
        assert_eq!(tile.pixels[(20, col, 0)], (10 + 4 * x + 1) as u8, "column {x}");
        assert_eq!(tile.pixels[(20, col, 2)], (30 + 4 * x + 1) as u8, "column {x}");
    }
    // A scale that is not whole: the same ground has the same value in both tiles that read it.
    let (grid, tiles) = read_all(&orthomosaic, 1.6 * orthomosaic.gsd_m()[0]);
    assert_eq!(grid.size().width, 40);
    let [left, right] = [0, 1].map(|at| tiles[at].as_ref().expect("it has an image"));
    for x in 20..40i64 {
        let value = |tile: &Tile| tile.pixels[(30, (x - tile.planned.read.x0) as usize, 0)];
        let expected = 10.0 + 2.0 * ((x as f64 + 0.5) * 1.6 - 0.5);
        assert!(
            (f64::from(value(left)) - expected).abs() <= 1.0,
            "column {x}: {} is not {expected}",
            value(left)
        );
        assert_eq!(value(left), value(right), "column {x}");
    }
}

#[test]
fn bands_are_found_by_their_colour() {
    let (_folder, path) = folder();
    {
        let dataset = georeferenced(&path, 4, &["INTERLEAVE=BAND"], |band, _, _| band as u8 * 20);
        let colours = [
            ColorInterpretation::AlphaBand,
            ColorInterpretation::BlueBand,
            ColorInterpretation::GreenBand,
            ColorInterpretation::RedBand,
        ];
        for (number, colour) in (1..).zip(colours) {
            dataset
                .rasterband(number)
                .expect("band")
                .set_color_interpretation(colour)
                .expect("colour");
        }
    }
    let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
    assert_eq!((orthomosaic.colour_bands, orthomosaic.validity.alpha_bands), ([4, 3, 2], vec![1]));
}

#[test]
fn what_is_not_an_orthomosaic_is_refused_with_its_remedy() {
    let (folder, path) = folder();
    let missing = refusal(&folder.path().join("nowhere.tif"));
    assert!(
        missing.ends_with("nowhere.tif: there is no such file; check its name and its folder"),
        "{missing}"
    );

    std::fs::write(&path, "not a raster").expect("write");
    let text = refusal(&path);
    assert!(text.contains("cannot open") && text.contains("gdalinfo"), "{text}");

    geotiff(&path, 3, &[], |_, _, _| 9).set_geo_transform(&NORTH_UP).expect("geotransform");
    let text = refusal(&path);
    assert!(
        text.contains("no coordinate reference system: say which one it was made in"),
        "{text}"
    );
    assert!(text.contains("--assume-crs") && text.contains("gdal_edit.py -a_srs"), "{text}");

    let utm = SpatialRef::from_epsg(32633).expect("EPSG:32633");
    geotiff(&path, 3, &[], |_, _, _| 9).set_spatial_ref(&utm).expect("CRS");
    assert!(refusal(&path).contains("no geotransform"), "{}", refusal(&path));

    for (geotransform, cause) in [
        ([5e5, 0.0, 0.0, 100.0, 0.0, -0.01], "no area"),
        ([5e5, 0.01, 0.02, 100.0, 0.01, 0.02], "no area"),
        ([5e5, 100.0, 0.0, 100.0, 0.0, -100.0], "plausible"),
        ([5e5, f64::NAN, 0.0, 100.0, 0.0, -0.01], "no area"),
    ] {
        // A VRT, since a GeoTIFF does not keep such transforms.
        drop(georeferenced(&path, 3, &[], |_, _, _| 9));
        let path = folder.path().join("ortho.vrt");
        std::fs::write(&path, vrt(geotransform)).expect("write");
        let text = refusal(&path);
        assert!(
            text.contains("makes no sense")
                && text.contains(cause)
                && text.contains("gdal_edit.py"),
            "{text}"
        );
    }

    drop(georeferenced(&path, 2, &[], |_, _, _| 9));
    assert!(refusal(&path).contains("2 bands beside alpha"), "{}", refusal(&path));

    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let mut dataset = driver.create_with_band_type::<u16, _>(&path, SIDE, SIDE, 3).expect("create");
    dataset.set_geo_transform(&NORTH_UP).expect("geotransform");
    dataset.set_spatial_ref(&utm).expect("CRS");
    drop(dataset);
    let text = refusal(&path);
    assert!(
        text.contains("band 1") && text.contains("UInt16") && text.contains("--scale=LOW,HIGH"),
        "{text}"
    );
}

#[test]
fn a_digest_is_sha_256() {
    let (_folder, path) = folder();
    std::fs::write(&path, "abc").expect("write");
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-4
    assert_eq!(digest(&path, || false).expect("it is there").as_deref(), Some(expected));
    assert_eq!(digest(&path, || true).expect("it is there"), None);
}

#[test]
fn a_truncated_file_leaves_gaps_and_does_not_stop() {
    let (_folder, path) = folder();
    let options = ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=DEFLATE"];
    drop(georeferenced(&path, 3, &options, |band, x, y| (x * 7 + y * 13 + band * (x ^ y)) as u8));
    let orthomosaic = open(&path, &ReadAs::default()).expect("it is an orthomosaic");
    let bytes = std::fs::read(&path).expect("read");
    // Blocks lie in order behind the header: what is cut off is the last rows.
    std::fs::write(&path, &bytes[..bytes.len() * 3 / 5]).expect("write");
    let (_, tiles) = read_all(&orthomosaic, orthomosaic.gsd_m()[0]);
    assert!(tiles.iter().any(|tile| matches!(tile, Err(GapReason::Unreadable))));
}
