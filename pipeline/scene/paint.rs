//! From a spec to files.

use crate::block::{Painter, Region};
use crate::truth::{SceneTruth, truth};
use crate::write::{self, BLOCK_PX, RasterFile, Strip};
use crate::{SceneError, SceneSpec};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Paints a scene: an orthomosaic at `out` (GeoTIFF, RGBA, tiled, with overviews) and its truth
/// beside it, `demo.tif` with `demo_truth.gpkg`.
///
/// It runs on the current rayon pool, strip by strip: a raster 60,000 px wide needs 0.7 GB of
/// memory, and three bytes a pixel on disk. Existing files are replaced, and only once both are whole.
pub fn paint(spec: &SceneSpec, out: &Path) -> Result<SceneTruth, SceneError> {
    let crs = spec.check()?;
    let truth_path = truth_path(out);
    let painter = Painter::new(spec);
    let objects = truth(spec, &painter.layout);
    let failed = |cause: gdal::errors::GdalError| write::cannot_write(out, spec, cause);
    let mut raster = RasterFile::create(out, spec, &crs).map_err(failed)?;
    let truth_file =
        write::truth(&truth_path, &crs, &objects).map_err(|cause| write::cannot_write(&truth_path, spec, cause))?;
    let (width, height) = (spec.size.width as usize, spec.size.height as usize);
    let mut ready = None;
    for y in (0..height).step_by(BLOCK_PX) {
        // One strip is compressed and written while the next is painted.
        let rows = BLOCK_PX.min(height - y);
        let (written, strip) =
            rayon::join(|| ready.take().map_or(Ok(()), |strip| raster.write(strip)), || painter.strip(width, y, rows));
        written.map_err(failed)?;
        ready = Some(strip);
    }
    ready.map_or(Ok(()), |strip| raster.write(strip)).map_err(failed)?;
    let raster_file = raster.finish().map_err(failed)?;
    truth_file.keep().map_err(|cause| write::cannot_write(&truth_path, spec, cause))?;
    raster_file.keep().map_err(|cause| write::cannot_write(out, spec, cause))?;
    Ok(SceneTruth { orthomosaic: out.to_path_buf(), path: truth_path, objects })
}

/// Where the truth of an orthomosaic lies.
fn truth_path(out: &Path) -> PathBuf {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{stem}_truth.gpkg"))
}

impl Painter {
    fn strip(&self, width: usize, y: usize, rows: usize) -> Strip {
        let blocks: Vec<_> = (0..width)
            .step_by(BLOCK_PX)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|x| {
                let region = Region { x: x as i64, y: y as i64, width: BLOCK_PX.min(width - x), height: rows };
                (region, self.paint(region))
            })
            .collect();
        Strip::assemble(width, rows, y, &blocks)
    }
}
