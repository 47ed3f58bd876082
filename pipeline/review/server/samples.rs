//! Samples of decided items: drawn, looked at again, and what that comes to.

use super::access::{Right, Session, may};
use super::answer::{ErrorAnswer, body, key};
use super::{App, blocking};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use rams_domain::{
    AcceptanceNumbers, Decision, Finding, ItemState, LotItem, Proposal, Reached, Review, Reviewer,
    Said, Sample, SampleItem, SamplePlan, SamplePurpose, SampleSize, Sampling,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    purpose: SamplePurpose,
    size: SampleSize,
    seed: Option<u32>,
    reached: Option<Reached>,
    #[serde(default)]
    district: String,
    acceptance: Option<AcceptanceNumbers>,
    /// Who draws, where the page says so.
    who: Option<String>,
}

/// What a person says about a sample: of an item what they found, or of all that does not conform
/// what is done about it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    item: Option<String>,
    finding: Option<Finding>,
    #[serde(default)]
    comment: String,
    seconds_open: Option<f64>,
    /// Who says it, where the page says so.
    who: Option<String>,
}

/// All samples, without their items.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, ErrorAnswer> {
    blocking(app, move |app| {
        let state = app.book.state();
        let results: Vec<_> = state.review.samples().iter().map(Sample::result).collect();
        Ok(Json(json!({ "samples": results })))
    })
    .await
}

pub(super) async fn sample(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ErrorAnswer> {
    blocking(app, move |app| view(app, &id, &session.name).map(Json)).await
}

/// Draws one.
pub(super) async fn draw(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let asked: Plan = body(&bytes)?;
    session.is_of(asked.who.as_deref())?;
    let id = key(&headers)?;
    blocking(app, move |app| {
        let seed = match asked.seed {
            Some(seed) => seed,
            None => any_seed()?,
        };
        let plan = SamplePlan {
            purpose: asked.purpose,
            size: asked.size,
            seed,
            reached: asked.reached.unwrap_or(Reached::Stage(app.subject.stages.first())),
            district: asked.district,
            acceptance: asked.acceptance,
        };
        let lot = lot(app, &app.book.state().review, &plan);
        let draw = Sampling::Draw { plan, lot };
        let name = session.name.clone();
        let drawn = app.book.decide(proposal(app, id, session, Decision::Sample, draw))?;
        let event = drawn.event.event().map_err(|error| ErrorAnswer::broken(&error))?;
        let sample = event.detail.drawn.map(|drawn| drawn.sample).unwrap_or_default();
        view(app, &sample, &name).map(Json)
    })
    .await
}

/// Looks again at an item of one, or says what is done about what does not conform.
pub(super) async fn look(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Session>,
    Path(sample): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, ErrorAnswer> {
    let asked: Look = body(&bytes)?;
    session.is_of(asked.who.as_deref())?;
    let id = key(&headers)?;
    blocking(app, move |app| {
        let name = session.name.clone();
        let (decision, sampling) = match (&asked.item, asked.finding) {
            (Some(_), Some(finding)) => {
                (Decision::Inspect, Sampling::Inspect { sample: sample.clone(), finding })
            }
            (None, None) => (Decision::Correct, Sampling::Correct { sample: sample.clone() }),
            _ => {
                let text = "give item and finding, or neither to say what is done about it";
                return Err(ErrorAnswer::bad(text));
            }
        };
        let mut proposal = proposal(app, id, session, decision, sampling);
        proposal.item = asked.item.unwrap_or_default();
        proposal.comment = asked.comment;
        proposal.seconds_open = asked.seconds_open.filter(|seconds| seconds.is_finite());
        app.book.decide(proposal)?;
        view(app, &sample, &name).map(Json)
    })
    .await
}

fn any_seed() -> Result<u32, ErrorAnswer> {
    getrandom::u32()
        .map_err(|error| ErrorAnswer::broken(&format!("no random numbers to be had: {error}")))
}

fn proposal(
    app: &App,
    id: String,
    session: Session,
    decision: Decision,
    sampling: Sampling,
) -> Proposal {
    let by = Reviewer {
        name: session.name,
        organisation: session.organisation,
        role: "inspector".into(),
        client: session.client,
    };
    // The book says when, the item at which stage.
    let bare = Proposal::new(id, by, app.subject.stages.first(), decision, "");
    Proposal { sampling: Some(sampling), ..bare }
}

/// What is decided and as far as a plan says.
fn lot(app: &App, review: &Review, plan: &SamplePlan) -> Vec<LotItem> {
    let is_decided = |standing: rams_domain::Standing| {
        standing.state != ItemState::Superseded
            && standing.disposition.is_some()
            && Reached::of(standing) >= plan.reached
    };
    let items = review.items().filter(|item| is_decided(item.standing()));
    let of = |item: &rams_domain::ReviewItem| {
        let facts = app.survey.facts(review, item);
        LotItem {
            item: item.id.clone(),
            version: item.version,
            district: facts.district.clone(),
            eo_category: item.eo_category(),
            threat: facts.threat,
            area_m2: app.survey.outline(item).area_m2,
        }
    };
    items.map(of).filter(|of| plan.district.is_empty() || of.district == plan.district).collect()
}

/// Whether what was said before is told to nobody who looks at items of a sample.
pub(super) fn is_blind(review: &Review, sample: &str) -> Result<bool, ErrorAnswer> {
    Ok(found(review, sample)?.is_blind())
}

/// Items of which a second look asks a person what they are, each with its sample: what was decided
/// on these they are not told. Who may not answer is asked nothing.
pub(super) fn asked_of(app: &App, name: &str) -> Result<BTreeMap<String, String>, ErrorAnswer> {
    if !may(app, name, Right::Inspect)? {
        return Ok(BTreeMap::new());
    }
    let state = app.book.state();
    let looks = state.review.second_looks(name).into_iter();
    Ok(looks.map(|(item, sample)| (item.to_owned(), sample.to_owned())).collect())
}

fn found<'a>(review: &'a Review, id: &str) -> Result<&'a Sample, ErrorAnswer> {
    let missing =
        || ErrorAnswer::not_found(format!("there is no sample {id}: GET /samples lists them"));
    review.sample(id).ok_or_else(missing)
}

/// A sample as a person may see it.
fn view(app: &App, id: &str, name: &str) -> Result<Value, ErrorAnswer> {
    let state = app.book.state();
    let sample = found(&state.review, id)?;
    let acted = |item: &SampleItem| {
        let item = state.review.item(&item.drawn.item);
        item.is_some_and(|item| item.acted().contains_key(name))
    };
    let is_second = sample.plan.purpose == SamplePurpose::SecondLook;
    let is_inspector = is_second || !sample.items.iter().any(acted);
    let row = |item: &SampleItem| {
        let may = is_inspector && (!is_second || (!acted(item) && item.finding.is_none()));
        let finding = item.finding.as_ref();
        let mut row = json!({
            "item": item.drawn.item,
            "district": item.drawn.district,
            "threat": item.drawn.threat,
            "may": may,
            "is_looked_at": finding.is_some(),
        });
        if !sample.is_blind() {
            row["version"] = item.drawn.version.into();
            row["version_now"] = state.review.item(&item.drawn.item).map(|it| it.version).into();
            row["eo_category"] = json!(item.drawn.eo_category);
            row["area_m2"] = item.drawn.area_m2.into();
            row["said"] = json!(item.said);
            row["finding"] = json!(finding);
            row["correction"] = json!(item.correction.as_ref().map(correction));
        }
        row
    };
    let mut view = json!(sample.result());
    view["items"] = sample.items.iter().map(row).collect();
    Ok(view)
}

fn correction(said: &Said<()>) -> Value {
    json!({ "who": said.who, "at_utc": said.at_utc, "comment": said.comment })
}
