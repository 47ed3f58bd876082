//! An orthomosaic painted by a test.

use gdal::{
    DriverManager,
    raster::{Buffer, RasterCreationOptions},
    spatial_ref::SpatialRef,
};
use std::path::Path;

/// Side of the squares that the toy model `red-boxes` knows, pixels of 1 cm.
pub(crate) const SQUARE_PX: usize = 11;

/// Grey, mottled ground of 1 cm pixels, with what a test adds.
pub(crate) struct Ortho {
    pub(crate) size: (usize, usize),
    pub(crate) geotransform: [f64; 6],
    pub(crate) epsg: u32,
    /// As GDAL's GeoTIFF driver names it.
    pub(crate) compression: &'static str,
    colours: Vec<[u8; 3]>,
    alpha: Option<Vec<u8>>,
}

impl Ortho {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        // Mottled by a small hash, so that no two rows are alike and JPEG or average would show.
        let grey = |at: usize| 90 + ((at * 2_654_435_761) >> 7) as u8 % 40;
        Self {
            size: (width, height),
            geotransform: [500_000.0, 0.01, 0.0, 1_000.0, 0.0, -0.01],
            epsg: 32633,
            compression: "DEFLATE",
            colours: (0..width * height).map(|at| [grey(at); 3]).collect(),
            alpha: None,
        }
    }

    /// Fills a rectangle of columns and rows; parts outside the raster are left out.
    pub(crate) fn fill(mut self, x: (i64, i64), y: (i64, i64), colour: [u8; 3]) -> Self {
        let (width, height) = (self.size.0 as i64, self.size.1 as i64);
        for row in y.0.max(0)..y.1.min(height) {
            for col in x.0.max(0)..x.1.min(width) {
                self.colours[(row * width + col) as usize] = colour;
            }
        }
        self
    }

    /// Paints columns from one on, by column and row.
    pub(crate) fn paint(mut self, from: usize, colour: impl Fn(usize, usize) -> [u8; 3]) -> Self {
        let width = self.size.0;
        for (at, painted) in
            self.colours.iter_mut().enumerate().filter(|(at, _)| at % width >= from)
        {
            *painted = colour(at % width, at / width);
        }
        self
    }

    /// A red square of [`SQUARE_PX`] with its upper left corner at a pixel.
    pub(crate) fn square(self, x: i64, y: i64) -> Self {
        let side = SQUARE_PX as i64;
        self.fill((x, x + side), (y, y + side), [255, 0, 0])
    }

    /// Takes the image away where `empty` says so, through an alpha band.
    pub(crate) fn without(mut self, empty: impl Fn(usize, usize) -> bool) -> Self {
        let width = self.size.0;
        let values =
            (0..width * self.size.1).map(|at| if empty(at % width, at / width) { 0 } else { 255 });
        self.alpha = Some(values.collect());
        self
    }

    /// The values of a colour: 0 is red.
    pub(crate) fn band(&self, colour: usize) -> Vec<u8> {
        self.colours.iter().map(|pixel| pixel[colour]).collect()
    }

    pub(crate) fn write(&self, path: &Path) {
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let bands = if self.alpha.is_some() { 4 } else { 3 };
        let alpha = if self.alpha.is_some() { "ALPHA=YES" } else { "ALPHA=NO" };
        let compress = format!("COMPRESS={}", self.compression);
        let options =
            ["TILED=YES", &compress, "PHOTOMETRIC=RGB", alpha, "BLOCKXSIZE=128", "BLOCKYSIZE=128"];
        let options: RasterCreationOptions = options.into_iter().collect();
        let (width, height) = self.size;
        let mut dataset = driver
            .create_with_band_type_with_options::<u8, _>(path, width, height, bands, &options)
            .unwrap();
        dataset.set_geo_transform(&self.geotransform).unwrap();
        dataset.set_spatial_ref(&SpatialRef::from_epsg(self.epsg).unwrap()).unwrap();
        for number in 1..=bands {
            let values = match &self.alpha {
                Some(alpha) if number == 4 => alpha.clone(),
                _ => self.colours.iter().map(|colour| colour[number - 1]).collect(),
            };
            let mut band = dataset.rasterband(number).unwrap();
            band.write((0, 0), self.size, &mut Buffer::new(self.size, values)).unwrap();
        }
    }
}
