//! Names of classes, as a model and a truth use them -> indices.

use crate::{args::EvaluateConfig, kept, truth::TruthFile};
use anyhow::{Context, bail, ensure};
use rams_evaluate::{Classes, TrueImage, Truth};
use rams_store::SurveyBoxes;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Names of classes -> indices, and which names are left out.
pub(crate) struct Naming {
    pub(crate) classes: Classes,
    model: Option<String>,
    /// One threshold for all, else those of the model, else those of the surveys.
    threshold: Option<f64>,
    thresholds: BTreeMap<String, f64>,
    skip: BTreeSet<String>,
    skipped: BTreeSet<String>,
}

impl Naming {
    /// The classes of the model, else those of the truth.
    pub(crate) fn new(
        config: &EvaluateConfig,
        truths: &[TruthFile],
        surveys: &[(PathBuf, SurveyBoxes)],
    ) -> anyhow::Result<Self> {
        let model = config.model.as_deref().map(ModelFile::read).transpose()?;
        let thresholds = match &model {
            Some(model) => model.class.iter().map(|class| (class.name.clone(), class.threshold.into())).collect(),
            None => kept::thresholds(surveys),
        };
        let mut naming = Self {
            classes: Classes::default(),
            model: model.as_ref().map(|model| model.name.clone()),
            threshold: config.threshold,
            thresholds,
            skip: config.skip.iter().cloned().collect(),
            skipped: BTreeSet::new(),
        };
        for class in model.iter().flat_map(|model| &model.class) {
            naming.add_class(&class.name);
        }
        for class in model.iter().flat_map(|model| &model.class) {
            if let Some(parent) = &class.parent {
                let (class, parent) = (naming.add_class(&class.name), naming.add_class(parent));
                naming.classes.set_parent(class, parent)?;
            }
        }
        for file in truths {
            naming.add(file).with_context(|| format!("cannot use the classes of {}", file.path.display()))?;
        }
        naming.check_named(truths)?;
        if !surveys.is_empty() {
            naming.lower_families();
        }
        if let Some(ModelFile { name, digest: Some(digest), .. }) = &model {
            kept::check_digest(surveys, name, digest)?;
        }
        kept::check_thresholds(surveys, &naming)?;
        Ok(naming)
    }

    /// In coarse input a survey calls a find of a kind by its family.
    fn lower_families(&mut self) {
        for class in self.thresholds.keys().filter_map(|name| self.classes.find(name)).collect::<Vec<_>>() {
            let family = self.classes.family(class);
            self.classes.set_threshold(family, self.classes.threshold(family).min(self.classes.threshold(class)));
        }
    }

    /// The least score that counts; `None` for a class that is left out.
    pub(crate) fn threshold(&self, name: &str) -> Option<f64> {
        let of = |class| self.classes.threshold(class);
        (!self.skip.contains(name)).then(|| self.classes.find(name).map_or_else(|| self.given(name), of))
    }

    /// The least score that counts, as it was given.
    fn given(&self, name: &str) -> f64 {
        self.threshold.or_else(|| self.thresholds.get(name).copied()).unwrap_or(0.0)
    }

    /// The model that the evaluation is about, if it is about one.
    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
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
            let parent = parent.as_ref().filter(|parent| self.model.is_none() || self.classes.find(parent).is_some());
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

    /// Objects that the model cannot find by name are either left out by will or an error: a slip
    /// of the pen must not pass for a miss, nor for nothing.
    fn check_named(&self, truths: &[TruthFile]) -> anyhow::Result<()> {
        let Some(model) = &self.model else { return Ok(()) };
        let images = truths.iter().flat_map(|file| &file.truth.images);
        let names: BTreeSet<&str> = images.flat_map(|image| &image.objects).map(|(class, ..)| class.as_str()).collect();
        let unknown = names.into_iter().filter(|name| self.classes.find(name).is_none() && !self.skip.contains(*name));
        let skips: Vec<String> = unknown.map(|name| format!("--skip {name}")).collect();
        ensure!(
            skips.is_empty(),
            "cannot evaluate all of the truth: model {model} names {}; give `{}` to leave the others out",
            self.classes.names().join(", "),
            skips.join(" ")
        );
        Ok(())
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
                "cannot evaluate class {name} of {}: model {model} names {}; give `--skip {name}` to leave it out",
                file.display(),
                self.classes.names().join(", ")
            ),
        }
    }

    /// The objects of an image.
    pub(crate) fn truths(&mut self, image: &TrueImage, file: &Path) -> anyhow::Result<Vec<Truth>> {
        let mut truths = vec![];
        for (class, px, ignored) in &image.objects {
            truths.extend(self.class(class, file)?.map(|class| Truth { class, px: *px, ignored: *ignored }));
        }
        Ok(truths)
    }

    /// A class that is left out but never met is a slip of the pen.
    pub(crate) fn check_skipped(&self) -> anyhow::Result<()> {
        let unmet: Vec<_> = self.skip.difference(&self.skipped).map(String::as_str).collect();
        ensure!(unmet.is_empty(), "cannot leave out {}: no object or prediction is called so", unmet.join(", "));
        Ok(())
    }
}

/// What an evaluation needs of a `model.toml`, whatever else it says.
#[derive(Deserialize)]
struct ModelFile {
    name: String,
    digest: Option<String>,
    class: Vec<ModelClass>,
}

#[derive(Deserialize)]
struct ModelClass {
    name: String,
    /// As narrow as the program compares it: 0.45 is not 0.45 in another width.
    threshold: f32,
    parent: Option<String>,
}

impl ModelFile {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("model.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
    }
}
