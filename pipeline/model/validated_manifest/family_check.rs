//! Whether a class goes with its family.

use super::ValidatedManifest;
use rams_domain::{Class, EoCategory, Task};

impl ValidatedManifest {
    /// A class tree has two levels, and a family is looked for wherever one of its kinds is: else a
    /// find could be called by a class that its input is too coarse for.
    pub(super) fn check_family(&self, class: &Class) -> Result<(), String> {
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
        let Some(family) = self.classes.iter().find(|other| other.name == *parent) else {
            return Err(format!("parent {parent} of class {name} is no class of this model"));
        };
        // An earthwork is called by the kind that holds most of it: which that is must not decide
        // whether it counts.
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
        check_alike(class, family)?;
        check_within(class, family)?;
        if !(gsd_name_m > 0.0 && (gsd_name_m <= class.gsd_max_m || !class.is_looked_for())) {
            let limit = class.gsd_max_m;
            return Err(format!(
                "gsd_name_m of class {name} is {gsd_name_m}: give metres per pixel, {limit} at most"
            ));
        }
        Ok(())
    }
}

/// A kind is drawn as its family is, and is of its category of ordnance or of one that the family
/// leaves open. The indicator may differ: a communication trench is a trench, and a trench of a
/// kind that cannot be told counts as a fire trench, the graver of the two.
fn check_alike(class: &Class, family: &Class) -> Result<(), String> {
    let (name, parent) = (&class.name, &family.name);
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
            "class {name} is {own}, its parent {parent} {of_family}: give it the same or UNKNOWN"
        ));
    }
    Ok(())
}

/// The sizes and the pixels of a kind are among those of its family.
fn check_within(class: &Class, family: &Class) -> Result<(), String> {
    let (name, parent) = (&class.name, &family.name);
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
    Ok(())
}
