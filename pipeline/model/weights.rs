//! All the bytes that make a model: its .onnx, and the files in which that keeps weights.

use crate::{
    error::ModelError,
    external_data::{self, Reference},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

/// No reader of the format takes a model of more, nor is one of more read from memory.
const MOST_BYTES: u64 = i32::MAX as u64;

/// A model's bytes and what they are known by.
#[derive(Debug)]
pub(crate) struct Weights {
    /// The model as one file, with all its weights in it.
    pub(crate) onnx: Vec<u8>,
    /// SHA-256, hex: of the .onnx where that is all; else of the digests of all files, one on a
    /// line, the .onnx first and the others by their names: `sha256sum X.onnx X.data | cut -d' '
    /// -f1 | sha256sum`.
    pub(crate) digest: String,
    /// The other files, as the .onnx names them, with the digest of each.
    pub(crate) files: Vec<(String, String)>,
}

impl Weights {
    /// Reads them and compares them with the digest that a model.toml states. Other files lie in
    /// the .onnx's folder or below, wherever the program was started.
    pub(crate) fn read(path: &Path, stated: Option<&str>) -> Result<Self, ModelError> {
        let own = read(path).map_err(|cause| ModelError::Read { path: path.to_owned(), cause })?;
        let own_digest = digest(&own);
        let differs =
            |expected: &str, found: &str, files: &[(String, String)]| ModelError::Digest {
                what: what(path, files),
                expected: expected.into(),
                found: found.into(),
                hint: if files.is_empty() || expected != own_digest { "" } else { OWN_ALONE },
            };
        let mut folder =
            Folder { onnx: path, root: None, files: BTreeMap::new(), bytes: own.len() as u64 };
        let whole =
            external_data::inline(&own, &mut |reference| folder.values(reference), &|cause| {
                // Of a file that is not the one meant, that is what is wrong.
                match stated.filter(|stated| *stated != own_digest) {
                    Some(expected) => differs(expected, &own_digest, &[]),
                    None => ModelError::Load { path: path.to_owned(), cause },
                }
            })?;
        let files: Vec<_> =
            folder.files.iter().map(|(name, bytes)| (name.clone(), digest(bytes))).collect();
        let digest = if files.is_empty() {
            own_digest.clone()
        } else {
            let all = std::iter::once(&own_digest).chain(files.iter().map(|(_, digest)| digest));
            digest(all.map(|digest| format!("{digest}\n")).collect::<String>().as_bytes())
        };
        match stated.filter(|stated| *stated != digest) {
            Some(expected) => Err(differs(expected, &digest, &files)),
            None => Ok(Self { onnx: whole.unwrap_or(own), digest, files }),
        }
    }
}

/// Added where a model.toml states the digest of the .onnx alone.
const OWN_ALONE: &str = " (that of the .onnx alone; the digest covers its other files too)";

fn what(onnx: &Path, files: &[(String, String)]) -> String {
    match files {
        [] => onnx.display().to_string(),
        [(name, _)] => format!("{} and {name}", onnx.display()),
        more => format!("{} and {} files of weights", onnx.display(), more.len()),
    }
}

/// SHA-256, hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file whole, but none that no memory holds.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let about = fs::metadata(path)?;
    if about.is_file() && about.len() > MOST_BYTES {
        return Err(std::io::Error::other(format!(
            "it has {} bytes, and {MOST_BYTES} are the most",
            about.len()
        )));
    }
    fs::read(path)
}

/// The folder of an .onnx and what was read of it.
struct Folder<'a> {
    onnx: &'a Path,
    /// Without links in it; found when it is needed.
    root: Option<PathBuf>,
    /// By the name that the .onnx gives.
    files: BTreeMap<String, Vec<u8>>,
    /// Of the model as one file, so far.
    bytes: u64,
}

impl Folder<'_> {
    /// The values of a tensor.
    fn values(&mut self, reference: &Reference) -> Result<Vec<u8>, ModelError> {
        let Reference { tensor, location, offset, length } = reference;
        let failed = |onnx: &Path, cause| ModelError::External {
            path: onnx.to_owned(),
            location: location.clone(),
            cause,
        };
        let name = plain(location).map_err(|cause| failed(self.onnx, cause))?;
        if !self.files.contains_key(&name) {
            let bytes = self.read(&name).map_err(|cause| failed(self.onnx, cause))?;
            self.files.insert(name.clone(), bytes);
        }
        let bytes = &self.files[&name];
        self.bytes = self.bytes.saturating_add(*length);
        if self.bytes > MOST_BYTES {
            let cause = format!(
                "with it the model has more than {MOST_BYTES} bytes: export it in half precision"
            );
            return Err(failed(self.onnx, cause));
        }
        let end = offset.checked_add(*length);
        let range =
            end.and_then(|end| Some(usize::try_from(*offset).ok()?..usize::try_from(end).ok()?));
        let values = range.and_then(|range| bytes.get(range)).map(<[u8]>::to_vec);
        values.ok_or_else(|| {
            let (there, wanted) = (bytes.len(), offset.saturating_add(*length));
            let cause = format!(
                "it has {there} bytes, and tensor {tensor} reaches to {wanted}: it is cut short or \
                 of another export, fetch it again with the .onnx"
            );
            failed(self.onnx, cause)
        })
    }

    /// A file of the folder. The error is a cause with its remedy.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let folder = match self.onnx.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let root = match self.root.take() {
            Some(root) => root,
            None => fs::canonicalize(folder)
                .map_err(|error| format!("cannot find its folder: {error}"))?,
        };
        let path = fs::canonicalize(root.join(name)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                format!("{} is not there: fetch it with the .onnx", folder.join(name).display())
            }
            _ => error.to_string(),
        })?;
        let is_within = path.starts_with(&root);
        self.root = Some(root);
        if !is_within {
            let target = path.display();
            return Err(format!(
                "it is a link to {target}, outside of the model's folder: put the file itself there"
            ));
        }
        if !path.is_file() {
            return Err("it is no file: fetch it again with the .onnx".into());
        }
        read(&path).map_err(|error| error.to_string())
    }
}

/// The name of a file within the folder, the same however it is written.
fn plain(location: &str) -> Result<String, String> {
    let mut parts = vec![];
    for part in Path::new(location).components() {
        match part {
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::CurDir => {}
            _ => {
                return Err(
                    "it lies outside of the model's folder: put it beside the .onnx, and name it \
                     so there, as `onnx.save(model, FILE)` of the Python package onnx does, which \
                     writes one whole file"
                        .into(),
                );
            }
        }
    }
    if parts.is_empty() {
        Err("that is no name of a file: export the model again".into())
    } else {
        Ok(parts.join("/"))
    }
}
