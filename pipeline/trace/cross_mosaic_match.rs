//! What several orthomosaics show of one object or earthwork becomes one feature.

use crate::local_feature::LocalFeature;
use crate::matcher::Matcher;
use crate::mosaic_frame::MosaicFrame;
use crate::pairs::pairs;
use crate::unite::unite;
use rams_domain::{Feature, FeatureId, Ground, Model, Orthomosaic};
use std::collections::BTreeSet;

/// Makes one feature of those that are one object or earthwork in overlapping orthomosaics; all
/// others stay as they are. The order of the features stays too.
///
/// Two are the same if the same model found the same family of the same category of ordnance in two
/// orthomosaics, and
/// * of points, the centres lie within `accuracy_m`, the error of positions in metres, and half the
///   object of each other;
/// * of areas, they overlap as far as both orthomosaics show the ground, like boxes of neighbouring
///   tiles (0.3 of their union or 0.6 of the smaller one), or are of like size with their centres
///   that near;
/// * of lines, half of the shorter one runs within half a width and the error of the other.
///
/// The match is one to one, the best first, so two objects that one orthomosaic shows apart never
/// become one. Where eight points or more of two orthomosaics match, their shift is their median,
/// and a pair may differ from it by three times the median of the differences: of two mines half a
/// metre apart, each missed in one flight, none is lost. A duplicate is better than a miss: in
/// doubt both stay.
///
/// Of those that are one the most confident is kept, of equals that of the finer pixels, and names
/// the detections of the others in [`Feature::also`]; areas are united, and the longest line gets
/// what others have beyond it. What one orthomosaic shows and another, over the same ground, does
/// not, stays a feature. Features are numbered anew, so that no number is missing.
///
/// `features` are in the CRS of `ground`; one of an orthomosaic, model or class that is not given
/// is compared with none.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # use example::*;
/// use rams_domain::{FeatureId, OperatingPoint::Balanced};
/// use rams_trace::{cross_mosaic_match, trace};
///
/// // Two flights over the same ground see a mine 0.3 m apart; the second sees another one.
/// let (model, april, may) = (model(), orthomosaic("april"), orthomosaic("may"));
/// let mine = |index, score, x: f64| {
///     detection(0, index, 0, score, Shape::Box(px(x - 2.0, 50.0, x + 2.0, 54.0)))
/// };
/// let mut ids = FeatureId::all();
/// let mut features =
///     trace(&[mine(0, 0.6, 80.0)], &model, &april, &grid(&april), Balanced, &mut ids);
/// let seen_in_may = [mine(0, 0.9, 83.0), mine(1, 0.8, 150.0)];
/// features.extend(trace(&seen_in_may, &model, &may, &grid(&may), Balanced, &mut ids));
///
/// let united = cross_mosaic_match(features, &[&april, &may], &[&model], &ground(), 0.5);
///
/// assert_eq!(united.len(), 2);
/// assert_eq!((united[0].orthomosaic.as_str(), united[0].score), ("may", 0.9));
/// assert_eq!(united[0].also[0].0, "april");
/// assert!(united[1].also.is_empty());
/// ```
pub fn cross_mosaic_match(
    features: Vec<Feature>,
    orthomosaics: &[&Orthomosaic],
    models: &[&Model],
    ground: &Ground,
    accuracy_m: f64,
) -> Vec<Feature> {
    let mosaics: Vec<MosaicFrame> =
        orthomosaics.iter().map(|orthomosaic| MosaicFrame::of(orthomosaic, ground)).collect();
    let local: Vec<Option<LocalFeature>> = features
        .iter()
        .map(|feature| LocalFeature::of(feature, orthomosaics, models, ground))
        .collect();
    let pairs = pairs(&local, &Matcher { mosaics: &mosaics, accuracy_m });
    let alike: BTreeSet<(usize, usize)> = pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    let mut groups = Groups::new(&local);
    for pair in &pairs {
        groups.join(pair.a, pair.b, |a, b| alike.contains(&(a.min(b), a.max(b))));
    }
    let members = groups.members;
    let mut united: Vec<Option<Feature>> = features.into_iter().map(Some).collect();
    for group in members.iter().filter(|group| group.len() > 1) {
        let of_one: Vec<(Feature, &LocalFeature)> =
            group.iter().filter_map(|&i| united[i].take().zip(local[i].as_ref())).collect();
        united[group[0]] = Some(unite(of_one, &mosaics, models, ground, accuracy_m));
    }
    united
        .into_iter()
        .flatten()
        .zip(FeatureId::all())
        .map(|(feature, id)| Feature { id, ..feature })
        .collect()
}

/// Features that are one, at most one of each orthomosaic.
struct Groups<'a> {
    features: &'a [Option<LocalFeature>],
    /// The first feature of the group that each feature is in.
    first_of: Vec<usize>,
    /// The group of each first feature, by index; empty for all others.
    members: Vec<Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn new(features: &'a [Option<LocalFeature>]) -> Self {
        Self {
            features,
            first_of: (0..features.len()).collect(),
            members: (0..features.len()).map(|i| vec![i]).collect(),
        }
    }

    fn mosaic(&self, i: usize) -> Option<usize> {
        self.features[i].as_ref().map(|feature| feature.mosaic)
    }

    /// Joins two groups if all of their members are alike and no orthomosaic has one in both.
    fn join(&mut self, a: usize, b: usize, alike: impl Fn(usize, usize) -> bool) {
        let (a, b) =
            (self.first_of[a].min(self.first_of[b]), self.first_of[a].max(self.first_of[b]));
        let pairs =
            || self.members[a].iter().flat_map(|&i| self.members[b].iter().map(move |&j| (i, j)));
        if a == b || pairs().any(|(i, j)| self.mosaic(i) == self.mosaic(j) || !alike(i, j)) {
            return;
        }
        let moved = std::mem::take(&mut self.members[b]);
        moved.iter().for_each(|&i| self.first_of[i] = a);
        self.members[a].extend(moved);
        self.members[a].sort_unstable();
    }
}
