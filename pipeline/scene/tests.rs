mod sheet;

use crate::block::Painter;
use crate::region::Region;
use crate::terrain::{Grid, Lattice};
use crate::{
    Arrangement, CameraSpec, Ground, GroundKind, SceneError, SceneSpec, TrueObject, paint,
    paint_many,
};
use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{BoundingRect, Contains, coord};
use rams_domain::RasterSize;
use std::path::Path;

/// 4 x 3.2 m at 4 mm: room for a scatter of PFM-1, and painted within a second.
fn small(seed: u64) -> SceneSpec {
    SceneSpec { seed, size: RasterSize { width: 1000, height: 800 }, ..SceneSpec::default() }
}

fn pixels(path: &Path) -> Vec<Vec<u8>> {
    let dataset = Dataset::open(path).expect("a scene opens");
    let band = |band| {
        dataset.rasterband(band).and_then(|band| band.read_band_as::<u8>()).expect("a band reads")
    };
    (1..=4).map(|number| band(number).data().to_vec()).collect()
}

fn on_threads(threads: usize, spec: &SceneSpec, out: &Path) -> Vec<TrueObject> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool starts");
    pool.install(|| paint(spec, out)).expect("a scene is painted").objects
}

#[test]
fn a_seed_is_a_scene_whatever_the_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, four, other] =
        ["one.tif", "four.tif", "other.tif"].map(|name| folder.path().join(name));
    assert_eq!(on_threads(1, &small(7), &one), on_threads(4, &small(7), &four));
    assert!(pixels(&one) == pixels(&four), "pixels differ between 1 and 4 threads");
    on_threads(2, &small(8), &other);
    assert!(pixels(&one) != pixels(&other), "another seed gives the same pixels");
    let mut left: Vec<_> = folder
        .path()
        .read_dir()
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    left.sort();
    let whole = ["four", "one", "other"]
        .map(|name| [".tif", "_truth.gpkg", "_truth.json"].map(|end| format!("{name}{end}")));
    let whole: Vec<_> = whole.concat().into_iter().map(std::ffi::OsString::from).collect();
    assert_eq!(left, whole, "temporary files are left");
}

#[test]
fn a_pixel_does_not_depend_on_the_region_it_is_painted_with() {
    pixels_agree(&small(3));
    for seed in [3, 4] {
        pixels_agree(&SceneSpec {
            camera: all_faults(),
            arrangement: Arrangement::Dense,
            ..small(seed)
        });
    }
    // Shadows of works and trees come from far beyond a block.
    for (seed, gsd_m) in [(2, 0.05), (3, 0.05), (4, 0.1), (10, 0.03)] {
        let spec = SceneSpec { gsd_m, arrangement: Arrangement::Earthworks, ..small(seed) };
        pixels_agree(&spec);
        pixels_agree(&SceneSpec { camera: all_faults(), ..spec });
    }
}

/// A camera with every fault at once.
fn all_faults() -> CameraSpec {
    CameraSpec {
        gain: [1.05, 0.98, 0.94],
        contrast: 0.2,
        haze: 0.04,
        motion_px: [1.1, -0.7],
        defocus_px: 0.9,
        noise: 3.0,
        sharpen: 0.5,
        jpeg: Some(70),
        seam_px: 3.0,
        warp_px: 3.0,
        ghost: 0.3,
    }
}

fn pixels_agree(spec: &SceneSpec) {
    let painter = Painter::new(spec).expect("a painter");
    let whole = Region { x: 301, y: 207, width: 150, height: 90 };
    let all = painter.paint(whole);
    for (x, y, width, height) in [(301, 207, 64, 64), (333, 240, 17, 31), (450, 296, 1, 1)] {
        let part = painter.paint(Region { x, y, width, height });
        for row in 0..height {
            let first = (y as usize + row - 207) * whole.width + x as usize - 301;
            assert_eq!(
                &part[row * width..(row + 1) * width],
                &all[first..first + width],
                "row {row} of {x},{y}"
            );
        }
    }
}

#[test]
fn objects_change_pixels_within_their_truth_and_shadow_only() {
    let spec = small(7);
    let painter = Painter::new(&spec).expect("a painter");
    let mut bare = painter.clone();
    bare.layout = painter.layout.without_objects();
    let truth = painter.truth(&spec);
    assert!(truth.iter().filter(|object| object.class == "pfm-1").count() >= 3);
    let whole = Region { x: 0, y: 0, width: 1000, height: 800 };
    let (with, without) = (painter.paint(whole), bare.paint(whole));
    // What lies over an object, its shadow, the darkness at its foot and the blur, pixels.
    let reach = |object: &crate::object::Object| {
        (object.radius_m + object.height_m * painter.layout.sun.shadow_per_height + 0.012)
            / spec.gsd_m
            + 2.0
    };
    let mut changed = vec![0; truth.len()];
    for (index, _) in
        with.iter().zip(&without).enumerate().filter(|(_, (with, without))| with != without)
    {
        let (x, y) = ((index % 1000) as f64 + 0.5, (index / 1000) as f64 + 0.5);
        let mut owned = false;
        for object in &painter.layout.objects {
            let off = object.centre / spec.gsd_m - coord! { x: x, y: y };
            owned |= off.x.abs().max(off.y.abs()) < reach(object);
        }
        for (object, count) in truth.iter().zip(&mut changed) {
            let px = object.px;
            *count += usize::from(x > px.x0 && x < px.x1 && y > px.y0 && y < px.y1);
        }
        assert!(owned, "pixel {x},{y} changed far from any object");
    }
    for (object, count) in truth.iter().zip(changed) {
        let share = count as f64 / object.px.area();
        assert!(share > 0.4, "{} at {:?} changed {share} of its box", object.class, object.px);
    }
}

#[test]
fn the_demo_holds_all_classes_and_a_pfm_1_has_its_size() {
    let spec = SceneSpec {
        size: RasterSize { width: 3000, height: 2250 },
        gsd_m: 0.008,
        ..SceneSpec::default()
    };
    let truth = Painter::new(&spec).expect("a painter").truth(&spec);
    let mines: Vec<_> = truth.iter().filter(|object| object.class == "pfm-1").collect();
    assert!(mines.len() > 10);
    for mine in mines {
        // A tilted one is shorter, a sunk one too.
        assert!((0.08..0.125).contains(&mine.length_m), "{} m long", mine.length_m);
        assert!((0.03..0.066).contains(&mine.width_m), "{} m wide", mine.width_m);
        assert!(mine.visibility < 0.9 || mine.length_m > 0.105, "{} m long", mine.length_m);
        let outline = mine.outline.bounding_rect().expect("an outline has bounds");
        assert!(outline.width().hypot(outline.height()) < 0.2);
    }
    for class in
        crate::classes::CLASSES.iter().map(|(class, _)| *class).chain(["trench_fire", "berm"])
    {
        assert!(truth.iter().any(|object| object.class == class), "no {class} in the demo");
    }
}

#[test]
fn the_file_says_where_it_lies_and_where_it_is_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("turned.tif");
    let spec = SceneSpec { rotation_deg: 20.0, ..small(5) };
    let truth = paint(&spec, &out).expect("a scene is painted");
    let dataset = Dataset::open(&out).expect("a scene opens");
    let read = dataset.geo_transform().expect("a geotransform");
    assert!(
        read.iter().zip(spec.geotransform()).all(|(read, want)| (read - want).abs() < 1e-6),
        "{read:?}"
    );
    assert_eq!(dataset.spatial_ref().and_then(|crs| crs.auth_code()).expect("a code"), 32633);
    let band = dataset.rasterband(4).expect("four bands");
    assert_eq!(band.color_interpretation(), gdal::raster::ColorInterpretation::AlphaBand);
    assert!(band.overview_count().expect("a count") >= 2);
    let alpha = pixels(&out).remove(3);
    assert!(alpha.iter().all(|level| [0, 255].contains(level)));
    let empty = alpha.iter().filter(|level| **level == 0).count() as f64 / alpha.len() as f64;
    assert!((0.08..0.22).contains(&empty), "{empty} of the raster is empty");
    assert_eq!(alpha[400 * 1000 + 500], 255);

    let truth_file = Dataset::open(&truth.path).expect("the truth opens");
    let mut layer = truth_file.layer_by_name("truth").expect("its layer");
    assert_eq!(layer.feature_count() as usize, truth.objects.len());
    for (feature, object) in layer.features().zip(&truth.objects) {
        let field =
            |name: &str| feature.field_index(name).and_then(|index| feature.field_as_double(index));
        assert_eq!(field("px_x0").expect("a number"), Some(object.px.x0));
        let g = spec.geotransform();
        let (x, y) = (object.px.centre().x, object.px.centre().y);
        let ground = coord! { x: g[0] + x * g[1] + y * g[2], y: g[3] + x * g[4] + y * g[5] };
        assert!(
            object.outline.bounding_rect().expect("bounds").contains(&ground),
            "{} is misplaced",
            object.class
        );
    }
}

#[test]
fn nonsense_is_refused_by_name() {
    let nowhere = Path::new("/nonexistent/out.tif");
    let refuse = |spec: SceneSpec| paint(&spec, nowhere).expect_err("it is refused").to_string();
    let empty = RasterSize { width: 0, height: 5 };
    assert_eq!(
        refuse(SceneSpec { size: empty, ..small(1) }),
        "cannot paint a scene with size 0x5 px: each side must be 1 to 200000 px"
    );
    for gsd_m in [0.0, -1.0, f64::NAN, 50.0] {
        assert!(refuse(SceneSpec { gsd_m, ..small(1) }).contains("gsd"));
    }
    assert!(refuse(SceneSpec { epsg: 4326, ..small(1) }).contains("EPSG code 4326"));
    let tiny = SceneSpec { size: RasterSize { width: 8, height: 8 }, ..small(1) };
    assert!(
        matches!(paint(&tiny, nowhere), Err(SceneError::Write { path, .. }) if path == nowhere)
    );
}

#[test]
fn coarse_and_tiny_scenes_are_painted_too() {
    let folder = tempfile::tempdir().expect("a folder");
    for (width, height, gsd_m) in [(1, 1, 0.004), (300, 7, 0.1), (256, 256, 1.0)] {
        let spec = SceneSpec { size: RasterSize { width, height }, gsd_m, ..SceneSpec::default() };
        let out = folder.path().join(format!("{width}.tif"));
        paint(&spec, &out).expect("a scene is painted");
        assert_eq!(pixels(&out)[0].len(), (width * height) as usize);
        paint(&SceneSpec { arrangement: Arrangement::Earthworks, ..spec }, &out)
            .expect("earthworks are painted");
        assert_eq!(pixels(&out)[0].len(), (width * height) as usize);
    }
}

#[test]
fn a_scene_that_replaces_another_takes_nothing_of_it_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (spec, out) = (
        SceneSpec { size: RasterSize { width: 64, height: 64 }, ..small(1) },
        folder.path().join("a.tif"),
    );
    paint(&spec, &out).expect("a scene is painted");
    // GDAL takes a place that lies beside the file before the one within it.
    let place = "<PAMDataset><GeoTransform>1, 1, 0, 1, 0, -1</GeoTransform></PAMDataset>";
    std::fs::write(folder.path().join("a.tif.aux.xml"), place).expect("a file");
    std::fs::write(folder.path().join("a_truth.gpkg-shm"), "old").expect("a file");
    paint(&spec, &out).expect("a scene is painted");
    let read = Dataset::open(&out).and_then(|scene| scene.geo_transform()).expect("a geotransform");
    assert!((read[0] - spec.geotransform()[0]).abs() < 1e-6, "{read:?}");
    assert!(!folder.path().join("a_truth.gpkg-shm").exists());
    std::fs::write(folder.path().join("a_truth.gpkg-wal"), "changes").expect("a file");
    let refused = paint(&spec, &out)
        .expect_err("changes to the truth are not replayed into another")
        .to_string();
    assert!(refused.contains("a_truth.gpkg-wal holds changes"), "{refused}");
}

#[test]
fn each_ground_is_another_and_varies_with_the_seed() {
    let paint = |kind: GroundKind, seed: u64| {
        let size = RasterSize { width: 256, height: 200 };
        let spec = SceneSpec {
            seed,
            size,
            ground: Ground::Kind(kind),
            arrangement: Arrangement::Dense,
            ..small(seed)
        };
        let painter = Painter::new(&spec).expect("a painter");
        let pixels = painter.paint(Region { x: 20, y: 20, width: 200, height: 160 });
        let light: Vec<f64> = pixels
            .iter()
            .map(|[r, g, b, _]| f64::from(*r) + f64::from(*g) + f64::from(*b))
            .collect();
        let mean = light.iter().sum::<f64>() / light.len() as f64;
        let deviation = light.iter().map(|l| (l - mean).powi(2)).sum::<f64>().sqrt()
            / (light.len() as f64).sqrt();
        assert!(deviation > 4.0, "{} is flat: {deviation}", kind.name());
        pixels
    };
    for (number, kind) in GroundKind::ALL.into_iter().enumerate() {
        let pixels = paint(kind, 5);
        assert_ne!(pixels, paint(kind, 6));
        assert!(
            GroundKind::ALL[..number].iter().all(|other| paint(*other, 5) != pixels),
            "{} is double",
            kind.name()
        );
    }
}

/// An RGBA photo of 300 x 200 px: red is the column, green the row, and its left third a hole.
fn photo(path: &Path) {
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").expect("a driver");
    let mut file = driver.create_with_band_type::<u8, _>(path, 300, 200, 4).expect("a photo");
    file.set_geo_transform(&[0.0, 0.004, 0.0, 0.0, 0.0, -0.004]).expect("a geotransform");
    file.rasterband(4)
        .and_then(|mut band| {
            band.set_color_interpretation(gdal::raster::ColorInterpretation::AlphaBand)
        })
        .expect("an alpha band");
    for band in 1..=4 {
        let level = |x: usize, y: usize| match band {
            1 => (x * 200 / 300 + 20) as u8,
            2 => (y + 20) as u8,
            3 => 90,
            _ => u8::from(x >= 100) * 255,
        };
        let levels = (0..300 * 200).map(|index| level(index % 300, index / 300)).collect();
        let mut buffer = gdal::raster::Buffer::new((300, 200), levels);
        file.rasterband(band)
            .and_then(|mut band| band.write((0, 0), (300, 200), &mut buffer))
            .expect("a band");
    }
}

#[test]
fn a_photo_is_a_ground_but_its_holes_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("photo.tif");
    photo(&path);
    let spec = |seed| SceneSpec {
        size: RasterSize { width: 700, height: 500 },
        ground: Ground::Photo { path: path.clone(), gsd_m: None },
        ..small(seed)
    };
    let of = |seed| {
        let painter = Painter::new(&spec(seed)).expect("a painter");
        painter.paint(Region { x: 100, y: 100, width: 400, height: 300 })
    };
    let pixels = of(1);
    // Its left third is a hole: no red below the photo's at its edge, but for objects and shadows.
    let odd = pixels.iter().filter(|[r, _, b, _]| *r < 70 || b.abs_diff(90) > 12).count();
    assert!(odd * 10 < pixels.len(), "{odd} pixels are no ground");
    assert_ne!(pixels, of(2), "the seed turns the photo");
    assert!((2..12).any(|seed| of(seed)[0][0] != pixels[0][0]));
    let missing =
        SceneSpec { ground: Ground::Photo { path: "/none.tif".into(), gsd_m: None }, ..small(1) };
    assert!(paint(&missing, &path).expect_err("no such photo").to_string().contains("/none.tif"));
}

#[test]
fn coco_says_what_the_geopackage_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = SceneSpec { arrangement: Arrangement::Dense, camera: all_faults(), ..small(9) };
    let truth = paint(&spec, &folder.path().join("one.tif")).expect("a scene is painted");
    let read = |path: &Path| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let coco = read(&truth.coco);
    let names: Vec<&str> = coco["categories"]
        .as_array()
        .expect("categories")
        .iter()
        .filter_map(|c| c["name"].as_str())
        .collect();
    assert_eq!(
        (names.len(), names[0], names[17], names[18]),
        (25, "pfm-1", "rbk-part", "trench_fire")
    );
    let annotations = coco["annotations"].as_array().expect("annotations");
    assert!(annotations.len() > 5);
    let file = Dataset::open(&truth.path).expect("the truth opens");
    let mut layer = file.layer_by_name("truth").expect("its layer");
    assert_eq!(layer.feature_count() as usize, annotations.len());
    for (feature, annotation) in layer.features().zip(annotations) {
        let index = |name: &str| feature.field_index(name).expect("a field");
        let number =
            |name: &str| feature.field_as_double(index(name)).expect("a number").expect("a number");
        let class = feature.field_as_string(index("class")).expect("a text").expect("a text");
        assert_eq!(names[annotation["category_id"].as_u64().expect("an id") as usize - 1], class);
        let bbox: Vec<f64> = annotation["bbox"]
            .as_array()
            .expect("a box")
            .iter()
            .filter_map(|v| v.as_f64())
            .collect();
        let (x0, y0) = (number("px_x0"), number("px_y0"));
        let visibility = annotation["visibility"].as_f64().expect("a number");
        let same = [x0, y0, number("px_x1") - x0, number("px_y1") - y0, number("visibility")];
        assert!(
            bbox.iter()
                .chain([&visibility])
                .zip(same)
                .all(|(json, gpkg)| (json - gpkg).abs() < 1e-9)
        );
        assert!(annotation["area"].as_f64().expect("an area") <= bbox[2] * bbox[3]);
    }
    let valid = pixels(&truth.orthomosaic)[3].iter().filter(|alpha| **alpha > 0).count() as f64;
    assert!(
        (coco["images"][0]["valid_m2"].as_f64().expect("an area") - valid * 0.004 * 0.004).abs()
            < 1e-9
    );
    // The same scene as one of many.
    let many = paint_many(std::slice::from_ref(&spec), folder.path()).expect("scenes are painted");
    assert_eq!(many, [folder.path().join("9.tif")]);
    assert!(pixels(&many[0]) == pixels(&truth.orthomosaic));
    assert_eq!(read(&folder.path().join("9_truth.json"))["annotations"], coco["annotations"]);
}

#[test]
fn truth_goes_where_the_mosaic_moves_things() {
    let camera =
        |seam_px, warp_px| CameraSpec { seam_px, warp_px, noise: 0.0, ..CameraSpec::plain() };
    let (mut farthest, mut all_off) = (0.0f64, vec![]);
    for seed in 20..24 {
        let spec =
            SceneSpec { arrangement: Arrangement::Dense, camera: camera(3.0, 3.0), ..small(seed) };
        let mut moved = Painter::new(&spec).expect("a painter");
        // Where things lie depends on the seams: the straight scene must hold the same.
        let mut straight = Painter::new(&SceneSpec { camera: camera(0.0, 0.0), ..spec.clone() })
            .expect("a painter");
        straight.layout = moved.layout.clone();
        let truths = [moved.truth(&spec), straight.truth(&spec)];
        let whole = Region { x: 0, y: 0, width: 1000, height: 800 };
        let shows = |painter: &mut Painter| {
            let with = painter.paint(whole);
            painter.layout = painter.layout.without_objects();
            let bare = painter.paint(whole);
            with.iter()
                .zip(&bare)
                .map(|(a, b)| (0..3).map(|band| f64::from(a[band].abs_diff(b[band]))).sum())
                .collect()
        };
        let changes: [Vec<f64>; 2] = [shows(&mut moved), shows(&mut straight)];
        for (there, here) in truths[0].iter().zip(&truths[1]) {
            let shift = there.px.centre() - here.px.centre();
            farthest = farthest.max(shift.x.hypot(shift.y));
            // The middle of what the object changes; `to` tells where the mosaic shows it.
            let middle =
                |change: &[f64], px: rams_domain::PxBox, to: &dyn Fn(geo::Coord) -> geo::Coord| {
                    let (mut sum, mut at) = (0.0, coord! { x: 0.0, y: 0.0 });
                    let bound = |px: f64, limit: f64| px.round().clamp(0.0, limit) as usize;
                    for y in bound(px.y0, 800.0)..bound(px.y1, 800.0) {
                        for x in bound(px.x0, 1000.0)..bound(px.x1, 1000.0) {
                            sum += change[y * 1000 + x];
                            at = at
                                + to(coord! { x: x as f64 + 0.5, y: y as f64 + 0.5 })
                                    * change[y * 1000 + x];
                        }
                    }
                    at / sum
                };
            let image = moved.mosaic.image(here.px.centre() * spec.gsd_m);
            let shown = |at: geo::Coord| moved.mosaic.shown(at * spec.gsd_m, image) / spec.gsd_m;
            let off =
                middle(&changes[0], there.px, &|at| at) - middle(&changes[1], here.px, &shown);
            // A window that cuts a shadow at another part of a pixel moves its middle a little.
            let off_px = off.x.hypot(off.y);
            assert!(
                off_px < 1.2,
                "{} at {:?} is {off_px} px from its truth",
                there.class,
                there.px
            );
            all_off.push(off_px);
        }
    }
    all_off.sort_by(f64::total_cmp);
    assert!(all_off[all_off.len() / 2] < 0.3, "half are {} px off", all_off[all_off.len() / 2]);
    assert!(farthest > 2.0, "nothing moved far: {farthest}");
}

#[test]
fn a_surface_model_is_the_ground_within_its_noise() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut off_m, mut deep) = (vec![], 0);
    for seed in 1..5 {
        let size = RasterSize { width: 601, height: 500 };
        let spec =
            SceneSpec { size, gsd_m: 0.1, arrangement: Arrangement::Earthworks, ..small(seed) };
        let out = folder.path().join("scene.tif");
        paint(&spec, &out).expect("a scene is painted");
        let file = Dataset::open(folder.path().join("scene_dsm.tif")).expect("a surface model");
        assert_eq!(file.raster_size(), (301, 250));
        let [read, ortho] = [&file, &Dataset::open(&out).expect("a scene")]
            .map(|f| f.geo_transform().expect("one"));
        assert!(
            (read[1] - 0.2).abs() < 1e-9 && read[0] == ortho[0] && read[3] == ortho[3],
            "{read:?}"
        );
        let band = file.rasterband(1).expect("a band");
        assert_eq!(band.no_data_value(), Some(-9999.0));
        let heights = band.read_band_as::<f32>().expect("heights").data().to_vec();
        let layout = Painter::new(&spec).expect("a painter").layout;
        let grid = Grid { col: 0, row: 0, cols: 301, rows: 250, step_m: 0.2, shift: 0.5 };
        let lattice = Lattice::new(&layout.terrain, grid, &layout.sun);
        let mut apart = vec![];
        for (index, height_m) in
            heights.iter().enumerate().filter(|(_, height_m)| **height_m > -9999.0)
        {
            let (col, row) = (index % 301, index / 301);
            let at = grid.place(col, row);
            deep += usize::from(lattice.height_m(col, row) < -1.0);
            let reach = coord! { x: 0.6, y: 0.6 };
            if layout.near(at - reach, at + reach).is_empty() {
                apart.push(height_m - layout.terrain.hills(at) - lattice.height_m(col, row));
            }
        }
        apart.sort_by(f32::total_cmp);
        let datum_m = apart[apart.len() / 2];
        off_m.extend(apart.iter().map(|apart_m| (apart_m - datum_m).abs()));
    }
    off_m.sort_by(f32::total_cmp);
    // Half of it within the noise and the bend; walls are smeared.
    let [half, most] = [0.5, 0.95].map(|share| off_m[(off_m.len() as f64 * share) as usize]);
    assert!(half > 0.01 && half < 0.08 && most < 0.35, "half are {half} m off, most {most} m");
    assert!(deep > 100, "no ditch in any of them");
}

#[test]
fn coco_says_how_wide_a_trench_is_and_how_high_the_sun_stood() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut widths = 0;
    for seed in 5..9 {
        let size = RasterSize { width: 400, height: 320 };
        let ground = Ground::Kind(GroundKind::Stubble);
        let spec = SceneSpec {
            size,
            gsd_m: 0.2,
            ground,
            arrangement: Arrangement::Earthworks,
            ..small(seed)
        };
        let truth = paint(&spec, &folder.path().join("one.tif")).expect("a scene is painted");
        let text = std::fs::read_to_string(&truth.coco).expect("a file");
        let coco: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(coco["info"]["ground"], "stubble");
        let sun_deg = coco["info"]["sun_height_deg"].as_f64().expect("a number");
        let sun = Painter::new(&spec).expect("a painter").layout.sun;
        assert!(
            (12.0..=60.0).contains(&sun_deg) && (sun_deg - sun.place_deg()[0]).abs() < 0.06,
            "{sun_deg}"
        );
        let annotations = coco["annotations"].as_array().expect("annotations");
        assert_eq!(annotations.len(), truth.objects.len());
        for (annotation, object) in annotations.iter().zip(&truth.objects) {
            let category = annotation["category_id"].as_u64().expect("an id") as usize;
            assert_eq!(coco["categories"][category - 1]["name"], object.class);
            assert!((19..=25).contains(&category));
            let width_m = annotation["width_m"].as_f64();
            assert_eq!(width_m.is_some(), !object.centrelines.is_empty());
            // A number may lose its last bit on the way through text.
            assert!(width_m.is_none_or(|width_m| (width_m - object.width_m).abs() < 1e-9));
            widths += usize::from(width_m.is_some());
        }
        let file = Dataset::open(&truth.path).expect("the truth opens");
        let lines = file.layer_by_name("centreline").expect("its layer").feature_count() as usize;
        assert_eq!(
            lines,
            truth.objects.iter().map(|object| object.centrelines.len()).sum::<usize>()
        );
    }
    assert!(widths > 2, "no line in any of them");
}
