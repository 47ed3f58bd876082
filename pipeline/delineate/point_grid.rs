//! Points on the ground by the square that they lie in.

use geo::Coord;
use std::collections::HashMap;
use std::ops::Range;

/// Points with their numbers. Where they lie close a search looks at few squares, and where they
/// lie far apart at few points.
pub(crate) struct PointGrid {
    side_m: f64,
    /// Those of one square side by side, in the order of their numbers.
    points: Vec<(Coord, usize)>,
    squares: HashMap<(i64, i64), Range<usize>>,
}

impl PointGrid {
    pub(crate) fn new(points: impl Iterator<Item = (Coord, usize)>, side_m: f64) -> Self {
        let square = |at: Coord| ((at.y / side_m).floor() as i64, (at.x / side_m).floor() as i64);
        let mut points: Vec<_> = points.collect();
        points.sort_by_key(|(at, number)| (square(*at), *number));
        let mut squares = HashMap::new();
        let mut from = 0;
        for same in points.chunk_by(|a, b| square(a.0) == square(b.0)) {
            squares.insert(square(same[0].0), from..from + same.len());
            from += same.len();
        }
        Self { side_m, points, squares }
    }

    /// The points of all squares that a box touches, in the same order for any number of threads.
    pub(crate) fn near(&self, low: Coord, high: Coord) -> impl Iterator<Item = (Coord, usize)> {
        let number = |metres: f64| (metres / self.side_m).floor() as i64;
        let (columns, rows) = (number(low.x)..=number(high.x), number(low.y)..=number(high.y));
        let squares = rows.flat_map(move |row| columns.clone().map(move |column| (row, column)));
        let held = squares.filter_map(|square| self.squares.get(&square).cloned());
        held.flat_map(|range| &self.points[range]).copied()
    }
}
