//! Reviews as truth: how often people agreed with what was found.

use super::evaluation_report::{Report, THIS_GROUND_ALONE};
use crate::{args::EvaluateConfig, review};
use anyhow::{Context, bail, ensure};
use rams_evaluate::ReviewEvaluation;
use rams_review::REVIEW_DIR;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// The evaluation, and what was read for it.
#[derive(Serialize)]
pub(super) struct ReviewReport {
    /// Names of the surveys, and the heads of their logs.
    reviews: BTreeMap<String, String>,
    /// Digests of the models that made them.
    models: BTreeMap<String, String>,
    #[serde(flatten)]
    evaluation: ReviewEvaluation,
}

/// Evaluates against reviews; `None` where no truth is one.
pub(super) fn evaluate(configs: &[EvaluateConfig]) -> anyhow::Result<Option<ReviewReport>> {
    let [config, others @ ..] = configs else { return Ok(None) };
    let is_review = |path: &&PathBuf| path.file_name().is_some_and(|name| name == REVIEW_DIR);
    let reviews: Vec<_> = config.truths.iter().filter(is_review).collect();
    let Some(first) = reviews.first() else { return Ok(None) };
    ensure!(
        others.is_empty() && reviews.len() == config.truths.len(),
        "cannot use the review {} beside other truths or --against: people judged one survey; \
         evaluate reviews by themselves",
        first.display()
    );
    let mut report = ReviewReport {
        reviews: BTreeMap::new(),
        models: BTreeMap::new(),
        evaluation: ReviewEvaluation::default(),
    };
    let mut read = vec![];
    for path in reviews {
        let dir = surveyed(path, &config.predictions)?;
        let (survey, said) = review::judgements(&dir)?;
        let name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
        report.reviews.insert(name.unwrap_or_default(), format!("{} {}", said.events, said.head));
        let digests = survey.record.model_digests().map(|(model, it)| (model.into(), it.into()));
        report.models.extend(digests);
        read.push((survey, said));
    }
    report.evaluation = ReviewEvaluation::of(read.iter().map(|(survey, said)| (survey, said)));
    if report.evaluation.calibration.is_none() && report.evaluation.area_calibration.is_none() {
        bail!(
            "nothing to evaluate in {}: nobody has judged a find or decided on an area; do so with \
             `rams review`",
            config.predictions.display()
        );
    }
    Ok(Some(report))
}

/// The survey that a review is of, which is to be among the predictions.
fn surveyed(review: &Path, predictions: &Path) -> anyhow::Result<PathBuf> {
    let real = |path: &Path| {
        path.canonicalize().with_context(|| format!("cannot read {}", path.display()))
    };
    let (review, of) = (real(review)?, real(predictions)?);
    let dir = review.parent().map(Path::to_owned).unwrap_or_default();
    ensure!(
        dir.starts_with(&of),
        "{} is no review of {}: people judged the survey in {}; give that folder",
        review.display(),
        predictions.display(),
        dir.display()
    );
    Ok(dir)
}

impl Report for ReviewReport {
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        Ok(vec![("evaluation.json".into(), serde_json::to_vec_pretty(self)?)])
    }
}

impl fmt::Display for ReviewReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, head) in &self.reviews {
            writeln!(f, "Review of {name}: log of {head}")?;
        }
        for (model, digest) in &self.models {
            writeln!(f, "Model: {model}, sha256 {digest}")?;
        }
        write!(f, "{}\n{THIS_GROUND_ALONE}", self.evaluation)
    }
}
