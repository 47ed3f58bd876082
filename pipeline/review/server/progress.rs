//! What a day came to.

use super::answer::{ErrorAnswer, asked};
use super::{App, blocking};
use crate::book::EventRow;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use rams_domain::ItemState;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

#[derive(serde::Deserialize)]
pub(super) struct Of {
    day: Option<String>,
}

/// The figures of a day, UTC; today's where none is named.
pub(super) async fn progress(
    State(app): State<Arc<App>>,
    of: Result<Query<Of>, QueryRejection>,
) -> Result<Json<Value>, ErrorAnswer> {
    let day = asked(of)?.day.unwrap_or_else(|| crate::book::now()[..10].to_owned());
    let date: jiff::civil::Date = day
        .parse()
        .map_err(|_| ErrorAnswer::bad(format!("day is {day:?}: give a date such as 2026-11-28")))?;
    blocking(app, move |app| {
        let events = app.book.day(&date.to_string())?;
        let stages = stages(app)?;
        let head = app.book.head();
        Ok(Json(json!({
            "day": date.to_string(),
            "stages": stages,
            "decisions": tally(&events, |event| Some(event.kind.clone())),
            "rejected": reasons(&events, "reject"),
            "deferred": reasons(&events, "defer"),
            "returned": reasons(&events, "return"),
            "modified": modified(app, &events),
            "groups": groups(app, &events),
            "people": tally(&events, |event| Some(event.who.clone())),
            "head": { "seq": head.seq, "hash": head.hex() },
        })))
    })
    .await
}

fn tally(events: &[EventRow], of: impl Fn(&EventRow) -> Option<String>) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    events.iter().filter_map(of).for_each(|of| *tally.entry(of).or_default() += 1);
    tally
}

fn reasons(events: &[EventRow], kind: &str) -> BTreeMap<String, usize> {
    tally(events, |event| event.reason.clone().filter(|_| event.kind == kind))
}

/// What waits at each stage now, and since when the oldest.
fn stages(app: &App) -> Result<Vec<Value>, ErrorAnswer> {
    let (moved, begun) = (app.book.moved_at()?, app.book.begun()?);
    let moved: HashMap<String, String> = moved.into_iter().collect();
    let state = app.book.state();
    let stage = |stage| {
        let open = state.review.items().filter(|item| {
            let standing = item.standing();
            standing.is_open() && standing.stage == stage
        });
        let (mut waiting, mut deferred, mut oldest) = (0, 0, None::<&String>);
        for item in open {
            match item.standing().state {
                ItemState::Deferred => deferred += 1,
                _ => waiting += 1,
            }
            let since = moved.get(&item.id).unwrap_or(&begun);
            oldest = Some(oldest.map_or(since, |oldest| oldest.min(since)));
        }
        json!({ "stage": stage, "waiting": waiting, "deferred": deferred, "oldest": oldest })
    };
    Ok(state.review.stages().iter().map(stage).collect())
}

/// How many outlines were modified, and their areas before and after.
fn modified(app: &App, events: &[EventRow]) -> Value {
    let area_m2 = |wkb: &Option<Vec<u8>>| {
        let boundary = rams_overlay::from_wkb(wkb.as_deref()?).ok()?;
        Some(app.survey.survey.ground.area_m2(&boundary))
    };
    let of = events.iter().filter(|event| event.kind == "modify" && event.geom_after.is_some());
    let areas: Vec<_> = of
        .filter_map(|event| Some((area_m2(&event.geom_before)?, area_m2(&event.geom_after)?)))
        .collect();
    json!({
        "count": areas.len(),
        "before_m2": areas.iter().map(|(before, _)| before).sum::<f64>(),
        "after_m2": areas.iter().map(|(_, after)| after).sum::<f64>(),
    })
}

/// Decisions by category, district and threat.
fn groups(app: &App, events: &[EventRow]) -> Vec<Value> {
    let state = app.book.state();
    let mut groups: BTreeMap<[String; 4], usize> = BTreeMap::new();
    for event in events {
        let Some(item) = state.review.item(&event.item) else { continue };
        let facts = app.survey.facts(&state.review, item);
        let of = [
            item.eo_category().to_string(),
            facts.district.clone(),
            facts.threat.to_string(),
            event.kind.clone(),
        ];
        *groups.entry(of).or_default() += 1;
    }
    let group = |([eo_category, district, threat, kind], count): ([String; 4], usize)| {
        json!({
            "eo_category": eo_category,
            "district": district,
            "threat": threat,
            "kind": kind,
            "count": count,
        })
    };
    groups.into_iter().map(group).collect()
}
