//! The grid of exported coordinates: the seventh decimal of a degree, 11 mm.

use geo::{Coord, coord};

/// Steps of the grid in a degree.
pub(crate) const DEGREE: f64 = 1e7;

/// A step of the grid, metres, where it is widest.
pub(crate) const STEP_M: f64 = 0.0112;

/// The nearest place of the grid.
pub(crate) fn step(at: Coord) -> Coord {
    coord! { x: (at.x * DEGREE).round() / DEGREE, y: (at.y * DEGREE).round() / DEGREE }
}

/// What GDAL is told to write in GeoJSON: more than the seven decimals of the grid, of which none
/// is written that is 0: told to write seven, GDAL takes 179.9999995 for a rounding error and
/// writes 180, five centimetres away. So does its RFC7946=YES.
pub(crate) const GEOJSON_DIGITS: &str = "COORDINATE_PRECISION=12";
