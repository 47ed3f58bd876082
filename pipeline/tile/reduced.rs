//! An orthomosaic without overviews -> a small copy of it with overviews, for people to look at.

use crate::{PictureReader, TileError, relation, window};
use gdal::{
    Dataset, DriverManager,
    errors::GdalError,
    raster::{Buffer, ColorInterpretation, RasterCreationOptions},
};
use rams_domain::{Orthomosaic, PxBox, RasterSize};
use std::path::Path;

/// Rows of the copy that are made at a time.
const ROWS: u32 = 128;

/// Overviews of the copy: each half of the one before.
const OVERVIEWS: [i32; 6] = [2, 4, 8, 16, 32, 64];

/// Writes a copy whose pixels are `factor` times as wide and high as the orthomosaic's, averages of
/// these: red, green, blue, and alpha. The orthomosaic is read once, from end to end; `done` hears
/// the share that is done, 0 to 1.
///
/// ```
/// # use gdal::{DriverManager, raster::Buffer, spatial_ref::SpatialRef};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.tif");
/// # let driver = DriverManager::get_driver_by_name("GTiff")?;
/// # let mut file = driver.create_with_band_type::<u8, _>(&path, 640, 320, 3)?;
/// # file.set_geo_transform(&[500_000.0, 0.01, 0.0, 5_000_000.0, 0.0, -0.01])?;
/// # file.set_spatial_ref(&SpatialRef::from_epsg(32633)?)?;
/// # for band in 1..=3 {
/// #     let values = (0..640 * 320).map(|at| (at % 640 / 4) as u8 + 1).collect();
/// #     file.rasterband(band)?.write((0, 0), (640, 320), &mut Buffer::new((640, 320), values))?;
/// # }
/// # drop(file);
/// use rams_domain::{PxBox, RasterSize, ReadAs};
///
/// let orthomosaic = rams_tile::open(&path, &ReadAs::default())?;
/// assert!(!rams_tile::PictureReader::open(&orthomosaic)?.has_overviews());
/// let copy = folder.path().join("copy.tif");
/// rams_tile::write_reduced(&orthomosaic, &copy, 4, &mut |_| ())?;
///
/// let copy = rams_tile::open(&copy, &ReadAs::default())?;
/// assert_eq!(copy.size, RasterSize { width: 160, height: 80 });
/// let mut reader = rams_tile::PictureReader::open(&copy)?;
/// assert!(reader.has_overviews());
/// let window = PxBox { x0: 40.0, y0: 0.0, x1: 41.0, y1: 1.0 };
/// let picture = reader.read(&window, 1, 1.0)?.ok_or("it is in the copy")?;
/// assert_eq!(picture.rgb, [41, 41, 41]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_reduced(
    orthomosaic: &Orthomosaic,
    path: &Path,
    factor: u32,
    done: &mut dyn FnMut(f64),
) -> Result<(), TileError> {
    let failed = |error: GdalError| TileError::Reduced {
        path: path.to_owned(),
        cause: window::cause(&error),
    };
    let RasterSize { width, height } = orthomosaic.size;
    let size = RasterSize { width: width.div_ceil(factor), height: height.div_ceil(factor) };
    let mut copy = created(orthomosaic, path, size).map_err(failed)?;
    let mut reader = PictureReader::open(orthomosaic)?;
    let rows_px = f64::from(height) / f64::from(size.height);
    let step = ROWS.min(size.width);
    for top in (0..size.height).step_by(step as usize) {
        let end = (top + step).min(size.height);
        let window = PxBox {
            x0: 0.0,
            y0: f64::from(top) * rows_px,
            x1: width.into(),
            y1: f64::from(end) * rows_px,
        };
        if let Some(picture) = reader.read(&window, size.width, 1.0)? {
            write(&mut copy, top, end.min(top + picture.size.height), &picture).map_err(failed)?;
        }
        done(f64::from(end) / f64::from(size.height));
    }
    copy.flush_cache().map_err(failed)?;
    copy.build_overviews("AVERAGE", &OVERVIEWS, &[]).map_err(failed)
}

fn created(orthomosaic: &Orthomosaic, path: &Path, size: RasterSize) -> Result<Dataset, GdalError> {
    let options = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE"];
    let options: RasterCreationOptions = options.into_iter().chain(["BIGTIFF=IF_SAFER"]).collect();
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let (width, height) = (size.width as usize, size.height as usize);
    let mut copy =
        driver.create_with_band_type_with_options::<u8, _>(path, width, height, 4, &options)?;
    let RasterSize { width, height } = orthomosaic.size;
    let place = |x: f64, y: f64| orthomosaic.georef.to_own((x, y).into());
    let corner = place(0.0, 0.0);
    let across = (place(width.into(), 0.0) - corner) / f64::from(size.width);
    let down = (place(0.0, height.into()) - corner) / f64::from(size.height);
    copy.set_geo_transform(&[corner.x, across.x, down.x, corner.y, across.y, down.y])?;
    copy.set_spatial_ref(&relation::of(orthomosaic.georef.own_ground().crs())?)?;
    use ColorInterpretation::{AlphaBand, BlueBand, GreenBand, RedBand};
    for (colour, band) in [RedBand, GreenBand, BlueBand, AlphaBand].into_iter().zip(1..) {
        copy.rasterband(band)?.set_color_interpretation(colour)?;
    }
    Ok(copy)
}

/// Rows of the copy, from `top` to `end`.
fn write(
    copy: &mut Dataset,
    top: u32,
    end: u32,
    picture: &crate::Picture,
) -> Result<(), GdalError> {
    let shape = (picture.size.width as usize, (end - top) as usize);
    let count = shape.0 * shape.1;
    for band in 0..4 {
        let values = match band {
            3 => picture.has_image[..count].iter().map(|image| u8::from(*image) * 255).collect(),
            _ => picture.rgb[..3 * count].iter().skip(band).step_by(3).copied().collect(),
        };
        let mut buffer = Buffer::new(shape, values);
        copy.rasterband(band + 1)?.write((0, top as isize), shape, &mut buffer)?;
    }
    Ok(())
}
