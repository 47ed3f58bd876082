//! The formats a survey leaves the house in.

use std::fmt;
use std::str::FromStr;

/// A format of [`crate::export`]. All of them are in WGS 84, longitude before latitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 7946, one file: features, hazard areas and gaps, told apart by the property `layer`.
    GeoJson,
    /// KML 2.2, one file: a folder for each of hazard areas, features and gaps.
    Kml,
    /// Shapefiles, one for each layer and geometry type.
    Shp,
    /// Turning points of the hazard areas, and the features as evidence points.
    Csv,
    /// The tables of CSV as one Excel workbook.
    Xlsx,
    /// What IMSMA Core takes: GeoJSON and CSV with its ids, links and enumerations.
    Imsma,
    /// FlatGeobuf, one file for each layer.
    Fgb,
    /// Esri file geodatabase, one zipped folder: a feature class for each layer and geometry type.
    Gdb,
}

/// A format that no one writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot export to format `{name}`; it is one of geojson, kml, shp, csv, xlsx, imsma, fgb, gdb"
)]
pub struct UnknownFormat {
    /// As typed.
    pub name: String,
}

impl Format {
    /// All of them, in the order in which help lists them.
    pub const ALL: [Format; 8] = [
        Format::GeoJson,
        Format::Kml,
        Format::Shp,
        Format::Csv,
        Format::Xlsx,
        Format::Imsma,
        Format::Fgb,
        Format::Gdb,
    ];

    /// Its name on a command line, which is also the extension of its file, or of the set's name.
    pub fn name(self) -> &'static str {
        match self {
            Format::GeoJson => "geojson",
            Format::Kml => "kml",
            Format::Shp => "shp",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Imsma => "imsma",
            Format::Fgb => "fgb",
            Format::Gdb => "gdb",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Format::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownFormat { name: name.into() })
    }
}
