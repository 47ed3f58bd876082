//! Ground that the buffers of a dense field hold for certain: what lies within need not be drawn.

use geo::{MultiPolygon, Point, Rect, coord};
use rstar::AABB;

/// Squares to the radius of a circle. Fewer leave more circles to be drawn, more take longer.
const SQUARES: f64 = 8.0;

/// Squares to a circle, of which one holds 180, beyond which they lie too far apart.
const MOST: f64 = 100.0;

/// Share of its radius within which a circle holds all ground, however few corners it is drawn
/// with.
const SURE: f64 = 0.995;

/// Squares of ground of which circles hold every place.
///
/// Of the circles of a dense field nearly all lie within the others and add nothing to their union,
/// but each crosses a hundred of them. The squares with the circles that reach beyond them have the
/// same union.
pub(crate) struct HeldGround {
    side_m: f64,
    /// The square in the south-western corner.
    first: [i64; 2],
    /// From west to east.
    columns: usize,
    /// Row by row from the south.
    is_held: Vec<bool>,
}

impl HeldGround {
    /// The ground that circles hold, each a place and a radius, local metres. None of circles so
    /// far apart that they hold little of it.
    pub(crate) fn new(circles: &[(Point, f64)]) -> Self {
        let least_m = circles.iter().map(|(_, radius_m)| *radius_m).fold(f64::INFINITY, f64::min);
        let side_m = least_m / SQUARES;
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for (at, radius_m) in circles {
            for (axis, metres) in [at.x(), at.y()].into_iter().enumerate() {
                low[axis] = low[axis].min(((metres - radius_m) / side_m).floor());
                high[axis] = high[axis].max(((metres + radius_m) / side_m).floor());
            }
        }
        let [columns, rows] = [0, 1].map(|axis| high[axis] - low[axis] + 1.0);
        let is_dense = least_m > 0.0 && columns * rows <= MOST * circles.len() as f64;
        let [columns, rows] =
            [columns, rows].map(|count| if is_dense { count as usize } else { 0 });
        let first = if is_dense { low.map(|number| number as i64) } else { [0; 2] };
        let mut held = Self { side_m, first, columns, is_held: vec![false; columns * rows] };
        circles.iter().filter(|_| is_dense).for_each(|(at, radius_m)| held.add(*at, *radius_m));
        held
    }

    /// Notes the squares that lie wholly within a circle.
    fn add(&mut self, at: Point, radius_m: f64) {
        let (side_m, radius_m) = (self.side_m, SURE * radius_m);
        let [south, north] = [at.y() - radius_m, at.y() + radius_m].map(|y| (y / side_m).floor());
        for row in south as i64..=north as i64 {
            // The farther one of the two edges of the row.
            let edges = [row, row + 1].map(|edge| (edge as f64 * side_m - at.y()).abs());
            let off_m = edges[0].max(edges[1]);
            if off_m >= radius_m {
                continue;
            }
            let half_m = (radius_m * radius_m - off_m * off_m).sqrt();
            let west = ((at.x() - half_m) / side_m).ceil() as i64;
            let east = ((at.x() + half_m) / side_m).floor() as i64;
            if west < east {
                let start = (row - self.first[1]) as usize * self.columns;
                let column = |number: i64| start + (number - self.first[0]) as usize;
                self.is_held[column(west)..column(east)].fill(true);
            }
        }
    }

    /// Whether all ground of a box is held.
    pub(crate) fn holds(&self, bounds: &AABB<[f64; 2]>) -> bool {
        let rows = self.is_held.len() / self.columns.max(1);
        // The numbers of the squares that it touches, if all of them are there.
        let touched = |axis: usize, count: usize| {
            let number = |metres: f64| (metres / self.side_m).floor() as i64 - self.first[axis];
            let (low, high) = (number(bounds.lower()[axis]), number(bounds.upper()[axis]));
            (low >= 0 && high < count as i64).then(|| low as usize..high as usize + 1)
        };
        let Some((columns, rows)) = touched(0, self.columns).zip(touched(1, rows)) else {
            return false;
        };
        let is_held = |row: usize| {
            let row = &self.is_held[row * self.columns..][columns.clone()];
            row.iter().all(|is_held| *is_held)
        };
        rows.into_iter().all(is_held)
    }

    /// The squares as rectangles that do not overlap, as few as their rows let.
    pub(crate) fn rectangles(&self) -> Vec<MultiPolygon> {
        let (mut open, mut done): (Vec<(usize, usize, usize)>, Vec<MultiPolygon>) =
            (vec![], vec![]);
        let rows = self.is_held.len() / self.columns.max(1);
        for number in 0..=rows {
            let row = self.is_held.chunks(self.columns.max(1)).nth(number).unwrap_or(&[]);
            let runs = runs(row);
            let (mut next, mut at) = (vec![], open.into_iter().peekable());
            for (west, east) in runs {
                while let Some(ended) = at.next_if(|(other, ..)| *other < west) {
                    done.push(self.rectangle(ended, number));
                }
                let goes_on = at.next_if(|(other, to, _)| (*other, *to) == (west, east));
                next.push(goes_on.unwrap_or((west, east, number)));
            }
            done.extend(at.map(|ended| self.rectangle(ended, number)));
            open = next;
        }
        done
    }

    fn rectangle(&self, (west, east, south): (usize, usize, usize), north: usize) -> MultiPolygon {
        let corner = |column: usize, row: usize| {
            let metres = |axis: usize, number: usize| {
                (self.first[axis] + number as i64) as f64 * self.side_m
            };
            coord! { x: metres(0, column), y: metres(1, row) }
        };
        Rect::new(corner(west, south), corner(east, north)).to_polygon().into()
    }
}

/// Where squares of a row are held without a break: the first one and the one after the last.
fn runs(row: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = vec![];
    for (at, _) in row.iter().enumerate().filter(|(_, is_held)| **is_held) {
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end += 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, unary_union};

    #[test]
    fn the_squares_of_a_circle_lie_within_it_and_each_once() {
        // One circle many times over, so that it is dense enough.
        let held = HeldGround::new(&[(Point::new(100.3, -40.7), 8.0); 4]);
        let rectangles = held.rectangles();
        let corner_m = |at: geo::Coord| (at.x - 100.3).hypot(at.y + 40.7);
        let corners = rectangles.iter().flat_map(|it| it.0[0].exterior().0.clone());
        assert!(corners.map(corner_m).fold(0.0, f64::max) <= 8.0);
        let m2: f64 = rectangles.iter().map(Area::unsigned_area).sum();
        assert!(m2 > 0.75 * 64.0 * std::f64::consts::PI, "{m2} of 201 m²");
        assert!((unary_union(&rectangles).unsigned_area() - m2).abs() < 1e-4);
        let around = |x: f64, y: f64, m: f64| AABB::from_corners([x - m, y - m], [x + m, y + m]);
        assert!(held.holds(&around(100.3, -40.7, 4.0)));
        assert!(!held.holds(&around(100.3, -40.7, 6.0)), "its corners lie 8.5 m away");
        assert!(!held.holds(&around(106.3, -40.7, 2.5)) && !held.holds(&around(-1e9, 0.0, 1.0)));
    }

    #[test]
    fn circles_far_apart_hold_nothing() {
        let held = HeldGround::new(&[(Point::new(0.0, 0.0), 5.0), (Point::new(1e7, 1e7), 5.0)]);
        assert!(held.rectangles().is_empty());
        assert!(HeldGround::new(&[]).rectangles().is_empty());
    }
}
