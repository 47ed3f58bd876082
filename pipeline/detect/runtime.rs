//! Finding and loading the ONNX Runtime library.

use crate::{DetectError, Device, ExecutionProvider};
use ort::environment::Environment;
use std::{
    ffi::CStr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The loaded library of ONNX Runtime. One per process.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # example::find_runtime();
/// use rams_detect::{Device, ExecutionProvider, Runtime};
///
/// let runtime = Runtime::load()?;
/// assert_eq!(runtime.offers(Device::Cpu), [ExecutionProvider::Cpu]);
/// assert!(runtime.version().contains("ORT Build Info"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runtime {
    environment: Arc<Environment>,
    version: String,
}

impl Runtime {
    /// Loads the library that `ORT_DYLIB_PATH` names; else the one that comes with the program
    /// ([`rams_model::shipped`]); else the system's. Version 1.24 or newer.
    ///
    /// # Errors
    /// [`DetectError::Runtime`] with the path and what to do.
    pub fn load() -> Result<Self, DetectError> {
        let library = library();
        let failed = |cause: String| DetectError::Runtime { path: library.clone(), cause };
        let builder = ort::init_from(&library).map_err(|error| failed(error.to_string()))?;
        let environment = builder
            .with_name("rams")
            .with_telemetry(false)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let version = version_of(&library).unwrap_or_else(|| "unknown".into());
        let version = format!("{version}, {}", ort::info());
        Ok(Self { environment: environment.into(), version })
    }

    /// What was loaded, in the library's own words: version and build.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The execution providers that a device allows and the library was built with, the plainest
    /// first. Whether one can run here shows when a session is made.
    pub fn offers(&self, device: Device) -> Vec<ExecutionProvider> {
        device.providers().iter().copied().filter(|provider| provider.is_offered()).collect()
    }

    /// What sessions are made in, for those who measure ONNX Runtime alone.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// The version that a library states of itself, such as `1.31.1`; the binding does not pass it on.
fn version_of(library: &Path) -> Option<String> {
    type GetApiBase = unsafe extern "system" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: the library was loaded and found to be an ONNX Runtime before, and this entry is how
    // every one of them begins; its text lives as long as the library, which is not unloaded.
    #[allow(unsafe_code)]
    let version = unsafe {
        let library = libloading::Library::new(library).ok()?;
        let base = library.get::<GetApiBase>(b"OrtGetApiBase").ok()?();
        CStr::from_ptr(((*base).GetVersionString)()).to_str().ok()?.to_owned()
    };
    Some(version)
}

/// Where the library lies, or its name where only the system can tell.
fn library() -> PathBuf {
    let name =
        format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    if let Some(path) = std::env::var_os("ORT_DYLIB_PATH") {
        return path.into();
    }
    rams_model::shipped(&name).unwrap_or_else(|| name.into())
}
