//! The models of a run: each once, each with a name of its own.

use crate::distinct;
use anyhow::ensure;
use rams_detect::Manifest;
use std::path::PathBuf;

/// Reads models in the order given. Two of one name get different names in the survey, as orthomosaics do;
/// one that is given twice, under whatever name or description, is an error: what it finds would count
/// twice, as if two models agreed.
pub(crate) fn read(paths: &[PathBuf], tile_px: Option<u32>) -> anyhow::Result<Vec<Manifest>> {
    let mut manifests: Vec<Manifest> = vec![];
    for (path, at) in paths.iter().zip(0..) {
        let mut manifest = Manifest::read(path, tile_px)?;
        let model = &mut manifest.model;
        let same = manifests.iter().position(|other| other.model.digest == model.digest);
        ensure!(
            same.is_none(),
            "cannot run {} and {}: they are one model (sha256 {}), and all that it finds would count twice; give it once",
            paths[same.unwrap_or(at)].display(),
            path.display(),
            model.digest
        );
        model.name = distinct::name(&model.name, manifests.iter().map(|other| other.model.name.as_str()));
        manifests.push(manifest);
    }
    Ok(manifests)
}
