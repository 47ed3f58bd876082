//! All fields together.

use super::baseline::Baseline;
use super::edge::Edge;
use super::figures::{Cmr, EarthworksBelt, Fronts, Group};
use super::judge::Level;
use super::land_class::LandClassSums;
use super::sums::{Sums, over};
use super::{
    AreaCalibration, AreaField, AreaRow, AreasByClass, CategoryFigures, CmrFigures, DrawnField,
    EarthworksBeltFigures, FrontFigures, GroupFigures, JudgedField, LandClassFigures, LevelFigures,
    MINES, TierFigures,
};
use crate::interval;
use rams_domain::{EoCategory, Threat};
use serde::Serialize;
use std::collections::BTreeMap;

/// What one field came to: its areas by each doctrine, and the baselines.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldOutcome {
    /// By doctrine, in the order given.
    pub judged: Vec<JudgedField>,
    baselines: Vec<Vec<Sums>>,
}

impl AreaField<'_> {
    /// Judges what each doctrine drew, and the baselines on the same features.
    ///
    /// ```
    /// use geo::{MultiPolygon, Point, Rect};
    /// use rams_domain::EoCategory;
    /// use rams_evaluate::{AreaField, AreasEvaluation, DrawnField, TrueOrdnance};
    /// # use rams_domain::{
    /// #     AreaKind, DoctrineRef, EvidenceKind, HazardArea, HazardAreaId, LandClass, Threat,
    /// # };
    /// # let area = |boundary: MultiPolygon| HazardArea {
    /// #     id: HazardAreaId(1), land_class: LandClass::Sha, kind: AreaKind::Perimeter,
    /// #     tier: None, eo_category: EoCategory::ApMine, boundary,
    /// #     area_m2: 400.0, confidence: 0.9, threat: Threat::High, rationale: String::new(),
    /// #     buffer_m: 10.0, link_m: 25.0, front_unknown: true, front_deg: None, rows: 0,
    /// #     fade_out_m: None, position_accuracy_m: 0.1, evidence: EvidenceKind::Indirect,
    /// #     assessed_share: 1.0, beyond_imagery_m2: 0.0, released_m2: 0.0,
    /// #     district: String::new(),
    /// #     doctrine: DoctrineRef {
    /// #         name: "d".into(), version: "1".into(), digest: String::new(),
    /// #     },
    /// #     features: vec![], external_evidence: vec![],
    /// # };
    ///
    /// // A square kilometre with two mines on 800 m²; an area of 400 m² holds one of them.
    /// let square = |x: f64, side: f64| -> MultiPolygon {
    ///     Rect::new((x, 0.0), (x + side, side)).to_polygon().into()
    /// };
    /// let mine = |x| TrueOrdnance {
    ///     at: Point::new(x, 10.0),
    ///     eo_category: EoCategory::ApMine,
    ///     group: "in rows",
    /// };
    /// let field = AreaField {
    ///     name: "seed 1",
    ///     extent: Rect::new((0.0, 0.0), (1_000.0, 1_000.0)),
    ///     assessed: &square(0.0, 1_000.0),
    ///     items: &[mine(10.0), mine(510.0)],
    ///     mined: &[(
    ///         EoCategory::ApMine,
    ///         MultiPolygon([square(0.0, 20.0).0, square(500.0, 20.0).0].concat()),
    ///     )],
    ///     trench_m: 0.0,
    ///     front_deg: None,
    ///     features: &[],
    /// };
    /// let hazard_areas = vec![area(square(0.0, 20.0))];
    /// let outcome = field.outcome(&[DrawnField { hazard_areas, indication_belts: vec![] }]);
    /// assert_eq!(outcome.judged[0].rows[0].items, 1);
    ///
    /// let evaluation = AreasEvaluation::of(&["d".into()], &[outcome]);
    /// let all = &evaluation.doctrines[0].method.mines.steps[0];
    /// assert_eq!((all.inside, all.ratio), (Some(0.5), Some(0.5)));
    /// ```
    pub fn outcome(&self, drawn: &[DrawnField]) -> FieldOutcome {
        FieldOutcome {
            judged: drawn.iter().map(|drawn| self.judge(drawn)).collect(),
            baselines: self.baselines(&Baseline::ALL),
        }
    }
}

/// How good the areas of some fields are, by each way of drawing them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreasEvaluation {
    /// Fields judged.
    pub fields: usize,
    /// Their ground.
    pub km2: f64,
    /// The doctrines, in the order given.
    pub doctrines: Vec<DoctrineFigures>,
    /// The baselines.
    pub baselines: Vec<MethodFigures>,
}

/// Mines inside and ground taken by one way of drawing areas.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodFigures {
    /// What it is.
    pub name: String,
    /// Of AP and AV mines together.
    pub mines: CategoryFigures,
    /// 95 % interval of the ratio at 95 %, by drawing the fields again, 200 times
    /// with replacement; `None` where a draw does not get there.
    pub at_95_interval: Option<[f64; 2]>,
    /// By category of mines.
    pub by_category: BTreeMap<EoCategory, CategoryFigures>,
}

/// All that can be said of areas by a doctrine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DoctrineFigures {
    /// Mines inside and ground taken.
    #[serde(flatten)]
    pub method: MethodFigures,
    /// Mines on assessed ground by group: how laid, and whether hidden.
    pub groups: BTreeMap<&'static str, GroupFigures>,
    /// How far boundaries lie apart, metres, from drawn to true and from true to drawn, by
    /// category.
    pub boundary_error_m: BTreeMap<EoCategory, [Option<f64>; 2]>,
    /// Mines in suspected hazardous areas and in indications, each by itself.
    pub land_classes: LandClassFigures,
    /// All areas by land class and category.
    pub by_class: AreasByClass,
    /// Areas of mines by tier, the surest first.
    pub tiers: Vec<TierFigures>,
    /// Areas of mines by threat level, the gravest first.
    pub levels: Vec<LevelFigures>,
    /// Whether the confidence of areas of mines is right.
    pub calibration_mines: Option<AreaCalibration>,
    /// The same for envelopes of submunitions.
    pub calibration_cmr: Option<AreaCalibration>,
    /// The same for indications of earthworks, right if any mine lies in them or in their belts.
    pub calibration_works: Option<AreaCalibration>,
    /// Submunitions.
    pub cmr: CmrFigures,
    /// Areas of earthworks.
    pub works: EarthworksBeltFigures,
    /// Directions of fronts.
    pub fronts: FrontFigures,
}

impl AreasEvaluation {
    /// Adds fields up; `doctrines` names them in the order in which areas were given.
    pub fn of(doctrines: &[String], outcomes: &[FieldOutcome]) -> Self {
        let km2: f64 = outcomes
            .iter()
            .filter_map(|outcome| outcome.judged.first())
            .map(|judged| judged.km2)
            .sum();
        let doctrine = |(at, name): (usize, &String)| {
            let judged: Vec<&JudgedField> =
                outcomes.iter().filter_map(|outcome| outcome.judged.get(at)).collect();
            DoctrineFigures::of(name, &judged, km2)
        };
        let baseline = |(at, baseline): (usize, &Baseline)| {
            let sums = outcomes.iter().map(|outcome| outcome.baselines[at].as_slice());
            MethodFigures::of(baseline.to_string(), sums, km2)
        };
        Self {
            fields: outcomes.len(),
            km2,
            doctrines: doctrines.iter().enumerate().map(doctrine).collect(),
            baselines: Baseline::ALL.iter().enumerate().map(baseline).collect(),
        }
    }

    /// All ways of drawing, the doctrines first.
    pub(super) fn methods(&self) -> impl Iterator<Item = &MethodFigures> {
        self.doctrines.iter().map(|doctrine| &doctrine.method).chain(&self.baselines)
    }
}

impl MethodFigures {
    fn of<'a>(name: String, fields: impl Iterator<Item = &'a [Sums]>, km2: f64) -> Self {
        let fields: Vec<&[Sums]> = fields.collect();
        let none = || Sums::new(super::CUTS.len(), 0.0, 0.0);
        let total = |sums: &mut dyn Iterator<Item = &Sums>| {
            sums.fold(none(), |mut total, sums| {
                total.add(sums);
                total
            })
        };
        let of = |at: usize| total(&mut fields.iter().map(|sums| &sums[at])).figures(km2);
        let mines: Vec<Sums> = fields.iter().map(|sums| total(&mut sums.iter())).collect();
        Self {
            name,
            mines: total(&mut mines.iter()).figures(km2),
            at_95_interval: drawn_again(&mines),
            by_category: MINES
                .into_iter()
                .enumerate()
                .map(|(at, category)| (category, of(at)))
                .collect(),
        }
    }
}

/// The middle 95 % of the ratio at 95 % when fields are drawn again, with replacement, by a fixed
/// sequence.
fn drawn_again(fields: &[Sums]) -> Option<[f64; 2]> {
    const DRAWS: usize = 200;
    let mut state = 0u64;
    let mut any = || {
        // splitmix64 (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % fields.len() as u64) as usize
    };
    let mut ratios = vec![];
    if fields.len() < 2 {
        return None;
    }
    for _ in 0..DRAWS {
        let mut total = Sums::new(super::CUTS.len(), 0.0, 0.0);
        (0..fields.len()).for_each(|_| total.add(&fields[any()]));
        ratios.push(total.figures(1.0).at_95?.ratio);
    }
    ratios.sort_by(f64::total_cmp);
    Some([ratios[DRAWS / 40], ratios[DRAWS - 1 - DRAWS / 40]])
}

impl DoctrineFigures {
    fn of(name: &str, judged: &[&JudgedField], km2: f64) -> Self {
        let mut edges = [Edge::default(); MINES.len()];
        let mut levels: BTreeMap<Threat, Level> = BTreeMap::new();
        let mut groups: BTreeMap<&'static str, Group> = BTreeMap::new();
        let (mut cmr, mut works, mut fronts) =
            (Cmr::default(), EarthworksBelt::default(), Fronts::default());
        let mut land_classes = LandClassSums::default();
        for field in judged {
            edges.iter_mut().zip(&field.edges).for_each(|(edge, more)| edge.add(more));
            for (threat, more) in &field.levels {
                levels.entry(*threat).or_default().add(more);
            }
            for (group, more) in &field.groups {
                groups.entry(*group).or_default().add(more);
            }
            cmr.sum(&field.cmr);
            works.sum(&field.works);
            fronts.sum(&field.fronts);
            land_classes.add(&field.land_classes);
        }
        let method = MethodFigures::of(
            name.to_owned(),
            judged.iter().map(|field| field.sums.as_slice()),
            km2,
        );
        let m2: f64 = levels.values().map(|level| level.m2).sum();
        let level = |(threat, level): (&Threat, &Level)| LevelFigures {
            threat: *threat,
            areas: level.areas,
            real: level.real,
            share: interval::share(level.real, level.areas)
                .map(|[low, high]| [level.real as f64 / level.areas as f64, low, high]),
            mines: over(level.mines as f64, method.mines.mines as f64),
            ground: over(level.m2, m2),
        };
        let calibration = |of: &dyn Fn(&AreaRow) -> bool| {
            let rows = judged.iter().flat_map(|field| &field.rows).filter(|row| of(row));
            AreaCalibration::of(rows.map(|row| (row.confidence, row.real)))
        };
        let errors = |edge: &Edge| {
            [over(edge.from_drawn_m, edge.drawn as f64), over(edge.from_true_m, edge.true_ as f64)]
        };
        Self {
            groups: groups.into_iter().map(|(name, group)| (name, group.figures())).collect(),
            boundary_error_m: MINES.into_iter().zip(edges.iter().map(errors)).collect(),
            land_classes: land_classes.figures(km2),
            by_class: AreasByClass::of(judged.iter().copied()),
            tiers: TierFigures::of(
                judged.iter().flat_map(|field| &field.rows).filter(|row| row.is_of_mines()),
            ),
            levels: levels.iter().rev().map(level).collect(),
            calibration_mines: calibration(&AreaRow::is_of_mines),
            calibration_cmr: calibration(&|row| row.eo_category == EoCategory::Cmr),
            calibration_works: calibration(&|row| row.eo_category == EoCategory::Unknown),
            cmr: cmr.figures(km2),
            works: works.figures(km2),
            fronts: fronts.figures(),
            method,
        }
    }
}
