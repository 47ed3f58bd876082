//! Draws from the distributions that fields are made of.

use super::spec::{Count, Span};
use crate::random::Dice;
use geo::{Coord, Rect, coord};

/// A number drawn evenly.
pub(super) fn span(of: Span, dice: &mut Dice) -> f64 {
    dice.between(of[0], of[1])
}

/// A whole number drawn evenly, both ends included.
pub(super) fn count(of: Count, dice: &mut Dice) -> u32 {
    of[0] + dice.below(of[1].saturating_sub(of[0]) as usize + 1) as u32
}

/// A place of a rectangle, all equally likely.
pub(super) fn anywhere(extent: Rect, dice: &mut Dice) -> Coord {
    let (low, high) = (extent.min(), extent.max());
    coord! { x: dice.between(low.x, high.x), y: dice.between(low.y, high.y) }
}

/// From a normal distribution of mean 0 and deviation 1: Box and Muller.
pub(super) fn normal(dice: &mut Dice) -> f64 {
    let radius = (2.0 * exponential(dice)).sqrt();
    radius * crate::angle::sin_cos(dice.between(0.0, 360.0)).0
}

/// From an exponential distribution of mean 1.
pub(super) fn exponential(dice: &mut Dice) -> f64 {
    -(1.0 - dice.between(0.0, 1.0)).ln()
}

/// A count of a mean: by products where it is small, else by its normal limit.
pub(super) fn poisson(mean: f64, dice: &mut Dice) -> u32 {
    if mean > 50.0 {
        return (mean + mean.sqrt() * normal(dice)).round().max(0.0) as u32;
    }
    let (least, mut product, mut events) = ((-mean).exp(), dice.between(0.0, 1.0), 0);
    while product > least {
        product *= dice.between(0.0, 1.0);
        events += 1;
    }
    events
}
