//! Whether the rules of a category can be used.

use super::super::{CategoryContext, CategoryRule, DoctrineError, RowRule};
use super::{Check, at_least, positive};
use rams_domain::AreaKind;

impl Check<'_> {
    pub(super) fn category(&self, path: &str, rule: &CategoryRule) -> Result<(), DoctrineError> {
        self.distances(path, rule)?;
        self.thresholds(path, rule)?;
        if let Some(confidence) = &rule.confidence {
            self.confidence(&format!("{path}.confidence"), confidence)?;
        }
        if let Some(context) = &rule.context {
            self.category_context(&format!("{path}.context"), context)?;
        }
        if let Some(row) = &rule.row {
            self.row(&format!("{path}.row"), row)?;
        }
        self.fade_out(path, rule)?;
        self.threat(path, rule)
    }

    fn distances(&self, path: &str, rule: &CategoryRule) -> Result<(), DoctrineError> {
        let CategoryRule { simplify_m, fill_holes_m2, .. } = *rule;
        self.reach(path, [rule.buffer_m, rule.link_m], simplify_m)?;
        for (indicator, own) in &rule.indicator {
            let path = format!("{path}.indicator.{indicator}");
            self.reach(&path, [own.buffer_m, own.link_m], simplify_m)?;
            if let Some(belt_m) = own.belt_m {
                let remedy = "metres above buffer_m, or nothing for what has no belt";
                let is_deeper = belt_m.is_finite() && belt_m > own.buffer_m;
                self.that(is_deeper, &path, "belt_m", belt_m, remedy)?;
            }
            if let Some(context) = &own.context {
                self.category_context(&format!("{path}.context"), context)?;
            }
            if let Some(confidence) = &own.confidence {
                self.confidence(&format!("{path}.confidence"), confidence)?;
            }
        }
        let remedy = "metres above 0, for example 0.05";
        self.that(positive(simplify_m), path, "simplify_m", simplify_m, remedy)?;
        let remedy = "square metres, 0 to keep every hole";
        self.that(at_least(fill_holes_m2, 0.0), path, "fill_holes_m2", fill_holes_m2, remedy)
    }

    fn reach(
        &self,
        path: &str,
        [buffer_m, link_m]: [f64; 2],
        simplify_m: f64,
    ) -> Result<(), DoctrineError> {
        self.metres(path, "buffer_m", buffer_m)?;
        let remedy = "metres above 0, for example 25";
        self.that(positive(link_m), path, "link_m", link_m, remedy)?;
        // Simplifying moves a boundary by that much: it must never come near the evidence itself.
        let remedy = "at least twice simplify_m";
        self.that(buffer_m >= 2.0 * simplify_m, path, "buffer_m", buffer_m, remedy)
    }

    fn thresholds(&self, path: &str, rule: &CategoryRule) -> Result<(), DoctrineError> {
        let CategoryRule { min_confidence, draw_confidence, .. } = *rule;
        self.share(path, "min_confidence", min_confidence)?;
        let is_below = draw_confidence >= 0.0 && draw_confidence <= min_confidence;
        let remedy = "a probability from 0 to min_confidence";
        self.that(is_below, path, "draw_confidence", draw_confidence, remedy)
    }

    fn category_context(&self, path: &str, rule: &CategoryContext) -> Result<(), DoctrineError> {
        let CategoryContext { within_m, fitted_share } = *rule;
        self.metres(path, "within_m", within_m)?;
        let is_share = fitted_share > 0.0 && fitted_share < 1.0;
        let remedy = "a share between 0 and 1, for example 0.75";
        self.that(is_share, path, "fitted_share", fitted_share, remedy)
    }

    fn row(&self, path: &str, rule: &RowRule) -> Result<(), DoctrineError> {
        let RowRule { spacing_m, mines, off_m, beyond, irregular, missing: _ } = *rule;
        let [least, most] = spacing_m;
        let is_range = positive(least) && positive(most) && least < most;
        let remedy = "least and largest, metres";
        self.that(is_range, path, "spacing_m", format!("{spacing_m:?}"), remedy)?;
        let remedy = "a sum of probabilities of 2 or more";
        self.that(mines >= 2.0, path, "mines", mines, remedy)?;
        let remedy = "metres above 0, for example 0.5";
        self.that(positive(off_m), path, "off_m", off_m, remedy)?;
        let remedy = "a number of spacings, 0 or more";
        self.that(at_least(beyond, 0.0), path, "beyond", beyond, remedy)?;
        let remedy = "a share of the spacing above 0, for example 0.35";
        self.that(positive(irregular), path, "irregular", irregular, remedy)
    }

    fn fade_out(&self, path: &str, rule: &CategoryRule) -> Result<(), DoctrineError> {
        let is_indicative = rule.kind == AreaKind::Indicative;
        let fits = rule.fade_out_m.is_some_and(positive) == is_indicative;
        let value = rule.fade_out_m.map_or("not given".into(), |metres| metres.to_string());
        let remedy = "metres above 0 for `indicative`, and none for `perimeter`";
        self.that(fits, path, "fade_out_m", value, remedy)
    }

    fn threat(&self, path: &str, rule: &CategoryRule) -> Result<(), DoctrineError> {
        let path = format!("{path}.threat");
        let most = rule.threat.high.unwrap_or(1.0);
        for (level, limit) in [("high", rule.threat.high), ("medium", rule.threat.medium)] {
            let Some(limit) = limit else { continue };
            let remedy = "a probability above 0 and up to 1, that of medium not above high";
            let is_limit = limit > 0.0 && limit <= 1.0 && (level == "high" || limit <= most);
            self.that(is_limit, &path, level, limit, remedy)?;
        }
        Ok(())
    }
}
