//! A window of the ground on paper: metres -> drawing units.

use geo::{
    BoundingRect, Coord, Geometry, LineString, MultiPolygon, Polygon, Rect, Simplify, coord,
};
use std::fmt::Write;

/// Drawing units in a millimetre of paper: strokes and letters have the same size in every drawing.
const PER_MM: f64 = 10.0;

/// What is finer than this is not drawn, drawing units: half a tenth of a millimetre.
const FINEST: f64 = 0.5;

/// A window of the ground, local metres, and how large it is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) rect: Rect,
    per_m: f64,
}

impl Frame {
    /// The window `rect` with a margin (a share of its longer side, and at least so many metres),
    /// as large as it goes into a space of paper, millimetres.
    pub(crate) fn around(rect: Rect, margin: f64, least_m: f64, space_mm: [f64; 2]) -> Self {
        let edge = (rect.width().max(rect.height()) * margin).max(least_m);
        let by = coord! { x: edge, y: edge };
        let rect = Rect::new(rect.min() - by, rect.max() + by);
        let per_m = PER_MM * (space_mm[0] / rect.width()).min(space_mm[1] / rect.height());
        Self { rect, per_m }
    }

    /// The window around `rect`, with a margin, of a space of paper, millimetres, at the largest
    /// scale of a usual kind; and the scale, as 500 for 1:500.
    pub(crate) fn at_scale(rect: Rect, space_mm: [f64; 2]) -> (Self, f64) {
        let [width, height] = space_mm;
        // A twentieth of the paper on each side, for the numbers of corners.
        let needed = (rect.width() / width).max(rect.height() / height) * 1000.0 / 0.9;
        let powers = (1..7).map(|power| 10f64.powi(power));
        let mut usual =
            powers.flat_map(|power| [1.0, 1.5, 2.0, 2.5, 4.0, 5.0, 7.5].map(|step| step * power));
        let scale = usual.find(|scale| *scale >= needed.max(100.0)).unwrap_or(needed);
        let half = coord! { x: width, y: height } * (scale / 1000.0 / 2.0);
        let rect = Rect::new(rect.center() - half, rect.center() + half);
        (Self { rect, per_m: PER_MM * 1000.0 / scale }, scale)
    }

    /// Width and height, drawing units.
    pub(crate) fn size(&self) -> [f64; 2] {
        [self.rect.width() * self.per_m, self.rect.height() * self.per_m]
    }

    /// Width on paper, millimetres.
    pub(crate) fn width_mm(&self) -> f64 {
        self.size()[0] / PER_MM
    }

    /// For the attribute `viewBox`.
    pub(crate) fn view_box(&self) -> String {
        let [width, height] = self.size();
        format!("0 0 {width:.1} {height:.1}")
    }

    /// Drawing units of a place, y downwards.
    pub(crate) fn at(&self, c: Coord) -> [f64; 2] {
        [(c.x - self.rect.min().x) * self.per_m, (self.rect.max().y - c.y) * self.per_m]
    }

    /// Drawing units of a length.
    pub(crate) fn length(&self, metres: f64) -> f64 {
        metres * self.per_m
    }

    /// Polygons as the data of a path. One too small to be seen is drawn as a square that is.
    pub(crate) fn polygons(&self, polygons: &MultiPolygon) -> String {
        let mut path = String::new();
        for polygon in polygons.iter().filter(|polygon| self.meets(polygon.bounding_rect())) {
            for ring in self.rings(polygon) {
                self.line_to(&mut path, &ring, true);
            }
        }
        path
    }

    /// A line, or the outline of an area, as the data of a path; empty for points.
    pub(crate) fn geometry(&self, geometry: &Geometry) -> String {
        let mut path = String::new();
        match geometry {
            Geometry::LineString(line) => self.line_to(&mut path, &self.simplified(line), false),
            Geometry::MultiLineString(lines) => {
                lines
                    .iter()
                    .for_each(|line| self.line_to(&mut path, &self.simplified(line), false));
            }
            Geometry::Polygon(polygon) => {
                path = self.polygons(&MultiPolygon(vec![polygon.clone()]))
            }
            Geometry::MultiPolygon(polygons) => path = self.polygons(polygons),
            _ => {}
        }
        path
    }

    /// A closed outline as the data of a path.
    pub(crate) fn outline(&self, corners: &[Coord]) -> String {
        let mut path = String::new();
        self.line_to(&mut path, &LineString::new(corners.to_vec()), true);
        path
    }

    fn rings(&self, polygon: &Polygon) -> Vec<LineString> {
        let outer = self.simplified(polygon.exterior());
        let Some(bounds) = polygon.bounding_rect() else { return vec![] };
        let least = 2.0 * FINEST / self.per_m;
        if outer.0.len() < 4 || bounds.width().min(bounds.height()) < least {
            let half = coord! { x: bounds.width().max(least), y: bounds.height().max(least) } / 2.0;
            let centre = bounds.center();
            return vec![Rect::new(centre - half, centre + half).to_polygon().exterior().clone()];
        }
        let holes = polygon
            .interiors()
            .iter()
            .map(|ring| self.simplified(ring))
            .filter(|ring| ring.0.len() >= 4);
        std::iter::once(outer).chain(holes).collect()
    }

    fn simplified(&self, line: &LineString) -> LineString {
        line.simplify(FINEST / self.per_m)
    }

    fn meets(&self, bounds: Option<Rect>) -> bool {
        bounds.is_some_and(|bounds| geo::Intersects::intersects(&bounds, &self.rect))
    }

    fn line_to(&self, path: &mut String, line: &LineString, closed: bool) {
        let count = line.0.len() - usize::from(closed && line.is_closed() && line.0.len() > 1);
        for (index, c) in line.coords().take(count).enumerate() {
            let [x, y] = self.at(*c);
            // Writing to a String cannot fail.
            let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" });
        }
        if closed && count > 0 {
            path.push('Z');
        }
    }
}
