//! What a scene lies on.

use crate::random::Dice;
use std::path::PathBuf;

/// What a scene's ground is.
#[derive(Debug, Clone, PartialEq)]
pub enum Ground {
    /// Painted by code: no photograph in it.
    Kind(GroundKind),
    /// The pixels of an aerial image that GDAL opens, without what its alpha or mask leaves out.
    ///
    /// Such a scene **holds third-party pixels and stands under the photo's licence**. The photo
    /// holds the light of its own relief; works that are dug into it are lit by the scene's sun.
    Photo {
        /// The image: RGB or RGBA, 8 bits.
        path: PathBuf,
        /// Side of its pixels, metres; if not given, as its geotransform says, else the scene's
        /// own.
        gsd_m: Option<f64>,
    },
}

/// A ground that is painted by code, varied by the seed in colour, scale and moisture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroundKind {
    /// Mixed grass, half dry, with bare soil between: the demo's.
    Meadow,
    /// Lawn or pasture, green to yellow.
    Grass,
    /// Dead grass, matted, with some green.
    Straw,
    /// Cut stalks in rows.
    Stubble,
    /// Earth: clods, furrows, weeds.
    Soil,
    /// Loose stones of one to five centimetres.
    Gravel,
    /// Sand with ripples or trodden.
    Sand,
    /// Fallen leaves over each other.
    Litter,
    /// Asphalt with cracks, patches and lines.
    Asphalt,
    /// Concrete with joints and stains.
    Concrete,
    /// Snow in patches, with what grows through it.
    Snow,
    /// Broken brick and concrete.
    Rubble,
}

impl GroundKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Meadow,
        Self::Grass,
        Self::Straw,
        Self::Stubble,
        Self::Soil,
        Self::Gravel,
        Self::Sand,
        Self::Litter,
        Self::Asphalt,
        Self::Concrete,
        Self::Snow,
        Self::Rubble,
    ];

    /// The name on the command line: `meadow`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meadow => "meadow",
            Self::Grass => "grass",
            Self::Straw => "straw",
            Self::Stubble => "stubble",
            Self::Soil => "soil",
            Self::Gravel => "gravel",
            Self::Sand => "sand",
            Self::Litter => "litter",
            Self::Asphalt => "asphalt",
            Self::Concrete => "concrete",
            Self::Snow => "snow",
            Self::Rubble => "rubble",
        }
    }
}

impl Ground {
    /// The kind's name, or the image's file name.
    pub fn name(&self) -> String {
        match self {
            Self::Kind(kind) => kind.name().to_owned(),
            Self::Photo { path, .. } => {
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
        }
    }

    /// One of several, all equally likely: each seed draws its own.
    ///
    /// # Panics
    /// If there are none.
    pub fn draw(from: &[Ground], seed: u64) -> &Ground {
        &from[Dice::new(seed, "ground", 0).below(from.len())]
    }
}
