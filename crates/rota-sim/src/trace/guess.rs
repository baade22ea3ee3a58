//! Which format a text is in, by how it begins.

use super::Format;
use super::table::fields;

/// The format, if the beginning of a text shows it.
pub fn guess(beginning: &[u8]) -> Option<Format> {
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.lines().next()?.trim();
    if first.starts_with('[') {
        return Some(Format::Philly);
    }
    let numbers = first.split_whitespace().filter(|w| w.parse::<f64>().is_ok()).count();
    if first.starts_with(';') || numbers == 18 {
        return Some(Format::Swf);
    }
    let bars = first.split('|').count();
    if bars == 18 || bars > 2 && first.split('|').any(|f| f.eq_ignore_ascii_case("JobID")) {
        return Some(Format::Sacct);
    }
    let names = fields(first);
    let has = |name: &str| names.iter().any(|n| n.trim().eq_ignore_ascii_case(name));
    let all = |wanted: &[&str]| wanted.iter().all(|name| has(name));
    let forms: [(Format, &[&str]); 5] = [
        (Format::Helios, &["vc", "gpu_num", "submit_time"]),
        (Format::Acme, &["gpu_num", "submit_time", "state"]),
        (Format::Alibaba, &["num_gpu", "gpu_milli"]),
        (Format::Gavel, &["job_type", "arrival_s", "duration_v100_s"]),
        (Format::Csv, &["submit_s", "num_gpus", "duration_s"]),
    ];
    forms.into_iter().find(|(_, wanted)| all(wanted)).map(|(format, _)| format)
}
