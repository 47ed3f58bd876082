//! The figures of boxes as pictures.

use super::{Evaluation, Figures};
use crate::{
    EvaluateError, Plot,
    plot::{CURVES, Chart, Curve, Picture},
};

impl Evaluation {
    /// Precision against recall, recall against false alarms, what was taken for what, and, where
    /// predictions have a confidence, confidence against the share that was right.
    pub fn plots(&self) -> Result<Vec<Plot>, EvaluateError> {
        let (curves, hectares) = (curves(self), self.by_class.all.hectares);
        let mut plots = vec![
            Plot::draw("precision_recall", &Picture::Curves(precision_recall(&curves)))?,
            Plot::draw("recall_false_alarms", &recall_false_alarms(&curves, hectares))?,
            Plot::draw(
                "confusion",
                &Picture::Confusion(
                    &self.confusion,
                    "What objects (rows) were taken for (columns)",
                ),
            )?,
        ];
        if let Some(reliability) = &self.reliability {
            plots.push(Plot::draw(
                "reliability",
                &Picture::Reliability(reliability, "predictions"),
            )?);
        }
        Ok(plots)
    }
}

/// The classes with objects, those with the most first.
fn curves(evaluation: &Evaluation) -> Vec<(&str, &Figures)> {
    let classes =
        evaluation.by_class.all.classes.iter().map(|(name, figures)| (name.as_str(), figures));
    let mut curves: Vec<_> = classes.filter(|(_, figures)| figures.objects > 0).collect();
    curves.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.objects));
    curves
}

fn precision_recall<'a>(curves: &[(&str, &Figures)]) -> Chart<'a> {
    let curve = |(name, figures): &(&str, &Figures)| {
        let points = (0..)
            .zip(&figures.precision_at_recall)
            .map(|(at, precision)| (f64::from(at) / 100.0, *precision))
            .take_while(|(_, precision)| *precision > 0.0);
        let label =
            format!("{name}: {:.3}, {} objects", figures.ap50.unwrap_or(0.0), figures.objects);
        Curve { label, points: points.collect() }
    };
    let caption = "Precision against recall, IoU 0.5 (area: AP50)";
    let classes = curves.len();
    let curves = curves.iter().take(CURVES).map(curve).collect();
    Chart { caption, x: "recall", y: "precision", curves, classes }
}

/// Per hectare where the ground is known, else in all. A curve starts at the left end with what is
/// found before the first false alarm.
fn recall_false_alarms<'a>(curves: &[(&str, &Figures)], hectares: Option<f64>) -> Picture<'a> {
    let unit = hectares.unwrap_or(1.0);
    let most = curves
        .iter()
        .flat_map(|(_, figures)| &figures.curve)
        .map(|step| step.false_alarms)
        .max()
        .unwrap_or(0);
    let (left, right) = (0.5 / unit.max(0.005), (most as f64 / unit).max(10.0 / unit) * 1.2);
    let curve = |(name, figures): &(&str, &Figures)| {
        let mut points = vec![];
        let mut recall = 0.0;
        for step in &figures.curve {
            let x = (step.false_alarms as f64 / unit).max(left);
            points.push((x, recall));
            recall = step.hits as f64 / figures.objects as f64;
            points.push((x, recall));
        }
        Curve { label: format!("{name}: {} objects", figures.objects), points }
    };
    let caption = "Recall against false alarms, by the point on the map";
    let x = if hectares.is_some() {
        "false alarms per hectare"
    } else {
        "false alarms (ground not known)"
    };
    let classes = curves.len();
    let curves = curves.iter().take(CURVES).map(curve).collect();
    Picture::Logarithmic(Chart { caption, x, y: "recall", curves, classes }, [left, right])
}
