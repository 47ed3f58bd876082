//! The same ground with a part hidden, by all ways in which files say so.

use super::{HIDDEN_PX, SIZE, at_home, check, map, picture};
use crate::support::{copy_as, raster};
use gdal::{Dataset, Metadata, raster::Buffer};
use std::{fs, path::Path};

/// The picture with another in the place of what is hidden.
fn over(hidden: impl Fn(usize, usize) -> u8) -> Vec<Vec<u8>> {
    let mut bands = picture();
    for (number, band) in bands.iter_mut().enumerate() {
        for (at, value) in band.iter_mut().enumerate().filter(|(at, _)| at % SIZE.0 < HIDDEN_PX) {
            *value = hidden(number, at);
        }
    }
    bands
}

/// 0 where hidden, else 255.
fn opaque() -> Vec<u8> {
    (0..SIZE.0 * SIZE.1).map(|at| if at % SIZE.0 < HIDDEN_PX { 0 } else { 255 }).collect()
}

/// What lies beneath looks like ground, with the square on it.
fn by_bands_and_masks(folder: &Path) {
    let (path, bare) = (|name: &str| folder.join(name), picture());
    let with_alpha = [&bare[..], &[opaque()]].concat();
    raster(&path("alpha.tif"), SIZE, &with_alpha, &["PHOTOMETRIC=RGB", "ALPHA=YES"], at_home);
    raster(
        &path("unsaid.tif"),
        SIZE,
        &with_alpha,
        &["PHOTOMETRIC=RGB", "ALPHA=UNSPECIFIED"],
        at_home,
    );
    raster(
        &path("nothing-said.tif"),
        SIZE,
        &with_alpha,
        &["PHOTOMETRIC=MINISBLACK", "ALPHA=NO"],
        at_home,
    );
    let mask = |dataset: &mut Dataset| {
        at_home(dataset);
        dataset.rasterband(1).unwrap().create_mask_band(true).unwrap();
        let band = dataset.rasterband(1).unwrap();
        band.open_mask_band()
            .unwrap()
            .write((0, 0), SIZE, &mut Buffer::new(SIZE, opaque()))
            .unwrap();
    };
    for (name, inside) in [("mask.tif", "YES"), ("mask-beside.tif", "NO")] {
        gdal::config::set_thread_local_config_option("GDAL_TIFF_INTERNAL_MASK", inside).unwrap();
        raster(&path(name), SIZE, &bare, &[], mask);
    }
    assert!(path("mask-beside.tif.msk").exists());
    // A mask of one band alone.
    raster(&path("opaque.tif"), SIZE, &[opaque()], &[], at_home);
    copy_as(&path("unsaid.tif"), "VRT", &path("band-mask.vrt"), &[]);
    let text = fs::read_to_string(path("band-mask.vrt")).unwrap();
    let mask = "<MaskBand><VRTRasterBand dataType=\"Byte\"><SimpleSource><SourceFilename \
                relativeToVRT=\"1\">opaque.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></MaskBand></VRTRasterBand>";
    let (first, rest) = text.split_once("</VRTRasterBand>").unwrap();
    fs::write(path("band-mask.vrt"), format!("{first}{mask}{rest}")).unwrap();
}

fn by_values(folder: &Path) {
    let (path, bare) = (|name: &str| folder.join(name), picture());
    let nodata = |dataset: &mut Dataset| {
        at_home(dataset);
        (1..=3).for_each(|band| {
            dataset.rasterband(band).unwrap().set_no_data_value(Some(7.0)).unwrap()
        });
    };
    raster(&path("nodata.tif"), SIZE, &over(|_, _| 7), &[], nodata);
    let magenta = || over(|band, _| if band == 1 { 0 } else { 255 });
    raster(&path("values.tif"), SIZE, &magenta(), &[], |dataset| {
        at_home(dataset);
        dataset.set_metadata_item("NODATA_VALUES", "255 0 255", "").unwrap();
    });
    // Of each band its own, and of one band alone, over ground that only this band takes away.
    let red_alone = over(|band, at| if band == 0 { 7 } else { (at * 31 % 89) as u8 + 90 });
    raster(&path("own.tif"), SIZE, &magenta(), &["PROFILE=GeoTIFF"], at_home);
    raster(&path("one.tif"), SIZE, &red_alone, &["PROFILE=GeoTIFF"], at_home);
    for (name, values) in
        [("own", &[Some("255"), Some("0"), Some("255")]), ("one", &[Some("7"), None, None])]
    {
        copy_as(&path(&format!("{name}.tif")), "VRT", &path(&format!("{name}.vrt")), &[]);
        let text = fs::read_to_string(path(&format!("{name}.vrt"))).unwrap();
        let mut parts = text.split("<ColorInterp>");
        let mut dressed = parts.next().unwrap().to_owned();
        for (part, value) in parts.zip(values) {
            dressed += &value
                .map_or_else(String::new, |value| format!("<NoDataValue>{value}</NoDataValue>"));
            dressed += &format!("<ColorInterp>{part}");
        }
        fs::write(path(&format!("{name}.vrt")), dressed).unwrap();
    }
    let float = |empty: f32| {
        let at = |(at, value): (usize, &u8)| {
            if at % SIZE.0 < HIDDEN_PX { empty } else { f32::from(*value) }
        };
        let mut bands: Vec<Vec<f32>> =
            bare.iter().map(|band| band.iter().map(|value| f32::from(*value)).collect()).collect();
        // One band is enough where its value is no colour.
        bands[1] = bare[1].iter().enumerate().map(at).collect();
        bands
    };
    raster(&path("nan.tif"), SIZE, &float(f32::NAN), &[], at_home);
    raster(&path("far.tif"), SIZE, &float(-9999.0), &[], |dataset| {
        at_home(dataset);
        dataset.rasterband(1).unwrap().set_no_data_value(Some(-9999.0)).unwrap();
    });
}

#[test]
fn whatever_marks_ground_without_image() {
    let folder = tempfile::tempdir().unwrap();
    by_bands_and_masks(folder.path());
    by_values(folder.path());
    for (name, flags) in [
        ("alpha.tif", &[][..]),
        ("unsaid.tif", &["--alpha", "4"]),
        ("nothing-said.tif", &["--alpha", "4"]),
        ("mask.tif", &[]),
        ("mask-beside.tif", &[]),
        ("band-mask.vrt", &[]),
        ("nodata.tif", &[]),
        ("values.tif", &[]),
        ("own.vrt", &[]),
        ("one.vrt", &[]),
        ("nan.tif", &["--scale", "0,255"]),
        ("far.tif", &["--scale", "0,255"]),
    ] {
        check(name, &map(&folder.path().join(name), flags), HIDDEN_PX);
    }
}
