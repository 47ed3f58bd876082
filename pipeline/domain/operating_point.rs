//! At which score a find counts: the trade of missed objects for false alarms.

use crate::display::display_as_serialised;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A named trade of recall for false alarms, as `--operating-point` takes it.
///
/// ```
/// use rams_domain::OperatingPoint;
///
/// assert_eq!("strict".parse(), Ok(OperatingPoint::Strict));
/// assert_eq!(OperatingPoint::default().to_string(), "balanced");
/// let error = "high".parse::<OperatingPoint>();
/// assert_eq!(error, Err("give sensitive, balanced or strict".into()));
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OperatingPoint {
    /// The fewest misses: the lowest threshold.
    Sensitive,
    /// What the authors of the model recommend.
    #[default]
    Balanced,
    /// The fewest false alarms: the highest threshold.
    Strict,
}
display_as_serialised!(OperatingPoint);

impl FromStr for OperatingPoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Sensitive, Self::Balanced, Self::Strict];
        let found = all.into_iter().find(|point| point.to_string() == text);
        found.ok_or_else(|| "give sensitive, balanced or strict".into())
    }
}

/// The least score of a find of a class, 0 to 1, at each operating point. One number, in a file,
/// stands for all of them.
///
/// ```
/// use rams_domain::{OperatingPoint, Thresholds};
///
/// let each = Thresholds { sensitive: 0.2, balanced: 0.35, strict: 0.6 };
/// assert_eq!(each.at(OperatingPoint::Strict), 0.6);
/// assert_eq!(each.to_string(), "0.2 sensitive, 0.35 balanced, 0.6 strict");
/// let one = Thresholds::from(0.5);
/// assert_eq!(one.at(OperatingPoint::Sensitive), 0.5);
/// assert!(one.is_one() && !each.is_one());
/// assert_eq!(one.to_string(), "0.5");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Thresholds {
    /// The lowest: what scores less is not kept at all.
    pub sensitive: f32,
    /// That of the point which is taken if none is asked for.
    pub balanced: f32,
    /// The highest.
    pub strict: f32,
}

impl Thresholds {
    /// The threshold of a point.
    pub fn at(&self, point: OperatingPoint) -> f32 {
        match point {
            OperatingPoint::Sensitive => self.sensitive,
            OperatingPoint::Balanced => self.balanced,
            OperatingPoint::Strict => self.strict,
        }
    }

    /// Whether all points are the same.
    pub fn is_one(&self) -> bool {
        self.sensitive == self.balanced && self.balanced == self.strict
    }
}

impl From<f32> for Thresholds {
    fn from(one: f32) -> Self {
        Self { sensitive: one, balanced: one, strict: one }
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sensitive, balanced, strict } = self;
        if self.is_one() {
            write!(f, "{balanced}")
        } else {
            write!(f, "{sensitive} sensitive, {balanced} balanced, {strict} strict")
        }
    }
}

/// Thresholds in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
#[serde(expecting = "give a number, or a table of sensitive, balanced and strict")]
enum Written {
    One(f32),
    Each { sensitive: f32, balanced: f32, strict: f32 },
}

impl From<Written> for Thresholds {
    fn from(written: Written) -> Self {
        match written {
            Written::One(one) => one.into(),
            Written::Each { sensitive, balanced, strict } => Self { sensitive, balanced, strict },
        }
    }
}

impl From<Thresholds> for Written {
    fn from(thresholds: Thresholds) -> Self {
        let Thresholds { sensitive, balanced, strict } = thresholds;
        if thresholds.is_one() {
            Written::One(balanced)
        } else {
            Written::Each { sensitive, balanced, strict }
        }
    }
}

/// What was measured of a model at an operating point.
///
/// ```
/// use rams_domain::MeasuredPoint;
///
/// let measured = MeasuredPoint {
///     recall: 0.91,
///     false_alarms_per_ha: 3.5,
///     measured_on: "a field left out of the training".into(),
/// };
/// assert_eq!(
///     measured.to_string(),
///     "recall 0.91, 3.5 false alarms per ha, measured on a field left out of the training"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredPoint {
    /// Share of the objects that it found, 0 to 1.
    pub recall: f64,
    /// False alarms per hectare.
    pub false_alarms_per_ha: f64,
    /// The ground on which that was measured, which the training did not see.
    pub measured_on: String,
}

impl fmt::Display for MeasuredPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recall, false_alarms_per_ha, measured_on } = self;
        write!(
            f,
            "recall {recall}, {false_alarms_per_ha} false alarms per ha, measured on {measured_on}"
        )
    }
}
