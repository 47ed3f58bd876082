//! What a person decided, into the book.

use super::access::{Session, stages_of};
use super::answer::{ErrorAnswer, body, key};
use super::drawing::{drawn, merged};
use super::{App, blocking, boundary, items};
use crate::book::Failed;
use crate::shapes;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use geo::MultiPolygon;
use rams_domain::{
    Decision, EoCategory, EventDetail, FeatureVerdict, Proposal, Reason, Refusal, ReviewStage,
    Reviewer,
};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(serde::Deserialize)]
struct Body {
    kind: Decision,
    stage: ReviewStage,
    #[serde(default)]
    item: Option<String>,
    #[serde(default)]
    reason: Option<Reason>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    geometry: Option<Value>,
    #[serde(default)]
    eo_category: Option<EoCategory>,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    parts: Vec<Value>,
    #[serde(default)]
    feature: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    verdict: Option<FeatureVerdict>,
    #[serde(default)]
    seconds_open: Option<f64>,
    /// Who made it, where the page says so.
    #[serde(default)]
    who: Option<String>,
}

pub(super) async fn decide(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let body: Body = body(&bytes)?;
    session.is_of(body.who.as_deref())?;
    let id = key(&headers)?;
    let version = version(&headers)?;
    blocking(app, move |app| {
        if !stages_of(app, &session.name)?.contains(&body.stage) {
            let text = format!(
                "{} does not act at {}: another person must, by `rams review DIR --as NAME`",
                session.name, body.stage
            );
            return Err(ErrorAnswer::forbidden(text));
        }
        let asks = body.item.is_some() && body.kind.moves();
        if asks && version.is_none() {
            let text = "give If-Match: the version of the item that you saw";
            return Err(ErrorAnswer::new(StatusCode::PRECONDITION_REQUIRED, text));
        }
        let proposal = proposal(app, body, id, version.unwrap_or(0), session)?;
        decided(app, proposal)
    })
    .await
}

fn decided(app: &App, proposal: Proposal) -> Result<Json<Value>, ErrorAnswer> {
    let who = proposal.by.name.clone();
    let answer = match app.book.decide(proposal) {
        Err(Failed::Refused(Refusal::Changed { item, version })) => {
            let newer = items::view(app, &item, &who, None)?;
            let mut refused =
                ErrorAnswer::from(Failed::Refused(Refusal::Changed { item, version }));
            refused.body["item"] = newer;
            return Err(refused);
        }
        answer => answer?,
    };
    let state = app.book.state();
    Ok(Json(json!({
        "event": items::event(&answer.event),
        "items": items::rows(app, &state.review, &answer.items),
        "head": { "seq": answer.head.seq, "hash": answer.head.hex() },
    })))
}

/// The version of `If-Match: "3"`.
fn version(headers: &HeaderMap) -> Result<Option<u64>, ErrorAnswer> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let version = text.trim_matches('"').parse();
    version.map(Some).map_err(|_| {
        ErrorAnswer::bad(format!("If-Match is {text:?}: give the item's version, such as \"3\""))
    })
}

/// The proposal that a body makes, with its geometry checked and in the survey's CRS.
fn proposal(
    app: &App,
    body: Body,
    id: String,
    version: u64,
    session: Session,
) -> Result<Proposal, ErrorAnswer> {
    let item = body.item.clone().unwrap_or_default();
    let before = {
        let state = app.book.state();
        state.review.item(&item).map(boundary).transpose()?
    };
    let (mut outline, mut others) = (None, vec![]);
    if body.kind == Decision::Merge {
        let of = |other: &&String| **other != item;
        let ids: Vec<String> =
            [&item].into_iter().chain(body.items.iter().filter(of)).cloned().collect();
        let (all, versions) = merged(app, &ids)?;
        outline = Some(shapes::bytes(&all)?);
        others = versions.into_iter().skip(1).collect();
    } else if let Some(geometry) = &body.geometry {
        outline = Some(shapes::bytes(&kept(app, geometry, before.as_ref())?)?);
    }
    let parts: Vec<MultiPolygon> =
        body.parts.iter().map(|part| kept(app, part, before.as_ref())).collect::<Result<_, _>>()?;
    if let (Decision::Split, Some(before)) = (body.kind, &before) {
        let pieces: Vec<_> = parts.iter().map(|part| app.survey.outline_of(part)).collect();
        if pieces.len() > 1 {
            shapes::check_pieces(&app.survey.outline_of(before), &pieces)?;
        }
    }
    Ok(Proposal {
        id,
        // The book says when.
        at_utc: String::new(),
        stage: body.stage,
        decision: body.kind,
        version,
        reason: body.reason,
        comment: body.comment.unwrap_or_default(),
        boundary: outline,
        eo_category: body.eo_category,
        others,
        parts: parts.iter().map(shapes::bytes).collect::<Result<_, _>>()?,
        features: with_items(app, &item, body.feature.into_iter().chain(body.features))?,
        item,
        verdict: body.verdict,
        sampling: None,
        observation: None,
        detail: EventDetail::default(),
        seconds_open: body.seconds_open.filter(|seconds| seconds.is_finite()),
        by: Reviewer {
            name: session.name,
            organisation: session.organisation,
            role: body.stage.to_string(),
            client: session.client,
        },
    })
}

/// A drawing that is valid, in the survey's CRS.
fn kept(
    app: &App,
    geometry: &Value,
    before: Option<&MultiPolygon>,
) -> Result<MultiPolygon, ErrorAnswer> {
    let shape = drawn(geometry)?;
    shapes::check(&shape)?;
    Ok(shapes::to_ground(&app.survey, &shape, before))
}

/// Each feature with the item that it is a find of: this one, or another that is open.
fn with_items(
    app: &App,
    item: &str,
    features: impl Iterator<Item = String>,
) -> Result<Vec<(String, String)>, ErrorAnswer> {
    let state = app.book.state();
    let of = |id: String| {
        let missing = || ErrorAnswer::not_possible(format!("there is no feature {id}"));
        let feature = app.survey.feature(&id).ok_or_else(missing)?;
        let own = state.review.item(item).map(|item| app.survey.facts(&state.review, item));
        if own.is_some_and(|facts| facts.features.contains(&feature.id)) {
            return Ok((id, item.to_owned()));
        }
        let open = app.survey.open_items(&state.review, feature.id).into_iter().next();
        let settled = || {
            let text = format!("{id} is a find of no item that is open: reopen one first");
            ErrorAnswer::not_possible(text)
        };
        Ok((id.clone(), open.ok_or_else(settled)?))
    };
    features.map(of).collect()
}
