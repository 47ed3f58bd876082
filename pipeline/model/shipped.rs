//! Where that lies which comes with the program.

use std::path::{Path, PathBuf};

/// Folders, seen from the one of the program or one above it: of a checkout, and of a package,
/// whose program is in `bin/`.
const PLACES: [&str; 4] = ["", ".runtime", "lib/rams", "share/rams"];

/// The path of a file or folder that comes with the program, such as `models` or
/// `libonnxruntime.so`; `None` where it is not there.
///
/// The nearest wins: beside the program or in a folder above it, itself or in `.runtime/`,
/// `lib/rams/` or `share/rams/` there.
pub fn shipped(name: &str) -> Option<PathBuf> {
    find(&std::env::current_exe().ok()?, name)
}

fn find(program: &Path, name: &str) -> Option<PathBuf> {
    let folders = program.ancestors().skip(1);
    let mut paths =
        folders.flat_map(|folder| PLACES.map(|place| folder.join(place).join(name)).into_iter());
    paths.find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;
    use std::fs;

    #[test]
    fn what_comes_with_a_program_is_found_in_a_checkout_and_in_a_package() {
        let root = tempfile::tempdir().unwrap();
        let make = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(&path).unwrap();
            path
        };
        let (library, models) = (make("work/.runtime/lib.so"), make("work/models"));
        let built = root.path().join("work/target/debug/rams");
        assert_eq!(find(&built, "lib.so"), Some(library));
        assert_eq!(find(&built, "models"), Some(models));

        let (library, models) = (make("usr/lib/rams/lib.so"), make("usr/share/rams/models"));
        let above = make("share/rams/models");
        let installed = root.path().join("usr/bin/rams");
        assert_eq!(find(&installed, "lib.so"), Some(library));
        assert_eq!(find(&installed, "models"), Some(models), "the nearer one, not {above:?}");
        assert_eq!(find(&installed, "no-such-thing"), None);
    }
}
