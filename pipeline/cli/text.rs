//! Text files that a person names.

use anyhow::anyhow;
use std::{fs, io::ErrorKind, path::Path};

/// The text of a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).map_err(|error| {
        let cause = match error.kind() {
            ErrorKind::NotFound => "there is no such file; check its name and its folder".into(),
            ErrorKind::IsADirectory => "it is a folder; give the file".into(),
            ErrorKind::InvalidData => "it is no text; give a file of text in UTF-8".into(),
            _ => error.to_string(),
        };
        anyhow!("cannot read {}: {cause}", path.display())
    })
}
