//! Earthworks of a field, and what a model sees of them.

use super::cover::Cover;
use super::lay::{Frame, anywhere, span};
use super::see::{ORTHOMOSAIC, next, normal, point, poisson};
use super::spec::{EarthworksSight, FieldSpec};
use crate::angle::length;
use crate::random::Dice;
use crate::terrain::Walk;
use geo::{
    Coord, Densify, Euclidean, Intersects, Length, LineString, MultiLineString, Rect, coord,
};
use rams_domain::{
    DetectionId, EoCategory, Feature, FeatureId, FeaturePart, Indicator, PxBox, TileId,
};

pub(super) const MODEL: &str = "earthworks";
pub(super) const CLASSES: [&str; 7] =
    ["trench_fire", "trench_comm", "trench", "at_ditch", "berm", "foxhole", "crater"];

/// The works of a defended line, metres.
pub(super) fn dig(
    seed: u64,
    spec: &FieldSpec,
    frame: Frame,
    extent: Rect,
) -> Vec<(Indicator, LineString)> {
    let front = &spec.front;
    let mut dice = Dice::new(seed, "field works", 0);
    let mut works = vec![];
    if dice.happens(front.trench) {
        let length_m = span(front.trench_m, &mut dice);
        works.push((
            Indicator::TrenchFire,
            Walk::FIRE_TRENCH.through(frame.origin, frame.along, length_m, &mut dice),
        ));
        if dice.happens(front.communication) {
            let from = frame.place(dice.between(-0.3, 0.3) * length_m, 0.0);
            let length_m = span(front.communication_m, &mut dice);
            let rear = frame.forward * -1.0;
            works.push((
                Indicator::TrenchComm,
                Walk::COMMUNICATION_TRENCH.line(from, rear, length_m, &mut dice),
            ));
        }
    }
    if dice.happens(front.ditch) {
        let middle = frame.place(dice.between(-60.0, 60.0), span(front.ditch_ahead_m, &mut dice));
        let length_m = span(front.ditch_m, &mut dice);
        works.push((
            Indicator::AtDitch,
            Walk::AT_DITCH.through(middle, frame.along, length_m, &mut dice),
        ));
    }
    works.into_iter().flat_map(|(indicator, line)| inside(indicator, &line, extent)).collect()
}

/// The stretches of a line within the field.
fn inside(indicator: Indicator, line: &[Coord], extent: Rect) -> Vec<(Indicator, LineString)> {
    let within = line.split(|at| !extent.intersects(at));
    within
        .filter(|stretch| stretch.len() > 1)
        .map(|stretch| (indicator, stretch.to_vec().into()))
        .collect()
}

/// The features of a field with those of its earthworks, numbered after them.
pub(super) fn found(
    mut features: Vec<Feature>,
    seed: u64,
    sight: &EarthworksSight,
    works: &[(Indicator, LineString)],
    cover: &Cover,
    extent: Rect,
) -> Vec<Feature> {
    let mut dice = Dice::new(seed, "field works sight", 0);
    for (indicator, line) in works {
        let share = sight.found.get(indicator).copied().unwrap_or(0.0);
        let mut run: Vec<LineString> = vec![];
        for stretch in stretches(line, 25.0) {
            let middle = stretch.0[stretch.0.len() / 2];
            if dice.happens(share) && !cover.hides(middle) {
                run.push(stretch);
            } else {
                features.extend(network(
                    next(&features),
                    *indicator,
                    std::mem::take(&mut run),
                    sight,
                    1.2,
                    &mut dice,
                ));
            }
        }
        features.extend(network(next(&features), *indicator, run, sight, 1.2, &mut dice));
    }
    let km2 = extent.width() * extent.height() / 1e6;
    let factor = sight.false_factor * (normal(&mut dice) * sight.false_factor_sd).exp();
    for (indicator, per_km2) in &sight.false_per_km2 {
        for _ in 0..poisson(per_km2 * km2 * factor, &mut dice) {
            let at = anywhere(extent, &mut dice);
            if cover.hides(at) {
                continue;
            }
            if sight.width_m.contains_key(indicator) {
                let length_m = dice.between(10.0, 50.0);
                let line = Walk::ROAD.line(at, dice.direction(), length_m, &mut dice);
                if line.iter().all(|at| extent.intersects(at) && !cover.hides(*at)) {
                    let stretches = stretches(&line.into(), 25.0);
                    features.extend(network(
                        next(&features),
                        *indicator,
                        stretches,
                        sight,
                        -0.3,
                        &mut dice,
                    ));
                }
            } else {
                let confidence = probability(-0.3, &mut dice);
                let class = indicator.to_string();
                features.push(point(
                    next(&features),
                    &class,
                    *indicator,
                    EoCategory::Unknown,
                    at,
                    confidence,
                    [4.0, 3.0],
                    MODEL,
                ));
            }
        }
    }
    features
}

/// A line cut into stretches of about a length, none much longer.
fn stretches(line: &LineString, length_m: f64) -> Vec<LineString> {
    let mut all = vec![];
    let mut run: Vec<Coord> = vec![];
    let mut run_m = 0.0;
    for at in Euclidean.densify(line, length_m / 5.0).coords() {
        run_m += run.last().map_or(0.0, |last| length(*at - *last));
        run.push(*at);
        if run_m >= length_m {
            all.push(LineString::from(std::mem::replace(&mut run, vec![*at])));
            run_m = 0.0;
        }
    }
    if run.len() > 1 {
        all.push(run.into());
    }
    all
}

/// Stretches that were found side by side: one feature.
fn network(
    id: FeatureId,
    indicator: Indicator,
    run: Vec<LineString>,
    sight: &EarthworksSight,
    logit: f64,
    dice: &mut Dice,
) -> Option<Feature> {
    if run.is_empty() {
        return None;
    }
    let width_m = sight.width_m.get(&indicator).copied().unwrap_or(3.0);
    // One draft for the whole run, so that its stretches still meet.
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
    let lengths_m: Vec<f64> = parts.iter().map(|part| Euclidean.length(&part.line)).collect();
    let length_m: f64 = lengths_m.iter().sum();
    let mean =
        parts.iter().zip(&lengths_m).map(|(part, m)| f64::from(part.confidence) * m).sum::<f64>()
            / length_m;
    Some(Feature {
        id,
        class,
        indicator,
        eo_category: EoCategory::Unknown,
        geometry: MultiLineString::new(parts.iter().map(|part| part.line.clone()).collect()).into(),
        score: mean as f32,
        confidence: mean as f32,
        size_m: [length_m, width_m],
        area_m2: length_m * width_m,
        parts,
        orthomosaic: ORTHOMOSAIC.into(),
        model: MODEL.into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 },
        detections: vec![DetectionId { tile: TileId(0), index: 0 }],
        also: vec![],
    })
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
