//! Lines and areas, which boxes say little of: those of the truth and of its survey, in one frame.

use super::class_map::ClassMap;
use crate::truth::TruthFile;
use anyhow::{Context, ensure};
use rams_domain::GeometryKind;
use rams_evaluate::{
    Classes, EarthworksEvaluation, EarthworksFlight, EvaluatedGround, FoundEarthwork, FoundPart,
    FoundShape, TrueEarthwork, TrueImage, TrueLine, compare,
};
use rams_store::{SurveyBoxes, SurveyEarthwork, SurveyEarthworks, TruthEarthworks};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The classes that are lines or areas, and what there is of them.
pub(crate) struct Earthworks {
    kinds: BTreeMap<String, GeometryKind>,
    surveys: Vec<(PathBuf, SurveyBoxes, SurveyEarthworks)>,
    flights: Vec<EarthworksFlight>,
}

impl Earthworks {
    /// `None` where nothing is a line or an area, and for predictions without a survey: those are
    /// boxes.
    pub(crate) fn new(
        class_map: &ClassMap,
        truths: &[TruthFile],
        surveys: &[(PathBuf, SurveyBoxes)],
    ) -> anyhow::Result<Option<Self>> {
        let kinds = kinds(class_map, truths, surveys)?;
        if kinds.is_empty() || surveys.is_empty() {
            return Ok(None);
        }
        let read = |(path, boxes): &(PathBuf, SurveyBoxes)| {
            Ok((path.clone(), boxes.clone(), rams_store::survey_earthworks(path)?))
        };
        let surveys = surveys.iter().map(read).collect::<anyhow::Result<_>>()?;
        Ok(Some(Self { kinds, surveys, flights: vec![] }))
    }

    /// Whether a class, or another of its family, is a line or an area.
    pub(crate) fn holds(&self, classes: &Classes, name: &str) -> bool {
        self.kind(classes, name).is_some()
    }

    fn kind(&self, classes: &Classes, name: &str) -> Option<GeometryKind> {
        let family = classes.find(name).map(|class| classes.family(class));
        let kin = |other: &String| {
            family.is_some() && classes.find(other).map(|class| classes.family(class)) == family
        };
        let of_kin = || self.kinds.iter().find(|(other, _)| kin(other)).map(|(_, kind)| *kind);
        self.kinds.get(name).copied().or_else(of_kin)
    }

    /// Adds what an image holds and what a survey found there.
    pub(crate) fn add(
        &mut self,
        class_map: &mut ClassMap,
        (file, image): (&TruthFile, &TrueImage),
        path: &Path,
        ground: EvaluatedGround,
    ) -> anyhow::Result<()> {
        let survey = self.surveys.iter().find(|(known, ..)| known == path);
        let (_, boxes, survey) = survey.expect("the survey of an image is one of those read");
        let TruthEarthworks { outlines, lines } =
            self.truth(class_map, file, image, (boxes, survey))?;
        let mut truths = vec![];
        for (class, ground, ignored) in outlines {
            let class = class_map.true_class(&class, &file.path)?;
            truths.extend(class.map(|class| TrueEarthwork { class, ground, ignored }));
        }
        let mut true_lines = vec![];
        for (class, line) in lines.iter().flatten() {
            let class = class_map.true_class(class, &file.path)?;
            true_lines.extend(class.map(|class| TrueLine { class, line: line.clone() }));
        }
        let mut found = vec![];
        for work in survey.found.iter().filter(|work| work.orthomosaic == image.name) {
            if class_map.is_meant(&work.model) && self.holds(&class_map.classes, &work.class) {
                found.extend(found_work(class_map, work, path)?);
            }
        }
        let looked = |(orthomosaic, model): &(String, String)| {
            *orthomosaic == image.name && class_map.is_meant(model)
        };
        let assessed =
            survey.assessed.iter().filter(|(by, _)| looked(by)).map(|(_, ground)| ground.clone());
        self.flights.push(EarthworksFlight {
            name: image.name.clone(),
            ground,
            assessed: assessed.collect(),
            truths,
            lines: lines.is_some().then_some(true_lines),
            found,
        });
        Ok(())
    }

    /// The figures of all that was added.
    pub(crate) fn compare(
        self,
        class_map: &mut ClassMap,
        tolerance_m: f64,
    ) -> EarthworksEvaluation {
        let names = class_map.classes.names().to_vec();
        let families = |wanted: fn(GeometryKind) -> bool| -> BTreeSet<usize> {
            let of = |(class, name): (usize, &String)| {
                self.kind(&class_map.classes, name)
                    .filter(|kind| wanted(*kind))
                    .map(|_| class_map.classes.family(class))
            };
            names.iter().enumerate().filter_map(of).collect()
        };
        let (all, lines) = (families(|_| true), families(|kind| kind == GeometryKind::Line));
        class_map.lower_kinds(&all);
        compare(&self.flights, &class_map.classes, &lines, tolerance_m)
    }

    /// The works of an image, in metres of its survey: from its GeoPackage, which alone has
    /// centrelines, else the outlines of its JSON, which are pixels of the orthomosaic beside it.
    fn truth(
        &self,
        class_map: &ClassMap,
        file: &TruthFile,
        image: &TrueImage,
        (boxes, survey): (&SurveyBoxes, &SurveyEarthworks),
    ) -> anyhow::Result<TruthEarthworks> {
        let is_work = |class: &str| self.holds(&class_map.classes, class);
        if let Some(map) = file.map() {
            let TruthEarthworks { mut outlines, mut lines } =
                rams_store::truth_earthworks(&map, &survey.ground)?;
            outlines.retain(|(class, ..)| is_work(class));
            lines.iter_mut().for_each(|lines| lines.retain(|(class, _)| is_work(class)));
            return Ok(TruthEarthworks { outlines, lines });
        }
        let objects =
            image.objects.iter().zip(&image.outlines).filter(|((class, ..), _)| is_work(class));
        let objects: Vec<_> = objects.collect();
        if objects.is_empty() {
            return Ok(TruthEarthworks { outlines: vec![], lines: Some(vec![]) });
        }
        let path = file.path.with_file_name(format!("{}.tif", image.name));
        // It lies where the survey took it to lie.
        let read_as =
            boxes.record.orthomosaic(&image.name).map(|it| it.read_as.clone()).unwrap_or_default();
        let georef = rams_tile::place(&path, &read_as, survey.ground.crs()).with_context(|| {
            let (truth, map) = (file.path.display(), file.path.with_extension("gpkg"));
            format!(
                "cannot place the outlines of {truth}: they are pixels; put {} beside it, or its \
                 map {}",
                path.display(),
                map.display()
            )
        })?;
        let mut outlines = vec![];
        for ((class, _, ignored), outline) in objects {
            ensure!(
                !outline.0.is_empty(),
                "cannot use {}: an object of class {class} has no outline; give `segmentation` as \
                 polygons",
                file.path.display()
            );
            let metres = survey.ground.to_metres(&georef.place_all(outline));
            outlines.push((class.clone(), metres, *ignored));
        }
        Ok(TruthEarthworks { outlines, lines: None })
    }
}

fn found_work(
    class_map: &mut ClassMap,
    work: &SurveyEarthwork,
    path: &Path,
) -> anyhow::Result<Option<FoundEarthwork>> {
    let Some(class) = class_map.class(&work.class, path)? else { return Ok(None) };
    let mut parts = vec![];
    for part in &work.parts {
        let (confidence, width_m) = (part.confidence, part.width_m);
        let part_class = class_map.class(&part.class, path)?;
        parts.extend(part_class.map(|class| FoundPart {
            class,
            confidence,
            line: part.line.clone(),
            width_m,
        }));
    }
    let shape = if work.parts.is_empty() {
        FoundShape::Area(work.ground.clone())
    } else {
        FoundShape::Lines(parts)
    };
    Ok(Some(FoundEarthwork {
        id: work.id.clone(),
        class,
        score: work.score,
        confidence: work.confidence,
        shape,
    }))
}

/// The classes that are no points: as the model says, else as surveys drew them and as maps of the
/// truth name their indicators.
fn kinds(
    class_map: &ClassMap,
    truths: &[TruthFile],
    surveys: &[(PathBuf, SurveyBoxes)],
) -> anyhow::Result<BTreeMap<String, GeometryKind>> {
    let mut kinds = class_map.drawn().clone();
    if kinds.is_empty() {
        for file in truths {
            for object in file.map().map_or(Ok(vec![]), |map| rams_store::truth_boxes(&map))? {
                kinds.extend(drawn(&object.indicator).map(|kind| (object.class, kind)));
            }
        }
        let found = surveys
            .iter()
            .flat_map(|(_, boxes)| &boxes.found)
            .filter(|found| class_map.is_meant(&found.model));
        for found in found.filter(|found| found.drawn != GeometryKind::Point) {
            kinds.insert(found.class.clone(), found.drawn);
        }
    }
    kinds.retain(|_, kind| *kind != GeometryKind::Point);
    Ok(kinds)
}

/// How earthworks of an indicator are drawn.
fn drawn(indicator: &str) -> Option<GeometryKind> {
    match indicator {
        "trench_fire" | "trench_comm" | "at_ditch" => Some(GeometryKind::Line),
        "berm" | "bunker_dugout" | "foxhole" | "vehicle_revetment" | "crater" => {
            Some(GeometryKind::Polygon)
        }
        _ => None,
    }
}
