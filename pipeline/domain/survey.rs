//! A finished survey: all that is stored.

use crate::{
    AssessedArea, Detection, ExternalEvidence, Feature, FeatureId, GapArea, Georef, Ground,
    HazardArea, IndicationBelt, MetadataField, Model, OperatingPoint, Orthomosaic, RunRecord,
    SurveyMetadata,
};
use std::{collections::BTreeMap, sync::Arc};

/// A detection with the names of its class, model and orthomosaic. Detections of a class share a
/// [`DetectedClass`], so that a million boxes take 88 MB.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedDetection {
    /// Class, model and orthomosaic.
    pub of: Arc<DetectedClass>,
    /// The detection.
    pub detection: Detection,
}

/// A class that a model found in an orthomosaic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DetectedClass {
    /// Name of the orthomosaic.
    pub orthomosaic: String,
    /// Name of the model.
    pub model: String,
    /// Name of the class.
    pub class: String,
    /// Whether the orthomosaic's pixels are too coarse for it: such detections are no features.
    pub is_out_of_reach: bool,
    /// Whether these score too little for finds at the survey's operating point.
    pub is_below: bool,
}

/// A finished survey of one or more orthomosaics in one CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// CRS of all geometry, and its extent.
    pub ground: Ground,
    /// Suspected hazardous areas and indications.
    pub hazard_areas: Vec<HazardArea>,
    /// The belts of indications, in the order of these and outwards.
    pub indication_belts: Vec<IndicationBelt>,
    /// Indicators on the ground.
    pub features: Vec<Feature>,
    /// Evidence from elsewhere.
    pub external_evidence: Vec<ExternalEvidence>,
    /// What the models saw, before merging.
    pub detections: Vec<NamedDetection>,
    /// How the pixels of each orthomosaic lie on the ground, by its name: where detections are.
    pub georefs: BTreeMap<String, Georef>,
    /// Ground that was assessed, by model.
    pub assessed: Vec<AssessedArea>,
    /// Ground that was not.
    pub gaps: Vec<GapArea>,
    /// Pictures of features.
    pub chips: Vec<Chip>,
    /// What was run on what.
    pub record: RunRecord,
    /// Who surveyed, when and where.
    pub metadata: SurveyMetadata,
}

/// What the imagery shows of a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The feature.
    pub feature: FeatureId,
    /// The picture, a JPEG file.
    pub jpeg: Box<[u8]>,
}

impl Survey {
    /// Nothing found and nothing assessed yet.
    pub fn new(ground: Ground) -> Self {
        Self {
            ground,
            hazard_areas: vec![],
            indication_belts: vec![],
            features: vec![],
            external_evidence: vec![],
            detections: vec![],
            georefs: BTreeMap::new(),
            assessed: vec![],
            gaps: vec![],
            chips: vec![],
            record: RunRecord::default(),
            metadata: SurveyMetadata::default(),
        }
    }

    /// Gives every area the district that people stated, unless evidence of districts is there: an
    /// area without one then lies in none of them.
    pub fn place_in_stated_district(&mut self) {
        if self.hazard_areas.iter().all(|area| area.district.is_empty()) {
            let district = self.metadata.text(MetadataField::District);
            self.hazard_areas.iter_mut().for_each(|area| area.district.clone_from(&district));
        }
    }
}

/// Gives each detection of a model in an orthomosaic the names of its class, model and orthomosaic,
/// so that the ids in a [`Feature`] lead to it. Panics if the class of a detection is none of the
/// model's.
pub fn named_detections(
    detections: Vec<Detection>,
    model: &Model,
    orthomosaic: &Orthomosaic,
    point: OperatingPoint,
) -> impl Iterator<Item = NamedDetection> {
    let gsd_m = orthomosaic.coarsest_gsd_m();
    let class = |index: usize, is_below: bool| DetectedClass {
        orthomosaic: orthomosaic.name.clone(),
        model: model.name.clone(),
        class: model.classes[index].name.clone(),
        is_out_of_reach: !model.is_in_reach(index, gsd_m),
        is_below,
    };
    let classes: Vec<[Arc<DetectedClass>; 2]> = (0..model.classes.len())
        .map(|index| [false, true].map(|is_below| class(index, is_below).into()))
        .collect();
    detections.into_iter().map(move |detection| {
        let is_below = model.is_below(&detection, point);
        NamedDetection { of: classes[detection.class][usize::from(is_below)].clone(), detection }
    })
}

/// Number of detections by class, for the classes that the pixels are too coarse for; those below
/// the operating point do not count.
pub fn out_of_reach(detections: &[NamedDetection]) -> BTreeMap<&DetectedClass, usize> {
    let mut counts = BTreeMap::new();
    for NamedDetection { of, .. } in detections {
        if !of.is_out_of_reach || of.is_below {
            continue;
        }
        *counts.entry(&**of).or_default() += 1;
    }
    counts
}
