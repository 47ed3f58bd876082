//! The ground without anything on it: painted by code, or a photo's.

mod kind;
mod material;
mod painted;
mod photo;

pub use kind::{Ground, GroundKind};

use crate::layout::Layout;
use crate::{SceneError, SceneSpec};
use painted::Painted;
use photo::Photo;

/// The ground of a scene, ready to be painted.
#[derive(Debug, Clone)]
pub(crate) enum Surface {
    Painted(Box<Painted>),
    Photo(Photo),
}

/// What a pixel of ground looks like.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pixel {
    /// Red, green, blue in level sunlight, 0 to 255.
    pub(crate) colour: [f32; 3],
    /// Sunlight against level ground: 0 in shadow.
    pub(crate) sun: f32,
    /// Light of the sky against open ground.
    pub(crate) sky: f32,
    /// Sunlight and skylight without the shadows of small things, for what is laid over them.
    pub(crate) open: [f32; 2],
    /// Height of the grass, about 0; below -3 where there is none.
    pub(crate) blade: f32,
}

/// Height of no grass.
const BARE: f32 = -4.0;

impl Surface {
    pub(crate) fn new(spec: &SceneSpec, layout: &Layout) -> Result<Self, SceneError> {
        Ok(match &spec.ground {
            Ground::Kind(kind) => Self::Painted(Box::new(Painted::new(spec, *kind, layout))),
            Ground::Photo { path, gsd_m } => Self::Photo(Photo::new(spec, path, *gsd_m)?),
        })
    }

    /// Paints `width` pixels a row from (`x0`, `y0`), mosaic pixels, into `pixels`.
    pub(crate) fn paint(&self, layout: &Layout, x0: i64, y0: i64, width: usize, pixels: &mut [Pixel]) {
        match self {
            Self::Painted(painted) => painted.paint(layout, x0, y0, width, pixels),
            Self::Photo(photo) => photo.paint(x0, y0, width, pixels),
        }
    }
}
