//! Philly's `cluster_job_log`: a JSON list of jobs with their attempts, each on some GPUs of some machines, local times.

use super::moment::moment;
use super::{Trace, TraceJob, Why, some_gpus, some_time, state};
use rota_core::calendar::Zone;
use rota_core::units::Span;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;
use std::io::BufRead;

/// Reads all entries, one at a time. Where the text stops being JSON, the rest is left out.
pub(super) fn read(input: &mut dyn BufRead, zone: &Zone) -> std::io::Result<Trace> {
    let mut trace = Trace::default();
    let mut json = serde_json::Deserializer::from_reader(input);
    let read = json.deserialize_seq(Entries { trace: &mut trace, zone });
    if let Err(why) = read {
        if why.is_io() {
            return Err(why.into());
        }
        trace.left_out.push((u64::try_from(why.line()).unwrap_or(u64::MAX), Why::NotJson));
    }
    Ok(trace)
}

struct Entries<'t> {
    trace: &'t mut Trace,
    zone: &'t Zone,
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of jobs")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut entries: S) -> Result<(), S::Error> {
        let mut number = 0;
        while let Some(entry) = entries.next_element::<Value>()? {
            number += 1;
            self.trace.keep(number, job(&entry, self.zone));
        }
        Ok(())
    }
}

/// An entry: its GPUs are the most that an attempt had, its runtime that of all attempts.
fn job(entry: &Value, zone: &Zone) -> Result<TraceJob, Why> {
    let text =
        |name| entry.get(name).and_then(Value::as_str).filter(|t| !t.is_empty() && *t != "None");
    let submitted = text("submitted_time").ok_or(Why::Missing("submitted_time"))?;
    let submitted = moment(submitted, zone).ok_or(Why::Unreadable("submitted_time"))?;
    let attempts =
        entry.get("attempts").and_then(Value::as_array).ok_or(Why::Missing("attempts"))?;
    let (mut gpus, mut nodes, mut runtime) = (0, 0, Span::ZERO);
    for attempt in attempts {
        let at = |name| moment(attempt.get(name)?.as_str()?, zone);
        let Some((began, ended)) = at("start_time").zip(at("end_time")) else { continue };
        runtime = runtime.plus(ended.since(began));
        let machines =
            attempt.get("detail").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let of =
            |machine: &Value| machine.get("gpus").and_then(Value::as_array).map_or(0, Vec::len);
        let all: usize = machines.iter().map(of).sum();
        if all > gpus {
            (gpus, nodes) = (all, machines.len());
        }
    }
    let id = text("jobid").ok_or(Why::Missing("jobid"))?;
    let runtime = some_time(runtime)?;
    let gpus = some_gpus(u32::try_from(gpus).map_err(|_| Why::Unreadable("detail"))?)?;
    let mut job = TraceJob::new(id, submitted, gpus, runtime);
    job.nodes = u32::try_from(nodes).ok();
    job.person = text("user").unwrap_or_default().to_owned();
    job.lab = text("vc").unwrap_or_default().to_owned();
    job.state =
        state(text("status").ok_or(Why::Missing("status"))?).ok_or(Why::Unreadable("status"))?;
    Ok(job)
}
