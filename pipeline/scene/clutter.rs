//! Scatters look-alikes: too many to keep in a list.

use crate::canvas::Canvas;
use crate::layout::Layout;
use crate::object::{Object, ObjectKind};
use crate::random::{Dice, at};
use geo::coord;

/// A size of look-alike: the side of the cells that hold one now and then, and the longest reach of
/// one with its shadow, metres.
struct Scatter {
    purpose: &'static str,
    /// Beyond this pixel size they are left out, metres.
    gsd_max_m: f64,
    cell_m: f64,
    reach_m: f64,
    kinds: &'static [(ObjectKind, f64)],
}

const SCATTERS: [Scatter; 3] = [
    Scatter { purpose: "clutter", gsd_max_m: 0.012, cell_m: 0.7, reach_m: 0.30, kinds: &CLUTTER },
    Scatter { purpose: "litter", gsd_max_m: 0.03, cell_m: 3.0, reach_m: 0.75, kinds: &LITTER },
    Scatter { purpose: "bulk", gsd_max_m: 0.1, cell_m: 9.0, reach_m: 0.90, kinds: &BULK },
];

/// Kinds and how many of each are expected in a cell, smallest first.
const CLUTTER: [(ObjectKind, f64); 5] = [
    (ObjectKind::Leaf, 0.28),
    (ObjectKind::OakLeaf, 0.22),
    (ObjectKind::Stone, 0.26),
    (ObjectKind::Stick, 0.06),
    (ObjectKind::Scrap, 0.03),
];
const LITTER: [(ObjectKind, f64); 12] = [
    (ObjectKind::Mushroom, 0.08),
    (ObjectKind::Bottle, 0.10),
    (ObjectKind::Can, 0.10),
    (ObjectKind::Ball, 0.08),
    (ObjectKind::Lid, 0.10),
    (ObjectKind::Dung, 0.10),
    (ObjectKind::Bone, 0.06),
    (ObjectKind::ClayPigeon, 0.05),
    (ObjectKind::Brick, 0.08),
    (ObjectKind::Shoe, 0.06),
    (ObjectKind::Sunflower, 0.06),
    (ObjectKind::Plank, 0.06),
];
const BULK: [(ObjectKind, f64); 4] = [
    (ObjectKind::Molehill, 0.25),
    (ObjectKind::Target, 0.15),
    (ObjectKind::Tyre, 0.12),
    (ObjectKind::Manhole, 0.08),
];

/// Lays those that may touch a canvas.
pub(crate) fn scatter(canvas: &mut Canvas, seed: u64, layout: &Layout) {
    let ((low, high), gsd_m) = (canvas.bounds(), canvas.gsd_m());
    for scatter in SCATTERS.into_iter().filter(|scatter| gsd_m <= scatter.gsd_max_m) {
        let cell = |metres: f64| (metres / scatter.cell_m).floor() as i64;
        for row in cell(low.y - scatter.reach_m)..=cell(high.y + scatter.reach_m) {
            for col in cell(low.x - scatter.reach_m)..=cell(high.x + scatter.reach_m) {
                let mut dice = Dice::new(seed, scatter.purpose, at(seed, col, row));
                for &(kind, probability) in scatter.kinds {
                    let is_leaf = matches!(kind, ObjectKind::Leaf | ObjectKind::OakLeaf);
                    let expected =
                        probability * if is_leaf { layout.leaf_fall } else { layout.litter };
                    for _ in 0..(expected as usize + usize::from(dice.happens(expected.fract()))) {
                        let place = coord! {
                            x: (col as f64 + dice.between(0.0, 1.0)) * scatter.cell_m,
                            y: (row as f64 + dice.between(0.0, 1.0)) * scatter.cell_m,
                        };
                        let axis = dice.direction();
                        canvas.lay(&Object::new(kind, place, axis, &mut dice), &layout.sun);
                    }
                }
            }
        }
    }
}
