//! Where the driver's libraries are.

use serde::{Deserialize, Serialize};
use std::ffi::OsString;

/// Names or paths of the libraries; the defaults are found by the loader.
///
/// A site with an unusual installation, and a test with simulated GPUs, names others by `ROTA_NVML_LIBRARY` and
/// `ROTA_CUDA_LIBRARY`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Libraries {
    /// The management library.
    pub nvml: OsString,
    /// The driver's library, for suspending and resuming.
    pub cuda: OsString,
}

impl Libraries {
    /// As the environment says.
    pub fn from_environment() -> Libraries {
        let named =
            |variable, usual: &str| std::env::var_os(variable).unwrap_or_else(|| usual.into());
        Libraries {
            nvml: named("ROTA_NVML_LIBRARY", "libnvidia-ml.so.1"),
            cuda: named("ROTA_CUDA_LIBRARY", "libcuda.so.1"),
        }
    }
}
