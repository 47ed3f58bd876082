//! A window of an orthomosaic -> a picture for people, through the file's overviews where it has
//! any.
//!
//! Not for models: an overview is whatever its maker made of the pixels.

use crate::{TileError, colour::Colours, marker::Marker, open, window};
use gdal::Dataset;
use rams_domain::{Orthomosaic, PxBox, RasterSize};
use std::path::PathBuf;

/// Reads pictures of one orthomosaic.
///
/// ```
/// # use gdal::{DriverManager, raster::Buffer, spatial_ref::SpatialRef};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.tif");
/// # let driver = DriverManager::get_driver_by_name("GTiff")?;
/// # let mut file = driver.create_with_band_type::<u8, _>(&path, 64, 64, 3)?;
/// # file.set_geo_transform(&[500_000.0, 0.01, 0.0, 5_000_000.0, 0.0, -0.01])?;
/// # file.set_spatial_ref(&SpatialRef::from_epsg(32633)?)?;
/// # for band in 1..=3 {
/// #     let values = (0..64 * 64).map(|at| (at % 200) as u8 + band as u8).collect();
/// #     file.rasterband(band)?.write((0, 0), (64, 64), &mut Buffer::new((64, 64), values))?;
/// # }
/// # drop(file);
/// use rams_domain::{PxBox, RasterSize, ReadAs};
/// use rams_tile::{PictureReader, open};
///
/// let orthomosaic = open(&path, &ReadAs::default())?;
/// let mut reader = PictureReader::open(&orthomosaic)?;
/// // The left half and some ground to its left, at most 16 px a side.
/// let window = PxBox { x0: -32.0, y0: 0.0, x1: 32.0, y1: 64.0 };
/// let picture = reader.read(&window, 16, 1.0)?.ok_or("they are apart")?;
/// assert_eq!(picture.window, PxBox { x0: 0.0, ..window });
/// assert_eq!(picture.size, RasterSize { width: 8, height: 16 });
/// assert_eq!(picture.rgb.len(), 3 * 8 * 16);
/// assert!(picture.has_image.iter().all(|has_image| *has_image));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Whether each of them has an image.
    pub has_image: Vec<bool>,
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

    /// Whether the file has overviews: without any, a large window is read pixel by pixel.
    pub fn has_overviews(&self) -> bool {
        let band = self.dataset.rasterband(self.colours.bands[0]);
        band.and_then(|band| band.overview_count()).is_ok_and(|count| count > 0)
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
        let (rgb, has_image) =
            window::twice(dataset, |dataset| pixels(dataset, colours, markers, &window, size))
                .map_err(|cause| TileError::Picture { path: path.clone(), cause })?;
        Ok(Some(Picture { window, size, rgb, has_image }))
    }
}

fn pixels(
    dataset: &Dataset,
    colours: &Colours,
    markers: &[Marker],
    window: &PxBox,
    size: RasterSize,
) -> Result<(Vec<u8>, Vec<bool>), String> {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut rgb = colours.sketch(dataset, window, (width, height))?;
    let mut has_image = vec![true; width * height];
    for marker in markers {
        let marked = marker.read(dataset, window, (width, height))?;
        has_image.iter_mut().zip(marked).for_each(|(has_image, marked)| *has_image &= marked);
    }
    for (colour, _) in rgb.chunks_exact_mut(3).zip(&has_image).filter(|(_, image)| !**image) {
        colour.copy_from_slice(&PictureReader::NO_IMAGE);
    }
    Ok((rgb, has_image))
}
