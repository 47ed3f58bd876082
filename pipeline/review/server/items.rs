//! The queue, and an item with its evidence.

use super::access::{Session, stages_of};
use super::answer::{ErrorAnswer, asked};
use super::{App, alike, blocking, samples, shown};
use crate::book::EventRow;
use crate::guid::guid;
use crate::reviewed_survey::{Outline, grown, kind_of};
use crate::{geojson, queue};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use geo::{Distance, Euclidean, Geometry, Intersects};
use rams_domain::{
    EoCategory, ExternalEvidenceKind, HazardArea, LandClass, Review, ReviewItem, RunRecord, Threat,
    Tier, other_kinds_of,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Known incidents are told within so many metres.
const NEAR_M: f64 = 500.0;

pub(super) async fn queue(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    query: Result<Query<queue::Query>, QueryRejection>,
) -> Result<Response, ErrorAnswer> {
    let query = asked(query)?;
    blocking(app, move |app| {
        let own = stages_of(app, &session.name)?;
        let hidden = samples::asked_of(app, &session.name)?;
        let leases = app.leases.all();
        let state = app.book.state();
        let first = own.first().copied().unwrap_or(state.review.stages().first());
        let found = queue::queue(&app.survey, &state.review, &query, &session.name, &hidden, first)
            .map_err(ErrorAnswer::bad)?;
        let rows = found.rows.iter();
        let rows: Vec<Row<'_>> =
            rows.map(|it| Row::new(it.item, &it.facts, &it.outline, &leases)).collect();
        let answer = Answer { counts: &found.counts, of: found.of, items: &rows };
        // Thousands of rows: they are written without a tree of values between.
        let text = serde_json::to_string(&answer);
        text.map_err(|error| ErrorAnswer::broken(&error.to_string()))
    })
    .await
    .map(|text| ([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// Items as in the queue.
pub(super) fn rows(app: &App, review: &Review, ids: &[String]) -> Vec<Value> {
    let leases = app.leases.all();
    let items = ids.iter().filter_map(|id| review.item(id));
    let one = |item: &ReviewItem| {
        let (facts, outline) = (app.survey.facts(review, item), app.survey.outline(item));
        json!(Row::new(item, &facts, &outline, &leases))
    };
    items.map(one).collect()
}

#[derive(serde::Serialize)]
struct Answer<'a> {
    counts: &'a BTreeMap<String, queue::Count>,
    of: usize,
    items: &'a [Row<'a>],
}

/// An item in the list of those that wait.
#[derive(serde::Serialize)]
struct Row<'a> {
    id: &'a str,
    version: u64,
    state: String,
    eo_category: EoCategory,
    land_class: LandClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<Tier>,
    threat: Threat,
    confidence: f64,
    area_m2: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    district: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    returned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<&'a Value>,
}

impl<'a> Row<'a> {
    fn new(
        item: &'a ReviewItem,
        facts: &'a HazardArea,
        outline: &Outline,
        leases: &'a HashMap<String, Value>,
    ) -> Self {
        Self {
            id: &item.id,
            version: item.version,
            state: shown(item.standing()),
            eo_category: item.eo_category(),
            land_class: facts.land_class,
            tier: facts.tier,
            threat: facts.threat,
            // More digits than a person reads would be half of the list.
            confidence: rounded(f64::from(facts.confidence), 1e4),
            area_m2: rounded(outline.area_m2, 1e2),
            district: &facts.district,
            returned: item.returned().is_some(),
            lease: leases.get(&item.id),
        }
    }
}

fn rounded(value: f64, scale: f64) -> f64 {
    (value * scale).round() / scale
}

/// As one of which sample somebody looks at an item.
#[derive(serde::Deserialize)]
pub(super) struct AsOne {
    sample: Option<String>,
}

pub(super) async fn item(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    query: Result<Query<AsOne>, QueryRejection>,
) -> Result<Response, ErrorAnswer> {
    let AsOne { sample } = asked(query)?;
    let item = blocking(app, move |app| view(app, &id, &session.name, sample.as_deref())).await?;
    let version = format!("\"{}\"", item["version"]);
    Ok(([(header::ETAG, version)], Json(item)).into_response())
}

/// All that speaks for an item, and against it. Who looks at it as one of a sample is not told what
/// was decided, where the sample is blind; nor is who has still to look, wherever they see it.
pub(super) fn view(
    app: &App,
    id: &str,
    who: &str,
    sample: Option<&str>,
) -> Result<Value, ErrorAnswer> {
    let mut history = app.book.history(id)?;
    let second_look = samples::asked_of(app, who)?.remove(id);
    let state = app.book.state();
    let Some(item) = state.review.item(id) else {
        return Err(ErrorAnswer::not_found(format!("there is no item {id}")));
    };
    let of_sample = sample.map_or(Ok(false), |id| samples::is_blind(&state.review, id))?;
    let is_blind = of_sample || second_look.is_some();
    let undecided = item.undecided();
    let item = if is_blind { &undecided } else { item };
    if is_blind {
        history.clear();
    }
    let facts = app.survey.facts(&state.review, item);
    let outline = app.survey.outline(item);
    let is_as_drawn = facts.eo_category == item.eo_category();
    let leases = app.leases.all();
    let mut view = json!(Row::new(item, &facts, &outline, &leases));
    let (standing, centre) = (item.standing(), outline.centre());
    let rest = json!({
        "stage": standing.stage,
        "disposition": standing.disposition,
        "confidence": facts.confidence,
        "area_m2": outline.area_m2,
        "centre": [centre.x, centre.y],
        "extent": geojson::of_rect(outline.extent),
        "guid": guid(&app.survey.survey.record, &app.subject.survey_sha256, id),
        "kind": if is_as_drawn { facts.kind } else { kind_of(item.eo_category()) },
        "rationale": facts.rationale,
        "buffer_m": facts.buffer_m,
        "link_m": facts.link_m,
        "front_unknown": facts.front_unknown,
        "boundary": geojson::of_polygons(&outline.shape),
        "belts": belts(app, id),
        "features": features(app, item, &facts),
        "external": external(app, &outline),
        "gaps": gaps(app, &outline),
        "parents": item.parents,
        "history": history.iter().map(event).collect::<Vec<_>>(),
        "return": item.returned(),
        "second_look": second_look,
    });
    if let (Value::Object(view), Value::Object(rest)) = (&mut view, rest) {
        view.extend(rest);
    }
    Ok(view)
}

fn belts(app: &App, id: &str) -> Vec<Value> {
    let survey = &app.survey.survey;
    let belts = survey.indication_belts.iter().filter(|belt| belt.area.to_string() == id);
    let belt = |belt: &rams_domain::IndicationBelt| {
        json!({
            "from_m": belt.from_m,
            "to_m": belt.to_m,
            "weight": belt.weight,
            "geometry": geojson::of_polygons(&survey.ground.to_metres(&belt.boundary)),
        })
    };
    belts.map(belt).collect()
}

/// The finds, the strongest first.
fn features(app: &App, item: &ReviewItem, facts: &HazardArea) -> Vec<Value> {
    let survey = &app.survey.survey;
    let found = facts.features.iter().filter_map(|id| app.survey.feature(&id.to_string()));
    let mut found: Vec<_> = found.collect();
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.id.cmp(&b.id)));
    let view = |feature: &&rams_domain::Feature| {
        let id = feature.id.to_string();
        let of_class = (feature.model.clone(), feature.class.clone());
        json!({
            "id": id,
            "class": feature.class,
            "label": survey.record.class_label(&feature.model, &feature.class),
            "indicator": feature.indicator,
            "eo_category": feature.eo_category,
            "confidence": feature.confidence,
            "size_m": feature.size_m,
            "class_size_m": app.setup.class_sizes.get(&of_class),
            "geometry": geojson::of(&survey.ground.to_metres(&feature.geometry)),
            "orthomosaic": feature.orthomosaic,
            "verdict": item.verdicts().get(&id),
            "alike": alike::count(app, feature),
        })
    };
    found.iter().map(view).collect()
}

fn external(app: &App, outline: &Outline) -> Vec<Value> {
    let survey = &app.survey.survey;
    let shape = Geometry::from(outline.shape.clone());
    let near = app.survey.external_within(grown(outline.extent, NEAR_M));
    let mut rows: Vec<(f64, Value)> = vec![];
    for row in near.into_iter().map(|at| &survey.external_evidence[at]) {
        use ExternalEvidenceKind::{District, LandUse, SurveyLimit};
        let geometry = survey.ground.to_metres(&row.geometry);
        let distance_m = Euclidean.distance(&geometry, &shape);
        if matches!(row.kind, District | LandUse | SurveyLimit) || distance_m > NEAR_M {
            continue;
        }
        let view = json!({
            "id": row.id.to_string(),
            "kind": row.kind,
            "text": row.name,
            "source_reliability": row.reliability.source,
            "information_reliability": row.reliability.information,
            "date": row.date,
            "geometry": geojson::of(&geometry),
            "distance_m": distance_m,
        });
        rows.push((distance_m, view));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, view)| view).collect()
}

/// What of the item's ground was not assessed.
fn gaps(app: &App, outline: &Outline) -> Vec<Value> {
    let touching = app.survey.gaps_within(outline.extent).into_iter();
    let mut of_gap: Vec<(usize, Vec<geo::Polygon>)> = vec![];
    for (gap, part) in touching.map(|at| app.survey.gap_part(at)) {
        if !part.intersects(&outline.shape) {
            continue;
        }
        match of_gap.last_mut().filter(|(last, _)| *last == gap) {
            Some((_, parts)) => parts.push(part.clone()),
            None => of_gap.push((gap, vec![part.clone()])),
        }
    }
    let view = |(gap, parts): (usize, Vec<geo::Polygon>)| {
        let gap = &app.survey.survey.gaps[gap];
        let class = |class: &String| class_of(&app.survey.survey.record, &gap.model, class);
        json!({
            "reason": gap.reason,
            "detail": gap.detail,
            "classes": gap.classes.iter().map(class).collect::<Vec<_>>(),
            "geometry": geojson::of_polygons(&geo::MultiPolygon(parts)),
        })
    };
    of_gap.into_iter().map(view).collect()
}

/// A class with its name: one that stands for the other kinds of an indicator has those in
/// `other_than` that it is not.
fn class_of(record: &RunRecord, model: &str, class: &str) -> Value {
    let named = |id: &str, label: String| json!({ "id": id, "label": label });
    let Some((indicator, known)) = other_kinds_of(class).filter(|_| model.is_empty()) else {
        return named(class, record.class_label(model, class));
    };
    let mut of = named(indicator, record.class_label("", indicator));
    of["other_than"] = known.map(|id| named(id, record.label_of_any(id))).collect();
    of
}

/// An event for people.
pub(super) fn event(row: &EventRow) -> Value {
    let evidence: Value = serde_json::from_str(&row.evidence).unwrap_or_default();
    json!({
        "seq": row.seq,
        "uuid": row.uuid,
        "at": row.at_utc,
        "who": row.who,
        "organisation": row.organisation,
        "role": row.role,
        "stage": row.stage,
        "item": row.item,
        "item_version": row.item_version,
        "kind": row.kind,
        "reason": row.reason,
        "comment": row.comment,
        "evidence": evidence,
        "from": row.from_state,
        "to": row.to_state,
        "seconds_open": row.seconds_open,
    })
}
