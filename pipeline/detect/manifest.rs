//! `model.toml` -> [`Manifest`]: what a model is, checked before it runs.

use crate::DetectError;
use rams_domain::{Calibration, Class, EoCategory, Model, Task, TileSpec, Veil};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A model's folder, read and checked: description, weights, and how pixels become its input.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// What the rest of the survey needs to know.
    pub model: Model,
    pub(crate) path: PathBuf,
    pub(crate) weights: Arc<[u8]>,
    pub(crate) input: Input,
    pub(crate) layout: Layout,
}

/// How pixels become the input of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    gsd_m: f64,
    tile_px: u32,
    halo_px: u32,
    bands: Vec<String>,
    pub(crate) mean: [f32; 3],
    pub(crate) std: [f32; 3],
    #[serde(default)]
    height_gsd_max_m: Option<f64>,
}

const COLOURS: [&str; 3] = ["red", "green", "blue"];
const COLOURS_AND_HEIGHTS: [&str; 5] = ["red", "green", "blue", "height", "height_valid"];

/// What the first output of a model holds. Boxes are in input pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layout {
    /// `[batch, n, 6]`: x0, y0, x1, y1, score, class index. Peaks picked inside the model.
    Boxes,
    /// `[batch, 4 + classes, n]`: centre x and y, width, height, one score per class, as
    /// Ultralytics exports YOLOv8 and YOLO11.
    Yolo,
    /// `[batch, classes, h, w]`: probability of each class; `h` and `w` divide the tile.
    Mask,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    version: String,
    task: Task,
    #[allow(dead_code)] // for people and for the model's card
    licence: String,
    #[allow(dead_code)]
    training_data: Vec<String>,
    onnx: PathBuf,
    digest: String,
    input: Input,
    output: Output,
    class: Vec<Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    layout: Layout,
}

impl Manifest {
    /// Reads and checks a model's folder, the digest of its weights included.
    pub fn read(folder: &Path) -> Result<Self, DetectError> {
        let path = folder.join("model.toml");
        let text = fs::read_to_string(&path).map_err(|cause| DetectError::Read { path: path.clone(), cause })?;
        let invalid = |cause: String| DetectError::Manifest { path: path.clone(), cause };
        let file: File = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        file.check().map_err(invalid)?;

        let onnx = folder.join(&file.onnx);
        let weights = fs::read(&onnx).map_err(|cause| DetectError::Read { path: onnx.clone(), cause })?;
        let digest: String = Sha256::digest(&weights).iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = file.digest.strip_prefix("sha256:").unwrap_or(&file.digest).to_owned();
        if digest != expected {
            return Err(DetectError::Digest { path: onnx, expected, found: digest });
        }
        let File { name, version, task, input, output, class: classes, .. } = file;
        let tile = TileSpec { tile_px: input.tile_px, halo_px: input.halo_px };
        let model = Model { name, version, digest, task, gsd_m: input.gsd_m, tile, classes };
        Ok(Self { model, path: onnx, weights: weights.into(), input, layout: output.layout })
    }

    /// The largest pixels, metres, of a surface model whose heights the model takes beside the
    /// colours; `None` if it takes none.
    pub fn height_gsd_max_m(&self) -> Option<f64> {
        self.input.height_gsd_max_m
    }
}

impl Input {
    /// Planes of the tensor.
    pub(crate) fn planes(&self) -> usize {
        self.bands.len()
    }

    /// Whether two planes of heights follow the colours.
    pub(crate) fn takes_heights(&self) -> bool {
        self.bands == COLOURS_AND_HEIGHTS
    }

    fn check(&self) -> Result<(), String> {
        let Input { gsd_m, tile_px, halo_px, bands, mean, std, height_gsd_max_m } = self;
        if !(gsd_m.is_finite() && *gsd_m > 0.0) {
            return Err(format!("input.gsd_m is {gsd_m}: give metres per pixel, such as 0.004"));
        }
        TileSpec { tile_px: *tile_px, halo_px: *halo_px }.check().map_err(|error| error.to_string())?;
        if *bands != COLOURS && !self.takes_heights() {
            return Err(format!("input.bands is {bands:?}: give {COLOURS:?} or {COLOURS_AND_HEIGHTS:?}"));
        }
        match (self.takes_heights(), height_gsd_max_m) {
            (false, None) => {}
            (true, Some(limit_m)) if *limit_m > 0.0 && limit_m.is_finite() => {}
            (true, limit_m) => {
                let found = limit_m.map_or("missing".to_owned(), |limit_m| format!("{limit_m}"));
                return Err(format!("input.height_gsd_max_m is {found}: give metres per pixel of a surface model"));
            }
            (false, Some(_)) => return Err("input.height_gsd_max_m goes with a band height: leave it out".into()),
        }
        if std.iter().any(|value| !value.is_finite() || *value < 1e-6) || mean.iter().any(|value| !value.is_finite()) {
            return Err(format!("input.mean is {mean:?}, input.std is {std:?}: give numbers, std above 0"));
        }
        Ok(())
    }
}

impl File {
    fn check(&self) -> Result<(), String> {
        self.input.check()?;
        let Input { gsd_m, halo_px, .. } = &self.input;
        if self.class.is_empty() {
            return Err("it names no [[class]]".into());
        }
        if (self.task == Task::Segment) != (self.output.layout == Layout::Mask) {
            return Err(format!("task {} does not go with output.layout {:?}", self.task, self.output.layout));
        }
        let mut names = BTreeSet::new();
        if let Some(class) = self.class.iter().find(|class| !names.insert(&class.name)) {
            return Err(format!("class {} is named twice", class.name));
        }
        for class in &self.class {
            let Class { name, size_m: [least, most], gsd_max_m, threshold, pixel_threshold, calibration, .. } = class;
            if let Some(veil) = twice(&class.hidden_by) {
                return Err(format!("hidden_by of class {name} names {veil} twice: once is enough"));
            }
            let Calibration { slope, intercept } = calibration;
            if !(*slope > 0.0 && slope.is_finite() && intercept.is_finite()) {
                return Err(format!("calibration of class {name} is {slope}, {intercept}: slope must be positive"));
            }
            if !(*least > 0.0 && least <= most && most.is_finite()) {
                return Err(format!("size_m of class {name} is [{least}, {most}]: give [least, most] in metres"));
            }
            // A box is whole in at least one tile only if the halo holds the largest object.
            let halo_m = f64::from(*halo_px) * gsd_m;
            if self.task == Task::Detect && halo_m < *most {
                return Err(format!(
                    "halo of {halo_px} px is {halo_m:.3} m, class {name} is up to {most} m long: enlarge input.halo_px"
                ));
            }
            if !(*gsd_max_m >= 0.0 && gsd_max_m.is_finite()) {
                return Err(format!("gsd_max_m of class {name} is {gsd_max_m}: give metres per pixel, or 0 for never"));
            }
            self.check_parent(class)?;
            if !(*threshold > 0.0 && *threshold < 1.0) {
                return Err(format!("threshold of class {name} is {threshold}: it must lie between 0 and 1"));
            }
            match pixel_threshold {
                Some(_) if self.task != Task::Segment => {
                    return Err(format!("class {name} has a pixel_threshold, which goes with masks: leave it out"));
                }
                Some(pixel) if !(*pixel > 0.0 && pixel <= threshold) => {
                    return Err(format!(
                        "pixel_threshold of class {name} is {pixel}: it must lie above 0, and its threshold, {threshold}, \
                         not below it"
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A class tree has two levels, and a family is looked for wherever one of its kinds is: else a
    /// find could be called by a class that its input is too coarse for.
    fn check_parent(&self, class: &Class) -> Result<(), String> {
        let Class { name, parent, gsd_name_m, .. } = class;
        let (parent, gsd_name_m) = match (parent, gsd_name_m) {
            (None, None) => return Ok(()),
            (Some(parent), Some(gsd_name_m)) => (parent, *gsd_name_m),
            _ => return Err(format!("class {name} has one of parent and gsd_name_m: give both or neither")),
        };
        let Some(family) = self.class.iter().find(|other| other.name == *parent) else {
            return Err(format!("parent {parent} of class {name} is no class of this model"));
        };
        // A work is called by the kind that holds most of it: which that is must not decide whether it counts.
        if self.task == Task::Segment && family.threshold != class.threshold {
            return Err(format!(
                "threshold of class {name} is {}, that of its parent {parent} {}: give all kinds of a family of masks one",
                class.threshold, family.threshold
            ));
        }
        if family.parent.is_some() {
            return Err(format!("parent {parent} of class {name} has a parent itself: a class tree has two levels"));
        }
        // The indicator may differ: a communication trench is a trench, and a trench of a kind that
        // cannot be told counts as a fire trench, the graver of the two.
        if family.geometry != class.geometry {
            let (own, of_family) = (class.geometry, family.geometry);
            return Err(format!("geometry of class {name} is {own}, that of its parent {parent} {of_family}"));
        }
        if family.eo_category != class.eo_category
            && !matches!(family.eo_category, EoCategory::Unknown | EoCategory::MixedMine)
        {
            let (own, of_family) = (class.eo_category, family.eo_category);
            return Err(format!("class {name} is {own}, its parent {parent} {of_family}: give it the same or UNKNOWN"));
        }
        if family.size_m[0] > class.size_m[0] || family.size_m[1] < class.size_m[1] {
            let (own, of_family) = (class.size_m, family.size_m);
            return Err(format!("size_m of class {name} is {own:?}, beyond the {of_family:?} of its parent {parent}"));
        }
        if family.gsd_max_m < class.gsd_max_m {
            let (own, of_family) = (class.gsd_max_m, family.gsd_max_m);
            return Err(format!("gsd_max_m of class {name} is {own}, above the {of_family} of its parent {parent}"));
        }
        if !(gsd_name_m > 0.0 && (gsd_name_m <= class.gsd_max_m || !class.is_looked_for())) {
            let limit = class.gsd_max_m;
            return Err(format!("gsd_name_m of class {name} is {gsd_name_m}: give metres per pixel, {limit} at most"));
        }
        Ok(())
    }
}

/// What a list names twice.
fn twice(veils: &[Veil]) -> Option<&Veil> {
    veils.iter().enumerate().find_map(|(at, veil)| veils[..at].contains(veil).then_some(veil))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = r#"
        name = "toy"
        version = "1"
        task = "detect"
        licence = ""
        training_data = []
        onnx = "toy.onnx"
        digest = ""
        input = { gsd_m = 0.004, tile_px = 640, halo_px = 64, bands = ["red", "green", "blue"], mean = [0, 0, 0], std = [1, 1, 1] }
        output = { layout = "boxes" }
        [[class]]
        name = "pmn-2"
        parent = "ap-round"
        gsd_name_m = 0.0075
        indicator = "mine_surface"
        eo_category = "AP_MINE"
        geometry = "point"
        size_m = [0.05, 0.15]
        gsd_max_m = 0.015
        threshold = 0.5
        [[class]]
        name = "ap-round"
        indicator = "mine_surface"
        eo_category = "AP_MINE"
        geometry = "point"
        size_m = [0.05, 0.2]
        gsd_max_m = 0.015
        threshold = 0.5
    "#;

    fn check(from: &str, to: &str) -> String {
        assert!(from.is_empty() || TREE.contains(from), "{from} is in the toy");
        let file: File = toml::from_str(&TREE.replacen(from, to, 1)).expect("it parses");
        file.check().err().unwrap_or_default()
    }

    #[test]
    fn a_class_tree_that_does_not_hold_together_is_refused() {
        assert_eq!(check("", ""), "");
        assert!(check("gsd_name_m = 0.0075", "").contains("give both or neither"));
        assert!(check("parent = \"ap-round\"", "parent = \"ap\"").contains("no class of this model"));
        assert!(check("parent = \"ap-round\"", "parent = \"pmn-2\"").contains("two levels"));
        assert!(check("gsd_max_m = 0.015", "gsd_max_m = 0.02").contains("above the 0.015 of its parent"));
        assert_eq!(check("indicator = \"mine_surface\"", "indicator = \"submunition\""), "");
        assert!(
            check("geometry = \"point\"", "geometry = \"line\"").contains("is line, that of its parent ap-round point")
        );
        assert!(check("gsd_name_m = 0.0075", "gsd_name_m = -1").contains("give metres per pixel"));
        assert!(check("gsd_name_m = 0.0075", "gsd_name_m = 0.016").contains("0.015 at most"));
        assert!(check("size_m = [0.05, 0.15]", "size_m = [0.05, 0.25]").contains("beyond the [0.05, 0.2]"));
        assert!(
            check("eo_category = \"AP_MINE\"", "eo_category = \"AV_MINE\"").contains("its parent ap-round AP_MINE")
        );
        assert!(check("name = \"pmn-2\"", "name = \"ap-round\"").contains("named twice"));
    }

    #[test]
    fn what_hides_a_class_is_named_once_and_by_its_name() {
        let (at, list) = ("threshold = 0.5", |of: &str| format!("threshold = 0.5\nhidden_by = [{of}]"));
        assert_eq!(check(at, &list("\"vegetation\", \"blur\"")), "");
        assert_eq!(check(at, &list("")), "");
        assert!(check(at, &list("\"blur\", \"blur\"")).contains("names blur twice"));
        let unknown = toml::from_str::<File>(&TREE.replacen(at, &list("\"fog\""), 1)).err().expect("fog is none");
        assert!(unknown.to_string().contains("expected one of `vegetation`, `shadow`"), "{unknown}");
    }

    #[test]
    fn heights_go_with_a_limit_on_their_pixels() {
        let (colours, five) = ("\"blue\"]", "\"blue\", \"height\", \"height_valid\"]");
        assert_eq!(check(colours, &format!("{five}, height_gsd_max_m = 0.5")), "");
        assert!(check(colours, five).contains("height_gsd_max_m is missing"));
        assert!(check(colours, &format!("{five}, height_gsd_max_m = 0")).contains("height_gsd_max_m is 0"));
        assert!(check(colours, &format!("{colours}, height_gsd_max_m = 0.5")).contains("leave it out"));
        assert!(check(colours, "\"blue\", \"height\"]").contains("\"height_valid\"]"));
    }
}
