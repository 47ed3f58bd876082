//! Every export is the map: the same rows, the same ground, in the same place.

use super::{export, fixture};
use crate::Halt;
use crate::agreement::verify;
use crate::exported_row::ExportedRow;
use crate::job::Job;
use crate::{ExportError, Format, csv, geojson, readback};
use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{AffineOps, AffineTransform, Geometry, MultiPolygon, Polygon};
use rams_domain::Ground;
use rams_store::Draft;
use rams_store::Source;
use rams_store::{StoreError, write};

/// What a person who exports is told when the rows that are read back were others.
fn told(format: Format, change: impl Fn(&mut Vec<ExportedRow>)) -> String {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let draft = Draft::beside(&dir.path().join("out")).unwrap();
    let source = Source::open(dir.path()).unwrap();
    let job = Job {
        dir: dir.path(),
        source,
        draft: &draft,
        format,
        stem: "out".into(),
        name: "out".into(),
    };
    let make = if format == Format::Csv { csv::make } else { geojson::make };
    make(&job).unwrap();
    let mut rows = readback::rows(&job).unwrap();
    verify(&job, &rows).unwrap();
    change(&mut rows);
    match verify(&job, &rows) {
        Err(Halt::Error(error @ ExportError::Disagrees { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn row<'a>(rows: &'a mut [ExportedRow], id: &str) -> &'a mut ExportedRow {
    rows.iter_mut().find(|row| row.id == id).unwrap()
}

fn shift(geometry: &mut Geometry, x: f64, y: f64) {
    *geometry = geometry.affine_transform(&AffineTransform::translate(x, y));
}

#[test]
fn a_row_that_is_missing_or_too_many_is_named() {
    let told_of = told(Format::GeoJson, |rows| rows.retain(|row| row.id != "A0002"));
    assert!(
        told_of
            .starts_with("cannot export hazard_areas A0002 to geojson: it reads back 0 rows of 1"),
        "{told_of}"
    );
    let told_of = told(Format::GeoJson, |rows| {
        let gap = rows.iter().position(|row| row.id == "gaps").unwrap();
        rows.remove(gap);
    });
    assert!(
        told_of.starts_with("cannot export gaps to geojson: it reads back 3 rows of 4"),
        "{told_of}"
    );
    let told_of = told(Format::GeoJson, |rows| {
        let twice = row(rows, "F000001").clone();
        rows.push(twice);
    });
    assert!(
        told_of.contains("features F000001 to geojson: it reads back 2 rows of 1"),
        "{told_of}"
    );
    let told_of = told(Format::GeoJson, |rows| row(rows, "A0001").origin.row = "A0009".into());
    assert!(
        told_of.contains("hazard_areas A0001 to geojson: it reads back 0 rows of 1"),
        "{told_of}"
    );
}

#[test]
fn ten_centimetres_are_too_far() {
    const TEN_CENTIMETRES: f64 = 0.1 / 111_320.0;
    for id in ["A0002", "F000001", "F000004", "K0001", "gaps"] {
        for (x, y) in [(TEN_CENTIMETRES, 0.0), (0.0, -TEN_CENTIMETRES)] {
            let told_of = told(Format::GeoJson, |rows| shift(&mut row(rows, id).geometry, x, y));
            assert!(
                told_of.contains("a corner at") && told_of.contains("that lies 0."),
                "{id}: {told_of}"
            );
        }
    }
    let told_of = told(Format::Csv, |rows| {
        let at = rows.iter_mut().find(|row| row.id == "F000009").unwrap();
        shift(&mut at.geometry, TEN_CENTIMETRES, 0.0);
    });
    assert!(
        told_of
            .starts_with("cannot export evidence_points F000009 to csv: it reads back a corner at"),
        "{told_of}"
    );
}

#[test]
fn ground_that_is_missing_is_measured() {
    // A hole is filled: 20 m by 20 m of the grid are 400.3 m² of ground.
    let told_of = told(Format::GeoJson, |rows| {
        let Geometry::MultiPolygon(parts) = &mut row(rows, "A0001").geometry else {
            panic!("two parts")
        };
        *parts = parts.iter().map(|part| Polygon::new(part.exterior().clone(), vec![])).collect();
    });
    assert!(told_of.contains("A0001 to geojson: it reads back 12809.8"), "{told_of}");
    let told_of = told(Format::Csv, |rows| rows.retain(|row| row.id != "A0001.2"));
    assert!(
        told_of.starts_with("cannot export turning_points A0001 to csv: it reads back 116"),
        "{told_of}"
    );
    let told_of = told(Format::GeoJson, |rows| {
        let Geometry::MultiLineString(lines) = &mut row(rows, "F000009").geometry else {
            panic!("two lines")
        };
        lines.0.pop();
    });
    assert!(told_of.contains("F000009 to geojson: it reads back 60.02"), "{told_of}");
}

#[test]
fn an_area_that_crosses_itself_leaves_with_all_that_it_goes_around() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    // As someone might draw it in a review.
    let corners = survey.hazard_areas[2].boundary.0[0].exterior().0.clone();
    let bow = vec![corners[0], corners[2], corners[1], corners[3], corners[0]];
    survey.hazard_areas[2].boundary = MultiPolygon(vec![Polygon::new(bow.into(), vec![])]);
    write(&survey, dir.path()).unwrap();
    for format in Format::ALL {
        let checks =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().checks;
        assert_eq!(checks.findings, [], "{format}");
    }
}

#[test]
fn a_shapefile_has_room_for_the_area_of_a_district() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    // 1,601 km²: a dBASE field of 24 digits, 15 of them decimals, has no room for so many square
    // metres.
    survey.assessed[0].boundary =
        geo::Rect::new((480_000.0, 1_000.0), (520_000.0, 41_000.0)).to_polygon().into();
    write(&survey, dir.path()).unwrap();
    export(dir.path(), Format::Shp, &dir.path().join("out.shp")).unwrap();
    let dataset = Dataset::open(dir.path().join("out_assessed.shp")).unwrap();
    let mut layer = dataset.layer(0).unwrap();
    let found_m2: f64 = super::field(&layer.features().next().unwrap(), "area_m2").parse().unwrap();
    assert!((found_m2 / (40_000_f64 / 0.9996).powi(2) - 1.0).abs() < 1e-4, "{found_m2}");
}

#[test]
fn a_crs_that_leads_elsewhere_once_it_is_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    let (crs, extent) = (survey.ground.crs().clone(), survey.ground.extent());
    // As where a datum's relation to WGS 84 is lost: 0.001 degrees are 111 m.
    let nodes = Ground::node_positions(extent).into_iter().map(|at| {
        let [lon, lat] = fixture::lonlat(at.x, at.y);
        geo::coord! { x: lon + 0.001, y: lat }
    });
    survey.ground = Ground::new(crs, extent, nodes.collect()).unwrap();
    let error = write(&survey, dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::CrsLost { .. }), "{error}");
    assert!(error.to_string().contains("reads back 111.32 m away"), "{error}");
    assert_eq!(super::files(dir.path()), [""; 0]);
}
