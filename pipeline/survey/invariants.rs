//! What must hold of every survey, whatever went into it: checked before its map is written.
//!
//! A break is a fault of this program and no finding. A map that holds one would be believed, so
//! there is none then: the error names what broke, and the journal keeps all tiles for a program
//! that is mended.

use crate::{SurveyError, coverage};
use geo::{Area, BoundingRect, Coord, Geometry, MultiPolygon, Rect, coord};
use rams_domain::{Feature, Ground, HazardArea, LandClass, Survey};
use rams_model::Manifest;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the ground that sums of tens of thousands of outlines may be off by rounding.
const ROUNDING: f64 = 1e-7;

/// What a piece of an overlay that is thinner than its lattice may be, square metres: it is left
/// out.
const LATTICE_M2: f64 = 1e-6;

/// How far beyond all evidence an area may reach, its buffer and its link apart: the ellipse of a
/// strike and the ends of a row do.
const REACH_M: f64 = 2_000.0;

/// How many breaks are told.
const TOLD: usize = 8;

/// Checks that assessed ground and gaps are all of the ground for each class of each model, and
/// that areas and features lie where they can. `counts_twice` where overlays failed, so that some
/// ground may be in two rows.
pub(crate) fn check(
    survey: &Survey,
    ground: &MultiPolygon,
    manifests: &[&Manifest],
    counts_twice: bool,
) -> Result<(), SurveyError> {
    told(uncovered(survey, ground, manifests, counts_twice).into_iter().chain(misdrawn(survey)))
}

/// Checks that areas lie where they can, of a survey whose coverage people may have edited.
pub(crate) fn check_areas(survey: &Survey) -> Result<(), SurveyError> {
    told(misdrawn(survey).into_iter())
}

fn told(broken: impl Iterator<Item = String>) -> Result<(), SurveyError> {
    let mut lines: Vec<String> = broken.collect();
    let count = lines.len();
    if count == 0 {
        return Ok(());
    }
    lines.truncate(TOLD);
    Err(SurveyError::Broken { count, lines })
}

/// Areas, belts and features that cannot be right.
fn misdrawn(survey: &Survey) -> Vec<String> {
    let mut broken = vec![];
    let reach = reach(survey);
    broken.extend(survey.features.iter().filter_map(|feature| misplaced(feature, &survey.ground)));
    let (features, known): (BTreeSet<_>, BTreeSet<_>) = (
        survey.features.iter().map(|feature| feature.id).collect(),
        survey.external_evidence.iter().map(|known| known.id).collect(),
    );
    for area in &survey.hazard_areas {
        let stands = area.features.iter().all(|id| features.contains(id))
            && area.external_evidence.iter().all(|id| known.contains(id));
        let cause = impossible(area, &survey.ground, reach);
        let cause = cause.or_else(|| {
            (!stands).then(|| "it stands on evidence that is not in the survey".into())
        });
        broken.extend(cause.map(|cause| format!("area {}: {cause}", area.id)));
    }
    let indications =
        survey.hazard_areas.iter().filter(|it| it.land_class == LandClass::Indication);
    let indications: BTreeSet<_> = indications.map(|area| area.id).collect();
    broken.extend(survey.indication_belts.iter().filter_map(|belt| {
        let cause = if !indications.contains(&belt.area) {
            "it is no indication"
        } else if !rams_overlay::is_valid(&belt.boundary) {
            "the outline of its belt is not valid"
        } else {
            return None;
        };
        Some(format!("area {}: {cause}", belt.area))
    }));
    broken
}

/// Classes for which assessed ground and gaps are not all of the ground.
fn uncovered(
    survey: &Survey,
    ground: &MultiPolygon,
    manifests: &[&Manifest],
    counts_twice: bool,
) -> Vec<String> {
    let m2 = |boundary: &MultiPolygon| survey.ground.to_metres(boundary).unsigned_area();
    let looked_for = manifests.iter().flat_map(|manifest| {
        let of_model = |class| (manifest.model.name.clone(), class);
        coverage::looked_for(&manifest.model).into_iter().map(of_model)
    });
    let mut sums: BTreeMap<(String, String), (f64, usize)> =
        looked_for.map(|key| (key, (0.0, 0))).collect();
    let assessed = survey.assessed.iter().map(|row| (&row.model, &row.classes, &row.boundary));
    let gaps = survey.gaps.iter().map(|row| (&row.model, &row.classes, &row.boundary));
    for (model, classes, boundary) in assessed.chain(gaps) {
        let row_m2 = m2(boundary);
        for class in classes {
            let (sum_m2, pieces) = sums.entry((model.clone(), class.clone())).or_default();
            *sum_m2 += row_m2;
            *pieces += boundary.0.len();
        }
    }
    let whole_m2 = m2(ground);
    let off = |((model, class), (sum_m2, pieces)): ((String, String), (f64, usize))| {
        let slack_m2 = ROUNDING * whole_m2 + LATTICE_M2 * (pieces + 100) as f64;
        let is_short = sum_m2 < whole_m2 - slack_m2;
        let is_over = sum_m2 > whole_m2 + slack_m2 && !counts_twice;
        let by = if model.is_empty() { String::new() } else { format!(" by {model}") };
        (is_short || is_over).then(|| {
            format!(
                "{class}{by}: assessed ground and gaps are {sum_m2:.3} m² of \
                              {whole_m2:.3} m² of ground"
            )
        })
    };
    sums.into_iter().filter_map(off).collect()
}

/// The box in which all areas must lie, local metres.
fn reach(survey: &Survey) -> Rect {
    let ground = &survey.ground;
    let bounds = |geometry: &Geometry| ground.to_metres(geometry).bounding_rect();
    let known = survey
        .external_evidence
        .iter()
        .filter(|known| known.kind.points_to_hazard())
        .map(|known| &known.geometry);
    let evidence =
        survey.features.iter().map(|feature| &feature.geometry).chain(known).filter_map(bounds);
    let all = evidence.chain(ground.to_metres(&ground.extent().to_polygon()).bounding_rect());
    let grow = |(min, max): (Coord, Coord), rect: Rect| {
        let (low, high) = (rect.min(), rect.max());
        (
            coord! { x: min.x.min(low.x), y: min.y.min(low.y) },
            coord! { x: max.x.max(high.x), y: max.y.max(high.y) },
        )
    };
    let (min, max) =
        all.fold((Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN }), grow);
    Rect::new(min, max)
}

/// What cannot be right about an area.
fn impossible(area: &HazardArea, ground: &Ground, reach: Rect) -> Option<String> {
    let HazardArea { area_m2, .. } = area;
    let metres = ground.to_metres(&area.boundary);
    let Some(bounds) = metres.bounding_rect() else { return Some("it has no outline".into()) };
    let drawn_m2 = metres.unsigned_area();
    // Local metres are right to a few parts in a thousand, and less far from the middle.
    let share = 0.02 + 4.0 * ground.scale_spread();
    if !area_m2.is_finite()
        || *area_m2 <= 0.0
        || (area_m2 - drawn_m2).abs() > share * drawn_m2 + 1e-3
    {
        return Some(format!("its figure is {area_m2} m², its outline encloses {drawn_m2:.3} m²"));
    }
    let margin_m = REACH_M + area.buffer_m + area.link_m;
    let (min, max) = (
        reach.min() - Coord::from((margin_m, margin_m)),
        reach.max() + Coord::from((margin_m, margin_m)),
    );
    let (low, high) = (bounds.min(), bounds.max());
    if low.x < min.x || low.y < min.y || high.x > max.x || high.y > max.y {
        return Some("it lies far from all evidence".into());
    }
    let shares = [
        f64::from(area.confidence),
        f64::from(area.assessed_share),
        area.beyond_imagery_m2 / area_m2,
    ];
    if !shares.iter().all(|share| (0.0..=1.000_001).contains(share))
        || area.released_m2.is_nan()
        || area.released_m2 < 0.0
    {
        let (confidence, seen, beyond_m2, released_m2) =
            (area.confidence, area.assessed_share, area.beyond_imagery_m2, area.released_m2);
        return Some(format!(
            "confidence {confidence}, assessed share {seen}, {beyond_m2} m² beyond the imagery and \
             {released_m2} m² released are no shares of its {area_m2} m²"
        ));
    }
    (!rams_overlay::is_valid(&area.boundary)).then(|| "its outline is not valid".into())
}

/// A feature that lies nowhere in the imagery, or that is no probability.
fn misplaced(feature: &Feature, ground: &Ground) -> Option<String> {
    let extent = ground.to_metres(&ground.extent().to_polygon()).bounding_rect()?;
    let cause = match ground.to_metres(&feature.geometry).bounding_rect() {
        None => "it lies nowhere",
        Some(at) => {
            let (low, high) = (at.min(), at.max());
            let is_inside = low.x <= extent.max().x + REACH_M
                && low.y <= extent.max().y + REACH_M
                && high.x >= extent.min().x - REACH_M
                && high.y >= extent.min().y - REACH_M;
            match is_inside {
                true if (0.0..=1.0).contains(&feature.confidence) => return None,
                true => "its confidence is no probability",
                false => "it lies far from the imagery",
            }
        }
    };
    Some(format!("feature {} ({}): {cause}", feature.id, feature.class))
}

#[cfg(test)]
mod tests;
