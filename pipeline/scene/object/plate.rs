//! A solid over an outline: wings, leaves, stones, sheet metal.

use crate::object::frame::{Frame, Space, unit};

/// What a plate is made from.
pub(crate) type Knobs = [f64; 4];

/// A solid over an outline of its plane, millimetres.
#[derive(Debug, Clone)]
pub(crate) struct Plate {
    outline: Vec<[f64; 2]>,
    /// Height of its top at (x, y), `depth` from the outline.
    top: fn(&Knobs, x: f64, y: f64, depth: f64) -> f64,
    knobs: Knobs,
    reach: f64,
}

impl Plate {
    pub(crate) fn new(
        outline: Vec<[f64; 2]>,
        top: fn(&Knobs, f64, f64, f64) -> f64,
        knobs: Knobs,
    ) -> Self {
        let plan = outline.iter().map(|[x, y]| (x * x + y * y).sqrt()).fold(0.0, f64::max);
        let tall = outline
            .iter()
            .map(|[x, y]| top(&knobs, *x, *y, 0.0))
            .fold(top(&knobs, 0.0, 0.0, plan / 2.0), f64::max);
        Self { outline, top, knobs, reach: (plan * plan + tall * tall).sqrt() }
    }

    pub(crate) fn reach(&self) -> f64 {
        self.reach
    }

    /// Height above `from` along `up` at which the top is met, and its normal.
    pub(crate) fn under(&self, from: Space, up: Space) -> Option<(f64, Space)> {
        // A plate on its edge shows no face.
        if up[2] < 0.3 {
            return None;
        }
        // A level plate is met at once; the top of a tilted one is found by stepping to it.
        let steps = if up[2] > 0.9999 { 1 } else { 4 };
        let (mut height, mut at, mut depth) = (-from[2] / up[2], [0.0; 2], -1.0);
        for step in 0..steps {
            at = [from[0] + up[0] * height, from[1] + up[1] * height];
            depth = self.depth(at);
            if depth < 0.0 && step + 1 == steps {
                return None;
            }
            height = ((self.top)(&self.knobs, at[0], at[1], depth.max(0.0)) - from[2]) / up[2];
        }
        const STEP: f64 = 0.8;
        let top = |x: f64, y: f64| (self.top)(&self.knobs, x, y, self.depth([x, y]).max(0.0));
        let here = (self.top)(&self.knobs, at[0], at[1], depth);
        let slope =
            [(top(at[0] + STEP, at[1]) - here) / STEP, (top(at[0], at[1] + STEP) - here) / STEP];
        Some((height, unit([-slope[0], -slope[1], 1.0])))
    }

    pub(crate) fn span(&self, frame: &Frame) -> [f64; 2] {
        let middle = frame.place([
            0.0,
            0.0,
            (self.top)(&self.knobs, 0.0, 0.0, self.depth([0.0, 0.0]).max(0.0)),
        ])[2];
        self.outline.iter().fold([frame.at[2], middle], |[low, high], [x, y]| {
            let [foot, top] =
                [0.0, (self.top)(&self.knobs, *x, *y, 0.0)].map(|z| frame.place([*x, *y, z])[2]);
            [low.min(foot), high.max(top)]
        })
    }

    /// Distance inside the outline; negative outside.
    fn depth(&self, [x, y]: [f64; 2]) -> f64 {
        let (mut square, mut inside) = (f64::INFINITY, false);
        let mut from = self.outline[self.outline.len() - 1];
        for &to in &self.outline {
            let (edge, off) = ([to[0] - from[0], to[1] - from[1]], [x - from[0], y - from[1]]);
            let length = edge[0] * edge[0] + edge[1] * edge[1];
            let t = ((off[0] * edge[0] + off[1] * edge[1]) / length.max(f64::MIN_POSITIVE))
                .clamp(0.0, 1.0);
            let away = [edge[0] * t - off[0], edge[1] * t - off[1]];
            square = square.min(away[0] * away[0] + away[1] * away[1]);
            if (from[1] > y) != (to[1] > y) && x < from[0] + edge[0] * (y - from[1]) / edge[1] {
                inside = !inside;
            }
            from = to;
        }
        if inside { square.sqrt() } else { -square.sqrt() }
    }
}
