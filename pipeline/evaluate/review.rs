//! What people said in a review -> how often the models and the doctrine were right.

use crate::areas::format;
use crate::{AreaCalibration, interval};
use rams_domain::{Disposition, FeatureVerdict, Judgements, Survey};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// What people said of finds and areas of one or more surveys, beside what these said.
///
/// People judge with the answer in view, and judge what is shown: what a model missed, and what
/// people would have said without it, is not in these figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReviewEvaluation {
    /// Finds of the surveys.
    pub features: usize,
    /// Of them, by class.
    pub by_class: BTreeMap<String, JudgedFigures>,
    /// The same by score, in tenths: 7 is from 0.7 to below 0.8.
    pub by_score: BTreeMap<u8, JudgedFigures>,
    /// Confidence of finds against what people saw.
    pub calibration: Option<AreaCalibration>,
    /// Areas of the surveys.
    pub areas: usize,
    /// Of them, by land class and tier.
    pub by_tier: BTreeMap<String, JudgedFigures>,
    /// Confidence of areas against what people accepted.
    pub area_calibration: Option<AreaCalibration>,
}

/// What people said of some finds or areas.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct JudgedFigures {
    /// Finds that people judged, or areas that they decided.
    pub judged: usize,
    /// Of these, seen or accepted.
    pub right: usize,
    /// Sum of their confidences: over `judged`, what the survey promised.
    pub confidence_sum: f64,
}

impl JudgedFigures {
    fn add(&mut self, confidence: f64, is_right: bool) {
        self.judged += 1;
        self.right += usize::from(is_right);
        self.confidence_sum += confidence;
    }

    /// Share that is right, and its exact 95 % interval.
    fn share(&self) -> Option<[f64; 3]> {
        let [low, high] = interval::share(self.right, self.judged)?;
        Some([self.right as f64 / self.judged as f64, low, high])
    }

    fn mean_confidence(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.confidence_sum / self.judged as f64)
    }
}

impl ReviewEvaluation {
    /// Of surveys, each with what people said of it.
    pub fn of<'a>(reviews: impl IntoIterator<Item = (&'a Survey, &'a Judgements)>) -> Self {
        let (mut this, mut finds, mut decided) = (Self::default(), vec![], vec![]);
        for (survey, said) in reviews {
            this.features += survey.features.len();
            this.areas += survey.hazard_areas.len();
            for feature in &survey.features {
                let Some(verdict) = said.features.get(&feature.id) else { continue };
                let is_seen = *verdict == FeatureVerdict::Seen;
                let confidence = f64::from(feature.confidence);
                let tenth = (f64::from(feature.score) * 10.0).floor().clamp(0.0, 9.0) as u8;
                this.by_class.entry(feature.class.clone()).or_default().add(confidence, is_seen);
                this.by_score.entry(tenth).or_default().add(confidence, is_seen);
                finds.push((confidence, is_seen));
            }
            for area in &survey.hazard_areas {
                let Some(disposition) = said.areas.get(&area.id) else { continue };
                let is_accepted = *disposition == Disposition::Accepted;
                let confidence = f64::from(area.confidence);
                let tier = area.tier.map_or_else(|| "drawn by hand".into(), |it| it.to_string());
                let group = format!("{} {}", area.land_class, tier.replace('_', " "));
                this.by_tier.entry(group).or_default().add(confidence, is_accepted);
                decided.push((confidence, is_accepted));
            }
        }
        this.calibration = AreaCalibration::of(finds.into_iter());
        this.area_calibration = AreaCalibration::of(decided.into_iter());
        this
    }
}

impl fmt::Display for ReviewEvaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged = |groups: &BTreeMap<String, JudgedFigures>| -> usize {
            groups.values().map(|figures| figures.judged).sum()
        };
        writeln!(
            f,
            "People judged {} of {} finds and decided {} of {} areas, with the answer in view.\n\
             What the models missed is not in these figures.\n",
            judged(&self.by_class),
            self.features,
            judged(&self.by_tier),
            self.areas
        )?;
        table(f, "class", "seen", self.by_class.iter().map(|(name, it)| (name.clone(), it)))?;
        let scores = self.by_score.iter().map(|(tenth, figures)| {
            let from = f64::from(*tenth) / 10.0;
            (format!("{from:.1} to {:.1}", from + 0.1), figures)
        });
        table(f, "score", "seen", scores)?;
        table(f, "areas", "accepted", self.by_tier.iter().map(|(name, it)| (name.clone(), it)))?;
        format::calibration(f, "finds", self.calibration.as_ref())?;
        format::calibration(f, "areas", self.area_calibration.as_ref())
    }
}

fn table<'a>(
    f: &mut fmt::Formatter<'_>,
    of: &str,
    right: &str,
    rows: impl Iterator<Item = (String, &'a JudgedFigures)>,
) -> fmt::Result {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    writeln!(f, "| {of} | judged | {right} | share | mean confidence |\n|---|---|---|---|---|")?;
    for (name, figures) in rows {
        writeln!(
            f,
            "| {name} | {} | {} | {} | {} |",
            figures.judged,
            figures.right,
            format::interval(figures.share()),
            format::number(figures.mean_confidence(), 2)
        )?;
    }
    writeln!(f)
}
