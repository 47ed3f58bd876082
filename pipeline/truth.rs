//! Truth as files hold it: COCO annotations, or the GeoPackage of a scene or of labels.

use anyhow::{Context, bail, ensure};
use rams_evaluate::{CocoTruth, TrueImage};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Endings that the names of truth files have beyond the orthomosaic's.
const ENDINGS: [&str; 2] = ["_truth", "_labels"];

/// The truth of one file.
pub(crate) struct TruthFile {
    pub(crate) path: PathBuf,
    pub(crate) truth: CocoTruth,
}

/// Reads files, and those of folders.
pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<TruthFile>> {
    let mut files = vec![];
    for path in paths {
        if path.is_dir() { files.extend(within(path)?) } else { files.push(path.clone()) }
    }
    files.into_iter().map(read_file).collect()
}

/// The truth files of a folder, by name; those called so before any other JSON, and JSON before
/// GeoPackages, because a scene may have both.
fn within(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    let called = |path: &Path| ENDINGS.iter().any(|ending| stem(path).ends_with(ending));
    let kinds: [fn(&Path, bool) -> bool; 3] = [
        |path, called| called && has_extension(path, "json"),
        |path, _| has_extension(path, "json"),
        |path, called| called && has_extension(path, "gpkg"),
    ];
    let found = kinds.iter().map(|kind| files.iter().filter(|path| kind(path, called(path))).cloned());
    let found = found.map(Iterator::collect::<Vec<_>>).find(|found| !found.is_empty());
    found.with_context(|| format!("cannot find truth in {}: give COCO JSON or *_truth.gpkg", folder.display()))
}

fn read_file(path: PathBuf) -> anyhow::Result<TruthFile> {
    let truth = if has_extension(&path, "gpkg") {
        let objects =
            rams_store::truth_boxes(&path)?.into_iter().map(|object| (object.class, object.px, object.ignored));
        let name = ENDINGS.iter().fold(stem(&path), |name, ending| name.trim_end_matches(ending).to_owned());
        let image = TrueImage { id: 1, name, ground_m2: None, objects: objects.collect() };
        CocoTruth { images: vec![image], categories: vec![] }
    } else if has_extension(&path, "json") {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        CocoTruth::parse(&text, &path.display().to_string())?
    } else {
        bail!("cannot read {} as truth: give COCO .json or a .gpkg with a layer `truth` or `labels`", path.display());
    };
    ensure!(!truth.images.is_empty(), "cannot use {}: it lists no image", path.display());
    Ok(TruthFile { path, truth })
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
