//! Types of values: the same pixels as from 8 bits at any scale, and holes told exactly.

use super::*;
use gdal::raster::{ColorEntry, ColorTable, GdalType, RgbaEntry};

const BYTES: ReadAs =
    ReadAs { bands: None, scale: None, alpha: None, assume_crs: None, allow_outside: false };

fn write<T: GdalType + Copy>(
    path: &Path,
    bands: &[Vec<T>],
    options: &[&str],
    finish: impl FnOnce(&mut Dataset),
) {
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let options: RasterCreationOptions = options.iter().copied().collect();
    let mut dataset = driver
        .create_with_band_type_with_options::<T, _>(path, SIDE, SIDE, bands.len(), &options)
        .expect("create");
    dataset.set_geo_transform(&NORTH_UP).expect("geotransform");
    dataset.set_spatial_ref(&SpatialRef::from_epsg(32633).expect("EPSG:32633")).expect("CRS");
    finish(&mut dataset);
    for (number, values) in (1..).zip(bands) {
        let mut band = dataset.rasterband(number).expect("band");
        band.write((0, 0), (SIDE, SIDE), &mut Buffer::new((SIDE, SIDE), values.clone()))
            .expect("write");
    }
}

/// Any byte but 0, without order.
fn byte(band: usize, at: usize) -> u8 {
    1 + ((at * 2_654_435_761 + band * 40_503) >> 5) as u8 % 255
}

fn bytes(band: usize) -> Vec<u8> {
    (0..SIDE * SIDE).map(|at| byte(band, at)).collect()
}

fn tiles(path: &Path, read_as: &ReadAs, px: f64) -> Vec<Result<Tile, GapReason>> {
    let orthomosaic = open(path, read_as).expect("it is an orthomosaic");
    read_all(&orthomosaic, px * orthomosaic.gsd_m()[0]).1
}

#[test]
fn sixteen_bits_and_floats_are_the_same_pixels_at_any_scale() {
    let (folder, plain) = folder();
    write(&plain, &[1, 2, 3].map(bytes), &[], |_| {});
    let [wide, float] = ["u16.tif", "f32.tif"].map(|name| folder.path().join(name));
    let wider =
        |band| bytes(band).iter().map(|value| u16::from(*value) * 257).collect::<Vec<u16>>();
    write(&wide, &[1, 2, 3].map(wider), &["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"], |_| {});
    let single =
        |band| bytes(band).iter().map(|value| f32::from(*value) / 255.0).collect::<Vec<f32>>();
    write(&float, &[1, 2, 3].map(single), &[], |_| {});
    for px in [1.0, 0.7, 1.6, 2.0, 3.3] {
        let expected = tiles(&plain, &BYTES, px);
        assert!(expected.iter().all(Result::is_ok));
        for (path, high) in [(&wide, 65_535.0), (&float, 1.0)] {
            let found = tiles(path, &ReadAs { scale: Some([0.0, high]), ..BYTES }, px);
            for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                let far = found.pixels.iter().zip(&expected.pixels).map(|(a, b)| a.abs_diff(*b));
                let (most, differ) = far.fold((0, 0), |(most, differ), far| {
                    (most.max(far), differ + u32::from(far > 0))
                });
                // Where pixels are cut, the order of sums decides what becomes of a half.
                let rounding = if [1.6, 3.3].contains(&px) {
                    (1, found.pixels.len() as u32 / 50)
                } else {
                    (0, 0)
                };
                assert!(
                    most <= rounding.0 && differ <= rounding.1,
                    "{} at {px} px: {most}, {differ}",
                    path.display()
                );
                assert_eq!(found.valid, expected.valid);
            }
        }
    }
}

#[test]
fn what_lies_beyond_the_scale_is_black_or_white() {
    let (_folder, path) = folder();
    let values: Vec<f32> = (0..SIDE * SIDE).map(|at| [-1e9, 0.25, 0.5, 1e9][at % 4]).collect();
    write(&path, &[values], &[], |_| {});
    let tiles = tiles(&path, &ReadAs { scale: Some([0.25, 0.75]), ..BYTES }, 1.0);
    let tile = tiles[0].as_ref().expect("it has an image");
    let row: Vec<u8> = (16..20).map(|col| tile.pixels[(16, col, 1)]).collect();
    assert_eq!(row, [0, 0, 128, 255]);
}

#[test]
fn a_colour_table_is_looked_up_before_it_is_averaged() {
    // Entries 0 and 2 by turns, whose mean is not entry 1.
    let (_folder, path) = folder();
    let mut table = ColorTable::default();
    for (index, [r, g, b]) in (0..).zip([[200, 0, 0], [0, 255, 0], [0, 0, 100], [0, 0, 0]]) {
        table.set_color_entry(index, &ColorEntry::Rgba(RgbaEntry { r, g, b, a: 255 }));
    }
    let hole = |at: usize| at / SIDE < 32;
    let values = (0..SIDE * SIDE).map(|at| if hole(at) { 3 } else { (at % 2 * 2) as u8 }).collect();
    write(&path, &[values], &[], |dataset| {
        let mut band = dataset.rasterband(1).expect("band");
        band.set_color_table(&table);
        band.set_no_data_value(Some(3.0)).expect("nodata");
    });
    for (px, colours) in [(2.0, [100, 0, 50]), (1.0, [200, 0, 0])] {
        let tiles = tiles(&path, &BYTES, px);
        let tile = tiles.iter().flatten().last().expect("it has an image");
        let (row, col) =
            ((64.0 / px) as i64 - 4 - tile.planned.read.y0, 32 - 4 - tile.planned.read.x0);
        let at = (row as usize, col as usize);
        assert_eq!([0, 1, 2].map(|band| tile.pixels[(at.0, at.1, band)]), colours);
        assert!(tile.valid[at]);
        for ((row, col), valid) in tile.valid.indexed_iter() {
            let (x, y) = (tile.planned.read.x0 + col as i64, tile.planned.read.y0 + row as i64);
            let side = (SIDE as f64 / px) as i64;
            let inside = (0..side).contains(&x) && (0..side).contains(&y);
            assert_eq!(*valid, inside && y as f64 * px >= 32.0, "pixel {x}, {y}");
        }
    }
}

/// Whether each pixel of the first 4 x 4 of a file of one band is image.
fn image<T: GdalType + Copy>(values: [T; 4], nodata: Option<f64>, options: &[&str]) -> [bool; 4] {
    let (_folder, path) = folder();
    let all = (0..SIDE * SIDE).map(|at| values[at % 4]).collect();
    write(&path, &[all], options, |dataset| {
        dataset.rasterband(1).expect("band").set_no_data_value(nodata).expect("nodata");
    });
    let tiles = tiles(&path, &ReadAs { scale: Some([-40_000.0, 70_000.0]), ..BYTES }, 1.0);
    let tile = tiles[0].as_ref().expect("it has an image");
    [0, 1, 2, 3].map(|col| tile.valid[(20, 16 + col)])
}

#[test]
fn nodata_is_compared_in_the_type_of_the_file() {
    let only_last = [true, true, true, false];
    assert_eq!(image([0u16, 65_533, 65_535, 65_534], Some(65_534.0), &[]), only_last);
    assert_eq!(image([0i16, -32_767, 32_767, -32_768], Some(-32_768.0), &[]), only_last);
    assert_eq!(image([0u8, 127, 129, 128], Some(-128.0), &["PIXELTYPE=SIGNEDBYTE"]), only_last);
    assert_eq!(image([0i32, 16_777_216, -9_998, -9_999], Some(-9_999.0), &[]), only_last);
    // Two neighbours that are the same 32-bit float.
    assert_eq!(
        image([0i32, 16_777_216, 16_777_218, 16_777_217], Some(16_777_217.0), &[]),
        only_last
    );
    assert_eq!(image([0.0f32, 0.1, -0.1, f32::MIN], Some(f64::from(f32::MIN)), &[]), only_last);
    assert_eq!(image([0.0f32, 0.100_000_01, 0.2, 0.1], Some(0.1), &[]), only_last);
    assert_eq!(image([0.0f64, 0.100_000_000_000_000_02, 0.2, 0.1], Some(0.1), &[]), only_last);
    assert_eq!(image([0.0f32, 1.0, 2.0, f32::NAN], Some(f64::NAN), &[]), only_last);
    // What no value of the type can be marks nothing: then black does, and NaN always.
    assert_eq!(image([9u16, 1, 2, 0], Some(-9_999.0), &[]), only_last);
    assert_eq!(image([9.0f32, 1.0, 2.0, f32::NEG_INFINITY], None, &[]), only_last);
}

#[test]
fn opacity_counts_from_half_of_what_its_type_holds() {
    let (_folder, path) = folder();
    let alpha: Vec<u16> =
        (0..SIDE * SIDE).map(|at| [255, 32_767, 32_768, 65_535][at % 4]).collect();
    write(&path, &[alpha.clone(), alpha], &["ALPHA=YES"], |_| {});
    let orthomosaic = open(&path, &ReadAs { scale: Some([0.0, 65_535.0]), ..BYTES })
        .expect("it is an orthomosaic");
    assert_eq!(
        (orthomosaic.colour_bands, &orthomosaic.validity.alpha_bands[..]),
        ([1, 1, 1], &[2][..])
    );
    let tiles = read_all(&orthomosaic, orthomosaic.gsd_m()[0]).1;
    let tile = tiles[0].as_ref().expect("it has an image");
    assert_eq!([0, 1, 2, 3].map(|col| tile.valid[(20, 16 + col)]), [false, false, true, true]);
}

#[test]
fn a_mask_beside_the_file_and_one_of_1_bit() {
    for internal in ["YES", "NO"] {
        let (folder, path) = folder();
        gdal::config::set_thread_local_config_option("GDAL_TIFF_INTERNAL_MASK", internal)
            .expect("option");
        let wide =
            |band: usize| bytes(band).iter().map(|value| u16::from(*value)).collect::<Vec<u16>>();
        write(&path, &[1, 2, 3].map(wide), &[], |dataset| {
            dataset.rasterband(1).expect("band").create_mask_band(true).expect("mask");
            let mut red = dataset.rasterband(1).expect("band");
            let values = (0..SIDE * SIDE).map(|at| if at % SIDE < 8 { 0u8 } else { 255 }).collect();
            let mut mask = mask_of(&mut red);
            mask.write((0, 0), (SIDE, SIDE), &mut Buffer::new((SIDE, SIDE), values))
                .expect("write the mask");
        });
        assert_eq!(folder.path().join("ortho.tif.msk").exists(), internal == "NO");
        let tiles = tiles(&path, &ReadAs { scale: Some([0.0, 255.0]), ..BYTES }, 1.0);
        let tile = tiles[0].as_ref().expect("it has an image");
        assert_eq!([7, 8].map(|col| tile.valid[(20, 16 + col)]), [false, true], "{internal}");
    }
}

#[test]
fn bands_that_are_no_colours_are_refused() {
    let (_folder, path) = folder();
    drop(georeferenced(&path, 3, &[], |_, _, _| 9));
    let cyan = path.with_extension("vrt");
    let band = "<ColorInterp>Cyan</ColorInterp><SimpleSource>";
    std::fs::write(&cyan, vrt(NORTH_UP).replace("<SimpleSource>", band)).expect("write");
    assert!(
        refusal(&cyan).contains("Cyan") && refusal(&cyan).contains("--bands"),
        "{}",
        refusal(&cyan)
    );
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GDAL has GTiff");
    let mut dataset = driver.create_with_band_type::<i64, _>(&path, SIDE, SIDE, 3).expect("create");
    dataset.set_geo_transform(&NORTH_UP).expect("geotransform");
    dataset.set_spatial_ref(&SpatialRef::from_epsg(32633).expect("EPSG:32633")).expect("CRS");
    drop(dataset);
    assert!(
        refusal(&path).contains("Int64") && refusal(&path).contains("-ot Float32"),
        "{}",
        refusal(&path)
    );
}

#[test]
fn a_band_that_is_chosen_is_a_colour() {
    // Near infrared that passes for alpha, as in most files of four bands.
    let (_folder, path) = folder();
    let nir = vec![50; SIDE * SIDE];
    let four = [bytes(1), bytes(2), bytes(3), nir];
    write(&path, &four, &["PHOTOMETRIC=RGB", "ALPHA=YES"], |_| {});
    assert_eq!(open(&path, &BYTES).expect("it is an orthomosaic").validity.alpha_bands, [4]);
    let chosen =
        open(&path, &ReadAs { bands: Some([4, 1, 2]), ..BYTES }).expect("it is an orthomosaic");
    assert_eq!((chosen.colour_bands, chosen.validity.alpha_bands), ([4, 1, 2], vec![]));
    assert!(chosen.off_colour.is_some_and(|text| text.contains("[4, 1, 2] in place of [1, 2, 3]")));
    assert!(tiles(&path, &chosen.read_as, 1.0).iter().all(Result::is_ok));
    let missing =
        open(&path, &ReadAs { bands: Some([5, 1, 2]), ..BYTES }).expect_err("there is no band 5");
    assert!(missing.to_string().contains("no band 5: its bands are 1 to 4"), "{missing}");
    // Five that do not say what they are.
    write(&path, &[1, 2, 3, 4, 5].map(bytes), &["PHOTOMETRIC=MINISBLACK", "ALPHA=NO"], |_| {});
    assert!(
        refusal(&path).contains("5 bands beside alpha") && refusal(&path).contains("--bands"),
        "{}",
        refusal(&path)
    );
}
