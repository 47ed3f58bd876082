//! The metadata of an .onnx, `metadata_props` of the format: what whoever exported it noted, one
//! value read at a time.

use crate::literal;
use std::collections::BTreeMap;

/// The metadata of a file, by key.
#[derive(Clone, Copy)]
pub(crate) struct MetadataProps<'a>(pub(crate) &'a BTreeMap<String, String>);

impl<'a> MetadataProps<'a> {
    /// A text; Deepness quotes its texts as JSON does.
    pub(crate) fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(|text| text.trim().trim_matches('"'))
    }

    /// A number; the error names the key and what to do where `wanted` refuses it.
    pub(crate) fn number(
        self,
        key: &str,
        wanted: impl Fn(f64) -> bool,
        remedy: &str,
    ) -> Result<Option<f64>, String> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let number = text.parse().ok().filter(|value: &f64| value.is_finite() && wanted(*value));
        number.map(Some).ok_or_else(|| format!("its {key} is {text:.100}: {remedy}"))
    }

    /// A number for each of three colours, or one for all.
    pub(crate) fn colours(self, key: &str) -> Result<Option<[f32; 3]>, String> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let is_list = text.starts_with('[');
        let numbers = literal::names(text).filter(|_| is_list).map(|words| {
            let number = |word: &String| word.parse().ok().filter(|value: &f32| value.is_finite());
            words.iter().map(number).collect::<Option<Vec<f32>>>()
        });
        match numbers.flatten().as_deref() {
            Some([one]) => Ok(Some([*one; 3])),
            Some([red, green, blue]) => Ok(Some([*red, *green, *blue])),
            _ => Err(format!(
                "its {key} is {text:.100}: give input.mean and input.std, three numbers each, in \
                 model.toml"
            )),
        }
    }

    /// Names of classes, by whichever key.
    pub(crate) fn names(self) -> Result<Option<Vec<String>>, String> {
        let read = |key: &str| {
            let list = |text: &str| {
                let remedy = "give output.names in model.toml";
                literal::names(text).ok_or_else(|| {
                    format!("its class names are no list from 0 on: {text:.200}; {remedy}")
                })
            };
            self.text(key).map(list).transpose()
        };
        match (read("names")?, read("class_names")?) {
            (Some(one), Some(other)) if one != other => Err(format!(
                "its names are {}, its class_names {}: give output.names in model.toml",
                one.join(", "),
                other.join(", ")
            )),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// Whether it says yes to something.
    pub(crate) fn is_true(self, key: &str) -> bool {
        self.text(key).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The side of the images: `[640, 640]` or `640`.
    pub(crate) fn image_px(self) -> Result<Option<f64>, String> {
        let Some(text) = self.text("imgsz") else { return Ok(None) };
        let words = literal::names(text).unwrap_or_else(|| vec![text.to_owned()]);
        let sides: Option<Vec<u32>> = words.iter().map(|word| word.parse().ok()).collect();
        match sides.as_deref() {
            Some([side]) => Ok(Some((*side).into())),
            Some([height, width]) if height == width => Ok(Some((*height).into())),
            _ => Err(format!(
                "its imgsz is {text:.100}, and tiles are square: give input.tile_px in model.toml"
            )),
        }
    }

    /// An argument of the export: `{'nms': True, 'data': 'mines.yaml'}`.
    pub(crate) fn argument(self, key: &str) -> Option<String> {
        let (_, rest) = self.text("args")?.split_once(&format!("'{key}': "))?;
        let value = rest.split([',', '}']).next()?.trim();
        (value != "None").then(|| value.trim_matches('\'').to_owned())
    }
}
