//! How other evidence is drawn: what points to hazard in red, ground of all other kinds in outline,
//! so that the evidence of the survey itself stays in sight.

use super::{kind_of, line, marker, rgba, stroke};
use crate::palette::{EXTERNAL_EVIDENCE_KINDS, Look, OTHER, kind_of_external_evidence};
use crate::qml::{Layer, Qml, Symbol, SymbolKind};
use rams_domain::Survey;
use std::collections::BTreeSet;

pub(super) fn style(survey: &Survey) -> Qml {
    let present: BTreeSet<_> = survey
        .external_evidence
        .iter()
        .map(|external| (external.kind.to_string(), kind_of(&external.geometry)))
        .collect();
    let mut qml = Qml::default();
    for geometry in ["Point", "Line", "Polygon"] {
        let looks = EXTERNAL_EVIDENCE_KINDS
            .iter()
            .filter(|look| present.contains(&(look.name.into(), geometry)));
        let looks: Vec<_> = looks.copied().collect();
        for look in &looks {
            let filter =
                format!("geometry_type($geometry) = '{geometry}' AND \"kind\" = '{}'", look.name);
            qml.rule(filter, kind_of_external_evidence(look.name), symbol(look, geometry));
        }
        // An ELSE would draw with every kind of symbol at once: the rest is named instead.
        let rest = if looks.is_empty() {
            String::new()
        } else {
            format!(" AND \"kind\" NOT IN ({})", super::list_of(&looks))
        };
        let filter = format!("geometry_type($geometry) = '{geometry}'{rest}");
        qml.rule(
            filter,
            format!("other evidence ({})", geometry.to_lowercase()),
            symbol(&OTHER, geometry),
        );
    }
    qml.label_inside(
        "CASE WHEN \"kind\" IN ('district', 'land_use') THEN \"name\" \
         WHEN \"kind\" IN ('accident', 'incident', 'minefield_record', 'witness') \
         THEN \"id\" END",
    );
    qml
}

fn symbol(look: &Look, geometry: &str) -> Symbol {
    let mut symbol = match geometry {
        "Point" => marker(
            &Look { marker: if is_brush(look) { "circle" } else { look.marker }, ..*look },
            "4.5",
        ),
        "Line" => stroke(look),
        _ => ground(look),
    };
    if look.name == "front" {
        symbol.layers.push(arrow(look));
    }
    symbol
}

fn ground(look: &Look) -> Symbol {
    let (width, pen) = match look.name {
        "district" | "land_use" => ("0.3", "dot"),
        "survey_limit" => ("0.8", "dash"),
        "released" | "cancelled" => ("0.4", "solid"),
        _ => ("0.8", "solid"),
    };
    let casing = Look { rgb: [255, 255, 255], ..*look };
    let mut layers = hatching(look);
    layers.push(Layer::new("SimpleLine", line(&casing, "1.1", "solid")));
    layers.push(Layer::new("SimpleLine", line(look, width, pen)));
    Symbol { kind: SymbolKind::Fill, layers }
}

/// Wide, with a white veil below it that is seen on dark ground; none for a look without brush.
fn hatching(look: &Look) -> Vec<Layer> {
    let angle = match look.marker {
        "b_diagonal" => "45",
        "f_diagonal" => "135",
        _ => return vec![],
    };
    let backdrop = vec![("color", "255,255,255,60".into()), ("outline_style", "no".into())];
    let ink = Symbol {
        kind: SymbolKind::Line,
        layers: vec![Layer::new("SimpleLine", line(look, "0.3", "solid"))],
    };
    let hatch = vec![("angle", angle.into()), ("distance", "4".into())];
    vec![Layer::new("SimpleFill", backdrop), Layer::new("LinePatternFill", hatch).with(ink)]
}

/// Whether the look's marker is a brush: hatching, or nothing.
fn is_brush(look: &Look) -> bool {
    ["b_diagonal", "f_diagonal", "no"].contains(&look.marker)
}

/// An arrow of 12 mm from the middle of a front to where its defences face.
fn arrow(look: &Look) -> Layer {
    const FROM: &str = "closest_point($geometry, centroid($geometry))";
    let unit = "if(@map_units = 'degrees', 0.000009, 1)";
    let to = format!(r#"project({FROM}, @map_scale * 0.012 * {unit}, radians("bearing_deg"))"#);
    let head = vec![
        ("name", "filled_arrowhead".into()),
        ("color", rgba(look, 255)),
        ("outline_color", "255,255,255,255".into()),
        ("outline_width", "0.2".into()),
        ("size", "4".into()),
    ];
    let head = Symbol { kind: SymbolKind::Marker, layers: vec![Layer::new("SimpleMarker", head)] };
    let ends = vec![("placement", "lastvertex".into()), ("rotate", "1".into())];
    let mut drawn = stroke(look);
    drawn.layers.push(Layer::new("MarkerLine", ends).with(head));
    let shape = vec![
        ("SymbolType", "Line".into()),
        ("geometryModifier", format!("make_line({FROM}, {to})")),
        ("units", "MapUnit".into()),
    ];
    Layer::new("GeometryGenerator", shape).with(drawn)
}
