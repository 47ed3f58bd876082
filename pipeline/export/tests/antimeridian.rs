//! Surveys across the 180th meridian.

use super::sheets::{column, table};
use super::{export, fixture};
use crate::Format;
use crate::antimeridian::{continuous, cut};
use crate::outgoing::settled;
use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{Area, BoundingRect, CoordsIter, Geometry, Rect, coord, line_string, point, wkt};
use rams_domain::Survey;
use rams_store::write;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn a_line_and_a_polygon_are_cut_where_they_cross_and_points_move() {
    let line = settled(&line_string![(x: 179.9999, y: 0.0), (x: -179.9999, y: 0.0002)].into());
    let expected =
        wkt! { MULTILINESTRING((179.9999 0.,180. 0.0001),(-180. 0.0001,-179.9999 0.0002)) };
    assert_eq!(line, expected.into());
    // One that bends back, without a turn of the earth between.
    let there_and_back =
        line_string![(x: -179.9999, y: 0.0), (x: 179.9999, y: 0.0002), (x: -179.9999, y: 0.0004)];
    assert_eq!(settled(&there_and_back.into()).coords_count(), 7);
    let square =
        wkt! { POLYGON((179.9999 0.,-179.9999 0.,-179.9999 0.0002,179.9999 0.0002,179.9999 0.)) };
    let Geometry::MultiPolygon(parts) = settled(&square.into()) else { panic!("two parts") };
    let bounds: Vec<Rect> = parts.iter().filter_map(BoundingRect::bounding_rect).collect();
    let rect =
        |west: f64, east: f64| Rect::new(coord! { x: west, y: 0.0 }, coord! { x: east, y: 0.0002 });
    assert_eq!(bounds, [rect(179.9999, 180.0), rect(-180.0, -179.9999)]);
    // As PROJ gives them, or a raster in degrees that runs on.
    assert_eq!(
        settled(&point! { x: 180.0000001, y: 1.0 }.into()),
        point! { x: -179.9999999, y: 1.0 }.into()
    );
    assert_eq!(
        settled(&point! { x: -180.0000001, y: 1.0 }.into()),
        point! { x: 179.9999999, y: 1.0 }.into()
    );
    assert_eq!(settled(&point! { x: 180.0, y: 1.0 }.into()), point! { x: 180.0, y: 1.0 }.into());
    let beyond = wkt! { POLYGON((180. 0.,180.1 0.,180.1 0.1,180. 0.1,180. 0.)) };
    let whole = settled(&beyond.into());
    assert_eq!(
        whole.bounding_rect().map(|rect| (rect.min().x, rect.max().x)),
        Some((-180.0, -179.9))
    );
    // And together again.
    let cut_in_two = cut(wkt! { POLYGON((179. 0.,181. 0.,181. 1.,179. 1.,179. 0.)) }.into());
    assert!((continuous(&cut_in_two).unsigned_area() - 2.0).abs() < 1e-3, "{cut_in_two:?}");
}

/// The fixture's survey moved, so that the meridian runs through most of it.
fn across(epsg: u32, corner: [f64; 2]) -> Survey {
    let from = fixture::ORIGIN;
    let to =
        |at: geo::Coord| coord! { x: at.x - from[0] + corner[0], y: at.y - from[1] + corner[1] };
    let mut survey = fixture::moved(to);
    let extent = survey.ground.extent();
    survey.ground = fixture::ground_of(epsg, Rect::new(to(extent.min()), to(extent.max())));
    let [west, east] =
        [extent.min(), extent.max()].map(|at| fixture::lonlat_of(epsg, &[to(at)])[0].x);
    assert!(west > 179.99 && east < -179.99, "EPSG:{epsg}: {west} {east}");
    survey
}

/// The meridian is 100 m from the western edge: UTM on either side, and a projection around 150 E.
const ACROSS: [(u32, [f64; 2]); 3] =
    [(32601, [165_921.4, 1_000.0]), (32660, [833_878.6, 1_000.0]), (3832, [3_339_484.7, 1_000.0])];

#[test]
fn every_format_is_valid_within_180_degrees_and_agrees_with_the_map() {
    for (epsg, corner) in ACROSS {
        let dir = tempfile::tempdir().unwrap();
        write(&across(epsg, corner), dir.path()).unwrap();
        for format in Format::ALL {
            let exported =
                export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap();
            assert_eq!(exported.checks.findings, [], "EPSG:{epsg} {format}");
            let is_map = |path: &&PathBuf| {
                ["geojson", "kml", "shp", "fgb"]
                    .contains(&path.extension().unwrap().to_str().unwrap())
            };
            for path in exported.files.iter().filter(is_map) {
                let dataset = Dataset::open(path).unwrap();
                for mut layer in dataset.layers() {
                    for row in layer.features() {
                        assert_on_either_side(row.geometry().unwrap(), path);
                    }
                }
            }
        }
    }
}

fn assert_on_either_side(geometry: &gdal::vector::Geometry, path: &Path) {
    assert!(geometry.is_valid(), "{}: {}", path.display(), geometry.wkt().unwrap());
    for part in parts(geometry.to_geo().unwrap()) {
        let bounds = part.bounding_rect().unwrap();
        let is_on_one =
            bounds.width() < 0.01 && bounds.min().x >= -180.0 && bounds.max().x <= 180.0;
        assert!(is_on_one, "{}: {part:?}", path.display());
    }
}

fn parts(geometry: Geometry) -> Vec<Geometry> {
    match geometry {
        Geometry::MultiPolygon(all) => all.into_iter().map(Geometry::from).collect(),
        Geometry::MultiLineString(all) => all.into_iter().map(Geometry::from).collect(),
        one => vec![one],
    }
}

#[test]
fn an_area_is_cut_along_the_meridian_and_its_centre_is_not_on_the_other_side_of_the_earth() {
    let dir = tempfile::tempdir().unwrap();
    write(&across(ACROSS[0].0, ACROSS[0].1), dir.path()).unwrap();
    let files = export(dir.path(), Format::Csv, &dir.path().join("out.csv")).unwrap().files;
    let points = table(&files[0]);
    let rings: BTreeSet<String> = column(&points, "PolyID").into_iter().collect();
    let third: Vec<_> = rings.iter().filter(|id| id.starts_with("A0003")).collect();
    assert_eq!(third, ["A0003.1", "A0003.2"]);
    let longitudes = column(&points, "Longitude");
    assert!(
        longitudes.iter().all(|text| text.parse::<f64>().unwrap().abs() > 179.99),
        "{longitudes:?}"
    );
    let kinds = column(&points, "PointType");
    let starts = longitudes.iter().zip(&kinds).filter(|(_, kind)| *kind == "start point");
    let starts: Vec<_> = starts.map(|(longitude, _)| longitude.trim_start_matches('-')).collect();
    assert!(!starts.contains(&"180.0000000"), "{starts:?}");
    let evidence = table(&files[2]);
    let longitudes = column(&evidence, "Longitude");
    assert!(
        longitudes.iter().all(|text| text.parse::<f64>().unwrap().abs() > 179.99),
        "{longitudes:?}"
    );
    assert!(column(&evidence, "WKT")[3].starts_with("MULTILINESTRING"), "the trench is cut");
    let areas = table(&files[1]);
    let labels = column(&areas, "label_longitude");
    assert!(labels.iter().all(|text| text.parse::<f64>().unwrap().abs() > 179.99), "{labels:?}");
}
