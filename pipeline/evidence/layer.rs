//! One layer of evidence -> its rows in our words.

use crate::error::{EVIDENCE, EvidenceError};
use crate::evidence_row::{EvidenceRow, Outcome};
use crate::fields::{fields, names};
use crate::mapping::{Mapping, Rules};
use crate::place::{Place, Placed};
use crate::problem::{Problem, Problems};
use crate::row_words::{Meanings, RowWords, lacks};
use crate::words::{self, Attribute, SKIP};
use gdal::spatial_ref::SpatialRef;
use gdal::vector::OGRwkbGeometryType::wkbNone;
use gdal::vector::{Feature, Geometry, Layer, LayerAccess};
use rams_domain::{EoCategory, ExternalEvidenceKind, Ground, Reliability};
use rams_store::wgs84;
use std::collections::BTreeMap;
use std::path::Path;

/// A layer that is being read.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    name: String,
    rules: Rules,
    /// The fields that the layer has, by number, and whether they are dates.
    fields: BTreeMap<Attribute, (usize, bool)>,
    place: Place,
}

impl<'a> Reader<'a> {
    /// A layer of evidence; `None` for one that the mapping leaves out.
    pub(crate) fn new(
        path: &'a Path,
        layer: &Layer<'_>,
        is_csv: bool,
        mapping: &Mapping,
        onto: &Ground,
    ) -> Result<Option<Self>, EvidenceError> {
        let reader = Self::of(path, layer, is_csv, mapping, onto, &Attribute::EVIDENCE)?;
        let Some(reader) = reader else { return Ok(None) };
        let name = &reader.name;
        if !reader.says(Attribute::Kind) {
            let remedy = format!(
                "say in the mapping, under [layer.{name:?}], which kind all rows are: kind = \
                 \"...\", or which field says it: fields.kind = \"...\", or leave the layer out: \
                 skip = true"
            );
            return Err(reader.unusable(format!("no field `kind` among {}", names(layer)), remedy));
        }
        if layer.defn().geometry_type() == wkbNone && !reader.places_by_fields() {
            let remedy = format!(
                "name in the mapping, under [layer.{name:?}.fields], those of x (longitude) and y \
                 (latitude), or wkt"
            );
            return Err(reader.unusable(
                format!("no geometry, and no coordinates among {}", names(layer)),
                remedy,
            ));
        }
        Ok(Some(reader))
    }

    /// A layer of which some attributes are read; `None` for one that the mapping leaves out.
    pub(crate) fn of(
        path: &'a Path,
        layer: &Layer<'_>,
        is_csv: bool,
        mapping: &Mapping,
        onto: &Ground,
        attributes: &[Attribute],
    ) -> Result<Option<Self>, EvidenceError> {
        let (name, rules) = (layer.name(), mapping.of(&layer.name()));
        if rules.skip {
            return Ok(None);
        }
        let error = |cause: String, remedy: String| EvidenceError::Unusable {
            role: EVIDENCE,
            path: path.into(),
            place: format!(", layer {name}"),
            cause,
            remedy,
        };
        let fields =
            fields(layer, &rules, attributes).map_err(|(cause, remedy)| error(cause, remedy))?;
        let has_geometry = layer.defn().geometry_type() != wkbNone;
        let crs = match &rules.crs {
            Some(definition) => SpatialRef::from_definition(definition).ok(),
            None if is_csv || !has_geometry || by_fields(&fields) => wgs84().ok(),
            None => layer.spatial_ref().filter(|crs| !crs.is_local()),
        };
        let crs = crs.ok_or_else(|| {
            let remedy =
                format!("name it in the mapping, under [layer.{name:?}]: crs = \"EPSG:...\"");
            let named = |definition: &String| {
                format!("the mapping says that its CRS is {definition:?}, which nobody knows")
            };
            error(rules.crs.as_ref().map_or_else(|| "it has no CRS".into(), named), remedy)
        })?;
        let remedy =
            "give the file in the survey's CRS or in WGS 84, or the right `crs` in the mapping";
        let place = Place::new(crs, onto).map_err(|cause| error(cause, remedy.into()))?;
        Ok(Some(Self { path, name, rules, fields, place }))
    }

    /// The same layer with nothing read of its rows but this.
    pub(crate) fn only(mut self, attributes: &[Attribute]) -> Self {
        self.fields.retain(|attribute, _| attributes.contains(attribute));
        self
    }

    /// Whether rows say something of an attribute, or the mapping says it of all of them.
    pub(crate) fn says(&self, attribute: Attribute) -> bool {
        self.fields.contains_key(&attribute) || !self.rules.fixed(attribute).is_empty()
    }

    fn places_by_fields(&self) -> bool {
        by_fields(&self.fields)
    }

    /// What is wrong with the whole layer.
    pub(crate) fn unusable(&self, cause: String, remedy: String) -> EvidenceError {
        let place = format!(", layer {}", self.name);
        EvidenceError::Unusable { role: EVIDENCE, path: self.path.into(), place, cause, remedy }
    }

    /// Reads all rows, or says what is wrong with them.
    pub(crate) fn read(&self, layer: &mut Layer<'_>) -> Result<Vec<Outcome>, EvidenceError> {
        self.read_each(layer, |row| self.row(row))
    }

    /// The same by what is made of each row.
    pub(crate) fn read_each<T>(
        &self,
        layer: &mut Layer<'_>,
        of: impl Fn(&Feature<'_>) -> Result<T, Vec<Problem>>,
    ) -> Result<Vec<T>, EvidenceError> {
        let (mut outcomes, mut problems) = (vec![], Problems::default());
        // GDAL ends a layer without a word where it cannot read on.
        let expected = layer.feature_count();
        let mut count = 0;
        for row in layer.features() {
            count += 1;
            match of(&row) {
                Ok(outcome) => outcomes.push(outcome),
                Err(found) => found.into_iter().for_each(|problem| problems.add(problem, count)),
            }
        }
        if (count as u64) < expected {
            let cause = format!("{count} of {expected} rows can be read");
            return Err(self.unusable(cause, "save the file anew".into()));
        }
        problems.check(self.path, &self.name)?;
        Ok(outcomes)
    }

    fn row(&self, row: &Feature<'_>) -> Result<Outcome, Vec<Problem>> {
        let (words, mut problems) = self.words(row, &Attribute::EVIDENCE);
        if words.get(Attribute::Kind) == SKIP {
            return Ok(Outcome::Skipped);
        }
        let meanings = Meanings::of(&words, &mut problems);
        let is_release = meanings.kind.is_some_and(ExternalEvidenceKind::is_release);
        let (geometry, mended) = match self.placed(row, &words, is_release) {
            // What its words would have meant does not matter out there.
            Ok(Placed::Beyond { km }) => return Ok(Outcome::Beyond { km }),
            Ok(Placed::Here { geometry, mended }) => (Some(geometry), mended),
            Err(problem) => {
                problems.push(problem);
                (None, None)
            }
        };
        if words.get(Attribute::Kind).is_empty() {
            let remedy =
                "fill its field, or set `kind` in the mapping for the rows that do not say it";
            problems.push(Problem::Row { cause: "it has no kind".into(), remedy });
        }
        let (Some(kind), Some(geometry)) = (meanings.kind, geometry) else { return Err(problems) };
        let Meanings { eo_category, source, information, bearing_deg, .. } = meanings;
        problems.extend(lacks(kind, &geometry, &words));
        if !problems.is_empty() {
            return Err(problems);
        }
        let row = EvidenceRow {
            kind,
            geometry,
            eo_category: eo_category.unwrap_or(EoCategory::Unknown),
            reliability: Reliability { source, information },
            name: words.get(Attribute::Name).into(),
            date: words.get(Attribute::Date).into(),
            bearing_deg,
        };
        Ok(Outcome::Evidence { row: Box::new(row), mended })
    }

    /// What a row says of some attributes, and what of it cannot be read.
    pub(crate) fn words(
        &self,
        row: &Feature<'_>,
        attributes: &[Attribute],
    ) -> (RowWords, Vec<Problem>) {
        let (mut words, mut problems) = (RowWords::default(), vec![]);
        for attribute in attributes {
            match self.word(row, *attribute) {
                Ok(word) => words.insert(*attribute, word),
                Err(problem) => problems.push(problem),
            }
        }
        (words, problems)
    }

    /// Where a row lies.
    pub(crate) fn placed(
        &self,
        row: &Feature<'_>,
        words: &RowWords,
        is_release: bool,
    ) -> Result<Placed, Problem> {
        self.geometry(row, words).and_then(|geometry| self.place.place(geometry, is_release))
    }

    /// What a row says of an attribute, in our words.
    fn word(&self, row: &Feature<'_>, attribute: Attribute) -> Result<String, Problem> {
        let Some(&(index, is_date)) = self.fields.get(&attribute) else {
            return Ok(self.rules.fixed(attribute));
        };
        let unreadable = |what: String| Problem::Row {
            cause: format!("its {} {what}", attribute.name()),
            remedy: "save the file in UTF-8",
        };
        let text = row
            .field_as_string(index)
            .map_err(|error| unreadable(format!("cannot be read ({error})")))?;
        let text = text.unwrap_or_default();
        if text.contains('\u{fffd}') {
            return Err(unreadable(format!("is {text:?}")));
        }
        // GDAL writes 2025/03/01.
        let text = if is_date { text.replace('/', "-") } else { text };
        let word = self.rules.translated(attribute, text.trim());
        Ok(if word.is_empty() { self.rules.fixed(attribute) } else { word })
    }

    fn has_coordinates(&self) -> bool {
        [Attribute::X, Attribute::Y].iter().all(|axis| self.fields.contains_key(axis))
    }

    /// The geometry of a row: of its well-known text or its coordinates where it has them, else its
    /// own.
    fn geometry(&self, row: &Feature<'_>, words: &RowWords) -> Result<Geometry, Problem> {
        let none = || Problem::Row {
            cause: "it has no geometry".into(),
            remedy: "give it one, or take the row out of the file",
        };
        if self.fields.contains_key(&Attribute::Wkt) && !words.get(Attribute::Wkt).is_empty() {
            let text = words.get(Attribute::Wkt);
            let start: String = text.chars().take(40).collect();
            return Geometry::from_wkt(text).map_err(|_| Problem::Row {
                cause: format!("its wkt is {start:?}"),
                remedy: "write it as POINT (lon lat), LINESTRING or POLYGON",
            });
        }
        if !self.has_coordinates() {
            // Not `geometry()`, which hands out a null pointer for a row that has none.
            return row.geometry_by_index(0).cloned().map_err(|_| none());
        }
        let coordinate = |attribute| match words.get(attribute) {
            "" => Err(none()),
            text => words::number(text).ok_or_else(|| Problem::Row {
                cause: format!("its {} is {text:?}", attribute.name()),
                remedy: "give a number: decimal degrees, or metres with `crs` in the mapping",
            }),
        };
        let (x, y) = (coordinate(Attribute::X)?, coordinate(Attribute::Y)?);
        Geometry::from_wkt(&format!("POINT ({x:?} {y:?})")).map_err(|_| none())
    }
}

/// Whether coordinates or well-known text are among the fields.
fn by_fields(fields: &BTreeMap<Attribute, (usize, bool)>) -> bool {
    let has = |attribute| fields.contains_key(&attribute);
    has(Attribute::Wkt) || (has(Attribute::X) && has(Attribute::Y))
}
