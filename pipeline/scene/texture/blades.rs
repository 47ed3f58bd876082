//! Grass, straw and stalks.

use super::{Texel, Texture};
use crate::light::Sun;
use crate::random::Dice;
use geo::{Coord, coord};

/// Grass, straw or stalks seen from above: strokes, each with its shadow on those below.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blades {
    /// Shortest and longest, metres.
    pub(crate) length_m: [f64; 2],
    /// Width, metres.
    pub(crate) width_m: f64,
    /// How many times the ground is covered.
    pub(crate) layers: f64,
    /// How much of the blades lies one way, 0 to 1: straw is combed by the wind and the mower.
    pub(crate) combed: f64,
    /// How far a tip may bend to a side, against the length.
    pub(crate) bend: f64,
    /// Distance of drilled rows, metres; 0 for none.
    pub(crate) row_m: f64,
}

impl Blades {
    /// A meadow: blades of 2 to 8 cm.
    pub(crate) const MEADOW: Self = Self {
        length_m: [0.02, 0.08],
        width_m: 0.003,
        layers: 3.0,
        combed: 0.0,
        bend: 0.35,
        row_m: 0.0,
    };
}

impl Texture {
    /// Where a pixel is larger than a blade it stands for a tuft, and contrast falls with the
    /// number of blades in a pixel.
    pub(crate) fn blades(seed: u64, gsd_m: f64, side: u32, sun: &Sun, blades: Blades) -> Self {
        let mut dice = Dice::new(seed, "grass", 0);
        let mut tile = Self::filled(side, Texel { light: -1.2, tint: 0.0 });
        let blade_px = |length_m: f64| (length_m / gsd_m).clamp(2.5, 60.0);
        // Drawn until every texel is covered often enough.
        let mean_m = (blades.length_m[0] + blades.length_m[1]) / 2.0;
        let covered_px = blade_px(mean_m) * (0.004 / gsd_m).max(1.0) * 1.4;
        let width = (blades.width_m / gsd_m).max(1.0);
        let shadow = sun.shadow_of(0.010) / gsd_m;
        let shadow = shadow * (2.5 / (shadow.x * shadow.x + shadow.y * shadow.y).sqrt().max(2.5));
        let rows = Rows::new(blades.row_m / gsd_m, side, &mut dice);
        let wind = dice.direction();
        for _ in 0..(f64::from(side).powi(2) * blades.layers / covered_px) as usize {
            let anywhere = coord! {
                x: dice.between(0.0, f64::from(side)),
                y: dice.between(0.0, f64::from(side)),
            };
            let foot = rows.as_ref().map_or(anywhere, |rows| rows.pull(anywhere, &mut dice));
            let towards = dice.direction() * (1.0 - blades.combed) + wind * blades.combed;
            let mut blade = Blade {
                foot,
                along: towards / (towards.x * towards.x + towards.y * towards.y).sqrt().max(1e-3),
                bend: dice.between(-blades.bend, blades.bend),
                length: blade_px(dice.between(blades.length_m[0], blades.length_m[1])),
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

    /// Draws a blade; `fade` is how much darker its foot is than its tip.
    fn stroke(&mut self, blade: &Blade, fade: f32, opacity: f32) {
        let steps = (blade.length / 0.7).ceil();
        let across = Coord { x: -blade.along.y, y: blade.along.x };
        let lanes = blade.width.round().max(1.0) as i32;
        for step in 0..steps as i32 {
            let t = f64::from(step) / steps;
            let spine = blade.foot
                + blade.along * (t * blade.length)
                + across * (blade.bend * t * t * blade.length);
            let light = blade.texel.light + fade * (t as f32 - 0.6);
            for lane in 0..lanes {
                let at = spine + across * (f64::from(lane) - f64::from(lanes - 1) / 2.0);
                self.dab(at, Texel { light, ..blade.texel }, opacity);
            }
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

/// Drilled rows that continue over the tile's edges: whole rows a side, whole rows of slant.
struct Rows {
    step: f64,
    slant: f64,
    upright: bool,
}

impl Rows {
    fn new(step_px: f64, side: u32, dice: &mut Dice) -> Option<Self> {
        let count = (f64::from(side) / step_px.max(1.0)).round();
        let (slant, upright) = (dice.between(-1.0, 1.0), dice.happens(0.5));
        (step_px >= 4.0 && count >= 1.0).then(|| Self {
            step: f64::from(side) / count,
            slant: (slant * count).round() / count,
            upright,
        })
    }

    /// Moves most feet to the row next to them.
    fn pull(&self, at: Coord, dice: &mut Dice) -> Coord {
        if dice.happens(0.22) {
            return at;
        }
        let (along, across) = if self.upright { (at.y, at.x) } else { (at.x, at.y) };
        let off = across - self.slant * along;
        let row = (off / self.step).round() * self.step
            + self.slant * along
            + dice.about_zero() * 0.09 * self.step;
        if self.upright {
            coord! { x: row, y: along }
        } else {
            coord! { x: along, y: row }
        }
    }
}
