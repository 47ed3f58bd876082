//! How what is to be found lies in a scene.

/// How what is to be found lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// As on a former front: trench, berm and track, rows of mines, scattered munitions.
    Field,
    /// For training and evaluation: over one object a square metre, all classes equally often,
    /// single, in rows and in clusters.
    Dense,
    /// Earthworks as on a former front and what looks like them, 30 to 500 m across, without mines.
    /// A quarter of these scenes hold look-alikes alone.
    Earthworks,
}
