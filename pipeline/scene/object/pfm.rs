//! PFM-1: two wings, one full and one flat, and a plug.

use crate::object::body::{Part, Pose};
use crate::object::circle::on_circle;
use crate::object::frame::Frame;
use crate::object::plate::Knobs;
use crate::object::skin::{Colour, Skin};
use crate::random::Dice;

/// The fuller wing, from the hinge and back to it, millimetres; the plug lies at the far side of y.
#[rustfmt::skip]
const FULL: [[f64; 2]; 17] = [
    [-2.0, -24.0], [8.0, -27.0], [24.0, -28.0], [39.0, -26.0], [50.0, -20.0], [57.0, -11.0],
    [60.0, 0.0], [59.5, 9.0], [55.0, 15.5], [46.0, 17.5], [36.0, 16.0], [25.0, 13.5], [16.0, 12.5],
    [11.0, 13.5], [8.0, 16.0], [0.0, 16.5], [-3.0, 12.0],
];

/// The flat wing, more angular.
#[rustfmt::skip]
const FLAT: [[f64; 2]; 14] = [
    [2.0, 14.0], [-8.0, 14.5], [-12.0, 12.0], [-21.0, 13.0], [-34.0, 16.5], [-46.0, 19.5],
    [-55.0, 17.0], [-60.0, 8.0], [-58.0, -7.0], [-50.0, -18.0], [-38.0, -25.0], [-24.0, -27.5],
    [-9.0, -26.0], [2.0, -21.0],
];

/// Colours it is found in, the usual ones more than once.
const COLOURS: [Colour; 15] = [
    [206.0, 170.0, 146.0],
    [204.0, 164.0, 142.0],
    [198.0, 162.0, 134.0],
    [212.0, 180.0, 156.0],
    [214.0, 176.0, 166.0],
    [190.0, 160.0, 152.0],
    [176.0, 152.0, 126.0],
    [168.0, 140.0, 112.0],
    [150.0, 126.0, 104.0],
    [196.0, 186.0, 188.0],
    [228.0, 222.0, 220.0],
    [122.0, 132.0, 92.0],
    [104.0, 122.0, 82.0],
    [150.0, 152.0, 118.0],
    [186.0, 178.0, 140.0],
];

pub(crate) fn parts(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let side = if dice.happens(0.5) { 1.0 } else { -1.0 };
    let size = dice.between(0.98, 1.02);
    let mirrored = |outline: &[[f64; 2]]| {
        outline.iter().map(|[x, y]| [x * side * size, y * size]).collect::<Vec<_>>()
    };
    let colour =
        COLOURS[dice.below(COLOURS.len())].map(|band| band * dice.between(0.94, 1.05) as f32);
    let skin = Skin::plastic(colour);
    let thick = dice.between(8.0, 14.0);
    let plug = match dice.below(20) {
        0..14 => Skin::plastic([288.0, 288.0, 284.0]),
        14..17 => Skin::plastic([196.0, 196.0, 194.0]),
        _ => skin.times(0.92),
    };
    let fold = dice.between(-0.10, 0.16);
    let bent = |amount: f64| [(1.0 - amount * amount).sqrt(), amount];
    let wing = |outline: &[[f64; 2]], top, knobs, lift: f64| {
        Part::plate(
            Frame::at(0.0, 0.0, 3.0).pitched(bent(lift)),
            mirrored(outline),
            top,
            knobs,
            skin,
        )
    };
    let mut parts = vec![
        wing(&FULL, full, [thick, side, 0.0, 0.0], fold * side),
        wing(&FLAT, flat, [dice.between(4.0, 6.0), side, 0.0, 0.0], -fold * side),
    ];
    // The spine between the wings ends in the plug; seen from below it is a mere crease.
    let raised = dice.between(-3.0, 5.0);
    let slant = dice.between(-1.5, 1.5);
    parts.push(Part::rod(
        [slant, -21.0, 7.0],
        [0.0, 19.0, 9.0 + raised],
        dice.between(4.0, 6.0),
        skin.times(0.97),
    ));
    let [cos, sin] = on_circle(dice.between(-0.03, 0.03));
    parts.push(Part::ball(
        Frame::at(sin * 4.0, 23.6, 9.0 + raised.max(0.0)).turned([cos, sin]),
        [dice.between(10.0, 11.2), 10.0, 5.0],
        plug,
    ));
    parts.push(Part::rod(
        [0.0, 16.0, 8.0],
        [sin * 4.0, 22.0, 9.0 + raised.max(0.0)],
        7.0,
        plug.times(0.93),
    ));
    (parts, Pose::new(0.34, 0.35, dice))
}

/// Liquid-filled: round from the rim to its back, a weld around.
fn full(knobs: &Knobs, x: f64, _: f64, depth: f64) -> f64 {
    let out = 1.0 - (depth / 10.0).min(1.0);
    let round = (1.0 - out * out).sqrt();
    // Lower towards the hinge.
    let hinge = (1.0 - (x * knobs[1]) / 16.0).clamp(0.0, 1.0);
    3.0 + (knobs[0] - 3.0) * round * (1.0 - 0.55 * hinge * hinge)
}

/// Flat, with a raised rib parallel to its edge.
fn flat(knobs: &Knobs, x: f64, _: f64, depth: f64) -> f64 {
    let rib = (1.0 - (depth - 5.0).abs() / 2.0).clamp(0.0, 1.0) * 1.4;
    let out = 1.0 - (depth / 4.0).min(1.0);
    let away = (-x * knobs[1] / 60.0).clamp(0.0, 1.0);
    knobs[0] * (1.0 - out * out * 0.6) * (1.0 - 0.3 * away) + rib
}
