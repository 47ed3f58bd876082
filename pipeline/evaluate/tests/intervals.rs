//! Exact intervals against scipy 1.x: `beta.ppf`, `chi2.ppf`.

use crate::interval::{count, share};

fn near(ours: [f64; 2], theirs: [f64; 2]) {
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-8 * theirs.max(1.0), "{ours}, scipy {theirs}");
    }
}
