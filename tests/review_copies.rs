//! Two offices review copies of one survey, and a newer survey follows an older one.

use crate::review::{Served, surveyed};
use crate::support::{Client, Ortho, Ran, rams, survey};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A person decides, in a session of their own.
fn act(dir: &Path, who: &str, stage: &str, decisions: &[Value]) {
    let served = Served::start_as(dir, who);
    let client = Client::open(&served.url);
    for decision in decisions {
        let mut decision = decision.clone();
        decision["stage"] = stage.into();
        client.decide(&decision);
    }
}

fn decision(kind: &str, item: &str) -> Value {
    json!({ "kind": kind, "item": item })
}

fn import(dir: &Path, who: &str, file: &Path) -> Ran {
    rams(&["review", text(dir), "--as", who, "import", text(file)])
}

fn verified(dir: &Path) -> usize {
    let ran = rams(&["review", text(dir), "verify"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran.stdout.split(' ').next().unwrap().parse().unwrap()
}

/// Where each of some items stands, and its log, as somebody sees it.
fn seen(dir: &Path, items: &[&str]) -> (Vec<String>, Vec<Value>) {
    let served = Served::start_as(dir, "Zaur");
    let client = Client::open(&served.url);
    let stands = |item: &&str| {
        let item = client.get(&format!("/items/{item}"));
        let of = |field: &str| item[field].as_str().unwrap_or("none").to_owned();
        format!("{} {} {}", of("stage"), of("disposition"), item["version"])
    };
    let stands = items.iter().map(stands).collect();
    let log = client.get("/log?after=0");
    (stands, log["events"].as_array().unwrap().clone())
}

/// What both offices have before they part: Aygun accepted A0001.
fn two_offices(folder: &Path) -> [PathBuf; 2] {
    let ours = surveyed(folder);
    // Of two people each acts at any stage that is left to them.
    drop(Served::start_as(&ours, "Zaur"));
    act(&ours, "Aygun", "analyst", &[decision("accept", "A0001")]);
    let theirs = folder.join("theirs");
    fs::create_dir_all(theirs.join("review")).unwrap();
    fs::copy(ours.join("survey.gpkg"), theirs.join("survey.gpkg")).unwrap();
    for file in fs::read_dir(ours.join("review")).unwrap().map(Result::unwrap) {
        if file.file_name().to_str().unwrap().starts_with("review.db") {
            fs::copy(file.path(), theirs.join("review").join(file.file_name())).unwrap();
        }
    }
    [ours, theirs]
}

#[test]
fn what_another_office_decided_is_taken_once_and_never_over_what_was_decided_here() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = two_offices(folder.path());
    // There: the next stage of A0001; A0002 rejected, A0003 accepted by two.
    act(&theirs, "Ben", "nts", &[decision("accept", "A0001")]);
    let reject = json!({ "kind": "reject", "item": "A0002", "reason": "natural_object",
                         "comment": "a rock" });
    act(&theirs, "Dilara", "analyst", &[reject, decision("accept", "A0003")]);
    act(&theirs, "Ben", "nts", &[decision("accept", "A0003")]);
    // Here: A0002 accepted, A0004 deferred.
    let defer = json!({ "kind": "defer", "item": "A0004", "reason": "field_visit" });
    act(&ours, "Cem", "analyst", &[decision("accept", "A0002"), defer]);

    let log = theirs.join("review/review.db");
    let ran = import(&ours, "Ilaha", &log);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let said = &ran.stdout;
    let head = rams(&["review", text(&theirs), "verify"]).stdout;
    let head = head.split_whitespace().last().unwrap();
    assert!(said.contains(&format!("review.db: log of 5 events, head {head}")), "{said}");
    let taken = "3 decisions taken: 3 accept; 1 in the log before, 1 decided otherwise here";
    assert!(said.contains(taken), "{said}");
    let both = "there Dilara, ";
    assert!(said.contains("A0002 is at nts: decided otherwise in another copy"), "{said}");
    assert!(said.contains(both) && said.contains("reject A0002, natural object"), "{said}");
    assert!(said.contains("\"a rock\"; here Cem, "), "{said}");

    let items = ["A0001", "A0002", "A0003", "A0004"];
    let (stands, events) = seen(&ours, &items);
    let expected =
        ["regional accepted 3", "nts accepted 2", "regional accepted 3", "analyst none 2"];
    assert_eq!(stands, expected);
    assert_eq!(events.len(), 7, "3 of ours, 3 of theirs, 1 remark");
    let of_ben = events.iter().find(|event| event["who"] == "Ben").unwrap();
    let origin = &of_ben["evidence"]["origin"];
    let from = ["who", "seq", "imported_by", "head"].map(|field| origin[field].clone());
    assert_eq!(from, [json!("Ben"), json!(2), json!("Ilaha"), json!(head)]);
    let (_, there) = seen(&theirs, &[]);
    assert_eq!((&of_ben["uuid"], &origin["at_utc"]), (&there[1]["uuid"], &there[1]["at"]));
    let remark = events.last().unwrap();
    let what = ["kind", "who", "item"].map(|field| remark[field].clone());
    assert!(events.iter().any(|event| event["kind"] == "comment"), "{what:?}");

    // The same log again; who decided there is not asked a second time here.
    let again = import(&ours, "Ilaha", &log).stdout;
    assert!(again.contains("0 decisions taken; 5 in the log before, 0 decided"), "{again}");
    assert_eq!(verified(&ours), 7);
    let served = Served::start_as(&ours, "Ben");
    let client = Client::open(&served.url);
    let queue = client.get("/queue?stage=regional&order=threat");
    assert_eq!(queue["items"], json!([]), "Ben acted on both at nts");
    drop(served);

    // What goes on there after both parted is a remark, too, for as long as nobody brings a copy.
    act(&theirs, "Ben", "nts", &[json!({ "kind": "accept", "item": "A0002" })]);
    let later = import(&ours, "Ilaha", &log).stdout;
    assert!(later.contains("0 decisions taken; 5 in the log before, 1 decided"), "{later}");
    assert_eq!(verified(&ours), 8);
}

#[test]
fn an_item_beyond_those_who_decide_goes_back_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = two_offices(folder.path());
    let reject = json!({ "kind": "reject", "item": "A0001", "reason": "duplicate" });
    act(&theirs, "Ben", "nts", &[reject]);
    act(&ours, "Cem", "nts", &[decision("accept", "A0001")]);
    act(&ours, "Dan", "regional", &[decision("pass", "A0001")]);
    act(&ours, "Eve", "headquarters", &[decision("pass", "A0001")]);
    let log = theirs.join("review/review.db");
    let ran = import(&ours, "Eve", &log);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("A0001 was sent back to nts: decided otherwise"), "{}", ran.stdout);
    let (stands, events) = seen(&ours, &["A0001"]);
    assert_eq!(stands, ["nts accepted 6"]);
    let kinds: Vec<_> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["accept", "accept", "pass", "pass", "comment", "reopen"]);
    let again = import(&ours, "Eve", &log).stdout;
    assert!(again.contains("2 in the log before, 0 decided otherwise"), "{again}");
    assert_eq!(verified(&ours), 6);
}

#[test]
fn a_log_that_is_none_of_this_survey_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = two_offices(folder.path());
    let own = import(&ours, "Ilaha", &ours.join("review/review.db"));
    assert!(
        own.stderr.contains("it is that of this review: give the one of another"),
        "{}",
        own.stderr
    );
    let done = std::process::Command::new("ogrinfo")
        .args(["-q", "-sql", "UPDATE hazard_areas SET status = 'x'", "survey.gpkg"])
        .current_dir(&ours)
        .output();
    assert!(done.unwrap().status.success());
    fs::remove_dir_all(ours.join("review")).unwrap();
    let other = import(&ours, "Ilaha", &theirs.join("review/review.db"));
    assert!(other.stderr.contains("it is of another survey.gpkg (sha256 "), "{}", other.stderr);
    assert_eq!(rams(&["review", text(&ours), "verify"]).stdout.split(' ').next(), Some("0"));
}

/// A flight over the strip of [`surveyed`], with red squares at some columns.
fn flight(folder: &Path, name: &str, columns: &[i64]) -> PathBuf {
    let ortho = folder.join(format!("{name}.tif"));
    let strip = Ortho::new(12_000, 120);
    columns.iter().fold(strip, |ortho, x| ortho.square(*x, 50)).write(&ortho);
    let out = folder.join(name);
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    out
}

#[test]
fn what_was_decided_in_an_older_survey_is_told_and_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let older = flight(folder.path(), "older", &[100, 3600, 7100, 10600]);
    let newer = flight(folder.path(), "newer", &[100, 7100]);
    drop(Served::start_as(&older, "Zaur"));
    let reject = |item: &str| json!({ "kind": "reject", "item": item, "reason": "man_made_object", "comment": "a tin" });
    let accept = |item| decision("accept", item);
    let all = [accept("A0001"), accept("A0002"), reject("A0003"), reject("A0004")];
    act(&older, "Aygun", "analyst", &all);
    act(&older, "Ben", "nts", &[accept("A0001")]);

    let begin = || {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rams"))
            .args(["review", text(&newer), "--as", "Cem", "--from", text(&older)])
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let lines = lines.map_while(Result::ok).take_while(|line| !line.starts_with("open "));
        let said = lines.collect::<Vec<_>>().join("\n");
        program.kill().unwrap();
        program.wait().unwrap();
        said
    };
    let said = begin();
    assert!(
        said.contains("4 areas decided there; noted at 2 areas here, 0 noted before"),
        "{said}"
    );
    assert!(said.contains("not found here, waiting for a person: A0002"), "{said}");
    assert!(said.contains("waiting: Analyst 3, "), "{said}");
    assert_eq!(verified(&newer), 3);

    let (stands, events) = seen(&newer, &["A0001", "A0002", "N0001"]);
    assert_eq!(stands, ["analyst none 1"; 3], "nothing is accepted or rejected");
    let of = |item: &str| events.iter().find(|event| event["item"] == item).unwrap();
    let kinds = ["A0001", "A0002", "N0001"].map(|item| of(item)["kind"].clone());
    assert_eq!(kinds, [json!("comment"), json!("comment"), json!("add")]);
    let day = &of("A0001")["at"].as_str().unwrap()[..10];
    // The same area to the pixel: all of both is shared.
    let accepted = format!(
        "In an older survey A0001 was accepted (regional) by Ben on {day}. Overlap (IoU) 1.00, \
         same category; proposed: accepted as there. Nothing is decided by that."
    );
    assert_eq!(of("A0001")["comment"], json!(accepted));
    let rejected = format!(
        "In an older survey A0003 was rejected (nts) by Aygun on {day}, man-made object, no \
         ordnance, \"a tin\". Overlap (IoU) 1.00, same category; proposed: rejected as there. \
         Nothing is decided by that."
    );
    assert_eq!(of("A0002")["comment"], json!(rejected));
    let lost = "and nothing of the new survey overlaps it.";
    assert!(of("N0001")["comment"].as_str().unwrap().ends_with(lost), "{}", of("N0001"));
    let pointer = &of("A0002")["evidence"]["older"];
    let fields = ["item", "disposition", "reached", "who", "reason"].map(|it| pointer[it].clone());
    assert_eq!(fields, ["A0003", "rejected", "nts", "Aygun", "man_made_object"].map(Value::from));

    let again = begin();
    assert!(again.contains("noted at 0 areas here, 3 noted before"), "{again}");
    assert_eq!(verified(&newer), 3);
    let same = rams(&["review", text(&older), "--as", "Cem", "--from", text(&older)]);
    assert!(same.stderr.contains("holds the same survey"), "{}", same.stderr);
}
