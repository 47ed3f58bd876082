//! Lines and areas, read back in metres.

use super::fixture::{self, ORIGIN};
use crate::{survey_earthworks, truth_earthworks, write};
use gdal::DriverManager;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{
    Feature, FieldDefn, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use geo::{Area, Distance, Euclidean, Length};
use rams_domain::Ground;
use std::path::{Path, PathBuf};

#[test]
fn a_survey_gives_lines_with_their_stretches_and_areas_in_metres() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let works = survey_earthworks(dir.path()).unwrap();
    let classes: Vec<_> = works.found.iter().map(|work| work.class.as_str()).collect();
    assert_eq!(classes, ["trench", "crater", "at-ditch"], "points are left out");
    let ids: Vec<_> = works.found.iter().map(|work| work.id.as_str()).collect();
    assert_eq!(ids, ["F000004", "F000007", "F000009"]);
    let [axis, crater, network] = &works.found[..] else { panic!("three works") };
    let near = |value: f64, expected: f64| (value - expected).abs() < 1e-3 * expected;
    // The axis of a box is one stretch of the feature's own width.
    let length_m = 1825_f64.sqrt() + 1000_f64.sqrt() + 3825_f64.sqrt();
    assert!(
        axis.parts.len() == 1 && near(Euclidean.length(&axis.parts[0].line), length_m),
        "{axis:?}"
    );
    assert_eq!((axis.parts[0].width_m, axis.parts[0].confidence), (0.061, 0.9));
    assert!(
        near(crater.ground.unsigned_area(), 36.0 / 2.0 * 144.0 * 10_f64.to_radians().sin()),
        "{crater:?}"
    );
    let stretches: Vec<_> =
        network.parts.iter().map(|part| (part.class.as_str(), part.confidence)).collect();
    assert_eq!(stretches, [("at-ditch", 0.9), ("at-ditch", 0.45), ("trench", 0.8)]);
    assert!(
        network
            .parts
            .iter()
            .all(|part| near(Euclidean.length(&part.line), 30.0) && part.width_m == 5.0)
    );
    assert!(network.ground.0.is_empty() && network.score == 0.8);
    assert!(near(
        works.assessed[&("flight-1".into(), "surface-ordnance".into())].unsigned_area(),
        120_000.0
    ));
}

/// A truth in longitude and latitude: a ditch of 10 x 4 m with its centreline, where there is a
/// layer of them.
fn truth(path: &Path, with_lines: bool) -> PathBuf {
    let srs = |code| {
        let mut srs = SpatialRef::from_epsg(code).unwrap();
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        srs
    };
    let to_lonlat = CoordTransform::new(&srs(32633), &srs(4326)).unwrap();
    let mut dataset =
        DriverManager::get_driver_by_name("GPKG").unwrap().create_vector_only(path).unwrap();
    let [x, y] = ORIGIN;
    let outline = format!("POLYGON (({x} {y},{0} {y},{0} {1},{x} {1},{x} {y}))", x + 10.0, y + 4.0);
    let middle = format!("LINESTRING ({x} {0},{1} {0})", y + 2.0, x + 10.0);
    let layers = [
        ("truth", outline, OGRwkbGeometryType::wkbPolygon),
        ("centreline", middle, OGRwkbGeometryType::wkbLineString),
    ];
    for (name, wkt, ty) in layers.into_iter().take(if with_lines { 2 } else { 1 }) {
        let layer = dataset
            .create_layer(LayerOptions { name, srs: Some(&srs(4326)), ty, options: None })
            .unwrap();
        FieldDefn::new("class", OGRFieldType::OFTString).unwrap().add_to_layer(&layer).unwrap();
        FieldDefn::new("ignored", OGRFieldType::OFTInteger).unwrap().add_to_layer(&layer).unwrap();
        for ignored in [0, 1] {
            let mut row = Feature::new(layer.defn()).unwrap();
            row.set_geometry(Geometry::from_wkt(&wkt).unwrap().transform(&to_lonlat).unwrap())
                .unwrap();
            row.set_field_string(0, "at-ditch").unwrap();
            row.set_field_integer(1, ignored).unwrap();
            row.create(&layer).unwrap();
        }
    }
    dataset.close().unwrap();
    path.into()
}

#[test]
fn a_truth_in_another_crs_comes_into_the_metres_of_the_survey() {
    let dir = tempfile::tempdir().unwrap();
    let ground: Ground = fixture::survey().ground;
    let works = truth_earthworks(&truth(&dir.path().join("truth.gpkg"), true), &ground).unwrap();
    let [(class, outline, false), (_, _, true)] = &works.outlines[..] else {
        panic!("one of two is ignored")
    };
    assert!(class == "at-ditch" && (outline.unsigned_area() - 40.0).abs() < 0.1, "{outline:?}");
    let lines = works.lines.unwrap();
    assert_eq!(lines.len(), 1, "an ignored centreline is none");
    assert!((Euclidean.length(&lines[0].1) - 10.0).abs() < 0.02);
    let lower_left = ground.to_metres(&geo::Point::new(ORIGIN[0], ORIGIN[1] + 2.0));
    assert!(Euclidean.distance(lower_left, geo::Point::from(lines[0].1.0[0])) < 0.01);
    let without = truth_earthworks(&truth(&dir.path().join("other.gpkg"), false), &ground).unwrap();
    assert_eq!((without.outlines.len(), without.lines), (2, None));
}
