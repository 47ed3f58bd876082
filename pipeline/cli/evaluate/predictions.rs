//! Predictions as files hold them: surveys, or COCO results.

use super::{class_map::ClassMap, earthworks::Earthworks, name, threshold_checks};
use crate::{
    args::EvaluateConfig,
    text,
    truth::{TruthFile, has_extension},
};
use anyhow::{Context, bail};
use rams_evaluate::{CocoResult, Prediction, TrueImage};
use rams_store::SurveyBoxes;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Predictions as files hold them.
pub(crate) enum Predictions {
    Surveys(Vec<(PathBuf, SurveyBoxes)>),
    Coco(Vec<CocoResult>),
}

impl Predictions {
    /// Empty for COCO results.
    pub(crate) fn surveys(&self) -> &[(PathBuf, SurveyBoxes)] {
        match self {
            Self::Surveys(surveys) => surveys,
            Self::Coco(_) => &[],
        }
    }

    /// Names of the surveys, or of the file of COCO results.
    pub(crate) fn names(&self, path: &Path) -> Vec<String> {
        match self.surveys() {
            [] => vec![name(path)],
            surveys => surveys.iter().map(|(path, _)| name(path)).collect(),
        }
    }

    /// Names and digests of the models that made the surveys, of those that are meant.
    pub(crate) fn model_digests(&self, class_map: &ClassMap) -> BTreeMap<String, String> {
        let all = self.surveys().iter().flat_map(|(_, boxes)| boxes.record.model_digests());
        let meant = all.filter(|(model, _)| class_map.is_meant(model));
        meant.map(|(model, digest)| (model.to_owned(), digest.to_owned())).collect()
    }

    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        if has_extension(path, "json") {
            return Ok(Self::Coco(CocoResult::parse(
                &text::read(path)?,
                &path.display().to_string(),
            )?));
        }
        let mut folders = vec![path.to_owned()];
        if path.is_dir() && !path.join(rams_store::SURVEY_FILE).exists() {
            let entries =
                fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
            let inner = entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|dir| dir.join(rams_store::SURVEY_FILE).exists());
            let mut inner: Vec<PathBuf> = inner.collect();
            inner.sort();
            if !inner.is_empty() {
                folders = inner;
            }
        }
        let read = |folder: PathBuf| rams_store::survey_boxes(&folder).map(|boxes| (folder, boxes));
        Ok(Self::Surveys(folders.into_iter().map(read).collect::<Result<_, _>>()?))
    }
}

/// The survey that holds the image, and the ground that was assessed in it.
pub(crate) fn survey_of<'a>(
    class_map: &ClassMap,
    surveys: &'a [(PathBuf, SurveyBoxes)],
    image: &TrueImage,
    config: &EvaluateConfig,
) -> anyhow::Result<(&'a Path, &'a SurveyBoxes, f64)> {
    let ground = |boxes: &SurveyBoxes| {
        let meant = |(orthomosaic, model): &(String, String)| {
            *orthomosaic == image.name && class_map.is_meant(model)
        };
        let of = boxes.assessed_m2.iter().filter(|(by, _)| meant(by));
        of.map(|(_, m2)| *m2).reduce(f64::max)
    };
    let holding: Vec<_> = surveys
        .iter()
        .filter_map(|(path, boxes)| Some((path.as_path(), boxes, ground(boxes)?)))
        .collect();
    let [(path, boxes, assessed_m2)] = holding[..] else {
        let keys = surveys.iter().flat_map(|(_, boxes)| boxes.assessed_m2.keys());
        let known: BTreeSet<String> =
            keys.map(|(orthomosaic, model)| format!("{orthomosaic} by {model}")).collect();
        bail!(
            "cannot find one survey of {} by {} in {}: it holds {} of {}; survey the orthomosaic, \
             or leave its truth out",
            image.name,
            class_map.model().unwrap_or("any model"),
            config.predictions.display(),
            holding.len(),
            known.into_iter().collect::<Vec<_>>().join(", ")
        );
    };
    Ok((path, boxes, assessed_m2))
}

/// What a survey found in an image, but for lines and areas.
pub(crate) fn boxes_of(
    class_map: &mut ClassMap,
    works: Option<&Earthworks>,
    boxes: &SurveyBoxes,
    image: &TrueImage,
    path: &Path,
) -> anyhow::Result<Vec<Prediction>> {
    let mut found = vec![];
    for row in boxes.found.iter().filter(|row| row.orthomosaic == image.name) {
        let is_work = works.is_some_and(|works| works.holds(&class_map.classes, &row.class));
        if !class_map.is_meant(&row.model) || is_work {
            continue;
        }
        threshold_checks::check_score(class_map, &row.class, row.score, path)?;
        let prediction = |class| Prediction {
            class,
            px: row.px,
            score: row.score,
            confidence: Some(row.confidence),
        };
        found.extend(class_map.class(&row.class, path)?.map(prediction));
    }
    Ok(found)
}

pub(crate) fn of_coco(
    class_map: &mut ClassMap,
    results: &[CocoResult],
    image: i64,
    file: &TruthFile,
    config: &EvaluateConfig,
) -> anyhow::Result<Vec<Prediction>> {
    let names: BTreeMap<i64, &String> =
        file.truth.categories.iter().map(|(id, name, _)| (*id, name)).collect();
    let mut found = vec![];
    for row in results.iter().filter(|row| row.image == image) {
        let name = names.get(&row.category).with_context(|| {
            let (results, truth) = (config.predictions.display(), file.path.display());
            format!(
                "cannot use {results}: its category {} is none of {truth}; give ids of that file",
                row.category
            )
        })?;
        let prediction =
            |class| Prediction { class, px: row.px, score: row.score, confidence: row.confidence };
        found.extend(class_map.class(name, &config.predictions)?.map(prediction));
    }
    Ok(found)
}

/// Ids of images must name one image each, and all results must name one.
pub(crate) fn check_ids(
    results: &[CocoResult],
    truths: &[TruthFile],
    path: &Path,
) -> anyhow::Result<()> {
    let mut images = BTreeMap::new();
    for file in truths {
        for image in &file.truth.images {
            if let Some(other) = images.insert(image.id, &file.path) {
                let (a, b) = (other.display(), file.path.display());
                bail!(
                    "cannot tell the images of {} apart: id {} is in {a} and in {b}; evaluate one \
                     truth at a time",
                    path.display(),
                    image.id
                );
            }
        }
    }
    let strange = results.iter().find(|row| !images.contains_key(&row.image));
    match strange {
        Some(row) => bail!(
            "cannot use {}: no truth holds its image {}; give the truth it was made for",
            path.display(),
            row.image
        ),
        None => Ok(()),
    }
}
