//! A survey in a few lines, for people and for programs.

use crate::unassessed::{self, Unassessed};
use rams_domain::{
    AreaKind, Crowd, FeatureId, LIMITS, LandClass, ModelRecord, RunRecord, Subject, Survey,
    SurveyMetadata, plural,
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
    path::{Path, PathBuf},
    slice,
};

/// What a survey came to. Areas are geodesic square metres.
#[derive(Serialize)]
pub struct Summary {
    survey: PathBuf,
    /// Candidate SHAs with a perimeter.
    hazard_areas: BTreeMap<String, Areas>,
    /// Groups of evidence points of CMR and UXO, which have none; the ground to search around them.
    indicative_envelopes: BTreeMap<String, Areas>,
    /// Signs that say where to look; their ground is in no sum of the others.
    indications: BTreeMap<String, Areas>,
    features: BTreeMap<String, usize>,
    /// Detections in pixels too coarse for their class: they are no features.
    out_of_reach: BTreeMap<String, usize>,
    /// Finds too weak for an area, or of one that was left out: they stay in the layer `features`.
    features_in_no_area: usize,
    assessed_m2: BTreeMap<String, f64>,
    gaps_m2: BTreeMap<String, BTreeMap<String, f64>>,
    /// Where more than half of the ground with an image was not assessed.
    not_assessed: Vec<Unassessed>,
    /// Where a model found more than can lie there.
    beside_itself: Vec<Crowd>,
    record: RunRecord,
    /// Who surveyed, when and where.
    metadata: SurveyMetadata,
    limits: &'static str,
    /// The names of classes above for people.
    #[serde(skip)]
    labels: BTreeMap<String, String>,
    #[serde(skip)]
    unexpected_gaps: bool,
}

#[derive(Serialize, Default)]
struct Areas {
    count: usize,
    area_m2: f64,
}

impl Summary {
    /// Areas by EO category, features by class, ground by model. `is_blank` if a model assessed
    /// nothing of an orthomosaic.
    pub(crate) fn of(survey: &Survey, is_blank: bool, path: PathBuf) -> Self {
        let not_assessed = unassessed::mostly(survey);
        let unexpected = is_blank || survey.gaps.iter().any(|gap| !gap.reason.is_expected());
        let mut summary = Self {
            survey: path,
            hazard_areas: BTreeMap::new(),
            indicative_envelopes: BTreeMap::new(),
            indications: BTreeMap::new(),
            features: BTreeMap::new(),
            out_of_reach: BTreeMap::new(),
            features_in_no_area: 0,
            assessed_m2: BTreeMap::new(),
            gaps_m2: BTreeMap::new(),
            record: survey.record.clone(),
            metadata: survey.metadata.clone(),
            limits: LIMITS,
            labels: BTreeMap::new(),
            unexpected_gaps: unexpected || !not_assessed.is_empty(),
            not_assessed,
            beside_itself: survey.record.crowds.clone(),
        };
        for area in &survey.hazard_areas {
            let of_class = match (area.land_class, area.kind) {
                (LandClass::Indication, _) => &mut summary.indications,
                (LandClass::Sha, AreaKind::Perimeter) => &mut summary.hazard_areas,
                (LandClass::Sha, AreaKind::Indicative) => &mut summary.indicative_envelopes,
            };
            let areas = of_class.entry(area.eo_category.to_string()).or_default();
            areas.count += 1;
            areas.area_m2 += area.area_m2;
        }
        let held: HashSet<FeatureId> =
            survey.hazard_areas.iter().flat_map(|area| area.features.iter().copied()).collect();
        let keys = ClassKeys::of(survey);
        for feature in &survey.features {
            let key = summary.key(&keys, &feature.model, slice::from_ref(&feature.class));
            *summary.features.entry(key).or_default() += 1;
            summary.features_in_no_area += usize::from(!held.contains(&feature.id));
        }
        for found in &survey.record.out_of_reach {
            let key = summary.key(&keys, &found.model, slice::from_ref(&found.class));
            *summary.out_of_reach.entry(key).or_default() += found.detections;
        }
        for assessed in &survey.assessed {
            let key = summary.key(&keys, &assessed.model, &assessed.classes);
            *summary.assessed_m2.entry(key).or_default() += assessed.area_m2;
        }
        for gap in &survey.gaps {
            let key = summary.key(&keys, &gap.model, &gap.classes);
            let reasons = summary.gaps_m2.entry(gap.reason.to_string()).or_default();
            *reasons.entry(key).or_default() += gap.area_m2;
        }
        summary
    }

    /// Whether ground that should have been assessed was not.
    pub fn has_unexpected_gaps(&self) -> bool {
        self.unexpected_gaps
    }

    /// The key of some classes of a model; their name for people is kept.
    fn key(&mut self, keys: &ClassKeys<'_>, model: &str, classes: &[String]) -> String {
        let key = keys.key(model, classes, &classes.join(", "));
        if !self.labels.contains_key(&key) {
            let names: Vec<_> =
                classes.iter().map(|class| self.record.class_label(model, class)).collect();
            self.labels.insert(key.clone(), keys.key(model, classes, &names.join(", ")));
        }
        key
    }

    fn label<'a>(&'a self, key: &'a str) -> &'a str {
        self.labels.get(key).map_or(key, String::as_str)
    }

    /// What became of heights, by orthomosaic and pass.
    fn heights(&self) -> BTreeMap<String, String> {
        let mut heights = self.notices(Subject::Heights);
        for pass in &self.record.passes {
            let tally = pass.heights.as_ref().map(|heights| heights.told(pass.tiles));
            heights.extend(
                tally.map(|tally| (format!("{} by {}", pass.orthomosaic, pass.model), tally)),
            );
        }
        heights
    }

    /// The notices of a subject, those on one thing together.
    fn notices(&self, subject: Subject) -> BTreeMap<String, String> {
        let mut notices: BTreeMap<String, String> = BTreeMap::new();
        for notice in self.record.notices.iter().filter(|notice| notice.subject == subject) {
            let text = notices.entry(notice.of.clone()).or_default();
            *text = if text.is_empty() {
                notice.text.clone()
            } else {
                format!("{text}; {}", notice.text)
            };
        }
        notices
    }

    /// The survey's file.
    pub fn path(&self) -> &Path {
        &self.survey
    }

    /// For programs.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}

/// Classes by their names, and by that of their model where several models have one of the name:
/// what two models saw of the same ground is never one sum.
struct ClassKeys<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> ClassKeys<'a> {
    fn of(survey: &'a Survey) -> Self {
        let mut models: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut add = |class: &'a str, model: &'a str| {
            // What no model looks for is no model's.
            models.entry(class).or_default().extend(Some(model).filter(|model| !model.is_empty()));
        };
        survey.features.iter().for_each(|feature| add(&feature.class, &feature.model));
        survey
            .assessed
            .iter()
            .for_each(|row| row.classes.iter().for_each(|class| add(class, &row.model)));
        survey
            .gaps
            .iter()
            .for_each(|row| row.classes.iter().for_each(|class| add(class, &row.model)));
        survey.record.out_of_reach.iter().for_each(|found| add(&found.class, &found.model));
        Self(models)
    }

    fn key(&self, model: &str, classes: &[String], names: &str) -> String {
        let is_shared =
            |class: &String| self.0.get(class.as_str()).is_some_and(|models| models.len() > 1);
        let by_model = !model.is_empty() && classes.iter().any(is_shared);
        if by_model { format!("{names} by {model}") } else { names.to_owned() }
    }
}

/// For people: what was found, what was assessed, and what was not.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_areas(f)?;
        self.write_features(f)?;
        self.write_coverage(f)?;
        self.write_notices(f)?;
        write!(f, "\n{}\n\n{}", self.limits, self.survey.display())
    }
}

impl Summary {
    fn write_areas(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (category, Areas { count, area_m2 }) in &self.hazard_areas {
            let areas = plural(*count, "suspected hazardous area");
            writeln!(f, "{category:16} {count:5} {areas}, {area_m2:.1} m²")?;
        }
        for (category, Areas { count, area_m2 }) in &self.indicative_envelopes {
            let groups = plural(*count, "group");
            writeln!(
                f,
                "{category:16} {count:5} {groups} of evidence points, {area_m2:.1} m² to search \
                 around them"
            )?;
        }
        for (category, Areas { count, area_m2 }) in &self.indications {
            let (noun, verb) =
                if *count == 1 { ("indication", "says") } else { ("indications", "say") };
            writeln!(
                f,
                "{category:16} {count:5} {noun}, which {verb} where to look: {area_m2:.1} m²"
            )?;
        }
        let left_out = self.record.left_out.to_string();
        if !left_out.is_empty() {
            writeln!(f, "{left_out}")?;
        }
        Ok(())
    }

    fn write_features(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = self.features.keys().chain(self.out_of_reach.keys());
        let width = classes.map(|class| self.label(class).chars().count()).fold(16, usize::max);
        for (class, count) in &self.features {
            let class = self.label(class);
            writeln!(f, "{class:width$} {count:5} found")?;
        }
        for (class, count) in &self.out_of_reach {
            let class = self.label(class);
            writeln!(
                f,
                "{class:width$} {count:5} seen in pixels too coarse for it: no features, see \
                 `detections`"
            )?;
        }
        if self.features_in_no_area > 0 {
            let count = self.features_in_no_area;
            let are = if count == 1 { "is" } else { "are" };
            let why = match self.record.left_out.areas {
                0 => "too weak for an area",
                _ => "in no area, too weak for one or left out with theirs",
            };
            writeln!(f, "{count} of these {are} {why}: see the layer `features`")?;
        }
        if self.features.is_empty() {
            writeln!(f, "nothing found; this does not mean that there is nothing")?;
        }
        Ok(())
    }

    fn write_coverage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (classes, area_m2) in &self.assessed_m2 {
            let classes = self.label(classes);
            writeln!(f, "assessed       {area_m2:10.1} m² for {classes}")?;
        }
        for (reason, classes) in &self.gaps_m2 {
            for (classes, area_m2) in classes {
                let classes = self.label(classes);
                writeln!(
                    f,
                    "NOT assessed   {area_m2:10.1} m² for {classes}: {}",
                    reason.replace('_', " ")
                )?;
            }
        }
        for unassessed in &self.not_assessed {
            writeln!(f, "\n{unassessed}")?;
        }
        Ok(())
    }

    fn write_notices(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_points = |model: &&ModelRecord| model.has_points() || model.measured.is_some();
        for model in self.record.models.iter().filter(has_points) {
            let told = model.told_at(self.record.operating_point);
            writeln!(f, "operating point {}: {told}", model.name)?;
        }
        if let [_, again @ ..] = &self.record.drawings[..] {
            again.iter().try_for_each(|drawing| writeln!(f, "drawn again    {drawing}"))?;
        }
        for (of, text) in self.notices(Subject::OperatingPoint) {
            writeln!(f, "note           {of}: {text}")?;
        }
        for crowd in &self.beside_itself {
            writeln!(f, "\n{crowd}")?;
        }
        for (of, text) in self.heights() {
            writeln!(f, "heights        {of}: {text}")?;
        }
        for (of, text) in self.notices(Subject::Colours) {
            writeln!(f, "colours        {of}: {text}")?;
        }
        for (of, text) in self.notices(Subject::File) {
            writeln!(f, "note           {of}: {text}")?;
        }
        if let Some(missing) = self.metadata.told_missing() {
            writeln!(f, "not stated     {missing}: see `rams survey --help`, or survey.toml")?;
        }
        Ok(())
    }
}
