//! Puts objects and shrubs on a canvas, each with its shadow.

use crate::block::Canvas;
use crate::ground::Pixel;
use crate::layout::Shrub;
use crate::light::Sun;
use crate::object::Object;
use crate::random::{octaves, rise};
use geo::{Coord, coord};

/// How far the dark line reaches where an object touches the ground, metres.
const CONTACT_M: f64 = 0.010;

impl Canvas {
    /// Lays an object on the ground.
    pub(crate) fn lay(&mut self, object: &Object, sun: &Sun) {
        let gsd_m = self.gsd_m();
        let shadow = sun.shadow_of(object.height_m);
        let grown = object.radius_m + CONTACT_M + gsd_m;
        let low = object.centre + coord! { x: shadow.x.min(0.0) - grown, y: shadow.y.min(0.0) - grown };
        let high = object.centre + coord! { x: shadow.x.max(0.0) + grown, y: shadow.y.max(0.0) + grown };
        // Enough samples across a pixel that the narrowest object is met.
        let [_, width_m] = object.size_m();
        let samples = ((4.0 * gsd_m / width_m).ceil() as i32).clamp(3, 12);
        let sun_local = object.local(object.centre + sun.towards);
        self.for_each_in(low, high, |place, pixel| {
            let (off_m, _) = object.off_outline(object.local(place));
            let (cover, colour) =
                if off_m < 0.75 * gsd_m { body(object, place, gsd_m, samples, sun_local) } else { (0.0, [0.0; 3]) };
            // Blades at the edge lean over it.
            let over = rise(0.5, 1.5, pixel.blade) * rise(-0.011, 0.002, off_m as f32) * 0.85;
            let cover = cover * (1.0 - over);
            if cover < 1.0 {
                let dark = shade(object, place, shadow, gsd_m).max(contact(off_m, gsd_m));
                pixel.sun *= 1.0 - dark * (1.0 - cover);
                pixel.sky *= 1.0 - 0.35 * contact(off_m, gsd_m) * (1.0 - cover);
            }
            pixel.sun += (pixel.open[0] - pixel.sun) * cover;
            pixel.sky += (pixel.open[1] - pixel.sky) * cover;
            blend(pixel, colour, cover);
        });
    }

    /// Plants a shrub: a crown of leaf clusters, lit from the sun's side.
    pub(crate) fn plant(&mut self, shrub: &Shrub, sun: &Sun) {
        let shadow = sun.shadow_of(shrub.height_m * 0.8);
        let grown = shrub.radius_m * 1.25;
        let low = shrub.centre + coord! { x: shadow.x.min(0.0) - grown, y: shadow.y.min(0.0) - grown };
        let high = shrub.centre + coord! { x: shadow.x.max(0.0) + grown, y: shadow.y.max(0.0) + grown };
        self.for_each_in(low, high, |place, pixel| {
            let dark = rise(-0.04, 0.10, crown(shrub, place - shadow).0).max(rise(
                0.0,
                0.14,
                crown(shrub, place - shadow * 0.5).0,
            ));
            pixel.sun *= 1.0 - 0.9 * dark;
            let (thick, leaf) = crown(shrub, place);
            let cover = rise(0.0, 0.10, thick);
            if cover > 0.0 {
                let (_, towards_sun) = crown(shrub, place + sun.towards * 0.02);
                let lit = (0.75 + 3.2 * (leaf - towards_sun) + 1.1 * (leaf - 0.5)).clamp(0.1, 1.5);
                let from = (place - shrub.centre) / shrub.radius_m;
                let side = 1.0 + 0.22 * (from.x * sun.towards.x + from.y * sun.towards.y) as f32;
                let colour = [92.0, 108.0, 62.0].map(|band: f32| band * lit * side);
                pixel.sun += (1.0 - pixel.sun) * cover;
                blend(pixel, colour, cover);
            }
        });
    }
}

/// Share of a pixel that the object covers, and its mean colour there.
fn body(object: &Object, place: Coord, gsd_m: f64, samples: i32, sun_local: Coord) -> (f32, [f32; 3]) {
    let (mut hits, mut sum) = (0, [0.0; 3]);
    for row in 0..samples {
        for col in 0..samples {
            let part = |index: i32| ((f64::from(index) + 0.5) / f64::from(samples) - 0.5) * gsd_m;
            let local = object.local(place + coord! { x: part(col), y: part(row) });
            let (off_m, outward) = object.off_outline(local);
            if off_m < 0.0 {
                let facing = outward.x * sun_local.x + outward.y * sun_local.y;
                let colour = object.colour(local, -off_m as f32, facing as f32);
                hits += 1;
                for (sum, band) in sum.iter_mut().zip(colour) {
                    *sum += band;
                }
            }
        }
    }
    let count = (hits as f32).max(1.0);
    (hits as f32 / (samples * samples) as f32, sum.map(|band| band / count))
}

/// How much of the sun an object takes from a pixel of ground, 0 to 0.9.
fn shade(object: &Object, place: Coord, shadow: Coord, gsd_m: f64) -> f32 {
    const STEPS: i32 = 4;
    let darkest = (1..=STEPS)
        .map(|step| {
            let from = place - shadow * (f64::from(step) / f64::from(STEPS));
            0.5 - object.off_outline(object.local(from)).0 / gsd_m
        })
        .fold(0.0, f64::max);
    0.9 * darkest.clamp(0.0, 1.0) as f32
}

/// The dark line around what touches the ground; too thin to see where pixels are larger.
fn contact(off_m: f64, gsd_m: f64) -> f32 {
    let near = (1.0 - off_m.max(0.0) / CONTACT_M).max(0.0);
    (0.55 * near * near * (CONTACT_M / gsd_m).min(1.0)) as f32
}

fn blend(pixel: &mut Pixel, colour: [f32; 3], cover: f32) {
    for (below, over) in pixel.colour.iter_mut().zip(colour) {
        *below += (over - *below) * cover;
    }
}

/// How thick a shrub's crown is at a position (negative outside) and the height of its leaves.
fn crown(shrub: &Shrub, place: Coord) -> (f32, f32) {
    let from = (place - shrub.centre) / shrub.radius_m;
    let out = (from.x * from.x + from.y * from.y).sqrt() as f32;
    if out > 1.25 {
        return (-1.0, 0.0);
    }
    let twigs = octaves(shrub.seed, place.x / 0.16, place.y / 0.16, 3);
    let leaf = 0.75 * twigs + 0.25 * octaves(shrub.seed ^ 2, place.x / 0.035, place.y / 0.035, 2);
    let lobes = octaves(shrub.seed ^ 1, from.x * 2.2 + 9.0, from.y * 2.2, 2);
    (0.85 - out + 0.55 * (lobes - 0.5) + 0.7 * (leaf - 0.5), leaf)
}
