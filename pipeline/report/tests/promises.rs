//! What a report may never do, whatever it is given.

use super::fixture::{Made, full, orthomosaic};
use super::{all, card, page_of, report, text, with_cards};
use crate::Card;
use crate::words::{grouped, percent};
use rams_domain::{DoctrineRef, EoCategory, GapReason, MetadataField, Notice, Subject, Survey};

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
    for known in &mut survey.external_evidence {
        (known.name, known.date, known.file) = (text(), text(), text());
    }
    for gap in &mut survey.gaps {
        (gap.orthomosaic, gap.detail, gap.classes) = (text(), text(), vec![text()]);
    }
    for seen in &mut survey.assessed {
        (seen.orthomosaic, seen.model, seen.classes) = (text(), text(), vec![text()]);
    }
    for field in MetadataField::ALL.into_iter().skip(1) {
        survey.metadata.state(field, hostile, hostile).unwrap();
    }
    survey.record.orthomosaics.push(orthomosaic(hostile, hostile));
    survey.record.timing.runs.push(hostile.into());
    survey.record.software.rams = hostile.into();
    survey.record.notices.push(Notice::new(Subject::File, hostile, hostile));
    survey
}

/// Everything that a reader reads of a page.
fn said(page: &scraper::Html) -> String {
    let labels = all(page, "[aria-label]")
        .into_iter()
        .filter_map(|it| it.attr("aria-label").map(str::to_owned));
    page.root_element().text().map(str::to_owned).chain(labels).collect::<Vec<_>>().join("\n")
}

#[test]
fn words_of_others_are_shown_as_they_were_given_and_our_own_promise_nothing() {
    let made = |text: &str| Card {
        text: format!(
            "# {text}\n\n| {text} |\n|---|\n| `{text}` |\n\n![{text}](safe.png)\n\n\
             <b>{text}</b>\n\n```\n{text}\n```\n\n[{text}](http://clear.example)"
        ),
        categories: vec![(text.into(), EoCategory::ApMine)],
        doubt: text.into(),
        ..card("m", "")
    };
    for given in [
        "task 4, cleared 2024",
        "Safed Koh, Clearwater",
        "Hadrut; Хутор Безпечний; Qızıl Kənd; \u{642}\u{631}\u{64a}\u{629}; \
         \u{1797}\u{17bc}\u{1798}\u{17b7}",
    ] {
        let page = with_cards(&filled(given), &[made(given)]);
        for place in [
            ".why",
            "table.areas",
            "#by-district",
            "#other-evidence",
            ".record",
            ".shares",
            ".card",
            "title",
            "header",
        ] {
            assert!(
                text(&page, place).contains(given),
                "{given:?} in {place}: {}",
                text(&page, place)
            );
        }
        assert!(
            text(&page, "#methods").contains(&format!("“{given} {given}”")),
            "in quotes within a sentence"
        );
        // What is left is ours.
        let ours = said(&page).replace(given, "").to_lowercase();
        for word in ["safe", "clear"] {
            let at = ours.find(word);
            assert_eq!(
                at.map(|at| ours[at.saturating_sub(60)..].chars().take(120).collect::<String>()),
                None,
                "{word}"
            );
        }
    }
}

#[test]
fn an_area_drawn_by_hand_says_so_and_no_more() {
    let mut survey = full();
    let area = &mut survey.hazard_areas[3];
    (area.rationale, area.confidence, area.buffer_m, area.link_m) = (String::new(), 0.0, 0.0, 0.0);
    area.doctrine =
        DoctrineRef { name: String::new(), version: String::new(), digest: String::new() };
    area.features.clear();
    let page = report(&survey);
    let sheet = text(&page, "article[data-area=A0004]");
    for said in ["Drawn by hand; no reason is given.", "Confidencenot stated", "Drawnby hand"] {
        assert!(sheet.contains(said), "{said}: {sheet}");
    }
    for unsaid in ["0.00", "doubtful", "Drawn around finds", "Doctrine"] {
        assert!(!sheet.contains(unsaid), "{unsaid}: {sheet}");
    }
    assert!(
        text(&page, "tr[data-area=A0004]").contains("Unassessed–"),
        "{}",
        text(&page, "tr[data-area=A0004]")
    );
}

#[test]
fn no_text_becomes_markup() {
    let hostile = "<script>x</script><b class=\"evil\">&amp;</b>\"'><i onload=x>";
    let card = || Card {
        doubt: hostile.into(),
        version: hostile.into(),
        place: hostile.into(),
        ..card(hostile, hostile)
    };
    let short = page_of(&filled(hostile), &[card()], false);
    assert!(all(&short, "script, .evil, [onload]").is_empty());
    let page = with_cards(&filled(hostile), &[card()]);
    for made in ["script", ".evil", "[onload]"] {
        assert!(all(&page, made).is_empty(), "{made}");
    }
    for place in [
        ".why",
        "table.areas",
        "#by-district",
        "#other-evidence",
        ".record",
        ".shares",
        ".card",
        "title",
        "header",
    ] {
        assert!(
            text(&page, place).contains("<b class=\"evil\">&amp;</b>\"'>"),
            "{place}: {}",
            text(&page, place)
        );
    }
    assert!(text(&page, "header").contains("Sea <&\"> grid"));
}

#[test]
fn nothing_is_fetched() {
    let card = card(
        "m",
        "![a](https://example.org/x.png) [b](https://example.org) <img \
         src=\"https://example.org/y.png\">",
    );
    let page = with_cards(&full(), &[card]);
    assert!(
        all(&page, "script, link, iframe, object, embed, video, audio, img, base, form").is_empty()
    );
    for element in all(&page, "[href], [src]") {
        let target = element.attr("href").or_else(|| element.attr("src")).unwrap();
        assert!(
            target.starts_with('#') || target.starts_with("data:image/jpeg;base64,"),
            "{target}"
        );
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
    assert_eq!(
        [0.0, 0.001, 0.5, 0.997, 1.0].map(percent),
        ["0 %", "under 1 %", "50 %", "over 99 %", "100 %"]
    );
}
