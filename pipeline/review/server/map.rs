//! What the map shows beside the imagery.

use super::answer::{ErrorAnswer, asked};
use super::{App, blocking, rect, shown};
use crate::geojson;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use geo::{Geometry, Intersects, MultiPolygon, Rect, Simplify};
use rams_domain::ItemState;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a browser draws without delay.
const MOST: usize = 1_500;

#[derive(serde::Deserialize)]
pub(super) struct Window {
    bbox: String,
    res: f64,
}

/// Areas, finds, gaps and external evidence within a box, simplified to its resolution. Where there
/// are too many, the small ones are left out and that is said.
pub(super) async fn features(
    State(app): State<Arc<App>>,
    window: Result<Query<Window>, QueryRejection>,
) -> Result<Json<Value>, ErrorAnswer> {
    let Window { bbox, res } = asked(window)?;
    let asked = format!("bbox is {bbox:?} and res {res}: give x0,y0,x1,y1 and metres per pixel");
    let window = rect(&bbox).filter(|_| res.is_finite() && res >= 0.0);
    let window = window.ok_or_else(|| ErrorAnswer::bad(asked))?;
    blocking(app, move |app| {
        let mut found = areas(app, window, res);
        found.extend(external(app, window));
        found.extend(finds(app, window, res));
        found.extend(gaps(app, window, res));
        let of = found.len();
        // The order above is that of importance; within it the larger come first.
        found.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        found.truncate(MOST);
        let features: Vec<Value> = found.into_iter().map(|(.., feature)| feature).collect();
        Ok(Json(json!({
            "type": "FeatureCollection",
            "features": features,
            "capped": of > MOST,
            "of": of,
        })))
    })
    .await
}

/// Rank, weight within it, and the feature.
type Found = (u8, f64, Value);

fn feature(rank: u8, weight: f64, geometry: Value, properties: Value) -> Found {
    let feature = json!({ "type": "Feature", "geometry": geometry, "properties": properties });
    (rank, weight, feature)
}

fn simplified(shape: &MultiPolygon, res: f64) -> Value {
    geojson::of_polygons(&shape.simplify(res))
}

fn areas(app: &App, window: Rect, res: f64) -> Vec<Found> {
    let state = app.book.state();
    let items = state.review.items();
    let shown_items = items.filter(|item| item.standing().state != ItemState::Superseded);
    let area = |item: &rams_domain::ReviewItem| {
        let outline = app.survey.outline(item);
        if !outline.extent.intersects(&window) {
            return None;
        }
        let facts = app.survey.facts(&state.review, item);
        let standing = item.standing();
        let properties = json!({
            "layer": "area",
            "id": item.id,
            "state": shown(standing),
            "disposition": standing.disposition,
            "stage": standing.stage,
            "threat": facts.threat,
            "eo_category": item.eo_category(),
            "land_class": facts.land_class,
        });
        Some(feature(0, outline.area_m2, simplified(&outline.shape, res), properties))
    };
    shown_items.filter_map(area).collect()
}

fn external(app: &App, window: Rect) -> Vec<Found> {
    let survey = &app.survey.survey;
    let rows = app.survey.external_within(window).into_iter();
    let view = |row: &rams_domain::ExternalEvidence| {
        let properties = json!({
            "layer": "external",
            "id": row.id.to_string(),
            "kind": row.kind,
            "text": row.name,
        });
        let geometry = survey.ground.to_metres(&row.geometry);
        feature(1, 0.0, geojson::of(&geometry), properties)
    };
    rows.map(|at| view(&survey.external_evidence[at])).collect()
}

fn finds(app: &App, window: Rect, res: f64) -> Vec<Found> {
    let survey = &app.survey.survey;
    let rows = app.survey.features_within(window).into_iter();
    let view = |found: &rams_domain::Feature| {
        let geometry = match survey.ground.to_metres(&found.geometry) {
            Geometry::LineString(line) => line.simplify(res).into(),
            Geometry::MultiLineString(lines) => lines.simplify(res).into(),
            Geometry::Polygon(polygon) => polygon.simplify(res).into(),
            Geometry::MultiPolygon(polygons) => polygons.simplify(res).into(),
            other => other,
        };
        let properties = json!({
            "layer": "find",
            "id": found.id.to_string(),
            "class": found.class,
            "indicator": found.indicator,
            "eo_category": found.eo_category,
            "confidence": found.confidence,
        });
        feature(2, f64::from(found.confidence), geojson::of(&geometry), properties)
    };
    rows.map(|at| view(&survey.features[at])).collect()
}

fn gaps(app: &App, window: Rect, res: f64) -> Vec<Found> {
    let parts = app.survey.gaps_within(window).into_iter();
    let view = |at: usize| {
        let (gap, part) = app.survey.gap_part(at);
        let gap = &app.survey.survey.gaps[gap];
        let properties = json!({
            "layer": "gap",
            "id": at.to_string(),
            "reason": gap.reason,
            "text": app.survey.gap_text(gap),
        });
        let area = geo::Area::unsigned_area(part);
        feature(3, area, simplified(&part.clone().into(), res), properties)
    };
    parts.map(view).collect()
}
