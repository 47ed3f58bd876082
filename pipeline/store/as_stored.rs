//! A survey -> the same as it reads back from the file that it is stored in.

use crate::draft::Draft;
use crate::error::StoreError;
use crate::names::SURVEY_FILE;
use crate::read::read;
use crate::table::{rounded_measure, rounded_share};
use crate::tables;
use crate::write::{fill, srs};
use geo::{Coord, Geometry};
use rams_domain::{Feature, PxBox, Survey};
use std::mem::take;
use std::path::Path;

/// A survey as it reads back from the file that it is stored in: figures rounded, outlines in
/// order, its ground that of its rows. Only what stays in the file is as it was: detections, which
/// of them features were made of, and pictures. `dir` is the folder of the survey; nothing is left
/// there.
pub fn as_stored(mut survey: Survey, dir: &Path) -> Result<Survey, StoreError> {
    let target = dir.join(SURVEY_FILE);
    let draft = Draft::beside(&target)?;
    let (detections, georefs) = (take(&mut survey.detections), take(&mut survey.georefs));
    let (metadata, record) = (take(&mut survey.metadata), take(&mut survey.record));
    let chips = take(&mut survey.chips);
    let mut features = take(&mut survey.features);
    let is_known = known(&features, &survey);
    let others = features.iter().zip(&is_known).filter(|(_, is_known)| !**is_known);
    survey.features = others.map(|(feature, _)| feature.clone()).collect();
    let tables = tables::of(&survey);
    fill(&survey, tables, &srs(&survey)?, &draft.path(SURVEY_FILE), None)
        .map_err(|halt| draft.blame(&target, halt))?;
    let (mut survey, _) = read(draft.folder())?;
    let mut read = take(&mut survey.features).into_iter();
    for (feature, is_known) in features.iter_mut().zip(is_known) {
        if is_known {
            round(feature);
        } else if let Some(read) = read.next() {
            let (detections, also) = (take(&mut feature.detections), take(&mut feature.also));
            *feature = Feature { px: feature.px, detections, also, ..read };
        }
    }
    Ok(Survey { features, detections, georefs, chips, metadata, record, ..survey })
}

/// Which features read back as they are but for the rounding of their figures: the points of a
/// survey without areas, of which there may be millions, but for those that bound its ground.
fn known(features: &[Feature], survey: &Survey) -> Vec<bool> {
    if !survey.hazard_areas.is_empty() {
        // Areas are looked at with the features that they stand on.
        return vec![false; features.len()];
    }
    let mut known: Vec<bool> = features.iter().map(is_sound_point).collect();
    let sides: [fn(Coord) -> f64; 4] = [|at| at.x, |at| -at.x, |at| at.y, |at| -at.y];
    let outermost = sides.map(|side| {
        let points = features.iter().enumerate().filter(|(i, _)| known[*i]);
        let placed = points.filter_map(|(i, feature)| Some((side(point(feature)?), i)));
        placed.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, i)| i)
    });
    outermost.into_iter().flatten().for_each(|i| known[i] = false);
    known
}

fn point(feature: &Feature) -> Option<Coord> {
    match &feature.geometry {
        Geometry::Point(at) => Some(at.0),
        _ => None,
    }
}

/// Whether a feature is a point of which nothing is put in order when it is read.
fn is_sound_point(feature: &Feature) -> bool {
    let Feature { class, score, confidence, size_m, area_m2, parts, px, .. } = feature;
    let PxBox { x0, y0, x1, y1 } = *px;
    let sides = [x0, y0, x1, y1].map(rounded_measure);
    let is_sound = |value: f64, most: f64| (0.0..=most).contains(&value);
    point(feature).is_some_and(|at| at.x.is_finite() && at.y.is_finite())
        && parts.is_empty()
        && !class.is_empty()
        && class.trim() == class
        && [*score, *confidence].iter().all(|share| is_sound(rounded_share(*share), 1.0))
        && [size_m[0], size_m[1], *area_m2].iter().all(|metres| is_sound(*metres, f64::MAX))
        && sides.iter().all(|side| side.is_finite())
        && sides[0] < sides[2]
        && sides[1] < sides[3]
}

/// The figures of a feature as its row has them.
fn round(feature: &mut Feature) {
    feature.score = rounded_share(feature.score) as f32;
    feature.confidence = rounded_share(feature.confidence) as f32;
    feature.size_m = feature.size_m.map(rounded_measure);
    feature.area_m2 = rounded_measure(feature.area_m2);
}
