//! An area as the site leaves it.

use geo::MultiPolygon;
use rams_domain::ExternalEvidenceId;

/// An area within the constraints of its site: the imagery, released land, the limit of the survey,
/// the district and the use of the land. Local metres.
pub(crate) struct ConstrainedArea {
    /// What is left of it after released land and the limit of the survey.
    pub(crate) boundary: MultiPolygon,
    /// How much of it lies beyond the imagery, as a share of it, 0 to 1.
    pub(crate) beyond_imagery: f64,
    /// What was cut out of it as released.
    pub(crate) released: MultiPolygon,
    /// The evidence that says so.
    pub(crate) released_by: Vec<ExternalEvidenceId>,
    /// How many pieces of its evidence lie on released land: their buffers stay.
    pub(crate) on_released: usize,
    /// Whether all of it lies beyond the survey's limit, where it was not cut.
    pub(crate) beyond_limit: bool,
    /// How much of it was assessed for what it is suspected of, square metres.
    pub(crate) assessed_m2: f64,
    /// The district in which most of it lies; empty where none is known.
    pub(crate) district: String,
    /// The use of most of its ground, and the factor on the odds of what was seen there.
    pub(crate) absence: Option<(String, f64)>,
    /// The use of some of its ground that lowers the limits of the threat most, and its factor.
    pub(crate) in_use: Option<(String, f64)>,
}

impl ConstrainedArea {
    /// An area on which nothing bears yet.
    pub(crate) fn of(boundary: MultiPolygon) -> Self {
        Self {
            boundary,
            beyond_imagery: 0.0,
            released: MultiPolygon(vec![]),
            released_by: vec![],
            on_released: 0,
            beyond_limit: false,
            assessed_m2: 0.0,
            district: String::new(),
            absence: None,
            in_use: None,
        }
    }
}
