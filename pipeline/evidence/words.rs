//! What a row of evidence can say, and the words in which it is said.

use rams_domain::{EoCategory, ExternalEvidenceKind, Found};
use serde::Deserialize;

/// Word of a mapping for rows that are no evidence: they are left out, and counted.
pub(crate) const SKIP: &str = "skip";

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
    Found,
    Id,
    Who,
    Organisation,
    AccuracyM,
    Note,
    Photo,
    Layer,
    ReviewItem,
    ReviewVersion,
    Guid,
}

impl Attribute {
    /// What a row of evidence says.
    pub(crate) const EVIDENCE: [Attribute; 10] = [
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
    /// What a row of a field team says.
    pub(crate) const FIELD: [Attribute; 11] = [
        Attribute::Found,
        Attribute::Id,
        Attribute::Who,
        Attribute::Organisation,
        Attribute::Date,
        Attribute::X,
        Attribute::Y,
        Attribute::Wkt,
        Attribute::AccuracyM,
        Attribute::Note,
        Attribute::Photo,
    ];

    /// What a row of an area says that people drew elsewhere.
    pub(crate) const AREA: [Attribute; 6] = [
        Attribute::Id,
        Attribute::ReviewItem,
        Attribute::ReviewVersion,
        Attribute::Guid,
        Attribute::EoCategory,
        Attribute::Layer,
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
            Attribute::Found => "found",
            Attribute::Id => "id",
            Attribute::Who => "who",
            Attribute::Organisation => "organisation",
            Attribute::AccuracyM => "accuracy_m",
            Attribute::Note => "note",
            Attribute::Photo => "photo",
            Attribute::Layer => "layer",
            Attribute::ReviewItem => "review_item",
            Attribute::ReviewVersion => "review_version",
            Attribute::Guid => "guid",
        }
    }

    /// Names under which a field is found that no mapping names: our own, what a shapefile leaves
    /// of it, and what tables usually call their coordinates.
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
            Attribute::Found => &["found"],
            Attribute::Id => &["id"],
            Attribute::Who => &["who"],
            // A shapefile keeps ten letters.
            Attribute::Organisation => &["organisation", "organisati"],
            Attribute::AccuracyM => &["accuracy_m"],
            Attribute::Note => &["note"],
            Attribute::Photo => &["photo"],
            Attribute::Layer => &["layer"],
            Attribute::ReviewItem => &["review_item", "review_ite"],
            Attribute::ReviewVersion => &["review_version", "review_ver"],
            Attribute::Guid => &["guid"],
        }
    }

    /// What its words may be.
    pub(crate) fn expected(self) -> String {
        match self {
            Attribute::Kind => {
                format!(
                    "one of {}, or {SKIP}",
                    ExternalEvidenceKind::ALL.map(|kind| kind.to_string()).join(", ")
                )
            }
            Attribute::EoCategory => {
                format!(
                    "one of {}",
                    EoCategory::ALL.map(|category| category.to_string()).join(", ")
                )
            }
            Attribute::SourceReliability => {
                "a letter from A to F, or \"\" where it is not known".into()
            }
            Attribute::InformationReliability => {
                "a number from 1 to 6, or \"\" where it is not known".into()
            }
            Attribute::BearingDeg => "degrees from 0 to 360".into(),
            Attribute::Found => {
                format!("one of {}", Found::ALL.map(|it| it.to_string()).join(", "))
            }
            _ => "a text".into(),
        }
    }

    /// Whether a word is one of them.
    pub(crate) fn knows(self, word: &str) -> bool {
        match self {
            Attribute::Kind => kind(word).is_some(),
            Attribute::EoCategory => eo_category(word).is_some(),
            Attribute::SourceReliability => source_reliability(word).is_some(),
            Attribute::InformationReliability => information_reliability(word).is_some(),
            Attribute::BearingDeg => bearing_deg(word).is_some(),
            Attribute::Found => found(word).is_some(),
            _ => true,
        }
    }
}

/// A kind by its name, in any case and with spaces or hyphens.
pub(crate) fn kind(word: &str) -> Option<ExternalEvidenceKind> {
    ExternalEvidenceKind::ALL.into_iter().find(|kind| kind.to_string() == plain(word))
}

/// A category by its name, likewise.
pub(crate) fn eo_category(word: &str) -> Option<EoCategory> {
    EoCategory::ALL.into_iter().find(|category| category.to_string().to_lowercase() == plain(word))
}

pub(crate) fn source_reliability(word: &str) -> Option<char> {
    let letter = word.parse::<char>().ok()?.to_ascii_uppercase();
    ('A'..='F').contains(&letter).then_some(letter)
}

pub(crate) fn information_reliability(word: &str) -> Option<u8> {
    // A field of real numbers says 2.0.
    number(word)
        .filter(|level| level.fract() == 0.0 && (1.0..=6.0).contains(level))
        .map(|level| level as u8)
}

pub(crate) fn bearing_deg(word: &str) -> Option<f64> {
    number(word).filter(|degrees| (0.0..=360.0).contains(degrees))
}

/// What was found, by its name, likewise.
pub(crate) fn found(word: &str) -> Option<Found> {
    Found::ALL.into_iter().find(|found| found.to_string() == plain(word))
}

pub(crate) fn accuracy_m(word: &str) -> Option<f64> {
    number(word).filter(|metres| *metres > 0.0)
}

/// A number with a point or, as tables of half the world have it, a comma.
pub(crate) fn number(word: &str) -> Option<f64> {
    word.parse()
        .or_else(|_| word.replacen(',', ".", 1).parse())
        .ok()
        .filter(|number: &f64| number.is_finite())
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rams_store::palette::{EXTERNAL_EVIDENCE_KINDS, look_of};
    use serde::de::DeserializeOwned;

    /// The words of an enum, as its reader lists them when it is given another.
    fn words<T: DeserializeOwned>() -> Vec<String> {
        let error = serde_json::from_str::<T>("\"?\"")
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        let (_, listed) = error.split_once("expected one of ").expect("the words are listed");
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn no_kind_and_no_category_is_forgotten() {
        assert_eq!(
            ExternalEvidenceKind::ALL.map(|kind| kind.to_string()).to_vec(),
            words::<ExternalEvidenceKind>()
        );
        assert_eq!(
            EoCategory::ALL.map(|category| category.to_string()).to_vec(),
            words::<EoCategory>()
        );
        for kind in ExternalEvidenceKind::ALL {
            assert_eq!(
                look_of(&EXTERNAL_EVIDENCE_KINDS, &kind.to_string()).name,
                kind.to_string(),
                "it has a look of its own"
            );
        }
    }

    #[test]
    fn numbers_as_tables_have_them() {
        for (text, expected) in [
            ("1.5", Some(1.5)),
            ("-1,5", Some(-1.5)),
            ("1,234.5", None),
            ("1e400", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        assert_eq!(kind("Survey limit"), Some(ExternalEvidenceKind::SurveyLimit));
        assert_eq!(eo_category("ap-mine"), Some(EoCategory::ApMine));
        assert_eq!((source_reliability("f"), source_reliability("AB")), (Some('F'), None));
        assert_eq!(
            ["6", "2.0", "0", "2.5", "1e9"].map(information_reliability),
            [Some(6), Some(2), None, None, None]
        );
    }
}
