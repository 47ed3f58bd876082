//! The survey as KML 2.2, for Google Earth, Avenza and the like.
//!
//! Written by hand: GDAL's own KML has no styles, and LIBKML is absent from a GDAL built from
//! source. No icon is fetched from anywhere, so that opening the file tells no one.

use crate::Halt;
use crate::copy;
use crate::export::Job;
use crate::record::{self, Record};
use geo::orient::{Direction, Orient};
use geo::{Geometry, LineString, Polygon};
use rams_domain::{LIMITS, RunRecord};
use rams_store::escape;
use rams_store::palette::{
    EO_CATEGORIES, EXTERNAL_EVIDENCE_KINDS, GAP_REASONS, INDICATORS, Look, OTHER, THREATS, look_of,
    of_feature,
};
use std::fs::File;
use std::io::{BufWriter, Result, Write};

/// One folder: a layer, and what its placemarks are called, say and look like.
struct Folder {
    layer: &'static str,
    title: &'static str,
    name: fn(&Record, &RunRecord) -> String,
    style: fn(&Record) -> String,
    /// Lines of the balloon, as (words, field); a line whose field is empty is left out.
    balloon: &'static [(&'static str, &'static str)],
}

/// In drawing order: what comes first lies below.
const FOLDERS: [Folder; 4] = [
    Folder {
        layer: "gaps",
        title: "Gaps: ground not assessed",
        name: |record, _| format!("not assessed: {}", record.value("reason").replace('_', " ")),
        style: |record| style_id("gap", &GAP_REASONS, &record.value("reason")),
        balloon: &[
            ("Reason", "reason"),
            ("Detail", "detail"),
            ("Classes", "classes"),
            ("Model", "model"),
            ("Orthomosaic", "orthomosaic"),
            ("Area, m²", "area_m2"),
        ],
    },
    Folder {
        layer: "hazard_areas",
        title: "Suspected hazardous areas (candidates)",
        name: |record, _| format!("{} {}", record.value("id"), record.value("eo_category")),
        style: |record| {
            let prefix = if record.value("kind") == "indicative" { "indicative" } else { "area" };
            style_id(prefix, &THREATS, &record.value("threat"))
        },
        balloon: &[
            ("EO category", "eo_category"),
            ("Threat", "threat"),
            ("Confidence", "confidence"),
            ("Kind", "kind"),
            ("Status", "status"),
            ("Evidence", "evidence"),
            ("Why", "rationale"),
            ("District", "district"),
            ("Area, m²", "area_m2"),
            ("of which beyond the imagery, m²", "beyond_imagery_m2"),
            ("Share of it that was assessed", "assessed_share"),
            ("Released by others and cut out, m²", "released_m2"),
            ("Mine rows", "rows"),
            ("Front faces, degrees from north", "front_deg"),
            ("Search around each point, m", "fade_out_m"),
            ("Features", "features"),
            ("External evidence", "external_evidence"),
            ("Buffer, m", "buffer_m"),
            ("Doctrine", "doctrine"),
            ("Doctrine version", "doctrine_version"),
        ],
    },
    Folder {
        layer: "external_evidence",
        title: "External evidence",
        name: |record, _| {
            format!("{} {} {}", record.value("id"), record.value("kind"), record.value("name"))
        },
        style: |record| {
            style_id("external_evidence", &EXTERNAL_EVIDENCE_KINDS, &record.value("kind"))
        },
        balloon: &[
            ("Kind", "kind"),
            ("EO category", "eo_category"),
            ("Reliability (source, information)", "reliability"),
            ("Name", "name"),
            ("Date", "date"),
            ("Front faces, degrees from north", "bearing_deg"),
            ("File", "file"),
        ],
    },
    Folder {
        layer: "features",
        title: "Features (evidence)",
        name: |record, run| format!("{} {}", record.value("id"), shown(record, "class", run)),
        style: |record| {
            format!(
                "feature-{}",
                of_feature(&record.value("eo_category"), &record.value("indicator")).name
            )
        },
        balloon: &[
            ("Class", "class"),
            ("Indicator", "indicator"),
            ("EO category", "eo_category"),
            ("Confidence", "confidence"),
            ("Length, m", "length_m"),
            ("Width, m", "width_m"),
            ("Hazard areas", "hazard_areas"),
            ("Orthomosaic", "orthomosaic"),
            ("Model", "model"),
        ],
    },
];

/// The layers, and the titles of their folders.
pub(crate) fn titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    FOLDERS.iter().map(|folder| (folder.layer, folder.title))
}

pub(crate) fn make(job: &Job<'_>) -> std::result::Result<Vec<String>, Halt> {
    let mut kml = BufWriter::new(File::create(job.draft.path(&job.name))?);
    let limits = escape(LIMITS);
    write!(
        kml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml \
         xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n\
         <name>Survey: candidate suspected hazardous \
         areas</name>\n<open>1</open>\n<description>{limits}</description>\n"
    )?;
    styles(&mut kml)?;
    for folder in &FOLDERS {
        let title = escape(folder.title);
        write!(kml, "<Folder>\n<name>{title}</name>\n<description>{limits}</description>\n")?;
        record::each_record(&job.source, folder.layer, |record| {
            Ok(placemark(&mut kml, folder, &record, &job.source.record)?)
        })?;
        kml.write_all(b"</Folder>\n")?;
    }
    kml.write_all(b"</Document>\n</kml>\n")?;
    kml.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(vec![job.name.clone()])
}

fn style_id(prefix: &str, looks: &[Look], name: &str) -> String {
    format!("{prefix}-{}", look_of(looks, name).name)
}

/// The styles: (prefix, looks, opacity of the fill, width of the outline, px). KML has no dashes:
/// an indicative envelope is thin and nearly hollow.
fn styles(kml: &mut impl Write) -> Result<()> {
    let features = [&EO_CATEGORIES[..], &INDICATORS].concat();
    let groups: [(&str, &[Look], u8, f64); 5] = [
        ("gap", &GAP_REASONS, 70, 1.0),
        ("area", &THREATS, 70, 3.5),
        ("indicative", &THREATS, 25, 1.5),
        ("external_evidence", &EXTERNAL_EVIDENCE_KINDS, 0, 2.0),
        ("feature", &features, 90, 2.5),
    ];
    for (prefix, looks, fill, width) in groups {
        for look in looks.iter().chain([&OTHER]) {
            // No model knows these classes anywhere: an outline is enough.
            let fill = if look.name == "no_model" { 0 } else { fill };
            let (solid, translucent) = (abgr(look, 255), abgr(look, fill));
            writeln!(
                kml,
                "<Style \
                 id=\"{prefix}-{}\"><IconStyle><color>{solid}</color><scale>0.8</scale></IconStyle><LabelStyle><scale>0.7</scale></LabelStyle><LineStyle><color>{solid}</color><width>{width}</width></LineStyle><PolyStyle><color>{translucent}</color></PolyStyle><BalloonStyle><text><![CDATA[<b>$[name]</b><br/>$[description]]]></text></BalloonStyle></Style>",
                look.name
            )?;
        }
    }
    Ok(())
}

/// KML's order of colours.
fn abgr(look: &Look, alpha: u8) -> String {
    let [red, green, blue] = look.rgb;
    format!("{alpha:02x}{blue:02x}{green:02x}{red:02x}")
}

/// A value for people: classes by their names.
fn shown(record: &Record, field: &str, run: &RunRecord) -> String {
    let value = record.value(field);
    if !["class", "classes"].contains(&field) {
        return value;
    }
    let model = record.value("model");
    value
        .split(',')
        .map(|class| run.class_label(&model, class.trim()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn placemark(
    kml: &mut impl Write,
    folder: &Folder,
    record: &Record,
    run: &RunRecord,
) -> Result<()> {
    let name = escape(&(folder.name)(record, run));
    write!(kml, "<Placemark><name>{name}</name><Snippet maxLines=\"0\"></Snippet><description>")?;
    for (words, field) in folder.balloon {
        let value = shown(record, field, run);
        if !value.is_empty() {
            // Escaped twice: the description is HTML within XML.
            kml.write_all(
                escape(&format!("<b>{}</b>: {}<br/>", escape(words), escape(&value))).as_bytes(),
            )?;
        }
    }
    write!(kml, "</description><styleUrl>#{}</styleUrl><ExtendedData>", (folder.style)(record))?;
    write!(kml, "<Data name=\"layer\"><value>{}</value></Data>", folder.layer)?;
    for (field, value) in record.values() {
        let field = escape(&beside_name(copy::beside_layer(field)));
        write!(kml, "<Data name=\"{field}\"><value>{}</value></Data>", escape(&value))?;
    }
    kml.write_all(b"</ExtendedData>")?;
    shape(kml, &record.geometry)?;
    kml.write_all(b"</Placemark>\n")
}

/// The name of a field. GDAL, and so QGIS, takes one that is called `name` for that of the
/// placemark.
fn beside_name(field: &str) -> String {
    let is_taken = ["name", "description"].iter().any(|taken| field.eq_ignore_ascii_case(taken));
    if is_taken { format!("{field}_") } else { field.to_owned() }
}

fn shape(kml: &mut impl Write, geometry: &Geometry) -> Result<()> {
    match geometry {
        Geometry::Point(at) => {
            write!(kml, "<Point><coordinates>{},{}</coordinates></Point>", at.x(), at.y())
        }
        Geometry::LineString(line) => {
            kml.write_all(b"<LineString><tessellate>1</tessellate>")?;
            coordinates(kml, line)?;
            kml.write_all(b"</LineString>")
        }
        Geometry::Polygon(polygon) => outline(kml, polygon),
        Geometry::MultiPoint(parts) => several(kml, parts.iter().map(|part| (*part).into())),
        Geometry::MultiLineString(parts) => {
            several(kml, parts.iter().map(|part| part.clone().into()))
        }
        Geometry::MultiPolygon(parts) => several(kml, parts.iter().map(|part| part.clone().into())),
        Geometry::GeometryCollection(parts) => several(kml, parts.iter().cloned()),
        Geometry::Line(line) => shape(kml, &LineString::from(line).into()),
        Geometry::Rect(rect) => outline(kml, &rect.to_polygon()),
        Geometry::Triangle(triangle) => outline(kml, &triangle.to_polygon()),
    }
}

fn several(kml: &mut impl Write, parts: impl Iterator<Item = Geometry>) -> Result<()> {
    kml.write_all(b"<MultiGeometry>")?;
    for part in parts {
        shape(kml, &part)?;
    }
    kml.write_all(b"</MultiGeometry>")
}

fn outline(kml: &mut impl Write, polygon: &Polygon) -> Result<()> {
    // Anticlockwise outside, as Google Earth wants it for the faces to look up.
    let polygon = polygon.orient(Direction::Default);
    kml.write_all(b"<Polygon><tessellate>1</tessellate>")?;
    let inner = polygon.interiors().iter().map(|ring| ("innerBoundaryIs", ring));
    for (role, ring) in [("outerBoundaryIs", polygon.exterior())].into_iter().chain(inner) {
        write!(kml, "<{role}><LinearRing>")?;
        coordinates(kml, ring)?;
        write!(kml, "</LinearRing></{role}>")?;
    }
    kml.write_all(b"</Polygon>")
}

fn coordinates(kml: &mut impl Write, line: &LineString) -> Result<()> {
    kml.write_all(b"<coordinates>")?;
    for (index, at) in line.coords().enumerate() {
        write!(kml, "{}{},{}", if index > 0 { " " } else { "" }, at.x, at.y)?;
    }
    kml.write_all(b"</coordinates>")
}
