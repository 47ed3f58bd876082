//! Geometries as they leave: valid, no row lost, whatever is cut out of them.

use super::export;
use super::fixture::{self, lonlat_of};
use crate::Format;
use crate::grid::DEGREE;
use crate::outgoing::{area_m2, settled};
use gdal::Dataset;
use gdal::vector::{LayerAccess, ToGdal};
use geo::{
    AffineOps, AffineTransform, Area, BooleanOps, CoordsIter, Geometry, LineString, MapCoords,
    MultiPolygon,
};
use geo::{Polygon, Rect, coord, line_string, wkt};
use proptest::prelude::*;
use rams_domain::{AssessedArea, Survey};
use rams_store::write;
use std::path::Path;

fn is_valid(geometry: &Geometry) -> bool {
    geometry.to_gdal().unwrap().is_valid()
}

#[test]
fn what_is_smaller_than_a_step_becomes_the_smallest_that_there_is() {
    let box_of_5_mm =
        Rect::new(coord! { x: 15.0, y: 1.0 }, coord! { x: 15.0 + 5e-8, y: 1.0 + 4e-8 })
            .to_polygon();
    let found = settled(&box_of_5_mm.into());
    assert!(is_valid(&found) && (1e-4..1e-3).contains(&area_m2(&found)), "{found:?}");
    // 40 cm long and 3 mm wide keeps its length.
    let hair = wkt! { POLYGON((15. 1.,15.0000036 1.00000001,15.0000036 1.00000004,15. 1.)) };
    let Geometry::Polygon(found) = settled(&hair.into()) else { panic!("one polygon") };
    let bounds = geo::BoundingRect::bounding_rect(&found).unwrap();
    assert!(is_valid(&found.clone().into()) && (bounds.width() - 37e-7).abs() < 1e-9, "{found:?}");
    let spot = line_string![(x: 15.0, y: 1.0), (x: 15.00000001, y: 1.0)];
    let Geometry::LineString(found) = settled(&spot.into()) else { panic!("a line") };
    assert!(found.0.len() == 2 && found.0[0] != found.0[1], "{found:?}");
}

#[test]
fn areas_that_share_an_edge_share_it_on_the_grid() {
    let edge = [(15.000_012_34, 1.000_056_78), (15.000_112_341, 1.000_100_002)];
    let side = |x: f64| {
        let corners =
            [edge[0], edge[1], (edge[1].0 + x, edge[1].1 + 0.000_2), (edge[0].0 + x, edge[0].1)];
        settled(&Polygon::new(LineString::from(corners.to_vec()), vec![]).into())
    };
    let [Geometry::Polygon(west), Geometry::Polygon(east)] = [side(-0.001), side(0.001)] else {
        panic!("polygons")
    };
    assert_eq!(west.intersection(&east).unsigned_area(), 0.0);
    let on_grid = |value: f64| (value * DEGREE).round() / DEGREE == value;
    assert!(west.coords_iter().all(|at| on_grid(at.x) && on_grid(at.y)), "{west:?}");
}

/// Squares of 16 cm on 32 m by 32 m as a mask leaves them: holes, and corners that touch.
fn speckled() -> MultiPolygon {
    let chance = |x: i64, y: i64| {
        (x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0x27D4_EB2F)
    };
    let cell = |row: i64, col: i64| {
        let at = |n: i64| n as f64 * 0.16;
        Rect::new(coord! { x: at(col), y: at(row) }, coord! { x: at(col + 1), y: at(row + 1) })
            .to_polygon()
    };
    let cells = (0..200).flat_map(|row| (0..200).map(move |col| (row, col)));
    let seen: Vec<Polygon> = cells
        .filter(|(row, col)| (chance(*row, *col) >> 13) % 10 < 6)
        .map(|(row, col)| cell(row, col))
        .collect();
    geo::unary_union(&seen)
}

#[test]
fn ground_in_thousands_of_speckles_leaves_valid_and_whole() {
    let turned =
        AffineTransform::rotate(17.0, coord! { x: 0.0, y: 0.0 }).translated(500_100.0, 1_100.0);
    let ground = speckled().affine_transform(&turned);
    assert!(ground.coords_count() > 10_000, "{}", ground.coords_count());
    let mut survey = fixture::survey();
    survey.assessed = vec![AssessedArea { boundary: ground.clone(), ..survey.assessed[0].clone() }];
    survey.gaps.iter_mut().for_each(|gap| gap.boundary = ground.clone());
    let dir = tempfile::tempdir().unwrap();
    write(&survey, dir.path()).unwrap();
    for format in [Format::Shp, Format::GeoJson, Format::Fgb] {
        let checks =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().checks;
        assert_eq!(checks.findings, [], "{format}");
    }
}

/// A CRS, its units in a metre, and a place in it.
const GROUNDS: [(u32, f64, [f64; 2]); 6] = [
    (32637, 1.0, [422_310.0, 5_321_004.0]),
    (4326, 1.0 / 111_320.0, [179.9997, -16.5]),
    // US survey feet, and a transverse Mercator whose x points north on its map.
    (2263, 1.0 / 0.304_800_6, [981_000.0, 199_000.0]),
    (2193, 1.0, [1_750_000.0, 5_430_000.0]),
    (32601, 1.0, [165_950.0, 1_000.0]),
    // Far north across the 180th meridian, and fifty times as wide: legs of kilometres are no
    // straight lines.
    (32660, 50.0, [635_000.0, 7_210_000.0]),
];

/// A survey whose first area and ground are cut by polygons as people release land, limits and
/// districts, all in metres from a place.
fn cut_survey(ground: (u32, f64, [f64; 2]), outline: &Polygon, cuts: &[Polygon]) -> Survey {
    let (epsg, unit, [x, y]) = ground;
    let there = |at: geo::Coord| coord! { x: x + at.x * unit, y: y + at.y * unit };
    let from = fixture::ORIGIN;
    let mut survey = fixture::moved(|at| there(coord! { x: at.x - from[0], y: at.y - from[1] }));
    let extent = Rect::new(there(coord! { x: 0.0, y: 0.0 }), there(coord! { x: 400.0, y: 300.0 }));
    survey.ground = fixture::ground_of(epsg, extent);
    let cuts: MultiPolygon = cuts.iter().map(|cut| cut.map_coords(there)).collect();
    let outline: MultiPolygon = outline.map_coords(there).into();
    // Cut in floating point, where hairlines come from.
    let released = geo::unary_union(&cuts);
    let left = outline.difference(&released);
    if !left.0.is_empty() {
        survey.hazard_areas[0].boundary = left.clone();
        survey.gaps[0].boundary = left;
    }
    let within = outline.intersection(&released);
    if !within.0.is_empty() {
        survey.hazard_areas[2].boundary = within.clone();
        survey.gaps[1].boundary = within;
    }
    survey
}

fn assert_valid_to_geos(path: &Path) -> Result<(), TestCaseError> {
    let dataset = Dataset::open(path).unwrap();
    for mut layer in dataset.layers() {
        for row in layer.features() {
            let geometry = row.geometry().unwrap();
            prop_assert!(geometry.is_valid(), "{}: {}", path.display(), geometry.wkt().unwrap());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// An outline cut by polygons that share its corners, run through them or miss them by a hair.
    #[test]
    fn areas_that_are_cut_leave_valid_in_every_format_and_agree_with_the_map(
        ground in prop::sample::select(GROUNDS.to_vec()),
        outline in prop::collection::vec((0.0..400.0, 0.0..300.0), 3..9),
        cuts in prop::collection::vec(
            (any::<prop::sample::Index>(), -60.0..60.0, -60.0..60.0, 0.001..40.0, 0.0..180.0), 0..5,
        ),
    ) {
        // Its corners around their middle make a ring that does not cross itself.
        let middle = outline.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
        let (x, y) = (middle.0 / outline.len() as f64, middle.1 / outline.len() as f64);
        let mut corners = outline;
        let bearing = |at: &(f64, f64)| f64::atan2(at.1 - y, at.0 - x);
        corners.sort_by(|a, b| bearing(a).total_cmp(&bearing(b)));
        let cut = |(corner, dx, dy, width, turn): &(prop::sample::Index, f64, f64, f64, f64)| {
            let (at, middle) = (corner.get(&corners), coord! { x: 0.0, y: 0.0 });
            let far = coord! { x: *dx, y: *width * dy.signum() };
            let block = Rect::new(coord! { x: 0.0, y: 0.0 }, far).to_polygon();
            block.affine_transform(&AffineTransform::rotate(*turn, middle).translated(at.0, at.1))
        };
        let cuts: Vec<Polygon> = cuts.iter().map(cut).collect();
        let survey = cut_survey(ground, &Polygon::new(LineString::from(corners), vec![]), &cuts);
        let dir = tempfile::tempdir().unwrap();
        write(&survey, dir.path()).unwrap();
        for format in Format::ALL {
            let exported = export(dir.path(), format, &dir.path().join(format!("out.{format}")));
            let failed = |error| TestCaseError::fail(format!("EPSG:{}: {error}", ground.0));
            let exported = exported.map_err(failed)?;
            let findings = exported.checks.findings.iter();
            let refused: Vec<_> = findings.filter(|finding| !finding.is_advisory).collect();
            prop_assert!(refused.is_empty(), "EPSG:{} {format}: {refused:?}", ground.0);
            let is_map = |path: &&std::path::PathBuf| {
                let extension = path.extension().unwrap().to_str().unwrap();
                ["geojson", "kml", "shp", "fgb"].contains(&extension)
            };
            exported.files.iter().filter(is_map).try_for_each(|path| assert_valid_to_geos(path))?;
        }
    }
}

#[test]
fn the_grounds_of_the_property_are_where_they_should_be() {
    let lon = |ground: &(u32, f64, [f64; 2])| {
        lonlat_of(ground.0, &[coord! { x: ground.2[0], y: ground.2[1] }])[0].x
    };
    let found = GROUNDS.iter().map(lon).map(|lon| lon.round()).collect::<Vec<_>>();
    assert_eq!(found, [38.0, 180.0, -74.0, 175.0, 180.0, 180.0]);
}
