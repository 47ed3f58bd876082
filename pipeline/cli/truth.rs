//! Truth as files hold it: COCO annotations, or the GeoPackage of a scene or of labels.

use crate::text;
use anyhow::{Context, bail, ensure};
use rams_domain::PxBox;
use rams_evaluate::{CocoTruth, TrueImage};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Endings that the names of truth files have beyond the orthomosaic's.
const ENDINGS: [&str; 2] = ["_truth", "_labels"];

/// Extensions of maps of a truth. Only a GeoPackage may hold boxes.
const MAPS: [&str; 3] = ["gpkg", "geojson", "shp"];

/// The truth of one file.
pub(crate) struct TruthFile {
    pub(crate) path: PathBuf,
    pub(crate) truth: CocoTruth,
}

impl TruthFile {
    /// The GeoPackage of this truth: itself, or the one beside the JSON of a single image.
    pub(crate) fn map(&self) -> Option<PathBuf> {
        let map = self.path.with_extension("gpkg");
        (self.truth.images.len() == 1 && map.is_file()).then_some(map)
    }
}

/// Reads files, and those of folders.
pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<TruthFile>> {
    let mut files = vec![];
    for path in paths {
        if path.is_dir() { files.extend(within(path)?) } else { files.push(path.clone()) }
    }
    files.into_iter().map(read_file).collect()
}

/// Whether a file holds places of objects, or ground, without boxes in pixels of an orthomosaic.
pub(crate) fn is_ground(path: &Path) -> anyhow::Result<bool> {
    let is_map = MAPS.iter().any(|extension| has_extension(path, extension));
    Ok(is_map && path.is_file() && !rams_store::has_boxes(path)?)
}

/// The truth files of a folder, by name: of each orthomosaic the COCO JSON called so, else the
/// GeoPackage (a scene has both); other JSON only where no file is called so.
fn within(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    let (maps, json): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|path| has_extension(path, "json") || has_extension(path, "gpkg"))
        .partition(|path| has_extension(path, "gpkg"));
    let called = |path: &Path| ENDINGS.iter().any(|ending| stem(path).ends_with(ending));
    let (mut found, other): (Vec<_>, Vec<_>) = json.into_iter().partition(|path| called(path));
    let in_json: Vec<String> = found.iter().map(|path| orthomosaic(path)).collect();
    found.extend(
        maps.into_iter().filter(|path| called(path) && !in_json.contains(&orthomosaic(path))),
    );
    let found = if found.is_empty() { other } else { found };
    ensure!(
        !found.is_empty(),
        "cannot find truth in {}: give COCO JSON or *_truth.gpkg",
        folder.display()
    );
    Ok(found)
}

/// The name of the orthomosaic that a file called so is about.
pub(crate) fn orthomosaic(path: &Path) -> String {
    let stem = stem(path);
    ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)).unwrap_or(&stem).to_owned()
}

fn read_file(path: PathBuf) -> anyhow::Result<TruthFile> {
    ensure!(
        path.exists(),
        "cannot read {}: there is no such file; check its name and its folder",
        path.display()
    );
    let truth = if has_extension(&path, "gpkg") {
        let objects = rams_store::truth_boxes(&path)?
            .into_iter()
            .map(|object| (object.class, object.px, object.ignored));
        let (name, objects) = (orthomosaic(&path), objects.collect());
        let image = TrueImage {
            id: 1,
            name,
            size_px: None,
            gsd_m: None,
            valid_m2: None,
            objects,
            outlines: vec![],
        };
        CocoTruth { images: vec![image], categories: vec![] }
    } else if has_extension(&path, "json") {
        CocoTruth::parse(&text::read(&path)?, &path.display().to_string())?
    } else {
        bail!(
            "cannot read {} as truth: give COCO .json or a .gpkg with a layer `truth` or `labels`",
            path.display()
        );
    };
    ensure!(!truth.images.is_empty(), "cannot use {}: it lists no image", path.display());
    Ok(TruthFile { path, truth })
}

/// Boxes in pixels of another raster would all be misses.
pub(crate) fn check_size(
    image: &TrueImage,
    file: &Path,
    raster_px: [f64; 2],
) -> anyhow::Result<()> {
    let [width, height] = image.size_px.unwrap_or(raster_px);
    ensure!(
        [width, height] == raster_px,
        "cannot use {}: it is about {} of {width} x {height} px, and the orthomosaic has {} x {} \
         px; give the truth of this raster",
        file.display(),
        image.name,
        raster_px[0],
        raster_px[1]
    );
    let is_outside = |px: &PxBox| px.x1 <= 0.0 || px.y1 <= 0.0 || px.x0 >= width || px.y0 >= height;
    let mut numbered = (1..).zip(&image.objects);
    if let Some((number, (class, px, _))) = numbered.find(|(_, (_, px, _))| is_outside(px)) {
        let PxBox { x0, y0, x1, y1 } = px;
        bail!(
            "cannot use {}: its object {number}, {class}, has the box {x0} {y0} to {x1} {y1} px, \
             outside {} of {width} x {height} px; give boxes in pixels of this raster (those of \
             a flight hold for no part that is cut out of it)",
            file.display(),
            image.name
        );
    }
    Ok(())
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
