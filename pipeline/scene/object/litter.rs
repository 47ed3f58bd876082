//! Look-alikes that people leave: no truth.

use crate::object::body::{Part, Pose};
use crate::object::circle::spokes;
use crate::object::frame::{Frame, Space};
use crate::object::plate::Knobs;
use crate::object::skin::{Colour, Skin, draw};
use crate::random::{Dice, value};

const UP: Space = [0.0, 0.0, 1.0];

/// Any colour that things are made in.
#[rustfmt::skip]
const MADE: [Colour; 12] = [
    [232.0, 232.0, 230.0], [210.0, 206.0, 196.0], [60.0, 60.0, 62.0], [178.0, 52.0, 44.0],
    [52.0, 92.0, 160.0], [70.0, 130.0, 84.0], [216.0, 186.0, 70.0], [150.0, 152.0, 152.0],
    [140.0, 106.0, 76.0], [214.0, 130.0, 60.0], [118.0, 122.0, 96.0], [186.0, 150.0, 140.0],
];

/// Outline of a sole, heel on the left, millimetres.
#[rustfmt::skip]
const SHOE: [[f64; 2]; 14] = [
    [-135.0, 0.0], [-128.0, 28.0], [-95.0, 37.0], [-30.0, 32.0], [30.0, 40.0], [85.0, 48.0],
    [122.0, 36.0], [138.0, 8.0], [132.0, -20.0], [100.0, -40.0], [50.0, -44.0], [-20.0, -30.0],
    [-95.0, -36.0], [-128.0, -27.0],
];

fn flat(x: f64, z: f64) -> Frame {
    Frame::along([x, 0.0, z], [1.0, 0.0, 0.0])
}

pub(crate) fn bottle(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let glass = dice.happens(0.5);
    let colour = if glass {
        draw(
            &[[70.0, 92.0, 60.0], [96.0, 70.0, 44.0], [150.0, 164.0, 156.0], [54.0, 64.0, 52.0]],
            dice,
        )
    } else {
        draw(
            &[
                [176.0, 190.0, 194.0],
                [150.0, 176.0, 196.0],
                [160.0, 186.0, 150.0],
                [206.0, 208.0, 204.0],
            ],
            dice,
        )
    };
    let skin = Skin { gloss: 1.0, ..Skin::plastic(colour) };
    let (radius, long) = (dice.between(30.0, 44.0), dice.between(190.0, 310.0));
    let neck = radius * 0.34;
    let lie = flat(-long / 2.0, radius);
    let at = |share: f64, out: f64| [long * share, out];
    let mut parts = Part::turned(
        lie,
        &[
            at(0.0, radius * 0.85),
            at(0.03, radius),
            at(0.62, radius),
            at(0.74, radius * 0.75),
            at(0.84, neck),
            at(0.97, neck),
        ],
        skin,
    );
    let cap = Skin::plastic(draw(&MADE, dice));
    parts.extend(Part::turned(
        lie,
        &[at(0.93, neck * 1.15), at(1.0, neck * 1.15)],
        if glass { skin } else { cap },
    ));
    if dice.happens(0.6) {
        let label = Skin::dull(draw(&MADE, dice));
        parts.extend(Part::turned(
            lie,
            &[at(0.2, radius * 1.012), at(0.48, radius * 1.012)],
            label,
        ));
    }
    (parts, Pose::new(0.1, 0.4, dice))
}

pub(crate) fn can(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let metal = Skin {
        gloss: 0.6,
        ..Skin::steel(draw(&[[190.0, 190.0, 188.0], [160.0, 158.0, 150.0]], dice))
    };
    let paint = Skin { gloss: 0.5, ..Skin::steel(draw(&MADE, dice)) };
    let (radius, long) = (dice.between(30.0, 42.0), dice.between(80.0, 165.0));
    let mut parts = vec![];
    match dice.below(3) {
        0 => {
            parts.extend(Part::turned(
                Frame::along([0.0; 3], UP),
                &[[0.0, radius], [long, radius]],
                paint,
            ));
            parts.push(Part::drum(
                Frame::at(0.0, 0.0, 0.0),
                radius * 0.93,
                radius * 0.93,
                long + 1.0,
                metal.times(0.85),
            ));
            parts.push(Part::ring(
                Frame::at(0.0, 0.0, long - 4.0),
                radius * 0.9,
                radius,
                8.0,
                metal,
            ));
            parts.push(Part::slab(
                Frame::at(8.0, 0.0, long + 2.0),
                [11.0, 6.0, 1.0],
                metal.times(1.1),
            ));
        }
        1 => {
            let lie = flat(-long / 2.0, radius);
            parts.extend(Part::turned(
                lie,
                &[[0.0, radius * 0.85], [8.0, radius], [long - 8.0, radius], [long, radius * 0.85]],
                paint,
            ));
            parts.push(Part::ring(flat(-long / 2.0 - 2.0, radius), 0.0, radius * 0.86, 4.0, metal));
        }
        _ => {
            // Trodden flat.
            let outline = spokes(14, 0.0)
                .map(|[x, y]| {
                    [x * long * dice.between(0.42, 0.55), y * radius * dice.between(0.95, 1.3)]
                })
                .collect();
            let crumpled = |knobs: &Knobs, x: f64, y: f64, _: f64| {
                6.0 + 16.0 * f64::from(value(knobs[0] as u64, x / 17.0 + 30.0, y / 40.0 + 30.0))
            };
            let knobs = [(dice.bits() >> 40) as f64, 0.0, 0.0, 0.0];
            parts.push(Part::plate(Frame::at(0.0, 0.0, 0.0), outline, crumpled, knobs, paint));
        }
    }
    (parts, Pose::new(0.15, 0.4, dice))
}

pub(crate) fn shoe(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let upper = Skin::plastic(draw(
        &[
            [54.0, 50.0, 48.0],
            [110.0, 82.0, 60.0],
            [206.0, 204.0, 200.0],
            [70.0, 76.0, 92.0],
            [150.0, 148.0, 140.0],
        ],
        dice,
    ));
    let sole =
        Skin::dull(draw(&[[62.0, 60.0, 58.0], [190.0, 184.0, 170.0], [110.0, 96.0, 80.0]], dice));
    let size = dice.between(0.75, 1.05);
    let side = if dice.happens(0.5) { 1.0 } else { -1.0 };
    let outline = SHOE.map(|[x, y]| [x * size, y * size * side]).to_vec();
    if dice.happens(0.3) {
        return (vec![treads(outline, sole)], Pose::new(0.2, 0.3, dice));
    }
    let rising = |_: &Knobs, x: f64, _: f64, depth: f64| {
        22.0 + (40.0 - x * 0.28).max(8.0) * (depth / 16.0).min(1.0).sqrt()
    };
    let mut parts = vec![Part::plate(Frame::at(0.0, 0.0, 0.0), outline, rising, [0.0; 4], upper)];
    // Where the foot goes in.
    let inner = spokes(12, 0.0).map(|[x, y]| [(-72.0 + x * 52.0) * size, y * 23.0 * size]);
    parts.push(Part::plate(
        Frame::at(0.0, 0.0, 60.0),
        inner.collect(),
        |_, x, _, _| 26.0 - x * 0.2,
        [0.0; 4],
        Skin::dull([42.0, 38.0, 36.0]),
    ));
    for lace in 0..4 {
        let x = (2.0 + 15.0 * f64::from(lace)) * size;
        let z = 64.0 - x * 0.28;
        parts.push(Part::rod([x, -20.0, z], [x + 5.0, 20.0, z], 2.4, sole.times(1.2)));
    }
    (parts, Pose::new(0.3, 0.3, dice))
}

/// The sole of a shoe that lies on its face: bars across.
fn treads(outline: Vec<[f64; 2]>, sole: Skin) -> Part {
    let tread = sole.with(sole.colour.map(|band| band * 0.6), |[x, _, _]: Space| {
        let bar = (x + 400.0) / 14.0;
        if bar - (bar as i64 as f64) < 0.4 { 1.0 } else { 0.0 }
    });
    let top = |_: &Knobs, x: f64, _: f64, depth: f64| {
        45.0 + if x < -20.0 { 14.0 } else { 0.0 } + depth.min(4.0)
    };
    Part::plate(Frame::at(0.0, 0.0, 0.0), outline, top, [0.0; 4], tread)
}

pub(crate) fn tyre(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let rubber =
        Skin::dull(draw(&[[54.0, 54.0, 56.0], [76.0, 76.0, 76.0], [98.0, 96.0, 92.0]], dice));
    let (radius, high) = (dice.between(275.0, 350.0), dice.between(150.0, 215.0));
    let hole = radius * dice.between(0.52, 0.62);
    let up = |z: f64| Frame::at(0.0, 0.0, z);
    let treaded = rubber.with(rubber.colour.map(|band| band * 0.7), |at: Space| {
        let bar = crate::object::circle::angle(at[0], at[1]) * 64.0;
        if bar - (bar as i64 as f64) < 0.3 { 1.0 } else { 0.0 }
    });
    let mut parts = vec![Part::ring(up(0.0), hole, radius, high * 0.8, treaded)];
    // The side wall rounds off in steps small enough to look smooth.
    for step in 0..6 {
        let t = (f64::from(step) + 1.0) / 6.0;
        let wall = (radius - hole) * 0.5;
        let out = (1.0 - (1.0 - t) * (1.0 - t)).sqrt();
        let frame = up(high * (0.8 + 0.2 * out) - 6.0);
        parts.push(Part::ring(
            frame,
            hole + wall * t * 0.8,
            radius - wall * t * 0.55,
            6.0,
            rubber.times(1.0 + 0.05 * t as f32),
        ));
    }
    if dice.happens(0.35) {
        let rim = Skin::steel(draw(&[[150.0, 150.0, 148.0], [120.0, 90.0, 68.0]], dice));
        parts.push(Part::drum(up(0.0), hole, hole, high * 0.55, rim));
        parts.push(Part::drum(up(0.0), hole * 0.45, hole * 0.4, high * 0.62, rim.times(0.7)));
    }
    (parts, Pose::new(0.1, 0.35, dice))
}

pub(crate) fn manhole(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let iron = draw(
        &[[96.0, 92.0, 88.0], [120.0, 98.0, 80.0], [76.0, 74.0, 72.0], [150.0, 146.0, 140.0]],
        dice,
    );
    let skin = Skin::steel(iron).with(iron.map(|band| band * 0.62), |[x, y, _]: Space| {
        let cell = |v: f64| (v + 1000.0) / 38.0 - ((v + 1000.0) / 38.0) as i64 as f64;
        if cell(x) < 0.32 || cell(y) < 0.32 { 0.8 } else { 0.0 }
    });
    let up = |z: f64| Frame::at(0.0, 0.0, z);
    let radius = dice.between(280.0, 320.0);
    let mut parts = vec![Part::drum(up(0.0), radius, radius, 14.0, skin)];
    parts.push(Part::ring(
        up(4.0),
        radius * 0.9,
        radius * 0.94,
        13.0,
        Skin::steel(iron.map(|band| band * 1.1)),
    ));
    parts.push(Part::ring(
        up(0.0),
        radius * 1.02,
        radius * 1.16,
        16.0,
        Skin::dull([160.0, 156.0, 150.0]),
    ));
    parts.push(Part::slab(up(14.0), [34.0, 9.0, 1.0], Skin::dull([44.0, 42.0, 40.0])));
    (parts, Pose { sunk: 0.3, ..Pose::new(0.03, 0.0, dice) })
}

pub(crate) fn target(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let half = dice.between(120.0, 300.0);
    let white = Skin::plastic([236.0, 236.0, 234.0]);
    let black = Skin::plastic([38.0, 38.0, 40.0]);
    let up = |x: f64, y: f64, z: f64| Frame::at(x, y, z);
    let mut parts = vec![Part::slab(up(0.0, 0.0, 3.0), [half, half, 3.0], white)];
    match dice.below(3) {
        0 => {
            for side in [-0.5, 0.5] {
                parts.push(Part::slab(
                    up(side * half, side * half, 3.2),
                    [half / 2.0, half / 2.0, 3.0],
                    black,
                ));
            }
        }
        1 => {
            parts.push(Part::slab(up(0.0, 0.0, 3.2), [half * 0.9, half * 0.14, 3.0], black));
            parts.push(Part::slab(up(0.0, 0.0, 3.2), [half * 0.14, half * 0.9, 3.0], black));
        }
        _ => {
            for (z, share, skin) in
                [(0.2, 0.9, black), (0.4, 0.6, white), (0.6, 0.3, black), (0.8, 0.1, white)]
            {
                parts.push(Part::drum(up(0.0, 0.0, 6.0), half * share, half * share, z, skin));
            }
        }
    }
    (parts, Pose::new(0.05, 0.0, dice))
}

pub(crate) fn scrap(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin { gloss: 0.25, ..Skin::plastic(draw(&MADE, dice)) };
    let (long, wide) = (dice.between(20.0, 110.0), dice.between(0.35, 1.0));
    let outline = spokes(6 + dice.below(6), 0.0)
        .map(|[x, y]| {
            let out = long * dice.between(0.55, 1.0);
            [x * out, y * out * wide]
        })
        .collect();
    let creased = |knobs: &Knobs, x: f64, y: f64, _: f64| {
        let fold = f64::from(value(knobs[0] as u64, x / knobs[1] + 30.0, y / knobs[1] + 30.0));
        1.0 + knobs[2] * (fold - 0.5).abs() * 2.0
    };
    let knobs =
        [(dice.bits() >> 40) as f64, dice.between(15.0, 40.0), dice.between(1.0, 18.0), 0.0];
    (
        vec![Part::plate(Frame::at(0.0, 0.0, 0.0), outline, creased, knobs, skin)],
        Pose::new(0.2, 0.3, dice),
    )
}

pub(crate) fn ball(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let (radius, colour) = match dice.below(3) {
        0 => (21.4, draw(&[[240.0, 240.0, 236.0], [226.0, 190.0, 90.0]], dice)),
        1 => (33.0, draw(&[[206.0, 214.0, 110.0], [176.0, 176.0, 120.0]], dice)),
        _ => (dice.between(18.0, 60.0), draw(&MADE, dice)),
    };
    let part = Part::ball(
        Frame::at(0.0, 0.0, 0.0),
        [radius; 3],
        Skin { gloss: 0.25, ..Skin::plastic(colour) },
    );
    (vec![part], Pose::new(0.0, 0.5, dice))
}

pub(crate) fn brick(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::dull(draw(
        &[[172.0, 104.0, 80.0], [196.0, 142.0, 108.0], [190.0, 186.0, 176.0], [148.0, 92.0, 76.0]],
        dice,
    ));
    let long = if dice.happens(0.35) { dice.between(50.0, 90.0) } else { 122.0 };
    let half = if dice.happens(0.5) { [long, 59.0, 33.0] } else { [long, 33.0, 59.0] };
    (vec![Part::slab(Frame::at(0.0, 0.0, 0.0), half, skin)], Pose::new(0.35, 0.6, dice))
}

pub(crate) fn plank(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let wood = draw(
        &[
            [186.0, 160.0, 122.0],
            [150.0, 142.0, 130.0],
            [122.0, 108.0, 90.0],
            [206.0, 184.0, 146.0],
        ],
        dice,
    );
    let skin = Skin::dull(wood).with(wood.map(|band| band * 0.76), |[x, y, _]: Space| {
        value(0x600d, x / 90.0 + 20.0, y / 3.0 + 90.0)
    });
    let half = [dice.between(110.0, 420.0), dice.between(25.0, 75.0), dice.between(8.0, 20.0)];
    (vec![Part::slab(Frame::at(0.0, 0.0, 0.0), half, skin)], Pose::new(0.1, 0.6, dice))
}

pub(crate) fn lid(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin { gloss: 0.3, ..Skin::plastic(draw(&MADE, dice)) };
    let radius =
        if dice.happens(0.5) { dice.between(14.0, 60.0) } else { dice.between(60.0, 150.0) };
    let up = |z: f64| Frame::at(0.0, 0.0, z);
    let mut parts = vec![Part::drum(up(0.0), radius, radius * 0.97, 7.0, skin)];
    parts.push(Part::ring(
        up(0.0),
        radius * 0.86,
        radius,
        dice.between(8.0, 16.0),
        skin.times(1.03),
    ));
    if dice.happens(0.4) {
        parts.push(Part::ring(up(0.0), radius * 0.5, radius * 0.56, 8.0, skin.times(0.9)));
    }
    (parts, Pose::new(0.3, 0.3, dice))
}

pub(crate) fn clay_pigeon(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::plastic(draw(
        &[[226.0, 112.0, 52.0], [216.0, 190.0, 60.0], [52.0, 50.0, 50.0], [206.0, 92.0, 60.0]],
        dice,
    ));
    let mut parts = Part::turned(
        Frame::along([0.0; 3], UP),
        &[[0.0, 55.0], [8.0, 54.0], [15.0, 44.0], [18.0, 37.0]],
        skin,
    );
    parts.extend(Part::turned(
        Frame::along([0.0, 0.0, 14.0], UP),
        &[[0.0, 36.0], [10.0, 33.0], [12.0, 0.0]],
        skin.times(0.93),
    ));
    (parts, Pose::new(0.3, 0.3, dice))
}
