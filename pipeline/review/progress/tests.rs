//! The figures of a day, by hand.

use super::*;
use crate::book::Head;
use crate::fixture::{Case, square, survey, three, wkb};
use ReviewStage::{Analyst, Headquarters, Nts, Regional};
use rams_domain::{Reason, ReviewStage, Threat};

fn day(case: Case, day: &str) -> Progress {
    let Case { review, events, .. } = case;
    let head = Head { seq: events.len() as u64, hash: [1; 32] };
    let walk = Walk { review, head, events, begun: "2026-11-20T08:00:00.000Z".into() };
    of_day(day, &walk, &ReviewedSurvey::new(Arc::new(survey())))
}

#[test]
fn decisions_of_a_day_are_counted_with_what_waits_at_its_end() {
    let progress = day(three(), "2026-11-28");
    let decisions = [
        (Decision::Accept, 2),
        (Decision::Modify, 1),
        (Decision::Reject, 2),
        (Decision::Pass, 4),
        (Decision::Verdict, 2),
    ];
    assert_eq!(progress.decisions, BTreeMap::from(decisions));
    let waiting: Vec<_> = progress.stages.iter().map(|of| (of.stage, of.waiting)).collect();
    assert_eq!(waiting, [(Analyst, 0), (Nts, 1), (Regional, 0), (Headquarters, 0)]);
    assert_eq!(progress.stages[1].oldest_days, Some(0), "A0003 came to nts on the day");
    let reasons = BTreeMap::from([(Reason::NaturalObject, 1), (Reason::ManMadeObject, 1)]);
    assert_eq!(progress.reasons, BTreeMap::from([(Decision::Reject, reasons)]));
    // Eleven decisions with the item open for 36 s each.
    assert!((progress.seconds_open - 396.0).abs() < 1e-9, "{}", progress.seconds_open);
    assert_eq!((progress.second_looks, progress.agreed), (2, 2));
    // A0002 and A0003 are of high threat, A0001 of medium; all lie in the north.
    let [high, medium] = &progress.groups[..] else { panic!("{:?}", progress.groups) };
    let high = if high.threat == Threat::High { [high, medium] } else { [medium, high] };
    let [high, medium] = high;
    assert_eq!((high.waiting, medium.waiting), (1, 0));
    assert_eq!(high.decisions[&Decision::Reject], 2);
    let is_near = |found: f64, expected: f64| (found - expected).abs() < expected * 2e-3;
    // 20 m by 20 m became 30 m by 30 m.
    assert!(is_near(medium.modified_from_m2, 400.0) && is_near(medium.modified_to_m2, 900.0));
    assert!(is_near(medium.accepted_m2, 900.0), "once, though two people accepted it");
    assert!(is_near(high.accepted_m2, 400.0), "A0003");
}

#[test]
fn another_day_has_its_own_decisions_and_what_waits_grows_old() {
    let progress = day(three(), "2026-11-30");
    assert!(progress.decisions.is_empty() && progress.reasons.is_empty());
    assert_eq!(progress.second_looks, 0);
    assert_eq!(progress.stages[1].oldest_days, Some(2));
    // Nobody touched anything: all wait since the review was begun.
    let progress = day(Case::new(), "2026-11-30");
    let first = &progress.stages[0];
    assert_eq!((first.waiting, first.oldest_days), (3, Some(10)));
}

#[test]
fn what_was_undone_never_was_and_a_split_is_one_decision() {
    let mut case = Case::new();
    case.act("Ana", Analyst, Decision::Reject, "A0002");
    case.act("Ana", Analyst, Decision::Undo, "A0002");
    case.propose("Ana", Analyst, Decision::Split, "A0003", |proposal| {
        let parts = [square(200.0, 100.0, 15.0), square(215.0, 100.0, 5.0)];
        proposal.parts = parts.iter().map(wkb).collect();
    });
    let progress = day(case, "2026-11-28");
    assert_eq!(progress.decisions, BTreeMap::from([(Decision::Split, 1)]));
    assert!(progress.reasons.is_empty());
    // A0001, A0002 and the two parts.
    assert_eq!(progress.stages[0].waiting, 4);
}

#[test]
fn two_people_who_say_two_things_do_not_agree() {
    let mut case = Case::new();
    case.act("Ana", Analyst, Decision::Accept, "A0001");
    case.act("Ben", Nts, Decision::Reject, "A0001");
    let progress = day(case, "2026-11-28");
    assert_eq!((progress.second_looks, progress.agreed), (1, 0));
}
