//! Tiles, chips and profiles.

use super::answer::{ErrorAnswer, asked};
use super::{App, blocking};
use crate::View;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use geo::LineString;
use serde_json::{Value, json};
use std::sync::Arc;

/// Longest side of a chip, pixels.
const CHIP_PX: u32 = 768;

/// Share of the darkest and of the brightest pixels that a stretch lets go, percent.
const STRETCH_PERCENT: f64 = 2.0;

#[derive(serde::Deserialize)]
pub(super) struct Look {
    stretch: Option<String>,
    sun: Option<f64>,
}

pub(super) async fn tile(
    State(app): State<Arc<App>>,
    Path((layer, digest, z, x, y)): Path<(String, String, u32, u32, u32)>,
    look: Result<Query<Look>, QueryRejection>,
) -> Result<Response, ErrorAnswer> {
    let Look { stretch, sun } = asked(look)?;
    let stretch_percent = match stretch.as_deref() {
        None | Some("" | "none") => None,
        Some("percent") => Some(STRETCH_PERCENT),
        Some(other) => {
            let text = format!("stretch is {other:?}: give none or percent");
            return Err(ErrorAnswer::bad(text));
        }
    };
    let view = View { stretch_percent, sun_deg: sun.filter(|sun| sun.is_finite()) };
    let tile = blocking(app, move |app| {
        let layers = app.setup.imagery.layers();
        if !layers.iter().any(|known| known.id == layer && known.digest == digest) {
            return Err(ErrorAnswer::not_found(format!("there is no layer {layer} of {digest}")));
        }
        Ok(app.setup.imagery.tile(&layer, z, x, y, &view)?)
    })
    .await?;
    Ok(picture(tile))
}

pub(super) async fn chip(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, ErrorAnswer> {
    let chip = blocking(app, move |app| {
        let Some(feature) = app.survey.feature(&id) else {
            return Err(ErrorAnswer::not_found(format!("there is no feature {id}")));
        };
        Ok(app.setup.imagery.chip(&feature.orthomosaic, feature.px, CHIP_PX)?)
    })
    .await?;
    match chip {
        Some(chip) => Ok(picture(Some(chip))),
        None => Err(ErrorAnswer::not_found("the orthomosaic is not at hand: give --ortho FILE")),
    }
}

/// Pixels never change under their address, which has their digest in it.
fn picture(bytes: Option<Vec<u8>>) -> Response {
    let Some(bytes) = bytes else { return StatusCode::NO_CONTENT.into_response() };
    let kind = if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    let mut answer = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    let keep = HeaderValue::from_static("private, max-age=31536000, immutable");
    answer.headers_mut().insert(header::CACHE_CONTROL, keep);
    answer
}

#[derive(serde::Deserialize)]
pub(super) struct Along {
    line: String,
}

pub(super) async fn profile(
    State(app): State<Arc<App>>,
    along: Result<Query<Along>, QueryRejection>,
) -> Result<Json<Value>, ErrorAnswer> {
    let text = asked(along)?.line;
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|number| number.trim().parse().ok()).collect();
    let numbers = numbers.filter(|it| {
        it.len() >= 4 && it.len().is_multiple_of(2) && it.iter().all(|number| number.is_finite())
    });
    let Some(numbers) = numbers else {
        return Err(ErrorAnswer::bad(format!(
            "line is {text:?}: give x,y,x,y,... in local metres"
        )));
    };
    let line: LineString = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let points = blocking(app, move |app| Ok(app.setup.imagery.profile(&line)?)).await?;
    let Some(points) = points else {
        return Err(ErrorAnswer::not_found("this survey has no surface model at hand"));
    };
    Ok(Json(json!({ "points": points, "note": NOTE })))
}

/// What to compare a profile with.
const NOTE: &str = "A fire trench is 0.8-1 m wide and 1.5-2 m deep, an anti-tank ditch 4-6 m wide \
                    and 2-3 m deep, a berm 1-2 m high.";
