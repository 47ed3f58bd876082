//! A corner of a line that is walked, where a grid reference says that it is.

use super::spaced;
use geo::{Coord, Point, coord};
use geoconvert::{LatLon, UtmUps};
use rams_domain::{Ground, wrapped_longitude};

/// A place, and its names.
pub(super) struct Corner {
    /// Local metres of the ground.
    pub(super) metres: Coord,
    /// Longitude and latitude, degrees.
    pub(super) lonlat: Coord,
    /// Reference in the Military Grid Reference System; empty where it has none.
    pub(super) mgrs: String,
}

impl Corner {
    /// The place nearest to `at`, local metres, that a reference to a metre names: it is cut to
    /// whole metres, and stands for the corner in the south-west of its square.
    pub(super) fn nearest(ground: &Ground, at: Coord) -> Self {
        let lonlat = |at: Coord| ground.lonlat(ground.from_metres(&Point(at)).0);
        let here = lonlat(at);
        let Some((there, mgrs)) = named(here) else {
            return Self { metres: at, lonlat: here, mgrs: String::new() };
        };
        // Within a metre the ground is a plane.
        let east = lonlat(at + coord! { x: 1.0, y: 0.0 }) - here;
        let north = lonlat(at + coord! { x: 0.0, y: 1.0 }) - here;
        let by = coord! { x: wrapped_longitude(there.x - here.x), y: there.y - here.y };
        let across = |a: Coord, b: Coord| a.x * b.y - a.y * b.x;
        let offset = coord! { x: across(by, north), y: across(east, by) } / across(east, north);
        Self { metres: at + offset, lonlat: here + by, mgrs }
    }
}

/// Longitude and latitude of the nearest whole metres of the grid, and their reference.
fn named(lonlat: Coord) -> Option<(Coord, String)> {
    let at = LatLon::create(lonlat.y, wrapped_longitude(lonlat.x)).ok()?.to_utmups();
    let (easting, northing) = (at.easting().round(), at.northing().round());
    let at = UtmUps::create(at.zone(), at.is_north(), easting, northing).ok()?;
    let there = at.to_latlon();
    let there = coord! { x: there.longitude(), y: there.latitude() };
    Some((there, spaced(&at.to_mgrs(5).to_string())))
}
