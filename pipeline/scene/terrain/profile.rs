//! The cross-section of a work.

use super::path::Offset;
use crate::random::rise;

/// What a work is across: a cut, heaps beside it, a bank over it, a step, ruts. What is not there
/// is zero. All metres, before the path's own width.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Profile {
    pub(crate) cut: Cut,
    /// Earth thrown out on the left and on the right.
    pub(crate) heaps: [Heap; 2],
    pub(crate) bank: Bank,
    /// How much higher the ground is on the right.
    pub(crate) step_m: f64,
    pub(crate) ruts: Ruts,
    /// How uneven it is: 1 as dug by spade, 0.1 as rolled.
    pub(crate) rough: f32,
    /// How far it shows beyond all this: what grows or is laid there.
    pub(crate) strip_m: f64,
}

/// A trough from a straight wall to a V.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cut {
    /// Half the width, halfway up the wall.
    pub(crate) half_m: f64,
    pub(crate) depth_m: f64,
    /// Length of the wall on the ground: small where it is steep.
    pub(crate) wall_m: f64,
}

/// A parapet: steep towards the cut, flat outwards.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heap {
    /// From the cut's edge to its foot.
    pub(crate) ledge_m: f64,
    pub(crate) width_m: f64,
    pub(crate) height_m: f64,
}

/// A bank or embankment about the line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bank {
    /// Half its base and half its flat top.
    pub(crate) foot_m: f64,
    pub(crate) crest_m: f64,
    pub(crate) height_m: f64,
}

/// Two ruts, or a hollow path where they lie in one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ruts {
    pub(crate) off_m: f64,
    pub(crate) half_m: f64,
    pub(crate) depth_m: f64,
}

/// What a profile makes of a place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Height {
    /// Height of what is heaped, depth (negative) of what is cut.
    pub(crate) heap_m: f32,
    pub(crate) cut_m: f32,
    /// Share of the cut's depth, 0 to 1.
    pub(crate) open: f32,
    /// How far inside the work's edge, 0 to 1.
    pub(crate) fade: f32,
}

impl Profile {
    /// How far it reaches to the left and to the right.
    pub(crate) fn reach_m(&self) -> [f64; 2] {
        self.heaps.map(|heap| {
            let cut = if self.cut.depth_m > 0.0 {
                self.cut.half_m + self.cut.wall_m / 2.0 + 0.25
            } else {
                0.0
            };
            let heaped = if heap.height_m > 0.0 {
                self.cut.half_m + heap.ledge_m + heap.width_m
            } else {
                0.0
            };
            let rut = self.ruts.off_m + 2.0 * self.ruts.half_m;
            let step = if self.step_m > 0.0 { Self::STEP_RUN_M } else { 0.0 };
            [cut, heaped, self.bank.foot_m, rut, step, self.strip_m].into_iter().fold(0.0, f64::max)
        })
    }

    /// Highest less lowest.
    pub(crate) fn drop_m(&self) -> f64 {
        let heap = self.heaps[0].height_m.max(self.heaps[1].height_m) * 1.4;
        self.cut.depth_m + heap.max(self.bank.height_m * 1.2) + self.step_m
    }

    /// Over what length a step runs out into the field.
    const STEP_RUN_M: f64 = 12.0;

    /// Heights at an offset; `clods` is noise about 0, `thrown` from 0 to 1 how far earth was
    /// thrown there.
    pub(crate) fn at(&self, off: Offset, clods: f32, thrown: f32) -> Height {
        let side = usize::from(off.across_m > 0.0);
        let s = off.across_m.abs() / off.wide.max(1e-3);
        let cut_end = self.cut.half_m + self.cut.wall_m / 2.0;
        // What was thrown less far ends nearer: all beyond the cut is drawn in.
        let drawn_in = 1.0 + 0.55 * f64::from((1.0 - thrown) * self.rough.min(1.0));
        let s = if s > cut_end { cut_end + (s - cut_end) * drawn_in } else { s };
        let full = off.full as f32;
        let rough = clods * self.rough;
        // What is narrower than this fades sooner.
        let reach = self.reach_m()[side];
        let fade = ((reach - s) / (0.25 * reach).min(0.4)).clamp(0.0, 1.0) as f32;
        let mut height = Height { fade, ..Height::default() };
        if fade == 0.0 {
            return height;
        }
        let Cut { half_m, depth_m, wall_m } = self.cut;
        if depth_m > 0.0 {
            let edge = s as f32 + 0.12 * rough;
            let (half, wall) = (half_m as f32, wall_m as f32);
            let open = ((half + wall / 2.0 - edge) / wall).clamp(0.0, 1.0);
            // Old walls are round at the top and at the bottom.
            height.open = if wall > 0.4 { rise(0.0, 1.0, open) } else { open };
            height.cut_m = -(depth_m as f32) * full * height.open * (1.0 + 0.1 * rough);
        }
        let heap = self.heaps[side];
        if heap.height_m > 0.0 {
            let t = ((s - half_m - heap.ledge_m) / heap.width_m).clamp(0.0, 1.0) as f32;
            let bump = 6.75 * t * (1.0 - t) * (1.0 - t);
            height.heap_m += full * bump * heap.height_m as f32 * (1.0 + 0.9 * rough);
        }
        if self.bank.height_m > 0.0 {
            let Bank { foot_m, crest_m, height_m } = self.bank;
            let t = ((s - crest_m) / (foot_m - crest_m)).clamp(0.0, 1.0) as f32;
            let slope = (1.0 - t) * (1.0 - t) * (1.0 + 2.0 * t);
            height.heap_m += full * slope * height_m as f32 * (1.0 + 0.3 * rough);
        }
        if self.step_m > 0.0 {
            // A short slope in the middle, and back to nothing far out on both sides.
            let up = rise(-0.6, 0.6, off.across_m as f32 + rough) - 0.5;
            let run = 1.0 - (s / Self::STEP_RUN_M).min(1.0) as f32;
            height.heap_m += full * self.step_m as f32 * up * run * run;
        }
        if self.ruts.depth_m > 0.0 {
            let Ruts { off_m, half_m, depth_m } = self.ruts;
            let away = (s - off_m).abs() as f32 + 0.5 * half_m as f32 * rough;
            height.heap_m -=
                depth_m as f32 * (1.0 - rise(0.5 * half_m as f32, 1.6 * half_m as f32, away));
        }
        if height.open < 0.5 {
            height.heap_m += fade * 0.09 * rough * full;
        }
        height
    }
}
