//! How the outputs of a file are laid out, as far as its metadata and shapes tell.

use crate::{
    layout::Layout,
    metadata_props::MetadataProps,
    onnx::{Onnx, Outlet},
};

/// The layout; `None` if a person must say it. `classes` is how many there are, if that is known.
pub(crate) fn infer_layout(
    onnx: &Onnx,
    props: MetadataProps<'_>,
    classes: Option<usize>,
) -> Result<Option<Layout>, String> {
    let choose = |list: Layout, picked: Layout| list_or_picked(onnx, props, classes, list, picked);
    match props.text("task").map(str::to_lowercase).as_deref() {
        Some("detect") => return Ok(choose(Layout::Yolo, Layout::Boxes)),
        Some("segment") => return Ok(choose(Layout::YoloSegment, Layout::BoxesSegment)),
        Some("obb") => return Ok(choose(Layout::YoloObb, Layout::BoxesObb)),
        Some("semantic") => return Ok(Some(mask_or_labels(onnx))),
        Some(task) => {
            return Err(format!(
                "its task is {task}: rams runs models of detection (detect, obb) and of \
                 segmentation (segment, semantic)"
            ));
        }
        None => {}
    }
    match props.text("model_type").map(str::to_lowercase).as_deref() {
        Some("segmentor") => return Ok(Some(mask_or_labels(onnx))),
        Some("detector") => return by_detector_type(onnx, props, classes),
        Some(model_type) => {
            return Err(format!(
                "its model_type is {model_type}: rams runs those of Segmentor and Detector; if it \
                 is one of them, give output.layout in model.toml"
            ));
        }
        None => {}
    }
    // YOLOv5 itself leaves these two and no more.
    let is_v5 = props.text("stride").is_some() && props.text("names").is_some();
    Ok(if is_v5 { Some(Layout::YoloV5) } else { by_shape(onnx, classes) })
}

/// Whether a model of Ultralytics gives a list of all boxes or those that it picked itself; `None`
/// if a person must say it.
fn list_or_picked(
    onnx: &Onnx,
    props: MetadataProps<'_>,
    classes: Option<usize>,
    list: Layout,
    picked: Layout,
) -> Option<Layout> {
    let picks = props.is_true("end2end") || props.argument("nms").as_deref() == Some("True");
    let prototypes = onnx
        .outputs
        .iter()
        .find(|output| output.shape.len() == 4)
        .map_or(0, |planes| planes.shape[1]);
    let values = |layout: Layout| layout.values(classes.unwrap_or(0), prototypes.max(0) as usize);
    let (as_list, as_picked) = (values(list), values(picked));
    let shape: &[i64] = onnx.outputs.first().map_or(&[], |output| &output.shape);
    // Whether a list is laid out as usual, or the other way round.
    let is = |size: Option<&i64>, values: usize| size == Some(&(values as i64));
    match () {
        () if picks => Some(picked),
        // Since 2025 the file says so in so many words.
        () if props.text("end2end").is_some() || is(shape.get(1), as_list) => Some(list),
        () if !is(shape.get(2), as_picked) => Some(list),
        // Rows of six are boxes that were picked, or those of two classes the other way round.
        () => Some(picked).filter(|_| as_list != as_picked),
    }
}

/// Whether a model of segmentation gives probabilities or the numbers of the likeliest classes.
fn mask_or_labels(onnx: &Onnx) -> Layout {
    let are_labels = |output: &Outlet| output.is_integer || output.shape.len() == 3;
    if onnx.outputs.first().is_some_and(are_labels) { Layout::Labels } else { Layout::Mask }
}

/// The layout of a detector by the type that Deepness notes.
fn by_detector_type(
    onnx: &Onnx,
    props: MetadataProps<'_>,
    classes: Option<usize>,
) -> Result<Option<Layout>, String> {
    let detector_type = props.text("det_type").unwrap_or_default();
    Ok(match detector_type.to_lowercase().as_str() {
        "yolo_v5_or_v7_default" | "yolo_v6" => Some(Layout::YoloV5),
        "yolo_ultralytics" | "yolo_v9" => Some(Layout::Yolo),
        "yolo_ultralytics_segmentation" => Some(Layout::YoloSegment),
        "yolo_ultralytics_obb" => Some(Layout::YoloObb),
        "" => by_shape(onnx, classes),
        _ => {
            return Err(format!(
                "its det_type is {detector_type}: give output.layout in model.toml"
            ));
        }
    })
}

/// The one layout that the shapes can be; `None` if several or none can.
fn by_shape(onnx: &Onnx, classes: Option<usize>) -> Option<Layout> {
    let output = onnx.outputs.first()?;
    if output.is_integer {
        return Some(Layout::Labels);
    }
    let shapes: Vec<Vec<i64>> = onnx.outputs.iter().map(|output| output.shape.clone()).collect();
    let known = output.shape.iter().skip(1).filter(|size| **size > 0).count();
    let classes = classes.filter(|_| known > 0)?;
    let mut fitting =
        Layout::ALL.into_iter().filter(|layout| layout.check(&shapes, classes).is_ok());
    fitting.next().filter(|_| fitting.next().is_none())
}
