//! Ground with an image, most of which was not assessed: what must not be overlooked in a summary.

use rams_domain::{GapReason, Survey};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// Share of the ground with an image from which on it is said in large letters.
const MOST: f64 = 0.5;

/// Classes for which most of the ground that an orthomosaic shows was not assessed.
#[derive(Serialize, Debug)]
pub struct Unassessed {
    orthomosaic: String,
    model: String,
    classes: Vec<String>,
    /// Their names for people.
    #[serde(skip)]
    labels: Vec<String>,
    /// Share of the ground with an image, 0 to 1.
    share: f64,
    /// The same by reason.
    by_reason: BTreeMap<String, f64>,
}

/// Where that is so, classes of the same shares together. Ground without an image counts for
/// nothing, nor do pixels too coarse for a class, of which the gaps speak.
pub(crate) fn mostly(survey: &Survey) -> Vec<Unassessed> {
    let mut grounds: BTreeMap<[&str; 3], ClassGround> = BTreeMap::new();
    for seen in &survey.assessed {
        for class in &seen.classes {
            let ground = grounds.entry([&seen.orthomosaic, &seen.model, class]).or_default();
            ground.assessed_m2 += seen.area_m2;
        }
    }
    use GapReason::{BeyondLimit, GsdTooCoarse, NoImagery, NoModel, Nodata};
    let counts =
        |reason| !matches!(reason, Nodata | NoImagery | BeyondLimit | NoModel | GsdTooCoarse);
    for gap in survey.gaps.iter().filter(|gap| counts(gap.reason)) {
        for class in &gap.classes {
            let ground = grounds.entry([&gap.orthomosaic, &gap.model, class]).or_default();
            *ground.missed_m2.entry(gap.reason).or_default() += gap.area_m2;
        }
    }
    let mut unassessed: Vec<Unassessed> = vec![];
    for ([orthomosaic, model, class], ground) in grounds {
        let missed_m2: f64 = ground.missed_m2.values().sum();
        let all_m2 = ground.assessed_m2 + missed_m2;
        if missed_m2 <= MOST * all_m2 {
            continue;
        }
        let by_reason = ground
            .missed_m2
            .iter()
            .map(|(reason, area_m2)| (reason.to_string(), area_m2 / all_m2))
            .collect();
        let found = Unassessed {
            orthomosaic: orthomosaic.into(),
            model: model.into(),
            classes: vec![class.into()],
            labels: vec![survey.record.class_label(model, class)],
            share: missed_m2 / all_m2,
            by_reason,
        };
        match unassessed.iter_mut().find(|other| other.is_like(&found)) {
            Some(other) => {
                other.classes.extend(found.classes);
                other.labels.extend(found.labels);
            }
            None => unassessed.push(found),
        }
    }
    unassessed
}

#[derive(Default)]
struct ClassGround {
    assessed_m2: f64,
    missed_m2: BTreeMap<GapReason, f64>,
}

impl Unassessed {
    fn is_like(&self, other: &Unassessed) -> bool {
        [&self.orthomosaic, &self.model] == [&other.orthomosaic, &other.model]
            && self.share == other.share
            && self.by_reason == other.by_reason
    }
}

/// `NOT ASSESSED: 87 % of the ground of forest (vegetation 85 %, shadow 2 %) FOR pfm-1, pmn-2
/// BY surface-ordnance`
impl fmt::Display for Unassessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orthomosaic, model, labels, share, by_reason, .. } = self;
        // Not 100 % where a corner was assessed, nor 0 % of what there is.
        let percent = |share: f64| {
            if share < 0.01 { "<1 %".into() } else { format!("{} %", (100.0 * share).floor()) }
        };
        let mut reasons: Vec<_> = by_reason.iter().collect();
        reasons.sort_by(|one, other| other.1.total_cmp(one.1));
        let reasons: Vec<_> = reasons
            .iter()
            .map(|(reason, share)| format!("{} {}", reason.replace('_', " "), percent(**share)))
            .collect();
        let (share, reasons, classes) = (percent(*share), reasons.join(", "), labels.join(", "));
        write!(
            f,
            "NOT ASSESSED: {share} OF THE GROUND OF {orthomosaic} ({reasons}) FOR {classes} BY \
             {model}"
        )
    }
}
