//! The file geodatabase, read back by GDAL's driver and by its program.

use super::edited::edit;
use super::exports::exported;
use super::{export, field, fixture, names};
use crate::geodatabase::check_whole;
use crate::parts::PARTS;
use crate::{Format, Halt};
use gdal::Dataset;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Geometry, LayerAccess};
use rams_domain::{Crs, Ground};
use rams_store::{Source, geometry, write};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rows of each table: fields and the shape as text, but for the number of the row.
type Content = BTreeMap<String, Vec<Vec<String>>>;

fn content(path: &Path) -> Content {
    let dataset = Dataset::open(path).unwrap();
    let mut content = BTreeMap::new();
    for mut layer in dataset.layers() {
        let fields = names(&layer);
        let row = |row: gdal::vector::Feature<'_>| {
            let values = fields.iter().enumerate().map(|(index, name)| {
                let value = row.field_as_string(index).unwrap().unwrap_or_default();
                format!("{name}={value}")
            });
            let shape = geometry(&row).map(|shape| shape.wkt().unwrap());
            values.chain(shape).collect::<Vec<_>>()
        };
        content.insert(layer.name(), layer.features().map(row).collect());
    }
    content
}

/// The GlobalID of each row, by class and id.
fn global_ids(path: &Path) -> BTreeMap<(String, String), String> {
    let dataset = Dataset::open(path).unwrap();
    let mut ids = BTreeMap::new();
    for part in &PARTS {
        let mut layer = dataset.layer_by_name(part.name).unwrap();
        for (number, row) in layer.features().enumerate() {
            let has_id = row.field_index("id").is_ok();
            let id = if has_id { field(&row, "id") } else { number.to_string() };
            assert_eq!(field(&row, "GlobalID"), field(&row, "guid"));
            ids.insert((part.name.to_owned(), id), field(&row, "GlobalID"));
        }
    }
    ids
}

/// Exports a folder's survey and returns the archive.
fn archive(dir: &Path, name: &str) -> PathBuf {
    export(dir, Format::Gdb, &dir.join(name)).unwrap().files.remove(0)
}

/// What GDAL's program says, and its exit code is 0.
fn ogrinfo(arguments: &[&str], path: &Path) -> String {
    let ran = Command::new("ogrinfo").arg(path).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn gdal_s_program_reads_classes_aliases_domains_and_rows() {
    let (_dir, paths) = exported(Format::Gdb);
    let said = ogrinfo(&["-al", "-so"], &paths[0]);
    let counts: Vec<_> =
        said.lines().filter_map(|line| line.strip_prefix("Feature Count: ")).collect();
    // Three classes of finds each with a table of attachments.
    assert_eq!(counts, ["3", "6", "1", "2", "0", "1", "0", "1", "1", "2", "0", "4", "1"]);
    assert_eq!(said.matches("ID[\"EPSG\",4326]").count(), PARTS.len());
    for line in [
        "alternative name=\"EO category\", domain name=rams_eo_category",
        "beyond_imagery_m2: Real (0.0), alternative name=\"Beyond imagery, m²\"",
        "front_unknown: Integer (0.0), alternative name=\"Front unknown\", domain name=rams_yes_no",
        "rows_: Integer (0.0), alternative name=\"Rows\"",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let said = ogrinfo(&["-q", "-fielddomain", "rams_land_class"], &paths[0]);
    for line in [
        "Type: coded",
        "SHA: Suspected hazardous area (candidate)",
        "INDICATION: Indication: where to look, no hazardous area",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let said = ogrinfo(&["-q", "hazard_areas", "-where", "id = 'A0001'"], &paths[0]);
    for line in [
        "threat (String) = HIGH",
        "confidence (Real) = 0.95",
        "area_m2 (Real) = 12409.926",
        "front_deg (Real) = (null)",
        "front_unknown (Integer) = 1",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let readme = fs::read_to_string(&paths[1]).unwrap();
    assert!(readme.contains("rows_             rows"), "{readme}");
}

#[test]
fn every_word_is_a_code_of_its_domain_and_every_name_is_allowed() {
    let (_dir, paths) = exported(Format::Gdb);
    let text = ogrinfo(&["-al", "-so"], &paths[0]);
    let dataset = Dataset::open(&paths[0]).unwrap();
    let mut checked = BTreeSet::new();
    for part in &PARTS {
        let mut layer = dataset.layer_by_name(part.name).unwrap();
        let fields = names(&layer);
        for name in &fields {
            assert!(name.len() <= 31 && name.starts_with(|it: char| it.is_ascii_alphabetic()));
            assert!(name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_'), "{name}");
            assert!(!["date", "rows", "file", "order"].contains(&name.as_str()));
        }
        let section =
            text.split("Layer name: ").find(|text| text.lines().next() == Some(part.name));
        for line in section.unwrap().lines() {
            let Some((start, domain)) = line.split_once(", domain name=") else { continue };
            let column = start.split(':').next().unwrap();
            let said = ogrinfo(&["-q", "-fielddomain", domain], &paths[0]);
            let (_, codes) = said.split_once("Coded values:").unwrap();
            for row in layer.features() {
                let value = field(&row, column);
                let code = format!("\n    {value}: ");
                assert!(value.is_empty() || codes.contains(&code), "{column} {value}: {said}");
                checked.insert(domain.to_owned());
            }
        }
    }
    let of_rows = ["area_kind", "eo_category", "evidence", "external_evidence_kind", "gap_reason"];
    let more = ["indicator", "land_class", "status", "threat", "tier", "yes_no"];
    let expected = of_rows.iter().chain(&more).map(|name| format!("rams_{name}"));
    assert!(checked.iter().cloned().eq(expected), "{checked:?}");
}

#[test]
fn two_exports_are_equal_and_ids_stay_when_areas_are_drawn_again_by_the_same_rules() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    write(&survey, dir.path()).unwrap();
    let first = archive(dir.path(), "first.gdb");
    let second = archive(dir.path(), "second.gdb");
    assert_eq!(content(&first), content(&second));
    let ids = global_ids(&first);
    let all: BTreeSet<_> = ids.values().collect();
    assert_eq!(all.len(), 3 + 9 + 4 + 4 + 1, "no two rows share one");

    // What people edit is the same row.
    edit(dir.path(), "UPDATE hazard_areas SET district = 'South' WHERE id = 'A0001'");
    assert_eq!(global_ids(&archive(dir.path(), "edited.gdb")), ids);

    survey.record.add_drawing("2026-06-01T10:00:00Z".into(), "0.2.0");
    write(&survey, dir.path()).unwrap();
    assert_eq!(global_ids(&archive(dir.path(), "drawn.gdb")), ids);

    // By another doctrine A0001 may be other ground.
    survey.record.doctrine.sha256 = "ab12".into();
    write(&survey, dir.path()).unwrap();
    for ((class, id), other) in global_ids(&archive(dir.path(), "others.gdb")) {
        let is_same = ids[&(class.clone(), id.clone())] == other;
        assert_eq!(is_same, class.starts_with("features"), "{class} {id}");
    }
}

#[test]
fn an_area_of_a_survey_that_does_not_say_how_it_was_drawn_has_an_id_until_one_is_edited() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let noted = global_ids(&archive(dir.path(), "noted.gdb"));
    edit(dir.path(), "UPDATE run_record SET areas_sha256 = NULL");
    let ids = global_ids(&archive(dir.path(), "first.gdb"));
    assert_eq!((&ids, &ids), (&noted, &global_ids(&archive(dir.path(), "second.gdb"))));
    edit(dir.path(), "DELETE FROM hazard_areas WHERE id = 'A0003'");
    for ((class, id), other) in global_ids(&archive(dir.path(), "edited.gdb")) {
        let is_same = ids[&(class.clone(), id.clone())] == other;
        assert_eq!(is_same, class.starts_with("features"), "{class} {id}");
    }
}

#[test]
fn pictures_are_attachments_of_their_finds() {
    let (_dir, paths) = exported(Format::Gdb);
    let tables = content(&paths[0]);
    let id = &global_ids(&paths[0])[&("features_points".into(), "F000001".into())];
    let row = [
        format!("REL_GLOBALID={id}"),
        "CONTENT_TYPE=image/jpeg".into(),
        "ATT_NAME=F000001.jpg".into(),
        "DATA_SIZE=3".into(),
        "DATA=FFD8FF".into(),
    ];
    assert_eq!(tables["features_points__ATTACH"], [row.to_vec()]);
    let dataset = Dataset::open(&paths[0]).unwrap();
    for class in ["features_points", "features_lines", "features_polygons"] {
        let name = CString::new(format!("{class}__ATTACHREL")).unwrap();
        // SAFETY: the dataset is open while its relationship and that one's text are looked at.
        #[allow(unsafe_code)]
        let (left, kind) = unsafe {
            let found = gdal_sys::GDALDatasetGetRelationship(dataset.c_dataset(), name.as_ptr());
            assert!(!found.is_null(), "{class}");
            let text = |text| CStr::from_ptr(text).to_str().unwrap().to_owned();
            (
                text(gdal_sys::GDALRelationshipGetLeftTableName(found)),
                text(gdal_sys::GDALRelationshipGetRelatedTableType(found)),
            )
        };
        assert_eq!([&*left, &*kind], [class, "media"]);
    }
}

#[test]
fn parts_and_holes_are_whole_and_empty_classes_are_there() {
    let (_dir, paths) = exported(Format::Gdb);
    let dataset = Dataset::open(&paths[0]).unwrap();
    let mut areas = dataset.layer_by_name("hazard_areas").unwrap();
    let row = areas.features().next().unwrap();
    let shape = row.geometry().unwrap();
    let parts: Vec<Geometry> =
        (0..shape.geometry_count()).map(|at| shape.get_geometry(at).clone()).collect();
    let rings: BTreeSet<_> = parts.iter().map(Geometry::geometry_count).collect();
    assert_eq!((parts.len(), rings), (2, [1, 2].into()), "a part with a hole and one without");

    let dir = tempfile::tempdir().unwrap();
    write(&rams_domain::Survey::new(fixture::survey().ground), dir.path()).unwrap();
    let tables = content(&archive(dir.path(), "empty.gdb"));
    assert_eq!(tables.len(), PARTS.len() + 3);
    assert!(tables.values().all(Vec::is_empty), "{tables:?}");
}

#[test]
fn columns_of_people_leave_under_names_that_are_allowed() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let long = "a_name_of_more_than_thirty_one_letters";
    for sql in [
        "ALTER TABLE gaps ADD COLUMN \"größe ü\" TEXT".to_owned(),
        "ALTER TABLE gaps ADD COLUMN \"Order\" INTEGER".into(),
        format!("ALTER TABLE gaps ADD COLUMN \"{long}\" TEXT"),
        format!("ALTER TABLE gaps ADD COLUMN \"{long}_too\" DATE"),
        format!("UPDATE gaps SET \"größe ü\" = 'ភូមិ', \"Order\" = 5000000000, \"{long}\" = ''"),
        format!("UPDATE gaps SET \"{long}_too\" = '2026-11-28'"),
    ] {
        edit(dir.path(), &sql);
    }
    let said = ogrinfo(&["-q", "gaps"], &archive(dir.path(), "קו.gdb"));
    for line in [
        "gr__e__ (String) = ភូមិ",
        "Order_ (Real) = 5000000000",
        "a_name_of_more_than_thirty_one_ (String) = (null)",
        "a_name_of_more_than_thirty_one1 (DateTime) = 2026/11/28",
    ] {
        assert_eq!(said.matches(line).count(), 4, "{line} in {said}");
    }
}

#[test]
fn texts_that_are_longer_than_usual_are_whole_and_one_that_is_cut_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let said = |characters: usize| {
        let words = "ភូមិ ".repeat(characters / 5).trim().to_owned();
        let sql = format!("UPDATE hazard_areas SET rationale = '{words}', status = '{words}'");
        edit(dir.path(), &format!("{sql} WHERE fid = 1"));
        words
    };
    // A field says that a text has at most 65,536 characters, and a word at most 255.
    let words = said(100_000);
    let dataset = Dataset::open(archive(dir.path(), "long.gdb")).unwrap();
    let mut areas = dataset.layer_by_name("hazard_areas").unwrap();
    let row = areas.features().next().unwrap();
    assert!(["rationale", "status"].map(|name| field(&row, name) == words) == [true, true]);

    assert!(check_whole(&Source::open(dir.path()).unwrap(), &dataset).is_ok());
    let longer = said(100_005);
    assert_eq!(longer.chars().count(), words.chars().count() + 5);
    let halt = check_whole(&Source::open(dir.path()).unwrap(), &dataset).unwrap_err();
    let Halt::Torn(cause) = halt else { panic!("it is torn") };
    assert!(cause.starts_with("hazard_areas: field rationale reads back 1"), "{cause}");
}

#[test]
fn a_crs_that_esri_has_no_number_for_leads_to_the_same_places() {
    let [known, unknown] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut survey = fixture::survey();
    write(&survey, known.path()).unwrap();
    let definition =
        "+proj=tmerc +lat_0=0 +lon_0=15 +k=0.9996 +x_0=500000 +datum=WGS84 +units=m +type=crs";
    let wkt = SpatialRef::from_definition(definition).unwrap().to_wkt().unwrap();
    let crs = Crs { name: "of one country".into(), code: None, wkt };
    let extent = survey.ground.extent();
    let nodes = Ground::node_positions(extent).into_iter().map(|at| survey.ground.lonlat(at));
    survey.ground = Ground::new(crs, extent, nodes.collect()).unwrap();
    write(&survey, unknown.path()).unwrap();
    assert!(Source::open(unknown.path()).unwrap().srs().unwrap().auth_code().is_err());
    let [known, unknown] = [known, unknown].map(|dir| content(&archive(dir.path(), "x.gdb")));
    assert_eq!(known, unknown);
}
