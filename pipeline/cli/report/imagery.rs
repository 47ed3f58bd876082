//! The imagery of a stored survey -> pictures of the ground for a report.

use geo::{AffineTransform, BoundingRect, Point};
use image::{RgbImage, imageops};
use rams_domain::{Ground, Orthomosaic, OrthomosaicRecord, PxBox, RasterSize, Survey};
use rams_report::{Picture, Shot};
use rams_tile::PictureReader;
use std::path::{Path, PathBuf};

/// Windows longer than this, mosaic pixels, are cut from the whole orthomosaic at [`SMALL_PX`]: a
/// file without overviews would be read from end to end for each of them, minutes for 50,000 px.
const LARGE_PX: f64 = 8192.0;

/// Longest side of the whole orthomosaic as it is kept, pixels.
const SMALL_PX: u32 = 3200;

/// An orthomosaic of the survey, open for pictures.
pub(crate) struct Sheet {
    pub(crate) orthomosaic: Orthomosaic,
    reader: PictureReader,
    small: Option<rams_tile::Picture>,
}

impl Sheet {
    /// What the orthomosaic shows of a window of the ground, if anything.
    pub(crate) fn picture(
        &mut self,
        shot: &Shot<'_>,
        ground: &Ground,
    ) -> anyhow::Result<Option<Picture>> {
        let georef = &self.orthomosaic.georef;
        let corner = |corner| georef.to_pixel(ground.from_metres(&Point::from(corner)).0);
        let corners: Vec<_> =
            shot.rect.to_polygon().exterior().coords().map(|at| corner(*at)).collect();
        let Some(bounds) = geo::MultiPoint::from(corners).bounding_rect() else { return Ok(None) };
        let window = PxBox {
            x0: bounds.min().x,
            y0: bounds.min().y,
            x1: bounds.max().x,
            y1: bounds.max().y,
        };
        let [wide_m, high_m] = self.orthomosaic.gsd_m();
        let Some(read) = self.read(&window, shot.longest_px, high_m / wide_m)? else {
            return Ok(None);
        };
        let georef = &self.orthomosaic.georef;
        let jpeg = read.jpeg()?;
        // Straight over the window: an orthomosaic of another CRS than the survey's lies nearly so.
        let PxBox { x0, y0, x1, y1 } = read.window;
        let place =
            |x: f64, y: f64| ground.to_metres(&Point::from(georef.to_ground((x, y).into())));
        let corner = place(x0, y0);
        let (right, down) =
            ((place(x1, y0) - corner) / (x1 - x0), (place(x0, y1) - corner) / (y1 - y0));
        let origin = corner - right * x0 - down * y0;
        let to_metres =
            AffineTransform::new(right.x(), down.x(), origin.x(), right.y(), down.y(), origin.y());
        Ok(Some(Picture { jpeg, size: read.size, window: read.window, to_metres }))
    }

    /// A window, from the file or from the small whole.
    fn read(
        &mut self,
        window: &PxBox,
        longest_px: u32,
        px_aspect: f64,
    ) -> anyhow::Result<Option<rams_tile::Picture>> {
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
fn cut(whole: &rams_tile::Picture, window: &PxBox, longest_px: u32) -> rams_tile::Picture {
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
    rams_tile::Picture { window, size, rgb: part.into_raw() }
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
    rams_tile::place_on(&mut orthomosaic, ground.crs())?;
    orthomosaic.name = record.name.clone();
    let reader = PictureReader::open(&orthomosaic)?;
    Ok(Sheet { orthomosaic, reader, small: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_cut_from_the_whole_shows_what_it_says() {
        // 1000 x 500 mosaic px as 100 x 50: each pixel is red by its column, green by its row.
        let pixels = (0..50u8).flat_map(|row| (0..100u8).flat_map(move |col| [col, row, 0]));
        let window = PxBox { x0: 0.0, y0: 0.0, x1: 1000.0, y1: 500.0 };
        let whole = rams_tile::Picture {
            window,
            size: RasterSize { width: 100, height: 50 },
            rgb: pixels.collect(),
        };
        let asked = PxBox { x0: 305.0, y0: -50.0, x1: 498.0, y1: 95.0 };
        let part = cut(&whole, &asked, 1000);
        assert_eq!(part.window, PxBox { x0: 300.0, y0: 0.0, x1: 500.0, y1: 100.0 });
        assert_eq!(part.size, RasterSize { width: 20, height: 10 });
        assert_eq!((&part.rgb[..3], &part.rgb[597..]), (&[30, 0, 0][..], &[49, 9, 0][..]));
        assert_eq!(cut(&whole, &asked, 10).size, RasterSize { width: 10, height: 5 });
    }
}
