//! The ground without anything on it: painted by code, or a photo's.

mod fields;
mod material;
mod painted;
mod palette;
mod photo;
mod stuff;
mod swell;

use crate::canvas::Pixel;
use crate::layout::Layout;
use crate::region::Region;
use crate::terrain::Grid;
use crate::{Ground, SceneError, SceneSpec};
use painted::Painted;
use photo::Photo;

/// The ground of a scene, ready to be painted.
#[derive(Debug, Clone)]
pub(crate) enum Surface {
    Painted(Box<Painted>),
    Photo(Photo),
}

/// Height of no grass.
const BARE: f32 = -4.0;

impl Surface {
    pub(crate) fn new(spec: &SceneSpec, layout: &Layout) -> Result<Self, SceneError> {
        Ok(match &spec.ground {
            Ground::Kind(kind) => Self::Painted(Box::new(Painted::new(spec, *kind, layout))),
            Ground::Photo { path, gsd_m } => {
                Self::Photo(Photo::new(spec, path, *gsd_m, &layout.sun)?)
            }
        })
    }

    /// Paints a region, row by row, into `pixels`.
    pub(crate) fn paint(&self, layout: &Layout, region: Region, pixels: &mut [Pixel]) {
        match self {
            Self::Painted(painted) => painted.paint(layout, region, pixels),
            Self::Photo(photo) => photo.paint(layout, region, pixels),
        }
    }
}

/// Distance of nodes, pixels: every 2.5 cm, or every other pixel where they are larger, or every
/// one.
fn pitch_px(gsd_m: f64) -> i64 {
    ((0.025 / gsd_m) as i64).clamp(if gsd_m < 0.07 { 2 } else { 1 }, 8)
}

/// The nodes that a region's pixels lie between, with one more column and row: slopes need it.
fn grid(gsd_m: f64, region: Region) -> Grid {
    let pitch = pitch_px(gsd_m);
    let Region { x: x0, y: y0, width, height } = region;
    let (col, row) = (x0.div_euclid(pitch), y0.div_euclid(pitch));
    let cols = ((x0 + width as i64).div_euclid(pitch) - col + 3) as usize;
    let rows = ((y0 + height as i64).div_euclid(pitch) - row + 3) as usize;
    Grid { col, row, cols, rows, step_m: pitch as f64 * gsd_m, shift: 0.0 }
}

/// Calls `each` for every pixel of a region with its number, place, the node's values between four,
/// and the number of the nearest node.
fn between<const N: usize>(
    pitch: i64,
    grid: Grid,
    nodes: &[[f32; N]],
    region: Region,
    mut each: impl FnMut(usize, i64, i64, &[f32; N], usize),
) {
    let Region { x: x0, y: y0, width, height } = region;
    let mut between = vec![[0.0; N]; grid.cols];
    for row in 0..height {
        let y = y0 + row as i64;
        let above = (y.div_euclid(pitch) - grid.row) as usize;
        let v = y.rem_euclid(pitch) as f32 / pitch as f32;
        for (col, node) in between.iter_mut().enumerate() {
            *node =
                blend(&nodes[above * grid.cols + col], &nodes[(above + 1) * grid.cols + col], v);
        }
        let near = above + usize::from(v >= 0.5);
        for col in 0..width {
            let x = x0 + col as i64;
            let left = (x.div_euclid(pitch) - grid.col) as usize;
            let u = x.rem_euclid(pitch) as f32 / pitch as f32;
            let node = blend(&between[left], &between[left + 1], u);
            each(row * width + col, x, y, &node, near * grid.cols + left + usize::from(u >= 0.5));
        }
    }
}

fn blend<const N: usize>(from: &[f32; N], to: &[f32; N], share: f32) -> [f32; N] {
    let mut node = *from;
    for (value, to) in node.iter_mut().zip(to) {
        *value += (to - *value) * share;
    }
    node
}
