//! GDAL's cache of decoded blocks: as large as a row of tiles needs, and no larger.

use gdal::{Dataset, raster::GdalDataType};
use std::{
    env,
    sync::{Mutex, PoisonError},
};

/// What it has at first, MB; the default of GDAL is a twentieth of the machine's memory.
pub(crate) const LEAST_MB: &str = "64";

/// What it gets at most: two rows of 512 px blocks of a raster of 80,000 px.
const MOST_BYTES: u64 = 256 << 20;

/// The variable of the environment that wins.
pub(crate) const SETTING: &str = "GDAL_CACHEMAX";

static ROOM_BYTES: Mutex<u64> = Mutex::new(64 << 20);

/// Makes it large enough that what a row of windows so many pixels high reads of a raster is there
/// still for the next row, which shares a rim with it. Where no cache that is allowed holds that,
/// each window reads its blocks anew, and it stays as it is.
pub(crate) fn make_room(dataset: &Dataset, window_px: u64) {
    let bytes = row_bytes(dataset, window_px).unwrap_or(0);
    if bytes > MOST_BYTES || env::var_os(SETTING).is_some() {
        return;
    }
    let mut room_bytes = ROOM_BYTES.lock().unwrap_or_else(PoisonError::into_inner);
    if *room_bytes < bytes {
        *room_bytes = bytes;
        // SAFETY: it changes a setting of GDAL alone, which it guards itself.
        #[allow(unsafe_code)]
        unsafe {
            gdal_sys::GDALSetCacheMax64(bytes as i64);
        }
    }
}

/// All bands of all blocks that a row of windows touches.
fn row_bytes(dataset: &Dataset, window_px: u64) -> Option<u64> {
    let bands = dataset.raster_count();
    let band = dataset.rasterband(1).ok()?;
    let (_, block_rows) = band.block_size();
    let value_bytes = GdalDataType::try_from(band.band_type() as u32).ok()?.bytes();
    let rows = window_px + 2 * block_rows as u64;
    Some(dataset.raster_size().0 as u64 * rows * bands as u64 * u64::from(value_bytes))
}
