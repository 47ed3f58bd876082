//! The words of others: as they were given, and harmless.

use super::sheets::{column, table};
use super::{export, fixture};
use crate::Format;
use gdal::Dataset;
use gdal::vector::LayerAccess;
use rams_store::write;

/// A survey in which every text that is not ours is `given`.
fn worded(given: &str) -> tempfile::TempDir {
    let mut survey = fixture::survey();
    let text = || given.to_owned();
    for area in &mut survey.hazard_areas {
        (area.district, area.doctrine.name, area.doctrine.version) = (text(), text(), text());
    }
    for feature in &mut survey.features {
        (feature.class, feature.model, feature.orthomosaic) = (text(), text(), text());
    }
    for known in &mut survey.external_evidence {
        (known.name, known.date, known.file) = (text(), text(), text());
    }
    for gap in &mut survey.gaps {
        (gap.orthomosaic, gap.model, gap.detail, gap.classes) =
            (text(), text(), text(), vec![text()]);
    }
    let dir = tempfile::tempdir().unwrap();
    write(&survey, dir.path()).unwrap();
    dir
}

#[test]
fn words_of_others_leave_as_they_were_given_and_ours_promise_nothing() {
    for given in
        ["task 4, cleared 2024", "Safed Koh", "Qızıl Kənd", "Хутір Безпечний", "قرية", "ភូមិ"]
    {
        let dir = worded(given);
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        for format in Format::ALL {
            export(dir.path(), format, &out.join(format!("{given}.{format}"))).unwrap();
        }
        for name in super::files(&out) {
            let bytes = std::fs::read(out.join(&name)).unwrap();
            // Of a workbook the parts are packed; its cells are looked at below.
            let ours = String::from_utf8_lossy(&bytes).replace(given, "");
            super::assert_promises_nothing(&ours);
            assert!(name.contains(given), "{name}");
        }
        let shown = |name: &str, layer: &str, field: &str| {
            let dataset = Dataset::open(out.join(format!("{given}{name}"))).unwrap();
            let mut rows = dataset.layer_by_name(layer).or_else(|_| dataset.layer(0)).unwrap();
            rows.features()
                .find_map(|row| Some(super::field(&row, field)).filter(|text| !text.is_empty()))
                .unwrap()
        };
        assert_eq!(shown("_hazard_areas.shp", "", "district"), given);
        assert_eq!(shown("_hazard_areas.fgb", "", "district"), given);
        assert_eq!(shown(".gdb.zip", "hazard_areas", "district"), given);
        assert_eq!(shown(".geojson", "", "district"), given);
        assert_eq!(
            shown(".kml", "Suspected hazardous areas (candidates) and indications", "district"),
            given
        );
        for name in ["_hazard_areas.csv", "_imsma_hazard_areas.csv"] {
            let rows = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_path(out.join(format!("{given}{name}")));
            let rows: Vec<Vec<String>> = rows
                .unwrap()
                .records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect();
            assert_eq!(column(&rows, "district")[0], given, "{name}");
        }
        let sheet =
            crate::xlsx::read_sheet(&out.join(format!("{given}.xlsx")), "hazard_areas").unwrap();
        assert_eq!(column(&sheet, "district")[0], given);
    }
}

#[test]
fn no_word_becomes_a_formula_or_markup_or_breaks_a_file() {
    for (given, in_csv) in [
        ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        ("<b>]]>&amp;\"'", "<b>]]>&amp;\"'"),
        ("a\u{1}\u{b}b\u{fffe}", "a\u{1}\u{b}b\u{fffe}"),
    ] {
        let dir = worded(given);
        for format in Format::ALL {
            let checks =
                export(dir.path(), format, &dir.path().join(format!("x.{format}"))).unwrap().checks;
            assert!(!checks.refuse(), "{given:?} {format}: {checks}");
        }
        for name in ["x_hazard_areas.csv", "x_imsma_hazard_areas.csv"] {
            assert_eq!(
                column(&table(&dir.path().join(name)), "district")[0],
                in_csv,
                "{given:?} {name}"
            );
        }
        assert!(
            column(&table(&dir.path().join("x.csv")), "Longitude")[0].starts_with("15."),
            "numbers stay numbers"
        );
        let sheet = crate::xlsx::read_sheet(&dir.path().join("x.xlsx"), "hazard_areas").unwrap();
        if !given.contains('\u{1}') {
            assert_eq!(
                column(&sheet, "district")[0],
                given,
                "a cell of a workbook says that it is a text"
            );
        }
        let kml = std::fs::read_to_string(dir.path().join("x.kml")).unwrap();
        assert!(
            !kml.contains("<b>]]>") && !kml.contains(['\u{1}', '\u{b}', '\u{fffe}']),
            "{given:?}"
        );
        let dataset = Dataset::open(dir.path().join("x.kml")).unwrap();
        assert_eq!(
            dataset
                .layer_by_name("Suspected hazardous areas (candidates) and indications")
                .unwrap()
                .feature_count(),
            3
        );
    }
}

#[test]
fn a_name_that_says_the_format_does_not_say_it_twice() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let out = dir.path().join("out");
    for stem in ["imsma", "site_imsma"] {
        export(dir.path(), Format::Imsma, &out.join(stem)).unwrap();
        assert!(out.join(format!("{stem}_hazard_areas.csv")).is_file(), "{:?}", super::files(&out));
        assert!(out.join(format!("{stem}_README.txt")).is_file(), "{:?}", super::files(&out));
        std::fs::remove_dir_all(&out).unwrap();
    }
    export(dir.path(), Format::Imsma, &out.join("simsma")).unwrap();
    assert!(out.join("simsma_imsma_README.txt").is_file(), "{:?}", super::files(&out));
}
