//! A field as a picture, to be looked at.

use geo::{Coord, Geometry, LineString, MultiPolygon};
use rams_domain::{AreaKind, EoCategory, HazardArea};
use rams_scene::Field;
use std::fmt::Write;

/// True ground filled, ground that was not assessed grey, areas as outlines (the surer the
/// heavier), mines as dots (hidden ones hollow), finds as crosses (the surer the darker). AP red,
/// AV blue, submunitions green, earthworks brown.
pub(super) fn svg(field: &Field, areas: &[HazardArea]) -> String {
    let extent = field.extent();
    let (width, height) = (extent.width(), extent.height());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {width} {height}\" \
         width=\"1200\" height=\"{}\">\n\
         <rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" fill=\"#d4d4cc\"/>\n",
        extent.min().x,
        -extent.max().y,
        1200.0 * height / width,
        extent.min().x,
        -extent.max().y,
    );
    let mut add = |text: String| writeln!(svg, "{text}").expect("a string takes any text");
    if let Some(assessed) = field.assessed.first() {
        add(format!(
            "<path d=\"{}\" fill=\"#fdfdf6\" fill-rule=\"evenodd\"/>",
            path(&assessed.boundary)
        ));
    }
    for (category, ground) in &field.truth.mined {
        add(format!(
            "<path d=\"{}\" fill=\"{}\" fill-opacity=\"0.2\" fill-rule=\"evenodd\"/>",
            path(ground),
            colour(*category)
        ));
    }
    for (_, line) in &field.truth.earthworks {
        add(format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"#c8a46c\" stroke-width=\"5\"/>",
            run(line)
        ));
    }
    for area in areas {
        let dashes =
            if area.kind == AreaKind::Indicative { " stroke-dasharray=\"5 3\"" } else { "" };
        add(format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.2}\" \
             stroke-opacity=\"{:.2}\"{dashes}/>",
            path(&area.boundary),
            colour(area.eo_category),
            0.2 + 1.3 * area.confidence,
            0.2 + 0.8 * area.confidence,
        ));
    }
    for feature in &field.features {
        let (colour, p) = (colour(feature.eo_category), feature.confidence);
        match &feature.geometry {
            Geometry::Point(at) => {
                let (x, y) = (at.x(), -at.y());
                add(format!(
                    "<path d=\"M{x:.1} {y:.1}m-1 -1l2 2m0 -2l-2 2\" stroke=\"{colour}\" \
                     stroke-width=\"0.3\" stroke-opacity=\"{:.2}\"/>",
                    0.1 + 0.9 * p
                ));
            }
            Geometry::MultiLineString(lines) => {
                for line in lines {
                    add(format!(
                        "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\"/>",
                        run(line)
                    ));
                }
            }
            _ => {}
        }
    }
    for item in &field.truth.items {
        let fill = if item.hidden { "none" } else { colour(item.eo_category) };
        let (x, y, line) = (item.at.x(), -item.at.y(), colour(item.eo_category));
        add(format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"0.7\" fill=\"{fill}\" stroke=\"{line}\" \
             stroke-width=\"0.25\"/>"
        ));
    }
    svg + "</svg>\n"
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
