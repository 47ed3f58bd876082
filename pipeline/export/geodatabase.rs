//! The survey as an Esri file geodatabase, zipped: a feature class for each layer and geometry
//! type, words as coded-value domains, pictures of finds as attachments.

use crate::Halt;
use crate::job::Job;
use crate::parts::{PARTS, Part};
use crate::readme;
use crate::record;
use fields::{Field, GLOBAL_ID, GUID};
use gdal::vector::OGRFieldType::OFTString;
use gdal::vector::{Feature, LayerAccess, LayerOptions, OGRwkbGeometryType, ToGdal};
use gdal::{Dataset, DriverManager};
use global_ids::Ids;
use rams_domain::{Chip, LIMITS};
use rams_store::{chips, escape, wgs84};
use std::collections::{BTreeSet, HashMap};

mod attachments;
mod domains;
mod fields;
mod global_ids;
mod sys;
mod texts;
mod zipped;

pub(crate) use texts::check_whole;

const ABOUT: &str = include_str!("geodatabase/about.txt");

/// Length of an id as text.
const GUID_LENGTH: i32 = 38;

/// Length of a text that is a word of a domain.
const WORD_LENGTH: i32 = 255;

/// Name of the archive.
pub(crate) fn name_of(job: &Job<'_>) -> String {
    format!("{}.gdb.zip", job.stem)
}

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let folder = job.draft.path(&format!("{}.gdb", job.stem));
    let driver = DriverManager::get_driver_by_name("OpenFileGDB")?;
    let mut dataset = driver.create_vector_only(&folder)?;
    domains::all().iter().try_for_each(|domain| sys::add_domain(&mut dataset, domain))?;
    let chips = chips(job.dir)?;
    let mut renamed = BTreeSet::new();
    for part in &PARTS {
        renamed.extend(add(job, &mut dataset, part, &chips)?);
    }
    // Feature classes are known to a relationship once they are in the file.
    dataset.flush_cache()?;
    for part in PARTS.iter().filter(|part| has_pictures(part)) {
        attachments::relate(&mut dataset, part.name)?;
    }
    dataset.close()?;
    global_ids::settle(&folder)?;
    let name = name_of(job);
    zipped::write(&folder, &job.draft.path(&name))?;
    Ok(vec![name, readme::write(job, &about(&renamed))?])
}

fn has_pictures(part: &Part) -> bool {
    part.layer == "features"
}

/// Adds a feature class; returns the columns that have another name there, and that.
fn add(
    job: &Job<'_>,
    dataset: &mut Dataset,
    part: &Part,
    chips: &[Chip],
) -> Result<Vec<(String, String)>, Halt> {
    let from = job.source.layer(part.layer)?;
    let fields = Field::all_of(&from);
    let metadata = format!(
        "DOCUMENTATION=<metadata><dataIdInfo><idPurp>{}</idPurp></dataIdInfo></metadata>",
        escape(LIMITS)
    );
    let layer = dataset.create_layer(LayerOptions {
        name: part.name,
        srs: Some(&wgs84()?),
        ty: many(part.geometry),
        options: Some(&[
            &format!("LAYER_ALIAS={}", rams_store::alias(part.name)),
            &format!("COLUMN_TYPES={GLOBAL_ID}=esriFieldTypeGlobalID"),
            &metadata,
        ]),
    })?;
    sys::add_field(&layer, &Field::own(GLOBAL_ID, GLOBAL_ID, OFTString), GUID_LENGTH)?;
    sys::add_field(&layer, &Field::own(GUID, "GUID", OFTString), GUID_LENGTH)?;
    for field in &fields {
        let width = if field.domain.is_some() && field.kind == OFTString { WORD_LENGTH } else { 0 };
        sys::add_field(&layer, field, width)?;
    }
    let guid = layer.defn().field_index(GUID)?;
    let mut ids = Ids::new(&job.source.record, part.layer);
    let mut named = HashMap::new();
    record::each_record(&job.source, part.layer, |record| {
        let id = ids.of(&record)?;
        let Some(record) = part.row(record) else { return Ok(()) };
        let mut row = Feature::new(layer.defn())?;
        row.set_field_string(guid, &id)?;
        fields.iter().try_for_each(|field| field.set(&record, &mut row))?;
        row.set_geometry(record.geometry.to_gdal()?)?;
        row.create(&layer)?;
        named.insert(record.value("id"), id);
        Ok(())
    })?;
    if has_pictures(part) {
        attachments::add(dataset, part.name, chips, &named)?;
    }
    Ok(fields.into_iter().filter_map(Field::renamed).collect())
}

/// The type of a class of rows that may have several parts.
fn many(geometry: OGRwkbGeometryType::Type) -> OGRwkbGeometryType::Type {
    match geometry {
        OGRwkbGeometryType::wkbLineString => OGRwkbGeometryType::wkbMultiLineString,
        OGRwkbGeometryType::wkbPolygon => OGRwkbGeometryType::wkbMultiPolygon,
        one => one,
    }
}

fn about(renamed: &BTreeSet<(String, String)>) -> String {
    let names: String =
        renamed.iter().map(|(column, name)| format!("  {name:<16}  {column}\n")).collect();
    format!("{ABOUT}\nFields whose names are reserved or not allowed there:\n\n{names}")
}
