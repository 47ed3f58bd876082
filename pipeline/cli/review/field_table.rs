//! Takes what a field team found into a review.

use anyhow::Context;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use rams_domain::{RasterSize, Survey};
use rams_evidence::{Mapping, read_field_table};
use rams_review::{FieldOutcome, FieldTable, Photo, import_field_table};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Component, Path};

/// A photo of a phone has 5 MB.
const PHOTO_BYTES: u64 = 32 << 20;
const PHOTO_SIDE_PX: u32 = 16_384;
/// What decoding one may take.
const PHOTO_MEMORY: u64 = 1 << 30;

pub(super) fn import(
    dir: &Path,
    survey: Survey,
    survey_sha256: String,
    table: &Path,
    mapping: &Mapping,
    importer: &str,
) -> anyhow::Result<FieldOutcome> {
    let rows = read_field_table(table, mapping, &survey.ground)?;
    let sha256 = rams_tile::digest(table, || false)?.unwrap_or_default();
    let folder = table.canonicalize()?.parent().context("a file has a folder")?.to_owned();
    let photo = |name: &str| photo(&folder, name);
    let table = FieldTable { path: table, sha256, rows, photo: &photo };
    Ok(import_field_table(dir, survey, survey_sha256, table, importer)?)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic
    use super::*;

    /// A JPEG of a red and a green half, side by side, by a camera that was held upright: its Exif
    /// says who made it, and that the picture is to be turned to the right.
    fn of_a_camera() -> Vec<u8> {
        let pixel = |at: usize| if at % 48 < 16 { [250, 0, 0] } else { [0, 200, 0] };
        let rgb: Vec<u8> = (0..48 * 32).flat_map(pixel).collect();
        let plain = rams_tile::jpeg(&rgb, RasterSize { width: 48, height: 32 }).unwrap();
        // Tags 0x010f, nine letters at byte 38, and 0x0112, one short: 6.
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x0f\x01\x02\0\x09\0\0\0\x26\0\0\0");
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        exif.extend(b"\0\0\0\0CAMERA-X\0");
        let length = ((exif.len() + 2) as u16).to_be_bytes();
        [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..]].concat()
    }

    #[test]
    fn a_photo_is_upright_and_without_what_its_camera_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let camera = of_a_camera();
        assert!(camera.windows(8).any(|eight| eight == b"CAMERA-X"));
        fs::write(root.join("a.jpg"), &camera).unwrap();
        let kept = photo(&root, "a.jpg").unwrap().unwrap();
        assert!(!kept.windows(8).any(|eight| eight == b"CAMERA-X"));
        assert!(!kept.windows(4).any(|four| four == b"Exif"));
        let picture = image::load_from_memory(&kept).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (32, 48));
        // What was left is above.
        let is_red = |x: u32, y: u32| picture.get_pixel(x, y)[0] > 200;
        assert!(is_red(4, 4) && is_red(28, 8) && !is_red(4, 40));
    }

    #[test]
    fn what_is_no_photo_of_the_folder_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let said = |name: &str| photo(&root, name).unwrap_err();
        fs::write(root.join("note.jpg"), "no picture").unwrap();
        assert!(said("note.jpg").starts_with("it cannot be read as a JPEG or PNG of up to 16384"));
        File::create(root.join("big.jpg")).unwrap().set_len(PHOTO_BYTES + (1 << 20)).unwrap();
        assert_eq!(said("big.jpg"), "it has 33 MiB, and at most 32 are taken");
        fs::create_dir(root.join("sub")).unwrap();
        assert_eq!(said("sub"), "it is no file");
        let outside = tempfile::NamedTempFile::new().unwrap();
        for name in ["../a.jpg", "/etc/passwd", "sub/../../a.jpg", ""] {
            let taken = photo(&root, name);
            assert!(taken.is_err(), "{name}: {taken:?}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), root.join("link.jpg")).unwrap();
            assert!(said("link.jpg").starts_with("it leads out of the folder"));
        }
        assert_eq!(photo(&root, "missing.jpg"), Ok(None));
    }
}
