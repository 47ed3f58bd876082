//! What was found, district by district: finds and ground where they lie.

use crate::tables::has_perimeter;
use crate::words::{area_m2, count};
use geo::{Area, BooleanOps, Centroid, Geometry, Intersects, MultiPolygon};
use maud::{Markup, html};
use rams_domain::{EoCategory, ExternalEvidenceKind, FeatureId, HazardArea, LandClass, Survey};
use std::collections::BTreeMap;

/// Columns of the reporting form that mine action uses.
const FORM: [(&str, EoCategory); 4] = [
    ("AP", EoCategory::ApMine),
    ("AV", EoCategory::AvMine),
    ("CMR", EoCategory::Cmr),
    ("UXO", EoCategory::Uxo),
];

/// A smaller share of an area is no part of it but rounding.
const NO_PART: f64 = 1e-6;

/// A district whose border was given.
struct District<'a> {
    name: &'a str,
    /// Units of the survey's CRS.
    ground: MultiPolygon,
}

/// What lies in a district.
#[derive(Default)]
struct Row {
    areas: usize,
    sha_m2: f64,
    indications: usize,
    finds: Vec<EoCategory>,
}

/// District | SHAs and groups of evidence points | area of the SHAs | indications | AP | AV | CMR |
/// UXO | other: the finds are counted, each in one row.
pub(crate) fn by_district(survey: &Survey) -> Markup {
    let (rows, outside) = rows(survey);
    let mut all = Row::default();
    for row in rows.values().chain([&outside]) {
        all.areas += row.areas;
        all.sha_m2 += row.sha_m2;
        all.indications += row.indications;
        all.finds.extend(&row.finds);
    }
    html! {
        table #by-district {
            thead {
                tr {
                    th rowspan="2" { "District" }
                    th.number rowspan="2" { "SHAs and groups" }
                    th.number rowspan="2" { "SHA m²" }
                    th.number rowspan="2" { "Indications" }
                    th.span colspan="5" { "Finds (not confirmed)" }
                }
                tr {
                    @for (name, _) in FORM { th.number { (name) } } th.number { "other" }
                }
            }
            tbody {
                @for (name, row) in &rows {
                    (district_row(if name.is_empty() { "not known" } else { name }, row))
                }
                @if !outside.finds.is_empty() { (district_row("in no area", &outside)) }
            }
            tfoot { (district_row("All", &all)) }
        }
    }
}

/// Every district that was given or stated, and the finds in none of them and in no area.
fn rows(survey: &Survey) -> (BTreeMap<&str, Row>, Row) {
    let given = given(survey);
    let mut rows: BTreeMap<&str, Row> =
        given.iter().map(|district| (district.name, Row::default())).collect();
    // Beyond the borders given an area lies in the district that was stated, or in none known.
    let beyond = |area: &HazardArea| given.iter().all(|district| district.name != area.district);
    let mut elsewhere_of: BTreeMap<FeatureId, &str> = BTreeMap::new();
    for area in &survey.hazard_areas {
        let row = rows.entry(&area.district).or_default();
        match area.land_class {
            LandClass::Sha => row.areas += 1,
            LandClass::Indication => row.indications += 1,
        }
        let elsewhere = if beyond(area) { area.district.as_str() } else { "" };
        if has_perimeter(area) {
            for (name, share) in shares(area, &given, elsewhere) {
                rows.entry(name).or_default().sha_m2 += share * area.area_m2;
            }
        }
        area.features.iter().for_each(|id| _ = elsewhere_of.entry(*id).or_insert(elsewhere));
    }
    let mut outside = Row::default();
    for feature in &survey.features {
        let place = feature.geometry.centroid();
        let mut within =
            given.iter().filter(|of| place.is_some_and(|at| of.ground.intersects(&at)));
        let name = within.next().map(|district| district.name);
        let row = match name.or_else(|| elsewhere_of.get(&feature.id).copied()) {
            Some(name) => rows.entry(name).or_default(),
            None => &mut outside,
        };
        row.finds.push(feature.eo_category);
    }
    (rows, outside)
}

fn given(survey: &Survey) -> Vec<District<'_>> {
    let known = survey.external_evidence.iter();
    known
        .filter(|item| item.kind == ExternalEvidenceKind::District)
        .filter_map(|item| {
            let ground = match &item.geometry {
                Geometry::Polygon(polygon) => polygon.clone().into(),
                Geometry::MultiPolygon(polygons) => polygons.clone(),
                _ => return None,
            };
            Some(District { name: &item.name, ground })
        })
        .collect()
}

/// Shares of an area by district; where borders overlap the first one has it.
fn shares<'a>(
    area: &HazardArea,
    given: &[District<'a>],
    elsewhere: &'a str,
) -> Vec<(&'a str, f64)> {
    let whole = area.boundary.unsigned_area().max(f64::MIN_POSITIVE);
    let mut rest = area.boundary.clone();
    let mut left = 1.0;
    let mut shares = vec![];
    for district in given.iter().filter(|district| district.ground.intersects(&area.boundary)) {
        let share = rest.intersection(&district.ground).unsigned_area() / whole;
        rest = rest.difference(&district.ground);
        left -= share;
        shares.push((district.name, share));
    }
    match shares.first_mut() {
        Some((_, first)) if left < NO_PART => *first += left,
        _ => shares.push((elsewhere, left)),
    }
    shares
}

fn district_row(name: &str, row: &Row) -> Markup {
    let of = |wanted: EoCategory| row.finds.iter().filter(|category| **category == wanted).count();
    let form: usize = FORM.iter().map(|(_, category)| of(*category)).sum();
    html! {
        tr {
            th scope="row" { (name) }
            td.number { (count(row.areas)) }
            td.number { (area_m2(row.sha_m2)) }
            td.number { (count(row.indications)) }
            @for (_, category) in FORM { td.number { (count(of(category))) } }
            td.number { (count(row.finds.len() - form)) }
        }
    }
}
