//! Names of classes, as a model and a truth use them -> indices.

use crate::{args::EvaluateConfig, truth::TruthFile};
use anyhow::{Context, bail, ensure};

use rams_domain::GeometryKind;
use rams_evaluate::{Classes, TrueImage, Truth};
use rams_model::Outline;
use rams_store::SurveyBoxes;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Names of classes -> indices, and which names are left out.
pub(crate) struct ClassMap {
    pub(crate) classes: Classes,
    model: Option<String>,
    /// Digest of its weights, as its model.toml states it.
    digest: Option<String>,
    /// One threshold for all, else those of the model, else those of the surveys.
    threshold: Option<f64>,
    thresholds: BTreeMap<String, f64>,
    skip: BTreeSet<String>,
    skipped: BTreeSet<String>,
    /// How the model draws its classes.
    drawn: BTreeMap<String, GeometryKind>,
    left_out: BTreeMap<String, usize>,
}

impl ClassMap {
    /// The classes of the model, else those of the truth.
    pub(crate) fn new(
        config: &EvaluateConfig,
        model: Option<&Outline>,
        truths: &[TruthFile],
        surveys: &[(PathBuf, SurveyBoxes)],
    ) -> anyhow::Result<Self> {
        // A survey holds the finds of its own point.
        let points = surveys.iter().map(|(_, boxes)| boxes.record.operating_point);
        let point = points.max().unwrap_or_default();
        let thresholds = match model {
            Some(model) => model
                .classes
                .iter()
                .map(|class| (class.name.clone(), f64::from(class.threshold.at(point))))
                .collect(),
            None => thresholds(surveys),
        };
        let mut class_map = Self {
            classes: Classes::default(),
            model: model.map(|model| model.name.clone()),
            digest: model.and_then(|model| model.digest.clone()),
            threshold: config.threshold,
            thresholds,
            skip: config.skip.iter().cloned().collect(),
            skipped: BTreeSet::new(),
            drawn: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        for class in model.iter().flat_map(|model| &model.classes) {
            class_map.add_class(&class.name);
            class_map.drawn.extend(class.geometry.map(|drawn| (class.name.clone(), drawn)));
        }
        for class in model.iter().flat_map(|model| &model.classes) {
            if let Some(parent) = &class.parent {
                let (class, parent) =
                    (class_map.add_class(&class.name), class_map.add_class(parent));
                class_map.classes.set_parent(class, parent)?;
            }
        }
        for file in truths {
            class_map
                .add(file)
                .with_context(|| format!("cannot use the classes of {}", file.path.display()))?;
        }
        if !surveys.is_empty() {
            class_map.lower_families();
        }
        Ok(class_map)
    }

    /// In coarse input a survey calls a find of a kind by its family.
    fn lower_families(&mut self) {
        for class in
            self.thresholds.keys().filter_map(|name| self.classes.find(name)).collect::<Vec<_>>()
        {
            let family = self.classes.family(class);
            self.classes.set_threshold(
                family,
                self.classes.threshold(family).min(self.classes.threshold(class)),
            );
        }
    }

    /// The least score that counts; `None` for a class that is left out.
    pub(crate) fn threshold(&self, name: &str) -> Option<f64> {
        let of = |class| self.classes.threshold(class);
        (!self.skip.contains(name))
            .then(|| self.classes.find(name).map_or_else(|| self.given(name), of))
    }

    /// The least score that counts, as it was given.
    fn given(&self, name: &str) -> f64 {
        self.threshold.or_else(|| self.thresholds.get(name).copied()).unwrap_or(0.0)
    }

    /// The model that the evaluation is about, if it is about one.
    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Name and digest of that model, where both are known.
    pub(crate) fn model_digest(&self) -> Option<(&str, &str)> {
        self.model.as_deref().zip(self.digest.as_deref())
    }

    /// Whether the evaluation is about this model.
    pub(crate) fn is_meant(&self, model: &str) -> bool {
        self.model.as_deref().is_none_or(|wanted| wanted == model)
    }

    /// Whether a person or a model said from which score on a find counts.
    pub(crate) fn is_given(&self) -> bool {
        self.model.is_some() || self.threshold.is_some()
    }

    /// Adds the truth's names, where no model says which there are; a class that the model does not
    /// name but whose parent it does is one of that family.
    fn add(&mut self, file: &TruthFile) -> anyhow::Result<()> {
        for (_, name, parent) in &file.truth.categories {
            let new = self.classes.find(name).is_none() && !self.skip.contains(name);
            let parent = parent
                .as_ref()
                .filter(|parent| self.model.is_none() || self.classes.find(parent).is_some());
            if self.model.is_some() && !(new && parent.is_some()) {
                continue;
            }
            let class = self.add_class(name);
            if let Some(parent) = parent {
                let parent = self.add_class(parent);
                self.classes.set_parent(class, parent)?;
            }
        }
        Ok(())
    }

    fn add_class(&mut self, name: &str) -> usize {
        self.classes.find(name).unwrap_or_else(|| {
            let class = self.classes.add(name);
            self.classes.set_threshold(class, self.given(name));
            class
        })
    }

    /// How the model draws its classes, as far as it says.
    pub(crate) fn drawn(&self) -> &BTreeMap<String, GeometryKind> {
        &self.drawn
    }

    /// Counts kinds of a family from the least threshold of any: a work is named by the share of
    /// its kinds, and its score is their mean.
    pub(crate) fn lower_kinds(&mut self, families: &BTreeSet<usize>) {
        for family in families {
            let kinds = |class: &usize| self.classes.family(*class) == *family;
            let kinds: Vec<usize> = (0..self.classes.names().len()).filter(kinds).collect();
            let least =
                kinds.iter().map(|class| self.classes.threshold(*class)).fold(1.0, f64::min);
            kinds.iter().for_each(|class| self.classes.set_threshold(*class, least));
        }
    }

    /// True objects of classes that the model does not name, by class: a scene of mines and
    /// trenches is a truth for the model of either, and a slip of the pen shows.
    pub(crate) fn left_out(&self) -> &BTreeMap<String, usize> {
        &self.left_out
    }

    /// The index of a truth's class; `None` for one that is left out.
    pub(crate) fn true_class(&mut self, name: &str, file: &Path) -> anyhow::Result<Option<usize>> {
        let is_named =
            self.model.is_none() || self.skip.contains(name) || self.classes.find(name).is_some();
        if is_named { self.class(name, file) } else { Ok(None) }
    }

    /// The index of a class; `None` for one that is left out.
    pub(crate) fn class(&mut self, name: &str, file: &Path) -> anyhow::Result<Option<usize>> {
        if self.skip.contains(name) {
            self.skipped.insert(name.to_owned());
            return Ok(None);
        }
        match (self.classes.find(name), &self.model) {
            (Some(class), _) => Ok(Some(class)),
            (None, None) => Ok(Some(self.add_class(name))),
            (None, Some(model)) => bail!(
                "cannot evaluate class {name} of {}: model {model} names {}; give `--skip {name}` \
                 to leave it out",
                file.display(),
                self.classes.names().join(", ")
            ),
        }
    }

    /// The objects of an image.
    pub(crate) fn truths(&mut self, image: &TrueImage, file: &Path) -> anyhow::Result<Vec<Truth>> {
        let mut truths = vec![];
        for (class, px, ignored) in &image.objects {
            match self.true_class(class, file)? {
                Some(class) => truths.push(Truth { class, px: *px, ignored: *ignored }),
                None if self.skip.contains(class) => {}
                None => *self.left_out.entry(class.clone()).or_default() += 1,
            }
        }
        Ok(truths)
    }

    /// A class that is left out but never met is a slip of the pen.
    pub(crate) fn check_skipped(&self) -> anyhow::Result<()> {
        let unmet: Vec<_> = self.skip.difference(&self.skipped).map(String::as_str).collect();
        ensure!(
            unmet.is_empty(),
            "cannot leave out {}: no object or prediction is called so",
            unmet.join(", ")
        );
        Ok(())
    }
}

/// The model that the evaluation is about, as surveys call it.
pub(crate) fn model_of(
    config: &EvaluateConfig,
    surveys: &[(PathBuf, SurveyBoxes)],
) -> anyhow::Result<Option<Outline>> {
    let mut model = config.model.as_deref().map(Outline::read).transpose()?;
    if let Some(Outline { name, digest: Some(digest), .. }) = &mut model {
        *name = name_in(surveys, digest).unwrap_or(name).to_owned();
    }
    Ok(model)
}

/// The thresholds of surveys by class, the greatest where they differ: from there on all kept all.
fn thresholds(surveys: &[(PathBuf, SurveyBoxes)]) -> BTreeMap<String, f64> {
    let mut greatest: BTreeMap<String, f64> = BTreeMap::new();
    for (_, class, threshold) in surveys.iter().flat_map(|(_, boxes)| boxes.record.thresholds()) {
        let threshold = f64::from(threshold);
        let known = greatest.entry(class.to_owned()).or_insert(threshold);
        *known = known.max(threshold);
    }
    greatest
}

/// What surveys call the weights of a digest, if all that ran them call them alike: of two models
/// of one name, the second has another in a survey.
fn name_in<'a>(surveys: &'a [(PathBuf, SurveyBoxes)], digest: &str) -> Option<&'a str> {
    let digests = surveys.iter().flat_map(|(_, boxes)| boxes.record.model_digests());
    let mut names = digests.filter(|(_, found)| *found == digest).map(|(name, _)| name);
    let name = names.next()?;
    names.all(|other| other == name).then_some(name)
}
