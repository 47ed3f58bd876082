//! What a model of ordnance finds in a field.

use super::feature::{PointFind, next_id};
use super::scores::Scores;
use super::texture::Texture;
use crate::field::chance::{exponential, normal, poisson};
use crate::field::cover::Cover;
use crate::field::spec::{CategoryDetection, DetectionSpec};
use crate::field::truth::{Laid, TrueItem};
use crate::random::Dice;
use geo::{Coord, Intersects, Rect, coord};
use rams_domain::{EoCategory, Feature, Indicator};

pub(in crate::field) const MODEL: &str = "surface-ordnance";
pub(in crate::field) const CLASSES: [&str; 4] = ["ap-round", "av-round", "submunition", SCATTERED];
/// The class of AP mines that are scattered and never laid.
const SCATTERED: &str = "pfm-1";

/// The features of ordnance, right ones first, numbered from 1.
pub(in crate::field) fn find(
    seed: u64,
    spec: &DetectionSpec,
    items: &[TrueItem],
    cover: &Cover,
    extent: Rect,
) -> Vec<Feature> {
    let mut dice = Dice::new(seed, "field sight", 0);
    // How many false alarms this ground gives, and how well true finds score on it.
    let (noisy, shift) = (normal(&mut dice) * spec.ground_sd, normal(&mut dice) * spec.shift_sd);
    let mut features = vec![];
    for item in items.iter().filter(|item| !item.hidden && !cover.hides(item.at.0)) {
        let Some(of) = spec.of.get(&item.eo_category) else { continue };
        let scores = Scores::new(of);
        let score = scores.mean + shift + scores.deviation * normal(&mut dice);
        let eo_category = taken_for(item.eo_category, of, &mut dice);
        let off = coord! { x: normal(&mut dice), y: normal(&mut dice) } * spec.position_m;
        if score > 0.0 {
            let mut find = point_find(eo_category, item.at.0 + off, scores.confidence(score));
            if eo_category == EoCategory::ApMine && item.laid == Laid::Scattered {
                find.class = SCATTERED;
            }
            features.push(find.feature(next_id(&features)));
        }
    }
    let texture = Texture::new(seed, spec, extent);
    let hectares = extent.width() * extent.height() / 10_000.0;
    for (eo_category, of) in &spec.of {
        let mut dice = Dice::new(seed, "field false finds", *eo_category as u64);
        let mut classes = Dice::new(seed, "field false classes", *eo_category as u64);
        let scores = Scores::new(of);
        for _ in 0..poisson(of.per_ha * hectares * noisy.exp(), &mut dice) {
            let (at, better) = texture.place(spec, extent, &mut dice);
            let score = exponential(&mut dice) + better;
            if score > 0.0 && extent.intersects(&at) && !cover.hides(at) {
                let mut find = point_find(*eo_category, at, scores.confidence(score));
                if classes.happens(of.scattered) {
                    find.class = SCATTERED;
                }
                features.push(find.feature(next_id(&features)));
            }
        }
    }
    features
}

/// The category that the model takes an item for.
fn taken_for(eo_category: EoCategory, of: &CategoryDetection, dice: &mut Dice) -> EoCategory {
    let mut rest = dice.between(0.0, 1.0);
    for (other, share) in &of.taken_for {
        if rest < *share {
            return *other;
        }
        rest -= share;
    }
    eo_category
}

fn point_find(eo_category: EoCategory, at: Coord, confidence: f64) -> PointFind<'static> {
    let (class, indicator, size_m) = match eo_category {
        EoCategory::AvMine => (CLASSES[1], Indicator::MineSurface, [0.32, 0.32]),
        EoCategory::Cmr => (CLASSES[2], Indicator::Submunition, [0.26, 0.07]),
        _ => (CLASSES[0], Indicator::MineSurface, [0.12, 0.12]),
    };
    PointFind { class, indicator, eo_category, at, confidence, size_m, model: MODEL }
}
