//! A description without gaps, and whether it holds together.

use crate::{
    layout::Layout,
    manifest::Input,
    partial_manifest::{PartialClass, PartialManifest},
};
use rams_domain::{Calibration, Class, EoCategory, GeometryKind, ObscuredBy, Task};
use std::collections::BTreeSet;

/// A description without gaps.
pub(crate) struct ValidatedManifest {
    pub(crate) input: Input,
    pub(crate) task: Task,
    pub(crate) layout: Layout,
    pub(crate) names: Option<Vec<String>>,
    pub(crate) ignore: Vec<String>,
    pub(crate) class: Vec<Class>,
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
            input,
            task: partial.task?,
            layout: output.layout?,
            names: output.names,
            ignore: output.ignore.unwrap_or_default(),
            class: partial.class.into_iter().map(class).collect::<Option<_>>()?,
        })
    }

    /// For each class of the outputs the class of the model.
    pub(crate) fn outputs(&self) -> Vec<Option<usize>> {
        match &self.names {
            None => (0..self.class.len()).map(Some).collect(),
            Some(names) => names
                .iter()
                .map(|name| self.class.iter().position(|class| class.name == *name))
                .collect(),
        }
    }

    /// Every name of the outputs is a class or ignored, and every class one of them.
    fn check_names(&self) -> Result<(), String> {
        let Some(names) = &self.names else {
            return match self.ignore.first() {
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
        for name in self.class.iter().map(|class| &class.name).chain(&self.ignore) {
            if !names.contains(name) {
                let names = names.join(", ");
                return Err(format!(
                    "class {name} is none of the outputs: {names}; give output.names to rename them"
                ));
            }
        }
        if let Some(class) = self.class.iter().find(|class| self.ignore.contains(&class.name)) {
            return Err(format!("class {} is in output.ignore, too: leave out one", class.name));
        }
        Ok(())
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        self.input.check()?;
        let Input { gsd_m, halo_px, .. } = &self.input;
        if self.class.is_empty() {
            return Err("it names no [[class]]".into());
        }
        if self.task != self.layout.task() {
            return Err(format!(
                "task {} does not go with output.layout {:?}",
                self.task, self.layout
            ));
        }
        let mut names = BTreeSet::new();
        if let Some(class) = self.class.iter().find(|class| !names.insert(&class.name)) {
            return Err(format!("class {} is named twice", class.name));
        }
        if self.class.iter().any(|class| class.name.trim().is_empty()) {
            return Err("a [[class]] has an empty name: give it one".into());
        }
        self.check_names()?;
        for class in &self.class {
            let Class {
                name,
                size_m: [least, most],
                gsd_max_m,
                threshold,
                pixel_threshold,
                calibration,
                ..
            } = class;
            if let Some(veil) = twice(&class.hidden_by) {
                return Err(format!(
                    "hidden_by of class {name} names {veil} twice: once is enough"
                ));
            }
            let Calibration { slope, intercept } = calibration;
            if !(*slope > 0.0 && slope.is_finite() && intercept.is_finite()) {
                return Err(format!(
                    "calibration of class {name} is {slope}, {intercept}: slope must be positive"
                ));
            }
            if !(*least > 0.0 && least <= most && most.is_finite()) {
                return Err(format!(
                    "size_m of class {name} is [{least}, {most}]: give [least, most] in metres"
                ));
            }
            // A box is whole in at least one tile only if the halo holds the largest object.
            let halo_m = f64::from(*halo_px) * gsd_m;
            let is_whole = !self.layout.has_outlines() || class.geometry == GeometryKind::Point;
            if self.layout.is_list() && is_whole && halo_m < *most {
                return Err(format!(
                    "halo of {halo_px} px is {halo_m:.3} m, class {name} is up to {most} m long: \
                     enlarge input.halo_px"
                ));
            }
            if !(*gsd_max_m >= 0.0 && gsd_max_m.is_finite()) {
                return Err(format!(
                    "gsd_max_m of class {name} is {gsd_max_m}: give metres per pixel, or 0 for \
                     never"
                ));
            }
            self.check_parent(class)?;
            if !(*threshold > 0.0 && *threshold < 1.0) {
                return Err(format!(
                    "threshold of class {name} is {threshold}: it must lie between 0 and 1"
                ));
            }
            // A label says that a class is the likeliest, and not how likely: it scores a half.
            if self.layout == Layout::Labels && *threshold > 0.5 {
                return Err(format!(
                    "threshold of class {name} is {threshold}: of labels it must be 0.5 or less"
                ));
            }
            match pixel_threshold {
                Some(_) if self.task != Task::Segment => {
                    return Err(format!(
                        "class {name} has a pixel_threshold, which goes with masks: leave it out"
                    ));
                }
                Some(pixel) if !(*pixel > 0.0 && pixel <= threshold) => {
                    return Err(format!(
                        "pixel_threshold of class {name} is {pixel}: it must lie above 0, and its \
                         threshold, {threshold}, not below it"
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
            _ => {
                return Err(format!(
                    "class {name} has one of parent and gsd_name_m: give both or neither"
                ));
            }
        };
        let Some(family) = self.class.iter().find(|other| other.name == *parent) else {
            return Err(format!("parent {parent} of class {name} is no class of this model"));
        };
        // A work is called by the kind that holds most of it: which that is must not decide whether
        // it counts.
        if self.task == Task::Segment && family.threshold != class.threshold {
            return Err(format!(
                "threshold of class {name} is {}, that of its parent {parent} {}: give all kinds \
                 of a family of masks one",
                class.threshold, family.threshold
            ));
        }
        if family.parent.is_some() {
            return Err(format!(
                "parent {parent} of class {name} has a parent itself: a class tree has two levels"
            ));
        }
        // The indicator may differ: a communication trench is a trench, and a trench of a kind that
        // cannot be told counts as a fire trench, the graver of the two.
        if family.geometry != class.geometry {
            let (own, of_family) = (class.geometry, family.geometry);
            return Err(format!(
                "geometry of class {name} is {own}, that of its parent {parent} {of_family}"
            ));
        }
        if family.eo_category != class.eo_category
            && !matches!(family.eo_category, EoCategory::Unknown | EoCategory::MixedMine)
        {
            let (own, of_family) = (class.eo_category, family.eo_category);
            return Err(format!(
                "class {name} is {own}, its parent {parent} {of_family}: give it the same or \
                 UNKNOWN"
            ));
        }
        if family.size_m[0] > class.size_m[0] || family.size_m[1] < class.size_m[1] {
            let (own, of_family) = (class.size_m, family.size_m);
            return Err(format!(
                "size_m of class {name} is {own:?}, beyond the {of_family:?} of its parent {parent}"
            ));
        }
        if family.gsd_max_m < class.gsd_max_m {
            let (own, of_family) = (class.gsd_max_m, family.gsd_max_m);
            return Err(format!(
                "gsd_max_m of class {name} is {own}, above the {of_family} of its parent {parent}"
            ));
        }
        if !(gsd_name_m > 0.0 && (gsd_name_m <= class.gsd_max_m || !class.is_looked_for())) {
            let limit = class.gsd_max_m;
            return Err(format!(
                "gsd_name_m of class {name} is {gsd_name_m}: give metres per pixel, {limit} at most"
            ));
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

/// What a list names twice.
fn twice(veils: &[ObscuredBy]) -> Option<&ObscuredBy> {
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
