//! Where each pixel of a region was taken from.

use super::mosaic::Mosaic;
use crate::region::Region;
use geo::{Coord, coord};

/// Distance of the corners, pixels.
const PITCH_PX: usize = 8;

/// The mosaic's displacement over a region, at the corners of cells that are aligned to the scene.
pub(super) struct Displacement {
    col0: i64,
    row0: i64,
    cols: usize,
    nodes: Vec<Node>,
}

/// What the mosaic did at a corner.
#[derive(Debug, Clone, Copy)]
struct Node {
    warp: [f32; 2],
    ghost: f32,
    image: u64,
    shift: [f32; 2],
    gain: f32,
}

impl Displacement {
    pub(super) fn new(mosaic: &Mosaic, region: Region, gsd_m: f64) -> Self {
        let pitch = PITCH_PX as i64;
        let (col0, row0) = (region.x.div_euclid(pitch), region.y.div_euclid(pitch));
        let cols = ((region.x + region.width as i64).div_euclid(pitch) - col0 + 2) as usize;
        let rows = ((region.y + region.height as i64).div_euclid(pitch) - row0 + 2) as usize;
        let nodes = (0..rows * cols)
            .map(|index| {
                let (col, row) = (col0 + (index % cols) as i64, row0 + (index / cols) as i64);
                let place =
                    coord! { x: (col * pitch) as f64 + 0.5, y: (row * pitch) as f64 + 0.5 } * gsd_m;
                let (warp, image) = (mosaic.warp(place), mosaic.image(place));
                let (shift, gain) = mosaic.of_image(image);
                let ghost = mosaic.ghost(place);
                Node { warp: single(warp), ghost, image, shift: single(shift), gain }
            })
            .collect();
        Self { col0, row0, cols, nodes }
    }

    /// How far from its own place a pixel of a region may be taken, pixels.
    pub(super) fn reach_px(mosaic: &Mosaic, region: Region, gsd_m: f64) -> usize {
        if mosaic.is_true() && !mosaic.has_ghosts() {
            return 0;
        }
        let displacement = Self::new(mosaic, region, gsd_m);
        let ghost = mosaic.ghost_shift.x.abs().max(mosaic.ghost_shift.y.abs())
            * f64::from(u8::from(displacement.is_ghosted()));
        (displacement.farthest_px() + ghost).ceil() as usize + 1
    }

    fn farthest_px(&self) -> f64 {
        let far = |part: [f32; 2]| part[0].abs().max(part[1].abs());
        // A seam between the nodes may show an image that none of them does.
        let shift = self.nodes.iter().map(|node| far(node.shift)).fold(0.0, f32::max).max(1.05);
        f64::from(self.nodes.iter().map(|node| far(node.warp)).fold(0.0, f32::max) + shift)
    }

    fn is_ghosted(&self) -> bool {
        self.nodes.iter().any(|node| node.ghost > 0.0)
    }

    /// Displacement (pixels), gain and share of the second copy at a pixel of the region.
    pub(super) fn at(
        &self,
        mosaic: &Mosaic,
        region: Region,
        row: usize,
        col: usize,
        gsd_m: f64,
    ) -> ([f32; 2], f32, f32) {
        let pitch = PITCH_PX as i64;
        let (x, y) = (region.x + col as i64, region.y + row as i64);
        let first = (y.div_euclid(pitch) - self.row0) as usize * self.cols
            + (x.div_euclid(pitch) - self.col0) as usize;
        let [a, b, c, d] = [first, first + 1, first + self.cols, first + self.cols + 1]
            .map(|index| &self.nodes[index]);
        let (u, v) =
            (x.rem_euclid(pitch) as f32 / pitch as f32, y.rem_euclid(pitch) as f32 / pitch as f32);
        let mean = |value: fn(&Node) -> f32| {
            let (upper, lower) =
                (value(a) + (value(b) - value(a)) * u, value(c) + (value(d) - value(c)) * u);
            upper + (lower - upper) * v
        };
        let (shift, gain) =
            if mosaic.has_seams() && [b, c, d].iter().any(|node| node.image != a.image) {
                let place = coord! { x: x as f64 + 0.5, y: y as f64 + 0.5 } * gsd_m;
                let (shift, gain) = mosaic.of_image(mosaic.image(place));
                (single(shift), gain)
            } else {
                (a.shift, a.gain)
            };
        let warp = [mean(|node| node.warp[0]), mean(|node| node.warp[1])];
        ([shift[0] + warp[0], shift[1] + warp[1]], gain, mean(|node| node.ghost))
    }
}

pub(super) fn single(shift: Coord) -> [f32; 2] {
    [shift.x as f32, shift.y as f32]
}
