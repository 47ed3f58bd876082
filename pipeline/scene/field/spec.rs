//! What fields are drawn from: a commented TOML.

use rams_domain::{EoCategory, Indicator};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The distributions of a field. Lengths in metres, shares from 0 to 1; `[a, b]` is drawn evenly.
/// Each value is explained, with its source, in `datasets/fields/fields.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// What the distributions are called.
    pub name: String,
    /// Changes with any of their values.
    pub version: String,
    pub(super) side_m: f64,
    pub(super) kinds: Kinds,
    pub(super) front: Front,
    pub(super) belt: BTreeMap<EoCategory, Belt>,
    pub(super) laying: Laying,
    pub(super) nuisance: Nuisance,
    pub(super) scatter: Scatter,
    pub(super) strike: Strike,
    pub(super) cover: CoverSpec,
    #[serde(rename = "sight")]
    pub(super) detection: DetectionSpec,
}

/// Why a file of distributions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FieldSpecError {
    /// No TOML, or not these keys.
    #[error("cannot read {file} as distributions of fields: {cause}")]
    Parse {
        /// The file, as the caller names it.
        file: String,
        /// What the parser says, with the line.
        cause: String,
    },
    /// A value from which no field can be drawn.
    #[error("cannot use {file}: {name} is {value}; {limit}")]
    Value {
        /// The file, as the caller names it.
        file: String,
        /// The key, with its tables: `sight.AP_MINE.recall`.
        name: String,
        /// What it is.
        value: f64,
        /// What it must be.
        limit: &'static str,
    },
}

/// Least and greatest value, both for numbers and for counts.
pub(super) type Span = [f64; 2];
pub(super) type Count = [u32; 2];

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kinds {
    pub(super) empty: f64,
    pub(super) submunitions: f64,
    pub(super) nuisance: f64,
    #[serde(rename = "old_works")]
    pub(super) old_earthworks: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Front {
    pub(super) ahead_m: Span,
    pub(super) aside_m: Span,
    pub(super) trench: f64,
    pub(super) trench_m: Span,
    pub(super) communication: f64,
    pub(super) communication_m: Span,
    pub(super) ditch: f64,
    pub(super) ditch_ahead_m: Span,
    pub(super) ditch_m: Span,
    pub(super) nuisance: f64,
    pub(super) scatter: f64,
    pub(super) strike: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Belt {
    pub(super) share: f64,
    pub(super) count: Count,
    pub(super) ahead_m: Span,
    pub(super) aside_m: Span,
    pub(super) rows: Count,
    pub(super) in_row_m: Span,
    pub(super) between_rows_m: Span,
    pub(super) length_m: Span,
    pub(super) margin_m: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Laying {
    pub(super) tilt: f64,
    pub(super) bend: f64,
    pub(super) jitter: f64,
    pub(super) across_m: f64,
    pub(super) ragged: f64,
    pub(super) missing: f64,
    /// Stretches of a row without mines.
    #[serde(rename = "pieces")]
    pub(super) gaps: Count,
    #[serde(rename = "piece_m")]
    pub(super) gap_m: Span,
    pub(super) hidden: Span,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nuisance {
    pub(super) groups: Count,
    pub(super) threes: f64,
    pub(super) near_trench: f64,
    pub(super) anti_vehicle: f64,
    pub(super) circle_m: BTreeMap<EoCategory, f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scatter {
    pub(super) long_m: Span,
    pub(super) wide_m: Span,
    pub(super) count: Count,
    pub(super) hidden: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strike {
    pub(super) count_of: Count,
    pub(super) long_m: Span,
    pub(super) wide_m: Span,
    pub(super) count: Count,
    pub(super) hidden: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverSpec {
    pub(super) none: f64,
    pub(super) share: Span,
    pub(super) clump_m: Span,
}

/// How well the models tell what lies in a field from its ground.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct DetectionSpec {
    pub(super) position_m: f64,
    pub(super) ground_sd: f64,
    pub(super) shift_sd: f64,
    pub(super) on_patches: f64,
    pub(super) patches_per_ha: f64,
    pub(super) patch_m: Span,
    pub(super) patch_shift_sd: f64,
    pub(super) on_lines: f64,
    pub(super) lines: Count,
    #[serde(rename = "works")]
    pub(super) earthworks: EarthworksDetection,
    /// By category.
    #[serde(flatten)]
    pub(super) of: BTreeMap<EoCategory, CategoryDetection>,
}

/// How well mines of a category are told from the ground.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryDetection {
    pub(super) per_ha: f64,
    pub(super) recall: f64,
    pub(super) at_per_ha: f64,
    pub(super) recall_at: f64,
    /// Confidence of a find that scores as much as the threshold.
    pub(super) confidence_at_threshold: f64,
    pub(super) taken_for: BTreeMap<EoCategory, f64>,
    /// Share of its false finds that look like mines that are scattered, not laid.
    #[serde(default)]
    pub(super) scattered: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EarthworksDetection {
    pub(super) found: BTreeMap<Indicator, f64>,
    pub(super) width_m: BTreeMap<Indicator, f64>,
    pub(super) false_per_km2: BTreeMap<Indicator, f64>,
    pub(super) false_factor: f64,
    pub(super) false_factor_sd: f64,
}

impl FieldSpec {
    /// The distributions that come with the program.
    pub fn baseline() -> Self {
        let text = include_str!("../../../datasets/fields/fields.toml");
        Self::parse(text, "fields.toml").expect("the file that comes with the program is valid")
    }

    /// Reads distributions; `file` names them in messages.
    pub fn parse(text: &str, file: &str) -> Result<Self, FieldSpecError> {
        let cause = |error: toml::de::Error| FieldSpecError::Parse {
            file: file.into(),
            cause: error.to_string(),
        };
        let spec: Self = toml::from_str(text).map_err(cause)?;
        let refuse = |name: &str, value, limit| {
            Err(FieldSpecError::Value { file: file.into(), name: name.into(), value, limit })
        };
        if !(50.0..=100_000.0).contains(&spec.side_m) {
            return refuse("side_m", spec.side_m, "give 50 to 100000");
        }
        for (category, of) in &spec.detection.of {
            let name = |key: &str| format!("sight.{category}.{key}");
            if !(of.recall > 0.0 && of.recall < 1.0) {
                return refuse(&name("recall"), of.recall, "give a share between 0 and 1");
            }
            if !(of.recall_at > 0.0 && of.recall_at < of.recall) {
                return refuse(
                    &name("recall_at"),
                    of.recall_at,
                    "give a share between 0 and recall",
                );
            }
            if !(of.at_per_ha > 0.0 && of.at_per_ha < of.per_ha) {
                return refuse(
                    &name("at_per_ha"),
                    of.at_per_ha,
                    "give a rate between 0 and per_ha",
                );
            }
        }
        Ok(spec)
    }
}
