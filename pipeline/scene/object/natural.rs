//! Look-alikes that grow, fall or are dropped: no truth.

use crate::object::body::{Part, Pose};
use crate::object::circle::{on_circle, spokes};
use crate::object::frame::{Frame, Space};
use crate::object::plate::Knobs;
use crate::object::skin::{Colour, Skin, draw};
use crate::random::{Dice, octaves, value};

/// A ragged ring of points about the origin.
fn ragged(count: usize, radius: f64, spread: f64, squeeze: f64, dice: &mut Dice) -> Vec<[f64; 2]> {
    spokes(count, 0.0)
        .map(|[x, y]| {
            let out = radius * (1.0 - spread * dice.between(0.0, 1.0));
            [x * out, y * out * squeeze]
        })
        .collect()
}

pub(crate) fn stone(dice: &mut Dice) -> (Vec<Part>, Pose) {
    #[rustfmt::skip]
    const ROCKS: [Colour; 9] = [
        [168.0, 162.0, 152.0], [146.0, 143.0, 140.0], [190.0, 180.0, 162.0], [206.0, 204.0, 198.0],
        [120.0, 116.0, 112.0], [176.0, 150.0, 124.0], [150.0, 118.0, 98.0], [92.0, 90.0, 90.0],
        [224.0, 220.0, 214.0],
    ];
    let colour = draw(&ROCKS, dice);
    let skin = Skin::dull(colour).with(colour.map(|band| band * 0.72), |[x, y, _]: Space| {
        value(0x570e, x / 5.0 + 99.0, y / 5.0)
    });
    // Mostly small: the smallest of three draws.
    let radius = (0..3).map(|_| dice.between(7.0, 85.0)).fold(f64::INFINITY, f64::min);
    let outline = ragged(9 + dice.below(5), radius, 0.22, dice.between(0.6, 1.0), dice);
    let part = Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        outline,
        |knobs: &Knobs, x, y, depth| {
            let out = 1.0 - (depth / knobs[0]).min(1.0);
            let facets =
                f64::from(octaves(knobs[2] as u64, x / knobs[0] + 50.0, y / knobs[0], 2)) - 0.5;
            knobs[1] * ((1.0 - out * out).max(0.0).sqrt() * (1.0 + 0.5 * facets)).max(0.05)
        },
        [
            radius * dice.between(0.35, 0.75),
            radius * dice.between(0.35, 0.85),
            (dice.bits() >> 40) as f64,
            0.0,
        ],
        skin,
    );
    (vec![part], Pose::new(0.0, 0.6, dice))
}

const DRY: [Colour; 13] = [
    [222.0, 206.0, 186.0],
    [196.0, 170.0, 156.0],
    [172.0, 154.0, 142.0],
    [176.0, 138.0, 108.0],
    [196.0, 160.0, 130.0],
    [150.0, 112.0, 86.0],
    [206.0, 180.0, 154.0],
    [188.0, 128.0, 78.0],
    [212.0, 134.0, 66.0],
    [134.0, 102.0, 78.0],
    [206.0, 172.0, 104.0],
    [168.0, 150.0, 128.0],
    [120.0, 84.0, 66.0],
];

/// The surface of a leaf: bowed along and across, wavy; knobs are bow, curl, width and seed.
fn leaf_top(knobs: &Knobs, x: f64, y: f64, _: f64) -> f64 {
    let (along, across) = (x / 50.0, y / knobs[2]);
    let wave = f64::from(value(knobs[3] as u64, x / 14.0 + 60.0, y / 14.0)) * 4.0;
    1.0 + (knobs[0] * along * along + knobs[1] * across * across + wave).max(0.0)
}

fn veined(skin: Skin) -> Skin {
    skin.with(skin.colour.map(|band| (band * 1.18).min(240.0)), |[x, y, _]: Space| {
        let side = (x.abs() - 0.8 * y.abs() + 200.0) / 11.0;
        let side = side - side as i64 as f64;
        if y.abs() < 0.9 || side < 0.09 { 1.0 } else { 0.0 }
    })
}

/// Lobed on both sides, curled when dry: what is most often taken for a mine.
pub(crate) fn oak_leaf(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let (long, wide) =
        (dice.between(28.0, 68.0).max(dice.between(-60.0, 88.0)), dice.between(0.36, 0.66));
    let lobes = 3 + dice.below(3);
    let mut half = vec![[-long, 2.0]];
    for lobe in 0..lobes {
        let full = dice.between(0.85, 1.1);
        let cut = dice.between(0.18, 0.6);
        // A round lobe, then the cut before the next; widest beyond the middle.
        for (part, out) in [(0.12, cut), (0.32, 0.85), (0.5, 1.0), (0.72, 0.92), (0.9, cut + 0.1)] {
            let t = (lobe as f64 + part) / lobes as f64;
            half.push([
                (t * 2.0 - 1.0) * long,
                (t * (1.12 - t) * 3.3).sqrt() * out * full * wide * long,
            ]);
        }
    }
    half.push([long, 3.0]);
    let mut outline: Vec<[f64; 2]> = half.iter().map(|[x, y]| [*x, y + 1.2]).collect();
    outline.extend(
        half.iter()
            .rev()
            .map(|[x, y]| [x + dice.between(-2.0, 2.0), -y * dice.between(0.8, 1.05) - 1.2]),
    );
    let skin = veined(Skin::plastic(draw(&DRY, dice)));
    let curl = if dice.happens(0.6) { dice.between(2.0, 16.0) } else { 1.0 };
    let knobs = [dice.between(0.0, 8.0), curl, wide * long, (dice.bits() >> 40) as f64];
    let mut parts = vec![Part::plate(Frame::at(0.0, 0.0, 2.0), outline, leaf_top, knobs, skin)];
    parts.push(Part::rod(
        [-long - 14.0, dice.between(-4.0, 4.0), 2.0],
        [-long + 4.0, 0.0, 4.0],
        1.2,
        skin.times(0.8),
    ));
    (parts, Pose::new(0.35, 0.1, dice))
}

/// Oval, heart-shaped or with five lobes, dry or still green.
pub(crate) fn leaf(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let (long, wide) = (dice.between(16.0, 60.0), dice.between(0.3, 0.85));
    let blunt = dice.between(0.3, 0.6);
    let palmate = if dice.happens(0.15) { dice.between(0.25, 0.5) } else { 0.0 };
    let (long, wide) = if palmate > 0.0 { (long * 1.4, wide.max(0.7)) } else { (long, wide) };
    let outline = spokes(20, 0.0)
        .enumerate()
        .map(|(index, [x, y])| {
            let taper = 1.0 - blunt * x.max(0.0) * x.max(0.0);
            let lobe = 1.0 - palmate * [0.0, 0.4, 1.0, 0.4][index % 4];
            [x * long * lobe, y * long * wide * taper * lobe * dice.between(0.94, 1.04)]
        })
        .collect();
    let colour = if dice.happens(0.08) { [114.0, 122.0, 78.0] } else { draw(&DRY, dice) };
    let skin = veined(Skin::plastic(colour));
    let knobs =
        [dice.between(0.0, 10.0), dice.between(0.0, 12.0), wide * long, (dice.bits() >> 40) as f64];
    let mut parts = vec![Part::plate(Frame::at(0.0, 0.0, 1.0), outline, leaf_top, knobs, skin)];
    parts.push(Part::rod(
        [-long - 10.0, dice.between(-5.0, 5.0), 1.0],
        [-long + 3.0, 0.0, 3.0],
        1.0,
        skin.times(0.8),
    ));
    (parts, Pose::new(0.35, 0.1, dice))
}

pub(crate) fn stick(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let bark = Skin::dull(draw(
        &[[120.0, 104.0, 88.0], [96.0, 82.0, 70.0], [150.0, 138.0, 122.0], [170.0, 160.0, 146.0]],
        dice,
    ));
    let (radius, pieces) = (dice.between(2.0, 11.0), 2 + dice.below(3));
    let piece = dice.between(30.0, 95.0);
    let mut at = [-piece * pieces as f64 / 2.0, 0.0, radius];
    let mut parts = vec![];
    for number in 0..pieces {
        let way = on_circle(dice.between(-0.05, 0.05));
        let to = [at[0] + way[0] * piece, at[1] + way[1] * piece, radius + dice.between(0.0, 4.0)];
        let thin = radius * (1.0 - 0.12 * number as f64);
        parts.push(Part::rod(at, to, thin, bark));
        if dice.happens(0.4) {
            let side = on_circle(if dice.happens(0.5) { 0.12 } else { 0.88 });
            let twig = [at[0] + side[0] * piece * 0.6, at[1] + side[1] * piece * 0.6, radius * 2.0];
            parts.push(Part::rod(at, twig, thin * 0.5, bark));
        }
        at = to;
    }
    (parts, Pose::new(0.0, 0.4, dice))
}

pub(crate) fn dung(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::dull(draw(
        &[[88.0, 76.0, 58.0], [66.0, 58.0, 46.0], [112.0, 98.0, 74.0], [138.0, 126.0, 100.0]],
        dice,
    ));
    let mut parts = vec![];
    if dice.happens(0.4) {
        let radius = dice.between(80.0, 150.0);
        parts.push(Part::plate(
            Frame::at(0.0, 0.0, 0.0),
            ragged(20, radius, 0.14, dice.between(0.8, 1.0), dice),
            |knobs: &Knobs, x, y, depth| {
                // Folds one over the other, towards the middle.
                let fold = (x * x + y * y).sqrt() / 17.0
                    + 2.0 * f64::from(octaves(knobs[1] as u64, x / 40.0 + 9.0, y / 40.0, 2));
                let fold = fold - fold as i64 as f64;
                knobs[0] * (depth / 18.0).min(1.0).sqrt() * (0.75 + 0.25 * fold)
            },
            [dice.between(18.0, 34.0), (dice.bits() >> 40) as f64, 0.0, 0.0],
            skin,
        ));
    } else {
        for _ in 0..3 + dice.below(7) {
            let way = dice.direction() * dice.between(0.0, 70.0);
            let radius = dice.between(16.0, 30.0);
            let frame = Frame::along(
                [way.x, way.y, radius * 0.7],
                [dice.between(-1.0, 1.0), dice.between(-1.0, 1.0), 0.2],
            );
            parts.push(Part::ball(
                frame,
                [radius, radius * 0.9, radius * 1.2],
                skin.times(dice.between(0.85, 1.15) as f32),
            ));
        }
    }
    (parts, Pose { sunk: 0.0, ..Pose::new(0.0, 0.0, dice) })
}

pub(crate) fn mushroom(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let cap = draw(
        &[
            [232.0, 224.0, 210.0],
            [196.0, 160.0, 120.0],
            [150.0, 112.0, 82.0],
            [216.0, 196.0, 166.0],
        ],
        dice,
    );
    let mut parts = vec![];
    for _ in 0..1 + dice.below(4) {
        let at = dice.direction() * dice.between(0.0, 45.0);
        let radius = dice.between(9.0, 36.0);
        let tall = radius * dice.between(0.8, 1.4);
        let skin = Skin::plastic(cap).with(cap.map(|band| band * 0.74), |[x, y, _]: Space| {
            let out = x * x + y * y;
            if out < 40.0 { 0.9 } else { 0.0 }
        });
        parts.push(Part::ball(Frame::at(at.x, at.y, tall), [radius, radius, radius * 0.45], skin));
        parts.push(Part::drum(
            Frame::at(at.x, at.y, 0.0),
            radius * 0.3,
            radius * 0.25,
            tall,
            Skin::dull([220.0, 214.0, 200.0]),
        ));
    }
    (parts, Pose::new(0.15, 0.0, dice))
}

/// A round disc of seeds, with or without petals and bracts around it.
pub(crate) fn sunflower(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let radius = dice.between(55.0, 110.0);
    let seeds = draw(
        &[[62.0, 52.0, 44.0], [92.0, 74.0, 54.0], [110.0, 104.0, 92.0], [130.0, 112.0, 76.0]],
        dice,
    );
    let disc = Skin::dull(seeds).with(seeds.map(|band| band * 1.9), |[x, y, _]: Space| {
        let spiral = ((x * x + y * y).sqrt() / 7.0
            + 3.0 * value(0x5eed, x / 5.0 + 80.0, y / 5.0) as f64)
            .abs();
        if spiral - (spiral as i64 as f64) < 0.3 { 0.7 } else { 0.0 }
    });
    let petal = Skin::plastic(draw(
        &[[222.0, 178.0, 48.0], [186.0, 150.0, 80.0], [138.0, 116.0, 82.0], [112.0, 122.0, 70.0]],
        dice,
    ));
    let mut parts = Part::turned(
        Frame::along([0.0; 3], [0.0, 0.0, 1.0]),
        &[
            [0.0, radius],
            [18.0, radius],
            [24.0, radius * 0.8],
            [20.1 + 6.0, radius * 0.4],
            [26.5, 0.0],
        ],
        disc,
    );
    let count = 16 + dice.below(12);
    for way in spokes(count, 0.0) {
        if dice.happens(0.85) {
            let length = radius * dice.between(0.12, 0.42);
            let at = Frame::at(
                way[0] * (radius + length * 0.6),
                way[1] * (radius + length * 0.6),
                dice.between(6.0, 14.0),
            );
            parts.push(Part::ball(
                at.turned(way),
                [length, radius * 0.11, 2.5],
                petal.times(dice.between(0.85, 1.1) as f32),
            ));
        }
    }
    (parts, Pose::new(0.3, 0.1, dice))
}

pub(crate) fn molehill(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::dull(draw(
        &[[112.0, 92.0, 74.0], [132.0, 112.0, 90.0], [92.0, 78.0, 64.0], [150.0, 130.0, 106.0]],
        dice,
    ));
    let radius = dice.between(90.0, 230.0);
    let part = Part::plate(
        Frame::at(0.0, 0.0, 0.0),
        ragged(22, radius, 0.2, dice.between(0.75, 1.0), dice),
        |knobs: &Knobs, x, y, depth| {
            let clods = f64::from(octaves(knobs[2] as u64, x / 26.0 + 40.0, y / 26.0, 3)) - 0.4;
            let rise = (depth / knobs[0]).min(1.0);
            (knobs[1] * rise * (2.0 - rise) * 0.8 + 34.0 * clods * rise.sqrt()).max(0.0)
        },
        [radius * 0.8, radius * dice.between(0.35, 0.55), (dice.bits() >> 40) as f64, 0.0],
        skin,
    );
    (vec![part], Pose { sunk: 0.0, ..Pose::new(0.0, 0.0, dice) })
}

pub(crate) fn bone(dice: &mut Dice) -> (Vec<Part>, Pose) {
    let skin = Skin::plastic(draw(
        &[[226.0, 220.0, 204.0], [208.0, 198.0, 174.0], [190.0, 182.0, 160.0]],
        dice,
    ));
    let (half, radius) = (dice.between(35.0, 140.0), dice.between(5.0, 13.0));
    let mut parts = vec![Part::rod([-half, 0.0, radius], [half, 0.0, radius], radius, skin)];
    for end in [-1.0, 1.0] {
        for side in [-1.0, 1.0] {
            let knob = [radius * 1.3, radius * 1.1, radius * 1.15];
            parts.push(Part::ball(Frame::at(end * half, side * radius * 0.9, radius), knob, skin));
        }
    }
    (parts, Pose::new(0.1, 0.5, dice))
}
