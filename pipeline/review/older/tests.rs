//! What an older survey says of squares of 20 m: A0001 and A0002 side by side, A0003 apart.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use crate::fixture::{Case, square, survey};
use rams_domain::ReviewStage;

fn decided(item: &str, disposition: Disposition, boundary: MultiPolygon) -> Decided {
    let older = OlderDecision {
        survey_sha256: "01d".into(),
        item: item.into(),
        disposition,
        reached: Reached::Verified,
        who: "Ben".into(),
        at_utc: "2025-05-04T10:00:00.000Z".into(),
        reason: None,
        comment: String::new(),
        iou: 0.0,
    };
    Decided { older, decision: format!("d {item}"), eo_category: EoCategory::ApMine, boundary }
}

fn noted(case: &Case, decided: &[Decided]) -> (Vec<Proposal>, OlderOutcome) {
    let notes = Notes { survey: ReviewedSurvey::new(Arc::new(survey())), reviewer: Some("Ana") };
    notes.of(&case.review, decided, Path::new("older")).unwrap()
}

#[test]
fn each_is_told_where_it_lies_and_what_is_lost_waits() {
    use Disposition::{Accepted, Rejected};
    let mut case = Case::new();
    let all = [
        // Half of it in each of both: 200 m² of 600.
        decided("O1", Accepted, square(10.0, 0.0, 20.0)),
        // The same as one; the other it only touches.
        decided("O2", Accepted, square(0.0, 0.0, 20.0)),
        decided("O3", Accepted, square(100.0, 100.0, 20.0)),
        decided("O4", Accepted, square(-500.0, -500.0, 20.0)),
        // 200 m² of its 1,600.
        decided("O5", Accepted, square(210.0, 100.0, 40.0)),
        decided("O6", Rejected, square(300.0, 200.0, 20.0)),
    ];
    let (proposals, outcome) = noted(&case, &all);
    assert_eq!(outcome.noted.iter().collect::<Vec<_>>(), ["A0001", "A0002", "A0003"]);
    assert_eq!((outcome.not_found.len(), outcome.beyond.len()), (1, 1), "{outcome}");
    assert_eq!((&*outcome.not_found[0], &*outcome.beyond[0]), ("O3", "O4"));
    let [(item, share)] = &outcome.partly[..] else { panic!("{outcome}") };
    assert!(item == "O5" && (share - 0.125).abs() < 1e-9, "{outcome}");
    let said = |proposal: &Proposal| {
        let older = proposal.detail.older.as_ref().unwrap();
        let is_proposed = proposal.comment.contains("proposed: accepted as there");
        (proposal.item.clone(), older.item.clone(), (older.iou * 1e4).round() / 1e4, is_proposed)
    };
    let of = |item: &str, older: &str, iou: f64, is_proposed: bool| {
        (item.to_owned(), older.to_owned(), iou, is_proposed)
    };
    let expected = [
        of("A0001", "O1", 0.3333, false),
        of("A0002", "O1", 0.3333, false),
        of("A0001", "O2", 1.0, true),
        of("", "O3", 0.0, false),
        of("A0003", "O5", 0.1111, false),
    ];
    assert_eq!(proposals.iter().map(said).collect::<Vec<_>>(), expected);

    for proposal in proposals {
        for event in case.review.decide(&proposal).unwrap() {
            case.review.apply(&event).unwrap();
        }
    }
    for item in ["A0001", "A0002", "A0003", "N0001"] {
        let item = case.review.item(item).unwrap();
        assert_eq!(item.standing().to_string(), "analyst waiting");
        assert!(item.barred("Ana", ReviewStage::Nts).is_none(), "nobody acted on it");
    }
    let (again, outcome) = noted(&case, &all);
    assert!(again.is_empty() && outcome.not_found.is_empty(), "{outcome}");
    assert_eq!(outcome.repeated, 5);
}
