//! What maps are made of: pictures, outlines, marks, hatching, scale, north.

use crate::frame::Frame;
use crate::picture::Picture;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use geo::{Centroid, Contains, Coord, Geometry, InteriorPoint, MultiPolygon};
use maud::{Markup, html};
use rams_domain::{AreaKind, EoCategory, Feature, LandClass};

/// A colour for SVG and CSS.
pub(crate) fn rgb([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A drawing of a window of the ground. Whoever cannot see it is told what it is.
pub(crate) fn drawing(frame: &Frame, label: &str, content: Markup) -> Markup {
    let style = format!("max-width:{:.0}mm", frame.width_mm());
    html! {
        svg.map viewBox=(frame.view_box()) style=(style) role="img" aria-label=(label) {
            (content)
        }
    }
}

/// One colour over a whole drawing, for where there is no picture.
pub(crate) fn background(frame: &Frame, colour: &str) -> Markup {
    let [width, height] = frame.size().map(|side| format!("{side:.1}"));
    html! { rect width=(width) height=(height) fill=(colour) {} }
}

/// A sign in a legend.
pub(crate) fn swatch(sign: Markup) -> Markup {
    html! { svg.swatch viewBox="0 0 50 30" aria-hidden="true" { (sign) } }
}

/// Pictures, laid where they belong; they need not be north-up.
pub(crate) fn pictures(frame: &Frame, pictures: &[Picture]) -> Markup {
    let matrix = |picture: &Picture| {
        let window = &picture.window;
        let [x0, y0] = frame.at(picture.place(window.x0, window.y0));
        let [x1, y1] = frame.at(picture.place(window.x1, window.y0));
        let [x2, y2] = frame.at(picture.place(window.x0, window.y1));
        let (width, height) = (f64::from(picture.size.width), f64::from(picture.size.height));
        let [a, b, c, d] =
            [(x1 - x0) / width, (y1 - y0) / width, (x2 - x0) / height, (y2 - y0) / height];
        format!("matrix({a:.6} {b:.6} {c:.6} {d:.6} {x0:.2} {y0:.2})")
    };
    html! {
        @for picture in pictures {
            image href={ "data:image/jpeg;base64," (STANDARD.encode(&picture.jpeg)) }
                width=(picture.size.width) height=(picture.size.height)
                preserveAspectRatio="none" transform=(matrix(picture)) {}
        }
    }
}

/// How the outline of an area is dashed: in dots where it is an indication, in dashes where it is
/// no perimeter.
pub(crate) fn dashes(land_class: LandClass, kind: AreaKind) -> Option<&'static str> {
    match (land_class, kind) {
        (LandClass::Indication, _) => Some("3 12"),
        (LandClass::Sha, AreaKind::Indicative) => Some("22 12"),
        (LandClass::Sha, AreaKind::Perimeter) => None,
    }
}

/// A band of the belt of an indication, the fainter the less its weight.
pub(crate) fn band(path: &str, colour: &str, weight: f32) -> Markup {
    html! {
        path.belt d=(path) fill=(colour) fill-opacity=(format!("{:.2}", 0.3 * weight))
            fill-rule="evenodd" {}
    }
}

/// An outline that is seen on dark and on light ground.
pub(crate) fn outline(path: &str, colour: &str, dashes: Option<&str>, fill_opacity: f64) -> Markup {
    html! {
        path d=(path) fill="none" stroke="#fff" stroke-opacity="0.75" stroke-width="11" {}
        path d=(path) fill=(colour) fill-opacity=(fill_opacity) fill-rule="evenodd"
            stroke=(colour) stroke-width="5" stroke-dasharray=[dashes] stroke-linejoin="round" {}
    }
}

/// A find: its line or area, or the mark of its category.
pub(crate) fn feature(
    frame: &Frame,
    feature: &Feature,
    geometry: &Geometry,
    colour: &str,
) -> Markup {
    if let Geometry::Point(at) = geometry {
        return mark(frame.at(at.0), feature.eo_category, colour);
    }
    let path = frame.geometry(geometry);
    html! {
        path d=(path) fill="none" stroke="#fff" stroke-opacity="0.8" stroke-width="12" {}
        path d=(path) fill="none" stroke=(colour) stroke-width="6" {}
    }
}

/// The mark of a category, told apart by shape as well as by colour.
pub(crate) fn mark([x, y]: [f64; 2], category: EoCategory, colour: &str) -> Markup {
    let shape = match category {
        EoCategory::ApMine => format!("M{x:.1} {y:.1}m-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0Z"),
        EoCategory::AvMine => format!("M{:.1} {:.1}h18v18h-18Z", x - 9.0, y - 9.0),
        EoCategory::Cmr => format!("M{x:.1} {:.1}l11 19h-22Z", y - 12.0),
        _ => format!("M{x:.1} {:.1}l12 12l-12 12l-12 -12Z", y - 12.0),
    };
    html! { path d=(shape) fill=(colour) stroke="#fff" stroke-width="3" {} }
}

/// Black letters with a white edge, centred on a place.
pub(crate) fn label([x, y]: [f64; 2], text: &str) -> Markup {
    text_at([x, y + 10.0], text)
}

/// Letters that stand on a place, centred.
fn text_at(at: [f64; 2], text: &str) -> Markup {
    let [x, y] = at.map(|along| format!("{along:.1}"));
    html! { text.label x=(x) y=(y) text-anchor="middle" { (text) } }
}

/// A place within polygons that people take for their middle.
pub(crate) fn middle(polygons: &MultiPolygon) -> Option<Coord> {
    let centre = polygons.centroid().filter(|centre| polygons.contains(centre));
    centre.or_else(|| polygons.interior_point()).map(|point| point.0)
}

/// A scale bar in the lower left corner.
pub(crate) fn scale_bar(frame: &Frame) -> Markup {
    let [width, height] = frame.size();
    let most_m = width * 0.3 / frame.length(1.0);
    let power = 10f64.powf(most_m.log10().floor());
    let metres = [5.0, 2.0, 1.0]
        .into_iter()
        .map(|step| step * power)
        .find(|metres| *metres <= most_m)
        .unwrap_or(power);
    let (x, y, length) = (22.0, height - 22.0, frame.length(metres));
    let text = match metres {
        long if long >= 1000.0 => format!("{} km", long / 1000.0),
        short if short < 0.995 => format!("{:.0} cm", short * 100.0),
        metres => format!("{metres:.0} m"),
    };
    let bar = format!("M{x} {y}h{length:.1}M{x} {:.1}v16m{length:.1} -16v16", y - 8.0);
    html! {
        path d=(bar) fill="none" stroke="#fff" stroke-width="10" {}
        path d=(bar) fill="none" stroke="#111" stroke-width="4" {}
        (text_at([x + length / 2.0, y - 14.0], &text))
    }
}

/// An arrow to the north, which is up in every drawing, in the upper right corner.
pub(crate) fn north(frame: &Frame) -> Markup {
    let x = frame.size()[0] - 34.0;
    let shape = format!("M{x:.1} 16l16 50l-16 -12l-16 12Z");
    html! {
        path d=(shape) fill="#111" stroke="#fff" stroke-width="4" {}
        text.label x=(format!("{x:.1}")) y="98" text-anchor="middle" { "N" }
    }
}

/// Hatching of each reason, once for the whole report.
pub(crate) fn hatchings(reasons: &[String], colour: fn(&str) -> [u8; 3]) -> Markup {
    html! {
        svg.defs width="0" height="0" aria-hidden="true" {
            defs {
                @for (index, reason) in reasons.iter().enumerate() {
                    @let turn = [45, 135, 90, 0, 20, 110, 70, 160][index % 8];
                    @let stroke = rgb(colour(reason));
                    pattern id=(hatching(reason)) patternUnits="userSpaceOnUse" width="14"
                        height="14" patternTransform={ "rotate(" (turn) ")" } {
                        rect width="14" height="14" fill="#fff" fill-opacity="0.55" {}
                        path d="M0 3.5H14M0 10.5H14" stroke=(stroke) stroke-width="3" {}
                    }
                }
            }
        }
    }
}

/// Name of the hatching of a reason.
pub(crate) fn hatching(reason: &str) -> String {
    format!("gap-{reason}")
}
