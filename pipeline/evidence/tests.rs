//! Evidence of others, written with GDAL or by hand and read back onto a survey's ground.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own file has failed")]

mod bad;

use crate::{Evidence, EvidenceError, Mapping, read_evidence};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::sql::Dialect;
use gdal::vector::{
    Feature, FieldDefn, FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType,
    OGRwkbGeometryType,
};
use gdal::{Dataset, DriverManager};
use geo::{Area, CoordsIter, Rect, coord};
use proptest::prelude::*;
use rams_domain::{
    Crs, EoCategory, ExternalEvidence, ExternalEvidenceKind, Ground, Reliability, Survey,
};
use std::path::{Path, PathBuf};

fn crs(definition: &str) -> SpatialRef {
    let mut crs = SpatialRef::from_definition(definition).unwrap();
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    crs
}

/// 400 x 300 m of open sea, metres of EPSG:32628.
fn ground() -> Ground {
    let utm = crs("EPSG:32628");
    let extent =
        Rect::new(coord! { x: 500_000.0, y: 1_000.0 }, coord! { x: 500_400.0, y: 1_300.0 });
    let to_lonlat = CoordTransform::new(&utm, &crs("EPSG:4326")).unwrap();
    let nodes = Ground::node_positions(extent).into_iter().map(|c| {
        let (mut x, mut y) = ([c.x], [c.y]);
        to_lonlat.transform_coords(&mut x, &mut y, &mut []).unwrap();
        coord! { x: x[0], y: y[0] }
    });
    let crs = Crs { name: "WGS 84 / UTM zone 28N".into(), code: None, wkt: utm.to_wkt().unwrap() };
    Ground::new(crs, extent, nodes.collect()).unwrap()
}

/// A geometry of EPSG:32628 in another CRS, by GDAL alone.
fn moved(wkt: &str, to: &str) -> Geometry {
    let to = CoordTransform::new(&crs("EPSG:32628"), &crs(to)).unwrap();
    Geometry::from_wkt(wkt).unwrap().transform(&to).unwrap()
}

const FIELDS: [&str; 7] = [
    "kind",
    "eo_category",
    "source_reliability",
    "information_reliability",
    "name",
    "date",
    "bearing_deg",
];

const POINT: &str = "POINT (500010.25 1020.5)";
const LINE: &str = "LINESTRING (500020 1100,500120.125 1180)";
const RECORD: &str = "MULTIPOLYGON (((500050 1050,500250 1050,500250 1150,500050 1150,500050 \
                      1050),(500100 1080,500120 1080,500120 1100,500100 1080)),((500300 \
                      1000,500400 1000,500400 1050,500300 1000)))";

/// Geometry in EPSG:32628 and the values of [`FIELDS`].
const ROWS: [(&str, [&str; 7]); 3] = [
    (POINT, ["accident", "AP_MINE", "B", "2", "Açores 7", "2025-03-01", ""]),
    (LINE, ["front", "", "", "", "", "", "292.5"]),
    (RECORD, ["Minefield record", "av_mine", "f", "6", "MF-12", "spring 1994", ""]),
];

/// Writes [`ROWS`], those that a format can hold in one layer, and returns the file.
fn write(driver: &str, path: PathBuf, to: &str, rows: &[(&str, [&str; 7])]) -> PathBuf {
    let mut dataset =
        DriverManager::get_driver_by_name(driver).unwrap().create_vector_only(&path).unwrap();
    let srs = crs(to);
    let layer = dataset
        .create_layer(LayerOptions {
            name: path.file_stem().unwrap().to_str().unwrap(),
            srs: Some(&srs),
            ty: OGRwkbGeometryType::wkbUnknown,
            options: match driver {
                "CSV" => Some(&["GEOMETRY=AS_WKT"]),
                // Its index would sort the rows.
                "FlatGeobuf" => Some(&["SPATIAL_INDEX=NO"]),
                _ => None,
            },
        })
        .unwrap();
    for name in FIELDS {
        FieldDefn::new(name, OGRFieldType::OFTString).unwrap().add_to_layer(&layer).unwrap();
    }
    for (wkt, values) in rows {
        let mut feature = Feature::new(layer.defn()).unwrap();
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            feature.set_field(index, &FieldValue::StringValue((*value).into())).unwrap();
        }
        feature.set_geometry(moved(wkt, to)).unwrap();
        feature.create(&layer).unwrap();
    }
    dataset.close().unwrap();
    path
}

fn read(path: &Path, mapping: &str) -> Result<Evidence, EvidenceError> {
    // GDAL prints what it thinks of each outline.
    gdal::config::set_error_handler(|_, _, _| {});
    read_evidence(&[path.into()], &Mapping::parse(mapping).unwrap(), &ground())
}

/// The message, without the folder.
fn error(path: &Path, mapping: &str) -> String {
    let folder = format!("{}/", path.parent().unwrap().display());
    read(path, mapping).expect_err("the file is bad").to_string().replace(&folder, "")
}

fn text_file(dir: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Formats turn rings about and begin them elsewhere, so vertices are compared by the nearest.
fn assert_at(found: &ExternalEvidence, wkt: &str) {
    let expected = Geometry::from_wkt(wkt).unwrap().to_geo().unwrap();
    assert_eq!(found.geometry.coords_count(), expected.coords_count(), "{wkt}");
    assert!((found.geometry.unsigned_area() - expected.unsigned_area()).abs() < 1.0);
    for (one, other) in [(&found.geometry, &expected), (&expected, &found.geometry)] {
        for a in one.coords_iter() {
            let near = other.coords_iter().any(|b| (a.x - b.x).hypot(a.y - b.y) < 0.01);
            assert!(near, "{a:?} is nowhere in {other:?}");
        }
    }
}

#[test]
fn every_format_reads_back_where_and_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let point = |known: &[ExternalEvidence]| {
        assert_eq!(
            (known[0].kind, known[0].eo_category),
            (ExternalEvidenceKind::Accident, EoCategory::ApMine)
        );
        assert_eq!(known[0].reliability, Reliability { source: Some('B'), information: Some(2) });
        assert_eq!((known[0].name.as_str(), known[0].date.as_str()), ("Açores 7", "2025-03-01"));
        assert_at(&known[0], POINT);
    };
    for (driver, name) in [
        ("GPKG", "a.gpkg"),
        ("GeoJSON", "a.geojson"),
        ("LIBKML", "a.kml"),
        ("LIBKML", "a.kmz"),
        ("CSV", "a.csv"),
        ("FlatGeobuf", "a.fgb"),
    ] {
        let path = write(driver, dir.path().join(name), "EPSG:4326", &ROWS);
        let evidence = read(&path, "").unwrap();
        let [accident, front, record] = &evidence.known[..] else { panic!("{name}: {evidence:?}") };
        point(&evidence.known);
        assert_eq!(
            (front.kind, front.bearing_deg, front.eo_category),
            (ExternalEvidenceKind::Front, Some(292.5), EoCategory::Unknown)
        );
        assert_at(front, LINE);
        assert_eq!(
            (record.kind, record.eo_category),
            (ExternalEvidenceKind::MinefieldRecord, EoCategory::AvMine)
        );
        assert_eq!(
            (record.reliability.to_string().as_str(), record.date.as_str()),
            ("F6", "spring 1994")
        );
        assert_at(record, RECORD);
        assert_eq!((accident.id.to_string().as_str(), accident.file.as_str()), ("K0001", name));
        let told = "3 rows: 1 accident, 1 minefield record, 1 front";
        assert_eq!(evidence.files[0].to_string(), told, "{name}");
    }
    // A shapefile holds one type of geometry, and cuts the names of fields at ten letters.
    let path = write("ESRI Shapefile", dir.path().join("b.shp"), "EPSG:32629", &ROWS[..1]);
    point(&read(&path, "").unwrap().known);
    let path = write("ESRI Shapefile", dir.path().join("c.shp"), "EPSG:3857", &ROWS[2..]);
    let known = read(&path, "").unwrap().known;
    assert_at(&known[0], RECORD);
    assert_eq!(
        (known[0].eo_category, known[0].reliability.to_string().as_str()),
        (EoCategory::AvMine, "F6")
    );
}

#[test]
fn a_row_that_repeats_another_counts_once_over_all_files() {
    let dir = tempfile::tempdir().unwrap();
    // Another kind, category, name, date, grade or place is another report: 2 cm are.
    let row = "witness,W,AP_MINE,C,3,2023,-15.0,0.01\n";
    let others = "incident,W,AP_MINE,C,3,2023,-15.0,0.01\nwitness,W,AV_MINE,C,3,2023,-15.0,0.01\n\
                  witness,V,AP_MINE,C,3,2023,-15.0,0.01\nwitness,W,AP_MINE,C,3,2024,-15.0,0.01\n\
                  witness,W,AP_MINE,C,4,2023,-15.0,0.01\nwitness,W,AP_MINE,C,3,2023,-15.0,0.0100002\n";
    let head = "kind,name,eo_category,source_reliability,information_reliability,date,longitude,\
                latitude\n";
    let one = text_file(&dir, "one.csv", &format!("{head}{row}{row}{others}{row}"));
    let copy = text_file(&dir, "copy.csv", &format!("{head}{}", row.replace("0.01", "0.01000004")));
    let evidence = read_evidence(&[one, copy], &Mapping::default(), &ground()).unwrap();
    assert_eq!(evidence.known.len(), 7);
    assert_eq!(
        evidence.files.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "9 rows: 1 incident, 6 witnesses; 2 repeat an earlier row and count once: row 2 (as row \
             1 of one.csv), row 9 (as row 1 of one.csv)",
            "1 row: none kept; 1 repeats an earlier row and counts once: row 1 (as row 1 of \
             one.csv)",
        ]
    );
    // Formats turn rings about and begin them elsewhere.
    let kml = write("LIBKML", dir.path().join("a.kml"), "EPSG:4326", &ROWS);
    let gpkg = write("GPKG", dir.path().join("a.gpkg"), "EPSG:32628", &ROWS);
    let evidence = read_evidence(&[kml, gpkg], &Mapping::default(), &ground()).unwrap();
    assert_eq!((evidence.known.len(), evidence.files[1].repeated.len()), (3, 3));
}

#[test]
fn places_are_right_to_a_centimetre_from_any_crs() {
    let dir = tempfile::tempdir().unwrap();
    for (index, from) in
        ["EPSG:4326", "EPSG:32627", "EPSG:32728", "EPSG:3857", "EPSG:4258"].iter().enumerate()
    {
        let path = write("GPKG", dir.path().join(format!("{index}.gpkg")), from, &ROWS);
        let known = read(&path, "").unwrap().known;
        for (known, (wkt, _)) in known.iter().zip(ROWS) {
            assert_at(known, wkt);
        }
    }
}

#[test]
fn tables_of_coordinates() {
    let dir = tempfile::tempdir().unwrap();
    let here = moved(POINT, "EPSG:4326").get_point(0);
    let (lon, lat) = (format!("{:.9}", here.0), format!("{:.9}", here.1));
    let comma = |number: &str| number.replace('.', ",");
    for (name, text, mapping) in [
        ("plain.csv", format!("kind,Longitude,Latitude\naccident,{lon},{lat}\n"), ""),
        ("comma.csv", format!("kind;lon;lat\naccident;{};{}\n", comma(&lon), comma(&lat)), ""),
        (
            "own.csv",
            format!("type,E,N\naccident,{lon},{lat}\n"),
            "fields = { kind = 'type', x = 'E', y = 'N' }",
        ),
        ("utm.csv", "kind,x,y\naccident,500010.25,1020.5\n".into(), "crs = 'EPSG:32628'"),
        (
            "text.csv",
            format!("kind,place\naccident,POINT Z ({lon} {lat} 12)\n"),
            "fields.wkt = 'place'",
        ),
        ("wkt.csv", format!("kind,WKT\naccident,POINT ({lon} {lat})\n"), ""),
        (
            "excel.csv",
            format!("\u{feff}kind;name;lat;lon\r\naccident;\"A;\n1\";{lat};{lon}\r\n\r\n"),
            "",
        ),
        ("geom.csv", format!("kind,geom\naccident,POINT ({lon} {lat})\n"), ""),
    ] {
        let path = text_file(&dir, name, &text);
        let mapping =
            if mapping.is_empty() { String::new() } else { format!("[layer.'*']\n{mapping}") };
        let known = read(&path, &mapping).unwrap_or_else(|error| panic!("{name}: {error}")).known;
        assert_at(&known[0], POINT);
    }
}

#[test]
fn a_mapping_puts_their_words_into_ours() {
    let dir = tempfile::tempdir().unwrap();
    let rows = "Id,Class,Device,Src,Info,Found,lon,lat\n\
                7,Hazard,AP,Reliable,Probable,12/03/2024,-15,0.01\n\
                8, ACCIDENT ,AT,A,3,,-15,0.01\n\
                9,,Other,,,,-15,0.01\n\
                10,Dummy,AP,,,,-15,0.01\n";
    let path = text_file(&dir, "hazards_2024-05.csv", rows);
    let mapping = "[layer.\"hazards_*\"]
        kind = 'witness'
        information_reliability = 6
        fields = { kind = 'Class', eo_category = 'Device', source_reliability = 'Src', information_reliability = 'Info', name = 'Id', date = 'Found' }
        words.kind = { 'hazard' = 'minefield_record', 'Dummy' = 'skip' }
        words.eo_category = { AP = 'AP_MINE', AT = 'AV_MINE', Other = '' }
        words.source_reliability = { Reliable = 'B' }
        words.information_reliability = { Probable = 2 }
        [layer.'*']
        kind = 'district'";
    let evidence = read(&path, mapping).unwrap();
    let told = |known: &ExternalEvidence| {
        format!(
            "{} {} {} {} {}",
            known.kind, known.eo_category, known.reliability, known.name, known.date
        )
    };
    let known: Vec<_> = evidence.known.iter().map(told).collect();
    let expected = [
        "minefield_record AP_MINE B2 7 12/03/2024",
        "accident AV_MINE A3 8 ",
        "witness UNKNOWN ?6 9 ",
    ];
    assert_eq!(known, expected);
    assert_eq!(
        evidence.files[0].to_string(),
        "4 rows: 1 accident, 1 minefield record, 1 witness; 1 left out by the mapping"
    );
    let skipped = read(&path, "[layer.\"hazards_2024-05\"]\nskip = true").unwrap();
    assert_eq!((skipped.known.len(), skipped.files[0].skipped), (0, 4));
}

#[test]
fn the_template_reads_what_it_says_it_reads() {
    let dir = tempfile::tempdir().unwrap();
    let text = "Hazard ID,Hazard type,Device category,Source reliability,Information \
                reliability,Date of report,Latitude,Longitude\n\
                H-1,Clearance completed,AP,Usually reliable,Probably true,,0.9,-15\n\
                H-2,LOCAL INFORMANT,at,Not specified,Doubtfully true,May 2026,0.01,-15\n\
                H-3,Training site,,,,,0.01,-15\n";
    let path = text_file(&dir, "hazards_2026.csv", text);
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/evidence/mapping.toml");
    let evidence =
        read_evidence(&[path], &Mapping::read(Path::new(template)).unwrap(), &ground()).unwrap();
    let [known] = &evidence.known[..] else { panic!("{evidence:?}") };
    assert_eq!(
        (known.kind, known.eo_category, known.name.as_str()),
        (ExternalEvidenceKind::Witness, EoCategory::AvMine, "H-2")
    );
    assert_eq!((known.reliability.to_string().as_str(), known.date.as_str()), ("?4", "May 2026"));
    assert_eq!((evidence.files[0].beyond, evidence.files[0].skipped), (1, 1));
}

#[test]
fn rows_far_away_are_kept_out_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    // 0.08 degrees are 9 km, 0.11 degrees 12 km; what far-off words mean does not matter.
    let text = "kind,lon,lat\naccident,-15,0.08\naccident,-14.91,0.01\n\
                whatever,-15,0.11\naccident,344.88,0.01\n";
    let evidence = read(&text_file(&dir, "e.csv", text), "").unwrap();
    assert_eq!(evidence.known.len(), 2);
    assert_eq!(
        evidence.files[0].to_string(),
        "4 rows: 2 accidents; 2 over 10 km beyond the survey, kept out (the \
         nearest 11 km from its middle)"
    );
    let swapped = read(&text_file(&dir, "s.csv", "kind,lat,lon\naccident,-15,0.01\n"), "").unwrap();
    assert_eq!(
        swapped.files[0].to_string(),
        "1 row: none kept; 1 over 10 km beyond the survey, kept out (the nearest 2347 km from its \
         middle: check the CRS, and the order of longitude and latitude)"
    );
}

#[test]
fn outlines_are_mended_on_the_side_of_caution() {
    let dir = tempfile::tempdir().unwrap();
    // A bow tie of two lobes of 10,000 m² each, and two overlapping squares: 28,000 m² in all, of
    // which 4,000 m² belong to both.
    let [tie, overlap] = [
        "POLYGON ((500000 1000,500200 1200,500200 1000,500000 1200,500000 1000))",
        "MULTIPOLYGON (((500000 1000,500100 1000,500100 1160,500000 1160,500000 1000)),\
         ((500060 1060,500160 1060,500160 1220,500060 1220,500060 1060)))",
    ];
    let text = format!(
        "kind,wkt\nwitness,\"{tie}\"\nwitness,\"{overlap}\"\n\
         released,\"{overlap}\"\nreleased,\"{tie}\"\n"
    );
    let evidence = read(&text_file(&dir, "e.csv", &text), "[layer.e]\ncrs = 'EPSG:32628'").unwrap();
    let areas: Vec<_> =
        evidence.known.iter().map(|known| known.geometry.unsigned_area().round()).collect();
    assert_eq!(areas, [20_000.0, 28_000.0, 24_000.0, 20_000.0]);
    assert_eq!(
        evidence.files[0].to_string(),
        "4 rows: 2 witnesses, 2 released; invalid outline mended, please check: \
         K0001, K0002, K0003, K0004"
    );
}

#[test]
fn several_layers_and_files_are_numbered_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let first = write("GPKG", dir.path().join("first.gpkg"), "EPSG:4326", &ROWS);
    let second = text_file(&dir, "second.csv", "kind,lon,lat\nincident,-15,0.01\n");
    let mut dataset = Dataset::open_ex(
        &first,
        gdal::DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE,
            ..Default::default()
        },
    )
    .unwrap();
    for name in ["layer_styles", "notes"] {
        let options = LayerOptions { name, ty: OGRwkbGeometryType::wkbNone, ..Default::default() };
        dataset.create_layer(options).unwrap();
    }
    dataset.close().unwrap();
    let files = [first.clone(), second];
    // A table of nobody's is an error until the mapping leaves it out.
    assert!(
        error(&first, "").contains("layer notes: no field `kind` among its fields: it has none")
    );
    let mapping = Mapping::parse("[layer.notes]\nskip = true").unwrap();
    let evidence = read_evidence(&files, &mapping, &ground()).unwrap();
    let ids: Vec<_> =
        evidence.known.iter().map(|known| format!("{} {}", known.id, known.file)).collect();
    assert_eq!(
        ids,
        ["K0001 first.gpkg", "K0002 first.gpkg", "K0003 first.gpkg", "K0004 second.csv"]
    );
}

#[test]
fn qgis_draws_each_kind_by_rules_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = write("GPKG", dir.path().join("a.gpkg"), "EPSG:4326", &ROWS);
    let survey =
        Survey { external_evidence: read(&path, "").unwrap().known, ..Survey::new(ground()) };
    let dataset = Dataset::open(rams_store::write(&survey, dir.path()).unwrap()).unwrap();
    let style = "SELECT styleQML FROM layer_styles WHERE f_table_name = 'external_evidence'";
    let mut styles = dataset.execute_sql(style, None, Dialect::DEFAULT).unwrap().unwrap();
    let qml = styles.features().next().unwrap().field_as_string(0).unwrap().unwrap();
    for (geometry, kind) in
        [("Point", "accident"), ("Line", "front"), ("Polygon", "minefield_record")]
    {
        let filter =
            format!("geometry_type($geometry) = '{geometry}' AND &quot;kind&quot; = '{kind}'");
        assert_eq!(qml.matches(&filter).count(), 1, "{qml}");
        assert!(
            qml.contains(&format!("'{geometry}' AND &quot;kind&quot; NOT IN ('{kind}')")),
            "all others are drawn too"
        );
    }
    assert!(!qml.contains("kind&quot; = 'witness'"), "no legend for what is not there");
    // An arrow: a line that is made from the bearing, with a head that belongs to it.
    let arrow = qml.split("class=\"GeometryGenerator\"").nth(1).unwrap();
    assert!(
        arrow.contains("radians(&quot;bearing_deg&quot;)") && arrow.contains("name=\"@@"),
        "{arrow}"
    );
    assert_eq!(qml.matches("<symbol ").count(), qml.matches("</symbol>").count());
}

fn any_row() -> impl Strategy<Value = String> {
    let kind = prop_oneof![
        6 => prop::sample::select(vec![
            "accident", "witness", "Minefield record", "Dummy", "incident",
        ]),
        1 => prop::sample::select(vec!["", "district", "front", "nonsense"]),
    ];
    let place = prop_oneof![
        6 => (-15.2..-14.8f64, -0.2..0.2f64).prop_map(|(x, y)| format!("POINT ({x} {y})")),
        2 => (-15.01..-15.0f64, 0.0..0.01f64, -0.01..0.01f64).prop_map(|(x, y, d)| {
            let (right, up) = (x + 0.01, y + 0.01);
            format!("POLYGON (({x} {y},{right} {},{right} {y},{x} {up},{x} {y}))", y + d)
        }),
        1 => prop::sample::select(
            ["", "POINT EMPTY", "POINT (500 900)", "here"].map(str::to_owned).to_vec(),
        ),
    ];
    (kind, place).prop_map(|(kind, place)| format!("{kind},\"{place}\"\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_row_is_lost(rows in prop::collection::vec(any_row(), 1..12)) {
        let dir = tempfile::tempdir().unwrap();
        let path = text_file(&dir, "e.csv", &format!("kind,geom\n{}", rows.concat()));
        let mapping = "[layer.e]\nwords.kind = { Dummy = 'skip' }";
        match read(&path, mapping) {
            Ok(evidence) => {
                let file = &evidence.files[0];
                prop_assert_eq!(file.rows, rows.len());
                prop_assert_eq!(evidence.known.len() + file.beyond + file.skipped, rows.len());
                prop_assert_eq!(file.kinds.values().sum::<usize>(), evidence.known.len());
            }
            Err(_) => {
                // One row at least is refused on its own, and the rest is what is kept of it.
                let is_refused = |row: &String| {
                    let path = text_file(&dir, "e.csv", &format!("kind,geom\n{row}"));
                    read(&path, mapping).is_err()
                };
                prop_assert!(rows.iter().any(is_refused));
            }
        }
    }
}

#[test]
fn a_table_of_a_field_team_in_any_format_and_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let point = moved("POINT (500010 1020)", "EPSG:4326");
    let (lon, lat, _) = point.get_point(0);
    let properties =
        r#""found":"Not seen","who":"Rauf","date":"2026-11-20T09:30:00+04:00","accuracy_m":2.5"#;
    let geojson = file(
        "team.geojson",
        &format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{{properties}}},
            "geometry":{{"type":"Point","coordinates":[{lon},{lat}]}}}}]}}"#
        ),
    );
    let kml = file(
        "team.kml",
        &format!(
            "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><ExtendedData>\
             <Data name='found'><value>not_seen</value></Data>\
             <Data name='who'><value>Rauf</value></Data>\
             <Data name='date'><value>2026-11-20</value></Data>\
             <Data name='accuracy_m'><value>2.5</value></Data></ExtendedData>\
             <Point><coordinates>{lon},{lat}</coordinates></Point></Placemark></Document></kml>"
        ),
    );
    let csv = file(
        "team.csv",
        &format!("Result,Team,Day,lon,lat,Error\nnothing,Rauf,2026-11-20,{lon},{lat},\"2,5\"\n"),
    );
    let words = "[layer.team]\nfields = { found = 'Result', who = 'Team', date = 'Day', \
                 accuracy_m = 'Error' }\nwords.found = { nothing = 'not_seen' }\n";
    let words = Mapping::parse(words).unwrap();
    for (path, mapping) in
        [(geojson, Mapping::default()), (kml, Mapping::default()), (csv.clone(), words)]
    {
        let rows = crate::read_field_table(&path, &mapping, &ground()).unwrap();
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.found, &*row.observer), (rams_domain::Found::NotSeen, "Rauf"));
        assert_eq!((&*row.date, &*row.id), ("2026-11-20", ""), "{path:?}");
        let Some(rams_domain::FieldPlace::At { point, accuracy_m }) = row.place else {
            panic!("{row:?}")
        };
        assert!((point.x() - 500_010.0).abs() < 1e-3 && (point.y() - 1_020.0).abs() < 1e-3);
        assert_eq!(accuracy_m, Some(2.5));
    }
    let said = crate::read_field_table(&csv, &Mapping::default(), &ground()).unwrap_err();
    let said = said.to_string();
    assert!(said.contains("team.csv, layer team: it has no field `found`; name it so"), "{said}");
    let bad = Mapping::parse("[layer.team.words]\nfound = { nothing = 'gone' }").unwrap_err();
    assert!(bad.ends_with("is \"gone\", give one of seen, not_seen, other"), "{bad}");
}
