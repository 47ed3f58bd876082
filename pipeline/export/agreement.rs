//! An export against the map that it was made from: the same rows, as much ground, and every corner
//! where the map has one.

use crate::antimeridian::{continuous, cut};
use crate::evidence_points::centre;
use crate::exported_row::{ExportedRow, Origin, Shows};
use crate::grid::STEP_M;
use crate::job::Job;
use crate::layers::{GEOJSON_LAYERS, LAYERS};
use crate::outgoing::{area_m2, length_m, rounding_m2};
use crate::places::Places;
use crate::record::{self, Record};
use crate::turning_points::has_perimeter;
use crate::{ExportError, Halt};
use crate::{Format, imsma};
use geo::{CoordsIter, Geometry, MultiPolygon};
use rams_domain::reduce_precision;
use std::collections::BTreeMap;

/// Compares an export, as it was read back, with the map; the first row that differs by more than
/// the grid explains is an error.
pub(crate) fn verify(job: &Job<'_>, rows: &[ExportedRow]) -> Result<(), Halt> {
    let mut found: BTreeMap<&Origin, Vec<&Geometry>> = BTreeMap::new();
    for row in rows {
        found.entry(&row.origin).or_default().push(&row.geometry);
    }
    let on_map = on_map(job)?;
    let more = found.keys().find(|origin| !on_map.contains_key(**origin)).map(|origin| {
        let rows = found[*origin].len();
        ((*origin).clone(), format!("{rows} rows, and the map none"))
    });
    let differing = on_map.iter().find_map(|(origin, shapes)| {
        let found = found.get(origin).map(Vec::as_slice).unwrap_or_default();
        Some((origin.clone(), difference(origin.shows, shapes, found)?))
    });
    match differing.or(more) {
        None => Ok(()),
        Some((Origin { shows, row }, what)) => {
            Err(ExportError::Disagrees { format: job.format, layer: shows.to_string(), row, what }
                .into())
        }
    }
}

/// All that an export of a format has to show, in longitude and latitude as on the map.
fn on_map(job: &Job<'_>) -> Result<BTreeMap<Origin, Vec<Geometry>>, Halt> {
    use Shows::{Centre, Perimeter, Shape};
    let mut expected = OnMap { job, shapes: BTreeMap::new() };
    match job.format {
        Format::GeoJson | Format::Kml => {
            GEOJSON_LAYERS
                .into_iter()
                .try_for_each(|layer| expected.add(layer, Shape(layer), |_| true))?;
        }
        Format::Shp | Format::Fgb | Format::Gdb => {
            LAYERS.into_iter().try_for_each(|layer| expected.add(layer, Shape(layer), |_| true))?;
        }
        Format::Csv | Format::Xlsx => {
            expected.add("hazard_areas", Perimeter, has_perimeter)?;
            for layer in ["features", "external_evidence"] {
                expected.add(layer, Centre, |_| true)?;
                // A cell of a workbook is too small for some.
                if job.format == Format::Csv {
                    expected.add(layer, Shape(layer), |_| true)?;
                }
            }
        }
        Format::Imsma => {
            expected.add("hazard_areas", Shape("hazard_areas"), |_| true)?;
            expected.add("hazard_areas", Perimeter, has_perimeter)?;
            expected.add("features", Centre, |_| true)?;
            expected.add(
                "external_evidence",
                Centre,
                imsma::evidence_of(&record::records(&job.source, "hazard_areas")?),
            )?;
            for spot in imsma::spots(job)? {
                let origin = Origin::new(Centre, &spot.value("id"));
                expected.shapes.entry(origin).or_default().push(spot.geometry);
            }
            expected.add("gaps", Shape("gaps"), |_| true)?;
        }
    }
    Ok(expected.shapes)
}

struct OnMap<'a> {
    job: &'a Job<'a>,
    shapes: BTreeMap<Origin, Vec<Geometry>>,
}

impl OnMap<'_> {
    fn add(
        &mut self,
        layer: &str,
        shows: Shows,
        is_shown: impl Fn(&Record) -> bool,
    ) -> Result<(), Halt> {
        record::each(&self.job.source, layer, |record| {
            if !is_shown(&record) {
                return Ok(());
            }
            // Tables have a row for each place.
            let is_table = matches!(self.job.format, Format::Csv | Format::Xlsx | Format::Imsma);
            for record in if is_table { record.places() } else { vec![record] } {
                // GDAL takes a field that someone called `name` for that of the placemark.
                let name =
                    if self.job.format == Format::Kml { String::new() } else { record.value("id") };
                let shape = match shows {
                    // Cut, too: a corner more on the geodesic moves the centre of a line of
                    // kilometres.
                    Shows::Centre => {
                        centre(&cut(settled_finely(&record.geometry))).map(Geometry::from)
                    }
                    _ => Some(record.geometry),
                };
                self.shapes.entry(Origin::new(shows, &name)).or_default().extend(shape);
            }
            Ok(())
        })
    }
}

/// A geometry without slivers, its rings run as they should, on a grid as fine as numbers go.
fn settled_finely(geometry: &Geometry) -> Geometry {
    const FINE: f64 = 1e12;
    let settled = |polygons: &MultiPolygon| -> Option<Geometry> {
        Some(reduce_precision(polygons, FINE))
            .filter(|settled| !settled.0.is_empty())
            .map(Geometry::from)
    };
    let geometry = continuous(geometry);
    match &geometry {
        Geometry::Polygon(one) => settled(&one.clone().into()),
        Geometry::MultiPolygon(all) => settled(all),
        _ => None,
    }
    .unwrap_or(geometry)
}

/// How what was read back of a row differs from what the map has of it, as words that follow "reads
/// back".
fn difference(shows: Shows, on_map: &[Geometry], found: &[&Geometry]) -> Option<String> {
    // A perimeter is in as many rows as it has parts.
    let is_whole =
        if shows == Shows::Perimeter { !found.is_empty() } else { found.len() == on_map.len() };
    if !is_whole {
        return Some(format!("{} rows of {}", found.len(), on_map.len()));
    }
    let settled: Vec<Geometry> = on_map.iter().map(settled_finely).collect();
    let sum = |of: fn(&Geometry) -> f64| {
        (settled.iter().map(of).sum::<f64>(), found.iter().map(|found| of(found)).sum::<f64>())
    };
    let differs = |(expected, found): (f64, f64), most: f64| {
        // Not a number is no agreement.
        let agrees = (found - expected).abs() <= most;
        (!agrees).then_some((expected, found, most))
    };
    let ((expected_m2, found_m2), corners) = (sum(rounding_m2), sum(|it| it.coords_count() as f64));
    // A part in 10⁹ is what is left of the digits of a large area.
    let areas = sum(area_m2);
    if let Some((expected, found, most)) =
        differs(areas, expected_m2.max(found_m2) + areas.0 * 1e-9)
    {
        return Some(format!("{found:.3} m² of {expected:.3} m², more than {most:.3} m² from it"));
    }
    if let Some((expected, found, most)) =
        differs(sum(length_m), corners.0.max(corners.1) * 2.0 * STEP_M)
    {
        return Some(format!("{found:.3} m of {expected:.3} m, more than {most:.3} m from it"));
    }
    let places = Places::of(on_map);
    let far = |at: geo::Coord| Some((at, places.beyond_m(at)?));
    let (at, metres) = found.iter().flat_map(|found| found.coords_iter()).find_map(far)?;
    Some(format!("a corner at {} {} that lies {metres:.3} m away from the map's", at.x, at.y))
}
