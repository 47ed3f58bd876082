//! What a model is called and what it names, without its weights.

use crate::{Manifest, ModelError, model_files, partial_manifest::PartialManifest};
use rams_domain::{Class, EoCategory, GeometryKind, Thresholds};
use std::path::Path;

/// A model as far as an evaluation of its predictions needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// SHA-256, hex, of its files, if its model.toml states it.
    pub digest: Option<String>,
    /// What it was trained on, each line beginning with a file; empty where that is not said.
    pub training_data: Vec<String>,
    /// Its classes, in the order of its model.toml.
    pub classes: Vec<OutlineClass>,
}

/// A class of such a model.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlineClass {
    /// Its name.
    pub name: String,
    /// Least score of a find, 0 to 1.
    pub threshold: Thresholds,
    /// The coarser class that it is a kind of.
    pub parent: Option<String>,
    /// How its features are drawn, as far as that is said.
    pub geometry: Option<GeometryKind>,
    /// Its category of explosive ordnance, as far as that is said.
    pub eo_category: Option<EoCategory>,
}

impl Outline {
    /// Reads the model.toml of a folder alone, so that predictions can be evaluated where the
    /// weights are not; one that leaves something to the .onnx is read with it.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("model.toml");
        let stated = path.is_file().then(|| model_files::parse(&path)).transpose();
        match stated.map(|stated| stated.and_then(|(partial, _)| Self::of(partial))) {
            Ok(Some(outline)) => Ok(outline),
            stated => {
                let whole = Manifest::read(folder, None).map(Self::from);
                whole.map_err(|error| stated.err().unwrap_or(error))
            }
        }
    }

    /// `None` where it does not say enough.
    fn of(partial: PartialManifest) -> Option<Self> {
        let classes = partial.class.into_iter().map(|class| {
            Some(OutlineClass {
                name: class.name,
                threshold: class.threshold?,
                parent: class.parent,
                geometry: class.geometry,
                eo_category: class.eo_category,
            })
        });
        let classes: Vec<OutlineClass> = classes.collect::<Option<_>>()?;
        let digest = partial.digest.map(|digest| digest.trim_start_matches("sha256:").to_owned());
        let training_data = partial.training_data.unwrap_or_default();
        Some(Self { name: partial.name?, digest, training_data, classes })
            .filter(|it| !it.classes.is_empty())
    }
}

impl From<Manifest> for Outline {
    fn from(manifest: Manifest) -> Self {
        let class = |class: Class| {
            let Class { name, threshold, parent, geometry, eo_category, .. } = class;
            let (geometry, eo_category) = (Some(geometry), Some(eo_category));
            OutlineClass { name, threshold, parent, geometry, eo_category }
        };
        let (model, training_data) = (manifest.model, manifest.training_data);
        let classes = model.classes.into_iter().map(class).collect();
        Self { name: model.name, digest: Some(model.digest), training_data, classes }
    }
}
