//! Polygon x polygon -> polygon, and geometry of any origin -> valid geometry, through GEOS.
//!
//! `geo`'s own overlays are enough where outlines are few. The outlines of coverage are some ten
//! thousand cells that touch at their corners, and outlines drawn by people cross themselves: both
//! are left to GEOS, and to GEOS only here.

mod boolean;
mod parts;
mod repair;
mod split;
mod validity;
mod wkb;

pub use boolean::{difference, intersection, union, union_all};
pub use parts::{GeometryError, Parts};
pub use repair::{Doubtful, repair};
pub use split::split;
pub use validity::{crossing, has_geos, is_valid, is_valid_ogr};
pub use wkb::{from_wkb, to_wkb};
