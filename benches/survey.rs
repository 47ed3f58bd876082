//! The whole survey, as the program runs it, against the least it could cost.

use crate::sample::Sample;
use rams_detect::Detector;
use std::{
    process::{Command, Stdio},
    time::Instant,
};

const ROUNDS: usize = 3;

/// Prints the whole survey's time and its ratio to the floor: every block decoded once and every
/// tile with an image through the model once, on one thread, with nothing else. Both sides in turn.
pub(crate) fn whole(sample: &Sample) {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if filter.is_some_and(|filter| !"survey".contains(&filter)) || std::env::args().any(|a| a == "--test") {
        return;
    }
    let size = sample.plan.grid().size();
    let megapixels = f64::from(size.width) * f64::from(size.height) / 1e6;
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (floor(sample), survey(sample))).collect();
    rounds.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    let (floor, survey) = rounds[ROUNDS / 2];
    println!(
        "survey/whole on one thread: {survey:.2} s, {:.2} MP/s; floor {floor:.2} s; ratio {:.2} (median of {ROUNDS}, {:.2} to {:.2})",
        megapixels / survey,
        survey / floor,
        rounds[0].1 / rounds[0].0,
        rounds[ROUNDS - 1].1 / rounds[ROUNDS - 1].0,
    );
}

fn floor(sample: &Sample) -> f64 {
    let started = Instant::now();
    let tiles = sample.tiles();
    let mut detector = Detector::new(&sample.manifest, &sample.runtime).unwrap();
    for tile in tiles.chunks(1) {
        detector.detect(tile, sample.plan.grid()).unwrap();
    }
    started.elapsed().as_secs_f64()
}

fn survey(sample: &Sample) -> f64 {
    let started = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_rams"))
        .args(["survey", sample.path.to_str().unwrap(), "-o", sample.folder.path().join("out").to_str().unwrap()])
        .args(["--model", sample.model.to_str().unwrap(), "--overwrite", "--threads", "1"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    started.elapsed().as_secs_f64()
}
