//! Two sets of predictions on the same true objects.

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

/// The recall of one set of predictions against that of the first, on the objects that both know
/// by the same name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedRecall {
    /// Objects.
    pub objects: usize,
    /// Those that both found.
    pub by_both: usize,
    /// Those that the first alone found.
    pub by_first_alone: usize,
    /// Those that this one alone found.
    pub by_this_alone: usize,
    /// Recall of this one less that of the first; `None` without objects.
    pub difference: Option<f64>,
    /// Exact two-sided probability (McNemar) of objects found by one alone as one-sided as these or
    /// more, where either finds as many.
    pub p: f64,
}

impl PairedRecall {
    /// Of each object: whether the first found it, and whether this one did.
    pub(crate) fn of(pairs: &[(bool, bool)]) -> Self {
        let count = |wanted| pairs.iter().filter(|pair| **pair == wanted).count();
        let (first, this) = (count((true, false)), count((false, true)));
        let objects = pairs.len();
        Self {
            objects,
            by_both: count((true, true)),
            by_first_alone: first,
            by_this_alone: this,
            difference: (objects > 0).then(|| (this as f64 - first as f64) / objects as f64),
            p: mcnemar(first as u64, this as u64),
        }
    }
}

/// Twice the tail of a fair coin; 1 where the two are even.
fn mcnemar(first: u64, this: u64) -> f64 {
    let coin = Binomial::new(0.5, first + this).expect("a half is a probability");
    (2.0 * coin.cdf(first.min(this))).min(1.0)
}
