//! What was found in numbers: by category and by threat.

use crate::words::{self, area_m2, count};
use geo::unary_union;
use maud::{Markup, html};
use rams_domain::{AreaKind, EoCategory, HazardArea, LandClass, Survey, Threat};
use std::collections::BTreeSet;

const THREATS: [Threat; 4] = [Threat::High, Threat::Medium, Threat::Low, Threat::Unassessed];

/// More areas than this are not united: the number is a help and not worth a minute.
const UNITED: usize = 5_000;

/// Whether an area is a candidate SHA with a perimeter: the only ground that sums of SHA are of.
pub(crate) fn has_perimeter(area: &HazardArea) -> bool {
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
