//! What the kernels of this machine answer, as a digest: machines of one print give the same bits.

use crate::{DetectError, Detector, ExecutionProvider, Runtime, smoke_test::smoke_tiles};
use ndarray::ArrayViewD;
use rams_domain::Tile;
use rams_model::Manifest;
use sha2::{Digest, Sha256};

/// SHA-256, hex, of all that a model answers to the two tiles of its smoke test, to the last bit.
///
/// Even plain ONNX Runtime in 32 bit rounds otherwise on another class of processor, so the maps of
/// two machines are the same byte for byte only where their prints are. It covers processor,
/// library, precision, GPU and driver at once, and is no proof for other tiles.
///
/// # Errors
/// Where the provider cannot be had on this machine, and [`DetectError::SmokeTest`] where the model
/// fails on it.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # example::find_runtime();
/// use rams_detect::{ExecutionProvider, Runtime, kernel_print};
/// use rams_model::Manifest;
///
/// let toy = |name: &str| format!("{}/../../tests/models/{name}", env!("CARGO_MANIFEST_DIR"));
/// let runtime = Runtime::load()?;
/// let print = |name: &str| {
///     let manifest = Manifest::read(toy(name).as_ref(), None)?;
///     let print = kernel_print(&manifest, ExecutionProvider::Cpu, &runtime)?;
///     Ok::<_, Box<dyn std::error::Error>>(print)
/// };
/// assert_eq!(print("red-boxes")?, print("red-boxes")?);
/// assert_ne!(print("red-boxes")?, print("red-mask")?, "another model, other answers");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn kernel_print(
    manifest: &Manifest,
    provider: ExecutionProvider,
    runtime: &Runtime,
) -> Result<String, DetectError> {
    let mut detector = Detector::new(manifest, provider, runtime)?;
    let model = &manifest.model;
    let failed = |cause: String| DetectError::SmokeTest { model: model.name.clone(), cause };
    let (tiles, _) = smoke_tiles(model.tile).map_err(failed)?;
    let mut hash = Sha256::new();
    for tile in &tiles {
        let add = |_: &Tile, tensors: &[ArrayViewD<'_, f32>]| {
            for tensor in tensors {
                hash.update(format!("{:?}", tensor.shape()));
                tensor.iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
            }
            Ok(())
        };
        detector.run(std::slice::from_ref(tile), add).map_err(failed)?;
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
