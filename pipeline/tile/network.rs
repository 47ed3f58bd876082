//! GDAL's and PROJ's ways out to a network, shut: hazard locations are sensitive.

use std::{
    ffi::{c_char, c_int, c_void},
    ptr,
};

/// The only names that GDAL's network file systems take for there.
pub(crate) const FILE_SYSTEMS: &str = "CPL_VSIL_CURL_ALLOWED_EXTENSIONS";

/// What GDAL gets for an address that it asks for: its `CPLHTTPResult`.
#[repr(C)]
struct Answer {
    status: c_int,
    content_type: *mut c_char,
    error: *mut c_char,
    bytes: c_int,
    allocated: c_int,
    data: *mut u8,
    headers: *mut *mut c_char,
    parts: c_int,
    mime_parts: *mut c_void,
}

/// GDAL's `CPLHTTPFetchCallbackFunc`: address, options, progress, writer and their arguments.
type Fetch = extern "C" fn(
    *const c_char,
    *const *const c_char,
    *mut c_void,
    *mut c_void,
    *mut c_void,
    *mut c_void,
    *mut c_void,
) -> *mut Answer;

// SAFETY: as in GDAL's cpl_http.h; without a function the default stays.
#[allow(unsafe_code)]
unsafe extern "C" {
    fn CPLHTTPSetFetchCallback(fetch: Option<Fetch>, data: *mut c_void);
}

/// Shuts all of them, for every thread, whatever the environment says: PROJ's fetching of grids,
/// and the fetching of definitions and documents that a file names (a `crs` that is a link, say).
pub(crate) fn shut() {
    // Fails only for a key with a NUL.
    let _ = gdal::config::set_config_option(FILE_SYSTEMS, "none");
    // SAFETY: both calls change settings of GDAL alone; the function lives as long as the program.
    #[allow(unsafe_code)]
    unsafe {
        gdal_sys::OSRSetPROJEnableNetwork(0);
        CPLHTTPSetFetchCallback(Some(refuse), ptr::null_mut());
    }
}

/// Opens GDAL's network file systems, and what they need to log in. PROJ stays without.
pub(crate) fn open_file_systems() {
    // Fails only for a key with a NUL.
    let _ = gdal::config::clear_config_option(FILE_SYSTEMS);
    // SAFETY: it changes a setting of GDAL alone.
    #[allow(unsafe_code)]
    unsafe {
        CPLHTTPSetFetchCallback(None, ptr::null_mut());
    }
}

/// An answer that says no. A null pointer would make GDAL go on and ask the network.
extern "C" fn refuse(
    _: *const c_char,
    _: *const *const c_char,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
) -> *mut Answer {
    // SAFETY: GDAL's allocator gives zeroed memory of this size or ends the program; a zeroed
    // answer is an empty one, and GDAL frees it and its text by the same allocator.
    #[allow(unsafe_code)]
    unsafe {
        let answer: *mut Answer = gdal_sys::CPLCalloc(1, size_of::<Answer>()).cast();
        (*answer).status = 1;
        (*answer).error = gdal_sys::CPLStrdup(c"nothing is fetched from a network".as_ptr());
        answer
    }
}
