//! Who reviews what, and where a browser finds it.

use super::ModelArgs;
use rams_model::Manifest;
use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

#[derive(clap::Args)]
pub(crate) struct ReviewArgs {
    /// Folder of a survey
    pub(crate) dir: PathBuf,
    /// Who reviews: the name that each decision is logged under. At each stage another person
    /// decides; the first one acts as analyst
    #[arg(long = "as", value_name = "NAME", value_parser = name, global = true)]
    pub(crate) reviewer: Option<String>,
    /// Where to listen, on this machine; port 0 is any that is free
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Orthomosaic of the survey, where it is no longer where it was; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) ortho: Vec<PathBuf>,
    /// Surface model of the survey, where it is no longer where it was
    #[arg(long, value_name = "FILE")]
    pub(crate) dsm: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) action: Option<ReviewAction>,
}

#[derive(clap::Subcommand)]
pub(crate) enum ReviewAction {
    /// Walk the log, rebuild what it comes to and compare; exit code 1 names the first event that
    /// does not fit
    Verify,
    /// Write a project for QField: the map, and an empty layer for what a team finds on the ground
    Qfield {
        /// Folder for the project, which a phone or tablet takes whole
        out: PathBuf,
    },
    /// Take what people found on the ground into the log: a table with a row for each place, as
    /// evidence of the finds and areas. --as NAME says who answers for it
    Import {
        /// GeoPackage, GeoJSON, KML, shapefile, CSV or FlatGeobuf; photos lie in its folder
        #[arg(value_name = "FILE")]
        table: PathBuf,
        /// Which field of the table says what, and in which words (TOML)
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
    },
}

/// A name that can be told from others.
fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let is_name = !name.is_empty() && name.len() <= 100 && !name.chars().any(char::is_control);
    is_name.then(|| name.to_owned()).ok_or_else(|| "give a name of 1 to 100 bytes".into())
}

impl ReviewArgs {
    /// Plausible longer side, metres, of the classes of the models that are at hand, by model and
    /// class.
    pub(crate) fn class_sizes(&self) -> HashMap<(String, String), [f64; 2]> {
        let folders = ModelArgs { names: vec![] }.folders().unwrap_or_default();
        let models = folders.iter().filter_map(|folder| Manifest::read(folder, None).ok());
        models
            .flat_map(|manifest| {
                let name = manifest.model.name;
                let classes = manifest.model.classes.into_iter();
                classes.map(move |class| ((name.clone(), class.name), class.size_m))
            })
            .collect()
    }
}
