//! What is played: the site's own past from its server, or a trace on an inventory.

use super::WhatifArgs;
use crate::cli::Global;
use crate::cli::replay::input::{open, select};
use crate::cli::replay::{USUAL, inventory, policy};
use crate::fault::{Fault, failed, usage};
use rota_core::past::Past;
use rota_core::report::Stretch;
use rota_core::units::{Span, Time};
use rota_sim::compare::Site;
use rota_sim::replay::Switch;
use rota_sim::trace::{Trace, TraceJob};
use rota_sim::whatif::{Load, Widen};

/// How many of the last days, where nothing is asked for.
const DAYS: u64 = 28;

/// Jobs and the site that they are played on.
pub struct Source {
    /// The site as it is.
    pub site: Site,
    /// Its jobs.
    jobs: Jobs,
    /// What the jobs accept.
    widen: Widen,
    /// GPUs are simulated.
    pub simulated: bool,
}

enum Jobs {
    Own(Past),
    Trace { path: String, trace: Trace },
}

impl Source {
    /// How many jobs.
    pub fn jobs(&self) -> usize {
        match &self.jobs {
            Jobs::Own(past) => past.jobs.len(),
            Jobs::Trace { trace, .. } => trace.jobs.len(),
        }
    }

    /// How many bookings.
    pub fn bookings(&self) -> usize {
        match &self.jobs {
            Jobs::Own(past) => past.bookings.len(),
            Jobs::Trace { .. } => 0,
        }
    }

    /// The jobs, as they fit a site.
    pub fn load(&self, site: &Site) -> Load {
        match &self.jobs {
            Jobs::Own(past) => Load::of_past(site, past, self.widen),
            Jobs::Trace { trace, .. } => Load::of_trace(site, &trace.jobs, self.widen),
        }
    }

    /// The period.
    pub fn period(&self) -> Stretch {
        match &self.jobs {
            Jobs::Own(past) => past.period,
            Jobs::Trace { trace, .. } => {
                let first = trace.jobs.first().map_or(Time(0), |job: &TraceJob| job.submitted);
                let ends = trace.jobs.iter().map(|job| job.submitted.after(job.runtime));
                Stretch { from: first, until: ends.max().unwrap_or(first) }
            }
        }
    }

    /// Jobs of the site that never ran, so that nobody knows how long they would.
    pub fn never_ran(&self) -> u64 {
        match &self.jobs {
            Jobs::Own(past) => past.never_ran,
            Jobs::Trace { .. } => 0,
        }
    }

    /// The trace; none: the site's own log.
    pub fn trace(&self) -> Option<(&str, &Trace)> {
        match &self.jobs {
            Jobs::Own(_) => None,
            Jobs::Trace { path, trace } => Some((path, trace)),
        }
    }
}

/// Reads it; none where the policy file has faults, which have then been said.
pub fn read(global: &Global, args: &WhatifArgs) -> Result<Option<Source>, Fault> {
    match &args.trace {
        None => own(global, args),
        Some(path) => {
            let Some(nodes) = &args.inventory else { return Err(usage!("whatif-inventory")) };
            let (how, zone) = (&args.how, args.how.zone()?);
            let nodes = inventory::read(nodes)?;
            let Some(policy) = policy(args.policy.as_deref(), &zone)? else { return Ok(None) };
            let site = Site { policy, nodes, switch: how.switch(USUAL)?, turns: how.turns()? };
            let (format, _, mut trace) = open(path, how, &zone)?;
            select(&mut trace, how, &zone)?;
            let path = path.display().to_string();
            if trace.jobs.is_empty() {
                return Err(failed!("replay-no-jobs", path = path, format = format.name()));
            }
            let (jobs, widen) = (Jobs::Trace { path, trace }, widen(args));
            Ok(Some(Source { site, jobs, widen, simulated: false }))
        }
    }
}

fn own(global: &Global, args: &WhatifArgs) -> Result<Option<Source>, Fault> {
    if let Some(option) = args.how.about_traces() {
        return Err(usage!("whatif-only-trace", option = option));
    }
    let days = args.days.unwrap_or(DAYS).clamp(1, 3650);
    let last = Span::hours(days * 24).0;
    let past: rota_api::Past = global.client()?.get(&format!("/v1/past?last={last}"))?;
    let rota_api::Past { simulated, past, nodes, policy: in_force } = past;
    if past.jobs.is_empty() {
        return Err(failed!("whatif-no-history", days = days));
    }
    let policy = match args.policy.as_deref() {
        None => in_force,
        Some(file) => match policy(Some(file), &in_force.zone)? {
            Some(policy) => policy,
            None => return Ok(None),
        },
    };
    // The time that a job held its GPUs includes what starting and leaving took.
    let switch = args.how.switch(Switch::default())?;
    let site = Site { policy, nodes, switch, turns: args.how.turns()? };
    Ok(Some(Source { site, jobs: Jobs::Own(past), widen: widen(args), simulated }))
}

fn widen(args: &WhatifArgs) -> Widen {
    if args.as_good { Widen::AnyAsGood } else { Widen::AsAsked }
}
