//! Table of a field team -> its rows, in the survey's CRS.

use crate::layer::Reader;
use crate::place::Placed;
use crate::problem::Problem;
use crate::read::{NOT_EVIDENCE, open, unreadable};
use crate::row_words::RowWords;
use crate::words::{self, Attribute};
use crate::{EvidenceError, Mapping};
use gdal::vector::{Feature, LayerAccess};
use geo::Geometry;
use jiff::civil::Date;
use rams_domain::{FieldPlace, FieldRow, Found, Ground};
use std::path::Path;

/// Reads what people found where they looked: formats, CRS and mapping as for
/// [`crate::read_evidence`], a row for each place. All of a file is read, or nothing of it:
/// [`EvidenceError::Unusable`] names what has to be mended.
pub fn read_field_table(
    path: &Path,
    mapping: &Mapping,
    onto: &Ground,
) -> Result<Vec<FieldRow>, EvidenceError> {
    let dataset = open(path)?;
    let is_csv = dataset.driver().short_name() == "CSV";
    let mut rows = vec![];
    for mut layer in dataset.layers().filter(|layer| !NOT_EVIDENCE.contains(&layer.name().as_str()))
    {
        let name = layer.name();
        let reader = Reader::of(path, &layer, is_csv, mapping, onto, &Attribute::FIELD)?;
        let Some(reader) = reader else { continue };
        for attribute in [Attribute::Found, Attribute::Who, Attribute::Date] {
            if !reader.says(attribute) {
                let field = attribute.name();
                let remedy = format!(
                    "name it so, or say in the mapping, under [layer.{name:?}.fields], which one \
                     it is: {field} = \"...\""
                );
                return Err(reader.unusable(format!("it has no field `{field}`"), remedy));
            }
        }
        let read = reader.read_each(&mut layer, |row| field_row(&reader, row))?;
        let of_layer = if is_csv { String::new() } else { format!("layer {name}, ") };
        rows.extend(
            (1..)
                .zip(read)
                .map(|(number, row)| FieldRow { row: format!("{of_layer}row {number}"), ..row }),
        );
    }
    if rows.is_empty() {
        return Err(unreadable(path, "it has no row".into(), "give one for each place"));
    }
    Ok(rows)
}

fn field_row(reader: &Reader<'_>, row: &Feature<'_>) -> Result<FieldRow, Vec<Problem>> {
    let (words, mut problems) = reader.words(row, &Attribute::FIELD);
    let text = |attribute| words.get(attribute).to_owned();
    let place = place(reader, row, &words).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let (found, day) = (words::found(words.get(Attribute::Found)), day(words.get(Attribute::Date)));
    let needed = [
        (Attribute::Found, found.is_some(), "give seen, not_seen or other, or map its words"),
        (Attribute::Who, !words.get(Attribute::Who).is_empty(), "give the name of who was there"),
        (Attribute::Date, day.is_some(), "give the day as 2026-11-28"),
        (
            Attribute::Note,
            found != Some(Found::Other) || !words.get(Attribute::Note).is_empty(),
            "its found is other: say in its note what is there",
        ),
    ];
    for (attribute, is_there, remedy) in needed {
        if !is_there {
            let cause = format!("its {} is {:?}", attribute.name(), words.get(attribute));
            problems.push(Problem::Row { cause, remedy });
        }
    }
    match (found, day) {
        (Some(found), Some(day)) if problems.is_empty() => Ok(FieldRow {
            row: String::new(),
            id: text(Attribute::Id),
            place,
            found,
            observer: text(Attribute::Who),
            organisation: text(Attribute::Organisation),
            date: day.to_string(),
            note: text(Attribute::Note),
            photo: text(Attribute::Photo),
        }),
        _ => Err(problems),
    }
}

/// Where people looked; `None` where the row names what they looked at and no place.
fn place(
    reader: &Reader<'_>,
    row: &Feature<'_>,
    words: &RowWords,
) -> Result<Option<FieldPlace>, Problem> {
    let by_words = [Attribute::X, Attribute::Y, Attribute::Wkt];
    let has_words = by_words.iter().any(|attribute| !words.get(*attribute).is_empty());
    let problem = |cause: String, remedy| Err(Problem::Row { cause, remedy });
    if !has_words && row.geometry_by_index(0).is_err() {
        return match words.get(Attribute::Id) {
            "" => problem("it has neither an id nor a place".into(), "give one of both"),
            _ => Ok(None),
        };
    }
    let point = match reader.placed(row, words, false)? {
        Placed::Here { geometry: Geometry::Point(point), .. } => point,
        Placed::Here { .. } => {
            return problem(
                "its geometry is no point".into(),
                "give the point where people looked",
            );
        }
        Placed::Beyond { km } => return Ok(Some(FieldPlace::Beyond { km })),
    };
    let word = words.get(Attribute::AccuracyM);
    let accuracy_m = words::accuracy_m(word);
    if accuracy_m.is_none() && !word.is_empty() {
        return problem(
            format!("its accuracy_m is {word:?}"),
            "give the accuracy of its position in metres, above 0, or nothing",
        );
    }
    Ok(Some(FieldPlace::At { point, accuracy_m }))
}

/// The day that a text begins with: forms write `2026-11-28T09:30:00+04:00`.
fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    let is_day = rest.is_empty() || rest.starts_with(['T', ' ']);
    day.parse().ok().filter(|_| is_day)
}
