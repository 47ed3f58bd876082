//! Angles without a platform's sine.

use geo::{Coord, coord};

/// Sine and cosine of an angle up to a full turn either way: the series of a quarter of it, doubled
/// twice; exact to 1e-7, and the same on every machine.
pub(crate) fn sin_cos(degrees: f64) -> (f64, f64) {
    let quarter = degrees * (std::f64::consts::PI / 720.0);
    let square = quarter * quarter;
    let mut sin = quarter
        * (1.0
            - square / 6.0
                * (1.0
                    - square / 20.0
                        * (1.0 - square / 42.0 * (1.0 - square / 72.0 * (1.0 - square / 110.0)))));
    let mut cos = 1.0
        - square / 2.0
            * (1.0
                - square / 12.0
                    * (1.0
                        - square / 30.0
                            * (1.0
                                - square / 56.0 * (1.0 - square / 90.0 * (1.0 - square / 132.0)))));
    for _ in 0..2 {
        (sin, cos) = (2.0 * sin * cos, cos * cos - sin * sin);
    }
    (sin, cos)
}

/// A direction turned; positive is clockwise as the scene's axes lie (right, down).
pub(crate) fn turned(along: Coord, degrees: f64) -> Coord {
    let (sin, cos) = sin_cos(degrees);
    coord! { x: along.x * cos - along.y * sin, y: along.y * cos + along.x * sin }
}

/// The direction a quarter turn clockwise: the right-hand side.
pub(crate) fn right_of(along: Coord) -> Coord {
    coord! { x: -along.y, y: along.x }
}

/// How far a vector reaches.
pub(crate) fn length(of: Coord) -> f64 {
    (of.x * of.x + of.y * of.y).sqrt()
}

/// How far one vector goes along another, times that one's length.
pub(crate) fn dot(one: Coord, other: Coord) -> f64 {
    one.x * other.x + one.y * other.y
}
