//! From light to levels: lens, sensor, the camera's own processing, and what mosaicking adds.

mod displacement;
mod film;
mod jpeg;
mod mosaic;
mod planes;

pub(crate) use film::Film;
pub(crate) use mosaic::Mosaic;
pub(crate) use planes::Planes;
