//! One export on its way: what is copied, where to, and what the files will be called.

use crate::Format;
use rams_store::{Draft, Source};
use std::path::Path;

/// A draft of one export: where to make files, and what they will be called.
pub(crate) struct Job<'a> {
    /// The survey's folder.
    pub(crate) dir: &'a Path,
    pub(crate) source: Source,
    pub(crate) draft: &'a Draft,
    pub(crate) format: Format,
    /// File name of the target without its extension.
    pub(crate) stem: String,
    /// File name of the target.
    pub(crate) name: String,
}

impl Job<'_> {
    /// Stem and format, `STEM_FORMAT`, for files that exports to several formats under one name
    /// would share; a stem that ends in the format names it already.
    pub(crate) fn set(&self) -> String {
        let Self { stem, format, .. } = self;
        let is_named = stem
            .strip_suffix(format.name())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
        if is_named { stem.clone() } else { format!("{stem}_{format}") }
    }
}
