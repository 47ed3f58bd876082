//! Whether what was measured at operating points holds together.

use super::ValidatedManifest;
use rams_domain::{MeasuredPoint, OperatingPoint};

impl ValidatedManifest {
    pub(super) fn check_measured(&self) -> Result<(), String> {
        let has_points = self.classes.iter().any(|class| !class.threshold.is_one());
        for (point, measured) in &self.measured {
            let MeasuredPoint { recall, false_alarms_per_ha, measured_on } = measured;
            if !(0.0..=1.0).contains(recall) {
                return Err(format!(
                    "operating_point.{point}: recall is {recall}: give a share, 0 to 1"
                ));
            }
            if !(*false_alarms_per_ha >= 0.0 && false_alarms_per_ha.is_finite()) {
                return Err(format!(
                    "operating_point.{point}: false_alarms_per_ha is {false_alarms_per_ha}: give \
                     a number of 0 or more"
                ));
            }
            if measured_on.trim().is_empty() {
                return Err(format!(
                    "operating_point.{point}: measured_on is empty: say which ground was left out \
                     for it"
                ));
            }
            if *point != OperatingPoint::Balanced && !has_points {
                return Err(format!(
                    "operating_point.{point}: every class has one threshold, so {point} is \
                     balanced: give a class a threshold of its own for {point}, or leave it out"
                ));
            }
        }
        Ok(())
    }
}
