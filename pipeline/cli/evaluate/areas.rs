//! The areas of surveys against the true objects: those of the truth, in metres of each survey.

use crate::{args::EvaluateConfig, truth::TruthFile};
use anyhow::ensure;
use geo::{Geometry, Intersects, MultiPolygon, Point, unary_union};
use rams_domain::{EoCategory, Feature, HazardArea, IndicationBelt, Survey};
use rams_evaluate::{
    AreaField, AreaRow, AreasByClass, DrawnField, JudgedField, TrueImage, TrueOrdnance,
    mined_ground,
};
use rams_model::Outline;
use rams_store::{SurveyBoxes, TrueObject};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// How good the areas of some surveys are.
#[derive(Serialize)]
pub(crate) struct AreasReport {
    /// Name, version and digest of the profile whose buffers make the true mined ground.
    doctrine: [String; 3],
    /// True objects that are ordnance of some category.
    objects: usize,
    /// Those on ground that was not assessed: no figure counts them.
    objects_not_assessed: usize,
    /// True objects whose category of ordnance is not known, by class.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    without_category: BTreeMap<String, usize>,
    /// Truths that lie nowhere, with the reason: their objects are in no figure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_placed: Vec<String>,
    #[serde(flatten)]
    figures: AreasByClass,
    /// Each area.
    areas: Vec<AreaRow>,
}

/// A survey and the truth of its ground.
struct Compared {
    path: PathBuf,
    survey: Survey,
    boxes: SurveyBoxes,
    objects: Vec<TrueObject>,
}

/// What there is of surveys and of truths.
pub(crate) struct Areas<'a> {
    config: &'a EvaluateConfig,
    /// Categories of classes, as the model says.
    stated: BTreeMap<String, EoCategory>,
    surveys: Vec<Compared>,
    not_placed: Vec<String>,
}

impl<'a> Areas<'a> {
    pub(crate) fn new(
        config: &'a EvaluateConfig,
        model: Option<&Outline>,
        surveys: &[(PathBuf, SurveyBoxes)],
    ) -> anyhow::Result<Self> {
        let classes = model.iter().flat_map(|model| &model.classes);
        let stated = classes.filter_map(|class| Some((class.name.clone(), class.eo_category?)));
        let read = |(path, boxes): &(PathBuf, SurveyBoxes)| {
            // What was put in order was said when its boxes were read.
            let (survey, _) = rams_store::read(rams_store::survey_folder(path))?;
            Ok(Compared { path: path.clone(), survey, boxes: boxes.clone(), objects: vec![] })
        };
        let surveys = surveys.iter().map(read).collect::<anyhow::Result<_>>()?;
        Ok(Self { config, stated: stated.collect(), surveys, not_placed: vec![] })
    }

    /// Adds the truth of an image of a survey.
    pub(crate) fn add(
        &mut self,
        (file, image): (&TruthFile, &TrueImage),
        path: &Path,
    ) -> anyhow::Result<()> {
        let compared = self.surveys.iter_mut().find(|compared| compared.path == path);
        let compared = compared.expect("the survey of an image is one of those read");
        let of_map = match file.map() {
            Some(map) => rams_store::true_objects(&map, &compared.survey.ground)?,
            None => None,
        };
        match of_map.map_or_else(|| compared.placed(file, image), Ok) {
            Ok(objects) => compared.objects.extend(objects),
            Err(error) => self.not_placed.push(format!("{}: {error:#}", image.name)),
        }
        Ok(())
    }

    /// Adds a truth of no image to every survey.
    pub(crate) fn add_ground(&mut self, path: &Path) -> anyhow::Result<()> {
        let (mut is_empty, mut is_there) = (true, false);
        for compared in &mut self.surveys {
            let objects = rams_store::true_objects(path, &compared.survey.ground)?;
            let objects = objects.unwrap_or_default();
            (is_empty, is_there) = (objects.is_empty(), is_there || compared.holds(&objects));
            compared.objects.extend(objects);
        }
        ensure!(
            is_empty || is_there,
            "cannot use {}: none of its objects lies on ground of {}; check its CRS, or give the \
             truth of this ground",
            path.display(),
            self.config.predictions.display()
        );
        Ok(())
    }

    /// The figures; `None` where there is neither an area nor true ordnance.
    pub(crate) fn compare(self) -> Option<AreasReport> {
        let Self { config, stated, surveys, not_placed } = self;
        let mut without_category: BTreeMap<String, usize> = BTreeMap::new();
        let (mut judged, mut objects, mut not_assessed): (Vec<JudgedField>, _, _) = (vec![], 0, 0);
        for compared in &surveys {
            let mut ordnance = vec![];
            let is_meant =
                |object: &&TrueObject| !object.ignored && !config.skip.contains(&object.class);
            for object in compared.objects.iter().filter(is_meant) {
                match compared.category(object, &stated) {
                    Some(EoCategory::Unknown) => {}
                    Some(category) => ordnance.push((category, object.geometry.clone())),
                    None => *without_category.entry(object.class.clone()).or_default() += 1,
                }
            }
            let (of_survey, seen) = compared.judge(config, &ordnance);
            objects += ordnance.len();
            not_assessed += ordnance.len() - seen;
            judged.push(of_survey);
        }
        let areas: Vec<AreaRow> = judged.iter().flat_map(|judged| &judged.rows).cloned().collect();
        let of = &config.doctrine.reference;
        (objects > 0 || !areas.is_empty()).then(|| AreasReport {
            doctrine: [of.name.clone(), of.version.clone(), of.digest.clone()],
            objects,
            objects_not_assessed: not_assessed,
            without_category,
            not_placed,
            figures: AreasByClass::of(judged.iter()),
            areas,
        })
    }
}

impl Compared {
    /// Whether any of the objects lies within the survey's extent.
    fn holds(&self, objects: &[TrueObject]) -> bool {
        let ground = &self.survey.ground;
        let extent = ground.to_metres(&ground.extent().to_polygon());
        objects.iter().any(|object| extent.intersects(&object.geometry))
    }

    /// The objects of an image, by their boxes: from the orthomosaic beside the truth, else from
    /// where the survey found it.
    fn placed(&self, file: &TruthFile, image: &TrueImage) -> anyhow::Result<Vec<TrueObject>> {
        if image.objects.is_empty() {
            return Ok(vec![]);
        }
        let recorded = self.boxes.record.orthomosaic(&image.name);
        let beside = file.path.with_file_name(format!("{}.tif", image.name));
        let path = match recorded {
            Some(recorded) if !beside.is_file() => recorded.path.clone(),
            _ => beside,
        };
        let read_as = recorded.map(|it| it.read_as.clone()).unwrap_or_default();
        let georef = rams_tile::place(&path, &read_as, self.survey.ground.crs())?;
        let object = |(class, px, ignored): &(String, rams_domain::PxBox, bool)| TrueObject {
            class: class.clone(),
            eo_category: None,
            geometry: Geometry::from(self.survey.ground.to_metres(&georef.place_box(px))),
            ignored: *ignored,
        };
        Ok(image.objects.iter().map(object).collect())
    }

    /// The category of an object: its own, else that of its class by the model, else by the finds
    /// of the survey.
    fn category(
        &self,
        object: &TrueObject,
        stated: &BTreeMap<String, EoCategory>,
    ) -> Option<EoCategory> {
        let found = || self.survey.features.iter().find(|found| found.class == object.class);
        let of_class = || stated.get(&object.class).copied();
        object.eo_category.or_else(of_class).or_else(|| found().map(|found| found.eo_category))
    }

    /// Judges the areas of the survey; with that goes how many objects lie on assessed ground.
    fn judge(
        &self,
        config: &EvaluateConfig,
        ordnance: &[(EoCategory, Geometry)],
    ) -> (JudgedField, usize) {
        let Survey { ground, hazard_areas, indication_belts, features, assessed, .. } =
            &self.survey;
        let metres = |boundary: &MultiPolygon| ground.to_metres(boundary);
        let assessed: Vec<MultiPolygon> =
            assessed.iter().map(|area| metres(&area.boundary)).collect();
        let assessed = unary_union(&assessed);
        let buffer_m = |category| config.doctrine.category(category).buffer_m;
        let (places, mined) = mined_ground(ordnance, buffer_m);
        let item = |&(eo_category, at): &(EoCategory, Point)| TrueOrdnance {
            at,
            eo_category,
            group: "objects",
        };
        let items: Vec<TrueOrdnance> = places.iter().map(item).collect();
        let features: Vec<Feature> = features
            .iter()
            .map(|it| Feature { geometry: ground.to_metres(&it.geometry), ..it.clone() })
            .collect();
        let drawn = DrawnField {
            hazard_areas: hazard_areas
                .iter()
                .map(|it| HazardArea { boundary: metres(&it.boundary), ..it.clone() })
                .collect(),
            indication_belts: indication_belts
                .iter()
                .map(|it| IndicationBelt { boundary: metres(&it.boundary), ..it.clone() })
                .collect(),
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let extent = ground.to_metres(&ground.extent().to_polygon());
        let field = AreaField {
            name: &name,
            extent: geo::BoundingRect::bounding_rect(&extent).expect("a survey has an extent"),
            assessed: &assessed,
            items: &items,
            mined: &mined,
            trench_m: 0.0,
            front_deg: None,
            features: &features,
        };
        let seen = items.iter().filter(|item| assessed.intersects(&item.at)).count();
        (field.judge(&drawn), seen)
    }
}

impl fmt::Display for AreasReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doctrine: [name, version, _], objects, objects_not_assessed, .. } = self;
        write!(
            f,
            "Areas: {objects} true objects of ordnance, {objects_not_assessed} of them on ground \
             that was not assessed; true mined\nground is all within the buffers of doctrine \
             {name} {version} around them."
        )?;
        if !self.without_category.is_empty() {
            let each: Vec<_> =
                self.without_category.iter().map(|(class, n)| format!("{class} ({n})")).collect();
            write!(
                f,
                "\nIn no figure of areas, for nobody says what ordnance they are: {}; give \
                 `eo_category` in the truth, or `--model`.",
                each.join(", ")
            )?;
        }
        for cause in &self.not_placed {
            write!(f, "\nIn no figure of areas, for the truth lies nowhere: {cause}")?;
        }
        writeln!(f)?;
        self.figures.fmt(f)
    }
}
