//! The layers of a survey that leave the house.

/// All of them, in the order of the survey's file.
pub(crate) const LAYERS: [&str; 5] =
    ["features", "hazard_areas", "external_evidence", "gaps", "assessed"];

/// Those of one GeoJSON or KML file, in drawing order: what comes first in the file is drawn first,
/// so lies below.
pub(crate) const GEOJSON_LAYERS: [&str; 4] =
    ["gaps", "hazard_areas", "external_evidence", "features"];
