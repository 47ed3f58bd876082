//! Killed, stopped, or out of disk: the same command goes on, and the map is that of a survey in
//! one run.

use crate::{
    heights::dsm,
    same_result::field,
    support::{Ran, model, rows},
};
use gdal::{Dataset, vector::LayerAccess};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A survey with three models, one of which takes heights.
struct Survey {
    folder: tempfile::TempDir,
    size: (usize, usize),
}

impl Survey {
    fn paint(size: (usize, usize)) -> Self {
        let survey = Self { folder: tempfile::tempdir().unwrap(), size };
        field(size).write(&survey.path("ortho.tif"));
        dsm(&survey.path("dsm.tif"), 0.02);
        survey
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn journal(&self, out: &str) -> PathBuf {
        self.path(out).join("survey.journal")
    }

    fn map(&self, out: &str) -> PathBuf {
        self.path(out).join("survey.gpkg")
    }

    /// The command, with its arguments for a shell.
    fn command(&self, out: &str, more: &[&str]) -> Vec<String> {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let mut args = vec![
            env!("CARGO_BIN_EXE_rams").into(),
            "survey".into(),
            path("ortho.tif"),
            "-o".into(),
            path(out),
        ];
        args.extend(["--dsm".into(), path("dsm.tif")]);
        for name in ["red-embeddings", "red-mask", "high-ground"] {
            args.extend(["--model".into(), model(name).to_str().unwrap().to_owned()]);
        }
        args.extend(more.iter().map(|arg| arg.to_string()));
        args
    }

    fn start(&self, out: &str, more: &[&str]) -> Child {
        let args = self.command(out, more);
        Command::new(&args[0])
            .args(&args[1..])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs it to its end.
    fn run(&self, out: &str, more: &[&str]) -> Ran {
        end(self.start(out, more))
    }

    /// Kills it once its journal has grown by so much, unless it ends before.
    fn kill_after(&self, out: &str, bytes: u64, more: &[&str]) -> Ran {
        let length = || fs::metadata(self.journal(out)).map_or(0, |metadata| metadata.len());
        let before = length();
        let mut child = self.start(out, more);
        while length() < before + bytes && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        end(child)
    }
}

fn end(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// All that a survey says, to the last bit, but for times.
pub(crate) fn everything(map: &Path) -> Vec<String> {
    let dataset = Dataset::open(map).unwrap();
    let embeddings = rams_store::embeddings(map.parent().unwrap()).unwrap();
    let mut lines = vec![format!("{embeddings:?}")];
    for layer in dataset.layers().map(|layer| layer.name()).filter(|name| name != "run_record") {
        for row in rows(map, &layer) {
            let is_time =
                layer == "run" && (row.text("section") == "time" || row.text("name") == "threads");
            let fields: Vec<_> =
                row.fields.iter().filter(|(name, _)| *name != "update_time").collect();
            let bytes = row.geometry.as_ref().map(|geometry| geometry.wkb().unwrap());
            lines.extend((!is_time).then(|| format!("{layer} {fields:?} {bytes:?}")));
        }
    }
    lines
}

pub(crate) fn assert_same(map: &Path, whole: &[String]) {
    let found = everything(map);
    let differs = found.iter().zip(whole).find(|(found, whole)| found != whole);
    assert!(
        differs.is_none() && found.len() == whole.len(),
        "{differs:?}, {} rows of {}",
        found.len(),
        whole.len()
    );
}

fn runs(map: &Path) -> String {
    let rows = rows(map, "run");
    rows.iter().find(|row| row.text("name") == "runs").unwrap().text("value").to_owned()
}

pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Numbers that no one chose, from a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

#[test]
fn a_survey_that_was_killed_goes_on_to_the_same_map() {
    let survey = Survey::paint((1000, 640));
    assert_eq!(survey.run("whole", &["--threads", "2"]).code, 3);
    let whole = everything(&survey.map("whole"));
    assert_ne!(whole[0], "{}", "the embeddings are among it");
    assert!(whole.len() > 100 && runs(&survey.map("whole")) == "1");
    let mut dice = Dice(std::process::id().into());
    for (threads, head_bytes) in [("1", 3500), ("3", 0), ("2", 0), ("9", 0)] {
        let killed =
            survey.kill_after("out", head_bytes + 500 + dice.below(2000), &["--threads", threads]);
        assert_eq!(killed.code, -1, "{}", killed.stderr);
        // The end of the last tile is lost.
        let journal = OpenOptions::new().write(true).open(survey.journal("out")).unwrap();
        journal.set_len(journal.metadata().unwrap().len() - dice.below(30)).unwrap();
    }
    assert!(!survey.map("out").exists());
    // Who flew is no part of what makes it the same survey: it can be given now.
    let ran = survey.run("out", &["--threads", "2", "--operator", "Team 2"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("going on where") && ran.stderr.contains("tiles are done"),
        "{}",
        ran.stderr
    );
    let stated = |row: &String| row.starts_with("survey_metadata ");
    let mut found = everything(&survey.map("out"));
    assert!(found.iter().any(|row| stated(row) && row.contains("Team 2")));
    found.retain(|row| !stated(row));
    assert_eq!(found, whole.into_iter().filter(|row| !stated(row)).collect::<Vec<_>>());
    assert!(runs(&survey.map("out")).starts_with("5, begun 20"), "{}", runs(&survey.map("out")));
    assert_eq!(files(&survey.path("out")), ["survey.gpkg"]);
}

#[test]
fn a_survey_goes_on_where_its_files_lie_elsewhere() {
    let survey = Survey::paint((1000, 640));
    assert_eq!(survey.run("whole", &[]).code, 3);
    let killed = survey.kill_after("out", 5000, &["--threads", "1"]);
    assert_eq!(killed.code, -1, "{}", killed.stderr);
    // Copies, as on another machine: other paths, other times.
    let moved = Survey { folder: tempfile::tempdir().unwrap(), size: survey.size };
    fs::create_dir(moved.path("out")).unwrap();
    for name in ["ortho.tif", "dsm.tif", "out/survey.journal"] {
        fs::copy(survey.path(name), moved.path(name)).unwrap();
    }
    let ran = moved.run("out", &[]);
    assert!(ran.code == 3 && ran.stderr.contains("going on where"), "{}", ran.stderr);
    let rows = |map: &Path| -> Vec<String> {
        everything(map).into_iter().filter(|row| !row.starts_with("run ")).collect()
    };
    assert_eq!(rows(&moved.map("out")), rows(&survey.map("whole")));

    // Another file of the same name and size there is another survey.
    let mut bytes = fs::read(moved.path("ortho.tif")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(moved.path("ortho.tif"), bytes).unwrap();
    fs::copy(survey.journal("out"), moved.journal("out")).unwrap();
    let ran = moved.run("out", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("content of ortho.tif"), "{}", ran.stderr);
}

#[test]
fn a_stopped_survey_maps_what_it_did_not_reach_and_goes_on() {
    let survey = Survey::paint((1500, 1200));
    assert_eq!(survey.run("whole", &[]).code, 3);
    let mut child = survey.start("out", &["--threads", "1"]);
    while fs::metadata(survey.journal("out")).map_or(0, |journal| journal.len()) < 6000 {
        assert!(child.try_wait().unwrap().is_none());
        sleep(Duration::from_millis(1));
    }
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let ran = end(child);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("the same command goes on from here"), "{}", ran.stderr);
    let (map, ground) = (survey.map("out"), survey.size.0 as f64 * survey.size.1 as f64 / 1e4);
    for model in ["red-embeddings", "red-mask", "high-ground"] {
        let area = |layer: &str| -> f64 {
            rows(&map, layer)
                .iter()
                .filter(|row| row.text("model") == model)
                .map(|row| row.area())
                .sum()
        };
        assert!((area("gaps") + area("assessed") - ground).abs() < 1e-3, "{model}");
    }
    assert!(rows(&map, "gaps").iter().any(|row| row.text("reason") == "interrupted"));
    let record = rows(&map, "run");
    assert!(
        record.iter().any(|row| row.text("name") == "interrupted" && row.text("value") == "true")
    );

    let ran = survey.run("out", &[]);
    assert!(ran.code == 3 && ran.stderr.contains("going on where"), "{}", ran.stderr);
    assert_same(&map, &everything(&survey.map("whole")));
    let ran = survey.run("out", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("survey.gpkg is there already"), "{}", ran.stderr);
}

#[test]
fn another_survey_does_not_go_on_with_it() {
    let survey = Survey::paint((700, 500));
    assert_eq!(survey.kill_after("out", 3000, &["--threads", "1"]).code, -1);
    let before = fs::read(survey.journal("out")).unwrap();
    let model = model("foreign").join("deepness-detector.onnx");
    let ran = survey.run("out", &["--model", model.to_str().unwrap()]);
    let differs = "model deepness-detector: sha256: none, now ";
    assert!(ran.code == 1 && ran.stderr.contains(differs), "{}", ran.stderr);
    let doctrine = survey.path("doctrine.toml");
    let baseline = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/doctrine/baseline.toml");
    fs::write(&doctrine, fs::read_to_string(baseline).unwrap() + "\n").unwrap();
    let ran = survey.run("out", &["--doctrine", doctrine.to_str().unwrap()]);
    assert!(
        ran.code == 1 && ran.stderr.contains("doctrine sha256: ") && ran.stderr.contains(", now "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("give the inputs and options of then, another -o, or --overwrite"),
        "{}",
        ran.stderr
    );

    // A raster that was cut off meanwhile: what was seen in it is of another file.
    let raster = OpenOptions::new().write(true).open(survey.path("ortho.tif")).unwrap();
    raster.set_len(raster.metadata().unwrap().len() - 1000).unwrap();
    let ran = survey.run("out", &[]);
    assert!(
        ran.code == 1 && ran.stderr.contains("ortho.tif: ") && ran.stderr.contains(" bytes of "),
        "{}",
        ran.stderr
    );
    assert_eq!(before, fs::read(survey.journal("out")).unwrap(), "a refusal costs nothing");

    let ran = survey.run("out", &["--overwrite"]);
    assert!(ran.code == 3 && !ran.stderr.contains("going on"), "{}", ran.stderr);
    assert_eq!(runs(&survey.map("out")), "1");
    // Blocks are missing: the map says so, and the next run tries just them again, to the same end.
    let with_gaps = everything(&survey.map("out"));
    assert!(with_gaps.iter().any(|row| row.contains("unreadable")));
    assert!(ran.stderr.contains(" not done"), "{}", ran.stderr);
    let ran = survey.run("out", &[]);
    assert!(ran.code == 3 && ran.stderr.contains("going on where"), "{}", ran.stderr);
    assert_same(&survey.map("out"), &with_gaps);
}

/// A process that is at a folder: the lock is that of this one.
fn held(survey: &Survey, out: &str) -> File {
    fs::create_dir(survey.path(out)).unwrap();
    let journal = File::create(survey.journal(out)).unwrap();
    journal.lock().unwrap();
    journal
}

#[test]
fn two_processes_do_not_share_a_folder() {
    let survey = Survey::paint((300, 200));
    let _journal = held(&survey, "out");
    let ran = survey.run("out", &["--overwrite"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let (waits, refuses) = ran.stderr.split_once('\n').unwrap();
    assert!(waits.contains("is at ") && waits.contains("waiting for it"), "{waits}");
    // This test, as far as the system tells who it is.
    assert!(refuses.contains(" is at it; wait for its end, or give another -o"), "{refuses}");
    #[cfg(target_os = "linux")]
    assert!(
        ran.stderr.matches(&format!("(process {})", std::process::id())).count() == 2,
        "{}",
        ran.stderr
    );
}

#[test]
fn a_process_that_is_about_to_end_is_waited_for() {
    let survey = Survey::paint((300, 200));
    let journal = held(&survey, "out");
    let mut child = survey.start("out", &[]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("waiting for it"), "{first}");
    drop(journal);
    lines.for_each(drop);
    assert_eq!(end(child).code, 0);
    assert_eq!(files(&survey.path("out")), ["survey.gpkg"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_nothing_that_is_done() {
    let survey = Survey::paint((1000, 640));
    assert_eq!(survey.run("whole", &[]).code, 3);
    // No file larger than some blocks of 512 bytes: first the journal meets the limit, then, once
    // all tiles are done, the map.
    let run = |blocks: &str| {
        let script = format!("ulimit -f {blocks}; exec \"$@\"");
        let args = survey.command("out", &[]);
        end(Command::new("sh")
            .args(["-c", &script, "sh"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap())
    };
    let ran = run("12");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot write") && ran.stderr.contains("survey.journal: "),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("File too large") && !survey.map("out").exists(), "{}", ran.stderr);
    let ran = run("160");
    assert!(ran.code == 1 && ran.stderr.contains("going on where"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot write") && ran.stderr.contains("survey.gpkg: "),
        "{}",
        ran.stderr
    );
    assert_eq!(files(&survey.path("out")), ["survey.journal"]);
    let ran = survey.run("out", &[]);
    assert!(ran.code == 3 && ran.stderr.contains("going on where"), "{}", ran.stderr);
    assert_same(&survey.map("out"), &everything(&survey.map("whole")));

    fs::create_dir(survey.path("none")).unwrap();
    std::os::unix::fs::symlink("/dev/full", survey.journal("none")).unwrap();
    let ran = survey.run("none", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("No space left on device"), "{}", ran.stderr);
    assert!(ran.stderr.contains("free some space and run it again"), "{}", ran.stderr);
}

/// `cargo test --test tests kills -- --ignored --nocapture`, some minutes.
#[test]
#[ignore = "kills 100 surveys"]
fn kills() {
    let survey = Survey::paint((1000, 640));
    let begin = Instant::now();
    assert_eq!(survey.run("whole", &[]).code, 3);
    let (whole, time) = (everything(&survey.map("whole")), begin.elapsed());
    let mut dice = Dice(std::process::id().into());
    let (mut kills, mut surveys, mut places) = (0, 0, BTreeMap::new());
    while kills < 100 {
        let out = format!("out{surveys}");
        surveys += 1;
        loop {
            let threads = (1 + dice.below(4)).to_string();
            let mut child = survey.start(&out, &["--threads", &threads]);
            sleep(time * dice.below(1000) as u32 / 1000);
            if child.try_wait().unwrap().is_some() {
                let ran = end(child);
                assert_eq!(ran.code, 3, "{}", ran.stderr);
                break;
            }
            child.kill().unwrap();
            end(child);
            kills += 1;
            let length = fs::metadata(survey.journal(&out)).map(|journal| journal.len());
            let has_map = survey.map(&out).exists();
            let files = fs::read_dir(survey.path(&out)).map_or(0, |entries| entries.count());
            let place = match length {
                Err(_) if has_map => "after the map was there",
                Ok(_) if has_map || files > 1 => "at the map",
                Err(_) | Ok(0) => "before the journal",
                Ok(1..3000) => "at its head",
                Ok(_) => "in the tiles",
            };
            *places.entry(place).or_insert(0) += 1;
            if has_map && length.is_err() {
                break;
            }
        }
        assert_same(&survey.map(&out), &whole);
        assert_eq!(files(&survey.path(&out)), ["survey.gpkg"]);
    }
    println!(
        "{kills} kills in {surveys} surveys of {time:?}, all to the same map; killed {places:?}"
    );
}
