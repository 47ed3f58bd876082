//! One layer of evidence -> its rows in our words.

use crate::EvidenceError;
use crate::mapping::{Mapping, Rules};
use crate::place::{Mended, Place, Placed};
use crate::problem::{Problem, Problems};
use crate::words::{self, Attribute, SKIP};
use gdal::spatial_ref::SpatialRef;
use gdal::vector::OGRwkbGeometryType::wkbNone;
use gdal::vector::{Feature, Geometry, Layer, LayerAccess, OGRFieldType};
use rams_domain::{
    EoCategory, ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Ground, Reliability,
};
use rams_store::wgs84;
use std::collections::BTreeMap;
use std::path::Path;

/// What became of a row.
pub(crate) enum Outcome {
    /// Evidence, and whether its outline had to be mended.
    Known { row: Box<EvidenceRow>, mended: Option<Mended> },
    /// Too far away, by so many kilometres.
    Beyond { km: f64 },
    /// Left out by the mapping.
    Skipped,
}

/// A piece of evidence that is not numbered yet.
pub(crate) struct EvidenceRow {
    kind: ExternalEvidenceKind,
    geometry: geo::Geometry,
    eo_category: EoCategory,
    reliability: Reliability,
    name: String,
    date: String,
    bearing_deg: Option<f64>,
}

impl EvidenceRow {
    /// The piece, with its number and the name of its file.
    pub(crate) fn numbered(self, id: ExternalEvidenceId, file: &str) -> ExternalEvidence {
        let Self { kind, geometry, eo_category, reliability, name, date, bearing_deg } = self;
        ExternalEvidence {
            id,
            kind,
            geometry,
            eo_category,
            reliability,
            name,
            date,
            bearing_deg,
            file: file.to_owned(),
        }
    }
}

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
    /// `None` for a layer that the mapping leaves out.
    pub(crate) fn new(
        path: &'a Path,
        layer: &Layer<'_>,
        is_csv: bool,
        mapping: &Mapping,
        onto: &Ground,
    ) -> Result<Option<Self>, EvidenceError> {
        let (name, rules) = (layer.name(), mapping.of(&layer.name()));
        if rules.skip {
            return Ok(None);
        }
        let error = |cause: String, remedy: String| EvidenceError::Unusable {
            path: path.into(),
            place: format!(", layer {name}"),
            cause,
            remedy,
        };
        let fields = fields(layer, &rules).map_err(|(cause, remedy)| error(cause, remedy))?;
        let has_kind =
            fields.contains_key(&Attribute::Kind) || !rules.fixed(Attribute::Kind).is_empty();
        if !has_kind {
            let remedy = format!(
                "say in the mapping, under [layer.{name:?}], which kind all rows are: kind = \
                 \"...\", or which field says it: fields.kind = \"...\", or leave the layer out: \
                 skip = true"
            );
            return Err(error(format!("no field `kind` among {}", names(layer)), remedy));
        }
        let has = |attribute| fields.contains_key(&attribute);
        let by_fields = has(Attribute::Wkt) || (has(Attribute::X) && has(Attribute::Y));
        if layer.defn().geometry_type() == wkbNone && !by_fields {
            let remedy = format!(
                "name in the mapping, under [layer.{name:?}.fields], those of x (longitude) and y \
                 (latitude), or wkt"
            );
            return Err(error(
                format!("no geometry, and no coordinates among {}", names(layer)),
                remedy,
            ));
        }
        let crs = match &rules.crs {
            Some(definition) => SpatialRef::from_definition(definition).ok(),
            None if is_csv || by_fields => wgs84().ok(),
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

    /// Reads all rows, or says what is wrong with them.
    pub(crate) fn read(&self, layer: &mut Layer<'_>) -> Result<Vec<Outcome>, EvidenceError> {
        let (mut outcomes, mut problems) = (vec![], Problems::default());
        // GDAL ends a layer without a word where it cannot read on.
        let expected = layer.feature_count();
        let mut count = 0;
        for row in layer.features() {
            count += 1;
            match self.row(&row) {
                Ok(outcome) => outcomes.push(outcome),
                Err(found) => found.into_iter().for_each(|problem| problems.add(problem, count)),
            }
        }
        if (count as u64) < expected {
            return Err(EvidenceError::Unusable {
                path: self.path.into(),
                place: format!(", layer {}", self.name),
                cause: format!("{count} of {expected} rows can be read"),
                remedy: "save the file anew".into(),
            });
        }
        problems.check(self.path, &self.name)?;
        Ok(outcomes)
    }

    fn row(&self, row: &Feature<'_>) -> Result<Outcome, Vec<Problem>> {
        let (mut said, mut problems) = (BTreeMap::new(), vec![]);
        for attribute in Attribute::ALL {
            match self.said(row, attribute) {
                Ok(word) => drop(said.insert(attribute, word)),
                Err(problem) => problems.push(problem),
            }
        }
        let word = |attribute| said.get(&attribute).map(String::as_str).unwrap_or_default();
        if word(Attribute::Kind) == SKIP {
            return Ok(Outcome::Skipped);
        }
        let mut unknown =
            |attribute| problems.push(Problem::Word(attribute, word(attribute).to_owned()));
        let kind = meant(word(Attribute::Kind), words::kind, || unknown(Attribute::Kind));
        let eo = meant(word(Attribute::EoCategory), words::eo_category, || {
            unknown(Attribute::EoCategory)
        });
        let source = meant(word(Attribute::SourceReliability), words::source_reliability, || {
            unknown(Attribute::SourceReliability);
        });
        let information =
            meant(word(Attribute::InformationReliability), words::information_reliability, || {
                unknown(Attribute::InformationReliability);
            });
        let bearing_deg = meant(word(Attribute::BearingDeg), words::bearing_deg, || {
            unknown(Attribute::BearingDeg)
        });
        let is_release = kind.is_some_and(ExternalEvidenceKind::is_release);
        let placed =
            self.geometry(row, &word).and_then(|geometry| self.place.place(geometry, is_release));
        let (geometry, mended) = match placed {
            // What its words would have meant does not matter out there.
            Ok(Placed::Beyond { km }) => return Ok(Outcome::Beyond { km }),
            Ok(Placed::Here { geometry, mended }) => (Some(geometry), mended),
            Err(problem) => {
                problems.push(problem);
                (None, None)
            }
        };
        if word(Attribute::Kind).is_empty() {
            let remedy =
                "fill its field, or set `kind` in the mapping for the rows that do not say it";
            problems.push(Problem::Row { cause: "it has no kind".into(), remedy });
        }
        if let (Some(kind), Some(geometry)) = (kind, &geometry) {
            problems.extend(lacks(kind, geometry, word(Attribute::Name), bearing_deg));
        }
        match (kind, geometry) {
            (Some(kind), Some(geometry)) if problems.is_empty() => Ok(Outcome::Known {
                row: Box::new(EvidenceRow {
                    kind,
                    geometry,
                    eo_category: eo.unwrap_or(EoCategory::Unknown),
                    reliability: Reliability { source, information },
                    name: word(Attribute::Name).into(),
                    date: word(Attribute::Date).into(),
                    bearing_deg,
                }),
                mended,
            }),
            _ => Err(problems),
        }
    }

    /// What a row says, in our words.
    fn said(&self, row: &Feature<'_>, attribute: Attribute) -> Result<String, Problem> {
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

    fn geometry<'w>(
        &self,
        row: &Feature<'_>,
        word: &impl Fn(Attribute) -> &'w str,
    ) -> Result<Geometry, Problem> {
        let none = || Problem::Row {
            cause: "it has no geometry".into(),
            remedy: "give it one, or take the row out of the file",
        };
        if self.fields.contains_key(&Attribute::Wkt) && !word(Attribute::Wkt).is_empty() {
            let text = word(Attribute::Wkt);
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
        let coordinate = |attribute| match word(attribute) {
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

/// What a word means, if it says anything.
fn meant<T>(word: &str, means: fn(&str) -> Option<T>, unknown: impl FnOnce()) -> Option<T> {
    let meaning = if word.is_empty() { None } else { means(word) };
    if meaning.is_none() && !word.is_empty() {
        unknown();
    }
    meaning
}

/// What a row of a kind must say to be of any use.
fn lacks(
    kind: ExternalEvidenceKind,
    geometry: &geo::Geometry,
    name: &str,
    bearing_deg: Option<f64>,
) -> Option<Problem> {
    use ExternalEvidenceKind::{Cancelled, District, Front, LandUse, Released, SurveyLimit};
    let is_area = matches!(geometry, geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_));
    let problem = |cause: String, remedy| Some(Problem::Row { cause, remedy });
    match kind {
        Released | Cancelled | District | SurveyLimit if !is_area => problem(
            format!("its kind is {kind}, but it is no polygon"),
            "draw its outline, or leave it out with a word of the mapping",
        ),
        District | LandUse if name.is_empty() => problem(
            format!("its kind is {kind}, but it has no name"),
            "fill its field, or name another one in the mapping",
        ),
        Front if bearing_deg.is_none() => problem(
            "its kind is front, but it has no bearing_deg".into(),
            "give the direction in which the defences face, in degrees from true north",
        ),
        _ => None,
    }
}

/// The fields that say something, by the mapping or by their usual names.
fn fields(
    layer: &Layer<'_>,
    rules: &Rules,
) -> Result<BTreeMap<Attribute, (usize, bool)>, (String, String)> {
    let has_geometry = layer.defn().geometry_type() != wkbNone;
    let number = |name: &str| layer.defn().field_index(name).ok();
    let mut found = BTreeMap::new();
    for attribute in Attribute::ALL {
        let index = match rules.fields.get(&attribute) {
            Some(name) => Some(number(name).ok_or_else(|| {
                let cause = format!(
                    "the mapping reads {} from field {name:?}, which is not among {}",
                    attribute.name(),
                    names(layer)
                );
                (cause, "name the field as the file does".to_owned())
            })?),
            // A layer with geometry may have columns of coordinates too: not asked for, not read.
            None if has_geometry
                && [Attribute::X, Attribute::Y, Attribute::Wkt].contains(&attribute) =>
            {
                None
            }
            None => attribute.usual_names().iter().find_map(|name| number(name)),
        };
        if let Some(index) = index {
            let kind = layer.defn().fields().nth(index).map(|field| field.field_type());
            let is_date = matches!(kind, Some(OGRFieldType::OFTDate | OGRFieldType::OFTDateTime));
            found.insert(attribute, (index, is_date));
        }
    }
    Ok(found)
}

fn names(layer: &Layer<'_>) -> String {
    let names: Vec<_> = layer.defn().fields().map(|field| field.name()).collect();
    if names.is_empty() { "its fields: it has none".into() } else { names.join(", ") }
}
