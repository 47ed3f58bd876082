//! Scatters look-alikes: too many to keep in a list.

use crate::canvas::Canvas;
use crate::layout::Layout;
use crate::object::{Kind, Object};
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
    kinds: &'static [(Kind, f64)],
}

#[rustfmt::skip]
const SCATTERS: [Scatter; 3] = [
    Scatter {
        purpose: "clutter", gsd_max_m: 0.012, cell_m: 0.7, reach_m: 0.30,
        kinds: &[(Kind::Leaf, 0.28), (Kind::OakLeaf, 0.22), (Kind::Stone, 0.26), (Kind::Stick, 0.06), (Kind::Scrap, 0.03)],
    },
    Scatter {
        purpose: "litter", gsd_max_m: 0.03, cell_m: 3.0, reach_m: 0.75,
        kinds: &[
            (Kind::Mushroom, 0.08), (Kind::Bottle, 0.10), (Kind::Can, 0.10), (Kind::Ball, 0.08), (Kind::Lid, 0.10),
            (Kind::Dung, 0.10), (Kind::Bone, 0.06), (Kind::ClayPigeon, 0.05), (Kind::Brick, 0.08), (Kind::Shoe, 0.06),
            (Kind::Sunflower, 0.06), (Kind::Plank, 0.06),
        ],
    },
    Scatter {
        purpose: "bulk", gsd_max_m: 0.1, cell_m: 9.0, reach_m: 0.90,
        kinds: &[(Kind::Molehill, 0.25), (Kind::Target, 0.15), (Kind::Tyre, 0.12), (Kind::Manhole, 0.08)],
    },
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
                    let is_leaf = matches!(kind, Kind::Leaf | Kind::OakLeaf);
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
