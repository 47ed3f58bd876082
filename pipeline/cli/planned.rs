//! The command with which a survey was planned, kept beside the plan, so that a shard needs no
//! other words than the folder.

use crate::args::{Args, Command};
use anyhow::{Context, bail};
use clap::Parser;
use rams_survey::{COMMAND_FILE, SurveyConfig};
use serde::{Deserialize, Serialize};
use std::{
    env, fs,
    path::{Component, Path, PathBuf},
};

/// What was typed, and where, seen from the folder of the survey: on each machine the shared folder
/// may lie elsewhere.
#[derive(Serialize, Deserialize)]
struct PlanCommand {
    /// From the folder of the survey to the one in which the command was given.
    from: PathBuf,
    /// What followed `rams plan`.
    arguments: Vec<String>,
}

/// The command that runs now, as JSON, for a survey in a folder.
pub(crate) fn command(dir: &Path) -> anyhow::Result<String> {
    let arguments = env::args_os().skip(2).map(|argument| {
        argument.into_string().map_err(|argument| {
            anyhow::anyhow!("{} is not UTF-8: rename it", Path::new(&argument).display())
        })
    });
    let dir = std::path::absolute(dir)?;
    let there = dir.parent().unwrap_or(&dir).canonicalize().unwrap_or_else(|_| dir.clone());
    let dir = there.join(dir.file_name().unwrap_or_default());
    let from = relative(&dir, &env::current_dir()?.canonicalize()?);
    let command = PlanCommand { from, arguments: arguments.collect::<anyhow::Result<_>>()? };
    Ok(serde_json::to_string_pretty(&command)? + "\n")
}

/// The way from one folder to another, both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    if path == Path::new("") { PathBuf::from(".") } else { path }
}

/// The survey that is planned in a folder. From here on the current folder is the one in which it
/// was planned, as seen from there.
pub(crate) fn config(dir: &Path, threads: usize) -> anyhow::Result<SurveyConfig> {
    let path = dir.join(COMMAND_FILE);
    let text = fs::read_to_string(&path).with_context(|| {
        format!("cannot read {}: give the folder that `rams plan` made", path.display())
    })?;
    let command: PlanCommand = serde_json::from_str(&text)
        .with_context(|| format!("cannot read {}: plan the survey again", path.display()))?;
    let dir = dir.canonicalize()?;
    let home = dir.join(&command.from);
    env::set_current_dir(&home).with_context(|| {
        format!(
            "cannot enter {}, where the survey was planned: plan it in a folder that this machine \
             sees too",
            home.display()
        )
    })?;
    let words = ["rams", "plan"].into_iter().map(str::to_owned).chain(command.arguments);
    let Command::Plan(args) = Args::try_parse_from(words)?.command else {
        bail!("{} holds no plan: plan the survey again", path.display())
    };
    let config = args.survey.resolve()?;
    Ok(SurveyConfig { out: dir, threads, overwrite: false, ..config })
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
