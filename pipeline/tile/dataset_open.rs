//! How every raster is opened: which drivers open it, and what it may open in turn.

use crate::{TileError, block_cache, network, vrt, vsi};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags, Metadata};
use std::{path::Path, sync::Once};

/// What an orthomosaic or a surface model may be.
const DRIVERS: [&str; 3] = ["GTiff", "VRT", "JP2OpenJPEG"];

/// Raster drivers that stay beside these: rasters in memory, and GeoPackages, which hold the
/// surveys. All others go: a VRT opens its sources with whatever driver takes them, and some fetch
/// from a network. Hazard locations are sensitive.
const OTHERS: [&str; 4] = ["COG", "MEM", "Memory", "GPKG"];

/// What GDAL needs to be told. A variable of the environment of the same name wins where it is
/// said.
const SETTINGS: [(&str, &str, bool); 9] = [
    (block_cache::SETTING, block_cache::LEAST_MB, true),
    // What is wrong with a block that another thread decodes may not be heard in ours.
    ("GDAL_NUM_THREADS", "1", false),
    ("GDAL_VRT_ENABLE_PYTHON", "NO", false),
    // A file that says itself how its datum lies knows better than a table of names.
    ("OSR_STRIP_TOWGS84", "NO", false),
    // The unit of heights is in the vertical part of a CRS, which is left out otherwise.
    ("GTIFF_REPORT_COMPD_CS", "YES", false),
    ("GDAL_HTTP_CONNECTTIMEOUT", "10", true),
    ("GDAL_HTTP_TIMEOUT", "60", true),
    // Object stores ask those who read much to come back later (429, 503); seconds, doubled each
    // time.
    ("GDAL_HTTP_MAX_RETRY", "4", true),
    ("GDAL_HTTP_RETRY_DELAY", "0.5", true),
];

/// Opens a raster for reading with GDAL kept quiet and its cache bounded. Overviews may be stale,
/// or thinned by taking every second pixel, which loses small objects: what a model sees must come
/// from the pixels themselves.
pub(crate) fn dataset(
    path: &Path,
    allow_outside: bool,
    overviews: bool,
) -> Result<Dataset, TileError> {
    set_up();
    keep_drivers();
    let failed = |cause: String| TileError::Open { path: path.to_owned(), cause };
    if path.to_str().is_some_and(|text| text.contains("://") && !vsi::is_virtual(path)) {
        let virtual_path = vsi::of_address(&path.to_string_lossy());
        return Err(TileError::Address { path: path.to_owned(), virtual_path });
    }
    let mut drivers = DRIVERS.to_vec();
    let mut real = path.to_owned();
    if vsi::is_virtual(path) {
        // Named by the user, and nothing else is: a VRT there would name others.
        drivers.retain(|driver| *driver != "VRT");
        network::open_file_systems();
    } else {
        real = path.canonicalize().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => TileError::NoRaster { path: path.to_owned() },
            _ => failed(error.to_string()),
        })?;
        vrt::check(path, allow_outside)?;
    }
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_RASTER | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&drivers),
        open_options: if overviews { None } else { Some(&["OVERVIEW_LEVEL=NONE"]) },
        ..Default::default()
    };
    Dataset::open_ex(&real, options).map_err(|error| failed(crate::window::cause(&error)))
}

/// Sets GDAL up for the whole program: quiet, its memory bounded, no network. Every command does
/// this before all else; a raster that is opened does it too.
pub fn set_up() {
    static SET_UP: Once = Once::new();
    SET_UP.call_once(|| {
        // GDAL prints every error and warning; each one that matters comes back as a `Result`.
        gdal::config::set_error_handler(|_, _, _| {});
        for (key, value, yields) in SETTINGS {
            if !(yields && std::env::var_os(key).is_some()) {
                // Fails only for a key or value with a NUL.
                let _ = gdal::config::set_config_option(key, value);
            }
        }
        network::shut();
    });
}

/// The version of GDAL, such as `3.6.2`.
pub fn gdal_version() -> String {
    gdal::version::version_info("RELEASE_NAME")
}

/// Leaves GDAL only the raster drivers that are meant.
fn keep_drivers() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let all: Vec<_> = (0..DriverManager::count()).flat_map(DriverManager::get_driver).collect();
        for driver in all {
            let is_raster = driver.metadata_item("DCAP_RASTER", "").is_some();
            let name = driver.short_name();
            if is_raster && !DRIVERS.iter().chain(&OTHERS).any(|kept| *kept == name) {
                DriverManager::deregister_driver(&driver);
            }
        }
    });
}
