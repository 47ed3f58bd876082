//! Truth and predictions of the same orthomosaics -> how well they agree.

use crate::{
    args::EvaluateConfig,
    truth::{self, TruthFile, has_extension},
};
use anyhow::{Context, bail, ensure};
use rams_evaluate::{Classes, CocoResult, Evaluation, Flight, Prediction, TrueImage, Truth, evaluate};
use rams_store::SurveyBoxes;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What an evaluation needs of a `model.toml`, whatever else it says.
#[derive(Deserialize)]
struct ModelFile {
    name: String,
    class: Vec<ModelClass>,
}

#[derive(Deserialize)]
struct ModelClass {
    name: String,
    threshold: f64,
    parent: Option<String>,
}

/// Predictions as files hold them.
enum Predictions {
    Surveys(Vec<(PathBuf, SurveyBoxes)>),
    Coco(Vec<CocoResult>),
}

/// Evaluates.
pub(crate) fn score(config: &EvaluateConfig) -> anyhow::Result<Evaluation> {
    let truths = truth::read(&config.truths)?;
    let model = config.model.as_deref().map(ModelFile::read).transpose()?;
    let predictions = Predictions::read(&config.predictions)?;
    let mut naming = Naming::new(model, config)?;
    naming.add_truths(&truths)?;

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
                Predictions::Surveys(surveys) => naming.of_survey(surveys, image, config)?,
                Predictions::Coco(results) => (naming.of_coco(results, image.id, file, config)?, None),
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

impl ModelFile {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("model.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
    }
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

/// Names of classes -> indices, and which names are left out.
struct Naming {
    classes: Classes,
    model: Option<String>,
    threshold: Option<f64>,
    skip: BTreeSet<String>,
    skipped: BTreeSet<String>,
}

impl Naming {
    fn new(model: Option<ModelFile>, config: &EvaluateConfig) -> anyhow::Result<Self> {
        let mut classes = Classes::default();
        for class in model.iter().flat_map(|model| &model.class) {
            let index = classes.add(&class.name);
            classes.set_threshold(index, config.threshold.unwrap_or(class.threshold));
        }
        for class in model.iter().flat_map(|model| &model.class) {
            if let Some(parent) = &class.parent {
                let (class, parent) = (classes.add(&class.name), classes.add(parent));
                classes.set_parent(class, parent)?;
            }
        }
        let (model, skip) = (model.map(|model| model.name), config.skip.iter().cloned().collect());
        Ok(Self { classes, model, threshold: config.threshold, skip, skipped: BTreeSet::new() })
    }

    /// Adds the truth's names, where no model says which there are; a class that the model does not
    /// name but whose parent it does is one of that family.
    fn add_truths(&mut self, files: &[TruthFile]) -> anyhow::Result<()> {
        for (_, name, parent) in files.iter().flat_map(|file| &file.truth.categories) {
            let parent = parent.as_ref().filter(|parent| self.model.is_none() || self.classes.find(parent).is_some());
            if self.skip.contains(name)
                || (self.model.is_some() && (parent.is_none() || self.classes.find(name).is_some()))
            {
                continue;
            }
            let class = self.add(name);
            if let Some(parent) = parent {
                let parent = self.add(parent);
                self.classes.set_parent(class, parent)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str) -> usize {
        self.classes.find(name).unwrap_or_else(|| {
            let class = self.classes.add(name);
            self.classes.set_threshold(class, self.threshold.unwrap_or(0.0));
            class
        })
    }

    /// The index of a class; `None` for one that is left out.
    fn class(&mut self, name: &str, file: &Path) -> anyhow::Result<Option<usize>> {
        if self.skip.contains(name) {
            self.skipped.insert(name.to_owned());
            return Ok(None);
        }
        match (self.classes.find(name), &self.model) {
            (Some(class), _) => Ok(Some(class)),
            (None, None) => Ok(Some(self.add(name))),
            (None, Some(model)) => bail!(
                "cannot evaluate class {name} of {}: model {model} names {}; give `--skip {name}` to leave it out",
                file.display(),
                self.classes.names().join(", ")
            ),
        }
    }

    fn truths(&mut self, image: &TrueImage, file: &Path) -> anyhow::Result<Vec<Truth>> {
        let mut truths = vec![];
        for (class, px, ignored) in &image.objects {
            truths.extend(self.class(class, file)?.map(|class| Truth { class, px: *px, ignored: *ignored }));
        }
        Ok(truths)
    }

    /// What the survey that holds the image found in it, and the ground that was assessed.
    fn of_survey(
        &mut self,
        surveys: &[(PathBuf, SurveyBoxes)],
        image: &TrueImage,
        config: &EvaluateConfig,
    ) -> anyhow::Result<(Vec<Prediction>, Option<f64>)> {
        let by_model = self.model.clone();
        let meant = |model: &str| by_model.as_deref().is_none_or(|wanted| wanted == model);
        let ground = |boxes: &SurveyBoxes| {
            let of =
                boxes.assessed_m2.iter().filter(|((orthomosaic, model), _)| *orthomosaic == image.name && meant(model));
            of.map(|(_, m2)| *m2).reduce(f64::max)
        };
        let holding: Vec<_> = surveys.iter().filter_map(|(path, boxes)| Some((path, boxes, ground(boxes)?))).collect();
        let [(path, boxes, assessed_m2)] = holding[..] else {
            let keys = surveys.iter().flat_map(|(_, boxes)| boxes.assessed_m2.keys());
            let known: BTreeSet<String> =
                keys.map(|(orthomosaic, model)| format!("{orthomosaic} by {model}")).collect();
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
            let prediction =
                |class| Prediction { class, px: row.px, score: row.score, confidence: Some(row.confidence) };
            found.extend(self.class(&row.class, path)?.map(prediction));
        }
        Ok((found, Some(assessed_m2).filter(|m2| *m2 > 0.0)))
    }

    fn of_coco(
        &mut self,
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
            found.extend(self.class(name, &config.predictions)?.map(prediction));
        }
        Ok(found)
    }

    /// A class that is left out but never met is a slip of the pen.
    fn check_skipped(&self) -> anyhow::Result<()> {
        let unmet: Vec<_> = self.skip.difference(&self.skipped).map(String::as_str).collect();
        ensure!(unmet.is_empty(), "cannot leave out {}: no object or prediction is called so", unmet.join(", "));
        Ok(())
    }
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
