//! A finished survey: all that is stored.

use crate::{AssessedArea, Detection, Feature, GapArea, Ground, HazardArea, Known, Model, Orthomosaic};
use std::sync::Arc;

/// What was run on what, so that anyone can run it again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SurveyRecord {
    /// Rows of (section, name, value), in the order in which people read them: inputs with
    /// digests, models with versions, doctrine, parameters, software, times.
    pub entries: Vec<(String, String, String)>,
}

impl SurveyRecord {
    /// Section of models that found more than can lie there: one sentence each, for everyone who reads on.
    pub const CROWDS: &str = "beside itself";

    /// Adds a row.
    pub fn add(&mut self, section: &str, name: &str, value: impl ToString) {
        self.entries.push((section.into(), name.into(), value.to_string()));
    }
}

/// Orthomosaic, model, class and detection. The names are shared by all of a kind: a million boxes take
/// 112 MB.
pub type NamedDetection = (Arc<str>, Arc<str>, Arc<str>, Detection);

/// A finished survey of one or more orthomosaics in one CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// CRS of all geometry, and its extent.
    pub ground: Ground,
    /// Suspected hazardous areas.
    pub hazard_areas: Vec<HazardArea>,
    /// Indicators on the ground.
    pub features: Vec<Feature>,
    /// Evidence from elsewhere.
    pub known: Vec<Known>,
    /// What the models saw, before merging.
    pub detections: Vec<NamedDetection>,
    /// Ground that was assessed, by model.
    pub assessed: Vec<AssessedArea>,
    /// Ground that was not.
    pub gaps: Vec<GapArea>,
    /// What was run on what.
    pub record: SurveyRecord,
}

impl Survey {
    /// Nothing found and nothing assessed yet.
    pub fn new(ground: Ground) -> Self {
        Self {
            ground,
            hazard_areas: vec![],
            features: vec![],
            known: vec![],
            detections: vec![],
            assessed: vec![],
            gaps: vec![],
            record: SurveyRecord::default(),
        }
    }

    /// Keeps what a model saw in an orthomosaic, so that a feature's ids lead somewhere.
    pub fn add_detections(&mut self, detections: Vec<Detection>, model: &Model, orthomosaic: &Orthomosaic) {
        let (orthomosaic, name): (Arc<str>, Arc<str>) = (orthomosaic.name.as_str().into(), model.name.as_str().into());
        let classes: Vec<Arc<str>> = model.classes.iter().map(|class| class.name.as_str().into()).collect();
        let class = |of: &Detection| classes.get(of.class).cloned().unwrap_or_default();
        let named = |detection: Detection| (orthomosaic.clone(), name.clone(), class(&detection), detection);
        self.detections.extend(detections.into_iter().map(named));
    }
}
