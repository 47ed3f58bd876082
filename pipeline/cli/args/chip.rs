//! What to cut into chips, and how.

use super::{ReadArgs, whole};
use rams_domain::ReadAs;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct ChipArgs {
    /// Georeferenced raster: GeoTIFF, COG, VRT or JPEG 2000
    ortho: PathBuf,
    #[command(flatten)]
    read: ReadArgs,
    /// COCO JSON, or a GeoPackage with a layer `truth` or `labels`; a folder stands for all in it
    #[arg(long, required_unless_present = "reviewed")]
    truth: Option<PathBuf>,
    /// Folder of a survey that people reviewed, in place of a truth: finds that they saw are
    /// objects; chips without one are those of finds that they did not see
    #[arg(long, value_name = "DIR", conflicts_with_all = ["truth", "empty"])]
    reviewed: Option<PathBuf>,
    /// Folder for chips and labels
    #[arg(short, long)]
    out: PathBuf,
    #[arg(long, value_enum, default_value = "coco")]
    format: LabelFormat,
    /// Side of a chip, pixels
    #[arg(long, default_value_t = 640, value_parser = whole::<u32>(1..=1_000_000))]
    tile_px: u32,
    /// What neighbours share, pixels; an object no larger than this is whole in one chip at least
    #[arg(long, default_value_t = 128)]
    overlap_px: u32,
    /// Share of the chips without an object that is kept, 0 to 1; the same ones every time
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    empty: f64,
    /// Resample to pixels of so many metres [default: the orthomosaic's own]
    #[arg(long, value_name = "M")]
    gsd: Option<f64>,
    /// Write JPEG of this quality, 1 to 100, instead of PNG, which keeps each pixel as it is
    #[arg(long, value_name = "QUALITY", value_parser = whole::<u8>(1..=100))]
    jpeg: Option<u8>,
}

/// Who reads the labels.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum LabelFormat {
    /// annotations.json
    Coco,
    /// One text file a chip, and data.yaml
    Yolo,
}

/// All that cutting chips needs.
pub(crate) struct ChipConfig {
    pub(crate) orthomosaic: PathBuf,
    pub(crate) read_as: ReadAs,
    pub(crate) truth: Option<PathBuf>,
    pub(crate) reviewed: Option<PathBuf>,
    pub(crate) out: PathBuf,
    pub(crate) format: LabelFormat,
    pub(crate) tile_px: u32,
    pub(crate) overlap_px: u32,
    pub(crate) empty: f64,
    pub(crate) gsd_m: Option<f64>,
    pub(crate) jpeg: Option<u8>,
}

impl ChipArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<ChipConfig> {
        let Self {
            ortho: orthomosaic,
            read,
            truth,
            reviewed,
            out,
            format,
            tile_px,
            overlap_px,
            empty,
            gsd: gsd_m,
            jpeg,
        } = self;
        let read_as = read.resolve();
        let fits = overlap_px < tile_px;
        anyhow::ensure!(
            fits,
            "an overlap of {overlap_px} px leaves nothing of a chip of {tile_px} px: give less"
        );
        anyhow::ensure!(
            (0.0..=1.0).contains(&empty),
            "--empty is {empty}: give a share from 0 to 1"
        );
        let plausible = gsd_m.is_none_or(|gsd_m| (1e-4..=10.0).contains(&gsd_m));
        anyhow::ensure!(
            plausible,
            "--gsd is {}: give metres a pixel, 0.0001 to 10",
            gsd_m.unwrap_or(0.0)
        );
        Ok(ChipConfig {
            orthomosaic,
            read_as,
            truth,
            reviewed,
            out,
            format,
            tile_px,
            overlap_px,
            empty,
            gsd_m,
            jpeg,
        })
    }
}
