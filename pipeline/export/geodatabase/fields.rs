//! Columns of a layer -> fields that a file geodatabase, ArcGIS Online and Survey123 take.

use super::domains;
use crate::Halt;
use crate::parts::shortened;
use crate::record::{Record, as_text};
use gdal::vector::{Feature, FieldValue, Layer, LayerAccess, OGRFieldType};

/// The longest name that Survey123 takes.
const LONGEST_NAME: usize = 31;

/// Fields that every feature class has.
pub(super) const GLOBAL_ID: &str = "GlobalID";
/// The same id as text, which stays where a service draws new GlobalIDs.
pub(super) const GUID: &str = "guid";

/// Words that Esri's fields of its own or a database's language have taken.
#[rustfmt::skip]
const RESERVED: [&str; 73] = [
    "add", "all", "alter", "and", "any", "as", "asc", "between", "by", "case", "check", "column",
    "comment", "connect", "count", "create", "current", "date", "day", "default", "delete", "desc",
    "distinct", "drop", "else", "end", "exists", "fid", "file", "for", "from", "globalid", "grant",
    "group", "guid", "having", "hour", "in", "index", "insert", "integer", "into", "is", "join",
    "key", "level", "like", "minute", "mode", "month", "not", "null", "number", "objectid", "of",
    "on", "or", "order", "row", "rows", "select", "session", "set", "shape", "shape_area",
    "shape_length", "table", "time", "update", "user", "values", "where", "year",
];

/// Columns of whole numbers of a survey. One that a person added may hold larger ones.
const WHOLE: [&str; 4] = ["front_unknown", "rows", "feature_count", "review_version"];

/// A field of a feature class.
pub(super) struct Field {
    /// Its column in the survey, place and name.
    column: Option<(usize, String)>,
    pub(super) name: String,
    /// The column in words.
    pub(super) alias: String,
    pub(super) kind: OGRFieldType::Type,
    pub(super) domain: Option<&'static str>,
}

impl Field {
    /// One that no column of the survey stands for.
    pub(super) fn own(name: &str, alias: &str, kind: OGRFieldType::Type) -> Self {
        Self { column: None, name: name.into(), alias: alias.into(), kind, domain: None }
    }

    /// Those of a layer, but for the id that all have.
    pub(super) fn all_of(layer: &Layer<'_>) -> Vec<Self> {
        let mut fields: Vec<Self> = Vec::new();
        for (column, field) in layer.defn().fields().enumerate() {
            let original = field.name();
            if original == GUID {
                continue;
            }
            let is_taken = |name: &str| fields.iter().any(|it| it.name.eq_ignore_ascii_case(name));
            fields.push(Self {
                column: Some((column, original.clone())),
                name: shortened(&allowed(&original), LONGEST_NAME, is_taken),
                alias: rams_store::alias(&original),
                kind: kind(&original, field.field_type()),
                domain: domains::name_of(&layer.name(), &original),
            });
        }
        fields
    }

    /// Sets the value of a record. What is empty stays NULL: an empty text is no code of a domain.
    pub(super) fn set(&self, record: &Record, row: &mut Feature<'_>) -> Result<(), Halt> {
        let index = row.field_index(&self.name)?;
        let value = self.column.as_ref().and_then(|(at, _)| record.fields()[*at].as_ref());
        match value {
            None => {}
            Some(FieldValue::StringValue(text)) if text.is_empty() => {}
            Some(value) if self.kind == OGRFieldType::OFTString => {
                row.set_field_string(index, &as_text(value).replace('\0', "\u{fffd}"))?;
            }
            Some(value) => row.set_field(index, value)?,
        }
        Ok(())
    }

    /// Where its column is in the survey's layer.
    pub(super) fn column_index(&self) -> Option<usize> {
        self.column.as_ref().map(|(at, _)| *at)
    }

    /// Its column and its name where they differ.
    pub(super) fn renamed(self) -> Option<(String, String)> {
        let (_, column) = self.column?;
        (column != self.name).then_some((column, self.name))
    }
}

/// A name of ASCII letters, digits and underscores that begins with a letter and has no other use.
fn allowed(column: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let mut name: String = column.chars().map(letter).collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name.insert_str(0, "f_");
    }
    if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        name.push('_');
    }
    name
}

fn kind(column: &str, kind: OGRFieldType::Type) -> OGRFieldType::Type {
    match kind {
        OGRFieldType::OFTInteger64 if WHOLE.contains(&column) => OGRFieldType::OFTInteger,
        OGRFieldType::OFTInteger64 => OGRFieldType::OFTReal,
        OGRFieldType::OFTInteger
        | OGRFieldType::OFTReal
        | OGRFieldType::OFTDate
        | OGRFieldType::OFTDateTime => kind,
        _ => OGRFieldType::OFTString,
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn names_are_those_that_survey123_takes() {
        for (column, name) in [
            ("eo_category", "eo_category"),
            ("date", "date_"),
            ("Rows", "Rows_"),
            ("2nd visit", "f_2nd_visit"),
            ("größe", "gr__e"),
            ("_note", "f__note"),
            ("", "f_"),
        ] {
            assert_eq!(allowed(column), name);
        }
    }
}
