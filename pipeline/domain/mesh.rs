//! Mosaic pixels -> another CRS, without a projection library.

use crate::RasterSize;
use geo::{Coord, LineString, coord};

/// Places mosaic pixels in a CRS that is not the file's: bilinear between nodes that the caller
/// projected, at most [`Mesh::SPACING_M`] apart.
///
/// The nodes stand on a lattice of pixels, so that a pixel edge, cut where it crosses the lattice,
/// is exactly straight in the other CRS too: assessed ground and the gap beside it share their
/// border.
///
/// ```
/// use geo::coord;
/// use rams_domain::{Mesh, RasterSize};
///
/// // 12,800 px of 1 cm: two cells a side. In the other CRS a pixel is 2 cm, and y runs up.
/// let (size, gsd_m) = (RasterSize { width: 12_800, height: 12_800 }, [0.01, 0.01]);
/// let positions = Mesh::positions_px(size, gsd_m);
/// assert_eq!(positions.len(), 9);
/// let nodes = positions.iter().map(|px| coord! { x: 0.02 * px.x, y: -0.02 * px.y }).collect();
/// let mesh = Mesh::new(size, gsd_m, nodes).ok_or("no mesh")?;
///
/// let ground = mesh.to_ground(coord! { x: 100.0, y: 50.0 });
/// assert!((ground.x - 2.0).abs() < 1e-9 && (ground.y + 1.0).abs() < 1e-9);
/// let back = mesh.to_pixel(ground);
/// assert!((back.x - 100.0).abs() < 1e-6 && (back.y - 50.0).abs() < 1e-6);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    lattice: Lattice,
    nodes: Vec<Coord>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Lattice {
    /// Columns and rows.
    cells: [usize; 2],
    /// Width and height of a cell, mosaic pixels.
    step_px: [f64; 2],
}

impl Mesh {
    /// Largest distance of nodes, metres: the sagitta of a parallel over it, `64² tan(lat) / 8 R`,
    /// is 0.1 mm at 50 degrees and 0.5 mm at 80.
    pub const SPACING_M: f64 = 64.0;

    /// Most cells along a side, that no raster makes a mesh of more than 100 MB.
    const MOST_CELLS: f64 = 2048.0;

    /// Mosaic pixels that [`Mesh::new`] needs the places of; `gsd_m` as in
    /// [`crate::Georef::gsd_m`].
    pub fn positions_px(size: RasterSize, gsd_m: [f64; 2]) -> Vec<Coord> {
        let lattice = Lattice::over(size, gsd_m);
        let [cols, rows] = lattice.cells;
        (0..=rows).flat_map(|row| (0..=cols).map(move |col| lattice.node_px(row, col))).collect()
    }

    /// A mesh over a raster with the place of each of [`Mesh::positions_px`], in that order. `None`
    /// where they do not spread the raster over an area, each cell to the same side.
    pub fn new(size: RasterSize, gsd_m: [f64; 2], nodes: Vec<Coord>) -> Option<Self> {
        let lattice = Lattice::over(size, gsd_m);
        let [cols, rows] = lattice.cells;
        if nodes.len() != (cols + 1) * (rows + 1)
            || !nodes.iter().all(|c| c.x.is_finite() && c.y.is_finite())
        {
            return None;
        }
        let mesh = Self { lattice, nodes };
        let sides = mesh.area_of(0, 0);
        let alike = |row: usize, col: usize| mesh.area_of(row, col) * sides > 0.0;
        (0..rows).all(|row| (0..cols).all(|col| alike(row, col))).then_some(mesh)
    }

    /// The places of the nodes.
    pub fn nodes(&self) -> &[Coord] {
        &self.nodes
    }

    /// Where a mosaic pixel lies. Beyond the raster the outermost cells are continued.
    pub fn to_ground(&self, px: Coord) -> Coord {
        let (row, col, u, v) = self.lattice.locate(px);
        let [a, b, c, d] = self.corners(row, col);
        (a * (1.0 - u) + b * u) * (1.0 - v) + (c * (1.0 - u) + d * u) * v
    }

    /// Which mosaic pixel lies there: Newton's way, three steps as a rule, for the mesh is nearly
    /// flat.
    pub fn to_pixel(&self, ground: Coord) -> Coord {
        let [cols, rows] = self.lattice.cells;
        let [width, height] = self.lattice.step_px;
        let mut px = coord! { x: width * cols as f64 / 2.0, y: height * rows as f64 / 2.0 };
        for _ in 0..12 {
            let off = ground - self.to_ground(px);
            let [across, down] = self.derivative(px);
            let area = across.x * down.y - across.y * down.x;
            let step = coord! {
                x: (off.x * down.y - off.y * down.x) / area,
                y: (across.x * off.y - across.y * off.x) / area,
            };
            px = px + step;
            if step.x.abs().max(step.y.abs()) < 1e-7 {
                break;
            }
        }
        px
    }

    /// A line in mosaic pixels with a corner wherever it crosses the lattice.
    pub(crate) fn cut(&self, px: &LineString) -> LineString {
        let mut cut: Vec<Coord> = vec![];
        for leg in px.lines() {
            cut.push(leg.start);
            let mut crossings = self.lattice.crossings(leg.start, leg.end);
            crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
            cut.extend(crossings.into_iter().map(|(_, at)| at));
        }
        cut.extend(px.0.last());
        cut.dedup();
        LineString::new(cut)
    }

    /// Ground for a pixel to the right and for one down.
    fn derivative(&self, px: Coord) -> [Coord; 2] {
        let (row, col, u, v) = self.lattice.locate(px);
        let [a, b, c, d] = self.corners(row, col);
        let [width, height] = self.lattice.step_px;
        let across = (b - a) * (1.0 - v) + (d - c) * v;
        let down = (c - a) * (1.0 - u) + (d - b) * u;
        [across / width, down / height]
    }

    /// Upper left, upper right, lower left and lower right node of a cell.
    fn corners(&self, row: usize, col: usize) -> [Coord; 4] {
        let node = |row: usize, col: usize| self.nodes[row * (self.lattice.cells[0] + 1) + col];
        [node(row, col), node(row, col + 1), node(row + 1, col), node(row + 1, col + 1)]
    }

    /// Twice the area of a cell, its sign telling to which side it is turned.
    fn area_of(&self, row: usize, col: usize) -> f64 {
        let [a, b, c, d] = self.corners(row, col);
        (d - a).x * (c - b).y - (d - a).y * (c - b).x
    }
}

impl Lattice {
    fn over(size: RasterSize, gsd_m: [f64; 2]) -> Self {
        let count = |px: u32, gsd_m: f64| {
            (f64::from(px) * gsd_m / Mesh::SPACING_M).ceil().clamp(1.0, Mesh::MOST_CELLS)
        };
        let [cols, rows] = [count(size.width, gsd_m[0]), count(size.height, gsd_m[1])];
        let step_px = [f64::from(size.width) / cols, f64::from(size.height) / rows];
        Self { cells: [cols as usize, rows as usize], step_px }
    }

    fn node_px(&self, row: usize, col: usize) -> Coord {
        coord! { x: col as f64 * self.step_px[0], y: row as f64 * self.step_px[1] }
    }

    /// Row and column of the cell around a pixel, and where in it, from 0 to 1.
    fn locate(&self, px: Coord) -> (usize, usize, f64, f64) {
        let along = |px: f64, axis: usize| {
            let t = px / self.step_px[axis];
            let cell = t.floor().clamp(0.0, (self.cells[axis] - 1) as f64);
            (cell as usize, t - cell)
        };
        let ((col, u), (row, v)) = (along(px.x, 0), along(px.y, 1));
        (row, col, u, v)
    }

    /// Where a leg crosses the lattice's inner lines, with how far along it that is. Of a pixel
    /// edge the crossings are the same whichever way it is walked.
    fn crossings(&self, from: Coord, to: Coord) -> Vec<(f64, Coord)> {
        let mut crossings = vec![];
        for (axis, (a, b)) in [(0, (from.x, to.x)), (1, (from.y, to.y))] {
            let (least, most) = (a.min(b) / self.step_px[axis], a.max(b) / self.step_px[axis]);
            let last = (self.cells[axis] - 1) as f64;
            let (first, last) = ((least.floor() + 1.0).max(1.0), (most.ceil() - 1.0).min(last));
            let mut line = first;
            while line <= last {
                let at = line * self.step_px[axis];
                let t = (at - a) / (b - a);
                let on =
                    |from: f64, to: f64| if from == to { from } else { from + (to - from) * t };
                let crossing = if axis == 0 {
                    coord! { x: at, y: on(from.y, to.y) }
                } else {
                    coord! { x: on(from.x, to.x), y: at }
                };
                crossings.push((t, crossing));
                line += 1.0;
            }
        }
        crossings
    }
}
