//! Errors as a person reads them and a page counts them.

use crate::book::Failed;
use crate::{ImageryError, ReviewError, shapes::Problem};
use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rams_domain::Refusal;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A status, and `{error: one sentence with the value and the remedy}`.
#[derive(Debug)]
pub(super) struct ErrorAnswer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl ErrorAnswer {
    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, body: json!({ "error": text.into() }) }
    }

    /// What was asked makes no sense.
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// What was asked cannot be done.
    pub(super) fn not_possible(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    pub(super) fn forbidden(text: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, text)
    }

    pub(super) fn not_found(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// The program or the machine failed.
    pub(super) fn broken(text: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    }
}

impl IntoResponse for ErrorAnswer {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<ReviewError> for ErrorAnswer {
    fn from(error: ReviewError) -> Self {
        Self::broken(&error.to_string())
    }
}

impl From<ImageryError> for ErrorAnswer {
    fn from(error: ImageryError) -> Self {
        Self::broken(&error.to_string())
    }
}

impl From<Problem> for ErrorAnswer {
    fn from(problem: Problem) -> Self {
        let mut answer = Self::not_possible(problem.flaw.to_string());
        answer.body["problem"] = json!(problem.flaw);
        if let Some(at) = problem.at {
            answer.body["at"] = json!([at.x, at.y]);
        }
        answer
    }
}

impl From<Failed> for ErrorAnswer {
    fn from(failed: Failed) -> Self {
        let text = failed.to_string();
        match failed {
            Failed::Refused(Refusal::NoItem(_)) => Self::not_found(text),
            Failed::Refused(Refusal::Changed { .. }) => {
                Self::new(StatusCode::PRECONDITION_FAILED, text)
            }
            Failed::Refused(Refusal::NotYou(_)) => Self::forbidden(text),
            Failed::Refused(Refusal::NotPossible(_)) | Failed::KeyUsed(_) => {
                Self::not_possible(text)
            }
            Failed::Book(_) => Self::broken(&text),
        }
    }
}

/// For every address that is none.
pub(super) async fn no_such_page() -> ErrorAnswer {
    ErrorAnswer::not_found("there is nothing at this address: begin at /")
}

/// What a body of JSON says.
pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ErrorAnswer> {
    serde_json::from_slice(bytes)
        .map_err(|error| ErrorAnswer::bad(format!("the body is not what is asked for: {error}")))
}

/// What the part of an address after `?` says.
pub(super) fn asked<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ErrorAnswer> {
    match query {
        Ok(Query(query)) => Ok(query),
        Err(error) => Err(ErrorAnswer::bad(error.body_text())),
    }
}

/// The decision's own id, by which a second try is known.
pub(super) fn key(headers: &HeaderMap) -> Result<String, ErrorAnswer> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let is_key = (8..=64).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_key {
        return Ok(key.to_owned());
    }
    let text = format!("Idempotency-Key is {key:?}: give each decision a UUID of its own");
    Err(ErrorAnswer::bad(text))
}
