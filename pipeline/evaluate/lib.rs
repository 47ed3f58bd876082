//! Predictions x truth -> figures.
//!
//! This crate never runs a model and never reads a survey: it is given boxes, or ground and
//! centrelines ([`compare`]), and says how well they agree. Average precision is that of COCO to
//! the last digit, so that figures can be compared with published ones; recall and false alarms are
//! counted as a person in the field would count them ([`Rule::Centre`]), with exact intervals,
//! because a hundred mines are few.

mod areas;
mod boxes;
mod classes;
mod coco;
mod error;
mod flight;
mod ground;
mod interval;
mod object;
mod paired;
mod plot;
mod review;
mod side_by_side;
mod site_calibration;
mod works;

#[cfg(test)]
mod tests;

pub use areas::{
    AgreementFigures, AreaBin, AreaCalibration, AreaField, AreaRow, AreaStep, AreasByClass,
    AreasEvaluation, At95, Baseline, CategoryFigures, CmrFigures, DoctrineFigures, DrawnField,
    EarthworksBeltFigures, FieldOutcome, FrontFigures, GroupFigures, JudgedField,
    LandClassCalibration, LandClassFigures, LevelFigures, MethodFigures, TierFigures, TrueOrdnance,
    mined_ground,
};
pub use boxes::{
    Bin, Confusion, Evaluation, Figures, JudgedObject, Level, Operating, RecallAt, Reliability,
    Rule, Settings, Step, Table, TileFigures, evaluate,
};
pub use classes::Classes;
pub use coco::{CocoResult, CocoTruth, TrueImage};
pub use error::EvaluateError;
pub use flight::Flight;
pub use ground::EvaluatedGround;
pub use object::{Prediction, Truth};
pub use paired::PairedRecall;
pub use plot::Plot;
pub use review::{JudgedFigures, ReviewEvaluation};
pub use side_by_side::{BoxCell, EarthworksCell, SideBySide, SideBySideRow};
pub use site_calibration::site_calibration;
pub use works::{
    EarthworksEvaluation, EarthworksFigures, EarthworksFlight, EarthworksLevel, EarthworksStep,
    EarthworksTable, FoundEarthwork, FoundPart, FoundShape, JudgedFeature, Length, Objects,
    Overlap, TrueEarthwork, TrueLine, Verdict, compare,
};
