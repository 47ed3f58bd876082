//! How far a planned survey is.

use crate::{SurveyError, piece, plan::SurveyPlan, shards::Runs};
use rams_domain::plural;
use serde::Serialize;
use std::{collections::BTreeSet, fmt, fs, path::Path, time::SystemTime};

/// How far a planned survey is, by its pieces.
#[derive(Debug, Serialize)]
pub struct SurveyStatus {
    /// Shards of the plan.
    pub shards: u32,
    /// Shards with a piece that can be used.
    pub done: u32,
    /// Megapixels of all shards at the scale of their models, and of those that are done.
    pub megapixels: [f64; 2],
    /// Numbers of the shards without one, as runs: `3 7-9`.
    pub missing: String,
    /// Numbers of shards with tiles that may do better another time, as runs.
    pub unsettled: String,
    /// Pieces that cannot be used, and why.
    pub refused: Vec<String>,
    /// Megapixels a second from the first piece to the last; `None` below two.
    pub megapixels_per_s: Option<f64>,
}

/// Reads all pieces of the survey that is planned in a folder.
pub fn status(dir: &Path) -> Result<SurveyStatus, SurveyError> {
    let plan = SurveyPlan::read(dir)?;
    let shards = plan.shards(dir)?;
    let (mut done, mut unsettled, mut refused) = (BTreeSet::new(), vec![], vec![]);
    let (mut times, mut megapixels) = (vec![], 0.0);
    let files = rams_store::pieces(dir)?;
    for same in files.chunk_by(|one, other| one.shard == other.shard) {
        let number = same[0].shard;
        let Some(shard) = shards.get(number as usize) else {
            refused.push(format!("{}: the plan has no such shard", same[0].path.display()));
            continue;
        };
        let read = piece::best(same, &plan, shard).and_then(|file| {
            let file = file.unwrap_or(&same[0]);
            Ok((file, piece::read(file, &plan, shard)?.head))
        });
        match read {
            Ok((file, head)) => {
                done.insert(number);
                unsettled.extend((head.unsettled > 0).then_some(number));
                let time = fs::metadata(&file.path).and_then(|file| file.modified());
                times.extend(time.map(|time| (time, shard.megapixels)));
                megapixels += shard.megapixels;
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    let missing = shards.iter().map(|shard| shard.shard).filter(|number| !done.contains(number));
    Ok(SurveyStatus {
        shards: plan.decided.shards,
        done: done.len() as u32,
        megapixels: [shards.iter().map(|shard| shard.megapixels).sum(), megapixels],
        missing: Runs::of(missing).to_string(),
        unsettled: Runs::of(unsettled).to_string(),
        refused,
        megapixels_per_s: rate(times),
    })
}

/// What was done between the first piece and the last: the first one's own time is not known.
fn rate(mut times: Vec<(SystemTime, f64)>) -> Option<f64> {
    times.sort_by_key(|(time, _)| *time);
    let [(first, _), since @ ..] = &times[..] else { return None };
    let took = since.last()?.0.duration_since(*first).ok()?.as_secs_f64();
    let megapixels: f64 = since.iter().map(|(_, megapixels)| megapixels).sum();
    (took > 0.0).then_some(megapixels / took)
}

impl fmt::Display for SurveyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shards, done, megapixels: [all, so_far], missing, unsettled, .. } = self;
        let noun = plural(*shards as usize, "shard");
        write!(f, "{done} of {shards} {noun} done, {so_far:.0} of {all:.0} MP")?;
        if let Some(rate) = self.megapixels_per_s.filter(|_| done < shards) {
            let left_h = (all - so_far) / rate / 3600.0;
            write!(f, "; {rate:.1} MP/s, about {left_h:.1} h left")?;
        }
        if done == shards {
            write!(f, "; gather them with `rams gather`")?;
        } else {
            write!(f, "\nmissing: {missing}")?;
        }
        if !unsettled.is_empty() {
            write!(f, "\nwith tiles that may do better another time: {unsettled}")?;
        }
        self.refused.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}
