//! The files of a scene, through GDAL: each under a temporary name until it is whole.

use crate::region::Region;
use crate::truth::TrueObject;
use crate::{Ground, SceneError, SceneSpec};
use gdal::cpl::CslStringList;
use gdal::errors::GdalError;
use gdal::raster::{Buffer, ColorInterpretation};
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{
    Feature, FieldDefn, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal,
};
use gdal::{Dataset, DriverManager, Metadata};
use geo::{Euclidean, Geometry, Length};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How what is said in each file begins: by that a scene is known.
const PAINTED: &str = "Painted by rams-scene";

/// Said in each file.
pub(crate) fn about(spec: &SceneSpec) -> String {
    let pixels = match &spec.ground {
        Ground::Kind(_) => "no photograph",
        Ground::Photo { .. } => {
            "its ground is a photograph under its own licence, not the project's"
        }
    };
    format!("{PAINTED}: {pixels}. Position invented, no such place was surveyed.")
}

/// The licence of a scene's pixels.
pub(crate) fn licence(spec: &SceneSpec) -> &'static str {
    match spec.ground {
        Ground::Kind(_) => env!("CARGO_PKG_LICENSE"),
        Ground::Photo { .. } => "the photo's",
    }
}

/// Side of the raster's blocks, pixels.
pub(crate) const BLOCK_PX: usize = 256;

/// A raster that is being written, strip by strip.
pub(crate) struct RasterFile {
    file: Temporary,
    dataset: Dataset,
    size: (usize, usize),
    for_viewing: bool,
    valid: usize,
}

/// Pixels of a strip, band by band.
pub(crate) struct RasterStrip {
    pub(crate) y: usize,
    pub(crate) bands: [Vec<u8>; 4],
}

impl RasterFile {
    /// `for_viewing` adds overviews; one of many scenes is read once, whole, and written on one
    /// thread.
    pub(crate) fn create(
        path: &Path,
        spec: &SceneSpec,
        crs: &SpatialRef,
        for_viewing: bool,
    ) -> Result<Self, GdalError> {
        let file = Temporary::beside(path);
        let size = (spec.size.width as usize, spec.size.height as usize);
        // Deflate, because every GDAL has it and its pixels are exact: JPEG would smear the alpha
        // band, and a mask band is no alpha band. Level 1: noise does not compress any better.
        let options = CslStringList::from_iter([
            "TILED=YES",
            "BLOCKXSIZE=256",
            "BLOCKYSIZE=256",
            "COMPRESS=DEFLATE",
            "PREDICTOR=2",
            "ZLEVEL=1",
            "PHOTOMETRIC=RGB",
            "ALPHA=NON-PREMULTIPLIED",
            if for_viewing { "NUM_THREADS=ALL_CPUS" } else { "NUM_THREADS=1" },
            "BIGTIFF=IF_SAFER",
        ]);
        let driver = DriverManager::get_driver_by_name("GTiff")?;
        let mut dataset = driver
            .create_with_band_type_with_options::<u8, _>(&file.path, size.0, size.1, 4, &options)?;
        dataset.set_spatial_ref(crs)?;
        dataset.set_geo_transform(&spec.geotransform())?;
        dataset.set_metadata_item("TIFFTAG_IMAGEDESCRIPTION", &about(spec), "")?;
        dataset.set_metadata_item(
            "TIFFTAG_SOFTWARE",
            concat!("rams-scene ", env!("CARGO_PKG_VERSION")),
            "",
        )?;
        dataset.set_metadata_item("RAMS_SCENE_SEED", &spec.seed.to_string(), "")?;
        dataset.rasterband(4)?.set_color_interpretation(ColorInterpretation::AlphaBand)?;
        Ok(Self { file, dataset, size, for_viewing, valid: 0 })
    }

    pub(crate) fn write(&mut self, strip: RasterStrip) -> Result<(), GdalError> {
        let width = self.size.0;
        self.valid += strip.bands[3].iter().filter(|alpha| **alpha > 0).count();
        for (band, levels) in strip.bands.into_iter().enumerate() {
            let rows = levels.len() / width;
            let mut buffer = Buffer::new((width, rows), levels);
            self.dataset.rasterband(band + 1)?.write(
                (0, strip.y as isize),
                (width, rows),
                &mut buffer,
            )?;
        }
        // A strip is a row of whole blocks: without this GDAL would keep a gigabyte of them.
        self.dataset.flush_cache()
    }

    /// Adds overviews down to one block and closes the file; with it goes the number of its pixels
    /// that are not transparent.
    pub(crate) fn finish(mut self) -> Result<(Temporary, usize), GdalError> {
        self.dataset.flush_cache()?;
        let longest = self.size.0.max(self.size.1);
        let factors: Vec<i32> = (1..)
            .map(|power| 1 << power)
            .take_while(|factor| longest / (*factor as usize) >= BLOCK_PX / 2)
            .collect();
        if self.for_viewing && !factors.is_empty() {
            self.dataset.build_overviews("AVERAGE", &factors, &[])?;
        }
        self.dataset.close()?;
        Ok((self.file, self.valid))
    }
}

impl RasterStrip {
    /// A strip of blocks painted one by one.
    pub(crate) fn assemble(
        width: usize,
        rows: usize,
        y: usize,
        blocks: &[(Region, Vec<[u8; 4]>)],
    ) -> Self {
        let mut bands: [Vec<u8>; 4] = std::array::from_fn(|_| vec![0; width * rows]);
        for (region, pixels) in blocks {
            for (row, line) in pixels.chunks_exact(region.width).enumerate() {
                let first = (region.y as usize - y + row) * width + region.x as usize;
                for (col, levels) in line.iter().enumerate() {
                    for (band, level) in bands.iter_mut().zip(levels) {
                        band[first + col] = *level;
                    }
                }
            }
        }
        Self { y, bands }
    }
}

/// Value of a surface model where there is none.
pub(crate) const NO_HEIGHT: f32 = -9999.0;

/// Writes a surface model, strip by strip of rows from the top: pixels twice as large as the
/// orthomosaic's, from the same corner.
pub(crate) fn surface_model(
    path: &Path,
    spec: &SceneSpec,
    crs: &SpatialRef,
    strips: impl Iterator<Item = Vec<f32>>,
) -> Result<Temporary, GdalError> {
    let file = Temporary::beside(path);
    let size = [spec.size.width, spec.size.height].map(|side| side.div_ceil(2) as usize);
    let options = CslStringList::from_iter([
        "TILED=YES",
        "BLOCKXSIZE=256",
        "BLOCKYSIZE=256",
        "COMPRESS=DEFLATE",
        "PREDICTOR=3",
        "ZLEVEL=1",
        "BIGTIFF=IF_SAFER",
    ]);
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let mut dataset = driver
        .create_with_band_type_with_options::<f32, _>(&file.path, size[0], size[1], 1, &options)?;
    dataset.set_spatial_ref(crs)?;
    let mut geotransform = spec.geotransform();
    [1, 2, 4, 5].into_iter().for_each(|index: usize| geotransform[index] *= 2.0);
    dataset.set_geo_transform(&geotransform)?;
    dataset.set_metadata_item("TIFFTAG_IMAGEDESCRIPTION", &about(spec), "")?;
    let mut band = dataset.rasterband(1)?;
    band.set_no_data_value(Some(f64::from(NO_HEIGHT)))?;
    let mut y = 0;
    for heights in strips {
        let rows = heights.len() / size[0];
        let mut buffer = Buffer::new((size[0], rows), heights);
        band.write((0, y as isize), (size[0], rows), &mut buffer)?;
        y += rows;
    }
    dataset.flush_cache()?;
    dataset.close()?;
    Ok(file)
}

/// Writes layer `truth` (outlines) and layer `centreline` (of earthworks).
pub(crate) fn truth(
    path: &Path,
    spec: &SceneSpec,
    crs: &SpatialRef,
    objects: &[TrueObject],
) -> Result<Temporary, GdalError> {
    let file = Temporary::beside(path);
    let mut crs = crs.clone();
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let mut dataset = DriverManager::get_driver_by_name("GPKG")?.create_vector_only(&file.path)?;
    dataset.set_metadata_item("DESCRIPTION", &about(spec), "")?;
    let outlines = objects
        .iter()
        .map(|object| (object, object.length_m, Geometry::from(object.outline.clone())));
    layer(&mut dataset, &crs, "truth", OGRwkbGeometryType::wkbPolygon, outlines)?;
    let lines =
        objects.iter().flat_map(|object| object.centrelines.iter().map(move |line| (object, line)));
    let lines =
        lines.map(|(object, line)| (object, Euclidean.length(line), Geometry::from(line.clone())));
    layer(&mut dataset, &crs, "centreline", OGRwkbGeometryType::wkbLineString, lines)?;
    dataset.close()?;
    Ok(file)
}

fn layer<'a>(
    dataset: &mut Dataset,
    crs: &SpatialRef,
    name: &str,
    ty: OGRwkbGeometryType::Type,
    objects: impl Iterator<Item = (&'a TrueObject, f64, Geometry)>,
) -> Result<(), GdalError> {
    const TEXTS: [&str; 3] = ["class", "indicator", "eo_category"];
    const NUMBERS: [&str; 7] =
        ["length_m", "width_m", "px_x0", "px_y0", "px_x1", "px_y1", "visibility"];
    let mut transaction = dataset.start_transaction()?;
    let layer =
        transaction.create_layer(LayerOptions { name, srs: Some(crs), ty, options: None })?;
    for text in TEXTS {
        FieldDefn::new(text, OGRFieldType::OFTString)?.add_to_layer(&layer)?;
    }
    for number in NUMBERS {
        FieldDefn::new(number, OGRFieldType::OFTReal)?.add_to_layer(&layer)?;
    }
    for (object, length_m, geometry) in objects {
        let mut feature = Feature::new(layer.defn())?;
        feature.set_geometry(geometry.to_gdal()?)?;
        let texts =
            [object.class.into(), object.indicator.to_string(), object.eo_category.to_string()];
        for (field, text) in texts.iter().enumerate() {
            feature.set_field_string(field, text)?;
        }
        let px = object.px;
        let numbers = [length_m, object.width_m, px.x0, px.y0, px.x1, px.y1, object.visibility];
        for (field, number) in numbers.into_iter().enumerate() {
            feature.set_field_double(TEXTS.len() + field, number)?;
        }
        feature.create(&layer)?;
    }
    transaction.commit()
}

/// Writes a small file of text.
pub(crate) fn text(path: &Path, text: &str) -> std::io::Result<Temporary> {
    let file = Temporary::beside(path);
    std::fs::write(&file.path, text)?;
    Ok(file)
}

/// Refuses to paint over a file that is there and no file of a scene.
pub(crate) fn check_replaced(path: &Path) -> Result<(), SceneError> {
    // Truth is small, and GDAL would replay changes of someone into a GeoPackage.
    let holds = |mark: &str| {
        std::fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(mark))
    };
    let is_scene = || match path.extension().and_then(|it| it.to_str()) {
        Some("json") => holds(PAINTED),
        Some("gpkg") => holds("CREATE TABLE \"truth\"") && holds("CREATE TABLE \"centreline\""),
        _ => Dataset::open(path)
            .ok()
            .and_then(|dataset| dataset.metadata_item("TIFFTAG_IMAGEDESCRIPTION", ""))
            .is_some_and(|text| text.contains(PAINTED)),
    };
    let is_free = !path.exists() || is_scene();
    if is_free { Ok(()) } else { Err(SceneError::NoScene { path: path.into() }) }
}

/// A file that vanishes unless it is kept.
pub(crate) struct Temporary {
    path: PathBuf,
    kept: PathBuf,
}

impl Temporary {
    fn beside(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // The ending stays: GDAL goes by it.
        let temporary = path.with_file_name(format!(".part-{}-{name}", std::process::id()));
        Self { path: temporary, kept: path.to_path_buf() }
    }

    /// Gives the file its name, and takes away what lay beside an older one and spoke of it.
    pub(crate) fn keep(self) -> Result<(), std::io::Error> {
        take_away_beside(&self.kept)?;
        std::fs::rename(&self.path, &self.kept)
    }
}

/// GDAL and SQLite take these for parts of the file that they lie beside: statistics, a CRS and a
/// place that go before its own, overviews, a mask; changes to replay into it.
const BESIDE: [&str; 6] = [".aux.xml", ".ovr", ".msk", "-wal", "-journal", "-shm"];

fn take_away_beside(path: &Path) -> Result<(), std::io::Error> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    // The changes of someone to the older file, which are not in it yet.
    let holds_changes = |path: &PathBuf| {
        let mut first = [0];
        std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut first).is_ok())
            && first != [0]
    };
    if let Some(changes) = ["-wal", "-journal"].map(beside).into_iter().find(holds_changes) {
        let (changes, path) = (changes.display(), path.display());
        return Err(std::io::Error::other(format!(
            "{changes} holds changes to {path} that are not in it yet; open that in QGIS once and \
             close it"
        )));
    }
    for left in BESIDE.map(beside) {
        match std::fs::remove_file(left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After `keep` there is nothing there, and a failure to tidy up must not hide its cause.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// An error of a file with its cause and what may help. GDAL often knows only that it got nothing:
/// what the system says of a new file there goes before that.
pub(crate) fn cannot_write(path: &Path, spec: &SceneSpec, cause: impl ToString) -> SceneError {
    let probe = Temporary::beside(path);
    let refused = std::fs::File::create(&probe.path).err();
    SceneError::Write {
        path: path.to_path_buf(),
        cause: refused.map_or_else(|| cause.to_string(), |refused| refused.to_string()),
        needed_mib: spec.needed_mib(),
    }
}
