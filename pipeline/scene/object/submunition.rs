//! Submunitions: 9N210/9N235, M095, PTAB-1M, ShOAB-0.5 and AO-2.5.

use crate::object::body::{Part, Pose};
use crate::object::circle::{on_circle, spokes};
use crate::object::frame::{Frame, Space};
use crate::object::skin::{Colour, Skin, draw};
use crate::random::Dice;

const METAL: [Colour; 5] = [
    [148.0, 150.0, 146.0],
    [122.0, 126.0, 122.0],
    [98.0, 100.0, 98.0],
    [104.0, 110.0, 84.0],
    [134.0, 124.0, 108.0],
];

/// A frame whose third axis runs along the ground's first, its nose down by a sine.
fn nose_down(sine: f64) -> Frame {
    Frame::along([0.0; 3], [(1.0 - sine * sine).sqrt(), 0.0, -sine])
}

/// How far its nose points down: mostly level, now and then dug in at a slant.
fn slant(steepest: f64, dice: &mut Dice) -> f64 {
    if dice.happens(0.6) { dice.between(0.0, 0.12) } else { dice.between(0.2, steepest) }
}

/// Flat fins around a tail: from and to along the axis, inner and outer radius.
fn fins(
    count: usize,
    [from, to]: [f64; 2],
    [inner, outer]: [f64; 2],
    skin: Skin,
    dice: &mut Dice,
) -> Vec<Part> {
    let bent = dice.happens(0.5);
    spokes(count, dice.between(0.0, 1.0))
        .map(|way| {
            let twist = on_circle(if bent { dice.between(-0.07, 0.07) } else { 0.0 });
            let shrink = if bent { dice.between(0.65, 1.0) } else { 1.0 };
            let half = (outer - inner) / 2.0 * shrink;
            let middle = inner + half;
            let frame = Frame::at(way[0] * middle, way[1] * middle, (from + to) / 2.0)
                .turned(way)
                .turned(twist);
            Part::slab(frame, [half, 1.3, (to - from) / 2.0], skin)
        })
        .collect()
}

fn within(frame: &Frame, parts: Vec<Part>) -> Vec<Part> {
    parts.into_iter().map(|part| Part { frame: part.frame.within(frame), ..part }).collect()
}

/// Round nose, cylinder, boat tail and six fins.
pub(crate) fn nine_n_235(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(&METAL, dice));
    let band = match dice.below(4) {
        0 => case.times(1.3),
        1 => Skin::steel([150.0, 128.0, 84.0]),
        _ => case.times(0.62),
    };
    let nose = if dice.happens(0.4) {
        Skin::steel(draw(&[[170.0, 168.0, 158.0], [84.0, 84.0, 80.0]], dice))
    } else {
        case
    };
    let steep = slant(0.8, dice);
    let frame = nose_down(steep);
    let middle = Frame { at: frame.place([0.0, 0.0, -10.0]), ..frame };
    let banded = case.with(band.colour, |at: Space| {
        if (6.0..15.0).contains(&at[2]) || (40.0..44.0).contains(&at[2]) { 1.0 } else { 0.0 }
    });
    let mut parts = Part::turned(middle, &[[-52.0, 16.0], [-34.0, 25.0], [-22.0, 32.5]], case);
    parts.push(Part::drum(
        Frame { at: middle.place([0.0, 0.0, -22.0]), ..middle },
        32.5,
        32.5,
        132.0,
        banded,
    ));
    parts.extend(Part::turned(
        middle,
        &[[110.0, 32.5], [122.0, 30.5], [132.0, 25.0], [138.0, 16.0], [141.5, 0.5]],
        nose,
    ));
    parts.extend(Part::turned(
        middle,
        &[[-121.5, 15.0], [-118.0, 17.0], [-52.0, 16.0]],
        case.times(0.85),
    ));
    let tail = fins(6, [-121.5, -72.0], [14.0, 33.0], case.times(1.05), dice);
    parts.extend(within(&middle, tail));
    (
        parts,
        Pose {
            sunk: (steep * 0.55 + dice.between(0.0, 0.4) * dice.between(0.0, 1.0)).min(0.6),
            ..Pose::new(0.1, 0.0, dice)
        },
    )
}

/// Short cylinder with a pale ribbon.
pub(crate) fn m095(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(
        &[[112.0, 116.0, 104.0], [92.0, 98.0, 76.0], [150.0, 148.0, 138.0], [124.0, 108.0, 84.0]],
        dice,
    ));
    let cloth = Skin::dull(draw(
        &[
            [226.0, 220.0, 204.0],
            [206.0, 196.0, 168.0],
            [196.0, 198.0, 190.0],
            [214.0, 170.0, 150.0],
        ],
        dice,
    ));
    let standing = dice.happens(0.25);
    let frame = if standing {
        Frame::along([0.0; 3], [0.0, 0.0, 1.0])
    } else {
        nose_down(slant(0.5, dice))
    };
    let middle = Frame { at: frame.place([0.0, 0.0, -30.0]), ..frame };
    let grooved = case.with(case.colour.map(|band| band * 0.6), |at: Space| {
        if (8.0..11.0).contains(&at[2]) || (30.0..32.0).contains(&at[2]) { 1.0 } else { 0.0 }
    });
    let mut parts = vec![Part::drum(middle, 21.0, 21.0, 52.0, grooved)];
    parts.extend(Part::turned(
        middle,
        &[[52.0, 20.0], [56.0, 17.0], [60.0, 15.0], [60.5, 0.0]],
        case.times(0.8),
    ));
    parts.extend(Part::turned(
        middle,
        &[[-18.0, 9.0], [-17.0, 12.0], [-6.0, 17.0], [0.0, 20.0]],
        case.times(0.9),
    ));
    // The ribbon: a chain of short strips, each turned against the one before.
    let tail = middle.place([0.0, 0.0, -16.0]);
    let (mut at, mut turn) = ([tail[0], tail[1]], 0.5 + dice.between(-0.1, 0.1));
    let lift = if standing { 66.0 } else { 20.0 };
    for piece in 0..4 + dice.below(5) {
        let way = on_circle(turn);
        let half = 7.5;
        let z = (lift - 5.0 * piece as f64).max(4.0 + dice.between(0.0, 4.0));
        let frame = Frame::at(at[0] + way[0] * half, at[1] + way[1] * half, z).turned(way);
        let sine = dice.between(-0.45, 0.45);
        parts.push(Part::slab(
            frame.rolled([(1.0 - sine * sine).sqrt(), sine]),
            [half * 1.15, 9.0, 0.9],
            cloth,
        ));
        at = [at[0] + way[0] * half * 1.9, at[1] + way[1] * half * 1.9];
        turn += dice.between(-0.11, 0.11);
    }
    (parts, Pose::new(0.12, 0.5, dice))
}

/// Slim, with a long tail and a ring of fins.
pub(crate) fn ptab_1m(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(&METAL, dice));
    let steep = slant(0.7, dice);
    let frame = nose_down(steep);
    let middle = Frame { at: frame.place([0.0, 0.0, 0.0]), ..frame };
    let mut parts = Part::turned(
        middle,
        &[
            [-20.0, 14.0],
            [-8.0, 19.0],
            [0.0, 21.0],
            [86.0, 21.0],
            [96.0, 19.0],
            [104.0, 12.0],
            [122.0, 10.0],
            [130.0, 6.0],
            [130.5, 0.0],
        ],
        case.with(case.colour.map(|band| band * 0.62), |at: Space| {
            if (40.0..46.0).contains(&at[2]) { 1.0 } else { 0.0 }
        }),
    );
    parts.push(Part::drum(
        Frame { at: middle.place([0.0, 0.0, 20.0]), ..middle },
        21.4,
        21.4,
        6.0,
        case.times(0.6),
    ));
    parts.extend(Part::turned(
        middle,
        &[[-128.0, 11.0], [-60.0, 12.0], [-20.0, 14.0]],
        case.times(0.92),
    ));
    let mut tail = fins(4, [-130.0, -88.0], [10.0, 21.0], case.times(1.06), dice);
    tail.push(Part::ring(Frame::at(0.0, 0.0, -130.0), 18.5, 21.0, 16.0, case.times(1.08)));
    parts.extend(within(&middle, tail));
    (
        parts,
        Pose {
            sunk: (steep * 0.5 + dice.between(0.0, 0.4) * dice.between(0.0, 1.0)).min(0.6),
            ..Pose::new(0.1, 0.0, dice)
        },
    )
}

/// A metal ball with a ridge around its middle and one across it.
pub(crate) fn shoab(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(
        &[
            [150.0, 150.0, 146.0],
            [118.0, 118.0, 114.0],
            [92.0, 94.0, 90.0],
            [138.0, 118.0, 92.0],
            [168.0, 164.0, 152.0],
        ],
        dice,
    ));
    let way = dice.direction();
    let axis = [way.x, way.y, dice.between(0.0, 1.4)];
    let girdle = Frame::along([0.0; 3], axis);
    let ring = |frame: Frame, radius: f64, half: f64| {
        Part::drum(
            Frame { at: frame.place([0.0, 0.0, -half]), ..frame },
            radius,
            radius,
            2.0 * half,
            case.times(0.82),
        )
    };
    let mut parts = vec![Part::ball(girdle, [28.5; 3], case), ring(girdle, 30.0, 2.6)];
    // Ridges that run from pole to pole.
    let [x, y, _] = girdle.axes;
    parts.push(ring(Frame::along([0.0; 3], x), 29.4, 1.5));
    parts.push(ring(Frame::along([0.0; 3], y), 29.4, 1.5));
    parts.push(Part::drum(
        Frame { at: girdle.place([0.0, 0.0, 24.0]), ..girdle },
        10.0,
        9.0,
        5.6,
        case.times(0.7),
    ));
    (parts, Pose::new(0.0, 0.6, dice))
}

/// Egg-shaped with a ridge along and across, or a short cylinder with a vaned tail.
pub(crate) fn ao_25(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(&METAL, dice));
    let steep = slant(0.6, dice);
    let frame = nose_down(steep);
    let middle = frame;
    let mut parts = vec![];
    if dice.happens(0.65) {
        parts.push(Part::ball(middle, [43.0, 43.0, 74.0], case));
        let across = Frame { at: middle.place([0.0, 0.0, -4.0]), ..middle };
        parts.push(Part::drum(across, 45.0, 45.0, 8.0, case.times(0.85)));
        // The long ridge is an ellipsoid squeezed flat.
        let roll = on_circle(dice.between(0.0, 1.0));
        parts.push(Part::ball(middle.turned(roll), [45.5, 3.2, 75.0], case.times(1.12)));
        parts.push(Part::ball(middle.turned(roll), [3.2, 45.5, 75.0], case.times(1.12)));
    } else {
        let body = Part::turned(
            middle,
            &[
                [-30.0, 28.0],
                [-20.0, 43.0],
                [-14.0, 45.0],
                [30.0, 45.0],
                [52.0, 40.0],
                [66.0, 26.0],
                [75.0, 4.0],
            ],
            case,
        );
        parts.extend(body);
        parts.push(Part::drum(
            Frame { at: middle.place([0.0, 0.0, 4.0]), ..middle },
            46.0,
            46.0,
            5.0,
            case.times(0.7),
        ));
        let tail = fins(4, [-75.0, -26.0], [0.0, 44.0], case.times(1.08), dice);
        parts.extend(within(&middle, tail));
        parts.extend(Part::turned(middle, &[[-74.0, 9.0], [-30.0, 11.0]], case.times(0.85)));
    }
    (
        parts,
        Pose {
            sunk: (steep * 0.5 + dice.between(0.0, 0.5) * dice.between(0.0, 1.0)).min(0.6),
            ..Pose::new(0.1, 0.0, dice)
        },
    )
}
