#![allow(clippy::unwrap_used)] // a test may panic

use super::{ReviewImagery, hillshade, resample::Stretch};
use crate::imagery::Sheet;
use gdal::{DriverManager, raster::Buffer, spatial_ref::SpatialRef};
use geo::{LineString, Point};
use image::RgbaImage;
use ndarray::Array2;
use rams_domain::{Orthomosaic, PxBox, RasterSize, ReadAs, Survey};
use rams_review::{Imagery, TILE_PX, View};
use rams_tile::Picture;
use std::{path::Path, process::Command};

const WIDTH: usize = 700;
const HEIGHT: usize = 620;
const GREY: u8 = 90;

/// Where the marks of a painted orthomosaic lie, mosaic pixels.
const MARKS: [(f64, f64); 5] =
    [(60.0, 50.0), (640.5, 70.0), (350.0, 310.25), (80.0, 560.0), (610.0, 540.0)];

/// Grey ground with bright round marks.
fn paint(path: &Path, epsg: u32, geotransform: [f64; 6]) {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut file = driver.create_with_band_type::<u8, _>(path, WIDTH, HEIGHT, 3).unwrap();
    file.set_geo_transform(&geotransform).unwrap();
    file.set_spatial_ref(&SpatialRef::from_epsg(epsg).unwrap()).unwrap();
    let value = |row: usize, col: usize| {
        let (x, y) = (col as f64 + 0.5, row as f64 + 0.5);
        let bump = |(mx, my): &(f64, f64)| {
            140.0 * (-((x - mx).powi(2) + (y - my).powi(2)) / (2.0 * 16.0)).exp()
        };
        (f64::from(GREY) + MARKS.iter().map(bump).sum::<f64>()).round() as u8
    };
    let pixels = (0..HEIGHT).flat_map(|row| (0..WIDTH).map(move |col| value(row, col)));
    let pixels: Vec<u8> = pixels.collect();
    for band in 1..=3 {
        let mut buffer = Buffer::new((WIDTH, HEIGHT), pixels.clone());
        file.rasterband(band).unwrap().write((0, 0), (WIDTH, HEIGHT), &mut buffer).unwrap();
    }
}

/// Centres of the bright marks of a grey picture, pixels.
fn marks(width: usize, values: &[u8]) -> Vec<(f64, f64)> {
    let mut seen = vec![false; values.len()];
    let mut found = vec![];
    for start in 0..values.len() {
        if seen[start] || values[start] < 150 {
            continue;
        }
        let (mut stack, mut sum, mut weights) = (vec![start], (0.0, 0.0), 0.0);
        seen[start] = true;
        while let Some(at) = stack.pop() {
            let weight = f64::from(values[at] - GREY);
            sum.0 += weight * ((at % width) as f64 + 0.5);
            sum.1 += weight * ((at / width) as f64 + 0.5);
            weights += weight;
            for next in [at.wrapping_sub(1), at + 1, at.wrapping_sub(width), at + width] {
                if values.get(next).is_some_and(|value| *value >= 150) && !seen[next] {
                    seen[next] = true;
                    stack.push(next);
                }
            }
        }
        found.push((sum.0 / weights, sum.1 / weights));
    }
    found
}

/// A survey in UTM of three orthomosaics of 5 cm: north-up, turned by 17 degrees, and in degrees.
fn survey(folder: &Path) -> (Survey, Vec<Orthomosaic>) {
    let (sin, cos) = 17f64.to_radians().sin_cos();
    let px = 0.05;
    let degrees = px / 111_320.0;
    let files = [
        ("north.tif", 32633, [500_000.0, px, 0.0, 5_000_000.0, 0.0, -px]),
        ("turned.tif", 32633, [500_010.0, px * cos, px * sin, 5_000_005.0, px * sin, -px * cos]),
        ("degrees.tif", 4326, [15.0001, degrees * 1.41, 0.0, 45.1530, 0.0, -degrees]),
    ];
    let mut orthomosaics = vec![];
    for (name, epsg, geotransform) in files {
        let path = folder.join(name);
        paint(&path, epsg, geotransform);
        orthomosaics.push(rams_tile::open(&path, &ReadAs::default()).unwrap());
    }
    let ground = rams_tile::ground_around(&mut orthomosaics).unwrap().unwrap();
    (Survey::new(ground), orthomosaics)
}

fn imagery(survey: &Survey, orthomosaics: &[Orthomosaic], dsm: Option<&Path>) -> ReviewImagery {
    let sheets = orthomosaics.iter().map(|it| Sheet::open(it.clone()).unwrap()).collect();
    let folder = orthomosaics[0].path.parent().unwrap().join("review");
    let (imagery, missing) =
        ReviewImagery::open(survey, sheets, dsm, &folder, &mut |_, _| ()).unwrap();
    assert!(missing.is_empty(), "{missing:?}");
    imagery
}

fn decoded(tile: &[u8]) -> RgbaImage {
    image::load_from_memory(tile).unwrap().to_rgba8()
}

/// The marks that the finest tiles of a layer show, in the survey's CRS.
fn marks_of_tiles(imagery: &ReviewImagery, layer: usize) -> Vec<Point> {
    let layer = &imagery.layers()[layer];
    let z = layer.max_z(imagery.extent);
    let count = 2u32.pow(z);
    let width = (count * TILE_PX) as usize;
    let mut values = vec![0; width * width];
    for (x, y) in (0..count).flat_map(|x| (0..count).map(move |y| (x, y))) {
        let Some(tile) = imagery.tile(&layer.id, z, x, y, &View::default()).unwrap() else {
            continue;
        };
        for (col, row, pixel) in decoded(&tile).enumerate_pixels() {
            let (col, row) = ((x * TILE_PX + col) as usize, (y * TILE_PX + row) as usize);
            values[row * width + col] = if pixel[3] > 0 { pixel[0] } else { 0 };
        }
    }
    let corner = (imagery.extent.min().x, imagery.extent.max().y);
    let place = |(x, y): (f64, f64)| {
        let gsd_m = layer.finest_gsd_m;
        imagery.ground.from_metres(&Point::new(corner.0 + x * gsd_m, corner.1 - y * gsd_m))
    };
    marks(width, &values).into_iter().map(place).collect()
}

/// The marks as `gdalwarp` brings the file to the survey's CRS.
fn marks_of_gdalwarp(path: &Path) -> Vec<Point> {
    let warped = path.with_extension("warped.tif");
    let run = Command::new("gdalwarp")
        .args(["-q", "-t_srs", "EPSG:32633", "-tr", "0.05", "0.05", "-r", "bilinear"])
        .args([path, &warped])
        .output()
        .expect("gdalwarp comes with gdal-bin");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let file = gdal::Dataset::open(&warped).unwrap();
    let (geotransform, size) = (file.geo_transform().unwrap(), file.raster_size());
    let values = file.rasterband(1).unwrap().read_as::<u8>((0, 0), size, size, None).unwrap();
    let place = |(x, y): (f64, f64)| {
        Point::new(geotransform[0] + x * geotransform[1], geotransform[3] + y * geotransform[5])
    };
    marks(size.0, values.data()).into_iter().map(place).collect()
}

#[test]
fn tiles_lie_within_a_pixel_of_what_gdalwarp_makes() {
    let folder = tempfile::tempdir().unwrap();
    let (survey, orthomosaics) = survey(folder.path());
    let imagery = imagery(&survey, &orthomosaics, None);
    for (layer, orthomosaic) in orthomosaics.iter().enumerate() {
        let (found, expected) =
            (marks_of_tiles(&imagery, layer), marks_of_gdalwarp(&orthomosaic.path));
        assert_eq!((found.len(), expected.len()), (MARKS.len(), MARKS.len()), "{layer}");
        for mark in &expected {
            let off = |other: &Point| (other.x() - mark.x()).hypot(other.y() - mark.y());
            let nearest = found.iter().map(off).fold(f64::MAX, f64::min);
            assert!(nearest < 0.05, "{}: off by {nearest} m", orthomosaic.path.display());
        }
    }
}

#[test]
fn a_tile_is_jpeg_where_it_is_full_png_where_it_is_not_and_none_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let (survey, orthomosaics) = survey(folder.path());
    let imagery = imagery(&survey, &orthomosaics[..1], None);
    let layer = &imagery.layers()[0];
    let z = layer.max_z(imagery.extent);
    let formats = (0..2u32.pow(z))
        .flat_map(|x| (0..2u32.pow(z)).map(move |y| (x, y)))
        .map(|(x, y)| imagery.tile(&layer.id, z, x, y, &View::default()).unwrap())
        .map(|tile| tile.map(|tile| image::guess_format(&tile).unwrap()));
    let formats: Vec<_> = formats.collect();
    assert!(formats.contains(&None), "ground of the others alone");
    assert!(formats.contains(&Some(image::ImageFormat::Png)));
    let whole = imagery.tile(&layer.id, 0, 0, 0, &View::default()).unwrap().unwrap();
    let whole = decoded(&whole);
    let shown = whole.pixels().filter(|pixel| pixel[3] > 0).count() as f64;
    let px_m = layer.tile_rect(imagery.extent, 0, 0, 0).width() / f64::from(TILE_PX);
    let expected = 35.0 * 31.0 / (px_m * px_m);
    assert!((shown / expected - 1.0).abs() < 0.02, "{shown} px, not {expected}");
    assert_eq!(imagery.tile("o9", 0, 0, 0, &View::default()).unwrap(), None, "no such layer");
}

#[test]
fn a_chip_has_native_pixels_and_the_find_in_its_middle() {
    let folder = tempfile::tempdir().unwrap();
    let (survey, orthomosaics) = survey(folder.path());
    let imagery = imagery(&survey, &orthomosaics, None);
    // 20 x 10 px around the mark at 350, 310: 20 px more on each side.
    let px = PxBox { x0: 340.0, y0: 305.0, x1: 360.0, y1: 315.0 };
    let chip = decoded(&imagery.chip("turned", px, 320).unwrap().unwrap());
    assert_eq!(chip.dimensions(), (60, 50));
    let values: Vec<u8> = chip.pixels().map(|pixel| pixel[0]).collect();
    let [(x, y)] = marks(60, &values)[..] else { panic!("one mark") };
    assert!((x - 30.0).abs() < 0.5 && (y - 25.25).abs() < 0.5, "{x}, {y}");
    let small = decoded(&imagery.chip("turned", px, 30).unwrap().unwrap());
    assert_eq!(small.dimensions(), (30, 25));
    assert_eq!(imagery.chip("gone", px, 320).unwrap(), None);
}

/// Heights that rise by 1 m for each 2 m to the east, from 0 at x = 499,990.
fn slope(path: &Path) {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut file = driver.create_with_band_type::<f32, _>(path, 300, 300, 1).unwrap();
    file.set_geo_transform(&[499_990.0, 0.2, 0.0, 5_000_010.0, 0.0, -0.2]).unwrap();
    file.set_spatial_ref(&SpatialRef::from_epsg(32633).unwrap()).unwrap();
    let heights = (0..300 * 300).map(|at| ((at % 300) as f32 + 0.5) * 0.1).collect();
    let mut buffer = Buffer::new((300, 300), heights);
    file.rasterband(1).unwrap().write((0, 0), (300, 300), &mut buffer).unwrap();
}

#[test]
fn a_profile_has_the_heights_of_the_surface_model() {
    let folder = tempfile::tempdir().unwrap();
    let (survey, orthomosaics) = survey(folder.path());
    let dsm = folder.path().join("dsm.tif");
    slope(&dsm);
    let imagery = imagery(&survey, &orthomosaics, Some(&dsm));
    // 10 m to the east and 5 m back to the north-west, from x = 500,002.
    let at = |x: f64, y: f64| imagery.ground.to_metres(&Point::new(x, y)).0;
    let places =
        [at(500_002.0, 4_999_990.0), at(500_012.0, 4_999_990.0), at(500_008.0, 4_999_993.0)];
    let profile = imagery.profile(&LineString::from(places.to_vec())).unwrap().unwrap();
    let (last_m, last) = profile[profile.len() - 1];
    assert!((last_m - 15.0).abs() < 0.2, "{last_m} m");
    for (along_m, height) in profile {
        let x = if along_m < 10.0 { 12.0 + along_m } else { 22.0 - (along_m - 10.0) * 0.8 };
        assert!((height - x / 2.0).abs() < 0.1, "{height} m at {along_m} m");
    }
    assert!((last - 9.0).abs() < 0.2, "{last}");
}

#[test]
fn the_sun_lights_the_slope_that_faces_it() {
    let side = TILE_PX as usize + 2;
    // It rises by half a metre for each metre to the east, drawn as a metre.
    let mut heights = Array2::from_shape_fn((side, side), |(_, col)| col as f32 * 0.5);
    heights[[10, 10]] = f32::NAN;
    let light = |sun: f64| hillshade::shaded(&heights, 1.0, Some(sun))[100][0];
    // (sin 40 + cos 40) / sqrt 2 from the west, nothing from the east, sin 40 / sqrt 2 from north.
    assert_eq!((light(270.0), light(90.0), light(0.0)), (254, 0, 116));
    let hole = hillshade::shaded(&heights, 1.0, None)[9 * TILE_PX as usize + 9];
    assert_eq!(hole, [0; 4]);
}

#[test]
fn a_stretch_brings_all_but_a_few_values_to_full_contrast() {
    let rgb: Vec<u8> = (0..100u8).flat_map(|value| [value + 50; 3]).collect();
    let picture = Picture {
        window: PxBox { x0: 0.0, y0: 0.0, x1: 100.0, y1: 1.0 },
        size: RasterSize { width: 100, height: 1 },
        rgb,
        has_image: vec![true; 100],
    };
    let stretch = Stretch::of(&picture, 2.0).unwrap();
    assert_eq!(
        stretch.of_colour([52.0, 100.0, 148.0]).map(|value| value.round()),
        [0.0, 128.0, 255.0]
    );
    let flat = Picture { rgb: vec![7; 300], ..picture };
    assert_eq!(Stretch::of(&flat, 2.0), None);
}

#[test]
fn a_large_file_without_overviews_gets_a_small_copy_that_shows_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut file = driver.create_with_band_type::<u8, _>(&path, 4400, 40, 3).unwrap();
    file.set_geo_transform(&[500_000.0, 0.05, 0.0, 5_000_000.0, 0.0, -0.05]).unwrap();
    file.set_spatial_ref(&SpatialRef::from_epsg(32633).unwrap()).unwrap();
    for band in 1..=3 {
        // 20 to 240 from left to right.
        let values = (0..4400 * 40).map(|at| 20 + (at % 4400 / 20) as u8).collect();
        let mut buffer = Buffer::new((4400, 40), values);
        file.rasterband(band).unwrap().write((0, 0), (4400, 40), &mut buffer).unwrap();
    }
    drop(file);
    let mut orthomosaics = [rams_tile::open(&path, &ReadAs::default()).unwrap()];
    let ground = rams_tile::ground_around(&mut orthomosaics).unwrap().unwrap();
    let survey = Survey::new(ground);
    for _ in 0..2 {
        let imagery = imagery(&survey, &orthomosaics, None);
        let layer = &imagery.layers()[0];
        let whole = decoded(&imagery.tile(&layer.id, 0, 0, 0, &View::default()).unwrap().unwrap());
        // 4400 px lie in 512 px of 16: the pixel 100 shows the columns around 1608.
        let found = f64::from(whole.get_pixel(100, 1)[0]);
        assert!((found - (20.0 + 1608.0 / 20.0)).abs() < 2.0, "{found}");
    }
    let made: Vec<_> = std::fs::read_dir(folder.path().join("review")).unwrap().collect();
    assert_eq!(made.len(), 1, "one copy, made once");
}
