//! Gravel, rubble and leaf litter.

use super::{Texel, Texture};
use crate::light::Sun;
use crate::random::{Dice, at, unit};
use geo::{Coord, coord};

/// A layer of loose pieces that overlap, each with its shadow: gravel, rubble, leaf litter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pieces {
    pub(crate) shape: Shape,
    /// Smallest and largest radius, metres; small ones are far more frequent.
    pub(crate) radius_m: [f64; 2],
    /// How many times the ground is covered.
    pub(crate) layers: f64,
    /// Height against the radius: how long the shadow is.
    pub(crate) height: f64,
}

/// Outward shape of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A stone worn round.
    Pebble,
    /// Broken brick, concrete or rock: few straight edges.
    Shard,
    /// A leaf: pointed, lobed or not, curled.
    Leaf,
}

/// A piece at its place, texels.
struct TexturePiece {
    shape: Shape,
    centre: Coord,
    along: Coord,
    radius: f64,
    /// Edges of a stone: direction and distance from the middle.
    edges: Vec<(Coord, f64)>,
    /// Width of a leaf against its length, depth of its lobes, and how it curls.
    leaf: [f64; 3],
}

impl Texture {
    pub(crate) fn pieces(seed: u64, gsd_m: f64, side: u32, sun: &Sun, pieces: Pieces) -> Self {
        let mut dice = Dice::new(seed, "pieces", 0);
        let mut tile = Self::filled(side, Texel { light: -1.2, tint: 0.0 });
        let [small, large] = pieces.radius_m.map(|radius_m| (radius_m / gsd_m).max(0.8));
        let area = f64::from(side).powi(2) * pieces.layers;
        // Large ones first, and so partly under the small ones; a third of the area to each third.
        let mut radii = vec![];
        for third in 0..3 {
            let mut covered = 0.0;
            while covered < area / 3.0 {
                let share = (f64::from(third) + dice.between(0.0, 1.0)) / 3.0;
                let radius = small + (large - small) * share * share;
                covered += 2.5 * radius * radius;
                radii.push(radius);
            }
        }
        if pieces.shape == Shape::Leaf {
            // Leaves fall in no order.
            (1..radii.len()).rev().for_each(|last| radii.swap(last, dice.below(last + 1)));
        } else {
            radii.reverse();
            // The largest lie on top as often: rubble is no sieve.
            let top: Vec<f64> = radii.iter().copied().step_by(9).collect();
            radii.extend(top);
        }
        for radius in radii {
            let piece = TexturePiece::new(pieces.shape, radius, side, &mut dice);
            let texel = Texel {
                light: dice.about_zero() as f32 * 0.35,
                tint: dice.between(-1.0, 1.0) as f32,
            };
            let shadow = sun.shadow_of(pieces.height * radius);
            tile.lay_piece(&piece, shadow, None, sun);
            tile.lay_piece(&piece, Coord::zero(), Some(texel), sun);
        }
        tile.level(gsd_m);
        tile
    }

    /// Lays a piece, or its shadow where there is no texel.
    fn lay_piece(&mut self, piece: &TexturePiece, shift: Coord, texel: Option<Texel>, sun: &Sun) {
        let reach = piece.radius.ceil() as i64 + 1;
        let centre = piece.centre + shift;
        for y in centre.y as i64 - reach..=centre.y as i64 + reach {
            for x in centre.x as i64 - reach..=centre.x as i64 + reach {
                let off = coord! { x: x as f64 - centre.x, y: y as f64 - centre.y };
                let (depth, shade) = piece.at(off, sun);
                let cover = (depth + 0.5).clamp(0.0, 1.0) as f32;
                if cover <= 0.0 {
                    continue;
                }
                let index = self.index(x, y);
                let seed = piece.radius.to_bits();
                let below = &mut self.texels[index];
                match texel {
                    Some(texel) => {
                        let grain = (unit(at(seed, x, y)) - 0.5) * 0.5;
                        below.light += (texel.light + shade + grain - below.light) * cover;
                        below.tint += (texel.tint - below.tint) * cover;
                    }
                    None => below.light += (-1.5 - below.light) * cover * 0.55,
                }
            }
        }
    }
}

impl TexturePiece {
    fn new(shape: Shape, radius: f64, side: u32, dice: &mut Dice) -> Self {
        let centre =
            coord! { x: dice.between(0.0, f64::from(side)), y: dice.between(0.0, f64::from(side)) };
        let count = match shape {
            Shape::Pebble => 8,
            Shape::Shard => 4 + dice.below(3),
            Shape::Leaf => 0,
        };
        let [near, far] = if shape == Shape::Pebble { [0.7, 0.95] } else { [0.35, 0.7] };
        let edges =
            (0..count).map(|_| (dice.direction(), radius * dice.between(near, far))).collect();
        let lobes = if dice.happens(0.5) { dice.between(0.25, 0.6) } else { 0.0 };
        let leaf = [dice.between(0.3, 0.6), lobes, dice.between(-0.6, 0.6)];
        Self { shape, centre, along: dice.direction(), radius, edges, leaf }
    }

    /// Depth inside the outline, texels (negative outside), and light from the way the surface
    /// faces.
    fn at(&self, off: Coord, sun: &Sun) -> (f64, f32) {
        let out = (off.x * off.x + off.y * off.y).sqrt();
        if out > self.radius + 0.5 {
            return (-1.0, 0.0);
        }
        if self.shape == Shape::Leaf {
            return self.leaf_at(off, out);
        }
        let (mut depth, mut facing) = (self.radius - out, off / out.max(0.5));
        for (towards, reach) in &self.edges {
            let this = reach - (off.x * towards.x + off.y * towards.y);
            if this < depth {
                (depth, facing) = (this, *towards);
            }
        }
        let lit = (facing.x * sun.towards.x + facing.y * sun.towards.y) as f32;
        let rim = match self.shape {
            // Round all over, or flat with a broken edge.
            Shape::Pebble => 1.0 - (depth / self.radius).min(1.0) as f32,
            _ => ((2.0 - depth).clamp(0.0, 1.0) * 0.7 + 0.25 * (out / self.radius)) as f32,
        };
        (depth, 0.9 * lit * rim)
    }

    fn leaf_at(&self, off: Coord, out: f64) -> (f64, f32) {
        let [width, lobes, curl] = self.leaf;
        let along = (off.x * self.along.x + off.y * self.along.y) / self.radius;
        let across = (off.y * self.along.x - off.x * self.along.y) / self.radius;
        if along.abs() >= 1.0 {
            return (self.radius - out - 1.0, 0.0);
        }
        // Lobes as a triangle wave along the leaf, two to three a side.
        let wave = ((along * 2.6 + 9.3).fract() * 2.0 - 1.0).abs();
        let half = width * (1.0 - along * along) * (1.0 - lobes * wave);
        let depth = (half - across.abs()) * self.radius;
        let vein = if across.abs() * self.radius < 0.6 && self.radius > 5.0 { 0.35 } else { 0.0 };
        let bow = (across / width).clamp(-1.0, 1.0) * curl + 0.3 * along * curl;
        (depth, (bow + vein) as f32)
    }
}
