//! Ordnance that is recorded spot by spot and not by perimeters.

/// Whether ordnance of a category is recorded spot by spot.
pub fn is_spot(eo_category: &str) -> bool {
    ["CMR", "UXO"].contains(&eo_category)
}
