//! Control points of a raster -> the geotransform that they agree on.

use crate::{
    TileError,
    relation::{self, Relation},
};
use gdal::{Dataset, GeoTransform, GeoTransformEx, spatial_ref::SpatialRef};
use geo::coord;
use std::path::Path;

/// Control points that lie farther than this from the fit, pixels, are not of an affine transform.
const FIT_PX: f64 = 0.5;

/// Three points fix an affine transform.
const LEAST: usize = 3;

/// The affine transform through all control points, and how far the worst lies off, pixels. What
/// they do not agree on to half a pixel has to be warped, and is an error.
pub(crate) fn fit(
    path: &Path,
    dataset: &Dataset,
    srs: Option<&SpatialRef>,
) -> Result<(GeoTransform, f64), TileError> {
    let points = dataset.gcps();
    let few = || TileError::FewPoints { path: path.to_owned(), count: points.len() };
    let mut geotransform: GeoTransform = [0.0; 6];
    // SAFETY: GDAL's own points, which live as long as the dataset; six numbers are written.
    #[allow(unsafe_code)]
    let is_fitted = unsafe {
        let (count, points) = (points.len() as i32, gdal_sys::GDALGetGCPs(dataset.c_dataset()));
        gdal_sys::GDALGCPsToGeoTransform(count, points, geotransform.as_mut_ptr(), 1) != 0
    };
    if points.len() < LEAST || !is_fitted {
        return Err(few());
    }
    let to_pixel = geotransform.invert().map_err(|_| few())?;
    let off = points.iter().map(|point| {
        let (column, row) = to_pixel.apply(point.x(), point.y());
        (column - point.pixel()).hypot(row - point.line())
    });
    // Not `max`, which passes over NaN.
    let worst_px =
        off.fold(0.0, |worst: f64, off| if off > worst || off.is_nan() { off } else { worst });
    if worst_px.is_nan() {
        return Err(few());
    }
    if worst_px > FIT_PX {
        let lonlat = srs.zip(points.first()).and_then(|(srs, point)| {
            let positions = Relation::to_lonlat(srs)
                .ok()?
                .project(&[coord! { x: point.x(), y: point.y() }])
                .ok()?;
            positions.first().copied()
        });
        let utm = lonlat.map_or("<UTM zone>".to_owned(), |at| relation::utm(at).to_string());
        return Err(TileError::Points {
            path: path.to_owned(),
            count: points.len(),
            worst_px,
            utm,
        });
    }
    Ok((geotransform, worst_px))
}
