//! What makes two runs the same survey: all that can change its result.

use crate::{args::SurveyConfig, record::Record};
use anyhow::Context;
use rams_store::Journal;
use rams_tile::{Fingerprint, Print};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// Names and values, as people read them: all that the record says before the first tile but for
/// what [`Record::lasting`] leaves out, so that no parameter can be forgotten here; and the state of
/// the files whose full digest is known only at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity(Vec<(String, String)>);

impl Identity {
    /// Of a run with its record as it is before the first tile.
    pub(crate) fn of(config: &SurveyConfig, record: &Record) -> anyhow::Result<Self> {
        let recorded = record.lasting().map(|(section, name, value)| (format!("{section} {name}"), value.clone()));
        let mut items: Vec<_> = recorded.collect();
        // A program that was built again has the same version and may not do the same.
        let program = std::env::current_exe().context("cannot find the program's own file")?;
        for path in [&program].into_iter().chain(&config.orthomosaics).chain(&config.dsm) {
            let Fingerprint { files } = rams_tile::fingerprint(path)?;
            items.extend(files.iter().map(|print| (format!("file {}", print.path.display()), state(print))));
        }
        let described = |model: &PathBuf| {
            if model.is_dir() { model.join("model.toml") } else { model.with_file_name("model.toml") }
        };
        for manifest in config.models.iter().map(described).filter(|path| path.exists()) {
            let digest = rams_tile::digest(&manifest, || false)?.unwrap_or_default();
            items.push((format!("file {}", manifest.display()), digest));
        }
        Ok(Self(items))
    }

    /// Of the survey that a journal holds, if it holds one.
    pub(crate) fn earlier(journal: &Journal) -> Option<Self> {
        postcard::from_bytes(&journal.head()?).ok()
    }

    /// The value of an item, in the record's words.
    pub(crate) fn value(&self, section: &str, name: &str) -> Option<&str> {
        let wanted = format!("{section} {name}");
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| &**value)
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

fn state(print: &Print) -> String {
    let Print { bytes, modified_ns, samples, .. } = print;
    let Some(bytes) = bytes else { return "not there".into() };
    let changed = modified_ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns.into()).ok());
    let changed = changed.map_or("an unknown time".into(), |time| time.to_string());
    format!("{bytes} bytes of {changed}, digest {samples}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(items: &[(&str, &str)]) -> Identity {
        Identity(items.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
    }

    #[test]
    fn what_differs_is_named_with_both_values() {
        let was = identity(&[("model a: sha256", "11"), ("parameters x", "1"), ("file b.tif", "9 bytes")]);
        assert_eq!(was.differences(&was), [""; 0]);
        let now = identity(&[("model a: sha256", "22"), ("parameters x", "1"), ("file c.tif", "9 bytes")]);
        assert_eq!(
            was.differences(&now),
            ["model a: sha256: 11, now 22", "file b.tif: 9 bytes, now none", "file c.tif: none, now 9 bytes"]
        );
        let turned = Identity(was.0.iter().rev().cloned().collect());
        assert_eq!(was.differences(&turned), ["the order in which inputs or models are given"]);
    }
}
