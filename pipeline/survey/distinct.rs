//! What is given more than once: the same thing counts once, and two of one name get different
//! names.

use std::path::{Path, PathBuf};

/// A name that none of those taken has: `best`, `best-2`, `best-3`.
pub fn name<'a>(name: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken.clone().any(|other| other == name)).unwrap_or_default()
}

/// The first two of some paths that are one file, however they are written. Twice the same evidence
/// would count twice.
pub fn twice(paths: &[PathBuf]) -> Option<[&Path; 2]> {
    // What lies in no folder, as /vsicurl/https://..., is the same if it is written so.
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let places: Vec<PathBuf> = paths.iter().map(|path| place(path)).collect();
    let first = |at: usize| places[..at].iter().position(|other| *other == places[at]);
    (0..paths.len()).find_map(|at| Some([paths[first(at)?].as_path(), paths[at].as_path()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_its_name() {
        let named = |taken: &[&str]| name("best", taken.iter().copied());
        assert_eq!(named(&[]), "best");
        assert_eq!(named(&["best"]), "best-2");
        assert_eq!(named(&["best", "best-2", "other"]), "best-3");
    }

    #[test]
    fn one_file_is_one_however_it_is_written() {
        let paths = |all: &[&str]| all.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(twice(&paths(&["/tmp", "/", "/vsicurl/a"])), None);
        let [one, other] = [Path::new("/tmp"), Path::new("/tmp/../tmp/.")];
        assert_eq!(twice(&paths(&["/", "/tmp", "/tmp/../tmp/."])), Some([one, other]));
        assert!(twice(&paths(&["/vsicurl/a", "/vsicurl/a"])).is_some());
    }
}
