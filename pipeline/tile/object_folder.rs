//! A folder in an object store, whose files are put and fetched whole.

use crate::{
    TileError, network,
    vsi::{self, VsiFile},
};
use std::{
    fs::File,
    io::{self, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// File systems of GDAL that files can be put into; the last is memory, for tests.
const WRITABLE: [&str; 6] = ["/vsis3/", "/vsigs/", "/vsiaz/", "/vsioss/", "/vsiswift/", "/vsimem/"];

/// A folder by its address: `s3://BUCKET/PREFIX`, `gs://...`, `az://...`, or as GDAL writes it,
/// `/vsis3/BUCKET/PREFIX`. Keys and endpoint are those that GDAL takes for imagery, from the
/// environment.
///
/// ```
/// let folder = rams_tile::ObjectFolder::new("/vsimem/bucket/survey")?;
/// let here = tempfile::tempdir()?;
/// std::fs::write(here.path().join("plan.json"), "{}")?;
/// folder.put("plan.json", &here.path().join("plan.json"))?;
/// assert_eq!(folder.names(""), ["plan.json"]);
/// folder.fetch("plan.json", &here.path().join("again.json"))?;
/// assert_eq!(std::fs::read_to_string(here.path().join("again.json"))?, "{}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ObjectFolder(PathBuf);

impl ObjectFolder {
    /// Whether a path is an address of a store, and no folder of this machine.
    pub fn is_address(path: &Path) -> bool {
        vsi::is_virtual(path) || path.to_str().is_some_and(|text| text.contains("://"))
    }

    /// Opens GDAL's way to the store; asks nothing of it yet.
    ///
    /// Errors: [`TileError::ObjectStore`] for an address that nothing can be put into.
    pub fn new(address: &str) -> Result<Self, TileError> {
        let path = if vsi::is_virtual(Path::new(address)) {
            address.to_owned()
        } else {
            vsi::of_address(address)
        };
        if !WRITABLE.iter().any(|system| path.starts_with(system)) {
            let cause = "give s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX";
            return Err(failed("use", Path::new(address), cause));
        }
        network::open_file_systems();
        Ok(Self(path.trim_end_matches('/').into()))
    }

    /// Names of the files in a folder of it (`""`: itself), in order; none if there is no such
    /// folder, or if who asks may not list it.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let path = self.0.join(folder);
        vsi::forget(&path);
        let found = gdal::vsi::read_dir(&path, false).unwrap_or_default();
        let mut names: Vec<_> =
            found.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Copies a file of it to this machine.
    pub fn fetch(&self, name: &str, to: &Path) -> Result<(), TileError> {
        let path = self.0.join(name);
        let cause = |error: io::Error| failed("fetch", &path, &error.to_string());
        let mut from = VsiFile::open(&path).map_err(cause)?;
        let bytes = from.seek(SeekFrom::End(0)).map_err(cause)?;
        from.seek(SeekFrom::Start(0)).map_err(cause)?;
        let mut to = File::create(to).map_err(cause)?;
        // GDAL ends a file where the network ends.
        match io::copy(&mut from, &mut to).map_err(cause)? {
            copied if copied == bytes => to.sync_all().map_err(cause),
            copied => Err(failed("fetch", &path, &format!("{copied} of {bytes} bytes came"))),
        }
    }

    /// Copies a file of this machine into it; a namesake is replaced. It is there whole or not at
    /// all, as the store promises for each of its objects.
    pub fn put(&self, name: &str, from: &Path) -> Result<(), TileError> {
        let path = self.0.join(name);
        let cause = |error: io::Error| failed("put", &path, &error.to_string());
        let mut from = File::open(from).map_err(cause)?;
        let mut to = VsiFile::create(&path).map_err(cause)?;
        io::copy(&mut from, &mut to).map_err(cause)?;
        to.close().map_err(cause)
    }
}

fn failed(doing: &'static str, address: &Path, cause: &str) -> TileError {
    TileError::ObjectStore { doing, address: address.into(), cause: cause.to_owned() }
}
