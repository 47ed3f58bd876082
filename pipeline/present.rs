//! A stored survey -> the report that people read: the survey, pictures of its imagery, and the cards
//! of its models brought together.

use crate::{args::ReportConfig, imagery, print};
use anyhow::Context;
use rams_detect::Manifest;
use rams_domain::Survey;
use rams_report::{Card, Report};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// Writes the report of a survey and returns its files. What the report has to do without is said to the
/// user, and in the report.
pub(crate) fn present(config: &ReportConfig) -> anyhow::Result<Vec<PathBuf>> {
    let survey = rams_store::read(&config.dir)?;
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

    let path = config.dir.join("report.html");
    let draft = config.dir.join(".report.html.partial");
    fs::write(&draft, html)
        .and_then(|()| fs::rename(&draft, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut written = vec![path];
    if config.pdf {
        written.push(print::to_pdf(&written[0])?);
    }
    Ok(written)
}

/// Cards of the models of the survey, as far as they are at hand.
fn cards(survey: &Survey, folders: &[PathBuf]) -> Vec<Card> {
    let recorded = |section: &str, item: &str| -> Vec<(String, String)> {
        let entries = survey.record.entries.iter().filter(|entry| entry.0 == section);
        entries.filter_map(|(_, name, value)| Some((name.strip_suffix(item)?.to_owned(), value.clone()))).collect()
    };
    let digests: BTreeSet<_> = recorded("model", ": sha256").into_iter().collect();
    let manifests: Vec<_> = folders.iter().filter_map(|folder| Some((folder, Manifest::read(folder).ok()?))).collect();
    digests.into_iter().map(|(model, digest)| {
        let found = manifests.iter().find(|(_, manifest)| manifest.model.name == model);
        let read = found.map(|(folder, manifest)| (fs::read_to_string(folder.join("CARD.md")), manifest));
        let (text, doubt) = match read {
            Some((Ok(text), manifest)) if manifest.model.digest == digest => (text, String::new()),
            Some((Ok(text), _)) => (text, format!("This is the card of another version of {model} than the one that ran (sha256 {digest}).")),
            _ => (String::new(), format!(
                "The card of the model {model} (sha256 {digest}) was not at hand. Without it nobody can say how much the model misses: ask for it before relying on this report."
            )),
        };
        Card { model, text, doubt }
    }).collect()
}
