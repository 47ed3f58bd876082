//! Whether a survey may be exported under a name: what others wrote there stays.

use crate::{ExportError, Format, xlsx};
use rams_domain::LIMITS;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How much of a file is looked at for what every export says at its head.
const HEAD_BYTES: u64 = 1 << 16;

/// Refuses a name that says another format: readers go by it, GDAL among them.
pub(crate) fn check_name(out: &Path, format: Format) -> Result<(), ExportError> {
    let Some(extension) = out.extension().and_then(|it| it.to_str()) else { return Ok(()) };
    let named = extension.parse::<Format>().ok();
    let is_single = matches!(format, Format::GeoJson | Format::Kml | Format::Csv | Format::Xlsx);
    let fits = named == Some(format)
        || format == Format::GeoJson && extension.eq_ignore_ascii_case("json")
        || !is_single && named.is_none();
    if fits {
        return Ok(());
    }
    let extension = extension.to_owned();
    Err(ExportError::OtherExtension { path: out.into(), format, extension })
}

/// Refuses to replace a file that is no earlier export to this format: a set is known by its
/// README, a single file by its head.
pub(crate) fn check_replaced(
    out: &Path,
    format: Format,
    names: &[String],
) -> Result<(), ExportError> {
    let readme = names.iter().find(|name| name.ends_with("_README.txt"));
    if readme.is_some_and(|name| states_limits(&out.with_file_name(name))) {
        return Ok(());
    }
    let of_set = if readme.is_some() { names.len() } else { 1 };
    let mut paths = names.iter().take(of_set).map(|name| out.with_file_name(name));
    let is_ours = |path: &Path| match format {
        Format::Xlsx => xlsx::read_sheet(path, xlsx::READ_ME).is_ok(),
        Format::GeoJson | Format::Kml => states_limits(path),
        _ => false,
    };
    match paths.find(|path| path.exists() && !is_ours(path)) {
        Some(path) => Err(ExportError::NoExport { path, format }),
        None => Ok(()),
    }
}

fn states_limits(path: &Path) -> bool {
    let mut head = vec![];
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    let first = LIMITS.split_once(':').map_or(LIMITS, |(first, _)| first);
    read.is_ok() && String::from_utf8_lossy(&head).contains(first)
}
