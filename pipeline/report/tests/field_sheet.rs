//! The sheet that a team takes to the ground.

use super::fixture::{area, finds, full};
use super::{all, text};
use crate::Report;
use geo::{
    Buffer, Contains, Coord, LineString, MapCoords, MultiPolygon, Point, Polygon, Rect, coord,
    polygon,
};
use rams_domain::{
    AreaKind, EoCategory, EvidenceKind, GapReason, Ground, HazardArea, Survey, Threat,
};
use scraper::{ElementRef, Html, Selector};

fn sheet(survey: &Survey, id: &str) -> Option<Html> {
    let none = ["ortho.tif is not there".to_owned()];
    let colour = |_: &str| [10, 20, 30];
    let report = Report { survey, colour, cards: &[], has_full_cards: false, no_pictures: &none };
    let page = Html::parse_document(&report.field_sheet(id, &mut |_| vec![])?);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    Some(page)
}

/// A survey with one perimeter.
fn of(boundary: Polygon) -> Survey {
    let mut survey = full();
    let perimeter = area(1, AreaKind::Perimeter, EoCategory::ApMine, Threat::High, 4000.0, &[1, 2]);
    survey.hazard_areas = vec![HazardArea { boundary: MultiPolygon(vec![boundary]), ..perimeter }];
    survey
}

/// Bearing and distance to the next of each turning point.
fn walk(page: &Html) -> Vec<[f64; 2]> {
    let ways = all(page, ".turning tbody td.number");
    let way = |cell: &scraper::ElementRef<'_>| {
        let text: String = cell.text().collect();
        let (bearing, distance) = text.split_once("°, ").unwrap();
        [bearing.parse().unwrap(), distance.trim_end_matches(" m").parse().unwrap()]
    };
    ways.iter().map(way).collect()
}

fn numbers(text: &str) -> Vec<f64> {
    let parts = text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
    parts.filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
}

#[test]
fn turning_points_lead_around_the_perimeter_and_back() {
    let field =
        polygon![(x: 20.0, y: 20.0), (x: 120.0, y: 20.0), (x: 120.0, y: 60.0), (x: 20.0, y: 60.0)];
    let page = sheet(&of(field), "A0001").unwrap();
    let walk = walk(&page);
    assert!((4..=12).contains(&walk.len()), "{walk:?}");
    let [mut east, mut north, mut length] = [0.0, 0.0, 0.0];
    for [bearing, distance] in &walk {
        let (sin, cos) = bearing.to_radians().sin_cos();
        (east, north, length) = (east + distance * sin, north + distance * cos, length + distance);
    }
    // Bearings are whole degrees, distances decimetres.
    assert!(east.hypot(north) < 3.0, "it ends {east:.1} east and {north:.1} north of its start");
    // Around 100 x 40 m, and up to a metre outside on each side.
    assert!((280.0..=288.0).contains(&length), "{length}");
    let bearings: Vec<_> =
        walk.iter().filter(|[_, distance]| *distance > 10.0).map(|[bearing, _]| *bearing).collect();
    let mut sorted = bearings.clone();
    sorted.sort_by(f64::total_cmp);
    assert_eq!(sorted, [0.0, 90.0, 180.0, 270.0]);
    let at = bearings.iter().position(|bearing| *bearing == 90.0).unwrap();
    assert_eq!(bearings[(at + 1) % 4], 180.0, "clockwise, the area on the right hand");
}

#[test]
fn the_line_between_turning_points_holds_the_whole_perimeter() {
    // 300 corners on a wavy circle.
    let at = |step: i32| {
        let angle = f64::from(step) / 300.0 * std::f64::consts::TAU;
        let radius = 30.0 + 4.0 * (5.0 * angle).sin();
        (100.0 + radius * angle.cos(), 50.0 + radius * angle.sin())
    };
    let ring: LineString = (0..300).map(at).collect();
    let page = sheet(&of(Polygon::new(ring, vec![])), "A0001").unwrap();
    let number = |element: &scraper::ElementRef<'_>, name: &str| -> f64 {
        element.attr(name).unwrap().parse().unwrap()
    };
    let circles = all(&page, "svg.map circle[r='9']");
    let corners: LineString =
        circles.iter().map(|circle| (number(circle, "cx"), number(circle, "cy"))).collect();
    assert!((4..=18).contains(&circles.len()), "{}", circles.len());
    let around = Polygon::new(corners, vec![]);
    let outlines = all(&page, "svg.map path");
    let outline = outlines.iter().map(|path| numbers(path.attr("d").unwrap()));
    let outline = outline.max_by_key(Vec::len).unwrap();
    assert!(outline.len() > 100, "the area itself: {}", outline.len());
    for corner in outline.chunks(2) {
        assert!(around.contains(&geo::Point::new(corner[0], corner[1])), "{corner:?}");
    }
    assert!(text(&page, "section").contains("The perimeter lies within the line between them"));
}

#[test]
fn places_are_in_the_military_grid() {
    // 15 W 0.01 N is 500,000.0 E 1,105.3 N of zone 28, by PROJ; its square is EF. Half a metre on,
    // the next whole metre outside in the south-west is 500,000 E 1,105 N.
    let field =
        polygon![(x: 0.5, y: 0.5), (x: 50.0, y: 0.5), (x: 50.0, y: 50.0), (x: 0.5, y: 50.0)];
    let page = sheet(&of(field), "A0001").unwrap();
    let places: Vec<String> = all(&page, ".turning tbody td:nth-child(2)")
        .iter()
        .map(|cell| cell.text().collect())
        .collect();
    assert!(places.iter().any(|place| place == "28N EF 00000 01105"), "{places:?}");
    let told = text(&page, "figcaption");
    assert!(told.contains("MGRS square 28N EF"), "{told}");
    // 50 m, and a twentieth of 108 mm on each side.
    assert!(told.contains("1:750 on A4"), "{told}");
}

/// Ground of 200 x 200 m, units of a metre, around a place.
fn ground_at(longitude: f64, latitude: f64) -> Ground {
    let extent = Rect::new((-100.0, -100.0), (100.0, 100.0));
    let degree_m = [111_320.0 * latitude.to_radians().cos(), 111_200.0];
    let lonlat = |node: &Coord| {
        coord! { x: longitude + node.x / degree_m[0], y: latitude + node.y / degree_m[1] }
    };
    let nodes = Ground::node_positions(extent).iter().map(lonlat).collect();
    Ground::new(full().ground.crs().clone(), extent, nodes).unwrap()
}

/// What a perimeter may be: circles of 1.5 to 12 m, as of finds, that lie near each other, or a
/// star of 3 to 12 corners.
fn perimeters(count: usize) -> impl Iterator<Item = MultiPolygon> {
    let mut state = 7_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    (0..count).map(move |number| {
        let many = 1 + (random() * 6.0) as usize;
        if number % 2 == 0 {
            let (spread, radius) = (30.0 * random(), 1.5 + 10.5 * random());
            let finds = (0..many).map(|_| Point::new(spread * random(), spread * random()));
            return finds.collect::<geo::MultiPoint>().buffer(radius);
        }
        let corners = 3 * many.min(4);
        let around = |corner: usize| {
            let angle = corner as f64 / corners as f64 * std::f64::consts::TAU;
            let radius = 2.0 + 40.0 * random();
            (radius * angle.cos() + 0.5, radius * angle.sin() + 0.3)
        };
        Polygon::new((0..corners).map(around).collect(), vec![]).into()
    })
}

/// Metres of the zone, or longitude and latitude, that a column of turning points names.
fn named(page: &Html, column: usize, place: impl Fn(&str) -> (f64, f64)) -> Vec<Polygon> {
    let row = Selector::parse(&format!("tbody td:nth-child({column})")).unwrap();
    let line = |table: &ElementRef<'_>| -> LineString {
        table.select(&row).map(|cell| place(&cell.text().collect::<String>())).collect()
    };
    all(page, ".turning table").iter().map(|table| Polygon::new(line(table), vec![])).collect()
}

#[test]
fn the_line_between_grid_references_holds_the_whole_perimeter() {
    // Far from the meridian of the zone and near it, south of the equator, in a polar grid.
    let grounds = [(36.2, 49.9), (-15.01, 0.5), (19.7, -33.4), (20.0, 84.5)];
    for (number, boundary) in perimeters(120).enumerate() {
        let (longitude, latitude) = grounds[number % grounds.len()];
        let mut survey = of(Polygon::new(LineString(vec![]), vec![]));
        survey.ground = ground_at(longitude, latitude);
        survey.hazard_areas[0].boundary = boundary.clone();
        let page = sheet(&survey, "A0001").unwrap();

        // A reference is read as the south-west corner; the reader of the crate gives the middle.
        let references = named(&page, 2, |text| {
            let at = geoconvert::Mgrs::parse_str(&text.replace(' ', "")).unwrap().to_utmups();
            (at.easting() - 0.5, at.northing() - 0.5)
        });
        let degrees = named(&page, 3, |text| {
            let side = |text: &str| {
                let (degrees, side) = text.split_once("° ").unwrap();
                degrees.parse::<f64>().unwrap() * if "NE".contains(side) { 1.0 } else { -1.0 }
            };
            let (north, east) = text.split_once(", ").unwrap();
            (side(east), side(north))
        });
        let lonlat = boundary.map_coords(|at| survey.ground.lonlat(at));
        let zone = lonlat.map_coords(|at| {
            let at = geoconvert::LatLon::create(at.y, at.x).unwrap().to_utmups();
            coord! { x: at.easting(), y: at.northing() }
        });
        for (perimeter, lines) in [(zone, references), (lonlat, degrees)] {
            let corners: usize = lines.iter().map(|line| line.exterior().0.len() - 1).sum();
            assert!((3..=18).contains(&corners), "{number}: {corners} corners");
            for part in &perimeter {
                let part = Polygon::new(part.exterior().clone(), vec![]);
                assert!(lines.iter().any(|line| line.contains(&part)), "{number}: {lines:?}");
            }
        }
        let said = text(&page, "section");
        let outwards = said.split("at most ").nth(1).unwrap().split(" m.").next().unwrap();
        assert!(outwards.parse::<f64>().unwrap() < 6.0, "{number}: {outwards} m");
    }
}

#[test]
fn an_envelope_of_evidence_points_has_no_turning_points() {
    let mut survey = of(polygon![(x: 0.0, y: 0.0), (x: 50.0, y: 0.0), (x: 50.0, y: 50.0)]);
    survey.hazard_areas[0].kind = AreaKind::Indicative;
    let page = sheet(&survey, "A0001").unwrap();
    assert!(walk(&page).is_empty());
    assert!(text(&page, "section").contains("The dashed line is no perimeter"));
    assert!(sheet(&survey, "A0009").is_none());
}

#[test]
fn a_sheet_lists_what_fits_on_its_back_and_counts_the_rest() {
    let mut survey = of(polygon![(x: 20.0, y: 20.0), (x: 60.0, y: 20.0), (x: 60.0, y: 60.0)]);
    survey.features = finds(13);
    survey.hazard_areas[0].features = (1..=13).map(rams_domain::FeatureId).collect();
    let page = sheet(&survey, "A0001").unwrap();
    assert_eq!(all(&page, ".found tbody tr").len(), 10 + 4, "finds, and empty lines");
    assert!(
        text(&page, ".sheet.back")
            .contains("The 10 strongest of 13; the rest is not on this sheet but in the exports.")
    );
}

#[test]
fn a_sheet_says_what_lies_beyond_the_imagery_and_what_an_area_stands_on() {
    let mut survey = of(polygon![(x: 20.0, y: 20.0), (x: 60.0, y: 20.0), (x: 60.0, y: 60.0)]);
    survey.gaps.retain(|gap| gap.reason == GapReason::NoModel);
    survey.gaps[0].boundary = survey.hazard_areas[0].boundary.clone();
    let area = &mut survey.hazard_areas[0];
    (area.area_m2, area.beyond_imagery_m2, area.assessed_share) = (1964.0, 1938.0, 0.0134);
    (area.evidence, area.features) = (EvidenceKind::Direct, vec![]);
    let page = sheet(&survey, "A0001").unwrap();
    let alarm = text(&page, ".alarm");
    let said = "Not assessed: 99 % of it1\u{202f}938 of its 1\u{202f}964 m² lie beyond the imagery. \
                No model of this survey looks for some of what may lie there.";
    assert!(alarm.contains(said) && !alarm.contains("looked for:"), "{alarm}");
    let back = text(&page, ".sheet.back");
    assert!(back.contains("Evidence: direct, from others, not confirmed here."), "{back}");
    assert!(!back.contains("rom imagery"), "{back}");
}
