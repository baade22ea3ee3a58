//! A file with everything that is wrong with it: what cannot be read, and what contradicts itself.

use crate::Reading;
use crate::fault::Said;
use crate::near::nearest;
use rota_core::policy::verify::Finding;

/// Puts a finding where its line stands in the file.
pub(crate) fn place(reading: &mut Reading, finding: &Finding) {
    let row = reading.places.get(&finding.line);
    let at = row.map(|(row, values)| values.get(finding.key).unwrap_or(row).clone());
    let value =
        |name: &str| finding.args.iter().find(|(key, _)| *key == name).map(|(_, v)| v.as_str());
    let known = value("known").unwrap_or_default().split(", ").filter(|k| !k.is_empty());
    let meant = value("name").and_then(|name| nearest(name, known)).map(|m| format!("\"{m}\""));
    let said = Said {
        code: finding.code,
        args: finding.args.clone(),
        message: finding.message.clone(),
        meant,
    };
    reading.faults.add(finding.severity, at.as_ref(), said);
}
