//! The union of pixel rectangles, exactly along pixel edges.
//!
//! A sweep of its own rather than `geo::unary_union`, because that one snaps coordinates to a
//! 32-bit lattice, so that seams come back moved, and because the sweep gives which boxes hang
//! together for nothing.

use crate::rings::{Corners, Direction};
use geo::{MultiPolygon, Polygon};
use rams_domain::{DisjointSets, PxBox};

/// The union of boxes in mosaic pixels, holes kept, every corner a corner of a box.
///
/// Boxes that share part of an edge become one polygon; boxes that only touch at a corner stay
/// two. The result is valid and counter-clockwise as `geo` counts it (y upwards): orient it again
/// once it is placed on the ground. Boxes without area or with a coordinate that is not a number
/// have no outline and are left out.
///
/// ```
/// use geo::Area;
/// use rams_domain::PxBox;
/// use rams_trace::outline;
///
/// let px = |x0, y0, x1, y1| PxBox { x0, y0, x1, y1 };
/// // Two tiles' boxes that share an edge, and one that touches only their corner.
/// let union =
///     outline(&[px(0.0, 0.0, 4.0, 2.0), px(4.0, 0.0, 6.0, 2.0), px(6.0, 2.0, 7.0, 3.0)]);
/// assert_eq!(union.0.len(), 2);
/// assert_eq!(union.unsigned_area(), 12.0 + 1.0);
/// ```
pub fn outline(boxes: &[PxBox]) -> MultiPolygon {
    MultiPolygon(components(boxes).into_iter().map(|component| component.outline).collect())
}

/// Boxes that hang together by their edges.
pub(crate) struct Component {
    /// Their union.
    pub(crate) outline: Polygon,
    /// Their indices, ascending.
    pub(crate) members: Vec<usize>,
}

/// A stretch of one horizontal strip that is covered without a break.
struct Run {
    x0: f64,
    x1: f64,
    label: u32,
    /// Corners at which its left and right edge began.
    left: u32,
    right: u32,
}

/// The connected components of some boxes, in the order of their first box from the top.
///
/// Horizontal strips between consecutive box edges are swept downwards. In each strip the boxes
/// merge into runs; runs of consecutive strips that overlap belong together, and where they do
/// not coincide lies a horizontal piece of the outline. Cost: boxes times the strips each spans.
pub(crate) fn components(boxes: &[PxBox]) -> Vec<Component> {
    let has_area = |b: &PxBox| {
        b.x0 < b.x1 && b.y0 < b.y1 && [b.x0, b.y0, b.x1, b.y1].iter().all(|v| v.is_finite())
    };
    let mut order: Vec<usize> = (0..boxes.len()).filter(|&i| has_area(&boxes[i])).collect();
    order.sort_by(|&a, &b| {
        boxes[a].y0.total_cmp(&boxes[b].y0).then(boxes[a].x0.total_cmp(&boxes[b].x0))
    });
    let mut edges: Vec<f64> = order.iter().flat_map(|&i| [boxes[i].y0, boxes[i].y1]).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();

    let mut sweep = Sweep { corners: Corners::default(), labels: DisjointSets::default() };
    let mut label_of_box = vec![u32::MAX; boxes.len()];
    let mut waiting = order.iter().copied().peekable();
    let mut active: Vec<usize> = vec![];
    let mut above: Vec<Run> = vec![];
    for &y in &edges {
        active.retain(|&i| boxes[i].y1 > y);
        let old = active.len();
        while let Some(i) = waiting.next_if(|&i| boxes[i].y0 <= y) {
            active.push(i);
        }
        // Stable sort of two sorted runs: linear.
        active.sort_by(|&a, &b| boxes[a].x0.total_cmp(&boxes[b].x0));
        let mut runs = sweep.runs(active.iter().map(|&i| (boxes[i].x0, boxes[i].x1)), &above);
        if old < active.len() {
            label_boxes(boxes, &active, &runs, &mut label_of_box);
        }
        sweep.line(y, &above, &mut runs);
        above = runs;
    }
    sweep.collect(&order, &label_of_box)
}

struct Sweep {
    corners: Corners,
    /// Labels of runs that are one. The older label wins, so that labels, and with them components,
    /// keep the order of the sweep.
    labels: DisjointSets,
}

impl Sweep {
    /// Merges the spans of a strip, sorted by their start, and labels the runs by those above.
    fn runs(&mut self, spans: impl Iterator<Item = (f64, f64)>, above: &[Run]) -> Vec<Run> {
        let mut runs: Vec<Run> = vec![];
        for (x0, x1) in spans {
            match runs.last_mut() {
                Some(last) if x0 <= last.x1 => last.x1 = last.x1.max(x1),
                _ => runs.push(Run { x0, x1, label: u32::MAX, left: 0, right: 0 }),
            }
        }
        let mut first = 0;
        for run in &mut runs {
            while first < above.len() && above[first].x1 <= run.x0 {
                first += 1;
            }
            for upper in above[first..].iter().take_while(|upper| upper.x0 < run.x1) {
                if run.label == u32::MAX {
                    run.label = upper.label;
                } else {
                    self.labels.join(run.label as usize, upper.label as usize);
                }
            }
            if run.label == u32::MAX {
                run.label = self.labels.add() as u32;
            }
        }
        runs
    }

    /// Sets the corners along the line between two strips.
    fn line(&mut self, y: f64, above: &[Run], below: &mut [Run]) {
        let (mut up, mut down) = (0, 0);
        let mut previous: Option<u32> = None;
        // Run ends, in order: even numbers are left ends, odd ones right ends.
        let end = |runs: &[Run], at: usize| {
            runs.get(at / 2).map(|run| if at % 2 == 1 { run.x1 } else { run.x0 })
        };
        loop {
            let (x_up, x_down) = (end(above, up), end(below, down));
            let x = match (x_up, x_down) {
                (None, None) => break,
                (Some(a), Some(b)) => a.min(b),
                (Some(a), None) | (None, Some(a)) => a,
            };
            let (ends, starts) = (x_up == Some(x), x_down == Some(x));
            // Covered above, covered below, just left of x.
            let (in_above, in_below) = (up % 2 == 1, down % 2 == 1);
            if ends && starts && in_above == in_below {
                let (from, to) = (&above[up / 2], &mut below[down / 2]);
                if in_above { to.right = from.right } else { to.left = from.left }
            } else {
                let corner = self.corners.add(x, y);
                if in_above != in_below {
                    let left =
                        previous.expect("an odd number of ends lies left of here on this line");
                    if in_below {
                        self.corners.link(left, Direction::Right, corner, below[down / 2].label);
                    } else {
                        self.corners.link(corner, Direction::Left, left, above[up / 2].label);
                    }
                }
                if ends {
                    let run = &above[up / 2];
                    if in_above {
                        self.corners.link(run.right, Direction::Down, corner, run.label);
                    } else {
                        self.corners.link(corner, Direction::Up, run.left, run.label);
                    }
                }
                if starts {
                    let run = &mut below[down / 2];
                    if in_below { run.right = corner } else { run.left = corner }
                }
                previous = Some(corner);
            }
            up += usize::from(ends);
            down += usize::from(starts);
        }
    }

    fn collect(self, order: &[usize], label_of_box: &[u32]) -> Vec<Component> {
        let roots = self.labels.firsts();
        let mut number = vec![usize::MAX; roots.len()];
        let mut members: Vec<Vec<usize>> = vec![];
        for &i in order {
            let root = roots[label_of_box[i] as usize];
            if number[root] == usize::MAX {
                number[root] = members.len();
                members.push(vec![]);
            }
            members[number[root]].push(i);
        }
        let component = |label: u32| number[roots[label as usize]];
        let outlines = self.corners.polygons(members.len(), component);
        let with_members = |(outline, mut members): (Polygon, Vec<usize>)| {
            members.sort_unstable();
            Component { outline, members }
        };
        outlines.into_iter().zip(members).map(with_members).collect()
    }
}

/// Gives each active box that has none yet the label of the run it lies in.
fn label_boxes(boxes: &[PxBox], active: &[usize], runs: &[Run], label_of_box: &mut [u32]) {
    let mut at = 0;
    for &i in active {
        while runs[at].x1 <= boxes[i].x0 {
            at += 1;
        }
        if label_of_box[i] == u32::MAX {
            label_of_box[i] = runs[at].label;
        }
    }
}
