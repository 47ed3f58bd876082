//! The survey as KML 2.2, for Google Earth, Avenza and the like.
//!
//! Written by hand: GDAL's own KML has no styles, and LIBKML is absent from a GDAL built from
//! source. No icon is fetched from anywhere, so that opening the file tells no one.

mod folders;
mod geometry;

use crate::Halt;
use crate::copy;
use crate::job::Job;
use crate::readme;
use crate::record::{self, Record};
use folders::{FOLDERS, Folder, for_people, style_of};
use rams_domain::{LIMITS, RunRecord};
use rams_store::escape;
use rams_store::palette::{
    EO_CATEGORIES, EXTERNAL_EVIDENCE_KINDS, GAP_REASONS, INDICATION, INDICATORS, Look, OTHER,
    THREATS,
};
use std::fs::File;
use std::io::{BufWriter, Result, Write};

/// The layers, and the titles of their folders.
pub(crate) fn titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    FOLDERS.iter().map(|folder| (folder.layer, folder.title))
}

pub(crate) fn make(job: &Job<'_>) -> std::result::Result<Vec<String>, Halt> {
    let mut kml = BufWriter::new(File::create(job.draft.path(&job.name))?);
    let limits = escape(LIMITS);
    let stated = readme::stated(&job.source).into_iter();
    // The description is HTML within XML: what others wrote is escaped twice.
    let stated: String = stated.map(|line| format!("<br/>{}", escape(&line))).collect();
    let about = format!("{}{stated}", escape(LIMITS));
    write!(
        kml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n\
         <name>Survey: candidate suspected hazardous areas</name>\n<open>1</open>\n\
         <description>{}</description>\n",
        escape(&about)
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

/// The styles: (prefix, looks, opacity of the fill, width of the outline, px). KML has no dashes:
/// an indicative envelope is thin and nearly hollow, and so is an indication.
fn styles(kml: &mut impl Write) -> Result<()> {
    let features = [&EO_CATEGORIES[..], &INDICATORS].concat();
    let groups: [(&str, &[Look], u8, f64); 7] = [
        ("gap", &GAP_REASONS, 70, 1.0),
        ("area", &THREATS, 70, 3.5),
        ("indicative", &THREATS, 25, 1.5),
        ("indication", &[INDICATION], 25, 1.5),
        ("belt", &[INDICATION], 40, 0.0),
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
                "<Style id=\"{}\">\
                 <IconStyle><color>{solid}</color><scale>0.8</scale></IconStyle>\
                 <LabelStyle><scale>0.7</scale></LabelStyle>\
                 <LineStyle><color>{solid}</color><width>{width}</width></LineStyle>\
                 <PolyStyle><color>{translucent}</color></PolyStyle>\
                 <BalloonStyle><text>\
                 <![CDATA[<b>$[name]</b><br/>$[description]]]>\
                 </text></BalloonStyle></Style>",
                style_of(prefix, look)
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

fn placemark(
    kml: &mut impl Write,
    folder: &Folder,
    record: &Record,
    run: &RunRecord,
) -> Result<()> {
    let name = escape(&(folder.name)(record, run));
    write!(kml, "<Placemark><name>{name}</name><Snippet maxLines=\"0\"></Snippet><description>")?;
    for (words, field) in folder.balloon {
        let value = for_people(record, field, run);
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
    geometry::write(kml, &record.geometry)?;
    kml.write_all(b"</Placemark>\n")
}

/// The name of a field. GDAL, and so QGIS, takes one that is called `name` for that of the
/// placemark.
fn beside_name(field: &str) -> String {
    let is_taken = ["name", "description"].iter().any(|taken| field.eq_ignore_ascii_case(taken));
    if is_taken { format!("{field}_") } else { field.to_owned() }
}
