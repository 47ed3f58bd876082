//! What hides ground from the camera.

use crate::display::display_as_serialised;
use serde::{Deserialize, Serialize};

/// What can lie between a class and the camera on ground that has an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObscuredBy {
    /// Crowns, bushes, tall plants: leaves with dark gaps between them, as coarse as the object.
    Vegetation,
    /// Shadow so deep that the image holds no detail in it.
    Shadow,
    /// White or black beyond what the camera could tell apart.
    Saturation,
    /// Detail too coarse for the class, whatever the size of the pixels.
    Blur,
}
display_as_serialised!(ObscuredBy);

impl ObscuredBy {
    /// All of them, the gravest first: where several lie over the same ground, the first is named.
    pub const ALL: [ObscuredBy; 4] =
        [ObscuredBy::Vegetation, ObscuredBy::Shadow, ObscuredBy::Saturation, ObscuredBy::Blur];
}
