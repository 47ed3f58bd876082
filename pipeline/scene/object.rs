//! What lies on the ground: outward shape, size and colour, as anyone sees them from above.

use crate::random::{Dice, value};
use geo::{Coord, coord};
use rams_domain::{EoCategory, Indicator};
use std::f64::consts::FRAC_1_SQRT_2;

/// A kind of object with exact truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// PFM-1: two wings, 120 x 61 mm over all, a white plug at the concave side.
    Pfm1,
    /// Half tube of a KSF-type dispenser seen from its back, 0.23 x 0.06 m.
    CasingTube,
    /// The same, seen from its slotted side.
    CasingSlotted,
    /// Its square end, 85 mm.
    CasingEnd,
    /// Round anti-personnel mine, 112 mm.
    Pmn,
    /// Round anti-vehicle mine, 320 mm.
    Tm62,
    /// Submunition of 263 x 65 mm with fins.
    Submunition,
    /// A fallen leaf: no object of interest, no truth.
    Leaf,
    /// A stone: likewise.
    Stone,
}

impl Kind {
    /// Everything with truth, once.
    pub(crate) const ORDNANCE: &[Kind] =
        &[Kind::Pfm1, Kind::CasingTube, Kind::CasingSlotted, Kind::CasingEnd, Kind::Pmn, Kind::Tm62, Kind::Submunition];

    /// Class, indicator and category of the truth; `None` for look-alikes.
    pub(crate) fn truth(self) -> Option<(&'static str, Indicator, EoCategory)> {
        match self {
            Kind::Pfm1 => Some(("pfm-1", Indicator::MineSurface, EoCategory::ApMine)),
            Kind::CasingTube | Kind::CasingSlotted | Kind::CasingEnd => {
                Some(("ksf-casing", Indicator::CmCarrier, EoCategory::ApMine))
            }
            Kind::Pmn => Some(("pmn-1", Indicator::MineSurface, EoCategory::ApMine)),
            Kind::Tm62 => Some(("tm-62m", Indicator::MineSurface, EoCategory::AvMine)),
            Kind::Submunition => Some(("9n235", Indicator::Submunition, EoCategory::Cmr)),
            Kind::Leaf | Kind::Stone => None,
        }
    }

    /// Height above the ground, metres: how long a shadow it casts.
    fn height_m(self) -> f64 {
        match self {
            Kind::Pfm1 => 0.011,
            Kind::CasingTube | Kind::CasingSlotted => 0.025,
            Kind::CasingEnd => 0.012,
            Kind::Pmn => 0.045,
            Kind::Tm62 => 0.070,
            Kind::Submunition => 0.055,
            Kind::Leaf => 0.006,
            Kind::Stone => 0.015,
        }
    }

    /// Colours it comes in, the usual ones more than once.
    fn colours(self) -> &'static [[f32; 3]] {
        match self {
            Kind::Pfm1 => &[
                [208.0, 186.0, 162.0],
                [203.0, 180.0, 158.0],
                [212.0, 188.0, 166.0],
                [198.0, 178.0, 154.0],
                [210.0, 192.0, 172.0],
                [214.0, 192.0, 184.0],
                [216.0, 190.0, 176.0],
                [192.0, 170.0, 146.0],
                [170.0, 148.0, 126.0],
                [236.0, 232.0, 230.0],
                [198.0, 190.0, 188.0],
                [134.0, 140.0, 112.0],
            ],
            Kind::CasingTube | Kind::CasingSlotted | Kind::CasingEnd => {
                &[[224.0, 230.0, 238.0], [206.0, 214.0, 226.0], [188.0, 196.0, 202.0]]
            }
            Kind::Pmn => &[[92.0, 72.0, 60.0], [70.0, 62.0, 58.0]],
            Kind::Tm62 => &[[104.0, 110.0, 76.0], [118.0, 116.0, 84.0]],
            Kind::Submunition => &[[148.0, 152.0, 148.0], [128.0, 134.0, 120.0]],
            Kind::Leaf => &[[176.0, 138.0, 112.0], [196.0, 164.0, 146.0], [150.0, 112.0, 88.0], [206.0, 182.0, 160.0]],
            Kind::Stone => &[[170.0, 162.0, 150.0], [148.0, 144.0, 140.0], [188.0, 178.0, 162.0]],
        }
    }
}

/// An object at its place.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    /// Its middle, scene metres.
    pub(crate) centre: Coord,
    /// Unit vector of its long axis, scene axes.
    pub(crate) axis: Coord,
    /// Exact outline about its middle, metres along and across the axis.
    pub(crate) outline: Vec<Coord>,
    /// Radius of the circle about its middle that holds the outline.
    pub(crate) radius_m: f64,
    /// Height, metres.
    pub(crate) height_m: f64,
    /// Visible share of the body, 0 to 1.
    pub(crate) visibility: f64,
    colour: [f32; 3],
    wear: u64,
}

impl Object {
    /// An object of a kind, its size, colour and wear drawn by the dice.
    pub(crate) fn new(kind: Kind, centre: Coord, axis: Coord, dice: &mut Dice) -> Self {
        let outline = outline(kind, dice);
        let radius_m = outline.iter().map(|c| (c.x * c.x + c.y * c.y).sqrt()).fold(0.0, f64::max);
        let colours = kind.colours();
        let bright = dice.between(0.92, 1.06) as f32;
        let colour = colours[dice.below(colours.len())].map(|band| (band * bright).min(250.0));
        let flat = if kind == Kind::Stone { radius_m * 0.45 } else { kind.height_m() };
        Self { kind, centre, axis, outline, radius_m, height_m: flat, visibility: 1.0, colour, wear: dice.bits() }
    }

    /// Scene metres to metres along and across the axis.
    pub(crate) fn local(&self, at: Coord) -> Coord {
        let from = at - self.centre;
        coord! { x: from.x * self.axis.x + from.y * self.axis.y, y: from.y * self.axis.x - from.x * self.axis.y }
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
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
            high - low
        };
        [span(|c| c.x), span(|c| c.y)]
    }

    /// Colour of a point of its surface in level light; `depth_m` is the distance from the outline
    /// and `facing` tells whether the nearest edge looks towards the sun (1) or away (-1).
    pub(crate) fn colour(&self, local: Coord, depth_m: f32, facing: f32) -> [f32; 3] {
        let (u, v) = (local.x, local.y);
        let stain = value(self.wear, u / 0.012 + 40.0, v / 0.012) * 0.6 + value(self.wear, u / 0.004, v / 0.004) * 0.4;
        let rim = (1.0 - depth_m / 0.005).clamp(0.0, 1.0);
        let worn = 1.0 + 0.22 * (stain - 0.5) + 0.13 * rim * facing;
        let from_middle = (u * u + v * v).sqrt();
        let tone = match self.kind {
            Kind::Pfm1 => return self.pfm1(local, worn),
            Kind::CasingTube => {
                // A half cylinder: brightest along its back, darker to its edges, a rib near each end.
                let back = 1.0 - (v.abs() / 0.03).powi(2) as f32 * 0.28;
                let rib = if (u.abs() - 0.098).abs() < 0.003 || (v - 0.012).abs() < 0.0015 { 0.80 } else { 1.0 };
                back * rib
            }
            Kind::CasingSlotted => {
                let along = (u / 0.0185).rem_euclid(1.0);
                let in_slot = (0.2..0.8).contains(&along) && (0.004..0.016).contains(&v.abs()) && u.abs() < 0.104;
                if in_slot { 0.42 } else { 1.0 }
            }
            Kind::CasingEnd => {
                let ring = (from_middle - 0.022).abs() < 0.003 || from_middle < 0.006;
                if ring { 0.72 } else { 1.0 }
            }
            Kind::Pmn => {
                let band = (from_middle - 0.048).abs() < 0.004;
                if band { 1.35 } else { 1.0 }
            }
            Kind::Tm62 => {
                let ridge = (from_middle - 0.112).abs() < 0.004;
                let lid = from_middle < 0.045;
                if lid {
                    0.68
                } else if ridge {
                    0.82
                } else {
                    1.0
                }
            }
            Kind::Submunition => {
                let round = 1.0 - (v.abs() / 0.0325).powi(2) as f32 * 0.45;
                let band = if (u - 0.035).abs() < 0.006 || (u + 0.02).abs() < 0.003 { 0.7 } else { 1.0 };
                round * band
            }
            Kind::Leaf => {
                let vein = v.abs() < 0.0012;
                (if vein { 1.12 } else { 1.0 }) * (0.9 + 0.25 * stain)
            }
            Kind::Stone => 0.85 + 0.35 * stain + 0.30 * facing * (1.0 - depth_m / self.radius_m as f32).clamp(0.0, 1.0),
        };
        self.colour.map(|band| band * tone * worn)
    }

    fn pfm1(&self, local: Coord, worn: f32) -> [f32; 3] {
        let (u, v) = (local.x, local.y);
        let plug = self.plug_off_m(local);
        if plug < 0.0102 {
            let rim = if plug > 0.0085 { 0.9 } else { 1.0 };
            return [244.0, 243.0, 240.0].map(|band: f32| band * rim * (0.5 + 0.5 * worn));
        }
        // The hinge between the wings, and the weld along the rim of each.
        let crease = (u - 0.05 * v + 0.003).abs() < 0.0016 && v > -0.025;
        let seam = (u + 0.012).abs() < 0.001;
        // The fuller wing is rounder: lit along its back.
        let full =
            if u > 0.0 { 1.0 + 0.05 * (1.0 - ((v + 0.005) / 0.02).powi(2)).clamp(-1.0, 1.0) as f32 } else { 0.97 };
        let tone = if crease {
            0.74
        } else if seam {
            0.88
        } else {
            full
        };
        self.colour.map(|band| band * tone * worn)
    }

    /// Distance from the middle of a PFM-1's plug.
    fn plug_off_m(&self, local: Coord) -> f64 {
        // Its middle is the mean of the plug's own vertices, so that a mirrored outline agrees.
        let plug = self.outline.iter().skip(PFM1_RIGHT.len()).take(PLUG.len());
        let middle = plug.fold(Coord::zero(), |sum, c| sum + *c) / PLUG.len() as f64;
        let off = local - middle;
        (off.x * off.x + off.y * off.y).sqrt()
    }

    /// Signed distance from the outline, negative inside, and the direction to its nearest point.
    pub(crate) fn off_outline(&self, local: Coord) -> (f64, Coord) {
        let (mut square, mut nearest, mut inside) = (f64::INFINITY, Coord::zero(), false);
        let mut from = self.outline[self.outline.len() - 1];
        for &to in &self.outline {
            let (edge, off) = (to - from, local - from);
            let length = edge.x * edge.x + edge.y * edge.y;
            let t = ((off.x * edge.x + off.y * edge.y) / length.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
            let away = edge * t - off;
            let this = away.x * away.x + away.y * away.y;
            if this < square {
                (square, nearest) = (this, away);
            }
            if (from.y > local.y) != (to.y > local.y) && local.x < from.x + edge.x * (local.y - from.y) / edge.y {
                inside = !inside;
            }
            from = to;
        }
        let distance = square.sqrt();
        let towards = nearest / distance.max(1e-9);
        if inside { (-distance, towards) } else { (distance, towards * -1.0) }
    }
}

/// Right wing of a PFM-1, the fuller one, from the middle of the convex side; millimetres.
#[rustfmt::skip]
const PFM1_RIGHT: [[f64; 2]; 14] = [
    [0.0, -25.5], [11.0, -27.5], [25.0, -27.5], [38.0, -24.0], [49.0, -16.0], [57.0, -5.0], [60.0, 4.0], [57.5, 11.0],
    [49.0, 14.5], [37.0, 13.5], [25.0, 11.5], [16.0, 10.5], [11.0, 11.5], [9.0, 14.0],
];

/// Its plug.
#[rustfmt::skip]
const PLUG: [[f64; 2]; 9] = [
    [9.0, 18.5], [10.5, 23.0], [9.2, 28.2], [5.3, 32.1], [0.0, 33.5], [-5.3, 32.1], [-9.2, 28.2], [-10.5, 23.0],
    [-9.0, 18.5],
];

/// Left wing, flatter and more angular, back to the start.
#[rustfmt::skip]
const PFM1_LEFT: [[f64; 2]; 14] = [
    [-9.0, 14.0], [-11.0, 10.5], [-21.0, 11.0], [-34.0, 14.0], [-46.0, 17.5], [-55.0, 15.5], [-60.0, 7.5],
    [-57.0, -4.5], [-48.5, -15.0], [-37.0, -22.5], [-24.0, -26.0], [-11.0, -25.5], [-6.0, -22.0], [-3.0, -24.5],
];

#[rustfmt::skip]
const CASING: [[f64; 2]; 12] = [
    [-115.0, -24.0], [-108.0, -30.0], [100.0, -30.0], [103.0, -26.0], [115.0, -26.0], [115.0, 26.0], [103.0, 26.0],
    [100.0, 30.0], [-108.0, 30.0], [-115.0, 24.0], [-112.0, 8.0], [-112.0, -8.0],
];

#[rustfmt::skip]
const CASING_END: [[f64; 2]; 8] = [
    [-42.5, -36.0], [-36.0, -42.5], [36.0, -42.5], [42.5, -36.0], [42.5, 36.0], [36.0, 42.5], [-36.0, 42.5],
    [-42.5, 36.0],
];

#[rustfmt::skip]
const SUBMUNITION: [[f64; 2]; 22] = [
    [131.5, 0.0], [129.0, -14.0], [120.0, -26.0], [104.0, -32.5], [-30.0, -32.5], [-48.0, -24.0], [-62.0, -14.0],
    [-80.0, -14.0], [-92.0, -32.5], [-131.5, -32.5], [-127.0, -8.0], [-127.0, 8.0], [-131.5, 32.5], [-92.0, 32.5],
    [-80.0, 14.0], [-62.0, 14.0], [-48.0, 24.0], [-30.0, 32.5], [104.0, 32.5], [120.0, 26.0], [129.0, 14.0],
    [131.0, 6.0],
];

fn outline(kind: Kind, dice: &mut Dice) -> Vec<Coord> {
    let millimetres = |points: &[[f64; 2]]| -> Vec<Coord> {
        points.iter().map(|[x, y]| coord! { x: x / 1000.0, y: y / 1000.0 }).collect()
    };
    match kind {
        Kind::Pfm1 => {
            let (size, mirror) = (dice.between(0.97, 1.03), if dice.happens(0.5) { 1.0 } else { -1.0 });
            let points = [&PFM1_RIGHT[..], &PLUG[..], &PFM1_LEFT[..]].concat();
            millimetres(&points).into_iter().map(|c| coord! { x: c.x * size * mirror, y: c.y * size }).collect()
        }
        Kind::CasingTube => millimetres(&CASING),
        // Seen from its open side it is narrower: its walls lean inwards.
        Kind::CasingSlotted => millimetres(&CASING).into_iter().map(|c| coord! { x: c.x, y: c.y * 0.75 }).collect(),
        Kind::CasingEnd => millimetres(&CASING_END),
        Kind::Submunition => millimetres(&SUBMUNITION),
        Kind::Pmn => circle(0.056),
        Kind::Tm62 => circle(0.160),
        Kind::Leaf => {
            let (length, lobe) = (dice.between(0.02, 0.05), dice.between(0.55, 0.85));
            star(16, |index, _| length * if index % 2 == 0 { 1.0 } else { lobe }, dice)
                .into_iter()
                .map(|c| coord! { x: c.x, y: c.y * 0.62 })
                .collect()
        }
        Kind::Stone => {
            let radius = dice.between(0.008, 0.02).max(dice.between(-0.05, 0.05));
            star(12, |_, dice| radius * dice.between(0.8, 1.0), dice)
        }
    }
}

/// Points all around, `radius(index)` from the middle, a little displaced.
fn star(count: usize, radius: impl Fn(usize, &mut Dice) -> f64, dice: &mut Dice) -> Vec<Coord> {
    circle(1.0)
        .into_iter()
        .step_by(48 / count)
        .enumerate()
        .map(|(index, at)| at * (radius(index, dice) * dice.between(0.85, 1.1)))
        .collect()
}

/// A circle as 48 vertices, by halving angles: no sine, so the same on every platform.
fn circle(radius_m: f64) -> Vec<Coord> {
    let mut eighth = vec![coord! { x: 1.0, y: 0.0 }, coord! { x: FRAC_1_SQRT_2, y: FRAC_1_SQRT_2 }];
    // 45 degrees in three parts of 15 (cosine and sine of 15 and 30 degrees are square roots) ...
    let (sqrt2, sqrt6) = (2f64.sqrt(), 6f64.sqrt());
    eighth.insert(1, coord! { x: (sqrt6 + sqrt2) / 4.0, y: (sqrt6 - sqrt2) / 4.0 });
    eighth.insert(2, coord! { x: 3f64.sqrt() / 2.0, y: 0.5 });
    // ... and each of them in two.
    let mut points = vec![];
    for pair in eighth.windows(2) {
        let middle = pair[0] + pair[1];
        points.extend([pair[0], middle / (middle.x * middle.x + middle.y * middle.y).sqrt()]);
    }
    for turn in [[FRAC_1_SQRT_2, FRAC_1_SQRT_2], [0.0, 1.0], [-1.0, 0.0]] {
        let turned: Vec<Coord> = points
            .iter()
            .map(|c| coord! { x: c.x * turn[0] - c.y * turn[1], y: c.x * turn[1] + c.y * turn[0] })
            .collect();
        points.extend(turned);
    }
    points.into_iter().map(|c| c * radius_m).collect()
}
