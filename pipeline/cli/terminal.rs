//! What people see at a terminal while a command runs: the one place that prints to stderr.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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
    let style = format!("{{prefix}}{{msg}} {{wide_bar}} {{pos}}/{{len}} {what}, {{eta}} left");
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
        self.bar.set_prefix(format!("{name}: "));
        self.bar.set_message("");
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

/// How much of something is done, as a bar; it goes when this does.
pub(crate) struct Share(ProgressBar);

impl Share {
    /// Shows nothing yet.
    pub(crate) fn new() -> Self {
        Self(ProgressBar::hidden())
    }

    /// The share that is done, 0 to 1, of what the text says.
    pub(crate) fn show(&self, text: &str, done: f64) {
        if self.0.is_hidden() {
            self.0.set_draw_target(ProgressDrawTarget::stderr());
            self.0.set_length(1000);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {percent} %");
            self.0.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
        self.0.set_message(text.to_owned());
        self.0.set_position((done * 1000.0) as u64);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.0.finish_and_clear();
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
pub(crate) async fn interruption() {
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
pub(crate) async fn interruption() {
    drop(tokio::signal::ctrl_c().await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_work_is_named_until_its_last_tile() {
        let terminal = Terminal::new();
        terminal.begin_pass("field by earthworks", 9, 0);
        terminal.tile_done(1.0, 3);
        assert_eq!(terminal.bar.prefix(), "field by earthworks: ");
        assert!(terminal.bar.message().starts_with("3 finds, "));
    }
}
