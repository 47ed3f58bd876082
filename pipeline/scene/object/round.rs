//! Round mines: PMN-1, PMN-2, PMN-4, TM-62M and TM-57.

use crate::object::body::{Part, Pose};
use crate::object::circle::{angle, spokes};
use crate::object::frame::{Frame, Space};
use crate::object::skin::{Skin, draw};
use crate::random::Dice;

const UPRIGHT: [f64; 3] = [0.0, 0.0, 1.0];

fn at(z: f64) -> Frame {
    Frame::along([0.0, 0.0, z], UPRIGHT)
}

/// Brown bakelite under a black rubber top that a metal band holds; a stub at its side.
pub(crate) fn pmn_1(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::plastic(draw(
        &[[104.0, 70.0, 50.0], [92.0, 64.0, 50.0], [70.0, 56.0, 50.0], [58.0, 54.0, 52.0]],
        dice,
    ));
    let rubber = Skin::plastic(draw(
        &[[48.0, 47.0, 48.0], [62.0, 62.0, 62.0], [84.0, 84.0, 84.0], [70.0, 58.0, 52.0]],
        dice,
    ));
    let band = Skin::steel(draw(
        &[[176.0, 176.0, 172.0], [150.0, 146.0, 138.0], [120.0, 112.0, 100.0]],
        dice,
    ));
    let ribbed = rubber.with(rubber.colour.map(|band| band * 0.62), |at: Space| {
        let out = (at[0] * at[0] + at[1] * at[1]).sqrt();
        let flute = (angle(at[0], at[1]) * 28.0).fract();
        if (37.0..47.0).contains(&out) && flute < 0.4 || (30.0..32.5).contains(&out) {
            1.0
        } else {
            0.0
        }
    });
    let mut parts = Part::turned(at(0.0), &[[0.0, 52.0], [6.0, 55.5], [36.0, 56.0]], case);
    parts.extend(Part::turned(at(36.0), &[[0.0, 56.0], [5.0, 54.5], [6.0, 54.0]], case));
    parts.push(Part::ring(at(38.0), 47.5, 53.0, 8.0, band));
    parts.extend(Part::turned(
        at(42.0),
        &[[0.0, 48.0], [6.0, 47.5], [10.0, 42.0], [13.0, 28.0], [14.0, 0.0]],
        ribbed,
    ));
    parts.push(Part::slab(Frame::at(0.0, -53.0, 42.0), [9.0, 4.0, 4.0], band));
    parts.push(Part::rod([40.0, 0.0, 18.0], [66.0, 0.0, 18.0], 9.5, case.times(0.85)));
    parts.push(Part::rod([-40.0, 0.0, 20.0], [-61.0, 0.0, 20.0], 7.0, band.times(0.8)));
    (parts, Pose::new(0.40, 0.60, dice))
}

/// Green, with a black cross on top.
pub(crate) fn pmn_2(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::plastic(draw(
        &[
            [88.0, 106.0, 70.0],
            [104.0, 118.0, 80.0],
            [74.0, 90.0, 64.0],
            [120.0, 122.0, 92.0],
            [118.0, 106.0, 78.0],
        ],
        dice,
    ));
    let cross =
        Skin::plastic(draw(&[[40.0, 40.0, 42.0], [54.0, 54.0, 54.0], [72.0, 72.0, 72.0]], dice));
    let mut parts = Part::turned(
        at(0.0),
        &[[0.0, 57.0], [5.0, 60.5], [36.0, 60.5], [44.0, 56.0], [45.0, 0.0]],
        case,
    );
    // The four quarters between the arms are sunk behind a rim.
    parts.push(Part::ring(at(44.0), 51.0, 55.5, 4.0, case.times(1.04)));
    for arm in spokes(4, 0.125) {
        let frame = Frame::at(arm[0] * 27.0, arm[1] * 27.0, 47.0).turned(arm);
        parts.push(Part::slab(frame, [24.0, 12.5, 6.0], cross));
        let ridge = Frame::at(arm[0] * 27.0, arm[1] * 27.0, 50.0).turned(arm);
        parts.push(Part::slab(ridge, [20.0, 5.0, 4.5], cross.times(1.15)));
    }
    parts.extend(Part::turned(
        at(44.0),
        &[[0.0, 21.0], [8.0, 20.0], [10.0, 12.0], [10.5, 0.0]],
        cross,
    ));
    parts.push(Part::rod([45.0, 0.0, 22.0], [66.0, 0.0, 22.0], 11.0, case.times(0.88)));
    (parts, Pose::new(0.40, 0.60, dice))
}

/// Small, green to brown, with a dark ribbed star on top.
pub(crate) fn pmn_4(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::plastic(draw(
        &[[96.0, 92.0, 62.0], [86.0, 92.0, 64.0], [112.0, 98.0, 68.0], [84.0, 76.0, 56.0]],
        dice,
    ));
    let top =
        Skin::plastic(draw(&[[52.0, 50.0, 46.0], [66.0, 64.0, 54.0], [46.0, 50.0, 44.0]], dice));
    let mut parts = Part::turned(
        at(0.0),
        &[[0.0, 44.0], [4.0, 47.5], [26.0, 47.5], [31.0, 44.0], [32.0, 0.0]],
        case,
    );
    parts.extend(Part::turned(at(31.0), &[[0.0, 38.0], [4.0, 36.5], [5.0, 0.0]], top));
    for arm in spokes(6, 0.0) {
        let frame = Frame::at(arm[0] * 19.0, arm[1] * 19.0, 36.0).turned(arm);
        parts.push(Part::slab(frame, [18.0, 3.6, 4.5], top.times(1.35)));
    }
    parts.extend(Part::turned(at(34.0), &[[0.0, 13.0], [6.5, 12.0], [8.0, 0.0]], top.times(1.2)));
    parts.push(Part::rod([36.0, 0.0, 16.0], [54.0, 0.0, 16.0], 8.0, case.times(0.8)));
    (parts, Pose::new(0.40, 0.60, dice))
}

/// Low metal drum with ridges around a deep-set central fuze.
pub(crate) fn tm_62m(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(
        &[
            [104.0, 110.0, 74.0],
            [92.0, 104.0, 70.0],
            [118.0, 116.0, 84.0],
            [82.0, 92.0, 66.0],
            [124.0, 108.0, 80.0],
        ],
        dice,
    ));
    let profile = [
        [0.0, 152.0],
        [8.0, 160.0],
        [66.0, 160.0],
        [76.0, 155.0],
        [84.0, 142.0],
        [90.0, 122.0],
        [96.0, 88.0],
        [96.5, 0.0],
    ];
    let mut parts = Part::turned(at(0.0), &profile, case);
    parts.push(Part::ring(at(76.0), 146.0, 152.0, 9.0, case.times(1.05)));
    parts.push(Part::ring(at(84.0), 108.0, 117.0, 13.0, case.times(1.05)));
    parts.push(Part::ring(at(90.0), 64.0, 76.0, 12.0, case.times(0.95)));
    let fuze = match dice.below(5) {
        // A transport plug closes the well.
        0 => Skin::plastic(draw(
            &[[70.0, 64.0, 58.0], [150.0, 60.0, 44.0], [60.0, 60.0, 60.0]],
            dice,
        )),
        _ => Skin::steel(draw(
            &[[74.0, 80.0, 60.0], [88.0, 92.0, 72.0], [132.0, 126.0, 104.0], [60.0, 62.0, 56.0]],
            dice,
        )),
    };
    parts.extend(Part::turned(
        at(96.0),
        &[
            [0.0, 60.0],
            [10.0, 60.0],
            [14.0, 54.0],
            [15.0, 42.0],
            [24.0, 40.0],
            [27.0, 34.0],
            [28.0, 0.0],
        ],
        fuze,
    ));
    parts.push(Part::ring(at(122.0), 15.0, 20.0, 5.0, fuze.times(0.75)));
    for lug in spokes(3, dice.between(0.0, 1.0)) {
        parts.push(Part::slab(
            Frame::at(lug[0] * 51.0, lug[1] * 51.0, 111.0).turned(lug),
            [6.0, 9.0, 4.0],
            fuze.times(0.8),
        ));
    }
    handle(160.0, 30.0, case.times(0.7), &mut parts);
    (parts, Pose::new(0.36, 0.60, dice))
}

/// Domed metal drum, a cap of 200 mm with a small filler, a stub at its side.
pub(crate) fn tm_57(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let case = Skin::steel(draw(
        &[
            [100.0, 104.0, 72.0],
            [112.0, 112.0, 80.0],
            [110.0, 88.0, 64.0],
            [86.0, 94.0, 66.0],
            [126.0, 92.0, 66.0],
        ],
        dice,
    ));
    let dome = [
        [0.0, 150.0],
        [10.0, 158.0],
        [52.0, 158.0],
        [66.0, 152.0],
        [78.0, 138.0],
        [86.0, 118.0],
        [89.0, 106.0],
        [89.5, 0.0],
    ];
    let mut parts = Part::turned(at(0.0), &dome, case);
    parts.push(Part::ring(at(52.0), 155.0, 159.0, 5.0, case.times(0.85)));
    let cap = [[0.0, 100.0], [8.0, 99.0], [13.0, 84.0], [16.0, 52.0], [16.5, 0.0]];
    parts.extend(Part::turned(at(86.0), &cap, case.times(dice.between(0.85, 1.1) as f32)));
    parts.extend(Part::turned(
        at(100.0),
        &[[0.0, 24.0], [7.0, 23.0], [8.0, 0.0]],
        case.times(0.65),
    ));
    parts.push(Part::slab(at(107.0), [16.0, 2.5, 2.0], case.times(1.2)));
    parts.push(Part::rod([150.0, 0.0, 40.0], [172.0, 0.0, 40.0], 15.0, case.times(0.7)));
    handle(158.0, 34.0, case.times(0.8), &mut parts);
    (parts, Pose::new(0.36, 0.60, dice))
}

/// A wire handle that hangs at the side.
fn handle(radius: f64, z: f64, skin: Skin, parts: &mut Vec<Part>) {
    let [one, other] = [-46.0, 46.0].map(|y: f64| [-(radius * radius - y * y).sqrt(), y, z]);
    let [out, far] = [[-radius - 9.0, -36.0, z * 0.5], [-radius - 9.0, 36.0, z * 0.5]];
    parts.extend(
        [(one, out), (out, far), (far, other)].map(|(from, to)| Part::rod(from, to, 3.5, skin)),
    );
}
