//! How well PROJ places a CRS on WGS 84, and which grids that are not on this machine would do
//! better, asked of PROJ itself: GDAL leaves operations whose grid is missing out without a word.

use geo::Coord;
use std::{
    collections::BTreeSet,
    ffi::{CStr, CString, c_char, c_int, c_void},
    fmt, ptr,
};

/// PROJ's `PROJ_GRID_AVAILABILITY_IGNORED`: operations are listed as if all grids were there.
const AVAILABILITY_IGNORED: c_int = 2;

/// Half the side of the square around a place that PROJ is asked about, degrees: it knows nothing
/// of a point.
const AROUND_DEG: f64 = 1e-3;

/// An accuracy up to this, metres, is not worth a word.
const GOOD_M: f64 = 2.0;

/// How well a CRS is placed on WGS 84.
#[derive(Debug, PartialEq)]
pub(crate) struct Accuracy {
    /// Whether PROJ knows no way for this place, and takes that of another region.
    elsewhere: bool,
    /// Metres, where PROJ knows.
    here_m: Option<f64>,
    /// Grids that would do better, and how well.
    missing: Option<(BTreeSet<String>, f64)>,
}

// SAFETY: as in proj.h; all of these are pointers to PROJ's own objects.
#[allow(unsafe_code)]
#[link(name = "proj")]
unsafe extern "C" {
    fn proj_context_create() -> *mut c_void;
    fn proj_context_destroy(context: *mut c_void) -> *mut c_void;
    fn proj_context_set_enable_network(context: *mut c_void, enable: c_int) -> c_int;
    fn proj_log_level(context: *mut c_void, level: c_int) -> c_int;
    fn proj_create(context: *mut c_void, definition: *const c_char) -> *mut c_void;
    fn proj_destroy(object: *mut c_void) -> *mut c_void;
    fn proj_create_operation_factory_context(
        context: *mut c_void,
        authority: *const c_char,
    ) -> *mut c_void;
    fn proj_operation_factory_context_destroy(factory: *mut c_void);
    fn proj_operation_factory_context_set_area_of_interest(
        context: *mut c_void,
        factory: *mut c_void,
        west: f64,
        south: f64,
        east: f64,
        north: f64,
    );
    fn proj_operation_factory_context_set_grid_availability_use(
        context: *mut c_void,
        factory: *mut c_void,
        how: c_int,
    );
    fn proj_create_operations(
        context: *mut c_void,
        source: *const c_void,
        target: *const c_void,
        factory: *const c_void,
    ) -> *mut c_void;
    fn proj_list_get_count(list: *const c_void) -> c_int;
    fn proj_list_get(context: *mut c_void, list: *const c_void, index: c_int) -> *mut c_void;
    fn proj_list_destroy(list: *mut c_void);
    fn proj_coordoperation_get_accuracy(context: *mut c_void, operation: *const c_void) -> f64;
    fn proj_coordoperation_has_ballpark_transformation(
        context: *mut c_void,
        operation: *const c_void,
    ) -> c_int;
    fn proj_coordoperation_get_grid_used_count(
        context: *mut c_void,
        operation: *const c_void,
    ) -> c_int;
    fn proj_coordoperation_get_grid_used(
        context: *mut c_void,
        operation: *const c_void,
        index: c_int,
        short_name: *mut *const c_char,
        full_name: *mut *const c_char,
        package: *mut *const c_char,
        url: *mut *const c_char,
        direct_download: *mut c_int,
        open_licence: *mut c_int,
        available: *mut c_int,
    ) -> c_int;
}

/// How well PROJ places a CRS on WGS 84; `None` where that is well enough, or as well as it can be.
/// `at` is longitude and latitude.
pub(crate) fn accuracy(wkt: &str, at: Coord) -> Option<Accuracy> {
    let wkt = CString::new(wkt).ok()?;
    let ways = ways(&wkt, at);
    let best = |is_missing: bool| {
        let ways = ways.iter().filter(|(grids, _)| grids.is_empty() != is_missing);
        ways.min_by(|a, b| a.1.total_cmp(&b.1))
    };
    let here_m = best(false).map(|(_, metres)| *metres);
    let elsewhere = here_m.is_none();
    let better = best(true).filter(|(_, metres)| here_m.is_none_or(|here_m| *metres < here_m));
    let here_m = here_m.filter(|metres| metres.is_finite());
    let is_good = better.is_none() && !elsewhere && here_m.is_none_or(|metres| metres <= GOOD_M);
    (!is_good).then(|| Accuracy { elsewhere, here_m, missing: better.cloned() })
}

/// The grid without which PROJ knows no way from a CRS to WGS 84, and how to get it; `None` where
/// there is none such.
pub(crate) fn needed(wkt: &str, at: Coord) -> Option<String> {
    let Accuracy { missing, .. } = accuracy(wkt, at).filter(|accuracy| accuracy.elsewhere)?;
    missing.map(|(grids, _)| named(&grids))
}

/// Grids, and how to get them.
fn named(grids: &BTreeSet<String>) -> String {
    let names: Vec<_> = grids.iter().map(String::as_str).collect();
    let fetch: Vec<_> = names.iter().map(|name| format!("`projsync --file {name}`")).collect();
    let (names, fetch) = (names.join(" and "), fetch.join(" and "));
    format!("PROJ's grid {names}, which is not here: {fetch} installs it where there is a network")
}

/// All ways to WGS 84 that PROJ knows: the grids that each lacks, and its accuracy in metres,
/// infinite where it is not known.
fn ways(wkt: &CStr, at: Coord) -> Vec<(BTreeSet<String>, f64)> {
    let lon = at.x - 360.0 * (at.x / 360.0).round();
    let [west, south, east, north] =
        [lon - AROUND_DEG, at.y - AROUND_DEG, lon + AROUND_DEG, at.y + AROUND_DEG]
            .map(|side| side.clamp(-180.0, 180.0));
    // SAFETY: the context is used by this thread alone and outlives all objects made in it, each of
    // which is destroyed once; PROJ takes null where an object could not be made, for a list but
    // not for a CRS; texts end with a nul.
    #[allow(unsafe_code)]
    unsafe {
        let context = proj_context_create();
        proj_log_level(context, 0);
        proj_context_set_enable_network(context, 0);
        let (source, target) =
            (proj_create(context, wkt.as_ptr()), proj_create(context, c"EPSG:4326".as_ptr()));
        let factory = proj_create_operation_factory_context(context, ptr::null());
        let mut ways = vec![];
        if !source.is_null() && !target.is_null() && !factory.is_null() {
            proj_operation_factory_context_set_area_of_interest(
                context, factory, west, south, east, north,
            );
            proj_operation_factory_context_set_grid_availability_use(
                context,
                factory,
                AVAILABILITY_IGNORED,
            );
            let list = proj_create_operations(context, source, target, factory);
            let count = if list.is_null() { 0 } else { proj_list_get_count(list) };
            for index in 0..count {
                let operation = proj_list_get(context, list, index);
                if !operation.is_null()
                    && proj_coordoperation_has_ballpark_transformation(context, operation) == 0
                {
                    let accuracy_m = Some(proj_coordoperation_get_accuracy(context, operation));
                    let accuracy_m =
                        accuracy_m.filter(|metres| *metres >= 0.0).unwrap_or(f64::INFINITY);
                    ways.push((lacks(context, operation), accuracy_m));
                }
                proj_destroy(operation);
            }
            proj_list_destroy(list);
        }
        proj_operation_factory_context_destroy(factory);
        proj_destroy(source);
        proj_destroy(target);
        proj_context_destroy(context);
        ways
    }
}

/// The grids of an operation that are not there.
///
/// # Safety
/// Both are objects of PROJ, the operation of this context.
#[allow(unsafe_code)]
unsafe fn lacks(context: *mut c_void, operation: *const c_void) -> BTreeSet<String> {
    let mut grids = BTreeSet::new();
    // SAFETY: PROJ takes null for what is not asked for; the name lives as long as the operation,
    // and is copied at once.
    unsafe {
        for index in 0..proj_coordoperation_get_grid_used_count(context, operation) {
            let (mut name, mut available) = (ptr::null(), 0);
            let none = ptr::null_mut();
            let found = proj_coordoperation_get_grid_used(
                context,
                operation,
                index,
                &mut name,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                none,
                none,
                &mut available,
            );
            if found != 0 && available == 0 && !name.is_null() {
                grids.insert(CStr::from_ptr(name).to_string_lossy().into_owned());
            }
        }
    }
    grids
}

/// For people: how well, and which file does better and how to get it.
impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { elsewhere, here_m, missing } = self;
        match here_m {
            Some(metres) => write!(f, "its positions on WGS 84 are right to {metres} m")?,
            None if *elsewhere => f.write_str(
                "PROJ knows no way to WGS 84 for this place and takes that of another region, so \
                 its positions may be off by tens of metres",
            )?,
            None => f.write_str("how right its positions on WGS 84 are is not known")?,
        }
        match missing {
            None => Ok(()),
            Some((grids, metres)) if metres.is_finite() => {
                write!(f, ", to {metres} m with {}", named(grids))
            }
            Some((grids, _)) => write!(f, ", better with {}", named(grids)),
        }
    }
}
