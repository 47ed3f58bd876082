//! Areas by land class and category of ordnance: what they hold, on how much ground, how far off
//! they are, and whether their confidence is right.

use super::agreement::{Agreement, AgreementKey};
use super::format::{calibration, interval, number, percent};
use super::sums::over;
use super::{AreaCalibration, AreaRow, JudgedField, TierFigures};
use crate::interval as exact;
use rams_domain::LandClass;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Areas of some fields or surveys by land class and category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreasByClass {
    /// Of all categories and of each, by land class.
    pub agreement: Vec<AgreementFigures>,
    /// Of each land class; of none where no true object counts: such a truth grades no area.
    pub calibration: Vec<LandClassCalibration>,
}

/// Areas of a land class and a category against the truth, both on assessed ground.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementFigures {
    /// The category of true objects, `all` for those of every category. An indication of earthworks
    /// stands for mines of every category.
    pub eo_category: String,
    /// `SHA`, `INDICATION`, `both`, or `both and belts`.
    pub land_class: &'static str,
    /// Areas.
    pub areas: usize,
    /// Areas without any true object of their category in them or in their belts.
    pub without_object: usize,
    /// True objects.
    pub objects: usize,
    /// Those that lie in an area of their category.
    pub inside: usize,
    /// Their share, with its exact 95 % interval.
    pub share: Option<[f64; 3]>,
    /// Ground of the areas, square metres; where they overlap it counts once.
    pub area_m2: f64,
    /// True mined ground, square metres; `None` where that of some object is not known.
    pub true_m2: Option<f64>,
    /// Ground of the areas over true mined ground.
    pub ratio: Option<f64>,
    /// Share of the true mined ground that lies in the areas.
    pub true_inside: Option<f64>,
    /// From the objects outside to the nearest area of their category, metres: the median, and what
    /// 95 % do not exceed.
    pub missed_m: Option<[f64; 2]>,
    /// Ground of the areas outside the true mined ground, square metres.
    pub beyond_m2: Option<f64>,
    /// From that ground to the nearest true object, whole metres: the median, and what 95 % of the
    /// ground do not exceed.
    pub beyond_m: Option<[f64; 2]>,
}

/// Whether the confidence of all areas of a land class is right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LandClassCalibration {
    /// The land class.
    pub land_class: LandClass,
    /// By tier, the surest first. Right is an area that holds an object of its category, an
    /// indication of earthworks with a mine in it or in its belt.
    pub tiers: Vec<TierFigures>,
    /// By tenths of confidence.
    pub confidence: Option<AreaCalibration>,
}

impl AreasByClass {
    /// Adds up what was judged.
    pub fn of<'a>(judged: impl Iterator<Item = &'a JudgedField> + Clone) -> Self {
        let mut sums: BTreeMap<AgreementKey, Agreement> = BTreeMap::new();
        for (key, more) in judged.clone().flat_map(|judged| &judged.agreement) {
            sums.entry(*key).or_default().add(more);
        }
        let calibration = |land_class: LandClass| {
            let rows = || judged.clone().flat_map(|judged| &judged.rows);
            let rows = || rows().filter(|row: &&AreaRow| row.land_class == land_class);
            LandClassCalibration {
                land_class,
                tiers: TierFigures::of(rows()),
                confidence: AreaCalibration::of(rows().map(|row| (row.confidence, row.real))),
            }
        };
        let graded =
            if sums.values().any(|sum| sum.objects > 0) { &LandClass::ALL[..] } else { &[] };
        Self {
            agreement: sums.iter().map(AgreementFigures::of).collect(),
            calibration: graded.iter().copied().map(calibration).collect(),
        }
    }
}

impl AgreementFigures {
    fn of(((eo_category, land), of): (&AgreementKey, &Agreement)) -> Self {
        let mut missed: Vec<(f64, f64)> = of.missed_m.iter().map(|metres| (*metres, 1.0)).collect();
        missed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let beyond: Vec<(f64, f64)> =
            of.beyond_m2.iter().map(|(metres, m2)| (f64::from(*metres), *m2)).collect();
        Self {
            eo_category: eo_category.map_or_else(|| "all".into(), |category| category.to_string()),
            land_class: land.name(),
            areas: of.areas,
            without_object: of.without_object,
            objects: of.objects,
            inside: of.inside,
            share: exact::share(of.inside, of.objects)
                .map(|[low, high]| [of.inside as f64 / of.objects as f64, low, high]),
            area_m2: of.m2,
            true_m2: of.true_m2,
            ratio: of.true_m2.and_then(|true_m2| over(of.m2, true_m2)),
            true_inside: of.true_m2.and_then(|true_m2| over(of.covered_m2, true_m2)),
            missed_m: quantiles(&missed),
            beyond_m2: of.true_m2.map(|_| of.m2 - of.covered_m2),
            beyond_m: quantiles(&beyond),
        }
    }
}

/// The median of weighted values, ascending, and what 95 % of the weight do not exceed.
fn quantiles(values: &[(f64, f64)]) -> Option<[f64; 2]> {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let at = |share: f64| {
        let mut sum = 0.0;
        // A sum of parts may fall short of the whole by its last digit.
        let reached = values.iter().find(|(_, weight)| {
            sum += weight;
            sum >= share * total * (1.0 - 1e-12)
        });
        reached.map(|(value, _)| *value)
    };
    Some([at(0.5)?, at(0.95)?])
}

impl fmt::Display for AreasByClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nAreas on assessed ground. Missed: objects outside to the nearest area. Beyond: \
             ground outside the\ntrue mined ground, and how far that lies from the nearest true \
             object. Median / 95 %.\n"
        )?;
        writeln!(
            f,
            "| category | land class | areas | without object | objects | inside | share | ha | \
             over true | true ground inside | missed, m | beyond, ha | beyond, m |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")?;
        self.agreement.iter().try_for_each(|figures| writeln!(f, "{figures}"))?;
        if self.calibration.is_empty() {
            writeln!(f, "\nNo calibration of areas: no true object of ordnance counts.")?;
        }
        self.calibration.iter().try_for_each(|of| of.fmt(f))
    }
}

impl fmt::Display for AgreementFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ha = |m2: Option<f64>| number(m2.map(|m2| m2 / 1e4), 3);
        let metres = |metres: Option<[f64; 2]>, digits: usize| {
            let [median, most] = [0, 1].map(|at| number(metres.map(|metres| metres[at]), digits));
            metres.map_or_else(|| "-".into(), |_| format!("{median} / {most}"))
        };
        let Self { eo_category, land_class, areas, without_object, objects, inside, .. } = self;
        write!(
            f,
            "| {eo_category} | {land_class} | {areas} | {without_object} | {objects} | {inside} | \
             {} | {} | {} | {} | {} | {} | {} |",
            interval(self.share),
            ha(Some(self.area_m2)),
            number(self.ratio, 2),
            percent(self.true_inside),
            metres(self.missed_m, 1),
            ha(self.beyond_m2),
            metres(self.beyond_m, 0),
        )
    }
}

impl fmt::Display for LandClassCalibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.confidence.is_none() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| {} | areas | mean confidence | right |\n|---|---|---|---|",
            self.land_class
        )?;
        for tier in &self.tiers {
            let (confidence, share) = (number(tier.confidence, 3), interval(tier.share));
            writeln!(f, "| {} | {} | {confidence} | {share} |", tier.tier, tier.areas)?;
        }
        calibration(
            f,
            &format!("areas of land class {}", self.land_class),
            self.confidence.as_ref(),
        )
    }
}
