//! One orthomosaic and one model of a run.

use rams_detect::ProviderChoice;
use rams_domain::{Orthomosaic, SurfaceModel};
use rams_model::Manifest;

/// An orthomosaic, and the surface model as it lies under it.
pub(crate) struct Input {
    pub(crate) orthomosaic: Orthomosaic,
    pub(crate) surface: Option<SurfaceModel>,
}

/// A model, and what runs it.
pub(crate) struct RunModel {
    pub(crate) manifest: Manifest,
    pub(crate) provider: ProviderChoice,
}
