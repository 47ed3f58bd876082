//! Who reviews what, and in which words.

use super::access::{Right, Session, may, roles_of, stages_of};
use super::answer::ErrorAnswer;
use super::{App, blocking};
use crate::geojson;
use crate::reviewed_survey::ReviewedSurvey;
use axum::Json;
use axum::extract::{Extension, State};
use rams_domain::{Decision, EoCategory, GapReason, Reason, ReviewStage};
use rams_store::palette;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

pub(super) async fn me(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
) -> Result<Json<Value>, ErrorAnswer> {
    blocking(app, move |app| {
        let own = stages_of(app, &session.name)?;
        let may_inspect = may(app, &session.name, Right::Inspect)?;
        let state = app.book.state();
        let stage = |stage: ReviewStage| json!({ "id": stage, "label": stage.label() });
        Ok(Json(json!({
            "name": session.name,
            "organisation": session.organisation,
            "roles": roles_of(app, &session.name)?,
            "stages": state.review.stages().iter().map(stage).collect::<Vec<_>>(),
            "my_stages": own,
            "may_inspect": may_inspect,
            "survey": survey(app),
            "reasons": {
                "reject": reasons(Decision::Reject),
                "defer": reasons(Decision::Defer),
                "return": reasons(Decision::Return),
                "feature": reasons(Decision::Verdict),
            },
            "eo_categories": EoCategory::ALL,
            "palette": colours(),
            "head": { "seq": state.head.seq, "hash": state.head.hex() },
        })))
    })
    .await
}

fn reasons(decision: Decision) -> Vec<Value> {
    let reason = |reason: &Reason| json!({ "id": reason, "label": reason.label() });
    Reason::of(decision).iter().map(reason).collect()
}

fn survey(app: &App) -> Value {
    let ReviewedSurvey { survey, extent, .. } = &app.survey;
    let layer = |layer: crate::Layer| {
        json!({
            "id": layer.id,
            "title": layer.title,
            "kind": layer.kind,
            "digest": layer.digest,
            "finest_gsd_m": layer.finest_gsd_m,
            "extent": geojson::of_rect(layer.extent),
            "max_z": layer.max_z(*extent),
        })
    };
    let folder = app.setup.dir.canonicalize().unwrap_or_else(|_| app.setup.dir.clone());
    let folder = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let doctrine = &survey.record.doctrine;
    json!({
        "name": folder.unwrap_or_default(),
        "digest": app.subject.survey_sha256,
        "crs": survey.ground.crs().to_string(),
        "extent": geojson::of_rect(*extent),
        "layers": app.setup.imagery.layers().into_iter().map(layer).collect::<Vec<_>>(),
        "not_assessed": not_assessed(app),
        "doctrine": format!("{} {}", doctrine.name, doctrine.version),
    })
}

/// The share of the ground with an image that was not assessed, over all classes that a model
/// looked for, and why.
fn not_assessed(app: &App) -> Value {
    use GapReason::{BeyondLimit, GsdTooCoarse, NoImagery, NoModel, Nodata};
    let survey = &app.survey.survey;
    let times = |area_m2: f64, classes: &[String]| area_m2 * classes.len() as f64;
    let seen: f64 = survey.assessed.iter().map(|it| times(it.area_m2, &it.classes)).sum();
    let mut missed: BTreeMap<String, f64> = BTreeMap::new();
    for gap in &survey.gaps {
        if !matches!(gap.reason, Nodata | NoImagery | BeyondLimit | NoModel | GsdTooCoarse) {
            *missed.entry(gap.reason.to_string()).or_default() += times(gap.area_m2, &gap.classes);
        }
    }
    let of_all = |area: f64| {
        let all = seen + missed.values().sum::<f64>();
        if all > 0.0 { area / all } else { 0.0 }
    };
    let mut reasons: Vec<(&String, f64)> =
        missed.iter().map(|(it, area)| (it, of_all(*area))).collect();
    reasons.sort_by(|a, b| b.1.total_cmp(&a.1));
    let reason = |(reason, share): &(&String, f64)| json!({ "reason": reason, "share": share });
    json!({
        "share": of_all(missed.values().sum()),
        "reasons": reasons.iter().map(reason).collect::<Vec<_>>(),
    })
}

/// Colours by the words that they are for, as in QGIS.
fn colours() -> Map<String, Value> {
    let looks = [&palette::EO_CATEGORIES[..], &palette::INDICATORS, &palette::THREATS];
    let looks = looks.into_iter().flatten().chain(&palette::EXTERNAL_EVIDENCE_KINDS);
    let hex = |[red, green, blue]: [u8; 3]| format!("#{red:02x}{green:02x}{blue:02x}").into();
    looks.chain([&palette::INDICATION]).map(|look| (look.name.into(), hex(look.rgb))).collect()
}
