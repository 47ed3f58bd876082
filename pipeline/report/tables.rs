//! What was found in numbers: by district, by category and by threat.

use crate::words::{self, area_m2, count};
use geo::unary_union;
use maud::{Markup, html};
use rams_domain::{AreaKind, EoCategory, FeatureId, HazardArea, LandClass, Survey, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of the reporting form that mine action uses.
const FORM: [(&str, EoCategory); 4] = [
    ("AP", EoCategory::ApMine),
    ("AV", EoCategory::AvMine),
    ("CMR", EoCategory::Cmr),
    ("UXO", EoCategory::Uxo),
];

const THREATS: [Threat; 4] = [Threat::High, Threat::Medium, Threat::Low, Threat::Unassessed];

/// More areas than this are not united: the number is a help and not worth a minute.
const UNITED: usize = 5_000;

/// District | SHAs and groups of evidence points | area of the SHAs | indications | AP | AV | CMR |
/// UXO | other: the finds are counted, each in one row.
pub(crate) fn by_district(survey: &Survey) -> Markup {
    let mut district_of: BTreeMap<FeatureId, &str> = BTreeMap::new();
    for area in &survey.hazard_areas {
        area.features
            .iter()
            .for_each(|feature| _ = district_of.entry(*feature).or_insert(&area.district));
    }
    let names: BTreeSet<&str> =
        survey.hazard_areas.iter().map(|area| area.district.as_str()).collect();
    let of = |district: Option<&str>| {
        let areas: Vec<_> = survey
            .hazard_areas
            .iter()
            .filter(|area| Some(area.district.as_str()) == district)
            .collect();
        let finds: Vec<_> = survey
            .features
            .iter()
            .filter(|feature| district_of.get(&feature.id).copied() == district)
            .collect();
        (areas, finds.iter().map(|feature| feature.eo_category).collect::<Vec<_>>())
    };
    let (_, outside) = of(None);
    let all: Vec<_> = survey.hazard_areas.iter().collect();
    let every: Vec<_> = survey.features.iter().map(|feature| feature.eo_category).collect();
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
                @for name in &names {
                    @let (areas, finds) = of(Some(name));
                    (district_row(if name.is_empty() { "not known" } else { name }, &areas, &finds))
                }
                @if !outside.is_empty() { (district_row("in no area", &[], &outside)) }
            }
            tfoot { (district_row("All", &all, &every)) }
        }
    }
}

fn district_row(name: &str, areas: &[&HazardArea], finds: &[EoCategory]) -> Markup {
    let of = |wanted: EoCategory| finds.iter().filter(|category| **category == wanted).count();
    let indications = areas.iter().filter(|area| area.land_class == LandClass::Indication).count();
    let form: usize = FORM.iter().map(|(_, category)| of(*category)).sum();
    html! {
        tr {
            th scope="row" { (name) }
            td.number { (count(areas.len() - indications)) }
            td.number { (area_m2(sum(areas, has_perimeter))) }
            td.number { (count(indications)) }
            @for (_, category) in FORM { td.number { (count(of(category))) } }
            td.number { (count(finds.len() - form)) }
        }
    }
}

/// Whether an area is a candidate SHA with a perimeter: the only ground that sums of SHA are of.
fn has_perimeter(area: &HazardArea) -> bool {
    area.land_class == LandClass::Sha && area.kind == AreaKind::Perimeter
}

/// Category x threat, square metres: perimeters first, then the ground around evidence points, and
/// indications.
pub(crate) fn by_category(survey: &Survey) -> Markup {
    let (shas, indications): (Vec<&HazardArea>, Vec<_>) =
        survey.hazard_areas.iter().partition(|area| area.land_class == LandClass::Sha);
    let (perimeters, around_points): (Vec<&HazardArea>, Vec<_>) =
        shas.into_iter().partition(|area| has_perimeter(area));
    html! {
        table #by-category {
            thead {
                tr {
                    th rowspan="2" { "EO category" }
                    th.number rowspan="2" { "Areas" }
                    th.number rowspan="2" { "m²" }
                    th.span colspan="4" { "m² by threat" }
                }
                tr { @for threat in THREATS { th.number { (words::threat(threat)) } } }
            }
            tbody.sha {
                tr.band {
                    th colspan="7" { "Candidate suspected hazardous areas, with a perimeter" }
                }
                (category_rows(&perimeters, "Together"))
                @if perimeters.is_empty() { tr { td colspan="7" { "none" } } }
            }
            @if !around_points.is_empty() {
                tbody.indicative {
                    tr.band {
                        th colspan="7" {
                            "Ground around evidence points: indicative, not to be recorded as \
                             a perimeter"
                        }
                    }
                    (category_rows(&around_points, "Together (no perimeter)"))
                }
            }
            @if !indications.is_empty() {
                tbody.indications {
                    tr.band {
                        th colspan="7" {
                            "Indications: they say where to look, and are no suspected hazardous \
                             areas"
                        }
                    }
                    (category_rows(&indications, "Together (indications)"))
                }
            }
        }
    }
}

/// A row a category, and their sum where there are several.
fn category_rows(areas: &[&HazardArea], together: &str) -> Markup {
    let categories: BTreeSet<EoCategory> = areas.iter().map(|area| area.eo_category).collect();
    let of = |category: EoCategory| -> Vec<&HazardArea> {
        areas.iter().copied().filter(|area| area.eo_category == category).collect()
    };
    html! {
        @for category in &categories {
            (category_row(category.label(), &of(*category)))
        }
        @if categories.len() > 1 { (category_row(together, areas)) }
    }
}

fn category_row(name: &str, areas: &[&HazardArea]) -> Markup {
    html! {
        tr.sum[name.starts_with("Together")] {
            th scope="row" { (name) }
            td.number { (count(areas.len())) }
            td.number { (area_m2(sum(areas, |_| true))) }
            @for threat in THREATS {
                @let of_threat = sum(areas, |area| area.threat == threat);
                td.number { @if of_threat > 0.0 { (area_m2(of_threat)) } @else { "–" } }
            }
        }
    }
}

/// What the perimeters cover together: areas of two categories may lie on the same ground.
pub(crate) fn united_m2(survey: &Survey) -> Option<f64> {
    let areas: Vec<_> = survey.hazard_areas.iter().filter(|area| has_perimeter(area)).collect();
    let many = (2..=UNITED).contains(&areas.len());
    many.then(|| survey.ground.area_m2(&unary_union(areas.iter().flat_map(|area| &area.boundary))))
}

fn sum(areas: &[&HazardArea], counts: impl Fn(&HazardArea) -> bool) -> f64 {
    areas.iter().filter(|area| counts(area)).map(|area| area.area_m2).sum()
}
