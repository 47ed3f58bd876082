//! What this program is: its version, the commit it was built from, and the libraries it runs with.

use rams_detect::Runtime;
use std::env;

/// Version and commit, in one line.
const OWN: &str = concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("RAMS_COMMIT"), ")");

/// What `--version` prints. The libraries are asked for only then: loading one takes time, and it
/// may not be there.
pub(crate) fn version() -> String {
    let is_asked = env::args().skip(1).any(|arg| arg == "--version" || arg == "-V");
    if !is_asked {
        return OWN.into();
    }
    let onnxruntime = Runtime::load().map_or_else(
        |_| "not found: run `scripts/setup`".into(),
        |runtime| runtime.version().to_owned(),
    );
    format!("{OWN}\nGDAL {}\nONNX Runtime {onnxruntime}", rams_tile::gdal_version())
}
