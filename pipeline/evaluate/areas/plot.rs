//! The figures of areas as pictures.

use super::{AreasEvaluation, MethodFigures};
use crate::{
    Bin, EvaluateError, Plot, Reliability,
    plot::{Chart, Curve, Picture},
};

/// Ends of the axis of ground.
const RATIO: [f64; 2] = [0.1, 1000.0];

impl AreasEvaluation {
    /// Mines inside against ground taken, by each way of drawing; of the first doctrine whether its
    /// confidence is right.
    pub fn plots(&self) -> Result<Vec<Plot>, EvaluateError> {
        let curve = |method: &MethodFigures| Curve {
            label: match method.mines.at_95 {
                Some(at) => format!("{}: {:.1} at 95 %", method.name, at.ratio),
                None => method.name.clone(),
            },
            points: method
                .mines
                .steps
                .iter()
                .filter_map(|step| Some((step.ratio?.clamp(RATIO[0], RATIO[1]), step.inside?)))
                .collect(),
        };
        let curves: Vec<Curve> = self.methods().map(curve).collect();
        let chart = Chart {
            caption: "Mines inside an area of their category against its \
                      ground, on assessed ground",
            x: "ground of areas over true mined ground",
            y: "share of mines inside",
            classes: curves.len(),
            curves,
        };
        let mut plots =
            vec![Plot::draw("areas_inside_ratio", &Picture::Logarithmic(chart, RATIO))?];
        if let Some(of) =
            self.doctrines.first().and_then(|doctrine| doctrine.calibration_mines.as_ref())
        {
            let bin = |bin: &super::AreaBin| Bin {
                count: bin.count,
                confidence: bin.confidence,
                right: bin.right,
            };
            let reliability = Reliability {
                predictions: of.areas,
                expected_calibration_error: of.expected_calibration_error,
                bins: of.bins.iter().map(bin).collect(),
            };
            plots.push(Plot::draw(
                "areas_reliability",
                &Picture::Reliability(&reliability, "areas of mines"),
            )?);
        }
        Ok(plots)
    }
}
