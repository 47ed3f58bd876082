//! The sentences that explain an area, as a person would write them.

mod finds;
mod reports;
mod words;

use crate::constrained_area::ConstrainedArea;
use crate::earthworks::NearestEarthwork;
use crate::evidence::{Evidence, features};
use crate::grade::Grade;
use rams_domain::{AreaKind, EvidenceKind, LandClass, RunRecord, Threat, Tier};
use std::fmt;
use words::{capital, compass};

/// What the sentences of an area are made of. What others reported comes first, then what was seen
/// and where, what the site changed, and what it all amounts to:
///
/// `An accident was reported 40 m to the east in 2022 (source B, information 2). Two rows of round
/// AP mines (14 seen, about 3 m apart) run 60 m in front of a fire trench. Confidence 0.97
/// (reported), threat high. Others report direct evidence; nothing is confirmed here.`
pub(crate) struct Explanation<'a> {
    pub(crate) members: &'a [Evidence<'a>],
    pub(crate) grade: Grade,
    pub(crate) kind: AreaKind,
    pub(crate) evidence: EvidenceKind,
    /// The earthwork that its mines lie nearest to.
    pub(crate) earthwork: Option<NearestEarthwork<'a>>,
    /// The area as the site leaves it.
    pub(crate) site: &'a ConstrainedArea,
    /// The largest area that the doctrine takes without a word, where it is larger.
    pub(crate) larger_than_m2: Option<f64>,
    /// Direction of its front, degrees from north, where all of its earthworks agree.
    pub(crate) front_deg: Option<f64>,
    /// What classes are called.
    pub(crate) record: &'a RunRecord,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sentences = reports::sentences(self.members);
        sentences.extend(finds::sentences(self));
        sentences.extend(self.belt());
        sentences.extend(self.site());
        sentences.push(self.grade());
        sentences.push(self.source().into());
        f.write_str(&sentences.join(" "))
    }
}

impl Explanation<'_> {
    /// Where mines may lie beside the earthworks of an indication.
    fn belt(&self) -> Option<String> {
        let depth_m = self.members.iter().filter_map(|e| Some(e.belt?.depth_m)).reduce(f64::max)?;
        let (it, its) = match features(self.members).count() {
            1 => ("it", "its"),
            _ => ("them", "their"),
        };
        Some(match self.front_deg {
            Some(deg) => format!(
                "Mines may lie up to {depth_m:.0} m before {it}, to the {}, where {its} front is.",
                compass(deg)
            ),
            None => format!(
                "Mines may lie up to {depth_m:.0} m from {it}, on either side, for {its} front is \
                 not known."
            ),
        })
    }

    /// What the site changed.
    fn site(&self) -> Vec<String> {
        let site = self.site;
        let mut sentences = vec![];
        if self.kind == AreaKind::Indicative {
            sentences.push("The outline is an envelope of evidence points, no perimeter.".into());
        }
        if !site.released_by.is_empty() {
            let by = site.released_by.iter().map(ToString::to_string).collect::<Vec<_>>();
            let stays = match site.on_released {
                0 => String::new(),
                1 => ", but one piece of its evidence lies on that land and stays".into(),
                count => {
                    format!(", but {count} pieces of its evidence lie on that land and stay")
                }
            };
            sentences
                .push(format!("Land reported as released is cut out ({}){stays}.", by.join(", ")));
        }
        if site.beyond_limit {
            sentences.push("It lies beyond the limit of the survey and is not cut.".into());
        }
        if let Some((name, _)) = &site.absence
            && features(self.members).next().is_some()
        {
            sentences.push(format!(
                "Most of it is {}, which lowers the confidence of what was seen.",
                words::spaced(name)
            ));
        }
        if let Some((name, _)) = &site.in_use {
            sentences.push(format!(
                "People use the ground ({}), which raises the threat.",
                words::spaced(name)
            ));
        }
        if let Some(most_m2) = self.larger_than_m2 {
            sentences.push(format!("It is larger than {most_m2:.0} m²: a review should split it."));
        }
        sentences
    }

    fn grade(&self) -> String {
        let Grade { confidence, tier, threat, .. } = self.grade;
        let tier = match tier {
            Tier::Reported => "reported",
            Tier::Likely => "likely",
            Tier::Possible => "possible",
            Tier::WeakSign => "a weak sign",
        };
        let threat = match threat {
            Threat::High => "high",
            Threat::Medium => "medium",
            Threat::Low => "low",
            Threat::Unassessed => "not assessed",
        };
        format!("Confidence {confidence:.2} ({tier}), threat {threat}.")
    }

    /// Who says so.
    fn source(&self) -> &'static str {
        let has_finds = features(self.members).next().is_some();
        match (self.evidence, self.grade.land_class) {
            (EvidenceKind::Direct, _) => {
                "Others report direct evidence; nothing is confirmed here."
            }
            (EvidenceKind::Indirect, _) if !has_finds => {
                "Evidence is indirect: reported, not confirmed."
            }
            (EvidenceKind::Indirect, LandClass::Indication) => {
                "An indication from imagery, not confirmed."
            }
            (EvidenceKind::Indirect, LandClass::Sha) => {
                "Evidence is indirect: imagery, not confirmed."
            }
        }
    }
}

/// A sentence of some words: a capital and a full stop.
fn sentence(words: &str) -> String {
    format!("{}.", capital(words))
}
