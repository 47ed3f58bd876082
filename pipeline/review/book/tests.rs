//! The log on the disk: its chain, and what a kill leaves of it.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use crate::fixture::subject;
use rams_domain::{Decision, EoCategory, Reason, Refusal, ReviewStage, Reviewer};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::time::Duration;

fn proposal(id: &str, who: &str, decision: Decision, item: &str, version: u64) -> Proposal {
    let by = Reviewer { name: who.into(), ..Reviewer::default() };
    Proposal {
        version,
        reason: Reason::of(decision).first().copied(),
        comment: "a word".into(),
        boundary: Some(subject().areas[0].2.clone()),
        eo_category: Some(EoCategory::ApMine),
        seconds_open: Some(1.5),
        ..Proposal::new(id.into(), by, ReviewStage::Analyst, decision, item)
    }
}

fn five_events(dir: &Path) -> Head {
    let book = Book::open(dir, &subject()).unwrap();
    for (at, item) in ["A0001", "A0002", "A0003", "A0001", "A0002"].iter().enumerate() {
        let comment = proposal(&format!("key-{at}"), "Ana", Decision::Comment, item, 1);
        book.decide(comment).unwrap();
    }
    book.head()
}

/// Changes the file as someone does who owns it.
fn tamper(dir: &Path, sql: &str) {
    let connection = Connection::open(dir.join(REVIEW_DIR).join(FILE)).unwrap();
    connection.execute_batch("DROP TRIGGER event_is_kept; DROP TRIGGER event_is_final;").unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn tampering_names_the_first_event_that_does_not_fit() {
    let swap = "UPDATE event SET seq = -2 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3; \
                UPDATE event SET seq = 3 WHERE seq = -2;";
    let missing = "it is missing; the next one is 4";
    let changed = "what it says is not what was hashed";
    for (sql, at, cause) in [
        ("UPDATE event SET comment = 'a ward' WHERE seq = 4", 4, changed),
        ("UPDATE event SET geom_after = x'00' WHERE seq = 2", 2, changed),
        ("DELETE FROM event WHERE seq = 3", 3, missing),
        (swap, 2, "it does not follow the event before it"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        five_events(dir.path());
        assert!(Book::verify(dir.path(), &subject()).unwrap().is_whole());
        tamper(dir.path(), sql);
        let found = Book::verify(dir.path(), &subject()).unwrap();
        assert_eq!(found.broken, Some((at, cause.into())), "{sql}");
        assert_eq!(found.events, at - 1);
        let refused = Book::open(dir.path(), &subject()).err().unwrap().to_string();
        assert!(refused.contains(&format!("broken at event {at}: {cause}")), "{refused}");
    }
}

#[test]
fn a_log_that_was_cut_short_has_another_head_and_other_items() {
    let dir = tempfile::tempdir().unwrap();
    let book = Book::open(dir.path(), &subject()).unwrap();
    let first = book.decide(proposal("key-1", "Ana", Decision::Accept, "A0001", 1)).unwrap();
    let last = book.decide(proposal("key-2", "Ana", Decision::Accept, "A0002", 1)).unwrap();
    assert_ne!(first.head.hash, last.head.hash);
    drop(book);
    tamper(dir.path(), "DELETE FROM event WHERE seq = 2");
    let found = Book::verify(dir.path(), &subject()).unwrap();
    assert_eq!((found.broken.clone(), found.head), (None, first.head));
    assert_eq!(found.projection.as_deref(), Some("A0002 differs"));
    assert!(!found.is_whole());
}

#[test]
fn events_are_neither_changed_nor_deleted_by_those_who_keep_the_rules() {
    let dir = tempfile::tempdir().unwrap();
    five_events(dir.path());
    let connection = Connection::open(dir.path().join(REVIEW_DIR).join(FILE)).unwrap();
    for sql in ["DELETE FROM event", "UPDATE event SET who = 'Eve'"] {
        let refused = connection.execute_batch(sql).unwrap_err().to_string();
        assert!(refused.contains("the log of a review only grows"), "{refused}");
    }
}

#[test]
fn a_book_belongs_to_one_survey_its_stages_and_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let book = Book::open(dir.path(), &subject()).unwrap();
    let in_use = Book::open(dir.path(), &subject()).err().unwrap();
    assert!(matches!(in_use, ReviewError::InUse { .. }), "{in_use}");
    drop(book);
    let other = Subject { survey_sha256: "00".repeat(32), ..subject() };
    let refused = Book::open(dir.path(), &other).err().unwrap();
    assert!(matches!(refused, ReviewError::OtherSurvey { .. }), "{refused}");
    let stages = ReviewStages::new(vec![ReviewStage::Analyst, ReviewStage::Nts]).unwrap();
    let refused = Book::open(dir.path(), &Subject { stages, ..subject() }).err().unwrap();
    assert!(matches!(refused, ReviewError::OtherStages { .. }), "{refused}");
}

#[test]
fn a_second_try_gives_the_first_answer_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let accept = proposal("the-key", "Ana", Decision::Accept, "A0001", 1);
    let book = Book::open(dir.path(), &subject()).unwrap();
    let first = book.decide(accept.clone()).unwrap();
    drop(book);
    // Also by a program that was started again.
    let book = Book::open(dir.path(), &subject()).unwrap();
    let again = book.decide(accept.clone()).unwrap();
    assert_eq!((again.event.seq, again.event.hash), (first.event.seq, first.event.hash));
    assert_eq!((again.items, again.head), (first.items, first.head));
    let other = Proposal { by: Reviewer { name: "Ben".into(), ..Reviewer::default() }, ..accept };
    assert!(matches!(book.decide(other), Err(Failed::KeyUsed(_))));
    assert_eq!(book.head().seq, 1);
}

#[test]
fn of_many_who_decide_at_once_exactly_one_does() {
    let dir = tempfile::tempdir().unwrap();
    let book = Book::open(dir.path(), &subject()).unwrap();
    let start = Barrier::new(8);
    let decide = |number: usize| {
        let (book, start) = (&book, &start);
        move || {
            let id = format!("key-{number}");
            start.wait();
            book.decide(proposal(&id, &format!("P{number}"), Decision::Modify, "A0001", 1))
        }
    };
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|number| scope.spawn(decide(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        let changed = Refusal::Changed { item: "A0001".into(), version: 2 };
        assert!(matches!(refused, Failed::Refused(it) if it == changed));
    }
    assert_eq!(book.head().seq, 1);
}

const CHILD_DIR: &str = "RAMS_TEST_BOOK";

/// The process that is killed: decides as fast as it can and tells what was answered.
#[test]
#[ignore = "a part of the test below"]
fn decides_until_it_is_killed() {
    let Ok(dir) = std::env::var(CHILD_DIR) else { return };
    let book = Book::open(Path::new(&dir), &subject()).unwrap();
    let start = book.head().seq;
    for at in start.. {
        let id = format!("key-{at}");
        let decision = if at % 2 == 0 { Decision::Defer } else { Decision::Comment };
        let item = ["A0001", "A0002", "A0003"][at as usize % 3];
        let version = book.state().review.item(item).unwrap().version;
        let answer = book.decide(proposal(&id, "Ana", decision, item, version)).unwrap();
        println!("\nanswered {id} {}", answer.event.seq);
    }
}

#[test]
fn what_was_answered_outlives_a_kill() {
    let kills: u32 = std::env::var("RAMS_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(20);
    let dir = tempfile::tempdir().unwrap();
    let mut answered = vec![];
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "book::tests::decides_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env(CHILD_DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told = lines.filter_map(|line| {
            let (id, seq) = line.strip_prefix("answered ")?.split_once(' ')?;
            Some((id.to_owned(), seq.parse::<u64>().unwrap()))
        });
        // Killed after another number of answers each time, in the middle of the next decision.
        let wanted = 1 + (kill as usize * 7) % 23;
        answered.extend(told.by_ref().take(wanted));
        std::thread::sleep(Duration::from_micros(u64::from(kill) * 137 % 2_000));
        child.kill().unwrap();
        child.wait().unwrap();
        answered.extend(told);
        let found = Book::verify(dir.path(), &subject()).unwrap();
        assert!(found.is_whole(), "after kill {kill}: {found}");
    }
    let book = Book::open(dir.path(), &subject()).unwrap();
    let log = book.log(0, u32::MAX).unwrap();
    assert!(answered.len() >= kills as usize, "{} answers", answered.len());
    for (id, seq) in &answered {
        let events: Vec<u64> =
            log.iter().filter(|event| event.uuid == *id).map(|event| event.seq).collect();
        assert_eq!(events, [*seq], "{id} is there once");
    }
}
