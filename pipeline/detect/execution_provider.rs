//! What executes a model, and in which precision.

use ort::ep::{self, ExecutionProvider as _};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What executes a model, as ONNX Runtime calls it, and in which precision. Another provider rounds
/// otherwise, so its name belongs to what a run is known by.
///
/// ```
/// use rams_detect::ExecutionProvider;
///
/// assert_eq!(ExecutionProvider::default().to_string(), "ONNX Runtime fp32");
/// assert_eq!(ExecutionProvider::OpenvinoBf16.to_string(), "OpenVINO bf16");
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionProvider {
    /// ONNX Runtime's own kernels: the measure of all others.
    #[default]
    Cpu,
    /// OpenVINO's kernels, 32 bit.
    Openvino,
    /// OpenVINO's kernels with numbers of 16 bit (8 of them the exponent) between the layers.
    OpenvinoBf16,
    /// A GPU of NVIDIA.
    Cuda,
}

/// Which execution providers a person allows, as `--device` takes it.
///
/// ```
/// use rams_detect::Device;
///
/// assert_eq!("openvino".parse(), Ok(Device::Openvino));
/// assert_eq!("gpu".parse::<Device>(), Err("give auto, cpu, openvino or cuda".into()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The fastest that answers as ONNX Runtime's own kernels do.
    #[default]
    Auto,
    /// ONNX Runtime's own kernels.
    Cpu,
    /// OpenVINO, in the fastest precision that answers alike.
    Openvino,
    /// A GPU of NVIDIA, or an error.
    Cuda,
}

impl ExecutionProvider {
    /// All of them, the plainest first.
    pub const ALL: [ExecutionProvider; 4] = [
        ExecutionProvider::Cpu,
        ExecutionProvider::Openvino,
        ExecutionProvider::OpenvinoBf16,
        ExecutionProvider::Cuda,
    ];

    /// Whether the loaded library was built with it; its own libraries may still be missing.
    pub(crate) fn is_offered(self) -> bool {
        match self {
            ExecutionProvider::Cpu => true,
            ExecutionProvider::Openvino | ExecutionProvider::OpenvinoBf16 => {
                ep::OpenVINO::is_available().unwrap_or(false)
            }
            ExecutionProvider::Cuda => ep::CUDA::is_available().unwrap_or(false),
        }
    }

    /// What to register for a session of one thread; a provider that cannot be had is an error and
    /// never a silent return to another.
    pub(crate) fn dispatch(self) -> Vec<ep::ExecutionProviderDispatch> {
        use ort::ep::ArbitrarilyConfigurableExecutionProvider;
        let openvino = |precision: &str| {
            let config = format!(r#"{{"CPU":{{"INFERENCE_PRECISION_HINT":"{precision}"}}}}"#);
            let provider = ep::OpenVINO::default()
                .with_device_type("CPU")
                .with_num_threads(1)
                .with_num_streams(1);
            vec![provider.with_arbitrary_config("load_config", config).build().error_on_failure()]
        };
        match self {
            ExecutionProvider::Cpu => vec![],
            ExecutionProvider::Openvino => openvino("f32"),
            ExecutionProvider::OpenvinoBf16 => openvino("bf16"),
            ExecutionProvider::Cuda => vec![ep::CUDA::default().build().error_on_failure()],
        }
    }
}

impl fmt::Display for ExecutionProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExecutionProvider::Cpu => "ONNX Runtime fp32",
            ExecutionProvider::Openvino => "OpenVINO fp32",
            ExecutionProvider::OpenvinoBf16 => "OpenVINO bf16",
            ExecutionProvider::Cuda => "CUDA",
        })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Device::Auto => "auto",
            Device::Cpu => "cpu",
            Device::Openvino => "openvino",
            Device::Cuda => "cuda",
        })
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Device::Auto, Device::Cpu, Device::Openvino, Device::Cuda];
        let found = all.into_iter().find(|device| device.to_string() == text);
        found.ok_or_else(|| "give auto, cpu, openvino or cuda".into())
    }
}

impl Device {
    /// The providers that it allows.
    pub(crate) fn providers(self) -> &'static [ExecutionProvider] {
        match self {
            Device::Auto => &ExecutionProvider::ALL,
            Device::Cpu => &[ExecutionProvider::Cpu],
            Device::Openvino => &[ExecutionProvider::Openvino, ExecutionProvider::OpenvinoBf16],
            Device::Cuda => &[ExecutionProvider::Cuda],
        }
    }
}
