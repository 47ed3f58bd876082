//! What tests ask of files.

use gdal::vector::{Feature, FieldValue, LayerAccess};

/// A field of a row as text.
pub(super) fn field(row: &Feature<'_>, name: &str) -> String {
    match row.field(row.field_index(name).unwrap()).unwrap() {
        None => String::new(),
        Some(FieldValue::StringValue(text)) => text,
        Some(FieldValue::RealValue(number)) => number.to_string(),
        Some(FieldValue::Integer64Value(number)) => number.to_string(),
        Some(FieldValue::IntegerValue(number)) => number.to_string(),
        Some(other) => panic!("field {name} is {other:?}"),
    }
}

/// Names of a layer's fields.
pub(super) fn names(layer: &impl LayerAccess) -> Vec<String> {
    layer.defn().fields().map(|field| field.name()).collect()
}

/// Files of a folder, hidden ones too, sorted.
pub(super) fn files(dir: &std::path::Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().into_string().unwrap()
    };
    let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(name).collect();
    names.sort();
    names
}

/// The two words that no output may hold (design rule: no detection is not "no hazard").
pub(super) fn assert_promises_nothing(text: &str) {
    for word in ["safe", "clear"] {
        assert!(!text.to_lowercase().contains(word), "an output says `{word}`: {text}");
    }
}
