//! SHAs and indications as a person gets them, and the least confidence that one asks for.

use crate::support::{Ortho, Row, rams, rows, survey};
use std::fs;
use std::path::{Path, PathBuf};

/// One square that the toy model takes for an AP mine, and an accident on it or not.
fn surveyed(folder: &Path, name: &str, accident: bool, flags: &[&str]) -> (String, PathBuf) {
    let ortho = folder.join("ortho.tif");
    Ortho::new(400, 300).square(50, 50).write(&ortho);
    let reports = folder.join("reports.csv");
    let text = "kind,eo_category,source_reliability,information_reliability,date,lon,lat\n\
                accident,AP_MINE,E,5,2022-05-04,15.00000001,0.00902\n";
    fs::write(&reports, text).unwrap();
    // A single find that the toy model is sure of is not enough here: it has odds of e^-0.96.
    let baseline = include_str!("../datasets/doctrine/baseline.toml");
    let text = baseline.replacen("[sha]\nconfidence = 0.1", "[sha]\nconfidence = 0.6", 1);
    let text =
        text.replacen("[confidence]\nintercept = -3.66", "[confidence]\nintercept = -5.0", 1);
    assert!(text.contains("confidence = 0.6\n") && text.contains("intercept = -5.0\n"));
    let doctrine = folder.join("doctrine.toml");
    fs::write(&doctrine, text).unwrap();
    let evidence = ["--evidence", reports.to_str().unwrap()];
    let by = ["--doctrine", doctrine.to_str().unwrap()];
    let flags = [if accident { &evidence[..] } else { &[] }, &by, flags].concat();
    let (ran, map) = survey(&ortho, &folder.join(name), &["red-boxes"], &flags);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    (ran.stdout, map)
}

fn classes(map: &Path) -> Vec<[String; 2]> {
    let of = |row: &Row| ["land_class", "tier"].map(|field| row.text(field).to_owned());
    rows(map, "hazard_areas").iter().map(of).collect()
}

#[test]
fn a_doubtful_find_is_an_indication_and_an_accident_makes_it_an_sha() {
    let folder = tempfile::tempdir().unwrap();
    let (said, map) = surveyed(folder.path(), "alone", false, &[]);
    assert_eq!(classes(&map), [["INDICATION", "possible"]]);
    assert!(said.contains("1 indication, which says where to look: "), "{said}");
    assert!(!said.contains("suspected hazardous area, "), "{said}");
    let json = folder.path().join("x.imsma");
    let dir = map.parent().unwrap().to_str().unwrap();
    let ran = rams(&["export", dir, "--format", "imsma", "-o", json.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let land = fs::read_to_string(folder.path().join("x_imsma_hazard_areas.csv")).unwrap();
    assert_eq!(land.lines().count(), 1, "no SHA, so only the header: {land}");

    let (said, map) = surveyed(folder.path(), "reported", true, &[]);
    assert_eq!(classes(&map), [["SHA", "reported"]]);
    assert!(said.contains("1 suspected hazardous area, "), "{said}");
    let area = &rows(&map, "hazard_areas")[0];
    assert!(area.number("confidence") >= 0.9, "{}", area.text("confidence"));
    let sentence = "An accident was reported here in 2022 (source E, information 5). ";
    assert!(area.text("rationale").starts_with(sentence), "{}", area.text("rationale"));
}

#[test]
fn what_is_below_the_least_confidence_is_left_out_and_counted_but_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let left_out = "1 area of a confidence below 0.9 left out";
    let strict = ["--min-confidence", "0.9"];
    let (said, map) = surveyed(folder.path(), "strict", false, &strict);
    assert!(rows(&map, "hazard_areas").is_empty() && said.contains(left_out), "{said}");
    let record = rows(&map, "run");
    let row = record.iter().find(|row| row.text("section") == "areas").expect("it is recorded");
    assert_eq!(row.text("value"), left_out);
    assert_eq!(rows(&map, "features").len(), 1, "the find stays");
    let (_, map) = surveyed(folder.path(), "reported", true, &["--min-confidence", "1"]);
    assert_eq!(classes(&map), [["SHA", "reported"]]);

    let (_, map) = surveyed(folder.path(), "all", false, &[]);
    let dir = map.parent().unwrap().to_str().unwrap();
    let out = folder.path().join("x.geojson");
    let export = ["export", dir, "--format", "geojson", "-o", out.to_str().unwrap()];
    let ran = rams(&[&export[..], &strict].concat());
    assert!(ran.code == 0 && ran.stderr.contains(left_out), "{}", ran.stderr);
    assert!(!fs::read_to_string(&out).unwrap().contains("\"layer\": \"hazard_areas\""));
    let ran = rams(&[&["report", dir][..], &strict].concat());
    assert!(ran.code == 0 && ran.stderr.contains(left_out), "{}", ran.stderr);
    let html = fs::read_to_string(Path::new(dir).join("report.html")).unwrap();
    assert!(html.contains(left_out));

    let ran = rams(&[&export[..], &["--min-confidence", "7"]].concat());
    assert!(
        ran.code == 2 && ran.stderr.contains("give a probability from 0 to 1"),
        "{}",
        ran.stderr
    );
}
