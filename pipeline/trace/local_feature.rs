//! A feature in local metres, as it is compared with those of other orthomosaics.

use geo::{BoundingRect, Buffer, Coord, Geometry, LineString, MultiPolygon, Rect, unary_union};
use rams_domain::{EoCategory, Feature, FeaturePart, Ground, Model, Orthomosaic};

/// A feature in local metres.
pub(crate) struct LocalFeature {
    /// Index of its orthomosaic.
    pub(crate) mosaic: usize,
    /// Index of its model, index of its family in that, and its category: features of which one
    /// differs are never the same.
    pub(crate) key: (usize, usize, EoCategory),
    /// The smallest upright rectangle around it.
    pub(crate) bounds: Rect,
    /// How far from another orthomosaic's feature it may lie and be the same, beside the error of
    /// positions: half the longer side of an object, half the shorter one of an area or a line.
    pub(crate) half_m: f64,
    pub(crate) shape: LocalShape,
}

/// The ground of a feature, local metres.
pub(crate) enum LocalShape {
    Point(Coord),
    Area(MultiPolygon),
    Lines(Vec<WideLine>),
}

/// A line with its width, metres.
pub(crate) type WideLine = (LineString, f64);

impl LocalFeature {
    /// `None` for a feature of an unknown orthomosaic, model or class, or without a position.
    pub(crate) fn of(
        feature: &Feature,
        orthomosaics: &[&Orthomosaic],
        models: &[&Model],
        ground: &Ground,
    ) -> Option<Self> {
        let mosaic = orthomosaics.iter().position(|mosaic| mosaic.name == feature.orthomosaic)?;
        let model = models.iter().position(|model| model.name == feature.model)?;
        let class = models[model].classes.iter().position(|class| class.name == feature.class)?;
        let key = (model, models[model].family(class), feature.eo_category);
        let metres = ground.to_metres(&feature.geometry);
        let bounds = metres
            .bounding_rect()
            .filter(|rect| rect.min().x.is_finite() && rect.max().y.is_finite())?;
        let [length_m, width_m] = feature.size_m;
        let (shape, half_m) = match metres {
            Geometry::Point(at) => (LocalShape::Point(at.0), length_m / 2.0),
            Geometry::Polygon(area) => (LocalShape::Area(area.into()), width_m / 2.0),
            Geometry::MultiPolygon(area) => (LocalShape::Area(area), width_m / 2.0),
            Geometry::LineString(line) => (LocalShape::Lines(vec![(line, width_m)]), width_m / 2.0),
            Geometry::MultiLineString(_) => {
                let stretch = |part: &FeaturePart| (ground.to_metres(&part.line), part.width_m);
                (LocalShape::Lines(feature.parts.iter().map(stretch).collect()), width_m / 2.0)
            }
            _ => return None,
        };
        Some(Self { mosaic, key, bounds, half_m, shape })
    }

    /// The way from one point to another, metres; `None` of areas and lines.
    pub(crate) fn shift_to(&self, other: &Self) -> Option<Coord> {
        match (&self.shape, &other.shape) {
            (LocalShape::Point(a), LocalShape::Point(b)) => Some(*b - *a),
            _ => None,
        }
    }
}

/// The ground within half a width, and `more_m`, of lines.
pub(crate) fn strip(lines: &[WideLine], more_m: f64) -> MultiPolygon {
    unary_union(
        &lines
            .iter()
            .map(|(line, width_m)| line.buffer(width_m / 2.0 + more_m))
            .collect::<Vec<_>>(),
    )
}
