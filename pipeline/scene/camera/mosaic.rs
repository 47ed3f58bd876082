//! What mosaicking does to a scene: images that do not meet, and a surface model that is not the
//! ground's.

use crate::random::{Dice, at, mix, octaves, rise, unit};
use crate::{Arrangement, SceneSpec};
use geo::{Coord, coord};

/// Where a pixel of the mosaic was taken from, as an inverse map: a displacement per pixel.
///
/// Truth follows the smooth part exactly; nothing is laid across a seam (see [`Mosaic::is_whole`]).
/// Ghosts are faint second copies and no truth.
#[derive(Debug, Clone)]
pub(crate) struct Mosaic {
    seed: u64,
    gsd_m: f64,
    /// How many times larger than of a low flight its images are.
    scale: f64,
    seam_px: f64,
    warp_px: f64,
    ghost: f32,
    /// Where the second copy lies from the first, pixels.
    pub(super) ghost_shift: Coord,
}

/// Typical distance of seams, metres: images of a low flight.
const IMAGE_M: f64 = 5.0;

impl Mosaic {
    pub(crate) fn new(spec: &SceneSpec) -> Self {
        let seed = mix(spec.seed ^ 0x5ea0);
        let camera = &spec.camera;
        let mut dice = Dice::new(seed, "ghost", 0);
        let ghost_shift = dice.direction() * dice.between(2.0, 8.0);
        let [seam_px, warp_px] = [camera.seam_px, camera.warp_px].map(f64::from);
        // Of high flights each image shows more ground.
        let is_country = spec.arrangement == Arrangement::Earthworks;
        let scale = if is_country { (spec.gsd_m / 0.004).max(1.0) } else { 1.0 };
        Self { seed, gsd_m: spec.gsd_m, scale, seam_px, warp_px, ghost: camera.ghost, ghost_shift }
    }

    /// Whether all images lie where they should.
    pub(super) fn is_true(&self) -> bool {
        self.seam_px == 0.0 && self.warp_px == 0.0
    }

    pub(super) fn has_seams(&self) -> bool {
        self.seam_px > 0.0
    }

    pub(super) fn has_ghosts(&self) -> bool {
        self.ghost > 0.0
    }

    /// The image that a place of the mosaic (scene metres) shows; irregular cells of some metres.
    pub(crate) fn image(&self, place: Coord) -> u64 {
        if self.seam_px == 0.0 {
            return 0;
        }
        let place = place / self.scale;
        let sway = |salt: u64| {
            f64::from(octaves(self.seed ^ salt, place.x / 0.8, place.y / 0.8, 4) - 0.5) * 1.2
        };
        let (x, y) = ((place.x + sway(1)) / IMAGE_M, (place.y + sway(2)) / IMAGE_M);
        let (col, row) = (x.floor() as i64, y.floor() as i64);
        let (mut nearest, mut image) = (f64::INFINITY, 0);
        for j in row - 1..=row + 1 {
            for i in col - 1..=col + 1 {
                let bits = at(self.seed, i, j);
                let (dx, dy) = (
                    i as f64 + f64::from(unit(bits)) - x,
                    j as f64 + f64::from(unit(bits << 24)) - y,
                );
                if dx * dx + dy * dy < nearest {
                    (nearest, image) = (dx * dx + dy * dy, bits);
                }
            }
        }
        image
    }

    /// How far an image is out of place, pixels, and its exposure against the others.
    pub(super) fn of_image(&self, image: u64) -> (Coord, f32) {
        if self.seam_px == 0.0 {
            return (Coord::zero(), 1.0);
        }
        let part = |shift: u32| f64::from(unit(mix(image) << shift)) * 2.0 - 1.0;
        // Two images differ by at most twice what each is off.
        (coord! { x: part(0), y: part(20) } * (0.35 * self.seam_px), 1.0 + 0.03 * part(40) as f32)
    }

    /// The smooth part of the displacement at a place of the mosaic (scene metres), pixels.
    pub(super) fn warp(&self, place: Coord) -> Coord {
        if self.warp_px == 0.0 {
            return Coord::zero();
        }
        let place = place / self.scale;
        let noise = |salt: u64, wave_m: f64| {
            f64::from(octaves(self.seed ^ salt, place.x / wave_m, place.y / wave_m, 2))
        };
        // Only here and there, as beside walls, bushes and at the edges of images.
        let strength = f64::from(rise(0.45, 0.65, noise(3, 2.0) as f32));
        let off = coord! { x: noise(4, 0.7) - 0.5, y: noise(5, 0.7) - 0.5 };
        off * (2.4 * self.warp_px * strength)
    }

    /// Share of the second copy at a place of the mosaic (scene metres).
    pub(super) fn ghost(&self, place: Coord) -> f32 {
        if self.ghost == 0.0 {
            return 0.0;
        }
        let place = place / self.scale;
        self.ghost * rise(0.52, 0.62, octaves(self.seed ^ 6, place.x / 1.6, place.y / 1.6, 2))
    }

    /// Whether one image shows all of a circle.
    pub(crate) fn is_whole(&self, centre: Coord, radius_m: f64) -> bool {
        if self.seam_px == 0.0 {
            return true;
        }
        let reach = radius_m + (self.seam_px + 2.0 * self.warp_px + 3.0) * self.gsd_m;
        let image = self.image(centre);
        // Finer than a seam bends.
        [1.0, 0.5].into_iter().all(|share| {
            RING.iter().all(|[x, y]| {
                self.image(centre + coord! { x: x * reach, y: y * reach } * share) == image
            })
        })
    }

    /// Where the mosaic shows what lies at `truly`, both scene metres: the inverse of the
    /// displacement, by iteration. `image` is the one at the object's middle.
    pub(crate) fn shown(&self, truly: Coord, image: u64) -> Coord {
        if self.is_true() {
            return truly;
        }
        let (shift, _) = self.of_image(image);
        let mut place = truly;
        // The warp changes by less than a tenth of a pixel per pixel: eight steps are exact.
        for _ in 0..8 {
            place = truly - (shift + self.warp(place)) * self.gsd_m;
        }
        place
    }
}

#[rustfmt::skip]
const RING: [[f64; 2]; 16] = [
    [1.0, 0.0], [0.92, 0.38], [0.71, 0.71], [0.38, 0.92], [0.0, 1.0], [-0.38, 0.92], [-0.71, 0.71],
    [-0.92, 0.38], [-1.0, 0.0], [-0.92, -0.38], [-0.71, -0.71], [-0.38, -0.92], [0.0, -1.0],
    [0.38, -0.92], [0.71, -0.71], [0.92, -0.38],
];
