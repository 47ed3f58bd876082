//! Sums over fields, and the figures that they come to.

use super::CUTS;
use rams_domain::Threat;
use serde::Serialize;

/// A ratio; `None` of nothing.
pub(super) fn over(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

/// Mines and ground of one category, by how many of the cuts they pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    mines: usize,
    assessed_mines: usize,
    true_m2: f64,
    true_assessed_m2: f64,
    /// By cut: how many mines lie in a right area that passes it, and so on.
    steps: Vec<StepSums>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct StepSums {
    inside: usize,
    inside_assessed: usize,
    any_assessed: usize,
    areas: usize,
    m2: f64,
    assessed_m2: f64,
}

impl Sums {
    pub(super) fn new(cuts: usize, true_m2: f64, true_assessed_m2: f64) -> Self {
        Self {
            mines: 0,
            assessed_mines: 0,
            true_m2,
            true_assessed_m2,
            steps: vec![StepSums::default(); cuts],
        }
    }

    /// A mine that is inside areas of the right category that pass so many cuts, and of any
    /// category.
    pub(super) fn add_mine(&mut self, assessed: bool, right: usize, any: usize) {
        self.mines += 1;
        self.assessed_mines += usize::from(assessed);
        for step in &mut self.steps[..right] {
            step.inside += 1;
            step.inside_assessed += usize::from(assessed);
        }
        if assessed {
            self.steps[..any].iter_mut().for_each(|step| step.any_assessed += 1);
        }
    }

    /// An area that passes so many cuts.
    pub(super) fn add_area(&mut self, cuts: usize, m2: f64, assessed_m2: f64) {
        for step in &mut self.steps[..cuts] {
            step.areas += 1;
            step.m2 += m2;
            step.assessed_m2 += assessed_m2;
        }
    }

    /// Ground at one cut.
    pub(super) fn add_ground(&mut self, cut: usize, areas: usize, m2: f64, assessed_m2: f64) {
        let step = &mut self.steps[cut];
        (step.areas, step.m2, step.assessed_m2) =
            (step.areas + areas, step.m2 + m2, step.assessed_m2 + assessed_m2);
    }

    /// A mine that is inside at these cuts, where areas do not shrink in step with the cut.
    pub(super) fn add_mine_where(&mut self, assessed: bool, inside: &[bool]) {
        self.mines += 1;
        self.assessed_mines += usize::from(assessed);
        for (step, _) in self.steps.iter_mut().zip(inside).filter(|(_, inside)| **inside) {
            step.inside += 1;
            step.inside_assessed += usize::from(assessed);
            step.any_assessed += usize::from(assessed);
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.mines += other.mines;
        self.assessed_mines += other.assessed_mines;
        self.true_m2 += other.true_m2;
        self.true_assessed_m2 += other.true_assessed_m2;
        for (step, more) in self.steps.iter_mut().zip(&other.steps) {
            step.inside += more.inside;
            step.inside_assessed += more.inside_assessed;
            step.any_assessed += more.any_assessed;
            step.areas += more.areas;
            step.m2 += more.m2;
            step.assessed_m2 += more.assessed_m2;
        }
    }

    pub(super) fn figures(&self, km2: f64) -> CategoryFigures {
        let step = |(cut, step): (&f64, &StepSums)| AreaStep {
            confidence: *cut,
            inside: over(step.inside_assessed as f64, self.assessed_mines as f64),
            inside_any: over(step.any_assessed as f64, self.assessed_mines as f64),
            inside_all: over(step.inside as f64, self.mines as f64),
            ratio: over(step.assessed_m2, self.true_assessed_m2),
            ratio_all: over(step.m2, self.true_m2),
            // Of circles and squares only the ground is counted.
            areas_per_km2: over(step.areas as f64, km2)
                .filter(|_| step.areas > 0 || step.m2 == 0.0),
        };
        let steps: Vec<AreaStep> = CUTS.iter().zip(&self.steps).map(step).collect();
        CategoryFigures {
            mines: self.mines,
            mines_assessed: self.assessed_mines,
            true_m2: self.true_m2,
            true_assessed_m2: self.true_assessed_m2,
            at_95: At95::of(&steps),
            steps,
        }
    }
}

/// Mines of a category, or of all, and the areas drawn for them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CategoryFigures {
    /// Mines in all fields.
    pub mines: usize,
    /// Those on assessed ground.
    pub mines_assessed: usize,
    /// True mined ground, square metres.
    pub true_m2: f64,
    /// That on assessed ground.
    pub true_assessed_m2: f64,
    /// Where 95 % are inside.
    pub at_95: Option<At95>,
    /// By least confidence.
    pub steps: Vec<AreaStep>,
}

/// Areas of at least some confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AreaStep {
    /// The least confidence of an area, or of a feature for the baselines.
    pub confidence: f64,
    /// Share of mines on assessed ground inside an area of their category.
    pub inside: Option<f64>,
    /// The same, inside an area of any category, those of earthworks and submunitions too.
    pub inside_any: Option<f64>,
    /// Share of all mines, on ground that was not assessed too, inside an area of their category.
    pub inside_all: Option<f64>,
    /// Ground of areas over true mined ground, both on assessed ground.
    pub ratio: Option<f64>,
    /// The same on all ground.
    pub ratio_all: Option<f64>,
    /// Areas per square kilometre; `None` where they are not counted.
    pub areas_per_km2: Option<f64>,
}

/// A curve where it has 95 % of mines inside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct At95 {
    /// Least confidence, between two steps.
    pub confidence: f64,
    /// Ground over true mined ground.
    pub ratio: f64,
}

impl At95 {
    /// Between the last step that holds 95 % and the first that does not; `None` where no step
    /// does.
    pub(super) fn of(steps: &[AreaStep]) -> Option<Self> {
        const SHARE: f64 = 0.95;
        let at =
            steps.iter().rposition(|step| step.inside.is_some_and(|inside| inside >= SHARE))?;
        let (above, above_ratio) = (steps[at].inside?, steps[at].ratio?);
        let Some(next) = steps.get(at + 1) else {
            return Some(Self { confidence: steps[at].confidence, ratio: above_ratio });
        };
        let (below, below_ratio) = (next.inside?, next.ratio?);
        if below == 0.0 {
            // All that there is has this one confidence: there is no curve to walk along.
            return Some(Self { confidence: steps[at].confidence, ratio: above_ratio });
        }
        let share = if above > below { (above - SHARE) / (above - below) } else { 0.0 };
        Some(Self {
            confidence: steps[at].confidence + (next.confidence - steps[at].confidence) * share,
            ratio: above_ratio + (below_ratio - above_ratio) * share,
        })
    }
}

/// Mines of one group on assessed ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    pub(super) mines: usize,
    pub(super) inside: [usize; CUTS.len()],
}

impl Default for Group {
    fn default() -> Self {
        Self { mines: 0, inside: [0; CUTS.len()] }
    }
}

impl Group {
    /// A mine that is inside areas of its category that pass so many cuts.
    pub(super) fn add_mine(&mut self, cuts: usize) {
        self.mines += 1;
        self.inside[..cuts].iter_mut().for_each(|inside| *inside += 1);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.mines += other.mines;
        self.inside.iter_mut().zip(other.inside).for_each(|(inside, more)| *inside += more);
    }

    pub(super) fn figures(&self) -> GroupFigures {
        let share = |inside: &usize| over(*inside as f64, self.mines as f64);
        GroupFigures {
            mines: self.mines,
            inside: CUTS.into_iter().zip(self.inside.iter().map(share)).collect(),
        }
    }
}

/// Mines of one group on assessed ground: laid in rows, hidden, and so on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupFigures {
    /// How many.
    pub mines: usize,
    /// Least confidence, and the share of them inside an area of their category.
    pub inside: Vec<(f64, Option<f64>)>,
}

/// Areas of mines by threat level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelFigures {
    /// The level.
    pub threat: Threat,
    /// Its areas.
    pub areas: usize,
    /// Those that hold a mine of their category.
    pub real: usize,
    /// The share behind it, with its exact 95 % interval.
    pub share: Option<[f64; 3]>,
    /// Share of all mines whose gravest area has this level.
    pub mines: Option<f64>,
    /// Share of the ground of all areas of mines.
    pub ground: Option<f64>,
}

/// Submunitions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Cmr {
    pub(super) items: [usize; 2],
    pub(super) inside: [usize; 2],
    pub(super) envelopes: usize,
    pub(super) m2: f64,
}

impl Cmr {
    pub(super) fn add(&mut self, assessed: bool, inside: bool) {
        for at in if assessed { vec![0, 1] } else { vec![1] } {
            self.items[at] += 1;
            self.inside[at] += usize::from(inside);
        }
    }

    pub(super) fn sum(&mut self, other: &Self) {
        for at in [0, 1] {
            self.items[at] += other.items[at];
            self.inside[at] += other.inside[at];
        }
        self.envelopes += other.envelopes;
        self.m2 += other.m2;
    }

    pub(super) fn figures(&self, km2: f64) -> CmrFigures {
        CmrFigures {
            items_assessed: self.items[0],
            inside: over(self.inside[0] as f64, self.items[0] as f64),
            inside_all: over(self.inside[1] as f64, self.items[1] as f64),
            envelopes_per_km2: over(self.envelopes as f64, km2),
            ground: over(self.m2 / 1e6, km2),
        }
    }
}

/// Submunitions: envelopes are indicative, and no ratio is given for them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CmrFigures {
    /// Submunitions on assessed ground.
    pub items_assessed: usize,
    /// Share of them in an envelope, or within the fade-out of a find that one stands on.
    pub inside: Option<f64>,
    /// Share of all submunitions.
    pub inside_all: Option<f64>,
    /// Envelopes per square kilometre.
    pub envelopes_per_km2: Option<f64>,
    /// Their ground as a share of the fields.
    pub ground: Option<f64>,
}

/// Areas of earthworks, which are of the category UNKNOWN.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct EarthworksBelt {
    pub(super) mines: usize,
    pub(super) inside: usize,
    pub(super) areas: usize,
    pub(super) m2: f64,
    pub(super) trench_m: f64,
}

impl EarthworksBelt {
    pub(super) fn sum(&mut self, other: &Self) {
        self.mines += other.mines;
        self.inside += other.inside;
        self.areas += other.areas;
        self.m2 += other.m2;
        self.trench_m += other.trench_m;
    }

    pub(super) fn figures(&self, km2: f64) -> EarthworksBeltFigures {
        EarthworksBeltFigures {
            inside: over(self.inside as f64, self.mines as f64),
            areas_per_km2: over(self.areas as f64, km2),
            km2_per_trench_km: over(self.m2 / 1e6, self.trench_m / 1e3),
            ground: over(self.m2 / 1e6, km2),
        }
    }
}

/// Areas of earthworks, which are of the category UNKNOWN.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarthworksBeltFigures {
    /// Share of all mines in one of them.
    pub inside: Option<f64>,
    /// Areas per square kilometre.
    pub areas_per_km2: Option<f64>,
    /// Square kilometres of them for each kilometre of fire trench, those of false works too.
    pub km2_per_trench_km: Option<f64>,
    /// Their ground as a share of the fields.
    pub ground: Option<f64>,
}

/// Directions of fronts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Fronts {
    said: usize,
    compared: usize,
    within_45: usize,
    off_deg: f64,
}

impl Fronts {
    pub(super) fn add(&mut self, said: Option<f64>, truth: Option<f64>) {
        self.said += usize::from(said.is_some());
        if let Some((said, truth)) = said.zip(truth) {
            let off = (said - truth + 180.0).rem_euclid(360.0) - 180.0;
            self.compared += 1;
            self.within_45 += usize::from(off.abs() <= 45.0);
            self.off_deg += off.abs();
        }
    }

    pub(super) fn sum(&mut self, other: &Self) {
        self.said += other.said;
        self.compared += other.compared;
        self.within_45 += other.within_45;
        self.off_deg += other.off_deg;
    }

    pub(super) fn figures(&self) -> FrontFigures {
        let over = |a: f64| (self.compared > 0).then(|| a / self.compared as f64);
        FrontFigures {
            areas: self.said,
            right: over(self.within_45 as f64),
            off_deg: over(self.off_deg),
        }
    }
}

/// How well areas that name the direction of the front know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrontFigures {
    /// Areas that name one.
    pub areas: usize,
    /// Share of those in defended fields that are right within 45 degrees.
    pub right: Option<f64>,
    /// Their mean error, degrees.
    pub off_deg: Option<f64>,
}
