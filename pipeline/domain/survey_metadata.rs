//! Who surveyed what, when and where: what people know of a survey and no model sees.

use crate::display::display_as_serialised;
use jiff::civil::Date;
use serde::de::value::{Error as FieldError, StrDeserializer};
use serde::{Deserialize, Serialize, Serializer};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A field of [`SurveyMetadata`]. Its word is the same in a file, on the map and in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetadataField {
    /// The days on which the imagery was flown.
    FlightDates,
    /// Who flew, or the team.
    Operator,
    /// The mine action organisation.
    Organisation,
    /// Its task.
    Task,
    /// Country.
    Country,
    /// First level of administration.
    Province,
    /// Second level of administration.
    District,
    /// The nearest populated place.
    NearestPlace,
    /// What the ground is used for.
    LandUse,
    /// Whom to ask.
    Contact,
}
display_as_serialised!(MetadataField);

impl MetadataField {
    /// All of them, in the order in which people read them.
    pub const ALL: [MetadataField; 10] = [
        MetadataField::FlightDates,
        MetadataField::Organisation,
        MetadataField::Operator,
        MetadataField::Task,
        MetadataField::Country,
        MetadataField::Province,
        MetadataField::District,
        MetadataField::NearestPlace,
        MetadataField::LandUse,
        MetadataField::Contact,
    ];

    /// Whether the draft minimum data requirements for contaminated areas (GICHD 2018) ask for it:
    /// organisation and dates of the activity. What else they ask for is the survey's own.
    pub fn is_minimum_data(self) -> bool {
        matches!(self, MetadataField::FlightDates | MetadataField::Organisation)
    }

    /// Its words for people: "nearest place".
    pub fn label(self) -> String {
        self.to_string().replace('_', " ")
    }
}

/// The field of a word; the error lists the words that there are.
impl FromStr for MetadataField {
    type Err = FieldError;

    fn from_str(word: &str) -> Result<Self, FieldError> {
        Self::deserialize(StrDeserializer::new(word))
    }
}

/// Who, when and where, as far as it was stated: nothing of it is needed for a survey, and it is no
/// part of what makes two runs the same.
///
/// ```
/// use rams_domain::{MetadataField, SurveyMetadata};
///
/// let mut metadata = SurveyMetadata::default();
/// metadata.state(MetadataField::FlightDates, "2026-05-16, 2026-05-14", "survey.toml")?;
/// metadata.state(MetadataField::Task, "T-12 ", "--task")?;
/// assert_eq!(metadata.flight_dates().len(), 2);
/// let dates = metadata.get(MetadataField::FlightDates).unwrap();
/// assert_eq!(dates.to_string(), "2026-05-14, 2026-05-16");
/// assert_eq!(dates.source(), "survey.toml");
/// assert!(metadata.state(MetadataField::FlightDates, "2026-02-30", "--flight-dates").is_err());
/// assert!(metadata.missing().contains(&MetadataField::Organisation));
/// # Ok::<(), rams_domain::MetadataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SurveyMetadata(BTreeMap<MetadataField, Statement>);

/// What was stated in a field, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    value: StatedValue,
    source: String,
}

/// A value of the type of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum StatedValue {
    /// In order, each once, at least one.
    Dates(Vec<Date>),
    Text(String),
}

/// What is wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages are the documentation
pub enum MetadataError {
    #[error(
        "{field}: {text:?} is no date: write year, month and day, 2026-05-14 say, and commas \
         between several"
    )]
    NoDate { field: MetadataField, text: String },
    #[error("{field}: {one} states {one_value:?}, {other} states {other_value:?}")]
    TwoValues {
        field: MetadataField,
        one: String,
        one_value: String,
        other: String,
        other_value: String,
    },
}

impl SurveyMetadata {
    /// States a field in place of what was stated before; a text without a letter states nothing.
    /// `source` says where it was found. Flight dates are ISO 8601, with commas between them;
    /// white space of other texts becomes single spaces.
    pub fn state(
        &mut self,
        field: MetadataField,
        text: &str,
        source: &str,
    ) -> Result<(), MetadataError> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Ok(());
        }
        let value = match field {
            MetadataField::FlightDates => StatedValue::Dates(dates(field, &text)?),
            _ => StatedValue::Text(text),
        };
        self.0.insert(field, Statement { value, source: source.to_owned() });
        Ok(())
    }

    /// What was stated in a field.
    pub fn get(&self, field: MetadataField) -> Option<&Statement> {
        self.0.get(&field)
    }

    /// The value of a field, for people; empty where nobody stated it.
    pub fn text(&self, field: MetadataField) -> String {
        self.get(field).map(Statement::to_string).unwrap_or_default()
    }

    /// The days on which the imagery was flown, in order; empty where nobody stated them.
    pub fn flight_dates(&self) -> &[Date] {
        match self.get(MetadataField::FlightDates).map(|statement| &statement.value) {
            Some(StatedValue::Dates(dates)) => dates,
            _ => &[],
        }
    }

    /// What is stated here, and what is not as it is stated `below`.
    pub fn over(mut self, below: Self) -> Self {
        below.0.into_iter().for_each(|(field, stated)| _ = self.0.entry(field).or_insert(stated));
        self
    }

    /// What two files of one survey state: the flight dates of both, and else one value a field.
    pub fn join(mut self, other: Self) -> Result<Self, MetadataError> {
        for (field, theirs) in other.0 {
            let Some(ours) = self.0.get_mut(&field) else {
                self.0.insert(field, theirs);
                continue;
            };
            match (&mut ours.value, &theirs.value) {
                (ours, theirs) if ours == theirs => {}
                (StatedValue::Dates(dates), StatedValue::Dates(more)) => {
                    dates.extend(more);
                    dates.sort();
                    dates.dedup();
                    ours.source = format!("{}, {}", ours.source, theirs.source);
                }
                _ => {
                    let (one_value, other_value) = (ours.to_string(), theirs.to_string());
                    let (one, other) = (ours.source.clone(), theirs.source);
                    return Err(MetadataError::TwoValues {
                        field,
                        one,
                        one_value,
                        other,
                        other_value,
                    });
                }
            }
        }
        Ok(self)
    }

    /// What nobody stated, the minimum data first.
    pub fn missing(&self) -> Vec<MetadataField> {
        let mut missing = MetadataField::ALL.to_vec();
        missing.retain(|field| self.get(*field).is_none());
        missing.sort_by_key(|field| !field.is_minimum_data());
        missing
    }

    /// What nobody stated, in words; `None` where all is stated.
    pub fn told_missing(&self) -> Option<String> {
        let (minimum, others): (Vec<_>, Vec<_>) =
            self.missing().into_iter().partition(|field| field.is_minimum_data());
        let words = |fields: &[MetadataField]| {
            fields.iter().map(|field| field.label()).collect::<Vec<_>>().join(", ")
        };
        let minimum = (!minimum.is_empty()).then(|| {
            format!("{} (minimum data of a contaminated area, GICHD 2018)", words(&minimum))
        });
        let others = (!others.is_empty()).then(|| words(&others));
        let told: Vec<_> = minimum.into_iter().chain(others).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

fn dates(field: MetadataField, text: &str) -> Result<Vec<Date>, MetadataError> {
    let date = |text: &str| {
        text.parse().map_err(|_| MetadataError::NoDate { field, text: text.to_owned() })
    };
    let mut dates = text.split(',').map(|text| date(text.trim())).collect::<Result<Vec<_>, _>>()?;
    dates.sort();
    dates.dedup();
    Ok(dates)
}

impl Statement {
    /// Where it was found.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// The value, for people.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            StatedValue::Dates(dates) => {
                let dates: Vec<_> = dates.iter().map(ToString::to_string).collect();
                f.write_str(&dates.join(", "))
            }
            StatedValue::Text(text) => f.write_str(text),
        }
    }
}

/// Dates as a list, other values as a text.
impl Serialize for StatedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            StatedValue::Dates(dates) => {
                serializer.collect_seq(dates.iter().map(ToString::to_string))
            }
            StatedValue::Text(text) => serializer.serialize_str(text),
        }
    }
}
