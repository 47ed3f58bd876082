//! What the fields of a survey may hold: what a person can have typed is looked at before it is
//! used.

use gdal::vector::FieldValue;
use rams_domain::{
    AreaKind, EoCategory, EvidenceKind, ExternalEvidenceKind, GapReason, Indicator, LandClass,
    Threat, Tier,
};
use std::fmt::Display;

/// A field of a layer.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
    pub(crate) empty: Empty,
}

/// What it holds.
pub(crate) enum Holds {
    /// One of the words of a list.
    Word(Vec<String>),
    /// Any text.
    Text,
    /// A letter A to F and a digit 1 to 6, each of them perhaps `?`.
    Reliability,
    /// A number from the one to the other.
    Number(f64, f64),
}

/// What it means that nothing was given.
#[derive(Clone, Copy)]
pub(crate) enum Empty {
    /// That it is not known.
    Stays,
    /// This word.
    Is(&'static str),
    /// That the row cannot be used.
    Missing,
}

const MOST: f64 = f64::MAX;

/// The fields of a layer that are looked at.
pub(crate) fn fields_of(layer: &str) -> Vec<Field> {
    use Empty::{Is, Missing, Stays};
    use Holds::{Number, Reliability, Text, Word};
    let field = |name, holds, empty| Field { name, holds, empty };
    let metres = |name| field(name, Number(0.0, MOST), Stays);
    let degrees = |name| field(name, Number(0.0, 360.0), Stays);
    let share = |name, empty| field(name, Number(0.0, 1.0), empty);
    let eo_category = || field("eo_category", Word(words(&EoCategory::ALL)), Is("UNKNOWN"));
    match layer {
        "hazard_areas" => fields_of_areas(),
        "indication_belts" => vec![
            field("area", Text, Missing),
            metres("from_m"),
            metres("to_m"),
            share("weight", Missing),
            share("front_unknown", Stays),
        ],
        "features" => vec![
            field("class", Text, Missing),
            field("indicator", Word(indicators()), Missing),
            eo_category(),
            share("confidence", Missing),
            share("score", Stays),
            metres("length_m"),
            metres("width_m"),
        ],
        "feature_parts" => {
            vec![
                field("class", Text, Missing),
                field("width_m", Number(0.0, MOST), Missing),
                share("confidence", Missing),
            ]
        }
        "external_evidence" => vec![
            field("kind", Word(words(&ExternalEvidenceKind::ALL)), Missing),
            eo_category(),
            field("reliability", Reliability, Is("??")),
            degrees("bearing_deg"),
        ],
        "gaps" => vec![field("reason", Word(words(&GapReason::ALL)), Missing)],
        _ => vec![],
    }
}

fn fields_of_areas() -> Vec<Field> {
    use Empty::{Is, Stays};
    use Holds::{Number, Text, Word};
    let field = |name, holds, empty| Field { name, holds, empty };
    let metres = |name| field(name, Number(0.0, MOST), Stays);
    let share = |name| field(name, Number(0.0, 1.0), Stays);
    vec![
        // Of an area that a person drew, or that version 0.2 did, these follow from the rest.
        field("land_class", Word(words(&LandClass::ALL)), Stays),
        field("tier", Word(words(&Tier::ALL)), Stays),
        field("kind", Word(words(&AreaKind::ALL)), Stays),
        field("eo_category", Word(words(&EoCategory::ALL)), Is("UNKNOWN")),
        field("threat", Word(words(&Threat::ALL)), Is("UNASSESSED")),
        field("evidence", Word(words(&EvidenceKind::ALL)), Is("indirect")),
        // What people decided, in their words.
        field("status", Text, Is("candidate")),
        share("confidence"),
        metres("buffer_m"),
        metres("link_m"),
        share("front_unknown"),
        field("front_deg", Number(0.0, 360.0), Stays),
        field("rows", Number(0.0, f64::from(u32::MAX)), Stays),
        metres("fade_out_m"),
        metres("position_accuracy_m"),
        share("assessed_share"),
        metres("beyond_imagery_m2"),
        metres("released_m2"),
    ]
}

fn words(all: &[impl Display]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

fn indicators() -> Vec<String> {
    words(&[Indicator::OF_PRESENCE.as_slice(), &Indicator::OF_ABSENCE].concat())
}

impl Field {
    /// The word of today for one that version 0.2 wrote: it called the kind of a perimeter `sha`.
    fn renamed(&self, word: String) -> String {
        if self.name == "kind" && word == "sha" { AreaKind::Perimeter.to_string() } else { word }
    }

    /// The value in order; what is wrong with it, and what would be right.
    pub(crate) fn check(&self, value: Option<FieldValue>) -> Result<Option<FieldValue>, String> {
        let is_text = !matches!(self.holds, Holds::Number(..));
        let value = match value {
            Some(FieldValue::StringValue(text)) if is_text => Some(text.trim().to_owned())
                .filter(|text| !text.is_empty())
                .map(|text| FieldValue::StringValue(self.renamed(text))),
            other => other,
        };
        match (value, self.empty) {
            (None, Empty::Stays) => Ok(None),
            (None, Empty::Is(word)) => Ok(Some(FieldValue::StringValue(word.into()))),
            (None, Empty::Missing) => Err(format!("is empty; give {}", self.allowed())),
            (Some(value), _) if self.allows(&value) => Ok(Some(value)),
            (Some(value), _) => Err(format!("is {}; give {}", quoted(&value), self.allowed())),
        }
    }

    fn allows(&self, value: &FieldValue) -> bool {
        let between = |number: f64, least, most| number >= least && number <= most;
        match (&self.holds, value) {
            (Holds::Word(list), FieldValue::StringValue(text)) => list.contains(text),
            (Holds::Text, FieldValue::StringValue(_)) => true,
            (Holds::Reliability, FieldValue::StringValue(text)) => is_reliability(text),
            (Holds::Number(least, most), FieldValue::RealValue(number)) => {
                between(*number, *least, *most)
            }
            (Holds::Number(least, most), FieldValue::Integer64Value(number)) => {
                between(*number as f64, *least, *most)
            }
            (Holds::Number(least, most), FieldValue::IntegerValue(number)) => {
                between((*number).into(), *least, *most)
            }
            _ => false,
        }
    }

    /// What may stand there, as words that follow "give".
    pub(crate) fn allowed(&self) -> String {
        match &self.holds {
            Holds::Word(list) => format!("one of {}", list.join(", ")),
            Holds::Text => "a name".into(),
            Holds::Reliability => {
                "a letter A to F and a digit 1 to 6, such as B2, or ? where one is not known".into()
            }
            Holds::Number(least, most) if *most == MOST => format!("a number of {least} or more"),
            Holds::Number(least, most) => format!("a number from {least} to {most}"),
        }
    }
}

fn is_reliability(text: &str) -> bool {
    let mut letters = text.chars();
    let source = letters.next().is_some_and(|letter| "ABCDEF?".contains(letter));
    source
        && letters.next().is_some_and(|digit| "123456?".contains(digit))
        && letters.next().is_none()
}

fn quoted(value: &FieldValue) -> String {
    match value {
        FieldValue::StringValue(text) => format!("`{text}`"),
        FieldValue::RealValue(number) => number.to_string(),
        FieldValue::IntegerValue(number) => number.to_string(),
        FieldValue::Integer64Value(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}
