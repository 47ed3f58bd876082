//! Simple ways of drawing areas, which any better one must beat.

use super::scan;
use super::sums::Sums;
use super::{AreaField, CUTS, MINES, passed};
use geo::{
    Area, BooleanOps, Buffer, Contains, ConvexHull, Geometry, Intersects, LineString, MultiPoint,
    MultiPolygon, Point, unary_union,
};
use rams_domain::EoCategory;
use rstar::RTree;
use std::fmt;

/// A simple way of drawing areas around the features of one category that pass the cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Baseline {
    /// A circle of this radius, metres, around each.
    Buffer(f64),
    /// The convex hull of those that are joined by steps of at most 25 m, with a buffer of 5 m.
    Hull,
    /// Each whole square of a grid of this side, metres, that holds one.
    Squares(f64),
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buffer(radius_m) => write!(f, "circles of {radius_m} m"),
            Self::Hull => write!(f, "hulls of clusters"),
            Self::Squares(side_m) => write!(f, "squares of {side_m} m"),
        }
    }
}

const LINK_M: f64 = 25.0;
const HULL_BUFFER_M: f64 = 5.0;
/// Side of the cells in which ground is counted, metres.
const CELL_M: f64 = 1.0;

/// A find of a category: where, and how many cuts it passes.
type Find = (Point, usize);

impl Baseline {
    /// Those that are compared.
    pub const ALL: [Self; 6] = [
        Self::Buffer(10.0),
        Self::Buffer(25.0),
        Self::Buffer(50.0),
        Self::Hull,
        Self::Squares(50.0),
        Self::Squares(100.0),
    ];

    fn draw(
        self,
        finds: &[Find],
        field: &AreaField<'_>,
        ground: &Cells,
        sums: &mut Sums,
        category: EoCategory,
    ) {
        match self {
            Self::Buffer(radius_m) => {
                let best = |at: Point| {
                    let near = finds
                        .iter()
                        .filter(|(found, _)| distance_2(*found, at) <= radius_m * radius_m);
                    near.map(|(_, cuts)| *cuts).max().unwrap_or(0)
                };
                let mut cells = vec![0u8; ground.assessed.len()];
                finds.iter().for_each(|find| ground.stamp(&mut cells, find, radius_m));
                field.count(sums, category, best);
                ground.count(&cells, sums);
            }
            Self::Squares(side_m) => {
                let origin = field.extent.min();
                let square = |at: Point| {
                    [at.x() - origin.x, at.y() - origin.y].map(|m| (m / side_m).floor() as i64)
                };
                let mut squares = std::collections::BTreeMap::<[i64; 2], usize>::new();
                for (at, cuts) in finds {
                    let best = squares.entry(square(*at)).or_default();
                    *best = (*best).max(*cuts);
                }
                let best = |at: Point| squares.get(&square(at)).copied().unwrap_or(0);
                let cells: Vec<u8> = ground.centres().map(|at| best(at) as u8).collect();
                field.count(sums, category, best);
                ground.count(&cells, sums);
            }
            Self::Hull => {
                let hulls: Vec<MultiPolygon> =
                    (0..CUTS.len()).map(|cut| hulls(finds, cut)).collect();
                for (cut, hulls) in hulls.iter().enumerate() {
                    let inside = hulls.intersection(field.assessed).unsigned_area();
                    sums.add_ground(cut, hulls.0.len(), hulls.unsigned_area(), inside);
                }
                for item in field.items.iter().filter(|item| item.eo_category == category) {
                    let inside: Vec<bool> =
                        hulls.iter().map(|hulls| hulls.intersects(&item.at)).collect();
                    sums.add_mine_where(field.assessed.contains(&item.at), &inside);
                }
            }
        }
    }
}

impl AreaField<'_> {
    /// What each baseline comes to in this field, by category of mines. Ground of circles and
    /// squares is counted in cells of 1 m within the field.
    pub(super) fn baselines(&self, baselines: &[Baseline]) -> Vec<Vec<Sums>> {
        let ground = Cells::new(self);
        let mut all = vec![self.truth_sums(); baselines.len()];
        for (number, category) in MINES.into_iter().enumerate() {
            let of = self.features.iter().filter(|feature| feature.eo_category == category);
            let finds: Vec<Find> = of
                .filter_map(|feature| match feature.geometry {
                    Geometry::Point(at) => Some((at, passed(f64::from(feature.confidence)))),
                    _ => None,
                })
                .collect();
            for (baseline, sums) in baselines.iter().zip(&mut all) {
                baseline.draw(&finds, self, &ground, &mut sums[number], category);
            }
        }
        all
    }

    fn count(&self, sums: &mut Sums, category: EoCategory, best: impl Fn(Point) -> usize) {
        for item in self.items.iter().filter(|item| item.eo_category == category) {
            let cuts = best(item.at);
            sums.add_mine(self.assessed.contains(&item.at), cuts, cuts);
        }
    }
}

/// The field in cells.
struct Cells {
    origin: Point,
    columns: usize,
    rows: usize,
    assessed: Vec<bool>,
}

impl Cells {
    fn new(field: &AreaField<'_>) -> Self {
        let extent = field.extent;
        let [columns, rows] =
            [extent.width(), extent.height()].map(|m| (m / CELL_M).ceil() as usize);
        let mut cells = Self {
            origin: extent.min().into(),
            columns,
            rows,
            assessed: vec![false; columns * rows],
        };
        let crossings = scan::crossings(field.assessed, cells.origin.y(), CELL_M, rows);
        let left = cells.origin.x();
        let column = |x: f64| (((x - left) / CELL_M - 0.5).ceil().max(0.0) as usize).min(columns);
        for (row, crossings) in crossings.iter().enumerate() {
            for ends in crossings.chunks_exact(2) {
                let span = row * columns + column(ends[0])..row * columns + column(ends[1]);
                cells.assessed[span].fill(true);
            }
        }
        cells
    }

    fn centre(&self, column: usize, row: usize) -> Point {
        self.origin + Point::new((column as f64 + 0.5) * CELL_M, (row as f64 + 0.5) * CELL_M)
    }

    fn centres(&self) -> impl Iterator<Item = Point> {
        (0..self.rows)
            .flat_map(move |row| (0..self.columns).map(move |column| self.centre(column, row)))
    }

    /// Raises all cells within a radius to the cuts of a find.
    fn stamp(&self, cells: &mut [u8], (at, cuts): &Find, radius_m: f64) {
        let ends = |middle: f64, origin: f64, count: usize| {
            let cell =
                |m: f64| ((m - origin) / CELL_M).floor().clamp(0.0, count as f64 - 1.0) as usize;
            cell(middle - radius_m)..=cell(middle + radius_m)
        };
        for row in ends(at.y(), self.origin.y(), self.rows) {
            for column in ends(at.x(), self.origin.x(), self.columns) {
                let cell = &mut cells[row * self.columns + column];
                if usize::from(*cell) < *cuts
                    && distance_2(self.centre(column, row), *at) <= radius_m * radius_m
                {
                    *cell = *cuts as u8;
                }
            }
        }
    }

    /// Adds the ground of cells that pass each cut.
    fn count(&self, cells: &[u8], sums: &mut Sums) {
        let mut counts = vec![[0usize; 2]; CUTS.len() + 1];
        for (cuts, assessed) in cells.iter().zip(&self.assessed) {
            counts[usize::from(*cuts)][0] += 1;
            counts[usize::from(*cuts)][1] += usize::from(*assessed);
        }
        let m2 = CELL_M * CELL_M;
        for (cuts, [all, assessed]) in counts.into_iter().enumerate().skip(1) {
            for cut in 0..cuts {
                sums.add_ground(cut, 0, all as f64 * m2, assessed as f64 * m2);
            }
        }
    }
}

fn distance_2(a: Point, b: Point) -> f64 {
    (a.x() - b.x()).powi(2) + (a.y() - b.y()).powi(2)
}

/// Hulls of the clusters of finds that pass a cut.
fn hulls(finds: &[Find], cut: usize) -> MultiPolygon {
    let places: Vec<[f64; 2]> =
        finds.iter().filter(|(_, cuts)| *cuts > cut).map(|(at, _)| [at.x(), at.y()]).collect();
    let mut left: RTree<[f64; 2]> = RTree::bulk_load(places.clone());
    let mut drawn = vec![];
    for place in places {
        let Some(first) = left.remove(&place) else { continue };
        let (mut cluster, mut next) = (vec![], vec![first]);
        while let Some(at) = next.pop() {
            next.extend(left.drain_within_distance(at, LINK_M * LINK_M));
            cluster.push(Point::from(at));
        }
        let hull = MultiPoint::from(cluster.clone()).convex_hull();
        drawn.push(match cluster[..] {
            [only] => only.buffer(HULL_BUFFER_M),
            _ if hull.unsigned_area() > 1e-9 => hull.buffer(HULL_BUFFER_M),
            // On one line: from its one end to the other.
            _ => {
                cluster.sort_by(|a, b| a.x().total_cmp(&b.x()).then(a.y().total_cmp(&b.y())));
                LineString::from(vec![cluster[0], cluster[cluster.len() - 1]]).buffer(HULL_BUFFER_M)
            }
        });
    }
    unary_union(&drawn)
}
