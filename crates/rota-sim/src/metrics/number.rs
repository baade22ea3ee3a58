//! Ratios and percentiles of whole numbers.

use rota_core::units::Span;

/// `part` of `whole` in parts of `scale`; none where there is no whole.
///
/// ```
/// use rota_sim::metrics::number::ratio;
/// assert_eq!(ratio(1, 3, 1000), Some(333));
/// assert_eq!(ratio(1, 0, 1000), None);
/// ```
pub fn ratio(part: u128, whole: u128, scale: u64) -> Option<u64> {
    let scaled = part.saturating_mul(u128::from(scale)).checked_div(whole)?;
    Some(u64::try_from(scaled).unwrap_or(u64::MAX))
}

/// Which part of all values is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Half are no larger.
    P50,
    /// 95 of 100 are no larger.
    P95,
    /// 99 of 100 are no larger.
    P99,
    /// None is larger.
    Max,
}

/// The smallest value that so many are no larger than. It takes 2 values to say P50, 20 to say P95, 100 to say P99:
/// with fewer, the largest would pass for a percentile.
///
/// ```
/// use rota_sim::metrics::number::{Rank, percentile};
/// let values: Vec<u64> = (1..=20).collect();
/// assert_eq!(percentile(&values, Rank::P95), Some(19));
/// assert_eq!(percentile(&values, Rank::P99), None);
/// ```
pub fn percentile(values: &[u64], rank: Rank) -> Option<u64> {
    let (per_hundred, least) = match rank {
        Rank::P50 => (50, 2),
        Rank::P95 => (95, 20),
        Rank::P99 => (99, 100),
        Rank::Max => (100, 1),
    };
    if values.len() < least {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * per_hundred).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied()
}

/// The same of lengths of time.
pub fn span_percentile(values: &[Span], rank: Rank) -> Option<Span> {
    let millis: Vec<u64> = values.iter().map(|s| s.0).collect();
    percentile(&millis, rank).map(Span)
}

/// A number of things.
pub fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}

/// GPUs × milliseconds as thousandths of a GPU-hour.
pub fn gpu_hours(gpu_time: u128) -> u64 {
    u64::try_from(gpu_time / 3600).unwrap_or(u64::MAX)
}
