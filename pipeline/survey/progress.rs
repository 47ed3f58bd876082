//! How those who run a survey follow it, and stop it.

/// The other side of a running survey. All methods may be called from several threads.
pub trait Progress: Sync {
    /// Something that a person should read now.
    fn notice(&self, text: &str);

    /// A pass of a model over an orthomosaic begins; `done` of its `tiles` are done already.
    fn begin_pass(&self, name: &str, tiles: u32, done: usize);

    /// One tile more is done; `megapixels` and `finds` are those of the pass so far.
    fn tile_done(&self, megapixels: f64, finds: usize);

    /// The pass is over.
    fn end_pass(&self);

    /// Asks for a stop after the tiles in work, as a person may.
    fn stop(&self);

    /// Whether a stop was asked for.
    fn is_stopping(&self) -> bool;
}
