//! A [`PartialManifest`] -> the text of a `model.toml`, with the lines that a person must complete.

use crate::{layout::Layout, partial_manifest::PartialManifest};
use rams_domain::{Calibration, EoCategory, GeometryKind, Indicator};
use serde::Serialize;
use std::fmt::Display;

/// Before a line that only a person can complete.
const TO_COMPLETE: &str = "# TO COMPLETE: ";

impl PartialManifest {
    /// The text of the file. What is not known is a comment that says what to give.
    pub(crate) fn to_toml(&self) -> String {
        let indicators =
            [Indicator::OF_PRESENCE.as_slice(), &[Indicator::Cultivated, Indicator::RoadInUse]]
                .concat();
        let mut text = Lines(format!(
            "# What the .onnx says of itself, and what goes without saying. Complete the lines \
             marked\n\
             # TO COMPLETE, check the others, and keep this as model.toml beside the .onnx.\n\
             #\n\
             # indicator: one of {}\n\
             # eo_category: one of {}; UNKNOWN where the imagery does not tell\n\
             # geometry: one of {}\n\
             # A class that is no sign of hazard goes into output.ignore, and its [[class]] \
             away.\n",
            list(&indicators),
            list(&EoCategory::ALL),
            list(&[GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon]),
        ));
        let PartialManifest { input, output, .. } = self;
        text.line("name", &self.name);
        text.line("version", &self.version);
        text.line("task", &self.task);
        text.line("licence", &self.licence.as_deref().or(Some("not stated")));
        text.line("training_data", &self.training_data.clone().or(Some(vec![])));
        text.line("onnx", &self.onnx);
        text.line("digest", &self.digest);
        text.0.push_str("\n[input]\n");
        text.need(
            "gsd_m",
            &input.gsd_m,
            "metres per pixel of the images that it was trained on, such as 0.01",
        );
        text.need("tile_px", &input.tile_px, "side of the square that it reads, pixels");
        text.line("halo_px", &input.halo_px);
        text.need(
            "bands",
            &input.bands,
            "[\"red\", \"green\", \"blue\"], and \"height\", \"height_valid\"",
        );
        text.line("height_gsd_max_m", &input.height_gsd_max_m);
        text.line("mean", &input.mean.map(|mean| mean.map(short)));
        text.line("std", &input.std.map(|std| std.map(short)));
        text.0.push_str("\n[output]\n");
        text.need("layout", &output.layout, &format!("one of {}", list(&Layout::ALL.map(name))));
        text.line("names", &output.names);
        text.line("ignore", &output.ignore.as_ref().filter(|_| output.names.is_some()));
        text.line("activation", &output.activation);
        if self.class.is_empty() {
            text.0.push_str(&format!(
                "\n{TO_COMPLETE}a [[class]] for each output, in their order\n# [[class]]\n"
            ));
        }
        for class in &self.class {
            text.0.push_str("\n[[class]]\n");
            text.line("name", &Some(&class.name));
            text.line("label", &class.label);
            text.need("indicator", &class.indicator, "see above");
            text.line("eo_category", &class.eo_category);
            text.line("geometry", &class.geometry);
            text.line("parent", &class.parent);
            text.line("gsd_name_m", &class.gsd_name_m);
            text.need(
                "size_m",
                &class.size_m,
                "least and most of its longer side, metres, such as [0.1, 0.3]",
            );
            text.line("gsd_max_m", &class.gsd_max_m);
            text.line("threshold", &class.threshold.map(short));
            text.line("pixel_threshold", &class.pixel_threshold.map(short));
            text.line("hidden_by", &class.hidden_by);
            if let Some(Calibration { slope, intercept }) = class.calibration {
                text.0.push_str(&format!(
                    "calibration = {{ slope = {slope}, intercept = {intercept} }}\n"
                ));
            }
        }
        text.0
    }
}

/// A number as a person would write it: 0.55 and not 0.550000011920929.
fn short(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(number.into())
}

struct Lines(String);

impl Lines {
    /// A key with its value; nothing for one that follows from the rest.
    fn line(&mut self, key: &str, value: &Option<impl Serialize>) {
        if let Some(value) = value.as_ref().and_then(|value| toml::Value::try_from(value).ok()) {
            self.0.push_str(&format!("{key} = {value}\n"));
        }
    }

    /// A key with its value, or what to give for it.
    fn need(&mut self, key: &str, value: &Option<impl Serialize>, hint: &str) {
        match value {
            Some(_) => self.line(key, value),
            None => self.0.push_str(&format!("{TO_COMPLETE}{hint}\n# {key} =\n")),
        }
    }
}

fn list(values: &[impl Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A layout by its name in the file.
pub(crate) fn name(layout: Layout) -> String {
    toml::Value::try_from(layout)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
