//! From corners that know their neighbours to polygons with holes.

use geo::{Area, Coord, LineString, Polygon, coord};
use std::collections::HashMap;

/// Direction of an edge, y downwards as in pixels; the covered side lies at its left hand if y is
/// drawn upwards, which is how `geo` counts orientation.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    Right = 0,
    Down = 1,
    Left = 2,
    Up = 3,
}

const NONE: u32 = u32::MAX;

/// The corners of a union of boxes, linked along its edges.
#[derive(Default)]
pub(crate) struct Corners {
    at: Vec<Coord>,
    /// The corner reached from each corner in each direction.
    next: Vec<[u32; 4]>,
    /// The label of the area beside that edge.
    label: Vec<[u32; 4]>,
    /// Whether a ring has passed along that edge.
    passed: Vec<[bool; 4]>,
}

impl Corners {
    /// Adds a corner.
    pub(crate) fn add(&mut self, x: f64, y: f64) -> u32 {
        self.at.push(coord! { x: x, y: y });
        self.next.push([NONE; 4]);
        self.label.push([NONE; 4]);
        self.passed.push([false; 4]);
        (self.at.len() - 1) as u32
    }

    /// Adds an edge.
    pub(crate) fn link(&mut self, from: u32, direction: Direction, to: u32, label: u32) {
        self.next[from as usize][direction as usize] = to;
        self.label[from as usize][direction as usize] = label;
    }

    /// The polygons of `count` components: one each, with its holes.
    pub(crate) fn polygons(
        mut self,
        count: usize,
        component: impl Fn(u32) -> usize,
    ) -> Vec<Polygon> {
        let mut rings: Vec<(Option<LineString>, Vec<LineString>)> = vec![(None, vec![]); count];
        for start in 0..self.at.len() {
            for direction in 0..4 {
                if self.next[start][direction] == NONE || self.passed[start][direction] {
                    continue;
                }
                let (exterior, holes) = &mut rings[component(self.label[start][direction])];
                for ring in self.walk(start, direction) {
                    let ring = self.ring(&ring);
                    // Counter-clockwise goes round the component, clockwise round a hole.
                    if Polygon::new(ring.clone(), vec![]).signed_area() > 0.0 {
                        debug_assert!(exterior.is_none(), "a component has one exterior");
                        *exterior = Some(ring);
                    } else {
                        holes.push(ring);
                    }
                }
            }
        }
        let polygon = |(exterior, holes): (Option<LineString>, Vec<LineString>)| {
            Polygon::new(exterior.unwrap_or_else(|| LineString::new(vec![])), holes)
        };
        rings.into_iter().map(polygon).collect()
    }

    /// Follows the edges round, using each up, and cuts the way into loops that pass no corner
    /// twice.
    ///
    /// Where four edges meet, two boxes touch at a corner: turning left stays with the same box,
    /// so that two components never share a ring. If both boxes belong to one component, the way
    /// comes back to that corner, and the loop since is a ring of its own, as the simple-features
    /// standard asks: an exterior and a hole may touch at a point, a ring may not touch itself.
    fn walk(&mut self, start: usize, direction: usize) -> Vec<Vec<u32>> {
        let mut loops = vec![];
        let mut path: Vec<u32> = vec![];
        let mut place: HashMap<u32, usize> = HashMap::new();
        let (mut corner, mut direction) = (start as u32, direction);
        loop {
            if let Some(&since) = place.get(&corner) {
                let round = path.split_off(since);
                for passed in &round {
                    place.remove(passed);
                }
                loops.push(round);
            }
            let at = corner as usize;
            if std::mem::replace(&mut self.passed[at][direction], true) {
                break;
            }
            place.insert(corner, path.len());
            path.push(corner);
            corner = self.next[at][direction];
            let (left, right) = ((direction + 1) % 4, (direction + 3) % 4);
            direction = if self.next[corner as usize][left] != NONE { left } else { right };
        }
        loops
    }

    fn ring(&self, corners: &[u32]) -> LineString {
        let mut ring: Vec<Coord> = corners.iter().map(|&corner| self.at[corner as usize]).collect();
        ring.push(ring[0]);
        LineString::new(ring)
    }
}
