//! The text of a VRT -> the files that it makes GDAL open.

use crate::{TileError, vsi};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};
use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
};

/// GDAL takes a file for a VRT by these letters near its start.
const SIGN: &[u8] = b"<VRTDataset";

/// GDAL looks for them in the first 1,024 bytes.
const HEAD_BYTES: u64 = 4096;

/// Elements whose text is the name of a file.
const FILE_ELEMENTS: [&str; 4] = ["SourceFilename", "SourceDataset", "DEMPath", "DstDataset"];

/// What a VRT names.
#[derive(Default)]
struct Names {
    /// As they stand in the text; and whether they count from the VRT's folder.
    sources: Vec<(String, bool)>,
    /// An element that changes how sources are opened.
    options: bool,
}

/// Every file that a raster is made of, itself first: of a VRT its sources, and theirs, in a fixed
/// order. Sources that are not there are in it; of what is no VRT it is the file alone.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, TileError> {
    let mut found = vec![path.to_owned()];
    let mut seen = BTreeSet::from([path.to_owned()]);
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        next += 1;
        let Some((folder, names)) = names(&path)? else { continue };
        let place =
            |(source, relative)| if relative { folder.join(source) } else { PathBuf::from(source) };
        found.extend(
            names.sources.into_iter().map(place).filter(|source| seen.insert(source.clone())),
        );
    }
    Ok(found)
}

/// The folder of a VRT, its links followed as GDAL follows them, and what it names; `None` for any
/// other file.
fn names(path: &Path) -> Result<Option<(PathBuf, Names)>, TileError> {
    if vsi::is_virtual(path) {
        return Ok(None);
    }
    // What is missing names nothing; who reads it finds out.
    let Ok(real) = path.canonicalize() else { return Ok(None) };
    let failed = |cause| TileError::Io { path: path.to_owned(), cause };
    let mut file = File::open(&real).map_err(failed)?;
    let mut bytes = vec![];
    if real.is_dir() {
        return Ok(None);
    }
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    if !bytes.windows(SIGN.len()).any(|at| at == SIGN) {
        return Ok(None);
    }
    file.read_to_end(&mut bytes).map_err(failed)?;
    let names = parse(&String::from_utf8_lossy(&bytes)).map_err(|cause| TileError::Open {
        path: path.to_owned(),
        cause: format!("it is no valid VRT: {cause}"),
    })?;
    Ok(Some((real.parent().unwrap_or(Path::new("/")).to_owned(), names)))
}

/// Refuses a VRT whose sources lie outside its own folder, or are opened in a way of their own,
/// unless that is allowed; and in any case one that names what is no file of this machine.
pub(crate) fn check(path: &Path, allow_outside: bool) -> Result<(), TileError> {
    let Some((home, _)) = names(path)? else { return Ok(()) };
    let named = || path.to_owned();
    for file in files(path)? {
        let source_path = file.display().to_string();
        if file != path && !is_file_name(&source_path) {
            return Err(TileError::NoFile { path: named(), source_path });
        }
        let is_inside = file == path || real(&file).starts_with(&home);
        if !is_inside && !allow_outside {
            return Err(TileError::Outside { path: named(), source_path, folder: home });
        }
        if names(&file)?.is_some_and(|(_, names)| names.options) && !allow_outside {
            return Err(TileError::SourceOptions { path: file });
        }
    }
    Ok(())
}

/// Whether GDAL takes a name for that of a file, and not for an address, a text, a place in a
/// virtual file system or the argument of a driver: `NETCDF:...`. A single letter is a disk.
fn is_file_name(name: &str) -> bool {
    let driver = name.split_once(':').map_or("", |(driver, _)| driver);
    let is_driver = driver.len() > 1
        && driver.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    !name.contains("/vsi") && !name.contains("://") && !name.contains('<') && !is_driver
}

/// A path with all links followed, of what is not there as far as it is.
fn real(path: &Path) -> PathBuf {
    let mut ancestors = path.ancestors();
    let there = ancestors.find_map(|at| Some((at, at.canonicalize().ok()?)));
    match there {
        Some((at, real)) => {
            let rest = path.strip_prefix(at).unwrap_or(Path::new(""));
            // What is not there cannot be left by `..`: such a path counts as outside.
            if rest.components().any(|part| part == Component::ParentDir) {
                PathBuf::new()
            } else {
                real.join(rest)
            }
        }
        None => std::env::current_dir().unwrap_or_default().join(path),
    }
}

fn parse(text: &str) -> Result<Names, String> {
    let mut reader = Reader::from_str(text);
    let mut names = Names::default();
    // The element whose text is a name, and whether that counts from the VRT's folder.
    let mut open: Option<(bool, String)> = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => return Ok(names),
            Event::Start(element) => {
                names.options |= is(&element, "OpenOptions");
                if is_file(&element)? {
                    open = Some((is_relative(&element)?, String::new()));
                }
            }
            Event::Text(text) => open.iter_mut().for_each(|(_, name)| name.push_str(&text)),
            Event::CData(text) => open.iter_mut().for_each(|(_, name)| name.push_str(&text)),
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(letter) => letter.to_string(),
                    None => resolve_predefined_entity(&reference).unwrap_or_default().to_owned(),
                };
                open.iter_mut().for_each(|(_, name)| name.push_str(&text));
            }
            Event::End(_) => {
                if let Some((relative, name)) =
                    open.take().filter(|(_, name)| !name.trim().is_empty())
                {
                    names.sources.push((name.trim().to_owned(), relative));
                }
            }
            _ => {}
        }
    }
}

/// GDAL compares names of elements without regard to case.
fn is(element: &BytesStart<'_>, name: &str) -> bool {
    element.local_name().as_ref().eq_ignore_ascii_case(name)
}

/// Whether the text of an element names a file: of those above, of a geolocation array, or of a
/// step of a processed dataset.
fn is_file(element: &BytesStart<'_>) -> Result<bool, String> {
    let key =
        |name| attribute(element, name).map(|value| value.unwrap_or_default().to_ascii_uppercase());
    Ok(FILE_ELEMENTS.iter().any(|name| is(element, name))
        || (is(element, "MDI") && key("key")?.ends_with("_DATASET"))
        || (is(element, "Argument") && key("name")?.contains("FILENAME")))
}

fn is_relative(element: &BytesStart<'_>) -> Result<bool, String> {
    Ok(attribute(element, "relativeToVRT")?.is_some_and(|value| value.trim() == "1"))
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.local_name().as_ref().eq_ignore_ascii_case(name) {
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}
