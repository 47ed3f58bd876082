//! One field and one way of drawing its areas.

use super::agreement::{Agreement, AgreementKey};
use super::edge::Edge;
use super::figures::{Cmr, EarthworksBelt, Fronts, Group};
use super::land_class::LandClassSums;
use super::outlines::Outlines;
use super::sums::Sums;
use super::{AreaField, AreaRow, CUTS, DrawnField, MINES, TrueOrdnance, counts_for, fits, passed};
use geo::{Area, BooleanOps, Contains, Distance, Euclidean, Geometry, MultiPolygon, Point};
use rams_domain::{AreaKind, EoCategory, HazardArea, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// What one way of drawing areas came to in one field.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedField {
    /// One row for each area.
    pub rows: Vec<AreaRow>,
    pub(super) km2: f64,
    pub(super) sums: Vec<Sums>,
    pub(super) groups: BTreeMap<&'static str, Group>,
    pub(super) edges: [Edge; 2],
    pub(super) levels: BTreeMap<Threat, Level>,
    pub(super) cmr: Cmr,
    pub(super) works: EarthworksBelt,
    pub(super) fronts: Fronts,
    pub(super) land_classes: LandClassSums,
    pub(super) agreement: BTreeMap<AgreementKey, Agreement>,
}

/// Areas of one threat level, of mines.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Level {
    pub(super) areas: usize,
    pub(super) real: usize,
    /// Mines whose right area of the highest level this is.
    pub(super) mines: usize,
    pub(super) m2: f64,
}

impl Level {
    pub(super) fn add(&mut self, other: &Self) {
        self.areas += other.areas;
        self.real += other.real;
        self.mines += other.mines;
        self.m2 += other.m2;
    }
}

/// How many of the cuts the most confident of some areas passes.
fn most_cuts<'a>(areas: impl Iterator<Item = &'a &'a HazardArea>) -> usize {
    areas.map(|area| f64::from(area.confidence)).reduce(f64::max).map_or(0, passed)
}

impl AreaField<'_> {
    /// Judges what was drawn from the field's features.
    pub fn judge(&self, drawn: &DrawnField) -> JudgedField {
        let DrawnField { hazard_areas: areas, indication_belts: belts } = drawn;
        let area_outlines = Outlines::new(areas.iter().map(|area| &area.boundary));
        let belt_outlines = Outlines::new(belts.iter().map(|belt| &belt.boundary));
        let mut judged = JudgedField {
            rows: vec![],
            km2: self.extent.width() * self.extent.height() / 1e6,
            sums: self.truth_sums(),
            groups: BTreeMap::new(),
            edges: MINES.map(|category| self.edge(category, areas)),
            levels: BTreeMap::new(),
            cmr: Cmr::default(),
            works: EarthworksBelt { trench_m: self.trench_m, ..EarthworksBelt::default() },
            fronts: Fronts::default(),
            land_classes: self.land_classes(drawn),
            agreement: BTreeMap::new(),
        };
        let mut held = vec![0; areas.len()];
        for item in self.items {
            let around = area_outlines.around(&item.at);
            let in_belts = belt_outlines.around(&item.at).into_iter().map(|belt| belts[belt].area);
            let in_belts: BTreeSet<usize> = in_belts
                .filter_map(|id| areas.iter().position(|area| area.id == id))
                .filter(|number| !around.contains(number))
                .collect();
            for &number in around.iter().chain(&in_belts) {
                held[number] +=
                    usize::from(counts_for(areas[number].eo_category, item.eo_category));
            }
            if MINES.contains(&item.eo_category) {
                let is_works = |number: &usize| areas[*number].eo_category == EoCategory::Unknown;
                let in_works = around.iter().chain(&in_belts).any(is_works);
                judged.works.mines += 1;
                judged.works.inside += usize::from(in_works);
            }
            let around: Vec<&HazardArea> = around.iter().map(|&number| &areas[number]).collect();
            self.tally_item(item, &around, areas, &mut judged);
        }
        for (area, items) in areas.iter().zip(held) {
            self.tally_area(area, items, &mut judged);
        }
        let is_real: Vec<bool> = judged.rows.iter().map(|row| row.real).collect();
        judged.agreement = self.agreement(drawn, &is_real);
        judged
    }

    /// Counts one mine or submunition that lies in the areas `around` it.
    fn tally_item(
        &self,
        item: &TrueOrdnance,
        around: &[&HazardArea],
        areas: &[HazardArea],
        judged: &mut JudgedField,
    ) {
        let right = || around.iter().filter(|area| fits(area.eo_category, item.eo_category));
        let assessed = self.assessed.contains(&item.at);
        if let Some(sum) = MINES.iter().position(|category| *category == item.eo_category) {
            let of_right = most_cuts(right().filter(|area| area.kind == AreaKind::Perimeter));
            judged.sums[sum].add_mine(assessed, of_right, most_cuts(around.iter()));
            if assessed {
                judged.groups.entry(item.group).or_default().add_mine(of_right);
            }
            if let Some(level) = right().map(|area| area.threat).max() {
                judged.levels.entry(level).or_default().mines += 1;
            }
        } else if item.eo_category == EoCategory::Cmr {
            let faded = self.fades_over(areas, &item.at);
            judged.cmr.add(assessed, right().next().is_some() || faded);
        }
    }

    /// Counts one area that holds so many items of its category.
    fn tally_area(&self, area: &HazardArea, items: usize, judged: &mut JudgedField) {
        let m2 = area.boundary.unsigned_area();
        let assessed_m2 = self.assessed_m2(&area.boundary);
        let row = self.row(area, items, m2, assessed_m2);
        if let Some(sum) = MINES.iter().position(|category| fits(area.eo_category, *category)) {
            if area.kind == AreaKind::Perimeter {
                judged.sums[sum].add_area(passed(row.confidence), m2, assessed_m2);
                let level = judged.levels.entry(area.threat).or_default();
                level.areas += 1;
                level.real += usize::from(row.real);
                level.m2 += m2;
            }
        } else if area.eo_category == EoCategory::Unknown {
            judged.works.areas += 1;
            judged.works.m2 += m2;
        } else if area.eo_category == EoCategory::Cmr {
            judged.cmr.envelopes += 1;
            judged.cmr.m2 += m2;
        }
        judged.fronts.add(area.front_deg, self.front_deg);
        judged.rows.push(row);
    }

    /// The sums of the truth, with nothing drawn yet, by category.
    pub(super) fn truth_sums(&self) -> Vec<Sums> {
        let of = |category: &EoCategory| {
            let mined = self.mined.iter().filter(|(of, _)| of == category);
            let (mut m2, mut assessed_m2) = (0.0, 0.0);
            for (_, ground) in mined {
                m2 += ground.unsigned_area();
                assessed_m2 += ground.intersection(self.assessed).unsigned_area();
            }
            Sums::new(CUTS.len(), m2, assessed_m2)
        };
        MINES.iter().map(of).collect()
    }

    fn row(&self, area: &HazardArea, items: usize, area_m2: f64, assessed_m2: f64) -> AreaRow {
        // Ids are numbers from 1 in the order of the features.
        let of = |id: &rams_domain::FeatureId| {
            let at = (id.0 as usize).checked_sub(1)?;
            self.features
                .get(at)
                .filter(|feature| feature.id == *id)
                .or_else(|| self.features.iter().find(|f| f.id == *id))
        };
        let confidences: Vec<f64> =
            area.features.iter().filter_map(of).map(|f| f64::from(f.confidence)).collect();
        AreaRow {
            field: self.name.to_owned(),
            area: area.id.0,
            land_class: area.land_class,
            kind: area.kind,
            eo_category: area.eo_category,
            threat: area.threat,
            confidence: f64::from(area.confidence),
            tier: area.tier,
            real: items > 0,
            items,
            features: area.features.len(),
            evidence: confidences.iter().map(|p| -(-p.clamp(0.0, 0.9999)).ln_1p()).sum(),
            strongest: confidences.iter().copied().fold(0.0, f64::max),
            rows: area.rows,
            area_m2,
            assessed_m2,
        }
    }

    fn assessed_m2(&self, boundary: &MultiPolygon) -> f64 {
        boundary.intersection(self.assessed).unsigned_area()
    }

    /// Whether a place lies within the fade-out of a feature that an envelope stands on.
    fn fades_over(&self, areas: &[HazardArea], at: &Point) -> bool {
        let envelopes = areas.iter().filter(|area| area.eo_category == EoCategory::Cmr);
        envelopes.filter_map(|area| Some((area, area.fade_out_m?))).any(|(area, fade_out_m)| {
            let points = self
                .features
                .iter()
                .filter(|feature| area.features.binary_search(&feature.id).is_ok());
            points.into_iter().any(|feature| match &feature.geometry {
                Geometry::Point(found) => Euclidean.distance(*found, *at) <= fade_out_m,
                other => Euclidean.distance(other, at) <= fade_out_m,
            })
        })
    }

    fn edge(&self, category: EoCategory, areas: &[HazardArea]) -> Edge {
        let drawn = areas
            .iter()
            .filter(|area| area.kind == AreaKind::Perimeter && fits(area.eo_category, category));
        let drawn: Vec<&MultiPolygon> = drawn.map(|area| &area.boundary).collect();
        let truth = self.mined.iter().find(|(of, _)| *of == category);
        truth.map_or_else(Edge::default, |(_, truth)| Edge::between(&drawn, truth))
    }
}
