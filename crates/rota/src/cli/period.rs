//! Periods that people ask about.

use crate::fault::{Fault, usage};
use crate::show;
use crate::text::tr;
use clap::Args;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rota_core::report::Stretch;
use rota_core::units::Span;

/// Options of reports about a period.
#[derive(Args)]
pub struct PeriodArgs {
    /// From when on: 7d or 12h ago, or a date such as 2026-11-01; otherwise 7 days ago (score: 30)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Until when, written likewise; otherwise now
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

impl PeriodArgs {
    /// The call with the period that was asked for.
    pub fn call(&self, path: &str) -> Result<String, Fault> {
        let since = moment("--since", self.since.as_deref())?.map(|at| format!("from={at}"));
        let until = moment("--until", self.until.as_deref())?.map(|at| format!("until={at}"));
        let query: Vec<String> = since.into_iter().chain(until).collect();
        Ok(format!("{path}?{}", query.join("&")))
    }
}

/// Milliseconds since 1970 of `7d` (ago), `2026-11-01` or `2026-11-01T13:00`, the last two in the local time zone.
fn moment(option: &str, text: Option<&str>) -> Result<Option<i64>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let bad = || usage!("bad-since", option = option, value = text);
    if let Ok(date) = text.parse::<DateTime>() {
        let zoned = date.to_zoned(TimeZone::system()).map_err(|_| bad())?;
        return Ok(Some(zoned.timestamp().as_millisecond().max(0)));
    }
    let ago = Span::parse(text).map_err(|_| bad())?;
    let ago = i64::try_from(ago.0).map_err(|_| bad())?;
    Ok(Some(jiff::Timestamp::now().as_millisecond().saturating_sub(ago).max(0)))
}

/// A period in words.
pub fn words(period: Stretch) -> String {
    tr!("period", from = show::clock(period.from), until = show::clock(period.until))
}
