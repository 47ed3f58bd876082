//! `review/review.toml`: what an organisation sets for its reviews.

use crate::{ReviewError, book::REVIEW_DIR};
use rams_domain::{ReviewStage, ReviewStages};
use std::{fs, io::ErrorKind, path::Path};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    stages: Vec<ReviewStage>,
}

/// The stages of a survey's review: those of review.toml, all four where there is none.
pub(crate) fn stages(dir: &Path) -> Result<ReviewStages, ReviewError> {
    let path = dir.join(REVIEW_DIR).join("review.toml");
    let cannot_use = |cause: String| ReviewError::Settings { path: path.clone(), cause };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ReviewStages::default()),
        read => read.map_err(|error| cannot_use(error.to_string()))?,
    };
    let settings: Settings = toml::from_str(&text).map_err(|error| {
        cannot_use(format!("{error}; write for example stages = [\"analyst\", \"nts\"]"))
    })?;
    ReviewStages::new(settings.stages).map_err(|error| cannot_use(error.to_string()))
}
