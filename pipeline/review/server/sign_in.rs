//! Sessions begin and end.

use super::App;
use super::access::{Client, Session, digest, kept, secret};
use super::answer::{self, ErrorAnswer};
use crate::book::{fits, stamp};
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rusqlite::{OptionalExtension, types::Value};
use std::sync::{Arc, PoisonError};

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Credentials {
    Token { token: String },
    Password { name: String, password: String },
}

/// Begins a session for whoever has the token, which works once, or a name and its password.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    Extension(Client(client)): Extension<Client>,
    bytes: Bytes,
) -> Result<Response, ErrorAnswer> {
    let name = match answer::body(&bytes)? {
        Credentials::Token { token } => of_token(&app, &token)?,
        Credentials::Password { name, password } => {
            of_password(&app, name, password, &client).await?
        }
    };
    let secret = secret()?;
    let now = stamp((app.access.clock)());
    let values: Vec<Value> =
        vec![digest(&secret).into(), name.into(), client.into(), now.clone().into(), now.into()];
    let sql = "INSERT INTO session (digest, user, client, created_utc, seen_utc) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let cookie = cookie(&app, &secret, kept(&app).as_secs());
    super::blocking(app, move |app| Ok(app.book.execute(sql, values)?)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn cookie(app: &App, secret: &str, seconds: i64) -> String {
    let secure = if app.access.is_https { "; Secure" } else { "" };
    let name = &app.access.cookie;
    format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age={seconds}")
}

/// Whom a token is for; it works once.
fn of_token(app: &App, token: &str) -> Result<String, ErrorAnswer> {
    let given = digest(token);
    let mut first = app.access.first.lock().unwrap_or_else(PoisonError::into_inner);
    first.take_if(|(token, _)| *token == given).map(|(_, name)| name).ok_or_else(|| {
        let text = "this token was used before, or is none: start `rams review` again for another";
        ErrorAnswer::new(StatusCode::UNAUTHORIZED, text)
    })
}

/// The name, if the password is its own. Whoever guesses waits.
async fn of_password(
    app: &Arc<App>,
    name: String,
    password: String,
    client: &str,
) -> Result<String, ErrorAnswer> {
    app.access.attempts.begin(&name, client, (app.access.clock)()).map_err(|wait| {
        let seconds = wait.as_secs() + 1;
        let text = format!("too many passwords were tried: wait {seconds} s, and try again");
        ErrorAnswer::new(StatusCode::TOO_MANY_REQUESTS, text)
    })?;
    let waited = app.access.hashing.acquire().await;
    let _permit = waited.map_err(|_| ErrorAnswer::broken("the review ends; start it again"))?;
    let asked = name.clone();
    let is_own = super::blocking(app.clone(), move |app| {
        let sql = "SELECT password_hash FROM user WHERE name = ?1 AND NOT is_locked";
        let hash = {
            let reader = app.book.reader();
            let found = reader.query_row(sql, [&asked], |row| row.get::<_, Option<String>>(0));
            found.optional().map_err(|cause| app.book.failed(cause))?.flatten()
        };
        Ok(fits(&password, hash.as_deref()))
    });
    if is_own.await? {
        app.access.attempts.forget(&name, client);
        return Ok(name);
    }
    let text = "this name and password do not fit, or the name is locked";
    Err(ErrorAnswer::new(StatusCode::UNAUTHORIZED, text))
}

/// Ends the session.
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Extension(_): Extension<Session>,
    headers: HeaderMap,
) -> Result<Response, ErrorAnswer> {
    let secret = app.access.cookie(&headers).map(digest);
    let values = vec![Value::from(secret.unwrap_or_default())];
    let cookie = cookie(&app, "", 0);
    super::blocking(app, move |app| {
        Ok(app.book.execute("DELETE FROM session WHERE digest = ?1", values)?)
    })
    .await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
