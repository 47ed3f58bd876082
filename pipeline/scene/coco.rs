//! The truth of a scene as COCO reads it, for those who train and score elsewhere.

use crate::classes::{CLASSES, EARTHWORKS};
use crate::light::Sun;
use crate::truth::TrueObject;
use crate::{SceneSpec, write};
use geo::{Area, Polygon};
use serde_json::{Value, json};

/// All objects and earthworks, boxes and outlines in mosaic pixels. Categories are numbered from 1
/// in the order of [`CLASSES`] and [`EARTHWORKS`], whatever the scene holds.
pub(crate) fn coco(
    spec: &SceneSpec,
    sun: &Sun,
    file_name: &str,
    valid_m2: f64,
    objects: &[TrueObject],
) -> Value {
    let classes = || CLASSES.iter().chain(&EARTHWORKS);
    let categories: Vec<Value> = classes()
        .enumerate()
        .map(|(index, (name, parent))| {
            json!({ "id": index + 1, "name": name, "supercategory": parent })
        })
        .collect();
    let annotations: Vec<Value> = objects
        .iter()
        .filter_map(|object| {
            Some((object, classes().position(|(name, _)| *name == object.class)? + 1))
        })
        .enumerate()
        .map(|(index, (object, category))| {
            let px = object.px;
            let mut annotation = json!({
                "id": index + 1,
                "image_id": 1,
                "category_id": category,
                "bbox": [px.x0, px.y0, px.x1 - px.x0, px.y1 - px.y0],
                "segmentation": [ring(&object.outline_px)],
                "area": object.outline_px.unsigned_area(),
                "iscrowd": 0,
                "visibility": object.visibility,
            });
            if !object.centrelines.is_empty() {
                annotation["length_m"] = object.length_m.into();
                annotation["width_m"] = object.width_m.into();
            }
            annotation
        })
        .collect();
    // To a tenth: a platform's arc tangent is not exact.
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    let [sun_height_deg, sun_azimuth_deg] = sun.place_deg();
    json!({
        "info": {
            "description": write::about(spec),
            "version": env!("CARGO_PKG_VERSION"),
            "seed": spec.seed,
            "ground": spec.ground.name(),
            "sun_height_deg": tenth(sun_height_deg),
            "sun_azimuth_deg": tenth((sun_azimuth_deg - spec.rotation_deg).rem_euclid(360.0)),
            "direct": (f64::from(sun.direct) * 100.0).round() / 100.0,
        },
        "licenses": [{ "id": 1, "name": write::licence(spec) }],
        "images": [{
            "id": 1,
            "file_name": file_name,
            "width": spec.size.width,
            "height": spec.size.height,
            "license": 1,
            "gsd_m": spec.gsd_m,
            "valid_m2": valid_m2,
        }],
        "categories": categories,
        "annotations": annotations,
    })
}

/// x and y in turn, without the first vertex again at the end.
fn ring(outline: &Polygon) -> Vec<f64> {
    let vertices = &outline.exterior().0;
    vertices[..vertices.len().saturating_sub(1)].iter().flat_map(|c| [c.x, c.y]).collect()
}
