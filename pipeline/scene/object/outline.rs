//! The exact outline of what shows of a body.

use crate::object::body::Body;
use std::collections::BTreeMap;

/// Nodes along the longer side of the lattice on which the outline is sought.
const NODES: f64 = 64.0;
/// A point this near to the line between its neighbours is left out, in lattice steps.
const STRAIGHT: f64 = 0.06;

/// Outline of the largest piece that shows (millimetres), and the share of the object's whole plan
/// that shows and nothing lies over. `None` where nothing shows.
pub(crate) fn outline(body: &Body) -> Option<(Vec<[f64; 2]>, f64)> {
    let [low, high] = body.plan(false);
    let step = (high[0] - low[0]).max(high[1] - low[1]) / NODES;
    let count = |axis: usize| ((high[axis] - low[axis]) / step) as usize + 3;
    let (cols, rows) = (count(0), count(1));
    let node = |col: usize, row: usize| {
        [low[0] + (col as f64 - 1.0) * step, low[1] + (row as f64 - 1.0) * step]
    };
    let shows = |[x, y]: [f64; 2]| body.bare(x, y).is_some();
    let mut bare = vec![false; cols * rows];
    let (mut whole, mut seen) = (0u32, 0u32);
    // The outermost nodes lie outside, so that every line closes.
    for row in 1..rows - 1 {
        for col in 1..cols - 1 {
            let at = node(col, row);
            let Some(sight) = body.whole(at[0], at[1]) else { continue };
            whole += 1;
            bare[row * cols + col] = body.stands_out(at, &sight);
            let shows = bare[row * cols + col];
            seen += u32::from(
                shows
                    && !(body.is_strewn()
                        && body.seen(at[0], at[1]).is_some_and(|sight| sight.cover)),
            );
        }
    }
    // Between two nodes, the exact place where it begins: found by halving.
    let crossing = |inside: [f64; 2], outside: [f64; 2]| {
        let (mut inside, mut outside) = (inside, outside);
        for _ in 0..5 {
            let middle = [(inside[0] + outside[0]) / 2.0, (inside[1] + outside[1]) / 2.0];
            if shows(middle) { inside = middle } else { outside = middle }
        }
        inside
    };
    // Each square of the lattice joins the crossings on its sides, the body to the left.
    let mut next: BTreeMap<[usize; 3], [usize; 3]> = BTreeMap::new();
    let mut points: BTreeMap<[usize; 3], [f64; 2]> = BTreeMap::new();
    for row in 0..rows - 1 {
        for col in 0..cols - 1 {
            let corners = [[col, row], [col + 1, row], [col + 1, row + 1], [col, row + 1]];
            let inside = corners.map(|[col, row]| bare[row * cols + col]);
            let sides = [[col, row, 0], [col + 1, row, 1], [col, row + 1, 0], [col, row, 1]];
            for leaving in (0..4).filter(|side| inside[*side] && !inside[(side + 1) % 4]) {
                // The line enters where, going back around, the inside began.
                let entering = (1..4)
                    .map(|back| (leaving + 4 - back) % 4)
                    .find(|side| !inside[*side] && inside[(side + 1) % 4]);
                let Some(entering) = entering else { continue };
                next.insert(sides[leaving], sides[entering]);
                for (side, from, to) in [
                    (leaving, leaving, (leaving + 1) % 4),
                    (entering, (entering + 1) % 4, entering),
                ] {
                    let [inner, outer] =
                        [corners[from], corners[to]].map(|[col, row]| node(col, row));
                    points.entry(sides[side]).or_insert_with(|| crossing(inner, outer));
                }
            }
        }
    }
    let mut largest: (f64, Vec<[f64; 2]>) = (0.0, vec![]);
    while let Some((first, mut to)) = next.pop_first() {
        let mut ring = vec![points[&first]];
        while to != first {
            ring.push(points[&to]);
            let Some(further) = next.remove(&to) else { break };
            to = further;
        }
        let size = area(&ring);
        if size > largest.0 {
            largest = (size, ring);
        }
    }
    let ring = straightened(largest.1, step * STRAIGHT);
    (ring.len() > 2).then(|| (ring, f64::from(seen) / f64::from(whole.max(1))))
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
