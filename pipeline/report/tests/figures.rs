//! What shares and sums are of.

use super::fixture::{Made, full, square};
use super::{report, text};
use rams_domain::{EvidenceFileRecord, FileDigest, GapReason};

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
    other.id = rams_domain::HazardAreaId(2);
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
    assert_eq!(said, "1suspected hazardous areas, 1\u{202f}589 m²");
}
