//! What areas are drawn again from, and by.

use super::{EvidenceArgs, metadata::MetadataFileArg, probability, read_doctrine};
use rams_survey::RedrawConfig;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct DelineateArgs {
    /// Folder of a survey
    dir: PathBuf,
    /// Folder for a new survey.gpkg with the new areas, beside which the survey stays as it is
    /// [default: the areas of the survey itself are replaced, unless people edited them]
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Doctrine profile [default: the baseline profile, for a survey that was drawn by it]
    #[arg(long)]
    doctrine: Option<PathBuf>,
    #[command(flatten)]
    others: EvidenceArgs,
    /// Limit in place of that of the survey: a file of polygons. Areas and coverage are cut at it;
    /// ground within it that the survey did not assess is a gap
    #[arg(long, value_name = "FILE")]
    aoi: Option<PathBuf>,
    #[command(flatten)]
    metadata: MetadataFileArg,
    /// Least confidence of an area, 0 to 1; those below are left out and counted, but for those
    /// that others reported [default: the doctrine's]
    #[arg(long, value_name = "P", value_parser = probability)]
    min_confidence: Option<f32>,
    /// Replace a survey that is in the folder of --out already
    #[arg(long, requires = "out")]
    overwrite: bool,
    /// Print a machine-readable summary
    #[arg(long)]
    pub(crate) json: bool,
}

impl DelineateArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<RedrawConfig> {
        let doctrine = self.doctrine.as_deref().map(|path| read_doctrine(Some(path)));
        Ok(RedrawConfig {
            dir: self.dir,
            out: self.out,
            overwrite: self.overwrite,
            doctrine: doctrine.transpose()?,
            min_confidence: self.min_confidence,
            aoi: self.aoi,
            evidence: self.others.files,
            mapping: self.others.mapping,
            metadata: self.metadata.read()?,
        })
    }
}
