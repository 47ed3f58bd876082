//! Several evaluations of the same truth, side by side.

use super::{
    evaluation_report::{EvaluationReport, Report, THIS_GROUND_ALONE},
    name,
};
use rams_evaluate::{BoxCell, EarthworksCell, SideBySide};
use serde::Serialize;
use std::fmt;

/// The evaluations, and their figures in one table.
#[derive(Serialize)]
pub(crate) struct ComparisonReport {
    /// Of boxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    side_by_side: Option<SideBySide<BoxCell>>,
    /// Of lines and areas.
    #[serde(skip_serializing_if = "Option::is_none")]
    works_side_by_side: Option<SideBySide<EarthworksCell>>,
    evaluations: Vec<EvaluationReport>,
}

impl ComparisonReport {
    pub(crate) fn new(evaluations: Vec<EvaluationReport>) -> Self {
        let called = |report: &EvaluationReport| {
            let models: Vec<_> = report.models.keys().map(String::as_str).collect();
            // Folders of surveys of the same flights may be called alike, too.
            let is_alike = |other: &EvaluationReport| {
                other.path != report.path && name(&other.path) == name(&report.path)
            };
            let predictions = match evaluations.iter().any(is_alike) {
                true => report.path.display().to_string(),
                false => name(&report.path),
            };
            match models.as_slice() {
                [] => predictions,
                models => format!("{predictions} by {}", models.join(", ")),
            }
        };
        let boxes = evaluations.iter().map(|it| (called(it), it.evaluation.as_ref()));
        let works = evaluations.iter().map(|it| (called(it), it.works.as_ref()));
        let (boxes, works): (Vec<_>, Vec<_>) = (boxes.collect(), works.collect());
        Self {
            side_by_side: (boxes.iter().any(|(_, it)| it.is_some()))
                .then(|| SideBySide::<BoxCell>::new(&boxes)),
            works_side_by_side: (works.iter().any(|(_, it)| it.is_some()))
                .then(|| SideBySide::<EarthworksCell>::new(&works)),
            evaluations,
        }
    }
}

impl fmt::Display for ComparisonReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in &self.evaluations {
            report.write_head(f)?;
            writeln!(f)?;
        }
        if let Some(boxes) = &self.side_by_side {
            write!(f, "{boxes}")?;
        }
        if let Some(works) = &self.works_side_by_side {
            write!(f, "{works}")?;
        }
        for report in &self.evaluations {
            if let Some(areas) = &report.areas {
                writeln!(f, "{}: {areas}", report.predictions.join(", "))?;
            }
        }
        f.write_str(THIS_GROUND_ALONE)
    }
}

impl Report for ComparisonReport {
    /// `evaluation.json` with all figures of each, `side_by_side.csv` of boxes and
    /// `works_side_by_side.csv` of lines and areas.
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let mut files =
            vec![("evaluation.json".to_owned(), serde_json::to_string_pretty(self)?.into_bytes())];
        let boxes = self.side_by_side.as_ref().map(SideBySide::<BoxCell>::to_csv);
        let works = self.works_side_by_side.as_ref().map(SideBySide::<EarthworksCell>::to_csv);
        let tables = [("side_by_side.csv", boxes), ("works_side_by_side.csv", works)];
        let tables = tables.into_iter().filter_map(|(name, text)| Some((name, text?)));
        files.extend(tables.map(|(name, text)| (name.to_owned(), text.into_bytes())));
        Ok(files)
    }
}
