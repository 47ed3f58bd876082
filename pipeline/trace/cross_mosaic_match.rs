//! What several orthomosaics show of one thing becomes one feature.

use crate::matcher::{Matcher, Shown};
use crate::unite::unite;
use geo::{Coord, coord};
use rams_domain::{Feature, FeatureId, Ground, Model, Orthomosaic};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};
use std::collections::BTreeMap;

/// Pairs of two orthomosaics from which on their shift is told from the pairs themselves.
const TELLING_PAIRS: usize = 8;

/// Residuals of that many times their median still are the same object's.
const RESIDUALS: f64 = 3.0;

/// Makes one feature of those that are one object or earthwork, seen in overlapping orthomosaics;
/// all others stay as they are. The order of the features stays too.
///
/// Two are the same if the same model saw the same family of the same category of ordnance in two
/// orthomosaics, and
/// * of points, the centres lie within `accuracy_m`, the error of positions, and half the object of
///   each other;
/// * of areas, they overlap as far as both orthomosaics show the ground, like boxes of neighbouring
///   tiles, or are of like size with their centres that near;
/// * of lines, half of the shorter one runs within half a width and the error of the other.
///
/// The match is one to one, the best first, so two objects that one orthomosaic shows apart never
/// become one. Where many points of two orthomosaics match, their shift is known, and so is how far
/// a pair may differ from it: of two mines half a metre apart, each missed in one flight, none is
/// lost. A duplicate is better than a miss: in doubt both stay.
///
/// What one orthomosaic shows and another, over the same ground, does not, stays a feature. What is
/// left is numbered anew, so that no number is missing.
pub fn cross_mosaic_match(
    features: Vec<Feature>,
    orthomosaics: &[&Orthomosaic],
    models: &[&Model],
    ground: &Ground,
    accuracy_m: f64,
) -> Vec<Feature> {
    let sheets: Vec<Sheet> =
        orthomosaics.iter().map(|orthomosaic| Sheet::of(orthomosaic, ground)).collect();
    let shown: Vec<Option<Shown>> =
        features.iter().map(|feature| Shown::of(feature, orthomosaics, models, ground)).collect();
    let matcher = Matcher { sheets: &sheets, accuracy_m };
    let pairs = steady(pairs(&shown, &matcher), &shown);
    let mut groups = Groups::new(&shown);
    let alike: std::collections::BTreeSet<(usize, usize)> =
        pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    for pair in &pairs {
        groups.join(pair.a, pair.b, |a, b| alike.contains(&(a.min(b), a.max(b))));
    }
    let members = groups.members;
    let mut united: Vec<Option<Feature>> = features.into_iter().map(Some).collect();
    for group in members.iter().filter(|group| group.len() > 1) {
        let seen: Vec<(Feature, &Shown)> =
            group.iter().filter_map(|&i| united[i].take().zip(shown[i].as_ref())).collect();
        united[group[0]] = Some(unite(seen, &sheets, models, ground, accuracy_m));
    }
    united
        .into_iter()
        .flatten()
        .zip(FeatureId::all())
        .map(|(feature, id)| Feature { id, ..feature })
        .collect()
}

/// An orthomosaic, as far as it matters whose of two features is kept.
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) gsd_m: f64,
    /// Its frame, local metres.
    pub(crate) frame: geo::Polygon,
}

impl Sheet {
    fn of(orthomosaic: &Orthomosaic, ground: &Ground) -> Self {
        let (x1, y1) = (f64::from(orthomosaic.size.width), f64::from(orthomosaic.size.height));
        let frame = orthomosaic.georef.place_box(&rams_domain::PxBox { x0: 0.0, y0: 0.0, x1, y1 });
        Self {
            name: orthomosaic.name.clone(),
            gsd_m: orthomosaic.coarsest_gsd_m(),
            frame: ground.to_metres(&frame),
        }
    }
}

/// Two features that may be one.
struct Pair {
    a: usize,
    b: usize,
    /// 0 for the same, 1 for just so.
    match_cost: f64,
    /// From a to b, metres; of points only.
    shift: Option<Coord>,
}

/// All pairs that are alike, the best first; `a` is the earlier one.
fn pairs(shown: &[Option<Shown>], matcher: &Matcher<'_>) -> Vec<Pair> {
    let entry = |(i, shown): (usize, &Option<Shown>)| {
        let rect = shown.as_ref()?.bounds;
        Some(GeomWithData::new(
            Rectangle::from_corners(rect.min().x_y().into(), rect.max().x_y().into()),
            i,
        ))
    };
    let tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> =
        RTree::bulk_load(shown.iter().enumerate().filter_map(entry).collect());
    let mut pairs = vec![];
    for (a, one) in shown.iter().enumerate() {
        let Some(one) = one else { continue };
        let around = one.reach_m + matcher.accuracy_m;
        let (min, max) = (one.bounds.min(), one.bounds.max());
        let near =
            AABB::from_corners([min.x - around, min.y - around], [max.x + around, max.y + around]);
        for b in
            tree.locate_in_envelope_intersecting(&near).map(|entry| entry.data).filter(|&b| b > a)
        {
            let Some(other) =
                shown[b].as_ref().filter(|other| other.key == one.key && other.sheet != one.sheet)
            else {
                continue;
            };
            if let Some(match_cost) = matcher.match_cost(one, other) {
                pairs.push(Pair { a, b, match_cost, shift: one.shift_to(other) });
            }
        }
    }
    // Features come in a fixed order, whatever the order in which the orthomosaics were given.
    pairs.sort_by(|one, other| {
        one.match_cost.total_cmp(&other.match_cost).then((one.a, one.b).cmp(&(other.a, other.b)))
    });
    pairs
}

/// Of the pairs of points those that agree with the shift between their orthomosaics, where there
/// are enough to tell it, the nearest to it first.
fn steady(pairs: Vec<Pair>, shown: &[Option<Shown>]) -> Vec<Pair> {
    let sheets = |pair: &Pair| Some((shown[pair.a].as_ref()?.sheet, shown[pair.b].as_ref()?.sheet));
    let mut shifts: BTreeMap<(usize, usize), Vec<Coord>> = BTreeMap::new();
    let mut taken = std::collections::BTreeSet::new();
    for pair in &pairs {
        let (Some(key), Some(shift)) = (sheets(pair), pair.shift) else { continue };
        let is_first = !taken.contains(&(pair.a, key.1)) && !taken.contains(&(pair.b, key.0));
        if is_first {
            taken.extend([(pair.a, key.1), (pair.b, key.0)]);
            shifts.entry(key).or_default().push(shift);
        }
    }
    let known: BTreeMap<(usize, usize), (Coord, f64)> = shifts
        .into_iter()
        .filter(|(_, shifts)| shifts.len() >= TELLING_PAIRS)
        .map(|(key, shifts)| {
            let middle = coord! { x: median(shifts.iter().map(|s| s.x)), y: median(shifts.iter().map(|s| s.y)) };
            let residual_m = median(shifts.iter().map(|s| (s.x - middle.x).hypot(s.y - middle.y)));
            (key, (middle, RESIDUALS * residual_m))
        })
        .collect();
    let checked = |pair: Pair| {
        let limit = sheets(&pair).and_then(|key| known.get(&key));
        let (Some(shift), Some((middle, most_m))) = (pair.shift, limit) else { return Some(pair) };
        let half_m = shown[pair.a]
            .as_ref()
            .map_or(0.0, |a| a.half_m)
            .min(shown[pair.b].as_ref().map_or(0.0, |b| b.half_m));
        let match_cost = (shift.x - middle.x).hypot(shift.y - middle.y) / (most_m + half_m);
        (match_cost <= 1.0).then_some(Pair { match_cost, ..pair })
    };
    let mut steady: Vec<Pair> = pairs.into_iter().filter_map(checked).collect();
    steady.sort_by(|one, other| {
        one.match_cost.total_cmp(&other.match_cost).then((one.a, one.b).cmp(&(other.a, other.b)))
    });
    steady
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Features that are one, at most one of each orthomosaic.
struct Groups<'a> {
    shown: &'a [Option<Shown>],
    home: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn new(shown: &'a [Option<Shown>]) -> Self {
        Self {
            shown,
            home: (0..shown.len()).collect(),
            members: (0..shown.len()).map(|i| vec![i]).collect(),
        }
    }

    fn sheet(&self, i: usize) -> Option<usize> {
        self.shown[i].as_ref().map(|shown| shown.sheet)
    }

    /// Joins two groups if all of their members are alike and no orthomosaic has one in both.
    fn join(&mut self, a: usize, b: usize, alike: impl Fn(usize, usize) -> bool) {
        let (a, b) = (self.home[a].min(self.home[b]), self.home[a].max(self.home[b]));
        let pairs =
            || self.members[a].iter().flat_map(|&i| self.members[b].iter().map(move |&j| (i, j)));
        if a == b || pairs().any(|(i, j)| self.sheet(i) == self.sheet(j) || !alike(i, j)) {
            return;
        }
        let moved = std::mem::take(&mut self.members[b]);
        moved.iter().for_each(|&i| self.home[i] = a);
        self.members[a].extend(moved);
        self.members[a].sort_unstable();
    }
}
