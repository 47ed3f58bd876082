//! What lies over an object: leaves and blades of grass.

use crate::object::body::{Body, Part};
use crate::object::frame::Frame;
use crate::object::natural;
use crate::object::skin::Skin;
use crate::random::Dice;

/// Strews some over a body, on most bodies few or none.
pub(crate) fn strew(body: &mut Body, dice: &mut Dice) {
    let [low, high] = body.plan(false);
    let top = body.height();
    let inside = |dice: &mut Dice| [dice.between(low[0], high[0]), dice.between(low[1], high[1])];
    if dice.happens(0.18) {
        for _ in 0..1 + dice.below(2) {
            let [x, y] = inside(dice);
            let z = body.bare(x, y).map_or(2.0, |top| top.hit.height);
            let way = dice.direction();
            let place = Frame::at(x, y, z).turned([way.x, way.y]);
            let (leaf, pose) =
                if dice.happens(0.6) { natural::oak_leaf(dice) } else { natural::leaf(dice) };
            for part in leaf {
                body.push(Part { frame: part.frame.within(&pose.frame).within(&place), ..part });
            }
        }
    }
    // Grass bends over what is low.
    if top < 80.0 && dice.happens(0.45) {
        let amount = dice.between(0.0, 1.0) * dice.between(0.0, 1.0);
        let around = (high[0] - low[0] + high[1] - low[1]) / 10.0;
        for _ in 0..(amount * around) as usize {
            let [x, y] = inside(dice);
            let way = dice.direction() * dice.between(12.0, 42.0);
            let blade = Skin::blade(dice.between(0.75, 1.3) as f32);
            let [from, to] = [[x - way.x, y - way.y, top * 0.6], [x + way.x, y + way.y, top + 2.0]];
            body.push(Part::rod(from, to, dice.between(0.8, 1.8), blade));
        }
    }
}
