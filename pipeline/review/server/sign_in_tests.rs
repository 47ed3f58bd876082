//! Users: who gets in, for how long, and where a review may listen.
#![allow(clippy::unwrap_used)] // a test may panic

use super::tests::{Answer, Review, here};
use super::*;
use crate::{Role, User, Users, fixture};
use axum::body::Body;
use axum::http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

const PASSWORD: &str = "a horse of another colour";

fn user(name: &str, roles: &[Role]) -> User {
    User { name: name.into(), organisation: "NGO".into(), roles: roles.to_vec(), is_locked: false }
}

fn users(dir: &Path) -> Users {
    Users::open(dir, &fixture::subject()).unwrap()
}

fn setup(dir: &Path, reviewer: Option<&str>) -> Setup {
    Setup { reviewer: reviewer.map(str::to_owned), ..fixture::setup(dir, "") }
}

/// A review of a team, and what its clock is ahead, seconds.
fn team() -> (Review, Arc<AtomicI64>) {
    let dir = tempfile::tempdir().unwrap();
    let known = users(dir.path());
    known.add(&user("Ana", &[Role::Analyst]), PASSWORD).unwrap();
    known.add(&user("Ben", &[Role::Nts, Role::Qc]), PASSWORD).unwrap();
    let mut app = App::open(setup(dir.path(), None), &here()).unwrap();
    let ahead = Arc::new(AtomicI64::new(0));
    let (begun, seconds) = (Timestamp::now(), ahead.clone());
    app.access.clock =
        Box::new(move || begun + SignedDuration::from_secs(seconds.load(Ordering::Relaxed)));
    (Review::new(app, dir), ahead)
}

fn sign_in(review: &Review, name: &str, password: &str) -> Answer {
    review.post("nobody", "/session", &json!({ "name": name, "password": password }))
}

/// The secret of a new session.
fn secret(review: &Review, name: &str) -> String {
    let begun = sign_in(review, name, PASSWORD);
    assert_eq!(begun.status, StatusCode::NO_CONTENT, "{}", begun.body);
    let cookie = begun.headers[header::SET_COOKIE].to_str().unwrap();
    let secret = cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
    assert_eq!(secret.len(), 64, "256 bits");
    secret
}

#[test]
fn users_are_stored_by_a_hash_and_change_while_the_review_is_open() {
    let (review, _) = team();
    let ben = secret(&review, "Ben");
    let me = review.get(&ben, "/me").body;
    assert_eq!((&me["name"], &me["organisation"]), (&json!("Ben"), &json!("NGO")));
    assert_eq!((&me["roles"], &me["my_stages"]), (&json!(["nts", "qc"]), &json!(["nts"])));
    let known = users(review.dir.path());
    known.lock("Ben", true).unwrap();
    assert_eq!(review.get(&ben, "/me").status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&review, "Ben", PASSWORD).status, StatusCode::UNAUTHORIZED);
    assert!(known.list().unwrap()[1].is_locked);
    known.lock("Ben", false).unwrap();
    assert_eq!(review.get(&ben, "/me").status, StatusCode::UNAUTHORIZED, "that session ended");
    let ben = secret(&review, "Ben");
    known.add(&user("Ben", &[Role::Viewer]), "another password").unwrap();
    assert_eq!(review.get(&ben, "/me").status, StatusCode::UNAUTHORIZED, "the password is another");
    assert_eq!(sign_in(&review, "Ben", PASSWORD).status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&review, "Ben", "another password").status, StatusCode::NO_CONTENT);

    assert!(known.add(&user("Eve", &[Role::Viewer]), "too short").is_err());
    assert!(known.lock("Eve", true).is_err());
    assert_eq!(
        known.list().unwrap(),
        [user("Ana", &[Role::Analyst]), user("Ben", &[Role::Viewer])]
    );

    let sql = "SELECT group_concat(password_hash) FROM user";
    let hashes: String = review.app.book.reader().query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(hashes.matches("$argon2id$v=19$m=19456,t=2,p=1$").count(), 2);
    let file = std::fs::read(review.dir.path().join("review/review.db-wal")).unwrap();
    for hidden in [PASSWORD, &ben] {
        assert!(!file.windows(hidden.len()).any(|bytes| bytes == hidden.as_bytes()), "{hidden}");
    }
    assert!(
        review.get(&secret(&review, "Ana"), "/log").body["events"].as_array().unwrap().is_empty()
    );
}

#[test]
fn a_session_of_one_who_is_locked_out_is_none_even_where_it_was_begun_at_that_moment() {
    let (review, _) = team();
    let ana = secret(&review, "Ana");
    review.app.book.execute("UPDATE user SET is_locked = 1", vec![]).unwrap();
    assert_eq!(review.get(&ana, "/me").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn only_a_proxy_says_from_where_a_request_comes() {
    for (is_proxied, client) in [(false, "loopback"), (true, "10.0.0.9")] {
        let (mut review, _) = team();
        Arc::get_mut(&mut review.app).unwrap().access.is_proxied = is_proxied;
        let body = json!({ "name": "Ana", "password": PASSWORD }).to_string();
        let request = review
            .request("nobody", "POST", "/session")
            .header("x-forwarded-for", "1.2.3.4")
            .header("x-forwarded-for", "1.2.3.4, 10.0.0.9");
        assert_eq!(review.ask(request.body(Body::from(body)).unwrap()).status.as_u16(), 204);
        let sql = "SELECT client FROM session";
        let said: String = review.app.book.reader().query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(said, client);
    }
}

#[test]
fn whoever_reviews_alone_on_this_machine_stays_as_long_as_the_program_runs() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::open(setup(dir.path(), Some("Ana")), &here()).unwrap();
    let token = app.access.token("Ana").unwrap();
    app.access.clock = Box::new(Timestamp::now);
    let mut review = Review::new(app, dir);
    let begun = review.post("nobody", "/session", &json!({ "token": token }));
    let cookie = begun.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    let secret = cookie.split_once('=').unwrap().1.split(';').next().unwrap();
    let later = Timestamp::now() + SignedDuration::from_hours(24 * 9);
    Arc::get_mut(&mut review.app).unwrap().access.clock = Box::new(move || later);
    assert_eq!(review.get(secret, "/me").status, StatusCode::OK);
    assert_eq!(review.get(&secret[1..], "/me").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours() {
    let (review, ahead) = team();
    let is_in = |secret: &str, method: &str, path: &str, minutes: i64| {
        ahead.store(minutes * 60, Ordering::Relaxed);
        let request = review.request(secret, method, path).body(Body::empty()).unwrap();
        review.ask(request).status != StatusCode::UNAUTHORIZED
    };
    let ana = secret(&review, "Ana");
    assert!(is_in(&ana, "GET", "/me", 29));
    assert!(is_in(&ana, "GET", "/me", 58), "29 minutes since");
    // A page that is open renews its lease, whoever sits before it.
    assert!(is_in(&ana, "PUT", "/leases/A0001", 80));
    assert!(!is_in(&ana, "GET", "/me", 88), "30 minutes since");

    ahead.store(0, Ordering::Relaxed);
    let ben = secret(&review, "Ben");
    assert!((0..12 * 3).all(|at| is_in(&ben, "GET", "/me", at * 20)));
    assert!(!is_in(&ben, "GET", "/me", 12 * 60));
}

#[test]
fn whoever_guesses_waits_even_for_the_right_password() {
    let (review, ahead) = team();
    for _ in 0..5 {
        assert_eq!(sign_in(&review, "Ana", "a wrong password").status, StatusCode::UNAUTHORIZED);
    }
    let slowed = sign_in(&review, "Ana", PASSWORD);
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.body["error"].as_str().unwrap().contains("wait 2 s"), "{}", slowed.body);
    ahead.store(2, Ordering::Relaxed);
    assert_eq!(sign_in(&review, "Ana", PASSWORD).status, StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&review, "Ana", "a wrong password").status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&review, "Nobody", "a wrong password").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn only_users_get_in_beyond_this_machine_and_by_tls() {
    let dir = tempfile::tempdir().unwrap();
    let open = |reviewer: Option<&str>, listen: &Listen| {
        App::open(setup(dir.path(), reviewer), listen).map(|_| ()).map_err(|it| it.to_string())
    };
    let at = |address: &str, names: &[&str], transport| Listen {
        address: address.parse().unwrap(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        transport,
    };
    let says = |answer: Result<(), String>, text: &str| {
        let error = answer.unwrap_err();
        assert!(error.contains(text), "{error}");
    };
    let all = at("0.0.0.0:8443", &["10.0.0.2"], Transport::Own);
    says(open(Some("Ana"), &all), "this review has no users: add them");
    says(open(Some("Ana"), &at("10.0.0.2:0", &[], Transport::Own)), "no users");
    says(open(Some("Ana"), &at("127.0.0.1:0", &["a.example"], Transport::Proxy)), "no users");
    says(open(None, &here()), "--as NAME");
    assert_eq!(open(Some("Ana"), &here()), Ok(()));

    users(dir.path()).add(&user("Ben", &[Role::Nts]), PASSWORD).unwrap();
    says(open(Some("Ana"), &all), "leave out --as Ana");
    says(open(None, &at("0.0.0.0:8443", &[], Transport::Own)), "--name");
    says(open(None, &at("127.0.0.1:0", &[], Transport::Proxy)), "--name");
    for listen in [all, here(), at("10.0.0.2:0", &[], Transport::Own)] {
        assert_eq!(open(None, &listen), Ok(()));
        // What is reached from elsewhere speaks TLS.
        assert_eq!(listen.tls(dir.path()).unwrap().is_some(), listen.is_shared());
    }
    assert!(dir.path().join("review/certificate.pem").exists());
}

#[test]
fn browsers_find_a_review_by_its_names_alone() {
    let hosts = |address: &str, names: &[&str], transport| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let address = address.parse().unwrap();
        Listen { address, names, transport }.hosts(address)
    };
    assert_eq!(hosts("127.0.0.1:4711", &[], Transport::Own), ["127.0.0.1:4711", "localhost:4711"]);
    assert_eq!(
        hosts("0.0.0.0:8443", &["mine.example"], Transport::Own),
        ["mine.example:8443", "localhost:8443"]
    );
    assert_eq!(hosts("[fd00::2]:443", &[], Transport::Own)[..2], ["[fd00::2]", "[fd00::2]:443"]);
    let proxied = hosts("127.0.0.1:8000", &["mine.example"], Transport::Proxy);
    assert_eq!(proxied[0], "mine.example");
}
