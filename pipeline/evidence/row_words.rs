//! The words of a row, and what they mean.

use crate::problem::Problem;
use crate::words::{self, Attribute};
use rams_domain::{EoCategory, ExternalEvidenceKind};
use std::collections::BTreeMap;

/// What a row says, attribute by attribute; empty where it says nothing.
#[derive(Default)]
pub(crate) struct RowWords(BTreeMap<Attribute, String>);

impl RowWords {
    pub(crate) fn insert(&mut self, attribute: Attribute, word: String) {
        self.0.insert(attribute, word);
    }

    pub(crate) fn get(&self, attribute: Attribute) -> &str {
        self.0.get(&attribute).map(String::as_str).unwrap_or_default()
    }

    /// What a word means, if it says anything; a word that nobody knows is a problem.
    fn meaning<T>(
        &self,
        attribute: Attribute,
        means: fn(&str) -> Option<T>,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        let word = self.get(attribute);
        let meaning = if word.is_empty() { None } else { means(word) };
        if meaning.is_none() && !word.is_empty() {
            problems.push(Problem::Word(attribute, word.to_owned()));
        }
        meaning
    }
}

/// What the words of a row mean; `None` for those that are empty or not known.
pub(crate) struct Meanings {
    pub(crate) kind: Option<ExternalEvidenceKind>,
    pub(crate) eo_category: Option<EoCategory>,
    pub(crate) source: Option<char>,
    pub(crate) information: Option<u8>,
    pub(crate) bearing_deg: Option<f64>,
}

impl Meanings {
    /// The meanings of words, and a problem for each that nobody knows.
    pub(crate) fn of(words: &RowWords, problems: &mut Vec<Problem>) -> Self {
        use Attribute::{BearingDeg, EoCategory, InformationReliability, Kind, SourceReliability};
        Self {
            kind: words.meaning(Kind, words::kind, problems),
            eo_category: words.meaning(EoCategory, words::eo_category, problems),
            source: words.meaning(SourceReliability, words::source_reliability, problems),
            information: words.meaning(
                InformationReliability,
                words::information_reliability,
                problems,
            ),
            bearing_deg: words.meaning(BearingDeg, words::bearing_deg, problems),
        }
    }
}

/// What a row of a kind lacks that it must say to be of any use.
pub(crate) fn lacks(
    kind: ExternalEvidenceKind,
    geometry: &geo::Geometry,
    words: &RowWords,
) -> Option<Problem> {
    use ExternalEvidenceKind::{Cancelled, District, Front, LandUse, Released, SurveyLimit};
    let is_area = matches!(geometry, geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_));
    let problem = |cause: String, remedy| Some(Problem::Row { cause, remedy });
    match kind {
        Released | Cancelled | District | SurveyLimit if !is_area => problem(
            format!("its kind is {kind}, but it is no polygon"),
            "draw its outline, or leave it out with a word of the mapping",
        ),
        District | LandUse if words.get(Attribute::Name).is_empty() => problem(
            format!("its kind is {kind}, but it has no name"),
            "fill its field, or name another one in the mapping",
        ),
        // Another word than a bearing is a problem of its own.
        Front if words.get(Attribute::BearingDeg).is_empty() => problem(
            "its kind is front, but it has no bearing_deg".into(),
            "give the direction in which the defences face, in degrees from true north",
        ),
        _ => None,
    }
}
