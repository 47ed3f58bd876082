//! Where a model of ordnance takes ground for ordnance.

use crate::field::chance::{anywhere, count, normal, poisson, span};
use crate::field::spec::DetectionSpec;
use crate::random::Dice;
use geo::{Coord, Rect, coord};

/// Where ground looks like ordnance.
pub(super) struct Texture {
    /// Middle, radius in metres, and how much better than elsewhere finds score.
    patches: Vec<(Coord, f64, f64)>,
    lines: Vec<[Coord; 2]>,
}

impl Texture {
    pub(super) fn new(seed: u64, spec: &DetectionSpec, extent: Rect) -> Self {
        let mut dice = Dice::new(seed, "field texture", 0);
        let hectares = extent.width() * extent.height() / 10_000.0;
        let patches = (0..poisson(spec.patches_per_ha * hectares, &mut dice).max(1))
            .map(|_| {
                let shift = normal(&mut dice) * spec.patch_shift_sd;
                (anywhere(extent, &mut dice), span(spec.patch_m, &mut dice), shift)
            })
            .collect();
        let across_m = extent.width().hypot(extent.height());
        let lines = (0..count(spec.lines, &mut dice).max(1))
            .map(|_| {
                let (middle, along) = (anywhere(extent, &mut dice), dice.direction());
                let half_m = dice.between(0.05, 0.5) * across_m;
                [middle - along * half_m, middle + along * half_m]
            })
            .collect();
        Self { patches, lines }
    }

    /// A place of a false find, and how much better than elsewhere it scores.
    pub(super) fn place(
        &self,
        spec: &DetectionSpec,
        extent: Rect,
        dice: &mut Dice,
    ) -> (Coord, f64) {
        let way = dice.between(0.0, 1.0);
        if way < spec.on_patches {
            let (middle, radius_m, shift) = self.patches[dice.below(self.patches.len())];
            (middle + coord! { x: normal(dice), y: normal(dice) } * (radius_m / 2.0), shift)
        } else if way < spec.on_patches + spec.on_lines {
            let [from, to] = self.lines[dice.below(self.lines.len())];
            let off = coord! { x: normal(dice), y: normal(dice) } * 0.4;
            (from + (to - from) * dice.between(0.0, 1.0) + off, 0.0)
        } else {
            (anywhere(extent, dice), 0.0)
        }
    }
}
