//! Quantities with their units: milliseconds, MiB, GPU time. Arithmetic saturates: nothing here can overflow.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub u64);

/// A length of time in milliseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(pub u64);

/// Memory in MiB.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Mib(pub u64);

/// GPUs × milliseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct GpuTime(pub u64);

impl Time {
    /// A moment later than any that will be met: "no end known".
    pub const FAR: Time = Time(u64::MAX);

    /// The moment `span` later; never beyond [`Time::FAR`].
    pub fn after(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }

    /// The time since `earlier`; zero where the clock went back.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The first whole second that is not before.
    pub fn whole_second(self) -> Time {
        Time(self.0.div_ceil(1000).saturating_mul(1000))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// Seconds.
    pub const fn seconds(n: u64) -> Span {
        Span(n.saturating_mul(1000))
    }

    /// Minutes.
    pub const fn minutes(n: u64) -> Span {
        Span::seconds(n.saturating_mul(60))
    }

    /// Hours.
    pub const fn hours(n: u64) -> Span {
        Span::minutes(n.saturating_mul(60))
    }

    /// The sum.
    pub fn plus(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }

    /// Reads `90s`, `15m`, `4h`, `1d12h`, `30` (minutes, as Slurm reads it), `MM:SS`, `HH:MM:SS`, `D-HH[:MM[:SS]]`.
    ///
    /// ```
    /// use rota_core::units::Span;
    /// assert_eq!(Span::parse("1d12h"), Ok(Span::hours(36)));
    /// assert_eq!(Span::parse("1-12:00:00"), Ok(Span::hours(36)));
    /// assert_eq!(Span::parse("30"), Ok(Span::minutes(30)));
    /// assert!(Span::parse("-4h").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Span, BadUnit> {
        let bad = || BadUnit::time(text);
        let span = if text.contains(':') || text.contains('-') {
            clock_time(text).ok_or_else(bad)?
        } else if let Ok(minutes) = digits(text) {
            Span::minutes(minutes)
        } else {
            suffixed_time(text).ok_or_else(bad)?
        };
        if span == Span::ZERO || span > Span::hours(24 * 3650) { Err(bad()) } else { Ok(span) }
    }
}

impl fmt::Display for Span {
    /// The two largest units: `2d3h`, `4h`, `15m`, `2m30s`, `45s`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 / 1000;
        let parts = [(s / 86400, 'd'), (s / 3600 % 24, 'h'), (s / 60 % 60, 'm'), (s % 60, 's')];
        let Some(first) = parts.iter().position(|(n, _)| *n > 0) else { return write!(f, "0s") };
        for (n, unit) in parts.iter().skip(first).take(2).filter(|(n, _)| *n > 0) {
            write!(f, "{n}{unit}")?;
        }
        Ok(())
    }
}

impl Mib {
    /// The difference, or nothing where `other` is more.
    pub fn less(self, other: Mib) -> Mib {
        Mib(self.0.saturating_sub(other.0))
    }

    /// The sum.
    pub fn plus(self, other: Mib) -> Mib {
        Mib(self.0.saturating_add(other.0))
    }

    /// Reads `512M`, `40G`, `1.5T`, `2048K`, with an optional `B` or `iB`; a bare number is MiB, as in Slurm.
    ///
    /// ```
    /// use rota_core::units::Mib;
    /// assert_eq!(Mib::parse("40G"), Ok(Mib(40 * 1024)));
    /// assert_eq!(Mib::parse("1.5GiB"), Ok(Mib(1536)));
    /// assert!(Mib::parse("0").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Mib, BadUnit> {
        let bad = || BadUnit::size(text);
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let kib_per_unit: u64 = match unit.to_ascii_uppercase().as_str() {
            "K" | "KB" | "KIB" => 1,
            "" | "M" | "MB" | "MIB" => 1024,
            "G" | "GB" | "GIB" => 1024 * 1024,
            "T" | "TB" | "TIB" => 1024 * 1024 * 1024,
            _ => return Err(bad()),
        };
        let (whole, tenths) = number.split_once('.').unwrap_or((number, "0"));
        if tenths.len() > 3 {
            return Err(bad());
        }
        let (whole, part) =
            (digits(whole).map_err(|()| bad())?, digits(tenths).map_err(|()| bad())?);
        let scale = [1, 10, 100, 1000].get(tenths.len()).copied().ok_or_else(bad)?;
        let kib = whole
            .checked_mul(kib_per_unit)
            .and_then(|k| k.checked_add(part * kib_per_unit / scale))
            .ok_or_else(bad)?;
        let mib = kib.div_ceil(1024);
        if mib == 0 || mib > 1 << 40 { Err(bad()) } else { Ok(Mib(mib)) }
    }
}

impl fmt::Display for Mib {
    /// `512M`, `40G`, `1.5G`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n < 1024 => write!(f, "{n}M"),
            n if n % 1024 == 0 => write!(f, "{}G", n / 1024),
            n => write!(f, "{}.{}G", n / 1024, n % 1024 * 10 / 1024),
        }
    }
}

impl GpuTime {
    /// `gpus` held for `span`.
    pub fn of(gpus: u32, span: Span) -> GpuTime {
        GpuTime(u64::from(gpus).saturating_mul(span.0))
    }

    /// Thousandths of GPUs held for `span`.
    pub fn part(thousandths: u32, span: Span) -> GpuTime {
        let product = u128::from(thousandths) * u128::from(span.0) / 1000;
        GpuTime(u64::try_from(product).unwrap_or(u64::MAX))
    }

    /// The sum.
    pub fn plus(self, other: GpuTime) -> GpuTime {
        GpuTime(self.0.saturating_add(other.0))
    }
}

/// A number with three decimals: weights, prices, speeds, factors, hours.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Thousandths(pub u32);

impl Thousandths {
    /// Reads `2`, `0.35`, `1.25`; at most three decimals.
    ///
    /// ```
    /// use rota_core::units::Thousandths;
    /// assert_eq!(Thousandths::parse("1.25"), Some(Thousandths(1250)));
    /// assert_eq!(Thousandths::parse("-1"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Thousandths> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let scale = [1000, 100, 10, 1].get(part.len())?;
        let sum = digits(whole).ok()?.checked_mul(1000)?.checked_add(digits(part).ok()? * scale)?;
        u32::try_from(sum).ok().map(Thousandths)
    }
}

impl fmt::Display for Thousandths {
    /// `2`, `0.35`, `1.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:03}", self.0 % 1000);
        match part.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / 1000),
            part => write!(f, "{}.{part}", self.0 / 1000),
        }
    }
}

/// A text that is not a time or a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadUnit {
    /// What was written.
    pub text: String,
    /// What can be written instead.
    pub expected: &'static str,
}

impl BadUnit {
    fn time(text: &str) -> BadUnit {
        BadUnit {
            text: text.into(),
            expected: "a time above zero, such as 90s, 15m, 4h, 1d12h or 1-12:00:00",
        }
    }

    fn size(text: &str) -> BadUnit {
        BadUnit { text: text.into(), expected: "a size above zero, such as 512M, 40G or 1.5T" }
    }
}

impl fmt::Display for BadUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not {}", self.text.escape_debug(), self.expected)
    }
}

impl std::error::Error for BadUnit {}

/// A plain decimal number of at most 15 digits.
fn digits(text: &str) -> Result<u64, ()> {
    if text.is_empty() || text.len() > 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(());
    }
    text.parse().map_err(|_| ())
}

fn suffixed_time(text: &str) -> Option<Span> {
    let (mut total, mut number) = (Span::ZERO, String::new());
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let seconds = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            'w' => 7 * 86400,
            _ => return None,
        };
        total = total.plus(Span::seconds(digits(&number).ok()?.saturating_mul(seconds)));
        number.clear();
    }
    number.is_empty().then_some(total)
}

fn clock_time(text: &str) -> Option<Span> {
    let (days, clock) = match text.split_once('-') {
        Some((days, clock)) => (Some(digits(days).ok()?), clock),
        None => (None, text),
    };
    let parts = clock.split(':').map(|p| digits(p).ok()).collect::<Option<Vec<u64>>>()?;
    let seconds = match (days, parts.as_slice()) {
        (Some(_), [h]) => h.checked_mul(3600)?,
        (Some(_), [h, m]) => h.checked_mul(3600)?.checked_add(m.checked_mul(60)?)?,
        (None, [m, s]) => m.checked_mul(60)?.checked_add(*s)?,
        (_, [h, m, s]) => h.checked_mul(3600)?.checked_add(m.checked_mul(60)?)?.checked_add(*s)?,
        _ => return None,
    };
    Some(Span::seconds(seconds.checked_add(days.unwrap_or(0).checked_mul(86400)?)?))
}
