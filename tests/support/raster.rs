//! Rasters of any type and format, in the place of an [`Ortho`](super::Ortho).

use gdal::{
    Dataset, DriverManager,
    raster::{Buffer, GdalType, RasterCreationOptions},
    spatial_ref::SpatialRef,
};
use std::path::Path;

/// Writes a GeoTIFF of bands of a type; `finish` may add to it before it is closed.
pub(crate) fn raster<T: GdalType + Copy>(
    path: &Path,
    size: (usize, usize),
    bands: &[Vec<T>],
    options: &[&str],
    finish: impl FnOnce(&mut Dataset),
) {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options: RasterCreationOptions = options.iter().copied().collect();
    let mut dataset = driver
        .create_with_band_type_with_options::<T, _>(path, size.0, size.1, bands.len(), &options)
        .unwrap();
    dataset.set_geo_transform(&[500_000.0, 0.01, 0.0, 1_000.0, 0.0, -0.01]).unwrap();
    dataset.set_spatial_ref(&SpatialRef::from_epsg(32633).unwrap()).unwrap();
    finish(&mut dataset);
    for (number, values) in (1..).zip(bands) {
        let mut band = dataset.rasterband(number).unwrap();
        band.write((0, 0), size, &mut Buffer::new(size, values.clone())).unwrap();
    }
}

/// Copies a raster to another format.
pub(crate) fn copy_as(from: &Path, driver: &str, to: &Path, options: &[&str]) {
    let options: RasterCreationOptions = options.iter().copied().collect();
    let driver = DriverManager::get_driver_by_name(driver).unwrap();
    Dataset::open(from).unwrap().create_copy(&driver, to, &options).unwrap();
}
