//! The figures of one class, or of all, over some flights.

use super::{Verdict, measured::Measured, rules::Rules};
use crate::{boxes::judge::Depth, interval};
use serde::Serialize;

/// Least confidences at which all is given again: 0, 0.05 ... 0.95.
const STEPS: u32 = 20;

/// How well predicted and true earthworks agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarthworksFigures {
    /// Ground against ground, where the survey looked.
    pub overlap: Overlap,
    /// Centreline against centreline; `None` for earthworks that have an area.
    pub length: Option<Length>,
    /// Earthworks that have an area, one by one; `None` for lines.
    pub objects: Option<Objects>,
    /// Predicted features.
    pub features: usize,
    /// Those that touch truth of other families alone.
    pub confusions: usize,
    /// Those that touch no truth at all.
    pub false_alarms: usize,
    /// False alarms per square kilometre; `None` where the ground is not known.
    pub false_alarms_per_km2: Option<f64>,
    /// Exact (Poisson) 95 % interval of the false alarms per square kilometre.
    pub false_alarms_per_km2_95: Option<[f64; 2]>,
    /// What another least confidence of features would give; over all flights only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sweep: Vec<EarthworksStep>,
}

/// True and predicted ground, square metres, each place counted once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overlap {
    /// Inside true outlines.
    pub true_m2: f64,
    /// Inside predicted ones; of a line its width to either side.
    pub found_m2: f64,
    /// Inside both.
    pub shared_m2: f64,
    /// What is inside both, of what is inside either; `None` without any.
    pub iou: Option<f64>,
}

/// Centrelines, metres. One is near another of its family within the tolerance, and where it runs
/// on ground of the family, since the middle of a wide ditch is no exact place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Length {
    /// True centrelines.
    pub true_m: f64,
    /// Those near predicted ones.
    pub recalled_m: f64,
    /// Their share; `None` without true centrelines.
    pub recall: Option<f64>,
    /// Predicted centrelines.
    pub found_m: f64,
    /// Those near true ones.
    pub right_m: f64,
    /// Their share; `None` without predicted centrelines.
    pub precision: Option<f64>,
}

/// Earthworks that have an area. One is found where predicted ground of its family covers 30 % of
/// it, and a prediction is right where true ground of its family covers 30 % of that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Objects {
    /// True earthworks.
    pub objects: usize,
    /// Those found.
    pub found: usize,
    /// Their share; `None` without objects.
    pub recall: Option<f64>,
    /// Exact (Clopper-Pearson) 95 % interval of the recall.
    pub recall_95: Option<[f64; 2]>,
    /// Predicted earthworks.
    pub predictions: usize,
    /// Those that are right.
    pub right: usize,
    /// Their share; `None` without predictions.
    pub precision: Option<f64>,
}

/// One least confidence of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EarthworksStep {
    /// Least calibrated confidence of a feature that counts.
    pub confidence: f64,
    /// As [`Overlap::iou`].
    pub iou: Option<f64>,
    /// As [`Length::recall`].
    pub length_recall: Option<f64>,
    /// As [`Length::precision`].
    pub length_precision: Option<f64>,
    /// As [`Objects::recall`].
    pub object_recall: Option<f64>,
    /// As [`Objects::precision`].
    pub object_precision: Option<f64>,
    /// Features that touch no truth.
    pub false_alarms: usize,
    /// The same per square kilometre.
    pub false_alarms_per_km2: Option<f64>,
}

/// Which part of the input figures are about.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a> {
    pub(crate) rules: &'a Rules<'a>,
    pub(crate) depth: Depth,
    /// One class at this depth, or all.
    pub(crate) class: Option<usize>,
    pub(crate) km2: Option<f64>,
}

impl EarthworksFigures {
    /// Without the sweep.
    pub(crate) fn of(group: Group<'_>, flights: &[&Measured]) -> Self {
        group.figures(flights, f64::NEG_INFINITY)
    }
}

impl Group<'_> {
    /// The figures of all predictions at each least confidence.
    pub(crate) fn sweep(self, flights: &[&Measured]) -> Vec<EarthworksStep> {
        let step = |at: u32| {
            let confidence = f64::from(at) / f64::from(STEPS);
            let figures = self.figures(flights, confidence);
            EarthworksStep {
                confidence,
                iou: figures.overlap.iou,
                length_recall: figures.length.and_then(|length| length.recall),
                length_precision: figures.length.and_then(|length| length.precision),
                object_recall: figures.objects.and_then(|objects| objects.recall),
                object_precision: figures.objects.and_then(|objects| objects.precision),
                false_alarms: figures.false_alarms,
                false_alarms_per_km2: figures.false_alarms_per_km2,
            }
        };
        (0..STEPS).map(step).collect()
    }

    fn figures(self, flights: &[&Measured], least: f64) -> EarthworksFigures {
        let features = || {
            let all = flights.iter().flat_map(|flight| &flight.features);
            all.filter(move |feature| self.holds(feature.class) && feature.confidence >= least)
        };
        let of = |verdict: Verdict| features().filter(|feature| feature.verdict == verdict).count();
        let false_alarms = of(Verdict::FalseAlarm);
        let is_line = self.class.map(|class| self.rules.is_line(class));
        EarthworksFigures {
            overlap: self.overlap(flights, least),
            length: (is_line != Some(false)).then(|| self.length(flights, least)),
            objects: (is_line != Some(true)).then(|| {
                let true_ones = || flights.iter().flat_map(|flight| &flight.objects);
                let objects = true_ones().filter(|(class, _)| self.holds(*class));
                let found = objects
                    .clone()
                    .filter(|(_, confidence)| confidence.is_some_and(|it| it >= least))
                    .count();
                let objects = objects.count();
                let counted = |verdict: Verdict| verdict != Verdict::Neither;
                let areas = || {
                    features().filter(|feature| {
                        !self.rules.is_line(feature.class) && counted(feature.verdict)
                    })
                };
                let (predictions, right) =
                    (areas().count(), areas().filter(|feature| feature.covered).count());
                Objects {
                    objects,
                    found,
                    recall: share(found as f64, objects as f64),
                    recall_95: interval::share(found, objects),
                    predictions,
                    right,
                    precision: share(right as f64, predictions as f64),
                }
            }),
            features: features().count(),
            confusions: of(Verdict::Confused),
            false_alarms,
            false_alarms_per_km2: self.km2.map(|km2| false_alarms as f64 / km2),
            false_alarms_per_km2_95: self
                .km2
                .map(|km2| interval::count(false_alarms).map(|count| count / km2)),
            sweep: vec![],
        }
    }

    fn holds(self, class: usize) -> bool {
        self.class.is_none_or(|wanted| self.depth.name(self.rules.classes, class) == wanted)
    }

    fn overlap(self, flights: &[&Measured], least: f64) -> Overlap {
        // All together: by family, since ground of two kinds of one family counts once.
        let depth = if self.class.is_none() { Depth::Family } else { self.depth };
        let grounds = flights.iter().flat_map(|flight| flight.grounds(depth));
        let (mut true_m2, mut found_m2, mut shared_m2) = (0.0, 0.0, 0.0);
        for (_, ground) in
            grounds.filter(|(class, _)| self.class.is_none_or(|wanted| wanted == **class))
        {
            true_m2 += ground.true_m2;
            for (_, new_m2, new_shared_m2) in
                ground.found.iter().take_while(|(confidence, ..)| *confidence >= least)
            {
                found_m2 += new_m2;
                shared_m2 += new_shared_m2;
            }
        }
        Overlap {
            true_m2,
            found_m2,
            shared_m2,
            iou: share(shared_m2, true_m2 + found_m2 - shared_m2),
        }
    }

    fn length(self, flights: &[&Measured], least: f64) -> Length {
        let (mut true_m, mut recalled_m, mut found_m, mut right_m) = (0.0, 0.0, 0.0, 0.0);
        for stretch in flights
            .iter()
            .flat_map(|flight| &flight.true_stretches)
            .filter(|it| self.holds(it.class))
        {
            true_m += stretch.length_m;
            recalled_m += if stretch.confidence.is_some_and(|it| it >= least) {
                stretch.length_m
            } else {
                0.0
            };
        }
        for stretch in flights
            .iter()
            .flat_map(|flight| &flight.found_stretches)
            .filter(|it| self.holds(it.class))
        {
            if stretch.confidence >= least {
                found_m += stretch.length_m;
                right_m += if stretch.right { stretch.length_m } else { 0.0 };
            }
        }
        let (recall, precision) = (share(recalled_m, true_m), share(right_m, found_m));
        Length { true_m, recalled_m, recall, found_m, right_m, precision }
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
