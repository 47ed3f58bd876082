//! Whether a profile can be used.

use super::{Category, ConfidenceRule, Profile, Reach};
use rams_domain::{AreaKind, EoCategory, ExternalEvidenceKind};

/// A profile that cannot be used, always for its author to mend.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DoctrineError {
    /// Not TOML, or not the fields of a profile.
    #[error("cannot read doctrine {origin}: {detail}")]
    Syntax {
        /// Where the text came from.
        origin: String,
        /// The parser's message with line and column.
        detail: String,
    },
    /// A category or a kind of evidence without a rule.
    #[error("cannot use doctrine {origin}: no rule for {what}, add a section [{section}]")]
    Missing {
        /// Where the text came from.
        origin: String,
        /// What has no rule.
        what: String,
        /// The section to add.
        section: String,
    },
    /// A value out of its range.
    #[error("cannot use doctrine {origin}: {field} is {value}, give {remedy}")]
    Value {
        /// Where the text came from.
        origin: String,
        /// Path of the field.
        field: String,
        /// The value found.
        value: String,
        /// What it should be.
        remedy: &'static str,
    },
}

const METRES: &str = "metres above 0, for example 5";
const SHARE: &str = "a probability from 0 to 1";

pub(super) fn check(profile: &Profile, origin: &str) -> Result<(), DoctrineError> {
    let check = Check { origin };
    check.named("name", &profile.name)?;
    check.named("version", &profile.version)?;

    let area = &profile.area;
    check.that(
        at_least(area.min_area_m2, 0.0),
        "area",
        "min_area_m2",
        area.min_area_m2,
        "square metres, 0 or more",
    )?;
    let larger = area.max_area_m2 > area.min_area_m2;
    check.that(
        larger,
        "area",
        "max_area_m2",
        area.max_area_m2,
        "square metres above min_area_m2",
    )?;
    let metres = positive(area.position_accuracy_m);
    check.that(
        metres,
        "area",
        "position_accuracy_m",
        area.position_accuracy_m,
        "metres above 0, for example 0.5",
    )?;

    let context = &profile.context;
    check.that(
        positive(context.trust),
        "context",
        "trust",
        context.trust,
        "a number of finds above 0, for example 20",
    )?;
    check.that(
        positive(context.local),
        "context",
        "local",
        context.local,
        "a number of finds above 0, for example 4",
    )?;

    check.confidence("confidence", &profile.confidence)?;

    let front = &profile.front;
    check.that(positive(front.within_m), "front", "within_m", front.within_m, METRES)?;
    if let Some(rows) = front.rows {
        check.that(
            positive(rows.mines),
            "front.rows",
            "mines",
            rows.mines,
            "a number of mines above 0, for example 20",
        )?;
        let side = rows.share > 0.5 && rows.share <= 1.0;
        check.that(side, "front.rows", "share", rows.share, "a share above 0.5 and up to 1")?;
    }

    for kind in ExternalEvidenceKind::ALL.into_iter().filter(|kind| kind.points_to_hazard()) {
        let rule = profile
            .known
            .get(&kind)
            .ok_or_else(|| check.missing(kind.to_string(), format!("known.{kind}")))?;
        let path = format!("known.{kind}");
        check.that(
            (0.0..=1.0).contains(&rule.confidence),
            &path,
            "confidence",
            rule.confidence,
            SHARE,
        )?;
        check.that(positive(rule.buffer_m), &path, "buffer_m", rule.buffer_m, METRES)?;
        check.that(positive(rule.link_m), &path, "link_m", rule.link_m, METRES)?;
    }
    if let Some(kind) = profile.known.keys().find(|kind| !kind.points_to_hazard()) {
        return Err(check.error(
            "known".into(),
            kind.to_string(),
            "rules for accident, incident, minefield_record and witness only",
        ));
    }
    let trust = &profile.reliability;
    let letters = trust
        .source
        .iter()
        .map(|(letter, factor)| ("reliability.source", letter.to_string(), *factor));
    let levels = trust
        .information
        .iter()
        .map(|(level, factor)| ("reliability.information", level.clone(), *factor));
    let unknown = [("reliability", "unknown".to_owned(), trust.unknown)];
    for (path, field, factor) in letters.chain(levels).chain(unknown) {
        check.that((0.0..=1.0).contains(&factor), path, &field, factor, "a factor from 0 to 1")?;
    }
    for (name, factor) in &profile.absence {
        let lowers = *factor > 0.0 && *factor <= 1.0;
        check.that(
            lowers,
            "absence",
            name,
            factor,
            "a factor above 0 and up to 1: absence lowers, it never cancels",
        )?;
    }
    for category in EoCategory::ALL {
        let missing = || check.missing(category.to_string(), format!("category.{category}"));
        check.category(
            &format!("category.{category}"),
            profile.category.get(&category).ok_or_else(missing)?,
        )?;
    }
    Ok(())
}

fn positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

fn at_least(value: f64, least: f64) -> bool {
    value.is_finite() && value >= least
}

struct Check<'a> {
    origin: &'a str,
}

impl Check<'_> {
    fn confidence(&self, path: &str, rule: &ConfidenceRule) -> Result<(), DoctrineError> {
        for (field, weight) in [("sum", rule.sum), ("strongest", rule.strongest), ("row", rule.row)]
        {
            self.that(
                at_least(weight, 0.0),
                path,
                field,
                weight,
                "0 or more: evidence never speaks against",
            )?;
        }
        self.that(
            rule.intercept.is_finite(),
            path,
            "intercept",
            rule.intercept,
            "a number, 0 for no shift",
        )
    }

    fn category(&self, path: &str, rule: &Category) -> Result<(), DoctrineError> {
        let own = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m, rear_m: None };
        self.reach(path, own, rule.simplify_m)?;
        for (indicator, reach) in &rule.indicator {
            self.reach(&format!("{path}.indicator.{indicator}"), *reach, rule.simplify_m)?;
        }
        self.that(
            positive(rule.simplify_m),
            path,
            "simplify_m",
            rule.simplify_m,
            "metres above 0, for example 0.05",
        )?;
        let area = at_least(rule.fill_holes_m2, 0.0);
        self.that(
            area,
            path,
            "fill_holes_m2",
            rule.fill_holes_m2,
            "square metres, 0 to keep every hole",
        )?;
        let share = (0.0..=1.0).contains(&rule.min_confidence);
        self.that(share, path, "min_confidence", rule.min_confidence, SHARE)?;
        let draws = rule.draw_confidence >= 0.0 && rule.draw_confidence <= rule.min_confidence;
        self.that(
            draws,
            path,
            "draw_confidence",
            rule.draw_confidence,
            "a probability from 0 to min_confidence",
        )?;
        if let Some(confidence) = &rule.confidence {
            self.confidence(&format!("{path}.confidence"), confidence)?;
        }
        if let Some(context) = rule.context {
            let path = format!("{path}.context");
            self.that(positive(context.within_m), &path, "within_m", context.within_m, METRES)?;
            let share = context.fitted_share > 0.0 && context.fitted_share < 1.0;
            self.that(
                share,
                &path,
                "fitted_share",
                context.fitted_share,
                "a share between 0 and 1, for example 0.75",
            )?;
        }
        if let Some(row) = rule.row {
            let path = format!("{path}.row");
            let [least, most] = row.spacing_m;
            let spaced = positive(least) && positive(most) && least < most;
            self.that(
                spaced,
                &path,
                "spacing_m",
                format!("{:?}", row.spacing_m),
                "least and largest, metres",
            )?;
            self.that(
                row.mines >= 2.0,
                &path,
                "mines",
                row.mines,
                "a sum of probabilities of 2 or more",
            )?;
            self.that(
                positive(row.off_m),
                &path,
                "off_m",
                row.off_m,
                "metres above 0, for example 0.5",
            )?;
            self.that(
                at_least(row.beyond, 0.0),
                &path,
                "beyond",
                row.beyond,
                "a number of spacings, 0 or more",
            )?;
        }
        let indicative = rule.kind == AreaKind::Indicative;
        let fades = rule.fade_out_m.is_some_and(positive) == indicative;
        let shown = rule.fade_out_m.map_or("not given".into(), |metres| metres.to_string());
        self.that(
            fades,
            path,
            "fade_out_m",
            shown,
            "metres above 0 for `indicative`, and none for `sha`",
        )?;
        for (level, need) in [("high", rule.threat.high), ("medium", rule.threat.medium)] {
            let Some(need) = need else { continue };
            let path = format!("{path}.threat.{level}");
            self.that(need.features >= 1, &path, "features", need.features, "1 feature or more")?;
            let within = need.confidence > 0.0
                && need.confidence <= 1.0
                && need.confidence >= rule.min_confidence;
            let remedy = "a probability above 0, up to 1 and not below min_confidence";
            self.that(within, &path, "confidence", need.confidence, remedy)?;
        }
        Ok(())
    }

    fn reach(&self, path: &str, reach: Reach, simplify_m: f64) -> Result<(), DoctrineError> {
        self.that(positive(reach.buffer_m), path, "buffer_m", reach.buffer_m, METRES)?;
        self.that(
            positive(reach.link_m),
            path,
            "link_m",
            reach.link_m,
            "metres above 0, for example 25",
        )?;
        // Simplifying moves a boundary by that much: it must never come near the evidence itself.
        let remedy = "at least twice simplify_m";
        self.that(reach.buffer_m >= 2.0 * simplify_m, path, "buffer_m", reach.buffer_m, remedy)?;
        let Some(rear_m) = reach.rear_m else { return Ok(()) };
        let behind = rear_m >= 2.0 * simplify_m && rear_m <= reach.buffer_m;
        self.that(behind, path, "rear_m", rear_m, "at least twice simplify_m and at most buffer_m")
    }

    fn named(&self, field: &str, value: &str) -> Result<(), DoctrineError> {
        let error = || {
            self.error(
                field.into(),
                format!("{value:?}"),
                "a short text, since every area carries it",
            )
        };
        if value.trim().is_empty() { Err(error()) } else { Ok(()) }
    }

    fn that(
        &self,
        holds: bool,
        path: &str,
        field: &str,
        value: impl ToString,
        remedy: &'static str,
    ) -> Result<(), DoctrineError> {
        let error = || self.error(format!("{path}.{field}"), value.to_string(), remedy);
        if holds { Ok(()) } else { Err(error()) }
    }

    fn missing(&self, what: String, section: String) -> DoctrineError {
        DoctrineError::Missing { origin: self.origin.into(), what, section }
    }

    fn error(&self, field: String, value: String, remedy: &'static str) -> DoctrineError {
        DoctrineError::Value { origin: self.origin.into(), field, value, remedy }
    }
}
