//! A folder in an object store, whose files are put and fetched whole.

use crate::{
    TileError, network,
    vsi::{self, VsiFile},
};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
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
/// assert_eq!(folder.names("")?, ["plan.json"]);
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

    /// Names of the files in a folder of it (`""`: itself), in order.
    ///
    /// Errors: a store tells who may not list it no more than that there is nothing, so that it is
    /// an error if it has no file at all.
    pub fn names(&self, folder: &str) -> Result<Vec<String>, TileError> {
        let listed = |path: &Path| {
            vsi::forget(path);
            let found = gdal::vsi::read_dir(path, false).unwrap_or_default();
            let names = found.iter().map(|name| name.to_string_lossy().into_owned());
            names.collect::<BTreeSet<_>>()
        };
        if listed(&self.0).is_empty() {
            let cause = "nothing is listed there; whoever asks must be allowed to list it";
            return Err(failed("list", &self.0, cause));
        }
        Ok(listed(&self.0.join(folder)).into_iter().collect())
    }

    /// The address of a file of it, as GDAL writes it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
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
        // Read before it is begun: what is begun is there once it is closed, however that comes.
        let bytes = fs::read(from).map_err(cause)?;
        let patient = Patience::begin();
        let mut to = VsiFile::create(&path).map_err(cause)?;
        let written = to.write_all(&bytes).and_then(|()| to.close());
        drop(patient);
        written.map_err(cause)
    }
}

/// Lets an upload on this thread take as long as it goes on: the time allowed for a request is one
/// for a part of a file.
struct Patience;

impl Patience {
    const SETTINGS: [(&str, &str); 3] = [
        ("GDAL_HTTP_TIMEOUT", "0"),
        ("GDAL_HTTP_LOW_SPEED_TIME", "60"),
        ("GDAL_HTTP_LOW_SPEED_LIMIT", "1000"),
    ];

    fn begin() -> Self {
        for (key, value) in Self::SETTINGS {
            // Fails only for a key or value with a NUL.
            let _ = gdal::config::set_thread_local_config_option(key, value);
        }
        Self
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        for (key, _) in Self::SETTINGS {
            let _ = gdal::config::clear_thread_local_config_option(key);
        }
    }
}

fn failed(doing: &'static str, address: &Path, cause: &str) -> TileError {
    TileError::ObjectStore { doing, address: address.into(), cause: cause.to_owned() }
}
