//! A [`PartialManifest`] -> the text of a `model.toml`, with the lines that a person must complete.

use crate::{
    layout::Layout,
    partial_manifest::{PartialClass, PartialInput, PartialManifest, PartialOutput},
};
use rams_domain::{Calibration, EoCategory, GeometryKind, Indicator, Thresholds};
use serde::Serialize;
use std::fmt::Display;

/// Before a line that only a person can complete.
const TO_COMPLETE: &str = "# TO COMPLETE: ";

/// The text of the file. What is not known is a comment that says what to give.
pub(crate) fn to_toml(partial: &PartialManifest) -> String {
    let mut text = Lines(head());
    text.line("name", &partial.name);
    text.line("version", &partial.version);
    text.line("task", &partial.task);
    text.line("licence", &partial.licence.as_deref().or(Some("not stated")));
    text.line("training_data", &partial.training_data.clone().or(Some(vec![])));
    text.line("onnx", &partial.onnx);
    text.line("digest", &partial.digest);
    text.input(&partial.input);
    text.output(&partial.output);
    if partial.class.is_empty() {
        text.0.push_str(&format!(
            "\n{TO_COMPLETE}a [[class]] for each output, in their order\n# [[class]]\n"
        ));
    }
    for (point, measured) in &partial.operating_point {
        text.0.push_str(&format!("\n[operating_point.{point}]\n"));
        text.line("recall", &Some(measured.recall));
        text.line("false_alarms_per_ha", &Some(measured.false_alarms_per_ha));
        text.line("measured_on", &Some(&measured.measured_on));
    }
    partial.class.iter().for_each(|class| text.class(class));
    text.0
}

/// What to do with the file, and the words that it may use.
fn head() -> String {
    let indicators = [Indicator::OF_PRESENCE.as_slice(), &Indicator::OF_ABSENCE].concat();
    format!(
        "# What the .onnx says of itself, and what goes without saying. Complete the lines marked\n\
         # TO COMPLETE, check the others, and keep this as model.toml beside the .onnx.\n\
         #\n\
         # indicator: one of {}\n\
         # eo_category: one of {}; UNKNOWN where the imagery does not tell\n\
         # geometry: one of {}\n\
         # A class that is no sign of hazard goes into output.ignore, and its [[class]] away.\n",
        list(&indicators),
        list(&EoCategory::ALL),
        list(&[GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon]),
    )
}

/// The lines of a file so far.
struct Lines(String);

impl Lines {
    fn input(&mut self, input: &PartialInput) {
        let gsd_hint = "metres per pixel of the images that it was trained on, such as 0.01";
        let bands_hint = "[\"red\", \"green\", \"blue\"], and \"height\", \"height_valid\"";
        self.0.push_str("\n[input]\n");
        self.need("gsd_m", &input.gsd_m, gsd_hint);
        self.need("tile_px", &input.tile_px, "side of the square that it reads, pixels");
        self.line("halo_px", &input.halo_px);
        self.need("bands", &input.bands, bands_hint);
        self.line("height_gsd_max_m", &input.height_gsd_max_m);
        self.line("mean", &input.mean.map(|mean| mean.map(short)));
        self.line("std", &input.std.map(|std| std.map(short)));
    }

    fn output(&mut self, output: &PartialOutput) {
        let layout_hint = format!("one of {}", list(&Layout::ALL.map(Layout::name)));
        self.0.push_str("\n[output]\n");
        self.need("layout", &output.layout, &layout_hint);
        self.line("names", &output.names);
        self.line("ignore", &output.ignore.as_ref().filter(|_| output.names.is_some()));
        self.line("activation", &output.activation);
        self.line("embedding", &output.embedding);
    }

    fn class(&mut self, class: &PartialClass) {
        let size_hint = "least and most of its longer side, metres, such as [0.1, 0.3]";
        self.0.push_str("\n[[class]]\n");
        self.line("name", &Some(&class.name));
        self.line("label", &class.label);
        self.need("indicator", &class.indicator, "see above");
        self.line("eo_category", &class.eo_category);
        self.line("geometry", &class.geometry);
        self.line("parent", &class.parent);
        self.line("gsd_name_m", &class.gsd_name_m);
        self.need("size_m", &class.size_m, size_hint);
        self.line("gsd_max_m", &class.gsd_max_m);
        self.line("threshold", &class.threshold.map(thresholds));
        self.line("pixel_threshold", &class.pixel_threshold.map(short));
        self.line("hidden_by", &class.hidden_by);
        if let Some(Calibration { slope, intercept }) = class.calibration {
            self.0.push_str(&format!(
                "calibration = {{ slope = {slope}, intercept = {intercept} }}\n"
            ));
        }
    }

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

/// A number as a person would write it: 0.55 and not 0.550000011920929.
fn short(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(number.into())
}

/// One number, or one for each operating point.
fn thresholds(of: Thresholds) -> toml::Value {
    let Thresholds { sensitive, balanced, strict } = of;
    if of.is_one() {
        return short(balanced).into();
    }
    let each = [("sensitive", sensitive), ("balanced", balanced), ("strict", strict)];
    toml::Value::Table(
        each.into_iter().map(|(point, least)| (point.into(), short(least).into())).collect(),
    )
}

fn list(values: &[impl Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
