//! Two logs of one survey, by hand.
#![allow(clippy::unwrap_used)] // a test may panic

use super::merge::Merge;
use super::outcome::LogOutcome;
use crate::book::{Head, Walk};
use crate::fixture::{Case, square, wkb};
use Decision::{Accept, Comment, Defer, Merge as Join, Modify, Pass, Reject, Return, Split, Undo};
use ReviewStage::{Analyst, Headquarters, Nts, Regional};
use rams_domain::{Decision, FeatureVerdict, Review, ReviewStage};
use std::path::Path;

fn walk(case: &Case) -> Walk {
    let head = Head { seq: case.events.len() as u64, hash: [0xab; 32] };
    let (review, events) = (case.review.clone(), case.events.clone());
    Walk { review, head, events, begun: String::new() }
}

/// Takes another log in, twice: the second time nothing comes of it.
fn merged(ours: &Case, theirs: &Case) -> (Review, LogOutcome) {
    let one = |ours: &Case| {
        let (our_walk, their_walk) = (walk(ours), walk(theirs));
        let stages = ReviewStage::ALL.to_vec();
        let merge = Merge::new(&ours.subject, &our_walk, &their_walk, "Ilaha", stages);
        let (proposals, outcome) = merge.of(Path::new("there.db")).unwrap();
        let mut case =
            Case { review: ours.review.clone(), events: ours.events.clone(), ..Case::new() };
        for proposal in proposals {
            for event in case.review.decide(&proposal).unwrap() {
                case.review.apply(&event).unwrap();
                case.events.push(event);
            }
        }
        (case, outcome)
    };
    let (case, outcome) = one(ours);
    let (again, nothing) = one(&case);
    assert_eq!(again.review, case.review);
    assert!(nothing.taken.is_empty() && nothing.conflicts.is_empty(), "{nothing}");
    (case.review, outcome)
}

fn stands(review: &Review, id: &str) -> String {
    let item = review.item(id).unwrap();
    format!("{} v{}", item.standing(), item.version)
}

fn split(case: &mut Case, who: &str, item: &str) {
    case.propose(who, Analyst, Split, item, |proposal| {
        proposal.parts = vec![wkb(&square(200.0, 100.0, 10.0)), wkb(&square(210.0, 110.0, 10.0))];
    });
}

#[test]
fn what_was_made_there_gets_another_id_where_ours_is_taken() {
    let (mut ours, mut theirs) = (Case::new(), Case::new());
    ours.propose("Ana", Analyst, Join, "A0001", |proposal| {
        proposal.others = vec![("A0002".into(), 1)];
        proposal.boundary = Some(wkb(&square(0.0, 0.0, 40.0)));
    });
    assert_eq!(stands(&ours.review, "N0001"), "analyst waiting v1");
    split(&mut theirs, "Eve", "A0003");
    theirs.act("Eve", Analyst, Reject, "N0001");
    theirs.act("Eve", Analyst, Accept, "N0002");
    theirs.act("Ben", Nts, Accept, "N0002");
    let (review, outcome) = merged(&ours, &theirs);
    assert_eq!(outcome.taken.values().sum::<usize>(), 4, "{outcome}");
    assert_eq!(stands(&review, "N0001"), "analyst waiting v1", "ours is left alone");
    assert_eq!(stands(&review, "A0003"), "analyst superseded v2");
    assert_eq!(stands(&review, "N0002"), "nts waiting rejected v2");
    assert_eq!(stands(&review, "N0003"), "regional waiting accepted v3");
    assert_eq!(review.item("N0003").unwrap().parents, ["A0003"]);
    assert_eq!(
        review.item("N0003").unwrap().boundary(),
        theirs.review.item("N0002").unwrap().boundary()
    );
}

#[test]
fn each_kind_of_decision_is_taken_as_it_was_made() {
    let mut theirs = Case::new();
    theirs.verdict("F000001", "A0001", FeatureVerdict::Seen);
    theirs.propose("Ana", Analyst, Modify, "A0001", |proposal| {
        proposal.boundary = Some(wkb(&square(0.0, 0.0, 30.0)));
    });
    theirs.act("Ana", Analyst, Accept, "A0002");
    theirs.act("Ana", Analyst, Undo, "A0002");
    theirs.act("Ana", Analyst, Defer, "A0002");
    theirs.act("Ben", Nts, Return, "A0001");
    theirs.act("Ben", Nts, Comment, "A0003");
    // The same outline again is drawn, too.
    theirs.propose("Ana", Analyst, Modify, "A0001", |proposal| {
        proposal.boundary = Some(wkb(&square(0.0, 0.0, 30.0)));
    });
    let (review, outcome) = merged(&Case::new(), &theirs);
    assert_eq!(outcome.taken.values().sum::<usize>(), 8, "{outcome}");
    for (here, there) in review.items().zip(theirs.review.items()) {
        assert_eq!((here.standing(), here.version), (there.standing(), there.version));
        assert_eq!(here.boundary(), there.boundary());
        assert_eq!((here.verdicts(), here.acted()), (there.verdicts(), there.acted()));
        assert_eq!(here.returns(), there.returns());
    }
}

#[test]
fn who_decides_reads_of_both_where_the_item_lives_on() {
    let (mut ours, mut theirs) = (Case::new(), Case::new());
    split(&mut ours, "Ana", "A0003");
    theirs.act("Eve", Analyst, Accept, "A0003");
    theirs.act("Ben", Nts, Accept, "A0003");
    let (review, outcome) = merged(&ours, &theirs);
    let items: Vec<&str> = outcome.conflicts.iter().map(|it| it.item.as_str()).collect();
    assert_eq!((items, outcome.otherwise), (vec!["N0001", "N0002"], 2), "{outcome}");
    let text = "decided otherwise in another copy of this review: there Ben, 2026-11-28, nts: \
                accept A0003, \"Ben says so\"; here Ana, 2026-11-28, analyst: split A0003, \
                \"Ana says so\"";
    assert_eq!(outcome.conflicts[0].text, text);
    for item in ["N0001", "N0002"] {
        assert_eq!(stands(&review, item), "analyst waiting v1");
    }
    // What follows there on what was made there finds its place here.
    let (mut ours, mut theirs) = (Case::new(), Case::new());
    ours.act("Ana", Analyst, Accept, "A0003");
    split(&mut theirs, "Eve", "A0003");
    theirs.act("Eve", Analyst, Reject, "N0002");
    let (review, outcome) = merged(&ours, &theirs);
    assert_eq!((outcome.conflicts.len(), outcome.otherwise), (1, 2), "{outcome}");
    assert_eq!(stands(&review, "A0003"), "nts waiting accepted v2");
}

#[test]
fn only_those_who_say_what_it_is_settle_what_differs() {
    let (mut ours, mut theirs) = (Case::new(), Case::new());
    for case in [&mut ours, &mut theirs] {
        case.act("Ana", Analyst, Accept, "A0001");
    }
    ours.act("Cem", Nts, Accept, "A0001");
    ours.act("Dan", Regional, Pass, "A0001");
    theirs.act("Ben", Nts, Reject, "A0001");
    let (review, outcome) = merged(&ours, &theirs);
    assert_eq!(outcome.repeated, 1);
    // At headquarters, one stage back would be the regional office, which only passes it on.
    assert_eq!(stands(&review, "A0001"), "nts waiting accepted v5");
    let returned = review.item("A0001").unwrap().returned().unwrap();
    assert_eq!(returned.who, "Ilaha");
    assert!(returned.comment.contains("there Ben") && returned.comment.contains("here Dan"));
    let at = review.item("A0001").unwrap().acted()["Ilaha"].iter().copied();
    assert_eq!(at.collect::<Vec<_>>(), [Headquarters], "who sends it back acts there");
}

#[test]
fn a_look_at_a_find_that_does_not_fit_is_a_remark_and_moves_nothing() {
    let (mut ours, mut theirs) = (Case::new(), Case::new());
    ours.act("Cem", Analyst, Accept, "A0001");
    theirs.verdict("F000001", "A0001", FeatureVerdict::NotSeen);
    let (review, outcome) = merged(&ours, &theirs);
    assert_eq!(stands(&review, "A0001"), "nts waiting accepted v2");
    assert!(review.item("A0001").unwrap().verdicts().is_empty());
    assert!(outcome.conflicts[0].text.contains("verdict A0001 F000001 not_seen"), "{outcome}");
}
