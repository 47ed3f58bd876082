//! The footprint of a strike: the ellipse that its submunitions suggest.

use crate::evidence::Evidence;
use geo::{LineString, Polygon, coord};
use std::f64::consts::TAU;

/// Half axes in standard deviations: 95 % of a two-dimensional normal scatter.
const DEVIATIONS: f64 = 2.4477;
/// Corners of the ellipse: an area 0.6 % too small.
const CORNERS: u32 = 32;

/// The ellipse of so many standard deviations around points, weighted by their probabilities, at
/// least `least_m` wide to either side. `None` without any weight.
pub(crate) fn footprint(members: &[&Evidence], least_m: f64) -> Option<Polygon> {
    let points: Vec<_> =
        members.iter().filter_map(|e| e.point().map(|at| (at.0, e.confidence))).collect();
    let weight: f64 = points.iter().map(|(_, p)| p).sum();
    if weight <= 0.0 {
        return None;
    }
    let mean =
        points.iter().fold(coord! { x: 0.0, y: 0.0 }, |sum, (at, p)| sum + *at * *p) / weight;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (at, p) in &points {
        let off = *at - mean;
        (xx, xy, yy) = (
            xx + p * off.x * off.x / weight,
            xy + p * off.x * off.y / weight,
            yy + p * off.y * off.y / weight,
        );
    }
    let (half, apart) = ((xx + yy) / 2.0, ((xx - yy) / 2.0).hypot(xy));
    let axis = |variance: f64| (DEVIATIONS * variance.max(0.0).sqrt()).max(least_m);
    let (long_m, short_m) = (axis(half + apart), axis(half - apart));
    let (sin, cos) = (0.5 * (2.0 * xy).atan2(xx - yy)).sin_cos();
    let corner = |i: u32| {
        let (s, c) = (TAU * f64::from(i) / f64::from(CORNERS)).sin_cos();
        let (u, v) = (long_m * c, short_m * s);
        coord! { x: mean.x + u * cos - v * sin, y: mean.y + u * sin + v * cos }
    };
    Some(Polygon::new((0..CORNERS).map(corner).collect::<LineString>(), vec![]))
}
