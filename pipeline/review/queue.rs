//! Which item is next.

use crate::book::word;
use crate::reviewed_survey::{Outline, ReviewedSurvey};
use geo::{Coord, Distance, Euclidean, Point};
use rams_domain::{
    EoCategory, HazardArea, ItemState, LandClass, Review, ReviewItem, ReviewStage, Threat,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};

/// Rows of an answer at the most.
const MOST: usize = 10_000;

/// In which order items come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// By threat, then by size: what matters most.
    #[default]
    Threat,
    /// The nearest to a place first.
    Nearest,
    /// Those of which the survey is least certain first.
    Uncertain,
    /// By chance, the same for all: to know how good the survey is.
    Random,
}

/// What a person asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Query {
    /// A stage, or `verified`; the first of the person's where it is not given.
    pub(crate) stage: Option<String>,
    pub(crate) order: Order,
    pub(crate) district: Option<String>,
    pub(crate) category: Option<EoCategory>,
    pub(crate) land_class: Option<LandClass>,
    /// `x,y`, local metres, of the order by nearness.
    pub(crate) from: Option<String>,
    /// Rows of the answer at the most; all that the server gives where it is not given.
    pub(crate) most: Option<usize>,
}

/// An item of the queue.
pub(crate) struct Row<'a> {
    pub(crate) item: &'a ReviewItem,
    pub(crate) facts: Arc<HazardArea>,
    pub(crate) outline: Arc<Outline>,
}

/// What a query finds.
pub(crate) struct Found<'a> {
    /// By stage.
    pub(crate) counts: BTreeMap<String, Count>,
    /// Rows that there are.
    pub(crate) of: usize,
    /// The first of them.
    pub(crate) rows: Vec<Row<'a>>,
}

/// How many items wait at a stage, are deferred there, and went on from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Count {
    waiting: usize,
    deferred: usize,
    done: usize,
}

/// The first items that wait for a person, in order, how many wait, and the counts of all that fit
/// the query. An item on which the person acted at another stage is not among them, nor one that is
/// hidden from them. The error is a person's to read.
pub(crate) fn queue<'a>(
    survey: &ReviewedSurvey,
    review: &'a Review,
    query: &Query,
    who: &str,
    hidden: &BTreeMap<String, String>,
    first: ReviewStage,
) -> Result<Found<'a>, String> {
    let (stage, verified) = match query.stage.as_deref().filter(|stage| !stage.is_empty()) {
        None => (first, false),
        Some("verified") => (review.stages().last(), true),
        Some(text) => {
            let stage = word(text).filter(|stage| review.stages().iter().any(|it| it == *stage));
            (stage.ok_or_else(|| format!("this review has no stage {text}"))?, false)
        }
    };
    let from = query.from.as_deref().map(place).transpose()?;
    let mut counts: BTreeMap<String, Count> =
        review.stages().iter().map(|stage| (stage.to_string(), Count::default())).collect();
    let mut rows = vec![];
    for item in review.items() {
        let standing = item.standing();
        if standing.state == ItemState::Superseded {
            continue;
        }
        let facts = survey.facts(review, item);
        let fits = query.district.as_ref().is_none_or(|it| it.is_empty() || facts.district == *it)
            && query.category.is_none_or(|it| item.eo_category() == it)
            && query.land_class.is_none_or(|it| facts.land_class == it);
        if !fits {
            continue;
        }
        for passed in review.stages().iter() {
            let count = counts.entry(passed.to_string()).or_default();
            match standing.state {
                ItemState::Waiting if passed == standing.stage => count.waiting += 1,
                ItemState::Deferred if passed == standing.stage => count.deferred += 1,
                ItemState::Verified => count.done += 1,
                _ if passed < standing.stage => count.done += 1,
                _ => {}
            }
        }
        let wanted = if verified {
            standing.state == ItemState::Verified
        } else {
            standing.is_open() && standing.stage == stage && item.barred(who, stage).is_none()
        };
        if wanted && !hidden.contains_key(&item.id) {
            rows.push(Row { item, facts, outline: survey.outline(item) });
        }
    }
    sort(&mut rows, query.order, from.unwrap_or_else(|| survey.extent.center()));
    let of = rows.len().min(MOST);
    rows.truncate(query.most.unwrap_or(MOST).min(MOST));
    Ok(Found { counts, of, rows })
}

fn place(text: &str) -> Result<Coord, String> {
    let mut numbers = text.split(',').map(|number| number.trim().parse::<f64>());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(x)), Some(Ok(y)), None) if x.is_finite() && y.is_finite() => Ok(Coord { x, y }),
        _ => Err(format!("from is {text:?}: give x,y in local metres")),
    }
}

/// What was sent back comes first, what was deferred last; ids decide between equals.
fn sort(rows: &mut [Row<'_>], order: Order, from: Coord) {
    let threat = |row: &Row<'_>| match row.facts.threat {
        Threat::High => 3,
        Threat::Medium => 2,
        Threat::Unassessed => 1,
        Threat::Low => 0,
    };
    let key = |row: &Row<'_>| -> (bool, bool, i64, f64) {
        let (rank, value) = match order {
            Order::Threat => {
                let is_sha = i64::from(row.facts.land_class == LandClass::Sha);
                (-(is_sha * 4 + threat(row)), -row.outline.area_m2)
            }
            Order::Nearest => (0, Euclidean.distance(Point(row.outline.centre()), Point(from))),
            Order::Uncertain => (0, (f64::from(row.facts.confidence) - 0.5).abs()),
            Order::Random => {
                let hash = Sha256::digest(row.item.id.as_bytes());
                (i64::from(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])), 0.0)
            }
        };
        let is_deferred = row.item.standing().state == ItemState::Deferred;
        (row.item.returned().is_none(), is_deferred, rank, value)
    };
    rows.sort_by_cached_key(|row| {
        let (is_new, is_deferred, rank, value) = key(row);
        // Total order of floats as integers.
        let bits = value.to_bits() as i64;
        let ordered = bits ^ ((((bits >> 63) as u64) >> 1) as i64);
        (is_deferred, is_new, rank, ordered, row.item.id.clone())
    });
}
