//! Path -> what the file says of who made it and when.

use crate::{TileError, dataset_open};
use gdal::Metadata;
use rams_domain::{MetadataField, ReadAs, SurveyMetadata};
use std::path::Path;

/// Items of a raster's metadata (GDAL's domain and key), the field that each states, and a doubt
/// that goes with it. The first one that states a field counts.
const ITEMS: [(&str, &str, MetadataField, &str); 4] = [
    ("IMAGERY", "ACQUISITIONDATETIME", MetadataField::FlightDates, ""),
    ("EXIF", "EXIF_DateTimeOriginal", MetadataField::FlightDates, ""),
    // Software that joins photographs writes when it did so.
    ("", "TIFFTAG_DATETIME", MetadataField::FlightDates, ", perhaps the day of its processing"),
    ("", "TIFFTAG_ARTIST", MetadataField::Operator, ""),
];

/// Reads what an orthomosaic states of its survey, with the name of the item as source: the day of
/// the flight and who flew. A day that is none, as the `0000:00:00` of some software, states
/// nothing. Errors are those of [`open`](crate::open) for a file that cannot be opened.
pub fn image_metadata(path: &Path, read_as: &ReadAs) -> Result<SurveyMetadata, TileError> {
    let dataset = dataset_open::dataset(path, read_as.allow_outside, false)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut metadata = SurveyMetadata::default();
    for (domain, key, field, doubt) in ITEMS {
        let Some(text) = dataset.metadata_item(key, domain) else { continue };
        if metadata.get(field).is_some() {
            continue;
        }
        let text = if field == MetadataField::FlightDates { day(&text) } else { text };
        // What is no date was written by a program: no one could put it right in the file.
        let _ = metadata.state(field, &text, &format!("{key} of {name}{doubt}"));
    }
    Ok(metadata)
}

/// The day of a time such as `2026:05:14 10:11:12`, as TIFF and Exif write it, or of ISO 8601.
fn day(time: &str) -> String {
    time.trim().chars().take(10).map(|c| if c == ':' { '-' } else { c }).collect()
}
