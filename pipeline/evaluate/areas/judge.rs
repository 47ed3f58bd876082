//! One field and one way of drawing its areas.

use super::edge::Edge;
use super::figures::{Cmr, EarthworksBelt, Fronts, Group, Sums};
use super::{AreaField, CUTS, MINES, fits, passed};
use geo::{
    Area, BooleanOps, BoundingRect, Contains, Distance, Euclidean, Geometry, Intersects,
    MultiPolygon, Point,
};
use rams_domain::{AreaKind, EoCategory, HazardArea, Threat};
use serde::Serialize;
use std::collections::BTreeMap;

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

/// One area and whether it is right: what a calibration is fitted on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaRow {
    /// Name of the field.
    pub field: String,
    /// Its number in the field.
    pub area: u32,
    /// Perimeter or envelope.
    pub kind: AreaKind,
    /// Its category.
    pub eo_category: EoCategory,
    /// Its threat level.
    pub threat: Threat,
    /// Its confidence.
    pub confidence: f64,
    /// Whether it holds an item of its category; of the category UNKNOWN, any mine.
    pub real: bool,
    /// How many it holds.
    pub items: usize,
    /// Features it stands on.
    pub features: usize,
    /// The sum of -ln(1 - p) over its features, p at most 0.9999.
    pub evidence: f64,
    /// The most confident of its features.
    pub strongest: f64,
    /// Mine rows recognised in it.
    pub rows: u32,
    /// Square metres.
    pub area_m2: f64,
    /// Square metres of it on assessed ground.
    pub assessed_m2: f64,
}

impl AreaField<'_> {
    /// Judges areas drawn from the field's features.
    pub(super) fn judge(&self, areas: &[HazardArea]) -> JudgedField {
        let boxes: Vec<_> = areas.iter().map(|area| area.boundary.bounding_rect()).collect();
        let holds = |number: usize, at: &Point| {
            boxes[number].is_some_and(|rect| rect.intersects(at))
                && areas[number].boundary.intersects(at)
        };
        let mut held = vec![0; areas.len()];
        let mut sums = self.truth_sums();
        let mut levels: BTreeMap<Threat, Level> = BTreeMap::new();
        let mut groups: BTreeMap<&'static str, Group> = BTreeMap::new();
        let mut works = EarthworksBelt { trench_m: self.trench_m, ..EarthworksBelt::default() };
        let mut cmr = Cmr::default();
        for item in self.items {
            let around: Vec<usize> =
                (0..areas.len()).filter(|number| holds(*number, &item.at)).collect();
            let is_mine = MINES.contains(&item.eo_category);
            for &number in &around {
                let category = areas[number].eo_category;
                if fits(category, item.eo_category) || category == EoCategory::Unknown && is_mine {
                    held[number] += 1;
                }
            }
            let right = || {
                around
                    .iter()
                    .map(|&number| &areas[number])
                    .filter(|area| fits(area.eo_category, item.eo_category))
            };
            let most = |areas: &mut dyn Iterator<Item = &HazardArea>| {
                areas.map(|area| f64::from(area.confidence)).reduce(f64::max).map_or(0, passed)
            };
            let assessed = self.assessed.contains(&item.at);
            if let Some(sum) = MINES.iter().position(|category| *category == item.eo_category) {
                let of_right = most(&mut right().filter(|area| area.kind == AreaKind::Sha));
                let of_any = most(&mut around.iter().map(|&number| &areas[number]));
                sums[sum].add_mine(assessed, of_right, of_any);
                if assessed {
                    groups.entry(item.group).or_default().add_mine(of_right);
                }
                if let Some(level) = right().map(|area| area.threat).max() {
                    levels.entry(level).or_default().mines += 1;
                }
                works.mines += 1;
                works.inside += usize::from(
                    around.iter().any(|&number| areas[number].eo_category == EoCategory::Unknown),
                );
            } else if item.eo_category == EoCategory::Cmr {
                let faded = self.fades_over(areas, &item.at);
                cmr.add(assessed, right().next().is_some() || faded);
            }
        }
        let mut rows = vec![];
        let mut fronts = Fronts::default();
        for (area, items) in areas.iter().zip(held) {
            let m2 = area.boundary.unsigned_area();
            let assessed_m2 = self.assessed_m2(&area.boundary);
            let row = self.row(area, items, m2, assessed_m2);
            if let Some(sum) = MINES.iter().position(|category| fits(area.eo_category, *category)) {
                if area.kind == AreaKind::Sha {
                    sums[sum].add_area(passed(row.confidence), m2, assessed_m2);
                    let level = levels.entry(area.threat).or_default();
                    level.areas += 1;
                    level.real += usize::from(row.real);
                    level.m2 += m2;
                }
            } else if area.eo_category == EoCategory::Unknown {
                works.areas += 1;
                works.m2 += m2;
            } else if area.eo_category == EoCategory::Cmr {
                cmr.envelopes += 1;
                cmr.m2 += m2;
            }
            fronts.add(area.front_deg, self.front_deg);
            rows.push(row);
        }
        let edges = MINES.map(|category| self.edge(category, areas));
        let km2 = self.extent.width() * self.extent.height() / 1e6;
        JudgedField { rows, km2, sums, groups, edges, levels, cmr, works, fronts }
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
            kind: area.kind,
            eo_category: area.eo_category,
            threat: area.threat,
            confidence: f64::from(area.confidence),
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
            .filter(|area| area.kind == AreaKind::Sha && fits(area.eo_category, category));
        let drawn: Vec<&MultiPolygon> = drawn.map(|area| &area.boundary).collect();
        let truth = self.mined.iter().find(|(of, _)| *of == category);
        truth.map_or_else(Edge::default, |(_, truth)| Edge::between(&drawn, truth))
    }
}
