//! A setting of an exporter that changes nothing here.

use std::fmt;

/// A setting that an exporter left in an .onnx and that changes nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedSetting {
    /// Key and value.
    pub setting: String,
    /// Why it changes nothing.
    pub reason: String,
}

impl fmt::Display for UnusedSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.reason)
    }
}
