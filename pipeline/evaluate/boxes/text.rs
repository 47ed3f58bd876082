//! The evaluation as tables: for people, and as CSV.

use crate::{
    Confusion, EvaluatedGround, Evaluation, Figures, Level, Operating, RecallAt, Reliability,
    Table, TileFigures,
};
use rams_domain::plural;
use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter, Write},
};

impl Display for Evaluation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Average precision as COCO's, at most {} predictions of a class in an image.\n\
             Recall and false alarms at the thresholds, by the point on the map; 95 % intervals \
             are exact.\n\
             Thresholds: {}\n",
            self.settings.max_detections,
            self.thresholds_in_words()
        )?;
        ground(f, &self.ground)?;
        level(f, "class", &self.by_class)?;
        if self.by_family.all.classes.keys().ne(self.by_class.all.classes.keys()) {
            level(f, "family", &self.by_family)?;
        }
        confusion(f, &self.confusion)?;
        match &self.reliability {
            Some(pooled) => {
                reliability(f, pooled, "predictions", self.reliability_by_family.iter())?
            }
            None => writeln!(f, "No calibration: the predictions have no confidence.")?,
        }
        Ok(())
    }
}

impl Evaluation {
    /// The classes that are there or were predicted, those of one threshold together: of a class
    /// that nothing sets a threshold for, as one that the model lacks, any score counts.
    fn thresholds_in_words(&self) -> String {
        let present = || {
            self.thresholds.iter().filter(|(name, _)| self.by_class.all.classes.contains_key(*name))
        };
        let mut values: Vec<f64> = present().map(|(_, threshold)| *threshold).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let classes = |value: &f64| {
            let named = present().filter(|(_, threshold)| *threshold == value);
            let names = named.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            match *value {
                0.0 => format!("any score for {names}"),
                _ => format!("{value:.3} for {names}"),
            }
        };
        values.iter().map(classes).collect::<Vec<_>>().join("; ")
    }
}

pub(crate) fn ground(
    f: &mut Formatter<'_>,
    flights: &BTreeMap<String, EvaluatedGround>,
) -> fmt::Result {
    writeln!(
        f,
        "Ground in square metres; rates are over what is counted: the lesser \
         of the truth's (all its"
    )?;
    writeln!(
        f,
        "pixels where neither says which hold image) and the survey's, less ignored objects of \
         known size"
    )?;
    writeln!(
        f,
        "{:20} {:>12} {:>12} {:>12} {:>12}",
        "flight", "truth", "assessed", "ignored", "counted"
    )?;
    let m2 = |value: Option<f64>| value.map_or_else(|| "-".into(), |m2| format!("{m2:.1}"));
    for (
        name,
        EvaluatedGround { truth_m2, assessed_m2, ignored_m2, ignored_px2, counted_m2, .. },
    ) in flights
    {
        let ignored = ignored_m2
            .map_or_else(|| format!("{ignored_px2:.0} px2"), |ignored_m2| m2(Some(ignored_m2)));
        let [truth, assessed, counted] =
            [truth_m2, assessed_m2, counted_m2].map(|value| m2(*value));
        writeln!(f, "{name:20} {truth:>12} {assessed:>12} {ignored:>12} {counted:>12}")?;
    }
    for (name, EvaluatedGround { truth_m2, assessed_m2, .. }) in
        flights.iter().filter(|(_, ground)| ground.incomplete)
    {
        let share =
            assessed_m2.zip(*truth_m2).map_or(0.0, |(assessed, truth)| 100.0 * assessed / truth);
        writeln!(
            f,
            "warning: {name}: the survey assessed {share:.1} % of the truth's ground; the rest \
             counts as missed"
        )?;
    }
    writeln!(f)
}

fn level(f: &mut Formatter<'_>, what: &str, level: &Level) -> fmt::Result {
    let Table { hectares, pooled, classes } = &level.all;
    let ground =
        hectares.map_or_else(|| "ground not known".into(), |hectares| format!("{hectares:.4} ha"));
    let flights = level.flights.len();
    let noun = plural(flights, "flight");
    writeln!(f, "By {what}, over {flights} {noun}, {ground}")?;
    header(f, what)?;
    for (name, figures) in classes {
        row(f, name, figures)?;
    }
    row(f, "all", pooled)?;
    let TileFigures { tile_px, tiles, ap50, ap50_95, .. } = &level.tiles;
    let [ap50, ap50_95] = [ap50, ap50_95].map(|value| share(*value));
    writeln!(
        f,
        "\nEach of {tiles} tiles of {tile_px} px as an image: AP50 {ap50}, AP50:95 {ap50_95}"
    )?;

    if level.flights.len() > 1 {
        writeln!(f, "\nBy flight, all of a {what} together")?;
        header(f, "flight")?;
        for (name, table) in &level.flights {
            row(f, name, &table.pooled)?;
        }
    }
    if !pooled.recall_at.is_empty() {
        recall_at(f, what, &level.all)?;
    }
    writeln!(f)
}

/// Recall within the budgets that there are predictions for, and with all predictions.
fn recall_at(f: &mut Formatter<'_>, what: &str, table: &Table) -> fmt::Result {
    writeln!(
        f,
        "\nRecall within a budget of false alarms per hectare, exact 95 % intervals; \
         `at most`: there are no\nmore down to the lowest score kept, and the recall at this \
         budget is not known: it is that of all kept, or more"
    )?;
    write!(f, "{what:20}")?;
    for at in table.pooled.recall_at.iter().filter(|at| is_in_text(at)) {
        write!(f, " {:>19}", at.false_alarms_per_hectare)?;
    }
    writeln!(f, " {:>19}", "all kept")?;
    let classes = table.classes.iter().map(|(name, figures)| (name.as_str(), figures));
    for (name, figures) in classes.chain([("all", &table.pooled)]) {
        let Some(widest) = figures.recall_at.last() else { continue };
        write!(f, "{name:20}")?;
        for at in figures.recall_at.iter().filter(|at| is_in_text(at)) {
            let kept = at.false_alarms_per_hectare_at_threshold;
            let cell =
                if at.exhausted { format!("at most {kept:.1}/ha") } else { with_interval(at) };
            write!(f, " {cell:>19}")?;
        }
        let all = if widest.exhausted {
            with_interval(widest)
        } else {
            format!("beyond {}/ha", widest.false_alarms_per_hectare)
        };
        writeln!(f, " {all:>19}")?;
    }
    Ok(())
}

/// The budgets that a line of text has room for.
fn is_in_text(at: &RecallAt) -> bool {
    [5.0, 20.0, 50.0, 100.0].contains(&at.false_alarms_per_hectare)
}

fn with_interval(at: &RecallAt) -> String {
    let [low, high] = at.recall_95;
    format!("{:.3} [{low:.3} {high:.3}]", at.recall)
}

fn header(f: &mut Formatter<'_>, what: &str) -> fmt::Result {
    writeln!(
        f,
        "{what:20} {:>7} {:>6} {:>7} {:>6} {:>15} {:>12} {:>8} {:>19} {:>10} {:>7} {:>9} {:>12}",
        "objects",
        "AP50",
        "AP50:95",
        "recall",
        "95 %",
        "false alarms",
        "per ha",
        "95 %",
        "duplicates",
        "excused",
        "precision",
        "recall IoU.5"
    )
}

fn row(f: &mut Formatter<'_>, name: &str, figures: &Figures) -> fmt::Result {
    let Operating { recall, recall_95, false_alarms, duplicates, excused, precision, .. } =
        &figures.centre;
    let rate = figures
        .centre
        .false_alarms_per_hectare
        .map_or_else(|| "-".into(), |rate| format!("{rate:.1}"));
    let rate_95 = figures.centre.false_alarms_per_hectare_95;
    let rate_95 = rate_95.map_or_else(|| "-".into(), |[low, high]| format!("[{low:.1} {high:.1}]"));
    let recall_95 =
        recall_95.map_or_else(|| "-".into(), |[low, high]| format!("[{low:.3} {high:.3}]"));
    writeln!(
        f,
        "{name:20} {:>7} {:>6} {:>7} {:>6} {recall_95:>15} {false_alarms:>12} {rate:>8} \
         {rate_95:>19} {duplicates:>10} {excused:>7} {:>9} {:>12}",
        figures.objects,
        share(figures.ap50),
        share(figures.ap50_95),
        share(*recall),
        share(*precision),
        share(figures.iou50.recall),
    )
}

pub(crate) fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.3}"))
}

pub(crate) fn confusion(f: &mut Formatter<'_>, confusion: &Confusion) -> fmt::Result {
    writeln!(f, "Confusion: rows are what is there, columns what was said")?;
    write!(f, "{:20}", "")?;
    let width = |column: &str| column.chars().count().max(6);
    for column in &confusion.columns {
        write!(f, " {column:>width$}", width = width(column))?;
    }
    writeln!(f)?;
    for (name, counts) in confusion.rows.iter().zip(&confusion.counts) {
        write!(f, "{name:20}")?;
        for (column, count) in confusion.columns.iter().zip(counts) {
            write!(f, " {count:>width$}", width = width(column))?;
        }
        writeln!(f)?;
    }
    writeln!(f)
}

pub(crate) fn reliability<'a>(
    f: &mut Formatter<'_>,
    reliability: &Reliability,
    unit: &str,
    families: impl Iterator<Item = (&'a String, &'a Reliability)>,
) -> fmt::Result {
    let Reliability { predictions, expected_calibration_error, bins } = reliability;
    writeln!(
        f,
        "Calibration: expected error {expected_calibration_error:.3} over {predictions} {unit}"
    )?;
    writeln!(f, "{:12} {:>6} {:>11} {:>6}", "confidence", "count", "said (mean)", "right")?;
    for (at, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
        let range = format!("{:.1} to {:.1}", at as f64 / 10.0, (at + 1) as f64 / 10.0);
        writeln!(
            f,
            "{range:12} {:>6} {:>11} {:>6}",
            bin.count,
            share(bin.confidence),
            share(bin.right)
        )?;
    }
    for (name, Reliability { predictions, expected_calibration_error, .. }) in families {
        writeln!(
            f,
            "{name:20} expected error {expected_calibration_error:.3} over \
             {predictions} predictions"
        )?;
    }
    Ok(())
}

impl Evaluation {
    /// One row for each level, flight (`all`: over all) and class (`all`: together).
    pub fn to_csv(&self) -> String {
        let mut text = String::from(
            "level,flight,class,hectares,objects,predictions,ap50,ap50_95,hits,recall,recall_low,\
             recall_high,false_alarms,false_alarms_per_hectare,false_alarms_per_hectare_low,\
             false_alarms_per_hectare_high,duplicates,excused,precision,hits_iou50,recall_iou50,\
             false_alarms_iou50,precision_iou50\n",
        );
        for (level, what) in [(&self.by_class, "class"), (&self.by_family, "family")] {
            let flights = level.flights.iter().map(|(name, table)| (name.as_str(), table));
            for (flight, table) in [("all", &level.all)].into_iter().chain(flights) {
                let classes = table.classes.iter().map(|(name, figures)| (name.as_str(), figures));
                for (class, figures) in classes.chain([("all", &table.pooled)]) {
                    let cells = [what, flight, class].map(quoted);
                    let cells =
                        cells.into_iter().chain([number(table.hectares)]).chain(figures.cells());
                    // Writing to a string cannot fail.
                    let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join(","));
                }
            }
        }
        text
    }
}

impl Figures {
    fn cells(&self) -> Vec<String> {
        let Operating { recall_95, false_alarms_per_hectare_95: rate_95, .. } = &self.centre;
        let end = |interval: &Option<[f64; 2]>, at: usize| number(interval.map(|ends| ends[at]));
        vec![
            self.objects.to_string(),
            self.predictions.to_string(),
            number(self.ap50),
            number(self.ap50_95),
            self.centre.hits.to_string(),
            number(self.centre.recall),
            end(recall_95, 0),
            end(recall_95, 1),
            self.centre.false_alarms.to_string(),
            number(self.centre.false_alarms_per_hectare),
            end(rate_95, 0),
            end(rate_95, 1),
            self.centre.duplicates.to_string(),
            self.centre.excused.to_string(),
            number(self.centre.precision),
            self.iou50.hits.to_string(),
            number(self.iou50.recall),
            self.iou50.false_alarms.to_string(),
            number(self.iou50.precision),
        ]
    }
}

pub(crate) fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.6}"))
}

pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
