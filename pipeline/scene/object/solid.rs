//! Simple solids and where a plumb line from above meets them.

use crate::object::frame::{Frame, Space, dot, sum, unit};
use crate::object::plate::Plate;

/// A solid about the origin of its frame, millimetres.
#[derive(Debug, Clone)]
pub(crate) enum Solid {
    /// A drum, cone or ring: radius at its foot and its head, length along the third axis, and the
    /// radius of the hole through which one looks past its head.
    Drum { foot: f64, head: f64, length: f64, hole: f64 },
    /// An ellipsoid of three half axes.
    Ball(Space),
    /// A box of three half sides.
    Slab(Space),
    /// What its outline bounds, with a height of its own at each place.
    Plate(Plate),
}

/// Where a plumb line meets a solid first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// Height, and the surface's normal, as seen from outside.
    pub(crate) height: f64,
    pub(crate) normal: Space,
    /// The place on the solid, in its own frame.
    pub(crate) local: Space,
}

impl Solid {
    /// The topmost place above (x, y).
    pub(crate) fn under(&self, frame: &Frame, x: f64, y: f64) -> Option<Hit> {
        let (from, up) = (frame.local([x, y, 0.0]), frame.up());
        let (height, normal) = match self {
            Solid::Drum { foot, head, length, hole } => {
                drum(from, up, [*foot, *head], *length, *hole)
            }
            Solid::Ball(half) => ball(from, up, *half),
            Solid::Slab(half) => slab(from, up, *half),
            Solid::Plate(plate) => plate.under(from, up),
        }?;
        let local = sum(from, up.map(|part| part * height));
        Some(Hit { height, normal: frame.direct(normal), local })
    }

    /// Middle in the solid's own frame, and radius, of a ball that holds it.
    pub(crate) fn bounds(&self) -> (Space, f64) {
        match self {
            Solid::Drum { foot, head, length, .. } => ([0.0, 0.0, length / 2.0], {
                let radius = foot.max(*head);
                (radius * radius + length * length / 4.0).sqrt()
            }),
            Solid::Ball([a, b, c]) => ([0.0; 3], a.max(*b).max(*c)),
            Solid::Slab(half) => ([0.0; 3], dot(*half, *half).sqrt()),
            Solid::Plate(plate) => ([0.0; 3], plate.reach()),
        }
    }

    /// How far its underside lies below its top where it is thin, and lets light pass beneath.
    pub(crate) fn thickness(&self, frame: &Frame) -> Option<f64> {
        match self {
            Solid::Drum { foot, head, hole, .. } if *hole <= 0.0 => {
                Some(2.0 * foot.max(*head)).filter(|thick| *thick < 13.0)
            }
            Solid::Slab(half) => {
                let thin = (0..3).min_by(|a, b| half[*a].total_cmp(&half[*b])).unwrap_or(2);
                (half[thin] < 3.0).then(|| 2.0 * half[thin] / frame.axes[thin][2].abs().max(0.02))
            }
            _ => None,
        }
    }

    /// Lowest and highest point, as seen from outside.
    pub(crate) fn span(&self, frame: &Frame) -> [f64; 2] {
        let up = frame.up();
        let disc = |radius: f64, along: f64| {
            let (middle, half) =
                (frame.at[2] + up[2] * along, radius * (1.0 - up[2] * up[2]).max(0.0).sqrt());
            [middle - half, middle + half]
        };
        let around = |half: f64| [frame.at[2] - half, frame.at[2] + half];
        match self {
            Solid::Drum { foot, head, length, .. } => {
                let (one, other) = (disc(*foot, 0.0), disc(*head, *length));
                [one[0].min(other[0]), one[1].max(other[1])]
            }
            Solid::Ball(half) => {
                around((0..3).map(|axis| (half[axis] * up[axis]).powi(2)).sum::<f64>().sqrt())
            }
            Solid::Slab(half) => around((0..3).map(|axis| (half[axis] * up[axis]).abs()).sum()),
            Solid::Plate(plate) => plate.span(frame),
        }
    }
}

fn drum(
    from: Space,
    up: Space,
    [foot, head]: [f64; 2],
    length: f64,
    hole: f64,
) -> Option<(f64, Space)> {
    let mut best: Option<(f64, Space)> = None;
    let mut offer = |height: f64, normal: Space| {
        if best.is_none_or(|(other, _)| height > other) {
            best = Some((height, normal));
        }
    };
    // Its two ends ...
    if up[2].abs() > 1e-9 {
        for (along, radius, facing) in [(0.0, foot, -1.0), (length, head, 1.0)] {
            let height = (along - from[2]) / up[2];
            let square = (from[0] + up[0] * height).powi(2) + (from[1] + up[1] * height).powi(2);
            if (hole * hole..=radius * radius).contains(&square) {
                offer(height, [0.0, 0.0, facing]);
            }
        }
    }
    // ... and its wall, whose radius changes along the axis.
    let slope = (head - foot) / length;
    let (radius, change) = (foot + slope * from[2], slope * up[2]);
    let a = up[0] * up[0] + up[1] * up[1] - change * change;
    let b = from[0] * up[0] + from[1] * up[1] - radius * change;
    let c = from[0] * from[0] + from[1] * from[1] - radius * radius;
    let root = b * b - a * c;
    if a.abs() > 1e-12 && root >= 0.0 {
        for sign in [1.0, -1.0] {
            let height = (-b + sign * root.sqrt()) / a;
            let at = [from[0] + up[0] * height, from[1] + up[1] * height, from[2] + up[2] * height];
            let radius = foot + slope * at[2];
            if (0.0..=length).contains(&at[2]) && radius >= 0.0 {
                offer(height, unit([at[0], at[1], -slope * radius]));
            }
        }
    } else if a.abs() <= 1e-12 && b.abs() > 1e-12 {
        let height = -c / (2.0 * b);
        let at = [from[0] + up[0] * height, from[1] + up[1] * height, from[2] + up[2] * height];
        if (0.0..=length).contains(&at[2]) {
            offer(height, unit([at[0], at[1], -slope * (foot + slope * at[2])]));
        }
    }
    best.filter(|(_, normal)| dot(*normal, up) >= -1e-9)
}

fn ball(from: Space, up: Space, half: Space) -> Option<(f64, Space)> {
    let scaled = |a: Space| [a[0] / half[0], a[1] / half[1], a[2] / half[2]];
    let (p, d) = (scaled(from), scaled(up));
    let (a, b, c) = (dot(d, d), dot(p, d), dot(p, p) - 1.0);
    let root = b * b - a * c;
    (root >= 0.0).then(|| {
        let height = (-b + root.sqrt()) / a;
        let at = sum(p, d.map(|part| part * height));
        (height, unit(scaled(at)))
    })
}

fn slab(from: Space, up: Space, half: Space) -> Option<(f64, Space)> {
    let (mut enter, mut leave, mut face) = (f64::NEG_INFINITY, f64::INFINITY, 2);
    for axis in 0..3 {
        if up[axis].abs() < 1e-9 {
            if from[axis].abs() > half[axis] {
                return None;
            }
            continue;
        }
        let [near, far] = [-1.0, 1.0]
            .map(|side: f64| (side * half[axis] * up[axis].signum() - from[axis]) / up[axis]);
        enter = enter.max(near);
        if far < leave {
            (leave, face) = (far, axis);
        }
    }
    (enter <= leave).then(|| {
        let mut normal = [0.0; 3];
        normal[face] = up[face].signum();
        (leave, normal)
    })
}
