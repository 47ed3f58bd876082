//! Whether GEOS takes a geometry for valid, as an importer asks.

use gdal::vector::{Geometry, ToGdal};
use gdal::version::VersionInfo;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line, MultiPolygon};

/// Whether a geometry is valid to GEOS; one that GDAL cannot take is not.
pub fn is_valid(geometry: &impl ToGdal) -> bool {
    geometry.to_gdal().is_ok_and(|geometry| is_valid_ogr(&geometry))
}

/// Whether a geometry of OGR is valid to GEOS.
pub fn is_valid_ogr(geometry: &Geometry) -> bool {
    geometry.is_valid()
}

/// Whether this build of GDAL has GEOS. Without it [`is_valid`] is false of everything.
pub fn has_geos() -> bool {
    VersionInfo::has_geos()
}

/// A place where the outlines of polygons cross or run along each other, if there is one: where a
/// person looks for what is not valid.
pub fn crossing(polygons: &MultiPolygon) -> Option<Coord> {
    let rings = polygons
        .iter()
        .flat_map(|polygon| [polygon.exterior()].into_iter().chain(polygon.interiors()));
    let mut lines: Vec<Line> = rings.flat_map(|ring| ring.lines()).collect();
    let west = |line: &Line| line.start.x.min(line.end.x);
    let east = |line: &Line| line.start.x.max(line.end.x);
    lines.sort_by(|a, b| west(a).total_cmp(&west(b)));
    for (at, line) in lines.iter().enumerate() {
        let reached = lines[at + 1..].iter().take_while(|other| west(other) <= east(line));
        for other in reached {
            match line_intersection(*line, *other) {
                Some(LineIntersection::SinglePoint { intersection, is_proper: true }) => {
                    return Some(intersection);
                }
                Some(LineIntersection::Collinear { intersection })
                    if intersection.start != intersection.end =>
                {
                    return Some(intersection.start);
                }
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn a_bow_tie_crosses_in_its_middle() {
        let tie = polygon![(x: 0., y: 0.), (x: 4., y: 4.), (x: 4., y: 0.), (x: 0., y: 4.)];
        assert!(!is_valid(&tie));
        assert_eq!(crossing(&tie.into()), Some(Coord { x: 2., y: 2. }));
        let square = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 4.)];
        assert_eq!(crossing(&square.into()), None);
    }
}
