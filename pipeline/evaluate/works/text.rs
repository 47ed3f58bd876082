//! The figures of earthworks as tables: for people, and as CSV.

use super::{
    EarthworksEvaluation, EarthworksFigures, EarthworksLevel, EarthworksStep, EarthworksTable,
};
use crate::boxes::text::{confusion, ground, number, quoted, reliability, share};
use rams_domain::plural;
use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter, Write},
};

impl Display for EarthworksEvaluation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Works: lines by length, within {} m of a centreline of the family or on its ground; \
             others one by one,\n\
             found or right where ground of the family covers 30 %. Overlap by name, where the \
             survey looked. False\n\
             alarms touch no truth of any class, the confused only that of others; 95 % intervals \
             are exact.",
            self.tolerance_m
        )?;
        let threshold = |(name, least): (&String, &f64)| format!("{least:.3} for {name}");
        let thresholds: Vec<_> = self.thresholds.iter().map(threshold).collect();
        writeln!(f, "Thresholds: {}\n", thresholds.join(", "))?;
        ground(f, &self.ground)?;
        if !self.without_centrelines.is_empty() {
            let flights = self.without_centrelines.join(", ");
            writeln!(
                f,
                "warning: no lengths of {flights}: the truth has outlines but no centrelines\n"
            )?;
        }
        level(f, "class", &self.by_class)?;
        if self.by_family.all.classes.keys().ne(self.by_class.all.classes.keys()) {
            level(f, "family", &self.by_family)?;
        }
        sweep(f, &self.by_family.all)?;
        if let Some(lines) = &self.reliability_m {
            writeln!(f, "Centrelines in metres")?;
            confusion(f, &self.confusion_m)?;
            reliability(f, lines, "m of predicted lines", BTreeMap::new().iter())?;
        }
        Ok(())
    }
}

fn level(f: &mut Formatter<'_>, what: &str, level: &EarthworksLevel) -> fmt::Result {
    let EarthworksTable { km2, pooled, classes } = &level.all;
    let ground = km2.map_or_else(|| "ground not known".into(), |km2| format!("{km2:.6} km2"));
    let flights = level.flights.len();
    let noun = plural(flights, "flight");
    writeln!(f, "Works by {what}, over {flights} {noun}, {ground}")?;
    header(f, what)?;
    for (name, figures) in classes {
        row(f, name, figures)?;
    }
    row(f, "all", pooled)?;
    if level.flights.len() > 1 {
        writeln!(f, "\nWorks by flight, all of a {what} together")?;
        header(f, "flight")?;
        for (name, table) in &level.flights {
            row(f, name, &table.pooled)?;
        }
    }
    writeln!(f)
}

fn header(f: &mut Formatter<'_>, what: &str) -> fmt::Result {
    writeln!(
        f,
        "{what:20} {:>9} {:>6} {:>9} {:>9} {:>7} {:>6} {:>15} {:>9} {:>6} {:>8} {:>8} {:>12} {:>9} \
         {:>19}",
        "true m",
        "recall",
        "found m",
        "precision",
        "objects",
        "recall",
        "95 %",
        "precision",
        "IoU",
        "features",
        "confused",
        "false alarms",
        "per km2",
        "95 %"
    )
}

fn row(f: &mut Formatter<'_>, name: &str, figures: &EarthworksFigures) -> fmt::Result {
    let dash = || "-".to_owned();
    let (length, objects) = (figures.length, figures.objects);
    let metres = |value: Option<f64>| value.map_or_else(dash, |metres| format!("{metres:.1}"));
    let pair = |ends: Option<[f64; 2]>, digits: usize| {
        ends.map_or_else(dash, |[low, high]| format!("[{low:.digits$} {high:.digits$}]"))
    };
    writeln!(
        f,
        "{name:20} {:>9} {:>6} {:>9} {:>9} {:>7} {:>6} {:>15} {:>9} {:>6} {:>8} {:>8} {:>12} {:>9} \
         {:>19}",
        metres(length.map(|it| it.true_m)),
        share(length.and_then(|it| it.recall)),
        metres(length.map(|it| it.found_m)),
        share(length.and_then(|it| it.precision)),
        objects.map_or_else(dash, |it| it.objects.to_string()),
        share(objects.and_then(|it| it.recall)),
        pair(objects.and_then(|it| it.recall_95), 3),
        share(objects.and_then(|it| it.precision)),
        share(figures.overlap.iou),
        figures.features,
        figures.confusions,
        figures.false_alarms,
        metres(figures.false_alarms_per_km2),
        pair(figures.false_alarms_per_km2_95, 1),
    )
}

/// Only steps that differ from the one before.
fn sweep(f: &mut Formatter<'_>, table: &EarthworksTable) -> fmt::Result {
    writeln!(f, "Works from another least confidence on, by family: where a figure changes")?;
    writeln!(
        f,
        "{:20} {:>10} {:>6} {:>6} {:>9} {:>12} {:>9}",
        "family", "confidence", "IoU", "recall", "precision", "false alarms", "per km2"
    )?;
    for (name, figures) in &table.classes {
        let mut before: Option<&EarthworksStep> = None;
        for step in &figures.sweep {
            let same = |other: &EarthworksStep| {
                EarthworksStep { confidence: step.confidence, ..*other } == *step
            };
            if before.is_some_and(same) {
                continue;
            }
            before = Some(step);
            writeln!(
                f,
                "{name:20} {:>10.2} {:>6} {:>6} {:>9} {:>12} {:>9}",
                step.confidence,
                share(step.iou),
                share(step.recall()),
                share(step.precision()),
                step.false_alarms,
                step.false_alarms_per_km2.map_or_else(|| "-".into(), |rate| format!("{rate:.1}")),
            )?;
        }
    }
    writeln!(f)
}

impl EarthworksEvaluation {
    /// One row for each level, flight (`all`: over all), class (`all`: together) and least
    /// confidence (empty: at the thresholds).
    pub fn to_csv(&self) -> String {
        let mut text = String::from(
            "level,flight,class,confidence,km2,true_m2,found_m2,shared_m2,iou,true_m,length_recall,\
             found_m,length_precision,objects,objects_found,object_recall,object_recall_low,\
             object_recall_high,predictions,object_precision,features,confusions,false_alarms,\
             false_alarms_per_km2,false_alarms_per_km2_low,false_alarms_per_km2_high\n",
        );
        for (level, what) in [(&self.by_class, "class"), (&self.by_family, "family")] {
            let flights = level.flights.iter().map(|(name, table)| (name.as_str(), table));
            for (flight, table) in [("all", &level.all)].into_iter().chain(flights) {
                let classes = table.classes.iter().map(|(name, figures)| (name.as_str(), figures));
                for (class, figures) in classes.chain([("all", &table.pooled)]) {
                    let name = [what, flight, class].map(quoted).join(",");
                    let km2 = number(table.km2);
                    // Writing to a string cannot fail.
                    let _ = writeln!(text, "{name},,{km2},{}", figures.cells().join(","));
                    for step in &figures.sweep {
                        let _ = writeln!(
                            text,
                            "{name},{:.2},{km2},{}",
                            step.confidence,
                            step.cells().join(",")
                        );
                    }
                }
            }
        }
        text
    }
}

impl EarthworksFigures {
    fn cells(&self) -> [String; 21] {
        let (length, objects, rate_95) = (self.length, self.objects, self.false_alarms_per_km2_95);
        let recall_95 = objects.and_then(|it| it.recall_95);
        let count =
            |value: Option<usize>| value.map_or_else(String::new, |count| count.to_string());
        [
            number(Some(self.overlap.true_m2)),
            number(Some(self.overlap.found_m2)),
            number(Some(self.overlap.shared_m2)),
            number(self.overlap.iou),
            number(length.map(|it| it.true_m)),
            number(length.and_then(|it| it.recall)),
            number(length.map(|it| it.found_m)),
            number(length.and_then(|it| it.precision)),
            count(objects.map(|it| it.objects)),
            count(objects.map(|it| it.found)),
            number(objects.and_then(|it| it.recall)),
            number(recall_95.map(|[low, _]| low)),
            number(recall_95.map(|[_, high]| high)),
            count(objects.map(|it| it.predictions)),
            number(objects.and_then(|it| it.precision)),
            self.features.to_string(),
            self.confusions.to_string(),
            self.false_alarms.to_string(),
            number(self.false_alarms_per_km2),
            number(rate_95.map(|[low, _]| low)),
            number(rate_95.map(|[_, high]| high)),
        ]
    }
}

impl EarthworksStep {
    /// The columns of [`EarthworksFigures::cells`], as far as a step has them.
    fn cells(&self) -> [String; 21] {
        let mut cells: [String; 21] = Default::default();
        cells[3] = number(self.iou);
        cells[5] = number(self.length_recall);
        cells[7] = number(self.length_precision);
        cells[10] = number(self.object_recall);
        cells[14] = number(self.object_precision);
        cells[17] = self.false_alarms.to_string();
        cells[18] = number(self.false_alarms_per_km2);
        cells
    }
}
