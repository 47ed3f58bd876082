//! Who may ask: sessions, and requests that come from the page itself.

use super::App;
use super::answer::{self, ErrorAnswer};
use crate::ReviewError;
use crate::book::{Book, now, word};
use axum::body::Bytes;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rams_domain::ReviewStage;
use rusqlite::{OptionalExtension, types::Value};
use sha2::{Digest, Sha256};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a session lasts.
const SESSION: Duration = Duration::from_secs(12 * 3600);

/// What a page may do, to a browser: nothing that does not come from here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) name: String,
    pub(super) organisation: String,
    pub(super) client: String,
}

pub(super) struct Access {
    /// Names under which browsers may ask for this address: others are those of strangers, whose
    /// page has come here by a name of theirs.
    hosts: Vec<String>,
    cookie: String,
    /// Whom the first session is for, and the digest of its token, until it was used.
    first: Mutex<Option<(Vec<u8>, String)>>,
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// 256 bits that nobody can guess, hex.
fn secret() -> Result<String, ErrorAnswer> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| ErrorAnswer::broken(&format!("no random numbers to be had: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Access {
    /// With the token of the first session.
    pub(super) fn open(
        book: &Book,
        reviewer: &str,
        address: SocketAddr,
    ) -> Result<(Self, String), ReviewError> {
        let cannot = |cause: String| ReviewError::Listen { address: address.to_string(), cause };
        let user = vec![Value::from(reviewer.to_owned()), Value::from(now())];
        let sql = "INSERT INTO user (name, created_utc) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        book.execute(sql, user).map_err(|error| cannot(error.to_string()))?;
        let token = secret().map_err(|error| cannot(error.body.to_string()))?;
        let port = address.port();
        let hosts = vec![address.to_string(), format!("localhost:{port}")];
        let first = Mutex::new(Some((digest(&token), reviewer.to_owned())));
        // Cookies know no ports: two reviews on one machine must not end each other's sessions.
        Ok((Self { hosts, cookie: format!("rams-review-{port}"), first }, token))
    }

    fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
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
        match origin.map(|origin| origin.strip_prefix("http://")) {
            Some(host) => host.is_some_and(|host| self.hosts.iter().any(|own| own == host)),
            None => site,
        }
    }
}

/// Checks every request before anything else sees it, and dresses every answer.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let answer = match admit(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    dressed(answer)
}

async fn admit(app: &Arc<App>, mut request: Request) -> Result<Request, ErrorAnswer> {
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
    let path = request.uri().path();
    let is_open = (is_reading && (path == "/" || path.starts_with("/assets/")))
        || (*request.method() == Method::POST && path == "/session");
    let secret = app.access.cookie(headers).map(str::to_owned);
    let session = match secret {
        Some(secret) => {
            super::blocking(app.clone(), move |app| Ok(session(&app.book, &secret)?)).await?
        }
        None => None,
    };
    match session {
        Some(session) => drop(request.extensions_mut().insert(session)),
        None if is_open => {}
        None => {
            let text = "no session: open the address that `rams review` printed";
            return Err(ErrorAnswer::new(StatusCode::UNAUTHORIZED, text));
        }
    }
    Ok(request)
}

fn session(book: &Book, secret: &str) -> Result<Option<Session>, ReviewError> {
    let oldest = jiff::Timestamp::now() - SESSION;
    let oldest = oldest.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let sql = "SELECT user.name, user.organisation, session.client FROM session \
               JOIN user ON user.name = session.user \
               WHERE digest = ?1 AND session.created_utc >= ?2 AND NOT is_locked";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Session { name: row.get(0)?, organisation: row.get(1)?, client: row.get(2)? })
    };
    let reader = book.reader();
    let found = reader
        .prepare_cached(sql)
        .and_then(|mut select| select.query_row((digest(secret), oldest), read).optional());
    found.map_err(|cause| book.failed(cause))
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

#[derive(serde::Deserialize)]
struct Credentials {
    token: Option<String>,
}

/// Begins a session for whoever has the token, which works once.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    bytes: Bytes,
) -> Result<Response, ErrorAnswer> {
    let credentials: Credentials = answer::body(&bytes)?;
    let refused = || {
        let text = "this token was used before, or is none: start `rams review` again for another";
        ErrorAnswer::new(StatusCode::UNAUTHORIZED, text)
    };
    let given = digest(&credentials.token.ok_or_else(refused)?);
    let name = {
        let mut first = app.access.first.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, name) = first.take_if(|(token, _)| *token == given).ok_or_else(refused)?;
        name
    };
    let secret = secret()?;
    let values = vec![
        Value::from(digest(&secret)),
        Value::from(name),
        Value::from("loopback".to_owned()),
        Value::from(now()),
    ];
    let sql = "INSERT INTO session (digest, user, client, created_utc) VALUES (?1, ?2, ?3, ?4)";
    let cookie = format!(
        "{}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}",
        app.access.cookie,
        SESSION.as_secs()
    );
    super::blocking(app, move |app| Ok(app.book.execute(sql, values)?)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Ends the session.
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Extension(_): Extension<Session>,
    headers: HeaderMap,
) -> Result<Response, ErrorAnswer> {
    let secret = app.access.cookie(&headers).map(digest);
    let values = vec![Value::from(secret.unwrap_or_default())];
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", app.access.cookie);
    super::blocking(app, move |app| {
        Ok(app.book.execute("DELETE FROM session WHERE digest = ?1", values)?)
    })
    .await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// The stages at which a person may act: those of their roles. Of people without roles, who are
/// known by their name on this machine alone, the only one is analyst; two may act at any stage,
/// for the rules then find the second person.
pub(super) fn stages_of(app: &App, name: &str) -> Result<Vec<ReviewStage>, ErrorAnswer> {
    let reader = app.book.reader();
    let read = || -> rusqlite::Result<(String, i64)> {
        let roles =
            reader.query_row("SELECT roles FROM user WHERE name = ?1", [name], |row| row.get(0))?;
        let people = reader.query_row("SELECT COUNT(*) FROM user", [], |row| row.get(0))?;
        Ok((roles, people))
    };
    let (roles, people) = read().map_err(|cause| app.book.failed(cause))?;
    drop(reader);
    let state = app.book.state();
    let stages = state.review.stages();
    let roles: Vec<ReviewStage> = roles.split(',').filter_map(word).collect();
    Ok(match (roles.is_empty(), people) {
        (false, _) => stages.iter().filter(|stage| roles.contains(stage)).collect(),
        (true, 1) => vec![stages.first()],
        (true, _) => stages.iter().collect(),
    })
}
