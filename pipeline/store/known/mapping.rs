//! Mapping file -> which field of the evidence says what, and in which words.

use crate::StoreError;
use rams_domain::{EoCategory, KnownKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Word of a mapping for rows that are no evidence: they are left out, and counted.
pub(crate) const SKIP: &str = "skip";

/// All kinds, in the order in which messages list them.
const KINDS: [KnownKind; 10] = [
    KnownKind::Accident,
    KnownKind::Incident,
    KnownKind::MinefieldRecord,
    KnownKind::Witness,
    KnownKind::Cleared,
    KnownKind::Cancelled,
    KnownKind::LandUse,
    KnownKind::District,
    KnownKind::Front,
    KnownKind::SurveyLimit,
];

const CATEGORIES: [EoCategory; 10] = [
    EoCategory::ApMine,
    EoCategory::AvMine,
    EoCategory::MixedMine,
    EoCategory::ImprovisedMine,
    EoCategory::Cmr,
    EoCategory::Uxo,
    EoCategory::Axo,
    EoCategory::BoobyTrap,
    EoCategory::Ied,
    EoCategory::Unknown,
];

/// How to read the layers of other people: a TOML file, see `datasets/evidence/mapping.toml`. The
/// default reads fields that go by our names.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(default)]
    layer: BTreeMap<String, Rules>,
}

/// How to read one layer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Whether the layer is no evidence.
    pub(crate) skip: bool,
    /// CRS in place of what the layer says.
    pub(crate) crs: Option<String>,
    kind: Option<Word>,
    eo_category: Option<Word>,
    source_reliability: Option<Word>,
    information_reliability: Option<Word>,
    bearing_deg: Option<Word>,
    /// Names of their fields.
    pub(crate) fields: BTreeMap<Attribute, String>,
    words: BTreeMap<Attribute, BTreeMap<String, Word>>,
}

/// What a row can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attribute {
    Kind,
    EoCategory,
    SourceReliability,
    InformationReliability,
    BearingDeg,
    Name,
    Date,
    X,
    Y,
    Wkt,
}

/// A word of ours; `2` is as good as `"2"`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Whole(i64),
    Real(f64),
}

impl Mapping {
    /// Reads and checks a mapping.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let unusable = |cause: String| StoreError::Mapping { path: path.into(), cause };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        Self::parse(&text).map_err(unusable)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mapping: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for (layer, rules) in &mapping.layer {
            rules.check().map_err(|(field, cause)| format!("layer.{layer:?}.{field} {cause}"))?;
        }
        Ok(mapping)
    }

    /// The rules of a layer: of its own name, or of the longest beginning of it that ends in `*`.
    pub(crate) fn of(&self, layer: &str) -> Rules {
        let begins = |name: &str| name.strip_suffix('*').is_some_and(|start| layer.starts_with(start));
        let of_many = || self.layer.iter().filter(|(name, _)| begins(name)).max_by_key(|(name, _)| name.len());
        let own = self.layer.get(layer).or_else(|| of_many().map(|(_, rules)| rules));
        own.cloned().unwrap_or_default()
    }
}

impl Rules {
    /// What all rows are that do not say it themselves; empty where nothing is set.
    pub(crate) fn fixed(&self, attribute: Attribute) -> String {
        let word = match attribute {
            Attribute::Kind => &self.kind,
            Attribute::EoCategory => &self.eo_category,
            Attribute::SourceReliability => &self.source_reliability,
            Attribute::InformationReliability => &self.information_reliability,
            Attribute::BearingDeg => &self.bearing_deg,
            _ => &None,
        };
        word.as_ref().map(Word::text).unwrap_or_default()
    }

    /// Their word in ours; a word that the mapping does not name is left as it is.
    pub(crate) fn translated(&self, attribute: Attribute, theirs: &str) -> String {
        let words = self.words.get(&attribute).into_iter().flatten();
        let ours = words.into_iter().find(|(word, _)| word.trim().to_lowercase() == theirs.to_lowercase());
        ours.map_or_else(|| theirs.to_owned(), |(_, ours)| ours.text())
    }

    /// Every word that the mapping itself gives must be one of ours.
    fn check(&self) -> Result<(), (String, String)> {
        let fixed = Attribute::ALL.map(|attribute| (attribute, attribute.name().to_owned(), self.fixed(attribute)));
        let translated = self.words.iter().flat_map(|(attribute, words)| {
            words
                .iter()
                .map(|(theirs, ours)| (*attribute, format!("words.{}.{theirs:?}", attribute.name()), ours.text()))
        });
        for (attribute, field, word) in fixed.into_iter().chain(translated) {
            let skips = attribute == Attribute::Kind && word == SKIP;
            if !word.is_empty() && !skips && !attribute.knows(&word) {
                return Err((field, format!("is {word:?}, give {}", attribute.expected())));
            }
        }
        Ok(())
    }
}

impl Attribute {
    pub(crate) const ALL: [Attribute; 10] = [
        Attribute::Kind,
        Attribute::EoCategory,
        Attribute::SourceReliability,
        Attribute::InformationReliability,
        Attribute::BearingDeg,
        Attribute::Name,
        Attribute::Date,
        Attribute::X,
        Attribute::Y,
        Attribute::Wkt,
    ];

    /// Its name in a mapping, and the name of the field that is read without one.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Attribute::Kind => "kind",
            Attribute::EoCategory => "eo_category",
            Attribute::SourceReliability => "source_reliability",
            Attribute::InformationReliability => "information_reliability",
            Attribute::BearingDeg => "bearing_deg",
            Attribute::Name => "name",
            Attribute::Date => "date",
            Attribute::X => "x",
            Attribute::Y => "y",
            Attribute::Wkt => "wkt",
        }
    }

    /// Names under which a field is found that no mapping names: our own, what a shapefile leaves of
    /// it, and what tables usually call their coordinates.
    pub(crate) fn usual_names(self) -> &'static [&'static str] {
        match self {
            Attribute::Kind => &["kind"],
            Attribute::EoCategory => &["eo_category", "eo_categor"],
            Attribute::SourceReliability => &["source_reliability", "source_rel"],
            Attribute::InformationReliability => &["information_reliability", "informatio"],
            Attribute::BearingDeg => &["bearing_deg", "bearing_de"],
            Attribute::Name => &["name"],
            Attribute::Date => &["date"],
            Attribute::X => &["lon", "longitude", "long", "x"],
            Attribute::Y => &["lat", "latitude", "y"],
            Attribute::Wkt => &["wkt", "geom", "geometry"],
        }
    }

    /// What its words may be.
    pub(crate) fn expected(self) -> String {
        match self {
            Attribute::Kind => format!("one of {}, or {SKIP}", KINDS.map(|kind| kind.to_string()).join(", ")),
            Attribute::EoCategory => format!("one of {}", CATEGORIES.map(|category| category.to_string()).join(", ")),
            Attribute::SourceReliability => "a letter from A to F, or \"\" where it is not known".into(),
            Attribute::InformationReliability => "a number from 1 to 6, or \"\" where it is not known".into(),
            Attribute::BearingDeg => "degrees from 0 to 360".into(),
            _ => "a text".into(),
        }
    }

    fn knows(self, word: &str) -> bool {
        match self {
            Attribute::Kind => kind(word).is_some(),
            Attribute::EoCategory => eo_category(word).is_some(),
            Attribute::SourceReliability => source_reliability(word).is_some(),
            Attribute::InformationReliability => information_reliability(word).is_some(),
            Attribute::BearingDeg => bearing_deg(word).is_some(),
            _ => true,
        }
    }
}

impl Word {
    fn text(&self) -> String {
        match self {
            Word::Text(text) => text.trim().into(),
            Word::Whole(number) => number.to_string(),
            Word::Real(number) => number.to_string(),
        }
    }
}

/// A kind by its name, in any case and with spaces or hyphens.
pub(crate) fn kind(word: &str) -> Option<KnownKind> {
    KINDS.into_iter().find(|kind| kind.to_string() == plain(word))
}

/// A category by its name, likewise.
pub(crate) fn eo_category(word: &str) -> Option<EoCategory> {
    CATEGORIES.into_iter().find(|category| category.to_string().to_lowercase() == plain(word))
}

pub(crate) fn source_reliability(word: &str) -> Option<char> {
    let letter = word.parse::<char>().ok()?.to_ascii_uppercase();
    ('A'..='F').contains(&letter).then_some(letter)
}

pub(crate) fn information_reliability(word: &str) -> Option<u8> {
    word.parse().ok().filter(|level| (1..=6).contains(level))
}

pub(crate) fn bearing_deg(word: &str) -> Option<f64> {
    number(word).filter(|degrees| (0.0..=360.0).contains(degrees))
}

/// A number with a point or, as tables of half the world have it, a comma.
pub(crate) fn number(word: &str) -> Option<f64> {
    word.parse().or_else(|_| word.replacen(',', ".", 1).parse()).ok().filter(|number: &f64| number.is_finite())
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{KNOWN_KINDS, of};
    use serde::de::DeserializeOwned;

    /// The words of an enum, as its reader lists them when it is given another.
    fn words<T: DeserializeOwned>() -> Vec<String> {
        let error = serde_json::from_str::<T>("\"?\"").err().map(|error| error.to_string()).unwrap_or_default();
        let (_, listed) = error.split_once("expected one of ").expect("the words are listed");
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn no_kind_and_no_category_is_forgotten() {
        assert_eq!(KINDS.map(|kind| kind.to_string()).to_vec(), words::<KnownKind>());
        assert_eq!(CATEGORIES.map(|category| category.to_string()).to_vec(), words::<EoCategory>());
        for kind in KINDS {
            assert_eq!(of(&KNOWN_KINDS, &kind.to_string()).name, kind.to_string(), "it has a look of its own");
        }
    }

    #[test]
    fn numbers_as_tables_have_them() {
        for (text, expected) in
            [("1.5", Some(1.5)), ("-1,5", Some(-1.5)), ("1,234.5", None), ("1e400", None), ("", None)]
        {
            assert_eq!(number(text), expected, "{text}");
        }
        assert_eq!(kind("Survey limit"), Some(KnownKind::SurveyLimit));
        assert_eq!(eo_category("ap-mine"), Some(EoCategory::ApMine));
        assert_eq!((source_reliability("f"), source_reliability("AB")), (Some('F'), None));
        assert_eq!((information_reliability("6"), information_reliability("0")), (Some(6), None));
    }
}
