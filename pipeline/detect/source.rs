//! Where a model lies: a folder with a model.toml, a folder with one .onnx, or an .onnx.

use crate::{DetectError, draft::Draft, onnx::Onnx, said::Said};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A model's files.
pub(crate) struct Source {
    /// What a person pointed to or wrote: the model.toml if there is one, else the .onnx.
    pub(crate) path: PathBuf,
    pub(crate) onnx: PathBuf,
    /// What the model.toml says.
    pub(crate) own: Draft,
}

impl Source {
    /// Finds the .onnx and the model.toml beside it.
    pub(crate) fn find(path: &Path) -> Result<Self, DetectError> {
        let (folder, given) = if path.is_dir() { (path, None) } else { (path.parent().unwrap_or(path), Some(path)) };
        let toml = folder.join("model.toml");
        let own = toml.is_file().then(|| parse(&toml)).transpose()?;
        // One that is about another .onnx is not this one's.
        let is_about = |own: &Draft| match (given, &own.onnx) {
            (Some(given), Some(named)) => folder.join(named).file_name() == given.file_name(),
            _ => true,
        };
        let own = own.filter(is_about);
        let named = own.as_ref().and_then(|own| own.onnx.as_ref()).map(|named| folder.join(named));
        let onnx = match (given, named) {
            (Some(given), _) => given.to_owned(),
            (None, Some(named)) => named,
            (None, None) => only_onnx(folder)?,
        };
        Ok(Self { path: if own.is_some() { toml } else { onnx.clone() }, onnx, own: own.unwrap_or_default() })
    }

    /// What the model.toml says, over what the .onnx says.
    pub(crate) fn draft(&self, weights: &[u8], digest: &str) -> Result<(Draft, Said), DetectError> {
        let unusable = |cause| DetectError::Load { path: self.onnx.clone(), cause };
        let onnx = Onnx::parse(weights).map_err(unusable)?;
        let mut said =
            Said::by(&onnx, &self.own).map_err(|cause| DetectError::Said { path: self.onnx.clone(), cause })?;
        let stem = self.onnx.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let short = digest.get(..12).unwrap_or(digest).to_owned();
        let last = Draft { name: stem, version: Some(short), ..Draft::default() };
        Ok((self.own.clone().over(std::mem::take(&mut said.draft)).over(last), said))
    }

    /// With what follows from the rest.
    pub(crate) fn complete(&self, mut draft: Draft, said: &Said, tile_px: Option<u32>) -> Draft {
        draft.input.tile_px = tile_px.or(draft.input.tile_px);
        draft.complete(said.threshold, said.overlap_px);
        draft
    }
}

fn parse(path: &Path) -> Result<Draft, DetectError> {
    let text = fs::read_to_string(path).map_err(|cause| DetectError::Read { path: path.to_owned(), cause })?;
    toml::from_str(&text).map_err(|error| DetectError::Manifest { path: path.to_owned(), cause: error.to_string() })
}

/// The one .onnx of a folder.
fn only_onnx(folder: &Path) -> Result<PathBuf, DetectError> {
    let unreadable = |cause| DetectError::Read { path: folder.to_owned(), cause };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let is_onnx = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_onnx).collect();
    match (found.pop(), found.len()) {
        (Some(only), 0) => Ok(only),
        (_, more) => {
            let count = if more == 0 { 0 } else { more + 1 };
            Err(DetectError::WhichOnnx { path: folder.to_owned(), count })
        }
    }
}
