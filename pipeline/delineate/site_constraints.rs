//! Where areas lie: in the imagery, on released land, in a district.

use crate::area::DrawnArea;
use crate::evidence::{Evidence, extent};
use crate::{Basis, Doctrine};
use crate::{
    overlay::{settled, within},
    shared::shared_m2,
};
use geo::{Area, BooleanOps, Buffer, Geometry, Intersects, MultiPolygon, unary_union};
use rams_domain::{ExternalEvidenceId, ExternalEvidenceKind, GapArea, GapReason, Indicator};
use std::collections::{BTreeMap, BTreeSet};

/// An area in its setting, local metres.
pub(crate) struct Share {
    /// What is left of it after released land and the limit of the survey.
    pub(crate) boundary: MultiPolygon,
    /// How much of it lies beyond the imagery, as a share of it.
    pub(crate) beyond: f64,
    /// What was cut out of it as released.
    pub(crate) released: MultiPolygon,
    /// Whose release that is.
    pub(crate) released_by: Vec<ExternalEvidenceId>,
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

/// A model, and a class that it looked for.
type Looked<'a> = (&'a str, &'a str);

/// What there is around the areas, local metres.
pub(crate) struct SiteConstraints<'a> {
    basis: Basis<'a>,
    /// What was assessed, and after it what an image does not show or a model failed on.
    shown: Vec<MultiPolygon>,
    released: Vec<(ExternalEvidenceId, MultiPolygon)>,
    limit: MultiPolygon,
    districts: Vec<(&'a str, MultiPolygon)>,
    absence: Vec<(String, f64, MultiPolygon)>,
}

impl<'a> SiteConstraints<'a> {
    pub(crate) fn new(basis: &Basis<'a>, doctrine: &Doctrine) -> Self {
        let Basis { features, external_evidence: known, assessed, gaps, ground } = *basis;
        let of_kind = |wanted: fn(ExternalEvidenceKind) -> bool| {
            known.iter().filter(move |known| wanted(known.kind))
        };
        let place = |geometry: &Geometry| polygons(&ground.to_metres(geometry));
        let released = of_kind(ExternalEvidenceKind::is_release)
            .map(|known| (known.id, place(&known.geometry)));
        let limits: Vec<_> = of_kind(|kind| kind == ExternalEvidenceKind::SurveyLimit)
            .map(|known| place(&known.geometry))
            .collect();
        let districts = of_kind(|kind| kind == ExternalEvidenceKind::District);
        let used = of_kind(|kind| kind == ExternalEvidenceKind::LandUse);
        let used = used.map(|known| {
            (known.name.trim().to_lowercase().replace(' ', "_"), place(&known.geometry))
        });
        let is_absence =
            |indicator| matches!(indicator, Indicator::Cultivated | Indicator::RoadInUse);
        let seen = features.iter().filter(|feature| is_absence(feature.indicator));
        let seen =
            seen.map(|feature| (feature.indicator.to_string(), polygons(&extent(feature, ground))));
        let mut absence: BTreeMap<String, Vec<MultiPolygon>> = BTreeMap::new();
        for (name, part) in used.chain(seen) {
            absence.entry(name).or_default().push(part);
        }
        let factor = |(name, parts): (String, Vec<MultiPolygon>)| {
            let factor = *doctrine.absence.get(&name)?;
            Some((name, factor, unary_union(&parts)))
        };
        let hidden = gaps.iter().filter(|gap| has_image(gap)).map(|gap| &gap.boundary);
        let shown = assessed.iter().map(|row| &row.boundary).chain(hidden);
        Self {
            basis: *basis,
            shown: shown.map(|boundary| ground.to_metres(boundary)).collect(),
            released: released.collect(),
            limit: unary_union(&limits),
            districts: districts
                .map(|known| (known.name.as_str(), place(&known.geometry)))
                .collect(),
            absence: absence.into_iter().filter_map(factor).collect(),
        }
    }

    /// Where each of the areas of a category lies; they do not overlap.
    pub(crate) fn place(&self, areas: &[DrawnArea]) -> Vec<Share> {
        let mut shares: Vec<Share> = areas.iter().map(|area| self.release(area)).collect();
        let boundaries = |shares: &[Share]| {
            shares.iter().map(|share| share.boundary.clone()).collect::<Vec<_>>()
        };
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
        self.look(areas, &boundaries, &mut shares);
        let mut most_m2 = vec![0.0; areas.len()];
        for (name, district) in &self.districts {
            for ((share, most_m2), part) in
                shares.iter_mut().zip(&mut most_m2).zip(within(&boundaries, district))
            {
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
    fn release(&self, area: &DrawnArea) -> Share {
        let mut share = Share {
            boundary: area.boundary.clone(),
            beyond: 0.0,
            released: MultiPolygon(vec![]),
            released_by: vec![],
            on_released: 0,
            beyond_limit: false,
            assessed_m2: 0.0,
            district: String::new(),
            absence: None,
        };
        let over: Vec<_> =
            self.released.iter().filter(|(_, land)| land.intersects(&area.boundary)).collect();
        if over.is_empty() {
            return share;
        }
        let land = unary_union(over.iter().map(|(_, land)| land));
        let on_it: Vec<&Evidence> = area
            .members
            .iter()
            .filter(|e| e.row().is_none() && land.intersects(&e.metres))
            .collect();
        let kept = unary_union(
            &on_it.iter().map(|e| e.metres.buffer(e.reach.buffer_m)).collect::<Vec<_>>(),
        );
        let released = settled(&area.boundary.intersection(&land).difference(&kept));
        let rest = settled(&area.boundary.difference(&released));
        // Evidence that leaves nothing to suspect does not vanish with it.
        if !rest.0.is_empty() {
            (share.boundary, share.released) = (rest, released);
        }
        share.released_by = over.iter().map(|(id, _)| *id).collect();
        share.on_released = on_it.len();
        share
    }

    /// How much of each area was assessed, and how much has no image at all. Assessed for every
    /// class of its features: for that of which least was. A family is not among the classes that
    /// were looked for: of those of its model the one counts of which most was. So it does for
    /// images, which some class was looked for in or hidden.
    fn look(&self, areas: &[DrawnArea], boundaries: &[MultiPolygon], shares: &mut [Share]) {
        let (mut assessed_m2, mut shown_m2) = (BTreeMap::new(), vec![0.0_f64; areas.len()]);
        for (looked, [assessed, shown]) in self.rows() {
            let of =
                |rows: &[usize]| shared_m2(boundaries, rows.iter().map(|&row| &self.shown[row]));
            shown_m2.iter_mut().zip(of(&shown)).for_each(|(most, m2)| *most = most.max(m2));
            let of_rows = of(&assessed);
            looked.into_iter().for_each(|by| drop(assessed_m2.insert(by, of_rows.clone())));
        }
        for (i, (share, shown_m2)) in shares.iter_mut().zip(shown_m2).enumerate() {
            let features = crate::grade::features(&areas[i].members);
            let looked: BTreeSet<(&str, &str)> =
                features.map(|f| (f.model.as_str(), f.class.as_str())).collect();
            let most = |model: &str| {
                let of_model = assessed_m2.iter().filter(|((by, _), _)| *by == model);
                of_model.map(|(_, m2)| m2[i]).fold(0.0, f64::max)
            };
            let m2 = |by: (&str, &str)| assessed_m2.get(&by).map_or_else(|| most(by.0), |m2| m2[i]);
            // An area of reports alone was not looked at for anything.
            share.assessed_m2 = looked.into_iter().map(m2).reduce(f64::min).unwrap_or(0.0);
            // What is left of an area that is shown whole is what rounding leaves.
            let beyond = 1.0 - shown_m2 / boundaries[i].unsigned_area();
            share.beyond = if beyond > 1e-6 { beyond } else { 0.0 };
        }
    }

    /// Numbers of the rows for each model and class, assessed and all; classes of the same rows
    /// together. Rows of one class do not overlap.
    fn rows(&self) -> Vec<(Vec<Looked<'a>>, [Vec<usize>; 2])> {
        let Basis { assessed, gaps, .. } = self.basis;
        let hidden = gaps.iter().filter(|gap| has_image(gap)).map(|gap| (&gap.model, &gap.classes));
        let all = assessed.iter().map(|row| (&row.model, &row.classes)).chain(hidden).enumerate();
        let mut rows: BTreeMap<Looked<'_>, [Vec<usize>; 2]> = BTreeMap::new();
        for (number, (model, classes)) in all {
            for class in classes {
                let [seen, shown] = rows.entry((model, class)).or_default();
                shown.push(number);
                seen.extend((number < assessed.len()).then_some(number));
            }
        }
        let mut alike: BTreeMap<[Vec<usize>; 2], Vec<Looked<'_>>> = BTreeMap::new();
        rows.into_iter().for_each(|(by, rows)| alike.entry(rows).or_default().push(by));
        alike.into_iter().map(|(rows, looked)| (looked, rows)).collect()
    }
}

/// An image that hides the ground, or on which a model failed, is an image.
pub(crate) fn has_image(gap: &GapArea) -> bool {
    gap.reason.is_hidden() || gap.reason == GapReason::ModelFailed
}

/// The ground of a geometry that is ground.
fn polygons(geometry: &Geometry) -> MultiPolygon {
    match geometry {
        Geometry::Polygon(polygon) => settled(&polygon.clone().into()),
        Geometry::MultiPolygon(polygons) => settled(polygons),
        _ => MultiPolygon(vec![]),
    }
}
