//! Colours and markers, the same in QGIS and Google Earth.
//!
//! No green anywhere: on a map that people walk by, green is read as permission.

/// A colour and the marker that tells a category apart for those who do not see the colour.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The word that it is drawn for.
    pub name: &'static str,
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// Name of a simple marker of QGIS.
    pub marker: &'static str,
}

const fn look(name: &'static str, rgb: [u8; 3], marker: &'static str) -> Look {
    Look { name, rgb, marker }
}

/// EO categories, by the words of `rams_domain::EoCategory`.
pub const EO_CATEGORIES: [Look; 10] = [
    look("AP_MINE", [216, 17, 89], "circle"),
    look("AV_MINE", [13, 71, 161], "square"),
    look("MIXED_MINE", [106, 27, 154], "diamond"),
    look("IMPROVISED_MINE", [239, 108, 0], "hexagon"),
    look("CMR", [0, 131, 153], "triangle"),
    look("UXO", [121, 62, 30], "pentagon"),
    look("AXO", [161, 112, 76], "pentagon"),
    look("BOOBY_TRAP", [173, 20, 87], "star"),
    look("IED", [191, 54, 12], "cross_fill"),
    look("UNKNOWN", [40, 40, 40], "circle"),
];

/// Indicators, by the words of `rams_domain::Indicator`, for features whose category the imagery
/// does not tell: all earthworks would look the same.
pub const INDICATORS: [Look; 8] = [
    look("trench_fire", [128, 0, 38], "circle"),
    look("trench_comm", [203, 109, 81], "circle"),
    look("at_ditch", [0, 60, 120], "square"),
    look("berm", [130, 85, 30], "diamond"),
    look("vehicle_revetment", [90, 70, 140], "square"),
    look("foxhole", [150, 30, 100], "circle"),
    look("bunker_dugout", [95, 60, 60], "square"),
    look("crater", [70, 70, 70], "star"),
];

/// Threat levels, by the words of `rams_domain::Threat`, worst first.
pub const THREATS: [Look; 4] = [
    look("HIGH", [193, 18, 31], "circle"),
    look("MEDIUM", [240, 120, 0], "circle"),
    look("LOW", [250, 190, 40], "circle"),
    look("UNASSESSED", [123, 44, 191], "circle"),
];

/// Indications, whatever their threat: none is an SHA.
pub const INDICATION: Look = look("INDICATION", [98, 72, 140], "circle");

/// Reasons of gaps, by the words of `rams_domain::GapReason`; the marker column is the brush.
pub const GAP_REASONS: [Look; 12] = [
    look("unreadable", [190, 30, 50], "f_diagonal"),
    look("model_failed", [190, 30, 50], "diagonal_x"),
    look("interrupted", [190, 30, 50], "vertical"),
    look("no_imagery", [190, 30, 50], "horizontal"),
    look("beyond_limit", [190, 30, 50], "dense7"),
    look("gsd_too_coarse", [190, 140, 0], "b_diagonal"),
    look("vegetation", [110, 75, 40], "diagonal_x"),
    look("shadow", [50, 40, 90], "dense6"),
    look("saturation", [200, 110, 0], "horizontal"),
    look("blur", [0, 105, 135], "f_diagonal"),
    look("nodata", [85, 85, 85], "b_diagonal"),
    look("no_model", [150, 150, 150], "dense7"),
];

/// Kinds of other evidence, by the words of `rams_domain::ExternalEvidenceKind`. Red is what points
/// to hazard; released land is pale, for it is not this survey that released it. For kinds of
/// ground the marker column is the brush.
pub const EXTERNAL_EVIDENCE_KINDS: [Look; 10] = [
    look("accident", [200, 0, 30], "star"),
    look("incident", [225, 60, 50], "triangle"),
    look("minefield_record", [140, 0, 50], "diamond"),
    look("witness", [190, 40, 110], "pentagon"),
    look("released", [60, 110, 190], "b_diagonal"),
    look("cancelled", [110, 110, 140], "f_diagonal"),
    look("land_use", [150, 110, 60], "no"),
    look("district", [60, 60, 60], "no"),
    look("front", [0, 40, 110], "square"),
    look("survey_limit", [20, 20, 20], "no"),
];

/// What a word that is in no list looks like, so that it is drawn all the same.
pub const OTHER: Look = look("other", [40, 40, 40], "circle");

/// The look of a feature: of its category of ordnance, or of its indicator where that is unknown.
pub fn of_feature(eo_category: &str, indicator: &str) -> &'static Look {
    let by_indicator =
        INDICATORS.iter().find(|look| eo_category == "UNKNOWN" && look.name == indicator);
    by_indicator.unwrap_or_else(|| look_of(&EO_CATEGORIES, eo_category))
}

/// Red, green and blue of a word of the vocabulary: an EO category, an indicator, a threat level or
/// the reason of a gap. No word is in two lists.
pub fn colour(word: &str) -> [u8; 3] {
    let lists = [&EO_CATEGORIES[..], &INDICATORS, &THREATS, &GAP_REASONS, &[INDICATION]];
    lists.into_iter().flatten().find(|look| look.name == word).unwrap_or(&OTHER).rgb
}

/// A kind of other evidence for people: of released land, that others say so.
pub fn kind_of_external_evidence(kind: &str) -> String {
    match kind {
        "released" | "cancelled" => format!("reported as {kind} by others"),
        _ => kind.replace('_', " "),
    }
}

/// The look of a word.
pub fn look_of<'a>(looks: &'a [Look], name: &str) -> &'a Look {
    looks.iter().find(|look| look.name == name).unwrap_or(&OTHER)
}
