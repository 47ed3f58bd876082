//! What can be wrong with an orthomosaic, each with its remedy.

use std::path::PathBuf;

/// Why an orthomosaic cannot be surveyed. All but [`TileError::Projection`] ask the person who
/// made the file to act.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages are the documentation
pub enum TileError {
    #[error("cannot open {path}: {cause}; give a raster that `gdalinfo` can read")]
    Open { path: PathBuf, cause: String },
    #[error("cannot read {path}: {cause}")]
    Io { path: PathBuf, cause: std::io::Error },
    #[error(
        "{path} has no coordinate reference system: write the one it was made in with `gdal_edit.py -a_srs EPSG:<code>`"
    )]
    NoCrs { path: PathBuf },
    #[error(
        "coordinate reference system {crs} of {path} has no way to longitude and latitude ({cause}): \
         reproject with `gdalwarp -t_srs EPSG:<UTM zone>`"
    )]
    CrsUnusable { path: PathBuf, crs: String, cause: String },
    #[error(
        "{path} has no geotransform, so its pixels have no place on the ground: export it georeferenced, \
         or, if it holds ground control points, run `gdalwarp` on it"
    )]
    NoGeotransform { path: PathBuf },
    #[error(
        "geotransform {geotransform:?} of {path} makes no sense ({cause}): \
         correct it with `gdal_edit.py -a_ullr <ulx> <uly> <lrx> <lry>`"
    )]
    BadGeotransform { path: PathBuf, geotransform: [f64; 6], cause: String },
    #[error(
        "{path} has {count} colour band(s), red, green and blue are needed: \
         `gdal_translate -expand rgb` turns a palette into bands"
    )]
    TooFewBands { path: PathBuf, count: usize },
    #[error(
        "band {band} of {path} holds {data_type} values, 8-bit ones are needed: \
         `gdal_translate -ot Byte -scale <from> <to> 0 255` converts with one stated scale"
    )]
    DataType { path: PathBuf, band: usize, data_type: String },
    #[error(
        "{path} lies in {found}, the survey in {expected}, and how the two lie to each other is not known ({cause}): \
         survey it apart, or bring it over with `gdalwarp -t_srs`"
    )]
    CrsDiffers { path: PathBuf, found: String, expected: String, cause: String },
    #[error(
        "{path} lies too far from the first orthomosaic for one survey: over their common extent a degree or unit of \
         {crs} changes its length by {percent:.1} %, at most 0.5 % is right for buffers in metres; survey them apart"
    )]
    TooFarApart { path: PathBuf, crs: String, percent: f64 },
    #[error(
        "{path} has {count} bands, a surface model has one: take the one with the heights out with \
         `gdal_translate -b <number>`"
    )]
    SurfaceBands { path: PathBuf, count: usize },
    #[error(
        "{path} holds {data_type} values, a surface model has heights in metres (Float32, say): give the model itself, \
         not a picture of it"
    )]
    SurfaceDataType { path: PathBuf, data_type: String },
    #[error(
        "{path} gives its heights in {unit}, metres are needed: convert them with `gdal_calc.py`, or, if they are in \
         metres, say so with `gdal_edit.py -units m`"
    )]
    SurfaceUnit { path: PathBuf, unit: String },
    #[error("cannot make a picture of {path}: {cause}")]
    Picture { path: PathBuf, cause: String },
    #[error("cannot set up the projection library: {0}; is PROJ's database (proj.db) installed?")]
    Projection(gdal::errors::GdalError),
}
