//! A survey that many machines do, in shards: the map of one run, or a refusal that names the
//! machine's or the piece's fault.

use crate::{
    area_edits::edit,
    heights::dsm,
    interruption::{Dice, assert_same, everything, files},
    same_result::field,
    support::{Ortho, Ran, model, rams_in, rows},
};
use rams_store::{PieceFile, pieces, read_piece, write_piece};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// A folder that all machines see, with two orthomosaics of one name that overlap, in two CRSs, a
/// surface model, a limit and an accident.
struct Share(tempfile::TempDir);

impl Share {
    fn new() -> Self {
        let share = Self(tempfile::tempdir().unwrap());
        for folder in ["may", "june"] {
            fs::create_dir(share.path(folder)).unwrap();
        }
        let may = field((1000, 640));
        may.write(&share.path("may/ortho.tif"));
        // The same ground one zone further, where it lies askew.
        let warped = Command::new("gdalwarp")
            .args(["-q", "-t_srs", "EPSG:32632", "-r", "near", "-dstalpha"])
            .args([share.path("may/ortho.tif"), share.path("june/ortho.tif")])
            .status();
        assert!(warped.unwrap().success());
        dsm(&share.path("dsm.tif"), 0.02);
        let [x, y] = [may.geotransform[0], may.geotransform[3]];
        let ring = [[x, y], [x + 9.0, y], [x + 7.0, y - 6.0], [x, y - 6.4], [x, y]];
        let feature = |kind: Value, geometry: Value| {
            json!({ "type": "FeatureCollection",
            "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },
            "features": [{ "type": "Feature", "properties": kind, "geometry": geometry }] })
        };
        let limit = feature(json!({}), json!({ "type": "Polygon", "coordinates": [ring] }));
        fs::write(share.path("limit.geojson"), limit.to_string()).unwrap();
        let accident = feature(
            json!({ "kind": "accident", "eo_category": "AP_MINE", "date": "2022-05-01" }),
            json!({ "type": "Point", "coordinates": [x + 3.0, y - 3.0] }),
        );
        fs::write(share.path("accident.geojson"), accident.to_string()).unwrap();
        share
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What is typed in the shared folder.
    fn arguments(&self, command: &str, out: &str, more: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = [command, "may/ortho.tif", "june/ortho.tif", "-o", out]
            .into_iter()
            .chain(["--dsm", "dsm.tif", "--aoi", "limit.geojson", "--evidence", "accident.geojson"])
            .chain(["--organisation", "A. B.", "--operating-point", "sensitive"])
            .map(str::to_owned)
            .collect();
        for name in ["red-embeddings", "red-mask", "high-ground"] {
            words.extend(["--model".into(), model(name).to_str().unwrap().to_owned()]);
        }
        words.extend(more.iter().map(|word| (*word).to_owned()));
        words
    }

    fn run(&self, command: &str, out: &str, more: &[&str]) -> Ran {
        let words = self.arguments(command, out, more);
        rams_in(self.0.path(), &words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn plan(&self, out: &str) -> u32 {
        let ran = self.run("plan", out, &["--shard-mp", "0.5", "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
        plan["shards"].as_u64().unwrap() as u32
    }
}

/// Does a shard from a folder in which nothing of it lies.
fn shard(dir: &Path, number: u32, more: &[&str]) -> Ran {
    let number = number.to_string();
    let words = ["shard", dir.to_str().unwrap(), &number];
    rams_in(Path::new("/"), &[&words[..], more].concat())
}

fn gather(dir: &Path, more: &[&str]) -> Ran {
    rams_in(Path::new("/"), &[&["gather", dir.to_str().unwrap()], more].concat())
}

/// A folder with all that lies in it.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success());
}

#[test]
fn shards_in_any_order_killed_or_done_twice_give_the_map_of_one_run_byte_for_byte() {
    let share = Share::new();
    let ran = share.run("survey", "whole", &["--threads", "1"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let whole = everything(&share.path("whole/survey.gpkg"));
    assert!(whole.len() > 100 && whole.iter().any(|row| row.contains("accident")));

    let shards = share.plan("one");
    assert!(shards > 8, "{shards}");
    let (one, other) = (share.path("one"), share.path("other"));
    copy(&one, &other);
    for number in 0..shards {
        let ran = shard(&one, number, &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let gathered = gather(&one, &[]);
    assert_eq!(gathered.code, 3, "{}", gathered.stderr);
    assert_same(&one.join("survey.gpkg"), &whole);

    // Backwards, on two threads, by processes that are killed, some shards twice.
    let mut dice = Dice(std::process::id().into());
    for number in (0..shards).rev() {
        {
            let mut child = Command::new(env!("CARGO_BIN_EXE_rams"))
                .args(["shard", other.to_str().unwrap(), &number.to_string(), "--threads", "2"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            sleep(Duration::from_millis(dice.below(300)));
            let _ = child.kill();
            child.wait().unwrap();
        }
        let ran = shard(&other, number, if number % 5 == 0 { &["--again"] } else { &[] });
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert_eq!(gather(&other, &[]).code, 3);
    let [bytes, others] = [&one, &other].map(|dir| fs::read(dir.join("survey.gpkg")).unwrap());
    assert!(bytes == others, "not one byte differs");
    assert_eq!(files(&one.join("pieces")), files(&other.join("pieces")), "nothing else is left");
    let status = rams_in(&other, &["status", "."]);
    assert!(status.code == 0 && status.stdout.contains(&format!("{shards} of {shards}")));
}

#[test]
fn a_shard_that_is_missing_is_an_error_or_a_gap_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    field((1000, 640)).write(&folder.path().join("ortho.tif"));
    let mask = model("red-mask");
    let words = ["plan", "ortho.tif", "-o", "plan", "--model", mask.to_str().unwrap()];
    let ran = rams_in(folder.path(), &[&words[..], &["--shard-mp", "0.1"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let dir = folder.path().join("plan");
    let lines = fs::read_to_string(dir.join("shards.jsonl")).unwrap();
    let shards: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let megapixels = shards[4]["megapixels"].as_f64().unwrap();
    let shards = shards.len() as u32;
    for number in (0..shards).filter(|number| *number != 4) {
        assert_eq!(shard(&dir, number, &[]).code, 0);
    }
    let refused = gather(&dir, &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(&format!("1 of {shards} shards have no piece: 4\n")));
    assert!(!dir.join("survey.gpkg").exists());
    let status = rams_in(&dir, &["status", "."]);
    assert!(status.code == 3 && status.stdout.contains("missing: 4"), "{}", status.stdout);

    let partial = gather(&dir, &["--partial"]);
    assert_eq!(partial.code, 3, "{}", partial.stderr);
    let interrupted = |map: &Path| -> f64 {
        let gaps = rows(map, "gaps").into_iter();
        gaps.filter(|gap| gap.text("reason") == "interrupted")
            .inspect(|gap| assert_eq!(gap.text("detail"), "shard 4 of the plan was not done"))
            .map(|gap| gap.number("area_m2"))
            .sum()
    };
    // Pixels of 1 cm: a megapixel is 100 m², and as much again by the scale of the projection.
    let gap_m2 = interrupted(&dir.join("survey.gpkg"));
    assert!((gap_m2 / (megapixels * 100.0) - 1.0).abs() < 2e-3, "{gap_m2}, {megapixels} MP");

    // The whole map takes the place of a partial one that nobody edited.
    assert_eq!(shard(&dir, 4, &[]).code, 0);
    assert_eq!(gather(&dir, &[]).code, 0);
    assert_eq!(interrupted(&dir.join("survey.gpkg")), 0.0, "nothing is left out");
}

/// A survey of one shard, done.
fn small(folder: &Path, name: &str, squares: i64) -> PathBuf {
    let ortho = format!("{name}.tif");
    let painted = (0..squares).fold(Ortho::new(300, 200), |it, at| it.square(40 + 30 * at, 50));
    painted.write(&folder.join(&ortho));
    let boxes = model("red-boxes");
    let words = ["plan", &ortho, "-o", name, "--model", boxes.to_str().unwrap()];
    let ran = rams_in(folder, &words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = shard(&folder.join(name), 0, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder.join(name)
}

fn piece(dir: &Path) -> PieceFile {
    let [piece] = &pieces(dir).unwrap()[..] else { panic!("one piece in {}", dir.display()) };
    piece.clone()
}

#[test]
fn each_piece_that_cannot_be_right_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, foreign) = (small(folder.path(), "one", 2), small(folder.path(), "two", 3));
    let whole = piece(&dir);
    let bytes = fs::read(&whole.path).unwrap();
    let refused = |cause: &str, name: &Path| {
        let ran = gather(&dir, &[]);
        let name = name.file_name().unwrap().to_str().unwrap();
        assert_eq!(ran.code, 1, "{cause}");
        assert!(ran.stderr.contains(cause) && ran.stderr.contains(name), "{}", ran.stderr);
        assert!(!dir.join("survey.gpkg").exists());
    };
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 4;
    for torn in [&flipped[..], &bytes[..bytes.len() - 5], &bytes[..30], &[]] {
        fs::write(&whole.path, torn).unwrap();
        refused("cannot use ", &whole.path);
    }
    fs::remove_file(&whole.path).unwrap();

    let other = piece(&foreign);
    let there = dir.join("pieces").join(other.path.file_name().unwrap());
    fs::copy(&other.path, &there).unwrap();
    refused("it belongs to another plan", &there);
    fs::remove_file(&there).unwrap();

    let renamed = whole.path.with_file_name("000000-00112233445566778899aabbccddeeff.piece");
    fs::write(&renamed, &bytes).unwrap();
    refused("its name is not that of what it holds", &renamed);
    fs::rename(&renamed, dir.join("pieces/000007-ab.piece")).unwrap();
    refused("plan.json has 1 shards", &dir.join("pieces/000007-ab.piece"));
    fs::remove_file(dir.join("pieces/000007-ab.piece")).unwrap();

    // Two machines that do not answer alike: no one can say which is right.
    fs::write(&whole.path, &bytes).unwrap();
    let mut records = read_piece(&whole).unwrap();
    *records.last_mut().unwrap().last_mut().unwrap() ^= 1;
    let second = write_piece(&dir, 0, &records).unwrap();
    refused("two machines do not answer alike", &second.path);
    fs::remove_file(&second.path).unwrap();
    assert_eq!(gather(&dir, &[]).code, 0);

    // What people edited is not gathered over.
    edit(&dir.join("survey.gpkg"), "UPDATE hazard_areas SET threat = 'LOW' WHERE fid = 1");
    let edited = gather(&dir, &[]);
    let said = "people drew, edited or deleted some of them; move it to another folder";
    assert!(edited.code == 1 && edited.stderr.contains(said), "{}", edited.stderr);

    // The shard again mends a piece that is torn.
    fs::write(&whole.path, &flipped).unwrap();
    assert_eq!(shard(&dir, 0, &[]).code, 0);
    assert_eq!(fs::read(&whole.path).unwrap(), bytes);
}

/// The plan with another answer of its model's kernels, as a machine of another kind makes it.
fn of_another_processor(dir: &Path, kernels: &str) {
    let path = dir.join("plan.json");
    let mut plan: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    plan["kernel_prints"]["red-boxes"] = "00".repeat(32).into();
    plan["kernels"] = kernels.into();
    let mut decided = plan.as_object().unwrap().clone();
    for undecided in ["version", "id", "time", "provider_reasons", "digests", "surface_digest"] {
        decided.remove(undecided);
    }
    let digest = Sha256::digest(Value::Object(decided).to_string());
    plan["id"] = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    fs::write(path, plan.to_string()).unwrap();
    let _ = fs::remove_dir_all(dir.join("pieces"));
}

#[test]
fn a_machine_that_would_not_make_the_same_map_refuses_before_its_first_tile() {
    let folder = tempfile::tempdir().unwrap();
    let dir = small(folder.path(), "plan", 2);
    let refused = |cause: &str| {
        let ran = shard(&dir, 0, &[]);
        assert_eq!(ran.code, 5, "{cause}: {}", ran.stderr);
        assert!(ran.stderr.contains(cause), "{}", ran.stderr);
        assert!(!dir.join("pieces").exists(), "nothing was done");
    };
    of_another_processor(&dir, "same");
    refused("what the kernels answer to red-boxes: digest 0000");

    of_another_processor(&dir, "any");
    assert_eq!(shard(&dir, 0, &[]).code, 0);
    assert_eq!(gather(&dir, &[]).code, 0);
    let said = rows(&dir.join("survey.gpkg"), "run");
    let said = said.iter().find(|row| row.text("section") == "kernels").unwrap();
    assert!(said.text("value").contains(" by kernels "), "{}", said.text("value"));

    // Where any may work, a shard that two unlike machines did is one of them; two that are alike
    // must answer alike.
    let mut records = read_piece(&piece(&dir)).unwrap();
    *records.last_mut().unwrap().last_mut().unwrap() ^= 1;
    let alike = write_piece(&dir, 0, &records).unwrap();
    assert!(gather(&dir, &[]).stderr.contains("two machines do not answer alike"));
    fs::remove_file(alike.path).unwrap();
    // The head ends with 64 digits of what the kernels answered, and the tiles that are not settled.
    let digit = records[0].len() - 2;
    records[0][digit] = if records[0][digit] == b'0' { b'1' } else { b'0' };
    write_piece(&dir, 0, &records).unwrap();
    assert_eq!(gather(&dir, &[]).code, 0);

    fs::remove_dir_all(dir.join("pieces")).unwrap();
    Ortho::new(300, 200).square(41, 50).write(&folder.path().join("plan.tif"));
    refused("content of plan.tif, file 1: ");
    fs::remove_file(folder.path().join("plan.tif")).unwrap();
    assert_eq!(shard(&dir, 0, &[]).code, 1, "a file that is not there is an error of its own");

    let text = fs::read_to_string(dir.join("plan.json")).unwrap();
    fs::write(dir.join("plan.json"), text.replace("balanced", "strict")).unwrap();
    let ran = shard(&dir, 0, &[]);
    assert!(ran.code == 1 && ran.stderr.contains("it was changed"), "{}", ran.stderr);
}

#[test]
fn the_same_plan_again_changes_nothing_and_another_needs_to_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let dir = small(folder.path(), "plan", 2);
    let boxes = model("red-boxes");
    let plan = |more: &[&str]| {
        let words = ["plan", "plan.tif", "-o", "plan", "--model", boxes.to_str().unwrap()];
        rams_in(folder.path(), &[&words[..], more].concat())
    };
    let before = fs::read(dir.join("plan.json")).unwrap();
    let again = plan(&[]);
    assert!(again.code == 0 && again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(fs::read(dir.join("plan.json")).unwrap(), before);
    let kept = piece(&dir);

    let other = plan(&["--operating-point", "strict"]);
    assert!(other.code == 1 && other.stderr.contains("parameters: "), "{}", other.stderr);
    assert_eq!(piece(&dir), kept, "a refusal costs nothing");
    // What models see is the same at another operating point and by another doctrine.
    let doctrine = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/doctrine/cautious.toml");
    let strict = ["--operating-point", "strict", "--doctrine", doctrine, "--overwrite"];
    assert_eq!(plan(&strict).code, 0);
    assert_eq!(piece(&dir), kept);
    assert_eq!(gather(&dir, &[]).code, 0);
    let said = rows(&dir.join("survey.gpkg"), "run");
    assert!(said.iter().any(|row| row.text("name") == "cautious"), "drawn by the new one");
    assert_eq!(plan(&["--shard-mp", "0.1", "--overwrite"]).code, 0);
    assert!(pieces(&dir).unwrap().is_empty(), "they were of other shards");

    let unplanned = rams_in(folder.path(), &["shard", "nowhere", "0"]);
    assert!(unplanned.code == 5 && unplanned.stderr.contains("rams plan"), "{}", unplanned.stderr);
    let beyond = shard(&dir, 99, &[]);
    assert!(beyond.code == 1 && beyond.stderr.contains("has shards 0 to "), "{}", beyond.stderr);
}
