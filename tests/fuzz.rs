//! Damaged and hostile files: each is an error or a result, and never a panic, a hang, a crash or
//! all the memory. The damage is seeded, so a fault that was found once is found again.
//!
//! Every kind of file runs in a process of its own with bounded memory, because what reads it is a
//! C library as often as not. `RAMS_FUZZ=10000 cargo test --release --test tests fuzz` damages each
//! kind so often; the tests themselves do less.

mod files;

use crate::support::mutate;
use files::Kind;
use std::{
    env, fs,
    panic::{self, AssertUnwindSafe},
    process::{Command, Stdio, abort},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Address space of a process that reads damaged files, KiB, and what it may use of it.
const ADDRESSES_KIB: u64 = 12_000_000;
const PEAK_KIB: u64 = 1_500_000;

/// One file that takes longer is a hang: the slowest of them take a second.
const HANG: Duration = Duration::from_secs(120);

#[test]
fn model_descriptions() {
    fuzz("manifest", 1_000);
}

#[test]
fn weights_and_their_metadata() {
    fuzz("weights", 300);
}

#[test]
fn doctrine_profiles() {
    fuzz("doctrine", 1_000);
}

#[test]
fn surveys_read_back() {
    fuzz("survey", 150);
}

#[test]
fn headers_of_orthomosaics() {
    fuzz("raster", 500);
}

/// Runs [`worker`] in a process of its own on so many damaged files of a kind.
fn fuzz(kind: &str, default_count: usize) {
    let count =
        env::var("RAMS_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(default_count);
    let program = env::current_exe().unwrap();
    let run = format!(
        "ulimit -v {ADDRESSES_KIB}; exec \"$0\" fuzz::worker --exact --ignored --nocapture"
    );
    let output = Command::new("sh")
        .args(["-c", &run])
        .arg(program)
        .env("RAMS_FUZZ_KIND", kind)
        .env("RAMS_FUZZ", count.to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let last =
        out.lines().rev().find(|line| line.starts_with("file ")).unwrap_or("before the first file");
    assert!(output.status.success(), "{kind}, {last}: {}\n{err}", output.status);
    let result = out
        .lines()
        .find(|line| line.starts_with("of "))
        .unwrap_or_else(|| panic!("{kind}: no result\n{out}"));
    println!("{kind}: {result}");
}

#[test]
#[ignore = "a process of the tests beside it"]
fn worker() {
    let (Ok(kind), Ok(count)) = (env::var("RAMS_FUZZ_KIND"), env::var("RAMS_FUZZ")) else { return };
    let count: usize = count.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kind = Kind::prepare(&kind, folder.path());
    let now = Arc::new(AtomicUsize::new(0));
    watch(now.clone());
    let mut refused = 0;
    for number in 0..count {
        now.store(number, Ordering::Relaxed);
        println!("file {number}");
        let mut rng = fastrand::Rng::with_seed(number as u64);
        // A panic says where; which file it was, the line above says.
        match panic::catch_unwind(AssertUnwindSafe(|| kind.read_damaged(&mut rng))) {
            Ok(is_read) => refused += usize::from(!is_read),
            Err(_) => panic!("file {number} makes the program panic"),
        }
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    let peak: u64 = peak.unwrap_or(0);
    assert!(peak < PEAK_KIB, "it took {peak} KiB");
    assert!(refused * 10 > count, "the damage is none: {refused} of {count} were refused");
    println!("of {count} files {refused} refused, the others read; peak {} MB", peak / 1024);
}

/// Ends the process when a file takes too long.
fn watch(now: Arc<AtomicUsize>) {
    thread::spawn(move || {
        loop {
            let number = now.load(Ordering::Relaxed);
            thread::sleep(HANG);
            if now.load(Ordering::Relaxed) == number {
                eprintln!("file {number} takes more than {HANG:?}");
                abort();
            }
        }
    });
}
