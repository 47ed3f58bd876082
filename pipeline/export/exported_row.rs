//! A row of an export as it was read back, and what of the map it is.

use geo::Geometry;
use std::fmt;

/// What a row of an export shows of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shows {
    /// A row of a layer as it is drawn there.
    Shape(&'static str),
    /// The perimeter of a hazard area, or of a part of it.
    Perimeter,
    /// The centre of a piece of evidence.
    Centre,
}

impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shows::Shape(layer) => layer,
            Shows::Perimeter => "turning_points",
            Shows::Centre => "evidence_points",
        })
    }
}

impl Shows {
    /// What an import takes a row for.
    pub(crate) fn row_kind(self) -> RowKind {
        match self {
            Shows::Shape("hazard_areas") | Shows::Perimeter => RowKind::Area,
            Shows::Shape("features") | Shows::Centre => RowKind::Evidence,
            Shows::Shape(_) => RowKind::Other,
        }
    }
}

/// What of the map a row of an export is. Rows whose names do not read back are all of a layer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) shows: Shows,
    pub(crate) row: String,
}

impl Origin {
    /// A row by its id, without what a format may do to it: cut it off, take white space away, or
    /// put an apostrophe before what a spreadsheet would take for a formula.
    pub(crate) fn new(shows: Shows, id: &str) -> Self {
        const LONGEST: usize = 50;
        let words = id.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { shows, row: words.trim_start_matches('\'').chars().take(LONGEST).collect() }
    }
}

/// What a row of an export stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowKind {
    /// An area, by its perimeter or a part of it.
    Area,
    /// A piece of evidence.
    Evidence,
    /// What is neither, and has no id to an import.
    Other,
}

/// One row of an export, in longitude and latitude.
#[derive(Debug, Clone)]
pub(crate) struct ExportedRow {
    pub(crate) origin: Origin,
    pub(crate) id: String,
    pub(crate) kind: RowKind,
    pub(crate) eo_category: String,
    pub(crate) geometry: Geometry,
}
