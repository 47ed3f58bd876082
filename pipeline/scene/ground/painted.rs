use super::material::{Material, Stuff, Swell};
use super::{BARE, GroundKind, Pixel};
use crate::SceneSpec;
use crate::earthwork::{Earthwork, Works};
use crate::layout::Layout;
use crate::random::{Dice, mix, octaves, rise};
use geo::{Coord, coord};

/// Ground by code: one material over another with borders of noise, relief, the track, earthworks
/// and their light.
#[derive(Debug, Clone)]
pub(crate) struct Painted {
    seed: u64,
    gsd_m: f64,
    pitch_px: i64,
    over: Material,
    under: Material,
    swell: Swell,
    /// How much of the ground the upper material covers: 0 for about four fifths.
    bias: f32,
    /// Size of its patches, metres.
    patch_m: f64,
    marks: Marks,
}

/// Lines on made ground.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Marks {
    None,
    /// Cracks, and a painted line through a point.
    Asphalt {
        through: Coord,
        along: Coord,
        half_m: f64,
        yellow: bool,
    },
    /// Joints of slabs, metres.
    Concrete {
        along: Coord,
        slab_m: f64,
    },
}

/// Earth from a trench: paler than what lies on top.
const SPOIL: [f32; 3] = [186.0, 169.0, 144.0];

/// Slow values, drawn at the nodes of a coarse lattice and interpolated between.
const COVER: usize = 0;
const HUE: usize = 1;
const TONE: usize = 2;
const VARIANT: usize = 3;
const SUN: usize = 4;
const SKY: usize = 5;
const TURNED: usize = 6;
const HUE_UNDER: usize = 7;
/// Signed distance from the nearest crack, or the nearest joint one way, pixels: what is drawn on both
/// sides of zero stays a line between two nodes.
const CRACK: usize = 8;
/// Signed distance from the painted line, or the nearest joint the other way, pixels.
const LINE: usize = 9;
type Node = [f32; 10];

impl Painted {
    pub(super) fn new(spec: &SceneSpec, kind: GroundKind, layout: &Layout) -> Self {
        let (seed, gsd_m) = (spec.seed, spec.gsd_m);
        // A tile larger than the scene would be painted in vain.
        let side = (spec.size.width.max(spec.size.height) / 3).next_power_of_two().clamp(128, 1024);
        let mut dice = Dice::new(seed, "mix", 0);
        let (over, under, bias) = pair(kind, &mut dice);
        let (swell_of, swell_dice) = (if bias > -0.35 { over } else { under }, &mut Dice::new(seed, "swell", 0));
        let material = |stuff| Material::new(stuff, seed, gsd_m, side, &layout.sun);
        let swell = Swell::new(swell_of, swell_dice);
        let (over, lower) = rayon::join(|| material(over), || material(under));
        // Nodes every 2.5 cm, or every other pixel where pixels are larger.
        let pitch_px = ((0.025 / gsd_m) as i64).clamp(2, 8);
        let marks = Marks::new(under, spec.extent_m(), &mut dice);
        let patch_m = if kind == GroundKind::Meadow { 4.5 } else { dice.between(0.9, 4.0) };
        Self { seed, gsd_m, pitch_px, over, under: lower, swell, bias, patch_m, marks }
    }

    /// Paints `width` pixels a row from (`x0`, `y0`), mosaic pixels, into `pixels`.
    pub(super) fn paint(&self, layout: &Layout, x0: i64, y0: i64, width: usize, pixels: &mut [Pixel]) {
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
        let under = self.under.texel(self.seed ^ 0x5011, x + 311, y + 97, node[VARIANT]);
        let over = self.over.texel(self.seed, x, y, node[VARIANT] + 0.12 * under.light);
        let cover = rise(0.40, 0.60, node[COVER] + self.over.lace * over.light - self.under.poke * under.light);
        let upper = self.over.colour(over, node[HUE]);
        let mut lower = self.under.colour(under, node[HUE_UNDER]);
        if self.marks != Marks::None {
            self.marks.draw(node, under.light, self.gsd_m, &mut lower);
        }
        let turned = node[TURNED];
        let mut colour = [0.0; 3];
        for band in 0..3 {
            let lower = lower[band] + (SPOIL[band] * (1.0 + 0.13 * under.light) - lower[band]) * turned;
            colour[band] = (lower + (upper[band] - lower) * cover) * node[TONE];
        }
        let [tall, light] = if cover > 0.5 { [self.over.tall, over.light] } else { [self.under.tall, under.light] };
        let blade = if tall > 0.0 && turned < 0.5 { tall * light } else { BARE };
        Pixel { colour, sun: node[SUN], sky: node[SKY], open: [node[SUN], node[SKY]], blade }
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
        let track = |at| layout.track.map_or([0.0; 2], |track| track.at(self.seed, at));
        let [_, worn] = track(at);
        let height = |at: Coord| {
            let lumps = self.swell_m(at);
            let rut = track(at)[0] * 0.05;
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
        node[COVER] = 0.5 + self.bias + (self.patches(at) - 0.40) * 3.0 + 0.8 * field - worn * 0.8 - turned * 1.3;
        // Tufts of a hand's width within meadows of some metres.
        let tufts = noise(4, 0.13, 2) - 0.5;
        let [mean, slow, _] = self.over.hue;
        node[HUE] = mean + slow * ((noise(2, 3.0, 4) - 0.5) * 2.4 + 0.7 * tufts - 0.9 * field);
        let [mean, slow, _] = self.under.hue;
        node[HUE_UNDER] = mean + slow * (noise(8, 2.1, 4) - 0.5) * 2.4;
        let tufted = if self.over.tall > 0.0 { 1.0 } else { 0.35 };
        node[TONE] = 0.90 + 0.14 * noise(3, 7.0, 3) + tufted * (0.22 * tufts + 0.10 * (noise(6, 0.4, 2) - 0.5));
        if self.marks != Marks::None {
            let [crack, line] = self.marks.off_m(self.seed, at);
            (node[CRACK], node[LINE]) = ((crack / self.gsd_m) as f32, (line / self.gsd_m) as f32);
        }
        node[VARIANT] = noise(5, 1.3, 2) * 9.0;
        node[SUN] = layout.sun.on_slope([slope_x, slope_y]) * lit;
        node[SKY] = 1.0 - 0.3 * (depth / 1.6).clamp(0.0, 1.0);
        node[TURNED] = turned;
        node
    }

    /// Noise that decides which material lies on top; swayed, or the borders would follow its lattice.
    fn patches(&self, at: Coord) -> f32 {
        let patch_m = self.patch_m;
        let sway = |salt: u64| f64::from(octaves(mix(self.seed ^ salt), at.x / patch_m, at.y / patch_m, 2) - 0.5) * 1.2;
        octaves(mix(self.seed ^ 1), at.x / patch_m + sway(31), at.y / patch_m + sway(32), 5)
    }

    /// Height of what nobody dug, metres.
    fn swell_m(&self, at: Coord) -> f32 {
        let noise = |salt: u64, wave_m: f64, count| octaves(self.seed ^ salt, at.x / wave_m, at.y / wave_m, count);
        let mut height_m = noise(0x10, 0.7, 3) * self.swell.lumps_m;
        if self.swell.trodden_m > 0.0 {
            let feet = noise(0x11, 0.21, 2) - 0.5;
            height_m += feet * 2.5 * self.swell.trodden_m * rise(0.30, 0.65, noise(0x12, 1.1, 2));
        }
        let [wave_m, crest_m] = self.swell.wave_m;
        if wave_m > 0.0 {
            let sway = f64::from(noise(0x13, 0.9, 2)) * 0.25 + f64::from(noise(0x14, 0.12, 2)) * 0.2 * wave_m;
            let part = (at.x * self.swell.along.x + at.y * self.swell.along.y + sway) / wave_m;
            let part = part - part.floor();
            height_m += (4.0 * part * (1.0 - part) * crest_m) as f32;
        }
        height_m
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

/// The material on top, the one below, and how much of the first (see [`Painted::bias`]).
fn pair(kind: GroundKind, dice: &mut Dice) -> (Stuff, Stuff, f32) {
    let mut one_of = |stuffs: &[Stuff]| stuffs[dice.below(stuffs.len())];
    let (over, under, range) = match kind {
        GroundKind::Meadow => return (Stuff::Meadow, Stuff::Earth, 0.0),
        GroundKind::Grass => {
            (Stuff::Lawn, one_of(&[Stuff::Straw, Stuff::Soil, Stuff::Straw, Stuff::Litter]), [0.0, 0.7])
        }
        GroundKind::Straw => {
            (Stuff::Straw, one_of(&[Stuff::Lawn, Stuff::Soil, Stuff::Meadow, Stuff::Sand]), [0.0, 0.7])
        }
        GroundKind::Stubble => (Stuff::Stubble, Stuff::Soil, [0.4, 1.0]),
        GroundKind::Soil => (one_of(&[Stuff::Straw, Stuff::Lawn, Stuff::Gravel]), Stuff::Soil, [-1.1, -0.5]),
        GroundKind::Gravel => (Stuff::Gravel, one_of(&[Stuff::Soil, Stuff::Sand, Stuff::Lawn]), [0.1, 1.0]),
        GroundKind::Sand => (one_of(&[Stuff::Straw, Stuff::Gravel, Stuff::Straw]), Stuff::Sand, [-1.4, -0.8]),
        GroundKind::Litter => (Stuff::Litter, one_of(&[Stuff::Soil, Stuff::Lawn, Stuff::Straw]), [0.0, 1.0]),
        GroundKind::Asphalt => (one_of(&[Stuff::Gravel, Stuff::Sand, Stuff::Litter]), Stuff::Asphalt, [-1.5, -0.8]),
        GroundKind::Concrete => (one_of(&[Stuff::Soil, Stuff::Sand, Stuff::Lawn]), Stuff::Concrete, [-1.5, -0.8]),
        GroundKind::Snow => (Stuff::Snow, one_of(&[Stuff::Straw, Stuff::Soil, Stuff::Meadow]), [-0.1, 0.9]),
        GroundKind::Rubble => (Stuff::Rubble, one_of(&[Stuff::Soil, Stuff::Concrete, Stuff::Sand]), [0.0, 0.8]),
    };
    (over, under, dice.between(range[0], range[1]) as f32)
}

impl Marks {
    fn new(under: Stuff, extent_m: [f64; 2], dice: &mut Dice) -> Self {
        let along = dice.direction();
        match under {
            Stuff::Asphalt => {
                let through = coord! {
                    x: extent_m[0] * dice.between(0.1, 0.9),
                    y: extent_m[1] * dice.between(0.1, 0.9),
                };
                // Half of the places have no line.
                let half_m = if dice.happens(0.5) { dice.between(0.05, 0.09) } else { -1.0 };
                Marks::Asphalt { through, along, half_m, yellow: dice.happens(0.25) }
            }
            Stuff::Concrete => Marks::Concrete { along, slab_m: dice.between(1.5, 5.0) },
            _ => Marks::None,
        }
    }

    /// What a node keeps in [`CRACK`] and [`LINE`], metres.
    fn off_m(&self, seed: u64, at: Coord) -> [f64; 2] {
        const FAR_M: f64 = 1e3;
        match *self {
            Marks::None => [FAR_M; 2],
            Marks::Asphalt { through, along, half_m, .. } => {
                // A crack is a contour of noise.
                let contour = f64::from(octaves(mix(seed ^ 21), at.x / 1.9, at.y / 1.9, 5) - 0.5) * 3.2;
                let off = at - through;
                let across = off.y * along.x - off.x * along.y;
                [contour, if half_m > 0.0 { across } else { FAR_M }]
            }
            Marks::Concrete { along, slab_m } => {
                // A triangle wave: no jump that would look like a joint between two nodes.
                let line = |t: f64| {
                    let part = t / (2.0 * slab_m);
                    ((part - part.floor() - 0.5).abs() - 0.25) * 2.0 * slab_m
                };
                let ragged = f64::from(octaves(mix(seed ^ 23), at.x / 0.05, at.y / 0.05, 2) - 0.5) * 0.006;
                [line(at.x * along.x + at.y * along.y) + ragged, line(at.y * along.x - at.x * along.y) + ragged]
            }
        }
    }

    /// Draws cracks, joints and lines over a colour.
    fn draw(&self, node: &Node, grain: f32, gsd_m: f64, colour: &mut [f32; 3]) {
        let px = |width_m: f64| (width_m / gsd_m) as f32;
        let dark = |off: f32, half: f32| (half - off.abs() + 0.5).clamp(0.0, 1.0) * half.min(1.0);
        let crack = match self {
            Marks::None => 0.0,
            Marks::Asphalt { yellow, half_m, .. } => {
                let worn = rise(-2.2, -0.4, grain + 2.0 * (node[TONE] - 0.95));
                let paint = (px(*half_m) - node[LINE].abs() + 0.5).clamp(0.0, 1.0) * worn;
                let line = if *yellow { [206.0, 178.0, 92.0] } else { [214.0, 214.0, 208.0] };
                for (band, line) in colour.iter_mut().zip(line) {
                    *band += (line - *band) * paint * 0.8;
                }
                dark(node[CRACK], px(0.006))
            }
            Marks::Concrete { .. } => dark(node[CRACK], px(0.005)).max(dark(node[LINE], px(0.005))),
        };
        *colour = colour.map(|band| band * (1.0 - 0.5 * crack));
    }
}
