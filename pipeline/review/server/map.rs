//! What the map shows beside the imagery.

use super::access::Session;
use super::answer::{ErrorAnswer, asked};
use super::{App, blocking, rect, samples, shown};
use crate::geojson;
use crate::reviewed_survey::Outline;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use geo::{Geometry, Intersects, MultiPolygon, Rect, Simplify};
use rams_domain::{ExternalEvidence, Feature, ItemState, Review, ReviewItem};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

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
    Extension(session): Extension<Session>,
    window: Result<Query<Window>, QueryRejection>,
) -> Result<Json<Value>, ErrorAnswer> {
    let Window { bbox, res } = asked(window)?;
    let asked = format!("bbox is {bbox:?} and res {res}: give x0,y0,x1,y1 and metres per pixel");
    let window = rect(&bbox).filter(|_| res.is_finite() && res >= 0.0);
    let window = window.ok_or_else(|| ErrorAnswer::bad(asked))?;
    blocking(app, move |app| {
        let hidden = samples::asked_of(app, &session.name)?;
        let state = app.book.state();
        let mut shown = vec![];
        let mut of = add(&mut shown, areas(app, &state.review, &hidden, window).into_iter());
        let external = app.survey.external_within(window).into_iter().map(|at| Found {
            weight: 0.0,
            what: What::External(&app.survey.survey.external_evidence[at]),
        });
        of += add(&mut shown, external);
        let finds = app.survey.features_within(window).into_iter().map(|at| {
            let find = &app.survey.survey.features[at];
            Found { weight: f64::from(find.confidence), what: What::Find(find) }
        });
        of += add(&mut shown, finds);
        let gaps = app.survey.gaps_within(window).into_iter().map(|at| {
            let weight = geo::Area::unsigned_area(app.survey.gap_part(at).1);
            Found { weight, what: What::Gap(at) }
        });
        of += add(&mut shown, gaps);
        let features: Vec<Value> =
            shown.iter().map(|found| found.feature(app, &state.review, res)).collect();
        Ok(Json(json!({
            "type": "FeatureCollection",
            "features": features,
            "capped": of > MOST,
            "of": of,
        })))
    })
    .await
}

/// Shows so many more as there is room for, the larger ones; how many there are. Few of a hundred
/// thousand are put in order.
fn add<'a>(shown: &mut Vec<Found<'a>>, more: impl ExactSizeIterator<Item = Found<'a>>) -> usize {
    let (of, room) = (more.len(), MOST - shown.len());
    if room == 0 {
        return of;
    }
    let larger = |a: &Found<'_>, b: &Found<'_>| b.weight.total_cmp(&a.weight);
    let mut more: Vec<Found<'a>> = more.collect();
    if of > room {
        more.select_nth_unstable_by(room - 1, larger);
        more.truncate(room);
    }
    more.sort_by(larger);
    shown.extend(more);
    of
}

/// What lies in a box, before it is known whether it is shown.
struct Found<'a> {
    /// Among those of its kind, the larger come first.
    weight: f64,
    what: What<'a>,
}

enum What<'a> {
    /// And whether it is shown as if nothing had been decided on it.
    Area(&'a ReviewItem, Arc<Outline>, bool),
    External(&'a ExternalEvidence),
    Find(&'a Feature),
    /// Its number among the parts of gaps.
    Gap(usize),
}

impl Found<'_> {
    fn feature(&self, app: &App, review: &Review, res: f64) -> Value {
        let (geometry, properties) = match &self.what {
            What::Area(item, outline, is_hidden) => {
                let item =
                    if *is_hidden { Cow::Owned(item.undecided()) } else { Cow::Borrowed(*item) };
                (simplified(&outline.shape, res), area(app, review, &item))
            }
            What::External(row) => external(app, row),
            What::Find(find) => (find_shape(app, find, res), find_words(find)),
            What::Gap(at) => gap(app, *at, res),
        };
        json!({ "type": "Feature", "geometry": geometry, "properties": properties })
    }
}

fn simplified(shape: &MultiPolygon, res: f64) -> Value {
    geojson::of_polygons(&shape.simplify(res))
}

/// Areas in a box; those on which a person is not told what was decided, as the survey drew them.
fn areas<'a>(
    app: &App,
    review: &'a Review,
    hidden: &BTreeMap<String, String>,
    window: Rect,
) -> Vec<Found<'a>> {
    let items = review.items().filter(|item| item.standing().state != ItemState::Superseded);
    let within = |item: &'a ReviewItem| {
        let is_hidden = hidden.contains_key(&item.id);
        let outline = match is_hidden {
            true => app.survey.outline(&item.undecided()),
            false => app.survey.outline(item),
        };
        let weight = outline.area_m2;
        let is_within = outline.extent.intersects(&window);
        is_within.then_some(Found { weight, what: What::Area(item, outline, is_hidden) })
    };
    items.filter_map(within).collect()
}

fn area(app: &App, review: &Review, item: &ReviewItem) -> Value {
    let facts = app.survey.facts(review, item);
    let standing = item.standing();
    json!({
        "layer": "area",
        "id": item.id,
        "state": shown(standing),
        "disposition": standing.disposition,
        "stage": standing.stage,
        "threat": facts.threat,
        "eo_category": item.eo_category(),
        "land_class": facts.land_class,
    })
}

fn external(app: &App, row: &ExternalEvidence) -> (Value, Value) {
    let properties = json!({
        "layer": "external",
        "id": row.id.to_string(),
        "kind": row.kind,
        "text": row.name,
    });
    (geojson::of(&app.survey.survey.ground.to_metres(&row.geometry)), properties)
}

fn find_shape(app: &App, find: &Feature, res: f64) -> Value {
    let geometry = match app.survey.survey.ground.to_metres(&find.geometry) {
        Geometry::LineString(line) => line.simplify(res).into(),
        Geometry::MultiLineString(lines) => lines.simplify(res).into(),
        Geometry::Polygon(polygon) => polygon.simplify(res).into(),
        Geometry::MultiPolygon(polygons) => polygons.simplify(res).into(),
        other => other,
    };
    geojson::of(&geometry)
}

fn find_words(find: &Feature) -> Value {
    json!({
        "layer": "find",
        "id": find.id.to_string(),
        "class": find.class,
        "indicator": find.indicator,
        "eo_category": find.eo_category,
        "confidence": find.confidence,
    })
}

fn gap(app: &App, at: usize, res: f64) -> (Value, Value) {
    let (gap, part) = app.survey.gap_part(at);
    let gap = &app.survey.survey.gaps[gap];
    let properties = json!({
        "layer": "gap",
        "id": at.to_string(),
        "reason": gap.reason,
        "text": app.survey.gap_text(gap),
    });
    (simplified(&part.clone().into(), res), properties)
}
