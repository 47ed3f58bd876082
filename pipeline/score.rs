//! Truth and predictions of the same orthomosaics -> how well they agree.

use crate::{
    args::EvaluateConfig,
    naming::Naming,
    truth::{self, TruthFile, has_extension},
};
use anyhow::{Context, bail, ensure};
use rams_evaluate::{CocoResult, Evaluation, Flight, Prediction, TrueImage, evaluate};
use rams_store::SurveyBoxes;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Predictions as files hold them.
enum Predictions {
    Surveys(Vec<(PathBuf, SurveyBoxes)>),
    Coco(Vec<CocoResult>),
}

/// Evaluates.
pub(crate) fn score(config: &EvaluateConfig) -> anyhow::Result<Evaluation> {
    let truths = truth::read(&config.truths)?;
    let predictions = Predictions::read(&config.predictions)?;
    let mut naming = Naming::new(config, &truths, matches!(predictions, Predictions::Surveys(_)))?;

    let mut flights: Vec<Flight> = vec![];
    for file in &truths {
        for image in &file.truth.images {
            let known = flights.iter().any(|flight| flight.name == image.name);
            ensure!(
                !known,
                "cannot tell which truth of {} to use: {} is not the only one",
                image.name,
                file.path.display()
            );
            let truths = naming.truths(image, &file.path)?;
            let (predictions, assessed_m2) = match &predictions {
                Predictions::Surveys(surveys) => of_survey(&mut naming, surveys, image, config)?,
                Predictions::Coco(results) => (of_coco(&mut naming, results, image.id, file, config)?, None),
            };
            let ground_m2 = image.ground_m2.or(assessed_m2);
            flights.push(Flight { name: image.name.clone(), truths, predictions, ground_m2 });
        }
    }
    if let Predictions::Coco(results) = &predictions {
        check_ids(results, &truths, &config.predictions)?;
    }
    naming.check_skipped()?;
    Ok(evaluate(&flights, &naming.classes, config.settings)?)
}

/// Writes `evaluation.json`, `tables.csv` and the plots.
pub(crate) fn write(evaluation: &Evaluation, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make folder {}", folder.display()))?;
    let mut files = vec![
        ("evaluation.json".to_owned(), serde_json::to_string_pretty(evaluation)?.into_bytes()),
        ("tables.csv".to_owned(), evaluation.to_csv().into_bytes()),
    ];
    for plot in evaluation.plots()? {
        files.push((format!("{}.svg", plot.name), plot.svg.into_bytes()));
        files.push((format!("{}.png", plot.name), plot.png));
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

impl Predictions {
    fn read(path: &Path) -> anyhow::Result<Self> {
        if has_extension(path, "json") {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Self::Coco(CocoResult::parse(&text, &path.display().to_string())?));
        }
        let mut folders = vec![path.to_owned()];
        if path.is_dir() && !path.join(rams_store::SURVEY_FILE).exists() {
            let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
            let inner =
                entries.flatten().map(|entry| entry.path()).filter(|dir| dir.join(rams_store::SURVEY_FILE).exists());
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

/// What the survey that holds the image found in it, and the ground that was assessed.
fn of_survey(
    naming: &mut Naming,
    surveys: &[(PathBuf, SurveyBoxes)],
    image: &TrueImage,
    config: &EvaluateConfig,
) -> anyhow::Result<(Vec<Prediction>, Option<f64>)> {
    let by_model = naming.model().map(str::to_owned);
    let meant = |model: &str| by_model.as_deref().is_none_or(|wanted| wanted == model);
    let ground = |boxes: &SurveyBoxes| {
        let of =
            boxes.assessed_m2.iter().filter(|((orthomosaic, model), _)| *orthomosaic == image.name && meant(model));
        of.map(|(_, m2)| *m2).reduce(f64::max)
    };
    let holding: Vec<_> = surveys.iter().filter_map(|(path, boxes)| Some((path, boxes, ground(boxes)?))).collect();
    let [(path, boxes, assessed_m2)] = holding[..] else {
        let keys = surveys.iter().flat_map(|(_, boxes)| boxes.assessed_m2.keys());
        let known: BTreeSet<String> = keys.map(|(orthomosaic, model)| format!("{orthomosaic} by {model}")).collect();
        bail!(
            "cannot find one survey of {} by {} in {}: it holds {} of {}; survey the orthomosaic, or leave its truth out",
            image.name,
            by_model.as_deref().unwrap_or("any model"),
            config.predictions.display(),
            holding.len(),
            known.into_iter().collect::<Vec<_>>().join(", ")
        );
    };
    let mut found = vec![];
    for row in boxes.found.iter().filter(|row| row.orthomosaic == image.name && meant(&row.model)) {
        let prediction = |class| Prediction { class, px: row.px, score: row.score, confidence: Some(row.confidence) };
        found.extend(naming.class(&row.class, path)?.map(prediction));
    }
    Ok((found, Some(assessed_m2).filter(|m2| *m2 > 0.0)))
}

fn of_coco(
    naming: &mut Naming,
    results: &[CocoResult],
    image: i64,
    file: &TruthFile,
    config: &EvaluateConfig,
) -> anyhow::Result<Vec<Prediction>> {
    let names: BTreeMap<i64, &String> = file.truth.categories.iter().map(|(id, name, _)| (*id, name)).collect();
    let mut found = vec![];
    for row in results.iter().filter(|row| row.image == image) {
        let name = names.get(&row.category).with_context(|| {
            let (results, truth) = (config.predictions.display(), file.path.display());
            format!("cannot use {results}: its category {} is none of {truth}; give ids of that file", row.category)
        })?;
        let prediction = |class| Prediction { class, px: row.px, score: row.score, confidence: row.confidence };
        found.extend(naming.class(name, &config.predictions)?.map(prediction));
    }
    Ok(found)
}

/// Ids of images must name one image each, and all results must name one.
fn check_ids(results: &[CocoResult], truths: &[TruthFile], path: &Path) -> anyhow::Result<()> {
    let mut images = BTreeMap::new();
    for file in truths {
        for image in &file.truth.images {
            if let Some(other) = images.insert(image.id, &file.path) {
                let (a, b) = (other.display(), file.path.display());
                bail!(
                    "cannot tell the images of {} apart: id {} is in {a} and in {b}; evaluate one truth at a time",
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
