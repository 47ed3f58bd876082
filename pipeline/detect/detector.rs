//! A session on a model.

use crate::{
    DetectError, Engine, Manifest, Runtime, Sighting, decode::decode, manifest::Layout, session, tensor::tensor,
};
use ndarray::Axis;
use ort::{
    session::Session,
    value::{TensorRef, ValueType},
};
use rams_domain::{Grid, Tile};

/// Runs one model on one thread. Sessions are not shared: one single-threaded session per worker
/// does twice the work per CPU second of one session with many threads, and its result does not
/// depend on how the threads were scheduled.
pub struct Detector {
    session: Session,
    manifest: Manifest,
}

impl Detector {
    /// Loads the weights and checks that the graph's input and output fit `model.toml`.
    pub fn new(manifest: &Manifest, runtime: &Runtime) -> Result<Self, DetectError> {
        let engine = runtime.engine(manifest);
        let failed = |cause: String| match (engine, manifest.path.clone()) {
            (Engine::Cpu, path) => DetectError::Load { path, cause },
            (engine, path) => DetectError::Engine { path, engine, cause },
        };
        let load = || session::session(manifest, runtime, engine);
        let session = load().map_err(|error| failed(error.to_string()))?;
        let detector = Self { session, manifest: manifest.clone() };
        let model = manifest.model.name.clone();
        detector.check().map_err(|cause| DetectError::Shape { model, cause })?;
        Ok(detector)
    }

    /// What the model sees in each of some tiles of a grid. It takes `&mut self` because a session keeps
    /// its scratch memory between runs.
    pub fn detect(&mut self, tiles: &[Tile], grid: &Grid) -> Result<Vec<Sighting>, DetectError> {
        let Manifest { model, input, layout, .. } = &self.manifest;
        let failed = |cause: String| DetectError::Run { model: model.name.clone(), cause };
        let batch = tensor(tiles, input);
        let values = TensorRef::from_array_view(&batch).map_err(|error| failed(error.to_string()))?;
        let outputs = self.session.run(ort::inputs![values]).map_err(|error| failed(error.to_string()))?;
        let output = outputs[0].try_extract_array::<f32>().map_err(|error| failed(error.to_string()))?;
        if output.ndim() == 0 || output.len_of(Axis(0)) != tiles.len() {
            return Err(failed(format!("output of shape {:?} for {} tile(s)", output.shape(), tiles.len())));
        }
        let decode = |(tile, output)| decode(*layout, output, &model.classes, tile, grid).map_err(failed);
        tiles.iter().zip(output.outer_iter()).map(decode).collect()
    }

    /// Compares the graph's shapes with the manifest; -1 stands for a size left open.
    fn check(&self) -> Result<(), String> {
        let Manifest { model, input: spec, layout, .. } = &self.manifest;
        let shape = |outlets: &[ort::value::Outlet], what: &str| match outlets.first().map(|outlet| outlet.dtype()) {
            Some(ValueType::Tensor { shape, .. }) => Ok(shape.to_vec()),
            _ => Err(format!("its first {what} is not a tensor")),
        };
        let fits = |found: &[i64], wanted: &[i64]| {
            let same = |(found, wanted): (&i64, &i64)| *found < 0 || *wanted < 0 || found == wanted;
            found.len() == wanted.len() && found.iter().zip(wanted).all(same)
        };
        let side = i64::from(model.tile.tile_px);
        let (input, wanted) = (shape(self.session.inputs(), "input")?, [-1, spec.planes() as i64, side, side]);
        if !fits(&input, &wanted) {
            return Err(format!("input is {input:?}, model.toml asks for {wanted:?}"));
        }
        let count = model.classes.len() as i64;
        let wanted: &[i64] = match layout {
            Layout::Boxes => &[-1, -1, 6],
            Layout::Yolo => &[-1, 4 + count, -1],
            Layout::Mask => &[-1, count, -1, -1],
        };
        let output = shape(self.session.outputs(), "output")?;
        if !fits(&output, wanted) {
            return Err(format!("output is {output:?}, {layout:?} with {count} class(es) is {wanted:?}"));
        }
        Ok(())
    }
}
