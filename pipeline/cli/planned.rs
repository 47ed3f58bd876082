//! The command with which a survey was planned, kept beside the plan, so that a shard needs no
//! other words than the folder.

use crate::args::{Args, Command, PlanArgs};
use anyhow::{Context, bail};
use clap::Parser;
use rams_survey::{COMMAND_FILE, SurveyConfig};
use rams_tile::ObjectFolder;
use serde::{Deserialize, Serialize};
use std::{
    env, fs,
    path::{Component, Path, PathBuf},
};
use tempfile::TempDir;

/// What was typed, and where, seen from the folder of the survey: on each machine the shared folder
/// may lie elsewhere.
#[derive(Serialize, Deserialize)]
struct PlanCommand {
    /// From the folder of the survey to the one in which the command was given.
    from: PathBuf,
    /// The latter by its whole name, for who fetches the plan from an object store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    here: Option<PathBuf>,
    /// What followed `rams plan`.
    arguments: Vec<String>,
}

/// The command that runs now, as JSON, for a survey in a folder, which may go `to_store`, too.
pub(crate) fn command(dir: &Path, to_store: bool) -> anyhow::Result<String> {
    let arguments = env::args_os().skip(2).map(|argument| {
        argument.into_string().map_err(|argument| {
            anyhow::anyhow!("{} is not UTF-8: rename it", Path::new(&argument).display())
        })
    });
    let dir = std::path::absolute(dir)?;
    let there = dir.parent().unwrap_or(&dir).canonicalize().unwrap_or_else(|_| dir.clone());
    let dir = there.join(dir.file_name().unwrap_or_default());
    let here = env::current_dir()?.canonicalize()?;
    let from = relative(&dir, &here);
    let (here, arguments) = (to_store.then_some(here), arguments.collect::<anyhow::Result<_>>()?);
    let command = PlanCommand { from, here, arguments };
    Ok(serde_json::to_string_pretty(&command)? + "\n")
}

/// The way from one folder to another, both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    if path == Path::new("") { PathBuf::from(".") } else { path }
}

/// A survey that was planned.
pub(crate) struct Planned {
    /// Its folder, or one with what was fetched.
    pub(crate) dir: PathBuf,
    /// How it was planned.
    command: PlanCommand,
    /// Where its pieces are, too.
    store: Option<ObjectFolder>,
    /// Holds what was fetched from there, where no folder was given.
    fetched: Option<TempDir>,
}

impl Planned {
    /// The survey that is planned in a folder, or at an address.
    pub(crate) fn open(place: &Path) -> anyhow::Result<Self> {
        let mut fetched = None;
        let mut store = None;
        let mut dir = place.to_owned();
        if ObjectFolder::is_address(place) {
            let at = ObjectFolder::new(&place.to_string_lossy())?;
            let folder = tempfile::tempdir()?;
            rams_survey::fetch_plan(&at, folder.path())?;
            dir = folder.path().to_owned();
            (store, fetched) = (Some(at), Some(folder));
        }
        let path = dir.join(COMMAND_FILE);
        let text = fs::read_to_string(&path).with_context(|| {
            format!("cannot read {}: give the folder that `rams plan` made", path.display())
        })?;
        let command: PlanCommand = serde_json::from_str(&text)
            .with_context(|| format!("cannot read {}: plan the survey again", path.display()))?;
        let mut planned = Self { dir: dir.canonicalize()?, command, store, fetched };
        if planned.store.is_none() {
            let address = planned.arguments()?.pieces;
            planned.store = address.as_deref().map(ObjectFolder::new).transpose()?;
        }
        Ok(planned)
    }

    /// Whether its folder lasts no longer than this.
    pub(crate) fn is_fetched(&self) -> bool {
        self.fetched.is_some()
    }

    fn arguments(&self) -> anyhow::Result<PlanArgs> {
        let words = ["rams", "plan"].into_iter().map(str::to_owned);
        match Args::try_parse_from(words.chain(self.command.arguments.clone()))?.command {
            Command::Plan(arguments) => Ok(arguments),
            _ => bail!(
                "{} holds no plan: plan the survey again",
                self.dir.join(COMMAND_FILE).display()
            ),
        }
    }

    /// What was planned. From here on the current folder is the one in which that was done, as seen
    /// from the survey's; what was fetched may be on a machine that has none of that name.
    pub(crate) fn config(&self, threads: usize) -> anyhow::Result<SurveyConfig> {
        let PlanCommand { from, here, .. } = &self.command;
        let home = match (&self.fetched, here) {
            (None, _) => Some(self.dir.join(from)),
            (Some(_), here) => here.clone().filter(|home| home.exists()),
        };
        if let Some(home) = home {
            env::set_current_dir(&home).with_context(|| {
                format!(
                    "cannot enter {}, where the survey was planned: plan it in a folder that this \
                     machine sees too",
                    home.display()
                )
            })?;
        }
        let config = self.arguments()?.survey.resolve()?;
        Ok(SurveyConfig { out: self.dir.clone(), threads, overwrite: false, ..config })
    }

    /// Whether its pieces are in an object store, too.
    pub(crate) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Brings what others did into the folder: of one shard, or of all.
    pub(crate) fn fetch_pieces(&self, shard: Option<u32>) -> anyhow::Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        Ok(rams_survey::fetch_pieces(store, &self.dir, shard)?)
    }

    /// Lets others have what was done here, above all the piece that was `made` now. It is kept
    /// where that fails, however much work is in it.
    pub(crate) fn put_pieces(self, shard: u32, made: Option<&Path>) -> anyhow::Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let put = rams_survey::put_pieces(&self.dir, store, shard, made);
        let Err(error) = put else { return Ok(()) };
        let kept = self.fetched.map(TempDir::keep);
        match (kept, made) {
            (Some(_), Some(made)) => bail!(
                "{error}; the piece is kept as {}: copy it into the folder of pieces there, or do \
                 the shard again",
                made.display()
            ),
            _ => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_the_survey_to_the_command() {
        let way = |from: &str, to: &str| relative(from.as_ref(), to.as_ref());
        assert_eq!(way("/share/out/plan", "/share"), Path::new("../.."));
        assert_eq!(way("/share/plan", "/share/flights/may"), Path::new("../flights/may"));
        assert_eq!(way("/share", "/share"), Path::new("."));
    }
}
