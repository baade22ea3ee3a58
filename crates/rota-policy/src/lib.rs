//! The policy file: nine words in TOML. [`read`] finds every fault of a file in one reading, each with its place and what
//! was probably meant; [`write()`] writes a policy so that it reads back the same; [`check`] also looks for contradictions.

pub mod check;
pub mod diff;
mod fault;
pub mod hosts;
mod moment;
mod names;
pub mod near;
mod rows;
mod table;
mod value;
pub mod when;
mod words;
mod write;
pub mod zone;

pub use fault::Fault;
pub use write::write;

use fault::{Faults, Said};
use rota_core::calendar::Zone;
use rota_core::policy::Policy;
use rota_core::policy::verify::{Line, verify_names};
use std::collections::BTreeMap;
use std::ops::Range;
use table::{Reader, Row};
use toml::de::DeTable;

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 1 << 20;

/// Where lines of the policy stand in the file: each, and its values.
pub(crate) type Places = BTreeMap<Line, (Range<usize>, BTreeMap<String, Range<usize>>)>;

/// What was made of a file: as much of a policy as could be read, and what was wrong.
pub(crate) struct Reading<'t> {
    pub policy: Policy,
    pub faults: Faults<'t>,
    pub places: Places,
}

/// Reads a policy. `zone` holds where the file names none.
///
/// # Errors
/// Everything that is wrong, in the order of the file; warnings come with errors only, see [`check::check`].
pub fn read(text: &str, zone: &Zone) -> Result<Policy, Vec<Fault>> {
    let mut reading = parse(text, zone);
    let names = verify_names(&reading.policy);
    names.iter().for_each(|finding| check::place(&mut reading, finding));
    if reading.faults.has_errors() { Err(reading.faults.in_order()) } else { Ok(reading.policy) }
}

pub(crate) fn parse<'t>(text: &'t str, zone: &Zone) -> Reading<'t> {
    let mut faults = Faults::new(text);
    if text.len() > LARGEST {
        let args = [("most", LARGEST.to_string())];
        let message = format!("the file is larger than {LARGEST} bytes: no policy is");
        faults.error(&(0..0), Said::new("policy-too-large", args, message));
        return Reading { policy: Policy::default(), faults, places: Places::new() };
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut last = None;
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        let line = text.get(..at.start).map_or(0, |before| before.matches('\n').count());
        // One mistake makes several, which only the first helps to find.
        if last.replace(line) == Some(line) {
            continue;
        }
        let why = error.message().replace('\n', ", ");
        let message = format!("this is no TOML: {why}");
        faults.error(&at, Said::new("policy-no-toml", [("why", why)], message));
    }
    let mut reader = Reader { faults, zone: zone.clone(), places: Places::new() };
    let broken = reader.faults.has_errors();
    let policy = if broken {
        Policy::default()
    } else {
        let root = Row::new(&mut reader, table.get_ref(), table.span(), "policy");
        words::policy(root)
    };
    Reading { policy, faults: reader.faults, places: reader.places }
}
