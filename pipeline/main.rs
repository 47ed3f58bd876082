//! `rams`: from a drone orthomosaic to a map of suspected hazardous areas.

mod args;
mod coverage;
mod inspect;
mod look;
mod progress;
mod record;
mod run;
mod summary;

use args::{Args, Command};
use clap::Parser;
use progress::Progress;
use rams_domain::RasterSize;
use std::process::ExitCode;

/// Done, but ground that should have been assessed was not; the layer `gaps` says where and why.
const DONE_WITH_GAPS: u8 = 3;

#[tokio::main]
async fn main() -> ExitCode {
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
        Command::Inspect(args) => inspect::inspect(&args.resolve()?)?,
        Command::Survey(args) => {
            let json = args.json;
            let config = args.resolve()?;
            let summary = run::survey(config, Progress::new()).await?;
            if json {
                summary.print_json()?
            } else {
                summary.print()
            }
            return Ok(if summary.has_unexpected_gaps() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS });
        }
        Command::Export(args) => {
            for path in rams_store::export(&args.dir, args.format, &args.out)? {
                println!("{}", path.display());
            }
        }
        Command::Scene(args) => {
            let size = RasterSize { width: args.size.0, height: args.size.1 };
            let spec = rams_scene::SceneSpec { seed: args.seed, size, gsd_m: args.gsd, ..Default::default() };
            let truth = rams_scene::paint(&spec, &args.out)?;
            println!("{}\n{}", truth.orthomosaic.display(), truth.path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}
