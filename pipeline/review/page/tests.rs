//! What the page says, in each language.
#![allow(clippy::unwrap_used)] // a test may panic

use super::ASSETS;
use crate::shapes::{Flaw, Warning};
use rams_domain::{
    Decision, EoCategory, ExternalEvidenceKind, Found, GapReason, Indicator, LandClass, LotVerdict,
    Nonconformity, Reason, ReviewStage, SamplePurpose, Severity, Threat, Tier,
};
use std::collections::{BTreeMap, BTreeSet};

/// A language, the forms of its plural as CLDR names them, and parts of words that would tell a
/// person that ground may be walked on, or that a decision says so.
const LANGUAGES: [(&str, &[&str], &[&str]); 6] = [
    ("en", &["one", "other"], &["safe", "clear", "cancel", "demine"]),
    ("az", &["one", "other"], &["təhlükəsiz", "təmizlən", "ləğv", "azad"]),
    ("uk", &["few", "many", "one", "other"], &["безпечн", "очищ", "розмінов", "скасов", "звільн"]),
    ("ru", &["few", "many", "one", "other"], &["безопасн", "очищ", "размин", "отмен", "освобо"]),
    ("fr", &["many", "one", "other"], &["sûr", "sécuris", "dépollu", "déminé", "annul", "libér"]),
    (
        "ar",
        &["few", "many", "one", "other", "two", "zero"],
        &["آمن", "أمان", "مطهر", "تطهير", "إلغاء", "ملغ", "محرر", "إفراج"],
    ),
];

fn table(language: &str) -> BTreeMap<String, String> {
    let name = format!("words_{language}.js");
    let asset = ASSETS.iter().find(|asset| asset.name == name).expect(&name);
    let text = std::str::from_utf8(asset.bytes).unwrap();
    let body = text.split_once("export default {\n").unwrap().1.strip_suffix("};\n").unwrap();
    let mut words = BTreeMap::new();
    for line in body.lines() {
        let parts = line.trim().strip_prefix('"').and_then(|line| line.strip_suffix("\","));
        let (key, text) = parts
            .and_then(|line| line.split_once("\": \""))
            .unwrap_or_else(|| panic!("{name}: {line}: give one key a line, \"key\": \"text\","));
        assert!(words.insert(key.to_owned(), text.to_owned()).is_none(), "{name}: {key} twice");
    }
    words
}

/// The key without the form of its plural, and that form.
fn form<'a>(key: &'a str, english: &BTreeMap<String, String>) -> (&'a str, Option<&'a str>) {
    match key.rsplit_once('.') {
        Some((base, form)) if english.contains_key(&format!("{base}.one")) => (base, Some(form)),
        _ => (key, None),
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

#[test]
fn each_language_has_the_keys_placeholders_and_plurals_of_english() {
    let english = table("en");
    let chosen = ASSETS.iter().find(|asset| asset.name == "words.js").unwrap();
    let chosen = std::str::from_utf8(chosen.bytes).unwrap();
    let offered = chosen.split("LANGUAGES = {").nth(1).unwrap().split('}').next().unwrap();
    let offered: BTreeSet<&str> =
        offered.split(", ").map(|pair| pair.trim().split(':').next().unwrap()).collect();
    assert_eq!(offered, LANGUAGES.iter().map(|(language, ..)| *language).collect());
    for (language, forms, _) in LANGUAGES {
        let words = table(language);
        let expected: BTreeSet<String> = english
            .keys()
            .flat_map(|key| match form(key, &english) {
                (base, Some(_)) => forms.iter().map(|form| format!("{base}.{form}")).collect(),
                (key, None) => vec![key.to_owned()],
            })
            .collect();
        let found: BTreeSet<String> = words.keys().cloned().collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        let extra: Vec<_> = found.difference(&expected).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{language}: {missing:?}, {extra:?}");
        for (key, text) in &words {
            assert!(!text.trim().is_empty(), "{language}: {key}");
            let (base, number) = form(key, &english);
            let of = number.map_or(key.clone(), |_| format!("{base}.other"));
            let (mut wanted, has) = (placeholders(&english[&of]), placeholders(text));
            // A language may have a word of its own for none, one and two.
            if number.is_some_and(|form| ["zero", "one", "two"].contains(&form))
                && !has.contains("n")
            {
                wanted.remove("n");
            }
            assert_eq!(has, wanted, "{language}: {key}: {text}");
        }
    }
}

#[test]
fn what_the_program_says_as_a_label_is_in_the_table() {
    let english = table("en");
    let has = |key: String| assert!(english.contains_key(&key), "{key}");
    ReviewStage::ALL.iter().for_each(|it| assert_eq!(english[&format!("stage.{it}")], it.label()));
    for decision in [Decision::Reject, Decision::Defer, Decision::Return, Decision::Verdict] {
        for reason in Reason::of(decision) {
            assert_eq!(english[&format!("reason.{reason}")], reason.label());
        }
    }
    GapReason::ALL.iter().for_each(|it| has(format!("gap.{it}")));
    ExternalEvidenceKind::ALL.iter().for_each(|it| has(format!("kind.{it}")));
    EoCategory::ALL.iter().for_each(|it| has(format!("eo.{it}")));
    Threat::ALL.iter().for_each(|it| has(format!("threat.{it}")));
    Tier::ALL.iter().for_each(|it| has(format!("tier.{it}")));
    LandClass::ALL.iter().for_each(|it| has(format!("class.{it}")));
    for state in ["waiting", "deferred", "accepted", "rejected", "superseded", "verified"] {
        has(format!("state.{state}"));
    }
    [SamplePurpose::QualityControl, SamplePurpose::SecondLook]
        .iter()
        .for_each(|it| has(format!("sample.{it}")));
    [LotVerdict::Acceptable, LotVerdict::NotAcceptable, LotVerdict::Undecided]
        .iter()
        .for_each(|it| has(format!("sample.{it}")));
    let asked = ASSETS.iter().find(|asset| asset.name == "samples.js").unwrap();
    let asked = std::str::from_utf8(asked.bytes).unwrap();
    let nonconformities = [
        Nonconformity::CategoryWrong,
        Nonconformity::BoundaryCutsOffEvidence,
        Nonconformity::BoundaryTooWide,
        Nonconformity::FindMissed,
        Nonconformity::WrongRejection,
        Nonconformity::AttributeWrong,
        Nonconformity::PointRecordedAsArea,
    ];
    for one in nonconformities {
        has(format!("nonconformity.{one}"));
        assert!(asked.contains(&format!("\"{one}\"")), "{one}");
    }
    for found in [Found::Seen, Found::NotSeen, Found::Other] {
        has(format!("found.{found}"));
    }
    for one in [Severity::Minor, Severity::Major, Severity::Critical] {
        has(format!("severity.{one}"));
        assert!(asked.contains(&format!("\"{one}\"")), "{one}");
    }
    for kind in [Decision::Sample, Decision::Inspect, Decision::Correct, Decision::Observe] {
        has(format!("do.{kind}"));
    }
}

#[test]
fn what_is_wrong_with_a_drawing_is_in_the_table_as_the_server_says_it() {
    let english = table("en");
    let flaws = [
        Flaw::NoPolygon,
        Flaw::Empty,
        Flaw::TooManyVertices { vertices: 50_001, most: 50_000 },
        Flaw::NoPlace,
        Flaw::TooFewCorners,
        Flaw::Crosses,
        Flaw::CrossesByAHair,
        Flaw::LineTooShort,
        Flaw::NothingToMerge,
        Flaw::PartsDiffer { parts_m2: 1.25, whole_m2: 3.5 },
        Flaw::Geos { detail: "it is tired".into() },
    ];
    let warnings = [Warning::LongStretch { length_m: 6_000, most_m: 5_000 }, Warning::BeyondSurvey];
    let flaws = flaws.iter().map(|flaw| (serde_json::json!(flaw), flaw.to_string()));
    let warnings = warnings.iter().map(|it| (serde_json::json!(it), it.to_string()));
    let mut said = 0;
    for (coded, text) in flaws.chain(warnings) {
        let coded = coded.as_object().unwrap();
        let mut words = english[&format!("shape.{}", coded["code"].as_str().unwrap())].clone();
        for (name, value) in coded {
            let value = match value.as_f64().filter(|_| value.is_f64()) {
                Some(metres) => format!("{metres:.3}"),
                None => value.to_string().trim_matches('"').to_owned(),
            };
            words = words.replace(&format!("{{{name}}}"), &value);
        }
        assert_eq!(words, text);
        said += 1;
    }
    assert_eq!(english.keys().filter(|key| key.starts_with("shape.")).count(), said);
}

#[test]
fn each_class_of_the_shipped_models_and_each_indicator_is_in_the_table() {
    let english = table("en");
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let mut classes = 0;
    for model in ["earthworks", "surface-ordnance"] {
        let text = std::fs::read_to_string(models.join(model).join("model.toml")).unwrap();
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        for class in manifest["class"].as_array().unwrap() {
            let name = class["name"].as_str().unwrap();
            assert_eq!(Some(&*english[&format!("find.{name}")]), class["label"].as_str(), "{name}");
            classes += 1;
        }
    }
    assert_eq!(classes, 31);
    for indicator in Indicator::OF_PRESENCE {
        assert!(english.contains_key(&format!("find.{indicator}")), "{indicator}");
    }
}

#[test]
fn no_language_says_that_ground_may_be_walked_on() {
    for (language, _, forbidden) in LANGUAGES {
        for (key, text) in table(language) {
            // "Dangerous" has the word for "safe" in it.
            let said = text.to_lowercase().replace("небезпечн", "").replace("clearly", "");
            let found = forbidden.iter().find(|part| said.contains(*part));
            assert!(found.is_none(), "{language}: {key}: {text}");
        }
    }
}
