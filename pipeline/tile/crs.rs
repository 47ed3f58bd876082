//! Where a raster says that it lies -> its CRS and geotransform, put in order once for every
//! reader: horizontal, x before y, one affine transform.

use crate::{
    TileError, grids, points,
    relation::{self, Relation},
    vsi::{self, VsiFile},
    window,
};
use gdal::{
    Dataset, GeoTransform, Metadata,
    spatial_ref::{AxisMappingStrategy, SpatialRef},
};
use geo::coord;
use std::{
    ffi::c_int,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    ptr, slice,
};

/// What GDAL warns of where the code in a GeoTIFF and the numbers beside it differ.
const REGISTRY: &str = "not the same as the one from the EPSG registry";

/// A `.prj` longer than this is none, bytes.
const PRJ_BYTES: u64 = 65_536;

/// Where a raster lies.
pub(crate) struct Place {
    /// Without heights, longitude before latitude and easting before northing.
    pub(crate) srs: SpatialRef,
    pub(crate) geotransform: GeoTransform,
    /// What a person should know of it.
    pub(crate) notices: Vec<String>,
}

/// Settles where a raster lies, or says what is missing. What is assumed holds whatever the file
/// says.
pub(crate) fn settle(
    path: &Path,
    dataset: &Dataset,
    assume_crs: Option<&str>,
) -> Result<Place, TileError> {
    let mut notices = vec![];
    let (own, warning) = window::heard(|| dataset.spatial_ref().ok());
    if let Some(own) = own.as_ref().filter(|_| warning.contains(REGISTRY)) {
        notices.push(format!(
            "it names its coordinate reference system, {}, and describes another: the name counts",
            named(own)
        ));
    }
    let declared = own.or_else(|| dataset.gcp_spatial_ref());
    let declared = declared.or_else(|| {
        let (prj, srs) = beside(path)?;
        notices.push(format!(
            "its coordinate reference system is that of {}: {}",
            prj.display(),
            named(&srs)
        ));
        Some(srs)
    });
    let assumed = assume_crs.map(assumed).transpose()?;
    let points_srs = declared.clone().or_else(|| assumed.clone());
    let geotransform = geotransform(path, dataset, points_srs.as_ref(), &mut notices)?;
    let place = match (declared, assumed) {
        (None, None) => return Err(TileError::NoCrs { path: path.to_owned() }),
        (Some(declared), None) => in_order(&declared, geotransform),
        (None, Some(assumed)) => (assumed, geotransform),
        (Some(declared), Some(assumed)) => {
            let (own, own_geotransform) = in_order(&declared, geotransform);
            if relation::is_same(&own, &assumed) {
                (own, own_geotransform)
            } else {
                let (own, assumed_name) = (named(&declared), named(&assumed));
                notices.push(format!(
                    "read as {assumed_name}, as --assume-crs says, and not as \
                     {own}, as the file says"
                ));
                (assumed, geotransform)
            }
        }
    };
    let (srs, geotransform) = place;
    if !srs.is_projected() && !srs.is_geographic() {
        return Err(TileError::SiteGrid { path: path.to_owned(), crs: named(&srs) });
    }
    let finite = geotransform.iter().all(|value| value.is_finite());
    let determinant = geotransform[1] * geotransform[5] - geotransform[2] * geotransform[4];
    if !finite || determinant == 0.0 {
        let cause = "its pixels have no area on the ground".into();
        return Err(TileError::BadGeotransform { path: path.to_owned(), geotransform, cause });
    }
    Ok(Place { srs, geotransform, notices })
}

/// The CRS that a code of EPSG stands for.
pub(crate) fn assumed(code: &str) -> Result<SpatialRef, TileError> {
    let number = code.strip_prefix("EPSG:").and_then(|number| number.parse().ok());
    let srs = number.and_then(|number| relation::reference(number).ok());
    let srs = srs.filter(|srs| srs.is_projected() || srs.is_geographic());
    let srs = srs.ok_or_else(|| TileError::UnknownCrs { code: code.to_owned() })?;
    Ok(in_order(&srs, [0.0; 6]).0)
}

/// Why a CRS has no place on the earth: PROJ knows no way, or does not know how its datum lies.
pub(crate) fn unrelated(path: &Path, srs: &SpatialRef, cause: String) -> TileError {
    let (path, crs) = (path.to_owned(), named(srs));
    let datum = srs.get_attr_value("DATUM", 0).ok().flatten().unwrap_or_default().replace('_', " ");
    let is_datum = relation::reference(4326)
        .and_then(|wgs84| gdal::spatial_ref::CoordTransform::new(srs, &wgs84))
        .is_ok();
    if !is_datum {
        return TileError::CrsUnusable { path, crs, cause };
    }
    // A CRS read from its text has lost where it is used, which its code still knows.
    let by_code = srs.authority().ok().and_then(|code| SpatialRef::from_definition(&code).ok());
    let area = by_code.as_ref().unwrap_or(srs).area_of_use();
    let middle = area.map(|area| {
        coord! {
            x: (area.west_lon_degree + area.east_lon_degree) / 2.0,
            y: (area.south_lat_degree + area.north_lat_degree) / 2.0,
        }
    });
    let grid = middle.and_then(|middle| grids::needed(&srs.to_wkt().ok()?, middle));
    let grid = grid.map_or_else(String::new, |grid| format!(" without {grid}"));
    TileError::UnknownDatum { path, crs, datum, grid }
}

/// Name and code of a CRS, for people.
pub(crate) fn named(srs: &SpatialRef) -> String {
    let name = srs.name().unwrap_or_else(|| "unnamed".into());
    srs.authority().map_or_else(|_| name.clone(), |code| format!("{name} ({code})"))
}

/// A CRS without heights and with x before y, and a geotransform to match. Files may order their
/// axes as the authority does, latitude before longitude, and say so.
fn in_order(declared: &SpatialRef, geotransform: GeoTransform) -> (SpatialRef, GeoTransform) {
    let mut srs = declared.clone();
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let (own, usual) = (axes(declared), axes(&srs));
    let is_swapped = own.len() >= 2 && usual.len() >= 2 && own[..2] == [usual[1], usual[0]];
    // SAFETY: the CRS is our own clone; the null pointer stands for its own name.
    #[allow(unsafe_code)]
    unsafe {
        if srs.is_compound() {
            gdal_sys::OSRStripVertical(srs.to_c_hsrs());
        } else if srs.axes_count() == 3 {
            gdal_sys::OSRDemoteTo2D(srs.to_c_hsrs(), ptr::null());
        }
    }
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let srs = relation::as_declared(srs.clone()).unwrap_or(srs);
    let [a, b, c, d, e, f] = geotransform;
    (srs, if is_swapped { [d, e, f, a, b, c] } else { geotransform })
}

/// Which axis of the CRS each number of a coordinate is, from 1.
fn axes(srs: &SpatialRef) -> Vec<c_int> {
    let mut count = 0;
    // SAFETY: GDAL returns a pointer into the CRS to as many numbers as it says, which are copied
    // at once.
    #[allow(unsafe_code)]
    unsafe {
        let first = gdal_sys::OSRGetDataAxisToSRSAxisMapping(srs.to_c_hsrs(), &mut count);
        if first.is_null() {
            vec![]
        } else {
            slice::from_raw_parts(first, count.max(0) as usize).to_vec()
        }
    }
}

/// The geotransform of a raster, or the one that its control points agree on.
fn geotransform(
    path: &Path,
    dataset: &Dataset,
    srs: Option<&SpatialRef>,
    notices: &mut Vec<String>,
) -> Result<GeoTransform, TileError> {
    if let Ok(geotransform) = dataset.geo_transform() {
        return Ok(geotransform);
    }
    if !dataset.gcps().is_empty() {
        let (geotransform, worst_px) = points::fit(path, dataset, srs)?;
        let count = dataset.gcps().len();
        notices.push(format!(
            "its place is fitted to its {count} control points, off by {worst_px:.2} pixels at most"
        ));
        return Ok(geotransform);
    }
    let path = path.to_owned();
    let item = |key: &str| {
        let text = dataset.metadata_item(key, "RPC")?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    Err(match (item("LONG_OFF"), item("LAT_OFF")) {
        (Some(x), Some(y)) => {
            TileError::CameraModel { path, utm: relation::utm(coord! { x: x, y: y }) }
        }
        _ if dataset.metadata_domain("GEOLOCATION").is_some_and(|items| !items.is_empty()) => {
            TileError::Geolocation { path }
        }
        _ => TileError::NoGeotransform { path },
    })
}

/// The `.prj` beside a raster, as exports with a world file have it, and what it says.
fn beside(path: &Path) -> Option<(PathBuf, SpatialRef)> {
    let read = |prj: &PathBuf| -> io::Result<String> {
        let mut bytes = vec![];
        if vsi::is_virtual(prj) {
            VsiFile::open(prj)?.take(PRJ_BYTES).read_to_end(&mut bytes)?;
        } else {
            File::open(prj)?.take(PRJ_BYTES).read_to_end(&mut bytes)?;
        }
        Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').trim().to_owned())
    };
    ["prj", "PRJ"].iter().map(|extension| path.with_extension(extension)).find_map(|prj| {
        let text = read(&prj).ok()?;
        let srs = SpatialRef::from_esri(&text).or_else(|_| SpatialRef::from_wkt(&text)).ok()?;
        Some((prj, srs))
    })
}

/// Whether a place has a way to longitude and latitude, and which.
pub(crate) fn to_lonlat(path: &Path, srs: &SpatialRef) -> Result<Relation, TileError> {
    Relation::to_lonlat(srs).map_err(|error| unrelated(path, srs, window::cause(&error)))
}
