//! Angles in turns (1 is all around), by exactly rounded operations only: see `random`.

/// Cosine and sine of an angle.
pub(crate) fn on_circle(turns: f64) -> [f64; 2] {
    let turns = turns - (turns as i64 - i64::from(turns < 0.0)) as f64;
    let quarter = (turns * 4.0) as i64 % 4;
    // Within the quarter, both series are taken about its middle: an eighth to either side.
    let x = (turns - (quarter as f64 + 0.5) / 4.0) * std::f64::consts::TAU;
    let square = x * x;
    let cos =
        1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
    let sin = x * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    let (along, across) = (
        std::f64::consts::FRAC_1_SQRT_2 * (cos - sin),
        std::f64::consts::FRAC_1_SQRT_2 * (cos + sin),
    );
    match quarter {
        0 => [along, across],
        1 => [-across, along],
        2 => [-along, -across],
        _ => [across, -along],
    }
}

/// The angle of a vector, 0 to 1, within a thousandth.
pub(crate) fn angle(x: f64, y: f64) -> f64 {
    let (long, short) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
    let ratio = short / long.max(f64::MIN_POSITIVE);
    let eighth = ratio * (1.0 / 8.0 + 0.0436 * (1.0 - ratio));
    let quarter = if y.abs() > x.abs() { 0.25 - eighth } else { eighth };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    if y < 0.0 { 1.0 - half } else { half }
}

/// Unit vectors evenly around the circle, the first turned by `from`.
pub(crate) fn spokes(count: usize, from: f64) -> impl Iterator<Item = [f64; 2]> {
    (0..count).map(move |spoke| on_circle(from + spoke as f64 / count as f64))
}
