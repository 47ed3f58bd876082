//! Figures of what is drawn, where a person has drawn since they were written.

use super::coverage::Coverage;
use super::layer::Layer;
use super::{Faults, Layers, listed};
use crate::spot::is_spot;
use gdal::vector::{FieldValue, Geometry};
use geo::{
    Area, BoundingRect, Distance, Geodesic, Length, MapCoords, MinimumRotatedRect, Point, coord,
};
use rams_domain::{AreaKind, EoCategory, ExternalEvidenceKind, LandClass, Tier};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A figure is that of what is drawn if it differs by no more than this share of it, and this many
/// metres or square metres: what is written is rounded, and was measured between nodes of a grid.
const SHARE: f64 = 1e-5;
const LEAST: f64 = 2e-3;

/// A line's length was measured on a plane, and some lines are smoothed when they are drawn.
const LINE_SHARE: f64 = 0.02;

/// Measures all areas anew, and what depends on them where they were reshaped, moved or drawn by
/// hand.
pub(super) fn measure(layers: &mut Layers, faults: &mut Faults) {
    name_kinds(layers.get_mut("hazard_areas"));
    name_classes(layers);
    let mut reshaped = vec![];
    for name in ["hazard_areas", "gaps", "assessed", "features"] {
        let layer = layers.get_mut(name);
        for row in 0..layer.rows.len() {
            let drawn_m2 = layer.rows[row].drawn_m2;
            let stated_m2 = layer.number(row, "area_m2");
            // A line has the area of its mask, which is not drawn.
            if drawn_m2 == 0.0
                && name == "features"
                && stated_m2.is_some_and(|m2| m2 >= 0.0 && m2.is_finite())
            {
                continue;
            }
            if !stated_m2.is_some_and(|stated_m2| is_near(stated_m2, drawn_m2, SHARE)) {
                layer.set(row, "area_m2", rounded(drawn_m2));
                reshaped.push((name, row));
            }
        }
    }
    let of_layer = |name: &str| -> BTreeSet<usize> {
        reshaped.iter().filter(|(layer, _)| *layer == name).map(|(_, row)| *row).collect()
    };
    sizes(layers, &of_layer("features"));
    place(layers, &of_layer("hazard_areas"));
    for name in ["hazard_areas", "features"] {
        let ids = of_layer(name).into_iter().map(|row| layers.get(name).text(row, "id").to_owned());
        let ids: Vec<String> = ids.collect();
        if !ids.is_empty() {
            faults.notice(format!(
                "layer {name}: figures are those of what is drawn now: {}",
                listed(&ids)
            ));
        }
    }
}

/// An area that was drawn by hand has a perimeter, but for ordnance that is recorded spot by spot.
fn name_kinds(areas: &mut Layer) {
    for row in
        (0..areas.rows.len()).filter(|row| areas.text(*row, "kind").is_empty()).collect::<Vec<_>>()
    {
        let kind = if is_spot(areas.text(row, "eo_category")) {
            AreaKind::Indicative
        } else {
            AreaKind::Perimeter
        };
        areas.set_text(row, "kind", kind.to_string());
    }
}

/// What a person drew is a suspected hazardous area. So is what version 0.2 drew, which knew no
/// land classes, but for areas that stand on earthworks and no report; with a report they are
/// reported.
fn name_classes(layers: &mut Layers) {
    let external = layers.get("external_evidence");
    let points_to_hazard = |row: &usize| {
        let mut kinds = ExternalEvidenceKind::ALL.into_iter().filter(|it| it.points_to_hazard());
        kinds.any(|kind| external.text(*row, "kind") == kind.to_string())
    };
    let reports: HashSet<String> = (0..external.rows.len())
        .filter(points_to_hazard)
        .map(|row| external.text(row, "id").to_owned())
        .collect();
    let areas = layers.get_mut("hazard_areas");
    for row in 0..areas.rows.len() {
        if !areas.text(row, "land_class").is_empty() {
            continue;
        }
        let is_drawn = !areas.text(row, "doctrine").is_empty();
        let is_reported =
            areas.list(row, "external_evidence").iter().any(|id| reports.contains(id));
        let is_sign = areas.text(row, "eo_category") == EoCategory::Unknown.to_string();
        let class = if is_drawn && is_sign && !is_reported {
            LandClass::Indication
        } else {
            LandClass::Sha
        };
        areas.set_text(row, "land_class", class.to_string());
        if is_drawn && is_reported {
            areas.set_text(row, "tier", Tier::Reported.to_string());
        }
    }
}

fn is_near(stated: f64, drawn: f64, share: f64) -> bool {
    (stated - drawn).abs() <= drawn * share + LEAST
}

fn rounded(value: f64) -> FieldValue {
    FieldValue::RealValue((value * 1e3).round() / 1e3)
}

/// Length and width of outlines that were reshaped, and of lines that are longer or shorter than it
/// says.
fn sizes(layers: &mut Layers, reshaped: &BTreeSet<usize>) {
    for row in 0..layers.get("features").rows.len() {
        let geometry = layers.get("features").rows[row].geometry.as_ref();
        let lonlat = geometry.and_then(|it| it.transform(&layers.to_lonlat).ok()?.to_geo().ok());
        let layer = layers.get_mut("features");
        let length_m = match &lonlat {
            Some(geo::Geometry::LineString(line)) => Geodesic.length(line),
            Some(geo::Geometry::MultiLineString(lines)) => Geodesic.length(lines),
            Some(outline) if outline.unsigned_area() > 0.0 && reshaped.contains(&row) => {
                let [length_m, width_m] = sides_m(outline);
                layer.set(row, "length_m", rounded(length_m));
                layer.set(row, "width_m", rounded(width_m));
                continue;
            }
            _ => continue,
        };
        if !layer
            .number(row, "length_m")
            .is_some_and(|stated_m| is_near(stated_m, length_m, LINE_SHARE))
        {
            layer.set(row, "length_m", rounded(length_m));
        }
    }
}

/// Longer and shorter side of the smallest rotated rectangle around an outline in degrees.
fn sides_m(lonlat: &geo::Geometry) -> [f64; 2] {
    // Degrees of longitude as long as those of latitude, that right angles stay right.
    let shrink = lonlat.bounding_rect().map_or(1.0, |rect| rect.center().y.to_radians().cos());
    let plane = lonlat.map_coords(|at| coord! { x: at.x * shrink, y: at.y });
    let Some(around) = plane.minimum_rotated_rect() else { return [0.0; 2] };
    let corner = |i: usize| {
        let at = around.exterior().0[i];
        Point::new(at.x / shrink, at.y)
    };
    let side = |i: usize| Geodesic.distance(corner(i), corner(i + 1));
    let (one, other) = (side(0), side(1));
    [one.max(other), one.min(other)]
}

/// How much of an area was assessed, and how much lies beyond the imagery: of those that were
/// reshaped, and of those that lie elsewhere than their features, as one does that was moved.
fn place(layers: &mut Layers, reshaped: &BTreeSet<usize>) {
    let areas = layers.get("hazard_areas");
    let features = layers.get("features");
    let mut found: Vec<(usize, [f64; 2])> = vec![];
    let mut coverage = None;
    let by_id: HashMap<&str, usize> =
        (0..features.rows.len()).map(|row| (features.text(row, "id"), row)).collect();
    for row in 0..areas.rows.len() {
        let Some(outline) = &areas.rows[row].geometry else { continue };
        let of_area: Vec<usize> = areas
            .list(row, "features")
            .iter()
            .filter_map(|id| by_id.get(id.as_str()).copied())
            .collect();
        let is_there = |feature: &usize| {
            features.rows[*feature].geometry.as_ref().is_none_or(|it| meet(it, outline))
        };
        let is_told = areas.number(row, "assessed_share").is_some();
        if reshaped.contains(&row) || !is_told || !of_area.iter().all(is_there) {
            let looked = of_area
                .iter()
                .map(|row| (features.text(*row, "model"), features.text(*row, "class")));
            let coverage = coverage.get_or_insert_with(|| Coverage::of(layers));
            found.push((row, coverage.of_area(outline, &looked.collect::<Vec<_>>())));
        }
    }
    let areas = layers.get_mut("hazard_areas");
    for (row, [assessed, beyond]) in found {
        let beyond_m2 = beyond * areas.rows[row].drawn_m2;
        areas.set(row, "assessed_share", FieldValue::RealValue((assessed * 1e6).round() / 1e6));
        areas.set(row, "beyond_imagery_m2", rounded(beyond_m2));
    }
}

fn meet(a: &Geometry, b: &Geometry) -> bool {
    let (a, b) = (a.envelope(), b.envelope());
    a.MinX <= b.MaxX && a.MaxX >= b.MinX && a.MinY <= b.MaxY && a.MaxY >= b.MinY
}
