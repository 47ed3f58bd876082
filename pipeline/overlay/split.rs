//! Polygons x a line -> the pieces that the line cuts them into.

use crate::boolean::{cause, collect};
use gdal::vector::{Geometry, ToGdal};
use geo::{Contains, InteriorPoint, LineString, MultiLineString, MultiPolygon, Polygon};

/// The pieces into which a line cuts valid polygons, each connected; as many as there are polygons
/// if it cuts none. The line may cross them more than once, and itself. The error is what GEOS
/// says.
pub fn split(polygons: &MultiPolygon, line: &LineString) -> Result<Vec<Polygon>, String> {
    let failed = |error| cause(&error);
    let rings = polygons.iter().flat_map(|polygon| {
        [polygon.exterior()].into_iter().chain(polygon.interiors()).cloned().collect::<Vec<_>>()
    });
    let rings = MultiLineString::new(rings.collect()).to_gdal().map_err(failed)?;
    let line = line.to_gdal().map_err(failed)?;
    let noded = rings.union(&line).ok_or("the line could not be laid over the outline")?;
    let mut faces = vec![];
    collect(&polygonize(&noded)?, &mut faces).map_err(failed)?;
    // Holes and what the line encloses outside are faces, too.
    let is_within = |face: &Polygon| face.interior_point().is_some_and(|at| polygons.contains(&at));
    faces.retain(is_within);
    Ok(faces)
}

/// All faces of noded lines.
fn polygonize(lines: &Geometry) -> Result<Geometry, String> {
    // SAFETY: the geometry is alive; the result is GDAL's to free, once its bytes are copied.
    #[allow(unsafe_code)]
    let wkb = unsafe {
        let faces = gdal_sys::OGR_G_Polygonize(lines.c_geometry());
        if faces.is_null() {
            return Err("the pieces could not be made".into());
        }
        let mut wkb = vec![0; usize::try_from(gdal_sys::OGR_G_WkbSize(faces)).unwrap_or(0)];
        let order = gdal_sys::OGRwkbByteOrder::wkbNDR;
        let result = gdal_sys::OGR_G_ExportToWkb(faces, order, wkb.as_mut_ptr());
        gdal_sys::OGR_G_DestroyGeometry(faces);
        if result != gdal_sys::OGRErr::OGRERR_NONE {
            return Err("the pieces could not be read".into());
        }
        wkb
    };
    Geometry::from_wkb(&wkb).map_err(|error| cause(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;
    use crate::is_valid;
    use geo::{Area, polygon};

    #[test]
    fn a_line_that_crosses_three_times_makes_four_pieces_of_the_same_area() {
        // A comb of 10 x 10 with teeth: 10 x 4 below, three teeth of 2 x 6, a hole of 1 x 1.
        let comb = polygon![
            exterior: [
                (x: 0., y: 0.), (x: 10., y: 0.), (x: 10., y: 10.), (x: 8., y: 10.), (x: 8., y: 4.),
                (x: 6., y: 4.), (x: 6., y: 10.), (x: 4., y: 10.), (x: 4., y: 4.), (x: 2., y: 4.),
                (x: 2., y: 10.), (x: 0., y: 10.),
            ],
            interiors: [[(x: 3., y: 1.), (x: 3., y: 2.), (x: 4., y: 2.), (x: 4., y: 1.)]],
        ];
        let comb = MultiPolygon::from(comb);
        let line = LineString::from(vec![(-1., 7.), (11., 7.)]);
        let mut pieces = split(&comb, &line).unwrap();
        pieces.sort_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
        let areas: Vec<f64> = pieces.iter().map(Area::unsigned_area).collect();
        // 40 - 1 and three stumps of 2 x 3 below the line; three tips of 2 x 3 above.
        assert_eq!(areas, [6., 6., 6., 57.]);
        assert!(pieces.iter().all(is_valid));
        assert_eq!(pieces[3].interiors().len(), 1);
        assert_eq!(split(&comb, &LineString::from(vec![(11., 0.), (12., 9.)])).unwrap().len(), 1);
        let crossing_itself = vec![(-1., 1.), (5., 3.5), (5., -1.), (1., 3.5), (11., 3.)];
        let pieces = split(&comb, &crossing_itself.into()).unwrap();
        let sum: f64 = pieces.iter().map(Area::unsigned_area).sum();
        assert!((sum - 75.).abs() < 1e-9 && pieces.len() > 2, "{sum} {}", pieces.len());
    }
}
