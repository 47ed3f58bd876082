//! What an .onnx says of itself -> a [`PartialManifest`]: metadata of Ultralytics, YOLOv5 and
//! Deepness.

use crate::{
    exporter_settings,
    infer_layout::infer_layout,
    layout::Layout,
    metadata_props::MetadataProps,
    onnx::Onnx,
    partial_manifest::{PartialInput, PartialManifest, PartialOutput},
    unused_setting::UnusedSetting,
};

/// What a file says, as far as it goes.
#[derive(Debug)]
pub(crate) struct OnnxMetadata {
    pub(crate) partial: PartialManifest,
    /// Height and width of the input, if they are fixed.
    pub(crate) fixed_px: Option<(i64, i64)>,
    /// The tile must be a multiple of it.
    pub(crate) stride_px: Option<u32>,
    /// Least score of a find.
    pub(crate) threshold: f32,
    /// Least overlap of tiles, on each side.
    pub(crate) overlap_px: u32,
    /// Settings of its exporter that change nothing here, and why.
    pub(crate) unused: Vec<UnusedSetting>,
}

/// Least score with which Ultralytics and Deepness list a find unless told otherwise; of masks, the
/// probability at which a class is likelier than not.
const LIST: f32 = 0.25;
const MASK: f32 = 0.5;

impl OnnxMetadata {
    /// Reads it, but for what a person settled in `toml`, the model.toml. The error says what rams
    /// cannot run, or what it cannot tell and a person must.
    pub(crate) fn read(onnx: &Onnx, toml: &PartialManifest) -> Result<Self, String> {
        let props = MetadataProps(&onnx.metadata_props);
        let is_normalised = toml.input.mean.is_some() && toml.input.std.is_some();
        let unused = exporter_settings::check(props, is_normalised)?;
        let (names, layout) = names_and_layout(onnx, props, toml)?;
        let shape = InputShape::of(onnx);
        shape.check()?;
        let input = input(&shape, props, &toml.input, is_normalised)?;
        let overlap = if toml.input.halo_px.is_some() { None } else { overlap(props)? };
        let is_list = layout.is_none_or(Layout::is_list);
        let is_settled = toml.has_thresholds(names.as_deref());
        let least = if is_settled { None } else { threshold(props, is_list)? };
        let stride = props.number(
            "stride",
            |px| px >= 1.0 && px.fract() == 0.0,
            "give the tile's divisor, pixels",
        )?;
        let overlap_px = (overlap.unwrap_or(0.0) * f64::from(input.tile_px.unwrap_or(0))) as u32;
        let output = PartialOutput { layout, names, ..PartialOutput::default() };
        Ok(Self {
            partial: PartialManifest {
                licence: props.text("license").map(str::to_owned),
                training_data: props.argument("data").map(|data| vec![data]),
                input,
                output,
                ..PartialManifest::default()
            },
            fixed_px: shape.fixed_px(),
            stride_px: stride.map(|px| px as u32),
            threshold: least.unwrap_or(if is_list { LIST } else { MASK }),
            overlap_px,
            unused,
        })
    }

    /// Whether the model can read tiles of a size.
    pub(crate) fn check_tile(&self, px: u32) -> Result<(), String> {
        match (self.fixed_px, self.stride_px) {
            (Some((height, width)), _) if (height, width) != (px.into(), px.into()) => {
                Err(format!(
                    "its input is fixed at {height} x {width} px; leave --tile out, or export it \
                     with dynamic size"
                ))
            }
            (_, Some(stride)) if !px.is_multiple_of(stride) => {
                Err(format!("it reads multiples of {stride} px"))
            }
            _ => Ok(()),
        }
    }
}

/// Names of the classes of the outputs, unless the model.toml gives them, and how these are laid
/// out.
fn names_and_layout(
    onnx: &Onnx,
    props: MetadataProps<'_>,
    toml: &PartialManifest,
) -> Result<(Option<Vec<String>>, Option<Layout>), String> {
    let given = toml.output.names.as_ref().map(Vec::len);
    let given = given.or((!toml.class.is_empty()).then_some(toml.class.len()));
    let mut names = if toml.output.names.is_some() { None } else { props.names()? };
    let layout = match toml.output.layout {
        Some(layout) => Some(layout),
        None => infer_layout(onnx, props, given.or(names.as_ref().map(Vec::len)))?,
    };
    let has_one_plane = onnx
        .outputs
        .first()
        .is_some_and(|output| matches!(output.shape[..], [_, 1, ..] | [_, _, _, 1]));
    if let Some(names) =
        names.as_mut().filter(|names| names.len() == 2 && layout == Some(Layout::Mask))
        && has_one_plane
    {
        // One plane for two classes is the probability of the second.
        names.remove(0);
    }
    Ok((names, layout))
}

/// How pixels become the input, unless the model.toml says it.
fn input(
    shape: &InputShape,
    props: MetadataProps<'_>,
    toml: &PartialInput,
    is_normalised: bool,
) -> Result<PartialInput, String> {
    if toml.bands.is_none() {
        let is_colours = |channels: f64| channels == 3.0;
        let remedy = "rams gives three, red, green and blue: export it with three";
        props.number("channels", is_colours, remedy)?;
    }
    let tile_px = match (shape.fixed_px(), toml.tile_px) {
        (Some((height, _)), _) => Some(height as u32),
        (None, Some(px)) => Some(px),
        (None, None) => tile_px(props)?,
    };
    let normal = if is_normalised { None } else { Some(normalisation(props)?) };
    let gsd_m = if toml.gsd_m.is_some() { None } else { gsd_m(props)? };
    let has_colours = shape.planes == 3 || shape.planes < 0;
    Ok(PartialInput {
        gsd_m,
        tile_px,
        bands: has_colours.then(|| ["red", "green", "blue"].map(String::from).to_vec()),
        mean: normal.map(|[mean, _]| mean),
        std: normal.map(|[_, std]| std),
        ..PartialInput::default()
    })
}

/// The shape of the input of a graph, -1 for a size left open.
struct InputShape {
    planes: i64,
    height: i64,
    width: i64,
}

impl InputShape {
    fn of(onnx: &Onnx) -> Self {
        match onnx.inputs.first().map_or(&[][..], |input| &input.shape) {
            [_, planes, height, width] if !(1..=8).contains(width) || (1..=8).contains(planes) => {
                Self { planes: *planes, height: *height, width: *width }
            }
            [_, height, width, planes] => Self { planes: *planes, height: *height, width: *width },
            _ => Self { planes: -1, height: -1, width: -1 },
        }
    }

    /// Height and width, if they are fixed.
    fn fixed_px(&self) -> Option<(i64, i64)> {
        (self.height > 0 && self.width > 0).then_some((self.height, self.width))
    }

    /// Whether a tile can be given to it.
    fn check(&self) -> Result<(), String> {
        let Self { planes, height, width } = self;
        if self.fixed_px().is_some_and(|(height, width)| height != width) {
            return Err(format!(
                "its input is {height} x {width} px, and tiles are square: export it with a square \
                 size"
            ));
        }
        if *planes > 0 && ![3, 5].contains(planes) {
            return Err(format!(
                "its input has {planes} planes: rams gives red, green and blue, or these and two \
                 of heights"
            ));
        }
        Ok(())
    }
}

/// The side of the tile, pixels, as Deepness or Ultralytics leave it.
fn tile_px(props: MetadataProps<'_>) -> Result<Option<u32>, String> {
    let is_side = |px: f64| px >= 1.0 && px.fract() == 0.0 && px <= f64::from(u32::MAX);
    let read = |key: &str| {
        props.number(key, is_side, "give input.tile_px, the side of the tile, in model.toml")
    };
    let px = match read("tile_size")? {
        Some(px) => Some(px),
        None => read("tiles_size")?,
    };
    Ok(if px.is_some() { px } else { props.image_px()? }.map(|px| px as u32))
}

/// Metres per pixel; Deepness gives centimetres.
fn gsd_m(props: MetadataProps<'_>) -> Result<Option<f64>, String> {
    let cm = props.number(
        "resolution",
        |cm| cm > 0.0,
        "give input.gsd_m, metres per pixel, in model.toml",
    )?;
    Ok(cm.map(|cm| cm / 100.0))
}

/// The share of the tile that overlaps on each side: of both together the file says the percentage.
fn overlap(props: MetadataProps<'_>) -> Result<Option<f64>, String> {
    let is_percentage = |percent: f64| (0.0..100.0).contains(&percent);
    let percent =
        props.number("tiles_overlap", is_percentage, "give input.halo_px in model.toml")?;
    Ok(percent.map(|percent| percent.min(90.0) / 200.0))
}

/// The least score of a find, or the least probability of a pixel of a mask.
fn threshold(props: MetadataProps<'_>, is_list: bool) -> Result<Option<f32>, String> {
    let is_score = |score: f64| score > 0.0 && score < 1.0;
    let key = if is_list { "det_conf" } else { "seg_thresh" };
    let score =
        props.number(key, is_score, "give each class a threshold between 0 and 1 in model.toml")?;
    Ok(score.map(|score| score as f32))
}

/// Deepness subtracts a mean from values of 0 to 1 and divides by a deviation, colour by colour, if
/// the file gives both. Without them values stay as they are.
fn normalisation(props: MetadataProps<'_>) -> Result<[[f32; 3]; 2], String> {
    let [mean, std] = ["standardization_mean", "standardization_std"];
    match (props.colours(mean)?, props.colours(std)?) {
        (None, None) => Ok([[0.0; 3], [1.0; 3]]),
        (Some(mean), Some(std)) => Ok([mean, std]),
        (mean_given, _) => {
            let (there, missing) = if mean_given.is_some() { (mean, std) } else { (std, mean) };
            let value = props.text(there).unwrap_or_default();
            Err(format!(
                "its {there} is {value:.100}, and {missing} is missing: give input.mean and \
                 input.std in model.toml"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{onnx::Outlet, partial_manifest::PartialClass};

    /// A detector of two classes with some metadata.
    fn read(props: &[(&str, &str)], toml: &PartialManifest) -> Result<OnnxMetadata, String> {
        let outlet = |shape: &[i64]| Outlet { is_integer: false, shape: shape.into() };
        let names =
            [("model_type", "\"Detector\""), ("class_names", "{\"0\": \"a\", \"1\": \"b\"}")];
        let metadata_props = names
            .iter()
            .chain(props)
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        let (inputs, outputs) = (vec![outlet(&[-1, 3, -1, -1])], vec![outlet(&[-1, 6, 8400])]);
        OnnxMetadata::read(&Onnx { inputs, outputs, metadata_props }, toml)
    }

    #[test]
    fn what_deepness_documents_is_used() {
        let props = [
            ("resolution", "1.5"),
            ("tiles_size", "512"),
            ("tiles_overlap", "20"),
            ("det_conf", "0.6"),
            ("det_type", "\"YOLO_Ultralytics\""),
            ("standardization_mean", "[0.485, 0.456, 0.406]"),
            ("standardization_std", "[0.25]"),
            ("det_iou_thresh", "0.4"),
        ];
        let OnnxMetadata { partial, threshold, overlap_px, unused, .. } =
            read(&props, &PartialManifest::default()).expect("it is known");
        assert_eq!((partial.input.gsd_m, partial.input.tile_px), (Some(0.015), Some(512)));
        assert_eq!(
            (partial.input.mean, partial.input.std),
            (Some([0.485, 0.456, 0.406]), Some([0.25; 3]))
        );
        assert_eq!((threshold, overlap_px, partial.output.layout), (0.6, 51, Some(Layout::Yolo)));
        assert!(
            matches!(&unused[..], [only] if only.setting == "det_iou_thresh = 0.4"),
            "{unused:?}"
        );
    }

    #[test]
    fn without_metadata_values_stay_as_they_are() {
        let OnnxMetadata { partial, threshold, .. } =
            read(&[], &PartialManifest::default()).expect("it is plain");
        assert_eq!(
            (partial.input.mean, partial.input.std, threshold),
            (Some([0.0; 3]), Some([1.0; 3]), LIST)
        );
    }

    #[test]
    fn a_value_that_cannot_be_meant_is_named_and_a_person_may_settle_it() {
        let settled: PartialManifest = toml::from_str(
            "input = { gsd_m = 0.01, tile_px = 640, halo_px = 64, mean = [0.5, 0.5, 0.5], std = \
             [1, 1, 1] }\n\
             output = { layout = \"yolo\", names = [\"a\", \"b\"] }",
        )
        .expect("it parses");
        let class = |name: &str| PartialClass {
            name: name.into(),
            threshold: Some(0.5.into()),
            ..PartialClass::default()
        };
        let settled = PartialManifest { class: vec![class("a"), class("b")], ..settled };
        let cases: [(&str, &[(&str, &str)]); 13] = [
            ("model.toml", &[("standardization_mean", "[0.5, 0.5, 0.5]")]),
            ("model.toml", &[("standardization_std", "[0.5, 0.5, 0.5]")]),
            (
                "three numbers",
                &[("standardization_mean", "[0.5, 0.5]"), ("standardization_std", "[1, 1, 1]")],
            ),
            ("three numbers", &[("standardization_mean", "0.5"), ("standardization_std", "1")]),
            (
                "three numbers",
                &[("standardization_mean", "[a, b, c]"), ("standardization_std", "[1, 1, 1]")],
            ),
            ("threshold between 0 and 1", &[("det_conf", "60")]),
            ("threshold between 0 and 1", &[("det_conf", "half")]),
            ("input.gsd_m", &[("resolution", "0")]),
            ("input.gsd_m", &[("resolution", "1 cm")]),
            ("input.halo_px", &[("tiles_overlap", "120")]),
            ("input.tile_px", &[("imgsz", "[640, 480]")]),
            ("input.tile_px", &[("tile_size", "640.5")]),
            ("output.layout", &[("det_type", "\"YOLO_v99\"")]),
        ];
        for (remedy, props) in cases {
            let error = read(props, &PartialManifest::default()).expect_err("no one can tell");
            let (key, value) = props[0];
            assert!(error.contains(key) && error.contains(value.trim_matches('"')), "{error}");
            assert!(error.contains(remedy), "{error}");
            assert!(read(props, &settled).is_ok(), "{key} = {value}");
        }
        // What no person can settle: the file must be another.
        assert!(
            read(&[("channels", "1")], &PartialManifest::default())
                .is_err_and(|error| error.contains("channels is 1"))
        );
        assert!(read(&[("reg_output_scaling", "2")], &settled).is_err());
        assert!(
            read(&[("names", "['a', 'c']")], &PartialManifest::default())
                .is_err_and(|error| error.contains("class_names"))
        );
    }
}
