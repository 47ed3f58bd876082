//! The steps from light to levels, each over a whole region.

use super::CameraSpec;
use super::jpeg::{self, Jpeg};
use super::mosaic::Mosaic;
use crate::block::Region;
use crate::random::{at, mix, unit};
use geo::{Coord, coord};

/// Red, green and blue of a region, apart, so that a filter runs over numbers in a row.
pub(crate) struct Planes {
    pub(crate) width: usize,
    pub(crate) bands: [Vec<f32>; 3],
}

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

/// The displacement over a region, at nodes this many pixels apart.
const PITCH_PX: usize = 8;

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
        let shown = self.shown(region);
        let spread = mosaic_reach(mosaic, shown, self.gsd_m) + self.blur.len() - 1
            + usize::from(self.motion.is_some())
            + usize::from(self.spec.sharpen > 0.0);
        shown.grown(spread)
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
        let shown = self.shown(region);
        let mut planes = self.put_together(mosaic, exposed, &planes, shown);
        if let Some(quality) = self.spec.jpeg {
            Jpeg::new(quality).lose(&mut planes);
        }
        planes.cut(shown, region)
    }

    /// The region that the JPEG's blocks need.
    fn shown(&self, region: Region) -> Region {
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
        shown: Region,
    ) -> Planes {
        if mosaic.is_true() && !mosaic.has_ghosts() {
            return from.clone_part(exposed, shown);
        }
        let field = Field::new(mosaic, shown, self.gsd_m);
        let mut out = Planes::empty(shown.width, shown.height);
        let (left, top) = (shown.x - exposed.x, shown.y - exposed.y);
        let shift_to_ghost = single(mosaic.ghost_shift);
        for row in 0..shown.height {
            for col in 0..shown.width {
                let index = row * shown.width + col;
                let (shift, gain, ghost) = field.at(mosaic, shown, row, col, self.gsd_m);
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

/// How far from its own place a pixel of a region may be taken, pixels.
fn mosaic_reach(mosaic: &Mosaic, shown: Region, gsd_m: f64) -> usize {
    if mosaic.is_true() && !mosaic.has_ghosts() {
        return 0;
    }
    let field = Field::new(mosaic, shown, gsd_m);
    let ghost = mosaic.ghost_shift.x.abs().max(mosaic.ghost_shift.y.abs())
        * f64::from(u8::from(field.is_ghosted()));
    (field.farthest_px() + ghost).ceil() as usize + 1
}

/// The mosaic's displacement over a region, at the corners of cells that are aligned to the scene.
struct Field {
    col0: i64,
    row0: i64,
    cols: usize,
    nodes: Vec<FieldNode>,
}

#[derive(Debug, Clone, Copy)]
struct FieldNode {
    warp: [f32; 2],
    ghost: f32,
    image: u64,
    shift: [f32; 2],
    gain: f32,
}

impl Field {
    fn new(mosaic: &Mosaic, shown: Region, gsd_m: f64) -> Self {
        let pitch = PITCH_PX as i64;
        let (col0, row0) = (shown.x.div_euclid(pitch), shown.y.div_euclid(pitch));
        let cols = ((shown.x + shown.width as i64).div_euclid(pitch) - col0 + 2) as usize;
        let rows = ((shown.y + shown.height as i64).div_euclid(pitch) - row0 + 2) as usize;
        let nodes = (0..rows * cols)
            .map(|index| {
                let (col, row) = (col0 + (index % cols) as i64, row0 + (index / cols) as i64);
                let place =
                    coord! { x: (col * pitch) as f64 + 0.5, y: (row * pitch) as f64 + 0.5 } * gsd_m;
                let (warp, image) = (mosaic.warp(place), mosaic.image(place));
                let (shift, gain) = mosaic.of_image(image);
                let ghost = mosaic.ghost(place);
                FieldNode { warp: single(warp), ghost, image, shift: single(shift), gain }
            })
            .collect();
        Self { col0, row0, cols, nodes }
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
    fn at(
        &self,
        mosaic: &Mosaic,
        shown: Region,
        row: usize,
        col: usize,
        gsd_m: f64,
    ) -> ([f32; 2], f32, f32) {
        let pitch = PITCH_PX as i64;
        let (x, y) = (shown.x + col as i64, shown.y + row as i64);
        let first = (y.div_euclid(pitch) - self.row0) as usize * self.cols
            + (x.div_euclid(pitch) - self.col0) as usize;
        let [a, b, c, d] = [first, first + 1, first + self.cols, first + self.cols + 1]
            .map(|index| &self.nodes[index]);
        let (u, v) =
            (x.rem_euclid(pitch) as f32 / pitch as f32, y.rem_euclid(pitch) as f32 / pitch as f32);
        let mean = |value: fn(&FieldNode) -> f32| {
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

fn single(shift: Coord) -> [f32; 2] {
    [shift.x as f32, shift.y as f32]
}

impl Planes {
    pub(crate) fn empty(width: usize, height: usize) -> Self {
        Self { width, bands: std::array::from_fn(|_| vec![0.0; width * height]) }
    }

    pub(crate) fn height(&self) -> usize {
        self.bands[0].len() / self.width
    }

    fn clone_part(&self, whole: Region, part: Region) -> Planes {
        let mut out = Self::empty(part.width, part.height);
        let (left, top) = ((part.x - whole.x) as usize, (part.y - whole.y) as usize);
        for (from, to) in self.bands.iter().zip(&mut out.bands) {
            for (row, line) in to.chunks_exact_mut(part.width).enumerate() {
                let first = (top + row) * self.width + left;
                line.copy_from_slice(&from[first..first + part.width]);
            }
        }
        out
    }

    fn cut(self, whole: Region, part: Region) -> Planes {
        if whole == part { self } else { self.clone_part(whole, part) }
    }

    /// The levels off a pixel, between four others. The shift is split by itself: added to a pixel
    /// of some region first, its last bits would depend on the region.
    fn beside(&self, x: i64, y: i64, shift: [f32; 2]) -> [f32; 3] {
        // A floor without a library call.
        let whole = shift.map(|part| part as i64 - i64::from(part < 0.0));
        let [u, v] = [shift[0] - whole[0] as f32, shift[1] - whole[1] as f32];
        let (col, row) = ((x + whole[0]) as usize, (y + whole[1]) as usize);
        let first = row * self.width + col;
        std::array::from_fn(|band| {
            let at = |index: usize| self.bands[band][index];
            let upper = at(first) + (at(first + 1) - at(first)) * u;
            let lower =
                at(first + self.width) + (at(first + self.width + 1) - at(first + self.width)) * u;
            upper + (lower - upper) * v
        })
    }

    /// Weighs 3 x 3 pixels; the outermost pixels are left as they are, since nothing comes of them.
    fn filter(&mut self, weights: &[f32; 9]) {
        let (width, height) = (self.width, self.height());
        for band in &mut self.bands {
            let from = band.clone();
            for row in 1..height.saturating_sub(1) {
                let line = |up: usize| &from[(row + up - 1) * width..][..width];
                let [above, here, below] = [line(0), line(1), line(2)];
                let to = &mut band[row * width..][..width];
                for col in 1..width - 1 {
                    let three = |line: &[f32], w: usize| {
                        line[col - 1] * weights[w]
                            + line[col] * weights[w + 1]
                            + line[col + 1] * weights[w + 2]
                    };
                    to[col] = three(above, 0) + three(here, 3) + three(below, 6);
                }
            }
        }
    }

    /// Blurs along both axes; the outermost pixels are left as they are.
    fn blur(&mut self, half: &[f32]) {
        let reach = half.len() - 1;
        let (width, height) = (self.width, self.height());
        if reach == 0 || width <= 2 * reach || height <= 2 * reach {
            return;
        }
        for band in &mut self.bands {
            let mut along = band.clone();
            for (from, to) in band.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
                let inner = width - 2 * reach;
                let to = &mut to[reach..reach + inner];
                for (to, from) in to.iter_mut().zip(&from[reach..]) {
                    *to = from * half[0];
                }
                for (off, weight) in half.iter().enumerate().skip(1) {
                    let sides = from[reach - off..].iter().zip(&from[reach + off..]);
                    for (to, (left, right)) in to.iter_mut().zip(sides) {
                        *to += (left + right) * weight;
                    }
                }
            }
            for row in reach..height - reach {
                let line = |row: usize| &along[row * width..][..width];
                let to = &mut band[row * width..][..width];
                for (to, from) in to.iter_mut().zip(line(row)) {
                    *to = from * half[0];
                }
                for (off, weight) in half.iter().enumerate().skip(1) {
                    for (to, (up, down)) in
                        to.iter_mut().zip(line(row - off).iter().zip(line(row + off)))
                    {
                        *to += (up + down) * weight;
                    }
                }
            }
        }
    }

    /// Adds what a blur takes away: edges get a halo.
    fn sharpen(&mut self, strength: f32) {
        let (side, corner) = (-0.125 * strength, -0.0625 * strength);
        let middle = 1.0 + 0.75 * strength;
        self.filter(&[corner, side, corner, side, middle, side, corner, side, corner]);
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
