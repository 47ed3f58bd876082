//! A row of a field team -> the find or area that it speaks of, or why none.

use crate::reviewed_survey::{ReviewedSurvey, grown};
use geo::{Distance, Euclidean, Geometry, Point, Rect};
use rams_domain::{Feature, FieldPlace, FieldRow, ItemState, Review};

/// Where no find is within reach, the nearest is named within so many metres.
const NAMED_M: f64 = 100.0;

/// So many of those within reach are named.
const NAMED: usize = 3;

/// What a row speaks of.
pub(super) struct Target {
    /// A find; `None` of an area.
    pub(super) feature: Option<String>,
    /// The items that it belongs to.
    pub(super) items: Vec<String>,
}

/// Finds what rows speak of.
pub(super) struct Targets {
    survey: ReviewedSurvey,
    /// The widest reach of a find, but for the accuracy of a row's position, metres.
    widest_m: f64,
}

impl Targets {
    pub(super) fn new(survey: ReviewedSurvey) -> Self {
        let mut targets = Self { survey, widest_m: NAMED_M };
        let reaches = targets.survey.survey.features.iter().map(|it| targets.reach(it, 0.0));
        targets.widest_m = reaches.fold(NAMED_M, f64::max);
        targets
    }

    /// What a row speaks of; the error says why that is not known.
    pub(super) fn target(&self, review: &Review, row: &FieldRow) -> Result<Target, String> {
        let place = match row.place {
            Some(FieldPlace::Beyond { km }) => {
                return Err(format!(
                    "its place is {km:.0} km from the survey's middle: check the CRS, and the \
                     order of longitude and latitude"
                ));
            }
            Some(FieldPlace::At { point, accuracy_m }) => {
                Some((self.survey.survey.ground.to_metres(&point), accuracy_m))
            }
            None => None,
        };
        match (row.id.as_str(), place) {
            ("", Some((at, Some(accuracy_m)))) => self.by_place(review, at, accuracy_m),
            ("", Some((_, None))) => {
                Err("its accuracy_m is empty: give it, or the id of the find".into())
            }
            ("", None) => Err("it has neither an id nor a place".into()),
            // Where the accuracy is not known, no place is too far.
            (id, place) => self.by_id(review, id, place.and_then(|(at, it)| Some((at, it?)))),
        }
    }

    fn by_id(
        &self,
        review: &Review,
        id: &str,
        place: Option<(Point, f64)>,
    ) -> Result<Target, String> {
        let far = |what: &Geometry, reach_m: f64, at: Point| {
            let distance_m = Euclidean.distance(what, &Geometry::from(at));
            (distance_m > reach_m).then(|| {
                format!(
                    "its place is {distance_m:.1} m from {id}, and its reach {reach_m:.1} m: \
                     check both"
                )
            })
        };
        if let Some(feature) = self.survey.feature(id) {
            let shape = self.survey.survey.ground.to_metres(&feature.geometry);
            let far =
                place.and_then(|(at, accuracy)| far(&shape, self.reach(feature, accuracy), at));
            return far.map_or_else(|| self.of_find(review, feature), Err);
        }
        let Some(item) = review.item(id) else {
            return Err(format!("there is no find and no area {id} in this survey"));
        };
        if item.standing().state == ItemState::Superseded {
            return Err(format!("{id} was superseded: give the id of what took its place"));
        }
        let shape = Geometry::from(self.survey.outline(item).shape.clone());
        match place.and_then(|(at, accuracy_m)| far(&shape, accuracy_m, at)) {
            Some(far) => Err(far),
            None => Ok(Target { feature: None, items: vec![item.id.clone()] }),
        }
    }

    fn by_place(&self, review: &Review, at: Point, accuracy_m: f64) -> Result<Target, String> {
        let survey = &self.survey.survey;
        let within = grown(Rect::new(at, at), accuracy_m + self.widest_m);
        let near = self.survey.features_within(within).into_iter().map(|it| &survey.features[it]);
        let mut near: Vec<(f64, &Feature)> = near
            .map(|feature| {
                let shape = survey.ground.to_metres(&feature.geometry);
                (Euclidean.distance(&shape, &Geometry::from(at)), feature)
            })
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_reached = |(distance_m, feature): &&(f64, &Feature)| {
            *distance_m <= self.reach(feature, accuracy_m)
        };
        let reached: Vec<_> = near.iter().filter(is_reached).collect();
        match (&reached[..], near.first()) {
            ([(_, feature)], _) => self.of_find(review, feature),
            ([], Some((distance_m, nearest))) => Err(format!(
                "no find is there; the nearest, {}, is {distance_m:.1} m away: give the id of the \
                 find or area, or add an area by `rams review`, key N",
                nearest.id
            )),
            ([], None) => Err(format!(
                "no find is within {NAMED_M} m: give the id of the area, or add one by `rams \
                 review`, key N"
            )),
            (several, _) => {
                let first = several.iter().take(NAMED);
                let mut ids: Vec<String> = first.map(|(_, it)| it.id.to_string()).collect();
                if several.len() > NAMED {
                    ids.push(format!("{} more", several.len() - NAMED));
                }
                Err(format!(
                    "it may be any of {} with an accuracy of {accuracy_m} m: give the id",
                    ids.join(", ")
                ))
            }
        }
    }

    /// How far from a find a position may lie that is one of it: the find's width, and the errors
    /// of both positions.
    fn reach(&self, feature: &Feature, accuracy_m: f64) -> f64 {
        feature.size_m[1] + self.survey.position_accuracy_m(feature.id) + accuracy_m
    }

    fn of_find(&self, review: &Review, feature: &Feature) -> Result<Target, String> {
        let items: Vec<String> =
            self.survey.items(review, feature.id).map(|item| item.id.clone()).collect();
        if items.is_empty() {
            return Err(format!("{} belongs to no area of the review", feature.id));
        }
        Ok(Target { feature: Some(feature.id.to_string()), items })
    }
}
