//! A team that decides at once, against the least that keeping a decision could cost.

use crate::team::{Client, areas, serve};
use cpu_time::ProcessTime;
use geo::Centroid;
use rams_domain::{EoCategory, Feature, FeatureId, Indicator, PxBox, Survey};
use serde_json::Value;
use std::{
    fs::File,
    io::Write,
    path::Path,
    thread,
    time::{Duration, Instant},
};

const CLIENTS: usize = 32;
const DECISIONS: usize = 200;
const ROUNDS: usize = 5;

/// Bytes of a decision in the log, with its outline before and after.
const EVENT_BYTES: usize = 1_500;

/// Prints what a decision of 32 people at once costs. The floor is a file to which one thread
/// writes as many events of the same size, each on the disk before the next, before and after the
/// review.
pub(crate) fn team() {
    if !is_asked("review") {
        return;
    }
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let folder = tempfile::tempdir().unwrap();
            // Disks are quick at one moment and slow at the next: before and after.
            let before = appends(folder.path());
            let (whole, answers) = decisions(folder.path());
            let floor = (before + appends(folder.path())) / 2;
            (whole.as_secs_f64() / floor.as_secs_f64(), whole, answers)
        })
        .collect();
    let mut ratios: Vec<f64> = rounds.iter().map(|round| round.0).collect();
    ratios.sort_by(f64::total_cmp);
    let mut answers: Vec<Duration> = rounds.iter().flat_map(|round| round.2.clone()).collect();
    answers.sort();
    let per_s = rounds.iter().map(|round| (CLIENTS * DECISIONS) as f64 / round.1.as_secs_f64());
    println!(
        "review ({CLIENTS} x {DECISIONS} decisions)  time / floor {:.2} ({:.2} to {:.2})  {:.0} to \
         {:.0} decisions/s  p99 {:.0} ms",
        ratios[ROUNDS / 2],
        ratios[0],
        ratios[ROUNDS - 1],
        per_s.clone().fold(f64::MAX, f64::min),
        per_s.fold(0.0, f64::max),
        answers[answers.len() * 99 / 100].as_secs_f64() * 1000.0,
    );
}

/// Whether a group of benches is to run.
fn is_asked(group: &str) -> bool {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    filter.is_none_or(|filter| group.contains(&filter))
        && !std::env::args().any(|argument| argument == "--test")
}

/// Prints what one person waits for where there is much to review: 10,000 areas with 100,000 finds,
/// and then 100,000 areas, but for reading the file.
pub(crate) fn load() {
    if !is_asked("review load") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "reviewer".to_owned();
    let (survey, areas_m) = (with_finds(areas(10_000), 10), [1_000.0, 1_000.0]);
    let served = serve(folder.path(), survey, std::slice::from_ref(&name));
    let mut client = Client::of(served.address, &name);
    let mut took = |path: &str| {
        let asked = Instant::now();
        assert_eq!(client.get(path).status, 200, "{path}");
        asked.elapsed()
    };
    let cpu = ProcessTime::now();
    let whole = took("/features?bbox=-5000,-5000,5000,5000&res=2");
    let cpu = cpu.elapsed();
    let mut random = fastrand::Rng::with_seed(7);
    let mut window = || {
        // As wide as a screen at some zoom, from a single area to the whole.
        let res = 0.01 * 2f64.powf(random.f64() * 7.0);
        let [x, y] = areas_m.map(|side| side * (random.f64() - 0.5));
        let [w, h] = [1_366.0, 768.0].map(|px| px * res);
        took(&format!("/features?bbox={x},{y},{},{}&res={res}", x + w, y + h))
    };
    let features: Vec<Duration> = (0..200).map(|_| window()).collect();
    let item = |id: usize| took(&format!("/items/A{id:04}"));
    let items: Vec<Duration> = (1..=200).map(item).collect();
    println!(
        "review load (10,000 areas, 100,000 finds)  /features of all {:.0} ms (CPU {:.0} ms), p95 {:.0} ms  \
         /items p95 {:.0} ms  memory {} MiB",
        ms(whole),
        ms(cpu),
        p95(features),
        p95(items),
        memory_mib(),
    );
    drop(served);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let survey = areas(100_000);
    let begun = Instant::now();
    let served = serve(dir, survey.clone(), std::slice::from_ref(&name));
    let mut client = Client::of(served.address, &name);
    assert_eq!(client.get("/queue?stage=analyst&most=100").body["of"], 10_000);
    let first = begun.elapsed();
    for item in 1..=200 {
        let (id, key) = (format!("A{item:04}"), format!("decision-{item}"));
        assert_eq!(client.decide(&id, 1, &key, &Value::Null).status, 200);
    }
    let day = client.get("/log").body["events"][0]["at"].as_str().unwrap()[..10].to_owned();
    drop((client, served));
    let begun = Instant::now();
    let progress = rams_review::progress(dir, survey, "5e".repeat(32), &day).unwrap();
    assert_eq!(progress.head.seq, 200);
    println!(
        "review load (100,000 areas)  opens in {:.1} s  the day {:.1} s, both without reading the file",
        first.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn p95(mut times: Vec<Duration>) -> f64 {
    times.sort();
    ms(times[times.len() * 95 / 100])
}

/// The most that this process has held, server, survey and clients together.
fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = most.and_then(|most| most.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Areas with so many finds each, in their middle.
fn with_finds(mut survey: Survey, each: u32) -> Survey {
    for area in &mut survey.hazard_areas {
        let at = area.boundary.centroid().unwrap();
        let first = area.id.0 * each;
        for id in (first..first + each).map(FeatureId) {
            area.features.push(id);
            survey.features.push(Feature {
                id,
                class: "pfm-1".into(),
                indicator: Indicator::MineSurface,
                eo_category: EoCategory::ApMine,
                geometry: at.into(),
                score: 0.8,
                confidence: 0.8,
                size_m: [0.12, 0.06],
                area_m2: 0.0,
                parts: vec![],
                orthomosaic: "flight".into(),
                model: "ordnance".into(),
                px: PxBox { x0: 1.0, y0: 2.0, x1: 30.0, y1: 20.0 },
                detections: vec![],
                also: vec![],
            });
        }
    }
    survey
}

fn appends(folder: &Path) -> Duration {
    let mut file = File::create(folder.join("floor")).unwrap();
    let event = [7; EVENT_BYTES];
    let begun = Instant::now();
    for _ in 0..CLIENTS * DECISIONS {
        file.write_all(&event).unwrap();
        file.sync_data().unwrap();
    }
    begun.elapsed()
}

/// How long all took, and each of them.
fn decisions(folder: &Path) -> (Duration, Vec<Duration>) {
    let names: Vec<String> = (1..=CLIENTS).map(|at| format!("reviewer {at}")).collect();
    let served = serve(folder, areas((CLIENTS * DECISIONS) as u32), &names);
    let clients: Vec<_> = names.iter().map(|name| Client::of(served.address, name)).collect();
    let begun = Instant::now();
    let answers = thread::scope(|scope| {
        let decide = |(at, mut client): (usize, Client<_>)| {
            let ids = at * DECISIONS + 1..=at * DECISIONS + DECISIONS;
            let decide = move |item: usize| {
                let asked = Instant::now();
                let (id, key) = (format!("A{item:04}"), format!("decision-{item}"));
                let reply = client.decide(&id, 1, &key, &Value::Null);
                assert_eq!(reply.status, 200, "{}", reply.body);
                asked.elapsed()
            };
            scope.spawn(move || ids.map(decide).collect::<Vec<_>>())
        };
        let threads: Vec<_> = clients.into_iter().enumerate().map(decide).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let whole = begun.elapsed();
    let verified = Client::of(served.address, &names[0]).get("/log/verify").body;
    assert_eq!(verified["ok"], true, "{verified}");
    (whole, answers)
}
