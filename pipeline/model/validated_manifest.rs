//! A description without gaps, and whether it holds together.

mod class_check;
mod family_check;
mod point_check;

use crate::{
    input::Input,
    layout::Layout,
    output::Activation,
    partial_manifest::{PartialClass, PartialManifest},
};
use rams_domain::{Class, MeasuredPoint, ObscuredBy, OperatingPoint, Task};
use std::collections::{BTreeMap, BTreeSet};

/// A description without gaps.
pub(crate) struct ValidatedManifest {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: String,
    pub(crate) training_data: Vec<String>,
    pub(crate) input: Input,
    pub(crate) task: Task,
    pub(crate) layout: Layout,
    pub(crate) activation: Option<Activation>,
    pub(crate) embedding: Option<String>,
    /// Names of the classes of the outputs; `None` where they are the model's, in their order.
    pub(crate) names: Option<Vec<String>>,
    /// Those of them that are no classes of the model.
    pub(crate) ignored: Vec<String>,
    pub(crate) classes: Vec<Class>,
    /// What was measured at operating points.
    pub(crate) measured: BTreeMap<OperatingPoint, MeasuredPoint>,
}

impl ValidatedManifest {
    /// `None` where something is missing.
    pub(crate) fn from(partial: PartialManifest) -> Option<Self> {
        let PartialManifest { input, output, .. } = partial;
        let input = Input {
            gsd_m: input.gsd_m?,
            tile_px: input.tile_px?,
            halo_px: input.halo_px?,
            bands: input.bands?,
            mean: input.mean?,
            std: input.std?,
            height_gsd_max_m: input.height_gsd_max_m,
        };
        Some(Self {
            name: partial.name.unwrap_or_default(),
            version: partial.version.unwrap_or_default(),
            licence: partial.licence.unwrap_or_else(|| "not stated".into()),
            training_data: partial.training_data.unwrap_or_default(),
            input,
            task: partial.task?,
            layout: output.layout?,
            activation: output.activation,
            embedding: output.embedding,
            names: output.names,
            ignored: output.ignore.unwrap_or_default(),
            classes: partial.class.into_iter().map(class).collect::<Option<_>>()?,
            measured: partial.operating_point,
        })
    }

    /// For each class of the outputs the index of the class of the model.
    pub(crate) fn outputs(&self) -> Vec<Option<usize>> {
        match &self.names {
            None => (0..self.classes.len()).map(Some).collect(),
            Some(names) => names
                .iter()
                .map(|name| self.classes.iter().position(|class| class.name == *name))
                .collect(),
        }
    }

    /// Whether it holds together; the error names what does not, and what to give.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.input.check()?;
        if self.classes.is_empty() {
            return Err("it names no [[class]]".into());
        }
        if self.task != self.layout.task() {
            return Err(format!(
                "task {} does not go with output.layout {:?}",
                self.task, self.layout
            ));
        }
        if let Some(name) = self.embedding.as_ref().filter(|_| self.layout != Layout::Boxes) {
            return Err(format!(
                "output.embedding is {name:?}, which is not supported with output.layout {:?}: \
                 leave it out, or export the model with layout boxes",
                self.layout
            ));
        }
        let mut names = BTreeSet::new();
        if let Some(class) = self.classes.iter().find(|class| !names.insert(&class.name)) {
            return Err(format!("class {} is named twice", class.name));
        }
        if self.classes.iter().any(|class| class.name.trim().is_empty()) {
            return Err("a [[class]] has an empty name: give it one".into());
        }
        self.check_names()?;
        self.classes.iter().try_for_each(|class| self.check_class(class))?;
        self.check_measured()
    }

    /// Every name of the outputs is a class or ignored, and every class one of them.
    fn check_names(&self) -> Result<(), String> {
        let Some(names) = &self.names else {
            return match self.ignored.first() {
                Some(name) => Err(format!("output.ignore names {name}: give output.names with it")),
                None => Ok(()),
            };
        };
        let mut seen = BTreeSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(format!(
                "output.names names {name} twice: give each output a name of its own"
            ));
        }
        for name in self.classes.iter().map(|class| &class.name).chain(&self.ignored) {
            if !names.contains(name) {
                let names = names.join(", ");
                return Err(format!(
                    "class {name} is none of the outputs: {names}; give output.names to rename them"
                ));
            }
        }
        if let Some(class) = self.classes.iter().find(|class| self.ignored.contains(&class.name)) {
            return Err(format!("class {} is in output.ignore, too: leave out one", class.name));
        }
        Ok(())
    }
}

/// A class without gaps.
fn class(partial: PartialClass) -> Option<Class> {
    Some(Class {
        name: partial.name,
        label: partial.label,
        indicator: partial.indicator?,
        eo_category: partial.eo_category?,
        geometry: partial.geometry?,
        parent: partial.parent,
        gsd_name_m: partial.gsd_name_m,
        size_m: partial.size_m?,
        gsd_max_m: partial.gsd_max_m?,
        threshold: partial.threshold?,
        pixel_threshold: partial.pixel_threshold,
        hidden_by: partial.hidden_by.unwrap_or_else(|| ObscuredBy::ALL.to_vec()),
        calibration: partial.calibration.unwrap_or_default(),
    })
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
        let partial: PartialManifest =
            toml::from_str(&TREE.replacen(from, to, 1)).expect("it parses");
        ValidatedManifest::from(partial).expect("it is whole").check().err().unwrap_or_default()
    }

    #[test]
    fn a_class_tree_that_does_not_hold_together_is_refused() {
        assert_eq!(check("", ""), "");
        assert!(check("gsd_name_m = 0.0075", "").contains("give both or neither"));
        assert!(
            check("parent = \"ap-round\"", "parent = \"ap\"").contains("no class of this model")
        );
        assert!(check("parent = \"ap-round\"", "parent = \"pmn-2\"").contains("two levels"));
        assert!(
            check("gsd_max_m = 0.015", "gsd_max_m = 0.02")
                .contains("above the 0.015 of its parent")
        );
        assert_eq!(check("indicator = \"mine_surface\"", "indicator = \"submunition\""), "");
        assert!(
            check("geometry = \"point\"", "geometry = \"line\"")
                .contains("is line, that of its parent ap-round point")
        );
        assert!(check("gsd_name_m = 0.0075", "gsd_name_m = -1").contains("give metres per pixel"));
        assert!(check("gsd_name_m = 0.0075", "gsd_name_m = 0.016").contains("0.015 at most"));
        assert!(
            check("size_m = [0.05, 0.15]", "size_m = [0.05, 0.25]")
                .contains("beyond the [0.05, 0.2]")
        );
        assert!(
            check("eo_category = \"AP_MINE\"", "eo_category = \"AV_MINE\"")
                .contains("its parent ap-round AP_MINE")
        );
        assert!(check("name = \"pmn-2\"", "name = \"ap-round\"").contains("named twice"));
    }

    #[test]
    fn what_hides_a_class_is_named_once_and_by_its_name() {
        let (at, list) =
            ("threshold = 0.5", |of: &str| format!("threshold = 0.5\nhidden_by = [{of}]"));
        assert_eq!(check(at, &list("\"vegetation\", \"blur\"")), "");
        assert_eq!(check(at, &list("")), "");
        assert!(check(at, &list("\"blur\", \"blur\"")).contains("names blur twice"));
        let unknown = toml::from_str::<PartialManifest>(&TREE.replacen(at, &list("\"fog\""), 1))
            .expect_err("fog is none");
        assert!(
            unknown.to_string().contains("expected one of `vegetation`, `shadow`"),
            "{unknown}"
        );
    }

    #[test]
    fn heights_go_with_a_limit_on_their_pixels() {
        let (colours, five) = ("\"blue\"]", "\"blue\", \"height\", \"height_valid\"]");
        assert_eq!(check(colours, &format!("{five}, height_gsd_max_m = 0.5")), "");
        assert!(check(colours, five).contains("height_gsd_max_m is missing"));
        assert!(
            check(colours, &format!("{five}, height_gsd_max_m = 0"))
                .contains("height_gsd_max_m is 0")
        );
        assert!(
            check(colours, &format!("{colours}, height_gsd_max_m = 0.5")).contains("leave it out")
        );
        assert!(check(colours, "\"blue\", \"height\"]").contains("\"height_valid\"]"));
    }
}
