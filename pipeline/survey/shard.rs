//! One shard of a planned survey -> its piece.

use crate::{
    Progress, SurveyConfig, SurveyError,
    checkpoint::Results,
    identity::RunIdentity,
    inference::{self, Inferred},
    inputs::Inputs,
    piece,
    plan::{Kernels, SHARDS_FILE, SurveyPlan},
    provider::Begun,
    record,
    shards::Shard,
};
use rams_detect::kernel_print;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What came of a shard.
#[derive(Debug, Serialize)]
pub struct ShardSummary {
    /// Its number.
    pub shard: u32,
    /// Its piece.
    pub piece: PathBuf,
    /// Its tiles.
    pub tiles: u32,
    /// Those of them that could not be read, or on which the model failed: the same shard again
    /// may do better.
    pub unsettled: u32,
    /// Whether the piece was there before.
    pub was_there: bool,
}

/// Does one shard of the survey that is planned in the folder of the configuration, and seals it
/// as a piece. One that is sealed is not done again, unless `again` says so, as a check that this
/// machine answers as the other did.
///
/// Nothing of it is kept if it fails or is stopped. [`SurveyError::Foreign`] before the first tile
/// where build, files or kernels are not those of the plan.
pub fn shard(
    mut config: SurveyConfig,
    number: u32,
    again: bool,
    progress: &dyn Progress,
) -> Result<ShardSummary, SurveyError> {
    let dir = config.out.clone();
    let plan = SurveyPlan::read(&dir)?;
    let last = plan.decided.shards.saturating_sub(1);
    let missing = || SurveyError::NoShard { path: dir.join(SHARDS_FILE), shard: number, last };
    let shard = plan.shards(&dir)?.into_iter().nth(number as usize).ok_or_else(missing)?;
    let summary = |piece: PathBuf, unsettled, was_there| ShardSummary {
        shard: number,
        piece,
        tiles: shard.len(),
        unsettled,
        was_there,
    };
    let sealed = if again { None } else { sealed(&dir, &plan, &shard)? };
    if let Some((0, path)) = sealed {
        return Ok(summary(path, 0, true));
    }
    narrow(&mut config, &plan, &shard).map_err(|line| plan.foreign(&dir, vec![line]))?;
    let (inputs, print) = open(&config, &plan, &shard)?;
    let (outcomes, unsettled) = infer(&config, &inputs, &plan, &shard, progress)?;
    if let Some((before, path)) = sealed.filter(|(before, _)| *before <= unsettled) {
        return Ok(summary(path, before, true));
    }
    let file = piece::write(&dir, &plan, &shard, print, unsettled, &outcomes)?;
    Ok(summary(file.path, unsettled, false))
}

/// The piece of a shard with the fewest tiles that may do better another time, and how many. One
/// that cannot be read is made again.
fn sealed(
    dir: &Path,
    plan: &SurveyPlan,
    shard: &Shard,
) -> Result<Option<(u32, PathBuf)>, SurveyError> {
    let files = rams_store::pieces(dir)?.into_iter().filter(|file| file.shard == shard.shard);
    let read = files
        .filter_map(|file| Some((piece::read(&file, plan, shard).ok()?.head.unsettled, file.path)));
    Ok(read.min())
}

/// What the model answers on the tiles of a shard, and how many of them may do better another time.
fn infer(
    config: &SurveyConfig,
    inputs: &Inputs,
    plan: &SurveyPlan,
    shard: &Shard,
    progress: &dyn Progress,
) -> Result<(Results, u32), SurveyError> {
    let passes = inputs.passes(&inputs.list[0], &mut (shard.pass..))?;
    let Some(mut pass) = passes.into_iter().find_map(|(_, pass)| pass) else {
        let nothing = format!("{} can assess nothing of {} here", shard.model, shard.orthomosaic);
        return Err(plan.foreign(&config.out, vec![nothing]));
    };
    let mut within = vec![false; pass.plan.len() as usize];
    shard.tiles().for_each(|tile| within[tile.0 as usize] = true);
    pass.within = Some(within);
    let mut outcomes = Results::new();
    let mut keep = |_, _: &[u8]| Ok(());
    let (runtime, threads) = (&inputs.runtime, config.threads);
    let Inferred { unsettled, fault } =
        inference::infer(&pass, runtime, threads, progress, &mut outcomes, &mut keep)?;
    if progress.is_stopping() {
        return Err(SurveyError::Stopped);
    }
    if let Some((_, cause)) = fault {
        return Err(SurveyError::ShardFailed { shard: shard.shard, cause });
    }
    inputs.check_unchanged()?;
    Ok((outcomes, unsettled))
}

/// Leaves of a configuration what a shard needs. The error says what there is not.
fn narrow(config: &mut SurveyConfig, plan: &SurveyPlan, shard: &Shard) -> Result<(), String> {
    let (names, paths) = (&plan.decided.orthomosaics, &mut config.orthomosaics);
    let place = names.iter().position(|name| *name == shard.orthomosaic);
    let path = place.filter(|_| paths.len() == names.len()).map(|place| paths.swap_remove(place));
    *paths = vec![path.ok_or_else(|| {
        format!("orthomosaics: {} ({}), here {}", names.len(), names.join(", "), paths.len())
    })?];
    config.dsm.take_if(|_| !plan.decided.with_heights.contains(&shard.orthomosaic));
    (config.aoi, config.evidence, config.mapping) = (None, vec![], None);
    Ok(())
}

/// Opens what a shard needs and checks that it is what was planned; with it goes what the kernels
/// of this machine answer.
fn open(
    config: &SurveyConfig,
    plan: &SurveyPlan,
    shard: &Shard,
) -> Result<(Inputs, String), SurveyError> {
    let dir = &config.out;
    let identity = &plan.decided.identity;
    let mut inputs = Inputs::open(config, Begun::Shard { identity, model: &shard.model })?;
    inputs.list[0].orthomosaic.name.clone_from(&shard.orthomosaic);
    let record = record::begin(config, &inputs)?;
    plan.check(dir, &RunIdentity::of(&record, &inputs.fingerprints), true)?;
    let model = &inputs.models[0];
    let foreign = |here: String| {
        plan.foreign(dir, vec![format!("what the kernels answer to {}: {here}", shard.model)])
    };
    let print = kernel_print(&model.manifest, model.provider.provider, &inputs.runtime)
        .map_err(|error| foreign(error.to_string()))?;
    let planned = plan.decided.kernel_prints.get(&shard.model).map_or("none", String::as_str);
    if print != planned && plan.decided.kernels == Kernels::Same {
        return Err(foreign(format!("digest {planned}, here {print}")));
    }
    Ok((inputs, print))
}
