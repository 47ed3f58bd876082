//! The report of surveys made by hand, parsed as a browser parses it.
#![allow(clippy::unwrap_used)] // a test may panic

mod field_sheet;
mod figures;
mod fixture;
mod maps;
mod others;
mod promises;

use crate::{Card, Report};
use fixture::{Made, area, finds};
use rams_domain::{
    AreaKind, EoCategory, GapReason, IndicationBelt, LandClass, LeftOut, MetadataField, Survey,
    Threat,
};
use scraper::{ElementRef, Html, Selector};

/// The report of a survey, without pictures.
fn report(survey: &Survey) -> Html {
    with_cards(survey, &[])
}

fn with_cards(survey: &Survey, cards: &[Card]) -> Html {
    page_of(survey, cards, true)
}

fn page_of(survey: &Survey, cards: &[Card], has_full_cards: bool) -> Html {
    let none = ["ortho.tif is not there".to_owned()];
    let colour = |_: &str| [10, 20, 30];
    let report = Report { survey, colour, cards, has_full_cards, no_pictures: &none };
    let page = Html::parse_document(&report.to_html(&mut |_| vec![]));
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    page
}

/// A card of a model of version 1.2.
fn card(model: &str, text: &str) -> Card {
    Card {
        model: model.into(),
        version: "1.2".into(),
        sha256: "ab12".into(),
        place: "models/m/CARD.md".into(),
        text: text.into(),
        categories: vec![],
        doubt: String::new(),
    }
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

/// What a reader reads of some elements.
fn text(page: &Html, selector: &str) -> String {
    all(page, selector).iter().flat_map(|element| element.text()).collect()
}

/// Exact numbers of the cells of a row.
fn values(row: &ElementRef<'_>) -> Vec<f64> {
    let data = Selector::parse("data").unwrap();
    row.select(&data).map(|data| data.attr("value").unwrap().parse().unwrap()).collect()
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.002, "{found} is not {expected}");
}

#[test]
fn totals_are_those_of_the_survey() {
    let survey = fixture::full();
    let page = report(&survey);
    let sum = |class: LandClass, kind: AreaKind| -> f64 {
        let of = survey.hazard_areas.iter().filter(|area| area.land_class == class);
        of.filter(|area| area.kind == kind).map(|area| area.area_m2).sum()
    };
    let (sha, indication) = (LandClass::Sha, LandClass::Indication);
    let perimeter = AreaKind::Perimeter;
    let districts = all(&page, "#by-district tbody tr");
    assert_eq!(districts.len(), 3, "two districts, and finds in no area");
    let total = values(&all(&page, "#by-district tfoot tr")[0]);
    near(total[0], survey.hazard_areas.len() as f64 - 1.0);
    near(total[1], sum(sha, perimeter));
    near(total[2], 1.0);
    near(total[3..].iter().sum(), survey.features.len() as f64);
    for (column, total) in total.iter().enumerate() {
        near(districts.iter().map(|row| values(row)[column]).sum(), *total);
    }
    for (body, class, kind) in [
        ("sha", sha, perimeter),
        ("indicative", sha, AreaKind::Indicative),
        ("indications", indication, perimeter),
    ] {
        let rows = all(&page, &format!("#by-category tbody.{body} tr:not(.sum):not(.band)"));
        near(rows.iter().map(|row| values(row)[1]).sum(), sum(class, kind));
        near(rows.iter().flat_map(|row| values(row)[2..].to_vec()).sum(), sum(class, kind));
    }
}

#[test]
fn each_area_is_in_the_table_and_the_gravest_in_detail() {
    let mut survey = fixture::full();
    for id in 10..40 {
        survey.hazard_areas.push(area(
            id,
            AreaKind::Perimeter,
            EoCategory::AvMine,
            Threat::Low,
            12.5,
            &[],
        ));
    }
    let page = report(&survey);
    for area in &survey.hazard_areas {
        let id = area.id.to_string();
        assert_eq!(all(&page, &format!("table.areas tr[data-area={id}]")).len(), 1, "{id}");
    }
    let detailed: Vec<_> =
        all(&page, "article.area").iter().map(|sheet| sheet.attr("id").unwrap()).collect();
    assert_eq!(detailed.len(), 20);
    assert_eq!(detailed[..3], ["A0001", "A0002", "A0004"], "high, medium, unassessed, then low");
    let said = text(&page, "#details");
    assert!(said.contains("The 20 gravest areas") && said.contains("The other 14 areas"), "{said}");
    // The links of the table lead somewhere.
    for link in all(&page, "table.areas a") {
        assert_eq!(all(&page, link.attr("href").unwrap()).len(), 1);
    }
}

#[test]
fn an_area_says_all_that_is_known_of_it() {
    let mut survey = fixture::full();
    survey.hazard_areas[0].front_deg = Some(100.0);
    survey.hazard_areas[0].rows = 2;
    let page = report(&survey);
    let sheet = text(&page, "#A0001");
    for said in [
        "Anti-personnel mines (AP)",
        "High",
        "2 pfm-1 in a row",
        "0.80 · likely",
        "suspected hazardous area (candidate)",
        "400 m²",
        "75 % of it; the rest was not seen",
        "2 recognised",
        "defences face 100° (east)",
        "5 m, joined up to 25 m",
        "baseline 2026.2",
        "North",
        "0.0",
        "F000001 · 12 × 6 cm",
        "pfm-1 0.90 · very likely",
    ] {
        assert!(sheet.contains(said), "{said} in {sheet}");
    }
    assert!(!sheet.contains("Evidence points"));
    assert!(text(&page, "#A0003").contains("An indication, not a suspected hazardous area."));
    let envelope = text(&page, "#A0002");
    assert!(
        envelope.contains("Evidence points, not a perimeter.")
            && envelope.contains("50 m (the fade-out distance)")
    );
}

#[test]
fn chips_are_of_the_strongest_finds() {
    let mut survey = Made::new().survey;
    survey.features = finds(9);
    survey.hazard_areas = vec![area(
        1,
        AreaKind::Perimeter,
        EoCategory::ApMine,
        Threat::High,
        100.0,
        &[1, 2, 3, 4, 5, 6, 7, 8, 9],
    )];
    let page = report(&survey);
    let chips: Vec<String> =
        all(&page, ".chip .quiet").iter().map(|it| it.text().collect()).collect();
    let ids: Vec<_> = chips
        .iter()
        .filter_map(|it| it.split(' ').next().filter(|it| it.starts_with('F')))
        .collect();
    assert_eq!(ids, ["F000009", "F000008", "F000007", "F000006", "F000005", "F000004"]);
    assert!(text(&page, "#A0001").contains("The 6 strongest of its 9 finds"));
}

#[test]
fn other_evidence_is_a_table() {
    let page = report(&fixture::full());
    let rows = text(&page, "#other-evidence tbody");
    for said in [
        "K0001",
        "Accident",
        "AP",
        "B2",
        "2024-05-01",
        "A0001",
        "K0002",
        "Released by the authority",
    ] {
        assert!(rows.contains(said), "{said} in {rows}");
    }
    let none = text(&report(&Made::new().survey), "#other-evidence");
    assert!(none.contains("No other evidence was given"));
}

#[test]
fn what_was_not_assessed_comes_before_what_was_found() {
    let page = report(&fixture::full());
    let order: Vec<_> =
        all(&page, "section").iter().map(|section| section.attr("id").unwrap()).collect();
    let expected = [
        "overview",
        "not-assessed",
        "areas",
        "details",
        "other-evidence",
        "methods",
        "limits",
        "models",
    ];
    assert_eq!(order, expected);
}

#[test]
fn sections_are_counted_and_spoken_of_by_their_numbers() {
    let page = report(&fixture::full());
    let numbers: Vec<String> = all(&page, "section > h2")
        .iter()
        .map(|heading| heading.text().next().unwrap().to_owned())
        .collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert!(text(&page, "#not-assessed > h2").starts_with('2'));
    assert!(text(&page, "#overview .notice").contains("was not assessed is in section 2."));
    assert!(text(&page, "#other-evidence > h2").starts_with('5'));
    assert!(text(&page, "#A0001 .facts").contains("(section 5)"));
    // A section that is left out keeps its number.
    let empty = report(&Made::new().survey);
    assert!(all(&empty, "#details").is_empty());
    assert!(text(&empty, "#other-evidence > h2").starts_with('5'));
}

#[test]
fn shares_are_of_ground_with_an_image() {
    // 1000 m2, 200 m2 of them without image, 600 assessed for a, 500 for b.
    let made = Made::new()
        .assessed("m", &["a", "b"], 500.0)
        .assessed("m", &["a"], 100.0)
        .gap("m", &["a", "b"], GapReason::Nodata, 200.0)
        .gap("m", &["a", "b"], GapReason::Unreadable, 200.0)
        .gap("m", &["b"], GapReason::ModelFailed, 100.0)
        .gap("", &["berm"], GapReason::NoModel, 1000.0);
    let page = report(&made.survey);
    let rows = all(&page, "table.shares tbody tr");
    assert_eq!(rows.len(), 2);
    let said: Vec<String> = rows.iter().map(|row| row.text().collect()).collect();
    assert!(
        said[0].contains("b by m") && said[0].contains("62 %") && said[0].contains("500"),
        "{}",
        said[0]
    );
    assert!(
        said[1].contains("a by m") && said[1].contains("75 %") && said[1].contains("600"),
        "{}",
        said[1]
    );
    assert_eq!(values(&rows[0]), [500.0, 200.0, 200.0, 100.0]);
    assert!(text(&page, ".nobody").contains("berm"));
    assert!(all(&page, ".alarm").is_empty());
}

#[test]
fn ground_that_was_mostly_not_assessed_is_said_in_large_letters_first() {
    let forest = Made::new()
        .assessed("mines", &["pfm-1"], 100.0)
        .gap("mines", &["pfm-1"], GapReason::Unreadable, 700.0)
        .gap("mines", &["pfm-1"], GapReason::Nodata, 200.0)
        .assessed("works", &["trench_fire"], 800.0)
        .gap("works", &["trench_fire"], GapReason::Nodata, 200.0);
    let page = report(&forest.survey);
    let alarm = text(&page, "main > header + .alarm");
    assert!(
        alarm.contains("Most of this ground was not assessed for part of what was looked for"),
        "{alarm}"
    );
    assert!(
        alarm.contains(
            "NOT ASSESSED: 88 % of the ground, for pfm-1 (the file could not be read there)"
        ),
        "{alarm}"
    );
    assert!(!alarm.contains("trench"), "{alarm}");
}

#[test]
fn pixels_too_large_for_mines_are_said_in_large_letters() {
    let coarse = Made::new()
        .gap("mines", &["pfm-1", "tm-62m"], GapReason::GsdTooCoarse, 1000.0)
        .assessed("works", &["berm"], 1000.0);
    let alarm = text(&report(&coarse.survey), ".alarm");
    assert!(
        alarm.contains("100 % of the ground, for pfm-1, tm-62m (pixels too large for it)"),
        "{alarm}"
    );
    let row = text(&report(&coarse.survey), ".shares tbody tr:first-child");
    assert!(row.contains("0 %") && !row.contains("-0") && !row.contains('−'), "{row}");
}

#[test]
fn a_survey_without_any_model_is_alarming() {
    let alarm =
        text(&report(&Made::new().gap("", &["berm"], GapReason::NoModel, 1000.0).survey), ".alarm");
    assert!(alarm.contains("No model looked at any of it."), "{alarm}");
}

#[test]
fn classes_are_told_by_what_they_point_to() {
    let survey = Made::new().assessed("m", &["berm", "pfm-1", "pmn-2", "tm-62m"], 1000.0).survey;
    let category = |class: &str, category| (class.to_owned(), category);
    let categories = vec![
        category("pfm-1", EoCategory::ApMine),
        category("pmn-2", EoCategory::ApMine),
        category("berm", EoCategory::Unknown),
        category("tm-62m", EoCategory::AvMine),
    ];
    let card = Card { categories, ..card("m", "# m") };
    let row = text(&with_cards(&survey, &[card]), ".shares tbody");
    let said =
        "berm; Anti-personnel mines (AP): pfm-1, pmn-2; Anti-vehicle mines (AV): tm-62m by m";
    assert!(row.contains(said), "{row}");
}

#[test]
fn a_card_is_a_line_unless_it_is_asked_for() {
    let doubted = Card { doubt: "of another version".into(), ..card("other", "# Other") };
    let cards = [card("m", "# Mines\n\nIt misses a fifth."), doubted];
    let page = page_of(&fixture::full(), &cards, false);
    let said = text(&page, "#models");
    for line in ["m 1.2 sha256 ab12", "Card: models/m/CARD.md", "of another version"] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("It misses a fifth") && all(&page, ".card").is_empty(), "{said}");
    let full = text(&page_of(&fixture::full(), &cards, true), "#models");
    assert!(full.contains("It misses a fifth"), "{full}");
}

#[test]
fn the_first_page_says_who_surveyed_when_and_where_and_what_nobody_stated() {
    let mut survey = fixture::full();
    survey.record.timing.runs = vec!["2026-06-01T10:00:00Z".into()];
    let header = text(&report(&survey), "header");
    let said = "Not statedflight dates, organisation (minimum data of a contaminated area, GICHD \
                2018); operator, task, country, province, district, nearest place, land use, contact";
    assert!(header.contains(said), "{header}");
    assert!(header.contains("Analysed2026-06-01 10:00:00 UTC"), "{header}");

    let source = "TIFFTAG_DATETIME of a.tif, perhaps the day of its processing";
    survey.metadata.state(MetadataField::FlightDates, "2026-05-14", source).unwrap();
    for field in MetadataField::ALL.into_iter().skip(1) {
        survey.metadata.state(field, &format!("<{field}>"), "demo/survey.toml").unwrap();
    }
    let header = text(&report(&survey), "header");
    for said in [
        "Flight dates2026-05-14",
        "Nearest place<nearest_place>",
        &format!("Stated by{source}: flight dates"),
        "demo/survey.toml: organisation, operator, task,",
    ] {
        assert!(header.contains(said), "{said}: {header}");
    }
    assert!(!header.contains("Not stated"), "{header}");
}

#[test]
fn what_is_left_out_is_counted_and_belts_are_drawn() {
    let mut survey = fixture::full();
    assert!(all(&report(&survey), "p.left-out").is_empty());
    survey.record.left_out = LeftOut { min_confidence: 0.3, areas: 7 };
    let boundary = survey.hazard_areas[0].boundary.clone();
    survey.indication_belts = [(0.0, 1.0), (30.0, 0.5)]
        .map(|(from_m, weight)| IndicationBelt {
            area: survey.hazard_areas[2].id,
            from_m,
            to_m: from_m + 30.0,
            weight,
            front_unknown: true,
            boundary: boundary.clone(),
        })
        .into();
    let page = report(&survey);
    let said = text(&page, "p.left-out");
    assert!(said.starts_with("7 areas of a confidence below 0.3 left out."), "{said}");
    let bands = all(&page, "figure.overview path.belt");
    let opacity: Vec<_> =
        bands.iter().map(|band| band.attr("fill-opacity").unwrap().to_owned()).collect();
    // The last is that of the legend.
    assert_eq!(opacity, ["0.30", "0.15", "0.30"]);
}
