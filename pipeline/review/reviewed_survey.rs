//! The survey under review, on the screen's coordinates: local metres of its ground.

use crate::{ReviewError, book::Subject};
use geo::{
    BoundingRect, Contains, Coord, Geometry, Intersects, MultiPolygon, Polygon, Rect, coord,
};
use rams_domain::{
    AreaKind, DoctrineRef, EoCategory, EvidenceKind, ExternalEvidenceKind, Feature, FeatureId,
    GapArea, HazardArea, HazardAreaId, ItemState, LandClass, Review, ReviewItem, ReviewStages,
    Survey, Threat,
};
use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

type Boxes = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

/// An item's outline on the screen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    /// Local metres.
    pub(crate) shape: MultiPolygon,
    /// Geodesic area, square metres.
    pub(crate) area_m2: f64,
    /// Around it, local metres.
    pub(crate) extent: Rect,
}

impl Outline {
    pub(crate) fn centre(&self) -> Coord {
        self.extent.center()
    }
}

/// By item, the stored outline and what it is as a geometry.
type Outlines = HashMap<String, (Arc<[u8]>, Arc<Outline>)>;

/// The survey, with what is found in it by place.
pub(crate) struct ReviewedSurvey {
    pub(crate) survey: Arc<Survey>,
    /// Of the ground, local metres.
    pub(crate) extent: Rect,
    areas: HashMap<String, Arc<HazardArea>>,
    made: RwLock<HashMap<String, Arc<HazardArea>>>,
    outlines: RwLock<Outlines>,
    features: HashMap<FeatureId, usize>,
    area_of: HashMap<FeatureId, Vec<String>>,
    /// By model and class, the longer side of each find, metres, and its number: in order.
    sizes: HashMap<(String, String), Vec<(f64, usize)>>,
    feature_boxes: Boxes,
    external_boxes: Boxes,
    /// The polygons of gaps, each with the number of its gap.
    gap_parts: Vec<(usize, Polygon)>,
    gap_boxes: Boxes,
}

fn sizes(survey: &Survey) -> HashMap<(String, String), Vec<(f64, usize)>> {
    let mut sizes: HashMap<_, Vec<(f64, usize)>> = HashMap::new();
    for (at, feature) in survey.features.iter().enumerate() {
        let of_class = (feature.model.clone(), feature.class.clone());
        sizes.entry(of_class).or_default().push((feature.size_m[0], at));
    }
    sizes.values_mut().for_each(|sizes| sizes.sort_by(|a, b| a.0.total_cmp(&b.0)));
    sizes
}

fn boxes(rects: impl Iterator<Item = Option<Rect>>) -> Boxes {
    let place = |(at, rect): (usize, Option<Rect>)| {
        let rect = rect?;
        let corners = ([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
        Some(GeomWithData::new(Rectangle::from_corners(corners.0, corners.1), at))
    };
    RTree::bulk_load(rects.enumerate().filter_map(place).collect())
}

/// What lies in a box, by number in the survey's order.
fn within(boxes: &Boxes, rect: Rect) -> Vec<usize> {
    let corners = ([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
    let envelope = AABB::from_corners(corners.0, corners.1);
    let mut found: Vec<usize> =
        boxes.locate_in_envelope_intersecting(&envelope).map(|found| found.data).collect();
    found.sort_unstable();
    found
}

impl ReviewedSurvey {
    pub(crate) fn new(survey: Arc<Survey>) -> Self {
        let ground = &survey.ground;
        let metres = |geometry: &Geometry| ground.to_metres(geometry).bounding_rect();
        let extent = ground.to_metres(&ground.extent().to_polygon()).bounding_rect();
        let mut area_of: HashMap<FeatureId, Vec<String>> = HashMap::new();
        for area in &survey.hazard_areas {
            for feature in &area.features {
                area_of.entry(*feature).or_default().push(area.id.to_string());
            }
        }
        let areas = survey.hazard_areas.iter();
        let parts = survey.gaps.iter().enumerate().flat_map(|(gap, row)| {
            ground.to_metres(&row.boundary).into_iter().map(move |part| (gap, part))
        });
        let gap_parts: Vec<(usize, Polygon)> = parts.collect();
        Self {
            extent: extent.unwrap_or_else(|| Rect::new((0.0, 0.0), (1.0, 1.0))),
            areas: areas.map(|area| (area.id.to_string(), Arc::new(area.clone()))).collect(),
            made: RwLock::default(),
            outlines: RwLock::default(),
            features: (0..).zip(&survey.features).map(|(at, it)| (it.id, at)).collect(),
            area_of,
            sizes: sizes(&survey),
            feature_boxes: boxes(survey.features.iter().map(|it| metres(&it.geometry))),
            external_boxes: boxes(survey.external_evidence.iter().map(|it| metres(&it.geometry))),
            gap_boxes: boxes(gap_parts.iter().map(|(_, part)| part.bounding_rect())),
            gap_parts,
            survey,
        }
    }

    /// The finds of a feature's class whose longer side is at most so many times as long or short,
    /// itself among them.
    pub(crate) fn of_size(
        &self,
        feature: &Feature,
        ratio: f64,
    ) -> impl ExactSizeIterator<Item = &Feature> {
        let of_class = (feature.model.clone(), feature.class.clone());
        let sizes = self.sizes.get(&of_class).map(Vec::as_slice).unwrap_or_default();
        let first = sizes.partition_point(|(size, _)| *size < feature.size_m[0] / ratio);
        let end = sizes.partition_point(|(size, _)| *size <= feature.size_m[0] * ratio);
        sizes[first..end].iter().map(|(_, at)| &self.survey.features[*at])
    }

    /// What a book is opened with.
    pub(crate) fn subject(
        survey: &Survey,
        survey_sha256: String,
        stages: ReviewStages,
    ) -> Result<Subject, ReviewError> {
        let area = |area: &HazardArea| {
            let id = area.id.to_string();
            match rams_overlay::to_wkb(&area.boundary) {
                Ok(wkb) => Ok((id, area.eo_category, wkb.into())),
                Err(cause) => Err(ReviewError::Geometry { area: id, cause }),
            }
        };
        let areas = survey.hazard_areas.iter().map(area).collect::<Result<_, _>>()?;
        Ok(Subject { survey_sha256, stages, areas })
    }

    /// A feature by its id as text.
    pub(crate) fn feature(&self, id: &str) -> Option<&Feature> {
        let number = id.strip_prefix('F')?.parse().ok()?;
        self.survey.features.get(*self.features.get(&FeatureId(number))?)
    }

    /// An item's outline on the screen.
    pub(crate) fn outline(&self, item: &ReviewItem) -> Arc<Outline> {
        let known = self.outlines.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((wkb, outline)) = known.get(&item.id)
            && wkb == item.boundary()
        {
            return outline.clone();
        }
        drop(known);
        // What the book holds was checked before it was written.
        let boundary = rams_overlay::from_wkb(item.boundary()).unwrap_or(MultiPolygon(vec![]));
        let outline = Arc::new(self.outline_of(&boundary));
        let entry = (item.boundary().clone(), outline.clone());
        let mut known = self.outlines.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(item.id.clone(), entry);
        outline
    }

    /// An outline in the survey's CRS on the screen.
    pub(crate) fn outline_of(&self, boundary: &MultiPolygon) -> Outline {
        let shape = self.survey.ground.to_metres(boundary);
        let extent = shape.bounding_rect().unwrap_or_else(|| Rect::new((0.0, 0.0), (0.0, 0.0)));
        Outline { shape, area_m2: self.survey.ground.area_m2(boundary), extent }
    }

    /// What the survey says of an item; of one that people made, what follows from its parents and
    /// its place.
    pub(crate) fn facts(&self, review: &Review, item: &ReviewItem) -> Arc<HazardArea> {
        if let Some(area) = self.areas.get(&item.id) {
            return area.clone();
        }
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(area) = made.get(&item.id) {
            return area.clone();
        }
        drop(made);
        let area = Arc::new(self.made_area(review, item));
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.insert(item.id.clone(), area.clone());
        area
    }

    fn made_area(&self, review: &Review, item: &ReviewItem) -> HazardArea {
        let outline = self.outline(item);
        let parents = item.parents.iter().filter_map(|id| review.item(id));
        let parents: Vec<_> = parents.map(|parent| self.facts(review, parent)).collect();
        let of_parents: BTreeSet<_> =
            parents.iter().flat_map(|parent| parent.features.iter().copied()).collect();
        let touches = |at: &usize| {
            let feature = &self.survey.features[*at];
            self.survey.ground.to_metres(&feature.geometry).intersects(&outline.shape)
        };
        let found = within(&self.feature_boxes, outline.extent).into_iter().filter(touches);
        let features = found.map(|at| self.survey.features[at].id);
        let is_own = |id: &FeatureId| parents.is_empty() || of_parents.contains(id);
        let features: Vec<FeatureId> = features.filter(is_own).collect();
        let external: BTreeSet<_> =
            parents.iter().flat_map(|parent| parent.external_evidence.iter().copied()).collect();
        let category = item.eo_category();
        let by_category = match category {
            EoCategory::Unknown => LandClass::Indication,
            _ => LandClass::Sha,
        };
        let rationale = match parents.len() {
            0 => "Drawn by a person.".to_owned(),
            1 => format!("A part of {}. {}", item.parents[0], parents[0].rationale),
            _ => format!("Made of {}.", item.parents.join(", ")),
        };
        let largest = |of: fn(&HazardArea) -> f64| {
            parents.iter().map(|parent| of(parent)).fold(0.0, f64::max)
        };
        HazardArea {
            id: HazardAreaId(0),
            land_class: parents.iter().map(|it| it.land_class).max().unwrap_or(by_category),
            kind: kind_of(category),
            eo_category: category,
            boundary: MultiPolygon(vec![]),
            area_m2: outline.area_m2,
            confidence: largest(|area| f64::from(area.confidence)) as f32,
            tier: parents.iter().filter_map(|parent| parent.tier).max(),
            threat: parents.iter().map(|it| it.threat).max().unwrap_or(Threat::Unassessed),
            rationale,
            buffer_m: largest(|area| area.buffer_m),
            link_m: largest(|area| area.link_m),
            front_unknown: parents.iter().any(|parent| parent.front_unknown),
            front_deg: None,
            rows: 0,
            fade_out_m: None,
            position_accuracy_m: largest(|area| area.position_accuracy_m),
            evidence: parents.iter().map(|it| it.evidence).max().unwrap_or(EvidenceKind::Indirect),
            assessed_share: 0.0,
            beyond_imagery_m2: 0.0,
            released_m2: 0.0,
            district: parents
                .first()
                .map_or_else(|| self.district(outline.centre()), |parent| parent.district.clone()),
            doctrine: by_hand(),
            features,
            external_evidence: external.into_iter().collect(),
        }
    }

    fn district(&self, at: Coord) -> String {
        let at = self.survey.ground.from_metres(&geo::Point(at));
        let districts = self.survey.external_evidence.iter();
        let mut districts = districts.filter(|row| row.kind == ExternalEvidenceKind::District);
        let found = districts.find(|row| row.geometry.contains(&at));
        found.map(|row| row.name.clone()).unwrap_or_default()
    }

    /// The items that a feature belongs to and whose place no others took.
    pub(crate) fn items<'a>(
        &'a self,
        review: &'a Review,
        feature: FeatureId,
    ) -> impl Iterator<Item = &'a ReviewItem> {
        let areas = self.area_of.get(&feature).into_iter().flatten();
        let areas = areas.filter_map(|id| review.item(id));
        let made = review.items().filter(|item| !item.parents.is_empty());
        let made = made.filter(move |item| self.facts(review, item).features.contains(&feature));
        areas.chain(made).filter(|item| item.standing().state != ItemState::Superseded)
    }

    /// Those of them that somebody has to decide on.
    pub(crate) fn open_items(&self, review: &Review, feature: FeatureId) -> Vec<String> {
        let open = self.items(review, feature).filter(|item| item.standing().is_open());
        open.map(|item| item.id.clone()).collect()
    }

    /// Horizontal error of a feature's position, metres; 0 where it belongs to no area.
    pub(crate) fn position_accuracy_m(&self, feature: FeatureId) -> f64 {
        let areas = self.area_of.get(&feature).into_iter().flatten();
        let of_area = |id| self.areas.get(id).map_or(0.0, |area| area.position_accuracy_m);
        areas.map(of_area).fold(0.0, f64::max)
    }

    /// A polygon of a gap, in local metres, and the number of its gap.
    pub(crate) fn gap_part(&self, at: usize) -> (usize, &Polygon) {
        let (gap, part) = &self.gap_parts[at];
        (*gap, part)
    }

    /// Why ground was not assessed, and for what.
    pub(crate) fn gap_text(&self, gap: &GapArea) -> String {
        let classes = gap.classes.iter().map(|class| {
            let record = &self.survey.record;
            record.class_label(&gap.model, class)
        });
        let classes: Vec<String> = classes.collect();
        let reason = gap.reason.to_string().replace('_', " ");
        let detail = if gap.detail.is_empty() { reason } else { gap.detail.clone() };
        format!("{detail}; not assessed for {}", classes.join(", "))
    }

    /// Features and external evidence whose boxes touch a box, by number in the survey, and the
    /// polygons of gaps.
    pub(crate) fn features_within(&self, rect: Rect) -> Vec<usize> {
        within(&self.feature_boxes, rect)
    }

    pub(crate) fn external_within(&self, rect: Rect) -> Vec<usize> {
        within(&self.external_boxes, rect)
    }

    pub(crate) fn gaps_within(&self, rect: Rect) -> Vec<usize> {
        within(&self.gap_boxes, rect)
    }
}

/// A box with so many metres more on each side.
pub(crate) fn grown(rect: Rect, by_m: f64) -> Rect {
    let by = coord! { x: by_m, y: by_m };
    Rect::new(rect.min() - by, rect.max() + by)
}

/// No doctrine: a person drew it.
fn by_hand() -> DoctrineRef {
    DoctrineRef { name: String::new(), version: String::new(), digest: String::new() }
}

/// What the boundary of a category means: CMR and UXO are never recorded as perimeters.
pub(crate) fn kind_of(category: EoCategory) -> AreaKind {
    match category {
        EoCategory::Cmr | EoCategory::Uxo => AreaKind::Indicative,
        _ => AreaKind::Perimeter,
    }
}
