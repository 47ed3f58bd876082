//! `rams`: from a drone orthomosaic to a map of suspected hazardous areas.

mod args;
mod chip;
mod delineate;
mod evaluate;
mod export;
mod fields;
mod gather;
mod imagery;
mod inspect;
mod man;
mod models;
mod output;
mod plan;
mod planned;
mod report;
mod review;
mod scene;
mod shard;
mod status;
mod survey;
mod terminal;
mod text;
mod truth;
mod version;

use args::{Args, Command};
use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

/// Before there are threads: ONNX Runtime 1.31 keeps events about the machine and the program for
/// its maker, to send them, whatever is said through its own interface; PROJ fetches grids where
/// the environment says so. A survey tells no one of itself.
fn main() -> ExitCode {
    // SAFETY: no other thread runs that could read the environment.
    #[allow(unsafe_code)]
    unsafe {
        std::env::set_var("ORT_DISABLE_TELEMETRY", "1");
        std::env::set_var("PROJ_NETWORK", "OFF");
        // A package that carries GDAL carries the tables of GDAL and PROJ. Those of another
        // installation, and its plugins, do not fit.
        if let Some(tables) = rams_model::shipped("gdal-data") {
            std::env::set_var("GDAL_DATA", &tables);
            std::env::set_var("PROJ_DATA", &tables);
            std::env::set_var("GDAL_DRIVER_PATH", "disable");
        }
    }
    rams_tile::set_up();
    // Needed as long as the program runs.
    let version: &'static str = version::version().leak();
    let matches = Args::command().version(version).get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match command(args.command) {
        Ok(code) => code,
        Err(error) => {
            terminal::notice(&format!("error: {}", told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes, but for those that it tells itself.
fn told(error: &anyhow::Error) -> String {
    let causes = error.chain().skip(1).map(ToString::to_string);
    causes.fold(error.to_string(), |told, cause| match told.contains(&cause) {
        true => told,
        false => format!("{told}: {cause}"),
    })
}

fn command(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(args) => inspect::run(args),
        Command::Survey(args) => survey::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Shard(args) => shard::run(args),
        Command::Gather(args) => gather::run(args),
        Command::Status(args) => status::run(args),
        Command::Models(args) => models::run(args),
        Command::Man(args) => man::run(&args),
        Command::Export(args) => export::run(args),
        Command::Delineate(args) => delineate::run(args),
        Command::Report(args) => report::run(args),
        Command::Review(args) => review::run(args),
        Command::Scene(args) => scene::run(args),
        Command::Chip(args) => chip::run(args),
        Command::Fields(args) => fields::run(args),
        Command::Evaluate(args) => evaluate::run(args),
    }
}
