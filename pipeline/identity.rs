//! What makes two runs the same survey: all that can change its result.

use crate::{args::SurveyConfig, record::Record};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Names and values, as people read them: what the record says of software, inputs, models, doctrine
/// and parameters, and the state of the program's and the inputs' files.
///
/// Whatever goes into the record before the first tile counts, so that no parameter can be forgotten
/// here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity(Vec<(String, String)>);

impl Identity {
    /// Of a run with its record as it is before the first tile.
    pub(crate) fn of(config: &SurveyConfig, record: &Record) -> anyhow::Result<Self> {
        let recorded = record.lasting().map(|(section, name, value)| (format!("{section} {name}"), value.clone()));
        let mut items: Vec<_> = recorded.collect();
        // A program that was built again has the same version and may not do the same.
        let program = std::env::current_exe().context("cannot find the program's own file")?;
        items.push(("program".into(), state(&program)?));
        for path in inputs(config) {
            items.push((format!("file {}", path.display()), state(&path)?));
        }
        for manifest in config.models.iter().map(|folder| folder.join("model.toml")) {
            let digest = rams_tile::digest(&manifest, || false)?.unwrap_or_default();
            items.push((format!("file {}", manifest.display()), digest));
        }
        Ok(Self(items))
    }

    /// What is not as it was, one line each; empty if the two are the same.
    pub(crate) fn differences(&self, now: &Self) -> Vec<String> {
        let by_name = |identity: &Self| -> BTreeMap<String, String> { identity.0.iter().cloned().collect() };
        let (was, is) = (by_name(self), by_name(now));
        let names = self.0.iter().chain(&now.0).map(|(name, _)| name);
        let value =
            |of: Option<&String>| of.map_or("none", |value| if value.is_empty() { "empty" } else { value }).to_owned();
        let mut differences: Vec<String> = vec![];
        for name in names.filter(|name| was.get(*name) != is.get(*name)) {
            let line = format!("{name}: {}, now {}", value(was.get(name)), value(is.get(name)));
            if !differences.contains(&line) {
                differences.push(line);
            }
        }
        if differences.is_empty() && self != now {
            differences.push("the order in which inputs or models are given".into());
        }
        differences
    }
}

/// Files whose change during a survey would mix two states of the ground in it.
fn inputs(config: &SurveyConfig) -> Vec<PathBuf> {
    let SurveyConfig { orthomosaics, dsm, evidence, mapping, .. } = config;
    orthomosaics.iter().chain(dsm).chain(evidence).chain(mapping).cloned().collect()
}

/// Size and time of the last change.
fn state(path: &Path) -> anyhow::Result<String> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    let changed = metadata.modified().map_or("an unknown time".into(), |time| {
        jiff::Timestamp::try_from(time).map_or_else(|error| error.to_string(), |time| time.to_string())
    });
    Ok(format!("{} bytes of {changed}", metadata.len()))
}
