//! What a survey is asked to do.

use rams_delineate::Doctrine;
use rams_detect::Device;
use rams_domain::{OperatingPoint, ReadAs, SiteCalibration, SurveyMetadata};
use std::path::PathBuf;

/// All that a survey needs.
pub struct SurveyConfig {
    /// Files of the orthomosaics; the map is in the CRS of the first.
    pub orthomosaics: Vec<PathBuf>,
    /// How rasters are read.
    pub read_as: ReadAs,
    /// A surface model of the same ground.
    pub dsm: Option<PathBuf>,
    /// Models: folders, or .onnx files.
    pub models: Vec<PathBuf>,
    /// Side of the tiles in place of the models' own, pixels.
    pub tile_px: Option<u32>,
    /// A file of polygons: the ground that the survey was ordered for.
    pub aoi: Option<PathBuf>,
    /// Files of external evidence.
    pub evidence: Vec<PathBuf>,
    /// How to read these.
    pub mapping: Option<PathBuf>,
    /// Who, when and where, as far as options state it.
    pub metadata: SurveyMetadata,
    /// A file that states it, in place of `survey.toml` in the folders of the orthomosaics.
    pub metadata_file: Option<PathBuf>,
    /// From which scores on finds count.
    pub operating_point: OperatingPoint,
    /// What people said of finds on this ground.
    pub site_calibration: Option<SiteCalibration>,
    /// By which rules areas are drawn.
    pub doctrine: Doctrine,
    /// The folder of the survey.
    pub out: PathBuf,
    /// Whether a survey that is there is replaced.
    pub overwrite: bool,
    /// What may run the models.
    pub device: Device,
    /// Detectors that work at once.
    pub threads: usize,
}
