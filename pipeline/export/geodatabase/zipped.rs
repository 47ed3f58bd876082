//! A folder -> a ZIP archive that holds it.

use crate::Halt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

/// Writes the files of a folder under its name. Their time is that of the format's beginning, so
/// that the same files give the same bytes.
pub(super) fn write(folder: &Path, archive: &Path) -> Result<(), Halt> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.sort();
    let mut zip = ZipWriter::new(File::create(archive)?);
    for path in files {
        let mut file = File::open(&path)?;
        let is_large = file.metadata()?.len() >= u64::from(u32::MAX);
        let options = SimpleFileOptions::default()
            .last_modified_time(DateTime::default())
            .large_file(is_large);
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        zip.start_file(format!("{name}/{file_name}"), options).map_err(io::Error::from)?;
        io::copy(&mut file, &mut zip)?;
    }
    zip.finish().map_err(io::Error::from)?;
    Ok(())
}
