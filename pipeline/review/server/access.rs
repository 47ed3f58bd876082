//! Who may ask for what: sessions, and requests that come from the page itself.

use super::App;
use super::answer::ErrorAnswer;
use super::attempts::Attempts;
use super::listen::{Listen, Peer};
use crate::ReviewError;
use crate::book::{Book, Failed, Role, stamp};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use rams_domain::ReviewStage;
use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// How long a session of a user lasts.
const SESSION: SignedDuration = SignedDuration::from_hours(12);

/// How long a browser keeps the session of the one person who reviews on this machine: it lasts as
/// long as the program runs.
const ALONE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How long a session of a user lasts in which nobody does anything.
const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// When somebody did something is written down so often at the most.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

/// A page that is open asks for this again and again, whoever sits before it.
const LEASE: &str = "/leases/{item}";

/// Passwords that are hashed at once, each with 19 MiB.
const HASHES: usize = 2;

/// What a page may do, to a browser: nothing that does not come from here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";

/// Whom an address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Everybody.
    Anyone,
    /// Whoever has a session.
    Look,
    /// Whoever acts at a stage.
    Act,
    /// Whoever acts at a stage, or inspects for quality control.
    Inspect,
}

/// Whom each address answers, by its method.
pub(super) type Rights = HashMap<(Method, &'static str), Right>;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) name: String,
    pub(super) organisation: String,
    pub(super) client: String,
}

impl Session {
    /// Refuses what the page of another person sends: a browser has one session for all its pages.
    pub(super) fn is_of(&self, who: Option<&str>) -> Result<(), ErrorAnswer> {
        match who {
            Some(who) if who != self.name => {
                let text = format!(
                    "{who} decided this, and the session is that of {}: {who} must send it",
                    self.name
                );
                Err(ErrorAnswer::new(StatusCode::UNAUTHORIZED, text))
            }
            _ => Ok(()),
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(super) struct Client(pub(super) String);

pub(super) struct Access {
    /// Names under which browsers may ask for this address: others are those of strangers, whose
    /// page has come here by a name of theirs.
    pub(super) hosts: Vec<String>,
    /// Whether browsers speak TLS, with this program or with a proxy before it.
    pub(super) is_https: bool,
    /// Whether the address of a client is what a proxy says.
    pub(super) is_proxied: bool,
    pub(super) cookie: String,
    /// Whom the first session is for, and the digest of its token, until it was used.
    pub(super) first: Mutex<Option<(Vec<u8>, String)>>,
    pub(super) attempts: Attempts,
    pub(super) hashing: Semaphore,
    pub(super) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

pub(super) fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// 256 bits that nobody can guess, hex.
pub(super) fn secret() -> Result<String, ErrorAnswer> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| ErrorAnswer::broken(&format!("no random numbers to be had: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Access {
    /// For browsers that ask for these hosts on this port.
    pub(super) fn new(hosts: Vec<String>, port: u16) -> Self {
        Self {
            hosts,
            is_https: false,
            is_proxied: false,
            // Cookies know no ports: two reviews on one machine must not end each other's sessions.
            cookie: format!("rams-review-{port}"),
            first: Mutex::default(),
            attempts: Attempts::default(),
            hashing: Semaphore::new(HASHES),
            clock: Box::new(Timestamp::now),
        }
    }

    /// A token that opens one session, for this person.
    pub(super) fn token(&self, reviewer: &str) -> Result<String, ErrorAnswer> {
        let token = secret()?;
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        *first = Some((digest(&token), reviewer.to_owned()));
        Ok(token)
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.is_https { "https://" } else { "http://" }
    }

    pub(super) fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(header::COOKIE).iter();
        let mut pairs = cookies.filter_map(|line| line.to_str().ok()).flat_map(|it| it.split(';'));
        pairs.find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.cookie).then_some(value)
        })
    }

    /// Whether a request that changes something comes from the page that is served here.
    fn is_own(&self, headers: &HeaderMap) -> bool {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(site) = text(HeaderName::from_static("sec-fetch-site"))
            && site != "same-origin"
        {
            return false;
        }
        let origin = text(header::ORIGIN);
        let site = headers.contains_key("sec-fetch-site");
        match origin.map(|origin| origin.strip_prefix(self.scheme())) {
            Some(host) => host.is_some_and(|host| self.hosts.iter().any(|own| own == host)),
            None => site,
        }
    }

    /// Where a request comes from.
    fn client(&self, request: &Request) -> Client {
        let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded.filter(|_| self.is_proxied).and_then(|it| it.to_str().ok());
        let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0.0.ip());
        // What stands before the last comma, whoever asks may have written themselves.
        Client(match (forwarded.and_then(|it| it.rsplit(',').next()), peer) {
            (Some(address), _) => address.trim().chars().take(64).collect(),
            (None, Some(address)) if !address.is_loopback() => address.to_string(),
            (None, _) => "loopback".into(),
        })
    }
}

/// Checks every request before anything else sees it, and dresses every answer.
pub(super) async fn guard(
    State((app, rights)): State<(Arc<App>, Arc<Rights>)>,
    request: Request,
    next: Next,
) -> Response {
    let answer = match admit(&app, &rights, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    dressed(answer)
}

async fn admit(
    app: &Arc<App>,
    rights: &Rights,
    mut request: Request,
) -> Result<Request, ErrorAnswer> {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !app.access.hosts.iter().any(|own| own == host) {
        let text = format!("this review is not at {host:?}: open {}", app.access.hosts[0]);
        return Err(ErrorAnswer::new(StatusCode::MISDIRECTED_REQUEST, text));
    }
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_reading && !app.access.is_own(headers) {
        return Err(ErrorAnswer::forbidden("only the page of this review may ask for that"));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if *request.method() == Method::POST
        && kind.is_none_or(|kind| !kind.starts_with("application/json"))
    {
        let text = "send JSON, and say so: Content-Type: application/json";
        return Err(ErrorAnswer::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let method = if is_reading { Method::GET } else { request.method().clone() };
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    // What is nowhere answers nobody who has no session.
    let right = rights.get(&(method, path)).copied().unwrap_or(Right::Look);
    let (secret, is_activity) = (app.access.cookie(headers).map(str::to_owned), path != LEASE);
    let client = app.access.client(&request);
    request.extensions_mut().insert(client);
    let session = match secret {
        Some(secret) => {
            let found = move |app: &App| session(app, &secret, is_activity, right);
            super::blocking(app.clone(), found).await?
        }
        None => None,
    };
    match session {
        Some(session) => drop(request.extensions_mut().insert(session)),
        None if right == Right::Anyone => {}
        None => {
            let text = "no session: sign in, or open the address that `rams review` printed";
            return Err(ErrorAnswer::new(StatusCode::UNAUTHORIZED, text));
        }
    }
    Ok(request)
}

/// The session of a secret, if it lasts and its person may do what is asked.
fn session(
    app: &App,
    secret: &str,
    is_activity: bool,
    right: Right,
) -> Result<Option<Session>, ErrorAnswer> {
    let now = (app.access.clock)();
    let sql = "SELECT user.name, organisation, client, seen_utc FROM session \
               JOIN user ON user.name = session.user \
               WHERE digest = ?1 AND NOT is_locked \
               AND (?4 OR (session.created_utc > ?2 AND seen_utc > ?3))";
    let read = |row: &rusqlite::Row<'_>| {
        let name = row.get(0)?;
        let session = Session { name, organisation: row.get(1)?, client: row.get(2)? };
        Ok((session, row.get::<_, String>(3)?))
    };
    let values =
        (digest(secret), stamp(now - SESSION), stamp(now - IDLE), app.setup.reviewer.is_some());
    let found = {
        let reader = app.book.reader();
        let select = reader.prepare_cached(sql);
        select.and_then(|mut select| select.query_row(values, read).optional())
    };
    let Some((session, seen)) = found.map_err(|cause| app.book.failed(cause))? else {
        return Ok(None);
    };
    if is_activity && seen < stamp(now - SEEN) {
        let values = vec![stamp(now).into(), digest(secret).into()];
        app.book.execute("UPDATE session SET seen_utc = ?1 WHERE digest = ?2", values)?;
    }
    if !may(app, &session.name, right)? {
        return Err(ErrorAnswer::forbidden(format!(
            "{} has no role that may do this: `rams review DIR user add` gives other roles",
            session.name
        )));
    }
    Ok(Some(session))
}

/// How long a browser keeps a session.
pub(super) fn kept(app: &App) -> SignedDuration {
    if app.setup.reviewer.is_some() { ALONE } else { SESSION }
}

/// What browsers are told of every answer; errors of the machinery become JSON as all others are.
fn dressed(answer: Response) -> Response {
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind == "application/json");
    let mut answer = match is_error && !is_json {
        true => {
            let reason = status.canonical_reason().unwrap_or("error").to_lowercase();
            let text = format!("{reason}: this address takes another kind of request");
            let allow = answer.headers().get(header::ALLOW).cloned();
            let mut plain = ErrorAnswer::new(status, text).into_response();
            plain.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
            plain
        }
        false => answer,
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// Checks that a review may be served to those who can reach it, and knows who reviews on this
/// machine: whoever has users has people sign in, and nobody else gets in by a name alone.
pub(super) fn admit_people(
    book: &Book,
    reviewer: Option<&str>,
    listen: &Listen,
) -> Result<(), ReviewError> {
    let has_users = book.has_users()?;
    check_people(has_users, reviewer, listen)?;
    let failed = |error: Failed| cannot_listen(listen, error.to_string());
    let now = Timestamp::now();
    let old = vec![stamp(now - SESSION).into(), stamp(now - IDLE).into(), has_users.into()];
    let sql = "DELETE FROM session WHERE created_utc < ?1 OR seen_utc < ?2 OR (?3 AND user IN \
               (SELECT name FROM user WHERE password_hash IS NULL))";
    book.execute(sql, old).map_err(failed)?;
    match (reviewer, has_users) {
        (Some(name), false) => book.admit(name).map_err(failed),
        _ => Ok(()),
    }
}

/// The same before there is a book, so that a review that nobody can do is not begun.
pub(super) fn check_people(
    has_users: bool,
    reviewer: Option<&str>,
    listen: &Listen,
) -> Result<(), ReviewError> {
    if let Some(refusal) = listen.refusal(has_users) {
        return Err(cannot_listen(listen, refusal.into()));
    }
    match (reviewer, has_users) {
        (None, false) => Err(ReviewError::Nameless),
        (Some(name), true) => Err(ReviewError::User(format!(
            "this review has users, who sign in with a password: leave out --as {name}"
        ))),
        _ => Ok(()),
    }
}

fn cannot_listen(listen: &Listen, cause: String) -> ReviewError {
    ReviewError::Listen { address: listen.address.to_string(), cause }
}

/// What a person may do: their roles.
pub(super) fn roles_of(app: &App, name: &str) -> Result<Vec<Role>, ErrorAnswer> {
    Ok(app.book.roles_of(name)?)
}

/// Whether a person who has a session may do this.
pub(super) fn may(app: &App, name: &str, right: Right) -> Result<bool, ErrorAnswer> {
    Ok(match right {
        Right::Anyone | Right::Look => true,
        Right::Act => !stages_of(app, name)?.is_empty(),
        Right::Inspect => {
            roles_of(app, name)?.contains(&Role::Qc) || !stages_of(app, name)?.is_empty()
        }
    })
}

/// The stages at which a person may act.
pub(super) fn stages_of(app: &App, name: &str) -> Result<Vec<ReviewStage>, ErrorAnswer> {
    Ok(app.book.stages_of(name)?)
}
