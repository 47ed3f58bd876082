//! Truth and predictions of the same orthomosaics -> how well they agree.

use crate::{
    args::EvaluateConfig,
    kept,
    naming::Naming,
    truth::{self, TruthFile, check_size, has_extension},
    works::Works,
};
use anyhow::{Context, bail, ensure};
use rams_domain::GeometryKind;
use rams_evaluate::{CocoResult, Evaluation, Flight, Ground, Prediction, TrueImage, WorksEvaluation, evaluate};
use rams_store::SurveyBoxes;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
};

/// The evaluation, and what was read for it.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Names of files, without their folders: those are of one machine.
    truths: Vec<String>,
    predictions: Vec<String>,
    /// Digests of the models that made the surveys.
    models: BTreeMap<String, String>,
    /// True objects of classes that the model does not name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    left_out: BTreeMap<String, usize>,
    /// Of boxes; `None` where all classes are lines or areas.
    #[serde(flatten)]
    evaluation: Option<Evaluation>,
    /// Of lines and areas.
    #[serde(skip_serializing_if = "Option::is_none")]
    works: Option<WorksEvaluation>,
}

/// Predictions as files hold them.
enum Predictions {
    Surveys(Vec<(PathBuf, SurveyBoxes)>),
    Coco(Vec<CocoResult>),
}

/// Evaluates.
pub(crate) fn score(config: &EvaluateConfig) -> anyhow::Result<Report> {
    let truths = truth::read(&config.truths)?;
    let predictions = Predictions::read(&config.predictions)?;
    predictions.surveys().iter().flat_map(|(_, boxes)| &boxes.notices).for_each(|notice| eprintln!("{notice}"));
    let mut naming = Naming::new(config, &truths, predictions.surveys())?;
    let mut works = Works::new(&naming, &truths, predictions.surveys())?;

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
            let mut truths = naming.truths(image, &file.path)?;
            let px_m2 = image.gsd_m.map(|gsd_m| gsd_m * gsd_m);
            let (predictions, ground) = match &predictions {
                Predictions::Surveys(surveys) => {
                    let (path, boxes, assessed_m2) = survey_of(&naming, surveys, image, config)?;
                    boxes.size_px(&image.name).map_or(Ok(()), |size| check_size(image, &file.path, size))?;
                    let px_m2 = boxes.px_m2(&image.name).or(px_m2);
                    let ground = Ground::of(image.valid_m2, Some(assessed_m2), px_m2, &truths);
                    if let Some(works) = &mut works {
                        works.add(&mut naming, (file, image), path, ground.clone())?;
                        truths.retain(|truth| !works.holds(&naming.classes, &naming.classes.names()[truth.class]));
                    }
                    (boxes_of(&mut naming, works.as_ref(), boxes, image, path)?, ground)
                }
                Predictions::Coco(results) => {
                    // Where no one says which pixels hold image, all of them may.
                    let whole_m2 = || Some(image.size_px?.iter().product::<f64>() * px_m2?);
                    let predictions = of_coco(&mut naming, results, image.id, file, config)?;
                    (predictions, Ground::of(image.valid_m2.or_else(whole_m2), None, px_m2, &truths))
                }
            };
            flights.push(Flight { name: image.name.clone(), truths, predictions, ground });
        }
    }
    if let Predictions::Coco(results) = &predictions {
        check_ids(results, &truths, &config.predictions)?;
    }
    check_all_known(predictions.surveys(), &flights, &naming)?;
    naming.check_skipped()?;
    let has_boxes = flights.iter().any(|flight| !flight.truths.is_empty() || !flight.predictions.is_empty())
        || naming.drawn().values().any(|drawn| *drawn == GeometryKind::Point);
    let works = works.map(|works| works.compare(&mut naming, config.tolerance_m));
    let digests = predictions.surveys().iter().flat_map(|(_, boxes)| boxes.digests());
    let digests = digests.filter(|(model, _)| naming.is_meant(model));
    Ok(Report {
        truths: truths.iter().map(|file| name(&file.path)).collect(),
        predictions: match &predictions {
            Predictions::Surveys(surveys) => surveys.iter().map(|(path, _)| name(path)).collect(),
            Predictions::Coco(_) => vec![name(&config.predictions)],
        },
        models: digests.map(|(model, digest)| (model.to_owned(), digest.to_owned())).collect(),
        left_out: naming.left_out().clone(),
        evaluation: if works.is_none() || has_boxes {
            Some(evaluate(&flights, &naming.classes, config.settings)?)
        } else {
            None
        },
        works,
    })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// False alarms on ground without a truth would be counted nowhere.
fn check_all_known(surveys: &[(PathBuf, SurveyBoxes)], flights: &[Flight], naming: &Naming) -> anyhow::Result<()> {
    for (path, boxes) in surveys {
        if let Some(pair) = boxes.overlaps().next() {
            bail!(
                "cannot evaluate {}: {pair} show the same ground, of which it counts each find once; survey each \
                 orthomosaic into a folder of its own",
                path.display()
            );
        }
        let meant = boxes.assessed_m2.keys().filter(|(_, model)| naming.is_meant(model));
        let surveyed: BTreeSet<&str> = meant.map(|(orthomosaic, _)| orthomosaic.as_str()).collect();
        let unknown: Vec<&str> =
            surveyed.into_iter().filter(|known| !flights.iter().any(|flight| flight.name == *known)).collect();
        ensure!(
            unknown.is_empty(),
            "cannot evaluate all of {}: no truth of {} is given; add one, with no annotations where nothing lies",
            path.display(),
            unknown.join(", ")
        );
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { truths, predictions, models, left_out, evaluation, works } = self;
        writeln!(f, "Truth: {}\nPredictions: {}", truths.join(", "), predictions.join(", "))?;
        for (model, digest) in models {
            writeln!(f, "Model: {model}, sha256 {digest}")?;
        }
        if !left_out.is_empty() {
            let each: Vec<_> = left_out.iter().map(|(class, count)| format!("{class} ({count})")).collect();
            writeln!(f, "Left out of the truth, for the model does not name them: {}", each.join(", "))?;
        }
        if let Some(evaluation) = evaluation {
            writeln!(f, "{evaluation}")?;
        }
        if let Some(works) = works {
            writeln!(f, "{works}")?;
        }
        write!(f, "These figures hold for this ground alone: validate on site before anyone relies on them.")
    }
}

/// Writes `evaluation.json`, `tables.csv` of boxes, `works.csv` of lines and areas, and the plots.
pub(crate) fn write(report: &Report, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make folder {}", folder.display()))?;
    let mut files = vec![("evaluation.json".to_owned(), serde_json::to_string_pretty(report)?.into_bytes())];
    let mut plots = vec![];
    if let Some(evaluation) = &report.evaluation {
        files.push(("tables.csv".to_owned(), evaluation.to_csv().into_bytes()));
        plots.extend(evaluation.plots()?);
    }
    if let Some(works) = &report.works {
        files.push(("works.csv".to_owned(), works.to_csv().into_bytes()));
        plots.extend(works.plots()?);
    }
    for plot in plots {
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
    /// Empty for COCO results.
    fn surveys(&self) -> &[(PathBuf, SurveyBoxes)] {
        match self {
            Self::Surveys(surveys) => surveys,
            Self::Coco(_) => &[],
        }
    }

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

/// The survey that holds the image, and the ground that was assessed in it.
fn survey_of<'a>(
    naming: &Naming,
    surveys: &'a [(PathBuf, SurveyBoxes)],
    image: &TrueImage,
    config: &EvaluateConfig,
) -> anyhow::Result<(&'a Path, &'a SurveyBoxes, f64)> {
    let ground = |boxes: &SurveyBoxes| {
        let meant = |(orthomosaic, model): &(String, String)| *orthomosaic == image.name && naming.is_meant(model);
        let of = boxes.assessed_m2.iter().filter(|(by, _)| meant(by));
        of.map(|(_, m2)| *m2).reduce(f64::max)
    };
    let holding: Vec<_> =
        surveys.iter().filter_map(|(path, boxes)| Some((path.as_path(), boxes, ground(boxes)?))).collect();
    let [(path, boxes, assessed_m2)] = holding[..] else {
        let keys = surveys.iter().flat_map(|(_, boxes)| boxes.assessed_m2.keys());
        let known: BTreeSet<String> = keys.map(|(orthomosaic, model)| format!("{orthomosaic} by {model}")).collect();
        bail!(
            "cannot find one survey of {} by {} in {}: it holds {} of {}; survey the orthomosaic, or leave its truth out",
            image.name,
            naming.model().unwrap_or("any model"),
            config.predictions.display(),
            holding.len(),
            known.into_iter().collect::<Vec<_>>().join(", ")
        );
    };
    Ok((path, boxes, assessed_m2))
}

/// What a survey found in an image, but for lines and areas.
fn boxes_of(
    naming: &mut Naming,
    works: Option<&Works>,
    boxes: &SurveyBoxes,
    image: &TrueImage,
    path: &Path,
) -> anyhow::Result<Vec<Prediction>> {
    let mut found = vec![];
    for row in boxes.found.iter().filter(|row| row.orthomosaic == image.name) {
        let is_work = works.is_some_and(|works| works.holds(&naming.classes, &row.class));
        if !naming.is_meant(&row.model) || is_work {
            continue;
        }
        kept::check_score(naming, &row.class, row.score, path)?;
        let prediction = |class| Prediction { class, px: row.px, score: row.score, confidence: Some(row.confidence) };
        found.extend(naming.class(&row.class, path)?.map(prediction));
    }
    Ok(found)
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
