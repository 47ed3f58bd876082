//! A stored survey -> the report that people read: the survey, pictures of its imagery, and the cards
//! of its models brought together.

use crate::args::ReportConfig;
use crate::print;
use anyhow::Context;
use geo::{AffineTransform, BoundingRect, Point};
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use rams_detect::Manifest;
use rams_domain::{Ground, Orthomosaic, PxBox, Survey};
use rams_report::{Card, Picture, Report, Shot};
use rams_tile::PictureReader;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Quality of the pictures: at 85 no block shows beside a mine of 20 pixels.
const JPEG_QUALITY: u8 = 85;

/// Writes the report of a survey and returns its files. What the report has to do without is said to the
/// user, and in the report.
pub(crate) fn present(config: &ReportConfig) -> anyhow::Result<Vec<PathBuf>> {
    let survey = rams_store::read(&config.dir)?;
    let (mut sheets, mut no_pictures) = imagery(&survey, &config.orthomosaics)?;
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

/// An orthomosaic of the survey, open for pictures.
struct Sheet {
    orthomosaic: Orthomosaic,
    reader: PictureReader,
}

impl Sheet {
    /// What the orthomosaic shows of a window of the ground, if anything.
    fn picture(&mut self, shot: &Shot<'_>, ground: &Ground) -> anyhow::Result<Option<Picture>> {
        let georef = &self.orthomosaic.georef;
        let corner = |corner| georef.to_pixel(ground.from_metres(&Point::from(corner)).0);
        let corners: Vec<_> = shot.rect.to_polygon().exterior().coords().map(|at| corner(*at)).collect();
        let Some(bounds) = geo::MultiPoint::from(corners).bounding_rect() else { return Ok(None) };
        let window = PxBox { x0: bounds.min().x, y0: bounds.min().y, x1: bounds.max().x, y1: bounds.max().y };
        let [wide_m, high_m] = self.orthomosaic.gsd_m();
        let Some(read) = self.reader.read(&window, shot.longest_px, high_m / wide_m)? else { return Ok(None) };
        let mut jpeg = vec![];
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY);
        encoder.write_image(&read.rgb, read.size.width, read.size.height, ExtendedColorType::Rgb8)?;
        let place = |x: f64, y: f64| ground.to_metres(&Point::from(georef.to_ground((x, y).into())));
        let (origin, right, down) = (place(0.0, 0.0), place(1.0, 0.0), place(0.0, 1.0));
        let (right, down) = (right - origin, down - origin);
        let to_metres = AffineTransform::new(right.x(), down.x(), origin.x(), right.y(), down.y(), origin.y());
        Ok(Some(Picture { jpeg, size: read.size, window: read.window, to_metres }))
    }
}

/// The orthomosaics of the survey that are at hand, and why the others are not.
fn imagery(survey: &Survey, given: &[PathBuf]) -> anyhow::Result<(Vec<Sheet>, Vec<String>)> {
    let recorded: Vec<_> = survey.record.entries.iter().filter(|(section, ..)| section == "orthomosaic").collect();
    let item = |name: &str, item: &str| {
        let wanted = format!("{name}: {item}");
        recorded.iter().find(|entry| entry.1 == wanted).map(|entry| entry.2.as_str())
    };
    let names: Vec<&str> = recorded.iter().filter_map(|entry| entry.1.strip_suffix(": path")).collect();
    let is_of = |path: &Path, name: &str| names.len() == 1 || path.file_stem().is_some_and(|stem| stem == name);
    for path in given {
        anyhow::ensure!(
            names.iter().any(|name| is_of(path, name)),
            "{} is no orthomosaic of this survey: it has {}",
            path.display(),
            names.join(", ")
        );
    }
    let (mut sheets, mut missing) = (vec![], vec![]);
    for name in &names {
        let moved = given.iter().find(|path| is_of(path, name));
        let path = moved.cloned().unwrap_or_else(|| PathBuf::from(item(name, "path").unwrap_or_default()));
        match sheet(&path, name, item(name, "size px"), &survey.ground) {
            Ok(sheet) => sheets.push(sheet),
            // What was asked for and cannot be had is an error; what has moved is said.
            Err(error) if moved.is_some() => return Err(error),
            Err(error) => missing.push(format!("{error:#} (`--ortho FILE` names the file of {name} if it has moved)")),
        }
    }
    Ok((sheets, missing))
}

/// Opens an orthomosaic as the one that was surveyed.
fn sheet(path: &Path, name: &str, size: Option<&str>, ground: &Ground) -> anyhow::Result<Sheet> {
    let mut orthomosaic = rams_tile::open(path)?;
    let found = format!("{} x {}", orthomosaic.size.width, orthomosaic.size.height);
    let same = size.is_none_or(|size| size == found) && orthomosaic.georef.ground().crs().name == ground.crs().name;
    anyhow::ensure!(
        same,
        "{} is not the file that was surveyed: it has {found} px in {}, the survey {} px in {}",
        path.display(),
        orthomosaic.georef.ground().crs().name,
        size.unwrap_or("any"),
        ground.crs().name
    );
    orthomosaic.name = name.to_owned();
    let reader = PictureReader::open(&orthomosaic)?;
    Ok(Sheet { orthomosaic, reader })
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
