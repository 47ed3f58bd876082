//! Where areas lie: in the imagery, on released land, in a district.

use crate::area::Drawn;
use crate::evidence::{Evidence, extent};
use crate::overlay::{within, without};
use crate::{Basis, Doctrine};
use geo::{Area, BooleanOps, Buffer, Geometry, Intersects, MultiPolygon, unary_union};
use rams_domain::{AssessedArea, GapReason, Indicator, KnownId, KnownKind};
use std::collections::{BTreeMap, BTreeSet};

/// An area in its setting, local metres.
pub(crate) struct Share {
    /// What is left of it after released land and the limit of the survey.
    pub(crate) boundary: MultiPolygon,
    /// Its part beyond the imagery.
    pub(crate) beyond: MultiPolygon,
    /// What was cut out of it as released.
    pub(crate) released: MultiPolygon,
    /// Whose release that is.
    pub(crate) released_by: Vec<KnownId>,
    /// How many features lie on released land: their buffers stay.
    pub(crate) on_released: usize,
    /// Whether all of it lies beyond the survey's limit, where it was not cut.
    pub(crate) beyond_limit: bool,
    /// How much of it was assessed for what it is suspected of, square metres.
    pub(crate) assessed_m2: f64,
    /// Where most of it lies; empty where that is not known.
    pub(crate) district: String,
    /// The use of most of its ground that speaks against hazard, and the factor on its odds.
    pub(crate) absence: Option<(String, f64)>,
}

/// What there is around the areas, local metres.
pub(crate) struct Setting<'a> {
    basis: Basis<'a>,
    imagery: MultiPolygon,
    assessed: Vec<MultiPolygon>,
    released: Vec<(KnownId, MultiPolygon)>,
    limit: MultiPolygon,
    districts: Vec<(&'a str, MultiPolygon)>,
    absence: Vec<(String, f64, MultiPolygon)>,
}

impl<'a> Setting<'a> {
    pub(crate) fn new(basis: &Basis<'a>, doctrine: &Doctrine) -> Self {
        let Basis { features, known, assessed, gaps, ground } = *basis;
        let of_kind = |wanted: fn(KnownKind) -> bool| known.iter().filter(move |known| wanted(known.kind));
        let place = |geometry: &Geometry| polygons(&ground.to_metres(geometry));
        let released = of_kind(KnownKind::is_release).map(|known| (known.id, place(&known.geometry)));
        let limits: Vec<_> =
            of_kind(|kind| kind == KnownKind::SurveyLimit).map(|known| place(&known.geometry)).collect();
        let districts = of_kind(|kind| kind == KnownKind::District);
        let used = of_kind(|kind| kind == KnownKind::LandUse);
        let used = used.map(|known| (known.name.trim().to_lowercase().replace(' ', "_"), place(&known.geometry)));
        let is_absence = |indicator| matches!(indicator, Indicator::Cultivated | Indicator::RoadInUse);
        let seen = features.iter().filter(|feature| is_absence(feature.indicator));
        let seen = seen.map(|feature| (feature.indicator.to_string(), polygons(&extent(feature, ground))));
        let mut absence: BTreeMap<String, Vec<MultiPolygon>> = BTreeMap::new();
        for (name, part) in used.chain(seen) {
            absence.entry(name).or_default().push(part);
        }
        let factor = |(name, parts): (String, Vec<MultiPolygon>)| {
            let factor = *doctrine.absence.get(&name)?;
            Some((name, factor, unary_union(&parts)))
        };
        let assessed: Vec<MultiPolygon> = assessed.iter().map(|area| ground.to_metres(&area.boundary)).collect();
        // An image that hides the ground, or on which a model failed, is an image.
        let has_image = |reason: GapReason| reason.is_hidden() || reason == GapReason::ModelFailed;
        let hidden = gaps.iter().filter(|gap| has_image(gap.reason));
        let hidden: Vec<MultiPolygon> = hidden.map(|gap| ground.to_metres(&gap.boundary)).collect();
        Self {
            basis: *basis,
            imagery: unary_union(assessed.iter().chain(&hidden)),
            assessed,
            released: released.collect(),
            limit: unary_union(&limits),
            districts: districts.map(|known| (known.name.as_str(), place(&known.geometry))).collect(),
            absence: absence.into_iter().filter_map(factor).collect(),
        }
    }

    /// Where each of the areas of a category lies; they do not overlap.
    pub(crate) fn place(&self, areas: &[Drawn]) -> Vec<Share> {
        let mut shares: Vec<Share> = areas.iter().map(|area| self.release(area)).collect();
        let boundaries = |shares: &[Share]| shares.iter().map(|share| share.boundary.clone()).collect::<Vec<_>>();
        if !self.limit.0.is_empty() {
            let inside = within(&boundaries(&shares), &self.limit);
            for (share, inside) in shares.iter_mut().zip(inside) {
                share.beyond_limit = inside.0.is_empty();
                if !share.beyond_limit {
                    share.boundary = inside;
                }
            }
        }
        let boundaries = boundaries(&shares);
        for (share, beyond) in shares.iter_mut().zip(without(&boundaries, &self.imagery)) {
            share.beyond = beyond;
        }
        for (share, m2) in shares.iter_mut().zip(self.assessed_m2(areas, &boundaries)) {
            share.assessed_m2 = m2;
        }
        let mut most_m2 = vec![0.0; areas.len()];
        for (name, district) in &self.districts {
            for ((share, most_m2), part) in shares.iter_mut().zip(&mut most_m2).zip(within(&boundaries, district)) {
                if part.unsigned_area() > *most_m2 {
                    *most_m2 = part.unsigned_area();
                    share.district = (*name).to_owned();
                }
            }
        }
        for (name, factor, used) in &self.absence {
            for (share, part) in shares.iter_mut().zip(within(&boundaries, used)) {
                if part.unsigned_area() > 0.5 * share.boundary.unsigned_area() {
                    share.absence = Some((name.clone(), *factor));
                }
            }
        }
        shares
    }

    /// Cuts released land out of an area, but for the buffers of what was seen or reported on it.
    fn release(&self, area: &Drawn) -> Share {
        let mut share = Share {
            boundary: area.boundary.clone(),
            beyond: MultiPolygon(vec![]),
            released: MultiPolygon(vec![]),
            released_by: vec![],
            on_released: 0,
            beyond_limit: false,
            assessed_m2: 0.0,
            district: String::new(),
            absence: None,
        };
        let over: Vec<_> = self.released.iter().filter(|(_, land)| land.intersects(&area.boundary)).collect();
        if over.is_empty() {
            return share;
        }
        let land = unary_union(over.iter().map(|(_, land)| land));
        let on_it: Vec<&Evidence> =
            area.members.iter().filter(|e| e.row().is_none() && land.intersects(&e.metres)).collect();
        let kept = unary_union(&on_it.iter().map(|e| e.metres.buffer(e.reach.buffer_m)).collect::<Vec<_>>());
        share.released = area.boundary.intersection(&land).difference(&kept);
        share.boundary = area.boundary.difference(&share.released);
        share.released_by = over.iter().map(|(id, _)| *id).collect();
        share.on_released = on_it.len();
        share
    }

    /// How much of each area was assessed for every class of its features: for that of which least was.
    /// A family is not among the classes that were looked for: the ground of its model counts.
    fn assessed_m2(&self, areas: &[Drawn], boundaries: &[MultiPolygon]) -> Vec<f64> {
        let mut alike: BTreeMap<Vec<usize>, BTreeSet<usize>> = BTreeMap::new();
        for (i, area) in areas.iter().enumerate() {
            let features = crate::grade::features(&area.members);
            let looked: BTreeSet<(&str, &str)> = features.map(|f| (f.model.as_str(), f.class.as_str())).collect();
            for (model, class) in looked {
                let rows = |by: &dyn Fn(&AssessedArea) -> bool| -> Vec<usize> {
                    let all = self.basis.assessed.iter().enumerate();
                    all.filter(|(_, row)| row.model == model && by(row)).map(|(number, _)| number).collect()
                };
                let of_class = rows(&|row| row.classes.iter().any(|name| name == class));
                let rows = if of_class.is_empty() { rows(&|_| true) } else { of_class };
                alike.entry(rows).or_default().insert(i);
            }
        }
        let mut least_m2 = vec![f64::INFINITY; areas.len()];
        for (rows, members) in alike {
            let seen = unary_union(rows.iter().map(|&row| &self.assessed[row]));
            let parts: Vec<MultiPolygon> = members.iter().map(|&i| boundaries[i].clone()).collect();
            for (&i, part) in members.iter().zip(within(&parts, &seen)) {
                least_m2[i] = least_m2[i].min(part.unsigned_area());
            }
        }
        // An area of reports alone was not looked at for anything.
        least_m2.into_iter().map(|m2| if m2.is_finite() { m2 } else { 0.0 }).collect()
    }
}

/// The ground of a geometry that is ground.
fn polygons(geometry: &Geometry) -> MultiPolygon {
    match geometry {
        Geometry::Polygon(polygon) => polygon.clone().into(),
        Geometry::MultiPolygon(polygons) => polygons.clone(),
        _ => MultiPolygon(vec![]),
    }
}
