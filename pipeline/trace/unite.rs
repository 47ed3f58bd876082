//! Features that are one object or earthwork -> one feature.

use crate::extent::extent;
use crate::local_feature::{LocalFeature, LocalShape, WideLine, strip};
use crate::mosaic_frame::MosaicFrame;
use geo::{
    BooleanOps, ConvexHull, Euclidean, Geometry, Length, LineString, MultiLineString, MultiPolygon,
    Orient, orient::Direction, unary_union,
};
use rams_domain::{Feature, FeaturePart, Ground, Model};

/// A feature, and the same in local metres.
type Member<'a> = (Feature, &'a LocalFeature);

/// One feature of those that several orthomosaics show of one object or earthwork.
///
/// The most confident is kept, of equals that of the finer pixels: by the other rule a hazard would
/// be believed less for having been seen twice. It names the detections of all. Of areas the union
/// is drawn; of lines the longest, with what the others have beyond it.
pub(crate) fn unite(
    mut members: Vec<Member<'_>>,
    mosaics: &[MosaicFrame],
    models: &[&Model],
    ground: &Ground,
    accuracy_m: f64,
) -> Feature {
    members.sort_by(|(a, local_a), (b, local_b)| {
        let (mosaic_a, mosaic_b) = (&mosaics[local_a.mosaic], &mosaics[local_b.mosaic]);
        let by_confidence = b.confidence.total_cmp(&a.confidence).then(b.score.total_cmp(&a.score));
        by_confidence
            .then(mosaic_a.gsd_m.total_cmp(&mosaic_b.gsd_m))
            .then_with(|| mosaic_a.name.cmp(&mosaic_b.name))
    });
    let (model, family, _) = members[0].1.key;
    let shape = match members[0].1.shape {
        LocalShape::Point(_) => None,
        LocalShape::Area(_) => Some(united_area(&members, ground)),
        LocalShape::Lines(_) => Some(united_lines(&members, ground, accuracy_m)),
    };
    let mut features = members.into_iter().map(|(feature, _)| feature);
    let mut kept = features.next().expect("a group has members");
    for other in features {
        if matches!(kept.geometry, Geometry::Point(_)) && other.class != kept.class {
            rename(&mut kept, &other, models[model], family);
        }
        kept.also.extend(other.detections.iter().map(|id| (other.orthomosaic.clone(), *id)));
    }
    kept.also.sort();
    if let Some(UnitedShape { geometry, size_m, area_m2, parts }) = shape {
        (kept.geometry, kept.size_m, kept.area_m2, kept.parts) = (geometry, size_m, area_m2, parts);
    }
    kept
}

/// Two kinds of one family are called by the family, as in one orthomosaic; where one of the two
/// names is the family's, the other is not contradicted.
fn rename(kept: &mut Feature, other: &Feature, model: &Model, family: usize) {
    let family = &model.classes[family];
    if other.class == family.name || kept.class == family.name {
        return;
    }
    kept.class = family.name.clone();
    kept.indicator = family.indicator;
    // That it is of the family is no less probable than that it is of the kind.
    kept.confidence = family.confidence(kept.score).max(kept.confidence);
}

/// Where a united feature lies and how large it is.
struct UnitedShape {
    geometry: Geometry,
    size_m: [f64; 2],
    area_m2: f64,
    parts: Vec<FeaturePart>,
}

fn united_area(members: &[Member<'_>], ground: &Ground) -> UnitedShape {
    let areas = members.iter().filter_map(|(_, local)| match &local.shape {
        LocalShape::Area(area) => Some(area),
        _ => None,
    });
    let union = unary_union(areas);
    let (size_m, _) = extent(&union.convex_hull());
    let placed = ground.from_metres(&union).orient(Direction::Default);
    let area_m2 = ground.area_m2(&placed);
    let geometry = match <[_; 1]>::try_from(placed.0) {
        Ok([single]) => Geometry::Polygon(single),
        Err(several) => Geometry::MultiPolygon(MultiPolygon(several)),
    };
    UnitedShape { geometry, size_m, area_m2, parts: vec![] }
}

/// The longest of some networks, with what the others have beyond it.
fn united_lines(members: &[Member<'_>], ground: &Ground, accuracy_m: f64) -> UnitedShape {
    let mut longest_first: Vec<&Member<'_>> = members.iter().collect();
    longest_first.sort_by(|(a, _), (b, _)| b.size_m[0].total_cmp(&a.size_m[0]));
    let (longest, local) = longest_first[0];
    let mut shape = UnitedShape {
        geometry: longest.geometry.clone(),
        size_m: longest.size_m,
        area_m2: longest.area_m2,
        parts: longest.parts.clone(),
    };
    let LocalShape::Lines(own) = &local.shape else { return shape };
    let mut lines: Vec<WideLine> = own.clone();
    let added = add_beyond(&mut lines, &longest_first[1..], ground, accuracy_m);
    if added.is_empty() {
        return shape;
    }
    let length_m: f64 = lines.iter().map(|(line, _)| Euclidean.length(line)).sum();
    shape.size_m = [length_m, strips_m2(&lines) / length_m];
    shape.area_m2 += strips_m2(&lines[own.len()..]);
    let mut strings = match &longest.geometry {
        Geometry::MultiLineString(lines) => lines.0.clone(),
        Geometry::LineString(line) => {
            // The axis of a box becomes a stretch among others.
            shape.parts.push(FeaturePart {
                line: line.clone(),
                class: longest.class.clone(),
                width_m: longest.size_m[1],
                confidence: longest.confidence,
            });
            vec![line.clone()]
        }
        _ => vec![],
    };
    strings.extend(added.iter().map(|part| part.line.clone()));
    shape.geometry = Geometry::MultiLineString(MultiLineString(strings));
    shape.parts.extend(added);
    shape
}

/// Adds to some lines what other features have beyond them, the longest feature first, and returns
/// it as stretches on the ground.
fn add_beyond(
    lines: &mut Vec<WideLine>,
    others: &[&Member<'_>],
    ground: &Ground,
    accuracy_m: f64,
) -> Vec<FeaturePart> {
    let mut added: Vec<FeaturePart> = vec![];
    for (other, local) in others {
        let LocalShape::Lines(stretches) = &local.shape else { continue };
        let covered = strip(lines, accuracy_m);
        for (i, (line, width_m)) in stretches.iter().enumerate() {
            let beyond = covered.clip(&MultiLineString(vec![line.clone()]), true);
            // What sticks out by less than its width is the end of the same ditch.
            for rest in beyond.0.into_iter().filter(|rest| Euclidean.length(rest) > *width_m) {
                added.push(part(other, i, ground.from_metres(&rest), *width_m));
                lines.push((rest, *width_m));
            }
        }
    }
    added
}

/// A stretch of a feature that is called as its own stretch of that number, if it has one.
fn part(feature: &Feature, number: usize, line: LineString, width_m: f64) -> FeaturePart {
    let (class, confidence) = feature
        .parts
        .get(number)
        .map_or((&feature.class, feature.confidence), |part| (&part.class, part.confidence));
    FeaturePart { line, class: class.clone(), width_m, confidence }
}

/// Area of the strips along some lines, square metres.
fn strips_m2(lines: &[WideLine]) -> f64 {
    lines.iter().map(|(line, width_m)| Euclidean.length(line) * width_m).sum()
}
