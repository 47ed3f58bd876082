//! Why a scene was not painted.

use std::path::PathBuf;

/// Why a scene was not painted.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// A value of the [`crate::SceneSpec`] that paints nothing sensible.
    #[error("cannot paint a scene with {name} {value}: {limit}")]
    Spec {
        /// Name of the value.
        name: &'static str,
        /// The value, as given.
        value: String,
        /// What it must be.
        limit: &'static str,
    },
    /// A photo that cannot be a ground.
    #[error(
        "cannot take {} for a ground: {cause}; give an RGB or RGBA image of 8 bits that GDAL opens",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What GDAL says, or what it lacks.
        cause: String,
    },
    /// A file of someone where the scene would lie.
    #[error(
        "cannot paint over {}: `rams scene` did not make it; choose another name, or move it away",
        path.display()
    )]
    NoScene {
        /// The file.
        path: PathBuf,
    },
    /// A file that could not be written.
    #[error(
        "cannot write {}: {cause}; check that its folder exists, may be written to and has \
         {needed_mib} MiB free",
        path.display()
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What GDAL or the system says.
        cause: String,
        /// An estimate of the space that the scene needs, MiB.
        needed_mib: u64,
    },
}
