//! A geometry whose outline crosses itself -> a valid one.

use crate::{GeometryError, Parts};
use gdal::cpl::CslStringList;
use gdal::vector::Geometry;

/// What becomes of ground that an outline goes around twice or the wrong way, so that it is not
/// known whether it lies inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    /// It is taken in: suspected ground stays suspected.
    Included,
    /// It is left out: what is not known to be released or assessed is not.
    Excluded,
}

/// Makes a geometry valid. `was` are its parts: where it had polygons, the spikes that fall off as
/// lines and points are dropped, and a geometry that encloses nothing is an error.
pub fn repair(
    geometry: &Geometry,
    was: &Parts,
    doubtful: Doubtful,
) -> Result<Parts, GeometryError> {
    let mut options = CslStringList::new();
    let method = match doubtful {
        Doubtful::Included => "STRUCTURE",
        Doubtful::Excluded => "LINEWORK",
    };
    let remedy = "draw it anew, or take the row out of the file";
    let repaired =
        options.set_name_value("METHOD", method).and_then(|()| geometry.make_valid(&options));
    let repaired = repaired.map_err(|error| GeometryError {
        cause: format!("its outline cannot be mended ({error})"),
        remedy,
    })?;
    let mut parts = Parts::of(&repaired)?;
    if !was.polygons.is_empty() {
        (parts.points, parts.lines) = (vec![], vec![]);
        if parts.polygons.is_empty() {
            return Err(GeometryError { cause: "its outline encloses no ground".into(), remedy });
        }
    }
    Ok(parts)
}
