//! Profiles that can and cannot be used.

use super::*;
use rams_domain::AreaKind;

const BASELINE: &str = include_str!("../../../datasets/doctrine/baseline.toml");

fn error(from: &str, to: &str) -> String {
    assert!(BASELINE.contains(from), "the baseline no longer holds {from:?}");
    let parsed = Doctrine::parse(&BASELINE.replacen(from, to, 1), "mine.toml");
    parsed.expect_err("the profile is broken").to_string()
}

#[test]
fn the_baseline_is_valid_and_named() {
    let doctrine = Doctrine::baseline();
    assert_eq!(doctrine.reference.name, "baseline");
    assert_eq!(doctrine.reference.digest.len(), 64);
    assert_eq!(doctrine.category(EoCategory::ApMine).kind, AreaKind::Perimeter);
    for spot in [EoCategory::Cmr, EoCategory::Uxo] {
        assert_eq!(doctrine.category(spot).kind, AreaKind::Indicative, "no perimeter for {spot}");
    }
    // An indicator's own distances stand in place of the category's.
    let trench = doctrine.indicator_rule(EoCategory::Unknown, Indicator::TrenchFire);
    assert!(trench.link_m > doctrine.category(EoCategory::Unknown).link_m);
}

#[test]
fn the_second_example_is_valid_and_other_in_buffers_and_land_classes() {
    let text = include_str!("../../../datasets/doctrine/cautious.toml");
    let (cautious, baseline) =
        (Doctrine::parse(text, "cautious.toml").expect("it is valid"), Doctrine::baseline());
    assert_eq!(cautious.reference.name, "cautious");
    let buffer_m = |doctrine: &Doctrine| doctrine.category(EoCategory::ApMine).buffer_m;
    assert!(buffer_m(&cautious) > buffer_m(&baseline));
    assert!(cautious.sha.confidence < baseline.sha.confidence);
    let belt_m = |doctrine: &Doctrine| {
        doctrine.indicator_rule(EoCategory::Unknown, Indicator::TrenchFire).belt_m
    };
    assert!(belt_m(&cautious) > belt_m(&baseline));
    assert!(text.lines().all(|line| line.len() <= 110), "a person edits it");
}

#[test]
fn the_digest_is_that_of_the_text() {
    let changed = Doctrine::parse(&format!("{BASELINE}\n"), "mine.toml").expect("still valid");
    assert_ne!(changed.reference.digest, Doctrine::baseline().reference.digest);
    // Of the empty text, from FIPS 180-4 test vectors: the same function.
    assert!(format!("{:02x}", Sha256::digest(b"")[0]).starts_with("e3"));
}

#[test]
fn a_broken_profile_says_field_value_and_remedy() {
    assert_eq!(
        error(
            "[category.AP_MINE]\nkind = \"perimeter\"\nbuffer_m = 5.0",
            "[category.AP_MINE]\nkind = \"perimeter\"\nbuffer_m = -5.0"
        ),
        "cannot use doctrine mine.toml: category.AP_MINE.buffer_m is -5, give metres above 0, for \
         example 5"
    );
    assert_eq!(
        error("name = \"baseline\"", "name = \" \""),
        "cannot use doctrine mine.toml: name is \" \", give a short text, since every area carries \
         it"
    );
    assert_eq!(
        error("simplify_m = 0.05", "simplify_m = 3.0"),
        "cannot use doctrine mine.toml: category.AP_MINE.buffer_m is 5, give at least twice \
         simplify_m"
    );
    assert!(error("buffer_m = 5.0", "buffer_m = nan").contains("buffer_m is NaN"));
    assert!(error("link_m = 25.0", "link_m = inf").contains("link_m is inf"));
    assert!(error("min_confidence = ", "min_confidence = 7").contains("probability"));
    assert!(
        error("high = 0.5, medium = 0.1", "high = 0.5, medium = 0.6")
            .contains("threat.medium is 0.6, give a probability above 0")
    );
    assert!(
        error("independent_signs = 0.05", "independent_signs = 0.5")
            .contains("sha.independent_signs is 0.5, give a probability from 0 to confidence")
    );
    assert!(
        error("weights = [1.0, 0.75", "weights = [1.0, 1.75")
            .contains("belt.weights is [1.0, 1.75, 0.5, 0.25], give weights that fall")
    );
    assert!(error("floor = 0.9", "floor = 0.99").contains("report.accident.floor is 0.99"));
    assert!(error("doubtful = 0.3", "doubtful = -0.3").contains("scattered.doubtful is -0.3"));
    assert!(error("irregular = 0.35", "irregular = 0.0").contains("row.irregular is 0"));
    assert!(error("link_m = 25.0", "link = 25.0").contains("unknown field `link`"));
    assert!(error("kind = \"perimeter\"", "kind = \"cha\"").contains("unknown variant `cha`"));
    assert!(
        error("[category.AV_MINE]", "[category.AV_MINES]").contains("unknown variant `AV_MINES`")
    );
    let (head, _) = BASELINE.split_once("[category.UNKNOWN]").expect("the last category");
    assert_eq!(
        Doctrine::parse(head, "mine.toml").expect_err("one is missing").to_string(),
        "cannot use doctrine mine.toml: no rule for UNKNOWN, add a section [category.UNKNOWN]"
    );
    assert_eq!(
        error("[report.witness]", "[report.district]"),
        "cannot use doctrine mine.toml: no rule for witness, add a section [report.witness]"
    );
    assert_eq!(
        error("odds = 0.5", "odds = 0.0"),
        "cannot use doctrine mine.toml: land_use.cultivated.odds is 0, give a factor above 0 and \
         up to 1: use lowers, it never cancels"
    );
    assert_eq!(
        error("belt_m = 120.0", "belt_m = 4.0"),
        "cannot use doctrine mine.toml: category.UNKNOWN.indicator.trench_fire.belt_m is 4, give \
         metres above buffer_m, or nothing for what has no belt"
    );
    assert_eq!(
        error("fade_out_m = 50.0\n", ""),
        "cannot use doctrine mine.toml: category.CMR.fade_out_m is not given, give metres above 0 \
         for `indicative`, and none for `perimeter`"
    );
    assert!(
        error("spacing_m = [0.8, 6.0]", "spacing_m = [6.0, 0.8]")
            .contains("row.spacing_m is [6.0, 0.8]")
    );
    assert!(
        error("[front]\n", "[front]\nrows = { mines = 4.0, share = 0.5 }\n")
            .contains("front.rows.share is 0.5, give a share above 0.5")
    );
    assert!(
        error("draw_confidence = 0.2", "draw_confidence = 0.9")
            .contains("a probability from 0 to min_confidence")
    );
}
