//! The figures of earthworks as pictures.

use super::{EarthworksEvaluation, EarthworksFigures, EarthworksStep};
use crate::{
    EvaluateError, Plot,
    plot::{Chart, Curve, Picture},
};

impl EarthworksEvaluation {
    /// Precision against recall, recall against false alarms, both and the overlap against the
    /// least confidence, and, where there are lines, what they were taken for and whether their
    /// confidence is right.
    pub fn plots(&self) -> Result<Vec<Plot>, EvaluateError> {
        let mut plots = vec![
            Plot::draw("works_precision_recall", &Picture::Curves(self.precision_recall()))?,
            Plot::draw("works_recall_false_alarms", &self.recall_false_alarms())?,
        ];
        for (name, caption, value) in THRESHOLDS {
            plots
                .push(Plot::draw(name, &Picture::Curves(self.against_confidence(caption, value)))?);
        }
        if let Some(reliability) = &self.reliability_m {
            let caption = "What centrelines (rows) were taken for (columns), metres";
            plots.push(Plot::draw(
                "works_confusion",
                &Picture::Confusion(&self.confusion_m, caption),
            )?);
            plots.push(Plot::draw(
                "works_reliability",
                &Picture::Reliability(reliability, "m of lines"),
            )?);
        }
        Ok(plots)
    }

    /// Families that have truth.
    fn families(&self) -> impl Iterator<Item = (&String, &EarthworksFigures)> {
        self.by_family.all.classes.iter().filter(|(_, figures)| figures.truth().is_some())
    }

    fn chart<'a>(
        &self,
        (caption, x, y): (&'a str, &'a str, &'a str),
        point: impl Fn(&EarthworksStep) -> Option<(f64, f64)>,
    ) -> Chart<'a> {
        let curve = |(name, figures): (&String, &EarthworksFigures)| Curve {
            label: format!("{name}: {}", figures.truth().unwrap_or_default()),
            points: figures.sweep.iter().filter_map(&point).collect(),
        };
        let curves: Vec<Curve> = self.families().map(curve).collect();
        Chart { caption, x, y, classes: curves.len(), curves }
    }

    fn precision_recall<'a>(&self) -> Chart<'a> {
        let caption = "Precision against recall of works (lines by length)";
        self.chart((caption, "recall", "precision"), |step| {
            Some((step.recall()?, step.precision()?))
        })
    }

    /// Per square kilometre where the ground is known, else in all.
    fn recall_false_alarms<'a>(&self) -> Picture<'a> {
        let km2 = self.by_family.all.km2;
        let unit = km2.unwrap_or(1.0);
        let steps = self.families().flat_map(|(_, figures)| &figures.sweep);
        let most = steps.map(|step| step.false_alarms).max().unwrap_or(0);
        let (left, right) = (0.5 / unit, (most as f64 / unit).max(10.0 / unit) * 1.2);
        let x = if km2.is_some() {
            "false alarms per square kilometre"
        } else {
            "false alarms (ground not known)"
        };
        let caption = "Recall of works (lines by length) against false alarms";
        let point = |step: &EarthworksStep| {
            Some(((step.false_alarms as f64 / unit).max(left), step.recall()?))
        };
        Picture::Logarithmic(self.chart((caption, x, "recall"), point), [left, right])
    }

    fn against_confidence<'a>(&self, caption: &'a str, value: Value) -> Chart<'a> {
        self.chart((caption, "least confidence", "share"), |step| {
            Some((step.confidence, value(step)?))
        })
    }
}

type Value = fn(&EarthworksStep) -> Option<f64>;

const THRESHOLDS: [(&str, &str, Value); 3] = [
    (
        "works_recall",
        "Recall of works (lines by length) against the least confidence",
        EarthworksStep::recall,
    ),
    (
        "works_precision",
        "Precision of works (lines by length) against the least confidence",
        EarthworksStep::precision,
    ),
    ("works_iou", "Overlap (IoU) of works against the least confidence", |step| step.iou),
];

impl EarthworksStep {
    /// By length where it is a line.
    pub(crate) fn recall(&self) -> Option<f64> {
        self.length_recall.or(self.object_recall)
    }

    /// By length where it is a line.
    pub(crate) fn precision(&self) -> Option<f64> {
        self.length_precision.or(self.object_precision)
    }
}

impl EarthworksFigures {
    /// How much truth there is; `None` without any.
    fn truth(&self) -> Option<String> {
        let length = self
            .length
            .filter(|length| length.true_m > 0.0)
            .map(|length| format!("{:.0} m", length.true_m));
        let objects = self.objects.filter(|objects| objects.objects > 0);
        length.or_else(|| objects.map(|objects| format!("{} objects", objects.objects)))
    }
}
