//! Ground that is painted by code.

use super::BARE;
use super::fields::{self, Fields, Plot};
use super::material::Material;
use super::stuff::Stuff;
use super::swell::Swell;
use crate::canvas::Pixel;
use crate::layout::Layout;
use crate::random::{Dice, mix, octaves, rise};
use crate::region::Region;
use crate::terrain::{Coat, Grid, Lattice};
use crate::{Arrangement, GroundKind, SceneSpec};
use geo::{Coord, coord};

/// Ground by code: one material over another with borders of noise, relief, the track, works and
/// their light; on a large scene several such mixes, field by field.
#[derive(Debug, Clone)]
pub(crate) struct Painted {
    seed: u64,
    gsd_m: f64,
    pitch_px: i64,
    mixes: Vec<Mix>,
    fields: Option<Fields>,
}

/// One material over another.
#[derive(Debug, Clone)]
struct Mix {
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

/// Slow values, drawn at the nodes of a coarse lattice and interpolated between.
const COVER: usize = 0;
const HUE: usize = 1;
const TONE: usize = 2;
const VARIANT: usize = 3;
const SUN: usize = 4;
const SKY: usize = 5;
const HUE_UNDER: usize = 6;
/// Signed distance from the nearest crack, or the nearest joint one way, pixels: what is drawn on
/// both sides of zero stays a line between two nodes.
const CRACK: usize = 7;
/// Signed distance from the painted line, or the nearest joint the other way, pixels.
const LINE: usize = 8;
/// What works lay over the ground: see [`crate::terrain::Coat`].
const COAT: usize = 9;
const COAT_SHARE: usize = 12;
const COAT_GRAIN: usize = 13;
type Node = [f32; 14];

impl Painted {
    pub(super) fn new(spec: &SceneSpec, kind: GroundKind, layout: &Layout) -> Self {
        let (seed, gsd_m) = (spec.seed, spec.gsd_m);
        let is_country = spec.arrangement == Arrangement::Earthworks;
        // A tile larger than the scene would be painted in vain; where pixels are large it repeats
        // late.
        let most = if is_country { 512 } else { 1024 };
        let side = (spec.size.width.max(spec.size.height) / 3).next_power_of_two().clamp(128, most);
        let kinds = if is_country { fields::kinds(seed, kind) } else { vec![kind] };
        let mixes: Vec<Mix> = kinds
            .into_iter()
            .enumerate()
            // The first is what it would be alone.
            .map(|(number, kind)| Mix::new(spec, kind, seed ^ (number as u64) << 40, side, layout))
            .collect();
        let fields = is_country.then(|| Fields::new(seed, mixes.len()));
        Self { seed, gsd_m, pitch_px: super::pitch_px(gsd_m), mixes, fields }
    }

    /// Paints a region, row by row, into `pixels`.
    pub(super) fn paint(&self, layout: &Layout, region: Region, pixels: &mut [Pixel]) {
        let grid = super::grid(self.gsd_m, region);
        let (nodes, mixes) = self.nodes(layout, grid);
        super::between(self.pitch_px, grid, &nodes, region, |index, x, y, node, nearest| {
            pixels[index] = self.pixel(&self.mixes[usize::from(mixes[nearest])], x, y, node);
        });
    }

    fn pixel(&self, of: &Mix, x: i64, y: i64, node: &Node) -> Pixel {
        let under = of.under.texel(self.seed ^ 0x5011, x + 311, y + 97, node[VARIANT]);
        let over = of.over.texel(self.seed, x, y, node[VARIANT] + 0.12 * under.light);
        let cover =
            rise(0.40, 0.60, node[COVER] + of.over.lace * over.light - of.under.poke * under.light);
        let upper = of.over.colour(over, node[HUE]);
        let mut lower = of.under.colour(under, node[HUE_UNDER]);
        if of.marks != Marks::None {
            of.marks.draw(node, under.light, self.gsd_m, &mut lower);
        }
        let coat = node[COAT_SHARE];
        // Contrast of the coat, against its share.
        let grain = if coat > 0.0 { 1.0 + node[COAT_GRAIN] / coat * under.light } else { 1.0 };
        let mut colour = [0.0; 3];
        for band in 0..3 {
            let lower = lower[band] * (1.0 - coat) + node[COAT + band] * grain;
            colour[band] = (lower + (upper[band] - lower) * cover) * node[TONE];
        }
        let [tall, light] =
            if cover > 0.5 { [of.over.tall, over.light] } else { [of.under.tall, under.light] };
        let blade = if tall > 0.0 && coat < 0.5 { tall * light } else { BARE };
        Pixel { colour, sun: node[SUN], sky: node[SKY], open: [node[SUN], node[SKY]], blade }
    }

    /// The nodes of a grid but for its last column and row, and the number of each one's mix.
    fn nodes(&self, layout: &Layout, grid: Grid) -> (Vec<Node>, Vec<u8>) {
        let lattice = Lattice::new(&layout.terrain, grid, &layout.sun);
        let places = (0..grid.cols * grid.rows)
            .map(|index| grid.place(index % grid.cols, index / grid.cols));
        let mut mixes = Vec::with_capacity(grid.cols * grid.rows);
        let mut ground_m = Vec::with_capacity(grid.cols * grid.rows);
        let mut nodes = Vec::with_capacity(grid.cols * grid.rows);
        for (index, at) in places.enumerate() {
            let plot = self.fields.as_ref().map(|fields| fields.at(at, grid.step_m));
            let mix = plot.map_or(0, |plot| plot.mix);
            let of = &self.mixes[mix];
            let [rut, worn] = layout.track.map_or([0.0; 2], |track| track.at(self.seed, at));
            let coat = lattice.coat(index % grid.cols, index / grid.cols);
            let mut swell_m = of.swell_m(self.seed, at, grid.step_m);
            if let Some(plot) = plot {
                // No one ploughs a road or a pond.
                swell_m = (swell_m + plot.height_m) * (1.0 - coat.water.max(0.75 * coat.share));
            }
            ground_m.push(layout.terrain.hills(at) + swell_m - rut * 0.05);
            mixes.push(mix as u8);
            nodes.push(self.node(of, at, grid.step_m, worn, plot, &coat));
        }
        for (node, light) in nodes.iter_mut().zip(lattice.light(&layout.sun, &ground_m)) {
            (node[SUN], node[SKY]) = (light.sun, light.sky);
        }
        (nodes, mixes)
    }

    fn node(
        &self,
        of: &Mix,
        at: Coord,
        step_m: f64,
        worn: f32,
        plot: Option<Plot>,
        coat: &Coat,
    ) -> Node {
        let noise_at = |at: Coord, salt: u64, wave_m: f64, count| {
            octaves(mix(self.seed ^ salt), at.x / wave_m, at.y / wave_m, count)
        };
        // On a large scene one would see the noise's lattice, were it not bent.
        let bend = |salt: u64| f64::from(noise_at(at, salt, 9.0, 2) - 0.5) * 8.0;
        let bent = plot.map_or(at, |_| at + coord! { x: bend(11), y: bend(12) });
        let noise = |salt: u64, wave_m: f64, count| noise_at(bent, salt, wave_m, count);
        let mut node = Node::default();
        // Fields of some 40 m, for scenes that are wide enough to show them.
        let field = noise(7, 40.0, 2) - 0.5;
        // From high up one growth runs into the other.
        let sharp = if plot.is_some() { 0.5 } else { 1.0 };
        let patches = of.bias + (of.patches(self.seed, at) - 0.40) * 3.0 + 0.8 * field;
        node[COVER] = 0.5 + sharp * patches - worn * 0.8 - coat.share * 1.5;
        // Tufts of a hand's width within meadows of some metres; fewer are seen where nodes are far
        // apart.
        let fine = (0.05 / step_m).min(1.0) as f32;
        let tufts = (noise(4, 0.13, 2) - 0.5) * fine.max(0.35);
        let [mean, slow, _] = of.over.hue;
        node[HUE] = mean + slow * ((noise(2, 3.0, 4) - 0.5) * 2.4 + 0.7 * tufts - 0.9 * field);
        let [mean, slow, _] = of.under.hue;
        // Seen from high up bare earth is one colour, but for what is wet.
        let mottled = if plot.is_some() { 1.1 } else { 2.4 };
        node[HUE_UNDER] = mean + slow * (noise(8, 2.1, 4) - 0.5) * mottled;
        let tufted = if of.over.tall > 0.0 { 1.0 } else { 0.35 };
        node[TONE] = 0.90
            + 0.14 * noise(3, 7.0, 3)
            + tufted * (0.22 * tufts + 0.10 * (noise(6, 0.4, 2) - 0.5));
        if let Some(plot) = plot {
            node[COVER] += plot.cover;
            node[HUE] += plot.hue;
            node[HUE_UNDER] += plot.hue;
            // Wet patches are darker.
            node[TONE] += plot.tone - 0.13 * rise(0.60, 0.76, noise(9, 26.0, 4))
                + 0.10 * (noise(10, 1.6, 3) - 0.5);
        }
        if of.marks != Marks::None {
            let [crack, line] = of.marks.off_m(self.seed, at);
            (node[CRACK], node[LINE]) = ((crack / self.gsd_m) as f32, (line / self.gsd_m) as f32);
        }
        node[VARIANT] = noise(5, if plot.is_some() { 26.0 * self.gsd_m } else { 1.3 }, 2) * 9.0;
        node[COAT..COAT_SHARE].copy_from_slice(&coat.colour);
        (node[COAT_SHARE], node[COAT_GRAIN]) = (coat.share, coat.grain);
        node
    }
}

impl Mix {
    fn new(spec: &SceneSpec, kind: GroundKind, seed: u64, side: u32, layout: &Layout) -> Self {
        let mut dice = Dice::new(seed, "mix", 0);
        let (mut over, mut under, bias) = pair(kind, &mut dice);
        let is_country = spec.arrangement == Arrangement::Earthworks;
        if is_country {
            // Nor leaves nor gravel on fields.
            under = if under == Stuff::Litter { Stuff::Soil } else { under };
            over =
                if over == Stuff::Gravel && kind == GroundKind::Soil { Stuff::Straw } else { over };
        }
        let (swell_of, swell_dice) =
            (if bias > -0.35 { over } else { under }, &mut Dice::new(seed, "swell", 0));
        let material = |stuff| Material::new(stuff, seed, spec.gsd_m, side, &layout.sun);
        let mut swell = Swell::new(swell_of, swell_dice);
        if is_country {
            // Fields have furrows of their own.
            swell.wave_m = [0.0; 2];
        }
        let (upper, lower) = rayon::join(|| material(over), || material(under));
        let marks = Marks::new(under, spec.extent_m(), &mut dice);
        let patch_m = if kind == GroundKind::Meadow { 4.5 } else { dice.between(0.9, 4.0) };
        Self { over: upper, under: lower, swell, bias, patch_m, marks }
    }

    /// Noise that decides which material lies on top; swayed, or the borders would follow its
    /// lattice.
    fn patches(&self, seed: u64, at: Coord) -> f32 {
        let patch_m = self.patch_m;
        let sway = |salt: u64| {
            f64::from(octaves(mix(seed ^ salt), at.x / patch_m, at.y / patch_m, 2) - 0.5) * 1.2
        };
        octaves(mix(seed ^ 1), at.x / patch_m + sway(31), at.y / patch_m + sway(32), 5)
    }

    /// Height of what nobody dug, metres; without what nodes so far apart cannot hold.
    fn swell_m(&self, seed: u64, at: Coord, step_m: f64) -> f32 {
        let noise = |salt: u64, wave_m: f64, count| {
            octaves(seed ^ salt, at.x / wave_m, at.y / wave_m, count)
        };
        let held = |wave_m: f64| rise(1.2, 3.5, (wave_m / step_m) as f32);
        let mut height_m = noise(0x10, 0.7, 3) * self.swell.lumps_m * held(0.35);
        let feet = held(0.21);
        if self.swell.trodden_m > 0.0 && feet > 0.0 {
            let trodden = noise(0x11, 0.21, 2) - 0.5;
            height_m +=
                trodden * 2.5 * self.swell.trodden_m * feet * rise(0.30, 0.65, noise(0x12, 1.1, 2));
        }
        let [wave_m, crest_m] = self.swell.wave_m;
        if wave_m > 0.0 && held(wave_m) > 0.0 {
            let sway = f64::from(noise(0x13, 0.9, 2)) * 0.25
                + f64::from(noise(0x14, 0.12, 2)) * 0.2 * wave_m;
            let part = (at.x * self.swell.along.x + at.y * self.swell.along.y + sway) / wave_m;
            let part = part - part.floor();
            height_m += (4.0 * part * (1.0 - part) * crest_m) as f32 * held(wave_m);
        }
        height_m
    }
}

/// The material on top, the one below, and how much of the first (see [`Mix::bias`]).
fn pair(kind: GroundKind, dice: &mut Dice) -> (Stuff, Stuff, f32) {
    let mut one_of = |stuffs: &[Stuff]| stuffs[dice.below(stuffs.len())];
    let (over, under, range) = match kind {
        GroundKind::Meadow => return (Stuff::Meadow, Stuff::Earth, 0.0),
        GroundKind::Grass => (
            Stuff::Lawn,
            one_of(&[Stuff::Straw, Stuff::Soil, Stuff::Straw, Stuff::Litter]),
            [0.0, 0.7],
        ),
        GroundKind::Straw => (
            Stuff::Straw,
            one_of(&[Stuff::Lawn, Stuff::Soil, Stuff::Meadow, Stuff::Sand]),
            [0.0, 0.7],
        ),
        GroundKind::Stubble => (Stuff::Stubble, Stuff::Soil, [0.4, 1.0]),
        GroundKind::Soil => {
            (one_of(&[Stuff::Straw, Stuff::Lawn, Stuff::Gravel]), Stuff::Soil, [-1.1, -0.5])
        }
        GroundKind::Gravel => {
            (Stuff::Gravel, one_of(&[Stuff::Soil, Stuff::Sand, Stuff::Lawn]), [0.1, 1.0])
        }
        GroundKind::Sand => {
            (one_of(&[Stuff::Straw, Stuff::Gravel, Stuff::Straw]), Stuff::Sand, [-1.4, -0.8])
        }
        GroundKind::Litter => {
            (Stuff::Litter, one_of(&[Stuff::Soil, Stuff::Lawn, Stuff::Straw]), [0.0, 1.0])
        }
        GroundKind::Asphalt => {
            (one_of(&[Stuff::Gravel, Stuff::Sand, Stuff::Litter]), Stuff::Asphalt, [-1.5, -0.8])
        }
        GroundKind::Concrete => {
            (one_of(&[Stuff::Soil, Stuff::Sand, Stuff::Lawn]), Stuff::Concrete, [-1.5, -0.8])
        }
        GroundKind::Snow => {
            (Stuff::Snow, one_of(&[Stuff::Straw, Stuff::Soil, Stuff::Meadow]), [-0.1, 0.9])
        }
        GroundKind::Rubble => {
            (Stuff::Rubble, one_of(&[Stuff::Soil, Stuff::Concrete, Stuff::Sand]), [0.0, 0.8])
        }
    };
    (over, under, dice.between(range[0], range[1]) as f32)
}

impl Marks {
    fn new(under: Stuff, extent_m: [f64; 2], dice: &mut Dice) -> Self {
        let along = dice.direction();
        match under {
            Stuff::Asphalt => {
                let through = dice.place_in(extent_m, 0.1, 0.9);
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
                let contour =
                    f64::from(octaves(mix(seed ^ 21), at.x / 1.9, at.y / 1.9, 5) - 0.5) * 3.2;
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
                let ragged =
                    f64::from(octaves(mix(seed ^ 23), at.x / 0.05, at.y / 0.05, 2) - 0.5) * 0.006;
                [
                    line(at.x * along.x + at.y * along.y) + ragged,
                    line(at.y * along.x - at.x * along.y) + ragged,
                ]
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
