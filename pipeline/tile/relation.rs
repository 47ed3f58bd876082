//! How two coordinate reference systems lie to each other, and which of them a map may be in.

use gdal::{
    errors::GdalError,
    spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef},
};
use geo::{Coord, Distance, Haversine, Point, coord};
use rams_domain::{Crs, Orthomosaic};

/// Half the shorter axis of WGS 84, metres, which GRS 80 has but for a tenth of a millimetre; and
/// the longer one of both.
const SEMI_MINOR_M: f64 = 6_356_752.314_2;
const SEMI_MAJOR_M: f64 = 6_378_137.0;

/// Copies of a CRS that put a point farther apart than this, metres, are not the same.
const SAME_PLACE_M: f64 = 0.01;

/// The way from one CRS to another, both x before y.
pub(crate) struct Relation {
    /// One after the other.
    steps: Vec<CoordTransform>,
    /// Whether their datums were taken for the same, because both are of today's ellipsoid.
    pub(crate) is_guessed: bool,
}

impl Relation {
    /// Where PROJ does not know how two datums relate it would take them for the same, and the map
    /// would be a hundred metres off without a word: such a relation is an error. Not so between
    /// datums on the ellipsoid of WGS 84 or GRS 80, which all have their centre in the earth's and
    /// differ by metres.
    pub(crate) fn new(from: &SpatialRef, to: &SpatialRef) -> Result<Self, GdalError> {
        if is_bound(from) || is_bound(to) {
            // Straight, PROJ would pass over what a CRS says itself where the other has the same
            // datum.
            let wgs84 = reference(4326)?;
            let (first, second) = (Self::step(from, &wgs84)?, Self::step(&wgs84, to)?);
            return Ok(Self { is_guessed: first.1 || second.1, steps: vec![first.0, second.0] });
        }
        Self::step(from, to).map(|(step, is_guessed)| Self { steps: vec![step], is_guessed })
    }

    fn step(from: &SpatialRef, to: &SpatialRef) -> Result<(CoordTransform, bool), GdalError> {
        let mut options = CoordTransformOptions::new()?;
        options.set_ballpark_allowed(false)?;
        match CoordTransform::new_with_options(from, to, &options) {
            Ok(step) => Ok((step, false)),
            Err(_) if is_geocentric(from) && is_geocentric(to) => {
                Ok((CoordTransform::new(from, to)?, true))
            }
            Err(error) => Err(error),
        }
    }

    /// To WGS 84, longitude before latitude.
    pub(crate) fn to_lonlat(from: &SpatialRef) -> Result<Self, GdalError> {
        Self::new(from, &reference(4326)?)
    }

    /// Positions there.
    pub(crate) fn project(&self, positions: &[Coord]) -> Result<Vec<Coord>, GdalError> {
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = positions.iter().map(|at| (at.x, at.y)).unzip();
        for step in &self.steps {
            step.transform_coords(&mut x, &mut y, &mut [])?;
        }
        Ok(x.into_iter().zip(y).map(|(x, y)| coord! { x: x, y: y }).collect())
    }
}

/// A CRS of EPSG, longitude before latitude and easting before northing.
pub(crate) fn reference(epsg: u32) -> Result<SpatialRef, GdalError> {
    let mut reference = SpatialRef::from_epsg(epsg)?;
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(reference)
}

/// A CRS by its text, longitude before latitude and easting before northing, as in a geotransform.
pub(crate) fn of(crs: &Crs) -> Result<SpatialRef, GdalError> {
    let mut reference = SpatialRef::from_wkt(&crs.wkt)?;
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(reference)
}

/// The CRS of an orthomosaic's file, longitude before latitude and easting before northing as in
/// its geotransform.
pub(crate) fn of_orthomosaic(orthomosaic: &Orthomosaic) -> Result<SpatialRef, GdalError> {
    of(orthomosaic.georef.own_ground().crs())
}

/// A CRS in the words of the domain.
pub(crate) fn described(srs: &SpatialRef) -> Result<Crs, GdalError> {
    let name = srs.name().unwrap_or_else(|| "unnamed".into());
    Ok(Crs { name, code: srs.authority().ok(), wkt: srs.to_wkt()? })
}

/// Whether two are the same. GDAL takes a CRS that has a relation to WGS 84 of its own for the same
/// as one without.
pub(crate) fn is_same(one: &SpatialRef, other: &SpatialRef) -> bool {
    is_bound(one) == is_bound(other) && one == other
}

/// Whether a CRS says itself how it lies to WGS 84 (`TOWGS84`, `+towgs84`, `+nadgrids`).
fn is_bound(srs: &SpatialRef) -> bool {
    let wkt = srs.to_wkt().unwrap_or_default();
    ["TOWGS84[", "BOUNDCRS[", "PROJ4_GRIDS"].iter().any(|words| wkt.contains(words))
}

/// The same CRS as GDAL takes it at its word: of one that says itself how it lies to WGS 84 and has
/// a code, GDAL takes the code's relation.
pub(crate) fn as_declared(srs: SpatialRef) -> Result<SpatialRef, GdalError> {
    if !is_bound(&srs) || srs.authority().is_err() {
        return Ok(srs);
    }
    let wkt = srs.to_wkt()?;
    let code = wkt.rfind(",AUTHORITY[").filter(|at| !wkt[at + ",AUTHORITY[".len()..].contains('['));
    let mut free =
        SpatialRef::from_wkt(&code.map_or(wkt.clone(), |at| format!("{}]", &wkt[..at])))?;
    free.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(free)
}

/// Whether every format of maps keeps where a CRS lies: some write its code alone, some the words
/// of Esri, in which there is no `TOWGS84`. `at` is a place in it.
pub(crate) fn is_portable(srs: &SpatialRef, at: Coord) -> bool {
    let place = |srs: &SpatialRef| {
        let relation = Relation::to_lonlat(srs).ok().filter(|relation| !relation.is_guessed)?;
        relation.project(&[at]).ok()?.first().copied().map(Point::from)
    };
    let Some(here) = place(srs) else { return false };
    let by_code = srs.authority().ok().map(|code| SpatialRef::from_definition(&code));
    let mut copies: Vec<_> = by_code.into_iter().chain([by_esri(srs)]).collect();
    copies.iter_mut().all(|copy| {
        let copy = copy.as_mut().ok().map(|copy| {
            copy.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            &*copy
        });
        copy.and_then(place).is_some_and(|there| Haversine.distance(here, there) < SAME_PLACE_M)
    })
}

fn by_esri(srs: &SpatialRef) -> Result<SpatialRef, GdalError> {
    let copy = srs.clone();
    copy.morph_to_esri()?;
    SpatialRef::from_esri(&copy.to_wkt()?)
}

/// The code of the UTM zone on WGS 84 that a longitude and latitude lie in, near the poles of UPS.
pub(crate) fn utm(at: Coord) -> u32 {
    let zone = ((at.x + 180.0).rem_euclid(360.0) / 6.0).floor() as u32 + 1;
    match at.y {
        lat if lat > 84.0 => 32661,
        lat if lat < -80.0 => 32761,
        lat if lat < 0.0 => 32700 + zone,
        _ => 32600 + zone,
    }
}

/// Whether the ellipsoid is that of WGS 84 or GRS 80.
fn is_geocentric(srs: &SpatialRef) -> bool {
    let is_near = |axis: Result<f64, GdalError>, metres: f64| {
        axis.is_ok_and(|axis| (axis - metres).abs() < 1e-3)
    };
    is_near(srs.semi_major(), SEMI_MAJOR_M) && is_near(srs.semi_minor(), SEMI_MINOR_M)
}
