//! What a report may never do, whatever it is given.

use super::fixture::{Made, full};
use super::{all, report, text, with_cards};
use crate::Card;
use crate::words::{grouped, mask, percent};
use rams_domain::{EoCategory, GapReason, Survey};

/// A survey in which every text that others chose is `hostile`.
fn filled(hostile: &str) -> Survey {
    let mut survey = full();
    let text = || hostile.to_owned();
    for area in &mut survey.hazard_areas {
        (area.rationale, area.district) = (text(), text());
        (area.doctrine.name, area.doctrine.version) = (text(), text());
    }
    for feature in &mut survey.features {
        (feature.class, feature.model, feature.orthomosaic) = (text(), text(), text());
    }
    for known in &mut survey.known {
        (known.name, known.date, known.file) = (text(), text(), text());
    }
    for gap in &mut survey.gaps {
        (gap.orthomosaic, gap.detail, gap.classes) = (text(), text(), vec![text()]);
    }
    for seen in &mut survey.assessed {
        (seen.orthomosaic, seen.model, seen.classes) = (text(), text(), vec![text()]);
    }
    survey.record.add("orthomosaic", &format!("{hostile}: path"), hostile);
    survey.record.add("time", "started", hostile);
    survey.record.add("software", "rams", hostile);
    survey.record.add(hostile, hostile, hostile);
    survey
}

#[test]
fn no_text_makes_it_promise_anything() {
    let hostile = "Safe area, cleared 2024; SAFETY all-clear_zone";
    let card = |text: &str, doubt: &str| Card {
        model: "m".into(),
        text: text.into(),
        categories: vec![(hostile.into(), EoCategory::ApMine)],
        doubt: doubt.into(),
    };
    let cards = [card(
        &format!(
            "# {hostile}\n\n| {hostile} |\n|---|\n| `{hostile}` |\n\n![{hostile}](safe.png)\n\n<b>{hostile}</b>\n\n```\n{hostile}\n```\n\n[{hostile}](http://clear.example)"
        ),
        hostile,
    )];
    let page = with_cards(&filled(hostile), &cards);
    let said = page.root_element().text().collect::<String>().to_lowercase();
    let labels: String = all(&page, "[aria-label]").iter().map(|it| it.attr("aria-label").unwrap()).collect();
    for word in ["safe", "clear"] {
        for text in [&said, &labels.to_lowercase()] {
            let at = text.find(word);
            assert!(
                at.is_none(),
                "{word}: {:?}",
                at.map(|at| text[at.saturating_sub(60)..].chars().take(120).collect::<String>())
            );
        }
    }
    assert!(said.contains("[…] area, […] 2024"));
}

#[test]
fn words_are_masked_whole() {
    assert_eq!(mask("the Clearance of nuclear_site-3 is unsafe"), "the […] of […]_site-3 is […]");
    assert_eq!(mask("sa fe, cle ar, Ärger"), "sa fe, cle ar, Ärger");
}

#[test]
fn no_text_becomes_markup() {
    let hostile = "<script>x</script><b class=\"evil\">&amp;</b>\"'><i onload=x>";
    let card = Card { model: hostile.into(), text: hostile.into(), categories: vec![], doubt: hostile.into() };
    let page = with_cards(&filled(hostile), &[card]);
    for made in ["script", ".evil", "[onload]"] {
        assert!(all(&page, made).is_empty(), "{made}");
    }
    for place in
        [".why", "table.areas", "#by-district", "#other-evidence", ".record", ".shares", ".card", "title", "header"]
    {
        assert!(text(&page, place).contains("<b class=\"evil\">&amp;</b>\"'>"), "{place}: {}", text(&page, place));
    }
    assert!(text(&page, "header").contains("Sea <&\"> grid"));
}

#[test]
fn nothing_is_fetched() {
    let card = Card {
        model: "m".into(),
        text: "![a](https://example.org/x.png) [b](https://example.org) <img src=\"https://example.org/y.png\">".into(),
        categories: vec![],
        doubt: String::new(),
    };
    let page = with_cards(&full(), &[card]);
    assert!(all(&page, "script, link, iframe, object, embed, video, audio, img, base, form").is_empty());
    for element in all(&page, "[href], [src]") {
        let target = element.attr("href").or_else(|| element.attr("src")).unwrap();
        assert!(target.starts_with('#') || target.starts_with("data:image/jpeg;base64,"), "{target}");
    }
    assert!(!text(&page, "style").contains("url(") && !text(&page, "style").contains("@import"));
    assert!(text(&page, ".card").contains("(picture in the folder of the model: a)"));
}

#[test]
fn an_empty_survey_does_not_say_that_there_is_nothing() {
    let page = report(&Made::new().assessed("m", &["pfm-1"], 1000.0).survey);
    assert!(text(&page, "#overview").contains("This does not mean that there is nothing."));
    assert!(text(&page, "#areas").contains("This does not mean that there is nothing."));
    assert!(text(&page, "#models").contains("No card of a model was at hand."));
    assert!(text(&page, ".overview").contains("Without the imagery: ortho.tif is not there."));
}

#[test]
fn an_unknown_reason_is_named_by_its_own_word() {
    let page = report(&Made::new().gap("m", &["a"], GapReason::Interrupted, 10.0).survey);
    assert!(text(&page, ".shares").contains("the run was stopped before"));
}

#[test]
fn numbers_round_to_nothing_more_than_they_are() {
    assert_eq!(grouped(1_234_567.0, 0), "1\u{202f}234\u{202f}567");
    assert_eq!(grouped(999.94, 1), "999.9");
    assert_eq!([0.0, 0.001, 0.5, 0.997, 1.0].map(percent), ["0 %", "under 1 %", "50 %", "over 99 %", "100 %"]);
}
