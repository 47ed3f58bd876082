//! What to report, and what to show it with.

use super::{ConfidenceArgs, ModelArgs, metadata::MetadataFileArg};
use rams_domain::SurveyMetadata;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct ReportArgs {
    /// Folder of a survey; the report is written there: report.html
    pub(crate) dir: PathBuf,
    /// Orthomosaic of the survey, where it is no longer where it was; may be given more than once
    #[arg(long, value_name = "FILE")]
    ortho: Vec<PathBuf>,
    /// Of what people decided on a day (UTC) in `rams review`, in place of the survey:
    /// progress-YYYY-MM-DD.html
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    #[arg(conflicts_with_all = ["ortho", "model_cards"])]
    pub(crate) day: Option<String>,
    /// Print it to report.pdf, too, with a browser that is installed (BROWSER may name one)
    #[arg(long)]
    pub(crate) pdf: bool,
    /// Print the cards of the models in full, some 15 pages, in place of a line each
    #[arg(long)]
    model_cards: bool,
    #[command(flatten)]
    metadata: MetadataFileArg,
    #[command(flatten)]
    confidence: ConfidenceArgs,
    #[command(flatten)]
    models: ModelArgs,
}

/// A date of the calendar, as it was given.
fn day(text: &str) -> Result<String, String> {
    let is_date = text.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == text);
    is_date.then(|| text.to_owned()).ok_or_else(|| "give a date such as 2026-11-28".into())
}

/// All that a report needs.
pub(crate) struct ReportConfig {
    pub(crate) dir: PathBuf,
    pub(crate) orthomosaics: Vec<PathBuf>,
    pub(crate) pdf: bool,
    /// Whether the cards of the models are printed in full.
    pub(crate) model_cards: bool,
    /// What goes before what the survey states of who, when and where.
    pub(crate) metadata: SurveyMetadata,
    /// Least confidence of an area.
    pub(crate) min_confidence: f32,
    /// Folders in which the cards of the models may be.
    pub(crate) models: Vec<PathBuf>,
}

impl ReportArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<ReportConfig> {
        // A report without the models' cards says so; a model that was asked for must be there.
        let models = if self.models.names.is_empty() {
            self.models.folders().unwrap_or_default()
        } else {
            self.models.folders()?
        };
        Ok(ReportConfig {
            metadata: self.metadata.read()?,
            dir: self.dir,
            orthomosaics: self.ortho,
            pdf: self.pdf,
            model_cards: self.model_cards,
            min_confidence: self.confidence.min_confidence,
            models,
        })
    }
}
