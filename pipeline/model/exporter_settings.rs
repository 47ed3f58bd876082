//! Which metadata of an exporter are settings, and what becomes of each: it is used, it changes
//! nothing here for a reason, or it is an error. A setting that is passed over would change what a
//! model sees, unseen.

use crate::{metadata_props::MetadataProps, unused_setting::UnusedSetting};

/// The keys of Deepness's documentation and reader that are read here.
const READ: [&str; 12] = [
    "model_type",
    "class_names",
    "names",
    "resolution",
    "tile_size",
    "tiles_size",
    "tiles_overlap",
    "standardization_mean",
    "standardization_std",
    "seg_thresh",
    "det_conf",
    "det_type",
];

/// Its other keys, and why they change nothing here.
const UNUSED: [(&str, &str); 3] = [
    (
        "det_iou_thresh",
        "which boxes are one object is decided over all tiles, by one rule for every model",
    ),
    (
        "det_remove_overlap",
        "which boxes are one object is decided over all tiles, by one rule for every model",
    ),
    (
        "seg_small_segment",
        "a mask is dropped if it is far below its class's least size, and not eroded",
    ),
];

/// Words in the names of keys that speak of how pixels become the input.
const OF_INPUT: [&str; 16] = [
    "mean",
    "means",
    "std",
    "stds",
    "stdev",
    "norm",
    "normalize",
    "normalise",
    "normalized",
    "normalised",
    "normalization",
    "normalisation",
    "standardization",
    "standardisation",
    "bgr",
    "reverse",
];

/// What the format itself calls the pixels of an image, with the values that are what a model is
/// given.
const PIXELS: [(&str, &[&str]); 2] =
    [("Image.BitmapPixelFormat", &["Rgb8"]), ("Image.NominalPixelRange", &["Normalized_0_1"])];

/// Checks that no metadata is a setting that nothing heeds. `is_settled` if a person gave the
/// normalisation. Returns those that change nothing, with why.
pub(crate) fn check(
    props: MetadataProps<'_>,
    is_settled: bool,
) -> Result<Vec<UnusedSetting>, String> {
    // A model of regression; those of detection and segmentation have nothing to scale.
    props.number(
        "reg_output_scaling",
        |scale| scale == 1.0,
        "rams does not scale outputs: multiply by it within the model, and leave the note out",
    )?;
    for (key, text) in props.0 {
        let is_known =
            READ.contains(&key.as_str()) || UNUSED.iter().any(|(unused, _)| unused == key);
        let is_as_given =
            PIXELS.iter().any(|(pixels, values)| pixels == key && values.contains(&text.trim()));
        if !is_known && !is_as_given && !is_settled && speaks_of_input(key) {
            return Err(format!(
                "its {key} is {text:.100}, which rams does not know and which may change the \
                 input: give input.mean and input.std, of values from 0 to 1, in model.toml, or \
                 export it with that step within the model"
            ));
        }
    }
    let unused = UNUSED.iter().filter_map(|(key, why)| {
        Some(UnusedSetting {
            setting: format!("{key} = {}", props.text(key)?),
            reason: (*why).into(),
        })
    });
    Ok(unused.collect())
}

fn speaks_of_input(key: &str) -> bool {
    let is_of_input = |word: &str| OF_INPUT.contains(&word.to_lowercase().as_str());
    PIXELS.iter().any(|(pixels, _)| *pixels == key)
        || key.split(|c: char| !c.is_alphanumeric()).any(is_of_input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn checked(key: &str, value: &str, is_settled: bool) -> Result<Vec<UnusedSetting>, String> {
        let props = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        check(MetadataProps(&props), is_settled)
    }

    #[test]
    fn a_setting_that_nothing_heeds_is_an_error_unless_a_person_settled_it() {
        for (key, value) in [
            ("standardisation_mean", "[0.5]"),
            ("input_std", "[58, 57, 57]"),
            ("normalize", "imagenet"),
            ("Image.BitmapPixelFormat", "Bgr8"),
            ("Image.NominalPixelRange", "NominalRange_0_255"),
        ] {
            let error = checked(key, value, false).expect_err(key);
            assert!(
                error.contains(key) && error.contains(value) && error.contains("model.toml"),
                "{error}"
            );
            assert_eq!(checked(key, value, true), Ok(vec![]), "{key}");
        }
        assert!(
            checked("reg_output_scaling", "100.0", true)
                .is_err_and(|error| error.contains("100.0"))
        );
    }

    #[test]
    fn what_is_heeded_or_no_setting_passes() {
        for (key, value) in [
            ("standardization_mean", "[0.5, 0.5, 0.5]"),
            ("Image.BitmapPixelFormat", "Rgb8"),
            ("reg_output_scaling", "1.0"),
            ("author", "Ultralytics"),
            ("class_meanings", "{}"),
            ("docs", "https://example.org/standards"),
        ] {
            assert_eq!(checked(key, value, false), Ok(vec![]), "{key}");
        }
        let unused = checked("det_iou_thresh", "0.4", false).expect("it is known");
        assert_eq!(unused[0].setting, "det_iou_thresh = 0.4");
    }
}
