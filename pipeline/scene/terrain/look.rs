//! What a work shows instead of the ground around it.

use crate::random::{octaves, rise};
use geo::Coord;

/// What shows on a work instead of the ground around.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// Colour of what was dug up.
    pub(crate) spoil: [f32; 3],
    /// How much of it still shows: 1 fresh, 0 overgrown.
    pub(crate) turned: f32,
    /// How much is grown over, the cut first.
    pub(crate) green: f32,
    pub(crate) leaf: [f32; 3],
    /// What stands in the cut up to a height above its floor, metres; 0 for nothing.
    pub(crate) pool_m: f32,
    pub(crate) pool: [f32; 3],
    /// Whether what stands there is water: flat, and without height for a camera.
    pub(crate) is_water: bool,
    /// Strips along it, the later over the earlier.
    pub(crate) strips: Vec<Strip>,
}

/// A strip along both sides of a line, or along its middle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strip {
    /// Distance from the line where it begins and ends, metres.
    pub(crate) from_m: f32,
    pub(crate) to_m: f32,
    pub(crate) colour: [f32; 3],
    pub(crate) share: f32,
    /// How ragged its edge is, metres.
    pub(crate) ragged_m: f32,
    /// How much it is broken into patches, 0 to 1.
    pub(crate) broken: f32,
    /// Contrast of the texture that lies in it.
    pub(crate) grain: f32,
}

/// A coat over the ground: colour and contrast are times its share.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Coat {
    pub(crate) colour: [f32; 3],
    pub(crate) share: f32,
    pub(crate) grain: f32,
    /// Share of water, which no photogrammetry sees.
    pub(crate) water: f32,
}

/// Where a look is asked for.
pub(crate) struct Spot {
    pub(crate) at: Coord,
    /// Distance from the line, metres before its width.
    pub(crate) away_m: f32,
    /// Share of the cut's depth, how much is heaped (0 to 1), and how far inside the edge.
    pub(crate) open: f32,
    pub(crate) heaped: f32,
    pub(crate) fade: f32,
    /// Height above the cut's floor, metres.
    pub(crate) above_floor_m: f32,
    pub(crate) clods: f32,
}

impl Coat {
    /// Lays another over it.
    pub(crate) fn lay(&mut self, colour: [f32; 3], share: f32, grain: f32) {
        for (own, colour) in self.colour.iter_mut().zip(colour) {
            *own += (colour - *own) * share;
        }
        self.share += (1.0 - self.share) * share;
        self.grain += (grain - self.grain) * share;
        self.water *= 1.0 - share;
    }

    /// Lays a whole coat over it.
    pub(crate) fn lay_coat(&mut self, over: &Coat) {
        let rest = 1.0 - over.share;
        for (own, colour) in self.colour.iter_mut().zip(over.colour) {
            *own = *own * rest + colour;
        }
        self.share = self.share * rest + over.share;
        self.grain = self.grain * rest + over.grain;
        self.water = self.water * rest + over.water;
    }
}

impl Look {
    /// The coat at a spot.
    pub(crate) fn coat(&self, seed: u64, spot: &Spot) -> Coat {
        let mut coat = Coat::default();
        for strip in &self.strips {
            let edge = spot.away_m + strip.ragged_m * 2.0 * spot.clods;
            let soft = 0.06 + 0.5 * strip.ragged_m;
            let mut share = strip.share * rise(-soft, soft, strip.to_m - edge);
            if strip.from_m > 0.0 {
                share *= rise(-soft, soft, edge - strip.from_m);
            }
            if strip.broken > 0.0 && share > 0.0 {
                let patch = octaves(seed ^ 0xb0, spot.at.x / 1.1, spot.at.y / 1.1, 4);
                share *= 1.0 - strip.broken * (1.0 - rise(0.30, 0.58, patch));
            }
            if share > 0.0 {
                coat.lay(
                    strip.colour.map(|band| band * (1.0 + 0.12 * spot.clods)),
                    share,
                    strip.grain,
                );
            }
        }
        let earthy = spot.open.max(spot.heaped);
        if self.turned > 0.0 && earthy > 0.0 {
            let edge = rise(0.15, 0.75, spot.fade + 1.3 * spot.clods) * spot.fade.max(0.0).sqrt();
            let mut share = edge * rise(0.02, 0.25, earthy);
            if self.turned < 1.0 {
                let patch = octaves(seed ^ 0xb1, spot.at.x / 1.9, spot.at.y / 1.9, 4);
                share *= rise(0.62 - 0.5 * self.turned, 0.95 - 0.5 * self.turned, patch)
                    * (0.5 + 0.5 * self.turned);
            }
            // Damp below, pale where it dried on the heap.
            let tone = 0.98 - 0.24 * spot.open + 0.10 * spot.heaped + 0.22 * spot.clods;
            coat.lay(self.spoil.map(|band| band * tone), share, 0.16);
        }
        if self.green > 0.0 && spot.fade > 0.0 {
            let tufts = octaves(seed ^ 0xb2, spot.at.x / 1.5, spot.at.y / 1.5, 4);
            let where_ = (0.35 + 0.65 * spot.open).max(0.8 * spot.heaped) * spot.fade;
            let share = rise(0.66 - 0.6 * self.green, 0.86 - 0.6 * self.green, tufts) * where_;
            coat.lay(self.leaf.map(|band| band * (0.75 + 0.5 * tufts)), 0.9 * share, 0.30);
        }
        if self.pool_m > 0.0 && spot.open > 0.3 {
            let share = rise(0.0, 0.10, self.pool_m - spot.above_floor_m + 0.1 * spot.clods);
            coat.lay(self.pool, share, if self.is_water { 0.02 } else { 0.06 });
            coat.water = if self.is_water { share } else { 0.0 };
        }
        coat
    }
}
