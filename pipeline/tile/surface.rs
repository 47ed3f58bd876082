//! Path -> [`SurfaceModel`], placed under an orthomosaic, or what is wrong with the file.

use crate::{
    TileError,
    crs::{self, Place},
    dataset_open,
    relation::{self, Relation},
    window,
};
use gdal::{
    Dataset, GeoTransformEx,
    errors::GdalError,
    raster::{ColorInterpretation, GdalDataType},
    spatial_ref::CoordTransform,
};
use geo::{Coord, coord};
use rams_domain::{Orthomosaic, SurfaceModel};
use std::path::Path;

/// The orthomosaic is looked at in so many squares along each side.
const SQUARES: usize = 64;

/// Heights may lie off by this, pixels of the surface model.
const OFF_PX: f64 = 0.5;

/// Opens and checks a surface model, and says how much of an orthomosaic it covers and with pixels
/// of which size. It may lie in any CRS, rotated or not; a share of 0 is for the caller to judge.
///
/// Errors: more than one band beside alpha, values that are no heights in metres, a datum whose
/// relation to the orthomosaic's is not known.
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
/// use rams_domain::ReadAs;
/// # let dsm = folder.path().join("dsm.tif");
/// # let mut file = driver.create_with_band_type::<f32, _>(&dsm, 8, 16, 1)?;
/// # file.set_geo_transform(&[500_000.0, 0.04, 0.0, 5_000_000.0, 0.0, -0.04])?;
/// # file.set_spatial_ref(&SpatialRef::from_epsg(32633)?)?;
/// # drop(file);
///
/// // A surface model of 4 cm under the left half of an orthomosaic.
/// let orthomosaic = rams_tile::open(&path, &ReadAs::default())?;
/// let surface = rams_tile::surface_under(&dsm, &orthomosaic)?;
/// assert_eq!((surface.name.as_str(), surface.share), ("dsm.tif", 0.5));
/// assert!((surface.gsd_m - 0.04).abs() < 1e-4, "{}", surface.gsd_m);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn surface_under(path: &Path, orthomosaic: &Orthomosaic) -> Result<SurfaceModel, TileError> {
    let dataset = dataset_open::dataset(path, orthomosaic.read_as.allow_outside, false)?;
    check(path, &dataset)?;
    let place = place(path, &dataset, orthomosaic)?;
    let corners = Corners::of(path, &place, orthomosaic)?;
    let (width, height) = dataset.raster_size();
    let is_inside =
        |at: Coord| (0.0..=width as f64).contains(&at.x) && (0.0..=height as f64).contains(&at.y);
    let all = SQUARES * SQUARES;
    let inside: Vec<usize> = (0..all).filter(|square| is_inside(corners.middle(*square))).collect();
    // Where the two do not meet, its pixels are measured at the orthomosaic's middle.
    let middle = inside.get(inside.len() / 2).copied().unwrap_or(all / 2);
    Ok(SurfaceModel {
        path: path.to_owned(),
        name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        gsd_m: corners.gsd_m(middle, orthomosaic),
        share: inside.len() as f64 / all as f64,
        notices: place.notices,
    })
}

/// Where a surface model lies. GDAL warps it by its own geotransform, so that has to be the right
/// one.
pub(crate) fn place(
    path: &Path,
    dataset: &Dataset,
    orthomosaic: &Orthomosaic,
) -> Result<Place, TileError> {
    let place = crs::settle(path, dataset, orthomosaic.read_as.assume_crs.as_deref())?;
    match dataset.geo_transform() {
        Ok(own) if own == place.geotransform => Ok(place),
        _ => Err(TileError::SurfacePlace { path: path.to_owned(), crs: crs::named(&place.srs) }),
    }
}

fn check(path: &Path, dataset: &Dataset) -> Result<(), TileError> {
    let path = || path.to_owned();
    let bands: Vec<_> = dataset.rasterbands().flatten().collect();
    let (heights, others) = match bands.split_first() {
        Some((first, others)) => (first, others),
        None => return Err(TileError::SurfaceBands { path: path(), count: 0 }),
    };
    if others.iter().any(|band| band.color_interpretation() != ColorInterpretation::AlphaBand) {
        return Err(TileError::SurfaceBands { path: path(), count: bands.len() });
    }
    use GdalDataType::{Float32, Float64, Int16, Int32, UInt16, UInt32};
    let data_type = heights.band_type();
    if !matches!(data_type, Float32 | Float64 | Int16 | Int32 | UInt16 | UInt32) {
        return Err(TileError::SurfaceDataType { path: path(), data_type: data_type.name() });
    }
    // The vertical part of a compound CRS has a unit too: name and metres.
    let srs = dataset.spatial_ref().ok();
    let vertical = |child| srs.as_ref()?.get_attr_value("VERT_CS|UNIT", child).ok().flatten();
    let in_metres = |unit: &str| {
        ["m", "metre", "meter", "metres", "meters"].contains(&unit.to_lowercase().as_str())
    };
    let of_crs =
        || vertical(0).filter(|_| vertical(1).and_then(|metres| metres.parse().ok()) != Some(1.0));
    // What the band says was said last.
    let unit = Some(heights.unit()).filter(|unit| !unit.is_empty()).or_else(of_crs);
    match unit.filter(|unit| !in_metres(unit)) {
        Some(unit) => Err(TileError::SurfaceUnit { path: path(), unit }),
        None => Ok(()),
    }
}

/// Mosaic pixels -> pixels of a surface model, at the corners of squares over the orthomosaic.
struct Corners(Vec<Coord>);

impl Corners {
    fn of(path: &Path, place: &Place, orthomosaic: &Orthomosaic) -> Result<Self, TileError> {
        let Place { srs, geotransform, .. } = place;
        let unusable = |error: GdalError| crs::unrelated(path, srs, window::cause(&error));
        let mosaic = relation::of_orthomosaic(orthomosaic).map_err(TileError::Projection)?;
        let (width, height) =
            (f64::from(orthomosaic.size.width), f64::from(orthomosaic.size.height));
        let share = |corner: usize| corner as f64 / SQUARES as f64;
        let px = |row, col| coord! { x: width * share(col), y: height * share(row) };
        let corners = (0..=SQUARES).flat_map(|row| (0..=SQUARES).map(move |col| (row, col)));
        let grounds = corners.map(|(row, col)| orthomosaic.georef.to_own(px(row, col)));
        let relation = Relation::new(&mosaic, srs).map_err(&unusable)?;
        let grounds: Vec<_> = grounds.collect();
        let there = relation.project(&grounds).map_err(&unusable)?;
        let to_pixel = geotransform.invert().map_err(&unusable)?;
        // The warper goes straight from one to the other.
        let (mut x, mut y) = ([grounds[0].x], [grounds[0].y]);
        let straight = CoordTransform::new(&mosaic, srs).map_err(&unusable)?;
        straight.transform_coords(&mut x, &mut y, &mut []).map_err(&unusable)?;
        let [(x, y), (there_x, there_y)] =
            [(x[0], y[0]), there[0].x_y()].map(|(x, y)| to_pixel.apply(x, y));
        if (x - there_x).hypot(y - there_y) > OFF_PX {
            return Err(TileError::SurfaceDatum { path: path.to_owned(), crs: crs::named(srs) });
        }
        Ok(Self(there.into_iter().map(|at| to_pixel.apply(at.x, at.y).into()).collect()))
    }

    /// The upper left corner of a square, the upper right, and the lower left.
    fn around(&self, square: usize) -> [Coord; 3] {
        let (row, col) = (square / SQUARES, square % SQUARES);
        let at = |row, col| self.0[row * (SQUARES + 1) + col];
        [at(row, col), at(row, col + 1), at(row + 1, col)]
    }

    /// The middle of a square.
    fn middle(&self, square: usize) -> Coord {
        let [_, right, below] = self.around(square);
        (right + below) / 2.0
    }

    /// The longer side of the surface model's pixels in a square, metres.
    fn gsd_m(&self, square: usize, orthomosaic: &Orthomosaic) -> f64 {
        let [corner, right, below] = self.around(square);
        let [x_m, y_m] = orthomosaic.gsd_m();
        let (width_m, height_m) =
            (f64::from(orthomosaic.size.width) * x_m, f64::from(orthomosaic.size.height) * y_m);
        let (across, down) = (right - corner, below - corner);
        // Metres along the orthomosaic's sides for one pixel of the model: the inverse of the
        // above.
        let area = across.x * down.y - across.y * down.x;
        let metres = |right: f64, below: f64| {
            (right * width_m).hypot(below * height_m) / (area * SQUARES as f64).abs()
        };
        metres(down.y, across.y).max(metres(down.x, across.x))
    }
}
