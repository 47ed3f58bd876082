//! Whether a score is of ground that a model was trained on.

use super::predictions::Predictions;
use crate::truth::{self, TruthFile};
use rams_model::Outline;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

/// A model whose score may be of its own training data.
#[derive(Serialize)]
pub(crate) struct TrainingOverlap {
    model: String,
    /// Files of its training data that are evaluated; `None` where it names no training data.
    trained_on: Option<Vec<String>>,
}

impl fmt::Display for TrainingOverlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = &self.model;
        match &self.trained_on {
            Some(files) => write!(
                f,
                "the score is mixed: {model} was trained on {}; what it finds there says little \
                 about other ground",
                files.join(", ")
            ),
            None => write!(
                f,
                "it is not known what {model} was trained on: its training_data is empty; the \
                 score is mixed if it was trained on this ground"
            ),
        }
    }
}

/// The models whose training data holds what is evaluated, or is not known: the one that the
/// evaluation is about, else all that made the surveys. A map is of all ground of the surveys.
pub(crate) fn training_overlaps(
    model: Option<&Outline>,
    predictions: &Predictions,
    truths: &[TruthFile],
    maps: &[PathBuf],
) -> Vec<TrainingOverlap> {
    let records = || predictions.surveys().iter().map(|(_, boxes)| &boxes.record);
    let recorded = records().flat_map(|record| &record.models);
    let recorded = recorded.map(|record| (record.name.as_str(), &record.training_data));
    let meant = recorded.filter(|(name, _)| model.is_none_or(|model| model.name == *name));
    let stated = model.map(|model| (model.name.as_str(), &model.training_data));
    let mut trained: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, lines) in meant.chain(stated) {
        trained.entry(name).or_default().extend(lines.iter().map(|line| file_of(line)));
    }

    let mut evaluated: BTreeSet<String> = BTreeSet::new();
    for file in truths {
        for image in &file.truth.images {
            let paths = records().filter_map(|record| record.orthomosaic(&image.name));
            evaluated.extend(paths.map(|orthomosaic| stem(&orthomosaic.path.to_string_lossy())));
            evaluated.insert(image.name.to_lowercase());
        }
        if file.truth.images.len() == 1 {
            evaluated.insert(stem(&file.path.to_string_lossy()));
        }
    }
    for map in maps {
        let orthomosaics = records().flat_map(|record| &record.orthomosaics);
        evaluated.extend(orthomosaics.map(|it| stem(&it.path.to_string_lossy())));
        evaluated.insert(stem(&map.to_string_lossy()));
    }
    let overlap = |(model, files): (&str, BTreeSet<&str>)| {
        let is_known = !files.is_empty();
        let files = files.into_iter().filter(|file| evaluated.contains(&stem(file)));
        let trained_on = is_known.then(|| files.map(str::to_owned).collect::<Vec<_>>());
        (trained_on.as_ref().is_none_or(|files| !files.is_empty()))
            .then(|| TrainingOverlap { model: model.to_owned(), trained_on })
    };
    trained.into_iter().filter_map(overlap).collect()
}

/// The file that a line of training data begins with: "field.tif, CC-BY-4.0 (...)".
fn file_of(line: &str) -> &str {
    line.split(',').next().unwrap_or(line).trim()
}

/// What a file of training data, an orthomosaic and a truth of one ground have in common. An
/// ending such as `.2020` is a part of the name.
fn stem(file: &str) -> String {
    let path = Path::new(file);
    let is_letter = |ending: &std::ffi::OsStr| {
        ending.to_string_lossy().starts_with(|first: char| first.is_ascii_alphabetic())
    };
    let name = match path.extension() {
        Some(ending) if is_letter(ending) => path.to_owned(),
        _ => path.with_file_name(format!("{}.", path.file_name().unwrap_or_default().display())),
    };
    truth::orthomosaic(&name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{file_of, stem};

    #[test]
    fn a_line_is_compared_by_the_whole_stem_of_its_file() {
        let same = |a: &str, b: &str| stem(file_of(a)) == stem(b);
        assert!(same("Phan4_F1.tif, Apache-2.0 (as labelled)", "/data/phan4_f1.TIF"));
        assert!(same("Phan4_F1.tif", "Phan4_F1_labels.gpkg"));
        assert!(same("data/Phan4_F1, CC0", "Phan4_F1_truth.json"));
        assert!(same("site.2020, CC0", "site.2020.tif"));
        assert!(!same("Phan4_F1.tif, Apache-2.0", "Phan4_F15.tif"));
        assert!(!same("Phan4_F15.tif, Apache-2.0", "Phan4_F1.tif"));
        assert!(!same("site.2020.tif", "site.2021.tif"));
        assert!(!same("scenes of rams-scene (no photograph, but ...)", "scenes.tif"));
    }
}
