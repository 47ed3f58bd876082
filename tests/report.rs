//! `rams report`, from an orthomosaic that is painted here to the page.

use crate::support::{Ortho, Ran, rams, rows, survey};
use base64::{Engine, engine::general_purpose::STANDARD};
use image::RgbImage;
use scraper::{ElementRef, Html, Selector};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A survey of a painted orthomosaic of 4 x 3 m with three red squares, without image in its upper
/// right corner; turned by some degrees if asked for. The survey's folder and the file.
fn surveyed(folder: &Path, turned: bool) -> (PathBuf, PathBuf) {
    let ortho = folder.join("field.tif");
    let squares = [(40, 40), (200, 150), (215, 160)].into_iter();
    let mut painted = squares.fold(Ortho::new(400, 300), |ortho, (x, y)| ortho.square(x, y));
    if turned {
        let (sin, cos) = 30f64.to_radians().sin_cos();
        painted.geotransform =
            [500_000.0, 0.01 * cos, 0.01 * sin, 1_000.0, 0.01 * sin, -0.01 * cos];
    }
    painted.without(|x, y| x >= 300 && y < 100).write(&ortho);
    let out = folder.join("survey");
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (out, ortho)
}

fn report(dir: &Path, more: &[&str]) -> Ran {
    rams(&[&["report", dir.to_str().unwrap()], more].concat())
}

fn page(dir: &Path) -> Html {
    let page = Html::parse_document(&fs::read_to_string(dir.join("report.html")).unwrap());
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    page
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(page: &Html, selector: &str) -> String {
    all(page, selector).iter().flat_map(|element| element.text()).collect()
}

/// Pictures of drawings.
fn pictures(page: &Html, selector: &str) -> Vec<RgbImage> {
    let decode = |image: &ElementRef<'_>| {
        let jpeg = image.attr("href").unwrap().strip_prefix("data:image/jpeg;base64,").unwrap();
        image::load_from_memory(&STANDARD.decode(jpeg).unwrap()).unwrap().to_rgb8()
    };
    all(page, &format!("{selector} image")).iter().map(decode).collect()
}

#[test]
fn the_page_says_what_the_survey_says() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, _) = surveyed(folder.path(), false);
    let ran = report(&dir, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout.trim(), dir.join("report.html").to_str().unwrap());

    let (page, map) = (page(&dir), dir.join("survey.gpkg"));
    let areas = rows(&map, "hazard_areas");
    assert!(!areas.is_empty());
    for area in &areas {
        assert_eq!(all(&page, &format!("table.areas tr[data-area={}]", area.text("id"))).len(), 1);
    }
    let value = |selector: &str, index: usize| -> f64 {
        all(&page, &format!("{selector} data"))[index].attr("value").unwrap().parse().unwrap()
    };
    let sum =
        |layer: &str| -> f64 { rows(&map, layer).iter().map(|row| row.number("area_m2")).sum() };
    let (shas, indications): (Vec<_>, Vec<_>) =
        areas.iter().partition(|area| area.text("land_class") == "SHA");
    let sha_m2: f64 = shas.iter().map(|area| area.number("area_m2")).sum();
    assert_eq!(value("#by-district tfoot", 0), shas.len() as f64);
    assert!((value("#by-district tfoot", 1) - sha_m2).abs() < 0.002);
    assert_eq!(value("#by-district tfoot", 2), indications.len() as f64);
    assert_eq!(
        value("#by-district tfoot", 3),
        rows(&map, "features").len() as f64,
        "red squares are AP mines"
    );
    assert!((value(".shares tbody", 0) - sum("assessed")).abs() < 0.002);
    let nodata = rows(&map, "gaps").into_iter().filter(|row| row.text("reason") == "nodata");
    assert!(
        (value(".shares tbody", 1) - nodata.map(|row| row.number("area_m2")).sum::<f64>()).abs()
            < 0.002
    );
    // The toy model has no card, and the report says what that means.
    assert!(text(&page, "#models").contains("was not at hand"));
    let said = page.root_element().text().collect::<String>().to_lowercase();
    assert!(!said.contains("safe") && !said.contains("clear"));
}

#[test]
fn chips_show_what_was_found() {
    for turned in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (dir, _) = surveyed(folder.path(), turned);
        assert_eq!(report(&dir, &[]).code, 0);
        let chips = pictures(&page(&dir), ".chip");
        assert_eq!(chips.len(), 3);
        // Two of the squares lie in the middle of their picture; that of the third is cut at the
        // border.
        let is_red = |chip: &&RgbImage| {
            let middle = chip.get_pixel(chip.width() / 2, chip.height() / 2).0;
            middle[0] > 200 && middle[1] < 90
        };
        assert!(chips.iter().filter(is_red).count() >= 2, "turned: {turned}");
    }
}

#[test]
fn ground_without_image_is_neither_black_nor_white() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, _) = surveyed(folder.path(), false);
    assert_eq!(report(&dir, &[]).code, 0);
    let overview = pictures(&page(&dir), ".overview").remove(0);
    assert_eq!(overview.dimensions(), (400, 300), "not enlarged");
    let near = |at: (u32, u32), to: [u8; 3]| {
        overview.get_pixel(at.0, at.1).0.iter().zip(to).all(|(a, b)| a.abs_diff(b) < 8)
    };
    assert!(near((350, 50), [226, 226, 222]) && !near((350, 150), [226, 226, 222]));
}

#[test]
fn an_orthomosaic_that_has_moved_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, ortho) = surveyed(folder.path(), false);
    let moved = folder.path().join("elsewhere.tif");
    fs::rename(&ortho, &moved).unwrap();
    let ran = report(&dir, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("without pictures: cannot open ")
            && ran.stderr.contains("`--ortho FILE`"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let without = page(&dir);
    assert!(
        pictures(&without, "svg").is_empty()
            && text(&without, ".overview").contains("Without the imagery")
    );
    assert_eq!(all(&without, ".chip").len(), 3);

    let ran = report(&dir, &["--ortho", moved.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(pictures(&page(&dir), ".chip").len(), 3);

    let other = folder.path().join("other.tif");
    Ortho::new(300, 300).write(&other);
    let ran = report(&dir, &["--ortho", other.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("is not the file that was surveyed: it has 300 x 300 px"),
        "{}",
        ran.stderr
    );
    // Made again, on the same grid: without the finds.
    Ortho::new(400, 300).write(&other);
    let ran = report(&dir, &["--ortho", other.to_str().unwrap()]);
    let told = ran.stderr.contains("other.tif is not the file that was surveyed: its SHA-256 is ");
    assert!(ran.code == 1 && told, "{}", ran.stderr);
    fs::rename(&other, &ortho).unwrap();
    let ran = report(&dir, &[]);
    let told = ran.stderr.contains("field.tif is not the file that was surveyed: its SHA-256 is ");
    assert!(ran.code == 0 && told, "{}", ran.stderr);
    assert!(pictures(&page(&dir), "svg").is_empty());
}

/// Prints the report with a browser; the only programs that it finds are those of a folder.
fn printed(dir: &Path, browser: &str, programs: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rams"));
    command
        .args(["report", dir.to_str().unwrap(), "--pdf"])
        .env("BROWSER", browser)
        .env("PATH", programs);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn without_a_browser_there_is_a_page_to_print() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, _) = surveyed(folder.path(), false);
    for (browser, said) in [
        ("", "no browser is installed that prints"),
        ("/no/such", "BROWSER names /no/such, which is not there"),
        ("/bin/true", "/bin/true printed nothing: open "),
    ] {
        let (code, stderr) = printed(&dir, browser, folder.path());
        assert!(code == 1 && stderr.contains(said), "{stderr}");
        assert!(dir.join("report.html").exists() && !dir.join("report.pdf").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_browser_that_is_found_prints_beside_the_page() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (dir, _) = surveyed(folder.path(), false);
    // It prints only without its sandbox, as in a container, and only a page that is there.
    let script = "#!/bin/sh\nfor a in \"$@\"; do case \"$a\" in --print-to-pdf=*) to=\"${a#*=}\";; \
                  --no-sandbox) bare=1;; file://*) page=\"${a#file://}\";; esac; done\n[ \"$bare\" \
                  ] && [ -s \"$page\" ] && echo %PDF > \"$to\"\n";
    let browser = folder.path().join("chromium");
    fs::write(&browser, script).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, stderr) = printed(&dir, "", folder.path());
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(fs::read(dir.join("report.pdf")).unwrap(), b"%PDF\n");
    let left: Vec<_> =
        fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn without_a_survey_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ran = report(folder.path(), &[]);
    assert!(ran.code == 1 && ran.stderr.contains("run `rams survey` first"), "{}", ran.stderr);
}
