//! A detection that has no number yet.

use rams_domain::{Detection, DetectionId, Embedding, Shape, TileId};

/// A detection of one tile, in mosaic pixels, before it is numbered.
pub(crate) struct UnnumberedDetection {
    /// Index of its class in the model.
    pub(crate) class: usize,
    pub(crate) score: f32,
    pub(crate) shape: Shape,
    pub(crate) embedding: Option<Embedding>,
}

/// Numbers the detections of a tile, in the order in which the model lists them.
pub(crate) fn numbered(found: Vec<UnnumberedDetection>, tile: TileId) -> Vec<Detection> {
    let id = |index: usize| DetectionId { tile, index: index as u32 };
    found
        .into_iter()
        .enumerate()
        .map(|(index, UnnumberedDetection { class, score, shape, embedding })| Detection {
            id: id(index),
            class,
            score,
            shape,
            embedding,
        })
        .collect()
}
