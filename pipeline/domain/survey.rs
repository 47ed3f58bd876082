//! A finished survey: all that is stored.

use crate::{AssessedArea, Detection, Feature, GapArea, Ground, HazardArea};

/// What was run on what, so that anyone can run it again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SurveyRecord {
    /// Rows of (section, name, value), in the order in which people read them: inputs with
    /// digests, models with versions, doctrine, parameters, software, times.
    pub entries: Vec<(String, String, String)>,
}

impl SurveyRecord {
    /// Adds a row.
    pub fn add(&mut self, section: &str, name: &str, value: impl ToString) {
        self.entries.push((section.into(), name.into(), value.to_string()));
    }
}

/// A finished survey of one or more orthomosaics in one CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// CRS of all geometry, and its extent.
    pub ground: Ground,
    /// Suspected hazardous areas.
    pub hazard_areas: Vec<HazardArea>,
    /// Indicators on the ground.
    pub features: Vec<Feature>,
    /// What the models saw, before merging: (orthomosaic, model, class name, detection).
    pub detections: Vec<(String, String, String, Detection)>,
    /// Ground that was assessed, by model.
    pub assessed: Vec<AssessedArea>,
    /// Ground that was not.
    pub gaps: Vec<GapArea>,
    /// What was run on what.
    pub record: SurveyRecord,
}
