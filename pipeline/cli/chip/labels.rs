//! The labels of chips, as those who train elsewhere read them.

use crate::{
    args::{ChipConfig, LabelFormat},
    output::{create_folder, write as save},
};
use rams_domain::PxBox;
use serde_json::json;
use std::fmt::Write;

/// Folder of the chips within the folder of the whole.
pub(crate) const IMAGES: &str = "images";

/// An object of the orthomosaic, mosaic pixels.
pub(crate) struct Label {
    pub(crate) class: usize,
    pub(crate) px: PxBox,
    pub(crate) ignored: bool,
}

/// A class, and the coarser one it stands under.
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
}

/// One chip and what it shows.
pub(crate) struct Chip {
    pub(crate) file: String,
    pub(crate) gsd_m: f64,
    pub(crate) valid_m2: f64,
    pub(crate) objects: Vec<Object>,
}

/// An object in a chip, pixels of the chip.
pub(crate) struct Object {
    pub(crate) class: usize,
    pub(crate) px: PxBox,
    /// Whether enough of it is there to be found.
    pub(crate) counts: bool,
}

/// Writes the labels in the format asked for.
pub(crate) fn write(
    chips: &[Chip],
    categories: &[Category],
    config: &ChipConfig,
) -> anyhow::Result<()> {
    match config.format {
        LabelFormat::Coco => coco(chips, categories, config),
        LabelFormat::Yolo => yolo(chips, categories, config),
    }
}

fn coco(chips: &[Chip], categories: &[Category], config: &ChipConfig) -> anyhow::Result<()> {
    let side = config.tile_px;
    let images = (1..).zip(chips).map(|(id, chip)| {
        let Chip { file, gsd_m, valid_m2, .. } = chip;
        json!({
            "id": id, "file_name": file, "width": side, "height": side, "gsd_m": gsd_m,
            "valid_m2": valid_m2,
        })
    });
    let objects = (1..)
        .zip(chips)
        .flat_map(|(image, chip)| chip.objects.iter().map(move |object| (image, object)));
    let annotations = (1..).zip(objects).map(
        |(id, (image, Object { class, px, counts })): (u32, (u32, &Object))| {
            json!({
                "id": id, "image_id": image, "category_id": class + 1, "iscrowd": u8::from(!counts),
                "bbox": [px.x0, px.y0, px.x1 - px.x0, px.y1 - px.y0], "area": px.area(),
            })
        },
    );
    let categories =
        (1..).zip(categories).map(|(id, Category { name, parent }): (u32, _)| match parent {
            Some(parent) => json!({ "id": id, "name": name, "supercategory": parent }),
            None => json!({ "id": id, "name": name }),
        });
    let all = json!({
        "images": images.collect::<Vec<_>>(),
        "annotations": annotations.collect::<Vec<_>>(),
        "categories": categories.collect::<Vec<_>>(),
    });
    save(&config.out.join("annotations.json"), &serde_json::to_string(&all)?)
}

fn yolo(chips: &[Chip], categories: &[Category], config: &ChipConfig) -> anyhow::Result<()> {
    let labels = config.out.join("labels");
    create_folder(&labels)?;
    let side = f64::from(config.tile_px);
    for chip in chips {
        let mut text = String::new();
        for Object { class, px, .. } in chip.objects.iter().filter(|object| object.counts) {
            let centre = px.centre();
            let [x, y, width, height] =
                [centre.x, centre.y, px.x1 - px.x0, px.y1 - px.y0].map(|value| value / side);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{class} {x:.8} {y:.8} {width:.8} {height:.8}");
        }
        save(&labels.join(&chip.file).with_extension("txt"), &text)?;
    }
    let mut text = format!(
        "# All chips are of one ground. Validate on another: chips that overlap are no test.\n\
         train: {IMAGES}\nval: {IMAGES}\nnames:\n"
    );
    for (class, Category { name, .. }) in categories.iter().enumerate() {
        let _ = writeln!(text, "  {class}: {}", json!(name));
    }
    save(&config.out.join("data.yaml"), &text)
}
