//! Where a model lies: a folder with a model.toml, a folder with one .onnx, or an .onnx.

use crate::{
    error::ModelError,
    onnx::Onnx,
    onnx_metadata::OnnxMetadata,
    partial_manifest::PartialManifest,
    weights::{Weights, digest},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A model's files.
pub(crate) struct ModelFiles {
    /// What a person pointed to or wrote: the model.toml if there is one, else the .onnx.
    pub(crate) path: PathBuf,
    pub(crate) onnx: PathBuf,
    /// What the model.toml says; nothing where there is none.
    pub(crate) toml: PartialManifest,
    /// SHA-256, hex, of the model.toml.
    pub(crate) toml_sha256: Option<String>,
}

impl ModelFiles {
    /// Finds the .onnx and the model.toml beside it.
    pub(crate) fn find(path: &Path) -> Result<Self, ModelError> {
        let (folder, given) =
            if path.is_dir() { (path, None) } else { (path.parent().unwrap_or(path), Some(path)) };
        let toml_path = folder.join("model.toml");
        let read = toml_path.is_file().then(|| parse(&toml_path)).transpose()?;
        // One that is about another .onnx is not this one's.
        let is_about = |toml: &PartialManifest| match (given, &toml.onnx) {
            (Some(given), Some(named)) => folder.join(named).file_name() == given.file_name(),
            _ => true,
        };
        let (toml, toml_sha256) = read.filter(|(toml, _)| is_about(toml)).unzip();
        let named = toml
            .as_ref()
            .and_then(|toml: &PartialManifest| toml.onnx.as_ref())
            .map(|named| folder.join(named));
        let onnx = match (given, named) {
            (Some(given), _) => given.to_owned(),
            (None, Some(named)) => named,
            (None, None) => only_onnx(folder)?,
        };
        let path = if toml.is_some() { toml_path } else { onnx.clone() };
        Ok(Self { path, onnx, toml: toml.unwrap_or_default(), toml_sha256 })
    }

    /// The digest that the model.toml states, SHA-256, hex.
    pub(crate) fn stated_digest(&self) -> Option<&str> {
        let stated = self.toml.digest.as_deref();
        stated.map(|digest| digest.strip_prefix("sha256:").unwrap_or(digest))
    }

    /// What the model.toml says, over what the .onnx says, over what its name and digest tell.
    pub(crate) fn partial(
        &self,
        weights: &Weights,
    ) -> Result<(PartialManifest, OnnxMetadata), ModelError> {
        let Weights { onnx, digest, .. } = weights;
        let unusable = |cause| ModelError::Load { path: self.onnx.clone(), cause };
        let onnx = Onnx::parse(onnx).map_err(unusable)?;
        let mut metadata = OnnxMetadata::read(&onnx, &self.toml)
            .map_err(|cause| ModelError::Metadata { path: self.onnx.clone(), cause })?;
        let stem = self.onnx.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let short = digest.get(..12).unwrap_or(digest).to_owned();
        let last =
            PartialManifest { name: stem, version: Some(short), ..PartialManifest::default() };
        Ok((self.toml.clone().over(std::mem::take(&mut metadata.partial)).over(last), metadata))
    }

    /// With what follows from the rest.
    pub(crate) fn complete(
        &self,
        mut partial: PartialManifest,
        metadata: &OnnxMetadata,
        tile_px: Option<u32>,
    ) -> PartialManifest {
        partial.input.tile_px = tile_px.or(partial.input.tile_px);
        partial.complete(metadata.threshold, metadata.overlap_px);
        partial
    }
}

/// What a model.toml says, and its digest.
pub(crate) fn parse(path: &Path) -> Result<(PartialManifest, String), ModelError> {
    let text = fs::read_to_string(path)
        .map_err(|cause| ModelError::Read { path: path.to_owned(), cause })?;
    let invalid = |cause: toml::de::Error| ModelError::Manifest {
        path: path.to_owned(),
        cause: cause.to_string(),
    };
    Ok((toml::from_str(&text).map_err(invalid)?, digest(text.as_bytes())))
}

/// The one .onnx of a folder.
fn only_onnx(folder: &Path) -> Result<PathBuf, ModelError> {
    let unreadable = |cause| ModelError::Read { path: folder.to_owned(), cause };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let is_onnx = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
    };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(is_onnx).collect();
    match (found.pop(), found.len()) {
        (Some(only), 0) => Ok(only),
        (_, more) => {
            let count = if more == 0 { 0 } else { more + 1 };
            Err(ModelError::WhichOnnx { path: folder.to_owned(), count })
        }
    }
}
