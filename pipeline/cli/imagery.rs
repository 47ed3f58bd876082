//! The imagery of a stored survey, as far as it is at hand.

use image::{RgbImage, imageops};
use rams_domain::{FileDigest, Ground, Orthomosaic, OrthomosaicRecord, PxBox, RasterSize, Survey};
use rams_tile::{Picture, PictureReader, TileError};
use std::path::{Path, PathBuf};

/// Windows longer than this, mosaic pixels, are cut from the whole orthomosaic at [`SMALL_PX`]: a
/// file without overviews would be read from end to end for each of them, minutes for 50,000 px.
const LARGE_PX: f64 = 8192.0;

/// Longest side of the whole orthomosaic as it is kept, pixels.
const SMALL_PX: u32 = 3200;

/// An orthomosaic of the survey, open for pictures.
pub(crate) struct Sheet {
    pub(crate) orthomosaic: Orthomosaic,
    pub(crate) reader: PictureReader,
    small: Option<Picture>,
}

impl Sheet {
    /// An orthomosaic that lies on the ground of a survey.
    pub(crate) fn open(orthomosaic: Orthomosaic) -> anyhow::Result<Self> {
        let reader = PictureReader::open(&orthomosaic)?;
        Ok(Self { orthomosaic, reader, small: None })
    }

    /// A window, from the file or from the small whole.
    pub(crate) fn read(
        &mut self,
        window: &PxBox,
        longest_px: u32,
        px_aspect: f64,
    ) -> anyhow::Result<Option<Picture>> {
        let RasterSize { width, height } = self.orthomosaic.size;
        let whole = PxBox { x0: 0.0, y0: 0.0, x1: width.into(), y1: height.into() };
        let inside = window.overlap(&whole);
        let longest = (window.x1.min(whole.x1) - window.x0.max(0.0))
            .max(window.y1.min(whole.y1) - window.y0.max(0.0));
        if inside <= 0.0 || longest <= LARGE_PX {
            return Ok(self.reader.read(window, longest_px, px_aspect)?);
        }
        if self.small.is_none() {
            self.small = self.reader.read(&whole, SMALL_PX, px_aspect)?;
        }
        Ok(self.small.as_ref().map(|small| cut(small, window, longest_px)))
    }
}

/// The part of the picture of a whole orthomosaic that shows a window of it, no larger than asked
/// for.
fn cut(whole: &Picture, window: &PxBox, longest_px: u32) -> Picture {
    let RasterSize { width, height } = whole.size;
    let mosaic_px = [whole.window.x1 / f64::from(width), whole.window.y1 / f64::from(height)];
    let side = |from: f64, to: f64, mosaic_px: f64, length: u32| {
        let start = ((from / mosaic_px).floor().max(0.0) as u32).min(length - 1);
        let end = ((to / mosaic_px).ceil() as u32).clamp(start + 1, length);
        (start, end)
    };
    let (x, y) = (
        side(window.x0, window.x1, mosaic_px[0], width),
        side(window.y0, window.y1, mosaic_px[1], height),
    );
    let image = RgbImage::from_raw(width, height, whole.rgb.clone())
        .expect("a picture has the pixels of its size");
    let part = imageops::crop_imm(&image, x.0, y.0, x.1 - x.0, y.1 - y.0).to_image();
    let scale = (f64::from(longest_px) / f64::from(part.width().max(part.height()))).min(1.0);
    let shrunk = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let size = RasterSize { width: shrunk(part.width()), height: shrunk(part.height()) };
    let part = imageops::resize(&part, size.width, size.height, imageops::FilterType::Triangle);
    let window = PxBox {
        x0: f64::from(x.0) * mosaic_px[0],
        y0: f64::from(y.0) * mosaic_px[1],
        x1: f64::from(x.1) * mosaic_px[0],
        y1: f64::from(y.1) * mosaic_px[1],
    };
    let nearest = |at: u32, of: u32, from: (u32, u32)| {
        from.0 + ((f64::from(at) + 0.5) / f64::from(of) * f64::from(from.1 - from.0)) as u32
    };
    let has_image = (0..size.height)
        .flat_map(|row| (0..size.width).map(move |col| (row, col)))
        .map(|(row, col)| {
            let (row, col) = (nearest(row, size.height, y), nearest(col, size.width, x));
            whole.has_image[(row * width + col) as usize]
        })
        .collect();
    Picture { window, size, rgb: part.into_raw(), has_image }
}

/// The orthomosaics of the survey that are at hand, and why the others are not.
pub(crate) fn at_hand(
    survey: &Survey,
    given: &[PathBuf],
) -> anyhow::Result<(Vec<Sheet>, Vec<String>)> {
    let recorded = &survey.record.orthomosaics;
    let names: Vec<&str> = recorded.iter().map(|orthomosaic| orthomosaic.name.as_str()).collect();
    let is_of = |path: &Path, name: &str| {
        names.len() == 1 || path.file_stem().is_some_and(|stem| stem == name)
    };
    for path in given {
        anyhow::ensure!(
            names.iter().any(|name| is_of(path, name)),
            "{} is no orthomosaic of this survey: it has {}",
            path.display(),
            names.join(", ")
        );
    }
    let (mut sheets, mut missing) = (vec![], vec![]);
    for record in recorded {
        let name = &record.name;
        let mut of_name = given.iter().filter(|path| is_of(path, name));
        let moved = of_name.next();
        if let (Some(one), Some(other)) = (moved, of_name.next()) {
            anyhow::bail!(
                "{} and {} would both be {name}: give one",
                one.display(),
                other.display()
            );
        }
        match sheet(moved.unwrap_or(&record.path), record, &survey.ground) {
            Ok(sheet) => sheets.push(sheet),
            // What was asked for and cannot be had is an error; what has moved is said.
            Err(error) if moved.is_some() => return Err(error),
            Err(error) => missing.push(format!(
                "{error:#} (`--ortho FILE` names the file of {name} if it has moved)"
            )),
        }
    }
    Ok((sheets, missing))
}

/// Opens an orthomosaic as the one that was surveyed, on the ground of the survey.
fn sheet(path: &Path, record: &OrthomosaicRecord, ground: &Ground) -> anyhow::Result<Sheet> {
    let mut orthomosaic = rams_tile::open(path, &record.read_as)?;
    let (crs, size) = (orthomosaic.georef.own_ground().crs(), orthomosaic.size);
    anyhow::ensure!(
        size == record.size && *crs == record.crs,
        "{} is not the file that was surveyed: it has {} x {} px in {crs}, the survey {} x {} px \
         in {}",
        path.display(),
        size.width,
        size.height,
        record.size.width,
        record.size.height,
        record.crs
    );
    if let FileDigest::Sha256(surveyed) = &record.digest {
        check_content(path, surveyed)?;
    }
    rams_tile::place_on(&mut orthomosaic, ground.crs())?;
    orthomosaic.name = record.name.clone();
    Sheet::open(orthomosaic)
}

/// A mosaic that was made again has the same size and shows other ground beside the finds.
fn check_content(path: &Path, surveyed: &str) -> anyhow::Result<()> {
    let now = match rams_tile::digest(path, || false) {
        // It would be fetched whole.
        Err(TileError::NoDigest { .. }) => None,
        other => other?,
    };
    let Some(now) = now.filter(|now| now != surveyed) else { return Ok(()) };
    anyhow::bail!(
        "{} is not the file that was surveyed: its SHA-256 is {now}, the survey's {surveyed}; give \
         the file as it was, or survey this one",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_cut_from_the_whole_shows_what_it_says() {
        // 1000 x 500 mosaic px as 100 x 50: each pixel is red by its column, green by its row.
        let pixels = (0..50u8).flat_map(|row| (0..100u8).flat_map(move |col| [col, row, 0]));
        let window = PxBox { x0: 0.0, y0: 0.0, x1: 1000.0, y1: 500.0 };
        let whole = Picture {
            window,
            size: RasterSize { width: 100, height: 50 },
            rgb: pixels.collect(),
            has_image: vec![true; 5000],
        };
        let asked = PxBox { x0: 305.0, y0: -50.0, x1: 498.0, y1: 95.0 };
        let part = cut(&whole, &asked, 1000);
        assert_eq!(part.window, PxBox { x0: 300.0, y0: 0.0, x1: 500.0, y1: 100.0 });
        assert_eq!(part.size, RasterSize { width: 20, height: 10 });
        assert_eq!((&part.rgb[..3], &part.rgb[597..]), (&[30, 0, 0][..], &[49, 9, 0][..]));
        assert_eq!(cut(&whole, &asked, 10).size, RasterSize { width: 10, height: 5 });
    }
}
