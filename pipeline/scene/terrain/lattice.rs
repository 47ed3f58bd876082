//! The works of a scene on a lattice of nodes: heights, what covers them, and the light there.

use super::path::Offset;
use super::work::{Touch, Work};
use super::{Coat, Terrain, WorkPart};
use crate::light::Sun;
use crate::random::rise;
use geo::{Coord, coord};

/// Nodes of the ground, aligned to the scene: node (0, 0) lies `shift` steps from its corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    pub(crate) col: i64,
    pub(crate) row: i64,
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    pub(crate) step_m: f64,
    pub(crate) shift: f64,
}

/// What the works make of a grid and of the margin that its shadows need.
#[derive(Debug)]
pub(crate) struct Lattice {
    /// The grid that was asked for, and the one with its margin.
    core: Grid,
    grid: Grid,
    /// How far a shadow can fall, metres.
    reach_m: f64,
    /// Height of the works, metres; empty where there is none.
    works_m: Vec<f32>,
    coats: Vec<Coat>,
}

/// Light on a node against open level ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lit {
    /// All light from the sun's side: direct, and through cloud.
    pub(crate) sun: f32,
    pub(crate) sky: f32,
    /// Share of the direct sunlight that no work holds back.
    pub(crate) open: f32,
}

impl Lit {
    /// On open level ground.
    pub(crate) const OPEN: Self = Self { sun: 1.0, sky: 1.0, open: 1.0 };
}

/// The works at one node, while they are gathered.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    lie_m: f32,
    heap_m: f32,
    cut_m: f32,
    coat: Coat,
}

impl Sum {
    /// Adds what a work does to the node; `lies` is whether later works are cut into it.
    fn add(&mut self, touch: &Touch, lies: bool) {
        if lies {
            self.lie_m += touch.heap_m + touch.cut_m;
        } else {
            self.heap_m =
                if touch.heap_m >= 0.0 { self.heap_m.max(touch.heap_m) } else { self.heap_m };
            self.cut_m = self.cut_m.min(touch.cut_m + touch.heap_m.min(0.0));
        }
        self.coat.lay_coat(&touch.coat);
    }

    /// Where one work is cut, the earth of another was dug away again.
    fn height_m(&self) -> f32 {
        self.lie_m + self.cut_m + self.heap_m * (1.0 - rise(0.0, 0.5, -self.cut_m))
    }
}

/// A place on the way to the sun, from a node: the node left above it, and where between four.
#[derive(Debug, Clone, Copy)]
struct Ray {
    nodes: isize,
    u: f32,
    v: f32,
    /// How high the ray is there, metres.
    height_m: f32,
}

/// The nearest part of the work that is being gathered.
#[derive(Debug, Clone, Copy)]
struct Hit {
    work: u32,
    away_m: f32,
    across_m: f32,
    wide: f32,
    full: f32,
}

impl Hit {
    const NONE: Self = Self { work: u32::MAX, away_m: 0.0, across_m: 0.0, wide: 0.0, full: 0.0 };

    fn new(work: u32, off: Offset) -> Self {
        let [across_m, wide, full] = [off.across_m, off.wide, off.full].map(|value| value as f32);
        Self { work, away_m: across_m.abs() / wide, across_m, wide, full }
    }

    fn offset(&self) -> Offset {
        let [across_m, wide, full] = [self.across_m, self.wide, self.full].map(f64::from);
        Offset { across_m, wide, full }
    }
}

impl Grid {
    pub(crate) fn place(&self, col: usize, row: usize) -> Coord {
        let along =
            |first: i64, count: usize| ((first + count as i64) as f64 + self.shift) * self.step_m;
        coord! { x: along(self.col, col), y: along(self.row, row) }
    }

    /// The nodes whose place lies in a box, as ranges of columns and rows.
    fn nodes_in(&self, low: [f64; 2], high: [f64; 2]) -> [std::ops::Range<usize>; 2] {
        let range = |axis: usize, first: i64, count: usize| {
            let node = |m: f64| m / self.step_m - self.shift - first as f64;
            (node(low[axis]).ceil().max(0.0) as usize)
                ..((node(high[axis]).floor() + 1.0).clamp(0.0, count as f64) as usize)
        };
        [range(0, self.col, self.cols), range(1, self.row, self.rows)]
    }
}

/// Cells of the coarse grid that tells where nothing casts a shadow, nodes.
const CELL: usize = 16;
/// Longest shadow that is looked for, metres.
const SHADOW_MAX_M: f64 = 60.0;
/// Directions of the sky, and how far out its edge is looked for, steps.
const SKY: [[f64; 2]; 8] = [
    [1.0, 0.0],
    [0.7, 0.7],
    [0.0, 1.0],
    [-0.7, 0.7],
    [-1.0, 0.0],
    [-0.7, -0.7],
    [0.0, -1.0],
    [0.7, -0.7],
];
const SKY_STEPS: [f64; 4] = [0.12, 0.3, 0.6, 1.0];
/// Below this slope the edge of the sky is taken for level.
const SKY_LEVEL: f32 = 0.12;

/// A grid with the margin that the sun's shadows and the edge of the sky need.
fn with_margin(grid: Grid, sun: &Sun, reach_m: f64) -> Grid {
    let sky = (Lattice::sky_reach_m(grid.step_m) / grid.step_m).ceil() as usize + 1;
    let margin = |part: f64| (part.max(0.0) * reach_m / grid.step_m).ceil() as usize + sky;
    let [left, top] = [margin(-sun.towards.x), margin(-sun.towards.y)];
    let [right, bottom] = [margin(sun.towards.x), margin(sun.towards.y)];
    Grid {
        col: grid.col - left as i64,
        row: grid.row - top as i64,
        cols: grid.cols + left + right,
        rows: grid.rows + top + bottom,
        ..grid
    }
}

/// The nodes that the parts of a work touch, as columns and rows; what is nearest to each goes
/// into `hits`.
fn hit(work: &Work, parts: &[WorkPart], grid: &Grid, hits: &mut [Hit]) -> Vec<(usize, usize)> {
    let number = parts[0].work as u32;
    let mut touched = vec![];
    for part in parts {
        let [cols, rows] = grid.nodes_in(part.low, part.high);
        for (row, col) in rows.flat_map(|row| cols.clone().map(move |col| (row, col))) {
            let off = work.offset(part.part, grid.place(col, row));
            if work.misses(off) {
                continue;
            }
            let (before, hit) = (&mut hits[row * grid.cols + col], Hit::new(number, off));
            if before.work != number {
                touched.push((col, row));
            } else if before.away_m <= hit.away_m {
                continue;
            }
            *before = hit;
        }
    }
    touched
}

impl Lattice {
    /// Gathers the works of a grid, with the margin that the sun's shadows need.
    pub(crate) fn new(terrain: &Terrain, grid: Grid, sun: &Sun) -> Self {
        let reach_m = (terrain.drop_m * sun.shadow_per_height).min(SHADOW_MAX_M);
        let flat = Self { core: grid, grid, reach_m, works_m: vec![], coats: vec![] };
        if terrain.works.is_empty() {
            return flat;
        }
        let whole = with_margin(grid, sun, reach_m);
        let parts = terrain.parts_near(whole.place(0, 0), whole.place(whole.cols, whole.rows));
        if parts.is_empty() {
            return flat;
        }
        let mut sums = vec![Sum::default(); whole.cols * whole.rows];
        let mut hits = vec![Hit::NONE; sums.len()];
        for same in parts.chunk_by(|one, other| one.work == other.work) {
            let work = &terrain.works[same[0].work];
            for (col, row) in hit(work, same, &whole, &mut hits) {
                let index = row * whole.cols + col;
                let touch = work.touch(whole.place(col, row), hits[index].offset());
                sums[index].add(&touch, work.lies);
            }
        }
        let works_m = sums.iter().map(Sum::height_m).collect();
        let coats = sums.into_iter().map(|sum| sum.coat).collect();
        Self { core: grid, grid: whole, reach_m, works_m, coats }
    }

    /// Whether no work is near.
    pub(crate) fn is_flat(&self) -> bool {
        self.works_m.is_empty()
    }

    /// Height of the works at a node of the grid that was asked for.
    pub(crate) fn height_m(&self, col: usize, row: usize) -> f32 {
        if self.is_flat() { 0.0 } else { self.works_m[self.index(col, row)] }
    }

    pub(crate) fn coat(&self, col: usize, row: usize) -> Coat {
        if self.is_flat() { Coat::default() } else { self.coats[self.index(col, row)] }
    }

    fn index(&self, col: usize, row: usize) -> usize {
        let (left, top) =
            ((self.core.col - self.grid.col) as usize, (self.core.row - self.grid.row) as usize);
        (top + row) * self.grid.cols + left + col
    }

    /// The light on each node but the last column and row; `ground_m` is the height of all other
    /// relief, node by node of the grid that was asked for.
    pub(crate) fn light(&self, sun: &Sun, ground_m: &[f32]) -> Vec<Lit> {
        let (cols, rows) = (self.core.cols, self.core.rows);
        let step_m = self.core.step_m as f32;
        let shaded = if self.is_flat() { vec![] } else { self.shaded_cells(sun) };
        let cells = self.grid.cols.div_ceil(CELL);
        let (rays, edges) = (self.rays(sun), self.edges());
        let mut lights = vec![Lit::OPEN; cols * rows];
        for row in 0..rows - 1 {
            for col in 0..cols - 1 {
                let height =
                    |col: usize, row: usize| self.height_m(col, row) + ground_m[row * cols + col];
                let here = height(col, row);
                let slope = [
                    (height(col + 1, row) - here) / step_m,
                    (height(col, row + 1) - here) / step_m,
                ];
                let (mut open, mut sky) = (1.0, 1.0);
                if !self.is_flat() {
                    let index = self.index(col, row);
                    let (x, y) = (index % self.grid.cols, index / self.grid.cols);
                    let [is_shaded, is_sunk] = shaded[y / CELL * cells + x / CELL];
                    open = if is_shaded { self.open(&rays, index) } else { 1.0 };
                    // Walls throw some of the light back.
                    sky = if is_sunk { 1.0 - 0.80 * (1.0 - self.sky(&edges, index)) } else { 1.0 };
                }
                let direct = sun.lambert(slope) * open;
                lights[row * cols + col] =
                    Lit { sun: sun.direct * direct + (1.0 - sun.direct) * sky, sky, open };
            }
        }
        lights
    }

    /// For each cell of nodes whether some work may cast a shadow on it, and whether it may hide
    /// some of the sky: both are said too often rather than too seldom.
    fn shaded_cells(&self, sun: &Sun) -> Vec<[bool; 2]> {
        let (cols, rows) = (self.grid.cols.div_ceil(CELL), self.grid.rows.div_ceil(CELL));
        let mut bounds = vec![[f32::INFINITY, f32::NEG_INFINITY]; cols * rows];
        for (index, height) in self.works_m.iter().enumerate() {
            let bound =
                &mut bounds[index / self.grid.cols / CELL * cols + index % self.grid.cols / CELL];
            *bound = [bound[0].min(*height), bound[1].max(*height)];
        }
        let side_m = CELL as f64 * self.grid.step_m;
        let top = bounds.iter().map(|bound| bound[1]).fold(f32::NEG_INFINITY, f32::max);
        let near = (Self::sky_reach_m(self.grid.step_m) / side_m).ceil() as i64;
        let around = |col: i64, row: i64, reach: i64| {
            let rows = (row - reach).max(0)..=(row + reach).min(rows as i64 - 1);
            let cells = rows.flat_map(move |row| {
                ((col - reach).max(0)..=(col + reach).min(cols as i64 - 1))
                    .map(move |col| (col, row))
            });
            cells
                .map(|(col, row)| bounds[row as usize * cols + col as usize][1])
                .fold(f32::NEG_INFINITY, f32::max)
        };
        (0..cols * rows)
            .map(|index| {
                let (col, row) = ((index % cols) as i64, (index / cols) as i64);
                let low = bounds[index][0];
                let is_sunk = around(col, row, near) - low
                    > SKY_LEVEL * (SKY_STEPS[0] * Self::sky_reach_m(self.grid.step_m)) as f32;
                let reach_m =
                    (f64::from(top - low + 0.1) * sun.shadow_per_height).clamp(0.0, self.reach_m);
                let is_shaded = (0..=(reach_m / side_m).ceil() as i64 + 1).any(|step| {
                    let at = sun.towards * step as f64;
                    let ray_m = ((step - 2).max(0) as f64 * side_m / sun.shadow_per_height) as f32;
                    let there = around(col + at.x.round() as i64, row + at.y.round() as i64, 1);
                    there > low + ray_m - 0.1 && there > low
                });
                [is_shaded, is_sunk]
            })
            .collect()
    }

    /// How far out the edge of the sky is looked for, metres.
    fn sky_reach_m(step_m: f64) -> f64 {
        (30.0 * step_m).clamp(0.8, 4.0)
    }

    /// Share of the direct sunlight that reaches a node.
    fn open(&self, rays: &[Ray], index: usize) -> f32 {
        let here = self.works_m[index];
        let mut blocked = 0.0f32;
        for ray in rays {
            let first = (index as isize + ray.nodes) as usize;
            let at = |index: usize| self.works_m[index];
            let upper = at(first) + (at(first + 1) - at(first)) * ray.u;
            let below = first + self.grid.cols;
            let lower = at(below) + (at(below + 1) - at(below)) * ray.u;
            blocked = blocked.max(upper + (lower - upper) * ray.v - here - ray.height_m);
        }
        1.0 - rise(-0.03, 0.05, blocked - 0.03)
    }

    /// The places that a ray to the sun passes, as far as a work may rise above it.
    fn rays(&self, sun: &Sun) -> Vec<Ray> {
        let step_m = self.grid.step_m;
        let (mut away_m, mut rays) = (step_m, vec![]);
        while away_m < self.reach_m {
            let at = sun.towards * (away_m / step_m);
            // Split by itself: added to a node's number first, its last bits would depend on the
            // region.
            let (col, row) = (at.x.floor(), at.y.floor());
            rays.push(Ray {
                nodes: row as isize * self.grid.cols as isize + col as isize,
                u: (at.x - col) as f32,
                v: (at.y - row) as f32,
                height_m: (away_m / sun.shadow_per_height) as f32,
            });
            away_m += step_m.max(0.05 * away_m);
        }
        rays
    }

    /// Share of the sky that a node sees.
    fn sky(&self, edges: &[[(isize, f32); SKY_STEPS.len()]; 8], index: usize) -> f32 {
        let here = self.works_m[index];
        let seen = edges.iter().map(|steps| {
            let edge = steps.iter().fold(SKY_LEVEL, |edge, (nodes, away_m)| {
                edge.max((self.works_m[(index as isize + nodes) as usize] - here) / away_m)
            });
            let edge = edge - SKY_LEVEL;
            1.0 / (1.0 + edge * edge)
        });
        seen.sum::<f32>() / SKY.len() as f32
    }

    /// Where the edge of the sky is looked for: how many nodes off, and how far.
    fn edges(&self) -> [[(isize, f32); SKY_STEPS.len()]; 8] {
        let (reach_m, step_m) = (Self::sky_reach_m(self.grid.step_m), self.grid.step_m);
        SKY.map(|way| {
            SKY_STEPS.map(|share| {
                let nodes = way.map(|part| (part * share * reach_m / step_m).round());
                let away_m = nodes[0].hypot(nodes[1]).max(1.0) * step_m;
                (nodes[1] as isize * self.grid.cols as isize + nodes[0] as isize, away_m as f32)
            })
        })
    }
}
