//! Who, when and where, as options: one for each field.

use clap::{Arg, ArgMatches, Command};
use rams_domain::{MetadataField, SurveyMetadata};
use std::path::PathBuf;

const HEADING: &str = "Who, when and where (all of it optional)";

/// Options of `rams survey` that state survey metadata.
#[derive(Default)]
pub(crate) struct MetadataArgs {
    pub(crate) metadata: SurveyMetadata,
}

/// Survey metadata for a survey that is there.
#[derive(clap::Args)]
pub(crate) struct MetadataFileArg {
    /// File of survey metadata (docs/examples/survey.toml shows one), in place of what the survey
    /// states in the same fields
    #[arg(long = "survey-metadata", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl MetadataFileArg {
    pub(crate) fn read(&self) -> anyhow::Result<SurveyMetadata> {
        let read = self.file.as_deref().map(rams_survey::read_metadata).transpose()?;
        Ok(read.unwrap_or_default())
    }
}

/// The option of a field, and what it says.
fn option(field: MetadataField) -> [&'static str; 2] {
    match field {
        MetadataField::FlightDates => {
            ["flight-dates", "Days on which the imagery was flown: 2026-05-14,2026-05-16"]
        }
        MetadataField::Organisation => ["organisation", "Mine action organisation"],
        MetadataField::Operator => ["operator", "Who flew, or the team"],
        MetadataField::Task => ["task", "Task of the organisation"],
        MetadataField::Country => ["country", "Country"],
        MetadataField::Province => ["province", "First level of administration"],
        MetadataField::District => ["district", "Second level of administration"],
        MetadataField::NearestPlace => ["nearest-place", "Nearest populated place"],
        MetadataField::LandUse => ["land-use", "What the ground is used for"],
        MetadataField::Contact => ["contact", "Whom to ask"],
    }
}

impl clap::Args for MetadataArgs {
    fn augment_args(command: Command) -> Command {
        let arg = |field: MetadataField| {
            let ([name, help], is_dates) = (option(field), field == MetadataField::FlightDates);
            let value = if is_dates { "DATES" } else { "TEXT" };
            Arg::new(name).long(name).value_name(value).help(help).help_heading(HEADING)
        };
        command.args(MetadataField::ALL.map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for MetadataArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for field in MetadataField::ALL {
            let [name, _] = option(field);
            if let Some(text) = matches.get_one::<String>(name) {
                let stated = self.metadata.state(field, text, &format!("--{name}"));
                stated.map_err(|error| {
                    clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}\n"))
                })?;
            }
        }
        Ok(())
    }
}
