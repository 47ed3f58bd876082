//! The review over HTTP: who may ask, and what comes of it.
#![allow(clippy::unwrap_used)] // a test may panic

mod samples;

use super::*;
use crate::book::now;
use crate::fixture;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU32, Ordering};
use tower::ServiceExt;

/// What makes another of a request.
type Change = Box<dyn FnMut(&mut Request<Body>)>;

pub(super) const HOST: &str = "127.0.0.1:4711";
const ORIGIN: &str = "http://127.0.0.1:4711";

pub(super) struct Review {
    pub(super) app: Arc<App>,
    pub(super) dir: tempfile::TempDir,
    keys: AtomicU32,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: Value,
    bytes: Vec<u8>,
}

pub(super) fn here() -> Listen {
    Listen { address: HOST.parse().unwrap(), names: vec![], transport: Transport::Own }
}

fn review() -> Review {
    let dir = tempfile::tempdir().unwrap();
    let app = App::open(fixture::setup(dir.path(), "Ana"), &here()).unwrap();
    let review = Review::new(app, dir);
    ["Ben", "Cem", "Dan"].iter().for_each(|name| review.knows(name, ""));
    ["Ana", "Ben", "Cem", "Dan"].iter().for_each(|name| review.is_here(name));
    review
}

fn text(text: &str) -> Sql {
    text.to_owned().into()
}

impl Review {
    pub(super) fn new(app: App, dir: tempfile::TempDir) -> Self {
        Self { app: Arc::new(app), dir, keys: AtomicU32::new(0) }
    }

    fn knows(&self, name: &str, roles: &str) {
        let sql = "INSERT INTO user (name, roles, created_utc) VALUES (?1, ?2, ?3)";
        self.app.book.execute(sql, vec![text(name), text(roles), text(&now())]).unwrap();
    }

    /// Begins a session whose secret is the name.
    fn is_here(&self, name: &str) {
        let sql = "INSERT INTO session (digest, user, client, created_utc, seen_utc) \
                   VALUES (?1, ?2, ?3, ?4, ?4)";
        let digest = Sha256::digest(name.as_bytes()).to_vec();
        let values = vec![digest.into(), text(name), text("loopback"), text(&now())];
        self.app.book.execute(sql, values).unwrap();
    }

    pub(super) fn ask(&self, request: Request<Body>) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let answer = router(self.app.clone()).oneshot(request).await.unwrap();
            let (parts, body) = answer.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
            let body = serde_json::from_slice(&bytes).unwrap_or_default();
            Answer { status: parts.status, headers: parts.headers, body, bytes }
        })
    }

    /// As the page asks, in the session of a person whose secret is their name.
    pub(super) fn request(
        &self,
        who: &str,
        method: &str,
        path: &str,
    ) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, format!("rams-review-4711={who}"))
    }

    pub(super) fn get(&self, who: &str, path: &str) -> Answer {
        self.ask(self.request(who, "GET", path).body(Body::empty()).unwrap())
    }

    pub(super) fn post(&self, who: &str, path: &str, body: &Value) -> Answer {
        self.ask(self.request(who, "POST", path).body(Body::from(body.to_string())).unwrap())
    }

    fn version(&self, item: &str) -> u64 {
        self.app.book.state().review.item(item).map_or(0, |item| item.version)
    }

    pub(super) fn decide(&self, who: &str, body: &Value) -> Answer {
        let version = self.version(body["item"].as_str().unwrap_or_default());
        let key = format!("key-{:05}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.decide_with(who, body, version, &key)
    }

    fn decide_with(&self, who: &str, body: &Value, version: u64, key: &str) -> Answer {
        let request = self
            .request(who, "POST", "/decisions")
            .header(header::IF_MATCH, format!("\"{version}\""))
            .header("idempotency-key", key);
        self.ask(request.body(Body::from(body.to_string())).unwrap())
    }

    fn boundaries(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.app.book.state();
        let areas = state.review.items().filter(|item| item.id.starts_with('A'));
        areas.map(|item| (item.id.clone(), item.boundary().to_vec())).collect()
    }
}

/// An address for each way in, whom it answers, and one that is none.
const ADDRESSES: [(&str, &str, &str, Right); 27] = [
    ("GET", "/", "/", Right::Anyone),
    ("GET", "/assets/{name}", "/assets/main.js", Right::Anyone),
    ("POST", "/session", "/session", Right::Anyone),
    ("DELETE", "/session", "/session", Right::Look),
    ("GET", "/me", "/me", Right::Look),
    ("GET", "/queue", "/queue", Right::Look),
    ("GET", "/items/{id}", "/items/A0001", Right::Look),
    ("PUT", "/leases/{item}", "/leases/A0001", Right::Act),
    ("DELETE", "/leases/{item}", "/leases/A0001", Right::Act),
    ("GET", "/features", "/features?bbox=0,0,1,1&res=1", Right::Look),
    ("GET", "/tiles/{layer}/{digest}/{z}/{x}/{y}", "/tiles/o1/d/0/0/0", Right::Look),
    ("GET", "/chips/{feature}", "/chips/F000001", Right::Look),
    ("GET", "/profile", "/profile?line=0,0,1,1", Right::Look),
    ("POST", "/shapes/check", "/shapes/check", Right::Act),
    ("POST", "/shapes/split", "/shapes/split", Right::Act),
    ("POST", "/shapes/merge", "/shapes/merge", Right::Act),
    ("POST", "/shapes/without", "/shapes/without", Right::Look),
    ("POST", "/decisions", "/decisions", Right::Act),
    ("GET", "/alike", "/alike?feature=F000001", Right::Look),
    ("GET", "/samples", "/samples", Right::Inspect),
    ("POST", "/samples", "/samples", Right::Inspect),
    ("GET", "/samples/{id}", "/samples/S0001", Right::Inspect),
    ("POST", "/samples/{id}", "/samples/S0001", Right::Inspect),
    ("GET", "/log", "/log", Right::Look),
    ("GET", "/log/verify", "/log/verify", Right::Look),
    ("GET", "/progress", "/progress", Right::Look),
    ("GET", "", "/nowhere", Right::Look),
];

#[test]
fn every_way_in_is_in_the_table_of_those_that_are_tried() {
    let known: Vec<_> = routes().iter().map(|it| (it.method.to_string(), it.path)).collect();
    let tried: Vec<_> =
        ADDRESSES[..26].iter().map(|(method, path, ..)| ((*method).to_owned(), *path)).collect();
    assert_eq!(known, tried);
}

/// The status of an answer to a request as the page sends it, but for one change.
fn changed(review: &Review, who: &str, (method, path): (&str, &str), mut change: Change) -> u16 {
    let mut request = review.request(who, method, path).body(Body::from("{}")).unwrap();
    change(&mut request);
    let answer = review.ask(request);
    let is_error = answer.status.is_client_error() || answer.status.is_server_error();
    assert!(!is_error || answer.body["error"].is_string(), "{method} {path}: errors are JSON");
    let policy = &answer.headers["content-security-policy"];
    assert!(!policy.to_str().unwrap().contains("unsafe"));
    answer.status.as_u16()
}

/// Another header than the page sends.
fn with(name: &'static str, value: &'static str) -> Change {
    Box::new(move |request| {
        request.headers_mut().insert(name, value.parse().unwrap());
    })
}

#[test]
fn nobody_reads_or_writes_without_a_session_from_another_page_or_by_another_name() {
    let review = review();
    for (method, _, path, right) in ADDRESSES {
        let at = (method, path);
        let status = |change: Change| changed(&review, "Ana", at, change);
        let no_cookie = status(with("cookie", "other=1"));
        let refused = if right == Right::Anyone { [200, 400] } else { [401, 401] };
        assert!(refused.contains(&no_cookie), "{at:?}: {no_cookie}");
        assert_eq!(status(with("host", "evil.example:4711")), 421, "{at:?}");
        assert_eq!(status(with("host", "127.0.0.1")), 421, "{at:?}");
        if method == "GET" {
            continue;
        }
        assert_eq!(status(with("origin", "http://evil.example")), 403, "{at:?}");
        assert_eq!(status(with("origin", "https://127.0.0.1:4711")), 403, "{at:?}");
        assert_eq!(status(with("sec-fetch-site", "cross-site")), 403, "{at:?}");
        let no_origin = |request: &mut Request<Body>| drop(request.headers_mut().remove("origin"));
        assert_eq!(status(Box::new(no_origin)), 403, "{at:?}");
        if !ADDRESSES.iter().any(|(method, _, other, _)| (*method, *other) == ("GET", path)) {
            let get = status(Box::new(|request| *request.method_mut() = Method::GET));
            assert_eq!(get, 405, "{at:?}");
        }
        if method == "POST" {
            let form = with("content-type", "application/x-www-form-urlencoded");
            assert_eq!(status(form), 415, "{at:?}");
        }
    }
    assert_eq!(review.app.book.head().seq, 0);
}

#[test]
fn each_role_does_what_is_its_own_and_nothing_else() {
    let review = review();
    for (name, roles) in [("Vera", "viewer"), ("Quin", "qc"), ("Nina", "nts")] {
        review.knows(name, roles);
    }
    for (method, _, path, right) in ADDRESSES {
        // Ends the session that the others need.
        if (method, path) == ("DELETE", "/session") {
            continue;
        }
        let all = [Right::Anyone, Right::Look, Right::Act, Right::Inspect];
        let inspects = [Right::Anyone, Right::Look, Right::Inspect];
        for (who, may) in [("Vera", &all[..2]), ("Quin", &inspects), ("Nina", &all)] {
            review
                .app
                .book
                .execute("DELETE FROM session WHERE user = ?1", vec![text(who)])
                .unwrap();
            review.is_here(who);
            let status = changed(&review, who, (method, path), Box::new(|_| {}));
            assert_eq!(status != 403, may.contains(&right), "{who}: {method} {path}: {status}");
        }
    }
    let me = review.get("Quin", "/me").body;
    assert_eq!((&me["roles"], &me["my_stages"]), (&json!(["qc"]), &json!([])));
    assert_eq!(review.get("Vera", "/queue").body["items"].as_array().unwrap().len(), 3);
    // A role is of one stage.
    let accept = |stage: &str| json!({ "item": "A0001", "kind": "accept", "stage": stage });
    let elsewhere = review.decide("Nina", &accept("analyst"));
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "{}", elsewhere.body);
    assert_eq!(review.app.book.head().seq, 0);
    assert_eq!(review.decide("Ana", &accept("analyst")).status, StatusCode::OK);
    assert_eq!(review.decide("Nina", &accept("nts")).status, StatusCode::OK);
}

#[test]
fn the_page_of_one_person_says_nothing_in_the_session_of_another() {
    let review = review();
    let decision = json!({ "item": "A0001", "kind": "accept", "stage": "analyst", "who": "Ana" });
    let plan = json!({ "purpose": "second_look", "size": { "items": 1 }, "who": "Ana" });
    let finding = json!({ "item": "A0001", "finding": "conform", "who": "Ana" });
    for (path, body) in [("/decisions", decision), ("/samples", plan), ("/samples/S0001", finding)]
    {
        let request = review.request("Ben", "POST", path).header("idempotency-key", "of-another");
        let answer = review.ask(request.body(Body::from(body.to_string())).unwrap());
        let said = "Ana decided this, and the session is that of Ben: Ana must send it";
        assert_eq!((answer.status.as_u16(), &answer.body["error"]), (401, &json!(said)), "{path}");
    }
    assert_eq!(review.app.book.head().seq, 0);
}

#[test]
fn a_token_opens_one_session() {
    let review = review();
    let token = review.app.access.token("Ana").unwrap();
    let begin = || {
        let body = json!({ "token": token });
        review.post("nobody", "/session", &body)
    };
    assert_eq!(
        review.post("", "/session", &json!({ "token": "0" })).status,
        StatusCode::UNAUTHORIZED
    );
    let begun = begin();
    assert_eq!(begun.status, StatusCode::NO_CONTENT);
    let cookie = begun.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Strict; Max-Age=31536000"), "{cookie}");
    assert_eq!(begin().status, StatusCode::UNAUTHORIZED, "it was used");
    let pair = cookie.split(';').next().unwrap();
    let secret = pair.split_once('=').unwrap().1;
    assert_eq!(review.get(secret, "/me").body["name"], "Ana");
    let end = review.request(secret, "DELETE", "/session").body(Body::empty()).unwrap();
    assert_eq!(review.ask(end).status, StatusCode::NO_CONTENT);
    assert_eq!(review.get(secret, "/me").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn no_address_leads_to_a_file() {
    let review = review();
    std::fs::write(review.dir.path().join("secret"), "a secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("secret", review.dir.path().join("main.js")).unwrap();
    let dir = review.dir.path().to_str().unwrap().to_owned();
    let known: Vec<&[u8]> = crate::page::ASSETS.iter().map(|asset| asset.bytes).collect();
    let pieces = [
        "..",
        "%2e%2e",
        "%2E%2E%2f",
        "/",
        "%2f",
        "\\",
        "%5c",
        "%00",
        "etc",
        "passwd",
        "secret",
        "review",
        "review.db",
        "index.html",
        "ol.js",
        ".",
        "assets",
        "~",
        "%252e%252e",
        "//",
        "main.js",
        &dir,
    ];
    let begins = [
        "/assets/",
        "/",
        "/assets/../",
        "/tiles/",
        "/tiles/o1/d/0/0/",
        "/chips/",
        "/items/",
        "/log/",
    ];
    let mut seed = 12_345u64;
    for _ in 0..10_000 {
        let mut path = String::from(begins[(seed >> 40) as usize % begins.len()]);
        for _ in 0..1 + (seed >> 50) % 5 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            path += pieces[(seed >> 33) as usize % pieces.len()];
        }
        let Ok(uri) = path.parse::<axum::http::Uri>() else { continue };
        // As one who is let in: nobody else gets so far.
        let answer = review.get("Ana", &uri.to_string());
        let is_asset = answer.status == StatusCode::OK && known.contains(&&answer.bytes[..]);
        let is_data = !answer.body.is_null();
        assert!(is_asset || is_data, "{path}: {}", answer.status);
        let holds = |bytes: &[u8]| answer.bytes.windows(bytes.len()).any(|it| it == bytes);
        assert!(!holds(b"a secret") && !holds(b"SQLite format 3"), "{path}");
    }
}

#[test]
fn a_second_person_decides_at_each_stage() {
    let review = review();
    let accept = |stage: &str| json!({ "item": "A0001", "kind": "accept", "stage": stage });
    let pass = |stage: &str| json!({ "item": "A0001", "kind": "pass", "stage": stage });
    let ids = |who: &str, stage: &str| -> Vec<String> {
        let queue = review.get(who, &format!("/queue?stage={stage}")).body;
        let items = queue["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("Ana", "analyst"), ["A0002", "A0003", "A0001"], "by threat, then by size");
    assert_eq!(review.decide("Ana", &accept("analyst")).status, StatusCode::OK);
    assert!(ids("Ana", "nts").is_empty(), "own items are not offered");
    assert_eq!(ids("Ben", "nts"), ["A0001"]);
    let own = review.decide("Ana", &accept("nts"));
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let said = "Ana acted on A0001 at analyst: another person must do so at nts";
    assert_eq!(own.body["error"], said);
    assert_eq!(review.decide("Ben", &accept("nts")).status, StatusCode::OK);
    assert_eq!(review.decide("Ben", &pass("regional")).status, StatusCode::FORBIDDEN);
    assert_eq!(review.decide("Cem", &pass("regional")).status, StatusCode::OK);
    assert_eq!(review.decide("Cem", &pass("headquarters")).status, StatusCode::FORBIDDEN);
    let last = review.decide("Dan", &pass("headquarters"));
    assert_eq!(last.body["items"][0]["state"], "verified");
    assert_eq!(last.body["head"]["seq"], 4);
    let counts = review.get("Ana", "/queue").body["counts"]["headquarters"].clone();
    assert_eq!(counts, json!({ "waiting": 0, "deferred": 0, "done": 1 }));
}

#[test]
fn alone_a_person_is_the_analyst() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::open(fixture::setup(dir.path(), "Ana"), &here()).unwrap();
    assert_eq!(access::stages_of(&app, "Ana").unwrap(), [rams_domain::ReviewStage::Analyst]);
    drop(app);
    let app = App::open(fixture::setup(dir.path(), "Ben"), &here()).unwrap();
    assert_eq!(access::stages_of(&app, "Ben").unwrap().len(), 4);
}

#[test]
fn a_second_try_changes_nothing_and_an_old_version_is_told_the_newer() {
    let review = review();
    let defer = json!({ "item": "A0001", "kind": "defer", "stage": "analyst",
        "reason": "field_visit" });
    let first = review.decide_with("Ana", &defer, 1, "the-same-key");
    let again = review.decide_with("Ana", &defer, 1, "the-same-key");
    assert_eq!((first.status, again.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(first.body, again.body);
    let queue = review.get("Ana", "/queue?most=2").body;
    assert_eq!((queue["items"].as_array().unwrap().len(), &queue["of"]), (2, &json!(3)));
    let mut of_another = defer.clone();
    of_another["who"] = json!("Ben");
    let sent = review.decide_with("Ana", &of_another, 2, "of-another");
    assert_eq!(sent.status, StatusCode::UNAUTHORIZED, "{}", sent.body);
    let stale = review.decide_with("Ben", &defer, 1, "another-key");
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        (&stale.body["item"]["version"], &stale.body["item"]["state"]),
        (&json!(2), &json!("deferred"))
    );
    let log = review.get("Ana", "/log").body;
    assert_eq!(log["events"].as_array().unwrap().len(), 1);
    assert_eq!(review.get("Ana", "/log/verify").body["ok"], true);
}

/// The outline of an item as the page has it.
fn outline(review: &Review, item: &str) -> Value {
    review.get("Ana", &format!("/items/{item}")).body["boundary"].clone()
}

#[test]
fn an_edit_keeps_what_was_not_moved_and_undo_restores_every_byte() {
    let review = review();
    let before = review.boundaries();
    let mut geometry = outline(&review, "A0001");
    let modify = |geometry: &Value| json!({ "item": "A0001", "kind": "modify", "stage": "analyst", "geometry": geometry });
    // Moves the second corner by 1 m.
    let moved = geometry["coordinates"][0][0][1][0].as_f64().unwrap() + 1.0;
    geometry["coordinates"][0][0][1][0] = json!(moved);
    assert_eq!(review.decide("Ana", &modify(&geometry)).status, StatusCode::OK);
    let after = rams_overlay::from_wkb(&review.boundaries()[0].1).unwrap();
    let was = rams_overlay::from_wkb(&before[0].1).unwrap();
    let corners = |polygons: &MultiPolygon| polygons.0[0].exterior().0.clone();
    let same = corners(&after).iter().zip(corners(&was)).filter(|(a, b)| **a == *b).count();
    assert_eq!((corners(&after).len(), same), (5, 4), "bit for bit");
    let undo = json!({ "item": "A0001", "kind": "undo", "stage": "analyst" });
    assert_eq!(review.decide("Ana", &undo).status, StatusCode::OK);
    assert_eq!(review.boundaries(), before);
    let crossing = json!({ "type": "Polygon",
        "coordinates": [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]] });
    let refused = review.decide("Ana", &modify(&crossing));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["at"], json!([2.0, 2.0]));
    assert_eq!(refused.body["problem"], json!({ "code": "crosses" }));
    let checked = review.post("Ana", "/shapes/check", &json!({ "geometry": crossing })).body;
    assert_eq!((&checked["valid"], &checked["at"]), (&json!(false), &json!([2.0, 2.0])));
    assert_eq!(checked["problem"]["code"], "crosses");
}

#[test]
fn undo_of_each_kind_restores_every_byte_and_the_log_only_grows() {
    let review = review();
    let before = review.boundaries();
    let centre = review.get("Ana", "/items/A0001").body["centre"].clone();
    let [x, y] = [0, 1].map(|at| centre[at].as_f64().unwrap());
    let line = json!({ "type": "LineString", "coordinates": [[x, y - 50.0], [x, y + 50.0]] });
    let split = json!({ "geometry": outline(&review, "A0001"), "line": line });
    let split = review.post("Ana", "/shapes/split", &split).body;
    let areas: Vec<f64> =
        split["areas_m2"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    assert_eq!(areas.len(), 2);
    assert!(areas.iter().all(|area| (area / 200.0 - 1.0).abs() < 0.01), "{areas:?}");
    let of = |kind: &str, more: Value| {
        let mut body = json!({ "item": "A0001", "kind": kind, "stage": "analyst" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let mut events = 0;
    for body in [
        of("accept", json!({})),
        of("reject", json!({ "reason": "natural_object" })),
        of("defer", json!({ "reason": "second_opinion" })),
        of("modify", json!({ "eo_category": "AV_MINE" })),
        of("split", json!({ "parts": split["parts"] })),
        of("merge", json!({ "items": ["A0001", "A0002"] })),
        of("verdict", json!({ "feature": "F000001", "verdict": "seen" })),
        json!({ "kind": "add", "stage": "analyst", "eo_category": "UXO",
            "geometry": outline(&review, "A0003") }),
    ] {
        let done = review.decide("Ana", &body);
        assert_eq!(done.status, StatusCode::OK, "{body}: {}", done.body);
        let seq = done.body["head"]["seq"].as_u64().unwrap();
        assert!(seq > events, "the log grows");
        let item = &done.body["event"]["item"];
        let undone =
            review.decide("Ana", &json!({ "item": item, "kind": "undo", "stage": "analyst" }));
        assert_eq!(undone.status, StatusCode::OK, "{body}: {}", undone.body);
        events = undone.body["head"]["seq"].as_u64().unwrap();
        assert!(events > seq);
        assert_eq!(review.boundaries(), before, "{body}");
        let open = review.get("Ben", "/queue?stage=analyst").body["items"].clone();
        assert_eq!(open.as_array().unwrap().len(), 3, "{body}");
        assert_eq!(open[2]["eo_category"], "AP_MINE");
        for item in ["A0001", "A0002", "A0003"] {
            let shown = review.get("Ben", &format!("/items/{item}")).body;
            assert!(shown["disposition"].is_null(), "{body}: {shown}");
        }
    }
    let verified = review.get("Ana", "/log/verify").body;
    assert_eq!((&verified["ok"], &verified["events"]), (&json!(true), &json!(events)));
}

#[test]
fn merged_squares_have_the_area_of_both_and_parts_lose_nothing() {
    let review = review();
    let items = json!({ "items": ["A0001", "A0002"] });
    let merged = review.post("Ana", "/shapes/merge", &items).body;
    assert_eq!(merged["geometry"]["coordinates"].as_array().unwrap().len(), 1, "one polygon");
    let area = |item: &str| review.get("Ana", &format!("/items/{item}")).body["area_m2"].clone();
    let sum = area("A0001").as_f64().unwrap() + area("A0002").as_f64().unwrap();
    assert!((merged["area_m2"].as_f64().unwrap() / sum - 1.0).abs() < 1e-6, "{merged}");
    let merge = json!({ "item": "A0001", "kind": "merge", "stage": "analyst", "items": ["A0002"] });
    let made = review.decide("Ana", &merge).body;
    let child = review.get("Ben", "/items/N0001").body;
    assert_eq!(child["parents"], json!(["A0001", "A0002"]), "{made}");
    let finds: Vec<&Value> =
        child["features"].as_array().unwrap().iter().map(|find| &find["id"]).collect();
    assert_eq!(finds, ["F000002", "F000001", "F000003"], "of both, the strongest first");
    // Half of it alone is no split.
    let part = json!({ "item": "A0003", "kind": "split", "stage": "analyst",
        "parts": [outline(&review, "A0003"), outline(&review, "A0001")] });
    let refused = review.decide("Ana", &part);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
}

#[test]
fn an_item_comes_with_its_evidence() {
    let review = review();
    let item = review.get("Ana", "/items/A0001");
    assert_eq!(item.headers[header::ETAG], "\"1\"");
    let item = item.body;
    let find = &item["features"][0];
    assert_eq!((&find["id"], &find["alike"]), (&json!("F000002"), &json!(3)));
    assert_eq!(find["class_size_m"], json!([0.06, 0.12]));
    let report = &item["external"][0];
    // The report lies 40 m north of the square's upper edge.
    let distance = report["distance_m"].as_f64().unwrap();
    assert!((distance / 40.0 - 1.0).abs() < 0.01, "{distance}");
    assert_eq!(report["source_reliability"], "B");
    assert_eq!(item["gaps"][0]["reason"], "vegetation");
    let without = |features: Value| {
        let body = json!({ "item": "A0001", "features": features });
        review.post("Ana", "/shapes/without", &body).body
    };
    assert!(without(json!(["F000001", "F000002"]))["geometry"].is_null());
    assert_eq!(without(json!(["F000001"]))["geometry"]["type"], "MultiPolygon");
    let alike = review.get("Ana", "/alike?feature=F000002").body;
    assert_eq!(alike["features"].as_array().unwrap().len(), 4);
    let lot = json!({ "item": "A0001", "kind": "verdict", "stage": "analyst",
        "features": ["F000001", "F000003", "F000004"], "verdict": "not_seen",
        "reason": "natural_object" });
    let lot = review.decide("Ana", &lot).body;
    assert_eq!(lot["head"]["seq"], 3, "each is logged singly");
    let shown = review.get("Ana", "/features?bbox=-300,-300,300,300&res=0.5").body;
    assert_eq!((&shown["capped"], &shown["of"]), (&json!(false), &json!(3 + 4 + 1 + 1)));
    let day = review.get("Ana", "/progress").body;
    assert_eq!(day["decisions"], json!({ "verdict": 3 }));
}

#[test]
fn a_lease_is_told_to_others_and_blocks_nothing() {
    let review = review();
    let lease = |who: &str| {
        review.ask(review.request(who, "PUT", "/leases/A0002").body(Body::empty()).unwrap())
    };
    assert_eq!(lease("Ana").status, StatusCode::OK);
    let held = lease("Ben");
    assert_eq!((held.status, &held.body["who"]), (StatusCode::CONFLICT, &json!("Ana")));
    assert_eq!(review.get("Ben", "/queue").body["items"][0]["lease"]["who"], "Ana");
    let accept = json!({ "item": "A0002", "kind": "accept", "stage": "analyst" });
    assert_eq!(review.decide("Ben", &accept).status, StatusCode::OK);
}
