//! Predicted ground against true ground, name by name.

use super::{
    cut,
    index::Index,
    measured::{Measured, SharedGround},
    predicted_part::PredictedPart,
    surroundings::Surroundings,
};
use crate::boxes::judge::Depth;
use geo::{Area, MultiPolygon};
use std::collections::BTreeSet;

/// Least share of an object that predicted ground covers where it is found, and of a predicted
/// object that true ground covers where it is right.
const COVERED: f64 = 0.3;

/// True and predicted ground of one name, each place counted once.
struct NamedGround {
    /// What each true earthwork adds to those before it.
    truth: Vec<MultiPolygon>,
    /// Indices of the predicted parts, those of the most confident features first.
    best_first: Vec<usize>,
    /// What each of these parts adds to those before it.
    found: Vec<MultiPolygon>,
}

impl Surroundings<'_> {
    /// Ground by class and by family; with the latter, which objects are found and which are right.
    pub(super) fn compare_grounds(&self, measured: &mut Measured) {
        let not_counted = self.not_counted();
        for depth in [Depth::Class, Depth::Family] {
            for class in self.present(depth) {
                let ground = self.named_ground(depth, class, &not_counted);
                let truth = Index::new([], &ground.truth);
                let true_m2 = |of: &MultiPolygon| -> f64 {
                    let near = truth.grounds_around(of).into_iter();
                    near.map(|at| cut::shared_m2(of, &ground.truth[at])).sum()
                };
                let shared = self.shared(&ground, true_m2);
                measured.grounds[usize::from(depth == Depth::Family)].insert(class, shared);
                if depth == Depth::Family && !self.rules.is_line(class) {
                    for at in &ground.best_first {
                        let PredictedPart { feature, ground, .. } = &self.parts[*at];
                        measured.features[*feature].covered |=
                            true_m2(ground) >= COVERED * ground.unsigned_area();
                    }
                    measured.objects.extend(self.objects(class, &ground));
                }
            }
        }
    }

    /// Ground that the survey did not look at, and ignored truth.
    fn not_counted(&self) -> Vec<MultiPolygon> {
        let truths = &self.flight.truths;
        let all = truths
            .iter()
            .map(|truth| &truth.ground)
            .chain(self.parts.iter().map(|part| part.ground.as_ref()));
        let mut not_counted = cut::not_assessed(&self.flight.assessed, all);
        not_counted
            .extend(truths.iter().filter(|truth| truth.ignored).map(|truth| truth.ground.clone()));
        not_counted
    }

    /// Classes at this depth that have truth or predictions.
    fn present(&self, depth: Depth) -> BTreeSet<usize> {
        let named = self.flight.truths.iter().map(|truth| truth.class);
        let predicted = self.parts.iter().map(|part| part.class);
        named.chain(predicted).map(|class| depth.name(self.rules.classes, class)).collect()
    }

    fn named_ground(
        &self,
        depth: Depth,
        class: usize,
        not_counted: &[MultiPolygon],
    ) -> NamedGround {
        let is_named = |of: usize| depth.name(self.rules.classes, of) == class;
        let truths: Vec<&MultiPolygon> = self
            .flight
            .truths
            .iter()
            .filter(|truth| !truth.ignored && is_named(truth.class))
            .map(|truth| &truth.ground)
            .collect();
        let mut best_first: Vec<usize> =
            (0..self.parts.len()).filter(|at| is_named(self.parts[*at].class)).collect();
        best_first.sort_by(|a, b| self.confidence(*b).total_cmp(&self.confidence(*a)));
        let parts: Vec<&MultiPolygon> =
            best_first.iter().map(|at| self.parts[*at].ground.as_ref()).collect();
        let (truth, found) = (cut::added(not_counted, &truths), cut::added(not_counted, &parts));
        NamedGround { truth, best_first, found }
    }

    /// The areas; `true_m2` is how much of a ground is true.
    fn shared(&self, ground: &NamedGround, true_m2: impl Fn(&MultiPolygon) -> f64) -> SharedGround {
        let found = ground.best_first.iter().zip(&ground.found);
        let found =
            found.map(|(at, new)| (self.confidence(*at), new.unsigned_area(), true_m2(new)));
        SharedGround {
            true_m2: ground.truth.iter().map(Area::unsigned_area).sum(),
            found: found.collect(),
        }
    }

    /// The true earthworks of a family, each with the least confidence at which predicted ground
    /// covers enough of it.
    fn objects(&self, family: usize, ground: &NamedGround) -> Vec<(usize, Option<f64>)> {
        let found = Index::new([], &ground.found);
        let truths = self.flight.truths.iter();
        let truths = truths.filter(|truth| !truth.ignored && self.family(truth.class) == family);
        let object = |truth: &super::TrueEarthwork| {
            let mut near = found.grounds_around(&truth.ground);
            near.sort_unstable();
            let least_m2 = COVERED * truth.ground.unsigned_area();
            let mut covered_m2 = 0.0;
            let enough = near.into_iter().find(|at| {
                covered_m2 += cut::shared_m2(&truth.ground, &ground.found[*at]);
                covered_m2 >= least_m2
            });
            (truth.class, enough.map(|at| self.confidence(ground.best_first[at])))
        };
        truths.map(object).collect()
    }
}
