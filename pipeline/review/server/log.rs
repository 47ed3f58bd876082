//! The log, for whoever keeps a copy or looks into it.

use super::access::Session;
use super::answer::{ErrorAnswer, asked};
use super::{App, blocking, items, samples};
use crate::book::EventRow;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use serde_json::{Value, json};
use std::sync::Arc;

/// Events of an answer at the most.
const MOST: u32 = 1_000;

#[derive(serde::Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

/// Events as they were hashed: geometry as WKB, hex. Of an item that a second look asks a person
/// about they get the hashes alone, until it is answered.
pub(super) async fn log(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Json<Value>, ErrorAnswer> {
    let After { after } = asked(after)?;
    blocking(app, move |app| {
        let rows = app.book.log(after, MOST)?;
        let hidden = samples::asked_of(app, &session.name)?;
        let events = rows.iter().map(|row| {
            let mut event = match hidden.get(&row.item) {
                Some(sample) => json!({ "seq": row.seq, "item": row.item, "second_look": sample }),
                None => whole(row),
            };
            event["prev"] = json!(hex(&row.prev));
            event["hash"] = json!(hex(&row.hash));
            event
        });
        Ok(Json(json!({ "events": events.collect::<Vec<_>>() })))
    })
    .await
}

fn whole(row: &EventRow) -> Value {
    let mut event = items::event(row);
    event["client"] = json!(row.client);
    event["evidence_text"] = json!(row.evidence);
    event["geom_before"] = json!(row.geom_before.as_deref().map(hex));
    event["geom_after"] = json!(row.geom_after.as_deref().map(hex));
    event
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) async fn verify(State(app): State<Arc<App>>) -> Result<Json<Value>, ErrorAnswer> {
    blocking(app, move |app| {
        let found = app.book.verify_open(&app.subject)?;
        let cause =
            found.broken.as_ref().map(|(_, cause)| cause.clone()).or(found.projection.clone());
        Ok(Json(json!({
            "ok": found.is_whole(),
            "events": found.events,
            "head": { "seq": found.head.seq, "hash": found.head.hex() },
            "broken_at": found.broken.map(|(seq, _)| seq),
            "cause": cause,
        })))
    })
    .await
}
