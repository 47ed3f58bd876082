//! A detection as a model lists it.

use crate::oriented_box::OrientedBox;

/// A box that a model lists, in tile pixels, of which nothing is known but its score.
pub(crate) struct RawDetection {
    /// Its place in the list of the model.
    pub(crate) rank: usize,
    /// Index of its class in the model.
    pub(crate) class: usize,
    pub(crate) score: f32,
    pub(crate) bounds: OrientedBox,
}
