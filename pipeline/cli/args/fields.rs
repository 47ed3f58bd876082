//! Which fields to simulate, and what to draw areas by.

use super::read_doctrine;
use crate::text;
use anyhow::bail;
use rams_delineate::Doctrine;
use rams_scene::FieldSpec;
use rams_survey::distinct;
use std::{ops::RangeInclusive, path::PathBuf};

#[derive(clap::Args)]
pub(crate) struct FieldsArgs {
    /// Seeds of the fields, first to last: 0-199 to fit on, 1000-1199 to test on
    #[arg(long, default_value = "0-199", value_parser = seeds)]
    seeds: RangeInclusive<u64>,
    /// Doctrine profile to draw areas by; may be given more than once, to compare [default: the
    /// baseline profile]
    #[arg(long)]
    doctrine: Vec<PathBuf>,
    /// What fields are drawn from [default: that of the program, datasets/fields/fields.toml]
    #[arg(long, value_name = "FILE")]
    distributions: Option<PathBuf>,
    /// Folder for evaluation.json, areas.csv and plots
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Draw each field into the folder, as SVG: mines, finds, true ground and areas
    #[arg(long, requires = "out")]
    draw: bool,
    /// Print all figures, machine-readable
    #[arg(long)]
    pub(crate) json: bool,
}

/// All that a simulation needs.
pub(crate) struct FieldsConfig {
    pub(crate) seeds: RangeInclusive<u64>,
    /// With their names.
    pub(crate) doctrines: Vec<(String, Doctrine)>,
    pub(crate) spec: FieldSpec,
    pub(crate) out: Option<PathBuf>,
    pub(crate) draw: bool,
}

impl FieldsArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<FieldsConfig> {
        if let Some([one, other]) = distinct::twice(&self.doctrine) {
            bail!(
                "cannot compare {} and {}: they are one file; give it once",
                one.display(),
                other.display()
            );
        }
        let mut doctrines: Vec<(String, Doctrine)> = vec![];
        for path in &self.doctrine {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().replace(',', " ");
            let name = distinct::name(&stem, doctrines.iter().map(|(name, _)| name.as_str()));
            doctrines.push((name, read_doctrine(Some(path))?));
        }
        if doctrines.is_empty() {
            doctrines.push(("baseline".into(), read_doctrine(None)?));
        }
        let spec = match &self.distributions {
            None => FieldSpec::baseline(),
            Some(path) => FieldSpec::parse(&text::read(path)?, &path.display().to_string())?,
        };
        Ok(FieldsConfig { seeds: self.seeds, doctrines, spec, out: self.out, draw: self.draw })
    }
}

fn seeds(text: &str) -> Result<RangeInclusive<u64>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ends = first.trim().parse().ok().zip(last.trim().parse().ok());
    ends.filter(|(first, last)| first <= last)
        .map(|(first, last)| first..=last)
        .ok_or_else(|| "give a seed, or first-last".into())
}
