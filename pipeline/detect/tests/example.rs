// What the examples of the documentation need beside this crate.

/// Names the ONNX Runtime of the checkout, unless one is named: an example is built far from it.
#[allow(unsafe_code)]
pub fn find_runtime() {
    if std::env::var_os("ORT_DYLIB_PATH").is_none() {
        let library = format!(
            "{}/../../.runtime/{}onnxruntime{}",
            env!("CARGO_MANIFEST_DIR"),
            std::env::consts::DLL_PREFIX,
            std::env::consts::DLL_SUFFIX
        );
        if std::path::Path::new(&library).exists() {
            // SAFETY: an example is a program of one thread.
            unsafe { std::env::set_var("ORT_DYLIB_PATH", library) };
        }
    }
}
