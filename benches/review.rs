//! A team that decides at once, against the least that keeping a decision could cost.

use crate::team::{Client, areas, serve};
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
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if filter.is_some_and(|filter| !"review".contains(&filter))
        || std::env::args().any(|a| a == "--test")
    {
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
