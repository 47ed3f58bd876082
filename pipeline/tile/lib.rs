//! Orthomosaic, and the surface model under it -> [`Tile`](rams_domain::Tile), through GDAL.
//!
//! It reads windows and never the whole raster, and it never decides that unread ground may be
//! passed over: what cannot be read comes back as a [`Gap`](rams_domain::Gap).

mod average;
mod block_cache;
mod colour;
mod colour_bands;
mod colour_read;
mod crs;
mod dataset_open;
mod digest;
mod error;
mod fingerprint;
mod grids;
mod ground;
mod height;
mod image_metadata;
mod jpeg;
mod marker;
mod network;
mod object_folder;
mod open;
mod picture;
mod points;
mod read;
mod reduced;
mod relation;
mod sample;
mod surface;
mod valid;
mod validity;
mod value_type;
mod vrt;
mod vsi;
mod window;

#[cfg(test)]
mod tests;

pub use dataset_open::{gdal_version, set_up};
pub use digest::digest;
pub use error::TileError;
pub use fingerprint::{Fingerprint, Print, fingerprint, fingerprint_file};
pub use ground::{ground_around, place_on, widened};
pub use height::SurfaceReader;
pub use image_metadata::image_metadata;
pub use jpeg::jpeg;
pub use object_folder::ObjectFolder;
pub use open::{check_crs, open, place};
pub use picture::{Picture, PictureReader};
pub use read::Reader;
pub use reduced::write_reduced;
pub use surface::surface_under;
