//! What can be wrong with an orthomosaic, each with its remedy.

use std::path::PathBuf;

/// Why an orthomosaic cannot be surveyed. All but [`TileError::Projection`] ask the person who
/// made the file to act.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages are the documentation
pub enum TileError {
    #[error(
        "cannot open {path}: {cause}; give a GeoTIFF, COG, VRT or JPEG 2000 \
         that `gdalinfo` can read"
    )]
    Open { path: PathBuf, cause: String },
    #[error("cannot open {path}: there is no such file; check its name and its folder")]
    NoRaster { path: PathBuf },
    #[error("cannot read {path}: {cause}")]
    Io { path: PathBuf, cause: std::io::Error },
    #[error(
        "{path} has no coordinate reference system: say which one it was made in with \
         `--assume-crs EPSG:<code>`, or write it into the file with \
         `gdal_edit.py -a_srs EPSG:<code>`"
    )]
    NoCrs { path: PathBuf },
    #[error(
        "{path} lies in {crs}, and how its datum, {datum}, lies to WGS 84 is not known{grid}, so \
         it may be off by 100 m and more: name a CRS whose datum is known with `--assume-crs \
         EPSG:<code>`, or write how it lies into the file with `gdal_edit.py -a_srs \"+proj=... \
         +towgs84=...\"`"
    )]
    UnknownDatum { path: PathBuf, crs: String, datum: String, grid: String },
    #[error(
        "{path} lies in {crs}, which has no place on the earth: if its coordinates are in another, \
         name that with `--assume-crs EPSG:<code>`, else give points that are known to \
         `gdal_translate -a_srs EPSG:<code> -gcp <column> <row> <x> <y> ...`, three or more"
    )]
    SiteGrid { path: PathBuf, crs: String },
    #[error(
        "coordinate reference system {crs} of {path} has no way to longitude and latitude here \
         ({cause}): name the right one with `--assume-crs EPSG:<code>`"
    )]
    CrsUnusable { path: PathBuf, crs: String, cause: String },
    #[error(
        "{path} has no geotransform, so its pixels have no place on the ground: export it as a \
         GeoTIFF, or with a world file"
    )]
    NoGeotransform { path: PathBuf },
    #[error(
        "{path} has the model of its camera alone (RPC): bring it onto the ground with \
         `gdalwarp -rpc -t_srs EPSG:{utm} <in> <out>`, best with heights, `-to RPC_DEM=<file>`"
    )]
    CameraModel { path: PathBuf, utm: u32 },
    #[error(
        "{path} has the places of its pixels in arrays: bring it onto the ground with \
         `gdalwarp -geoloc -t_srs EPSG:<UTM zone> <in> <out>`"
    )]
    Geolocation { path: PathBuf },
    #[error("{path} has {count} control points, or all on a line: give three or more that are not")]
    FewPoints { path: PathBuf, count: usize },
    #[error(
        "the {count} control points of {path} lie up to {worst_px:.1} pixels from an affine \
         transform, at most 0.5 is read: warp it with `gdalwarp -tps \
         -t_srs EPSG:{utm} <in> <out>`"
    )]
    Points { path: PathBuf, count: usize, worst_px: f64, utm: String },
    #[error(
        "geotransform {geotransform:?} of {path} makes no sense ({cause}): \
         correct it with `gdal_edit.py -a_ullr <ulx> <uly> <lrx> <lry>`"
    )]
    BadGeotransform { path: PathBuf, geotransform: [f64; 6], cause: String },
    #[error(
        "{path} has {count} bands beside alpha and does not say which are red, green and blue: \
         choose with `--bands <number>` or `--bands <red>,<green>,<blue>`; one that marks ground \
         without image is named with `--alpha <number>`"
    )]
    ColourBands { path: PathBuf, count: usize },
    #[error(
        "{path} has no band {band}: its bands are 1 to {count}; choose others \
         with --bands or --alpha"
    )]
    NoBand { path: PathBuf, band: usize, count: usize },
    #[error(
        "band {band} of {path} cannot be a colour and alpha: choose others with --bands or --alpha"
    )]
    AlphaIsColour { path: PathBuf, band: usize },
    #[error(
        "band {band} of {path} is {found}, and no red, green or blue: convert the file to RGB, or \
         choose bands with `--bands <red>,<green>,<blue>`"
    )]
    ColourSpace { path: PathBuf, band: usize, found: String },
    #[error(
        "band {band} of {path} holds {data_type} values, which have no place between black and \
         white: convert it with `gdal_translate -ot Float32`"
    )]
    DataType { path: PathBuf, band: usize, data_type: String },
    #[error(
        "band {band} of {path} holds {data_type} values: say which two become black and white, one \
         pair for the whole survey, with `--scale=LOW,HIGH`{}; heights of the ground go with \
         --dsm", proposed(.proposal)
    )]
    NoScale { path: PathBuf, band: usize, data_type: String, proposal: Option<[f64; 2]> },
    #[error(
        "{path} takes pixels from {source_path}, which lies outside its own folder {folder}: copy \
         it there, or, if it is meant, give --allow-outside"
    )]
    Outside { path: PathBuf, source_path: String, folder: PathBuf },
    #[error(
        "{path} takes pixels from {source_path}, which is no file: a VRT may name files alone; \
         what lies in a network or an archive is read where you name it yourself \
         (`/vsicurl/https://...`)"
    )]
    NoFile { path: PathBuf, source_path: String },
    #[error(
        "{path} has its sources opened with options of its own (<OpenOptions>), which may change \
         what is read: take them out, or, if they are meant, give --allow-outside"
    )]
    SourceOptions { path: PathBuf },
    #[error(
        "{path} is an address: to read it over the network, which nothing else here does, give \
         {virtual_path}"
    )]
    Address { path: PathBuf, virtual_path: String },
    #[error(
        "cannot {doing} {address}: {cause}; the keys and the address of the store are taken from \
         the environment, as for imagery (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, \
         AWS_S3_ENDPOINT)"
    )]
    ObjectStore { doing: &'static str, address: PathBuf, cause: String },
    #[error("not computed: {path} is no local file, and would be fetched a second time")]
    NoDigest { path: PathBuf },
    #[error(
        "{path} changed while it was read, so what was found in it cannot be \
         trusted: survey it again"
    )]
    Changed { path: PathBuf },
    #[error(
        "coordinate reference system {code:?} is not known: give `EPSG:<number>`, EPSG:32638, say"
    )]
    UnknownCrs { code: String },
    #[error(
        "{path} lies in {found}, the survey in {expected}, and how the two lie to each other is \
         not known ({cause}): survey it apart, or bring it over with `gdalwarp -t_srs`"
    )]
    CrsDiffers { path: PathBuf, found: String, expected: String, cause: String },
    #[error(
        "{path} lies around longitude {lon:.1}, latitude {lat:.1}, too far from the first \
         orthomosaic for one survey: the survey is in the CRS of that, {crs}, which does not reach \
         there; survey each alone"
    )]
    BeyondCrs { path: PathBuf, lon: f64, lat: f64, crs: String },
    #[error(
        "{path} lies too far from the first orthomosaic for one survey: over their common extent a \
         degree or unit of {crs} changes its length by {percent:.1} %, at most 0.5 % is right for \
         buffers in metres; survey them apart"
    )]
    TooFarApart { path: PathBuf, crs: String, percent: f64 },
    #[error(
        "{path} has {count} bands, a surface model has one: take the one with the heights out with \
         `gdal_translate -b <number>`"
    )]
    SurfaceBands { path: PathBuf, count: usize },
    #[error(
        "{path} holds {data_type} values, a surface model has heights in metres (Float32, say): \
         give the model itself, not a picture of it"
    )]
    SurfaceDataType { path: PathBuf, data_type: String },
    #[error(
        "{path} gives its heights in {unit}, metres are needed: make them so with `gdal_calc.py`, \
         and, then or if they are so already, say it with `gdal_edit.py -units m`"
    )]
    SurfaceUnit { path: PathBuf, unit: String },
    #[error(
        "{path} lies by control points, or with latitude before longitude, in {crs}: a surface \
         model is read by a geotransform alone; write one with `gdalwarp -r bilinear <in> <out>`"
    )]
    SurfacePlace { path: PathBuf, crs: String },
    #[error(
        "{path} lies in {crs}, whose datum lies to WGS 84 otherwise than the orthomosaic's of the \
         same name: bring it over with `gdalwarp -r bilinear -t_srs EPSG:<UTM zone> <in> <out>`"
    )]
    SurfaceDatum { path: PathBuf, crs: String },
    #[error("cannot write {path}, a small copy to look at: {cause}; make room there")]
    Reduced { path: PathBuf, cause: String },
    #[error("cannot make a picture of {path}: {cause}")]
    Picture { path: PathBuf, cause: String },
    #[error("cannot make a JPEG of a picture: {cause}; report this as a bug")]
    Jpeg { cause: String },
    #[error("cannot set up the projection library: {0}; is PROJ's database (proj.db) installed?")]
    Projection(gdal::errors::GdalError),
}

fn proposed(scale: &Option<[f64; 2]>) -> String {
    let of = |[low, high]: &[f64; 2]| {
        format!("; 98 % of a sample of its own lie in `--scale={low},{high}`")
    };
    scale.as_ref().map_or_else(String::new, of)
}
