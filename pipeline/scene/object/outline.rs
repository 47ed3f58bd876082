//! The exact outline of what shows of a body.

use crate::object::body::Body;
use std::collections::BTreeMap;

/// Nodes along the longer side of the lattice on which the outline is sought.
const NODES: f64 = 64.0;
/// A point this near to the line between its neighbours is left out, in lattice steps.
const STRAIGHT: f64 = 0.06;

/// Outline of the largest part that shows (millimetres), and the share of the object's whole plan
/// that shows and nothing lies over. `None` where nothing shows.
pub(crate) fn outline(body: &Body) -> Option<(Vec<[f64; 2]>, f64)> {
    let lattice = Lattice::over(body);
    let (bare, visibility) = lattice.bare(body);
    let largest = largest_ring(lattice.sides(body, &bare));
    let ring = straightened(largest, lattice.step * STRAIGHT);
    (ring.len() > 2).then_some((ring, visibility))
}

/// Nodes over a body. The outermost lie outside, so that every line closes.
struct Lattice {
    low: [f64; 2],
    step: f64,
    cols: usize,
    rows: usize,
}

/// A side of a square of the lattice: column and row of its first node, and 0 along or 1 across.
type Side = [usize; 3];

/// Sides that the outline crosses: from each the next one, the body to the left, and where.
#[derive(Default)]
struct Crossings {
    next: BTreeMap<Side, Side>,
    places: BTreeMap<Side, [f64; 2]>,
}

impl Lattice {
    fn over(body: &Body) -> Self {
        let [low, high] = body.plan(false);
        let step = (high[0] - low[0]).max(high[1] - low[1]) / NODES;
        let count = |axis: usize| ((high[axis] - low[axis]) / step) as usize + 3;
        Self { low, step, cols: count(0), rows: count(1) }
    }

    fn node(&self, [col, row]: [usize; 2]) -> [f64; 2] {
        [self.low[0] + (col as f64 - 1.0) * self.step, self.low[1] + (row as f64 - 1.0) * self.step]
    }

    /// At which nodes the body shows above the ground, and the share of its whole plan that shows
    /// and nothing lies over.
    fn bare(&self, body: &Body) -> (Vec<bool>, f64) {
        let mut bare = vec![false; self.cols * self.rows];
        let (mut whole, mut visible) = (0u32, 0u32);
        for row in 1..self.rows - 1 {
            for col in 1..self.cols - 1 {
                let at = self.node([col, row]);
                let Some(top) = body.whole(at[0], at[1]) else { continue };
                whole += 1;
                let shows = body.stands_out(at, &top);
                bare[row * self.cols + col] = shows;
                let is_covered =
                    || body.is_strewn() && body.seen(at[0], at[1]).is_some_and(|top| top.cover);
                visible += u32::from(shows && !is_covered());
            }
        }
        (bare, f64::from(visible) / f64::from(whole.max(1)))
    }

    /// Each square of the lattice joins the crossings on its sides, the body to the left.
    fn sides(&self, body: &Body, bare: &[bool]) -> Crossings {
        let mut crossings = Crossings::default();
        for row in 0..self.rows - 1 {
            for col in 0..self.cols - 1 {
                let corners = [[col, row], [col + 1, row], [col + 1, row + 1], [col, row + 1]];
                let inside = corners.map(|[col, row]| bare[row * self.cols + col]);
                let sides = [[col, row, 0], [col + 1, row, 1], [col, row + 1, 0], [col, row, 1]];
                for leaving in (0..4).filter(|side| inside[*side] && !inside[(side + 1) % 4]) {
                    // The line enters where, going back around, the inside began.
                    let entering = (1..4)
                        .map(|back| (leaving + 4 - back) % 4)
                        .find(|side| !inside[*side] && inside[(side + 1) % 4]);
                    let Some(entering) = entering else { continue };
                    crossings.next.insert(sides[leaving], sides[entering]);
                    for (side, from, to) in [
                        (leaving, leaving, (leaving + 1) % 4),
                        (entering, (entering + 1) % 4, entering),
                    ] {
                        let [inner, outer] = [corners[from], corners[to]].map(|at| self.node(at));
                        let place = || crossing(body, inner, outer);
                        crossings.places.entry(sides[side]).or_insert_with(place);
                    }
                }
            }
        }
        crossings
    }
}

/// Between two nodes, the exact place where the body begins: found by halving.
fn crossing(body: &Body, mut inside: [f64; 2], mut outside: [f64; 2]) -> [f64; 2] {
    for _ in 0..5 {
        let middle = [(inside[0] + outside[0]) / 2.0, (inside[1] + outside[1]) / 2.0];
        if body.bare(middle[0], middle[1]).is_some() { inside = middle } else { outside = middle }
    }
    inside
}

/// Of the rings that the crossings form, the one of the largest area.
fn largest_ring(Crossings { mut next, places }: Crossings) -> Vec<[f64; 2]> {
    let mut largest: (f64, Vec<[f64; 2]>) = (0.0, vec![]);
    while let Some((first, mut to)) = next.pop_first() {
        let mut ring = vec![places[&first]];
        while to != first {
            ring.push(places[&to]);
            let Some(further) = next.remove(&to) else { break };
            to = further;
        }
        let size = area(&ring);
        if size > largest.0 {
            largest = (size, ring);
        }
    }
    largest.1
}

fn area(ring: &[[f64; 2]]) -> f64 {
    let last = ring[ring.len() - 1];
    let twice = ring
        .iter()
        .fold((0.0, last), |(sum, from), to| (sum + from[0] * to[1] - to[0] * from[1], *to))
        .0;
    (twice / 2.0).abs()
}

/// Without the points that lie on the line between their neighbours.
fn straightened(ring: Vec<[f64; 2]>, tolerance: f64) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = vec![];
    for (index, at) in ring.iter().enumerate() {
        let to = ring[(index + 1) % ring.len()];
        if let Some(from) = kept.last() {
            let (way, off) =
                ([to[0] - from[0], to[1] - from[1]], [at[0] - from[0], at[1] - from[1]]);
            let across = (way[0] * off[1] - way[1] * off[0]).abs();
            if across < tolerance * (way[0] * way[0] + way[1] * way[1]).sqrt() {
                continue;
            }
        }
        kept.push(*at);
    }
    kept
}
