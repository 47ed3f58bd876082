//! `rams`: from a drone orthomosaic to a map of suspected hazardous areas.

mod args;
mod chip;
mod coverage;
mod engine;
mod evidence;
mod fields;
mod height;
mod identity;
mod imagery;
mod inputs;
mod inspect;
mod kept;
mod labels;
mod limit;
mod look;
mod models;
mod naming;
mod overlap;
mod present;
mod print;
mod progress;
mod record;
mod run;
mod score;
mod sitting;
mod summary;
mod truth;
mod unseen;
mod works;

use anyhow::Context;
use args::{Args, Command};
use clap::Parser;
use progress::Progress;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Done, but ground that should have been assessed was not (the layer `gaps` says where and why), or
/// an export holds what an import would refuse.
const DONE_WITH_GAPS: u8 = 3;

/// Before there are threads: ONNX Runtime 1.31 keeps events about the machine and the program for its
/// maker, to send them, whatever is said through its own interface. A survey tells no one of itself.
fn main() -> ExitCode {
    // SAFETY: no other thread runs that could read the environment.
    #[allow(unsafe_code)]
    unsafe {
        std::env::set_var("ORT_DISABLE_TELEMETRY", "1");
    }
    program()
}

#[tokio::main]
async fn program() -> ExitCode {
    match command(Args::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn command(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(args) => say(&inspect::inspect(&args.resolve()?)?)?,
        Command::Survey(args) => {
            let json = args.json;
            let summary = run::survey(args.resolve()?, Progress::new()).await?;
            say(&if json { summary.to_json()? } else { summary.to_string() })?;
            return Ok(if summary.has_unexpected_gaps() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS });
        }
        Command::Models(args) => {
            if let Some(path) = &args.describe {
                say(rams_detect::Manifest::describe(path)?.trim_end())?;
                return Ok(ExitCode::SUCCESS);
            }
            let models = models::models(&args.resolve()?)?;
            say(if args.json { models.to_json()? } else { models.to_string() }.trim_end())?;
            return Ok(if models.is_broken() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        Command::Export(args) => {
            let exported = rams_store::export(&args.dir, args.format, &args.out)?;
            for path in &exported.files {
                say(&path.display().to_string())?;
            }
            exported.beside_itself.iter().for_each(|crowd| eprintln!("{crowd}"));
            say(&exported.checks.to_string())?;
            return Ok(if exported.checks.refuse() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS });
        }
        Command::Report(args) => {
            for path in present::present(&args.resolve()?)? {
                say(&path.display().to_string())?;
            }
        }
        Command::Scene(args) => {
            let specs = args.specs()?;
            if let [spec] = specs.as_slice() {
                let truth = rams_scene::paint(spec, &args.out)?;
                say(&format!("{}\n{}", truth.orthomosaic.display(), truth.path.display()))?;
            } else {
                std::fs::create_dir_all(&args.out)
                    .with_context(|| format!("cannot create folder {}", args.out.display()))?;
                let scenes = rams_scene::paint_many(&specs, &args.out)?;
                say(&format!("{} scenes in {}", scenes.len(), args.out.display()))?;
            }
        }
        Command::Chip(args) => say(&chip::chip(&args.resolve()?)?.to_string())?,
        Command::Fields(args) => {
            let (json, config) = (args.json, args.resolve()?);
            let report = fields::fields(&config)?;
            config.out.map(|folder| fields::write(&report, &folder)).transpose()?;
            say(&if json { serde_json::to_string_pretty(&report)? } else { report.to_string() })?;
        }
        Command::Evaluate(args) => {
            let (json, out) = (args.json, args.out.clone());
            let evaluation = score::score(&args.resolve()?)?;
            out.map(|folder| score::write(&evaluation, &folder)).transpose()?;
            say(&if json { serde_json::to_string_pretty(&evaluation)? } else { evaluation.to_string() })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints to a reader that may have had enough: `rams survey ... | head` is no error.
fn say(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
