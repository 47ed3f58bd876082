//! Who reviews what, and where a browser finds it.

use super::ModelArgs;
use rams_model::Manifest;
use rams_review::{Listen, Role, Transport};
use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

#[derive(clap::Args)]
pub(crate) struct ReviewArgs {
    /// Folder of a survey
    pub(crate) dir: PathBuf,
    /// Who reviews: the name that each decision is logged under. At each stage another person
    /// decides; the first one acts as analyst. Where there are users, they sign in instead
    #[arg(long = "as", value_name = "NAME", value_parser = name, global = true)]
    pub(crate) reviewer: Option<String>,
    /// Where to listen; port 0 is any that is free. Beyond this machine only users get in, and by
    /// TLS: with a certificate that is made once in the folder of the review
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Name or address under which browsers ask for it, beside that of --listen; may be given more
    /// than once
    #[arg(long = "name", value_name = "HOST", value_parser = host)]
    pub(crate) names: Vec<String>,
    /// Certificate to speak TLS with, PEM, with those that it is signed by
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Key of --cert, PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// A proxy, which browsers know by --name, speaks TLS with them and HTTP with this program
    #[arg(long, conflicts_with = "cert")]
    pub(crate) behind_proxy: bool,
    /// Orthomosaic of the survey, where it is no longer where it was; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) ortho: Vec<PathBuf>,
    /// Surface model of the survey, where it is no longer where it was
    #[arg(long, value_name = "FILE")]
    pub(crate) dsm: Option<PathBuf>,
    /// Folder of an older survey of the same ground that was reviewed: what was decided there is
    /// noted at the areas here, and decides nothing
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
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
    /// Take into the log what people found on the ground (a row for each place), areas that they
    /// drew in QGIS, or the log of another copy of the review. --as NAME says who answers for it
    Import {
        /// GeoPackage, GeoJSON, KML, shapefile, CSV or FlatGeobuf, photos in its folder; or the
        /// review.db of another copy
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Which field of the table says what, and in which words (TOML)
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
    },
    /// Withdraw what a field team wrote by mistake: it stays in the log, and counts no more. --as
    /// NAME says who answers for it
    Withdraw {
        /// Number of its event, as the report of the day has it
        event: u64,
        /// Why
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// People who sign in with a name and a password
    #[command(subcommand)]
    User(UserAction),
}

#[derive(clap::Subcommand)]
pub(crate) enum UserAction {
    /// Let a person in; a name that is known gets this password and these roles instead
    Add {
        /// The name that their decisions are logged under
        #[arg(value_parser = name)]
        name: String,
        /// What they do; may be given more than once: viewer (looks only), analyst, nts, regional
        /// or headquarters (acts at that stage), qc (inspects)
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<Role>,
        /// Where they work
        #[arg(long, value_name = "NAME", default_value = "")]
        organisation: String,
        /// Read the password from the first line of stdin, and ask nothing
        #[arg(long)]
        password_stdin: bool,
    },
    /// List them
    List,
    /// Keep a person out, from now on; what they decided stays
    Lock {
        /// Their name
        name: String,
    },
    /// Let a person in again
    Unlock {
        /// Their name
        name: String,
    },
}

/// A name that can be told from others.
fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let is_name = !name.is_empty() && name.len() <= 100 && !name.chars().any(char::is_control);
    is_name.then(|| name.to_owned()).ok_or_else(|| "give a name of 1 to 100 bytes".into())
}

/// A name of this machine, or an address, with a port or without.
fn host(text: &str) -> Result<String, String> {
    let is_host = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte));
    let remedy = "give a name or an address alone, such as review.example.org or 192.168.1.20";
    is_host.then(|| text.to_ascii_lowercase()).ok_or_else(|| remedy.into())
}

impl ReviewArgs {
    /// Where to listen, and how others come to it.
    pub(crate) fn listen(&self) -> Listen {
        let transport = match (&self.cert, &self.key) {
            (Some(certificate), Some(key)) => {
                Transport::Certificate { certificate: certificate.clone(), key: key.clone() }
            }
            _ if self.behind_proxy => Transport::Proxy,
            _ => Transport::Own,
        };
        Listen { address: self.listen, names: self.names.clone(), transport }
    }

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
