//! Mapping file -> which field of the evidence says what, and in which words.

use crate::EvidenceError;
use crate::words::{Attribute, SKIP};
use rams_domain::ExternalEvidenceKind;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

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

/// A word of ours; `2` is as good as `"2"`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Whole(i64),
    Real(f64),
}

impl Mapping {
    /// All rows of all layers are of one kind.
    pub(crate) fn of_kind(kind: ExternalEvidenceKind) -> Self {
        let rules = Rules { kind: Some(Word::Text(kind.to_string())), ..Rules::default() };
        Self { layer: BTreeMap::from([("*".into(), rules)]) }
    }

    /// Reads and checks a mapping.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let unusable = |cause: String| EvidenceError::Mapping { path: path.into(), cause };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        Self::parse(&text).map_err(unusable)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for (layer, rules) in &mapping.layer {
            rules.check().map_err(|(field, cause)| format!("layer.{layer:?}.{field} {cause}"))?;
        }
        Ok(mapping)
    }

    /// The rules of a layer: of its own name, or of the longest beginning of it that ends in `*`.
    pub(crate) fn of(&self, layer: &str) -> Rules {
        let begins =
            |name: &str| name.strip_suffix('*').is_some_and(|start| layer.starts_with(start));
        let of_many = || {
            self.layer.iter().filter(|(name, _)| begins(name)).max_by_key(|(name, _)| name.len())
        };
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
        let ours =
            words.into_iter().find(|(word, _)| word.trim().to_lowercase() == theirs.to_lowercase());
        ours.map_or_else(|| theirs.to_owned(), |(_, ours)| ours.text())
    }

    /// Every word that the mapping itself gives must be one of ours.
    fn check(&self) -> Result<(), (String, String)> {
        let fixed = Attribute::EVIDENCE
            .map(|attribute| (attribute, attribute.name().to_owned(), self.fixed(attribute)));
        let translated = self.words.iter().flat_map(|(attribute, words)| {
            words.iter().map(|(theirs, ours)| {
                (*attribute, format!("words.{}.{theirs:?}", attribute.name()), ours.text())
            })
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

impl Word {
    fn text(&self) -> String {
        match self {
            Word::Text(text) => text.trim().into(),
            Word::Whole(number) => number.to_string(),
            Word::Real(number) => number.to_string(),
        }
    }
}
