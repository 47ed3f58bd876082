//! Files that only GDAL can open: a name that starts with `/vsi`.

use std::{
    ffi::{CStr, CString, c_void},
    io::{self, Read, Seek, SeekFrom, Write},
    mem,
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

/// Drops what GDAL remembers of a remote file or folder, so that it is seen as it is now.
pub(crate) fn forget(path: &Path) {
    let Ok(name) = c_name(path) else { return };
    // SAFETY: the text is nul-terminated and outlives the call, which keeps none of it.
    #[allow(unsafe_code)]
    unsafe {
        gdal_sys::VSICurlPartialClearCache(name.as_ptr());
    }
}

fn c_name(path: &Path) -> io::Result<CString> {
    CString::new(path.to_string_lossy().as_bytes()).map_err(io::Error::other)
}

/// What GDAL said last.
fn last_error() -> io::Error {
    // SAFETY: GDAL gives a nul-terminated text of this thread, which is copied at once.
    #[allow(unsafe_code)]
    let text = unsafe { CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg()) }.to_string_lossy();
    io::Error::other(if text.is_empty() { "it is not there".into() } else { text.into_owned() })
}

/// A file in a virtual file system, open for reading or for writing.
pub(crate) struct VsiFile(*mut gdal_sys::VSILFILE);

impl VsiFile {
    /// Opens it for reading, as it is now.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        forget(path);
        Self::opened(path, c"rb")
    }

    /// Begins a new one. In a store it is there when it is closed, and not before.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::opened(path, c"wb")
    }

    fn opened(path: &Path, mode: &CStr) -> io::Result<Self> {
        let name = c_name(path)?;
        // SAFETY: both texts are nul-terminated and outlive the calls, which keep none of them.
        #[allow(unsafe_code)]
        let file = unsafe {
            gdal_sys::CPLErrorReset();
            gdal_sys::VSIFOpenL(name.as_ptr(), mode.as_ptr())
        };
        if file.is_null() { Err(last_error()) } else { Ok(Self(file)) }
    }

    /// Ends it; what was written is there then, or the error says why it is not.
    pub(crate) fn close(self) -> io::Result<()> {
        let file = self.0;
        mem::forget(self);
        // SAFETY: it was opened by `opened` and is closed once, here or when it is dropped.
        #[allow(unsafe_code)]
        let closed = unsafe { gdal_sys::VSIFCloseL(file) };
        if closed == 0 { Ok(()) } else { Err(last_error()) }
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

impl Write for VsiFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: the file is open until it is dropped; GDAL reads the buffer's length.
        #[allow(unsafe_code)]
        let written = unsafe {
            gdal_sys::VSIFWriteL(bytes.as_ptr().cast::<c_void>(), 1, bytes.len(), self.0)
        };
        if written == 0 && !bytes.is_empty() { Err(last_error()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
        // SAFETY: it was opened by `opened` and is closed once, here or by `close`.
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
