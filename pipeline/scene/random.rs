//! Chance: splitmix64 over (seed, place), so that any pixel can be drawn without its neighbours.
//!
//! Only integer arithmetic, and only exactly rounded operations on floats (no sine, no power), so
//! that a seed means the same scene on every platform and with every version of every crate.

use geo::{Coord, coord};

/// The splitmix64 finaliser (Steele, Lea and Flood 2014): every input bit reaches every output bit.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The random bits of a place.
pub(crate) fn at(seed: u64, x: i64, y: i64) -> u64 {
    mix(mix(seed ^ (x as u64).wrapping_mul(0xd6e8_feb8_6659_fd93))
        ^ (y as u64).wrapping_mul(0xa076_1d64_78bd_642f))
}

/// The upper bits as a number from 0 to 1 (exclusive).
pub(crate) fn unit(bits: u64) -> f32 {
    (bits >> 40) as f32 / (1u64 << 24) as f32
}

/// Value noise: smooth, from 0 to 1, one random value per unit of x and y.
pub(crate) fn value(seed: u64, x: f64, y: f64) -> f32 {
    // Truncation, because a floor is a library call on the oldest x86: below zero the cell's far
    // edge stands for the next cell's near one, which is the same value.
    let (i, j) = (x as i64 - i64::from(x < 0.0), y as i64 - i64::from(y < 0.0));
    let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (smooth((x - i as f64) as f32), smooth((y - j as f64) as f32));
    let corner = |dx: i64, dy: i64| unit(at(seed, i + dx, j + dy));
    let upper = corner(0, 0) * (1.0 - u) + corner(1, 0) * u;
    let lower = corner(0, 1) * (1.0 - u) + corner(1, 1) * u;
    upper * (1.0 - v) + lower * v
}

/// Octaves of value noise with unit cells at first, each half as large and half as strong; about
/// 0.5 in the mean, within 0 to 1.
pub(crate) fn octaves(seed: u64, mut x: f64, mut y: f64, count: u32) -> f32 {
    let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
    for octave in 0..count {
        sum += weight * value(seed.wrapping_add(u64::from(octave) * 0x51_7cc1), x, y);
        total += weight;
        // Turned by the angle of a 3-4-5 triangle, so that the lattices do not line up.
        (x, y) = (2.0 * (0.8 * x - 0.6 * y) + 17.3, 2.0 * (0.6 * x + 0.8 * y) - 9.1);
        weight *= 0.5;
    }
    sum / total
}

/// A rise from 0 to 1 between two values, smooth at both.
pub(crate) fn rise(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A sequence of draws.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A sequence of its own for each purpose and number.
    pub(crate) fn new(seed: u64, purpose: &str, number: u64) -> Self {
        let purpose = purpose.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
        Self(mix(seed ^ mix(purpose ^ mix(number))))
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number between two.
    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A place in a rectangle that begins at the origin, from one share of its sides to another.
    pub(crate) fn place_in(&mut self, [width, height]: [f64; 2], from: f64, to: f64) -> Coord {
        coord! { x: width * self.between(from, to), y: height * self.between(from, to) }
    }

    /// A number from a distribution given by its least, its quartiles and its greatest.
    pub(crate) fn quantile(&mut self, of: [f64; 5]) -> f64 {
        let place = self.between(0.0, 4.0);
        let quarter = (place as usize).min(3);
        of[quarter] + (of[quarter + 1] - of[quarter]) * (place - quarter as f64)
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }

    /// A whole number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.between(0.0, count as f64) as usize).min(count.saturating_sub(1))
    }

    /// A number of mean 0 and deviation 1, never beyond 3.5: the sum of four.
    pub(crate) fn about_zero(&mut self) -> f64 {
        (0..4).map(|_| self.between(-1.0, 1.0)).sum::<f64>() * 0.866
    }

    /// A direction: a unit vector, all equally likely.
    pub(crate) fn direction(&mut self) -> Coord {
        loop {
            let (x, y) = (self.between(-1.0, 1.0), self.between(-1.0, 1.0));
            let square = x * x + y * y;
            if (0.01..=1.0).contains(&square) {
                return coord! { x: x / square.sqrt(), y: y / square.sqrt() };
            }
        }
    }
}
