//! Puts objects and shrubs on a canvas, each with its shadow.

use crate::angle::{dot, length};
use crate::canvas::Canvas;
use crate::canvas::Pixel;
use crate::layout::Shrub;
use crate::light::Sun;
use crate::object::Object;
use crate::random::{octaves, rise, value};
use crate::sprite::Sprite;
use geo::{Coord, coord};

/// How far from its foot an object takes light of the sky, metres.
const CONTACT_M: f64 = 0.012;

impl Canvas {
    /// Lays an object on the ground.
    pub(crate) fn lay(&mut self, object: &Object, sun: &Sun) {
        let gsd_m = self.gsd_m();
        let shadow = sun.shadow_of(object.height_m);
        let grown = object.radius_m + CONTACT_M;
        let low =
            object.centre + coord! { x: shadow.x.min(0.0) - grown, y: shadow.y.min(0.0) - grown };
        let high =
            object.centre + coord! { x: shadow.x.max(0.0) + grown, y: shadow.y.max(0.0) + grown };
        let (from, to) = self.bounds();
        if high.x < from.x || high.y < from.y || low.x > to.x || low.y > to.y {
            return;
        }
        let sprite = Sprite::new(object, gsd_m, sun);
        let samples = ((gsd_m * 1000.0 / sprite.step()).ceil() as i32).clamp(2, 16);
        self.for_each_in(low, high, |place, pixel| {
            let (mut cover, mut own) = (0.0, 0.0);
            let (mut colour, mut light) = ([0.0f32; 3], [0.0f32; 2]);
            // Grass stands higher than the ground, and blades over what is low.
            let grass =
                if pixel.blade > -3.0 { 3.0 + 3.0 * pixel.blade.clamp(-1.0, 2.5) } else { 0.0 };
            let share = 1.0 / (samples * samples) as f32;
            for (row, col) in (0..samples * samples).map(|index| (index / samples, index % samples))
            {
                let part =
                    |index: i32| ((f64::from(index) + 0.5) / f64::from(samples) - 0.5) * gsd_m;
                let local = object.local(place + coord! { x: part(col), y: part(row) }) * 1000.0;
                let cell = sprite.at(local.x, local.y);
                if cell.height > 0.0 {
                    let weight = share * (1.0 - 0.85 * rise(-1.5, 2.5, grass - 3.5 - cell.height));
                    cover += weight;
                    own += cell.own * weight;
                    light = [light[0] + cell.sun * weight, light[1] + cell.sky * weight];
                    for (sum, band) in colour.iter_mut().zip(cell.colour) {
                        *sum += band * cell.own * weight;
                    }
                }
            }
            let local = object.local(place) * 1000.0;
            if cover < 0.995 {
                // The ground is not level: shadows have no straight edges.
                let lump = 4.0 * value(0x9e0, place.x / 0.017, place.y / 0.017);
                let lit = sprite.lit(local.x, local.y, grass * 0.8 + lump);
                let open = sprite.sky(local.x, local.y, 0.0);
                let bare = 1.0 - cover;
                pixel.sun *= 1.0 - (1.0 - lit * sun.direct - open * (1.0 - sun.direct)) * bare;
                pixel.sky *= 1.0 - (1.0 - open) * 0.8 * bare;
            }
            if cover > 0.0 {
                pixel.sun = pixel.sun * (1.0 - cover) + pixel.open[0] * light[0];
                pixel.sky = pixel.sky * (1.0 - cover) + pixel.open[1] * light[1];
                for (below, over) in pixel.colour.iter_mut().zip(colour) {
                    *below = *below * (1.0 - own) + over;
                }
            }
        });
    }

    /// Plants a shrub: a crown of leaf clusters, lit from the sun's side.
    pub(crate) fn plant(&mut self, shrub: &Shrub, sun: &Sun) {
        let shadow = sun.shadow_of(shrub.height_m * 0.8);
        let grown = shrub.radius_m * 1.25;
        let low =
            shrub.centre + coord! { x: shadow.x.min(0.0) - grown, y: shadow.y.min(0.0) - grown };
        let high =
            shrub.centre + coord! { x: shadow.x.max(0.0) + grown, y: shadow.y.max(0.0) + grown };
        let crowns = (length(shadow) / (0.85 * shrub.radius_m)).ceil().max(2.0) as i32;
        self.for_each_in(low, high, |place, pixel| {
            // Along the shadow, as many crowns as touch each other.
            let from = place - shrub.centre;
            let dark = (1..=crowns).fold(0.0f32, |dark, number| {
                let off = shadow * (f64::from(number) / f64::from(crowns));
                let away = from - off;
                if dark >= 1.0 || dot(away, away) > grown * grown {
                    return dark;
                }
                let soft = if number == crowns { -0.04 } else { 0.0 };
                dark.max(rise(soft, soft + 0.14, crown(shrub, place - off).0))
            });
            pixel.sun *= 1.0 - 0.9 * dark * sun.direct;
            if dot(from, from) > grown * grown {
                return;
            }
            let (thick, leaf) = crown(shrub, place);
            let cover = rise(0.0, 0.10, thick);
            if cover > 0.0 {
                let (_, towards_sun) = crown(shrub, place + sun.towards * 0.02);
                let lit = (0.75 + 3.2 * (leaf - towards_sun) + 1.1 * (leaf - 0.5)).clamp(0.1, 1.5);
                let from = (place - shrub.centre) / shrub.radius_m;
                let side = 1.0 + 0.22 * (from.x * sun.towards.x + from.y * sun.towards.y) as f32;
                let colour = shrub.leaf.map(|band| band * lit * side);
                pixel.sun += (1.0 - pixel.sun) * cover;
                blend(pixel, colour, cover);
            }
        });
    }
}

fn blend(pixel: &mut Pixel, colour: [f32; 3], cover: f32) {
    for (below, over) in pixel.colour.iter_mut().zip(colour) {
        *below += (over - *below) * cover;
    }
}

/// How thick a shrub's crown is at a position (negative outside) and the height of its leaves.
pub(crate) fn crown(shrub: &Shrub, place: Coord) -> (f32, f32) {
    let from = (place - shrub.centre) / shrub.radius_m;
    let out = (from.x * from.x + from.y * from.y).sqrt() as f32;
    if out > 1.25 {
        return (-1.0, 0.0);
    }
    // Boughs of a tree are larger than a shrub's twigs.
    let twig_m = 0.16 * (shrub.radius_m / 1.3).max(1.0).sqrt();
    let twigs = octaves(shrub.seed, place.x / twig_m, place.y / twig_m, 3);
    let leaf = 0.75 * twigs + 0.25 * octaves(shrub.seed ^ 2, place.x / 0.035, place.y / 0.035, 2);
    let lobes = octaves(shrub.seed ^ 1, from.x * 2.2 + 9.0, from.y * 2.2, 2);
    (0.85 - out + 0.55 * (lobes - 0.5) + 0.7 * (leaf - 0.5), leaf)
}
