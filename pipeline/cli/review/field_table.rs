//! Takes what a field team found into a review.

use crate::output::print;
use anyhow::Context;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use rams_domain::RasterSize;
use rams_evidence::{Mapping, read_field_table};
use rams_review::{FieldTable, Photo, import_field_table};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Component, Path};
use std::process::ExitCode;

/// A photo of a phone has 5 MB.
const PHOTO_BYTES: u64 = 32 << 20;
const PHOTO_SIDE_PX: u32 = 16_384;
/// What decoding one may take.
const PHOTO_MEMORY: u64 = 1 << 30;

pub(super) fn import(
    dir: &Path,
    table: &Path,
    mapping: Option<&Path>,
    importer: &str,
) -> anyhow::Result<ExitCode> {
    let (survey, survey_sha256) = super::read(dir)?;
    let mapping = mapping.map(Mapping::read).transpose()?.unwrap_or_default();
    let rows = read_field_table(table, &mapping, &survey.ground)?;
    let sha256 = rams_tile::digest(table, || false)?.unwrap_or_default();
    let folder = table.canonicalize()?.parent().context("a file has a folder")?.to_owned();
    let photo = |name: &str| photo(&folder, name);
    let table = FieldTable { path: table, sha256, rows, photo: &photo };
    let outcome = import_field_table(dir, survey, survey_sha256, table, importer)?;
    print(&outcome.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// A photo in a folder, upright, as a JPEG without what its camera wrote beside the picture: who,
/// where and with which device. `None` where there is no such file.
fn photo(folder: &Path, name: &str) -> Photo {
    let is_within = |path: &Path| path.components().all(|it| matches!(it, Component::Normal(_)));
    let path = folder.join(name);
    let outside = || "it leads out of the folder of the table: give its name there".to_owned();
    if !is_within(Path::new(name)) {
        return Err(outside());
    }
    if !path.exists() {
        return Ok(None);
    }
    let real = path.canonicalize().map_err(|error| error.to_string())?;
    if !real.starts_with(folder) {
        return Err(outside());
    }
    let about = fs::metadata(&real).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is no file".into());
    }
    if about.len() > PHOTO_BYTES {
        let most = PHOTO_BYTES >> 20;
        return Err(format!("it has {} MiB, and at most {most} are taken", about.len() >> 20));
    }
    let picture = upright(&real).map_err(|error| {
        format!("it cannot be read as a JPEG or PNG of up to {PHOTO_SIDE_PX} px a side: {error}")
    })?;
    let rgb = picture.to_rgb8();
    let size = RasterSize { width: rgb.width(), height: rgb.height() };
    rams_tile::jpeg(rgb.as_raw(), size).map(Some).map_err(|error| error.to_string())
}

fn upright(path: &Path) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(BufReader::new(File::open(path)?)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(PHOTO_SIDE_PX);
    limits.max_image_height = Some(PHOTO_SIDE_PX);
    limits.max_alloc = Some(PHOTO_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}
