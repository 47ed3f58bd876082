//! Centrelines of a linear earthwork, local metres.

use geo::{Coord, LineString};

/// A centreline between junctions or ends.
pub(crate) struct Centreline {
    /// Its course.
    pub(crate) line: LineString,
    /// The mask along it, in triangles; none for a patch that is hardly longer than wide.
    pub(crate) samples: Vec<Sample>,
    /// Width of the mask as a whole, metres.
    pub(crate) width_m: f64,
}

/// A triangle of the mask across a centreline.
pub(crate) struct Sample {
    /// Where along the line, from 0 to 1.
    pub(crate) along: f64,
    /// Length of the line that it stands for, metres.
    pub(crate) length_m: f64,
    /// Area, square metres.
    pub(crate) area_m2: f64,
    /// Its centre.
    pub(crate) at: Coord,
}

/// An end of a centreline at the end of the mask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// Index of the centreline.
    pub(crate) line: usize,
    /// 0 at its first position, 1 at its last.
    pub(crate) tail: usize,
    /// The end itself.
    pub(crate) tip: Coord,
    /// A place on the line before it.
    pub(crate) base: Coord,
    /// Unit vector outwards.
    pub(crate) ahead: Coord,
    /// Width of the mask there, metres.
    pub(crate) width_m: f64,
}
