//! A body seen from above in the light of a scene's sun.

use crate::light::Sun;
use crate::object::{Body, Object};
use crate::random::rise;

/// A lattice over a body, millimetres about the object's middle.
#[derive(Debug)]
pub(crate) struct Sprite {
    low: [f64; 2],
    step: f64,
    cols: usize,
    rows: usize,
    cells: Vec<Cell>,
    /// Towards the sun, along and across the object's axis.
    sun: [f64; 2],
    shadow_per_height: f64,
    highest: f32,
}

/// What shows at a place of the lattice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cell {
    /// Height above the ground, millimetres; 0 where there is only ground.
    pub(crate) height: f32,
    /// Height of the underside of what is thin and above the ground.
    below: f32,
    /// Colour in level light, and its share beside the ground's own colour (dust, blades).
    pub(crate) colour: [f32; 3],
    pub(crate) own: f32,
    /// Light of sun and sky against open level ground.
    pub(crate) sun: f32,
    pub(crate) sky: f32,
}

impl Sprite {
    /// Cells along the longest side: the bound on memory and time of a large object in fine pixels.
    const CELLS_MAX: f64 = 400.0;

    /// The object's body, `gsd_m` the side of the pixels that it is for.
    pub(crate) fn new(object: &Object, gsd_m: f64, sun: &Sun) -> Self {
        let body = object.body();
        let [low, high] = body.plan(true);
        let longest = (high[0] - low[0]).max(high[1] - low[1]);
        let fine = if longest < 200.0 { 3.0 } else { 2.0 };
        let step = (gsd_m * 1000.0 / fine).min(longest / 20.0).max(longest / Self::CELLS_MAX);
        let count = |axis: usize| ((high[axis] - low[axis]) / step) as usize + 1;
        let towards = object.local(object.centre + sun.towards);
        let mut sprite = Self {
            low,
            step,
            cols: count(0),
            rows: count(1),
            cells: vec![],
            sun: [towards.x, towards.y],
            shadow_per_height: sun.shadow_per_height,
            highest: 0.0,
        };
        sprite.bake(&body, sun);
        sprite
    }

    /// The cell at a place.
    pub(crate) fn at(&self, x: f64, y: f64) -> Cell {
        self.index(x, y).map_or(Cell::default(), |index| self.cells[index])
    }

    /// Distance between cells, millimetres.
    pub(crate) fn step(&self) -> f64 {
        self.step
    }

    /// Share of the sun that reaches a place at a height.
    pub(crate) fn lit(&self, x: f64, y: f64, height: f32) -> f32 {
        let (mut away, mut lit) = (self.step, 1.0f32);
        let rise_per_mm = (1.0 / self.shadow_per_height) as f32;
        loop {
            let ray = height + away as f32 * rise_per_mm;
            if ray >= self.highest || lit <= 0.0 {
                return lit.max(0.0);
            }
            if let Some(index) = self.index(x + self.sun[0] * away, y + self.sun[1] * away) {
                // The sun is a disc, and a pixel's edge is not sharp.
                let soft = 0.8 + 0.03 * away as f32;
                let Cell { height, below, .. } = self.cells[index];
                lit = lit.min(
                    1.0 - rise(0.0, soft, height - ray)
                        * rise(-soft, 0.0, ray - below + self.step as f32),
                );
            }
            away += self.step * 0.9;
        }
    }

    /// Share of the sky that a place at a height sees.
    pub(crate) fn sky(&self, x: f64, y: f64, height: f32) -> f32 {
        const D: f64 = std::f64::consts::FRAC_1_SQRT_2;
        const WAYS: [[f64; 2]; 8] =
            [[1.0, 0.0], [D, D], [0.0, 1.0], [-D, D], [-1.0, 0.0], [-D, -D], [0.0, -1.0], [D, -D]];
        let hidden: f32 = WAYS
            .iter()
            .map(|way| {
                [3.0, 7.0, 12.0f64]
                    .iter()
                    .map(|away| {
                        let cell = self.at(x + way[0] * away, y + way[1] * away);
                        // What is thin hides little of the sky.
                        let above = (cell.height - height.max(cell.below)).max(0.0);
                        above * above / (above * above + (away * away) as f32)
                    })
                    .fold(0.0, f32::max)
            })
            .sum();
        1.0 - hidden / 8.0
    }

    fn index(&self, x: f64, y: f64) -> Option<usize> {
        let (col, row) = ((x - self.low[0]) / self.step, (y - self.low[1]) / self.step);
        (col >= 0.0 && row >= 0.0 && (col as usize) < self.cols && (row as usize) < self.rows)
            .then(|| row as usize * self.cols + col as usize)
    }

    /// Fills the cells: what shows of the body at each, then the light that reaches it past the
    /// rest of the body.
    fn bake(&mut self, body: &Body, sun: &Sun) {
        let half_way = self.half_way();
        let surface = |index| self.surface(body, sun, half_way, self.place(index));
        self.cells = (0..self.cols * self.rows).map(surface).collect();
        self.highest = self.cells.iter().map(|cell| cell.height).fold(0.0, f32::max);
        let light = |index| self.light(sun, self.cells[index], self.place(index));
        let lights: Vec<[f32; 2]> = (0..self.cells.len()).map(light).collect();
        for (cell, [sun, sky]) in self.cells.iter_mut().zip(lights) {
            (cell.sun, cell.sky) = (sun, sky);
        }
    }

    /// The middle of a cell.
    fn place(&self, index: usize) -> [f64; 2] {
        let (col, row) = ((index % self.cols) as f64 + 0.5, (index / self.cols) as f64 + 0.5);
        [self.low[0] + col * self.step, self.low[1] + row * self.step]
    }

    /// The direction halfway between the sun and the camera: where a surface shines.
    fn half_way(&self) -> [f64; 3] {
        let slant = self.shadow_per_height;
        let up = 1.0 / (1.0 + slant * slant).sqrt();
        let [x, y, z] = [self.sun[0] * slant * up, self.sun[1] * slant * up, up + 1.0];
        let length = (x * x + y * y + z * z).sqrt();
        [x / length, y / length, z / length]
    }

    /// What shows of a body at a place, as if nothing held the light back.
    fn surface(&self, body: &Body, sun: &Sun, half_way: [f64; 3], [x, y]: [f64; 2]) -> Cell {
        let Some(top) = body.seen(x, y) else { return Cell::default() };
        let normal = top.hit.normal;
        let (mut colour, dust) = body.colour(&top, [x, y]);
        let shine =
            (normal[0] * half_way[0] + normal[1] * half_way[1] + normal[2] * half_way[2]).max(0.0);
        let shine = (0..4).fold(shine, |power, _| power * power) as f32;
        colour =
            colour.map(|band| band + 150.0 * top.skin.gloss * shine * sun.direct * (1.0 - dust));
        let lambert = normal[2]
            + (normal[0] * self.sun[0] + normal[1] * self.sun[1]) * self.shadow_per_height;
        // A blade is too thin to cast a shadow of its own.
        let is_blade = top.skin.ground > 0.0;
        Cell {
            height: (top.hit.height as f32).max(0.1),
            below: if is_blade { f32::INFINITY } else { (top.below as f32).max(0.0) },
            colour,
            own: 1.0 - dust,
            sun: (lambert as f32).max(0.0),
            sky: 0.5 + 0.5 * normal[2].max(0.0) as f32,
        }
    }

    /// Light of sun and sky on a cell, past what stands around it.
    fn light(&self, sun: &Sun, cell: Cell, [x, y]: [f64; 2]) -> [f32; 2] {
        if cell.height <= 0.0 {
            return [0.0; 2];
        }
        let lit = if cell.sun > 0.0 { self.lit(x, y, cell.height + 0.7) } else { 0.0 };
        // A body darkens towards the ground on which it lies.
        let foot = 0.72 + 0.28 * (cell.height / 9.0).min(1.0);
        let sky = cell.sky * (0.35 + 0.65 * self.sky(x, y, cell.height)) * foot;
        [sun.direct * cell.sun * lit + (1.0 - sun.direct) * sky, sky]
    }
}
