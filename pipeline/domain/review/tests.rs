//! The rules of a review, by hand and for any sequence of proposals.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use crate::EoCategory;
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap};

fn bytes(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

fn review() -> Review {
    let areas = ["A0001", "A0002", "A0003"].map(|id| (id.into(), EoCategory::ApMine, bytes(id)));
    Review::new(ReviewStages::default(), areas)
}

fn propose(who: &str, stage: ReviewStage, decision: Decision, item: &str) -> Proposal {
    let reason = Reason::of(decision).first().copied();
    Proposal {
        id: String::new(),
        at_utc: "2026-01-02T03:04:05.000Z".into(),
        by: Reviewer { name: who.into(), ..Reviewer::default() },
        stage,
        decision,
        item: item.into(),
        version: 0,
        reason,
        comment: "a word".into(),
        boundary: Some(bytes("drawn")),
        eo_category: Some(EoCategory::ApMine),
        others: vec![],
        parts: vec![bytes("one"), bytes("two")],
        features: vec![("F000001".into(), item.into())],
        verdict: Some(FeatureVerdict::Seen),
        sampling: None,
        observation: None,
        detail: EventDetail::default(),
        seconds_open: None,
    }
}

/// Decides with the version that is there now.
fn act(review: &mut Review, mut proposal: Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
    proposal.id = format!("d{}", review.decisions.len());
    proposal.version = review.item(&proposal.item).map_or(0, |item| item.version);
    let events = review.decide(&proposal)?;
    events.iter().for_each(|event| review.apply(event).unwrap());
    Ok(events)
}

fn stands(review: &Review, id: &str) -> String {
    review.item(id).unwrap().standing().to_string()
}

use Decision::*;
use ReviewStage::*;

#[test]
fn a_second_person_at_each_stage_takes_an_item_to_its_end() {
    let mut review = review();
    let mut go = |who: &str, stage, decision| {
        act(&mut review, propose(who, stage, decision, "A0001")).map(|_| ())
    };
    go("Ana", Analyst, Reject).unwrap();
    let own = go("Ana", Nts, Accept).unwrap_err();
    let said = "Ana acted on A0001 at analyst: another person must do so at nts";
    assert_eq!(own.to_string(), said);
    assert_eq!(
        go("Ben", Nts, Pass).unwrap_err().to_string(),
        "at nts an item is accepted or rejected"
    );
    go("Ben", Nts, Accept).unwrap();
    for who in ["Ana", "Ben"] {
        assert!(matches!(go(who, Regional, Pass), Err(Refusal::NotYou(_))), "{who}");
    }
    go("Cem", Regional, Pass).unwrap();
    for who in ["Ana", "Ben", "Cem"] {
        assert!(matches!(go(who, Headquarters, Pass), Err(Refusal::NotYou(_))), "{who}");
    }
    go("Dan", Headquarters, Pass).unwrap();
    assert!(go("Eve", Headquarters, Pass).is_err(), "it is verified");
    assert_eq!(stands(&review, "A0001"), "headquarters verified accepted");
    act(&mut review, propose("Dan", Headquarters, Reopen, "A0001")).unwrap();
    assert_eq!(stands(&review, "A0001"), "nts waiting accepted");
}

#[test]
fn the_second_return_needs_a_comment() {
    let mut review = review();
    act(&mut review, propose("Ana", Analyst, Accept, "A0001")).unwrap();
    let silent = Proposal { comment: String::new(), ..propose("Ben", Nts, Return, "A0001") };
    act(&mut review, silent.clone()).unwrap();
    let returned = review.item("A0001").unwrap().returned().unwrap();
    assert_eq!((returned.reason, returned.who.as_str()), (Some(Reason::Boundary), "Ben"));
    act(&mut review, propose("Ana", Analyst, Accept, "A0001")).unwrap();
    assert_eq!(review.item("A0001").unwrap().returned(), None);
    let refused = act(&mut review, silent).unwrap_err().to_string();
    assert_eq!(refused, "A0001 was returned before: say in a comment what is to be done");
    act(&mut review, propose("Ben", Nts, Return, "A0001")).unwrap();
    assert_eq!(review.item("A0001").unwrap().returns(), 2);
}

#[test]
fn an_older_version_is_refused_with_the_newer_one() {
    let mut review = review();
    act(&mut review, propose("Ana", Analyst, Defer, "A0001")).unwrap();
    let stale = Proposal { version: 1, ..propose("Eve", Analyst, Accept, "A0001") };
    let changed = Refusal::Changed { item: "A0001".into(), version: 2 };
    assert_eq!(review.decide(&stale), Err(changed));
}

#[test]
fn who_drew_a_part_does_not_confirm_it() {
    let mut review = review();
    act(&mut review, propose("Ana", Analyst, Accept, "A0001")).unwrap();
    act(&mut review, propose("Ana", Analyst, Accept, "A0002")).unwrap();
    let merge =
        Proposal { others: vec![("A0002".into(), 2)], ..propose("Ben", Nts, Merge, "A0001") };
    act(&mut review, merge).unwrap();
    assert_eq!(stands(&review, "A0002"), "nts superseded accepted");
    assert_eq!(stands(&review, "N0001"), "nts waiting");
    assert!(matches!(
        act(&mut review, propose("Ana", Nts, Accept, "N0001")),
        Err(Refusal::NotYou(_))
    ));
    act(&mut review, propose("Ben", Nts, Accept, "N0001")).unwrap();
    assert!(matches!(
        act(&mut review, propose("Ben", Regional, Pass, "N0001")),
        Err(Refusal::NotYou(_))
    ));
}

#[test]
fn undo_restores_what_was_and_takes_back_what_was_made() {
    for decision in [Accept, Modify, Reject, Defer, Split, Merge, Verdict, Return, Add] {
        let mut review = review();
        for item in ["A0001", "A0002"] {
            act(&mut review, propose("Ana", Analyst, Accept, item)).unwrap();
        }
        let before: Vec<_> = review.items().map(|item| item.now.clone()).collect();
        let proposal = Proposal {
            others: vec![("A0002".into(), 2)],
            ..propose("Ben", Nts, decision, if decision == Add { "" } else { "A0001" })
        };
        let events = act(&mut review, proposal).unwrap();
        let at = events[0].item.clone();
        assert!(matches!(
            act(&mut review, propose("Eve", Nts, Undo, &at)),
            Err(Refusal::NotYou(_))
        ));
        act(&mut review, propose("Ben", Nts, Undo, &at)).unwrap();
        let (old, made): (Vec<_>, Vec<_>) =
            review.items().partition(|item| item.id.starts_with('A'));
        assert_eq!(old.iter().map(|item| item.now.clone()).collect::<Vec<_>>(), before);
        assert!(made.iter().all(|item| item.standing().state == ItemState::Superseded));
        // An id is never used again.
        let made = made.len();
        let next = act(&mut review, propose("Ben", Nts, Add, "")).unwrap();
        assert_eq!(next[0].item, format!("N{:04}", made + 1));
    }
}

#[test]
fn what_somebody_else_decided_on_since_is_not_undone() {
    let mut review = review();
    act(&mut review, propose("Ana", Analyst, Accept, "A0001")).unwrap();
    act(&mut review, propose("Ben", Nts, Accept, "A0001")).unwrap();
    let refused = act(&mut review, propose("Ana", Analyst, Undo, "A0001")).unwrap_err();
    let said = "A0001 was decided on by Ben since: ask them, or return it";
    assert_eq!(refused.to_string(), said);
}

#[test]
fn one_undo_takes_back_the_verdicts_of_a_lot() {
    let mut review = review();
    let features = ["A0001", "A0002", "A0003", "A0001"];
    let features = (1..).zip(features).map(|(n, item)| (format!("F{n:06}"), item.to_owned()));
    let lot = Proposal {
        features: features.collect(),
        verdict: Some(FeatureVerdict::NotSeen),
        ..propose("Ana", Analyst, Verdict, "A0001")
    };
    assert_eq!(act(&mut review, lot).unwrap().len(), 4, "each is logged singly");
    assert_eq!(review.item("A0001").unwrap().verdicts().len(), 2);
    act(&mut review, propose("Ana", Analyst, Undo, "A0003")).unwrap();
    assert!(review.items().all(|item| item.verdicts().is_empty()));
}

#[test]
fn what_was_observed_moves_nothing_bars_nobody_and_outlives_an_undo() {
    let mut review = review();
    let observation = Observation {
        found: Found::Seen,
        feature: Some("F000001".into()),
        observer: "Rauf".into(),
        organisation: "IEPF".into(),
        date: "2026-11-20".into(),
        position: Some([1.0, 2.0]),
        accuracy_m: Some(3.0),
        photo: String::new(),
        photo_sha256: None,
        file: "team.csv".into(),
        file_sha256: "ab".into(),
        row: "row 1".into(),
    };
    act(&mut review, propose("Ana", Analyst, Accept, "A0001")).unwrap();
    let before = review.item("A0001").unwrap().clone();
    let observe = Proposal {
        observation: Some(Box::new(observation.clone())),
        features: vec![("F000001".into(), "A0001".into()), ("F000001".into(), "A0002".into())],
        ..propose("Ana", Nts, Observe, "A0001")
    };
    let events = act(&mut review, Proposal { reason: None, ..observe }).unwrap();
    let stages: Vec<_> = events.iter().map(|event| (event.stage, event.item_version)).collect();
    assert_eq!(stages, [(Nts, 2), (Analyst, 1)], "each where its item stands");
    let item = review.item("A0001").unwrap();
    assert_eq!((item.version, item.standing()), (before.version, before.standing()));
    assert_eq!(item.acted(), before.acted(), "Ana may still act as analyst of A0002");
    assert!(item.verdicts().is_empty());
    act(&mut review, propose("Ana", Analyst, Undo, "A0001")).unwrap();
    for id in ["A0001", "A0002"] {
        let found: Vec<_> = review.item(id).unwrap().observations().collect();
        assert_eq!(found, [&observation]);
    }
    // A mistake in it is withdrawn, for all items that it is of, and once.
    let withdraw = |review: &mut Review, comment: &str| {
        let detail = EventDetail { withdraws: Some("d1".into()), ..EventDetail::default() };
        let base = propose("Cem", Nts, Observe, "A0001");
        act(review, Proposal { detail, comment: comment.into(), reason: None, ..base })
    };
    let silent = withdraw(&mut review, " ").unwrap_err().to_string();
    assert_eq!(silent, "say why the observation is withdrawn");
    let events = withdraw(&mut review, "another site").unwrap();
    assert_eq!(events.iter().map(|event| &*event.item).collect::<Vec<_>>(), ["A0001", "A0002"]);
    assert!(review.items().all(|item| item.observations().next().is_none()));
    assert!(review.item("A0001").unwrap().acted().get("Cem").is_none());
    assert!(withdraw(&mut review, "again").is_err());
    // Only an import has something to say.
    let bare = propose("Ana", Analyst, Observe, "A0003");
    let refused = act(&mut review, Proposal { reason: None, ..bare }).unwrap_err().to_string();
    assert_eq!(refused, "observations come from a table: `rams review DIR import FILE`");
}

fn decision() -> impl Strategy<Value = (u8, u8, u8, u8)> {
    (0..13u8, 0..4u8, 0..5u8, 0..6u8)
}

const DECISIONS: [Decision; 13] = [
    Accept, Modify, Merge, Split, Add, Defer, Reject, Return, Pass, Reopen, Comment, Verdict, Undo,
];

proptest! {
    #[test]
    fn whatever_is_proposed_the_rules_hold(steps in prop::collection::vec(decision(), 1..120)) {
        let mut review = review();
        let mut log: Vec<ReviewEvent> = vec![];
        for (decision, stage, who, at) in steps {
            let ids: Vec<String> = review.items().map(|item| item.id.clone()).collect();
            let item = &ids[usize::from(at) % ids.len()];
            let other = &ids[(usize::from(at) + 1) % ids.len()];
            let who = ["Ana", "Ben", "Cem", "Dan", "Eve"][usize::from(who)];
            let (decision, stage) =
                (DECISIONS[usize::from(decision)], ReviewStage::ALL[usize::from(stage)]);
            let others = vec![(other.clone(), review.item(other).unwrap().version)];
            let proposal = Proposal { others, ..propose(who, stage, decision, item) };
            let before = review.clone();
            match act(&mut review, proposal) {
                Ok(events) => log.extend(events),
                Err(_) => prop_assert_eq!(&before, &review),
            }
        }
        // Whom each item was seen by, from the log alone.
        let mut acted: HashMap<(String, String), BTreeSet<ReviewStage>> = HashMap::new();
        let mut fold = super::tests::review();
        let mut seen = BTreeSet::new();
        for event in &log {
            let was = fold.item(&event.item).map_or(0, |item| item.version);
            fold.apply(event).unwrap();
            let moves = u64::from(event.kind.moves());
            prop_assert_eq!(event.item_version, was + moves);
            if event.item_version == 1 && event.item.starts_with('N') && was == 0 {
                prop_assert!(seen.insert(event.item.clone()), "an id was used again");
            }
            if event.kind == Comment {
                continue;
            }
            for parent in &event.detail.parents {
                let of: Vec<_> = acted.iter().filter(|((item, _), _)| item == parent).collect();
                let of: Vec<_> =
                    of.into_iter().map(|((_, who), stages)| (who.clone(), stages.clone())).collect();
                for (who, stages) in of {
                    acted.entry((event.item.clone(), who)).or_default().extend(stages);
                }
            }
            let stages = acted.entry((event.item.clone(), event.who.clone())).or_default();
            stages.insert(event.stage);
            prop_assert_eq!(stages.len(), 1, "{} acted at two stages of {}", event.who, event.item);
        }
        prop_assert_eq!(fold, review);
    }
}
