//! What a drawing would come to, before it is saved.

use super::answer::{ErrorAnswer, body};
use super::{App, blocking, boundary};
use crate::shapes::{Flaw, Problem};
use crate::{geojson, shapes};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use geo::{Geometry, MultiPolygon};
use rams_domain::FeatureId;
use serde_json::{Value, json};
use std::sync::Arc;

/// The polygons that a person drew, local metres.
pub(super) fn drawn(geometry: &Value) -> Result<MultiPolygon, ErrorAnswer> {
    let geometry = geojson::read(geometry).map_err(ErrorAnswer::not_possible)?;
    Ok(shapes::polygons(geometry)?)
}

#[derive(serde::Deserialize)]
struct Check {
    geometry: Value,
}

pub(super) async fn check(
    State(app): State<Arc<App>>,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let Check { geometry } = body(&bytes)?;
    blocking(app, move |app| {
        let shape = drawn(&geometry)?;
        Ok(Json(match shapes::check(&shape) {
            Ok(()) => {
                let ground = shapes::to_ground(&app.survey, &shape, None);
                json!({
                    "valid": true,
                    "area_m2": app.survey.outline_of(&ground).area_m2,
                    "problem": null,
                    "warnings": shapes::warnings(&app.survey, &shape),
                })
            }
            Err(Problem { flaw, at }) => json!({
                "valid": false,
                "area_m2": 0.0,
                "problem": flaw,
                "at": at.map(|at| [at.x, at.y]),
                "warnings": [],
            }),
        }))
    })
    .await
}

#[derive(serde::Deserialize)]
struct Split {
    geometry: Value,
    line: Value,
}

pub(super) async fn split(
    State(app): State<Arc<App>>,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let Split { geometry, line } = body(&bytes)?;
    blocking(app, move |app| {
        let Geometry::LineString(line) = geojson::read(&line).map_err(ErrorAnswer::not_possible)?
        else {
            return Err(Problem::from(Flaw::LineTooShort).into());
        };
        let pieces = shapes::split(&drawn(&geometry)?, &line)?;
        let pieces: Vec<MultiPolygon> = pieces.into_iter().map(MultiPolygon::from).collect();
        let area_m2 =
            |piece| app.survey.outline_of(&shapes::to_ground(&app.survey, piece, None)).area_m2;
        Ok(Json(json!({
            "parts": pieces.iter().map(geojson::of_polygons).collect::<Vec<_>>(),
            "areas_m2": pieces.iter().map(area_m2).collect::<Vec<_>>(),
        })))
    })
    .await
}

#[derive(serde::Deserialize)]
struct Merge {
    items: Vec<String>,
}

pub(super) async fn merge(
    State(app): State<Arc<App>>,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let Merge { items } = body(&bytes)?;
    blocking(app, move |app| {
        let (merged, _) = merged(app, &items)?;
        let outline = app.survey.outline_of(&merged);
        let geometry = geojson::of_polygons(&outline.shape);
        Ok(Json(json!({ "geometry": geometry, "area_m2": outline.area_m2 })))
    })
    .await
}

/// The ground of several items in the survey's CRS, and the version of each that it is of.
pub(super) fn merged(
    app: &App,
    ids: &[String],
) -> Result<(MultiPolygon, Vec<(String, u64)>), ErrorAnswer> {
    let (mut boundaries, mut versions) = (vec![], vec![]);
    {
        let state = app.book.state();
        for id in ids {
            let missing = || ErrorAnswer::not_found(format!("there is no item {id}"));
            let item = state.review.item(id).ok_or_else(missing)?;
            boundaries.push(boundary(item)?);
            versions.push((id.clone(), item.version));
        }
    }
    if boundaries.len() < 2 {
        return Err(Problem::from(Flaw::NothingToMerge).into());
    }
    Ok((shapes::merge(&boundaries)?, versions))
}

#[derive(serde::Deserialize)]
struct Without {
    item: String,
    features: Vec<String>,
}

pub(super) async fn without(
    State(app): State<Arc<App>>,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let Without { item, features } = body(&bytes)?;
    blocking(app, move |app| {
        let facts = {
            let state = app.book.state();
            let missing = || ErrorAnswer::not_found(format!("there is no item {item}"));
            let item = state.review.item(&item).ok_or_else(missing)?;
            app.survey.facts(&state.review, item)
        };
        let id = |text: &String| {
            let missing = || ErrorAnswer::not_possible(format!("there is no feature {text}"));
            app.survey.feature(text).map(|feature| feature.id).ok_or_else(missing)
        };
        let features: Vec<FeatureId> = features.iter().map(id).collect::<Result<_, _>>()?;
        let areas = (app.setup.without)(&facts, &features).map_err(ErrorAnswer::not_possible)?;
        let boundaries: Vec<MultiPolygon> = areas.iter().map(|it| it.boundary.clone()).collect();
        let strongest = areas.iter().max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        let Some(strongest) = strongest else {
            return Ok(Json(json!({
                "geometry": null,
                "area_m2": 0.0,
                "confidence": 0.0,
                "sentence": "Without these finds the doctrine draws no area here.",
            })));
        };
        let outline = app.survey.outline_of(&shapes::merge(&boundaries)?);
        Ok(Json(json!({
            "geometry": geojson::of_polygons(&outline.shape),
            "area_m2": outline.area_m2,
            "confidence": strongest.confidence,
            "sentence": strongest.rationale,
        })))
    })
    .await
}
