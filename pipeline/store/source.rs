//! `survey.gpkg` as an export reads it: without the survey's types.

use crate::error::{Halt, StoreError};
use crate::held::{self, Unopened};
use crate::known;
use crate::mend;
use crate::outgoing::settled;
use crate::sheet::Cell;
use crate::write::SURVEY_FILE;
use gdal::Dataset;
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};
use gdal::vector::{Feature, FieldValue, Geometry, Layer, LayerAccess};
use std::path::Path;
use std::rc::Rc;

/// The layers that every survey has and that leave the house.
pub(crate) const LAYERS: [&str; 4] = ["features", "hazard_areas", "gaps", "assessed"];

/// An open survey, in order.
pub(crate) struct Source {
    dataset: Dataset,
    /// What a person should know of how it was put in order.
    pub(crate) notices: Vec<String>,
}

/// One row of a layer, in longitude and latitude.
pub(crate) struct Record {
    /// Names of the fields, shared by the rows of a layer.
    columns: Rc<[String]>,
    fields: Vec<Option<FieldValue>>,
    pub(crate) geometry: geo::Geometry,
}

impl Source {
    /// Opens the survey of a folder.
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(SURVEY_FILE);
        if !path.is_file() {
            return Err(StoreError::NoSurvey { path });
        }
        let dataset = held::open(&path, Some(&["GPKG"])).map_err(|unopened| match unopened {
            Unopened::Gdal(error) => StoreError::NotASurvey { path: path.clone(), cause: known::cause(error) },
            Unopened::Unsettled(error) => error,
        })?;
        for layer in LAYERS {
            let missing = || StoreError::NotASurvey { path: path.clone(), cause: format!("layer {layer} is missing") };
            let layer = dataset.layer_by_name(layer).map_err(|_| missing())?;
            let not_placed = |cause: String| StoreError::NotASurvey { path: path.clone(), cause };
            let mut srs =
                layer.spatial_ref().ok_or_else(|| not_placed(format!("layer {} has no CRS", layer.name())))?;
            srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            wgs84().and_then(|wgs84| between(&srs, &wgs84)).map_err(|_| {
                let crs = srs.name().unwrap_or_else(|| "unnamed".into());
                not_placed(format!("how the CRS of layer {}, {crs}, lies to WGS 84 is not known", layer.name()))
            })?;
        }
        let (dataset, notices) = mend::mend(&dataset, &path)?;
        Ok(Self { dataset, notices })
    }

    pub(crate) fn layer(&self, name: &str) -> Result<Layer<'_>, GdalError> {
        self.dataset.layer_by_name(name)
    }

    /// Names of a layer's fields.
    pub(crate) fn columns(&self, name: &str) -> Result<Vec<String>, Halt> {
        Ok(self.layer(name)?.defn().fields().map(|field| field.name()).collect())
    }

    /// The record of the run: section, name, value. What people did to the survey since is not in it.
    pub(crate) fn run(&self) -> Result<Vec<[String; 3]>, Halt> {
        let mut rows = Vec::new();
        for row in self.layer("run")?.features() {
            rows.push(["section", "name", "value"].map(|name| text(&row, name)));
        }
        Ok(rows)
    }

    /// The survey's CRS, x before y.
    pub(crate) fn srs(&self) -> Result<SpatialRef, Halt> {
        let missing = || StoreError::Bug { doing: "read the survey's CRS", cause: "it was there before".into() };
        let mut srs = self.layer(LAYERS[0])?.spatial_ref().ok_or_else(missing)?;
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(srs)
    }

    /// From the survey's CRS to WGS 84 longitude and latitude.
    pub(crate) fn to_lonlat(&self) -> Result<CoordTransform, Halt> {
        Ok(between(&self.srs()?, &wgs84()?)?)
    }

    /// All rows of a layer as they leave, whatever the format: [`settled`] in longitude and latitude. Rows
    /// without geometry are left out.
    pub(crate) fn records(&self, name: &str) -> Result<Vec<Record>, Halt> {
        let mut records = Vec::new();
        self.each(name, |record| {
            records.push(record.outgoing());
            Ok(())
        })?;
        Ok(records)
    }

    /// Hands out the rows of [`Source::records`] one by one, for layers that are too long to be held.
    pub(crate) fn each_record(&self, name: &str, mut take: impl FnMut(Record) -> Result<(), Halt>) -> Result<(), Halt> {
        self.each(name, |record| take(record.outgoing()))
    }

    /// Hands out the rows of a layer in longitude and latitude, else as they are on the map.
    pub(crate) fn each(&self, name: &str, mut take: impl FnMut(Record) -> Result<(), Halt>) -> Result<(), Halt> {
        let to_lonlat = self.to_lonlat()?;
        let columns: Rc<[String]> = self.columns(name)?.into();
        let mut layer = self.layer(name)?;
        for row in layer.features() {
            let Some(geometry) = geometry(&row) else { continue };
            let geometry = geometry.transform(&to_lonlat)?.to_geo()?;
            let fields = (0..columns.len()).map(|index| row.field(index)).collect::<Result<_, _>>()?;
            take(Record { columns: Rc::clone(&columns), fields, geometry })?;
        }
        Ok(())
    }
}

/// The geometry of a row, `None` where it is NULL or empty. Not `row.geometry()`, which hands out a null
/// pointer for a row without one.
pub(crate) fn geometry<'a>(row: &'a Feature<'_>) -> Option<&'a Geometry> {
    row.geometry_by_index(0).ok().filter(|geometry| !geometry.is_empty())
}

/// What is wrong with a row without geometry.
pub(crate) fn without_geometry(layer: &str, row: &Feature<'_>) -> String {
    format!("layer {layer}, row {} has no geometry: draw it, or take the row out of the layer", row.fid().unwrap_or(0))
}

/// A field of a row as text; empty where it is NULL or missing.
pub(crate) fn text(row: &Feature<'_>, name: &str) -> String {
    let index = row.field_index(name).ok();
    index.and_then(|index| row.field_as_string(index).ok().flatten()).unwrap_or_default()
}

/// The way from one CRS to another. Where PROJ does not know how their datums relate it would take them
/// for the same, and all would lie a hundred metres off without a word: that is an error.
pub(crate) fn between(from: &SpatialRef, to: &SpatialRef) -> Result<CoordTransform, GdalError> {
    let mut options = CoordTransformOptions::new()?;
    options.set_ballpark_allowed(false)?;
    CoordTransform::new_with_options(from, to, &options)
}

/// WGS 84, longitude before latitude.
pub(crate) fn wgs84() -> Result<SpatialRef, GdalError> {
    let mut srs = SpatialRef::from_epsg(4326)?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(srs)
}

impl Record {
    /// The row as it leaves.
    fn outgoing(self) -> Self {
        Self { geometry: settled(&self.geometry), ..self }
    }

    /// Values in the order of the layer's fields.
    pub(crate) fn fields(&self) -> &[Option<FieldValue>] {
        &self.fields
    }

    /// Names and values that are not NULL, in the order of the layer.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, String)> {
        let values = self.columns.iter().zip(&self.fields);
        values.filter_map(|(name, value)| Some((name.as_str(), shown(value.as_ref()?))))
    }

    /// One value as a cell of a table.
    pub(crate) fn cell(&self, name: &str) -> Cell {
        let index = self.columns.iter().position(|field| field == name);
        let Some(value) = index.and_then(|index| self.fields[index].as_ref()) else { return Cell::Empty };
        match value {
            FieldValue::RealValue(_) | FieldValue::IntegerValue(_) | FieldValue::Integer64Value(_) => {
                Cell::Number(shown(value))
            }
            other => Cell::text(shown(other)),
        }
    }

    /// One value as the ids it lists, separated by commas.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.value(name).split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    /// One value; empty where it is NULL or the layer has no such field.
    pub(crate) fn value(&self, name: &str) -> String {
        self.cell(name).shown().to_owned()
    }
}

/// A value as people read it.
fn shown(value: &FieldValue) -> String {
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
