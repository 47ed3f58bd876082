//! What leaves the house.

use super::{assert_promises_nothing, export, field, files, fixture, names};
use crate::{ExportError, Format};
use gdal::Dataset;
use gdal::vector::{Geometry, LayerAccess};
use geo::winding_order::Winding;
use rams_domain::LIMITS;
use rams_store::{StoreError, write};
use std::path::PathBuf;

/// A survey, exported: (folder, files).
pub(super) fn exported(format: Format) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let paths =
        export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().files;
    // Once more over itself: nothing else may be left.
    assert_eq!(
        export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().files,
        paths
    );
    let mut expected: Vec<_> =
        paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    expected.push("survey.gpkg".into());
    expected.sort();
    assert_eq!(files(dir.path()), expected);
    (dir, paths)
}

pub(super) fn assert_at(found: (f64, f64), x: f64, y: f64) {
    let [lon, lat] = fixture::lonlat(fixture::ORIGIN[0] + x, fixture::ORIGIN[1] + y);
    assert!(
        (found.0 - lon).abs() < 1e-7 && (found.1 - lat).abs() < 1e-7,
        "{found:?} is not {lon}, {lat}"
    );
}

fn first_point(geometry: &Geometry) -> (f64, f64) {
    if geometry.geometry_count() > 0 {
        return first_point(&geometry.get_geometry(0));
    }
    let (x, y, _) = geometry.get_point(0);
    (x, y)
}

#[test]
fn geojson_is_rfc_7946() {
    let (_dir, paths) = exported(Format::GeoJson);
    let text = std::fs::read_to_string(&paths[0]).unwrap();
    assert_promises_nothing(&text);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["type"], "FeatureCollection");
    assert!(json["description"].as_str().unwrap().starts_with(LIMITS));
    assert_eq!(json.get("crs"), None);
    let rows = json["features"].as_array().unwrap();
    let of = |layer: &str| {
        rows.iter().filter(|row| row["properties"]["layer"] == layer).collect::<Vec<_>>()
    };
    assert_eq!(
        (of("features").len(), of("hazard_areas").len(), of("gaps").len(), rows.len()),
        (9, 3, 4, 20)
    );
    assert_eq!(of("external_evidence")[1]["properties"]["reliability"], "B2");

    let network = &of("features")[8]["geometry"];
    assert_eq!(
        (&network["type"], network["coordinates"].as_array().unwrap().len()),
        (&"MultiLineString".into(), 2)
    );

    let area = of("hazard_areas")[0];
    for (name, value) in
        [("id", "A0001"), ("threat", "HIGH"), ("eo_category", "AP_MINE"), ("status", "candidate")]
    {
        assert_eq!(area["properties"][name], value);
    }
    assert_eq!(area["properties"]["confidence"], 0.95);
    assert_eq!(area["properties"].get("reason"), None, "a gap's fields are no fields of an area");
    for polygon in area["geometry"]["coordinates"].as_array().unwrap() {
        for (index, ring) in polygon.as_array().unwrap().iter().enumerate() {
            let position = |p: &serde_json::Value| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap());
            let ring: geo::LineString = ring.as_array().unwrap().iter().map(position).collect();
            assert_eq!(ring.is_ccw(), index == 0, "outer rings run anticlockwise, holes clockwise");
        }
    }
    let point = &of("features")[0]["geometry"]["coordinates"];
    assert_at((point[0].as_f64().unwrap(), point[1].as_f64().unwrap()), 60.0, 170.0);
    assert!(
        point[0].to_string().split('.').nth(1).is_none_or(|decimals| decimals.len() <= 7),
        "{point}"
    );
}

#[test]
fn kml_reads_back_with_folders_colours_and_limits() {
    let (_dir, paths) = exported(Format::Kml);
    let text = std::fs::read_to_string(&paths[0]).unwrap();
    assert_promises_nothing(&text);
    assert!(!text.contains("http://maps"), "no icon is fetched from anywhere");
    assert!(text.find(LIMITS).unwrap() < text.find("<Folder>").unwrap());
    assert!(
        text.contains("<styleUrl>#area-HIGH</styleUrl>")
            && text.contains("<styleUrl>#indicative-MEDIUM</styleUrl>")
    );
    assert!(
        text.contains("<styleUrl>#feature-CMR</styleUrl>")
            && text.contains("<styleUrl>#gap-nodata</styleUrl>")
    );
    let used = text.split("<styleUrl>#").skip(1).map(|rest| rest.split('<').next().unwrap());
    for style in used {
        assert!(text.contains(&format!("<Style id=\"{style}\">")), "{style}");
    }

    let dataset = Dataset::open(&paths[0]).unwrap();
    let counts: Vec<_> = dataset.layers().map(|layer| layer.feature_count()).collect();
    assert_eq!(counts, [4, 0, 3, 4, 9]);
    assert!(
        text.contains("<styleUrl>#feature-at_ditch</styleUrl>"),
        "earthworks are told apart by what they are"
    );
    let area = dataset.layer(2).unwrap();
    let area = area.feature(1).unwrap();
    assert_eq!(field(&area, "Name"), "A0001 AP_MINE");
    assert_eq!(field(&area, "threat"), "HIGH");
    assert!(
        field(&area, "rationale").contains("<HIGH> & reviewed"),
        "{}",
        field(&area, "rationale")
    );
    assert_eq!(area.geometry().unwrap().geometry_count(), 2);
    let mut features = dataset.layer(4).unwrap();
    let rows: Vec<_> = features.features().collect();
    assert_at(first_point(rows[0].geometry().unwrap()), 60.0, 170.0);
    let network = rows[8].geometry().unwrap();
    assert_eq!(network.geometry_count(), 2);
    assert_at(first_point(&network.get_geometry(1)), 250.0, 120.0);
}

#[test]
fn shapefiles_keep_names_within_ten_characters_and_are_in_wgs_84() {
    let (dir, paths) = exported(Format::Shp);
    let rows = |name: &str| {
        Dataset::open(dir.path().join(format!("out_{name}.shp")))
            .unwrap()
            .layer(0)
            .unwrap()
            .feature_count()
    };
    let counts = [
        "hazard_areas",
        "features_points",
        "features_lines",
        "features_polygons",
        "gaps",
        "assessed",
    ]
    .map(rows);
    assert_eq!(counts, [3, 6, 2, 1, 4, 1]);
    assert_eq!(
        ["external_evidence_points", "external_evidence_lines", "external_evidence_polygons"]
            .map(rows),
        [1, 1, 2]
    );
    let dataset = Dataset::open(dir.path().join("out_features_lines.shp")).unwrap();
    let lines = dataset.layer(0).unwrap();
    let network = lines.feature(1).unwrap();
    assert_eq!(network.geometry().unwrap().geometry_count(), 2, "two lines in one row");
    assert_eq!(field(&network, "class"), "at-ditch");
    for path in
        paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "shp"))
    {
        let dataset = Dataset::open(path).unwrap();
        let layer = dataset.layer(0).unwrap();
        let names = names(&layer);
        assert!(names.iter().all(|name| name.len() <= 10), "{names:?}");
        assert_eq!(layer.spatial_ref().unwrap().name().unwrap(), "WGS 84");
        assert_eq!(std::fs::read_to_string(path.with_extension("cpg")).unwrap(), "UTF-8");
        assert!(path.with_extension("prj").is_file());
    }
    let dataset = Dataset::open(dir.path().join("out_hazard_areas.shp")).unwrap();
    let areas = dataset.layer(0).unwrap();
    let area = areas.feature(0).unwrap();
    for (name, value) in
        [("eo_cat", "AP_MINE"), ("doctr_ver", "1.0"), ("feat_count", "3"), ("front_unkn", "1")]
    {
        assert_eq!(field(&area, name), value);
    }
    let dataset = Dataset::open(dir.path().join("out_features_points.shp")).unwrap();
    let points = dataset.layer(0).unwrap();
    let point = points.feature(0).unwrap();
    assert_at(first_point(point.geometry().unwrap()), 60.0, 170.0);
    assert_eq!(field(&point, "area_ids"), "A0001");
    let readme = std::fs::read_to_string(dir.path().join("out_shp_README.txt")).unwrap();
    assert!(
        readme.contains("Buried mines are out of scope")
            && readme.contains("doctr_ver   doctrine_version"),
        "{readme}"
    );
    for pair in
        ["assess_shr  assessed_share", "beyond_m2   beyond_imagery_m2", "relsd_m2    released_m2"]
    {
        assert!(readme.contains(pair), "{pair} in {readme}");
    }
    assert_promises_nothing(&readme);
}

/// A witness of two places in one row, and a find that a person put in two.
#[test]
fn one_row_may_report_several_places() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    let shapes = [&mut survey.features[0].geometry, &mut survey.external_evidence[0].geometry];
    for shape in shapes {
        let geo::Geometry::Point(at) = *shape else { panic!("{shape:?} is no point") };
        *shape = geo::MultiPoint(vec![at, geo::Point::new(at.x() + 20.0, at.y())]).into();
    }
    write(&survey, dir.path()).unwrap();
    for (format, of_layer) in [
        (Format::Shp, ["out_features_points.shp", "out_external_evidence_points.shp"]),
        (Format::Gdb, ["out.gdb.zip"; 2]),
    ] {
        let out = dir.path().join(format!("out.{format}"));
        let exported = export(dir.path(), format, &out).unwrap();
        assert!(!exported.checks.refuse(), "{format}: {}", exported.checks);
        let names = ["features_points", "external_evidence_points"];
        for (file, (name, rows)) in of_layer.iter().zip(names.into_iter().zip([6, 1])) {
            let dataset = Dataset::open(dir.path().join(file)).unwrap();
            let is_gdb = format == Format::Gdb;
            let layer = if is_gdb { dataset.layer_by_name(name) } else { dataset.layer(0) };
            let places = |row: gdal::vector::Feature<'_>| row.geometry().unwrap().geometry_count();
            let mut places: Vec<usize> = layer.unwrap().features().map(places).collect();
            assert_eq!((places.len(), places.remove(0)), (rows, 2), "{format} {name}");
            assert!(places.iter().all(|places| *places == 1), "{format} {name}: {places:?}");
        }
    }
}

#[test]
fn a_text_too_long_for_a_shapefile_ends_in_dots() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    survey.hazard_areas[0].rationale = "é".repeat(200);
    write(&survey, dir.path()).unwrap();
    export(dir.path(), Format::Shp, &dir.path().join("out.shp")).unwrap();
    let dataset = Dataset::open(dir.path().join("out_hazard_areas.shp")).unwrap();
    let areas = dataset.layer(0).unwrap();
    assert_eq!(field(&areas.feature(0).unwrap(), "rationale"), format!("{}...", "é".repeat(125)));
}

#[test]
fn flatgeobuf_keeps_everything() {
    let (dir, paths) = exported(Format::Fgb);
    assert_eq!(paths.len(), 7);
    let source = Dataset::open(dir.path().join("survey.gpkg")).unwrap();
    for name in crate::layers::LAYERS {
        let dataset = Dataset::open(dir.path().join(format!("out_{name}.fgb"))).unwrap();
        let (mut copy, mut original) =
            (dataset.layer(0).unwrap(), source.layer_by_name(name).unwrap());
        assert_eq!(copy.name(), name);
        assert_eq!(names(&copy), names(&original));
        assert_eq!(copy.spatial_ref().unwrap().authority().unwrap(), "EPSG:4326");
        let rows = |layer: &mut gdal::vector::Layer<'_>| {
            // A value that was never set is none, as is one that is NULL.
            let values = |row: gdal::vector::Feature<'_>| {
                let kind = row.geometry().unwrap().geometry_name();
                (0..row.field_count())
                    .map(|index| row.field_as_string(index).unwrap().unwrap_or_default())
                    .chain([kind])
                    .collect::<Vec<_>>()
            };
            // The file is sorted along a curve, for its index.
            let mut rows: Vec<_> = layer.features().map(values).collect();
            rows.sort();
            rows
        };
        assert_eq!(rows(&mut copy), rows(&mut original));
    }
}

#[test]
fn an_empty_survey_exports_to_empty_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    survey.hazard_areas.clear();
    survey.features.clear();
    survey.gaps.clear();
    survey.assessed.clear();
    write(&survey, dir.path()).unwrap();
    for format in Format::ALL {
        let paths =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().files;
        assert!(paths.iter().all(|path| path.is_file()), "{format}");
    }
}

#[test]
fn a_folder_as_out_gets_a_file_of_the_survey_s_name() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let paths = export(dir.path(), Format::Kml, dir.path()).unwrap().files;
    assert_eq!(paths, [dir.path().join("survey.kml")]);
}

#[test]
fn a_missing_survey_is_named_with_its_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let error = export(dir.path(), Format::Kml, &dir.path().join("out.kml")).unwrap_err();
    assert!(matches!(error, ExportError::Store(StoreError::NoSurvey { .. })));
    let path = dir.path().join("survey.gpkg");
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot find {}; run `rams survey` first", path.display())),
        "{error}"
    );
    std::fs::write(&path, "not a database").unwrap();
    let error = export(dir.path(), Format::Kml, &dir.path().join("out.kml")).unwrap_err();
    assert!(matches!(error, ExportError::Store(StoreError::NotASurvey { .. })), "{error}");
    assert_eq!(files(dir.path()), ["survey.gpkg"]);
}

#[test]
fn a_survey_is_not_exported_onto_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&fixture::survey(), dir.path()).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = export(dir.path(), Format::GeoJson, &dir.path().join("./survey.gpkg")).unwrap_err();
    assert!(matches!(error, ExportError::OntoItself { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_name_that_says_another_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let told = |format, name: &str| {
        export(dir.path(), format, &dir.path().join(name)).unwrap_err().to_string()
    };
    for (format, name, remedy) in [
        (
            Format::GeoJson,
            "x.kml",
            "ends in .kml; choose one that ends in .geojson, or give --format kml",
        ),
        (Format::Imsma, "x.geojson", "choose one that ends in .imsma, or give --format geojson"),
        (Format::Kml, "survey.journal", "ends in .journal; choose one that ends in .kml"),
        (Format::Xlsx, "field.tif", "ends in .tif; choose one that ends in .xlsx"),
    ] {
        let told = told(format, name);
        assert!(told.starts_with(&format!("cannot export {format} to ")), "{told}");
        assert!(told.ends_with(remedy), "{told}");
    }
    assert_eq!(files(dir.path()), ["survey.gpkg"]);
    export(dir.path(), Format::GeoJson, &dir.path().join("x.JSON")).unwrap();
}

#[test]
fn an_export_replaces_an_export_and_no_other_file() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    for format in Format::ALL {
        let out = dir.path().join(format!("x.{format}"));
        let files = export(dir.path(), format, &out).unwrap().files;
        export(dir.path(), format, &out).unwrap();
        for file in &files {
            std::fs::remove_file(file).unwrap();
        }
        // Of a set that someone keeps under these names, each file is theirs.
        std::fs::write(&files[0], "the work of others").unwrap();
        let error = export(dir.path(), format, &out).unwrap_err();
        assert!(matches!(error, ExportError::NoExport { .. }), "{format}: {error}");
        assert!(error.to_string().contains(&files[0].display().to_string()), "{error}");
        assert_eq!(std::fs::read(&files[0]).unwrap(), b"the work of others");
        std::fs::remove_file(&files[0]).unwrap();
    }
}

#[test]
fn longitude_comes_before_latitude_in_a_geographic_crs_too() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::geographic_survey(), dir.path()).unwrap();
    let first = |name: &str| {
        let dataset = Dataset::open(dir.path().join(name)).unwrap();
        let mut layer = dataset.layers().find(|layer| layer.feature_count() == 1).unwrap();
        let row = layer.features().next().unwrap();
        first_point(row.geometry().unwrap())
    };
    assert_eq!(first("survey.gpkg"), (15.001, 0.01));
    for format in [Format::GeoJson, Format::Kml, Format::Shp, Format::Fgb, Format::Gdb] {
        export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap();
    }
    let names = ["out.geojson", "out.kml", "out_features_points.shp", "out_features.fgb"];
    for name in names.into_iter().chain(["out.gdb.zip"]) {
        let (lon, lat) = first(name);
        assert!((lon - 15.001).abs() < 1e-7 && (lat - 0.01).abs() < 1e-7, "{name}: {lon} {lat}");
    }
}

#[test]
fn a_column_that_someone_called_name_does_not_rename_the_placemarks_of_a_kml() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&fixture::survey(), dir.path()).unwrap();
    let options = gdal::DatasetOptions {
        open_flags: gdal::GdalOpenFlags::GDAL_OF_VECTOR | gdal::GdalOpenFlags::GDAL_OF_UPDATE,
        ..gdal::DatasetOptions::default()
    };
    let edited = Dataset::open_ex(&path, options).unwrap();
    for sql in [
        "ALTER TABLE features ADD COLUMN Name TEXT",
        "UPDATE features SET Name = 'to be seen again'",
    ] {
        edited.execute_sql(sql, None, gdal::vector::sql::Dialect::DEFAULT).unwrap();
    }
    drop(edited);
    let exported = export(dir.path(), Format::Kml, &dir.path().join("out.kml")).unwrap();
    assert_eq!(exported.checks.findings, [], "ids are read from the names of placemarks");
    assert!(
        std::fs::read_to_string(&exported.files[0])
            .unwrap()
            .contains("<value>to be seen again</value>")
    );
}

#[test]
fn what_lies_centimetres_from_a_whole_degree_is_not_moved_onto_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::geographic_survey();
    survey.features[0].geometry = geo::Point::new(15.000_000_5, 0.009_999_9).into();
    write(&survey, dir.path()).unwrap();
    for format in [Format::GeoJson, Format::Imsma, Format::Csv, Format::Kml] {
        let files =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().files;
        let texts = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
        let holds = |text: String| text.contains("15.0000005") && text.contains("0.0099999");
        assert!(texts.filter(|text| holds(text.clone())).count() >= 1, "{format}");
    }
}

#[test]
fn formats_have_the_names_that_people_type() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse::<Format>().unwrap(), format);
    }
    let error = "dwg".parse::<Format>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot export to format `dwg`; it is one of geojson, kml, shp, csv, xlsx, imsma, fgb, gdb"
    );
}
