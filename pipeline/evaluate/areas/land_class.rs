//! Suspected hazardous areas and indications, each by itself.

use super::sums::over;
use super::{AreaField, DrawnField, MINES, TrueOrdnance, fits};
use geo::{Area, BooleanOps, Intersects, MultiPolygon, unary_union};
use rams_domain::{AreaKind, HazardArea, LandClass};
use serde::Serialize;

/// What the land classes hold in one field, and how much ground they take.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct LandClassSums {
    mines: usize,
    in_sha: usize,
    in_either: usize,
    in_belts_too: usize,
    true_m2: f64,
    sha_m2: f64,
    indications_m2: f64,
    belts_m2: f64,
}

impl LandClassSums {
    pub(super) fn add(&mut self, other: &Self) {
        self.mines += other.mines;
        self.in_sha += other.in_sha;
        self.in_either += other.in_either;
        self.in_belts_too += other.in_belts_too;
        self.true_m2 += other.true_m2;
        self.sha_m2 += other.sha_m2;
        self.indications_m2 += other.indications_m2;
        self.belts_m2 += other.belts_m2;
    }

    pub(super) fn figures(&self, km2: f64) -> LandClassFigures {
        let of_mines = |count: usize| over(count as f64, self.mines as f64);
        LandClassFigures {
            in_sha: of_mines(self.in_sha),
            in_either: of_mines(self.in_either),
            in_belts_too: of_mines(self.in_belts_too),
            sha_ratio: over(self.sha_m2, self.true_m2),
            sha_ground: over(self.sha_m2 / 1e6, km2),
            indication_ground: over(self.indications_m2 / 1e6, km2),
            belt_ground: over(self.belts_m2 / 1e6, km2),
        }
    }
}

/// Mines on assessed ground, by the land class of the areas that hold them, and the ground of each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LandClassFigures {
    /// Share of mines inside an SHA of their category.
    pub in_sha: Option<f64>,
    /// Share of mines inside such an SHA or any indication.
    pub in_either: Option<f64>,
    /// The same, or in the belt of an indication.
    pub in_belts_too: Option<f64>,
    /// Ground of the SHAs of mines over true mined ground, both on assessed ground.
    pub sha_ratio: Option<f64>,
    /// That ground as a share of the fields.
    pub sha_ground: Option<f64>,
    /// Ground of all indications together as a share of the fields.
    pub indication_ground: Option<f64>,
    /// Ground of their belts together as a share of the fields.
    pub belt_ground: Option<f64>,
}

impl AreaField<'_> {
    /// The land classes of what was drawn in the field.
    pub(super) fn land_classes(&self, drawn: &DrawnField) -> LandClassSums {
        let is_mines = |area: &HazardArea| MINES.iter().any(|mine| fits(area.eo_category, *mine));
        let of_class = |class: LandClass| {
            drawn.hazard_areas.iter().filter(move |area| area.land_class == class)
        };
        let shas: Vec<&HazardArea> = of_class(LandClass::Sha)
            .filter(|area| area.kind == AreaKind::Perimeter && is_mines(area))
            .collect();
        let indications =
            self.within(unary_union(of_class(LandClass::Indication).map(|area| &area.boundary)));
        let belts =
            self.within(unary_union(drawn.indication_belts.iter().map(|belt| &belt.boundary)));
        let assessed_m2 =
            |ground: &MultiPolygon| ground.intersection(self.assessed).unsigned_area();
        let mut sums = LandClassSums {
            true_m2: self.mined.iter().map(|(_, ground)| assessed_m2(ground)).sum(),
            sha_m2: shas.iter().map(|area| assessed_m2(&area.boundary)).sum(),
            indications_m2: indications.unsigned_area(),
            belts_m2: belts.unsigned_area(),
            ..LandClassSums::default()
        };
        let is_seen = |item: &&TrueOrdnance| {
            MINES.contains(&item.eo_category) && self.assessed.intersects(&item.at)
        };
        for item in self.items.iter().filter(is_seen) {
            let in_sha = shas.iter().any(|area| {
                fits(area.eo_category, item.eo_category) && area.boundary.intersects(&item.at)
            });
            let in_either = in_sha || indications.intersects(&item.at);
            sums.mines += 1;
            sums.in_sha += usize::from(in_sha);
            sums.in_either += usize::from(in_either);
            sums.in_belts_too += usize::from(in_either || belts.intersects(&item.at));
        }
        sums
    }

    /// The part of some ground that lies in the field.
    fn within(&self, ground: MultiPolygon) -> MultiPolygon {
        ground.intersection(&MultiPolygon::from(self.extent.to_polygon()))
    }
}
