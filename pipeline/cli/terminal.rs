//! What people see at a terminal while a command runs: the one place that prints to stderr.

use indicatif::{ProgressBar, ProgressStyle};
use rams_survey::Progress;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Says something that a person should read.
pub(crate) fn notice(text: &str) {
    eprintln!("{text}");
}

/// How far a number of like things is, as a bar; quiet where nobody looks.
pub(crate) fn bar(things: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(things);
    bar.set_style(style(what));
    bar
}

fn style(what: &str) -> ProgressStyle {
    let style = format!("{{msg}} {{wide_bar}} {{pos}}/{{len}} {what}, {{eta}} left");
    ProgressStyle::with_template(&style).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A survey's progress as a bar, quiet where nobody looks; and the stop that was asked for.
#[derive(Clone)]
pub(crate) struct Terminal {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Terminal {
    /// Shows nothing yet, and leaves signals alone.
    pub(crate) fn new() -> Self {
        Self { bar: ProgressBar::new(0), stop: Arc::default() }
    }

    /// Shows nothing yet; from now on Ctrl-C (or a request to terminate) asks for a stop after
    /// the tiles in work, and a second one ends the program at once.
    pub(crate) fn listening() -> Self {
        let terminal = Self::new();
        let asked = terminal.clone();
        outlive_file_limits();
        tokio::spawn(async move {
            interruption().await;
            asked.stop();
            asked.bar.println(
                "stopping: finishing the tiles in work and writing what is there (again \
                          to stop at once)",
            );
            interruption().await;
            std::process::exit(130);
        });
        terminal
    }
}

impl Progress for Terminal {
    fn notice(&self, text: &str) {
        self.bar.suspend(|| notice(text));
    }

    fn begin_pass(&self, name: &str, tiles: u32, done: usize) {
        self.bar.set_style(style("tiles"));
        self.bar.reset();
        self.bar.set_length(tiles.into());
        self.bar.set_position(done as u64);
        self.bar.reset_eta();
        self.bar.set_message(name.to_owned());
    }

    fn tile_done(&self, megapixels: f64, finds: usize) {
        self.bar.inc(1);
        let rate = megapixels / self.bar.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_message(format!("{finds} finds, {rate:.1} MP/s"));
    }

    fn end_pass(&self) {
        self.bar.finish_and_clear();
    }

    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A file that may grow no larger (`ulimit -f`) is then an error of that file; unheeded, the signal
/// would end the program without a word.
#[cfg(unix)]
fn outlive_file_limits() {
    use tokio::signal::unix::{SignalKind, signal};
    const SIGXFSZ: i32 = 25;
    // Once asked for, a signal is heeded for good. A system that has no such signal needs nothing.
    drop(signal(SignalKind::from_raw(SIGXFSZ)));
}

#[cfg(not(unix))]
fn outlive_file_limits() {}

#[cfg(unix)]
async fn interruption() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn interruption() {
    drop(tokio::signal::ctrl_c().await);
}
