//! One pass: a model over an orthomosaic.

use rams_detect::ExecutionProvider;
use rams_domain::{Orthomosaic, SurfaceModel, TileId, TilePlan};
use rams_model::Manifest;

/// Which model looks at which orthomosaic, and where.
pub(crate) struct Pass<'a> {
    /// Its place among the passes of the survey.
    pub(crate) number: u32,
    pub(crate) orthomosaic: &'a Orthomosaic,
    /// Read beside the colours.
    pub(crate) surface: Option<SurfaceModel>,
    pub(crate) manifest: &'a Manifest,
    pub(crate) provider: ExecutionProvider,
    pub(crate) plan: TilePlan,
    /// Which tiles of the plan are looked at; all without it. The others lie beyond the survey's
    /// limit.
    pub(crate) within: Option<Vec<bool>>,
}

impl Pass<'_> {
    pub(crate) fn looks_at(&self, id: TileId) -> bool {
        self.within.as_ref().is_none_or(|within| within[id.0 as usize])
    }

    pub(crate) fn tiles(&self) -> u32 {
        self.within.as_ref().map_or(self.plan.len(), |within| {
            within.iter().filter(|within| **within).count() as u32
        })
    }
}
