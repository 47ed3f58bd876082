//! Flags of `rams man`.

use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct ManArgs {
    /// Folder for rams.1 and a page for each command, for rams.bash, _rams (zsh) and rams.fish
    pub(crate) dir: PathBuf,
}
