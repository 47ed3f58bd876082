//! Writes a stored survey as a report: the survey, pictures of its imagery and the cards of its
//! models brought together.

mod pdf;
mod picture;

use crate::{
    args::{ReportArgs, ReportConfig},
    imagery,
    output::print,
    review,
    terminal::notice,
};
use anyhow::Context;
use rams_domain::{ModelRecord, Survey};
use rams_model::Manifest;
use rams_report::{Card, Report};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Name of the report's file within the survey's folder.
const REPORT_FILE: &str = "report.html";

/// Runs the command.
pub(crate) fn run(args: ReportArgs) -> anyhow::Result<ExitCode> {
    let written = match &args.day {
        Some(day) => progress(&args, day)?,
        None => report(&args.resolve()?)?,
    };
    for path in written {
        print(&path.display().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes what people decided on a day and returns its files.
fn progress(args: &ReportArgs, day: &str) -> anyhow::Result<Vec<PathBuf>> {
    let (survey, sha256) = review::read(&args.dir)?;
    let progress = rams_review::progress(&args.dir, survey.clone(), sha256, day)?;
    let html = rams_report::day_to_html(&progress, &survey);
    let path = args.dir.join(format!("progress-{day}.html"));
    write(&path, &html)?;
    let pdf = args.pdf.then(|| pdf::to_pdf(&path)).transpose()?;
    Ok([path].into_iter().chain(pdf).collect())
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.partial"));
    fs::write(&draft, text)
        .and_then(|()| fs::rename(&draft, path))
        .map_err(|error| rams_store::StoreError::write(path, &error))?;
    Ok(())
}

/// Writes the report of a survey and returns its files. What the report has to do without is said
/// to the user, and in the report.
fn report(config: &ReportConfig) -> anyhow::Result<Vec<PathBuf>> {
    let (mut survey, notices) =
        rams_store::read_from_confidence(&config.dir, config.min_confidence)?;
    survey.metadata = config.metadata.clone().over(survey.metadata);
    survey.place_in_stated_district();
    notices.iter().for_each(|text| notice(text));
    let (mut sheets, mut no_pictures) = imagery::at_hand(&survey, &config.orthomosaics)?;
    let cards = cards(&survey, &config.models);
    let report = Report {
        survey: &survey,
        colour: rams_store::palette::colour,
        cards: &cards,
        has_full_cards: config.model_cards,
        no_pictures: &no_pictures,
    };
    let mut failed = vec![];
    let mut camera = |shot: &rams_report::Shot<'_>| {
        let mut pictures = vec![];
        for sheet in sheets
            .iter_mut()
            .filter(|sheet| shot.orthomosaic.is_none_or(|name| name == sheet.orthomosaic.name))
        {
            match picture::picture(sheet, shot, &survey.ground) {
                Ok(picture) => pictures.extend(picture),
                Err(error) => failed.push(format!("{error:#}")),
            }
        }
        pictures
    };
    let (name, html) = match &config.sheet {
        None => (REPORT_FILE.to_owned(), report.to_html(&mut camera)),
        Some(id) => {
            let sheet = report.field_sheet(id, &mut camera);
            (format!("sheet-{id}.html"), sheet.with_context(|| no_area(config, &survey, id))?)
        }
    };
    failed.sort();
    failed.dedup();
    no_pictures.extend(failed);
    no_pictures.iter().for_each(|line| notice(&format!("without pictures: {line}")));

    let path = config.dir.join(name);
    write(&path, &html)?;
    let mut written = vec![path];
    let pdf = written[0].with_extension("pdf");
    if !config.pdf && pdf.exists() {
        notice(&format!("{} is of an older report: --pdf prints this one", pdf.display()));
    }
    if config.pdf {
        written.push(pdf::to_pdf(&written[0])?);
    }
    Ok(written)
}

fn no_area(config: &ReportConfig, survey: &Survey, id: &str) -> String {
    let ids: Vec<String> = survey.hazard_areas.iter().map(|area| area.id.to_string()).collect();
    let there = match &ids[..] {
        [] => "no area".into(),
        [one] => one.clone(),
        [first, .., last] => format!("{} areas, {first} to {last}", ids.len()),
    };
    format!("there is no area {id} in {}: it has {there}", config.dir.display())
}

/// That a report lies beside a survey that was written after it, if one does.
pub(crate) fn older_report(survey: &Path) -> Option<String> {
    let report = survey.with_file_name(REPORT_FILE);
    let text = || {
        format!(
            "{} is of the survey that was there before: `rams report` writes it anew",
            report.display()
        )
    };
    report.exists().then(text)
}

/// Cards of the models of the survey. One that is not at hand, or is another version's, says so.
fn cards(survey: &Survey, folders: &[PathBuf]) -> Vec<Card> {
    let manifests: Vec<_> = folders
        .iter()
        .filter_map(|folder| Some((folder, Manifest::read(folder, None).ok()?)))
        .collect();
    let card = |ModelRecord { name: model, version, sha256: digest, .. }: &ModelRecord| {
        // By its digest: of two models of one name the second has another in the survey.
        let is_same = |(_, manifest): &&(_, Manifest)| manifest.model.digest == *digest;
        let found = manifests.iter().find(is_same);
        let found =
            found.or_else(|| manifests.iter().find(|(_, manifest)| manifest.model.name == *model));
        let place = found.map(|(folder, _)| folder.join("CARD.md"));
        let text = place.as_ref().and_then(|place| fs::read_to_string(place).ok());
        let same =
            found.map(|(_, manifest)| &manifest.model).filter(|found| found.digest == *digest);
        let doubt = match (&text, same) {
            (Some(_), Some(_)) => String::new(),
            (Some(_), None) => {
                format!(
                    "This is the card of another version of “{model}” than the one that ran \
                     (sha256 {digest})."
                )
            }
            (None, _) => format!(
                "The card of the model “{model}” (sha256 {digest}) was not at hand. Without it \
                 nobody can say how much the model misses: ask for it before relying on this \
                 report."
            ),
        };
        let categories = same.into_iter().flat_map(|model| &model.classes);
        let categories = categories.map(|class| (class.name.clone(), class.eo_category)).collect();
        Card {
            model: model.clone(),
            version: version.clone(),
            sha256: digest.clone(),
            place: place
                .filter(|_| text.is_some())
                .map_or_else(String::new, |place| place.display().to_string()),
            text: text.unwrap_or_default(),
            categories,
            doubt,
        }
    };
    survey.record.models.iter().map(card).collect()
}
