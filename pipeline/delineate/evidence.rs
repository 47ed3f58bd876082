//! One piece of evidence with what the doctrine says of it.

use crate::Doctrine;
use crate::front::{Front, Fronts};
use crate::mine_row::MineRow;
use geo::buffer::{BufferStyle, LineCap};
use geo::{BoundingRect, Buffer, Distance, Euclidean, Geometry, Point, unary_union};
use rams_domain::{ExternalEvidence, Feature, FeaturePart, Ground, Indicator, Reliability};
use rstar::AABB;
use std::sync::Arc;

/// What a piece of evidence is.
#[derive(Clone)]
pub(crate) enum Origin<'a> {
    /// Seen in the imagery.
    Feature(&'a Feature),
    /// Reported or recorded by others.
    External(&'a ExternalEvidence),
    /// A mine row: the line that holds its mines together.
    Row(Arc<MineRow>),
}

/// How far a piece of evidence reaches, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    /// Ground suspected around it.
    pub(crate) buffer_m: f64,
    /// Largest distance across which it belongs together with others.
    pub(crate) link_m: f64,
}

/// A piece of evidence as it is drawn: what it is, where, how probable, and how far it reaches.
#[derive(Clone)]
pub(crate) struct Evidence<'a> {
    pub(crate) origin: Origin<'a>,
    /// The ground around which the buffer is drawn, local metres.
    pub(crate) geometry: Geometry,
    /// Smallest box around it, local metres.
    bounds: AABB<[f64; 2]>,
    /// Probability that it is what it seems, 0 to 1; of a row 0, since its mines count themselves.
    pub(crate) confidence: f64,
    /// The doctrine's distances.
    pub(crate) reach: Reach,
    /// Where mines may lie beside it, for what has a belt.
    pub(crate) belt: Option<Belt>,
    /// Whether it may be a mine of a row.
    pub(crate) may_be_in_row: bool,
}

/// Where mines may lie beside an earthwork.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Belt {
    /// How far from it, metres.
    pub(crate) depth_m: f64,
    /// Towards which side.
    pub(crate) front: Front,
}

impl<'a> Evidence<'a> {
    /// `None` for a geometry without any position: there is no ground to suspect.
    pub(crate) fn of_feature(
        feature: &'a Feature,
        ground: &Ground,
        doctrine: &Doctrine,
        fronts: &Fronts<'_>,
    ) -> Option<Self> {
        let rule = doctrine.indicator_rule(feature.eo_category, feature.indicator);
        let geometry = extent(feature, ground);
        let belt = rule
            .belt_m
            .map(|depth_m| Belt { depth_m, front: fronts.of(&geometry, feature.indicator) });
        // A confidence that is not a number counts as none.
        let p = f64::from(feature.confidence);
        let confidence = if p > 0.0 { p.min(1.0) } else { 0.0 };
        let reach = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m };
        let evidence = Self::new(Origin::Feature(feature), geometry, confidence, reach)?;
        let is_mine = matches!(feature.indicator, Indicator::MineSurface | Indicator::MineRow);
        let may_be_in_row = is_mine && !doctrine.scattered.classes.contains(&feature.class);
        Some(Self { belt, may_be_in_row, ..evidence })
    }

    /// What others reported or recorded: as probable as the doctrine believes its kind, times the
    /// factors of its reliability, and no less than its floor. `None` for a kind that points to no
    /// hazard, or without any position.
    pub(crate) fn of_external(
        evidence: &'a ExternalEvidence,
        ground: &Ground,
        doctrine: &Doctrine,
    ) -> Option<Self> {
        let rule = doctrine.reports.get(&evidence.kind)?;
        let trust = &doctrine.reliability;
        let Reliability { source, information } = evidence.reliability;
        let letter = source.and_then(|letter| trust.source.get(&letter).copied());
        let level =
            information.and_then(|level| trust.information.get(&level.to_string()).copied());
        let factor = letter.unwrap_or(trust.unknown) * level.unwrap_or(trust.unknown);
        let reach = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m };
        let geometry = ground.to_metres(&evidence.geometry);
        let confidence = (rule.confidence * factor).max(rule.floor);
        Self::new(Origin::External(evidence), geometry, confidence, reach)
    }

    /// The line of a mine row, which holds its mines together.
    pub(crate) fn of_row(row: MineRow, reach: Reach) -> Option<Self> {
        let line = row.line.clone();
        Self::new(Origin::Row(Arc::new(row)), line.into(), 0.0, reach)
    }

    fn new(origin: Origin<'a>, geometry: Geometry, confidence: f64, reach: Reach) -> Option<Self> {
        let rect = geometry.bounding_rect()?;
        let corners = [[rect.min().x, rect.min().y], [rect.max().x, rect.max().y]];
        let is_finite = corners.iter().flatten().all(|value| value.is_finite());
        let bounds = AABB::from_corners(corners[0], corners[1]);
        is_finite.then_some(Self {
            origin,
            geometry,
            bounds,
            confidence,
            reach,
            belt: None,
            may_be_in_row: false,
        })
    }

    /// The feature, where it is one.
    pub(crate) fn feature(&self) -> Option<&'a Feature> {
        match self.origin {
            Origin::Feature(feature) => Some(feature),
            Origin::External(_) | Origin::Row(_) => None,
        }
    }

    /// What others reported, where it is that.
    pub(crate) fn external(&self) -> Option<&'a ExternalEvidence> {
        match self.origin {
            Origin::External(evidence) => Some(evidence),
            Origin::Feature(_) | Origin::Row(_) => None,
        }
    }

    /// The mine row, where it is one.
    pub(crate) fn row(&self) -> Option<&MineRow> {
        match &self.origin {
            Origin::Row(row) => Some(row),
            Origin::Feature(_) | Origin::External(_) => None,
        }
    }

    /// Features, what others reported, rows, each by number: an order that no timing changes.
    pub(crate) fn order(&self) -> (u8, u32) {
        match &self.origin {
            Origin::Feature(feature) => (0, feature.id.0),
            Origin::External(evidence) => (1, evidence.id.0),
            Origin::Row(row) => (2, row.members[0] as u32),
        }
    }

    /// South-west and north-east corner of its bounds, local metres.
    pub(crate) fn corners(&self) -> [[f64; 2]; 2] {
        [self.bounds.lower(), self.bounds.upper()]
    }

    /// Its bounds with some metres around.
    pub(crate) fn around(&self, metres: f64) -> AABB<[f64; 2]> {
        AABB::from_corners(
            self.bounds.lower().map(|v| v - metres),
            self.bounds.upper().map(|v| v + metres),
        )
    }

    /// Where it is, if it is a point.
    pub(crate) fn point(&self) -> Option<Point> {
        match self.geometry {
            Geometry::Point(at) => Some(at),
            _ => None,
        }
    }

    /// Largest distance at which two pieces of evidence belong together: the shorter link of the
    /// two, of a report the longer one, for its place is known no better; or touching buffers,
    /// since two areas of one category must not overlap.
    pub(crate) fn limit_m(&self, other: &Self) -> f64 {
        let (one, two) = (self.reach.link_m, other.reach.link_m);
        let is_reported = self.external().is_some() || other.external().is_some();
        let link_m = if is_reported { one.max(two) } else { one.min(two) };
        link_m.max(self.touch_m(other))
    }

    /// Largest distance at which the buffers of two pieces of evidence touch.
    pub(crate) fn touch_m(&self, other: &Self) -> f64 {
        self.reach.buffer_m + other.reach.buffer_m
    }

    /// Distance between two pieces of evidence, metres; 0 where they meet.
    pub(crate) fn distance_m(&self, other: &Self) -> f64 {
        match (&self.geometry, &other.geometry) {
            (Geometry::Point(a), Geometry::Point(b)) => Euclidean.distance(*a, *b),
            (a, b) => Euclidean.distance(a, b),
        }
    }
}

/// The features among some evidence.
pub(crate) fn features<'a>(evidence: &'a [Evidence<'a>]) -> impl Iterator<Item = &'a Feature> {
    evidence.iter().filter_map(Evidence::feature)
}

/// The ground of a feature in local metres. Of a traced line it is the strip that the earthwork is
/// wide: a buffer begins at its edge.
pub(crate) fn extent(feature: &Feature, ground: &Ground) -> Geometry {
    let strip = |part: &FeaturePart| {
        let half = BufferStyle::new(part.width_m / 2.0).line_cap(LineCap::Butt);
        ground.to_metres(&part.line).buffer_with_style(half)
    };
    let strips = unary_union(&feature.parts.iter().map(strip).collect::<Vec<_>>());
    if strips.0.is_empty() { ground.to_metres(&feature.geometry) } else { strips.into() }
}
