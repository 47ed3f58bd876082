//! From a spec to files.

use crate::block::Painter;
use crate::coco::coco;
use crate::dsm;
use crate::region::Region;
use crate::truth::{SceneTruth, TrueObject};
use crate::write::{self, BLOCK_PX, RasterFile, RasterStrip, Temporary};
use crate::{Arrangement, SceneError, SceneSpec};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Side of what is painted at once and height of a strip, pixels: whole blocks, and large against
/// the margin that a camera needs; larger still where scenes, not parts of one, run side by side.
const PATCH_PX: usize = 2 * BLOCK_PX;
const PATCH_OF_MANY_PX: usize = 6 * BLOCK_PX;

/// Paints a scene: an orthomosaic at `out` (GeoTIFF, RGBA, tiled, with overviews) and its truth
/// beside it, `demo.tif` with `demo_truth.gpkg` and `demo_truth.json` (COCO). With
/// [`crate::Arrangement::Earthworks`] also the surface model that belongs to it, `demo_dsm.tif`:
/// height in metres above an invented datum, pixels twice as large, -9999 where there is none.
///
/// It runs on the current rayon pool, strip by strip: a raster 60,000 px wide needs 1 GB of memory,
/// and three bytes a pixel on disk. Files of an older scene are replaced, and only once all are
/// whole; what no scene was is refused.
pub fn paint(spec: &SceneSpec, out: &Path) -> Result<SceneTruth, SceneError> {
    let painter = Painter::new(spec)?;
    let objects = painter.truth(spec);
    keep(spec, files(spec, &painter, &objects, out, true)?)?;
    let (path, coco) = (truth_path(out, "gpkg"), truth_path(out, "json"));
    let surface_model =
        (spec.arrangement == Arrangement::Earthworks).then(|| beside(out, "dsm.tif"));
    Ok(SceneTruth { orthomosaic: out.to_path_buf(), coco, path, surface_model, objects })
}

/// Paints scenes for training into an existing folder, side by side: `<seed>.tif` without
/// overviews, `<seed>_truth.json` (COCO) and, of earthworks, `<seed>_truth.gpkg`, which alone holds
/// centrelines, and `<seed>_dsm.tif` for each. The orthomosaics, in the order of `specs`.
pub fn paint_many(specs: &[SceneSpec], folder: &Path) -> Result<Vec<PathBuf>, SceneError> {
    let paint = |spec: &SceneSpec| {
        let out = folder.join(format!("{}.tif", spec.seed));
        let painter = Painter::new(spec)?;
        keep(spec, files(spec, &painter, &painter.truth(spec), &out, false)?)?;
        Ok(out)
    };
    specs.par_iter().map(paint).collect()
}

/// Gives files their names, the orthomosaic last.
fn keep(spec: &SceneSpec, files: Vec<(Temporary, PathBuf)>) -> Result<(), SceneError> {
    files.into_iter().rev().try_for_each(|(file, path)| {
        file.keep().map_err(|cause| write::cannot_write(&path, spec, cause))
    })
}

/// The orthomosaic, its truth and its surface model, whole but not yet under their names.
fn files(
    spec: &SceneSpec,
    painter: &Painter,
    objects: &[TrueObject],
    out: &Path,
    for_viewing: bool,
) -> Result<Vec<(Temporary, PathBuf)>, SceneError> {
    targets(spec, out, for_viewing).iter().try_for_each(|path| write::check_replaced(path))?;
    let failed = |cause: gdal::errors::GdalError| write::cannot_write(out, spec, cause);
    let mut raster = RasterFile::create(out, spec, &spec.check()?, for_viewing).map_err(failed)?;
    let (width, height) = (spec.size.width as usize, spec.size.height as usize);
    // Low suns cast long shadows into a patch from beyond it.
    let is_country = spec.arrangement == Arrangement::Earthworks;
    let patch_px = match (is_country, for_viewing) {
        (true, _) if spec.gsd_m >= 0.07 => PATCH_OF_MANY_PX / 2,
        (false, true) => PATCH_PX,
        _ => PATCH_OF_MANY_PX,
    };
    let mut ready = None;
    for y in (0..height).step_by(patch_px) {
        // One strip is compressed and written while the next is painted.
        let rows = patch_px.min(height - y);
        let (written, strip) = rayon::join(
            || ready.take().map_or(Ok(()), |strip| raster.write(strip)),
            || painter.strip(width, y, rows, patch_px),
        );
        written.map_err(failed)?;
        ready = Some(strip);
    }
    ready.map_or(Ok(()), |strip| raster.write(strip)).map_err(failed)?;
    let (raster_file, valid) = raster.finish().map_err(failed)?;
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let path = truth_path(out, "json");
    let text =
        coco(spec, &painter.layout.sun, &name, valid as f64 * spec.gsd_m * spec.gsd_m, objects)
            .to_string();
    let coco_file =
        write::text(&path, &text).map_err(|cause| write::cannot_write(&path, spec, cause))?;
    let mut files = vec![(raster_file, out.to_path_buf()), (coco_file, path)];
    if for_viewing || is_country {
        let path = truth_path(out, "gpkg");
        let failed = |cause: gdal::errors::GdalError| write::cannot_write(&path, spec, cause);
        let file = write::truth(&path, spec, &spec.check()?, objects).map_err(failed)?;
        files.push((file, path));
    }
    if is_country {
        let path = beside(out, "dsm.tif");
        let failed = |cause: gdal::errors::GdalError| write::cannot_write(&path, spec, cause);
        let model = dsm::SurfaceModel::new(spec, painter);
        let file =
            write::surface_model(&path, spec, &spec.check()?, model.rows()).map_err(failed)?;
        files.push((file, path));
    }
    Ok(files)
}

/// The files of a scene.
fn targets(spec: &SceneSpec, out: &Path, for_viewing: bool) -> Vec<PathBuf> {
    let is_country = spec.arrangement == Arrangement::Earthworks;
    let mut targets = vec![out.to_path_buf(), truth_path(out, "json")];
    targets.extend((for_viewing || is_country).then(|| truth_path(out, "gpkg")));
    targets.extend(is_country.then(|| beside(out, "dsm.tif")));
    targets
}

/// Where the truth of an orthomosaic lies.
fn truth_path(out: &Path, ending: &str) -> PathBuf {
    beside(out, &format!("truth.{ending}"))
}

fn beside(out: &Path, ending: &str) -> PathBuf {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{stem}_{ending}"))
}

impl Painter {
    fn strip(&self, width: usize, y: usize, rows: usize, patch_px: usize) -> RasterStrip {
        let blocks: Vec<_> = (0..width)
            .step_by(patch_px)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|x| {
                let region = Region {
                    x: x as i64,
                    y: y as i64,
                    width: patch_px.min(width - x),
                    height: rows,
                };
                (region, self.paint(region))
            })
            .collect();
        RasterStrip::assemble(width, rows, y, &blocks)
    }
}
