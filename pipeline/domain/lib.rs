//! Orthomosaic -> tile -> detection -> feature -> suspected hazardous area: the nouns of a survey.
//!
//! An [`Orthomosaic`] is resampled to a model's [`Grid`] and cut by a [`TilePlan`] into [`Tile`]s;
//! a [`Model`] sees [`Detection`]s in them; those of one thing become a [`Feature`] on the ground;
//! features and [`ExternalEvidence`] become [`HazardArea`]s. What was looked at is an
//! [`AssessedArea`], what was not a [`GapArea`]. All of it together is a [`Survey`].
//!
//! This crate never reads a file, calls a C library, or decides anything: stages do.
//!
//! Three coordinate systems appear, and a name or a type always says which:
//! * **mosaic pixels**: full-resolution pixels of the orthomosaic, `f64`, origin at the outer
//!   corner of the upper left pixel ([`PxBox`]);
//! * **grid pixels**: pixels of the orthomosaic resampled to a model's GSD, integers
//!   ([`GridRect`]);
//! * **ground**: coordinates in the survey's CRS ([`Georef`], [`Ground`]).

mod cells;
mod class;
mod coverage;
mod detection;
mod disjoint_sets;
mod display;
mod embedding;
mod external_evidence;
mod feature;
mod gap;
mod georef;
mod grid;
mod ground;
mod hazard_area;
mod mesh;
mod model;
mod obscured_by;
mod operating_point;
mod orthomosaic;
mod patches;
mod plane;
mod precision;
mod px_box;
mod quality;
mod quality_map;
mod review;
mod run_record;
mod site_calibration;
mod surface_model;
mod survey;
mod survey_metadata;
mod tile;
mod tile_plan;

#[cfg(test)]
mod tests;

pub use class::{Calibration, Class, EoCategory, GeometryKind, Indicator};
pub use coverage::{AssessedArea, GapArea};
pub use detection::{Detection, DetectionId, Shape};
pub use disjoint_sets::DisjointSets;
pub use display::plural;
pub use embedding::Embedding;
pub use external_evidence::{
    ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Reliability,
};
pub use feature::{Feature, FeatureId, FeaturePart};
pub use gap::{Gap, GapReason};
pub use georef::{Georef, GeorefError};
pub use grid::{Grid, GridRect, RasterSize};
pub use ground::{Crs, Ground, geodesic_area_m2, wrapped_longitude};
pub use hazard_area::{
    AreaKind, DoctrineRef, EvidenceKind, HazardArea, HazardAreaId, IndicationBelt, LandClass,
    Threat, Tier,
};
pub use mesh::Mesh;
pub use model::{Model, Task};
pub use obscured_by::ObscuredBy;
pub use operating_point::{MeasuredPoint, OperatingPoint, Thresholds};
pub use orthomosaic::{Nodata, Orthomosaic, ReadAs, Validity};
pub use precision::reduce_precision;
pub use px_box::PxBox;
pub use quality::QualityFlags;
pub use review::{
    AcceptanceNumbers, Agreement, AreaOutcome, AreaRow, Decision, Disposition, Drawn, EventDetail,
    FeatureOutcome, FeatureVerdict, FieldPlace, FieldRow, Finding, Found, GroupProgress,
    ImportedRow, Inspection, ItemState, Judgements, LogHead, LotItem, LotSize, LotVerdict,
    Nonconformity, Observation, ObservedOfDay, OlderDecision, Origin, OutOfOrder, Progress,
    Proposal, Reached, Reason, Refusal, RejectedArea, Returned, Review, ReviewEvent, ReviewItem,
    ReviewOutcome, ReviewStage, ReviewStages, Reviewer, Said, Sample, SampleItem, SamplePlan,
    SamplePurpose, SampleResult, SampleSize, Sampling, Severity, StageProgress, StagesError,
    Standing, UnknownStage, most_nonconforming,
};
pub use run_record::{
    Crowd, DoctrineRecord, Drawing, EvidenceFileRecord, FeatureGuids, FileDigest, HeightTally,
    LeftOut, ModelRecord, Notice, OrthomosaicRecord, OutOfReach, PassRecord, RunRecord, Software,
    Subject, SurfaceModelRecord, Timing, other_kinds, other_kinds_of,
};
pub use site_calibration::{ClassCalibration, OtherModel, SiteCalibration, SiteReview};
pub use surface_model::SurfaceModel;
pub use survey::{Chip, DetectedClass, NamedDetection, Survey, named_detections, out_of_reach};
pub use survey_metadata::{MetadataError, MetadataField, Statement, SurveyMetadata};
pub use tile::{HeightStatus, Tile};
pub use tile_plan::{CELL_PX, PlanError, PlannedTile, TileId, TilePlan, TileSpec};

/// What every output says of its own limits (design rule: no detection is not "no hazard").
pub const LIMITS: &str = "Candidate suspected hazardous areas, to be reviewed: what imagery shows \
                          is indirect evidence. Buried mines are out of scope of RGB imagery. \
                          Ground without a detection is not ground without hazard; see the layer \
                          `gaps` for what could not be assessed. Neither the software nor its \
                          models are accredited.";
