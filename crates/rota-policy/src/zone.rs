//! Time zones as offsets from UTC, for a core that has no time zone library.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rota_core::calendar::Zone;
use rota_core::units::Time;

/// From when to when offsets are looked up; the last then holds for good. Fixed, so that reading again gives the same.
const FROM: i64 = 1_577_836_800; // 2020-01-01
const TO: i64 = 2_524_608_000; // 2050-01-01

/// A time zone by its name, such as `Asia/Seoul`.
///
/// ```
/// let seoul = rota_policy::zone::named("Asia/Seoul").unwrap();
/// assert_eq!(seoul.offsets.first().map(|(_, minutes)| *minutes), Some(540));
/// assert_eq!(rota_policy::zone::named("Asia/Soul"), None);
/// ```
pub fn named(name: &str) -> Option<Zone> {
    if name == "UTC" {
        return Some(Zone::default());
    }
    let zone = TimeZone::get(name).ok()?;
    Some(Zone { name: zone.iana_name()?.to_owned(), offsets: offsets(&zone) })
}

/// The zone of this machine; UTC where it says none.
pub fn system() -> Zone {
    TimeZone::try_system().ok().and_then(|zone| named(zone.iana_name()?)).unwrap_or_default()
}

/// Names that a zone might have been meant to have.
pub(crate) fn nearest(name: &str) -> Option<String> {
    let all: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
    crate::near::nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
}

fn offsets(zone: &TimeZone) -> Vec<(Time, i32)> {
    let Ok(from) = Timestamp::from_second(FROM) else { return Vec::new() };
    let later = zone.following(from).map(|change| (change.timestamp(), change.offset()));
    let later = later.take_while(|(at, _)| at.as_second() < TO);
    let all = std::iter::once((from, zone.to_offset(from))).chain(later);
    let mut offsets: Vec<(Time, i32)> = all
        .map(|(at, offset)| {
            (Time(u64::try_from(at.as_millisecond()).unwrap_or(0)), offset.seconds() / 60)
        })
        .collect();
    offsets.dedup_by_key(|(_, minutes)| *minutes);
    offsets
}
