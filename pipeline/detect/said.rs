//! What an .onnx says of itself -> a [`Draft`]: metadata of Ultralytics, YOLOv5 and Deepness.

use crate::{
    draft::{Draft, DraftInput, DraftOutput},
    layout::Layout,
    literal,
    onnx::Onnx,
};

/// What a file says, as far as it goes.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) draft: Draft,
    /// Height and width of the input, if they are fixed.
    pub(crate) fixed_px: Option<(i64, i64)>,
    /// The tile must be a multiple of it.
    pub(crate) stride_px: Option<u32>,
    /// Least score of a find.
    pub(crate) threshold: f32,
    /// Least overlap of tiles, on each side.
    pub(crate) overlap_px: u32,
}

/// Least score with which Ultralytics and Deepness list a find unless told otherwise; of masks, the
/// probability at which a class is likelier than not.
const LIST: f32 = 0.25;
const MASK: f32 = 0.5;

impl Default for Said {
    fn default() -> Self {
        Self { draft: Draft::default(), fixed_px: None, stride_px: None, threshold: LIST, overlap_px: 0 }
    }
}

impl Said {
    /// Reads it; `classes` is how many a person named. The error says what rams cannot run.
    pub(crate) fn by(onnx: &Onnx, classes: Option<usize>) -> Result<Self, String> {
        let notes = Notes(onnx);
        let names = notes.text("names").or(notes.text("class_names"));
        let names = names.map(|text| {
            literal::names(text).ok_or_else(|| format!("its class names are no list from 0 on: {text:.200}"))
        });
        let mut names = names.transpose()?;
        let layout = notes.layout(classes.or(names.as_ref().map(Vec::len)))?;
        let shape: &[i64] = onnx.inputs.first().map_or(&[], |input| &input.shape);
        let (planes, height, width) = match shape {
            [_, planes, height, width] if !(1..=8).contains(width) || (1..=8).contains(planes) => {
                (*planes, *height, *width)
            }
            [_, height, width, planes] => (*planes, *height, *width),
            _ => (-1, -1, -1),
        };
        if let Some(names) = names.as_mut().filter(|names| names.len() == 2 && layout == Some(Layout::Mask)) {
            // One plane for two classes is the probability of the second.
            if onnx.outputs.first().is_some_and(|output| matches!(output.shape[..], [_, 1, ..] | [_, _, _, 1])) {
                names.remove(0);
            }
        }
        let fixed_px = (height > 0 && width > 0).then_some((height, width));
        if fixed_px.is_some_and(|(height, width)| height != width) {
            return Err(format!(
                "its input is {height} x {width} px, and tiles are square: export it with a square size"
            ));
        }
        if planes > 0 && ![3, 5].contains(&planes) {
            return Err(format!(
                "its input has {planes} planes: rams gives red, green and blue, or these and two of heights"
            ));
        }
        let of_file = || notes.number("tile_size").or_else(|| notes.number("tiles_size")).or_else(|| notes.image_px());
        let tile_px = fixed_px.map(|(height, _)| height as f64).or_else(of_file).map(|px| px as u32);
        let overlap = notes.number("tiles_overlap").map_or(0.0, |percent| percent.clamp(0.0, 90.0) / 200.0);
        let input = DraftInput {
            gsd_m: notes.number("resolution").map(|cm| cm / 100.0),
            tile_px,
            bands: (planes == 3 || planes < 0).then(|| ["red", "green", "blue"].map(String::from).to_vec()),
            mean: Some([0.0; 3]),
            std: Some([1.0; 3]),
            ..DraftInput::default()
        };
        let is_list = layout.is_none_or(Layout::is_list);
        let threshold = notes.number(if is_list { "det_conf" } else { "seg_thresh" }).map(|score| score as f32);
        let threshold = threshold.filter(|score| *score > 0.0 && *score < 1.0);
        Ok(Self {
            draft: Draft {
                licence: notes.text("license").map(str::to_owned),
                training_data: notes.argument("data").map(|data| vec![data]),
                input,
                output: DraftOutput { layout, names, ..DraftOutput::default() },
                ..Draft::default()
            },
            fixed_px,
            stride_px: notes.number("stride").map(|px| px as u32).filter(|px| *px > 0),
            threshold: threshold.unwrap_or(if is_list { LIST } else { MASK }),
            overlap_px: (overlap * f64::from(tile_px.unwrap_or(0))) as u32,
        })
    }
}

impl Said {
    /// Whether the model can read tiles of a size.
    pub(crate) fn check_tile(&self, px: u32) -> Result<(), String> {
        match (self.fixed_px, self.stride_px) {
            (Some((height, width)), _) if (height, width) != (px.into(), px.into()) => Err(format!(
                "its input is fixed at {height} x {width} px; leave --tile out, or export it with dynamic size"
            )),
            (_, Some(stride)) if !px.is_multiple_of(stride) => Err(format!("it reads multiples of {stride} px")),
            _ => Ok(()),
        }
    }
}

/// The notes of a file.
struct Notes<'a>(&'a Onnx);

impl<'a> Notes<'a> {
    /// A note; Deepness quotes its texts as JSON does.
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.notes.get(key).map(|text| text.trim().trim_matches('"'))
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.text(key)?.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)
    }

    fn is_true(&self, key: &str) -> bool {
        self.text(key).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The side of the images: `[640, 640]` or `640`.
    fn image_px(&self) -> Option<f64> {
        let text = self.text("imgsz")?;
        text.trim_start_matches('[').split([',', ']']).next()?.trim().parse().ok()
    }

    /// An argument of the export: `{'nms': True, 'data': 'mines.yaml'}`.
    fn argument(&self, key: &str) -> Option<String> {
        let (_, rest) = self.text("args")?.split_once(&format!("'{key}': "))?;
        let value = rest.split([',', '}']).next()?.trim();
        (value != "None").then(|| value.trim_matches('\'').to_owned())
    }

    /// How the outputs are laid out, as far as the file tells.
    fn layout(&self, classes: Option<usize>) -> Result<Option<Layout>, String> {
        let picks = self.is_true("end2end") || self.argument("nms").as_deref() == Some("True");
        let output = self.0.outputs.first();
        let shape: &[i64] = output.map_or(&[], |output| &output.shape);
        // Whether a list is laid out as usual, or the other way round.
        let is = |size: Option<&i64>, values: usize| size == Some(&(values as i64));
        let choose = |list: Layout, picked: Layout| {
            let shares =
                self.0.outputs.iter().find(|output| output.shape.len() == 4).map_or(0, |planes| planes.shape[1]);
            let values = |layout: Layout| layout.values(classes.unwrap_or(0), shares.max(0) as usize);
            let (as_list, as_picked) = (values(list), values(picked));
            Ok(match () {
                () if picks => Some(picked),
                // Since 2025 the file says so in so many words.
                () if self.text("end2end").is_some() || is(shape.get(1), as_list) => Some(list),
                () if !is(shape.get(2), as_picked) => Some(list),
                // Rows of six are boxes that were picked, or those of two classes the other way round.
                () => Some(picked).filter(|_| as_list != as_picked),
            })
        };
        let are_labels = output.is_some_and(|output| output.is_integer || output.shape.len() == 3);
        let plane = if are_labels { Layout::Labels } else { Layout::Mask };
        match self.text("task").map(str::to_lowercase).as_deref() {
            Some("detect") => return choose(Layout::Yolo, Layout::Boxes),
            Some("segment") => return choose(Layout::YoloSegment, Layout::BoxesSegment),
            Some("obb") => return choose(Layout::YoloObb, Layout::BoxesObb),
            Some("semantic") => return Ok(Some(plane)),
            Some(task) => {
                return Err(format!(
                    "its task is {task}: rams runs models of detection (detect, obb) and of segmentation (segment, semantic)"
                ));
            }
            None => {}
        }
        match self.text("model_type").map(str::to_lowercase).as_deref() {
            Some("segmentor") => return Ok(Some(plane)),
            Some("detector") => {
                let kind = self.text("det_type").unwrap_or_default().to_lowercase();
                return Ok(match kind.as_str() {
                    "yolo_v5_or_v7_default" | "yolo_v6" => Some(Layout::YoloV5),
                    "yolo_ultralytics" | "yolo_v9" => Some(Layout::Yolo),
                    "yolo_ultralytics_segmentation" => Some(Layout::YoloSegment),
                    "yolo_ultralytics_obb" => Some(Layout::YoloObb),
                    _ => self.by_shape(classes),
                });
            }
            Some(kind) => {
                return Err(format!("its model_type is {kind}: rams runs those of Segmentor and Detector"));
            }
            None => {}
        }
        // YOLOv5 itself leaves two notes and no more.
        let is_v5 = self.text("stride").is_some() && self.text("names").is_some();
        Ok(if is_v5 { Some(Layout::YoloV5) } else { self.by_shape(classes) })
    }

    /// The one layout that the shapes can be; `None` if several or none can.
    fn by_shape(&self, classes: Option<usize>) -> Option<Layout> {
        let output = self.0.outputs.first()?;
        if output.is_integer {
            return Some(Layout::Labels);
        }
        let shapes: Vec<Vec<i64>> = self.0.outputs.iter().map(|output| output.shape.clone()).collect();
        let known = output.shape.iter().skip(1).filter(|size| **size > 0).count();
        let classes = classes.filter(|_| known > 0)?;
        let mut fitting = Layout::ALL.into_iter().filter(|layout| layout.check(&shapes, classes).is_ok());
        fitting.next().filter(|_| fitting.next().is_none())
    }
}
