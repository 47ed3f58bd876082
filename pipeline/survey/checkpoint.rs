//! What a survey has done so far, kept so that the same command goes on from there.
//!
//! A tile that could not be read, or on which the model failed, is on the map as a gap, but it is
//! not kept: as long as there is one, the journal stays, and the same command tries it again. A
//! fault that lasts gives the same map again; one that has passed, a better one.
//!
//! Of models with thresholds for several operating points the journal stays, too: it holds all that
//! they saw down to the lowest threshold, and the survey is drawn from it again at another point.

use crate::{
    Progress, SurveyConfig, SurveyError,
    identity::{Beginning, RunIdentity},
};
use rams_domain::{TileId, plural};
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

/// What each record of the journal begins with, but for its head, which is a [`Beginning`].
#[derive(Debug, Serialize, Deserialize)]
enum Mark {
    /// A run began, at this time.
    Run(String),
    /// A tile of a pass is done: what follows is its result.
    Tile(u32, TileId),
    /// The survey is stored and nothing is left to do.
    Stored,
}

/// Results of tiles as they are stored, by tile.
pub(crate) type Results = BTreeMap<TileId, Box<[u8]>>;

/// A run that keeps what it does.
pub(crate) struct Checkpoint {
    journal: Journal,
    earlier: Earlier,
}

/// What a journal holds.
#[derive(Default)]
struct Earlier {
    /// When each run began, this one last.
    runs: Vec<String>,
    /// Results by pass.
    results: BTreeMap<u32, Results>,
    lost_bytes: u64,
    /// Whether nothing was left to do when the last run ended.
    is_done: bool,
}

/// Claims the folder of a survey. Waits a little for another process that is at it, which may be
/// about to end.
pub(crate) fn claim(
    dir: &Path,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<Journal, StoreError> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        match Journal::claim(dir, overwrite) {
            Err(StoreError::InUse { dir, by }) if begun.elapsed() < PATIENCE => {
                if !told {
                    let (dir, most_s) = (dir.display(), PATIENCE.as_secs());
                    progress
                        .notice(&format!("{by} is at {dir}: waiting for it, {most_s} s at most"));
                }
                told = true;
                sleep(Duration::from_millis(100));
            }
            claimed => return claimed,
        }
    }
}

/// That a survey will be replaced, if it will be: people may have edited it.
pub(crate) fn replaced(config: &SurveyConfig) -> Option<String> {
    let survey = config.out.join(SURVEY_FILE);
    let changed = fs::metadata(&survey)
        .and_then(|survey| survey.modified())
        .ok()
        .filter(|_| config.overwrite)?;
    let changed =
        jiff::Timestamp::try_from(changed).unwrap_or_default().strftime("%Y-%m-%d %H:%M UTC");
    Some(format!(
        "{}, last changed {changed}, will be replaced, with all that was edited in it",
        survey.display()
    ))
}

impl Checkpoint {
    /// Begins a survey in a folder claimed for it, or goes on with it; with it goes what a person
    /// should know of that. If another survey was begun there, the error names what differs.
    pub(crate) fn begin(
        mut journal: Journal,
        config: &SurveyConfig,
        beginning: &Beginning,
    ) -> Result<(Self, Vec<String>), SurveyError> {
        let path = journal.path().display().to_string();
        let mut notices = vec![];
        let mut earlier = match Earlier::read(&mut journal, beginning) {
            Err(error) if config.overwrite => {
                if let SurveyError::AnotherSurvey { differences, .. } = error {
                    let differences = differences.join("; ");
                    notices.push(format!("{path} is begun again, since it differs: {differences}"));
                }
                Earlier::default()
            }
            read => read?,
        };
        let survey = config.out.join(SURVEY_FILE);
        if earlier.is_done && !config.overwrite && survey.exists() {
            return Err(StoreError::Exists { path: survey }.into());
        }
        if earlier.lost_bytes > 0 {
            let bytes = earlier.lost_bytes;
            notices.push(format!(
                "{path} was torn or damaged: its last {bytes} bytes count for nothing, their tiles \
                 are done again"
            ));
        }
        if earlier.runs.is_empty() {
            let head = postcard::to_stdvec(beginning).expect("memory takes any identity");
            journal.begin(&head)?;
        } else {
            let tiles: usize = earlier.results.values().map(Results::len).sum();
            notices.push(format!("going on where {path} ends: {tiles} tiles are done"));
        }
        let now = now();
        earlier.runs.push(now.clone());
        let mut checkpoint = Self { journal, earlier };
        checkpoint.add(&Mark::Run(now), &[])?;
        Ok((checkpoint, notices))
    }

    /// What earlier runs did of a pass; for the one that goes on with it.
    pub(crate) fn earlier(&mut self, pass: u32) -> Results {
        self.earlier.results.remove(&pass).unwrap_or_default()
    }

    /// Keeps the result of a tile.
    pub(crate) fn keep(
        &mut self,
        pass: u32,
        tile: TileId,
        result: &[u8],
    ) -> Result<(), SurveyError> {
        self.add(&Mark::Tile(pass, tile), result)
    }

    /// When each run of the survey began, this one last.
    pub(crate) fn runs(&self) -> &[String] {
        &self.earlier.runs
    }

    /// Ends the run once its survey is stored. If it was stopped, or some of its tiles are not
    /// settled, the journal stays, the same command does the rest, and that is returned for a
    /// person to know. It stays, too, if the survey can be drawn at another operating point.
    pub(crate) fn end(
        mut self,
        unsettled: u32,
        stopped: bool,
        has_points: bool,
    ) -> Result<Option<String>, SurveyError> {
        if unsettled == 0 && !stopped && has_points {
            let path = self.path().display().to_string();
            self.add(&Mark::Stored, &[])?;
            self.journal.sync()?;
            return Ok(Some(format!(
                "{path} stays: with --overwrite, another --operating-point draws the survey again \
                 from it, without a look at the imagery"
            )));
        }
        if unsettled == 0 && !stopped {
            self.journal.remove()?;
            return Ok(None);
        }
        self.journal.sync()?;
        let left = if unsettled > 0 {
            format!("{unsettled} {}", plural(unsettled as usize, "tile"))
        } else {
            "the digest of an input".into()
        };
        Ok(Some(format!("{left} not done: the same command goes on from here")))
    }

    /// A record of the journal that does not read back.
    pub(crate) fn unreadable(journal: &Path, cause: &postcard::Error) -> SurveyError {
        SurveyError::Journal { path: journal.to_owned(), cause: cause.to_string() }
    }

    /// Where the journal lies.
    pub(crate) fn path(&self) -> &Path {
        self.journal.path()
    }

    fn add(&mut self, mark: &Mark, result: &[u8]) -> Result<(), SurveyError> {
        let record = postcard::to_extend(mark, Vec::with_capacity(result.len() + 16))
            .expect("memory takes any mark");
        Ok(self.journal.append(&[&record, result].concat())?)
    }
}

impl Earlier {
    fn read(journal: &mut Journal, beginning: &Beginning) -> Result<Self, SurveyError> {
        let (path, mut earlier, mut has_head) = (journal.path().to_owned(), Self::default(), false);
        earlier.lost_bytes = journal.resume(|record| {
            let unreadable = |cause: postcard::Error| Checkpoint::unreadable(&path, &cause);
            if !has_head {
                has_head = true;
                return check(
                    &path,
                    &postcard::from_bytes(&record).map_err(unreadable)?,
                    beginning,
                );
            }
            let (mark, result) = postcard::take_from_bytes(&record).map_err(unreadable)?;
            earlier.is_done = matches!(mark, Mark::Stored);
            match (mark, result) {
                (Mark::Run(time), _) => earlier.runs.push(time),
                (Mark::Tile(pass, tile), result) => {
                    earlier.results.entry(pass).or_default().insert(tile, result.into());
                }
                (Mark::Stored, _) => {}
            }
            Ok(())
        })?;
        Ok(earlier)
    }
}

/// The time now, UTC.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn check(path: &Path, was: &Beginning, is: &Beginning) -> Result<(), SurveyError> {
    let differences = was.differences(is);
    if differences.is_empty() {
        Ok(())
    } else {
        Err(SurveyError::AnotherSurvey { path: path.to_owned(), differences })
    }
}

/// The identity of the survey that a journal holds, if it holds one.
pub(crate) fn earlier_identity(journal: &Journal) -> Option<RunIdentity> {
    let beginning: Beginning = postcard::from_bytes(&journal.head()?).ok()?;
    Some(beginning.identity)
}
