//! A layer of a survey between its file and its readers.

use super::field::{Empty, Field, fields_of};
use super::outline::{Outline, Stands};
use super::{Faults, listed};
use crate::columns;
use crate::row::{self, Cause};
use gdal::Dataset;
use gdal::spatial_ref::{CoordTransform, SpatialRef};
use gdal::vector::OGRFieldType::{self, OFTBinary, OFTString, OFTTime};
use gdal::vector::sql::Dialect;
use gdal::vector::{
    Feature, FieldDefn, FieldValue, Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType,
    geometry_type_flatten,
};

/// Layers and columns that were called otherwise in surveys of version 0.1: name of today, and of
/// then.
const FORMER: [(&str, &str); 1] = [("external_evidence", "known")];

/// What a layer is called in a file.
pub(super) fn stored_name(from: &Dataset, name: &'static str) -> &'static str {
    let former = FORMER.iter().find(|(now, _)| *now == name).map(|(_, before)| *before);
    former
        .filter(|before| from.layer_by_name(name).is_err() && from.layer_by_name(before).is_ok())
        .unwrap_or(name)
}

/// Rows of one layer; values in the order of the columns, `None` for NULL.
pub(super) struct Layer {
    pub(super) name: &'static str,
    columns: Vec<(String, OGRFieldType::Type)>,
    ty: OGRwkbGeometryType::Type,
    srs: Option<SpatialRef>,
    pub(super) rows: Vec<LayerRow>,
}

/// One row.
pub(super) struct LayerRow {
    /// Its number in the file, by which a person finds it.
    pub(super) fid: u64,
    values: Vec<Option<FieldValue>>,
    pub(super) geometry: Option<Geometry>,
    /// Geodesic area of its polygons as they are drawn, square metres.
    pub(super) drawn_m2: f64,
}

impl Layer {
    /// Reads a layer; `stands` is `None` for a table without geometry.
    pub(super) fn read(
        from: &Dataset,
        name: &'static str,
        stands: Option<Stands>,
        to_lonlat: &CoordTransform,
        faults: &mut Faults,
    ) -> Result<Self, Cause> {
        let stored = stored_name(from, name);
        let mut layer =
            from.layer_by_name(stored).map_err(|_| format!("layer {name} is missing"))?;
        let mut columns: Vec<(String, OGRFieldType::Type)> =
            layer.defn().fields().map(|field| (field.name(), field.field_type())).collect();
        let bytes: Vec<String> =
            columns.iter().filter(|column| column.1 == OFTBinary).map(|it| it.0.clone()).collect();
        if !bytes.is_empty() {
            faults.notice(format!(
                "layer {name}: {} stays in survey.gpkg: it is no text or number",
                listed(&bytes)
            ));
        }
        columns.retain(|column| column.1 != OFTBinary);
        let ty = geometry_type_flatten(layer.defn().geometry_type());
        let mut read = Self { name, columns, ty, srs: layer.spatial_ref(), rows: vec![] };
        let at = read.columns.iter().map(|(name, _)| layer.defn().field_index(name));
        let at: Vec<usize> = at.collect::<Result<_, _>>()?;
        read.rename_columns();
        let fields =
            fields_of(name).into_iter().filter_map(|field| Some((read.index(field.name)?, field)));
        let fields: Vec<(usize, Field)> = fields.collect();
        for row in layer.features() {
            let Some((geometry, drawn_m2)) = read.outline(&row, stands, to_lonlat, faults) else {
                continue;
            };
            let values = read.values(&row, &at, &fields, faults)?;
            read.rows.push(LayerRow { fid: row.fid().unwrap_or(0), values, geometry, drawn_m2 });
        }
        // GDAL ends a layer without a word where its file is damaged.
        let count = first(from, &format!("SELECT COUNT(*) FROM \"{stored}\""))?;
        let found = read.rows.len() + faults.rows_of(name);
        if count.parse() != Ok(found) {
            return Err(format!(
                "layer {name} holds {count} rows, and {found} of them can be read"
            )
            .into());
        }
        read.check_types(from, faults)?;
        read.add_columns()?;
        Ok(read)
    }

    /// Columns that had another name in surveys of older versions get that of today.
    fn rename_columns(&mut self) {
        for (now, before) in FORMER {
            if self.index(now).is_none() {
                self.columns
                    .iter_mut()
                    .filter(|(name, _)| name == before)
                    .for_each(|(name, _)| *name = now.into());
            }
        }
    }

    /// A layer without rows, for a survey that was made before there was one.
    pub(super) fn empty(name: &'static str, like: &Self) -> Self {
        let columns = columns::columns(name)
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), kind.ogr()))
            .collect();
        Self {
            name,
            columns,
            ty: OGRwkbGeometryType::wkbUnknown,
            srs: like.srs.clone(),
            rows: vec![],
        }
    }

    /// Adds the columns that surveys of older versions do not have, without values.
    fn add_columns(&mut self) -> Result<(), Cause> {
        let fields = fields_of(self.name);
        let missing =
            columns::columns(self.name).iter().filter(|(name, _)| self.index(name).is_none());
        for (name, kind) in missing.collect::<Vec<_>>() {
            if fields
                .iter()
                .any(|field| field.name == *name && !matches!(field.empty, Empty::Stays))
            {
                return Err(
                    format!("layer {} has no field {name}: add it in QGIS", self.name).into()
                );
            }
            self.columns.push(((*name).to_owned(), kind.ogr()));
            self.rows.iter_mut().for_each(|row| row.values.push(None));
        }
        Ok(())
    }

    /// The geometry of a row in order and its area, or none for a row that cannot be used, of which
    /// `faults` says why.
    fn outline(
        &self,
        row: &Feature<'_>,
        stands: Option<Stands>,
        to_lonlat: &CoordTransform,
        faults: &mut Faults,
    ) -> Option<(Option<Geometry>, f64)> {
        let Some(stands) = stands else { return Some((None, 0.0)) };
        let fid = row.fid().unwrap_or(0);
        let drawn =
            row::geometry(row).ok_or("has no geometry: draw it, or take the row out of the layer");
        match drawn.map_err(str::to_owned).and_then(|drawn| Outline::of(drawn, stands, to_lonlat)) {
            Ok(outline) => {
                if outline.mended {
                    faults.mended(self.name, fid);
                }
                Some((Some(outline.geometry), outline.area_m2))
            }
            Err(cause) => {
                faults.row(self.name, format!("layer {}, row {fid} {cause}", self.name));
                None
            }
        }
    }

    /// The values of a row in order.
    fn values(
        &self,
        row: &Feature<'_>,
        at: &[usize],
        fields: &[(usize, Field)],
        faults: &mut Faults,
    ) -> Result<Vec<Option<FieldValue>>, Cause> {
        let value = |(index, (_, kind)): (&usize, &(String, OGRFieldType::Type))| match *kind {
            kind if kind == OFTTime => {
                Ok(row.field_as_string(*index)?.map(FieldValue::StringValue))
            }
            _ => row.field(*index),
        };
        let mut values = at.iter().zip(&self.columns).map(value).collect::<Result<Vec<_>, _>>()?;
        for (index, field) in fields {
            match field.check(values[*index].take()) {
                Ok(value) => values[*index] = value,
                Err(cause) => {
                    let fid = row.fid().unwrap_or(0);
                    faults.fault(format!(
                        "layer {}, row {fid}, field {} {cause}",
                        self.name, field.name
                    ));
                }
            }
        }
        Ok(values)
    }

    /// SQLite takes a text where a number belongs, and GDAL reads it as 0.
    fn check_types(&self, from: &Dataset, faults: &mut Faults) -> Result<(), Cause> {
        let is_number = |kind| {
            [OGRFieldType::OFTReal, OGRFieldType::OFTInteger, OGRFieldType::OFTInteger64]
                .contains(&kind)
        };
        let numbers: Vec<&str> =
            self.columns.iter().filter(|it| is_number(it.1)).map(|it| it.0.as_str()).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let is_text = |name: &&str| format!("typeof(\"{name}\") IN ('text', 'blob')");
        let cases: String =
            numbers.iter().map(|name| format!(" WHEN {} THEN '{name}'", is_text(name))).collect();
        let any = numbers.iter().map(is_text).collect::<Vec<_>>().join(" OR ");
        let stored = stored_name(from, self.name);
        let sql = format!(
            "SELECT CAST(rowid AS TEXT) AS number, CASE{cases} END AS name FROM \
             \"{stored}\" WHERE {any}"
        );
        let Some(mut rows) = from.execute_sql(sql, None, Dialect::DEFAULT)? else { return Ok(()) };
        for row in rows.features() {
            let [number, name] = ["number", "name"].map(|field| row::text(&row, field));
            faults.fault(format!(
                "layer {}, row {number}, field {name} holds a text; give a number",
                self.name
            ));
        }
        Ok(())
    }

    /// Writes it into a dataset in memory.
    pub(super) fn write(self, into: &mut Dataset) -> Result<(), Cause> {
        let layer = into.create_layer(LayerOptions {
            name: self.name,
            srs: self.srs.as_ref(),
            ty: self.ty,
            options: None,
        })?;
        for (name, kind) in &self.columns {
            FieldDefn::new(name, if *kind == OFTTime { OFTString } else { *kind })?
                .add_to_layer(&layer)?;
        }
        for row in self.rows {
            let mut feature = Feature::new(layer.defn())?;
            for (index, value) in row.values.iter().enumerate() {
                match value {
                    Some(value) => feature.set_field(index, value)?,
                    // Not set is not NULL: it would read as 0.
                    None => feature.set_field_null(index)?,
                }
            }
            if let Some(geometry) = row.geometry {
                feature.set_geometry(geometry)?;
            }
            // SAFETY: the feature is alive, and its number is no more than a value in it.
            #[allow(unsafe_code)]
            unsafe {
                gdal_sys::OGR_F_SetFID(feature.c_feature(), row.fid as i64);
            }
            feature.create(&layer)?;
        }
        Ok(())
    }

    pub(super) fn index(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| name == column)
    }

    /// A value as text; empty where it is NULL or there is no such column.
    pub(super) fn text(&self, row: usize, column: &str) -> &str {
        match self.index(column).and_then(|index| self.rows[row].values[index].as_ref()) {
            Some(FieldValue::StringValue(text)) => text,
            _ => "",
        }
    }

    /// A number; none where it is NULL or there is no such column.
    pub(super) fn number(&self, row: usize, column: &str) -> Option<f64> {
        match self.rows[row].values[self.index(column)?] {
            Some(FieldValue::RealValue(number)) => Some(number),
            _ => None,
        }
    }

    /// The ids that a text lists.
    pub(super) fn list(&self, row: usize, column: &str) -> Vec<String> {
        self.text(row, column)
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Keeps the rows of which something holds.
    pub(super) fn retain(&mut self, holds: impl Fn(&Self, usize) -> bool) {
        let kept: Vec<bool> = (0..self.rows.len()).map(|row| holds(self, row)).collect();
        let mut kept = kept.into_iter();
        self.rows.retain(|_| kept.next().unwrap_or(true));
    }

    /// Sets a value, if there is such a column.
    pub(super) fn set(&mut self, row: usize, column: &str, value: FieldValue) {
        if let Some(index) = self.index(column) {
            self.rows[row].values[index] = Some(value);
        }
    }

    pub(super) fn set_text(&mut self, row: usize, column: &str, text: impl Into<String>) {
        self.set(row, column, FieldValue::StringValue(text.into()));
    }
}

/// The first value of the first row of a query.
fn first(from: &Dataset, sql: &str) -> Result<String, Cause> {
    let rows = from.execute_sql(sql, None, Dialect::DEFAULT)?;
    let value = rows.and_then(|mut rows| rows.features().next()?.field_as_string(0).ok().flatten());
    value.ok_or_else(|| "it does not answer a query".into())
}
