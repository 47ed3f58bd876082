//! Ctrl-C stops cleanly: what was done is on the map, and the rest is on it as a gap.

use crate::support::{Ortho, model, rows};
use std::{process::Command, thread::sleep, time::Duration};

#[test]
fn an_interrupted_survey_maps_what_it_did_not_reach() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    Ortho::new(9000, 5000).square(40, 40).write(&ortho);
    let mut child = Command::new(env!("CARGO_BIN_EXE_rams"))
        .args(["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap(), "--threads", "1", "--json"])
        .args(["--model", model("red-boxes").to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_secs(1));
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let map = out.join("survey.gpkg");
    let area = |layer: &str, keep: &dyn Fn(&crate::support::Row) -> bool| -> f64 {
        rows(&map, layer).iter().filter(|row| keep(row)).map(|row| row.area()).sum()
    };
    let missed = area("gaps", &|row| row.text("reason") == "interrupted");
    let assessed = area("assessed", &|_| true);
    assert!(missed > 0.0 && (missed + assessed - 90.0 * 50.0).abs() < 1e-3, "{missed} and {assessed}");
    let record = rows(&map, "run");
    assert!(record.iter().any(|row| row.text("name") == "interrupted" && row.text("value") == "true"));
}
