use crate::block::{Painter, Region};
use crate::{SceneError, SceneSpec, TrueObject, paint};
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
    let band = |band| dataset.rasterband(band).and_then(|band| band.read_band_as::<u8>()).expect("a band reads");
    (1..=4).map(|number| band(number).data().to_vec()).collect()
}

fn on_threads(threads: usize, spec: &SceneSpec, out: &Path) -> Vec<TrueObject> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool starts");
    pool.install(|| paint(spec, out)).expect("a scene is painted").objects
}

#[test]
fn a_seed_is_a_scene_whatever_the_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, four, other] = ["one.tif", "four.tif", "other.tif"].map(|name| folder.path().join(name));
    assert_eq!(on_threads(1, &small(7), &one), on_threads(4, &small(7), &four));
    assert!(pixels(&one) == pixels(&four), "pixels differ between 1 and 4 threads");
    on_threads(2, &small(8), &other);
    assert!(pixels(&one) != pixels(&other), "another seed gives the same pixels");
    let mut left: Vec<_> =
        folder.path().read_dir().expect("lists").map(|entry| entry.expect("an entry").file_name()).collect();
    left.sort();
    let whole = ["four.tif", "four_truth.gpkg", "one.tif", "one_truth.gpkg", "other.tif", "other_truth.gpkg"]
        .map(std::ffi::OsString::from);
    assert_eq!(left, whole, "temporary files are left");
}

#[test]
fn a_pixel_does_not_depend_on_the_region_it_is_painted_with() {
    let painter = Painter::new(&small(3));
    let whole = Region { x: 301, y: 207, width: 150, height: 90 };
    let all = painter.paint(whole);
    for (x, y, width, height) in [(301, 207, 64, 64), (333, 240, 17, 31), (450, 296, 1, 1)] {
        let part = painter.paint(Region { x, y, width, height });
        for row in 0..height {
            let first = (y as usize + row - 207) * whole.width + x as usize - 301;
            assert_eq!(&part[row * width..(row + 1) * width], &all[first..first + width], "row {row} of {x},{y}");
        }
    }
}

#[test]
fn objects_change_pixels_within_their_truth_and_shadow_only() {
    let spec = small(7);
    let painter = Painter::new(&spec);
    let mut bare = painter.clone();
    bare.layout = painter.layout.without_objects();
    let truth = crate::truth::truth(&spec, &painter.layout);
    assert!(truth.iter().filter(|object| object.class == "pfm-1").count() >= 3);
    let whole = Region { x: 0, y: 0, width: 1000, height: 800 };
    let (with, without) = (painter.paint(whole), bare.paint(whole));
    // What lies over an object, its shadow, the darkness at its foot and the blur, pixels.
    let reach = |object: &crate::object::Object| {
        (object.radius_m + object.height_m * painter.layout.sun.shadow_per_height + 0.012) / spec.gsd_m + 2.0
    };
    let mut changed = vec![0; truth.len()];
    for (index, _) in with.iter().zip(&without).enumerate().filter(|(_, (with, without))| with != without) {
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
fn a_pfm_1_has_its_size() {
    let spec = SceneSpec { size: RasterSize { width: 3000, height: 2250 }, gsd_m: 0.008, ..SceneSpec::default() };
    let truth = crate::truth::truth(&spec, &crate::layout::Layout::new(&spec));
    let mines: Vec<_> = truth.iter().filter(|object| object.class == "pfm-1").collect();
    assert!(mines.len() > 10);
    for mine in mines {
        // Less where it is tilted or partly in the ground.
        assert!((0.085..0.126).contains(&mine.length_m), "{} m long", mine.length_m);
        assert!((0.040..0.066).contains(&mine.width_m), "{} m wide", mine.width_m);
        let outline = mine.outline.bounding_rect().expect("an outline has bounds");
        assert!(outline.width().hypot(outline.height()) < 0.2);
    }
    for class in ["ksf-casing", "tm-62m", "pmn-1", "9n235", "trench", "berm"] {
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
    assert!(read.iter().zip(spec.geotransform()).all(|(read, want)| (read - want).abs() < 1e-6), "{read:?}");
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
        let field = |name: &str| feature.field_index(name).and_then(|index| feature.field_as_double(index));
        assert_eq!(field("px_x0").expect("a number"), Some(object.px.x0));
        let g = spec.geotransform();
        let (x, y) = (object.px.centre().x, object.px.centre().y);
        let ground = coord! { x: g[0] + x * g[1] + y * g[2], y: g[3] + x * g[4] + y * g[5] };
        assert!(object.outline.bounding_rect().expect("bounds").contains(&ground), "{} is misplaced", object.class);
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
    assert!(matches!(paint(&tiny, nowhere), Err(SceneError::Write { path, .. }) if path == nowhere));
}

#[test]
fn coarse_and_tiny_scenes_are_painted_too() {
    let folder = tempfile::tempdir().expect("a folder");
    for (width, height, gsd_m) in [(1, 1, 0.004), (300, 7, 0.1), (256, 256, 1.0)] {
        let spec = SceneSpec { size: RasterSize { width, height }, gsd_m, ..SceneSpec::default() };
        let out = folder.path().join(format!("{width}.tif"));
        paint(&spec, &out).expect("a scene is painted");
        assert_eq!(pixels(&out)[0].len(), (width * height) as usize);
    }
}
