//! What an evaluation says: as text, as JSON, as files.

use super::areas::AreasReport;
use super::training_data::TrainingOverlap;
use rams_evaluate::{EarthworksEvaluation, Evaluation};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, path::PathBuf};

/// The evaluation, and what was read for it.
#[derive(Serialize)]
pub(crate) struct EvaluationReport {
    /// Where the predictions lie, as it was given.
    #[serde(skip)]
    pub(crate) path: PathBuf,
    /// Names of files, without their folders: those are of one machine.
    pub(crate) truths: Vec<String>,
    pub(crate) predictions: Vec<String>,
    /// Digests of the models that made the surveys.
    pub(crate) models: BTreeMap<String, String>,
    /// Models whose score may be of their own training data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) training_overlaps: Vec<TrainingOverlap>,
    /// True objects of classes that the model does not name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) left_out: BTreeMap<String, usize>,
    /// Of boxes; `None` where all classes are lines or areas.
    #[serde(flatten)]
    pub(crate) evaluation: Option<Evaluation>,
    /// Of lines and areas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) works: Option<EarthworksEvaluation>,
    /// Of the areas of surveys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) areas: Option<AreasReport>,
}

/// What an answer of the command can do.
pub(crate) trait Report: Serialize + fmt::Display {
    /// Names and contents of files.
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>>;
}

/// The last words of an evaluation.
pub(crate) const THIS_GROUND_ALONE: &str = "These figures hold for this ground alone: validate on \
                                            site before anyone relies on them.";

impl fmt::Display for EvaluationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { evaluation, works, areas, .. } = self;
        self.write_head(f)?;
        if let Some(evaluation) = evaluation {
            writeln!(f, "{evaluation}")?;
        }
        if let Some(works) = works {
            writeln!(f, "{works}")?;
        }
        if let Some(areas) = areas {
            writeln!(f, "{areas}")?;
        }
        f.write_str(THIS_GROUND_ALONE)
    }
}

impl EvaluationReport {
    /// What was compared.
    pub(crate) fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { truths, predictions, models, training_overlaps, left_out, .. } = self;
        writeln!(f, "Truth: {}\nPredictions: {}", truths.join(", "), predictions.join(", "))?;
        for (model, digest) in models {
            writeln!(f, "Model: {model}, sha256 {digest}")?;
        }
        for overlap in training_overlaps {
            writeln!(f, "notice: {overlap}")?;
        }
        if !left_out.is_empty() {
            let each: Vec<_> =
                left_out.iter().map(|(class, count)| format!("{class} ({count})")).collect();
            writeln!(
                f,
                "Left out of the truth, for the model does not name them: {}",
                each.join(", ")
            )?;
        }
        Ok(())
    }
}

impl Report for EvaluationReport {
    /// `evaluation.json`, `tables.csv` of boxes, `works.csv` of lines and areas, and the plots.
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let mut files =
            vec![("evaluation.json".to_owned(), serde_json::to_string_pretty(self)?.into_bytes())];
        let mut plots = vec![];
        if let Some(evaluation) = &self.evaluation {
            files.push(("tables.csv".to_owned(), evaluation.to_csv().into_bytes()));
            plots.extend(evaluation.plots()?);
        }
        if let Some(works) = &self.works {
            files.push(("works.csv".to_owned(), works.to_csv().into_bytes()));
            plots.extend(works.plots()?);
        }
        files.extend(plots.into_iter().flat_map(rams_evaluate::Plot::files));
        Ok(files)
    }
}
