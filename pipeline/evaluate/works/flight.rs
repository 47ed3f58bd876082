//! What is compared: the earthworks of one orthomosaic, in metres of one local frame.

use super::rules::Rules;
use crate::EvaluatedGround;
use geo::{LineString, MultiPolygon};

/// One orthomosaic and its earthworks.
#[derive(Debug, Clone, PartialEq)]
pub struct EarthworksFlight {
    /// Name of the orthomosaic.
    pub name: String,
    /// What false alarms are counted over.
    pub ground: EvaluatedGround,
    /// Where each model of the survey looked, metres: overlap is measured there alone.
    pub assessed: Vec<MultiPolygon>,
    /// The ground of what lies there.
    pub truths: Vec<TrueEarthwork>,
    /// The centrelines of those that are lines; `None` where the truth has none, though there are
    /// lines.
    pub lines: Option<Vec<TrueLine>>,
    /// What was found there.
    pub found: Vec<FoundEarthwork>,
}

/// The ground of one true earthwork.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueEarthwork {
    /// Index into [`crate::Classes`].
    pub class: usize,
    /// Its outline, metres.
    pub ground: MultiPolygon,
    /// Whether to find it is neither right nor wrong.
    pub ignored: bool,
}

/// One true centreline.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueLine {
    /// Index into [`crate::Classes`].
    pub class: usize,
    /// From end to end, metres.
    pub line: LineString,
}

/// One predicted earthwork.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundEarthwork {
    /// Its id in the survey.
    pub id: String,
    /// Index into [`crate::Classes`].
    pub class: usize,
    /// The model's score, 0 to 1.
    pub score: f64,
    /// The calibrated probability, 0 to 1.
    pub confidence: f64,
    /// Where.
    pub shape: FoundShape,
}

/// Where a predicted earthwork is.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundShape {
    /// A network of centrelines.
    Lines(Vec<FoundPart>),
    /// An outline, metres.
    Area(MultiPolygon),
}

/// A stretch of a predicted centreline.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPart {
    /// Index into [`crate::Classes`]: a part may be of another kind than the whole.
    pub class: usize,
    /// The calibrated probability, 0 to 1.
    pub confidence: f64,
    /// From end to end, metres.
    pub line: LineString,
    /// Mean width, metres: its ground is the line with half of it on either side.
    pub width_m: f64,
}

impl FoundEarthwork {
    /// Its own class and those of its parts.
    pub(crate) fn classes(&self) -> Vec<usize> {
        match &self.shape {
            FoundShape::Lines(parts) => {
                parts.iter().map(|part| part.class).chain([self.class]).collect()
            }
            FoundShape::Area(_) => vec![self.class],
        }
    }
}

impl EarthworksFlight {
    /// Whether there are true lines of which nothing but the outline is known.
    pub(crate) fn lacks_lines(&self, rules: &Rules<'_>) -> bool {
        self.lines.is_none()
            && self.truths.iter().any(|truth| !truth.ignored && rules.is_line(truth.class))
    }
}
