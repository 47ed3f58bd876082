//! All bands of a window of fractional pixels in one read, by an unsafe call.
//!
//! The safe wrapper reads band by band, a third slower on pixel-interleaved files, and only
//! windows of whole pixels, which would shift tiles against each other by up to half a pixel
//! when the model's GSD is not a multiple of the file's.

use gdal::{Dataset, errors::GdalError, raster::GdalType};
use gdal_sys::{CPLErr, GDALRIOResampleAlg, GDALRWFlag, GDALRasterIOExtraArg};
use rams_domain::PxBox;
use std::{
    ffi::{CStr, c_int},
    ops::Range,
};

/// What is read: bands of the dataset, or the validity mask of one of them.
pub(crate) enum Source<'a> {
    Bands(&'a [usize]),
    MaskOf(usize),
}

/// How many source pixels become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Resampling {
    Nearest,
    Average,
    Bilinear,
}

/// The pixels that a span touches along one axis of so many. Colours and validity of a grid pixel
/// are of the same pixels.
pub(crate) fn touched(from: f64, to: f64, pixels: usize) -> Range<usize> {
    /// An edge within this of a pixel's own is on it: scales are quotients with rounding errors.
    const ON_EDGE_PX: f64 = 1e-6;
    let first = ((from + ON_EDGE_PX).floor() as usize).min(pixels - 1);
    first..((to - ON_EDGE_PX).ceil() as usize).clamp(first + 1, pixels)
}

/// Reads `window` (mosaic pixels, inside the raster) into `buffer`: `width` x `height` pixels,
/// their bands side by side, of the buffer's type. The error is GDAL's message.
pub(crate) fn read<T: GdalType>(
    dataset: &Dataset,
    source: Source<'_>,
    window: &PxBox,
    (width, height): (usize, usize),
    resampling: Resampling,
    buffer: &mut [T],
) -> Result<(), String> {
    let bands = match source {
        Source::Bands(bands) => bands.len(),
        Source::MaskOf(_) => 1,
    };
    assert_eq!(buffer.len(), width * height * bands, "the buffer holds exactly the window");
    assert!(width > 0 && height > 0, "the window has pixels");
    let (whole, mut extra) = requested(dataset, window, resampling);
    let [x, y, columns, rows] = whole;
    let value_step = size_of::<T>() as i64;
    let (pixel_step, line_step) = (bands as i64 * value_step, (bands * width) as i64 * value_step);
    let (buffer_width, buffer_height) = (width as c_int, height as c_int);
    // SAFETY: the dataset is open for as long as it is borrowed and used by this thread alone
    // (`Dataset` is not `Sync`); the window lies inside the raster; GDAL writes at `line *
    // line_step + pixel * pixel_step + band * value_step`, within the `width * height * bands`
    // values of `buffer`, which are of the type that it is told; the band list and `extra` outlive
    // the call.
    #[allow(unsafe_code)]
    watched(|| unsafe {
        let (read, data_type) = (GDALRWFlag::GF_Read, T::gdal_ordinal());
        let (dataset, target) = (dataset.c_dataset(), buffer.as_mut_ptr().cast());
        match source {
            #[rustfmt::skip] // grouped: what is read, into what, which bands, how they lie there
            Source::Bands(bands) => {
                let mut bands: Vec<c_int> = bands.iter().map(|band| *band as c_int).collect();
                gdal_sys::GDALDatasetRasterIOEx(
                    dataset, read, x, y, columns, rows,
                    target, buffer_width, buffer_height, data_type,
                    bands.len() as c_int, bands.as_mut_ptr(),
                    pixel_step, line_step, value_step, &mut extra,
                )
            }
            #[rustfmt::skip]
            Source::MaskOf(band) => {
                let mask =
                    gdal_sys::GDALGetMaskBand(gdal_sys::GDALGetRasterBand(dataset, band as c_int));
                gdal_sys::GDALRasterIOEx(
                    mask, read, x, y, columns, rows,
                    target, buffer_width, buffer_height, data_type,
                    pixel_step, line_step, &mut extra,
                )
            }
        }
    })
}

/// What GDAL is asked for: the whole pixels that a window touches (column, row, width, height), and
/// the window itself in fractions of pixels.
fn requested(
    dataset: &Dataset,
    window: &PxBox,
    resampling: Resampling,
) -> ([c_int; 4], GDALRasterIOExtraArg) {
    let (raster_width, raster_height) = dataset.raster_size();
    let (x0, y0) = (window.x0.floor().max(0.0), window.y0.floor().max(0.0));
    let (x1, y1) =
        (window.x1.ceil().min(raster_width as f64), window.y1.ceil().min(raster_height as f64));
    assert!(x0 < x1 && y0 < y1, "the window lies inside the raster");
    let extra = GDALRasterIOExtraArg {
        nVersion: 1,
        eResampleAlg: match resampling {
            Resampling::Nearest => GDALRIOResampleAlg::GRIORA_NearestNeighbour,
            Resampling::Average => GDALRIOResampleAlg::GRIORA_Average,
            Resampling::Bilinear => GDALRIOResampleAlg::GRIORA_Bilinear,
        },
        pfnProgress: None,
        pProgressData: std::ptr::null_mut(),
        bFloatingPointWindowValidity: 1,
        dfXOff: window.x0.max(0.0),
        dfYOff: window.y0.max(0.0),
        dfXSize: window.x1.min(x1) - window.x0.max(0.0),
        dfYSize: window.y1.min(y1) - window.y0.max(0.0),
    };
    ([x0 as c_int, y0 as c_int, (x1 - x0) as c_int, (y1 - y0) as c_int], extra)
}

/// Makes a call into GDAL. libtiff reports a damaged JPEG block as a mere warning and fills it with
/// grey: ground that would look assessed. So a warning is an error here.
pub(crate) fn watched(call: impl FnOnce() -> CPLErr::Type) -> Result<(), String> {
    // SAFETY: it takes no argument and touches this thread's error state alone.
    #[allow(unsafe_code)]
    unsafe {
        gdal_sys::CPLErrorReset();
    }
    let status = call();
    // SAFETY: as above.
    #[allow(unsafe_code)]
    let warned = unsafe { gdal_sys::CPLGetLastErrorType() } >= CPLErr::CE_Warning;
    if status == CPLErr::CE_None && !warned { Ok(()) } else { Err(last_message()) }
}

/// Makes a call into GDAL and returns what it said meanwhile, a mere warning too; empty if it said
/// nothing.
pub(crate) fn heard<T>(call: impl FnOnce() -> T) -> (T, String) {
    // SAFETY: it takes no argument and touches this thread's error state alone.
    #[allow(unsafe_code)]
    unsafe {
        gdal_sys::CPLErrorReset();
    }
    let result = call();
    (result, last_message())
}

/// GDAL's own words for an error.
pub(crate) fn cause(error: &GdalError) -> String {
    match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } if !msg.is_empty() => {
            msg.clone()
        }
        other => other.to_string(),
    }
}

/// Tries a read twice: some warnings come up only once, when GDAL first opens a part of a file.
/// After each failure the cached blocks are dropped, since the next read of a damaged one would
/// find it in the cache, grey and without a warning.
pub(crate) fn twice<T>(
    dataset: &mut Dataset,
    read: impl Fn(&Dataset) -> Result<T, String>,
) -> Result<T, String> {
    let first = read(dataset);
    if first.is_ok() {
        return first;
    }
    dataset.flush_cache().map_err(|error| cause(&error))?;
    let second = read(dataset);
    if second.is_err() {
        dataset.flush_cache().map_err(|error| cause(&error))?;
    }
    second
}

fn last_message() -> String {
    // SAFETY: GDAL returns a pointer to a nul-terminated text of this thread, valid until the next
    // call into GDAL; it is copied at once.
    #[allow(unsafe_code)]
    let message = unsafe { CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg()) };
    message.to_string_lossy().into_owned()
}
