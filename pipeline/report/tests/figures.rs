//! What shares and sums are of.

use super::fixture::{Made, full, square};
use super::{all, report, text, values};
use geo::Rect;
use rams_domain::{EvidenceFileRecord, ExternalEvidenceKind, FileDigest, GapReason, HazardAreaId};

#[test]
fn with_a_limit_shares_are_of_the_ground_that_was_ordered() {
    let made = Made::new()
        .assessed("m", &["pfm-1"], 400.0)
        .gap("m", &["pfm-1"], GapReason::NoImagery, 550.0)
        .gap("m", &["pfm-1"], GapReason::Nodata, 50.0);
    let mut survey = made.survey;
    survey.record.evidence.push(EvidenceFileRecord {
        path: "limit.geojson".into(),
        outcome: Some("survey limit: 1 polygon, 1000.0 m²".into()),
        kept_out: 0,
        digest: FileDigest::Sha256("00".into()),
        is_limit: true,
    });
    let page = report(&survey);
    let alarm = text(&page, "main > header + .alarm");
    let said = "NOT ASSESSED: 60 % of the ground that was ordered, for pfm-1 (ordered, but no \
                image there)";
    assert!(alarm.contains(said), "{alarm}");
    let row = text(&page, ".shares tbody");
    assert!(row.contains("40 %"), "{row}");
    let told = text(&page, "#not-assessed");
    let said = "The limit of the survey covers 1\u{202f}000 m², of which 400 m² have an image. \
                Shares are of the ground that was ordered.";
    assert!(told.contains(said), "{told}");
}

#[test]
fn ground_on_which_areas_overlap_counts_once_in_the_headline() {
    let mut survey = full();
    survey.hazard_areas.truncate(1);
    let mut other = survey.hazard_areas[0].clone();
    other.id = HazardAreaId(2);
    for (area, x) in [(&mut survey.hazard_areas[0], 20.0), (&mut other, 40.0)] {
        area.boundary = square(x, 20.0, 40.0);
        area.area_m2 = survey.ground.area_m2(&area.boundary);
    }
    survey.hazard_areas.push(other);
    // 60 x 40 m of units that are a little less than a metre from south to north; 80 x 40 m.
    let said = text(&report(&survey), "#overview .figures li:first-child");
    let headline = "2suspected hazardous areas, 2\u{202f}384 m² \
                    (areas overlap: one by one 3\u{202f}179 m²)";
    assert_eq!(said, headline);
    survey.hazard_areas.pop();
    let said = text(&report(&survey), "#overview .figures li:first-child");
    assert_eq!(said, "1suspected hazardous area, 1\u{202f}589 m²");
}

#[test]
fn ground_and_finds_are_in_the_district_where_they_lie() {
    let mut survey = full();
    survey.hazard_areas.truncate(1);
    let area = &mut survey.hazard_areas[0];
    // Finds at 10, 20 ... 60; a quarter of the area lies in the west.
    (area.boundary, area.area_m2) = (square(15.0, 30.0, 40.0), 1600.0);
    area.district = "East".into();
    let border = |name: &str, west: f64, east: f64| {
        let mut known = full().external_evidence.remove(0);
        known.kind = ExternalEvidenceKind::District;
        known.name = name.into();
        known.geometry = Rect::new((west, 0.0), (east, 100.0)).to_polygon().into();
        known
    };
    survey.external_evidence =
        vec![border("East", 25.0, 55.0), border("North", 100.0, 200.0), border("West", 0.0, 25.0)];
    let page = report(&survey);
    let rows: Vec<(String, Vec<f64>)> = all(&page, "#by-district tbody tr, #by-district tfoot tr")
        .iter()
        .map(|row| (row.text().next().unwrap().to_owned(), values(row)))
        .collect();
    let expected = [
        // Areas, m² of perimeters, indications; AP, AV, CMR, UXO, other.
        ("East", vec![1.0, 1200.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0]),
        ("North", vec![0.0; 8]),
        ("West", vec![0.0, 400.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]),
        ("in no area", vec![0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        ("All", vec![1.0, 1600.0, 0.0, 2.0, 2.0, 1.0, 0.0, 1.0]),
    ];
    assert_eq!(rows, expected.map(|(name, row)| (name.to_owned(), row)));
}
