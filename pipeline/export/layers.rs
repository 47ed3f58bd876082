//! The layers of a survey that leave the house.

/// All of them, in the order of the survey's file.
pub(crate) const LAYERS: [&str; 6] =
    ["features", "hazard_areas", "external_evidence", "indication_belts", "gaps", "assessed"];

/// Those of one GeoJSON or KML file, in drawing order: what comes first in the file is drawn first,
/// so lies below.
pub(crate) const GEOJSON_LAYERS: [&str; 5] =
    ["gaps", "indication_belts", "hazard_areas", "external_evidence", "features"];
