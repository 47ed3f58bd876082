//! Lines on the ground that no one drew by the ruler.

use crate::angle::{dot, length, right_of, sin_cos};
use crate::random::{octaves, rise};
use geo::{ConvexHull, Coord, MultiPoint, Point, Polygon, coord};

/// A line on the ground: where it runs, how wide it is there, and how its ends fade.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    vertices: Vec<Vertex>,
}

#[derive(Debug, Clone, Copy)]
struct Vertex {
    at: Coord,
    along_m: f64,
    /// Factor on everything across the line.
    wide: f64,
    /// Factor on everything that is high or deep.
    full: f64,
}

/// How a path departs from the ruler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// How far the width varies, share.
    pub(crate) spread: f64,
    /// Over what length each end runs out, metres; 0 where it meets another work.
    pub(crate) fade_m: [f64; 2],
    /// How much of it has fallen in here and there, 0 to 1.
    pub(crate) fallen: f64,
    pub(crate) seed: u64,
}

/// A place seen from a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset {
    /// Distance from the line, negative on its left.
    pub(crate) across_m: f64,
    pub(crate) wide: f64,
    pub(crate) full: f64,
}

impl Form {
    /// By the ruler, from end to end.
    pub(crate) const EVEN: Self = Self { spread: 0.0, fade_m: [0.0; 2], fallen: 0.0, seed: 0 };
}

impl Path {
    /// Distance of vertices where the width varies, metres.
    const STEP_M: f64 = 2.5;

    /// A path along a line of two points or more.
    pub(crate) fn new(line: &[Coord], form: Form) -> Self {
        let total_m: f64 = line.windows(2).map(|ends| length(ends[1] - ends[0])).sum();
        let step_m = if form.spread + form.fallen > 0.0 || form.fade_m != [0.0; 2] {
            Self::STEP_M
        } else {
            f64::INFINITY
        };
        let vertex = |at: Coord, along_m: f64| {
            let run = |from_m: f64, fade_m: f64| {
                if fade_m > 0.0 { (from_m / fade_m).min(1.0) } else { 1.0 }
            };
            let full = 0.12
                + 0.88
                    * run(along_m, form.fade_m[0])
                        .min(run(total_m - along_m, form.fade_m[1]))
                        .max(0.0);
            let sway = f64::from(octaves(form.seed, along_m / 7.0, 0.5, 2) - 0.5) * 3.2;
            let wide = 1.0 + form.spread * sway.clamp(-1.0, 1.0);
            let fallen = rise(0.52, 0.68, octaves(form.seed ^ 1, along_m / 13.0, 0.5, 2));
            Vertex {
                at,
                along_m,
                wide: wide * (0.5 + 0.5 * full),
                full: full * (1.0 - form.fallen * f64::from(fallen)),
            }
        };
        let mut vertices = vec![vertex(line[0], 0.0)];
        let mut along_m = 0.0;
        for ends in line.windows(2) {
            let edge_m = length(ends[1] - ends[0]);
            let parts = (edge_m / step_m).ceil().max(1.0) as usize;
            for part in 1..=parts {
                let share = part as f64 / parts as f64;
                vertices
                    .push(vertex(ends[0] + (ends[1] - ends[0]) * share, along_m + edge_m * share));
            }
            along_m += edge_m;
        }
        Self { vertices }
    }

    /// Makes it wider about a place along it.
    pub(crate) fn widen(&mut self, along_m: f64, reach_m: f64, by: f64) {
        for vertex in
            self.vertices.iter_mut().filter(|vertex| (vertex.along_m - along_m).abs() <= reach_m)
        {
            vertex.wide *= by;
        }
    }

    pub(crate) fn length_m(&self) -> f64 {
        self.vertices[self.vertices.len() - 1].along_m
    }

    /// Mean factor on the width.
    pub(crate) fn mean_wide(&self) -> f64 {
        self.vertices.iter().map(|vertex| vertex.wide).sum::<f64>() / self.vertices.len() as f64
    }

    pub(crate) fn line(&self) -> Vec<Coord> {
        self.vertices.iter().map(|vertex| vertex.at).collect()
    }

    /// The place at a distance along it, and the direction there.
    pub(crate) fn place(&self, along_m: f64) -> (Coord, Coord) {
        let after =
            self.vertices.iter().position(|vertex| vertex.along_m >= along_m).unwrap_or(1).max(1);
        let [from, to] = [self.vertices[after - 1], self.vertices[after]];
        let edge_m = (to.along_m - from.along_m).max(1e-6);
        let along = (to.at - from.at) / edge_m;
        (from.at + along * (along_m - from.along_m).clamp(0.0, edge_m), along)
    }

    /// Number of its straight parts.
    pub(crate) fn parts(&self) -> usize {
        self.vertices.len() - 1
    }

    /// Box around a part, grown by `reach_m` times the width there.
    pub(crate) fn bounds(&self, part: usize, reach_m: f64) -> [Coord; 2] {
        let [from, to] = [self.vertices[part], self.vertices[part + 1]];
        let grown = reach_m * from.wide.max(to.wide);
        let low = coord! { x: from.at.x.min(to.at.x) - grown, y: from.at.y.min(to.at.y) - grown };
        let high = coord! { x: from.at.x.max(to.at.x) + grown, y: from.at.y.max(to.at.y) + grown };
        [low, high]
    }

    /// A place as one of its parts sees it.
    pub(crate) fn offset(&self, part: usize, at: Coord) -> Offset {
        let [from, to] = [&self.vertices[part], &self.vertices[part + 1]];
        let (edge, off) = (to.at - from.at, at - from.at);
        let share = (dot(off, edge) / dot(edge, edge).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let away_m = length(off - edge * share);
        let on_right = off.y * edge.x - off.x * edge.y > 0.0;
        Offset {
            across_m: if on_right { away_m } else { -away_m },
            wide: from.wide + (to.wide - from.wide) * share,
            full: from.full + (to.full - from.full) * share,
        }
    }

    /// Convex polygons that together cover it as far as it reaches to the left and to the right.
    pub(crate) fn cover(&self, reach_m: [f64; 2]) -> Vec<Polygon> {
        let (shift_m, radius_m) =
            ((reach_m[1] - reach_m[0]) / 2.0, (reach_m[0] + reach_m[1]) / 2.0);
        self.vertices
            .windows(2)
            .map(|ends| {
                let edge = ends[1].at - ends[0].at;
                let right = right_of(edge) / length(edge).max(1e-9);
                let points = ends.iter().flat_map(|end| {
                    let centre = end.at + right * (shift_m * end.wide);
                    circle(centre, radius_m * end.wide, 16)
                });
                MultiPoint::from_iter(points.map(Point::from)).convex_hull()
            })
            .collect()
    }
}

/// Points around a circle, evenly.
pub(crate) fn circle(centre: Coord, radius_m: f64, count: usize) -> impl Iterator<Item = Coord> {
    (0..count).map(move |index| {
        let (sin, cos) = sin_cos(360.0 * index as f64 / count as f64);
        centre + coord! { x: cos * radius_m, y: sin * radius_m }
    })
}
