//! Fine texture: tiles that repeat without a seam, painted once per scene and looked up per pixel.

use crate::light::Sun;
use crate::random::{Dice, mix, unit};
use geo::Coord;

/// A square of texels that continues at its opposite edge.
#[derive(Debug, Clone)]
pub(crate) struct Texture {
    side: i64,
    texels: Vec<Texel>,
}

/// Relative brightness and tint of a pixel of texture, both about 0.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Texel {
    /// Brightness, deviation 1.
    pub(crate) light: f32,
    /// Dry or green for grass, pale or reddish for soil; about -1 to 1.
    pub(crate) tint: f32,
}

impl Texture {
    /// Grass seen from above: blades of 2 to 8 cm, each with its shadow on those below.
    ///
    /// Where a pixel is larger than a blade it stands for a tuft, and contrast falls with the
    /// number of blades in a pixel.
    pub(crate) fn grass(seed: u64, gsd_m: f64, side: u32, sun: &Sun) -> Self {
        let mut dice = Dice::new(seed, "grass", 0);
        let mut tile = Self::filled(side, Texel { light: -1.2, tint: 0.0 });
        let blade_px = |length_m: f64| (length_m / gsd_m).clamp(2.5, 60.0);
        // Drawn until every texel is covered about three times.
        let covered_px = blade_px(0.05) * (0.004 / gsd_m).max(1.0) * 1.4;
        let width = (0.003 / gsd_m).max(1.0);
        let shadow = sun.shadow_of(0.010) / gsd_m;
        let shadow = shadow * (2.5 / (shadow.x * shadow.x + shadow.y * shadow.y).sqrt().max(2.5));
        for _ in 0..(f64::from(side).powi(2) * 3.0 / covered_px) as usize {
            let foot = geo::coord! { x: dice.between(0.0, f64::from(side)), y: dice.between(0.0, f64::from(side)) };
            let mut blade = Blade {
                foot,
                along: dice.direction(),
                bend: dice.between(-0.35, 0.35),
                length: blade_px(dice.between(0.02, 0.08)),
                width,
                texel: Texel { light: -1.6, tint: 0.0 },
            };
            let (light, tint) = (dice.about_zero() * 0.75, dice.about_zero() * 0.6);
            blade.foot = foot + shadow;
            tile.stroke(&blade, 0.0, 0.45);
            blade.foot = foot;
            blade.texel = Texel { light: light as f32, tint: tint as f32 };
            tile.stroke(&blade, 0.7, 0.85);
        }
        tile.level(gsd_m);
        tile
    }

    /// Bare soil: clods and grains lit by the sun, with pebbles.
    pub(crate) fn soil(seed: u64, gsd_m: f64, side: u32, sun: &Sun) -> Self {
        let seed = mix(seed ^ 0x50_11);
        let mut tile = Self::filled(side, Texel::default());
        let mut height = vec![0.0f32; tile.texels.len()];
        for (octave, cell_px) in [2u32, 4, 8, 16, 32, 64].into_iter().enumerate().filter(|(_, px)| *px <= side / 4) {
            let wave_m = (f64::from(cell_px) * gsd_m) as f32;
            // Beyond some centimetres clods end, and slopes with them.
            let amplitude_m = wave_m * 0.17 / (1.0 + (wave_m / 0.06) * (wave_m / 0.06));
            let seed = mix(seed ^ octave as u64);
            for (index, height) in height.iter_mut().enumerate() {
                *height += amplitude_m * wrapped(seed, index as u32 % side, index as u32 / side, cell_px, side);
            }
        }
        for y in 0..tile.side {
            for x in 0..tile.side {
                let z = |dx: i64, dy: i64| height[tile.index(x + dx, y + dy)];
                let per_m = (0.5 / gsd_m) as f32;
                let slope = [(z(1, 0) - z(-1, 0)) * per_m, (z(0, 1) - z(0, -1)) * per_m];
                let index = tile.index(x, y);
                let tint = wrapped(seed ^ 7, x as u32, y as u32, (side / 16).max(2), side) * 2.0 - 1.0;
                tile.texels[index] = Texel { light: sun.on_slope(slope) - 1.0, tint };
            }
        }
        tile.pebbles(&mut Dice::new(seed, "pebbles", 0), gsd_m, sun);
        tile.level(gsd_m);
        tile
    }

    /// The texel at a position of the endless plane.
    pub(crate) fn at(&self, x: i64, y: i64) -> Texel {
        self.texels[self.index(x, y)]
    }

    fn filled(side: u32, texel: Texel) -> Self {
        debug_assert!(side.is_power_of_two());
        Self { side: i64::from(side), texels: vec![texel; side as usize * side as usize] }
    }

    fn index(&self, x: i64, y: i64) -> usize {
        let mask = self.side - 1;
        ((y & mask) * self.side + (x & mask)) as usize
    }

    /// Draws a blade; `fade` is how much darker its foot is than its tip.
    fn stroke(&mut self, blade: &Blade, fade: f32, opacity: f32) {
        let steps = (blade.length / 0.7).ceil();
        let across = Coord { x: -blade.along.y, y: blade.along.x };
        let lanes = blade.width.round().max(1.0) as i32;
        for step in 0..steps as i32 {
            let t = f64::from(step) / steps;
            let spine = blade.foot + blade.along * (t * blade.length) + across * (blade.bend * t * t * blade.length);
            let light = blade.texel.light + fade * (t as f32 - 0.6);
            for lane in 0..lanes {
                let at = spine + across * (f64::from(lane) - f64::from(lanes - 1) / 2.0);
                self.dab(at, Texel { light, ..blade.texel }, opacity);
            }
        }
    }

    /// Lays a texel over the four around a position.
    fn dab(&mut self, at: Coord, texel: Texel, opacity: f32) {
        let (x, y) = (at.x.floor(), at.y.floor());
        let (u, v) = ((at.x - x) as f32, (at.y - y) as f32);
        let weights = [(0, 0, (1.0 - u) * (1.0 - v)), (1, 0, u * (1.0 - v)), (0, 1, (1.0 - u) * v), (1, 1, u * v)];
        for (dx, dy, weight) in weights {
            let index = self.index(x as i64 + dx, y as i64 + dy);
            let below = &mut self.texels[index];
            below.light += (texel.light - below.light) * weight * opacity;
            below.tint += (texel.tint - below.tint) * weight * opacity;
        }
    }

    fn pebbles(&mut self, dice: &mut Dice, gsd_m: f64, sun: &Sun) {
        let area_m2 = (self.side as f64 * gsd_m).powi(2);
        // As many as can be seen: none where a pixel is larger than the largest.
        let count = if gsd_m < 0.01 { (area_m2 * 90.0) as usize } else { 0 };
        for _ in 0..count {
            let side = self.side as f64;
            let centre = Coord { x: dice.between(0.0, side), y: dice.between(0.0, side) };
            let radius = dice.between(0.0015, 0.004).max(dice.between(0.0, 0.009)) / gsd_m;
            let light = dice.between(-0.1, 0.35) as f32;
            let shadow = centre + sun.shadow_of(0.8 * radius);
            self.disc(shadow, radius, Texel { light: -0.45, tint: 0.0 });
            self.disc(centre, radius, Texel { light, tint: dice.between(-1.0, 1.0) as f32 });
        }
    }

    fn disc(&mut self, centre: Coord, radius: f64, texel: Texel) {
        let reach = radius.ceil() as i64 + 1;
        for y in centre.y as i64 - reach..=centre.y as i64 + reach {
            for x in centre.x as i64 - reach..=centre.x as i64 + reach {
                let (dx, dy) = (x as f64 - centre.x, y as f64 - centre.y);
                let cover = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0) as f32;
                let index = self.index(x, y);
                let below = &mut self.texels[index];
                below.light += (texel.light - below.light) * cover;
                below.tint += (texel.tint - below.tint) * cover;
            }
        }
    }

    /// Shifts and scales the light to mean 0 and deviation 1, less where a pixel is the mean of
    /// many blades or clods.
    fn level(&mut self, gsd_m: f64) {
        let count = self.texels.len() as f64;
        let mean = self.texels.iter().map(|t| f64::from(t.light)).sum::<f64>() / count;
        let square = self.texels.iter().map(|t| (f64::from(t.light) - mean).powi(2)).sum::<f64>() / count;
        let contrast = 1.0 / (gsd_m / 0.005).max(1.0).sqrt();
        for texel in &mut self.texels {
            texel.light = ((f64::from(texel.light) - mean) / square.sqrt().max(1e-6) * contrast) as f32;
            texel.tint *= contrast as f32;
        }
    }
}

/// A blade of grass, texels.
struct Blade {
    foot: Coord,
    along: Coord,
    bend: f64,
    length: f64,
    width: f64,
    texel: Texel,
}

/// Value noise on a lattice that repeats every `side` texels.
fn wrapped(seed: u64, x: u32, y: u32, cell_px: u32, side: u32) -> f32 {
    let cells = side / cell_px;
    let (i, j) = (x / cell_px, y / cell_px);
    let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (smooth((x % cell_px) as f32 / cell_px as f32), smooth((y % cell_px) as f32 / cell_px as f32));
    let corner = |dx: u32, dy: u32| unit(mix(seed ^ u64::from((i + dx) % cells) << 32 ^ u64::from((j + dy) % cells)));
    let upper = corner(0, 0) * (1.0 - u) + corner(1, 0) * u;
    let lower = corner(0, 1) * (1.0 - u) + corner(1, 1) * u;
    upper * (1.0 - v) + lower * v
}
