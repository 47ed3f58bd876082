//! Pairs of features of different orthomosaics that may be one.

use crate::local_feature::LocalFeature;
use crate::matcher::Matcher;
use geo::{Coord, coord};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs of two orthomosaics from which on their shift is told from the pairs themselves.
const TELLING_PAIRS: usize = 8;

/// Residuals of that many times their median still are the same object's.
const RESIDUALS: f64 = 3.0;

/// Two features that may be one, by their indices.
pub(crate) struct Pair {
    /// The earlier one.
    pub(crate) a: usize,
    pub(crate) b: usize,
    /// 0 for the same, 1 for just so.
    match_cost: f64,
    /// From a to b, metres; of points only.
    shift: Option<Coord>,
}

/// All pairs that are alike, the best first; of points those that agree with the shift between
/// their orthomosaics, where there are enough to tell it. `None` among the features is one that is
/// compared with no other.
pub(crate) fn pairs(features: &[Option<LocalFeature>], matcher: &Matcher<'_>) -> Vec<Pair> {
    let alike = alike(features, matcher);
    let shifts = shifts(&alike, features);
    let mut steady: Vec<Pair> =
        alike.into_iter().filter_map(|pair| agreeing(pair, &shifts, features)).collect();
    steady.sort_by(best_first);
    steady
}

/// Features come in a fixed order, whatever the order in which the orthomosaics were given.
fn best_first(one: &Pair, other: &Pair) -> Ordering {
    one.match_cost.total_cmp(&other.match_cost).then((one.a, one.b).cmp(&(other.a, other.b)))
}

/// All pairs that are alike, the best first.
fn alike(features: &[Option<LocalFeature>], matcher: &Matcher<'_>) -> Vec<Pair> {
    let entry = |(i, feature): (usize, &Option<LocalFeature>)| {
        let rect = feature.as_ref()?.bounds;
        Some(GeomWithData::new(
            Rectangle::from_corners(rect.min().x_y().into(), rect.max().x_y().into()),
            i,
        ))
    };
    let tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> =
        RTree::bulk_load(features.iter().enumerate().filter_map(entry).collect());
    let mut pairs = vec![];
    for (a, one) in features.iter().enumerate() {
        let Some(one) = one else { continue };
        let around = one.half_m + matcher.accuracy_m;
        let (min, max) = (one.bounds.min(), one.bounds.max());
        let near =
            AABB::from_corners([min.x - around, min.y - around], [max.x + around, max.y + around]);
        for b in
            tree.locate_in_envelope_intersecting(&near).map(|entry| entry.data).filter(|&b| b > a)
        {
            let Some(other) = features[b]
                .as_ref()
                .filter(|other| other.key == one.key && other.mosaic != one.mosaic)
            else {
                continue;
            };
            if let Some(match_cost) = matcher.match_cost(one, other) {
                pairs.push(Pair { a, b, match_cost, shift: one.shift_to(other) });
            }
        }
    }
    pairs.sort_by(best_first);
    pairs
}

/// How far two orthomosaics are shifted against each other, as their pairs of points say.
struct MosaicShift {
    /// Median of the pairs, metres.
    shift: Coord,
    /// By how much a pair may differ from it, metres.
    most_m: f64,
}

/// Indices of two orthomosaics.
type Mosaics = (usize, usize);

fn mosaics(pair: &Pair, features: &[Option<LocalFeature>]) -> Option<Mosaics> {
    Some((features[pair.a].as_ref()?.mosaic, features[pair.b].as_ref()?.mosaic))
}

/// The shifts of all orthomosaics that have enough pairs of points to tell it, in which no feature
/// counts twice: its best pair does.
fn shifts(pairs: &[Pair], features: &[Option<LocalFeature>]) -> BTreeMap<Mosaics, MosaicShift> {
    let mut shifts: BTreeMap<Mosaics, Vec<Coord>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for pair in pairs {
        let (Some(key), Some(shift)) = (mosaics(pair, features), pair.shift) else { continue };
        let is_first = !taken.contains(&(pair.a, key.1)) && !taken.contains(&(pair.b, key.0));
        if is_first {
            taken.extend([(pair.a, key.1), (pair.b, key.0)]);
            shifts.entry(key).or_default().push(shift);
        }
    }
    shifts.retain(|_, shifts| shifts.len() >= TELLING_PAIRS);
    shifts.into_iter().map(|(key, shifts)| (key, MosaicShift::of(&shifts))).collect()
}

impl MosaicShift {
    fn of(shifts: &[Coord]) -> Self {
        let (x, y) = (median(shifts.iter().map(|s| s.x)), median(shifts.iter().map(|s| s.y)));
        let residual_m = median(shifts.iter().map(|s| (s.x - x).hypot(s.y - y)));
        Self { shift: coord! { x: x, y: y }, most_m: RESIDUALS * residual_m }
    }
}

/// A pair, by how far it is from the shift of its orthomosaics; `None` where that is too far. What
/// has no shift, or whose orthomosaics have none, stays as it is.
fn agreeing(
    pair: Pair,
    shifts: &BTreeMap<Mosaics, MosaicShift>,
    features: &[Option<LocalFeature>],
) -> Option<Pair> {
    let expected = mosaics(&pair, features).and_then(|key| shifts.get(&key));
    let (Some(shift), Some(MosaicShift { shift: middle, most_m })) = (pair.shift, expected) else {
        return Some(pair);
    };
    let half_m = |i: usize| features[i].as_ref().map_or(0.0, |feature| feature.half_m);
    let half_m = half_m(pair.a).min(half_m(pair.b));
    let match_cost = (shift.x - middle.x).hypot(shift.y - middle.y) / (most_m + half_m);
    (match_cost <= 1.0).then_some(Pair { match_cost, ..pair })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
