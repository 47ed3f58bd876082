//! What a model says of one tile.

use rams_domain::Detection;

/// What a model says of one tile.
#[derive(Debug, Clone, PartialEq)]
pub struct TileDetections {
    /// What it found, in mosaic pixels: objects whose centre lies in the tile's core or at most 8
    /// grid pixels beyond it, and masks cut to the core. In the order in which the model lists
    /// them.
    pub detections: Vec<Detection>,
    /// How many finds the output has room for, if it is full of finds: there may be more that it
    /// had no room to list, so the tile does not count as assessed. `None` if it is not full.
    pub full_at: Option<usize>,
}
