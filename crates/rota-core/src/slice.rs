//! Slices of GPUs: instances that the driver keeps apart in cores and memory (NVIDIA's MIG). Each is given to one job at a
//! time, whole GPUs' jobs never get one unasked, and no driver can suspend what runs on one.
//!
//! A slice is a GPU of a model of its own, `H100-1g.10gb`, on a node of its own. It pays max(cores, memory) of its GPU.

use crate::gpu::{GpuModel, known_model};
use crate::part::{WHOLE, fraction};
use crate::units::Mib;
use serde::{Deserialize, Serialize};

/// Of what the GPUs of a node are slices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Model of the whole GPU.
    pub of: String,
    /// Thousandths of it that a slice pays.
    pub fraction: u32,
}

/// What the name of a slice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The whole GPU.
    pub of: GpuModel,
    /// NVIDIA's name of the profile: `1g.10gb`.
    pub profile: &'a str,
    /// Thousandths of the cores.
    pub cores: u32,
    /// Memory.
    pub memory: Mib,
}

/// Reads the name of a slice, be it as Slurm writes it; none for any other model.
///
/// ```
/// use rota_core::slice::named;
/// use rota_core::units::Mib;
/// let slice = named("h100-2g.20gb").expect("it is one");
/// assert_eq!((slice.of.name, slice.cores, slice.memory), ("H100", 286, Mib(20 * 1024)));
/// assert_eq!(named("nvidia_a100_1g.5gb").map(|slice| slice.of.name), Some("A100"));
/// assert!(named("RTX-4090").is_none());
/// ```
pub fn named(model: &str) -> Option<Named<'_>> {
    let (whole, profile) = model.rsplit_once(['-', '_'])?;
    let of = known_model(whole)?;
    let (cores, gigabytes) = parts(profile)?;
    let memory = Mib(u64::from(gigabytes) * 1024);
    Some(Named { of, profile, cores: cores_of(of.name, cores), memory })
}

/// `1g.10gb`, `1c.3g.40gb`, `1g.10gb+me`: of how many slices it has the cores, and gigabytes.
fn parts(profile: &str) -> Option<(u32, u32)> {
    let (size, memory) = profile.rsplit_once('.')?;
    let gigabytes = memory.split('+').next()?.strip_suffix("gb")?.parse().ok()?;
    let first = size.split('.').next()?;
    let cores = first.strip_suffix(['g', 'c'])?.parse().ok().filter(|cores| *cores > 0)?;
    Some((cores, gigabytes))
}

/// An A30 has four slices of cores, all others seven.
fn cores_of(model: &str, slices: u32) -> u32 {
    let all = if model == "A30" { 4 } else { 7 };
    slices.saturating_mul(WHOLE).div_ceil(all).min(WHOLE)
}

impl Slice {
    /// A slice of a profile, with so much memory of so much.
    ///
    /// ```
    /// use rota_core::slice::Slice;
    /// use rota_core::units::Mib;
    /// let gib = |n: u64| Mib(n * 1024);
    /// assert_eq!(Slice::new("H100", "1g.10gb", gib(10), gib(80)).fraction, 143);
    /// assert_eq!(Slice::new("H100", "1g.20gb", gib(20), gib(80)).fraction, 250);
    /// ```
    pub fn new(of: &str, profile: &str, memory: Mib, whole: Mib) -> Slice {
        let cores = parts(profile).map_or(1, |(cores, _)| cores_of(of, cores));
        Slice { of: of.to_owned(), fraction: cores.max(fraction(memory, whole)) }
    }

    /// What it pays where the whole GPU costs so much.
    pub fn price(&self, whole: u32) -> u32 {
        let price = u64::from(whole) * u64::from(self.fraction) / u64::from(WHOLE);
        u32::try_from(price).unwrap_or(u32::MAX).max(1)
    }
}

/// A kind of GPU by the name that people use: a model, or a slice of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As it is written everywhere: `H100`, `H100-1g.10gb`; of a model that is not known, as it was given.
    pub model: String,
    /// Price, A100 = 1000; none where the model is not known.
    pub price: Option<u32>,
    /// Memory; none where it is not known.
    pub memory: Mib,
    /// That it is a slice.
    pub slice: Option<Slice>,
}

/// A model as traces and simulated nodes write it: in capitals where it is not known.
///
/// ```
/// use rota_core::slice::written;
/// assert_eq!(["v100", "abacus", "a100_1g.5gb"].map(written), ["V100", "ABACUS", "A100-1g.5gb"]);
/// ```
pub fn written(name: &str) -> String {
    let kind = kind(name);
    if kind.price.is_some() { kind.model } else { name.to_uppercase() }
}

/// The kind of GPU of a name.
///
/// ```
/// use rota_core::slice::kind;
/// assert_eq!(kind("a100").model, "A100");
/// assert_eq!((kind("h100-1G.10GB").model.as_str(), kind("h100-1g.10gb").price), ("H100-1g.10gb", Some(314)));
/// ```
pub fn kind(name: &str) -> Kind {
    let small = name.to_ascii_lowercase();
    if let Some(Named { of, profile, memory, .. }) = named(&small) {
        let whole = Mib(u64::from(of.memory_gb) * 1024);
        let slice = Slice::new(of.name, profile, memory, whole);
        let (model, price) = (format!("{}-{profile}", of.name), Some(slice.price(of.price)));
        return Kind { model, price, memory, slice: Some(slice) };
    }
    let known = known_model(name);
    let model = known.map_or_else(|| name.to_owned(), |known| known.name.to_owned());
    let memory = crate::gpu::memory_of(name);
    Kind { model, price: known.map(|known| known.price), memory, slice: None }
}
