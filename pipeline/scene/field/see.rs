//! What a model of ordnance sees of a field, right and wrong.

use super::cover::Cover;
use super::lay::{Lay, anywhere, span};
use super::spec::{FieldSpec, Sight, SightOf};
use crate::random::Dice;
use geo::{Coord, Intersects, Point, Rect, coord};
use rams_domain::{DetectionId, EoCategory, Feature, FeatureId, Indicator, PxBox, TileId};
use std::f64::consts::TAU;

pub(super) const ORTHOMOSAIC: &str = "simulated";
pub(super) const MODEL: &str = "surface-ordnance";
pub(super) const CLASSES: [&str; 3] = ["pfm-1", "av-round", "submunition"];

/// How scores of one category fall, in the measure of the spec: the threshold is 0, and on median
/// ground `per_ha * exp(-x)` false alarms per hectare score at least x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scores {
    per_ha: f64,
    mean: f64,
    deviation: f64,
    objects_per_ha: f64,
}

impl Scores {
    pub(super) fn new(sight: &SightOf, objects_per_ha: f64) -> Self {
        // Both recalls as deviations of a normal: recall = Phi((mean - x) / deviation).
        let [at_threshold, further] = [sight.recall, sight.recall_at].map(deviations);
        let deviation = (sight.per_ha / sight.at_per_ha).ln() / (at_threshold - further);
        Self { per_ha: sight.per_ha, mean: at_threshold * deviation, deviation, objects_per_ha }
    }

    /// Probability that a find of a score is true, on median ground with as many objects as the
    /// confidence was fitted on.
    pub(super) fn confidence(&self, score: f64) -> f64 {
        // A normal falls faster than an exponential: from there on the ratio would sink again.
        let score = score.min(self.mean + self.deviation * self.deviation);
        let off = (score - self.mean) / self.deviation;
        let right = self.objects_per_ha * (-off * off / 2.0).exp() / (self.deviation * TAU.sqrt());
        right / (right + self.per_ha * (-score).exp())
    }
}

/// The features of ordnance, numbered from 1.
pub(super) fn ordnance(
    seed: u64,
    spec: &FieldSpec,
    lay: &Lay,
    cover: &Cover,
    extent: Rect,
) -> Vec<Feature> {
    let sight = &spec.sight;
    let mut dice = Dice::new(seed, "field sight", 0);
    let (noisy, shift) = (normal(&mut dice) * sight.ground_sd, normal(&mut dice) * sight.shift_sd);
    let mut features = vec![];
    for item in lay.items.iter().filter(|item| !item.hidden && !cover.hides(item.at.0)) {
        let Some(of) = sight.of.get(&item.eo_category) else { continue };
        let scores = Scores::new(of, sight.fitted_objects_per_ha);
        let score = scores.mean + shift + scores.deviation * normal(&mut dice);
        let called = called(item.eo_category, of, &mut dice);
        let off = coord! { x: normal(&mut dice), y: normal(&mut dice) } * sight.position_m;
        if score > 0.0 {
            features.push(feature(
                next(&features),
                called,
                item.at.0 + off,
                scores.confidence(score),
            ));
        }
    }
    let texture = Texture::new(seed, sight, extent);
    let hectares = extent.width() * extent.height() / 10_000.0;
    for (eo_category, of) in &sight.of {
        let mut dice = Dice::new(seed, "field false finds", *eo_category as u64);
        let scores = Scores::new(of, sight.fitted_objects_per_ha);
        for _ in 0..poisson(of.per_ha * hectares * noisy.exp(), &mut dice) {
            let (at, better) = texture.place(sight, extent, &mut dice);
            let score = exponential(&mut dice) + better;
            if score > 0.0 && extent.intersects(&at) && !cover.hides(at) {
                features.push(feature(next(&features), *eo_category, at, scores.confidence(score)));
            }
        }
    }
    features
}

/// The number of the next feature of a field.
pub(super) fn next(features: &[Feature]) -> FeatureId {
    FeatureId(features.len() as u32 + 1)
}

/// Where ground looks like ordnance: patches with a shift of scores each, and lines.
struct Texture {
    patches: Vec<(Coord, f64, f64)>,
    lines: Vec<[Coord; 2]>,
}

impl Texture {
    fn new(seed: u64, sight: &Sight, extent: Rect) -> Self {
        let mut dice = Dice::new(seed, "field texture", 0);
        let hectares = extent.width() * extent.height() / 10_000.0;
        let patches = (0..poisson(sight.patches_per_ha * hectares, &mut dice).max(1))
            .map(|_| {
                let shift = normal(&mut dice) * sight.patch_shift_sd;
                (anywhere(extent, &mut dice), span(sight.patch_m, &mut dice), shift)
            })
            .collect();
        let across_m = extent.width().hypot(extent.height());
        let lines = (0..super::lay::count(sight.lines, &mut dice).max(1))
            .map(|_| {
                let (middle, along) = (anywhere(extent, &mut dice), dice.direction());
                let half_m = dice.between(0.05, 0.5) * across_m;
                [middle - along * half_m, middle + along * half_m]
            })
            .collect();
        Self { patches, lines }
    }

    /// A place of a false find, and how much better than elsewhere it scores.
    fn place(&self, sight: &Sight, extent: Rect, dice: &mut Dice) -> (Coord, f64) {
        let way = dice.between(0.0, 1.0);
        if way < sight.on_patches {
            let (middle, radius_m, shift) = self.patches[dice.below(self.patches.len())];
            (middle + coord! { x: normal(dice), y: normal(dice) } * (radius_m / 2.0), shift)
        } else if way < sight.on_patches + sight.on_lines {
            let [from, to] = self.lines[dice.below(self.lines.len())];
            let off = coord! { x: normal(dice), y: normal(dice) } * 0.4;
            (from + (to - from) * dice.between(0.0, 1.0) + off, 0.0)
        } else {
            (anywhere(extent, dice), 0.0)
        }
    }
}

fn called(eo_category: EoCategory, of: &SightOf, dice: &mut Dice) -> EoCategory {
    let mut drawn = dice.between(0.0, 1.0);
    for (other, share) in &of.taken_for {
        if drawn < *share {
            return *other;
        }
        drawn -= share;
    }
    eo_category
}

fn feature(id: FeatureId, eo_category: EoCategory, at: Coord, confidence: f64) -> Feature {
    let (class, indicator, size_m) = match eo_category {
        EoCategory::AvMine => (CLASSES[1], Indicator::MineSurface, [0.32, 0.32]),
        EoCategory::Cmr => (CLASSES[2], Indicator::Submunition, [0.26, 0.07]),
        _ => (CLASSES[0], Indicator::MineSurface, [0.12, 0.06]),
    };
    point(id, class, indicator, eo_category, at, confidence, size_m, MODEL)
}

/// A feature at a point; its score is its confidence.
pub(super) fn point(
    id: FeatureId,
    class: &str,
    indicator: Indicator,
    eo_category: EoCategory,
    at: Coord,
    confidence: f64,
    size_m: [f64; 2],
    model: &str,
) -> Feature {
    Feature {
        id,
        class: class.into(),
        indicator,
        eo_category,
        geometry: Point::from(at).into(),
        score: confidence as f32,
        confidence: confidence as f32,
        size_m,
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: ORTHOMOSAIC.into(),
        model: model.into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 },
        detections: vec![DetectionId { tile: TileId(0), index: 0 }],
        also: vec![],
    }
}

/// Mean 0, deviation 1: Box and Muller.
pub(super) fn normal(dice: &mut Dice) -> f64 {
    let radius = (2.0 * exponential(dice)).sqrt();
    radius * crate::angle::sin_cos(dice.between(0.0, 360.0)).0
}

/// Mean 1.
fn exponential(dice: &mut Dice) -> f64 {
    -(1.0 - dice.between(0.0, 1.0)).ln()
}

/// A count of a mean: by products where it is small, else by its normal limit.
pub(super) fn poisson(mean: f64, dice: &mut Dice) -> u32 {
    if mean > 50.0 {
        return (mean + mean.sqrt() * normal(dice)).round().max(0.0) as u32;
    }
    let (least, mut product, mut events) = ((-mean).exp(), dice.between(0.0, 1.0), 0);
    while product > least {
        product *= dice.between(0.0, 1.0);
        events += 1;
    }
    events
}

/// The deviations below which a normal lies with a probability, by bisection of its distribution
/// function.
fn deviations(probability: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if phi(middle) < probability { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The normal distribution function to 7.5e-8 (Abramowitz and Stegun 26.2.17).
fn phi(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-x * x / 2.0).exp() / TAU.sqrt() * series;
    if x >= 0.0 { 1.0 - tail } else { tail }
}
