//! The ground without anything on it: grass, bare soil, the track, earthworks and their light.

use crate::earthwork::{Earthwork, Works};
use crate::layout::Layout;
use crate::random::{at, mix, octaves, rise};
use crate::texture::{Texel, Texture};
use geo::{Coord, coord};

/// Colours of a scene and its fine texture.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    seed: u64,
    gsd_m: f64,
    pitch_px: i64,
    grass: Texture,
    soil: Texture,
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

const GREEN: [f32; 3] = [116.0, 134.0, 84.0];
const STRAW: [f32; 3] = [184.0, 174.0, 146.0];
const SOIL: [f32; 3] = [168.0, 150.0, 126.0];
const SPOIL: [f32; 3] = [186.0, 169.0, 144.0];

/// Slow values, drawn at the nodes of a coarse lattice and interpolated between.
const COVER: usize = 0;
const DRY: usize = 1;
const TONE: usize = 2;
const VARIANT: usize = 3;
const SUN: usize = 4;
const SKY: usize = 5;
const TURNED: usize = 6;
type Node = [f32; 7];

impl Ground {
    pub(crate) fn new(seed: u64, gsd_m: f64, longest_px: u32, layout: &Layout) -> Self {
        // A tile larger than the scene would be painted in vain.
        let side = (longest_px / 2).next_power_of_two().clamp(128, 1024);
        let (grass, soil) = rayon::join(
            || Texture::grass(seed, gsd_m, side, &layout.sun),
            || Texture::soil(seed, gsd_m, side, &layout.sun),
        );
        // Nodes every 2.5 cm, or every other pixel where pixels are larger.
        let pitch_px = ((0.025 / gsd_m) as i64).clamp(2, 8);
        Self { seed, gsd_m, pitch_px, grass, soil }
    }

    /// Paints `width` pixels a row from (`x0`, `y0`), mosaic pixels, into `pixels`.
    pub(crate) fn paint(&self, layout: &Layout, x0: i64, y0: i64, width: usize, pixels: &mut [Pixel]) {
        let height = pixels.len() / width;
        let pitch = self.pitch_px;
        let (col0, row0) = (x0.div_euclid(pitch), y0.div_euclid(pitch));
        let cols = ((x0 + width as i64).div_euclid(pitch) - col0 + 2) as usize;
        let rows = ((y0 + height as i64).div_euclid(pitch) - row0 + 2) as usize;
        let nodes = self.nodes(layout, col0, row0, cols, rows);
        let mut between = vec![Node::default(); cols];
        for (row, line) in pixels.chunks_exact_mut(width).enumerate() {
            let y = y0 + row as i64;
            let above = (y.div_euclid(pitch) - row0) as usize;
            let v = y.rem_euclid(pitch) as f32 / pitch as f32;
            for (col, node) in between.iter_mut().enumerate() {
                *node = blend(&nodes[above * cols + col], &nodes[(above + 1) * cols + col], v);
            }
            for (col, pixel) in line.iter_mut().enumerate() {
                let x = x0 + col as i64;
                let left = (x.div_euclid(pitch) - col0) as usize;
                let u = x.rem_euclid(pitch) as f32 / pitch as f32;
                *pixel = self.pixel(x, y, &blend(&between[left], &between[left + 1], u));
            }
        }
    }

    fn pixel(&self, x: i64, y: i64, node: &Node) -> Pixel {
        let soil = self.soil.at(x + 311, y + 97);
        let grass = self.look_up(x, y, node[VARIANT] + 0.12 * soil.light);
        let cover = rise(0.40, 0.60, node[COVER] + 0.10 * grass.light - 0.04 * soil.light);
        let dry = (node[DRY] + 0.28 * grass.tint).clamp(0.0, 1.0);
        let blades = 1.0 + 0.26 * grass.light;
        let clods = 1.0 + 0.13 * soil.light;
        let turned = node[TURNED];
        let mut colour = [0.0; 3];
        for band in 0..3 {
            let grass = (GREEN[band] + (STRAW[band] - GREEN[band]) * dry) * blades;
            let warm = [3.0, 0.0, -4.0][band] * soil.tint;
            let soil = (SOIL[band] + (SPOIL[band] - SOIL[band]) * turned + warm) * clods;
            colour[band] = (soil + (grass - soil) * cover) * node[TONE];
        }
        let blade = if cover > 0.5 { grass.light } else { -4.0 };
        Pixel { colour, sun: node[SUN], sky: node[SKY], open: [node[SUN], node[SKY]], blade }
    }

    /// Grass without visible repeats: the tile is laid in irregular patches, each shifted.
    ///
    /// `variant` holds a jitter that does not depend on the grass itself: a border that favoured
    /// bright blades would show as a bright line.
    fn look_up(&self, x: i64, y: i64, variant: f32) -> Texel {
        let bits = at(self.seed ^ 0x711e, variant.floor() as i64, 0);
        self.grass.at(x + (bits & 0xfff) as i64, y + (bits >> 32 & 0xfff) as i64)
    }

    fn nodes(&self, layout: &Layout, col0: i64, row0: i64, cols: usize, rows: usize) -> Vec<Node> {
        let step_m = self.pitch_px as f64 * self.gsd_m;
        let place = |col: i64, row: i64| coord! { x: (col as f64) * step_m, y: (row as f64) * step_m };
        let middle = place(col0, row0) + coord! { x: cols as f64, y: rows as f64 } * (step_m / 2.0);
        let radius_m = (cols.max(rows) as f64) * step_m * 0.75 + step_m;
        let longest = Works::Trench.drop_m() * layout.sun.shadow_per_height;
        let near: Vec<Earthwork> =
            layout.earthworks.iter().filter_map(|work| work.near(middle, radius_m + longest)).collect();
        let mut nodes = Vec::with_capacity(cols * rows);
        for row in 0..rows as i64 {
            for col in 0..cols as i64 {
                nodes.push(self.node(layout, &near, place(col0 + col, row0 + row), step_m));
            }
        }
        nodes
    }

    fn node(&self, layout: &Layout, near: &[Earthwork], at: Coord, step_m: f64) -> Node {
        let noise = |salt: u64, wave_m: f64, count| octaves(mix(self.seed ^ salt), at.x / wave_m, at.y / wave_m, count);
        let [_, worn] = layout.track.at(self.seed, at);
        let height = |at: Coord| {
            let lumps = octaves(self.seed ^ 0x10, at.x / 0.7, at.y / 0.7, 3) * 0.03;
            let rut = layout.track.at(self.seed, at)[0] * 0.05;
            near.iter().map(|work| work.relief(self.seed, at).height_m).fold(lumps - rut, |sum, part| sum + part)
        };
        let here = height(at);
        let away = step_m.max(0.012);
        let slope_x = (height(at + coord! { x: away, y: 0.0 }) - here) / away as f32;
        let slope_y = (height(at + coord! { x: 0.0, y: away }) - here) / away as f32;
        let shadow_m = Works::Trench.drop_m() * layout.sun.shadow_per_height;
        let (mut turned, mut depth, mut lit) = (0.0f32, 0.0f32, 1.0);
        if near.iter().any(|work| work.off_line_m(at) < work.works.half_width_m() + shadow_m) {
            for work in near {
                let relief = work.relief(self.seed, at);
                turned = turned.max(relief.turned);
                depth = depth.max(-relief.height_m);
            }
            lit = self.lit(layout, near, at, here);
        }
        let mut node = Node::default();
        // Fields of some 40 m, for scenes that are wide enough to show them.
        let field = noise(7, 40.0, 2) - 0.5;
        node[COVER] = 0.5 + (noise(1, 4.5, 5) - 0.40) * 3.0 + 0.8 * field - worn * 0.8 - turned * 1.3;
        // Tufts of a hand's width within meadows of some metres.
        let tufts = noise(4, 0.13, 2) - 0.5;
        node[DRY] = 0.55 + (noise(2, 3.0, 4) - 0.5) * 2.4 + 0.7 * tufts - 0.9 * field;
        node[TONE] = 0.90 + 0.14 * noise(3, 7.0, 3) + 0.22 * tufts + 0.10 * (noise(6, 0.4, 2) - 0.5);
        node[VARIANT] = noise(5, 1.3, 2) * 9.0;
        node[SUN] = layout.sun.on_slope([slope_x, slope_y]) * lit;
        node[SKY] = 1.0 - 0.3 * (depth / 1.6).clamp(0.0, 1.0);
        node[TURNED] = turned;
        node
    }

    /// Share of the sun that reaches a position: earthworks cast shadows.
    fn lit(&self, layout: &Layout, near: &[Earthwork], at: Coord, height_m: f32) -> f32 {
        let step_m = self.gsd_m.max(0.07);
        let reach_m = Works::Trench.drop_m() * layout.sun.shadow_per_height;
        let mut blocked = 0.0f32;
        for step in 1..=(reach_m / step_m).ceil() as i32 {
            let away_m = f64::from(step) * step_m;
            let towards = at + layout.sun.towards * away_m;
            let ray_m = height_m + (away_m / layout.sun.shadow_per_height) as f32;
            let top = near.iter().map(|work| work.relief(self.seed, towards).height_m).sum::<f32>();
            blocked = blocked.max(top - ray_m);
        }
        1.0 - rise(-0.03, 0.05, blocked - 0.03)
    }
}

fn blend(from: &Node, to: &Node, share: f32) -> Node {
    let mut node = *from;
    for (value, to) in node.iter_mut().zip(to) {
        *value += (to - *value) * share;
    }
    node
}
