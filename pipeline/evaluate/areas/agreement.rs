//! The areas of one land class and category against the truth of one field.

use super::outlines::Outlines;
use super::scan;
use super::{AreaField, DrawnField, TrueOrdnance, counts_for};
use geo::{Area, BooleanOps, Intersects, Line, LinesIter, MultiPolygon, Point, unary_union};
use rams_domain::{EoCategory, HazardArea, HazardAreaId, LandClass};
use rstar::RTree;
use std::collections::{BTreeMap, BTreeSet};

/// The ground that is compared with the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Land {
    Sha,
    Indication,
    Either,
    WithBelts,
}

impl Land {
    pub(super) const ALL: [Self; 4] = [Self::Sha, Self::Indication, Self::Either, Self::WithBelts];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha => "SHA",
            Self::Indication => "INDICATION",
            Self::Either => "both",
            Self::WithBelts => "both and belts",
        }
    }

    fn holds(self, class: LandClass) -> bool {
        match self {
            Self::Sha => class == LandClass::Sha,
            Self::Indication => class == LandClass::Indication,
            Self::Either | Self::WithBelts => true,
        }
    }
}

/// Land and category; `None` is all categories.
pub(super) type AgreementKey = (Option<EoCategory>, Land);

/// Counts and ground of one land and category, on assessed ground.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Agreement {
    pub(super) areas: usize,
    /// Areas that hold no true object of their category.
    pub(super) without_object: usize,
    pub(super) objects: usize,
    pub(super) inside: usize,
    pub(super) m2: f64,
    /// True mined ground; `None` where there are objects of which nobody knows theirs.
    pub(super) true_m2: Option<f64>,
    pub(super) covered_m2: f64,
    /// From objects outside to the nearest area, metres.
    pub(super) missed_m: Vec<f64>,
    /// Ground of the areas outside the true mined ground, square metres, by whole metres, rounded
    /// up, to the nearest true object.
    pub(super) beyond_m2: BTreeMap<u32, f64>,
}

impl Default for Agreement {
    fn default() -> Self {
        Self {
            areas: 0,
            without_object: 0,
            objects: 0,
            inside: 0,
            m2: 0.0,
            true_m2: Some(0.0),
            covered_m2: 0.0,
            missed_m: vec![],
            beyond_m2: BTreeMap::new(),
        }
    }
}

impl Agreement {
    pub(super) fn add(&mut self, other: &Self) {
        self.areas += other.areas;
        self.without_object += other.without_object;
        self.m2 += other.m2;
        self.true_m2 = self.true_m2.zip(other.true_m2).map(|(a, b)| a + b);
        self.covered_m2 += other.covered_m2;
        other.beyond_m2.iter().for_each(|(m, m2)| *self.beyond_m2.entry(*m).or_default() += m2);
        self.add_objects(other);
    }

    fn add_objects(&mut self, other: &Self) {
        self.objects += other.objects;
        self.inside += other.inside;
        self.missed_m.extend(&other.missed_m);
    }

    fn is_empty(&self) -> bool {
        self.areas == 0 && self.objects == 0
    }
}

/// An area, and whether it holds a true object of its category.
type JudgedArea<'a> = (&'a HazardArea, bool);

impl AreaField<'_> {
    /// By land and category, those of which there is nothing left out.
    pub(super) fn agreement(
        &self,
        drawn: &DrawnField,
        is_real: &[bool],
    ) -> BTreeMap<AgreementKey, Agreement> {
        let areas: Vec<JudgedArea<'_>> =
            drawn.hazard_areas.iter().zip(is_real.iter().copied()).collect();
        let of_items = self.items.iter().map(|item| item.eo_category);
        let of_areas = areas.iter().map(|(area, _)| area.eo_category);
        let categories: BTreeSet<EoCategory> =
            of_items.chain(of_areas).filter(|category| *category != EoCategory::Unknown).collect();
        let mut all = BTreeMap::new();
        for land in Land::ALL {
            let of_land = |(area, _): &&JudgedArea<'_>| land.holds(area.land_class);
            let of_land: Vec<JudgedArea<'_>> = areas.iter().filter(of_land).copied().collect();
            let mut objects = Agreement::default();
            for category in &categories {
                let items: Vec<&TrueOrdnance> =
                    self.items.iter().filter(|item| item.eo_category == *category).collect();
                let counts = |(area, _): &&JudgedArea<'_>| counts_for(area.eo_category, *category);
                let of_category: Vec<JudgedArea<'_>> =
                    of_land.iter().filter(counts).copied().collect();
                let mut agreement = self.ground(drawn, &of_category, land, &items, Some(*category));
                self.count_objects(drawn, &of_category, land, &items, &mut agreement);
                objects.add_objects(&agreement);
                all.insert((Some(*category), land), agreement);
            }
            let items: Vec<&TrueOrdnance> = self.items.iter().collect();
            let mut agreement = self.ground(drawn, &of_land, land, &items, None);
            agreement.add_objects(&objects);
            all.insert((None, land), agreement);
        }
        all.retain(|_, agreement| !agreement.is_empty());
        all
    }

    /// The areas and their ground; no objects yet.
    fn ground(
        &self,
        drawn: &DrawnField,
        areas: &[JudgedArea<'_>],
        land: Land,
        items: &[&TrueOrdnance],
        category: Option<EoCategory>,
    ) -> Agreement {
        let ground = unary_union(outlines(drawn, areas, land)).intersection(self.assessed);
        let truth = self.true_ground(items, category);
        let beyond = truth.as_ref().map(|truth| ground.difference(truth));
        Agreement {
            areas: areas.len(),
            without_object: areas.iter().filter(|(_, is_real)| !is_real).count(),
            m2: ground.unsigned_area(),
            true_m2: truth.as_ref().map(Area::unsigned_area),
            covered_m2: truth.map_or(0.0, |truth| ground.intersection(&truth).unsigned_area()),
            beyond_m2: beyond.map_or_else(BTreeMap::new, |beyond| distances(&beyond, items)),
            ..Agreement::default()
        }
    }

    /// The assessed ground that items of a category occupy, or of all.
    fn true_ground(
        &self,
        items: &[&TrueOrdnance],
        category: Option<EoCategory>,
    ) -> Option<MultiPolygon> {
        let is_known =
            |item: &&TrueOrdnance| self.mined.iter().any(|(of, _)| *of == item.eo_category);
        let mined =
            self.mined.iter().filter(|(of, _)| category.is_none_or(|category| category == *of));
        let ground = || unary_union(mined.map(|(_, ground)| ground)).intersection(self.assessed);
        items.iter().all(is_known).then(ground)
    }

    fn count_objects(
        &self,
        drawn: &DrawnField,
        areas: &[JudgedArea<'_>],
        land: Land,
        items: &[&TrueOrdnance],
        agreement: &mut Agreement,
    ) {
        let outlines: Vec<&MultiPolygon> = outlines(drawn, areas, land).collect();
        let lines: RTree<Line> =
            RTree::bulk_load(outlines.iter().flat_map(|outline| outline.lines_iter()).collect());
        let outlines = Outlines::new(outlines.into_iter());
        for item in items.iter().filter(|item| self.assessed.intersects(&item.at)) {
            agreement.objects += 1;
            if outlines.around(&item.at).is_empty() {
                let nearest = lines.nearest_neighbor_iter_with_distance_2(&item.at).next();
                agreement.missed_m.extend(nearest.map(|(_, square)| square.sqrt()));
            } else {
                agreement.inside += 1;
            }
        }
    }
}

/// The outlines of areas, and of their belts where these belong to the land.
fn outlines<'a>(
    drawn: &'a DrawnField,
    areas: &[JudgedArea<'a>],
    land: Land,
) -> impl Iterator<Item = &'a MultiPolygon> {
    let with_belts: BTreeSet<HazardAreaId> = match land {
        Land::WithBelts => areas.iter().map(|(area, _)| area.id).collect(),
        Land::Sha | Land::Indication | Land::Either => BTreeSet::new(),
    };
    let belts = drawn.indication_belts.iter().filter(move |belt| with_belts.contains(&belt.area));
    let areas: Vec<_> = areas.iter().map(|(area, _)| &area.boundary).collect();
    areas.into_iter().chain(belts.map(|belt| &belt.boundary))
}

/// Some ground, square metres, by whole metres to the nearest of some items.
fn distances(ground: &MultiPolygon, items: &[&TrueOrdnance]) -> BTreeMap<u32, f64> {
    /// Places at which it is measured, about.
    const PLACES: f64 = 20_000.0;
    let m2 = ground.unsigned_area();
    let tree: RTree<Point> = RTree::bulk_load(items.iter().map(|item| item.at).collect());
    let step_m = (m2 / PLACES).sqrt().clamp(0.5, 20.0);
    let mut near: Vec<u32> = vec![];
    for at in scan::places(ground, step_m) {
        let nearest = tree.nearest_neighbor_iter_with_distance_2(&at).next();
        near.extend(nearest.map(|(_, square)| square.sqrt().ceil() as u32));
    }
    let each_m2 = m2 / near.len() as f64;
    let mut by_metre = BTreeMap::new();
    near.into_iter().for_each(|metres| *by_metre.entry(metres).or_default() += each_m2);
    by_metre
}
