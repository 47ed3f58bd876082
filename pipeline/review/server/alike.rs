//! Finds that look like one.

use super::access::{Session, stages_of};
use super::answer::{ErrorAnswer, asked};
use super::blocking;
use super::{App, samples};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use rams_domain::{Feature, Review};
use serde_json::{Value, json};
use std::sync::Arc;

/// Finds of an answer at the most.
const MOST: usize = 500;

/// Least cosine similarity of finds that look alike.
const SIMILAR: f32 = 0.8;

/// Largest ratio of the sizes of finds that look alike.
const RATIO: f64 = 1.25;

#[derive(serde::Deserialize)]
pub(super) struct Of {
    feature: String,
}

/// Finds in open items that look like one and have no verdict yet, the most similar first; those on
/// which the person may say something.
pub(super) async fn alike(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    of: Result<Query<Of>, QueryRejection>,
) -> Result<Json<Value>, ErrorAnswer> {
    let id = asked(of)?.feature;
    blocking(app, move |app| {
        let stages = stages_of(app, &session.name)?;
        let hidden = samples::asked_of(app, &session.name)?;
        let Some(feature) = app.survey.feature(&id) else {
            return Err(ErrorAnswer::not_found(format!("there is no feature {id}")));
        };
        let (by, similar) = similar(app, feature);
        let state = app.book.state();
        let may_judge = |review: &Review, item: &str, other: &Feature| {
            let item = review.item(item)?;
            let stage = item.standing().stage;
            let is_free = stages.contains(&stage)
                && !hidden.contains_key(&item.id)
                && item.barred(&session.name, stage).is_none()
                && !item.verdicts().contains_key(&other.id.to_string());
            is_free.then(|| item.id.clone())
        };
        let mut features = vec![];
        for (similarity, other) in similar {
            let items = app.survey.open_items(&state.review, other.id);
            let item = items.iter().find_map(|item| may_judge(&state.review, item, other));
            let Some(item) = item else { continue };
            features.push(json!({
                "id": other.id.to_string(),
                "item": item,
                "confidence": other.confidence,
                "similarity": similarity,
                "thumb": format!("/chips/{}", other.id),
            }));
            if features.len() == MOST {
                break;
            }
        }
        Ok(Json(json!({ "features": features, "by": by })))
    })
    .await
}

/// How many finds of the survey have the class and size of one, itself not counted.
pub(super) fn count(app: &App, feature: &Feature) -> usize {
    app.survey.of_size(feature, RATIO).len().saturating_sub(1)
}

/// By what finds are compared, and those that are alike, the most similar first; 1 for the same.
fn similar<'a>(app: &'a App, feature: &Feature) -> (&'static str, Vec<(f32, &'a Feature)>) {
    // A survey whose embeddings cannot be read has none.
    let embeddings =
        app.embeddings.get_or_init(|| rams_store::embeddings(&app.setup.dir).unwrap_or_default());
    let survey = &app.survey.survey;
    let (by, mut similar): (_, Vec<(f32, &Feature)>) = match embeddings.get(&feature.id) {
        Some(own) => {
            let others = survey.features.iter().filter(|other| other.model == feature.model);
            let cosine = |other: &Feature| -> Option<f32> {
                let values = embeddings.get(&other.id)?;
                Some(own.iter().zip(values).map(|(a, b)| a * b).sum())
            };
            let rated = others.filter_map(|other| Some((cosine(other)?, other)));
            ("embedding", rated.filter(|(cosine, _)| *cosine >= SIMILAR).collect())
        }
        None => {
            let ratio = |other: &Feature| {
                let [a, b] = [feature.size_m[0], other.size_m[0]];
                (a.min(b) / a.max(b).max(f64::MIN_POSITIVE)) as f32
            };
            let others = app.survey.of_size(feature, RATIO);
            ("class and size", others.map(|other| (ratio(other), other)).collect())
        }
    };
    similar.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
    (by, similar)
}
