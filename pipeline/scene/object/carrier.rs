//! Parts of dispensers and of the bombs that carry submunitions.

use crate::object::body::{Part, Pose};
use crate::object::circle::{on_circle, spokes};
use crate::object::frame::Frame;
use crate::object::plate::Knobs;
use crate::object::skin::{Colour, Skin, draw};
use crate::random::Dice;

const PALE: [Colour; 5] = [
    [250.0, 258.0, 266.0],
    [224.0, 234.0, 246.0],
    [270.0, 270.0, 266.0],
    [196.0, 206.0, 212.0],
    [252.0, 246.0, 222.0],
];

/// Half a tube, seen from its back: rounded flanks, ribs along, a fitting at one end.
pub(crate) fn ksf_tube(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::plastic(draw(&PALE, dice));
    let outline = vec![
        [-115.0, -22.0],
        [-109.0, -28.0],
        [100.0, -28.0],
        [103.0, -24.0],
        [115.0, -24.0],
        [115.0, 24.0],
        [103.0, 24.0],
        [100.0, 28.0],
        [-109.0, 28.0],
        [-115.0, 22.0],
        [-112.0, 8.0],
        [-112.0, -8.0],
    ];
    let mut parts = vec![Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        outline,
        |_, x, y, _| {
            let out = (y / 30.0).abs().min(1.0);
            let rib = if (y.abs() - 10.0).abs() < 1.6 || (x.abs() - 98.0).abs() < 2.0 {
                1.6
            } else {
                0.0
            };
            26.0 * (1.0 - out * out * out).max(0.1) + rib
        },
        [0.0; 4],
        skin,
    )];
    if dice.happens(0.6) {
        parts.push(Part::drum(Frame::at(-96.0, 0.0, 20.0), 13.0, 9.0, 10.0, skin.times(0.8)));
    }
    (parts, Pose::new(0.2, 0.4, dice))
}

/// The same seen from its slotted side: two rows of slots.
pub(crate) fn ksf_slotted(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let colour = draw(&PALE, dice);
    let skin = Skin::plastic(colour);
    let half = dice.between(21.0, 25.0);
    let outline = vec![[-115.0, -half], [115.0, -half], [115.0, half], [-115.0, half]];
    let slots = skin
        .with(colour.map(|band| band * 0.42), |[x, y, _]| if in_slot(x, y) { 1.0 } else { 0.0 });
    let parts = vec![Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        outline,
        |_, x, y, _| {
            if in_slot(x, y) { 10.0 } else { 16.0 + if y.abs() < 1.5 { 1.5 } else { 0.0 } }
        },
        [0.0; 4],
        slots,
    )];
    (parts, Pose::new(0.2, 0.25, dice))
}

fn in_slot(x: f64, y: f64) -> bool {
    let along = (x + 200.0) / 18.5;
    let along = along - along as i64 as f64;
    (0.24..0.76).contains(&along) && (6.5..13.0).contains(&y.abs()) && x.abs() < 104.0
}

/// Its square end with a round fitting.
pub(crate) fn ksf_end(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::plastic(draw(&PALE, dice));
    let (half, cut) = (dice.between(35.0, 42.0), dice.between(4.0, 9.0));
    let near = half - cut;
    let outline = vec![
        [-half, -near],
        [-near, -half],
        [near, -half],
        [half, -near],
        [half, near],
        [near, half],
        [-near, half],
        [-half, near],
    ];
    let mut parts = vec![Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        outline,
        |_, _, _, depth| 10.0 + if depth < 4.0 { 3.0 } else { 0.0 },
        [0.0; 4],
        skin,
    )];
    if dice.happens(0.6) {
        let off = dice.between(-6.0, 6.0);
        parts.push(Part::drum(Frame::at(off, 0.0, 10.0), 24.0, 22.0, 6.0, skin.times(1.0)));
        parts.push(Part::ring(Frame::at(off, 0.0, 15.0), 12.0, 17.0, 5.0, skin.times(0.95)));
        parts.push(Part::drum(Frame::at(off, 0.0, 15.5), 11.0, 11.0, 0.8, skin.times(0.55)));
    }
    (parts, Pose::new(0.25, 0.4, dice))
}

const SHEET: [Colour; 6] = [
    [132.0, 138.0, 138.0],
    [156.0, 160.0, 158.0],
    [106.0, 114.0, 84.0],
    [96.0, 106.0, 78.0],
    [132.0, 96.0, 70.0],
    [176.0, 178.0, 174.0],
];

/// A bowed panel of sheet metal with torn edges.
pub(crate) fn rbk_panel(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::steel(draw(&SHEET, dice));
    let (long, wide) = (dice.between(100.0, 166.0), dice.between(45.0, 95.0));
    let mut outline = vec![];
    for (from, to) in [
        ([-1.0, -1.0], [1.0, -1.0]),
        ([1.0, -1.0], [1.0, 1.0]),
        ([1.0, 1.0], [-1.0, 1.0]),
        ([-1.0, 1.0], [-1.0, -1.0]),
    ] {
        let torn = if dice.happens(0.5) { 0.16 } else { 0.03 };
        for step in 0..5 {
            let t = f64::from(step) / 5.0;
            let inward = 1.0 - torn * dice.between(0.0, 1.0);
            outline.push([0, 1].map(|axis: usize| {
                (from[axis] + (to[axis] - from[axis]) * t) * inward * [long, wide][axis]
            }));
        }
    }
    let bow = dice.between(0.15, 0.45) * wide;
    let hollow = if dice.happens(0.3) { -1.0 } else { 1.0 };
    let parts = vec![Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        outline,
        |knobs: &Knobs, x, y, _| {
            let out = (y / knobs[1]).powi(2);
            let bend = if knobs[2] > 0.0 { 1.0 - out } else { out };
            let rib = if (x.abs() - knobs[3]).abs() < 4.0 || x.abs() < 3.0 { 3.0 } else { 0.0 };
            3.0 + knobs[0] * bend.max(0.0) + rib
        },
        [bow, wide, hollow, long * 0.62],
        skin,
    )];
    (parts, Pose::new(0.2, 0.12, dice))
}

/// A round nose or tail cap.
pub(crate) fn rbk_cap(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::steel(draw(&SHEET, dice));
    let radius = dice.between(110.0, 158.0);
    let high = radius * dice.between(0.35, 0.7);
    let level = |out: f64, up: f64| [up * high, out * radius];
    let frame = Frame::along([0.0; 3], [0.0, 0.0, 1.0]);
    let mut parts = Part::turned(
        frame,
        &[
            level(1.0, 0.0),
            level(1.0, 0.18),
            level(0.94, 0.45),
            level(0.82, 0.68),
            level(0.62, 0.86),
            level(0.38, 0.97),
            level(0.2, 1.0),
            [high + 0.5, 0.0],
        ],
        skin,
    );
    let hub = radius * dice.between(0.16, 0.3);
    parts.push(Part::ring(
        Frame::at(0.0, 0.0, high * 0.95),
        hub * 0.75,
        hub,
        high * 0.05 + 8.0,
        skin.times(0.85),
    ));
    parts.push(Part::drum(Frame::at(0.0, 0.0, high), hub * 0.74, hub * 0.74, 1.5, skin.times(0.4)));
    for bolt in spokes(8, dice.between(0.0, 1.0)) {
        let at = Frame::at(bolt[0] * radius * 0.965, bolt[1] * radius * 0.965, high * 0.2);
        parts.push(Part::drum(at, 6.0, 5.0, 5.0, skin.times(0.6)));
    }
    (parts, Pose::new(0.4, 0.55, dice))
}

/// A bent fin.
pub(crate) fn rbk_fin(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::steel(draw(&SHEET, dice));
    let (long, root, tip) =
        (dice.between(100.0, 165.0), dice.between(60.0, 90.0), dice.between(30.0, 60.0));
    let outline = vec![
        [-long, -root],
        [long * 0.4, -root],
        [long, tip - 40.0],
        [long, tip],
        [-long * 0.5, root * 0.8],
        [-long, root * 0.3],
    ];
    let bend = on_circle(dice.between(-0.08, 0.08));
    let parts = vec![Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        outline,
        |knobs: &Knobs, x, y, depth| {
            let fold = ((x * knobs[1] + y * knobs[2]) - knobs[3]).max(0.0) * knobs[0];
            3.0 + fold
                + if depth < 5.0 { 2.5 } else { 0.0 }
                + if (y + 10.0).abs() < 5.0 { 3.0 } else { 0.0 }
        },
        [dice.between(0.1, 0.5), bend[0], bend[1], dice.between(-20.0, 50.0)],
        skin,
    )];
    (parts, Pose::new(0.15, 0.0, dice))
}
