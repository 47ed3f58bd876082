//! The sample scene and the shipped model, once for all groups.

use rams_detect::{Detector, ExecutionProvider, Runtime};
use rams_domain::{
    Class, Detection, Feature, FeatureId, Grid, OperatingPoint, Orthomosaic, Tile, TilePlan,
};
use rams_model::Manifest;
use rams_tile::Reader;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// 6000 x 4500 px at 4 mm, as `rams scene` paints it, and what the model sees in it.
pub(crate) struct Sample {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) orthomosaic: Orthomosaic,
    pub(crate) manifest: Manifest,
    pub(crate) model: PathBuf,
    pub(crate) runtime: Runtime,
    pub(crate) plan: TilePlan,
}

impl Sample {
    pub(crate) fn paint() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.tif");
        rams_scene::paint(&rams_scene::SceneSpec::default(), &path).unwrap();
        let orthomosaic = rams_tile::open(&path, &Default::default()).unwrap();
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/surface-ordnance");
        let manifest = Manifest::read(&model, None).unwrap();
        let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
        let plan = TilePlan::new(grid, manifest.model.tile).unwrap();
        Self { folder, path, orthomosaic, manifest, model, runtime: Runtime::load().unwrap(), plan }
    }

    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let mut reader = Reader::open(&self.orthomosaic, *self.plan.grid()).unwrap();
        self.plan.tiles().filter_map(|planned| reader.read(planned).ok()).collect()
    }

    /// Every candidate above a hundredth, so that the later stages have something to do.
    pub(crate) fn detections(&self) -> Vec<Detection> {
        let mut eager = self.manifest.clone();
        eager.model.classes.iter_mut().for_each(|class: &mut Class| class.threshold = 0.01.into());
        let mut detector = Detector::new(&eager, ExecutionProvider::Cpu, &self.runtime).unwrap();
        self.tiles()
            .chunks(1)
            .flat_map(|tile| detector.detect(tile, self.plan.grid()).unwrap().remove(0).detections)
            .collect()
    }

    pub(crate) fn trace(&self, detections: &[Detection]) -> Vec<Feature> {
        // Every candidate again.
        let mut eager = self.manifest.model.clone();
        eager.classes.iter_mut().for_each(|class: &mut Class| class.threshold = 0.01.into());
        let (grid, point) = (self.plan.grid(), OperatingPoint::Balanced);
        let ids = &mut FeatureId::all();
        rams_trace::trace(detections, &eager, &self.orthomosaic, grid, point, ids)
    }

    pub(crate) fn features(&self) -> Vec<Feature> {
        self.trace(&self.detections())
    }
}
