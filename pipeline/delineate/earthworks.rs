//! The earthworks near an area: what its rationale says it lies in front of.

use crate::Doctrine;
use crate::evidence::{Belt, Evidence, extent};
use crate::front::Front;
use geo::{BoundingRect, Centroid, Distance, Euclidean, Geometry, Point};
use rams_domain::{EoCategory, Feature, Ground, Indicator};
use rstar::{RTree, primitives::GeomWithData, primitives::Rectangle};

/// The trench or ditch that the mines of an area lie nearest to.
#[derive(Clone, Copy)]
pub(crate) struct NearestEarthwork<'a> {
    pub(crate) feature: &'a Feature,
    /// From the nearest mine to its edge, metres.
    pub(crate) distance_m: f64,
    /// Whether the area lies on the side of its front; `None` where the front is not known.
    pub(crate) in_front: Option<bool>,
    /// Whether the nearest mine lies in its belt.
    pub(crate) in_belt: bool,
}

struct Earthwork<'a> {
    feature: &'a Feature,
    /// Its ground, local metres.
    extent: Geometry,
    belt: Option<Belt>,
}

/// The trenches and ditches of a survey that are likely what they seem.
pub(crate) struct Earthworks<'a> {
    earthworks: Vec<Earthwork<'a>>,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    within_m: f64,
}

impl<'a> Earthworks<'a> {
    pub(crate) fn new<'e>(
        evidence: impl Iterator<Item = &'e Evidence<'a>>,
        ground: &Ground,
        doctrine: &Doctrine,
    ) -> Self
    where
        'a: 'e,
    {
        let is_line =
            |i| matches!(i, Indicator::TrenchFire | Indicator::TrenchComm | Indicator::AtDitch);
        let least = f64::from(doctrine.category(EoCategory::Unknown).min_confidence);
        let strong = evidence.filter(|e| e.confidence >= least);
        let lines = strong.filter_map(|e| {
            Some((e.feature().filter(|feature| is_line(feature.indicator))?, e.belt))
        });
        let earthwork =
            |(feature, belt)| Earthwork { feature, extent: extent(feature, ground), belt };
        let earthworks: Vec<Earthwork> = lines.map(earthwork).collect();
        let entry = |(i, earthwork): (usize, &Earthwork)| {
            let rect = earthwork.extent.bounding_rect()?;
            Some(GeomWithData::new(
                Rectangle::from_corners(rect.min().x_y().into(), rect.max().x_y().into()),
                i,
            ))
        };
        let tree = RTree::bulk_load(earthworks.iter().enumerate().filter_map(entry).collect());
        Self { earthworks, tree, within_m: doctrine.front.within_m }
    }

    /// The nearest of them to the mines of an area, as far as the doctrine looks for fronts; none
    /// for areas of other categories.
    pub(crate) fn nearest(
        &self,
        category: EoCategory,
        members: &[Evidence],
    ) -> Option<NearestEarthwork<'a>> {
        if !matches!(category, EoCategory::ApMine | EoCategory::AvMine | EoCategory::MixedMine) {
            return None;
        }
        let mut nearest: Option<(f64, usize, Point)> = None;
        for (e, at) in members.iter().filter_map(|e| Some((e, e.point()?))) {
            // Of the earthworks that are farther than the nearest so far none is measured again.
            let within_m = nearest.map_or(self.within_m, |(metres, ..)| metres);
            let close = self
                .tree
                .locate_in_envelope_intersecting(&e.around(within_m))
                .map(|entry| entry.data);
            let measured = close.map(|i| {
                (Euclidean.distance(&Geometry::Point(at), &self.earthworks[i].extent), i, at)
            });
            let measured = measured.filter(|(metres, ..)| *metres <= within_m);
            nearest = nearest
                .into_iter()
                .chain(measured)
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        let (distance_m, i, at) = nearest?;
        let earthwork = &self.earthworks[i];
        let front = earthwork.belt.map(|belt| belt.front);
        let in_front = match (front, earthwork.extent.centroid()) {
            (Some(Front::Towards { deg, .. }), Some(middle)) => {
                let (sin, cos) = deg.to_radians().sin_cos();
                Some((at.x() - middle.x()) * sin + (at.y() - middle.y()) * cos > 0.0)
            }
            _ => None,
        };
        let depth_m = earthwork.belt.map_or(0.0, |belt| belt.depth_m);
        let in_belt = distance_m <= depth_m && in_front != Some(false);
        Some(NearestEarthwork { feature: earthwork.feature, distance_m, in_front, in_belt })
    }
}
