//! Finding and loading the ONNX Runtime library.

use crate::{DetectError, Device, Engine, Manifest};
use ort::environment::Environment;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// The loaded library, and what it executes each model with. One per process.
pub struct Runtime {
    environment: Arc<Environment>,
    /// By the digest of the weights.
    engines: BTreeMap<String, Engine>,
}

impl Runtime {
    /// Loads the library that `ORT_DYLIB_PATH` names; else the one in a folder `.runtime` beside
    /// or above the program, where `scripts/setup` puts it; else the system's.
    pub fn load() -> Result<Self, DetectError> {
        let library = library();
        let failed = |cause: String| DetectError::Runtime { path: library.clone(), cause };
        let builder = ort::init_from(&library).map_err(|error| failed(error.to_string()))?;
        let environment =
            builder.with_name("rams").with_telemetry(false).build().map_err(|error| failed(error.to_string()))?;
        Ok(Self { environment: environment.into(), engines: BTreeMap::new() })
    }

    /// What was loaded, in the library's own words: version and build.
    pub fn version(&self) -> &'static str {
        ort::info()
    }

    /// The engines that a device allows and the library was built with, the plainest first.
    pub fn offers(&self, device: Device) -> Vec<Engine> {
        device.engines().iter().copied().filter(|engine| engine.is_offered()).collect()
    }

    /// What executes a model: ONNX Runtime's own kernels, if nothing else was chosen.
    pub fn engine(&self, manifest: &Manifest) -> Engine {
        self.engines.get(&manifest.model.digest).copied().unwrap_or_default()
    }

    /// Chooses what executes a model from now on.
    pub fn execute(&mut self, manifest: &Manifest, engine: Engine) {
        self.engines.insert(manifest.model.digest.clone(), engine);
    }

    /// What sessions are made in, for those who measure ONNX Runtime alone.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }
}

fn library() -> PathBuf {
    let name = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    if let Some(path) = std::env::var_os("ORT_DYLIB_PATH") {
        return path.into();
    }
    let program = std::env::current_exe().unwrap_or_default();
    let beside = program.ancestors().map(|folder| folder.join(".runtime").join(&name)).find(|path| path.exists());
    beside.unwrap_or_else(|| name.into())
}
