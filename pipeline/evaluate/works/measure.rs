//! One flight, measured once: each stretch, object and feature with the confidence at which it
//! counts, so that every threshold is a sum.

use super::{
    EarthworksFlight, FoundEarthwork, FoundShape, Verdict, cut,
    index::{Index, stretches},
};
use crate::{Classes, Confusion, Reliability, boxes::judge::Depth};
use geo::{
    Area, Buffer, Intersects, LineString, MultiPolygon,
    buffer::{BufferStyle, LineCap},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// Lines are measured in stretches of at most so many metres.
const STRETCH_M: f64 = 0.25;

/// Least share of an object that predicted ground covers where it is found, and of a predicted
/// object that true ground covers where it is right.
const COVERED: f64 = 0.3;

/// What holds for all flights.
pub(crate) struct Rules<'a> {
    pub(crate) classes: &'a Classes,
    /// Families that are lines.
    pub(crate) lines: &'a BTreeSet<usize>,
    pub(crate) tolerance_m: f64,
}

impl Rules<'_> {
    pub(crate) fn is_line(&self, class: usize) -> bool {
        self.lines.contains(&self.classes.family(class))
    }
}

/// One flight, measured.
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) true_stretches: Vec<TrueStretch>,
    pub(crate) found_stretches: Vec<FoundStretch>,
    /// True works that have an area: class, and the least confidence that still finds it.
    pub(crate) objects: Vec<(usize, Option<f64>)>,
    pub(crate) features: Vec<Judged>,
    /// By class as named, and by family.
    pub(crate) grounds: [BTreeMap<usize, Shared>; 2],
}

/// A stretch of a true centreline.
#[derive(Clone)]
pub(crate) struct TrueStretch {
    pub(crate) class: usize,
    pub(crate) length_m: f64,
    /// The greatest confidence of a feature of the family that is near.
    pub(crate) confidence: Option<f64>,
    /// Class of what is near, of the same family if any is.
    taken_for: Option<usize>,
}

/// A stretch of a predicted centreline.
#[derive(Clone)]
pub(crate) struct FoundStretch {
    feature: usize,
    pub(crate) class: usize,
    pub(crate) length_m: f64,
    /// Of the feature.
    pub(crate) confidence: f64,
    part_confidence: f64,
    pub(crate) right: bool,
    /// Nothing true is near, of whatever class.
    alone: bool,
}

/// A predicted feature.
#[derive(Clone)]
pub(crate) struct Judged {
    pub(crate) class: usize,
    pub(crate) confidence: f64,
    pub(crate) verdict: Verdict,
    /// Whether truth of its family covers enough of it.
    pub(crate) covered: bool,
    /// How much of its centreline is right, of what counts; `None` where none of it does.
    pub(crate) right_share: Option<f64>,
}

/// True and predicted ground of a class or family.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    pub(crate) true_m2: f64,
    /// Best first: confidence, ground that those before do not hold, and how much of it is true.
    pub(crate) found: Vec<(f64, f64, f64)>,
}

/// A predicted work or a part of one: ground of one name.
struct PredictedPart<'a> {
    feature: usize,
    class: usize,
    confidence: f64,
    line: Option<&'a LineString>,
    ground: Cow<'a, MultiPolygon>,
}

impl Measured {
    /// What a flight gives with the predictions that count.
    pub(crate) fn of(
        flight: &EarthworksFlight,
        rules: &Rules<'_>,
        counts: impl Fn(&FoundEarthwork) -> bool,
    ) -> Self {
        let features: Vec<&FoundEarthwork> =
            flight.found.iter().filter(|found| counts(found)).collect();
        let pieces: Vec<PredictedPart<'_>> =
            features.iter().enumerate().flat_map(|(at, found)| pieces(at, found)).collect();
        let sight = Surroundings {
            flight,
            rules,
            found: Index::new(
                pieces.iter().enumerate().filter_map(|(at, piece)| Some((at, piece.line?))),
                pieces.iter().map(|piece| piece.ground.as_ref()),
            ),
            truth: Index::new(
                flight.lines.iter().flatten().map(|line| &line.line).enumerate(),
                flight.truths.iter().map(|truth| &truth.ground),
            ),
            features: &features,
            pieces: &pieces,
        };
        let found_stretches = sight.found_stretches();
        let mut metres = vec![[0.0; 2]; features.len()];
        for stretch in &found_stretches {
            let [right_m, counted_m] = &mut metres[stretch.feature];
            *right_m += if stretch.right { stretch.length_m } else { 0.0 };
            *counted_m += stretch.length_m;
        }
        let mut measured = Self {
            true_stretches: sight.true_stretches(),
            found_stretches,
            objects: vec![],
            features: (0..features.len()).map(|at| sight.judged(at, metres[at])).collect(),
            grounds: Default::default(),
        };
        sight.grounds(&mut measured);
        measured
    }

    pub(crate) fn grounds(&self, depth: Depth) -> &BTreeMap<usize, Shared> {
        &self.grounds[usize::from(depth == Depth::Family)]
    }
}

fn pieces<'a>(feature: usize, found: &'a FoundEarthwork) -> Vec<PredictedPart<'a>> {
    match &found.shape {
        FoundShape::Area(ground) => {
            let (class, confidence) = (found.class, found.confidence);
            vec![PredictedPart {
                feature,
                class,
                confidence,
                line: None,
                ground: Cow::Borrowed(ground),
            }]
        }
        FoundShape::Lines(parts) => {
            let piece = |part: &'a super::FoundPart| {
                let style = BufferStyle::new(part.width_m / 2.0).line_cap(LineCap::Butt);
                let ground = Cow::Owned(part.line.buffer_with_style(style));
                PredictedPart {
                    feature,
                    class: part.class,
                    confidence: part.confidence,
                    line: Some(&part.line),
                    ground,
                }
            };
            parts.iter().map(piece).collect()
        }
    }
}

/// A flight with all that is needed to look around in it.
struct Surroundings<'a> {
    flight: &'a EarthworksFlight,
    rules: &'a Rules<'a>,
    found: Index<'a>,
    truth: Index<'a>,
    features: &'a [&'a FoundEarthwork],
    pieces: &'a [PredictedPart<'a>],
}

impl Surroundings<'_> {
    fn family(&self, class: usize) -> usize {
        self.rules.classes.family(class)
    }

    fn confidence(&self, piece: usize) -> f64 {
        self.features[self.pieces[piece].feature].confidence
    }

    fn true_stretches(&self) -> Vec<TrueStretch> {
        let lines =
            self.flight.lines.iter().flatten().filter(|line| self.rules.is_line(line.class));
        let stretch = |class: usize, at, length_m| {
            let reach_m = self.rules.tolerance_m;
            let by_line = self.found.lines_near(at, reach_m);
            // On predicted ground whose centreline is elsewhere, as of a wide ditch: near, but the
            // last choice.
            let near: Vec<_> =
                by_line.chain(self.found.grounds_at(at).map(|piece| (piece, reach_m))).collect();
            let of_family =
                |piece: usize| self.family(self.pieces[piece].class) == self.family(class);
            let kin: Vec<_> = near.iter().copied().filter(|(piece, _)| of_family(*piece)).collect();
            let confidence =
                kin.iter().map(|(piece, _)| self.confidence(*piece)).max_by(f64::total_cmp);
            let nearest = (if kin.is_empty() { near } else { kin }).into_iter().min_by(|a, b| {
                a.1.total_cmp(&b.1)
                    .then(self.confidence(b.0).total_cmp(&self.confidence(a.0)))
                    .then(a.0.cmp(&b.0))
            });
            let taken_for = nearest.map(|(piece, _)| self.pieces[piece].class);
            TrueStretch { class, length_m, confidence, taken_for }
        };
        let of_line = |line: &super::TrueLine| {
            let class = line.class;
            stretches(&line.line, STRETCH_M)
                .map(move |(at, length_m)| (class, at, length_m))
                .collect::<Vec<_>>()
        };
        lines.flat_map(of_line).map(|(class, at, length_m)| stretch(class, at, length_m)).collect()
    }

    fn found_stretches(&self) -> Vec<FoundStretch> {
        let Some(lines) = &self.flight.lines else { return vec![] };
        let truths = &self.flight.truths;
        let mut measured = vec![];
        for piece in self.pieces.iter().filter(|piece| self.rules.is_line(piece.class)) {
            for (at, length_m) in piece.line.into_iter().flat_map(|line| stretches(line, STRETCH_M))
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
                let right =
                    near.iter().any(|class| self.family(*class) == self.family(piece.class));
                measured.push(FoundStretch {
                    feature: piece.feature,
                    class: piece.class,
                    length_m,
                    confidence: self.features[piece.feature].confidence,
                    part_confidence: piece.confidence,
                    right,
                    alone: near.is_empty(),
                });
            }
        }
        measured
    }

    fn judged(&self, feature: usize, [right_m, counted_m]: [f64; 2]) -> Judged {
        let FoundEarthwork { class, confidence, .. } = *self.features[feature];
        let first = self.pieces.partition_point(|piece| piece.feature < feature);
        let own = self.pieces[first..].iter().take_while(|piece| piece.feature == feature);
        let touched = own.flat_map(|piece| {
            let near = self
                .truth
                .grounds_around(&piece.ground)
                .into_iter()
                .map(|at| &self.flight.truths[at]);
            near.filter(|truth| truth.ground.intersects(piece.ground.as_ref())).collect::<Vec<_>>()
        });
        let touched: Vec<_> = touched.collect();
        let of_family = touched
            .iter()
            .any(|truth| !truth.ignored && self.family(truth.class) == self.family(class));
        let verdict = match () {
            () if of_family || right_m > 0.0 => Verdict::Touches,
            () if touched.iter().any(|truth| !truth.ignored) => Verdict::Confused,
            () if !touched.is_empty() => Verdict::Neither,
            () => Verdict::FalseAlarm,
        };
        let right_share = (counted_m > 0.0).then(|| right_m / counted_m);
        Judged { class, confidence, verdict, covered: false, right_share }
    }

    /// Ground by class and by family; with the latter, which objects are found and which are right.
    fn grounds(&self, measured: &mut Measured) {
        let truths = &self.flight.truths;
        let all = truths
            .iter()
            .map(|truth| &truth.ground)
            .chain(self.pieces.iter().map(|piece| piece.ground.as_ref()));
        let mut not_counted = cut::unseen(&self.flight.assessed, all);
        not_counted
            .extend(truths.iter().filter(|truth| truth.ignored).map(|truth| truth.ground.clone()));
        for depth in [Depth::Class, Depth::Family] {
            let name = |class: usize| depth.name(self.rules.classes, class);
            let named = truths.iter().map(|truth| name(truth.class));
            let present: BTreeSet<usize> =
                named.chain(self.pieces.iter().map(|piece| name(piece.class))).collect();
            for class in present {
                let of: Vec<&MultiPolygon> = truths
                    .iter()
                    .filter(|t| !t.ignored && name(t.class) == class)
                    .map(|truth| &truth.ground)
                    .collect();
                let true_ground = cut::added(&not_counted, &of);
                let true_index = Index::new([], &true_ground);
                let true_m2 = |ground: &MultiPolygon| -> f64 {
                    let near = true_index.grounds_around(ground).into_iter();
                    near.map(|at| cut::shared_m2(ground, &true_ground[at])).sum()
                };
                let mut best_first: Vec<usize> = (0..self.pieces.len())
                    .filter(|at| name(self.pieces[*at].class) == class)
                    .collect();
                best_first.sort_by(|a, b| self.confidence(*b).total_cmp(&self.confidence(*a)));
                let grounds: Vec<&MultiPolygon> =
                    best_first.iter().map(|at| self.pieces[*at].ground.as_ref()).collect();
                let found_ground = cut::added(&not_counted, &grounds);
                let found = best_first.iter().zip(&found_ground);
                let found = found
                    .map(|(at, new)| (self.confidence(*at), new.unsigned_area(), true_m2(new)));
                let shared = Shared {
                    true_m2: true_ground.iter().map(Area::unsigned_area).sum(),
                    found: found.collect(),
                };
                measured.grounds[usize::from(depth == Depth::Family)].insert(class, shared);
                if depth == Depth::Class || self.rules.is_line(class) {
                    continue;
                }
                for at in &best_first {
                    let PredictedPart { feature, ground, .. } = &self.pieces[*at];
                    measured.features[*feature].covered |=
                        true_m2(ground) >= COVERED * ground.unsigned_area();
                }
                let found_index = Index::new([], &found_ground);
                for truth in
                    truths.iter().filter(|truth| !truth.ignored && name(truth.class) == class)
                {
                    let mut near = found_index.grounds_around(&truth.ground);
                    near.sort_unstable();
                    let least_m2 = COVERED * truth.ground.unsigned_area();
                    let mut covered_m2 = 0.0;
                    let enough = near.into_iter().find(|at| {
                        covered_m2 += cut::shared_m2(&truth.ground, &found_ground[*at]);
                        covered_m2 >= least_m2
                    });
                    measured
                        .objects
                        .push((truth.class, enough.map(|at| self.confidence(best_first[at]))));
                }
            }
        }
    }
}

/// What true centrelines were taken for, and predicted ones where nothing is; metres.
pub(crate) fn confusion_m(flights: &[Measured], classes: &Classes) -> Confusion {
    let names = classes.names();
    let last = names.len();
    let mut metres = vec![vec![0.0; last + 1]; last + 1];
    for flight in flights {
        for stretch in &flight.true_stretches {
            metres[stretch.class][stretch.taken_for.unwrap_or(last)] += stretch.length_m;
        }
        for stretch in flight.found_stretches.iter().filter(|stretch| stretch.alone) {
            metres[last][stretch.class] += stretch.length_m;
        }
    }
    let whole =
        |row: Vec<f64>| row.into_iter().map(|metres: f64| metres.round() as usize).collect();
    Confusion::new(names, metres.into_iter().map(whole).collect())
}

/// Confidence of parts against the share of their metres that was right.
pub(crate) fn reliability_m(flights: &[Measured]) -> Option<Reliability> {
    let stretches = flights.iter().flat_map(|flight| &flight.found_stretches);
    Reliability::weighed(
        stretches.map(|stretch| (stretch.part_confidence, stretch.right, stretch.length_m)),
    )
}
