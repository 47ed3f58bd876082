//! The pieces of a planned survey -> its map.

use crate::{
    Progress, Summary, SurveyConfig, SurveyError,
    checkpoint::{self, Results},
    identity::RunIdentity,
    inputs::Inputs,
    pass::Pass,
    pass_result::{self, PassResult},
    piece::{self, Piece},
    plan::{Kernels, PLAN_FILE, Parameters, SurveyPlan},
    provider::Begun,
    record,
    run::{map, observe},
    shards::{Runs, Shard},
};
use rams_domain::{FileDigest, Notice, RunRecord, Subject, plural};
use rams_store::{PIECES_FOLDER, PieceFile, SURVEY_FILE, StoreError};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Makes the map of the survey that is planned in the folder of the configuration from the pieces
/// of its shards. It is a function of plan and pieces: the same byte for byte, whoever did which
/// shard in which order and however often, and but for its times that of [`run`](crate::run()).
///
/// A shard without a piece is an error that names it, or, if the map may be `partial`, a gap. A
/// survey that is there is replaced, unless people edited it. Nothing is replaced if it fails.
pub fn gather(
    config: &SurveyConfig,
    partial: bool,
    progress: &dyn Progress,
) -> Result<Summary, SurveyError> {
    let dir = &config.out;
    let plan = SurveyPlan::read(dir)?;
    let mut pieces = Pieces::of(dir, &plan)?;
    let missing = pieces.missing();
    if missing.len() > 0 && !partial {
        let shards =
            format!("{} of {} shards have no piece: {missing}", missing.len(), plan.decided.shards);
        return Err(SurveyError::Missing { dir: dir.clone(), shards });
    }
    let journal = checkpoint::claim(dir, true, progress)?;
    if dir.join(SURVEY_FILE).exists() {
        rams_store::check_as_drawn(dir).map_err(|error| match error {
            StoreError::AreasEdited { path, cause } => SurveyError::Edited { path, cause },
            error => error.into(),
        })?;
    }
    let (inputs, mut record) = open(config, &plan)?;
    record.notices.iter().for_each(|notice| progress.notice(&notice.to_string()));
    let digest = |path: &Path| plan.digest(&inputs, path);
    let mut read = |pass: &Pass<'_>| pieces.read(pass, progress);
    let observed = observe(config, &inputs, &mut record, &mut read, &digest)?;
    record.notices.extend(pieces.kernels());
    let mut map = map(config, &inputs, record, observed, plan.time.clone(), progress)?;
    map.survey.record.timing.interrupted = missing.len() > 0;
    if progress.is_stopping() {
        return Err(SurveyError::Stopped);
    }
    let summary = map.store(config, &inputs)?;
    journal.remove()?;
    if missing.len() == 0 {
        rams_store::sweep_pieces(dir);
    }
    Ok(summary)
}

/// Opens all that is given and checks that it is what was planned.
fn open(config: &SurveyConfig, plan: &SurveyPlan) -> Result<(Inputs, RunRecord), SurveyError> {
    let dir = &config.out;
    let decided = &plan.decided;
    let inputs = Inputs::open(config, Begun::Planned(&decided.identity))?;
    let mut record = record::begin(config, &inputs)?;
    plan.check(dir, &RunIdentity::of(&record, &inputs.fingerprints), false)?;
    if decided.parameters != Parameters::of(config, &inputs) {
        let differences =
            vec!["operating point, least confidence, --learn-from or survey metadata".into()];
        return Err(plan.foreign(dir, differences));
    }
    for model in &mut record.models {
        if let Some(reason) = plan.provider_reasons.get(&model.name) {
            model.provider_reason.clone_from(reason);
        }
    }
    // Of each of the machines.
    record.threads = 1;
    record.timing.runs = vec![plan.time.clone()];
    Ok((inputs, record))
}

impl SurveyPlan {
    /// The digest of an input as it was planned.
    fn digest(&self, inputs: &Inputs, path: &Path) -> FileDigest {
        let orthomosaic = inputs.orthomosaics().into_iter().find(|of| of.path == path);
        match orthomosaic {
            Some(of) => self.digests.get(&of.name).cloned(),
            None => self.surface_digest.clone(),
        }
        .unwrap_or_default()
    }
}

/// The shards of a plan and their pieces.
struct Pieces<'a> {
    dir: PathBuf,
    plan: &'a SurveyPlan,
    shards: Vec<Shard>,
    /// By shard.
    files: BTreeMap<u32, PieceFile>,
    /// Tiles by model and by what the kernels answered that did them.
    tiles: BTreeMap<(String, String), u32>,
}

impl<'a> Pieces<'a> {
    fn of(dir: &Path, plan: &'a SurveyPlan) -> Result<Self, SurveyError> {
        let shards = plan.shards(dir)?;
        let all = rams_store::pieces(dir)?;
        let mut files = BTreeMap::new();
        for same in all.chunk_by(|one, other| one.shard == other.shard) {
            let number = same[0].shard;
            let Some(shard) = shards.get(number as usize) else {
                let cause = format!("{PLAN_FILE} has {} shards, from 0", shards.len());
                return Err(StoreError::Piece { path: same[0].path.clone(), cause }.into());
            };
            if let Some(file) = piece::best(same, plan, shard)? {
                files.insert(number, file.clone());
            }
        }
        let tiles = BTreeMap::new();
        Ok(Self { dir: dir.to_owned(), plan, shards, files, tiles })
    }

    /// Numbers of shards without a piece.
    fn missing(&self) -> Runs {
        let numbers = self.shards.iter().map(|shard| shard.shard);
        Runs::of(numbers.filter(|number| !self.files.contains_key(number)))
    }

    /// What a pass saw, as its pieces hold it. Only those of a row of squares, whose tiles lie
    /// between one another in the order of the plan, are in memory at once.
    fn read(
        &mut self,
        pass: &Pass<'_>,
        progress: &dyn Progress,
    ) -> Result<PassResult, SurveyError> {
        let mut result = PassResult::default();
        let of_pass: Vec<_> =
            self.shards.iter().filter(|shard| shard.pass == pass.number).cloned().collect();
        let (model, orthomosaic) = (&pass.manifest.model.name, &pass.orthomosaic.name);
        progress.begin_pass(&format!("{model} on {orthomosaic}"), of_pass.len() as u32, 0);
        for row in of_pass.chunk_by(|one, other| one.tiles().last() > other.tiles().next()) {
            let mut outcomes = Results::new();
            for shard in row {
                result.unsettled += self.read_shard(pass, shard, &mut outcomes)?;
                progress.tile_done(0.0, 0);
            }
            for outcome in outcomes.values() {
                result.add(pass, outcome, &self.dir.join(PIECES_FOLDER))?;
            }
        }
        progress.end_pass();
        Ok(result)
    }

    /// Adds the outcomes of a shard; how many of its tiles may do better another time.
    fn read_shard(
        &mut self,
        pass: &Pass<'_>,
        shard: &Shard,
        outcomes: &mut Results,
    ) -> Result<u32, SurveyError> {
        let Some(file) = self.files.get(&shard.shard) else {
            let detail = format!("shard {} of the plan was not done", shard.shard);
            let lost = |tile| (tile, pass_result::not_reached(pass, tile, detail.clone()));
            outcomes.extend(shard.tiles().map(lost));
            return Ok(shard.len());
        };
        let Piece { head, outcomes: tiles } = piece::read(file, self.plan, shard)?;
        *self.tiles.entry((shard.model.clone(), head.kernel_print)).or_default() += shard.len();
        outcomes.extend(tiles);
        Ok(head.unsettled)
    }

    /// Which kernels did what, where they need not be the same.
    fn kernels(&self) -> Vec<Notice> {
        if self.plan.decided.kernels == Kernels::Same {
            return vec![];
        }
        let by = |((model, print), tiles): (&(String, String), &u32)| {
            let text = format!(
                "{tiles} {} by kernels {}; maps made by unlike kernels agree and are not the \
                 same to the last bit",
                plural(*tiles as usize, "tile"),
                &print[..print.len().min(12)]
            );
            Notice::new(Subject::Kernels, model, text)
        };
        self.tiles.iter().map(by).collect()
    }
}

#[cfg(test)]
mod tests;
