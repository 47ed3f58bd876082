//! The log of a review -> the survey as people decided it.

use crate::book::{Book, Head, REVIEW_DIR, Subject, Walk};
use crate::guid::guid;
use crate::reviewed_survey::{ReviewedSurvey, kind_of};
use crate::{ReviewError, settings};
use geo::{MultiPolygon, Point};
use rams_domain::{
    AreaKind, AreaOutcome, Decision, Disposition, EoCategory, EvidenceKind, Feature, FeatureGuids,
    FeatureId, FeatureOutcome, FeatureVerdict, Found, HazardArea, HazardAreaId, IndicationBelt,
    ItemState, LandClass, Observation, Reached, RejectedArea, Review, ReviewEvent, ReviewItem,
    ReviewOutcome, Survey,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folder, within that of the review, of the survey as people decided it.
const REVIEWED_DIR: &str = "reviewed";

#[cfg(test)]
mod tests;

type Verdicts = BTreeMap<String, FeatureVerdict>;

/// What a reader has to know, name and value.
type Statements = Vec<(&'static str, String)>;

/// Writes `review/reviewed/survey.gpkg` in the folder of a survey: of its areas those that people
/// accepted and that reached a stage, as they drew them, and a table of those that they rejected.
/// It is a survey like any other, which every command reads. Returns its folder, and what a reader
/// has to know, name and value: the stage, the head of the log, what is left out.
///
/// Nothing of the review is changed, and somebody may review meanwhile. `survey_sha256` is that of
/// survey.gpkg, hex.
pub fn write_reviewed(
    dir: &Path,
    mut survey: Survey,
    survey_sha256: String,
    reached: Reached,
) -> Result<(PathBuf, Statements), ReviewError> {
    let stages = settings::stages(dir)?;
    if !reached.is_of(&stages) {
        let stages = stages.iter().map(|stage| stage.to_string()).collect::<Vec<_>>().join(", ");
        return Err(ReviewError::NoStage { reached, stages });
    }
    let subject = ReviewedSurvey::subject(&survey, survey_sha256, stages)?;
    let Walk { review, head, events, .. } = Book::read(dir, &subject, None)?;
    let mut rejections = Rejections::default();
    events.iter().for_each(|event| rejections.take(event));
    survey.chips = rams_store::chips(dir)?;
    let survey = ReviewedSurvey::new(Arc::new(survey));
    let outcome = Outcome { survey: &survey, subject: &subject, review: &review, rejections };
    let outcome = outcome.of(reached, head)?;
    let statements = outcome.statements.clone();
    let folder = dir.join(REVIEW_DIR).join(REVIEWED_DIR);
    rams_store::write_reviewed(outcome, &folder)?;
    Ok((folder, statements))
}

/// The rejections of each item that were not undone, in order.
#[derive(Default)]
struct Rejections(HashMap<String, Vec<ReviewEvent>>);

impl Rejections {
    fn take(&mut self, event: &ReviewEvent) {
        let of_item = self.0.entry(event.item.clone()).or_default();
        match event.kind {
            Decision::Reject => of_item.push(event.clone()),
            Decision::Undo => {
                of_item.retain(|other| Some(&other.decision_id) != event.detail.undoes.as_ref());
            }
            _ => {}
        }
    }
}

struct Outcome<'a> {
    survey: &'a ReviewedSurvey,
    subject: &'a Subject,
    review: &'a Review,
    rejections: Rejections,
}

impl Outcome<'_> {
    fn of(&self, reached: Reached, head: Head) -> Result<ReviewOutcome, ReviewError> {
        let (mut survey, mut areas) = (self.survey.survey.as_ref().clone(), vec![]);
        survey.hazard_areas.clear();
        survey.indication_belts.clear();
        let (mut rejected, mut seen, mut not_seen) = (vec![], BTreeSet::new(), BTreeSet::new());
        let mut on_ground = BTreeSet::new();
        let mut left_out: BTreeMap<Reached, usize> = BTreeMap::new();
        let mut renamed = BTreeMap::new();
        let items = self.review.items();
        for item in items.filter(|item| item.standing().state != ItemState::Superseded) {
            let at = Reached::of(item.standing());
            match item.standing().disposition.filter(|_| at >= reached) {
                None => *left_out.entry(at).or_default() += 1,
                Some(Disposition::Rejected) => rejected.push(self.rejected(item)),
                Some(Disposition::Accepted) => {
                    let verdicts = verdicts(self.review, item);
                    let of_item = seen_on_ground(self.review, item);
                    let (area, belts, outcome) = self.accepted(item, &verdicts, &of_item)?;
                    on_ground.extend(of_item);
                    for (feature, verdict) in verdicts {
                        let seen_or_not = match verdict {
                            FeatureVerdict::Seen => &mut seen,
                            FeatureVerdict::NotSeen => &mut not_seen,
                        };
                        seen_or_not.insert(feature);
                    }
                    renamed.extend(self.renamed(item, &area));
                    survey.hazard_areas.push(area);
                    survey.indication_belts.extend(belts);
                    areas.push(outcome);
                }
            }
        }
        let guids = self.feature_guids();
        let stands: BTreeSet<FeatureId> =
            survey.hazard_areas.iter().flat_map(|area| area.features.iter().copied()).collect();
        let all = survey.features.len();
        survey.features.retain(|feature| stands.contains(&feature.id));
        survey.chips.retain(|chip| stands.contains(&chip.feature));
        for feature in &mut survey.features {
            feature.eo_category = renamed.get(&feature.id).copied().unwrap_or(feature.eo_category);
        }
        let features = survey.features.iter();
        let features = features.map(|it| feature_outcome(it, &guids, &seen, &on_ground)).collect();
        let gone = all - survey.features.len();
        let count = |(at, count): (&Reached, &usize)| format!("{count} at {at}");
        let waiting: Vec<String> = left_out.iter().map(count).collect();
        let or_none = |text: String| if text.is_empty() { "none".into() } else { text };
        let unseen = not_seen.iter().filter(|id| self.is_gone(id, &stands)).count();
        let statements = vec![
            ("stage", reached.to_string()),
            ("events of the log", head.seq.to_string()),
            ("head of the log", head.hex()),
            ("areas accepted", areas.len().to_string()),
            ("areas rejected", rejected.len().to_string()),
            ("areas left out, not decided or not that far", or_none(waiting.join(", "))),
            ("finds left out", format!("{gone}, of these not seen by people {unseen}")),
        ];
        Ok(ReviewOutcome { survey, areas, features, rejected, statements })
    }

    fn is_gone(&self, feature: &str, stands: &BTreeSet<FeatureId>) -> bool {
        self.survey.feature(feature).is_some_and(|feature| !stands.contains(&feature.id))
    }

    /// The category that finds of an area have from now on, where people gave the area another: of
    /// cluster munition remnants the finds are what is recorded.
    fn renamed(&self, item: &ReviewItem, area: &HazardArea) -> Vec<(FeatureId, EoCategory)> {
        let roots = roots(self.review, item);
        let roots = roots.iter().filter_map(|id| self.review.item(id));
        let was: Vec<_> =
            roots.map(|root| self.survey.facts(self.review, root).eo_category).collect();
        let category = |id: &FeatureId| Some(self.survey.feature(&id.to_string())?.eo_category);
        let is_of_it = |id: &&FeatureId| category(id).is_some_and(|its| was.contains(&its));
        area.features.iter().filter(is_of_it).map(|id| (*id, area.eo_category)).collect()
    }

    /// The ids of all finds, those that do not stand too: the order of finds tells some apart.
    fn feature_guids(&self) -> HashMap<FeatureId, String> {
        let survey = &self.survey.survey;
        let mut guids = FeatureGuids::new(&survey.record);
        let guid = |Feature { id, orthomosaic, model, class, px, .. }: &Feature| {
            (*id, guids.next(&id.to_string(), [orthomosaic, model, class], px))
        };
        survey.features.iter().map(guid).collect()
    }

    fn guid(&self, item: &ReviewItem) -> String {
        guid(&self.survey.survey.record, &self.subject.survey_sha256, &item.id)
    }

    fn rejected(&self, item: &ReviewItem) -> RejectedArea {
        let (facts, outline) = (self.survey.facts(self.review, item), self.survey.outline(item));
        let ground = &self.survey.survey.ground;
        let reject = self.rejections.0.get(&item.id).and_then(|events| events.last());
        RejectedArea {
            guid: self.guid(item),
            item: item.id.clone(),
            parents: item.parents.clone(),
            reached: Reached::of(item.standing()),
            eo_category: item.eo_category(),
            threat: facts.threat,
            district: facts.district.clone(),
            area_m2: outline.area_m2,
            lonlat: Point(ground.lonlat(ground.from_metres(&Point(outline.centre())).0)),
            reason: reject.and_then(|event| event.reason),
            comment: reject.map(|event| event.comment.clone()).unwrap_or_default(),
            at_utc: reject.map(|event| event.at_utc.clone()).unwrap_or_default(),
        }
    }

    /// An area as people drew it, its belts, and what they say of it.
    fn accepted(
        &self,
        item: &ReviewItem,
        verdicts: &Verdicts,
        on_ground: &BTreeSet<String>,
    ) -> Result<(HazardArea, Vec<IndicationBelt>, AreaOutcome), ReviewError> {
        let facts = self.survey.facts(self.review, item);
        let failed = |cause| ReviewError::Geometry { area: item.id.clone(), cause };
        let boundary = rams_overlay::from_wkb(item.boundary()).map_err(failed)?;
        let category = item.eo_category();
        let is_made = self.subject.areas.iter().all(|(id, ..)| *id != item.id);
        let is_reshaped = is_made || boundary != facts.boundary;
        let is_renamed = category != facts.eo_category;
        let said = |feature: &FeatureId| verdicts.get(&feature.to_string()).copied();
        let mut area = HazardArea { id: self.id(item), boundary, ..facts.as_ref().clone() };
        area.features.retain(|id| {
            said(id) != Some(FeatureVerdict::NotSeen) || on_ground.contains(&id.to_string())
        });
        let seen = area.features.iter().filter(|id| said(id) == Some(FeatureVerdict::Seen));
        let seen: Vec<String> = seen.map(ToString::to_string).collect();
        if is_reshaped {
            // Measured when it is stored, with what depends on it.
            area.area_m2 = 0.0;
        }
        if is_renamed {
            rename(&mut area, category);
        }
        let changes = [(is_reshaped && !is_made, "outline"), (is_renamed, "category")];
        let changes = changes.iter().filter(|(is_it, _)| *is_it).map(|(_, what)| *what);
        let changes = changes.collect::<Vec<_>>().join(" and ");
        let accepted = match changes.as_str() {
            "" => "accepted".to_owned(),
            changes => format!("accepted with another {changes}"),
        };
        area.rationale.push_str(&format!(" In review {accepted}."));
        if !seen.is_empty() {
            area.evidence = EvidenceKind::Direct;
            let seen = seen.join(", ");
            let text = format!(" People saw {seen} in the imagery: direct, visual observation.");
            area.rationale.push_str(&text);
        }
        say_seen_on_ground(&mut area, item, on_ground);
        let belts = self.belts(item, &area, is_reshaped).map_err(failed)?;
        let reached = Reached::of(item.standing());
        let outcome = AreaOutcome {
            guid: self.guid(item),
            item: item.id.clone(),
            parents: item.parents.clone(),
            version: item.version,
            reached,
            status: format!("{accepted}, {reached}"),
        };
        Ok((area, belts, outcome))
    }

    /// The number of an area: the survey's own; those that people made come after them.
    fn id(&self, item: &ReviewItem) -> HazardAreaId {
        let own = self.survey.survey.hazard_areas.iter().map(|area| area.id);
        let number = |text: &str| text.get(1..).and_then(|digits| digits.parse().ok());
        let made: u32 = number(&item.id).unwrap_or(0);
        match own.clone().find(|id| id.to_string() == item.id) {
            Some(id) => id,
            None => HazardAreaId(own.map(|id| id.0).max().unwrap_or(0).saturating_add(made)),
        }
    }

    /// The belts of the areas of the survey that it goes back to, as far as they lie in it.
    fn belts(
        &self,
        item: &ReviewItem,
        area: &HazardArea,
        is_reshaped: bool,
    ) -> Result<Vec<IndicationBelt>, String> {
        let roots = roots(self.review, item);
        let of = |belt: &&IndicationBelt| roots.contains(&belt.area.to_string());
        let mut belts = vec![];
        for belt in self.survey.survey.indication_belts.iter().filter(of) {
            let boundary: MultiPolygon = match is_reshaped {
                true => rams_overlay::intersection(&belt.boundary, &area.boundary)?,
                false => belt.boundary.clone(),
            };
            if !boundary.0.is_empty() {
                belts.push(IndicationBelt { area: area.id, boundary, ..belt.clone() });
            }
        }
        Ok(belts)
    }
}

fn feature_outcome(
    feature: &Feature,
    guids: &HashMap<FeatureId, String>,
    seen: &BTreeSet<String>,
    on_ground: &BTreeSet<String>,
) -> FeatureOutcome {
    let id = feature.id.to_string();
    let verdict = seen.contains(&id).then_some(FeatureVerdict::Seen);
    let seen_on_ground = on_ground.contains(&id);
    FeatureOutcome { guid: guids[&feature.id].clone(), verdict, seen_on_ground }
}

/// Gives an area the category that people say. Ordnance makes a suspected hazardous area of an
/// indication; nothing makes an indication of one.
fn rename(area: &mut HazardArea, category: EoCategory) {
    area.eo_category = category;
    area.kind = kind_of(category);
    if area.kind == AreaKind::Perimeter {
        area.fade_out_m = None;
    }
    if category != EoCategory::Unknown {
        area.land_class = LandClass::Sha;
    }
}

/// What people said of the finds of an item, or of what it was made of.
fn verdicts(review: &Review, item: &ReviewItem) -> Verdicts {
    let parents = item.parents.iter().filter_map(|id| review.item(id));
    let mut found: Verdicts = parents.flat_map(|parent| verdicts(review, parent)).collect();
    found.extend(item.verdicts().clone());
    found
}

/// The finds of an item, or of what it was made of, that people saw on the ground.
fn seen_on_ground(review: &Review, item: &ReviewItem) -> BTreeSet<String> {
    let parents = item.parents.iter().filter_map(|id| review.item(id));
    let of_parents = parents.flat_map(|parent| seen_on_ground(review, parent));
    let seen = item.observations().filter(|it| it.found == Found::Seen);
    of_parents.chain(seen.filter_map(|it| it.feature.clone())).collect()
}

/// What was seen on the ground of an area is direct evidence of it.
fn say_seen_on_ground(area: &mut HazardArea, item: &ReviewItem, on_ground: &BTreeSet<String>) {
    let ids = area.features.iter().map(ToString::to_string);
    let mut seen: Vec<String> = ids.filter(|id| on_ground.contains(id)).collect();
    let is_of_area = |it: &Observation| it.found == Found::Seen && it.feature.is_none();
    if item.observations().any(is_of_area) {
        seen.push("what it is suspected of".into());
    }
    if !seen.is_empty() {
        area.evidence = EvidenceKind::Direct;
        let seen = seen.join(", ");
        let text = format!(" People saw {seen} on the ground: direct, visual observation.");
        area.rationale.push_str(&text);
    }
}

/// The items that an item goes back to and that were made of no others.
pub(crate) fn roots(review: &Review, item: &ReviewItem) -> BTreeSet<String> {
    let parents = item.parents.iter().filter_map(|id| review.item(id));
    let roots: BTreeSet<String> = parents.flat_map(|parent| roots(review, parent)).collect();
    if roots.is_empty() { [item.id.clone()].into() } else { roots }
}
