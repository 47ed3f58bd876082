//! Counts of mines by group, of threat levels, submunitions, earthworks and fronts, and the figures
//! that they come to.

use super::{AreaRow, CUTS, sums::over};
use crate::interval;
use rams_domain::{Threat, Tier};
use serde::Serialize;
use std::collections::BTreeMap;

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

/// Areas of mines by tier, and whether that tells how likely they are right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierFigures {
    /// The tier.
    pub tier: Tier,
    /// Its areas.
    pub areas: usize,
    /// Mean of their confidences.
    pub confidence: Option<f64>,
    /// Share of them that hold a mine of their category, with its exact 95 % interval.
    pub share: Option<[f64; 3]>,
}

impl TierFigures {
    /// The tiers of some areas, the surest first.
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a AreaRow>) -> Vec<Self> {
        let mut by_tier: BTreeMap<Tier, Vec<&AreaRow>> = BTreeMap::new();
        for row in rows {
            if let Some(tier) = row.tier {
                by_tier.entry(tier).or_default().push(row);
            }
        }
        let figures = |(tier, rows): (Tier, Vec<&AreaRow>)| {
            let real = rows.iter().filter(|row| row.real).count();
            let sum: f64 = rows.iter().map(|row| row.confidence).sum();
            Self {
                tier,
                areas: rows.len(),
                confidence: over(sum, rows.len() as f64),
                share: interval::share(real, rows.len())
                    .map(|[low, high]| [real as f64 / rows.len() as f64, low, high]),
            }
        };
        by_tier.into_iter().rev().map(figures).collect()
    }
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
    /// Share of all mines in one of them or in its belt.
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
    named: usize,
    compared: usize,
    within_45: usize,
    off_deg: f64,
}

impl Fronts {
    pub(super) fn add(&mut self, named: Option<f64>, truth: Option<f64>) {
        self.named += usize::from(named.is_some());
        if let Some((named, truth)) = named.zip(truth) {
            let off = (named - truth + 180.0).rem_euclid(360.0) - 180.0;
            self.compared += 1;
            self.within_45 += usize::from(off.abs() <= 45.0);
            self.off_deg += off.abs();
        }
    }

    pub(super) fn sum(&mut self, other: &Self) {
        self.named += other.named;
        self.compared += other.compared;
        self.within_45 += other.within_45;
        self.off_deg += other.off_deg;
    }

    pub(super) fn figures(&self) -> FrontFigures {
        let over = |a: f64| (self.compared > 0).then(|| a / self.compared as f64);
        FrontFigures {
            areas: self.named,
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
