//! Heights of surface models of every kind, on the grid of an orthomosaic: a slanted plane must
//! come back as the same plane.

use super::{NORTH_UP, SIDE, folder, georeferenced};
use crate::{Reader, open, surface_under};
use gdal::{
    Dataset, DriverManager, GeoTransform, GeoTransformEx,
    raster::{Buffer, GdalType, RasterCreationOptions},
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
};
use ndarray::Array2;
use rams_domain::{Grid, Orthomosaic, SurfaceModel, TileId, TilePlan, TileSpec};
use std::path::Path;

/// Metres of height per metre to the east and to the north: half a pixel of 3 cm is 4 cm of height.
const SLOPE: [f64; 2] = [2.0, -1.5];

/// Height at a place in EPSG:32633, where the orthomosaic lies.
fn plane(east: f64, north: f64) -> f64 {
    250.0 + SLOPE[0] * (east - 500_000.0) + SLOPE[1] * (north - 100.0)
}

fn crs(definition: &str) -> SpatialRef {
    let mut crs = SpatialRef::from_definition(definition).expect("PROJ knows it");
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    crs
}

/// A surface model of so many pixels a side with `height(east, north)` at the middle of each.
fn surface_as<T: GdalType + Copy>(
    path: &Path,
    definition: &str,
    geotransform: GeoTransform,
    side: usize,
    height: impl Fn(f64, f64) -> T,
) -> Dataset {
    let places = (0..side * side)
        .map(|at| geotransform.apply((at % side) as f64 + 0.5, (at / side) as f64 + 0.5));
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = places.unzip();
    let to_utm = CoordTransform::new(&crs(definition), &crs("EPSG:32633")).expect("PROJ");
    to_utm.transform_coords(&mut x, &mut y, &mut []).expect("PROJ");
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let options: RasterCreationOptions =
        ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=DEFLATE"].into_iter().collect();
    let mut dataset = driver
        .create_with_band_type_with_options::<T, _>(path, side, side, 1, &options)
        .expect("create");
    dataset.set_geo_transform(&geotransform).expect("geotransform");
    dataset.set_spatial_ref(&crs(definition)).expect("CRS");
    let values = x.into_iter().zip(y).map(|(x, y)| height(x, y)).collect();
    dataset
        .rasterband(1)
        .expect("band")
        .write((0, 0), (side, side), &mut Buffer::new((side, side), values))
        .expect("write");
    dataset
}

fn surface(path: &Path, definition: &str, geotransform: GeoTransform, side: usize) -> Dataset {
    surface_as(path, definition, geotransform, side, |east, north| plane(east, north) as f32)
}

/// Pixels of `px` units, turned by an angle, with the middle of `side` of them at a place.
fn around((x, y): (f64, f64), px: f64, side: usize, degrees: f64) -> GeoTransform {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let half = side as f64 / 2.0;
    let at = [0.0, px * cos, px * sin, 0.0, px * sin, -px * cos];
    let (dx, dy) = at.apply(half, half);
    [x - dx, at[1], at[2], y - dy, at[4], at[5]]
}

/// The only tile of an orthomosaic of 64 px a side, with a halo of 16 px of the grid's.
fn read(
    orthomosaic: &Orthomosaic,
    surface: &SurfaceModel,
    gsd_m: f64,
) -> (Grid, Result<Array2<f32>, String>) {
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), gsd_m);
    let core_px = grid.size().width.div_ceil(16) * 16;
    let plan =
        TilePlan::new(grid, TileSpec { tile_px: core_px + 32, halo_px: 16 }).expect("whole cells");
    let mut reader = Reader::open(orthomosaic, grid)
        .expect("the file is there")
        .with_heights(surface, orthomosaic);
    let tile = reader.read(plan.tile(TileId(0))).expect("the colours are there");
    assert!(tile.valid[(16, 16)] && tile.pixels[(16, 16, 0)] == 9);
    (grid, tile.heights.expect("they are asked for"))
}

/// The place of a pixel of the tile.
fn place(orthomosaic: &Orthomosaic, grid: &Grid, (row, col): (usize, usize)) -> (f64, f64) {
    let px = grid.to_mosaic(col as f64 - 16.0 + 0.5, row as f64 - 16.0 + 0.5);
    orthomosaic.georef.to_ground(px.into()).x_y()
}

#[test]
fn a_plane_comes_back_whatever_crs_scale_and_rotation() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    let middle = (500_000.32, 99.68);
    let convert = |definition: &str| {
        let (mut x, mut y) = ([middle.0], [middle.1]);
        let transform = CoordTransform::new(&crs("EPSG:32633"), &crs(definition)).expect("PROJ");
        transform.transform_coords(&mut x, &mut y, &mut []).expect("PROJ");
        (x[0], y[0])
    };
    let degree = 3e-7; // 3.3 cm
    // (CRS, pixel in its units, side, rotation) of the model, rotation and grid of the orthomosaic,
    // and the model's pixel in metres.
    let cases = [
        ("EPSG:32633", 0.03, 80, 0.0, 0.0, 0.01, 0.03),
        ("EPSG:32633", 0.01, 200, 0.0, 0.0, 0.01, 0.01),
        ("EPSG:32633", 0.004, 500, 0.0, 0.0, 0.02, 0.004),
        ("EPSG:32633", 0.03, 100, 20.0, 30.0, 0.01, 0.03),
        ("EPSG:4326", degree, 100, 0.0, 30.0, 0.01, 0.0334),
        ("EPSG:4326", degree, 100, 75.0, 0.0, 0.016, 0.0334),
        ("EPSG:32634", 0.05, 64, 10.0, 200.0, 0.01, 0.05),
        ("EPSG:3857", 0.02, 150, 0.0, 45.0, 0.0125, 0.02),
        ("EPSG:32633+5773", 0.02, 150, 0.0, 0.0, 0.01, 0.02),
    ];
    for case in cases {
        let (definition, px, side, turned, mosaic_turned, grid_m, gsd_m) = case;
        drop(surface(&dsm, definition, around(convert(definition), px, side, turned), side));
        let mut ortho = georeferenced(&path, 3, &[], |_, _, _| 9);
        ortho.set_geo_transform(&around(middle, 0.01, SIDE, mosaic_turned)).expect("geotransform");
        drop(ortho);
        let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
        let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
        assert!((model.gsd_m / gsd_m - 1.0).abs() < 0.01, "{case:?}: {}", model.gsd_m);
        assert_eq!((model.share, model.name.as_str()), (1.0, "dsm.tif"));
        let (grid, heights) = read(&orthomosaic, &model, grid_m);
        let heights = heights.expect("it can be read");
        for (at, height) in heights.indexed_iter() {
            let (east, north) = place(&orthomosaic, &grid, at);
            let error = f64::from(*height) - plane(east, north);
            assert!(error.abs() < 0.01, "{case:?} at {at:?}: {height}, wrong by {error}");
        }
    }
}

#[test]
fn holes_do_not_bleed_into_heights() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    // A hole of 0.2 m in the middle, nothing east of 0.5 m, and the model's own border.
    let is_hole = |east: f64, north: f64| {
        let (x, y) = (east - 500_000.0, 100.0 - north);
        !(-0.38..0.5).contains(&x)
            || !(-0.38..1.02).contains(&y)
            || ((0.1..0.3).contains(&x) && (0.2..0.4).contains(&y))
    };
    let geotransform = around((500_000.32, 99.68), 0.02, 70, 0.0);
    for (hole, declared, masked) in [
        (-9999.0, Some(-9999.0), false),
        (f32::NAN, None, false),
        (f32::NAN, Some(f64::NAN), false),
        (-9999.0, None, true),
    ] {
        let level = |east, north| if is_hole(east, north) { hole } else { 250.0f32 };
        let dataset = surface_as(&dsm, "EPSG:32633", geotransform, 70, level);
        dataset.rasterband(1).expect("band").set_no_data_value(declared).expect("nodata");
        if masked {
            gdal::config::set_thread_local_config_option("GDAL_TIFF_INTERNAL_MASK", "YES")
                .expect("option");
            dataset.rasterband(1).expect("band").create_mask_band(true).expect("mask");
            let place =
                |at: usize| geotransform.apply((at % 70) as f64 + 0.5, (at / 70) as f64 + 0.5);
            let image = |(east, north): (f64, f64)| if is_hole(east, north) { 0u8 } else { 255 };
            let values: Vec<u8> = (0..70 * 70).map(|at| image(place(at))).collect();
            let band = dataset.rasterband(1).expect("band");
            let mut mask = band.open_mask_band().expect("mask");
            mask.write((0, 0), (70, 70), &mut Buffer::new((70, 70), values))
                .expect("write the mask");
        }
        drop(dataset);
        let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
        for grid_m in [0.01, 0.04] {
            let (grid, heights) = read(&orthomosaic, &model, grid_m);
            let heights = heights.expect("it can be read");
            let (mut known, mut holes) = (0, 0);
            for (at, height) in heights.indexed_iter() {
                let (east, north) = place(&orthomosaic, &grid, at);
                assert!(
                    height.is_nan() || (height - 250.0).abs() < 1e-3,
                    "{hole} {declared:?}: {height} at {at:?}"
                );
                // By the kernel's width inwards and outwards, either is right.
                let step = 0.02 + grid_m;
                let around = [-step, 0.0, step]
                    .map(|x| [-step, 0.0, step].map(|y| is_hole(east + x, north + y)));
                match around.as_flattened().iter().filter(|is_hole| **is_hole).count() {
                    9 => {
                        assert!(
                            height.is_nan(),
                            "{hole} {declared:?}: {height} at {at:?}, in a hole"
                        );
                        holes += 1;
                    }
                    0 => {
                        assert!(!height.is_nan(), "{hole} {declared:?}: no height at {at:?}");
                        known += 1;
                    }
                    _ => {}
                }
            }
            assert!(known > 30 && holes > 30, "{known} known, {holes} holes");
        }
    }
}

#[test]
fn an_alpha_band_marks_holes_too() {
    let (folder, path) = folder();
    let [dsm, heights, alpha] =
        ["dsm.vrt", "heights.tif", "alpha.tif"].map(|name| folder.path().join(name));
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    let geotransform = around((500_000.32, 99.68), 0.02, 70, 0.0);
    let is_hole = |east: f64| east > 500_000.3;
    let level = |east, _| if is_hole(east) { -9999.0 } else { 250.0f32 };
    drop(surface_as(&heights, "EPSG:32633", geotransform, 70, level));
    drop(surface_as(
        &alpha,
        "EPSG:32633",
        geotransform,
        70,
        |east, _| if is_hole(east) { 0u8 } else { 255 },
    ));
    let band = |number: usize, data_type: &str, colour: &str, file: &str| {
        format!(
            "<VRTRasterBand dataType=\"{data_type}\" band=\"{number}\">\
             <ColorInterp>{colour}</ColorInterp><SimpleSource>\
             <SourceFilename relativeToVRT=\"1\">{file}</SourceFilename>\
             <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
        )
    };
    let bands = band(1, "Float32", "Gray", "heights.tif") + &band(2, "Byte", "Alpha", "alpha.tif");
    let numbers = geotransform.map(|value| value.to_string()).join(", ");
    let head = "<VRTDataset rasterXSize=\"70\" rasterYSize=\"70\"><SRS>EPSG:32633</SRS>";
    let text = format!("{head}<GeoTransform>{numbers}</GeoTransform>{bands}</VRTDataset>");
    std::fs::write(&dsm, text).expect("write");
    let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
    let heights = read(&orthomosaic, &model, 0.01).1.expect("it can be read");
    // Column 46 of the tile is where the hole begins, at 0.3 m.
    assert!(heights[(40, 20)] == 250.0 && heights[(40, 42)] == 250.0 && heights[(40, 50)].is_nan());
    assert!(heights.iter().all(|height| height.is_nan() || (height - 250.0).abs() < 1e-3));
}

#[test]
fn holes_that_no_one_declared_cost_the_heights_and_not_the_colours() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    let level = |east, _| if east > 500_000.5 { -32767.0 } else { 250.0f32 };
    drop(surface_as(&dsm, "EPSG:32633", around((500_000.32, 99.68), 0.02, 70, 0.0), 70, level));
    let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
    let refused = read(&orthomosaic, &model, 0.01).1.expect_err("it holds no plausible heights");
    assert!(refused.contains("-32767") && refused.contains("gdal_edit.py -a_nodata"), "{refused}");
}

#[test]
fn a_truncated_model_costs_the_heights_and_not_the_colours() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    drop(surface(&dsm, "EPSG:32633", around((500_000.32, 99.68), 0.01, 128, 0.0), 128));
    let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
    let bytes = std::fs::read(&dsm).expect("read");
    std::fs::write(&dsm, &bytes[..bytes.len() / 2]).expect("write");
    assert!(read(&orthomosaic, &model, 0.01).1.is_err());
    std::fs::remove_file(&dsm).expect("remove");
    assert!(read(&orthomosaic, &model, 0.01).1.expect_err("it is gone").contains("dsm.tif"));
}

#[test]
fn scaled_values_are_metres() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    let centimetres = |_, _| 4_321i16;
    let dataset =
        surface_as(&dsm, "EPSG:32633", around((500_000.32, 99.68), 0.02, 70, 0.0), 70, centimetres);
    let mut band = dataset.rasterband(1).expect("band");
    band.set_scale(0.01).expect("scale");
    band.set_offset(100.0).expect("offset");
    drop(dataset);
    let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
    let heights = read(&orthomosaic, &model, 0.01).1.expect("it can be read");
    assert!(heights.iter().all(|height| (height - 143.21).abs() < 1e-3), "{}", heights[(20, 20)]);
}

#[test]
fn a_share_of_the_orthomosaic_or_nothing_of_it() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    for (east, share) in [(500_000.0, 0.5), (500_000.32, 1.0), (500_001.5, 0.0), (600_000.0, 0.0)] {
        drop(surface(&dsm, "EPSG:32633", around((east, 99.68), 0.02, 32, 0.0), 32));
        let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
        assert!((model.share - share).abs() < 1e-9, "{east}: {}", model.share);
        assert!((model.gsd_m / 0.02 - 1.0).abs() < 0.01, "{east}: {}", model.gsd_m);
    }
}

#[test]
fn what_is_not_a_surface_model_is_refused_with_its_remedy() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    let refusal = |part: &str| {
        let text =
            surface_under(&dsm, &orthomosaic).expect_err("it is no surface model").to_string();
        assert!(text.contains("dsm.tif") && text.contains(part), "{text}");
    };
    refusal("there is no such file");
    drop(georeferenced(&dsm, 3, &[], |_, _, _| 9));
    refusal(
        "3 bands, a surface model has one: take the one with the heights out \
         with `gdal_translate -b",
    );
    drop(georeferenced(&dsm, 1, &[], |_, _, _| 9));
    refusal("values, a surface model has heights in metres");
    // NAVD88 heights in US survey feet, by the vertical part of the CRS.
    drop(surface(&dsm, "EPSG:26918+6360", [586_000.0, 0.5, 0.0, 4_500_000.0, 0.0, -0.5], 8));
    refusal("heights in US survey foot");
    // The same by the band alone.
    let in_feet = folder.path().join("feet-dsm.tif");
    let text = "<VRTDataset rasterXSize=\"8\" \
                rasterYSize=\"8\"><SRS>EPSG:32633</SRS><GeoTransform>5e5, 1, 0, 100, 0, \
                -1</GeoTransform><VRTRasterBand dataType=\"Float32\" \
                band=\"1\"><UnitType>ft</UnitType></VRTRasterBand></VRTDataset>";
    std::fs::write(&in_feet, text).expect("write");
    let refused =
        surface_under(&in_feet, &orthomosaic).expect_err("feet are not metres").to_string();
    assert!(refused.contains("heights in ft, metres are needed"), "{refused}");
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let bare = || driver.create_with_band_type::<f32, _>(&dsm, 8, 8, 1).expect("create");
    bare().set_geo_transform(&NORTH_UP).expect("geotransform");
    refusal("no coordinate reference system");
    bare().set_spatial_ref(&crs("EPSG:32633")).expect("CRS");
    refusal("no geotransform");
    let mut engineering = bare();
    engineering.set_geo_transform(&NORTH_UP).expect("geotransform");
    engineering.set_spatial_ref(&crs("LOCAL_CS[\"site\",UNIT[\"metre\",1]]")).expect("CRS");
    drop(engineering);
    refusal("lies in site, which has no place on the earth");
    // Warped by its geotransform, it must not lie by anything else.
    let swapped = "<VRTDataset rasterXSize=\"8\" rasterYSize=\"8\"><SRS \
                   dataAxisToSRSAxisMapping=\"1,2\">EPSG:4326</SRS><GeoTransform>0, 0, -1e-7, 15, \
                   1e-7, 0</GeoTransform><VRTRasterBand dataType=\"Float32\" \
                   band=\"1\"></VRTRasterBand></VRTDataset>";
    std::fs::write(&in_feet, swapped).expect("write");
    let refused =
        surface_under(&in_feet, &orthomosaic).expect_err("its axes are swapped").to_string();
    assert!(
        refused.contains("latitude before longitude") && refused.contains("gdalwarp"),
        "{refused}"
    );
}

#[test]
fn heights_in_feet_that_were_made_metres_are_taken() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.vrt");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let orthomosaic = open(&path, &Default::default()).expect("it is an orthomosaic");
    // As `gdal_edit.py -units m` leaves it: the CRS still says feet.
    let text = "<VRTDataset rasterXSize=\"8\" \
                rasterYSize=\"8\"><SRS>EPSG:32633+6360</SRS><GeoTransform>5e5, 1, 0, 100, 0, \
                -1</GeoTransform><VRTRasterBand dataType=\"Float32\" \
                band=\"1\"><UnitType>m</UnitType></VRTRasterBand></VRTDataset>";
    std::fs::write(&dsm, text).expect("write");
    assert_eq!(surface_under(&dsm, &orthomosaic).expect("it is a surface model").share, 1.0);
    std::fs::write(&dsm, text.replace("<UnitType>m</UnitType>", "")).expect("write");
    let refused = surface_under(&dsm, &orthomosaic).expect_err("feet are not metres").to_string();
    assert!(refused.contains("heights in US survey foot"), "{refused}");
}

#[test]
fn a_surface_model_lies_where_it_is_assumed_to_lie() {
    let (folder, path) = folder();
    let dsm = folder.path().join("dsm.tif");
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let read_as =
        rams_domain::ReadAs { assume_crs: Some("EPSG:32633".into()), ..Default::default() };
    let orthomosaic = open(&path, &read_as).expect("it is an orthomosaic");
    assert!(orthomosaic.notices.is_empty(), "{:?}", orthomosaic.notices);
    for (said, notices) in
        [(None, 0), (Some("EPSG:32633"), 0), (Some("EPSG:32638"), 1), (Some("EPSG:4326"), 1)]
    {
        let mut dataset =
            surface(&dsm, "EPSG:32633", around((500_000.32, 99.68), 0.02, 70, 0.0), 70);
        // The same numbers under another name.
        let other = said.map_or_else(|| SpatialRef::new().expect("an empty CRS"), crs);
        dataset.set_spatial_ref(&other).expect("CRS");
        drop(dataset);
        let model = surface_under(&dsm, &orthomosaic).expect("it is a surface model");
        assert_eq!(
            (model.share, model.notices.len()),
            (1.0, notices),
            "{said:?}: {:?}",
            model.notices
        );
        let (grid, heights) = read(&orthomosaic, &model, 0.01);
        for (at, height) in heights.expect("it can be read").indexed_iter() {
            let (east, north) = place(&orthomosaic, &grid, at);
            assert!(
                (f64::from(*height) - plane(east, north)).abs() < 0.02,
                "{said:?}: {height} at {at:?}"
            );
        }
    }
}
