//! Decides a survey and cuts it into shards.

use crate::{args::PlanArgs, output::print, planned, terminal::Terminal};
use rams_domain::plural;
use rams_tile::ObjectFolder;
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: PlanArgs) -> anyhow::Result<ExitCode> {
    let (json, shard_mp, kernels) = (args.survey.json, args.shard_mp, args.kernels);
    let store = args.pieces.as_deref().map(ObjectFolder::new).transpose()?;
    let config = args.survey.resolve()?;
    if let Some(store) = &store {
        rams_survey::check_store(&config.out, store, config.overwrite)?;
    }
    let command = planned::command(&config.out, store.is_some())?;
    let plan = rams_survey::plan(&config, shard_mp, kernels, &command, &Terminal::new())?;
    if let Some(store) = &store {
        rams_survey::put_plan(&config.out, store)?;
    }
    if json {
        print(&serde_json::to_string(&plan)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let dir = config.out.display();
    let place = args.pieces.unwrap_or_else(|| dir.to_string());
    print(&format!(
        "{}: {} {}, {} {}, {:.0} MP, plan {}\nrams shard {place} K does one, K from 0 to \
         {}; rams gather {dir} makes the map",
        plan.plan.display(),
        plan.shards,
        plural(plan.shards as usize, "shard"),
        plan.tiles,
        plural(plan.tiles as usize, "tile"),
        plan.megapixels,
        &plan.id[..12],
        plan.shards.saturating_sub(1),
    ))?;
    Ok(ExitCode::SUCCESS)
}
