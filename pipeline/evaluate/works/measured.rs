//! One flight, measured once: each stretch, object and feature with the confidence at which it
//! counts, so that every threshold is a sum.

use super::Verdict;
use crate::boxes::judge::Depth;
use std::collections::BTreeMap;

/// One flight, measured.
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) true_stretches: Vec<TrueStretch>,
    pub(crate) found_stretches: Vec<FoundStretch>,
    /// True earthworks that have an area: class, and the least confidence that still finds it.
    pub(crate) objects: Vec<(usize, Option<f64>)>,
    pub(crate) features: Vec<JudgedShape>,
    /// By class as named, and by family.
    pub(crate) grounds: [BTreeMap<usize, SharedGround>; 2],
}

/// A stretch of a true centreline.
#[derive(Clone)]
pub(crate) struct TrueStretch {
    pub(crate) class: usize,
    pub(crate) length_m: f64,
    /// The greatest confidence of a feature of the family that is near.
    pub(crate) confidence: Option<f64>,
    /// Class of what is near, of the same family if any is.
    pub(super) taken_for: Option<usize>,
}

/// A stretch of a predicted centreline.
#[derive(Clone)]
pub(crate) struct FoundStretch {
    pub(super) feature: usize,
    pub(crate) class: usize,
    pub(crate) length_m: f64,
    /// Of the feature.
    pub(crate) confidence: f64,
    pub(super) part_confidence: f64,
    pub(crate) right: bool,
    /// Nothing true is near, of whatever class.
    pub(super) alone: bool,
}

/// A predicted feature.
#[derive(Clone)]
pub(crate) struct JudgedShape {
    pub(crate) class: usize,
    pub(crate) confidence: f64,
    pub(crate) verdict: Verdict,
    /// Whether truth of its family covers enough of it.
    pub(crate) covered: bool,
    /// How much of its centreline is right, of what counts; `None` where none of it does.
    pub(crate) right_share: Option<f64>,
}

/// True and predicted ground of a class or family.
#[derive(Clone, Default)]
pub(crate) struct SharedGround {
    pub(crate) true_m2: f64,
    /// Best first: confidence, ground that those before do not hold, and how much of it is true.
    pub(crate) found: Vec<(f64, f64, f64)>,
}

impl Measured {
    /// Ground by class as named or by family.
    pub(crate) fn grounds(&self, depth: Depth) -> &BTreeMap<usize, SharedGround> {
        &self.grounds[usize::from(depth == Depth::Family)]
    }
}
