//! Files that one person alone reads.

use std::{fs, io::Write, path::Path};

/// Writes a file that nobody else on this machine can read, in place of any that is there.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(fs::remove_file(path));
    options.open(path)?.write_all(text.as_bytes())
}
