//! The models of a run: each once, each with a name of its own.

use crate::{SurveyError, distinct};
use rams_model::Manifest;
use std::path::PathBuf;

/// Reads models in the order given. Two of one name get different names in the survey, as
/// orthomosaics do; one that is given twice, under whatever name or description, is an error: what
/// it finds would count twice, as if two models agreed.
pub fn read(paths: &[PathBuf], tile_px: Option<u32>) -> Result<Vec<Manifest>, SurveyError> {
    let mut manifests: Vec<Manifest> = vec![];
    for path in paths {
        let mut manifest = Manifest::read(path, tile_px)?;
        let model = &mut manifest.model;
        if let Some(same) = manifests.iter().position(|other| other.model.digest == model.digest) {
            let (one, other, digest) = (paths[same].clone(), path.clone(), model.digest.clone());
            return Err(SurveyError::SameModel { one, other, digest });
        }
        model.name =
            distinct::name(&model.name, manifests.iter().map(|other| other.model.name.as_str()));
        manifests.push(manifest);
    }
    Ok(manifests)
}
