//! A mask as triangles that know their neighbours.

use geo::{Coord, coord};
use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};

/// The constrained Delaunay triangles inside some rings. Side `i` of a triangle leads from its
/// corner `i` to the next, counter-clockwise.
pub(crate) struct Mesh {
    corners: Vec<[Coord; 3]>,
    across: Vec<[Option<usize>; 3]>,
}

impl Mesh {
    /// Closed rings, the first position not repeated, that neither cross nor touch: an outside and
    /// its holes, in any order and direction. `None` where they have no inside.
    pub(crate) fn new(rings: &[Vec<Coord>]) -> Option<Self> {
        let mut positions = vec![];
        let mut edges = vec![];
        for ring in rings {
            let first = positions.len();
            positions.extend(ring.iter().map(|c| Point2::new(c.x, c.y)));
            edges.extend((0..ring.len()).map(|i| [first + i, first + (i + 1) % ring.len()]));
        }
        let mut crossing = false;
        let found =
            ConstrainedDelaunayTriangulation::<_>::try_bulk_load_cdt(positions, edges, |_| {
                crossing = true
            });
        let triangles = found.ok().filter(|found| !crossing && found.num_inner_faces() > 0)?;

        // From the outside inwards, every ring that is passed changes sides.
        let mut inside: Vec<Option<bool>> = vec![None; triangles.num_all_faces()];
        inside[triangles.outer_face().index()] = Some(false);
        let mut waiting: Vec<_> = triangles.convex_hull().map(|edge| edge.rev()).collect();
        let mut numbers = vec![None; inside.len()];
        // `edge` belongs to the face to be told; its other side is known.
        while let Some(edge) = waiting.pop() {
            let face = edge.face();
            if inside[face.index()].is_none() {
                let beyond = inside[edge.rev().face().index()];
                inside[face.index()] =
                    beyond.map(|beyond| beyond != edge.as_undirected().is_constraint_edge());
                waiting.extend(
                    face.as_inner()
                        .into_iter()
                        .flat_map(|face| face.adjacent_edges())
                        .map(|e| e.rev()),
                );
            }
        }
        let mut kept = vec![];
        for face in triangles.inner_faces().filter(|face| inside[face.index()] == Some(true)) {
            numbers[face.index()] = Some(kept.len());
            kept.push(face);
        }
        let at = |p: Point2<f64>| coord! { x: p.x, y: p.y };
        let neighbour = |edge: spade::handles::DirectedEdgeHandle<'_, Point2<f64>, _, _, _>| {
            let is_rim = edge.as_undirected().is_constraint_edge();
            if is_rim { None } else { numbers[edge.rev().face().index()] }
        };
        let corners: Vec<_> = kept.iter().map(|face| face.positions().map(at)).collect();
        let across = kept.iter().map(|face| face.adjacent_edges().map(neighbour)).collect();
        (!corners.is_empty()).then_some(Self { corners, across })
    }

    /// Number of triangles.
    pub(crate) fn len(&self) -> usize {
        self.corners.len()
    }

    /// The triangle across a side; none across the rim of the mask.
    pub(crate) fn across(&self, triangle: usize, side: usize) -> Option<usize> {
        self.across[triangle][side]
    }

    /// The side of a triangle that it shares with another.
    pub(crate) fn side_towards(&self, triangle: usize, other: usize) -> usize {
        self.across[triangle]
            .iter()
            .position(|across| *across == Some(other))
            .expect("neighbours know each other")
    }

    /// The middle of a side.
    pub(crate) fn middle(&self, triangle: usize, side: usize) -> Coord {
        (self.corners[triangle][side] + self.corners[triangle][(side + 1) % 3]) / 2.0
    }

    /// The corner that a side does not touch.
    pub(crate) fn tip(&self, triangle: usize, side: usize) -> Coord {
        self.corners[triangle][(side + 2) % 3]
    }

    /// Length of a side.
    pub(crate) fn length(&self, triangle: usize, side: usize) -> f64 {
        distance(self.corners[triangle][side], self.corners[triangle][(side + 1) % 3])
    }

    /// Length of the shortest side of a triangle: about the width of the mask there.
    pub(crate) fn shortest_side(&self, triangle: usize) -> f64 {
        (0..3).map(|side| self.length(triangle, side)).fold(f64::INFINITY, f64::min)
    }

    /// Centre of gravity.
    pub(crate) fn centre(&self, triangle: usize) -> Coord {
        let [a, b, c] = self.corners[triangle];
        (a + b + c) / 3.0
    }

    /// Area.
    pub(crate) fn area(&self, triangle: usize) -> f64 {
        let [a, b, c] = self.corners[triangle];
        cross(b - a, c - a).abs() / 2.0
    }

    /// Mean width of the mask: of a long strip the rim is twice its length.
    pub(crate) fn mean_width(&self) -> f64 {
        let area: f64 = (0..self.len()).map(|triangle| self.area(triangle)).sum();
        let sides = (0..self.len()).flat_map(|triangle| (0..3).map(move |side| (triangle, side)));
        let on_rim = sides.filter(|&(triangle, side)| self.across(triangle, side).is_none());
        let rim: f64 = on_rim.map(|(triangle, side)| self.length(triangle, side)).sum();
        2.0 * area / rim
    }

    /// Where a ray from within a triangle leaves the mask.
    pub(crate) fn leave(&self, mut triangle: usize, from: Coord, ahead: Coord) -> Option<Coord> {
        let is_left = |at: Coord| cross(ahead, at - from) > 0.0;
        // No straight line passes a triangle twice.
        for _ in 0..self.len() {
            let corners = self.corners[triangle];
            let side =
                (0..3).find(|&side| !is_left(corners[side]) && is_left(corners[(side + 1) % 3]))?;
            match self.across[triangle][side] {
                Some(next) => triangle = next,
                None => {
                    let (right, left) = (corners[side], corners[(side + 1) % 3]);
                    let (r, l) = (-cross(ahead, right - from), cross(ahead, left - from));
                    return Some(right + (left - right) * (r / (r + l)));
                }
            }
        }
        None
    }
}

/// Distance of two positions.
pub(crate) fn distance(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// Twice the signed area of the triangle that two vectors span.
pub(crate) fn cross(a: Coord, b: Coord) -> f64 {
    a.x * b.y - a.y * b.x
}
