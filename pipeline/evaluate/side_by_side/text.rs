//! Tables side by side: for people, and as CSV.

use super::{BoxCell, EarthworksCell, SideBySide, SideBySideRow};
use crate::PairedRecall;
use crate::boxes::text::{number, quoted, share};
use std::fmt::{self, Display, Formatter, Write};

/// Letters by which columns are called in text.
fn letter(at: usize) -> String {
    u8::try_from(at)
        .ok()
        .filter(|at| *at < 26)
        .map_or_else(|| format!("#{}", at + 1), |at| char::from(b'A' + at).to_string())
}

fn interval(ends: Option<[f64; 2]>, digits: usize) -> String {
    ends.map_or_else(|| "-".into(), |[low, high]| format!("[{low:.digits$} {high:.digits$}]"))
}

fn tenths(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.1}"))
}

/// Which column is of what.
fn legend(f: &mut Formatter<'_>, names: &[String]) -> fmt::Result {
    for (at, name) in names.iter().enumerate() {
        writeln!(f, "{}  {name}", letter(at))?;
    }
    writeln!(f)
}

/// The levels that say something of their own.
fn levels<Cell>(of: &SideBySide<Cell>) -> Vec<(&'static str, &[SideBySideRow<Cell>])> {
    let names = |rows: &[SideBySideRow<Cell>]| -> Vec<String> {
        rows.iter().map(|row| row.class.clone()).collect()
    };
    let mut levels = vec![("class", &of.by_class[..])];
    if names(&of.by_class) != names(&of.by_family) {
        levels.push(("family", &of.by_family));
    }
    levels
}

/// A row for each class, a group of columns for each evaluation.
fn table<Cell>(
    f: &mut Formatter<'_>,
    (what, level, header): (&str, &str, &str),
    rows: &[SideBySideRow<Cell>],
    text: impl Fn(&Cell) -> String,
) -> fmt::Result {
    let width = header.chars().count();
    let columns = rows.first().map_or(0, |row| row.cells.len());
    write!(f, "{:20}", format!("{what} by {level}"))?;
    (0..columns).try_for_each(|at| write!(f, " | {:width$}", letter(at)))?;
    write!(f, "\n{level:20}")?;
    (0..columns).try_for_each(|_| write!(f, " | {header}"))?;
    writeln!(f)?;
    for row in rows {
        write!(f, "{:20}", row.class)?;
        for cell in &row.cells {
            write!(f, " | {:>width$}", cell.as_ref().map_or_else(|| "-".into(), &text))?;
        }
        writeln!(f)?;
    }
    writeln!(f)
}

/// What each evaluation found of the objects of the first.
fn paired(f: &mut Formatter<'_>, level: &str, rows: &[SideBySideRow<BoxCell>]) -> fmt::Result {
    writeln!(
        f,
        "Recall by {level} on the same objects; p: exact two-sided test (McNemar) of those that \
         one alone found\n{level:20} {:>7} {:>7} {:>6} {:>8} {:>10} {:>10} {:>7}",
        "columns", "objects", "both", "A alone", "this alone", "difference", "p"
    )?;
    for row in rows {
        for (at, cell) in row.cells.iter().enumerate() {
            let paired = cell.as_ref().and_then(|cell| cell.against_first);
            let Some(paired) = paired.filter(|paired| paired.objects > 0) else { continue };
            let PairedRecall { objects, by_both, by_first_alone, by_this_alone, .. } = paired;
            let difference = format!("{:+.3}", paired.difference.unwrap_or_default());
            let p = if paired.p < 1e-4 { "<0.0001".into() } else { format!("{:.4}", paired.p) };
            writeln!(
                f,
                "{:20} {:>7} {objects:>7} {by_both:>6} {by_first_alone:>8} {by_this_alone:>10} \
                 {difference:>10} {p:>7}",
                row.class,
                format!("{} - A", letter(at)),
            )?;
        }
    }
    writeln!(f)
}

impl Display for SideBySide<BoxCell> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let header = format!(
            "{:>7} {:>6} {:>6} {:>13} {:>8} {:>17}",
            "objects", "AP50", "recall", "95 %", "per ha", "95 %"
        );
        let text = |cell: &BoxCell| {
            format!(
                "{:>7} {:>6} {:>6} {:>13} {:>8} {:>17}",
                cell.objects,
                share(cell.ap50),
                share(cell.recall),
                interval(cell.recall_95, 3),
                tenths(cell.false_alarms_per_hectare),
                interval(cell.false_alarms_per_hectare_95, 1),
            )
        };
        writeln!(
            f,
            "Boxes side by side, at the thresholds of each: average precision as COCO's at an IoU \
             of 0.5, recall and\nfalse alarms by the point on the map; 95 % intervals are exact"
        )?;
        legend(f, &self.names)?;
        for (level, rows) in levels(self) {
            table(f, ("Boxes", level, &header), rows, text)?;
            paired(f, level, rows)?;
        }
        Ok(())
    }
}

impl Display for SideBySide<EarthworksCell> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let header = format!(
            "{:>9} {:>6} {:>7} {:>6} {:>13} {:>8} {:>17}",
            "true m", "recall", "objects", "recall", "95 %", "per km2", "95 %"
        );
        let text = |cell: &EarthworksCell| {
            format!(
                "{:>9} {:>6} {:>7} {:>6} {:>13} {:>8} {:>17}",
                tenths(cell.true_m),
                share(cell.length_recall),
                cell.objects.map_or_else(|| "-".into(), |objects| objects.to_string()),
                share(cell.object_recall),
                interval(cell.object_recall_95, 3),
                tenths(cell.false_alarms_per_km2),
                interval(cell.false_alarms_per_km2_95, 1),
            )
        };
        writeln!(
            f,
            "Works side by side, at the thresholds of each: recall of lines by length, of areas \
             one by one;\n95 % intervals are exact"
        )?;
        legend(f, &self.names)?;
        levels(self)
            .into_iter()
            .try_for_each(|(level, rows)| table(f, ("Works", level, &header), rows, text))
    }
}

/// One row for each level, class and column.
fn to_csv<Cell>(
    of: &SideBySide<Cell>,
    header: &str,
    cells: impl Fn(&Cell) -> Vec<String>,
) -> String {
    let mut text = format!("level,class,column,name,{header}\n");
    for (level, rows) in [("class", &of.by_class), ("family", &of.by_family)] {
        for row in rows {
            for (at, (name, cell)) in of.names.iter().zip(&row.cells).enumerate() {
                let Some(cell) = cell else { continue };
                let (class, name, cells) = (quoted(&row.class), quoted(name), cells(cell));
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{level},{class},{},{name},{}", letter(at), cells.join(","));
            }
        }
    }
    text
}

fn ends(interval: Option<[f64; 2]>) -> [String; 2] {
    [0, 1].map(|at| number(interval.map(|ends| ends[at])))
}

impl SideBySide<BoxCell> {
    /// One row for each level, class and column that has the class; the paired figures are empty
    /// in the first column.
    pub fn to_csv(&self) -> String {
        let header = "objects,ap50,recall,recall_low,recall_high,false_alarms_per_hectare,\
                      false_alarms_per_hectare_low,false_alarms_per_hectare_high,paired_objects,\
                      found_by_both,found_by_first_alone,found_by_this_alone,recall_difference,p";
        to_csv(self, header, |cell| {
            let mut cells = vec![cell.objects.to_string(), number(cell.ap50), number(cell.recall)];
            cells.extend(ends(cell.recall_95));
            cells.push(number(cell.false_alarms_per_hectare));
            cells.extend(ends(cell.false_alarms_per_hectare_95));
            let paired = cell.against_first.map(|it| {
                let counts = [it.objects, it.by_both, it.by_first_alone, it.by_this_alone];
                let [a, b, c, d] = counts.map(|count| count.to_string());
                [a, b, c, d, number(it.difference), format!("{:.6e}", it.p)]
            });
            cells.extend(paired.unwrap_or_default());
            cells
        })
    }
}

impl SideBySide<EarthworksCell> {
    /// One row for each level, class and column that has the class.
    pub fn to_csv(&self) -> String {
        let header = "true_m,length_recall,objects,object_recall,object_recall_low,\
                      object_recall_high,false_alarms_per_km2,false_alarms_per_km2_low,\
                      false_alarms_per_km2_high";
        to_csv(self, header, |cell| {
            let mut cells = vec![number(cell.true_m), number(cell.length_recall)];
            cells.push(cell.objects.map_or_else(String::new, |count| count.to_string()));
            cells.push(number(cell.object_recall));
            cells.extend(ends(cell.object_recall_95));
            cells.push(number(cell.false_alarms_per_km2));
            cells.extend(ends(cell.false_alarms_per_km2_95));
            cells
        })
    }
}
