//! No ground is silently passed over: what was assessed and what was not make up the raster.

use crate::support::{Ortho, Row, model, rows, survey};
use std::{fs, path::Path};

fn of_model<'a>(rows: &'a [Row], model: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| row.text("model") == model).collect()
}

/// The model `red-boxes` in a folder of its own, with another description.
fn red_boxes(folder: &Path, edit: impl Fn(String) -> String) {
    fs::create_dir(folder).unwrap();
    fs::copy(model("red-boxes").join("red-boxes.onnx"), folder.join("red-boxes.onnx")).unwrap();
    let text = fs::read_to_string(model("red-boxes").join("model.toml")).unwrap();
    let edited = edit(text.clone());
    assert_ne!(edited, text);
    fs::write(folder.join("model.toml"), edited).unwrap();
}

/// A number 0 to 1 for a place.
fn noise(x: usize, y: usize) -> f64 {
    let mixed = (x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B))
        .wrapping_mul(0xC2B2_AE35) as u32;
    f64::from((mixed ^ (mixed >> 15)).wrapping_mul(0x27D4_EB2F) >> 8) / f64::from(1 << 24)
}

fn green(by: f64) -> [u8; 3] {
    [100.0, 135.0, 80.0].map(|value: f64| (value * (1.0 + by)).clamp(0.0, 255.0) as u8)
}

/// Green, with blades of grass as fine as the pixels.
fn lawn(x: usize, y: usize) -> [u8; 3] {
    green(0.3 * (noise(x, y) - 0.5))
}

/// The same green, with leaves and the dark between them of 5 cm.
fn forest(x: usize, y: usize) -> [u8; 3] {
    green(1.2 * (noise(x / 5, y / 5) - 0.6) + 0.2 * (noise(x, y) - 0.5))
}

#[test]
fn a_forest_is_not_assessed_and_says_so_in_large_letters() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out, model) =
        (folder.path().join("wood.tif"), folder.path().join("out"), folder.path().join("red"));
    // A square under the trees: what is found is reported, wherever it lies.
    Ortho::new(700, 400).paint(0, forest).square(300, 200).write(&ortho);
    red_boxes(&model, |text| text.replace("hidden_by = []\n", ""));
    let (ran, map) = survey(&ortho, &out, &[model.to_str().unwrap()], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let loud = "NOT ASSESSED: 100 % OF THE GROUND OF wood (vegetation 100 %) FOR red-square";
    assert!(ran.stdout.contains(loud), "{}", ran.stdout);
    assert!(rows(&map, "assessed").is_empty());
    assert_eq!(rows(&map, "features").len(), 1);
    let (ran, _) =
        survey(&ortho, &folder.path().join("json"), &[model.to_str().unwrap()], &["--json"]);
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let unseen = &summary["not_assessed"][0];
    assert_eq!(unseen["classes"][0], "red-square");
    assert_eq!(
        [&unseen["share"], &unseen["by_reason"]["vegetation"]].map(|share| share.as_f64().unwrap()),
        [1.0, 1.0]
    );
}

#[test]
fn a_lawn_with_mines_is_assessed() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, model) = (folder.path().join("lawn.tif"), folder.path().join("red"));
    let spots = (0..20).map(|i| (20 + i % 5 * 140, 20 + i / 5 * 100));
    spots
        .fold(Ortho::new(700, 400).paint(0, lawn), |ortho, (x, y)| ortho.square(x, y))
        .write(&ortho);
    red_boxes(&model, |text| text.replace("hidden_by = []\n", ""));
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &[model.to_str().unwrap()], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains("NOT ASSESSED"), "{}", ran.stdout);
    assert_eq!(rows(&map, "features").len(), 20);
    let assessed: f64 = rows(&map, "assessed").iter().map(Row::area).sum();
    assert!((assessed - 28.0).abs() < 1e-6, "{assessed}");
}

#[test]
fn what_hides_one_class_is_assessed_for_another_and_each_has_the_whole_raster() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, model) = (folder.path().join("edge.tif"), folder.path().join("red"));
    Ortho::new(700, 400).paint(0, lawn).paint(450, forest).without(|x, _| x < 100).write(&ortho);
    let other = "\n[[class]]\nname = \"tall\"\nindicator = \"mine_surface\"\neo_category = \
                 \"UXO\"\n\
                 geometry = \"point\"\nsize_m = [0.1, 0.16]\ngsd_max_m = 0.02\nthreshold = \
                 0.5\nhidden_by = [\"shadow\"]\n";
    red_boxes(&model, |text| text.replace("hidden_by = []\n", "") + other);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &[model.to_str().unwrap()], &[]);
    // A third of what has an image is hidden from one class: worth a gap, and no alarm.
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains("NOT ASSESSED"), "{}", ran.stdout);
    let (assessed, gaps) = (rows(&map, "assessed"), rows(&map, "gaps"));
    let (assessed, gaps) = (of_model(&assessed, "red-boxes"), of_model(&gaps, "red-boxes"));
    assert_eq!((assessed.len(), gaps.len()), (2, 2));
    for class in ["red-square", "tall"] {
        let of_class = |row: &&&Row| row.text("classes").split(',').any(|name| name == class);
        let both = || assessed.iter().chain(&gaps).filter(of_class);
        let sum: f64 = both().map(|row| row.area()).sum();
        assert!((sum - 28.0).abs() < 1e-6, "{class}: {sum}");
        for (x, y) in (0..400).step_by(7).flat_map(|y| (0..700).step_by(7).map(move |x| (x, y))) {
            let (east, north) =
                (500_000.0 + (f64::from(x) + 0.5) * 0.01, 1_000.0 - (f64::from(y) + 0.5) * 0.01);
            assert_eq!(
                both().filter(|row| row.covers(east, north)).count(),
                1,
                "{class} at {x}, {y}"
            );
        }
        let hidden: f64 = gaps
            .iter()
            .filter(of_class)
            .filter(|row| row.text("reason") == "vegetation")
            .map(|row| row.area())
            .sum();
        // To a block of 32 px, as an edge is judged with what is on both sides of it.
        let (least, most) = if class == "tall" { (0.0, 0.0) } else { (2.18 * 4.0, 2.82 * 4.0) };
        assert!((least..=most).contains(&hidden), "{class}: {hidden}");
    }
}

#[test]
fn assessed_ground_and_gaps_partition_the_raster() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    // A slanted flight edge, and a hole.
    let empty = |x: usize, y: usize| {
        x + 2 * y < 300 || ((500..540).contains(&x) && (200..233).contains(&y))
    };
    Ortho::new(700, 400).without(empty).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (assessed, gaps) = (rows(&map, "assessed"), rows(&map, "gaps"));
    let (assessed, gaps) = (of_model(&assessed, "red-boxes"), of_model(&gaps, "red-boxes"));
    let whole_m2 = 7.0 * 4.0;
    let sum: f64 = assessed.iter().chain(&gaps).map(|row| row.area()).sum();
    assert!((sum - whole_m2).abs() < 1e-6, "{sum}");
    for y in (0..400).step_by(3) {
        for x in (0..700).step_by(3) {
            let (east, north) =
                (500_000.0 + (x as f64 + 0.5) * 0.01, 1_000.0 - (y as f64 + 0.5) * 0.01);
            let seen = assessed.iter().any(|row| row.covers(east, north));
            let gap = gaps.iter().any(|row| row.covers(east, north));
            assert!(seen != gap, "{x}, {y} is in {} layers", u8::from(seen) + u8::from(gap));
            assert!(!(seen && empty(x, y)), "{x}, {y} has no image and counts as assessed");
        }
    }
    // The border costs less than a cell's width on the inside of the flight's edge.
    let empty_m2 = (0..700 * 400).filter(|at| empty(at % 700, at / 700)).count() as f64 * 1e-4;
    let gap_m2: f64 = gaps.iter().map(|row| row.area()).sum();
    assert!(gap_m2 < empty_m2 + 0.16 * 4.0 + 4.0 * 0.16 * 0.5, "{gap_m2} of {empty_m2}");
    assert!(gaps.iter().all(|row| row.text("reason") == "nodata"));
}

#[test]
fn a_missing_pixel_is_not_averaged_away_at_any_scale() {
    // Pixels of 2, 6.25, 10 and 19 mm for a model of 10 mm; one pixel in 25 without an image.
    for pixel_m in [0.002, 0.006_25, 0.01, 0.019] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ortho.tif");
        let mut ortho = Ortho::new(800, 400).without(|x, y| x < 400 && x % 5 == 2 && y % 5 == 2);
        (ortho.geotransform[1], ortho.geotransform[5]) = (pixel_m, -pixel_m);
        ortho.write(&path);
        let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let whole_m2 = 800.0 * 400.0 * pixel_m * pixel_m;
        let nodata: f64 = rows(&map, "gaps")
            .iter()
            .filter(|row| row.text("reason") == "nodata")
            .map(Row::area)
            .sum();
        // The left half, and less than a cell more.
        let cell_m2 = 0.16 * 400.0 * pixel_m;
        assert!(
            nodata >= whole_m2 / 2.0 - 3.0 * 400.0 * pixel_m * pixel_m,
            "{pixel_m}: {nodata} of {whole_m2}"
        );
        assert!(nodata <= whole_m2 / 2.0 + cell_m2, "{pixel_m}: {nodata} of {whole_m2}");
    }
}

#[test]
fn an_undeclared_collar_is_a_gap_at_any_scale() {
    for (pixel_m, collar) in [(0.002, [0; 3]), (0.01, [0; 3]), (0.002, [255; 3]), (0.01, [255; 3])]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ortho.tif");
        let mut ortho = Ortho::new(800, 400).fill((0, 400), (0, 400), collar);
        (ortho.geotransform[1], ortho.geotransform[5]) = (pixel_m, -pixel_m);
        ortho.write(&path);
        let (_, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
        let assessed: f64 = rows(&map, "assessed").iter().map(Row::area).sum();
        let whole_m2 = 800.0 * 400.0 * pixel_m * pixel_m;
        assert!(
            assessed <= whole_m2 / 2.0 + 1e-9,
            "{collar:?} at {pixel_m}: {assessed} of {whole_m2}"
        );
        assert!(
            assessed > whole_m2 / 2.0 - 0.16 * 400.0 * pixel_m,
            "{collar:?} at {pixel_m}: {assessed}"
        );
    }
}

#[test]
fn an_orthomosaic_without_any_image_is_exit_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).without(|_, _| true).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(rows(&map, "assessed").is_empty());
}

#[test]
fn a_damaged_jpeg_block_is_a_gap_and_not_grey_ground() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.tif");
    let mut ortho = Ortho::new(512, 512).square(40, 40);
    ortho.compression = "JPEG";
    ortho.write(&path);
    let mut bytes = fs::read(&path).unwrap();
    let (from, to) = (bytes.len() * 60 / 100, bytes.len() * 75 / 100);
    bytes[from..to].fill(0);
    fs::write(&path, bytes).unwrap();
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &["--threads", "1"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let gaps = rows(&map, "gaps");
    let unreadable: f64 =
        gaps.iter().filter(|row| row.text("reason") == "unreadable").map(Row::area).sum();
    // 15 % of the bytes are two or three of the 16 blocks, each read by the tiles around it.
    assert!(unreadable > 2.0 * 1.28 * 1.28, "{unreadable}");
    assert_eq!(rows(&map, "features").len(), 1);
}

#[test]
fn a_tile_with_more_finds_than_the_model_lists_is_a_gap() {
    // 81 squares in a core; the model lists 50 in a tile.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.tif");
    let spots = (0..81).map(|i| (4 + i % 9 * 13, 4 + i / 9 * 13));
    spots.fold(Ortho::new(384, 128), |ortho, (x, y)| ortho.square(x, y)).write(&path);
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(rows(&map, "features").len() >= 50, "what was listed is kept");
    let gaps = rows(&map, "gaps");
    let full = gaps.iter().find(|row| row.text("reason") == "model_failed").unwrap();
    assert!(full.text("detail").contains("room for 50 finds"), "{}", full.text("detail"));
    assert!(full.covers(500_000.6, 999.4) && !full.covers(500_003.0, 999.4));
}

#[test]
fn stale_overviews_do_not_decide_what_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.tif");
    let square =
        |ortho: Ortho, (x, y): (i64, i64)| ortho.fill((x, x + 55), (y, y + 55), [255, 0, 0]);
    let mut ortho = [(200, 200), (600, 300)].into_iter().fold(Ortho::new(1000, 600), square);
    (ortho.geotransform[1], ortho.geotransform[5]) = (0.002, -0.002);
    // Overviews of an earlier, empty export beside the file.
    Ortho::new(1000, 600).write(&path);
    let mut empty = gdal::Dataset::open(&path).unwrap();
    empty.build_overviews("AVERAGE", &[2, 4], &[]).unwrap();
    drop(empty);
    assert!(folder.path().join("ortho.tif.ovr").exists());
    ortho.write(&path);
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(rows(&map, "features").len(), 2);
}

#[test]
fn pixels_too_coarse_for_a_class_are_a_gap_and_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coarse.tif");
    let mut ortho = Ortho::new(300, 200).fill((50, 200), (50, 100), [255, 0, 0]);
    ortho.geotransform[1] = 0.03;
    ortho.geotransform[5] = -0.03;
    ortho.write(&path);
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("NOT assessed") && ran.stdout.contains("gsd too coarse"),
        "{}",
        ran.stdout
    );
    assert!(rows(&map, "assessed").is_empty() && rows(&map, "features").is_empty());
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "gsd_too_coarse").unwrap();
    assert_eq!(
        (gap.text("classes"), gap.text("detail")),
        ("red-square", "pixels of 0.0300 m: red-square needs 0.0200 m")
    );
    assert!((gap.area() - 300.0 * 200.0 * 9e-4).abs() < 1e-6);
}

#[test]
fn what_no_model_looks_for_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("nothing found; this does not mean that there is nothing"));
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "no_model").unwrap();
    let classes: Vec<_> = gap.text("classes").split(',').collect();
    // The model knows red squares among the surface mines, and no other kind of them.
    assert!(
        classes.contains(&"submunition") && classes.contains(&"mine_surface other than red-square"),
        "{classes:?}"
    );
}

#[test]
fn what_a_model_finds_too_seldom_draws_nothing_and_never_counts_as_assessed() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, seldom) = (folder.path().join("ortho.tif"), folder.path().join("seldom"));
    Ortho::new(200, 200).square(40, 40).write(&ortho);
    // The second class answers for the ground; the first does not.
    let other = "\n[[class]]\nname = \"other\"\nindicator = \"mine_surface\"\neo_category = \
                 \"UXO\"\n\
                 geometry = \"point\"\nsize_m = [0.1, 0.16]\ngsd_max_m = 0.02\nthreshold = 0.5\n";
    red_boxes(&seldom, |text| text.replace("gsd_max_m = 0.02", "gsd_max_m = 0") + other);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &[seldom.to_str().unwrap()], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // What was seen of it is kept, and draws nothing.
    assert!(rows(&map, "features").is_empty() && rows(&map, "hazard_areas").is_empty());
    let detections = rows(&map, "detections");
    assert_eq!((detections.len(), detections[0].text("class")), (1, "red-square"));
    assert_eq!(detections[0].text("out_of_reach"), "1");
    assert!(
        ran.stdout.contains("red-square           1 seen in pixels too coarse for it: no features"),
        "{}",
        ran.stdout
    );
    assert!(rows(&map, "assessed").iter().all(|row| row.text("classes") == "other"));
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "no_model").unwrap();
    assert!(
        gap.text("classes").contains("mine_surface other than other"),
        "{}",
        gap.text("classes")
    );
}

/// `red-boxes` as a family of two kinds, `square` and `brick`, of which the model sees squares;
/// beside it a class that is in reach. Limits are metres per pixel, on pixels of 1 cm.
fn family(folder: &Path, square_m: f64, brick_m: f64) -> String {
    let kind = |name: &str, limit_m: f64| {
        format!(
            "\n[[class]]\nname = \"{name}\"\nindicator = \"mine_surface\"\neo_category = \
             \"AP_MINE\"\n\
             geometry = \"point\"\nsize_m = [0.1, 0.16]\nthreshold = 0.5\nhidden_by = \
             []\ngsd_max_m = {limit_m}\n"
        )
    };
    let child = |name: &str, limit_m: f64| {
        // Of a class that is never assessed the kind would be told by its pixels.
        let named_m = if limit_m > 0.0 { limit_m } else { 0.02 };
        kind(name, limit_m) + &format!("parent = \"red\"\ngsd_name_m = {named_m}\n")
    };
    let classes = [
        child("square", square_m),
        child("brick", brick_m),
        kind("red", 0.02),
        kind("other", 0.02),
    ]
    .concat();
    red_boxes(folder, |text| text.split_once("\n[[class]]").unwrap().0.to_owned() + &classes);
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_family_no_kind_of_which_can_be_assessed_draws_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    (0..8).fold(Ortho::new(300, 200), |ortho, at| ortho.square(20 + 30 * at, 40)).write(&ortho);
    // One kind too coarse, the other never assessed; the family's own limit is that of neither.
    for (name, square_m, brick_m) in
        [("never", 0.0, 0.005), ("coarse", 0.005, 0.0), ("both", 0.005, 0.006)]
    {
        let model = family(&folder.path().join(name), square_m, brick_m);
        let (ran, map) = survey(&ortho, &folder.path().join(format!("out-{name}")), &[&model], &[]);
        assert_eq!(ran.code, 3, "{name}: {}", ran.stderr);
        assert!(
            rows(&map, "features").is_empty() && rows(&map, "hazard_areas").is_empty(),
            "{name}"
        );
        let detections = rows(&map, "detections");
        assert_eq!(detections.len(), 8, "{name}");
        assert!(detections.iter().all(|row| row.text("out_of_reach") == "1"), "{name}");
        let record = rows(&map, "run");
        let noted = record.iter().find(|row| row.text("section") == "out of reach").unwrap();
        assert_eq!(noted.text("name"), "ortho by red-boxes: square");
        assert!(noted.text("value").starts_with("8 detections"), "{}", noted.text("value"));
        // All of the ground is a gap for each kind, and none of it is assessed.
        let gaps = rows(&map, "gaps");
        let is_gap = |kind: &str| {
            gaps.iter().any(|row| row.text("classes").contains(kind) && row.area() > 5.99)
        };
        let is_named = |kind: &str| is_gap(kind) || is_gap("mine_surface other than");
        assert!(is_named("square") && is_named("brick"), "{name}");
        assert!(rows(&map, "assessed").iter().all(|row| row.text("classes") == "other"), "{name}");
    }
}

#[test]
fn a_family_one_kind_of_which_can_be_assessed_stays() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(300, 200).square(40, 40).write(&ortho);
    // The kind that is seen cannot be assessed, its sister can: it may be either.
    for (name, square_m, expected) in
        [("never", 0.0, "red"), ("coarse", 0.005, "red"), ("within", 0.02, "square")]
    {
        let model = family(&folder.path().join(name), square_m, 0.02);
        let (ran, map) = survey(&ortho, &folder.path().join(format!("out-{name}")), &[&model], &[]);
        assert!([0, 3].contains(&ran.code), "{name}: {}", ran.stderr);
        let features = rows(&map, "features");
        assert_eq!((features.len(), features[0].text("class")), (1, expected), "{name}");
        assert_eq!(rows(&map, "detections")[0].text("out_of_reach"), "0", "{name}");
    }
}

#[test]
fn unreadable_ground_is_a_gap_and_the_rest_is_surveyed() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(400, 400).square(40, 40).write(&ortho);
    let bytes = fs::read(&ortho).unwrap();
    fs::write(&ortho, &bytes[..bytes.len() * 7 / 10]).unwrap();
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(rows(&map, "features").len(), 1);
    let gaps = rows(&map, "gaps");
    let unreadable: f64 =
        gaps.iter().filter(|row| row.text("reason") == "unreadable").map(|row| row.area()).sum();
    let assessed: f64 = rows(&map, "assessed").iter().map(|row| row.area()).sum();
    assert!(
        unreadable > 1.0 && (unreadable + assessed - 16.0).abs() < 1e-6,
        "{unreadable} and {assessed}"
    );
}

#[test]
fn a_model_that_fails_leaves_a_gap() {
    // What the model says of a tile with pure blue in it is not a number. Its tiles own 112 x 112
    // px: the blue in the lower right is seen by that tile alone.
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).fill((180, 184), (180, 184), [0, 0, 255]).write(&ortho);
    let broken = model("foreign").join("nan-on-blue.onnx");
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &[broken.to_str().unwrap()], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "model_failed").unwrap();
    let side_m = f64::from(200 - 112) / 100.0;
    assert!((gap.area() - side_m * side_m).abs() < 1e-6, "{}", gap.area());
    assert!(gap.text("detail").contains("not finite"), "{}", gap.text("detail"));
    let assessed: f64 = rows(&map, "assessed").iter().map(crate::support::Row::area).sum();
    assert!((assessed + gap.area() - 4.0).abs() < 1e-6, "{assessed}");
}
