//! Trenches and berms: a centreline, and a height across it.

use crate::random::{octaves, rise};
use geo::{Coord, coord};

/// What was dug or heaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Works {
    /// A fire trench 0.9 m wide and 1.6 m deep with a parapet on both sides.
    Trench,
    /// A bank of earth 1 m high on a base of 4 m.
    Berm,
}

/// A linear earthwork, scene metres.
#[derive(Debug, Clone)]
pub(crate) struct Earthwork {
    pub(crate) works: Works,
    pub(crate) line: Vec<Coord>,
}

/// What an earthwork does to the ground at a position.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Relief {
    /// Height above the natural ground, metres.
    pub(crate) height_m: f32,
    /// Share of turned earth, 0 to 1.
    pub(crate) turned: f32,
}

impl Works {
    /// Half the width of what is painted: beyond it the ground is untouched.
    pub(crate) fn half_width_m(self) -> f64 {
        match self {
            Works::Trench => 1.75,
            Works::Berm => 2.0,
        }
    }

    /// Longest difference in height: how far a shadow can reach is a multiple of it.
    pub(crate) fn drop_m(self) -> f64 {
        match self {
            Works::Trench => 2.0,
            Works::Berm => 1.0,
        }
    }
}

impl Earthwork {
    /// The part whose relief or shadow reaches a circle; `None` if it is too far.
    pub(crate) fn near(&self, at: Coord, radius_m: f64) -> Option<Earthwork> {
        let line: Vec<Coord> = self
            .line
            .windows(2)
            .filter(|ends| from_segment(at, ends[0], ends[1]) < radius_m + self.works.half_width_m())
            // As pairs, so that a gap in the middle does not become a segment.
            .flat_map(|ends| [ends[0], ends[1]])
            .collect();
        (!line.is_empty()).then_some(Earthwork { works: self.works, line })
    }

    /// Distance from the centreline; `self` is a part from [`Earthwork::near`].
    pub(crate) fn off_line_m(&self, at: Coord) -> f64 {
        self.line.chunks_exact(2).map(|ends| from_segment(at, ends[0], ends[1])).fold(f64::INFINITY, f64::min)
    }

    /// Relief at a position; `self` is a part from [`Earthwork::near`].
    pub(crate) fn relief(&self, seed: u64, at: Coord) -> Relief {
        let away = self.off_line_m(at);
        let half = self.works.half_width_m();
        if away >= half {
            return Relief::default();
        }
        // Clods, and a width that varies over some metres: no one digs by the ruler.
        let rough = octaves(seed ^ 0xea47, at.x / 0.6, at.y / 0.6, 4) - 0.5;
        let wide = f64::from(octaves(seed ^ 0xea48, at.x / 1.6, at.y / 1.6, 2));
        // Everything fades out before the edge of the outline, which is exact.
        let spread = half * (0.72 + 0.28 * wide);
        let fade = ((spread - away) / 0.4).clamp(0.0, 1.0) as f32;
        let turned = rise(0.15, 0.75, fade + 1.3 * rough) * fade.sqrt();
        let height_m = match self.works {
            Works::Trench => {
                let wall = (((away + 0.12 * f64::from(rough)) - 0.38) / 0.12).clamp(0.0, 1.0) as f32;
                let t = ((away - 0.40) / (spread - 0.40)).clamp(0.0, 1.0);
                let spoil = (16.0 * t * t * (1.0 - t) * (1.0 - t)) as f32 * (0.36 + 0.35 * rough) + fade * 0.09 * rough;
                -1.6 * (1.0 - wall) + spoil * wall
            }
            Works::Berm => {
                let t = (away / spread).min(1.0) as f32;
                (1.0 - t * t) * (1.0 - t * t) * (1.0 + 0.3 * rough) + fade * 0.10 * rough
            }
        };
        Relief { height_m, turned }
    }
}

/// Distance of a position from a segment.
pub(crate) fn from_segment(at: Coord, from: Coord, to: Coord) -> f64 {
    let (edge, off) = (to - from, at - from);
    let length = edge.x * edge.x + edge.y * edge.y;
    let t = ((off.x * edge.x + off.y * edge.y) / length.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
    let away = coord! { x: off.x - edge.x * t, y: off.y - edge.y * t };
    (away.x * away.x + away.y * away.y).sqrt()
}
