//! Mines inside and ground taken, summed over fields by least confidence, and the figures that they
//! come to.

use super::CUTS;
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
