//! Fragmentation and directional mines: OZM-72, POM-2, POM-3, MON-50 and MON-90.

use crate::object::body::{Part, Pose};
use crate::object::circle::spokes;
use crate::object::frame::{Frame, dot, sum};
use crate::object::skin::{Colour, Skin, draw};
use crate::random::Dice;

/// Upright, or on its side with its third axis level.
fn standing_or_lying(
    standing: f64,
    half_length: f64,
    radius: f64,
    dice: &mut Dice,
) -> (Frame, bool) {
    if dice.happens(standing) {
        (Frame::at(0.0, 0.0, 0.0), true)
    } else {
        (Frame::along([-half_length, 0.0, radius], [1.0, 0.0, 0.0]), false)
    }
}

const DRAB: [Colour; 5] = [
    [96.0, 104.0, 70.0],
    [110.0, 112.0, 80.0],
    [82.0, 92.0, 66.0],
    [122.0, 124.0, 116.0],
    [104.0, 100.0, 84.0],
];

/// A steel drum with a fuze in the middle of its lid and a filler cap beside it.
pub(crate) fn ozm_72(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(&DRAB, dice));
    let metal = Skin::steel(draw(
        &[[150.0, 148.0, 140.0], [96.0, 94.0, 88.0], [168.0, 150.0, 104.0]],
        dice,
    ));
    let (frame, standing) = standing_or_lying(0.55, 86.0, 54.0, dice);
    let own = |parts: Vec<Part>| {
        parts.into_iter().map(|part| Part { frame: part.frame.within(&frame), ..part })
    };
    let up = |x: f64, y: f64, z: f64| Frame::at(x, y, z);
    let mut parts = Part::turned(
        frame,
        &[[0.0, 52.0], [4.0, 54.0], [166.0, 54.0], [169.0, 53.0], [169.5, 0.0]],
        case,
    );
    parts.extend(own(vec![
        Part::ring(up(0.0, 0.0, 160.0), 48.0, 53.5, 14.0, case.times(1.06)),
        Part::ring(up(0.0, 0.0, 20.0), 50.0, 55.0, 6.0, case.times(0.9)),
        Part::drum(up(0.0, 0.0, 168.0), 19.0, 17.0, 9.0, case.times(0.8)),
        Part::drum(up(0.0, 0.0, 176.0), 9.0, 8.0, 22.0, metal),
        Part::drum(up(0.0, 0.0, 198.0), 4.0, 3.0, 10.0, metal.times(0.8)),
        Part::drum(up(30.0, 6.0, 168.0), 13.0, 12.0, 7.0, case.times(0.68)),
        Part::drum(up(-28.0, -14.0, 168.0), 7.0, 6.0, 6.0, metal.times(0.9)),
    ]));
    (parts, Pose::new(if standing { 0.25 } else { 0.15 }, 0.60, dice))
}

/// A tube on six spring legs, or lying with them splayed or folded.
pub(crate) fn pom_2(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(
        &[[92.0, 100.0, 70.0], [110.0, 112.0, 88.0], [126.0, 128.0, 120.0], [78.0, 84.0, 66.0]],
        dice,
    ));
    let leg = Skin::steel(draw(
        &[[150.0, 150.0, 142.0], [120.0, 120.0, 108.0], [92.0, 98.0, 72.0]],
        dice,
    ));
    let (frame, standing) = standing_or_lying(0.65, 90.0, 31.5, dice);
    let mut parts = Part::turned(
        frame,
        &[[0.0, 28.0], [6.0, 31.5], [150.0, 31.5], [154.0, 27.0], [180.0, 22.0], [180.5, 0.0]],
        case,
    );
    let mut inner = vec![
        Part::ring(Frame::at(0.0, 0.0, 150.0), 26.0, 30.0, 8.0, case.times(0.75)),
        Part::ring(Frame::at(0.0, 0.0, 178.0), 10.0, 16.0, 5.0, leg),
        Part::drum(Frame::at(0.0, 0.0, 180.0), 7.0, 5.0, 9.0, case.times(0.6)),
    ];
    let splayed = standing || dice.happens(0.6);
    for way in spokes(6, dice.between(0.0, 1.0)) {
        let (knee, foot) = if splayed {
            (62.0 + dice.between(-6.0, 6.0), 98.0 + dice.between(-8.0, 8.0))
        } else {
            (33.0, 33.5)
        };
        let [high, low] = if splayed { [44.0, 2.0] } else { [60.0, 120.0] };
        let [root, knee, foot] = [(29.0, 24.0), (knee, high), (foot, low)]
            .map(|(out, z): (f64, f64)| [way[0] * out, way[1] * out, z]);
        inner.push(strip(root, knee, leg));
        inner.push(strip(knee, foot, leg.times(0.95)));
    }
    parts.extend(inner.into_iter().map(|part| Part { frame: part.frame.within(&frame), ..part }));
    (parts, Pose::new(if standing { 0.25 } else { 0.12 }, if standing { 0.1 } else { 0.5 }, dice))
}

/// A strip of spring steel between two points.
fn strip(from: [f64; 3], to: [f64; 3], skin: Skin) -> Part {
    let way = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    let half = dot(way, way).sqrt() / 2.0;
    let middle = [0, 1, 2].map(|axis| (from[axis] + to[axis]) / 2.0);
    Part::slab(Frame::along(middle, way), [8.0, 1.2, half + 2.0], skin)
}

/// A round-headed body on a stake with six long thin legs.
pub(crate) fn pom_3(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(
        &[[86.0, 94.0, 70.0], [104.0, 106.0, 86.0], [70.0, 76.0, 62.0], [128.0, 128.0, 118.0]],
        dice,
    ));
    let head =
        Skin::plastic(draw(&[[66.0, 70.0, 58.0], [90.0, 94.0, 78.0], [54.0, 56.0, 52.0]], dice));
    let leg =
        Skin::steel(draw(&[[96.0, 98.0, 86.0], [134.0, 132.0, 122.0], [70.0, 74.0, 60.0]], dice));
    let (frame, standing) = standing_or_lying(0.75, 60.0, 30.0, dice);
    let mut parts = Part::turned(
        frame,
        &[[0.0, 26.0], [5.0, 30.0], [96.0, 30.0], [100.0, 27.0], [101.0, 0.0]],
        case,
    );
    parts.extend(Part::turned(
        Frame { at: frame.place([0.0, 0.0, 98.0]), ..frame },
        &[[0.0, 26.0], [12.0, 24.0], [18.0, 17.0], [20.0, 8.0], [20.5, 0.0]],
        head,
    ));
    let mut inner = vec![Part::ring(Frame::at(0.0, 0.0, 92.0), 26.5, 30.8, 8.0, case.times(0.75))];
    let thin = dice.between(2.2, 3.2);
    for way in spokes(6, dice.between(0.0, 1.0)) {
        let reach = dice.between(86.0, 112.0);
        let [root, bend, foot] = [(28.0, 62.0), (62.0, 50.0), (reach, 2.0)]
            .map(|(out, z)| [way[0] * out, way[1] * out, z]);
        inner.push(Part::rod(root, bend, thin, leg));
        inner.push(Part::rod(bend, foot, thin, leg));
    }
    if !standing {
        inner.push(Part::rod([0.0, 0.0, 0.0], [0.0, 0.0, -70.0], 4.0, leg));
    }
    parts.extend(inner.into_iter().map(|part| Part { frame: part.frame.within(&frame), ..part }));
    (parts, Pose::new(if standing { 0.22 } else { 0.12 }, 0.3, dice))
}

pub(crate) fn mon_50(dice: &mut Dice) -> (Vec<Part>, Pose) {
    directional([113.0, 52.0, 17.0], 24.0, dice)
}

pub(crate) fn mon_90(dice: &mut Dice) -> (Vec<Part>, Pose) {
    directional([172.0, 76.0, 24.0], 34.0, dice)
}

/// A box bowed along its length: half length, half height, half thickness, and how far it bows.
/// It stands on two pairs of legs, or lies on its back or its face.
fn directional([long, high, thick]: [f64; 3], bow: f64, dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::plastic(draw(
        &[
            [98.0, 106.0, 70.0],
            [112.0, 114.0, 78.0],
            [126.0, 122.0, 88.0],
            [84.0, 94.0, 64.0],
            [140.0, 130.0, 98.0],
        ],
        dice,
    ));
    let dark =
        Skin::steel(draw(&[[60.0, 62.0, 54.0], [86.0, 88.0, 76.0], [120.0, 118.0, 108.0]], dice));
    let standing = dice.happens(0.55);
    // Its own axes: along, the way it faces, and up.
    let lie = if standing {
        Frame::at(0.0, 0.0, high + 46.0)
    } else if dice.happens(0.5) {
        Frame::at(0.0, 0.0, 0.0).rolled([0.0, 1.0])
    } else {
        Frame::at(0.0, 0.0, 0.0).rolled([0.0, -1.0])
    };
    let mut parts = bowed_case([long, high, thick], bow, case);
    // Sight in the middle of the top, a fuze well to either side.
    parts.push(Part::slab(
        Frame::at(0.0, -bow * 0.5, high + 6.0),
        [11.0, 5.0, 7.0],
        case.times(0.85),
    ));
    for side in [-1.0, 1.0] {
        let at = Frame::at(side * long * 0.42, -bow * 0.3, high - 1.0);
        parts.push(Part::drum(at, 9.5, 9.0, 11.0, dark));
        for way in [-1.0, 1.0] {
            let root = [side * long * 0.34, -bow * 0.38, -high];
            let foot = [side * long * 0.42, -bow * 0.38 + way * (thick + 26.0), -high - 46.0];
            let folded = [side * long * 0.86, -bow * 0.2 + way * (thick + 4.0), -high + 8.0];
            parts.push(Part::rod(root, if standing { foot } else { folded }, 3.2, dark));
        }
    }
    let parts =
        parts.into_iter().map(|part| Part { frame: part.frame.within(&lie), ..part }).collect();
    (parts, Pose::new(0.25, if standing { 0.35 } else { 0.55 }, dice))
}

/// The case of a directional mine: slabs side by side along its bow, with a rim and ribs.
fn bowed_case([long, high, thick]: [f64; 3], bow: f64, case: Skin) -> Vec<Part> {
    const SLABS: i32 = 12;
    let mut parts = vec![];
    // The ends are turned, so that their corners reach further out than their middles.
    let reach = long - thick * 0.45;
    let half = reach / f64::from(SLABS) * 1.08;
    for slab in 0..SLABS {
        let x = (f64::from(slab) + 0.5) / f64::from(SLABS) * 2.0 - 1.0;
        let slope = 2.0 * bow * x / long;
        let along = 1.0 / (1.0 + slope * slope).sqrt();
        let frame = Frame::at(x * (reach - half * 0.1), bow * (x * x - 0.5), 0.0)
            .turned([along, slope * along]);
        parts.push(Part::slab(frame, [half, thick, high], case));
        // A rim at top and bottom, proud of the faces.
        for edge in [-1.0, 1.0] {
            let at = sum(frame.at, [0.0, 0.0, edge * (high - 5.0)]);
            let rim = [half, thick + 3.0, 5.5];
            parts.push(Part::slab(Frame { at, ..frame }, rim, case.times(0.92)));
        }
        if slab % 2 == 1 {
            let at = sum(frame.at, [0.0, -1.0, 0.0]);
            let rib = [2.2, thick + 2.2, high * 0.86];
            parts.push(Part::slab(Frame { at, ..frame }, rib, case.times(1.06)));
        }
    }
    parts
}
