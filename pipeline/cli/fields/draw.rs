//! A field as a picture, to be looked at.

use geo::{Coord, Geometry, LineString, MultiPolygon};
use rams_domain::{AreaKind, EoCategory, Feature, HazardArea, IndicationBelt, LandClass};
use rams_evaluate::DrawnField;
use rams_scene::{Field, TrueItem};

/// True ground filled, ground that was not assessed grey, areas as outlines (the surer the heavier,
/// indications dotted), belts as fading bands, mines as dots (hidden ones hollow), finds as crosses
/// (the surer the darker). AP red, AV blue, submunitions green, earthworks brown.
pub(super) fn svg(field: &Field, drawn: &DrawnField) -> String {
    let extent = field.extent();
    let (left, top) = (extent.min().x, -extent.max().y);
    let (width, height) = (extent.width(), extent.height());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{left} {top} {width} {height}\" \
         width=\"1200\" height=\"{}\">\n\
         <rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"#d4d4cc\"/>\n",
        1200.0 * height / width,
    );
    let (areas, belts) = (&drawn.hazard_areas, &drawn.indication_belts);
    let layers =
        [ground(field), bands(belts), outlines(areas), finds(&field.features), items(field)];
    layers.iter().flatten().for_each(|line| svg += &format!("{line}\n"));
    svg + "</svg>\n"
}

/// What was assessed, what is mined, and true earthworks.
fn ground(field: &Field) -> Vec<String> {
    let assessed = field.assessed.first().map(|assessed| {
        let d = path(&assessed.boundary);
        format!("<path d=\"{d}\" fill=\"#fdfdf6\" fill-rule=\"evenodd\"/>")
    });
    let mined = field.truth.mined.iter().map(|(category, ground)| {
        let (d, colour) = (path(ground), colour(*category));
        format!("<path d=\"{d}\" fill=\"{colour}\" fill-opacity=\"0.2\" fill-rule=\"evenodd\"/>")
    });
    let earthworks = field.truth.earthworks.iter().map(|(_, line)| {
        format!("<path d=\"{}\" fill=\"none\" stroke=\"#c8a46c\" stroke-width=\"5\"/>", run(line))
    });
    assessed.into_iter().chain(mined).chain(earthworks).collect()
}

fn bands(belts: &[IndicationBelt]) -> Vec<String> {
    let band = |belt: &IndicationBelt| {
        format!(
            "<path d=\"{}\" fill=\"{}\" fill-opacity=\"{:.2}\" fill-rule=\"evenodd\"/>",
            path(&belt.boundary),
            colour(EoCategory::Unknown),
            0.25 * belt.weight,
        )
    };
    belts.iter().map(band).collect()
}

fn outlines(areas: &[HazardArea]) -> Vec<String> {
    let outline = |area: &HazardArea| {
        let dashes = match (area.land_class, area.kind) {
            (LandClass::Indication, _) => " stroke-dasharray=\"1 2\"",
            (LandClass::Sha, AreaKind::Indicative) => " stroke-dasharray=\"5 3\"",
            (LandClass::Sha, AreaKind::Perimeter) => "",
        };
        format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.2}\" \
             stroke-opacity=\"{:.2}\"{dashes}/>",
            path(&area.boundary),
            colour(area.eo_category),
            0.2 + 1.3 * area.confidence,
            0.2 + 0.8 * area.confidence,
        )
    };
    areas.iter().map(outline).collect()
}

fn finds(features: &[Feature]) -> Vec<String> {
    let mut marks = vec![];
    for feature in features {
        let colour = colour(feature.eo_category);
        match &feature.geometry {
            Geometry::Point(at) => {
                let (x, y) = (at.x(), -at.y());
                marks.push(format!(
                    "<path d=\"M{x:.1} {y:.1}m-1 -1l2 2m0 -2l-2 2\" stroke=\"{colour}\" \
                     stroke-width=\"0.3\" stroke-opacity=\"{:.2}\"/>",
                    0.1 + 0.9 * feature.confidence
                ));
            }
            Geometry::MultiLineString(lines) => marks.extend(lines.iter().map(|line| {
                let d = run(line);
                format!("<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\"/>")
            })),
            _ => {}
        }
    }
    marks
}

fn items(field: &Field) -> Vec<String> {
    let dot = |item: &TrueItem| {
        let fill = if item.hidden { "none" } else { colour(item.eo_category) };
        let (x, y, line) = (item.at.x(), -item.at.y(), colour(item.eo_category));
        format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"0.7\" fill=\"{fill}\" stroke=\"{line}\" \
             stroke-width=\"0.25\"/>"
        )
    };
    field.truth.items.iter().map(dot).collect()
}

fn colour(category: EoCategory) -> &'static str {
    match category {
        EoCategory::ApMine => "#c4162a",
        EoCategory::AvMine => "#1a4fb4",
        EoCategory::Cmr => "#128a3a",
        _ => "#8a5a14",
    }
}

fn run(line: &LineString) -> String {
    let at = |c: &Coord| format!("{:.1} {:.1}", c.x, -c.y);
    format!("M{}", line.coords().map(at).collect::<Vec<_>>().join("L"))
}

fn path(polygons: &MultiPolygon) -> String {
    let rings = polygons
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    rings.map(|ring| run(ring) + "Z").collect()
}
