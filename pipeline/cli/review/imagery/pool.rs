//! Readers that several threads share.

use super::failed;
use rams_review::ImageryError;
use rams_tile::TileError;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Readers of one file, each used by one thread at a time; they grow to as many as were ever busy
/// at once.
pub(super) struct Pool<R> {
    idle: Mutex<Vec<R>>,
    open: Box<dyn Fn() -> Result<R, TileError> + Send + Sync>,
}

impl<R> Pool<R> {
    pub(super) fn new(open: impl Fn() -> Result<R, TileError> + Send + Sync + 'static) -> Self {
        Self { idle: Mutex::default(), open: Box::new(open) }
    }

    /// Takes in a reader that is open already.
    pub(super) fn put(&self, reader: R) {
        self.idle().push(reader);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<R>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut R) -> Result<T, TileError>,
    ) -> Result<T, ImageryError> {
        let idle = self.idle().pop();
        let mut reader = idle.map_or_else(|| (self.open)(), Ok).map_err(failed)?;
        let done = work(&mut reader).map_err(failed);
        self.put(reader);
        done
    }
}
