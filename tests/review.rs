//! `rams review` in a real browser, as a person at a keyboard uses it.

use crate::support::{Browser, Ortho, rams, survey};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A survey of a painted strip of 120 m x 1.2 m with red squares 35 m apart, each of which makes an
/// area of its own; the survey's folder.
pub(crate) fn surveyed(folder: &Path) -> PathBuf {
    let ortho = folder.join("strip.tif");
    let squares = [100, 3600, 7100, 10600];
    let painted = squares.iter().fold(Ortho::new(12_000, 120), |ortho, x| ortho.square(*x, 50));
    painted.write(&ortho);
    let out = folder.join("survey");
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    out
}

/// The program at work on a review; it ends with this.
pub(crate) struct Served {
    program: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(dir: &Path) -> Self {
        Self::start_as(dir, "Aygun")
    }

    pub(crate) fn start_as(dir: &Path, name: &str) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_rams"))
            .args(["review", dir.to_str().unwrap(), "--as", name])
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let url = lines.map_while(Result::ok).find_map(|line| {
            line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
        });
        Self { program, url: url.expect("it prints the address") }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// A browser on the page, with an area open.
pub(crate) fn opened(served: &Served) -> Option<Browser> {
    let browser = Browser::start()?;
    browser.open(&served.url);
    browser.until("document.querySelector('#evidence h2')");
    Some(browser)
}

pub(crate) fn fetched(browser: &Browser, address: &str) -> Value {
    browser.run(&format!("return fetch({address:?}).then((answer) => answer.json());"))
}

/// What was done so far, in the order of the log.
pub(crate) fn kinds(browser: &Browser) -> Vec<String> {
    let log = fetched(browser, "/log?after=0");
    let kind = |event: &Value| event["kind"].as_str().unwrap().to_owned();
    log["events"].as_array().unwrap().iter().map(kind).collect()
}

pub(crate) fn open_item(browser: &Browser) -> String {
    browser.text("#list [aria-selected=true] b")
}

/// Waits for so many events, all of them answered.
pub(crate) fn logged(browser: &Browser, count: usize) {
    let seen = "window.seen = 0; window.watch = setInterval(async () => { \
                const log = await fetch('/log?after=0').then((answer) => answer.json()); \
                window.seen = log.events.length; }, 300);";
    browser.run(&format!("clearInterval(window.watch); {seen}"));
    browser.until(&format!("window.seen >= {count}"));
    browser.until("document.querySelector('#saved').className === 'saved'");
    browser.run("clearInterval(window.watch);");
}

/// Draws a square hole into the outline under edit, so many pixels right of the middle of the map.
pub(crate) fn draw_hole(browser: &Browser, right: f64) {
    browser.run("document.querySelector('[data-tool=hole]').click();");
    let place = |axis: &str, side: &str| {
        let centre = format!(
            "(({{{axis}, {side}}}) => {axis} + {side} / 2)\
             (document.querySelector('#map').getBoundingClientRect())"
        );
        browser.value(&centre).as_f64().unwrap()
    };
    let (x, y) = (place("x", "width") + right, place("y", "height") + 40.0);
    for (east, down, clicks) in
        [(-30.0, -30.0, 1), (30.0, -30.0, 1), (30.0, 30.0, 1), (-30.0, 30.0, 2)]
    {
        browser.click(x + east, y + down, clicks);
    }
    browser.until("document.querySelector('[data-tool=move]').ariaPressed === 'true'");
    browser.until("!document.querySelector('#tool .primary').disabled");
}

#[test]
fn decisions_are_made_by_keys_in_any_layout_and_nothing_leaves_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&surveyed(folder.path()));
    let Some(browser) = opened(&served) else { return };
    assert_eq!(browser.value("document.querySelectorAll('#rows > div').length"), 4);
    let first = open_item(&browser);

    // The keys A, X and D write other letters on a Cyrillic keyboard.
    browser.press("KeyA", "ф");
    browser.until(&format!("!document.getElementById('row-{first}')"));
    logged(&browser, 1);
    let second = open_item(&browser);
    assert_ne!(first, second, "the next one is there");
    browser.press("KeyX", "ч");
    browser.until("document.querySelector('#chooser').open");
    browser.press("Digit2", "2");
    logged(&browser, 2);
    browser.press("KeyD", "в");
    browser.until("document.querySelector('#chooser').open");
    browser.press("Digit1", "1");
    logged(&browser, 3);
    browser.press("Digit1", "1");
    logged(&browser, 4);
    browser.press("KeyU", "г");
    logged(&browser, 5);
    assert_eq!(kinds(&browser), ["accept", "reject", "defer", "verdict", "undo"]);

    let log = fetched(&browser, "/log?after=0");
    let event = &log["events"][1];
    assert_eq!((event["who"].as_str(), event["item"].as_str()), (Some("Aygun"), Some(&*second)));
    assert!(event["reason"].is_string(), "{event}");
    let verified = fetched(&browser, "/log/verify");
    assert_eq!((&verified["ok"], &verified["events"]), (&Value::Bool(true), &Value::from(5)));

    // No key decides while a person writes, and none that is held down.
    browser.press("KeyC", "с");
    browser.until("document.querySelector('#chooser').open");
    browser.press("KeyA", "a");
    browser.press("Escape", "Escape");
    browser.until("!document.querySelector('#chooser').open");
    browser
        .run("window.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyA', repeat: true }));");
    assert_eq!(kinds(&browser).len(), 5);

    let origin = browser.value("location.origin");
    let asked = browser.value("performance.getEntriesByType('resource').map((one) => one.name)");
    let asked = asked.as_array().unwrap();
    assert!(asked.len() > 20, "{asked:?}");
    for name in asked {
        assert!(name.as_str().unwrap().starts_with(origin.as_str().unwrap()), "{name}");
    }
}

#[test]
fn a_hole_is_drawn_into_an_area_and_undo_brings_the_same_bytes_back() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&surveyed(folder.path()));
    let Some(browser) = opened(&served) else { return };
    let item = open_item(&browser);
    let address = format!("/items/{item}");
    let before = fetched(&browser, &address);
    let bytes = |browser: &Browser, event: usize, column: &str| {
        fetched(browser, "/log?after=0")["events"][event][column].as_str().unwrap().to_owned()
    };

    browser.press("KeyE", "у");
    browser.until("!document.querySelector('#tool .primary').disabled");
    draw_hole(&browser, 0.0);
    browser.press("Enter", "Enter");
    logged(&browser, 1);
    let after = fetched(&browser, &address);
    let rings = |item: &Value| item["boundary"]["coordinates"][0].as_array().unwrap().len();
    assert_eq!((rings(&before), rings(&after)), (1, 2));
    assert!(after["area_m2"].as_f64() < before["area_m2"].as_f64());
    // The outer ring was not touched.
    let outer = |item: &Value| item["boundary"]["coordinates"][0][0].clone();
    assert_eq!(outer(&before), outer(&after));

    browser.press("KeyU", "г");
    logged(&browser, 2);
    assert_eq!(kinds(&browser), ["modify", "undo"]);
    assert_eq!(fetched(&browser, &address)["boundary"], before["boundary"]);
    assert_eq!(bytes(&browser, 1, "geom_after"), bytes(&browser, 0, "geom_before"));
}

#[test]
fn what_others_wrote_is_text_and_never_runs() {
    const MARKUP: &str = "<img src=x onerror='window.ran = 1'>";
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    let sql = format!("UPDATE features SET class = '{}'", MARKUP.replace('\'', "''"));
    let map = dir.join("survey.gpkg");
    let edited = Command::new("ogrinfo").args(["-q", map.to_str().unwrap(), "-sql", &sql]).output();
    assert!(edited.unwrap().status.success());
    let served = Served::start(&dir);
    let Some(browser) = opened(&served) else { return };
    browser.press("KeyC", "c");
    browser.until("document.querySelector('#chooser').open");
    browser.write(MARKUP);
    browser.press("Enter", "Enter");
    logged(&browser, 1);
    browser.until("document.querySelector('#evidence ol q')");
    assert_eq!(browser.text("#evidence ol q"), MARKUP);
    assert!(browser.text("#evidence .chip b").contains("<img"), "{}", browser.text("#evidence"));
    assert!(browser.value("window.ran ?? null").is_null());
    assert_eq!(browser.value("document.querySelectorAll('#evidence img[src=x]').length"), 0);
}

#[test]
fn openlayers_is_the_file_that_its_makers_published() {
    // `dist/ol.js` of the package ol@10.10.0 on npm.
    const SHA256: &str = "b89af8ec3b76f564d515fd07fed3ec414aecf8f33f685b77b607451cb0c2029f";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ol.js");
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline/review/page/ol.js.gz");
    let unpacked = Command::new("gzip").arg("-dc").arg(packed).output().unwrap();
    fs::write(&file, unpacked.stdout).unwrap();
    assert_eq!(rams_tile::digest(&file, || false).unwrap().as_deref(), Some(SHA256));
}

/// Writes the pictures of the manual: `cargo test -- --ignored the_pictures_of_the_manual`.
#[test]
#[ignore = "it surveys the sample with the shipped models and writes into docs/"]
fn the_pictures_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ortho, out) = (path("sample.tif"), path("sample"));
    let painted = rams(&["scene", &ortho]);
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/models/surface-ordnance");
    let ran = rams(&["survey", &ortho, "-o", &out, "--model", models]);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let served = Served::start(Path::new(&out));
    let Some(browser) = opened(&served) else { return };
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review");
    fs::create_dir_all(&pictures).unwrap();
    let settled = || std::thread::sleep(std::time::Duration::from_secs(3));
    let picture = |name: &str| {
        settled();
        browser.picture(&pictures.join(name));
    };
    picture("area.png");
    browser.press("Digit1", "1");
    browser.press("Shift+Digit2", "!");
    picture("verdicts.png");
    browser.press("KeyE", "e");
    picture("edit.png");
    browser.press("Escape", "Escape");
    browser.run("document.querySelector('.chip .about button').click();");
    picture("alike.png");
}
