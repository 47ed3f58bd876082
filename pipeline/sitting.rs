//! One run of the program on a survey, which may take several: what is done is kept, and not done
//! again.
//!
//! A tile that could not be read, or on which the model failed, is on the map as a gap, but it is not
//! kept: as long as there is one, the journal stays, and the same command tries it again. A fault that
//! lasts gives the same map again; one that has passed, a better one.

use crate::{args::SurveyConfig, identity::Identity};
use anyhow::{Context, ensure};
use rams_domain::TileId;
use rams_store::{Journal, SURVEY_FILE, StoreError};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

/// A process that was killed lets go of its files only when all its threads have ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// What each record of the journal begins with, but for its head, which is an [`Identity`].
#[derive(Debug, Serialize, Deserialize)]
enum Mark {
    /// A run began, at this time.
    Sitting(String),
    /// A tile of a pass is done: what follows is its result.
    Tile(u32, TileId),
}

/// Results of tiles as they are stored, by tile.
pub(crate) type Results = BTreeMap<TileId, Box<[u8]>>;

/// A run that keeps what it does.
pub(crate) struct Sitting {
    journal: Journal,
    earlier: Earlier,
    /// When each sitting began, this one last.
    begins: Vec<String>,
}

/// What a journal holds.
#[derive(Default)]
struct Earlier {
    begins: Vec<String>,
    /// Results by pass.
    results: BTreeMap<u32, Results>,
    lost_bytes: u64,
}

/// Claims the folder of a survey. Waits a little for another process that is at it, which may be about
/// to end.
pub(crate) fn claim(config: &SurveyConfig) -> Result<Journal, StoreError> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        match Journal::claim(&config.out, config.overwrite) {
            Err(StoreError::InUse { dir, by }) if begun.elapsed() < PATIENCE => {
                if !told {
                    eprintln!("{by} is at {}: waiting for it, {} s at most", dir.display(), PATIENCE.as_secs());
                }
                told = true;
                sleep(Duration::from_millis(100));
            }
            claimed => {
                if claimed.is_ok() && config.overwrite {
                    tell_of_replaced(&config.out.join(SURVEY_FILE));
                }
                return claimed;
            }
        }
    }
}

/// Says that a survey will be replaced: people may have edited it.
fn tell_of_replaced(survey: &Path) {
    if let Ok(changed) = fs::metadata(survey).and_then(|survey| survey.modified()) {
        let changed = jiff::Timestamp::try_from(changed).unwrap_or_default().strftime("%Y-%m-%d %H:%M UTC");
        eprintln!("{}, last changed {changed}, will be replaced, with all that was edited in it", survey.display());
    }
}

impl Sitting {
    /// Begins a survey in a folder claimed for it, or goes on with it. If another was begun there, the
    /// error names what differs.
    pub(crate) fn begin(mut journal: Journal, config: &SurveyConfig, identity: &Identity) -> anyhow::Result<Self> {
        let path = journal.path().display().to_string();
        let mut earlier = match Earlier::read(&mut journal, identity) {
            Err(_) if config.overwrite => Earlier::default(),
            read => read?,
        };
        if earlier.lost_bytes > 0 {
            let bytes = earlier.lost_bytes;
            eprintln!(
                "{path} was torn or damaged: its last {bytes} bytes count for nothing, their tiles are done again"
            );
        }
        let mut begins = std::mem::take(&mut earlier.begins);
        if begins.is_empty() {
            journal.begin(&postcard::to_stdvec(identity)?)?;
        } else {
            let tiles: usize = earlier.results.values().map(Results::len).sum();
            eprintln!("going on where {path} ends: {tiles} tiles are done");
        }
        begins.push(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let mut sitting = Self { journal, earlier, begins };
        sitting.add(&Mark::Sitting(sitting.begins[sitting.begins.len() - 1].clone()), &[])?;
        Ok(sitting)
    }

    /// What earlier sittings did of a pass; for the one that goes on with it.
    pub(crate) fn earlier(&mut self, pass: u32) -> Results {
        self.earlier.results.remove(&pass).unwrap_or_default()
    }

    /// Keeps the result of a tile.
    pub(crate) fn keep(&mut self, pass: u32, tile: TileId, result: &[u8]) -> anyhow::Result<()> {
        self.add(&Mark::Tile(pass, tile), result)
    }

    /// In how many sittings the survey is done, and when each began.
    pub(crate) fn tally(&self) -> String {
        match &self.begins[..] {
            [_] => "1".into(),
            begins => format!("{}, begun {}", begins.len(), begins.join(", ")),
        }
    }

    /// Ends the sitting once its survey is stored. If it was stopped, or some of its tiles are not
    /// settled, the journal stays, and the same command does the rest.
    pub(crate) fn end(mut self, unsettled: u32, stopped: bool) -> anyhow::Result<()> {
        if unsettled == 0 && !stopped {
            return Ok(self.journal.remove()?);
        }
        let left = if unsettled > 0 { format!("{unsettled} tile(s)") } else { "the digest of an input".into() };
        eprintln!("{left} not done: the same command goes on from here");
        Ok(self.journal.sync()?)
    }

    fn add(&mut self, mark: &Mark, result: &[u8]) -> anyhow::Result<()> {
        let record = postcard::to_extend(mark, Vec::with_capacity(result.len() + 16))?;
        Ok(self.journal.append(&[&record, result].concat())?)
    }
}

impl Earlier {
    fn read(journal: &mut Journal, identity: &Identity) -> anyhow::Result<Self> {
        let (path, mut earlier, mut has_head) = (journal.path().to_owned(), Self::default(), false);
        earlier.lost_bytes = journal.resume(|record| {
            if !has_head {
                has_head = true;
                return check(&postcard::from_bytes(&record)?, identity)
                    .with_context(|| format!("cannot go on with the survey begun in {}", path.display()));
            }
            match postcard::take_from_bytes(&record)? {
                (Mark::Sitting(time), _) => earlier.begins.push(time),
                (Mark::Tile(pass, tile), result) => {
                    earlier.results.entry(pass).or_default().insert(tile, result.into());
                }
            }
            Ok(())
        })?;
        Ok(earlier)
    }
}

fn check(was: &Identity, is: &Identity) -> anyhow::Result<()> {
    let differences = was.differences(is);
    ensure!(
        differences.is_empty(),
        "it was another\n  {}\ngive the inputs and options of then, another -o, or --overwrite to begin again",
        differences.join("\n  ")
    );
    Ok(())
}
