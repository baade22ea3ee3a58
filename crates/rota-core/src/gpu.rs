//! GPU models at their worth. Speed and price are relative to an A100-80GB SXM = 1000; both are priors that a site may override.

use crate::units::Mib;

/// What is known of a model before it was measured here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuModel {
    /// The short name people ask for.
    pub name: &'static str,
    /// Memory in GB.
    pub memory_gb: u32,
    /// Training speed, A100 = 1000 (Lambda single-GPU, MLPerf v3.0 to v5.0, Gavel's matrix).
    pub speed: u32,
    /// Price, A100 = 1000 (published prices of computing centres).
    pub price: u32,
}

const fn model(name: &'static str, memory_gb: u32, speed: u32, price: u32) -> GpuModel {
    GpuModel { name, memory_gb, speed, price }
}

/// Longer names first, so that `RTX 6000 Ada` is not taken for a shorter name.
const MODELS: [GpuModel; 27] = [
    model("RTX6000Ada", 48, 640, 600),
    model("GTX1080Ti", 11, 110, 150),
    model("RTX2080Ti", 11, 230, 250),
    model("TitanRTX", 24, 330, 350),
    model("RTX8000", 48, 330, 350),
    model("RTX3080", 10, 300, 250),
    model("RTX3090", 24, 430, 350),
    model("RTX4090", 24, 680, 500),
    model("MI300X", 192, 1900, 2000),
    model("MI325X", 256, 2500, 2500),
    model("GH200", 96, 2000, 2200),
    model("A6000", 48, 510, 500),
    model("A5000", 24, 390, 300),
    model("H100", 80, 2000, 2200),
    model("H200", 141, 2350, 2800),
    model("B200", 180, 3600, 3800),
    model("A100", 80, 1000, 1000),
    model("V100", 32, 370, 500),
    model("P100", 16, 280, 250),
    model("L40S", 48, 570, 500),
    model("L40", 48, 530, 500),
    model("A40", 48, 450, 450),
    model("A30", 24, 360, 400),
    model("A10", 24, 320, 350),
    model("K80", 12, 100, 150),
    model("T4", 16, 150, 200),
    model("L4", 24, 180, 220),
];

/// Finds the model in a driver's product name, such as `NVIDIA H100 80GB HBM3`.
///
/// ```
/// use rota_core::gpu::known_model;
/// assert_eq!(known_model("NVIDIA H100 80GB HBM3").map(|m| m.price), Some(2200));
/// assert_eq!(known_model("h100").map(|m| m.name), Some("H100"));
/// assert_eq!(known_model("Abacus"), None);
/// ```
pub fn known_model(product: &str) -> Option<GpuModel> {
    let squeezed: Vec<u8> = product.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let is_in = |name: &str| {
        squeezed.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
    };
    MODELS.into_iter().find(|model| is_in(model.name))
}

/// Memory of a GPU of a model; none where the model is not known.
///
/// ```
/// use rota_core::gpu::memory_of;
/// use rota_core::units::Mib;
/// assert_eq!(memory_of("A100"), Mib(80 * 1024));
/// ```
pub fn memory_of(model: &str) -> Mib {
    known_model(model).map_or(Mib(0), |known| Mib(u64::from(known.memory_gb) * 1024))
}

/// The names of all models that are known.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|model| model.name)
}
