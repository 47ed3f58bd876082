//! An orthomosaic -> a picture of the ground for a report.

use crate::imagery::Sheet;
use geo::{AffineTransform, BoundingRect, Point};
use rams_domain::{Ground, PxBox};
use rams_report::{Picture, Shot};

/// What an orthomosaic shows of a window of the ground, if anything.
pub(super) fn picture(
    sheet: &mut Sheet,
    shot: &Shot<'_>,
    ground: &Ground,
) -> anyhow::Result<Option<Picture>> {
    let georef = &sheet.orthomosaic.georef;
    let corner = |corner| georef.to_pixel(ground.from_metres(&Point::from(corner)).0);
    let corners: Vec<_> =
        shot.rect.to_polygon().exterior().coords().map(|at| corner(*at)).collect();
    let Some(bounds) = geo::MultiPoint::from(corners).bounding_rect() else { return Ok(None) };
    let window =
        PxBox { x0: bounds.min().x, y0: bounds.min().y, x1: bounds.max().x, y1: bounds.max().y };
    let [wide_m, high_m] = sheet.orthomosaic.gsd_m();
    let Some(read) = sheet.read(&window, shot.longest_px, high_m / wide_m)? else {
        return Ok(None);
    };
    let georef = &sheet.orthomosaic.georef;
    let jpeg = read.jpeg()?;
    // Straight over the window: an orthomosaic of another CRS than the survey's lies nearly so.
    let PxBox { x0, y0, x1, y1 } = read.window;
    let place = |x: f64, y: f64| ground.to_metres(&Point::from(georef.to_ground((x, y).into())));
    let corner = place(x0, y0);
    let (right, down) =
        ((place(x1, y0) - corner) / (x1 - x0), (place(x0, y1) - corner) / (y1 - y0));
    let origin = corner - right * x0 - down * y0;
    let to_metres =
        AffineTransform::new(right.x(), down.x(), origin.x(), right.y(), down.y(), origin.y());
    Ok(Some(Picture { jpeg, size: read.size, window: read.window, to_metres }))
}
