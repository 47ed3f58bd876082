//! Survey -> the table `layer_styles`, by which QGIS opens the layers styled.

mod areas;
mod external_evidence;

use crate::form::{Form, PICTURE, PICTURES};
use crate::palette::{EO_CATEGORIES, GAP_REASONS, INDICATORS, Look, OTHER, of_feature};
use crate::qml::{ELSE, Layer, Qml, Symbol, SymbolKind};
use crate::table::Column::{Text, Whole};
use crate::table::{GEOMETRY_COLUMN, Table, TableRow, text, whole};
use gdal::vector::OGRwkbGeometryType::wkbNone;
use geo::Geometry;
use rams_domain::{Feature, Survey};
use std::collections::BTreeSet;

/// The styles of the eight layers with geometry. They hold rules only for what the survey holds,
/// for a legend of thirty entries explains nothing; whatever is added later falls under "other".
pub(crate) fn table(survey: &Survey) -> Table<'_> {
    let row = |(layer, style): (&str, String)| {
        Ok(TableRow {
            geometry: None,
            // QGIS looks for empty catalogue and schema, not for NULL.
            values: vec![
                text(""),
                text(""),
                text(layer),
                text(GEOMETRY_COLUMN),
                text("rams"),
                text(style),
                text(""),
                whole(true),
                text("Written by rams"),
                text(""),
                text(""),
                None,
            ],
        })
    };
    Table {
        name: "layer_styles",
        title: "layer_styles",
        description: "Styles of the layers, for QGIS.".into(),
        geometry: wkbNone,
        columns: &[
            ("f_table_catalog", Text),
            ("f_table_schema", Text),
            ("f_table_name", Text),
            ("f_geometry_column", Text),
            ("styleName", Text),
            ("styleQML", Text),
            ("styleSLD", Text),
            ("useAsDefault", Whole),
            ("description", Text),
            ("owner", Text),
            ("ui", Text),
            ("update_time", Text),
        ],
        rows: Box::new(styles(survey).into_iter().map(row)),
    }
}

/// Each layer with its style.
pub(crate) fn styles(survey: &Survey) -> [(&'static str, String); 8] {
    layers(survey).map(|(layer, style)| (layer, style.document()))
}

/// The same, not yet written out.
pub(crate) fn layers(survey: &Survey) -> [(&'static str, Qml); 8] {
    let styles = [
        ("features", features(survey)),
        ("feature_parts", feature_parts()),
        ("hazard_areas", areas::hazard_areas(survey)),
        ("external_evidence", external_evidence::style(survey)),
        ("indication_belts", areas::indication_belts()),
        ("gaps", gaps(survey)),
        ("assessed", assessed()),
        ("detections", detections()),
    ];
    styles.map(|(layer, mut style)| {
        style.form(form(layer));
        (layer, style)
    })
}

/// How people read the rows of a layer.
fn form(layer: &'static str) -> Form {
    let (title, pictures, tip): (_, _, &'static [&'static str]) = match layer {
        "features" => (
            r#""id" || ' ' || "class" || ', ' || round(100 * "confidence") || ' %'"#,
            Some(PICTURE),
            &["eo_category", "length_m", "width_m", "hazard_areas"],
        ),
        "hazard_areas" => (
            r#""id" || ' ' || "land_class" || ' ' || "eo_category" || ', ' || coalesce("tier", '')"#,
            Some(PICTURES),
            &["rationale", "threat", "confidence", "area_m2"],
        ),
        "external_evidence" => (
            r#""id" || ' ' || "kind" || ' ' || coalesce("name", '')"#,
            None,
            &["eo_category", "reliability", "date", "file"],
        ),
        "gaps" => (r#""reason""#, None, &["classes", "detail"]),
        "assessed" => (r#"'assessed by ' || "model""#, None, &["classes"]),
        "detections" => (
            r#""id" || ' ' || "class" || ', score ' || round("score", 2)"#,
            None,
            &["model", "orthomosaic", "features"],
        ),
        "feature_parts" => (r#""feature_id" || ' ' || "class""#, None, &["length_m", "width_m"]),
        _ => (r#"'belt of ' || "area""#, None, &["from_m", "to_m", "weight"]),
    };
    Form { layer, title, pictures, tip }
}

fn gaps(survey: &Survey) -> Qml {
    let present: BTreeSet<_> = survey.gaps.iter().map(|gap| gap.reason.to_string()).collect();
    let mut qml = Qml::default();
    for look in GAP_REASONS.iter().filter(|look| present.contains(look.name)) {
        let filter = format!(r#""reason" = '{}'"#, look.name);
        qml.rule(
            filter,
            format!("not assessed: {}", look.name.replace('_', " ")),
            gap_symbol(look),
        );
    }
    qml.rule(ELSE, "not assessed: other", gap_symbol(&Look { marker: "b_diagonal", ..OTHER }));
    qml
}

fn gap_symbol(look: &Look) -> Symbol {
    // Known beforehand and mostly everywhere: it must not drown the rest of the map.
    let faint = look.name == "no_model";
    let fill = |style: &str, colour: String| {
        vec![
            ("color", colour),
            ("style", style.to_owned()),
            ("outline_color", rgba(look, if faint { 90 } else { 255 })),
            ("outline_style", if faint { "dot" } else { "solid" }.into()),
            ("outline_width", if faint { "0.26" } else { "0.5" }.into()),
        ]
    };
    // A white veil below the hatching, which alone is lost on dark ground.
    let hatching =
        Layer::new("SimpleFill", fill(look.marker, rgba(look, if faint { 60 } else { 255 })));
    let backdrop =
        (!faint).then(|| Layer::new("SimpleFill", fill("solid", "255,255,255,80".into())));
    Symbol { kind: SymbolKind::Fill, layers: backdrop.into_iter().chain([hatching]).collect() }
}

fn assessed() -> Qml {
    let outline = vec![
        ("color", "0,0,0,0".into()),
        ("style", "no".into()),
        ("outline_color", "90,90,90,130".into()),
        ("outline_style", "solid".into()),
        ("outline_width", "0.3".into()),
    ];
    let mut qml = Qml::default();
    let symbol = Symbol { kind: SymbolKind::Fill, layers: vec![Layer::new("SimpleFill", outline)] };
    qml.rule("", "assessed (says nothing about hazard)", symbol);
    qml
}

/// Thin boxes: those of no find must not be taken for one.
fn detections() -> Qml {
    let boxes = |pen: &str, alpha: u8| {
        let fill = vec![
            ("color", "0,0,0,0".into()),
            ("style", "no".into()),
            ("outline_color", format!("255,255,255,{alpha}")),
            ("outline_style", pen.into()),
            ("outline_width", "0.3".into()),
        ];
        Symbol { kind: SymbolKind::Fill, layers: vec![Layer::new("SimpleFill", fill)] }
    };
    let mut qml = Qml::default();
    qml.rule(r#""features" <> ''"#, "detection of a find", boxes("solid", 255));
    qml.rule(ELSE, "detection of no find", boxes("dot", 170));
    qml
}

/// A colour for each category of ordnance; earthworks, of which the category is not known, by what
/// they are.
fn features(survey: &Survey) -> Qml {
    let look_of = |feature: &Feature| {
        of_feature(&feature.eo_category.to_string(), &feature.indicator.to_string()).name
    };
    let present: BTreeSet<_> = survey
        .features
        .iter()
        .map(|feature| (kind_of(&feature.geometry), look_of(feature)))
        .collect();
    // The word that a look goes by: the category, but the indicator where the category is unknown.
    let indicators = list_of(&INDICATORS);
    let word = format!(
        "CASE WHEN \"eo_category\" = 'UNKNOWN' AND \"indicator\" IN ({indicators}) \
         THEN \"indicator\" ELSE \"eo_category\" END"
    );
    let mut qml = Qml::default();
    for kind in ["Point", "Line", "Polygon"] {
        let symbol = match kind {
            "Point" => |look: &Look| marker(look, "3"),
            "Line" => stroke,
            _ => outline,
        };
        let looks = EO_CATEGORIES.iter().chain(&INDICATORS);
        let listed: Vec<_> =
            looks.filter(|look| present.contains(&(kind, look.name))).copied().collect();
        for look in &listed {
            let filter =
                format!("geometry_type($geometry) = '{kind}' AND {word} = '{}'", look.name);
            let label = format!("{} ({})", look.name, kind.to_lowercase());
            qml.rule(filter, label, symbol(look));
        }
        // An ELSE would draw with every kind of symbol at once: the rest is named instead.
        let rest = if listed.is_empty() {
            String::new()
        } else {
            format!(" AND {word} NOT IN ({})", list_of(&listed))
        };
        qml.rule(
            format!("geometry_type($geometry) = '{kind}'{rest}"),
            format!("other ({})", kind.to_lowercase()),
            symbol(&OTHER),
        );
    }
    qml
}

/// What QGIS calls the type of a geometry.
pub(crate) fn kind_of(geometry: &Geometry) -> &'static str {
    match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => "Point",
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => "Line",
        _ => "Polygon",
    }
}

/// The names of some looks as QGIS lists texts.
fn list_of(looks: &[Look]) -> String {
    looks.iter().map(|look| format!("'{}'", look.name)).collect::<Vec<_>>().join(", ")
}

/// There to be asked for their class and width, but without ink: the lines of `features` are drawn.
fn feature_parts() -> Qml {
    let mut qml = Qml::default();
    let unseen = vec![
        ("line_color", "0,0,0,0".into()),
        ("line_style", "no".into()),
        ("line_width", "0.6".into()),
    ];
    let symbol = Symbol { kind: SymbolKind::Line, layers: vec![Layer::new("SimpleLine", unseen)] };
    qml.rule("", "stretches of the lines, not drawn twice", symbol);
    qml
}

fn marker(look: &Look, size_mm: &str) -> Symbol {
    let properties = vec![
        ("name", look.marker.into()),
        ("color", rgba(look, 255)),
        ("outline_color", "255,255,255,255".into()),
        ("outline_style", "solid".into()),
        ("outline_width", "0.4".into()),
        ("size", size_mm.into()),
    ];
    Symbol { kind: SymbolKind::Marker, layers: vec![Layer::new("SimpleMarker", properties)] }
}

fn stroke(look: &Look) -> Symbol {
    let casing = Look { rgb: [255, 255, 255], ..*look };
    let layers = vec![
        Layer::new("SimpleLine", line(&casing, "1.1", "solid")),
        Layer::new("SimpleLine", line(look, "0.6", "solid")),
    ];
    Symbol { kind: SymbolKind::Line, layers }
}

fn outline(look: &Look) -> Symbol {
    let fill = vec![
        ("color", rgba(look, 70)),
        ("style", "solid".into()),
        ("outline_color", "255,255,255,220".into()),
        ("outline_style", "solid".into()),
        ("outline_width", "0.8".into()),
    ];
    Symbol {
        kind: SymbolKind::Fill,
        layers: vec![
            Layer::new("SimpleFill", fill),
            Layer::new("SimpleLine", line(look, "0.4", "solid")),
        ],
    }
}

fn line(look: &Look, width_mm: &str, pen: &str) -> Vec<(&'static str, String)> {
    vec![
        ("line_color", rgba(look, 255)),
        ("line_style", pen.into()),
        ("line_width", width_mm.into()),
        ("joinstyle", "round".into()),
        ("capstyle", "round".into()),
    ]
}

fn rgba(look: &Look, alpha: u8) -> String {
    let [red, green, blue] = look.rgb;
    format!("{red},{green},{blue},{alpha}")
}
