//! Whether a class holds together.

use super::ValidatedManifest;
use crate::layout::Layout;
use rams_domain::{Calibration, Class, GeometryKind, ObscuredBy, Task, Thresholds};

impl ValidatedManifest {
    pub(super) fn check_class(&self, class: &Class) -> Result<(), String> {
        let Class { name, calibration: Calibration { slope, intercept }, .. } = class;
        if let Some(by) = twice(&class.hidden_by) {
            return Err(format!("hidden_by of class {name} names {by} twice: once is enough"));
        }
        if !(*slope > 0.0 && slope.is_finite() && intercept.is_finite()) {
            return Err(format!(
                "calibration of class {name} is {slope}, {intercept}: slope must be positive"
            ));
        }
        self.check_size(class)?;
        let gsd_max_m = class.gsd_max_m;
        if !(gsd_max_m >= 0.0 && gsd_max_m.is_finite()) {
            return Err(format!(
                "gsd_max_m of class {name} is {gsd_max_m}: give metres per pixel, or 0 for never"
            ));
        }
        self.check_family(class)?;
        self.check_thresholds(class)
    }

    /// A box is whole in at least one tile only if the halo holds the largest object.
    fn check_size(&self, class: &Class) -> Result<(), String> {
        let Class { name, size_m: [least, most], .. } = class;
        if !(*least > 0.0 && least <= most && most.is_finite()) {
            return Err(format!(
                "size_m of class {name} is [{least}, {most}]: give [least, most] in metres"
            ));
        }
        let halo_px = self.input.halo_px;
        let halo_m = f64::from(halo_px) * self.input.gsd_m;
        let is_whole = !self.layout.has_outlines() || class.geometry == GeometryKind::Point;
        if self.layout.is_list() && is_whole && halo_m < *most {
            return Err(format!(
                "halo of {halo_px} px is {halo_m:.3} m, class {name} is up to {most} m long: \
                 enlarge input.halo_px"
            ));
        }
        Ok(())
    }

    fn check_thresholds(&self, class: &Class) -> Result<(), String> {
        let Class { name, threshold, .. } = class;
        let Thresholds { sensitive, balanced, strict } = threshold;
        if [sensitive, balanced, strict].iter().any(|least| !(**least > 0.0 && **least < 1.0)) {
            return Err(format!(
                "threshold of class {name} is {threshold}: it must lie between 0 and 1"
            ));
        }
        if !(sensitive <= balanced && balanced <= strict) {
            return Err(format!(
                "threshold of class {name} is {threshold}: give sensitive the lowest and strict \
                 the highest"
            ));
        }
        // A label says that a class is the likeliest, and not how likely: it scores a half.
        if self.layout == Layout::Labels && *strict > 0.5 {
            return Err(format!(
                "threshold of class {name} is {threshold}: of labels it must be 0.5 or less"
            ));
        }
        match class.pixel_threshold {
            Some(_) if self.task != Task::Segment => Err(format!(
                "class {name} has a pixel_threshold, which goes with masks: leave it out"
            )),
            Some(pixel) if !(pixel > 0.0 && pixel <= *sensitive) => Err(format!(
                "pixel_threshold of class {name} is {pixel}: it must lie above 0, and its \
                 threshold, {threshold}, not below it"
            )),
            _ => Ok(()),
        }
    }
}

/// What a list names twice.
fn twice(obscured_by: &[ObscuredBy]) -> Option<&ObscuredBy> {
    obscured_by.iter().enumerate().find_map(|(at, by)| obscured_by[..at].contains(by).then_some(by))
}
