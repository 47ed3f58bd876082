//! The steps from light to levels, each over a whole region.

use super::displacement::{Displacement, single};
use super::jpeg::{self, Jpeg};
use super::mosaic::Mosaic;
use super::planes::Planes;
use crate::CameraSpec;
use crate::random::{at, mix, unit};
use crate::region::Region;

/// A camera with its filters worked out.
#[derive(Debug, Clone)]
pub(crate) struct Film {
    seed: u64,
    gsd_m: f64,
    spec: CameraSpec,
    /// Half of the lens's blur along an axis, from the middle outwards; sums to 1 over both halves.
    blur: Vec<f32>,
    /// Movement as weights of 3 x 3 pixels; `None` for none.
    motion: Option<[f32; 9]>,
}

impl Film {
    pub(crate) fn new(seed: u64, gsd_m: f64, spec: &CameraSpec) -> Self {
        Self {
            seed,
            gsd_m,
            spec: spec.clone(),
            blur: blur(spec.defocus_px),
            motion: motion(spec.motion_px),
        }
    }

    /// What a region needs to be developed: it and its surroundings.
    pub(crate) fn exposed(&self, mosaic: &Mosaic, region: Region) -> Region {
        let blocks = self.whole_blocks(region);
        let spread = Displacement::reach_px(mosaic, blocks, self.gsd_m) + self.blur.len() - 1
            + usize::from(self.motion.is_some())
            + usize::from(self.spec.sharpen > 0.0);
        blocks.grown(spread)
    }

    /// Develops the light of an exposed region (see [`Film::exposed`]) to levels of the region
    /// itself.
    pub(crate) fn develop(
        &self,
        mosaic: &Mosaic,
        region: Region,
        exposed: Region,
        mut planes: Planes,
    ) -> Planes {
        if let Some(weights) = &self.motion {
            planes.filter(weights);
        }
        planes.blur(&self.blur);
        self.sense(exposed, &mut planes);
        if self.spec.sharpen > 0.0 {
            planes.sharpen(self.spec.sharpen);
        }
        let blocks = self.whole_blocks(region);
        let mut planes = self.put_together(mosaic, exposed, &planes, blocks);
        if let Some(quality) = self.spec.jpeg {
            Jpeg::new(quality).lose(&mut planes);
        }
        planes.cut(blocks, region)
    }

    /// The region grown to whole blocks of the JPEG; the region itself without one.
    fn whole_blocks(&self, region: Region) -> Region {
        if self.spec.jpeg.is_none() {
            return region;
        }
        let side = jpeg::SIDE as i64;
        let (x, y) = (region.x.div_euclid(side) * side, region.y.div_euclid(side) * side);
        let end =
            |first: i64, count: usize| (first + count as i64 + side - 1).div_euclid(side) * side;
        Region {
            x,
            y,
            width: (end(region.x, region.width) - x) as usize,
            height: (end(region.y, region.height) - y) as usize,
        }
    }

    /// Exposure, tone and noise.
    fn sense(&self, exposed: Region, planes: &mut Planes) {
        let spec = &self.spec;
        let (haze, contrast) = (spec.haze, spec.contrast);
        let seed = mix(self.seed ^ 0x5e_5e);
        let [red, green, blue] = &mut planes.bands;
        for (index, ((red, green), blue)) in red.iter_mut().zip(green).zip(blue).enumerate() {
            let (x, y) = (
                exposed.x + (index % exposed.width) as i64,
                exposed.y + (index / exposed.width) as i64,
            );
            let bits = at(seed, x, y);
            let grain = unit(bits) + unit(bits << 24) - 1.0;
            for (band, level) in [red, green, blue].into_iter().enumerate() {
                let lit = *level * spec.gain[band] * (1.0 - haze) + 232.0 * haze;
                let part = (lit / 255.0).clamp(0.0, 1.1);
                let toned = lit + 255.0 * contrast * (part * part * (3.0 - 2.0 * part) - part);
                let own = ((bits >> (8 * band)) & 0xff) as f32 / 255.0 - 0.5;
                // Shot noise grows with the root of light: a line through black and middle grey is
                // near.
                let strength = spec.noise * (0.7 + 0.6 * part);
                *level = toned + strength * (1.7 * grain + 2.0 * own);
            }
        }
    }

    /// Takes each pixel from where the mosaic took it.
    fn put_together(
        &self,
        mosaic: &Mosaic,
        exposed: Region,
        from: &Planes,
        blocks: Region,
    ) -> Planes {
        if mosaic.is_true() && !mosaic.has_ghosts() {
            return from.clone_part(exposed, blocks);
        }
        let displacement = Displacement::new(mosaic, blocks, self.gsd_m);
        let mut out = Planes::empty(blocks.width, blocks.height);
        let (left, top) = (blocks.x - exposed.x, blocks.y - exposed.y);
        let shift_to_ghost = single(mosaic.ghost_shift);
        for row in 0..blocks.height {
            for col in 0..blocks.width {
                let index = row * blocks.width + col;
                let (shift, gain, ghost) = displacement.at(mosaic, blocks, row, col, self.gsd_m);
                let (x, y) = (left + col as i64, top + row as i64);
                let mut levels = from.beside(x, y, shift).map(|level| level * gain);
                if ghost > 0.0 {
                    let second = from.beside(
                        x,
                        y,
                        [shift[0] + shift_to_ghost[0], shift[1] + shift_to_ghost[1]],
                    );
                    for (level, second) in levels.iter_mut().zip(second) {
                        *level += (second - *level) * ghost;
                    }
                }
                for (band, level) in out.bands.iter_mut().zip(levels) {
                    band[index] = level;
                }
            }
        }
        out
    }
}

/// Half of a Gaussian's weights, from the middle outwards.
fn blur(deviation_px: f32) -> Vec<f32> {
    let reach = (2.6 * deviation_px).ceil().min(4.0) as usize;
    let weight = |off: usize| {
        let off = off as f32 / deviation_px.max(1e-3);
        // e to the -off²/2 as a power of two multiplications: no platform's exponential.
        let mut value = 1.0 - off * off / 128.0;
        (0..6).for_each(|_| value *= value);
        value
    };
    let half: Vec<f32> = (0..=reach).map(weight).collect();
    let sum = half[0] + 2.0 * half[1..].iter().sum::<f32>();
    half.iter().map(|weight| weight / sum).collect()
}

/// A movement of up to 2 px as weights of 3 x 3.
fn motion(path_px: [f32; 2]) -> Option<[f32; 9]> {
    const STEPS: i32 = 16;
    if path_px == [0.0; 2] {
        return None;
    }
    let mut weights = [0.0f32; 9];
    for step in 0..STEPS {
        let part = (step as f32 + 0.5) / STEPS as f32 - 0.5;
        let (x, y) = (path_px[0] * part, path_px[1] * part);
        for (index, weight) in weights.iter_mut().enumerate() {
            let (dx, dy) = ((index % 3) as f32 - 1.0 - x, (index / 3) as f32 - 1.0 - y);
            *weight += (1.0 - dx.abs()).max(0.0) * (1.0 - dy.abs()).max(0.0) / STEPS as f32;
        }
    }
    Some(weights)
}
