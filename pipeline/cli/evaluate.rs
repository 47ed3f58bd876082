//! Truth and predictions of the same orthomosaics -> how well they agree.

mod areas;
mod class_map;
mod comparison_report;
mod earthworks;
mod evaluation_report;
mod predictions;
mod reviewed;
mod threshold_checks;
mod training_data;

use crate::{
    args::{EvaluateArgs, EvaluateConfig},
    output::{print, write_all},
    terminal::notice,
    truth::{self, TruthFile, check_size},
};
use anyhow::{bail, ensure};
use areas::Areas;
use class_map::{ClassMap, model_of};
use comparison_report::ComparisonReport;
use earthworks::Earthworks;
use evaluation_report::{EvaluationReport, Report};
use predictions::{Predictions, boxes_of, check_ids, of_coco, survey_of};
use rams_domain::{GeometryKind, RasterSize};
use rams_evaluate::{CocoResult, EvaluatedGround, Flight, TrueImage, evaluate};
use rams_store::SurveyBoxes;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::ExitCode,
};
use training_data::training_overlaps;

/// Runs the command.
pub(crate) fn run(args: EvaluateArgs) -> anyhow::Result<ExitCode> {
    let (json, out) = (args.json, args.out.clone());
    let config = args.resolve()?;
    if let Some(report) = reviewed::evaluate(&config)? {
        return answer(&report, json, out);
    }
    let mut reports = config.iter().map(evaluate_all).collect::<anyhow::Result<Vec<_>>>()?;
    if json {
        // In text they are part of the answer.
        let overlaps = reports.iter().flat_map(|report| &report.training_overlaps);
        overlaps.for_each(|overlap| notice(&overlap.to_string()));
    }
    if reports.len() == 1 {
        return answer(&reports.remove(0), json, out);
    }
    answer(&ComparisonReport::new(reports), json, out)
}

/// Writes and prints what there is to say.
fn answer(report: &impl Report, json: bool, out: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    out.map(|folder| write_all(&folder, report.files()?)).transpose()?;
    print(&if json { serde_json::to_string_pretty(&report)? } else { report.to_string() })?;
    Ok(ExitCode::SUCCESS)
}

/// Evaluates against truths of one form.
fn evaluate_all(config: &EvaluateConfig) -> anyhow::Result<EvaluationReport> {
    let (maps, boxes) = by_form(&config.truths)?;
    if boxes.is_empty() {
        return evaluate_ground(config, &maps);
    }
    ensure!(
        maps.is_empty(),
        "cannot use {} beside {}: it has no boxes in pixels and measures areas alone; evaluate it \
         by itself",
        maps.first().unwrap_or(&config.predictions).display(),
        boxes[0].display()
    );
    evaluate_boxes(config, &boxes)
}

/// Evaluates against truths of orthomosaics.
fn evaluate_boxes(config: &EvaluateConfig, truths: &[PathBuf]) -> anyhow::Result<EvaluationReport> {
    let truths = truth::read(truths)?;
    let predictions = Predictions::read(&config.predictions)?;
    let notices = predictions.surveys().iter().flat_map(|(_, boxes)| &boxes.notices);
    notices.for_each(|text| notice(text));
    let model = model_of(config, predictions.surveys())?;
    let training_overlaps = training_overlaps(model.as_ref(), &predictions, &truths, &[]);
    let mut class_map = ClassMap::new(config, model.as_ref(), &truths, predictions.surveys())?;
    if let Some((model, digest)) = class_map.model_digest() {
        threshold_checks::check_digest(predictions.surveys(), model, digest)?;
    }
    threshold_checks::check_thresholds(predictions.surveys(), &class_map)?;
    let mut works = Earthworks::new(&class_map, &truths, predictions.surveys())?;
    let mut areas = Areas::new(config, model.as_ref(), predictions.surveys())?;

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
                    areas.add((file, image), survey.0)?;
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
    Ok(EvaluationReport {
        truths: truths.iter().map(|file| name(&file.path)).collect(),
        path: config.predictions.clone(),
        predictions: predictions.names(&config.predictions),
        models: predictions.model_digests(&class_map),
        training_overlaps,
        left_out: class_map.left_out().clone(),
        evaluation: if works.is_none() || has_boxes {
            Some(evaluate(&flights, &class_map.classes, config.settings)?)
        } else {
            None
        },
        works,
        areas: areas.compare(),
    })
}

/// Truths without boxes, and all others.
fn by_form(truths: &[PathBuf]) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut maps, mut boxes) = (vec![], vec![]);
    for path in truths {
        if truth::is_ground(path)? { maps.push(path.clone()) } else { boxes.push(path.clone()) }
    }
    Ok((maps, boxes))
}

/// Evaluates areas alone, against truths that have no boxes.
fn evaluate_ground(config: &EvaluateConfig, maps: &[PathBuf]) -> anyhow::Result<EvaluationReport> {
    let predictions = Predictions::read(&config.predictions)?;
    let surveys = predictions.surveys();
    ensure!(
        !surveys.is_empty(),
        "cannot compare {} with {}: it has no areas; give the folder of a survey",
        config.predictions.display(),
        maps[0].display()
    );
    surveys.iter().flat_map(|(_, boxes)| &boxes.notices).for_each(|text| notice(text));
    let model = model_of(config, surveys)?;
    let mut areas = Areas::new(config, model.as_ref(), surveys)?;
    maps.iter().try_for_each(|map| areas.add_ground(map))?;
    let digests = surveys.iter().flat_map(|(_, boxes)| boxes.record.model_digests());
    Ok(EvaluationReport {
        truths: maps.iter().map(|path| name(path)).collect(),
        path: config.predictions.clone(),
        predictions: predictions.names(&config.predictions),
        models: digests.map(|(model, digest)| (model.to_owned(), digest.to_owned())).collect(),
        training_overlaps: training_overlaps(model.as_ref(), &predictions, &[], maps),
        left_out: BTreeMap::new(),
        evaluation: None,
        works: None,
        areas: areas.compare(),
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
    image.size_px.map_or(Ok(()), |size_px| check_size(image, &file.path, size_px))?;
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
