//! Exact 95 % intervals of counts: a figure from 25 mines says little, and the interval says how
//! little.

use statrs::distribution::{Beta, ContinuousCDF, Gamma};

/// Probability below the lower end, and above the upper end.
const TAIL: f64 = 0.025;

/// Clopper-Pearson: the share behind `hits` of `trials`. 24 of 25 is 0.796 to 0.999.
pub(crate) fn share(hits: usize, trials: usize) -> Option<[f64; 2]> {
    if trials == 0 {
        return None;
    }
    let (hits, misses) = (hits as f64, (trials - hits) as f64);
    let quantile = |a: f64, b: f64, probability: f64| {
        Beta::new(a, b).expect("both shapes are above 0").inverse_cdf(probability)
    };
    let low = if hits == 0.0 { 0.0 } else { quantile(hits, misses + 1.0, TAIL) };
    let high = if misses == 0.0 { 1.0 } else { quantile(hits + 1.0, misses, 1.0 - TAIL) };
    Some([low, high])
}

/// Garwood: the Poisson mean behind a count. A count of 0 is 0 to 3.69.
pub(crate) fn count(events: usize) -> [f64; 2] {
    let events = events as f64;
    let quantile = |shape: f64, probability: f64| {
        Gamma::new(shape, 1.0).expect("the shape is above 0").inverse_cdf(probability)
    };
    let low = if events == 0.0 { 0.0 } else { quantile(events, TAIL) };
    [low, quantile(events + 1.0, 1.0 - TAIL)]
}
