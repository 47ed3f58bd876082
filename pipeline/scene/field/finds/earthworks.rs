//! What a model of earthworks finds in a field.

use super::feature::{DETECTION, ORTHOMOSAIC, PX, PointFind, next_id};
use crate::angle::length;
use crate::field::chance::{anywhere, normal, poisson};
use crate::field::cover::Cover;
use crate::field::spec::EarthworksDetection;
use crate::random::Dice;
use crate::terrain::Walk;
use geo::{
    Coord, Densify, Euclidean, Intersects, Length, LineString, MultiLineString, Rect, coord,
};
use rams_domain::{EoCategory, Feature, FeatureId, FeaturePart, Indicator};

pub(in crate::field) const MODEL: &str = "earthworks";
pub(in crate::field) const CLASSES: [&str; 7] =
    ["trench_fire", "trench_comm", "trench", "at_ditch", "berm", "foxhole", "crater"];

/// A line is found or missed by stretches of this length, metres.
const STRETCH_M: f64 = 25.0;

/// Log-odds of the mean confidence where the model is right, and where it is wrong.
const RIGHT: f64 = 1.2;
const WRONG: f64 = -0.3;

/// Adds the features of earthworks to those of a field, right ones first, numbered after them.
pub(in crate::field) fn find(
    features: &mut Vec<Feature>,
    seed: u64,
    spec: &EarthworksDetection,
    earthworks: &[(Indicator, LineString)],
    cover: &Cover,
    extent: Rect,
) {
    let mut dice = Dice::new(seed, "field works sight", 0);
    for (indicator, line) in earthworks {
        let share = spec.found.get(indicator).copied().unwrap_or(0.0);
        let mut run: Vec<LineString> = vec![];
        for stretch in stretches(line) {
            let middle = stretch.0[stretch.0.len() / 2];
            if dice.happens(share) && !cover.hides(middle) {
                run.push(stretch);
            } else {
                let run = std::mem::take(&mut run);
                let id = next_id(features);
                features.extend(line_feature(id, *indicator, run, spec, RIGHT, &mut dice));
            }
        }
        let id = next_id(features);
        features.extend(line_feature(id, *indicator, run, spec, RIGHT, &mut dice));
    }
    let km2 = extent.width() * extent.height() / 1e6;
    let factor = spec.false_factor * (normal(&mut dice) * spec.false_factor_sd).exp();
    for (indicator, per_km2) in &spec.false_per_km2 {
        for _ in 0..poisson(per_km2 * km2 * factor, &mut dice) {
            let id = next_id(features);
            features.extend(false_find(id, *indicator, spec, cover, extent, &mut dice));
        }
    }
}

/// A false find of a class somewhere in the field; none where something hides the ground.
fn false_find(
    id: FeatureId,
    indicator: Indicator,
    spec: &EarthworksDetection,
    cover: &Cover,
    extent: Rect,
    dice: &mut Dice,
) -> Option<Feature> {
    let at = anywhere(extent, dice);
    if cover.hides(at) {
        return None;
    }
    if spec.width_m.contains_key(&indicator) {
        let length_m = dice.between(10.0, 50.0);
        let line = Walk::ROAD.line(at, dice.direction(), length_m, dice);
        let is_open = line.iter().all(|at| extent.intersects(at) && !cover.hides(*at));
        let run = if is_open { stretches(&line.into()) } else { vec![] };
        return line_feature(id, indicator, run, spec, WRONG, dice);
    }
    let find = PointFind {
        class: &indicator.to_string(),
        indicator,
        eo_category: EoCategory::Unknown,
        at,
        confidence: probability(WRONG, dice),
        size_m: [4.0, 3.0],
        model: MODEL,
    };
    Some(find.feature(id))
}

/// A line cut into stretches, none much longer than [`STRETCH_M`].
fn stretches(line: &LineString) -> Vec<LineString> {
    let mut all = vec![];
    let mut run: Vec<Coord> = vec![];
    let mut run_m = 0.0;
    for at in Euclidean.densify(line, STRETCH_M / 5.0).coords() {
        run_m += run.last().map_or(0.0, |last| length(*at - *last));
        run.push(*at);
        if run_m >= STRETCH_M {
            all.push(LineString::from(std::mem::replace(&mut run, vec![*at])));
            run_m = 0.0;
        }
    }
    if run.len() > 1 {
        all.push(run.into());
    }
    all
}

/// Stretches that were found side by side as one feature; none of none.
fn line_feature(
    id: FeatureId,
    indicator: Indicator,
    run: Vec<LineString>,
    spec: &EarthworksDetection,
    logit: f64,
    dice: &mut Dice,
) -> Option<Feature> {
    if run.is_empty() {
        return None;
    }
    let width_m = spec.width_m.get(&indicator).copied().unwrap_or(3.0);
    // One shift for the whole run, so that its stretches still meet.
    let off = coord! { x: normal(dice), y: normal(dice) } * 0.3;
    let moved = |line: LineString| -> LineString { line.into_iter().map(|at| at + off).collect() };
    let class = if dice.happens(0.5) { indicator.to_string() } else { family(indicator) };
    let parts: Vec<FeaturePart> = run
        .into_iter()
        .map(|line| FeaturePart {
            line: moved(line),
            class: class.clone(),
            width_m,
            confidence: probability(logit, dice) as f32,
        })
        .collect();
    let (length_m, confidence) = length_and_confidence(&parts);
    Some(Feature {
        id,
        class,
        indicator,
        eo_category: EoCategory::Unknown,
        geometry: MultiLineString::new(parts.iter().map(|part| part.line.clone()).collect()).into(),
        score: confidence as f32,
        confidence: confidence as f32,
        size_m: [length_m, width_m],
        area_m2: length_m * width_m,
        parts,
        orthomosaic: ORTHOMOSAIC.into(),
        model: MODEL.into(),
        px: PX,
        detections: vec![DETECTION],
        also: vec![],
    })
}

/// The length of parts together, and their mean confidence by length.
fn length_and_confidence(parts: &[FeaturePart]) -> (f64, f64) {
    let lengths_m: Vec<f64> = parts.iter().map(|part| Euclidean.length(&part.line)).collect();
    let length_m: f64 = lengths_m.iter().sum();
    let weighted = parts.iter().zip(&lengths_m).map(|(part, m)| f64::from(part.confidence) * m);
    (length_m, weighted.sum::<f64>() / length_m)
}

/// A trench whose kind is not told.
fn family(indicator: Indicator) -> String {
    match indicator {
        Indicator::TrenchFire | Indicator::TrenchComm => "trench".into(),
        other => other.to_string(),
    }
}

/// A probability about a log-odds. Those of the card's finds above their thresholds: 0.62 to 0.88
/// in the mean where right.
fn probability(logit: f64, dice: &mut Dice) -> f64 {
    1.0 / (1.0 + (-(logit + 0.8 * normal(dice))).exp())
}
