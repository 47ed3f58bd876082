//! A flight and what was found in it -> what each stretch and feature is worth.

use super::{
    EarthworksFlight, FoundEarthwork, Verdict,
    index::stretches,
    measured::{FoundStretch, JudgedShape, Measured, TrueStretch},
    predicted_part::PredictedPart,
    rules::Rules,
    surroundings::Surroundings,
};
use geo::{Coord, Intersects};

/// Lines are measured in stretches of at most so many metres.
const STRETCH_M: f64 = 0.25;

impl Measured {
    /// What a flight gives with the predictions that count.
    pub(crate) fn of(
        flight: &EarthworksFlight,
        rules: &Rules<'_>,
        counts: impl Fn(&FoundEarthwork) -> bool,
    ) -> Self {
        let features: Vec<&FoundEarthwork> =
            flight.found.iter().filter(|found| counts(found)).collect();
        let parts = PredictedPart::all(&features);
        let surroundings = Surroundings::new(flight, rules, &features, &parts);
        let found_stretches = surroundings.found_stretches();
        let mut metres = vec![[0.0; 2]; features.len()];
        for stretch in &found_stretches {
            let [right_m, counted_m] = &mut metres[stretch.feature];
            *right_m += if stretch.right { stretch.length_m } else { 0.0 };
            *counted_m += stretch.length_m;
        }
        let mut measured = Self {
            true_stretches: surroundings.true_stretches(),
            found_stretches,
            objects: vec![],
            features: (0..features.len()).map(|at| surroundings.judged(at, metres[at])).collect(),
            grounds: Default::default(),
        };
        surroundings.compare_grounds(&mut measured);
        measured
    }
}

impl Surroundings<'_> {
    fn true_stretches(&self) -> Vec<TrueStretch> {
        let lines = self.flight.lines.iter().flatten();
        let mut measured = vec![];
        for line in lines.filter(|line| self.rules.is_line(line.class)) {
            for (at, length_m) in stretches(&line.line, STRETCH_M) {
                measured.push(self.true_stretch(line.class, at, length_m));
            }
        }
        measured
    }

    fn true_stretch(&self, class: usize, at: Coord, length_m: f64) -> TrueStretch {
        let reach_m = self.rules.tolerance_m;
        let by_line = self.found.lines_near(at, reach_m);
        // On predicted ground whose centreline is elsewhere, as of a wide ditch: near, but the last
        // choice.
        let near: Vec<_> =
            by_line.chain(self.found.grounds_at(at).map(|part| (part, reach_m))).collect();
        let of_family = |part: usize| self.family(self.parts[part].class) == self.family(class);
        let kin: Vec<_> = near.iter().copied().filter(|(part, _)| of_family(*part)).collect();
        let confidence = kin.iter().map(|(part, _)| self.confidence(*part)).max_by(f64::total_cmp);
        let nearest = (if kin.is_empty() { near } else { kin }).into_iter().min_by(|a, b| {
            a.1.total_cmp(&b.1)
                .then(self.confidence(b.0).total_cmp(&self.confidence(a.0)))
                .then(a.0.cmp(&b.0))
        });
        let taken_for = nearest.map(|(part, _)| self.parts[part].class);
        TrueStretch { class, length_m, confidence, taken_for }
    }

    /// Stretches of predicted centrelines but for those on ignored truth; none where the truth has
    /// no centrelines to compare them with.
    fn found_stretches(&self) -> Vec<FoundStretch> {
        let Some(lines) = &self.flight.lines else { return vec![] };
        let truths = &self.flight.truths;
        let mut measured = vec![];
        for part in self.parts.iter().filter(|part| self.rules.is_line(part.class)) {
            for (at, length_m) in part.line.into_iter().flat_map(|line| stretches(line, STRETCH_M))
            {
                let on: Vec<usize> = self.truth.grounds_at(at).collect();
                if on.iter().any(|truth| truths[*truth].ignored) {
                    continue;
                }
                let by_line = self
                    .truth
                    .lines_near(at, self.rules.tolerance_m)
                    .map(|(line, _)| lines[line].class);
                let near: Vec<usize> =
                    by_line.chain(on.iter().map(|truth| truths[*truth].class)).collect();
                let right = near.iter().any(|class| self.family(*class) == self.family(part.class));
                measured.push(FoundStretch {
                    feature: part.feature,
                    class: part.class,
                    length_m,
                    confidence: self.features[part.feature].confidence,
                    part_confidence: part.confidence,
                    right,
                    alone: near.is_empty(),
                });
            }
        }
        measured
    }

    /// What a feature touches, of whose centrelines `right_m` of `counted_m` metres are right.
    fn judged(&self, feature: usize, [right_m, counted_m]: [f64; 2]) -> JudgedShape {
        let FoundEarthwork { class, confidence, .. } = *self.features[feature];
        let first = self.parts.partition_point(|part| part.feature < feature);
        let own = self.parts[first..].iter().take_while(|part| part.feature == feature);
        let touched = own.flat_map(|part| {
            let near = self
                .truth
                .grounds_around(&part.ground)
                .into_iter()
                .map(|at| &self.flight.truths[at]);
            near.filter(|truth| truth.ground.intersects(part.ground.as_ref())).collect::<Vec<_>>()
        });
        let touched: Vec<_> = touched.collect();
        let of_family = touched
            .iter()
            .any(|truth| !truth.ignored && self.family(truth.class) == self.family(class));
        let verdict = if of_family || right_m > 0.0 {
            Verdict::Touches
        } else if touched.iter().any(|truth| !truth.ignored) {
            Verdict::Confused
        } else if !touched.is_empty() {
            Verdict::Neither
        } else {
            Verdict::FalseAlarm
        };
        let right_share = (counted_m > 0.0).then(|| right_m / counted_m);
        JudgedShape { class, confidence, verdict, covered: false, right_share }
    }
}
