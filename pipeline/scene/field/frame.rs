//! The local frame of a defended line.

use geo::Coord;

/// A defended line: a point of it, the way it runs, and the way it faces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) origin: Coord,
    pub(super) along: Coord,
    pub(super) forward: Coord,
}

impl Frame {
    /// The place so far along and so far forward, metres.
    pub(super) fn place(&self, along_m: f64, forward_m: f64) -> Coord {
        self.origin + self.along * along_m + self.forward * forward_m
    }
}
