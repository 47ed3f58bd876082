//! A window of an orthomosaic -> a picture for people, through the file's overviews where it has
//! any.
//!
//! Not for models: an overview is whatever its maker made of the pixels.

use crate::{TileError, colour::Colours, marker::Marker, open, window};
use gdal::Dataset;
use rams_domain::{Orthomosaic, PxBox, RasterSize};
use std::path::PathBuf;

/// Reads pictures of one orthomosaic.
pub struct PictureReader {
    dataset: Dataset,
    path: PathBuf,
    colours: Colours,
    markers: Vec<Marker>,
    size: RasterSize,
}

/// Pixels for people.
pub struct Picture {
    /// What it shows, mosaic pixels: the window that was asked for, inside the orthomosaic.
    pub window: PxBox,
    /// Width and height.
    pub size: RasterSize,
    /// Red, green, blue, row by row. Ground without image has the reader's paper colour.
    pub rgb: Vec<u8>,
}

impl PictureReader {
    /// What ground without image is painted in: neither black, which looks like a shadow, nor the
    /// white of a page.
    pub const NO_IMAGE: [u8; 3] = [226, 226, 222];

    /// A reader of its own for the calling thread.
    pub fn open(orthomosaic: &Orthomosaic) -> Result<Self, TileError> {
        let (dataset, colours) = open::reopen(orthomosaic, true)?;
        let markers = Marker::of(&dataset, &colours, &orthomosaic.validity);
        Ok(Self {
            dataset,
            path: orthomosaic.path.clone(),
            colours,
            markers,
            size: orthomosaic.size,
        })
    }

    /// The part of `window` (mosaic pixels) that the orthomosaic holds, at most `longest_px` wide
    /// and high and never enlarged; `px_aspect` is the height of a mosaic pixel on the ground over
    /// its width, so that a picture in degrees is not squashed. `None` where they are apart.
    pub fn read(
        &mut self,
        window: &PxBox,
        longest_px: u32,
        px_aspect: f64,
    ) -> Result<Option<Picture>, TileError> {
        let window = PxBox {
            x0: window.x0.max(0.0),
            y0: window.y0.max(0.0),
            x1: window.x1.min(self.size.width.into()),
            y1: window.y1.min(self.size.height.into()),
        };
        let (width, height) = (window.x1 - window.x0, (window.y1 - window.y0) * px_aspect);
        if width <= 0.0 || height <= 0.0 {
            return Ok(None);
        }
        let scale = (f64::from(longest_px) / width.max(height)).min(1.0);
        let side = |length: f64| ((length * scale).round() as u32).max(1);
        let size = RasterSize { width: side(width), height: side(height) };
        let Self { dataset, path, colours, markers, .. } = self;
        let rgb =
            window::twice(dataset, |dataset| pixels(dataset, colours, markers, &window, size))
                .map_err(|cause| TileError::Picture { path: path.clone(), cause })?;
        Ok(Some(Picture { window, size, rgb }))
    }
}

fn pixels(
    dataset: &Dataset,
    colours: &Colours,
    markers: &[Marker],
    window: &PxBox,
    size: RasterSize,
) -> Result<Vec<u8>, String> {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut rgb = colours.sketch(dataset, window, (width, height))?;
    for marker in markers {
        let image = marker.read(dataset, window, (width, height))?;
        for (colour, _) in rgb.chunks_exact_mut(3).zip(image).filter(|(_, image)| !image) {
            colour.copy_from_slice(&PictureReader::NO_IMAGE);
        }
    }
    Ok(rgb)
}
