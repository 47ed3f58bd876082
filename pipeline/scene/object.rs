//! What lies on the ground: outward shape, size and colour, as anyone sees them from above.

mod body;
mod carrier;
mod circle;
mod cover;
mod frame;
mod kind;
mod litter;
mod natural;
mod outline;
mod pfm;
mod plate;
mod round;
mod skin;
mod solid;
mod submunition;
#[cfg(test)]
mod tests;
mod upright;

pub(crate) use body::Body;
pub(crate) use kind::ObjectKind;

use crate::random::Dice;
use geo::{Coord, coord};
use skin::Wear;

/// An object at its place. Its body is built anew whenever it is painted, so that it takes little
/// memory.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) kind: ObjectKind,
    /// Its middle, scene metres.
    pub(crate) centre: Coord,
    /// Unit vector of its long axis, scene axes.
    pub(crate) axis: Coord,
    /// Exact outline of what shows above the ground, about its middle, metres along and across the
    /// axis; a box for what has no truth. Leaves and grass over it are not taken off.
    pub(crate) outline: Vec<Coord>,
    /// Radius of the circle about its middle that holds it and what lies over it.
    pub(crate) radius_m: f64,
    /// Height above the ground, metres.
    pub(crate) height_m: f64,
    /// Share of its whole plan that shows: neither sunk nor covered.
    pub(crate) visibility: f64,
    seed: u64,
    /// Share of the drawn depth to which it is sunk.
    sunk: f64,
}

impl Object {
    /// Less than this share of an object does not show: it is lifted.
    const VISIBILITY_MIN: f64 = 0.3;

    /// An object of a kind, its variant, pose, colour and wear drawn by the dice.
    pub(crate) fn new(kind: ObjectKind, centre: Coord, axis: Coord, dice: &mut Dice) -> Self {
        let seed = dice.bits();
        let object = |sunk: f64, body: &Body, found: Option<(Vec<[f64; 2]>, f64)>| {
            let [low, high] = body.plan(true);
            let [x, y] = [0, 1].map(|axis: usize| low[axis].abs().max(high[axis].abs()));
            let (outline, visibility) = found.unwrap_or_else(|| {
                let [low, high] = body.plan(false);
                (vec![low, [high[0], low[1]], high, [low[0], high[1]]], 1.0)
            });
            Self {
                kind,
                centre,
                axis,
                outline: outline
                    .into_iter()
                    .map(|[x, y]| coord! { x: x / 1000.0, y: y / 1000.0 })
                    .collect(),
                radius_m: (x * x + y * y).sqrt() / 1000.0,
                height_m: body.height() / 1000.0,
                visibility,
                seed,
                sunk,
            }
        };
        if kind.truth().is_some() {
            for sunk in [1.0, 0.5] {
                let body = body(kind, seed, sunk);
                if let Some((ring, shows)) =
                    outline::outline(&body).filter(|(_, shows)| *shows >= Self::VISIBILITY_MIN)
                {
                    return object(sunk, &body, Some((ring, shows)));
                }
            }
            let body = body(kind, seed, 0.0);
            return object(0.0, &body, outline::outline(&body));
        }
        object(1.0, &body(kind, seed, 1.0), None)
    }

    /// Its body, millimetres about its middle, along and across the axis.
    pub(crate) fn body(&self) -> Body {
        body(self.kind, self.seed, self.sunk)
    }

    /// Scene metres to metres along and across the axis.
    pub(crate) fn local(&self, at: Coord) -> Coord {
        let from = at - self.centre;
        coord! {
            x: from.x * self.axis.x + from.y * self.axis.y,
            y: from.y * self.axis.x - from.x * self.axis.y,
        }
    }

    /// The way back from [`Object::local`].
    pub(crate) fn placed(&self, local: Coord) -> Coord {
        let across = coord! { x: -self.axis.y, y: self.axis.x };
        self.centre + self.axis * local.x + across * local.y
    }

    /// Length and width along its own axes, metres.
    pub(crate) fn size_m(&self) -> [f64; 2] {
        let span = |along: fn(&Coord) -> f64| {
            let (low, high) = self
                .outline
                .iter()
                .map(along)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                    (low.min(v), high.max(v))
                });
            high - low
        };
        [span(|c| c.x), span(|c| c.y)]
    }
}

fn body(kind: ObjectKind, seed: u64, sunk: f64) -> Body {
    let mut dice = Dice::new(seed, "body", 0);
    let (parts, mut pose) = kind.parts(&mut dice);
    pose.sunk *= sunk;
    let wear = Wear::new(&mut dice);
    let mut body = Body::new(parts, pose, wear, &mut dice);
    // What would not show is lifted and swept.
    if kind.truth().is_some() && sunk > 0.0 {
        cover::strew(&mut body, &mut dice);
    }
    body
}
