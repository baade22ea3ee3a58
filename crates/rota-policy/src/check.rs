//! A file with everything that is wrong with it: what cannot be read, what contradicts itself, and what looks misspelt.

use crate::fault::{Fault, Said};
use crate::near::nearest;
use crate::{Reading, names, parse};
use rota_core::calendar::Zone;
use rota_core::policy::Policy;
use rota_core::policy::verify::{Finding, verify_names};

/// What was made of a file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The policy, where nothing keeps it from being set.
    pub policy: Option<Policy>,
    /// What is wrong, in the order of the file, warnings included.
    pub faults: Vec<Fault>,
}

/// Reads a policy and looks at it. `verify` finds contradictions: [`rota_core::policy::verify::verify`] with what is
/// known of the site, here or on a server; it is asked only where everything could be read.
///
/// # Errors
/// Those of `verify`.
pub fn check<E>(
    text: &str,
    zone: &Zone,
    verify: impl FnOnce(&Policy) -> Result<Vec<Finding>, E>,
) -> Result<Checked, E> {
    let mut reading = parse(text, zone);
    let readable = !reading.faults.has_errors();
    let findings = if readable { verify(&reading.policy)? } else { verify_names(&reading.policy) };
    findings.iter().for_each(|finding| place(&mut reading, finding));
    if readable {
        names::check(&mut reading);
    }
    let policy = (!reading.faults.has_errors()).then_some(reading.policy);
    Ok(Checked { policy, faults: reading.faults.in_order() })
}

/// Puts a finding where its line stands in the file.
pub(crate) fn place(reading: &mut Reading, finding: &Finding) {
    let row = reading.places.get(&finding.line);
    let at = row.map(|(row, values)| values.get(finding.key.as_ref()).unwrap_or(row).clone());
    let value =
        |name: &str| finding.args.iter().find(|(key, _)| *key == name).map(|(_, v)| v.as_str());
    let known = value("known").unwrap_or_default().split(", ").filter(|k| !k.is_empty());
    let meant = value("name").and_then(|name| nearest(name, known)).map(|m| format!("\"{m}\""));
    let said = Said {
        code: finding.code.clone(),
        args: finding.args.clone(),
        message: finding.message.clone(),
        meant,
    };
    reading.faults.add(finding.severity, at.as_ref(), said);
}
