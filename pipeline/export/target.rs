//! Whether a survey may be exported under a name: what others wrote there stays.

use crate::{ExportError, Format, xlsx};
use rams_domain::LIMITS;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How much of a file is looked at for what every export says at its head.
const HEAD_BYTES: u64 = 1 << 16;

/// Refuses a name that says another format: readers go by it, GDAL among them.
pub(crate) fn check_name(out: &Path, format: Format) -> Result<(), ExportError> {
    let Some(extension) = out.extension().and_then(|it| it.to_str()) else { return Ok(()) };
    let named = extension.parse::<Format>().ok();
    let fits = named == Some(format)
        || format == Format::GeoJson && extension.eq_ignore_ascii_case("json")
        || !is_one_file(format) && named.is_none();
    if fits {
        return Ok(());
    }
    let extension = extension.to_owned();
    Err(ExportError::OtherExtension { path: out.into(), format, extension })
}

/// What the names of an export begin with. Those of a set lose the ending of their format alone:
/// `site.v1` and `site.v2` are two.
pub(crate) fn stem(out: &Path, format: Format) -> String {
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    if is_one_file(format) {
        return part(out.file_stem());
    }
    let name = part(out.file_name());
    let own = [format!(".{format}.zip"), format!(".{format}"), ".zip".to_owned()];
    let stem = own.iter().find_map(|ending| before(&name, ending));
    stem.map(str::to_owned).unwrap_or(name)
}

/// What stands before an ending, in small letters or capitals.
fn before<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let (stem, rest) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    (!stem.is_empty() && rest.eq_ignore_ascii_case(ending)).then_some(stem)
}

/// Whether the name is that of a file, and not of a set.
fn is_one_file(format: Format) -> bool {
    matches!(format, Format::GeoJson | Format::Kml | Format::Csv | Format::Xlsx)
}

/// Refuses to replace a file that is no earlier export to this format: a set is known by its
/// README, a single file by its head.
pub(crate) fn check_replaced(
    out: &Path,
    format: Format,
    names: &[String],
) -> Result<(), ExportError> {
    let readme = names.iter().find(|name| is_readme(name));
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

/// Whether a file of an export is the README of its set.
pub(crate) fn is_readme(name: &str) -> bool {
    name.ends_with("_README.txt")
}

fn states_limits(path: &Path) -> bool {
    let mut head = vec![];
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    let first = LIMITS.split_once(':').map_or(LIMITS, |(first, _)| first);
    read.is_ok() && String::from_utf8_lossy(&head).contains(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_called_as_it_is_named_but_for_the_ending_of_its_format() {
        for (out, format, expected) in [
            ("a/site.v1", Format::Shp, "site.v1"),
            ("a/site.v2", Format::Gdb, "site.v2"),
            ("site.v2.GDB.zip", Format::Gdb, "site.v2"),
            ("site.gdb", Format::Gdb, "site"),
            ("site.zip", Format::Gdb, "site"),
            ("site.Fgb", Format::Fgb, "site"),
            ("imsma", Format::Imsma, "imsma"),
            ("site.v1.kml", Format::Kml, "site.v1"),
            ("site.json", Format::GeoJson, "site"),
        ] {
            assert_eq!(stem(Path::new(out), format), expected, "{out} as {format}");
        }
    }
}
