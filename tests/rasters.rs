//! The same ground in every kind of file that is read gives the same map.

use crate::support::{Ortho, copy_as, model, rams, raster, rows, survey};
use gdal::{
    Dataset,
    raster::{ColorInterpretation, ColorTable, RgbaEntry},
    spatial_ref::SpatialRef,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const SIZE: (usize, usize) = (400, 300);

/// Ground with a square in the middle of a tile, two on seams and one at the border.
fn ground() -> Ortho {
    Ortho::new(SIZE.0, SIZE.1).square(40, 40).square(124, 60).square(200, 250).square(389, 289)
}

fn colours() -> [Vec<u8>; 3] {
    let ground = ground();
    [0, 1, 2].map(|colour| ground.band(colour))
}

fn wider<T>(convert: impl Fn(u8) -> T) -> Vec<Vec<T>> {
    colours().iter().map(|band| band.iter().map(|value| convert(*value)).collect()).collect()
}

fn interpret(dataset: &mut Dataset, as_what: impl IntoIterator<Item = ColorInterpretation>) {
    for (number, interpretation) in (1..).zip(as_what) {
        dataset.rasterband(number).unwrap().set_color_interpretation(interpretation).unwrap();
    }
}

/// All that a map says of what was found, and how much ground was assessed and was not.
fn found(ortho: &Path, folder: &Path, flags: &[&str]) -> (Vec<String>, String, String) {
    let out = folder.join(format!("{}-out", ortho.file_name().unwrap().to_str().unwrap()));
    let (ran, map) = survey(ortho, &out, &["red-boxes"], flags);
    assert_eq!(ran.code, 0, "{}: {}", ortho.display(), ran.stderr);
    let detections = rows(&map, "detections").into_iter().map(|row| {
        let said = row.fields.iter().filter(|(name, _)| *name != "orthomosaic");
        said.map(|(name, value)| format!("{name}={value} ")).collect()
    });
    let area =
        |layer: &str| format!("{:.6}", rows(&map, layer).iter().map(|row| row.area()).sum::<f64>());
    (detections.collect(), area("assessed"), area("gaps"))
}

/// Files of the same ground, and the flags that they need.
fn kinds(folder: &Path) -> Vec<(PathBuf, Vec<&'static str>)> {
    let path = |name: &str| folder.join(name);
    let [red, green, blue] = colours();
    let plain = path("rgb.tif");
    ground().write(&plain);
    let mut kinds = vec![(plain.clone(), vec![])];
    for (name, driver, options) in [
        ("striped-big.tif", "GTiff", &["BIGTIFF=YES", "TILED=NO", "COMPRESS=LZW"][..]),
        ("cog.tif", "COG", &["BLOCKSIZE=128", "COMPRESS=DEFLATE"]),
        ("lossless.jp2", "JP2OpenJPEG", &["QUALITY=100", "REVERSIBLE=YES", "YCC=NO"]),
        (
            "tiled.jp2",
            "JP2OpenJPEG",
            &["QUALITY=100", "REVERSIBLE=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "GMLJP2=NO"],
        ),
        ("over.vrt", "VRT", &[]),
    ] {
        copy_as(&plain, driver, &path(name), options);
        kinds.push((path(name), vec![]));
    }
    let byte = [red.clone(), green.clone(), blue.clone()];
    let rgba = [&byte[..], &[vec![255; red.len()]]].concat();
    raster(&path("rgba.tif"), SIZE, &rgba, &["PHOTOMETRIC=RGB", "ALPHA=YES"], |_| {});
    kinds.push((path("rgba.tif"), vec![]));
    use ColorInterpretation::{BlueBand, GreenBand, RedBand, Undefined};
    let bgr = [blue.clone(), green.clone(), red.clone()];
    raster(&path("bgr.tif"), SIZE, &bgr, &["PHOTOMETRIC=MINISBLACK"], |dataset| {
        interpret(dataset, [BlueBand, GreenBand, RedBand]);
    });
    kinds.push((path("bgr.tif"), vec![]));
    let nir = vec![77; red.len()];
    let with_nir = [&byte[..], std::slice::from_ref(&nir)].concat();
    raster(&path("rgb-nir.tif"), SIZE, &with_nir, &["PHOTOMETRIC=RGB", "ALPHA=NO"], |_| {});
    kinds.push((path("rgb-nir.tif"), vec![]));
    let mixed = [nir, blue.clone(), green.clone(), red.clone()];
    raster(&path("chosen.tif"), SIZE, &mixed, &["PHOTOMETRIC=MINISBLACK", "ALPHA=NO"], |dataset| {
        interpret(dataset, [Undefined, Undefined, Undefined, Undefined]);
    });
    kinds.push((path("chosen.tif"), vec!["--bands", "4,3,2"]));

    raster(&path("u16.tif"), SIZE, &wider(|value| u16::from(value) * 257), &[], |_| {});
    kinds.push((path("u16.tif"), vec!["--scale", "0,65535"]));
    copy_as(
        &path("u16.tif"),
        "JP2OpenJPEG",
        &path("u16.jp2"),
        &["QUALITY=100", "REVERSIBLE=YES", "YCC=NO"],
    );
    kinds.push((path("u16.jp2"), vec!["--scale", "0,65535"]));
    raster(&path("i16.tif"), SIZE, &wider(|value| i16::from(value) - 500), &[], |_| {});
    kinds.push((path("i16.tif"), vec!["--scale", "-500,-245"]));
    raster(
        &path("i8.tif"),
        SIZE,
        &wider(|value| value ^ 0x80),
        &["PIXELTYPE=SIGNEDBYTE"],
        |dataset| {
            // Undeclared, three zeros would count as without image, and here they are a grey.
            dataset.rasterband(1).unwrap().set_no_data_value(Some(-128.0)).unwrap();
        },
    );
    kinds.push((path("i8.tif"), vec!["--scale", "-128,127"]));
    raster(&path("f32.tif"), SIZE, &wider(|value| f32::from(value) / 255.0), &[], |_| {});
    kinds.push((path("f32.tif"), vec!["--scale", "0,1"]));
    raster(&path("f64.tif"), SIZE, &wider(|value| f64::from(value) * 1e9 - 7.0), &[], |_| {});
    kinds.push((path("f64.tif"), vec!["--scale", "-7,254999999993"]));

    // Greys, and one red: few enough for a table.
    let (mut table, mut entries) = (ColorTable::default(), vec![]);
    let pixels: Vec<u8> = (0..red.len())
        .map(|at| {
            let colour = [red[at], green[at], blue[at]];
            let known = entries.iter().position(|entry| *entry == colour);
            known.unwrap_or_else(|| {
                entries.push(colour);
                entries.len() - 1
            }) as u8
        })
        .collect();
    for (index, [r, g, b]) in (0..).zip(&entries) {
        let entry = RgbaEntry { r: i16::from(*r), g: i16::from(*g), b: i16::from(*b), a: 255 };
        table.set_color_entry(index, &gdal::raster::ColorEntry::Rgba(entry));
    }
    raster(&path("table.tif"), SIZE, &[pixels], &[], |dataset| {
        dataset.rasterband(1).unwrap().set_color_table(&table);
    });
    kinds.push((path("table.tif"), vec![]));
    kinds
}

#[test]
fn every_kind_of_file_gives_the_same_map() {
    let folder = tempfile::tempdir().unwrap();
    let kinds = kinds(folder.path());
    let expected = found(&kinds[0].0, folder.path(), &[]);
    // Two of the four are seen by two tiles each.
    assert_eq!(expected.0.len(), 6, "{expected:?}");
    for (path, flags) in &kinds[1..] {
        assert_eq!(found(path, folder.path(), flags), expected, "{}", path.display());
    }
}

#[test]
fn a_lossy_jpeg_2000_and_a_world_file() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, bare, lossy) =
        (folder.path().join("a.tif"), folder.path().join("bare.tif"), folder.path().join("b.jp2"));
    ground().write(&plain);
    let expected = found(&plain, folder.path(), &[]);
    // Neither GML nor GeoJP2 inside: its place is in the world file alone, its CRS nowhere.
    raster(&bare, SIZE, &colours(), &["PROFILE=BASELINE"], |_| {});
    fs::remove_file(folder.path().join("bare.tif.aux.xml")).unwrap_or_default();
    let options = ["QUALITY=30", "REVERSIBLE=NO", "GMLJP2=NO", "GeoJP2=NO"];
    copy_as(&bare, "JP2OpenJPEG", &lossy, &options);
    fs::remove_file(folder.path().join("b.jp2.aux.xml")).unwrap_or_default();
    fs::write(folder.path().join("b.j2w"), "0.01\n0\n0\n-0.01\n500000.005\n999.995\n").unwrap();
    let out = folder.path().join("out");
    let (ran, _) = survey(&lossy, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("b.jp2 has no coordinate reference system")
            && ran.stderr.contains("--assume-crs")
    );
    let (ran, _) = survey(&lossy, &out, &["red-boxes"], &["--assume-crs", "EPSG:999999"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let (detections, assessed, gaps) =
        found(&lossy, folder.path(), &["--assume-crs", "EPSG:32633"]);
    assert_eq!((detections.len(), assessed, gaps), (6, expected.1.clone(), expected.2.clone()));
    // A place told by GML alone.
    let gml = folder.path().join("gml.jp2");
    copy_as(
        &plain,
        "JP2OpenJPEG",
        &gml,
        &["QUALITY=100", "REVERSIBLE=YES", "YCC=NO", "GMLJP2=YES", "GeoJP2=NO"],
    );
    fs::remove_file(folder.path().join("gml.jp2.aux.xml")).unwrap_or_default();
    assert_eq!(found(&gml, folder.path(), &[]), expected);
    // What a file says itself may be assumed, too.
    assert_eq!(
        found(&plain, &folder.path().join("again"), &["--assume-crs", "EPSG:32633"]),
        expected
    );
}

#[test]
fn what_has_no_place_between_black_and_white_is_refused_with_a_proposal() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("u16.tif"), folder.path().join("out"));
    raster(&path, SIZE, &wider(|value| u16::from(value) * 10), &[], |_| {});
    let (ran, _) = survey(&path, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 1);
    // Ground of 90 to 129 with a few squares of 255 and 0.
    assert!(
        ran.stderr.contains("UInt16") && ran.stderr.contains("--scale=900,1290"),
        "{}",
        ran.stderr
    );
    raster(&path, SIZE, &[vec![1.5f32; SIZE.0 * SIZE.1]], &[], |_| {});
    let (ran, _) = survey(&path, &out, &["red-boxes"], &[]);
    assert!(
        ran.code == 1 && ran.stderr.contains("Float32") && ran.stderr.contains("--dsm"),
        "{}",
        ran.stderr
    );
    for (flags, expected) in [
        (["--scale", "5,5"], "the lower first"),
        (["--scale", "0,nan"], "the lower first"),
        (["--bands", "0,1,2"], "the first band is 1"),
        (["--bands", "1,2"], "the first band is 1"),
        (["--assume-crs", "32633"], "EPSG:32638"),
    ] {
        let (ran, _) = survey(&path, &out, &["red-boxes"], &flags);
        assert_eq!(ran.code, 2, "{flags:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{flags:?}: {}", ran.stderr);
    }
    let (ran, _) = survey(&path, &out, &["red-boxes"], &["--bands", "1,2,3", "--scale", "0,1"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("no band 2: its bands are 1 to 1"),
        "{}",
        ran.stderr
    );
    assert!(!out.join("survey.gpkg").exists());
}

#[test]
fn pixels_without_image_are_told_in_the_type_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hole.tif");
    // 13 cells on the left have no image.
    let hole = |at: usize| at % SIZE.0 < 208;
    let gap = 2.08 * 3.0;
    let holes = |fills: &[&str], write: &dyn Fn()| {
        write();
        let (ran, map) = survey(
            &path,
            &folder.path().join("out"),
            &["red-boxes"],
            &[fills, &["--overwrite"]].concat(),
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        rows(&map, "gaps")
            .iter()
            .filter(|row| row.text("reason") == "nodata")
            .map(|row| row.area())
            .sum::<f64>()
    };
    let u16s = |nodata: u16| {
        let bands = wider(|value| u16::from(value) * 257);
        let fill = |band: &Vec<u16>| {
            (0..band.len()).map(|at| if hole(at) { nodata } else { band[at] }).collect()
        };
        let bands: Vec<Vec<u16>> = bands.iter().map(fill).collect();
        raster(&path, SIZE, &bands, &[], |dataset| {
            dataset.rasterband(1).unwrap().set_no_data_value(Some(65_534.0)).unwrap();
        });
    };
    assert!((holes(&["--scale", "0,65535"], &|| u16s(65_534)) - gap).abs() < 1e-6);
    let i16s = |nodata: f64| {
        let bands = wider(|value| i16::from(value) - 128);
        let fill = |band: &Vec<i16>| {
            (0..band.len()).map(|at| if hole(at) { -32_768 } else { band[at] }).collect()
        };
        let bands: Vec<Vec<i16>> = bands.iter().map(fill).collect();
        raster(&path, SIZE, &bands, &[], |dataset| {
            dataset.rasterband(1).unwrap().set_no_data_value(Some(nodata)).unwrap();
        });
    };
    assert!((holes(&["--scale=-128,127"], &|| i16s(-32_768.0)) - gap).abs() < 1e-6);
    let f32s = |empty: f32, nodata: Option<f64>| {
        let bands = wider(|value| f32::from(value) / 255.0);
        let fill = |band: &Vec<f32>| {
            (0..band.len()).map(|at| if hole(at) { empty } else { band[at] }).collect()
        };
        let bands: Vec<Vec<f32>> = bands.iter().map(fill).collect();
        raster(&path, SIZE, &bands, &[], |dataset| {
            if let Some(nodata) = nodata {
                dataset.rasterband(1).unwrap().set_no_data_value(Some(nodata)).unwrap();
            }
        });
    };
    assert!(
        (holes(&["--scale", "0,1"], &|| f32s(f32::MIN, Some(-3.4028234663852886e38))) - gap).abs()
            < 1e-6
    );
    assert!((holes(&["--scale", "0,1"], &|| f32s(f32::NAN, None)) - gap).abs() < 1e-6);
    assert!((holes(&["--scale", "0,1"], &|| f32s(f32::NAN, Some(f64::NAN))) - gap).abs() < 1e-6);
    assert!((holes(&["--scale", "0,1"], &|| f32s(0.0, None)) - gap).abs() < 1e-6);
}

#[test]
fn grey_is_surveyed_and_says_what_it_cannot_tell() {
    let folder = tempfile::tempdir().unwrap();
    let (grey, alpha, bits) = (
        folder.path().join("grey.tif"),
        folder.path().join("alpha.tif"),
        folder.path().join("bits.tif"),
    );
    let [_, green, _] = colours();
    raster(&grey, SIZE, std::slice::from_ref(&green), &[], |_| {});
    let opaque: Vec<u8> =
        (0..green.len()).map(|at| if at % SIZE.0 < 16 { 0 } else { 255 }).collect();
    raster(&alpha, SIZE, &[green.clone(), opaque], &["ALPHA=YES"], |_| {});
    raster(
        &bits,
        SIZE,
        &[green.iter().map(|value| value & 1).collect::<Vec<u8>>()],
        &["NBITS=1"],
        |_| {},
    );
    for (path, assessed) in [(&grey, 12.0), (&alpha, 11.52), (&bits, 12.0)] {
        let (ran, map) = survey(path, &path.with_extension(""), &["red-boxes"], &[]);
        // The squares are black in green, and black may be a collar.
        assert_eq!(ran.code, 0, "{}: {}", path.display(), ran.stderr);
        let told = ran.stderr.lines().filter(|line| line.contains("plants cannot be told")).count();
        assert_eq!(told, 1, "{}", ran.stderr);
        assert!(ran.stdout.contains("plants cannot be told"), "{}", ran.stdout);
        let area: f64 = rows(&map, "assessed").iter().map(|row| row.area()).sum();
        assert!(
            (area - assessed).abs() < 0.5 && area < assessed + 1e-6,
            "{}: {area}",
            path.display()
        );
        assert!(rows(&map, "run").iter().any(|row| row.text("value").starts_with("grey:")));
    }
    let ran =
        rams(&["inspect", bits.to_str().unwrap(), "--model", model("red-boxes").to_str().unwrap()]);
    assert!(
        ran.stdout.contains("values: Byte (1 bit)") && ran.stdout.contains("grey: without colours"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_report_shows_what_was_read_as_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("u16.tif"), folder.path().join("out"));
    raster(&path, SIZE, &wider(|value| u16::from(value) * 257), &["PROFILE=GeoTIFF"], |dataset| {
        dataset.set_spatial_ref(&SpatialRef::from_epsg(32634).unwrap()).unwrap();
    });
    let (ran, map) =
        survey(&path, &out, &["red-boxes"], &["--scale", "0,65535", "--bands", "3,2,1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let record = rows(&map, "run");
    let flags = record.iter().find(|row| row.text("name") == "u16: read with").unwrap();
    assert_eq!(flags.text("value"), "--bands=3,2,1 --scale=0,65535");
    let ran = rams(&["report", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("data:image/jpeg") && !ran.stderr.contains("--scale"), "{}", ran.stderr);
}
