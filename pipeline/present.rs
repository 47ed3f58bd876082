//! A stored survey -> the report that people read: the survey, pictures of its imagery, and the cards
//! of its models brought together.

use crate::{args::ReportConfig, imagery, print};
use anyhow::Context;
use rams_detect::Manifest;
use rams_domain::Survey;
use rams_report::{Card, Report};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Name of the report's file within the survey's folder.
const REPORT_FILE: &str = "report.html";

/// Writes the report of a survey and returns its files. What the report has to do without is said to the
/// user, and in the report.
pub(crate) fn present(config: &ReportConfig) -> anyhow::Result<Vec<PathBuf>> {
    let (survey, notices) = rams_store::read(&config.dir)?;
    notices.iter().for_each(|notice| eprintln!("{notice}"));
    let (mut sheets, mut no_pictures) = imagery::at_hand(&survey, &config.orthomosaics)?;
    let cards = cards(&survey, &config.models);
    let report = Report { survey: &survey, colour: rams_store::colour, cards: &cards, no_pictures: &no_pictures };
    let mut failed = vec![];
    let html = report.to_html(&mut |shot| {
        let mut pictures = vec![];
        for sheet in
            sheets.iter_mut().filter(|sheet| shot.orthomosaic.is_none_or(|name| name == sheet.orthomosaic.name))
        {
            match sheet.picture(shot, &survey.ground) {
                Ok(picture) => pictures.extend(picture),
                Err(error) => failed.push(format!("{error:#}")),
            }
        }
        pictures
    });
    failed.sort();
    failed.dedup();
    no_pictures.extend(failed);
    no_pictures.iter().for_each(|line| eprintln!("without pictures: {line}"));

    let path = config.dir.join(REPORT_FILE);
    let draft = config.dir.join(".report.html.partial");
    fs::write(&draft, html)
        .and_then(|()| fs::rename(&draft, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut written = vec![path];
    let pdf = written[0].with_extension("pdf");
    if !config.pdf && pdf.exists() {
        eprintln!("{} is of an older report: --pdf prints this one", pdf.display());
    }
    if config.pdf {
        written.push(print::to_pdf(&written[0])?);
    }
    Ok(written)
}

/// Says so where a report lies beside a survey that was written after it.
pub(crate) fn tell_of_older(survey: &Path) {
    let report = survey.with_file_name(REPORT_FILE);
    if report.exists() {
        eprintln!("{} is of the survey that was there before: `rams report` writes it anew", report.display());
    }
}

/// Cards of the models of the survey. One that is not at hand, or is another version's, says so.
fn cards(survey: &Survey, folders: &[PathBuf]) -> Vec<Card> {
    let manifests: Vec<_> =
        folders.iter().filter_map(|folder| Some((folder, Manifest::read(folder, None).ok()?))).collect();
    let card = |(model, digest): (String, &String)| {
        // By its digest: of two models of one name the second has another in the survey.
        let is_same = |(_, manifest): &&(_, Manifest)| manifest.model.digest == *digest;
        let found = manifests.iter().find(is_same);
        let found = found.or_else(|| manifests.iter().find(|(_, manifest)| manifest.model.name == model));
        let text = found.and_then(|(folder, _)| fs::read_to_string(folder.join("CARD.md")).ok());
        let same = found.map(|(_, manifest)| &manifest.model).filter(|found| found.digest == *digest);
        let doubt = match (&text, same) {
            (Some(_), Some(_)) => String::new(),
            (Some(_), None) => {
                format!("This is the card of another version of “{model}” than the one that ran (sha256 {digest}).")
            }
            (None, _) => format!(
                "The card of the model “{model}” (sha256 {digest}) was not at hand. Without it nobody can say how much the \
                 model misses: ask for it before relying on this report."
            ),
        };
        let categories = same.into_iter().flat_map(|model| &model.classes);
        let categories = categories.map(|class| (class.name.clone(), class.eo_category)).collect();
        Card { model, text: text.unwrap_or_default(), categories, doubt }
    };
    let of_models = survey.record.entries.iter().filter(|(section, ..)| section == "model");
    let digests = of_models.filter_map(|(_, name, value)| Some((name.strip_suffix(": sha256")?.to_owned(), value)));
    digests.map(card).collect()
}
