//! What leaves a review: exports of what people decided, and the report of a day.

use crate::review::{Served, surveyed};
use crate::support::{Browser, Client, rams, survey};
use gdal::{Dataset, vector::LayerAccess};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};

/// Each acts at one stage, and is named in turn.
const PEOPLE: [(&str, &str); 4] =
    [("Aygun", "analyst"), ("Ben", "nts"), ("Cem", "regional"), ("Dan", "headquarters")];

/// A person decides, in a session of their own, on each item as it waits at their stage.
fn act(dir: &Path, (who, stage): (&str, &str), decisions: &[Value]) {
    let served = Served::start_as(dir, who);
    let client = Client::open(&served.url);
    for decision in decisions {
        let mut decision = decision.clone();
        decision["stage"] = stage.into();
        client.decide(&decision);
    }
}

/// A0001 is accepted, its find is seen; A0002 is rejected; A0003 is cluster munition remnants;
/// A0004 is not decided.
fn analyst(dir: &Path) {
    let decisions = [
        json!({ "kind": "verdict", "item": "A0001", "feature": "F000001", "verdict": "seen" }),
        json!({ "kind": "accept", "item": "A0001", "seconds_open": 1800 }),
        json!({ "kind": "reject", "item": "A0002", "reason": "natural_object" }),
        json!({ "kind": "modify", "item": "A0003", "eo_category": "CMR" }),
    ];
    act(dir, PEOPLE[0], &decisions);
}

fn the_others(dir: &Path) {
    let reason = "man_made_object";
    let nts = [
        json!({ "kind": "accept", "item": "A0001" }),
        json!({ "kind": "reject", "item": "A0002", "reason": reason, "comment": "a <tin> can" }),
        json!({ "kind": "accept", "item": "A0003" }),
    ];
    act(dir, PEOPLE[1], &nts);
    let passes = ["A0001", "A0002", "A0003"].map(|item| json!({ "kind": "pass", "item": item }));
    PEOPLE[2..].iter().for_each(|person| act(dir, *person, &passes));
}

/// Exports what reached a stage; the text of each file, by its name after the stem.
fn exported(dir: &Path, format: &str, stage: &str) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(if format == "geojson" { "out.geojson" } else { "out" });
    let [dir, out] = [dir, &out].map(|path| path.to_str().unwrap());
    let args = ["export", dir, "--reviewed", "--stage", stage, "--format", format, "-o", out];
    let ran = rams(&args);
    assert_eq!(ran.code, 0, "{format}: {}{}", ran.stdout, ran.stderr);
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name.trim_start_matches("out").to_owned(), fs::read_to_string(path).unwrap())
    };
    files.map(named).collect()
}

/// The properties of each feature of a GeoJSON.
fn properties(text: &str) -> Vec<(Value, String)> {
    let json: Value = serde_json::from_str(text).unwrap();
    let row = |row: &Value| {
        let kind = row["geometry"]["type"].as_str().unwrap_or("none").to_owned();
        (row["properties"].clone(), kind)
    };
    json["features"].as_array().unwrap().iter().map(row).collect()
}

/// The GUID of each row, by its name.
fn guids(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let names = ["hazard_areas", "evidence_points", "indicative_envelopes"];
    let rows = names.iter().flat_map(|name| properties(&files[&format!("_imsma_{name}.geojson")]));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|(row, _)| (text(&row["name"]), text(&row["guid"]))).collect()
}

/// The head of the log, as the program says it to whoever verifies.
fn head(dir: &Path) -> String {
    let ran = rams(&["review", dir.to_str().unwrap(), "verify"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran.stdout.split_whitespace().last().unwrap().to_owned()
}

fn assert_promises_nothing(name: &str, text: &str) {
    // "unsafe-inline" is a word of a page's policy.
    let text = text.to_lowercase().replace("unsafe-inline", "");
    for word in ["safe", "clear", "cancelled"] {
        assert!(!text.contains(word), "{name} says {word}");
    }
}

#[test]
fn what_people_decided_leaves_in_each_format_and_what_they_rejected_never_as_an_area() {
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    analyst(&dir);
    let early = exported(&dir, "imsma", "nts");
    the_others(&dir);
    let head = head(&dir);
    assert_eq!(head.len(), 64, "{head}");

    let imsma = exported(&dir, "imsma", "verified");
    let rows = |name: &str| properties(&imsma[&format!("_imsma_{name}.geojson")]);
    let names = |rows: &[(Value, String)]| -> Vec<String> {
        rows.iter().map(|(row, _)| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let areas = rows("hazard_areas");
    assert_eq!(names(&areas), ["A0001"], "A0002 was rejected, A0003 is no perimeter");
    assert_eq!(
        (&areas[0].0["land_class"], &areas[0].0["status"]),
        (&json!("SHA"), &json!("accepted, verified"))
    );
    let points = rows("evidence_points");
    assert_eq!(names(&points), ["F000001", "F000003"], "those of the areas that stand");
    assert!(points.iter().all(|(_, kind)| kind == "Point"));
    let [seen, spot] = [0, 1].map(|at| &points[at].0);
    assert_eq!(seen["evidence_of_contamination"], "Direct", "a person saw it");
    assert_eq!(
        (&spot["land_class"], &spot["device_category"]),
        (&json!("EOD spot task"), &json!("CMR"))
    );
    assert_eq!(names(&rows("indicative_envelopes")), ["A0003"]);
    let turning = &imsma["_imsma_turning_points.csv"];
    assert!(turning.contains("A0001") && !turning.contains("A0003"), "{turning}");

    // The same ids as when the items were one stage on, and in a second export.
    assert_eq!(guids(&imsma), guids(&early));
    assert_eq!(guids(&imsma).len(), 4);
    assert_eq!(imsma, exported(&dir, "imsma", "verified"));

    let geojson = exported(&dir, "geojson", "verified");
    let all = properties(&geojson[".geojson"]);
    let ids = all.iter().filter(|(row, _)| row["layer"] == "hazard_areas");
    let ids: Vec<_> = ids.map(|(row, _)| (row["id"].clone(), row["guid"].clone())).collect();
    let expected = ["A0001", "A0003"].map(|id| (json!(id), json!(guids(&imsma)[id])));
    assert_eq!(ids, expected);

    let csv = exported(&dir, "csv", "verified");
    for (format, files) in [("imsma", &imsma), ("geojson", &geojson), ("csv", &csv)] {
        let rejected = &files[&format!("_{format}_rejected_areas.csv")];
        let [header, row] = &rejected.lines().collect::<Vec<_>>()[..] else { panic!("{rejected}") };
        assert!(header.starts_with("guid,review_item,"), "{header}");
        for said in ["A0002", "rejected, verified", "man_made_object", "a <tin> can", "AP_MINE"] {
            assert!(row.contains(said), "{row}");
        }
        for (name, text) in files {
            assert_promises_nothing(name, text);
            let is_table = name.ends_with("_rejected_areas.csv");
            assert!(is_table || !text.contains("A0002"), "{format}{name} has A0002");
        }
        assert!(files.values().any(|text| text.contains(&head)), "{format} says the head");
    }
}

/// The GlobalID of each area and find in a file geodatabase, by its id.
fn global_ids(dir: &Path, more: &[&str]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.gdb");
    let export = ["export", dir.to_str().unwrap(), "--format", "gdb", "-o", out.to_str().unwrap()];
    let ran = rams(&[&export, more].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let dataset = Dataset::open(folder.path().join("out.gdb.zip")).unwrap();
    if more.contains(&"--reviewed") {
        // Two finds stand, and both have a picture.
        let pictures = dataset.layer_by_name("features_points__ATTACH").unwrap();
        assert_eq!(pictures.feature_count(), 2);
        assert_eq!(rams_store::chips(&dir.join("review/reviewed")).unwrap().len(), 2);
    }
    let classes = ["hazard_areas", "features_points", "features_lines", "features_polygons"];
    let mut ids = BTreeMap::new();
    for class in classes {
        let mut layer = dataset.layer_by_name(class).unwrap();
        for row in layer.features() {
            let [id, global_id] = ["id", "GlobalID"].map(|name| rams_store::text(&row, name));
            ids.insert(id, global_id);
        }
    }
    ids
}

#[test]
fn a_review_is_begun_by_someone_and_stays_that_of_its_survey() {
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    let name = dir.to_str().unwrap();
    let ran = rams(&["review", name]);
    assert!(ran.code == 1 && ran.stderr.contains("say who reviews: --as NAME"), "{}", ran.stderr);
    let ran = rams(&["review", name, "--listen", "0.0.0.0:0", "--as", "Ana"]);
    assert!(ran.code == 1 && ran.stderr.contains("this review has no users"), "{}", ran.stderr);
    assert!(!dir.join("review").exists(), "nobody has begun a review");
    for more in [&["review", name, "verify"][..], &["report", name, "--day", "2026-05-01"]] {
        let told = rams(more).stderr;
        let book = dir.join("review/review.db");
        let expected = format!(
            "error: cannot read {}: there is no review yet; begin one with `rams review DIR --as \
             NAME`\n",
            book.display()
        );
        assert!(told.ends_with(&expected), "{told}");
    }

    analyst(&dir);
    let strip = folder.path().join("strip.tif");
    assert_eq!(survey(&strip, &dir, &["red-boxes"], &["--overwrite"]).0.code, 0);
    let out = folder.path().join("x.geojson");
    let export = ["export", name, "--reviewed", "--format", "geojson", "-o", out.to_str().unwrap()];
    let ran = rams(&export);
    assert!(ran.code == 1 && ran.stderr.contains("of another survey.gpkg"), "{}", ran.stderr);
    assert!(!out.exists());
}

#[test]
fn an_area_has_one_global_id_before_and_after_its_review() {
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    let before = global_ids(&dir, &[]);
    analyst(&dir);
    the_others(&dir);
    let after = global_ids(&dir, &["--reviewed"]);
    assert_eq!(after, guids(&exported(&dir, "imsma", "verified")));
    assert_eq!(after.len(), 4);
    for (id, global_id) in &after {
        assert_eq!(before.get(id), Some(global_id), "{id}");
    }
}

#[test]
fn the_report_of_a_day_says_what_was_decided_and_the_head_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    analyst(&dir);
    the_others(&dir);
    let served = Served::start_as(&dir, "Aygun");
    let client = Client::open(&served.url);
    let log = client.get("/log?after=0");
    let events = log["events"].as_array().unwrap();
    assert_eq!(events.len(), 13, "4 of the analyst, 3 at each stage after it");
    let day = &events[0]["at"].as_str().unwrap()[..10];
    if events.iter().any(|event| !event["at"].as_str().unwrap().starts_with(day)) {
        return; // Midnight came in between.
    }
    // While somebody reviews.
    let ran = rams(&["report", dir.to_str().unwrap(), "--day", day]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let html = fs::read_to_string(ran.stdout.trim()).unwrap();
    assert_promises_nothing("the report", &html);
    let page = scraper::Html::parse_document(&html);
    let cells = |table: &str| -> Vec<Vec<String>> {
        let select = |selector: &str| scraper::Selector::parse(selector).unwrap();
        let rows = select(&format!("{table} tbody tr"));
        let of = |row: scraper::ElementRef<'_>| {
            row.select(&select("td")).map(|cell| cell.text().collect()).collect()
        };
        page.select(&rows).map(of).collect()
    };
    let head_said: String = page
        .select(&scraper::Selector::parse("#head").unwrap())
        .flat_map(|element| element.text())
        .collect();
    assert_eq!(head_said, head(&dir));
    let waiting: Vec<_> =
        cells("#stages").iter().map(|row| [row[0].clone(), row[1].clone()]).collect();
    let expected =
        [("Analyst", "1"), ("NTS team", "0"), ("Regional office", "0"), ("Headquarters", "0")];
    assert_eq!(waiting, expected.map(|(stage, count)| [stage.to_owned(), count.to_owned()]));
    let why = cells("#reasons");
    let expected = [
        ["rejected", "natural object: stone, plant, soil", "1"],
        ["rejected", "man-made object, no ordnance", "1"],
    ];
    assert_eq!(why, expected);
    assert!(html.contains("3 of 3 agreed"), "the NTS team said what the analyst had said");
    assert!(html.contains("30 min"), "A0001 was open for 1,800 s");
    let groups: Vec<_> = cells("#groups").iter().map(|row| row[3..5].to_vec()).collect();
    let expected =
        [["2 accepted, 2 rejected, 4 passed", "1"], ["1 accepted, 1 modified, 2 passed", "0"]];
    assert_eq!(groups, expected, "AP mines; cluster munition remnants");

    let ran = rams(&["report", dir.to_str().unwrap(), "--day", "28 November"]);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("28 November"), "{}", ran.stderr);
}

#[test]
fn a_second_person_looks_without_knowing_what_the_first_one_said() {
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    analyst(&dir);
    let served = Served::start_as(&dir, "Ben");
    let Some(browser) = Browser::start() else { return };
    browser.open(&served.url);
    browser
        .until("document.querySelector('#evidence h2') || document.querySelector('#evidence p')");
    browser.run("document.querySelector('#samples-open').click();");
    browser.until("document.querySelector('#samples form')");
    browser.run(
        "const [purpose, unit] = document.querySelectorAll('#samples select'); \
         purpose.value = 'second_look'; unit.value = 'items'; \
         document.querySelector('#samples input').value = '3'; \
         document.querySelector('#samples form').requestSubmit();",
    );
    browser.until("document.querySelectorAll('#samples td button').length === 3");
    assert!(!browser.text("#samples").contains("rejected"), "{}", browser.text("#samples"));
    browser.run("document.querySelector('#samples td button').click();");
    for number in 1..=3 {
        let at =
            format!("document.querySelector('.look h3')?.textContent.endsWith('{number} of 3')");
        browser.until(&at);
        let said = browser.text("#evidence");
        assert!(!said.contains("History"), "{said}");
        assert_eq!(browser.text("#evidence .state"), "", "as if nobody had decided");
        browser.press("Digit1", "1");
    }
    browser.until("document.querySelector('#samples').open");
    browser.until("document.querySelector('#samples').textContent.includes('kappa')");
    assert!(
        browser.text("#samples").contains("2 agree, kappa 0.00"),
        "{}",
        browser.text("#samples")
    );
    let log = browser.run("return fetch('/log?after=0').then((answer) => answer.json());");
    let events = log["events"].as_array().unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    let expected = ["verdict", "accept", "reject", "modify"].into_iter();
    let expected: Vec<_> = expected.chain(["sample"; 3]).chain(["inspect"; 3]).collect();
    assert_eq!(kinds, expected);
    assert!(events[7..].iter().all(|event| event["who"] == "Ben"));
}
