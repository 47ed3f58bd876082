//! Truth and predictions of the same orthomosaics -> how well they agree.

mod class_map;
mod earthworks;
mod threshold_checks;

use crate::{
    args::{EvaluateArgs, EvaluateConfig},
    output::{print, write_all},
    terminal::notice,
    truth::{self, TruthFile, check_size, has_extension},
};
use anyhow::{Context, bail, ensure};
use class_map::ClassMap;
use earthworks::Earthworks;
use rams_domain::{GeometryKind, RasterSize};
use rams_evaluate::{
    CocoResult, EarthworksEvaluation, EvaluatedGround, Evaluation, Flight, Prediction, TrueImage,
    evaluate,
};
use rams_store::SurveyBoxes;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the command.
pub(crate) fn run(args: EvaluateArgs) -> anyhow::Result<ExitCode> {
    let (json, out) = (args.json, args.out.clone());
    let report = evaluate_all(&args.resolve()?)?;
    out.map(|folder| write_all(&folder, report.files()?)).transpose()?;
    print(&if json { serde_json::to_string_pretty(&report)? } else { report.to_string() })?;
    Ok(ExitCode::SUCCESS)
}

/// The evaluation, and what was read for it.
#[derive(Serialize)]
struct EvaluationReport {
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
    works: Option<EarthworksEvaluation>,
}

/// Predictions as files hold them.
enum Predictions {
    Surveys(Vec<(PathBuf, SurveyBoxes)>),
    Coco(Vec<CocoResult>),
}

/// Evaluates.
fn evaluate_all(config: &EvaluateConfig) -> anyhow::Result<EvaluationReport> {
    let truths = truth::read(&config.truths)?;
    let predictions = Predictions::read(&config.predictions)?;
    predictions
        .surveys()
        .iter()
        .flat_map(|(_, boxes)| &boxes.notices)
        .for_each(|text| notice(text));
    let mut class_map = ClassMap::new(config, &truths, predictions.surveys())?;
    if let Some((model, digest)) = class_map.model_digest() {
        threshold_checks::check_digest(predictions.surveys(), model, digest)?;
    }
    threshold_checks::check_thresholds(predictions.surveys(), &class_map)?;
    let mut works = Earthworks::new(&class_map, &truths, predictions.surveys())?;

    let mut flights: Vec<Flight> = vec![];
    for file in &truths {
        for image in &file.truth.images {
            ensure!(
                !flights.iter().any(|flight| flight.name == image.name),
                "cannot tell which truth of {} to use: {} is not the only one",
                image.name,
                file.path.display()
            );
            flights.push(match &predictions {
                Predictions::Surveys(surveys) => {
                    let survey = survey_of(&class_map, surveys, image, config)?;
                    surveyed_flight(&mut class_map, works.as_mut(), survey, (file, image))?
                }
                Predictions::Coco(results) => {
                    coco_flight(&mut class_map, results, (file, image), config)?
                }
            });
        }
    }
    if let Predictions::Coco(results) = &predictions {
        check_ids(results, &truths, &config.predictions)?;
    }
    check_all_known(predictions.surveys(), &flights, &class_map)?;
    class_map.check_skipped()?;
    let has_boxes =
        flights.iter().any(|flight| !flight.truths.is_empty() || !flight.predictions.is_empty())
            || class_map.drawn().values().any(|drawn| *drawn == GeometryKind::Point);
    let works = works.map(|works| works.compare(&mut class_map, config.tolerance_m));
    let digests = predictions.surveys().iter().flat_map(|(_, boxes)| boxes.record.model_digests());
    let digests = digests.filter(|(model, _)| class_map.is_meant(model));
    Ok(EvaluationReport {
        truths: truths.iter().map(|file| name(&file.path)).collect(),
        predictions: match &predictions {
            Predictions::Surveys(surveys) => surveys.iter().map(|(path, _)| name(path)).collect(),
            Predictions::Coco(_) => vec![name(&config.predictions)],
        },
        models: digests.map(|(model, digest)| (model.to_owned(), digest.to_owned())).collect(),
        left_out: class_map.left_out().clone(),
        evaluation: if works.is_none() || has_boxes {
            Some(evaluate(&flights, &class_map.classes, config.settings)?)
        } else {
            None
        },
        works,
    })
}

/// An image and what a survey found in it, but for lines and areas, which go to `works`.
fn surveyed_flight(
    class_map: &mut ClassMap,
    mut works: Option<&mut Earthworks>,
    (path, boxes, assessed_m2): (&Path, &SurveyBoxes, f64),
    (file, image): (&TruthFile, &TrueImage),
) -> anyhow::Result<Flight> {
    let mut truths = class_map.truths(image, &file.path)?;
    let recorded = boxes.record.orthomosaic(&image.name);
    if let Some(RasterSize { width, height }) = recorded.map(|recorded| recorded.size) {
        check_size(image, &file.path, [width.into(), height.into()])?;
    }
    let px_m2 = recorded.map(|recorded| recorded.gsd_m.iter().product());
    let px_m2 = px_m2.or(image.gsd_m.map(|gsd_m| gsd_m * gsd_m));
    let ground = EvaluatedGround::of(image.valid_m2, Some(assessed_m2), px_m2, &truths);
    if let Some(works) = &mut works {
        works.add(class_map, (file, image), path, ground.clone())?;
        let (classes, names) = (&class_map.classes, class_map.classes.names());
        truths.retain(|truth| !works.holds(classes, &names[truth.class]));
    }
    let predictions = boxes_of(class_map, works.as_deref(), boxes, image, path)?;
    Ok(Flight { name: image.name.clone(), truths, predictions, ground })
}

/// An image and the COCO results for it.
fn coco_flight(
    class_map: &mut ClassMap,
    results: &[CocoResult],
    (file, image): (&TruthFile, &TrueImage),
    config: &EvaluateConfig,
) -> anyhow::Result<Flight> {
    let truths = class_map.truths(image, &file.path)?;
    let px_m2 = image.gsd_m.map(|gsd_m| gsd_m * gsd_m);
    // Where no one says which pixels hold image, all of them may.
    let whole_m2 = || Some(image.size_px?.iter().product::<f64>() * px_m2?);
    let predictions = of_coco(class_map, results, image.id, file, config)?;
    let ground = EvaluatedGround::of(image.valid_m2.or_else(whole_m2), None, px_m2, &truths);
    Ok(Flight { name: image.name.clone(), truths, predictions, ground })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// False alarms on ground without a truth would be counted nowhere.
fn check_all_known(
    surveys: &[(PathBuf, SurveyBoxes)],
    flights: &[Flight],
    class_map: &ClassMap,
) -> anyhow::Result<()> {
    for (path, boxes) in surveys {
        if let Some([one, other]) = boxes.record.overlaps.first() {
            bail!(
                "cannot evaluate {}: {one} and {other} show the same ground, of which it counts \
                 each find once; survey each orthomosaic into a folder of its own",
                path.display()
            );
        }
        let meant = boxes.assessed_m2.keys().filter(|(_, model)| class_map.is_meant(model));
        let surveyed: BTreeSet<&str> = meant.map(|(orthomosaic, _)| orthomosaic.as_str()).collect();
        let unknown: Vec<&str> = surveyed
            .into_iter()
            .filter(|known| !flights.iter().any(|flight| flight.name == *known))
            .collect();
        ensure!(
            unknown.is_empty(),
            "cannot evaluate all of {}: no truth of {} is given; add one, with no annotations \
             where nothing lies",
            path.display(),
            unknown.join(", ")
        );
    }
    Ok(())
}

impl fmt::Display for EvaluationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { truths, predictions, models, left_out, evaluation, works } = self;
        writeln!(f, "Truth: {}\nPredictions: {}", truths.join(", "), predictions.join(", "))?;
        for (model, digest) in models {
            writeln!(f, "Model: {model}, sha256 {digest}")?;
        }
        if !left_out.is_empty() {
            let each: Vec<_> =
                left_out.iter().map(|(class, count)| format!("{class} ({count})")).collect();
            writeln!(
                f,
                "Left out of the truth, for the model does not name them: {}",
                each.join(", ")
            )?;
        }
        if let Some(evaluation) = evaluation {
            writeln!(f, "{evaluation}")?;
        }
        if let Some(works) = works {
            writeln!(f, "{works}")?;
        }
        write!(
            f,
            "These figures hold for this ground alone: validate on site before anyone relies on \
             them."
        )
    }
}

impl EvaluationReport {
    /// `evaluation.json`, `tables.csv` of boxes, `works.csv` of lines and areas, and the plots.
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let mut files =
            vec![("evaluation.json".to_owned(), serde_json::to_string_pretty(self)?.into_bytes())];
        let mut plots = vec![];
        if let Some(evaluation) = &self.evaluation {
            files.push(("tables.csv".to_owned(), evaluation.to_csv().into_bytes()));
            plots.extend(evaluation.plots()?);
        }
        if let Some(works) = &self.works {
            files.push(("works.csv".to_owned(), works.to_csv().into_bytes()));
            plots.extend(works.plots()?);
        }
        files.extend(plots.into_iter().flat_map(rams_evaluate::Plot::files));
        Ok(files)
    }
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
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Self::Coco(CocoResult::parse(&text, &path.display().to_string())?));
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
fn survey_of<'a>(
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
fn boxes_of(
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

fn of_coco(
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
fn check_ids(results: &[CocoResult], truths: &[TruthFile], path: &Path) -> anyhow::Result<()> {
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
