//! Rows of a survey as they leave: in longitude and latitude.

use crate::Halt;
use crate::cell::Cell;
use crate::outgoing::settled;
use gdal::vector::{FieldValue, LayerAccess};
use geo::{Geometry, MultiPoint};
use rams_store::{Source, geometry};
use std::rc::Rc;

/// One row of a layer, in longitude and latitude.
pub(crate) struct Record {
    /// Names of the fields, shared by the rows of a layer.
    columns: Rc<[String]>,
    fields: Vec<Option<FieldValue>>,
    pub(crate) geometry: Geometry,
    /// Id of the row that this is a part of.
    whole: Option<String>,
}

/// All rows of a layer as they leave, whatever the format: [`settled`] in longitude and latitude.
/// Rows without geometry are left out.
pub(crate) fn records(source: &Source, name: &str) -> Result<Vec<Record>, Halt> {
    let mut records = Vec::new();
    each(source, name, |record| {
        records.push(record.outgoing());
        Ok(())
    })?;
    Ok(records)
}

/// The same, once for each place that a row reports.
pub(crate) fn places(source: &Source, name: &str) -> Result<Vec<Record>, Halt> {
    Ok(records(source, name)?.into_iter().flat_map(Record::places).collect())
}

/// Hands out the rows of [`records`] one by one, for layers that are too long to be held.
pub(crate) fn each_record(
    source: &Source,
    name: &str,
    mut take: impl FnMut(Record) -> Result<(), Halt>,
) -> Result<(), Halt> {
    each(source, name, |record| take(record.outgoing()))
}

/// Hands out the rows of a layer in longitude and latitude, else as they are on the map.
pub(crate) fn each(
    source: &Source,
    name: &str,
    mut take: impl FnMut(Record) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let to_lonlat = source.to_lonlat()?;
    let columns: Rc<[String]> = source.columns(name)?.into();
    let mut layer = source.layer(name)?;
    for row in layer.features() {
        let Some(geometry) = geometry(&row) else { continue };
        let geometry = geometry.transform(&to_lonlat)?.to_geo()?;
        let fields = (0..columns.len()).map(|index| row.field(index)).collect::<Result<_, _>>()?;
        take(Record { columns: Rc::clone(&columns), fields, geometry, whole: None })?;
    }
    Ok(())
}

impl Record {
    /// The row as it leaves.
    fn outgoing(self) -> Self {
        let geometry = settled(&self.geometry);
        self.with_geometry(geometry)
    }

    /// The same row elsewhere, or in another form.
    pub(crate) fn with_geometry(self, geometry: Geometry) -> Self {
        Self { geometry, ..self }
    }

    /// The row once for each place that it reports, as `K0002.1` and `K0002.2`: in the middle of
    /// several places nothing was reported.
    pub(crate) fn places(self) -> Vec<Self> {
        match &self.geometry {
            Geometry::MultiPoint(MultiPoint(places)) if places.len() > 1 => {
                (1..).zip(places).map(|(number, at)| self.part(number, (*at).into())).collect()
            }
            _ => vec![self],
        }
    }

    /// A numbered part of the row. A `guid` is that of the whole.
    pub(crate) fn part(&self, number: usize, geometry: Geometry) -> Self {
        let (id, mut fields) = (self.value("id"), self.fields.clone());
        for (name, value) in self.columns.iter().zip(&mut fields) {
            match name.as_str() {
                "id" => *value = Some(FieldValue::StringValue(format!("{id}.{number}"))),
                "guid" => *value = None,
                _ => {}
            }
        }
        Self { columns: Rc::clone(&self.columns), fields, geometry, whole: Some(id) }
    }

    /// The id on the map, without the number of a part.
    pub(crate) fn id_on_map(&self) -> String {
        self.whole.clone().unwrap_or_else(|| self.value("id"))
    }

    /// Values in the order of the layer's fields.
    pub(crate) fn fields(&self) -> &[Option<FieldValue>] {
        &self.fields
    }

    /// Names and values that are not NULL, in the order of the layer.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, String)> {
        let values = self.columns.iter().zip(&self.fields);
        values.filter_map(|(name, value)| Some((name.as_str(), as_text(value.as_ref()?))))
    }

    /// One value as a cell of a table.
    pub(crate) fn cell(&self, name: &str) -> Cell {
        let index = self.columns.iter().position(|field| field == name);
        index.and_then(|index| self.fields[index].as_ref()).map_or(Cell::Empty, as_cell)
    }

    /// One value as the ids it lists, separated by commas.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.value(name)
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// One value; empty where it is NULL or the layer has no such field.
    pub(crate) fn value(&self, name: &str) -> String {
        self.cell(name).as_text().to_owned()
    }
}

/// A value as a cell of a table.
pub(crate) fn as_cell(value: &FieldValue) -> Cell {
    match value {
        FieldValue::RealValue(_) | FieldValue::IntegerValue(_) | FieldValue::Integer64Value(_) => {
            Cell::Number(as_text(value))
        }
        other => Cell::text(as_text(other)),
    }
}

/// A value as people read it.
pub(crate) fn as_text(value: &FieldValue) -> String {
    match value {
        FieldValue::StringValue(text) => text.clone(),
        FieldValue::RealValue(number) => number.to_string(),
        FieldValue::IntegerValue(number) => number.to_string(),
        FieldValue::Integer64Value(number) => number.to_string(),
        // A survey of this crate has no others; a column that someone added in QGIS may.
        FieldValue::DateValue(date) => date.to_string(),
        FieldValue::DateTimeValue(time) => time.to_string(),
        other => format!("{other:?}"),
    }
}
