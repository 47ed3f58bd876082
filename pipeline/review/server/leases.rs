//! Who has an item open: a hint for the queue of others. What is right comes of versions.

use super::App;
use super::access::Session;
use super::answer::ErrorAnswer;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How long a lease lasts that nobody renews.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// By item: who has it, until when.
#[derive(Default)]
pub(super) struct Leases(Mutex<HashMap<String, (String, Timestamp)>>);

impl Leases {
    fn held(&self) -> MutexGuard<'_, HashMap<String, (String, Timestamp)>> {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Timestamp::now();
        leases.retain(|_, (_, until)| *until > now);
        leases
    }

    /// All that are held, for the page.
    pub(super) fn all(&self) -> HashMap<String, Value> {
        let held = self.held();
        held.iter().map(|(item, lease)| (item.clone(), value(lease))).collect()
    }
}

fn value((who, until): &(String, Timestamp)) -> Value {
    json!({ "who": who, "until": until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() })
}

/// Takes or renews the lease of an item; that of somebody else is told.
pub(super) async fn take(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    Path(item): Path<String>,
) -> Result<Json<Value>, ErrorAnswer> {
    if app.book.state().review.item(&item).is_none() {
        return Err(ErrorAnswer::not_found(format!("there is no item {item}")));
    }
    let mut held = app.leases.held();
    if let Some(lease) = held.get(&item).filter(|(who, _)| *who != session.name) {
        let text = format!("{} has {item} open: what they decide goes first", lease.0);
        let mut answer = ErrorAnswer::new(StatusCode::CONFLICT, text);
        answer.body["who"] = value(lease)["who"].take();
        answer.body["until"] = value(lease)["until"].take();
        return Err(answer);
    }
    let lease = (session.name, Timestamp::now() + LEASE);
    let until = value(&lease)["until"].take();
    held.insert(item, lease);
    Ok(Json(json!({ "until": until })))
}

/// Gives a lease back.
pub(super) async fn leave(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    Path(item): Path<String>,
) -> StatusCode {
    let mut held = app.leases.held();
    if held.get(&item).is_some_and(|(who, _)| *who == session.name) {
        held.remove(&item);
    }
    StatusCode::NO_CONTENT
}
