//! Files that only GDAL can open: a name that starts with `/vsi`.

use std::{
    ffi::{CString, c_void},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Whether GDAL's virtual file systems are to open it: `/vsicurl/https://...`, `/vsizip/...`.
pub(crate) fn is_virtual(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.starts_with("/vsi"))
}

/// The name by which GDAL reads an address: `/vsis3/bucket/key` for `s3://bucket/key`.
pub(crate) fn of_address(address: &str) -> String {
    const STORES: [(&str, &str); 5] = [
        ("s3://", "/vsis3/"),
        ("gs://", "/vsigs/"),
        ("az://", "/vsiaz/"),
        ("oss://", "/vsioss/"),
        ("swift://", "/vsiswift/"),
    ];
    let store = STORES.iter().find_map(|(scheme, system)| {
        address.strip_prefix(scheme).map(|object| format!("{system}{object}"))
    });
    store.unwrap_or_else(|| format!("/vsicurl/{address}"))
}

/// A file in a virtual file system, open for reading.
pub(crate) struct VsiFile(*mut gdal_sys::VSILFILE);

impl VsiFile {
    /// Opens it as it is now: what GDAL remembers of a remote file is dropped first.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let name = CString::new(path.to_string_lossy().as_bytes()).map_err(io::Error::other)?;
        // SAFETY: both texts are nul-terminated and outlive the calls, which keep none of them.
        #[allow(unsafe_code)]
        let file = unsafe {
            gdal_sys::VSICurlPartialClearCache(name.as_ptr());
            gdal_sys::VSIFOpenL(name.as_ptr(), c"rb".as_ptr())
        };
        if file.is_null() { Err(io::ErrorKind::NotFound.into()) } else { Ok(Self(file)) }
    }
}

impl Read for VsiFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the file is open until it is dropped; GDAL writes at most the buffer's length.
        #[allow(unsafe_code)]
        Ok(unsafe {
            gdal_sys::VSIFReadL(buffer.as_mut_ptr().cast::<c_void>(), 1, buffer.len(), self.0)
        })
    }
}

impl Seek for VsiFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (offset, whence) = match to {
            SeekFrom::Start(offset) => (offset, 0),
            SeekFrom::Current(offset) => (offset as u64, 1),
            SeekFrom::End(offset) => (offset as u64, 2),
        };
        // SAFETY: the file is open until it is dropped; 0, 1 and 2 are SEEK_SET, SEEK_CUR and
        // SEEK_END.
        #[allow(unsafe_code)]
        unsafe {
            match gdal_sys::VSIFSeekL(self.0, offset, whence) {
                0 => Ok(gdal_sys::VSIFTellL(self.0)),
                _ => Err(io::Error::other("cannot seek")),
            }
        }
    }
}

impl Drop for VsiFile {
    fn drop(&mut self) {
        // SAFETY: it was opened by `open` and is closed once.
        #[allow(unsafe_code)]
        unsafe {
            gdal_sys::VSIFCloseL(self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_address;

    #[test]
    fn addresses_are_read_by_the_file_system_of_their_store() {
        assert_eq!(of_address("s3://flights/may/a.tif"), "/vsis3/flights/may/a.tif");
        assert_eq!(of_address("https://host/a.tif"), "/vsicurl/https://host/a.tif");
    }
}
