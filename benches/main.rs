//! What a survey costs: every stage on the sample scene, and the whole against its floor; and what a
//! team that reviews one does.
//!
//! `cargo bench` runs all; `cargo bench -- tile` one group. Machines are noisy: the figure to quote
//! is the ratio that `survey` prints last and `review` first, whose two sides are measured in turn.

#![allow(clippy::unwrap_used)] // a bench may panic

mod review;
mod sample;
mod stages;
mod survey;
#[path = "../tests/support/team.rs"]
mod team;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    review::team();
    review::load();
    let sample = sample::Sample::paint();
    stages::scene(&mut criterion);
    stages::tile(&mut criterion, &sample);
    stages::detect(&mut criterion, &sample);
    stages::trace(&mut criterion, &sample);
    stages::delineate(&mut criterion, &sample);
    stages::store(&mut criterion, &sample);
    survey::whole(&sample);
    criterion.final_summary();
}
