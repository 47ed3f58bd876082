//! What a day came to.

use super::answer::{ErrorAnswer, asked};
use super::{App, blocking};
use crate::progress::{of_day, until};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use rams_domain::Progress;
use std::sync::Arc;

#[derive(serde::Deserialize)]
pub(super) struct Of {
    day: Option<String>,
}

/// The figures of a day, UTC; today's where none is named.
pub(super) async fn progress(
    State(app): State<Arc<App>>,
    of: Result<Query<Of>, QueryRejection>,
) -> Result<Json<Progress>, ErrorAnswer> {
    let day = asked(of)?.day.unwrap_or_else(|| crate::book::now()[..10].to_owned());
    let date: jiff::civil::Date = day
        .parse()
        .map_err(|_| ErrorAnswer::bad(format!("day is {day:?}: give a date such as 2026-11-28")))?;
    blocking(app, move |app| {
        let day = date.to_string();
        let walk = app.book.walk(&app.subject, Some(&until(&day)))?;
        Ok(Json(of_day(&day, &walk, &app.survey)))
    })
    .await
}
