//! What leaves a review, by hand: who accepted what, as they drew it.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use crate::fixture::{Case, square, survey, three, wkb};
use ReviewStage::{Analyst, Nts};
use rams_domain::{Reason, ReviewStage};

fn left_by(case: &Case, reached: Reached) -> ReviewOutcome {
    let survey = ReviewedSurvey::new(Arc::new(survey()));
    let mut rejections = Rejections::default();
    case.events.iter().for_each(|event| rejections.take(event));
    let Case { subject, review, .. } = case;
    let outcome = Outcome { survey: &survey, subject, review, rejections };
    outcome.of(reached, Head { seq: 9, hash: [0xab; 32] }).unwrap()
}

fn stated<'a>(outcome: &'a ReviewOutcome, name: &str) -> &'a str {
    &outcome.statements.iter().find(|(of, _)| *of == name).unwrap().1
}

#[test]
fn what_went_through_all_stages_leaves_as_people_drew_it() {
    let outcome = left_by(&three(), Reached::Verified);
    let [area] = &outcome.survey.hazard_areas[..] else { panic!("{outcome:?}") };
    assert_eq!((area.id, &area.boundary), (HazardAreaId(1), &square(0.0, 0.0, 30.0)));
    assert_eq!(area.features, [FeatureId(1)], "F000002 was not seen");
    assert_eq!(area.evidence, EvidenceKind::Direct, "F000001 is a visual observation");
    assert_eq!(outcome.areas[0].status, "accepted with another outline, verified");
    let seen: Vec<_> = outcome.features.iter().map(|feature| feature.verdict).collect();
    assert_eq!(seen, [Some(FeatureVerdict::Seen)]);
    let [rejected] = &outcome.rejected[..] else { panic!("{outcome:?}") };
    assert_eq!((rejected.item.as_str(), rejected.reason), ("A0002", Some(Reason::ManMadeObject)));
    assert_eq!(rejected.comment, "Ben says so");
    // 20 m by 20 m, in a zone that is true to a part in ten thousand.
    assert!((rejected.area_m2 - 400.0).abs() < 1.0, "{}", rejected.area_m2);
    // Its middle is 30 m east and 1,010 m north of 15 E on the equator.
    let at = (rejected.lonlat.x() - 15.0, rejected.lonlat.y());
    let expected = (30.0 / 111_319.49, 1_010.0 / 110_574.28);
    assert!((at.0 - expected.0).abs() < 1e-7 && (at.1 - expected.1).abs() < 1e-7, "{at:?}");
    assert_eq!(stated(&outcome, "areas left out, not decided or not that far"), "1 at nts");
    assert_eq!(stated(&outcome, "finds left out"), "3, of these not seen by people 1");
    assert_eq!(stated(&outcome, "head of the log"), "ab".repeat(32));
    assert_eq!(stated(&outcome, "events of the log"), "9");
}

#[test]
fn an_earlier_stage_lets_more_out_and_says_how_far_it_is() {
    let outcome = left_by(&three(), Reached::Stage(Nts));
    let areas: Vec<_> = outcome.areas.iter().map(|area| (&*area.item, &*area.status)).collect();
    let expected =
        [("A0001", "accepted with another outline, verified"), ("A0003", "accepted, nts")];
    assert_eq!(areas, expected);
    let area = &outcome.survey.hazard_areas[1];
    assert_eq!(area.evidence, EvidenceKind::Indirect, "nobody said that they see its find");
    assert_eq!(area.boundary, square(200.0, 100.0, 20.0));
    assert_eq!(stated(&outcome, "areas left out, not decided or not that far"), "none");
}

#[test]
fn parts_have_numbers_and_ids_of_their_own_that_never_change() {
    let split = || {
        let mut case = Case::new();
        case.verdict("F000004", "A0003", FeatureVerdict::Seen);
        case.propose("Ana", Analyst, Decision::Split, "A0003", |proposal| {
            // F000004 lies at (210, 110).
            let parts = [square(200.0, 100.0, 15.0), square(215.0, 100.0, 5.0)];
            proposal.parts = parts.iter().map(wkb).collect();
        });
        case.act("Ana", Analyst, Decision::Accept, "N0001");
        case
    };
    let outcome = left_by(&split(), Reached::Stage(Nts));
    let (area, said) = (&outcome.survey.hazard_areas[0], &outcome.areas[0]);
    assert_eq!((area.id, area.features.as_slice()), (HazardAreaId(4), &[FeatureId(4)][..]));
    assert_eq!((&*said.item, &said.parents[..]), ("N0001", &["A0003".to_owned()][..]));
    assert_eq!(area.evidence, EvidenceKind::Direct, "the parent's verdict goes along");
    assert_eq!(said.guid, "{C6937BEF-0188-C361-F523-9C7A6F25783B}");
    // A0001, A0002 and N0002 are undecided; A0003 is none of them: its parts took its place.
    assert_eq!(stated(&outcome, "areas left out, not decided or not that far"), "3 at analyst");
    let mut later = split();
    later.act("Ben", Nts, Decision::Accept, "N0001");
    let later = left_by(&later, Reached::Stage(Nts));
    assert_eq!((&later.areas[0].guid, later.survey.hazard_areas[0].id), (&said.guid, area.id));
}

#[test]
fn cluster_munition_remnants_are_never_a_perimeter() {
    let mut case = Case::new();
    case.propose("Ana", Analyst, Decision::Modify, "A0002", |proposal| {
        proposal.eo_category = Some(EoCategory::Cmr);
    });
    let outcome = left_by(&case, Reached::Stage(Nts));
    let area = &outcome.survey.hazard_areas[0];
    assert_eq!((area.eo_category, area.kind), (EoCategory::Cmr, AreaKind::Indicative));
    assert_eq!(outcome.survey.features[0].eo_category, EoCategory::Cmr, "its find is the record");
    assert_eq!(outcome.areas[0].status, "accepted with another category, nts");
}

#[test]
fn a_rejection_that_was_undone_is_none() {
    let mut case = Case::new();
    case.act("Ana", Analyst, Decision::Reject, "A0002");
    case.act("Ana", Analyst, Decision::Undo, "A0002");
    let outcome = left_by(&case, Reached::Stage(Analyst));
    assert!(outcome.rejected.is_empty() && outcome.areas.is_empty());
    assert_eq!(stated(&outcome, "areas left out, not decided or not that far"), "3 at analyst");
}
