//! Features that are one thing -> one feature.

use crate::cross_mosaic_match::Sheet;
use crate::matcher::{Form, Shown, strip};
use crate::place::extent;
use geo::{
    BooleanOps, ConvexHull, Euclidean, Geometry, Length, LineString, MultiLineString, MultiPolygon,
    Orient, orient::Direction, unary_union,
};
use rams_domain::{Feature, FeaturePart, Ground, Model};
use std::cmp::Ordering;

/// One feature of those that several orthomosaics show of one thing.
///
/// The most confident is kept, of equals that of the finer pixels: by the other rule a hazard would
/// be believed less for having been seen twice. It names the detections of all. Of areas the union
/// is drawn; of lines the longest, with what the others have beyond it.
pub(crate) fn unite(
    mut seen: Vec<(Feature, &Shown)>,
    sheets: &[Sheet],
    models: &[&Model],
    ground: &Ground,
    accuracy_m: f64,
) -> Feature {
    seen.sort_by(|(a, at_a), (b, at_b)| {
        let (sheet_a, sheet_b) = (&sheets[at_a.sheet], &sheets[at_b.sheet]);
        let by_confidence = b.confidence.total_cmp(&a.confidence).then(b.score.total_cmp(&a.score));
        by_confidence
            .then(sheet_a.gsd_m.total_cmp(&sheet_b.gsd_m))
            .then_with(|| sheet_a.name.cmp(&sheet_b.name))
    });
    let forms: Vec<&Form> = seen.iter().map(|(_, shown)| &shown.form).collect();
    let key = seen[0].1.key;
    let drawn = match forms[0] {
        Form::Point(_) => None,
        Form::Area(_) => Some(area(&forms, ground)),
        Form::Lines(_) => Some(lines(&seen, ground, accuracy_m)),
    };
    let mut members = seen.into_iter().map(|(feature, _)| feature);
    let mut kept = members.next().expect("a group has members");
    for other in members {
        if matches!(kept.geometry, Geometry::Point(_)) && other.class != kept.class {
            rename(&mut kept, &other, models[key.0], key.1);
        }
        kept.also.extend(other.detections.iter().map(|id| (other.orthomosaic.clone(), *id)));
    }
    kept.also.sort();
    if let Some(MergedShape { geometry, size_m, area_m2, parts }) = drawn {
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

/// How a united feature is drawn.
struct MergedShape {
    geometry: Geometry,
    size_m: [f64; 2],
    area_m2: f64,
    parts: Vec<FeaturePart>,
}

fn area(forms: &[&Form], ground: &Ground) -> MergedShape {
    let areas =
        forms.iter().filter_map(|form| if let Form::Area(area) = form { Some(area) } else { None });
    let union = unary_union(areas);
    let (size_m, _) = extent(&union.convex_hull());
    let placed = ground.from_metres(&union).orient(Direction::Default);
    let area_m2 = ground.area_m2(&placed);
    let geometry = match <[_; 1]>::try_from(placed.0) {
        Ok([single]) => Geometry::Polygon(single),
        Err(several) => Geometry::MultiPolygon(MultiPolygon(several)),
    };
    MergedShape { geometry, size_m, area_m2, parts: vec![] }
}

fn lines(seen: &[(Feature, &Shown)], ground: &Ground, accuracy_m: f64) -> MergedShape {
    let longest_first = |(a, _): &&(Feature, &Shown), (b, _): &&(Feature, &Shown)| -> Ordering {
        b.size_m[0].total_cmp(&a.size_m[0])
    };
    let mut by_length: Vec<&(Feature, &Shown)> = seen.iter().collect();
    by_length.sort_by(longest_first);
    let (longest, shown) = by_length[0];
    let mut drawn = MergedShape {
        geometry: longest.geometry.clone(),
        size_m: longest.size_m,
        area_m2: longest.area_m2,
        parts: longest.parts.clone(),
    };
    let Form::Lines(own) = &shown.form else { return drawn };
    let mut known: Vec<(LineString, f64)> = own.clone();
    let mut added: Vec<FeaturePart> = vec![];
    for (other, shown) in &by_length[1..] {
        let Form::Lines(stretches) = &shown.form else { continue };
        let taken = strip(&known, accuracy_m);
        for (i, (line, width_m)) in stretches.iter().enumerate() {
            let beyond = taken.clip(&MultiLineString(vec![line.clone()]), true);
            // What sticks out by less than its width is the end of the same ditch.
            for piece in beyond.0.into_iter().filter(|piece| Euclidean.length(piece) > *width_m) {
                let (class, confidence) =
                    other.parts.get(i).map_or((other.class.clone(), other.confidence), |part| {
                        (part.class.clone(), part.confidence)
                    });
                added.push(FeaturePart {
                    line: ground.from_metres(&piece),
                    class,
                    width_m: *width_m,
                    confidence,
                });
                known.push((piece, *width_m));
            }
        }
    }
    if added.is_empty() {
        return drawn;
    }
    let length_m: f64 = known.iter().map(|(line, _)| Euclidean.length(line)).sum();
    let across_m2: f64 = known.iter().map(|(line, width_m)| Euclidean.length(line) * width_m).sum();
    drawn.area_m2 += known[own.len()..]
        .iter()
        .map(|(line, width_m)| Euclidean.length(line) * width_m)
        .sum::<f64>();
    drawn.size_m = [length_m, across_m2 / length_m];
    let mut strings = match &longest.geometry {
        Geometry::MultiLineString(lines) => lines.0.clone(),
        Geometry::LineString(line) => {
            // The axis of a box becomes a stretch among others.
            let (class, confidence) = (longest.class.clone(), longest.confidence);
            drawn.parts.push(FeaturePart {
                line: line.clone(),
                class,
                width_m: longest.size_m[1],
                confidence,
            });
            vec![line.clone()]
        }
        _ => vec![],
    };
    strings.extend(added.iter().map(|part| part.line.clone()));
    drawn.geometry = Geometry::MultiLineString(MultiLineString(strings));
    drawn.parts.extend(added);
    drawn
}
