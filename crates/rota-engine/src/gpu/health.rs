//! Rules about what was read of a GPU: what keeps it from new jobs, and what should only be looked at.
//!
//! Pure: readings and the time in, faults out. A fault is told when it appears, so that an admin who lets a GPU take jobs
//! again is not overruled by what they know already.

use super::reading::{Brake, Reading};
use rota_core::fitness::Fault;
use rota_core::units::{Mib, Span, Time};

/// Memory in use without a process: less is what the driver needs for itself.
const LEFTOVER: Mib = Mib(500);

/// For so many samples in a row: a driver takes a moment to clear up after a program.
const SAMPLES: u32 = 5;

/// A clock that is held down for so long is worth a look.
const BRAKE: Span = Span::minutes(5);

/// Errors after which a GPU is to be reset or repaired, by NVIDIA's catalogue of Xids: 48 memory error, 63 and 64 rows
/// of memory, 46, 62, 109, 110, 119, 120 and 158 it stopped working, 79 fell off the bus, 95 and 140 memory errors that
/// spread, 136, 155 and 156 links, 143 it did not start. Others end a program and no more (13, 31, 43, 45, 94), or say nothing of the GPU.
const XIDS: [u64; 17] =
    [46, 48, 62, 63, 64, 79, 95, 109, 110, 119, 120, 136, 140, 143, 155, 156, 158];

/// What should be looked at, and keeps no job away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// The driver is unloaded while nobody uses the GPU.
    PersistenceOff,
    /// Its clock is held down by heat.
    Heat,
    /// Its clock is held down by the power supply.
    Power,
}

impl Warning {
    /// The word that stands for it.
    pub fn code(self) -> &'static str {
        match self {
            Warning::PersistenceOff => "persistence-off",
            Warning::Heat => "heat",
            Warning::Power => "power",
        }
    }
}

/// Whether a job is on a GPU: it holds it, or is suspended there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// One is.
    Job,
    /// None is.
    Nobody,
}

/// What is remembered of a GPU between two readings.
#[derive(Clone, Debug, Default)]
pub struct Health {
    told: Vec<Fault>,
    /// Samples in a row with memory that nobody uses.
    leftover: u32,
    brake: Option<(Brake, Time)>,
}

impl Health {
    /// What is wrong with it now, and was not when it was looked at before.
    pub fn look(
        &mut self,
        reading: &Reading,
        xids: &[u64],
        (used, now): (Use, Time),
    ) -> Vec<Fault> {
        let brake = reading.brake.filter(|brake| *brake != Brake::Cap);
        self.brake = brake.map(|brake| match self.brake {
            Some((before, since)) if before == brake => (brake, since),
            _ => (brake, now),
        });
        let leftover = leftover(reading, used);
        self.leftover = if leftover.is_some() { self.leftover.saturating_add(1) } else { 0 };
        let mut faults = standing(reading);
        faults.extend(leftover.filter(|_| self.leftover >= SAMPLES));
        let is_told = |fault: &Fault| self.told.iter().any(|told| is_same(told, fault));
        let new: Vec<Fault> = faults.iter().filter(|fault| !is_told(fault)).cloned().collect();
        self.told = faults;
        new.into_iter().chain(reported(xids)).collect()
    }

    /// What should be looked at.
    pub fn warnings(&self, persistence: Option<bool>, now: Time) -> Vec<Warning> {
        let off = (persistence == Some(false)).then_some(Warning::PersistenceOff);
        let long = self.brake.filter(|(_, since)| now.since(*since) > BRAKE);
        let brake = long.map(|(brake, _)| match brake {
            Brake::Power => Warning::Power,
            Brake::Heat | Brake::Cap => Warning::Heat,
        });
        off.into_iter().chain(brake).collect()
    }
}

/// The amount of memory that is left over makes no other fault of it.
fn is_same(told: &Fault, fault: &Fault) -> bool {
    matches!((told, fault), (Fault::Leftover { .. }, Fault::Leftover { .. })) || told == fault
}

/// Faults that one reading shows.
fn standing(reading: &Reading) -> Vec<Fault> {
    if reading.lost {
        return vec![Fault::Lost];
    }
    let asked = reading.recovery.filter(|action| *action > 0);
    let remap = reading.remap.unwrap_or_default();
    let rows = match (remap.failed, remap.pending) {
        (true, _) => Some(Fault::RemapFailed),
        (_, true) => Some(Fault::RemapPending),
        _ => None,
    };
    asked.map(|action| Fault::Recovery { action }).into_iter().chain(rows).collect()
}

/// Faults that the driver reported.
fn reported(xids: &[u64]) -> impl Iterator<Item = Fault> {
    let bad = xids.iter().filter(|xid| XIDS.contains(xid));
    // To fall off the bus is one thing, however it is noticed.
    bad.map(|xid| if *xid == 79 { Fault::Lost } else { Fault::Xid { xid: *xid } })
}

fn leftover(reading: &Reading, used: Use) -> Option<Fault> {
    let memory = reading.memory_used.filter(|memory| *memory > LEFTOVER)?;
    // Where processes cannot be listed, nobody knows whose it is.
    let is_nobodys = used == Use::Nobody && reading.processes.as_ref().is_some_and(Vec::is_empty);
    is_nobodys.then_some(Fault::Leftover { memory })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::reading::{Process, Remap};

    const NOBODY: (Use, Time) = (Use::Nobody, Time(0));

    fn idle() -> Reading {
        Reading { memory_used: Some(Mib(4)), processes: Some(Vec::new()), ..Reading::default() }
    }

    #[test]
    fn a_gpu_with_nothing_to_say_is_well() {
        assert_eq!(Health::default().look(&idle(), &[], NOBODY), []);
        assert_eq!(Health::default().look(&Reading::default(), &[], NOBODY), []);
    }

    #[test]
    fn what_the_driver_asks_for_is_told_once_and_again_when_it_comes_back() {
        let mut health = Health::default();
        let reset = Reading { recovery: Some(1), ..idle() };
        assert_eq!(health.look(&reset, &[], NOBODY), [Fault::Recovery { action: 1 }]);
        assert_eq!(health.look(&reset, &[], NOBODY), []);
        assert_eq!(health.look(&idle(), &[], NOBODY), []);
        assert_eq!(health.look(&reset, &[], NOBODY), [Fault::Recovery { action: 1 }]);
    }

    #[test]
    fn rows_of_memory_that_are_to_be_replaced_are_a_fault_and_replaced_ones_are_none() {
        let rows =
            |pending, failed| Reading { remap: Some(Remap { rows: 3, pending, failed }), ..idle() };
        let look = |reading: &Reading| Health::default().look(reading, &[], NOBODY);
        assert_eq!(look(&rows(false, false)), []);
        assert_eq!(look(&rows(true, false)), [Fault::RemapPending]);
        assert_eq!(look(&rows(true, true)), [Fault::RemapFailed]);
    }

    #[test]
    fn errors_of_the_hardware_are_faults_and_those_of_programs_are_not() {
        let look = |xid| Health::default().look(&idle(), &[xid], NOBODY);
        for xid in [48, 63, 64, 95, 119, 158] {
            assert_eq!(look(xid), [Fault::Xid { xid }]);
        }
        assert_eq!(look(79), [Fault::Lost]);
        for xid in [13, 31, 43, 45, 94] {
            assert_eq!(look(xid), []);
        }
    }

    #[test]
    fn a_lost_gpu_says_nothing_else() {
        let lost = Reading { lost: true, recovery: Some(1), ..Reading::default() };
        assert_eq!(Health::default().look(&lost, &[], NOBODY), [Fault::Lost]);
    }

    #[test]
    fn memory_that_nobody_uses_is_a_fault_once_it_stays() {
        let memory = Mib(812);
        let left = Reading { memory_used: Some(memory), ..idle() };
        let mut health = Health::default();
        for _ in 1..SAMPLES {
            assert_eq!(health.look(&left, &[], NOBODY), []);
        }
        assert_eq!(health.look(&left, &[], NOBODY), [Fault::Leftover { memory }]);
        let more = Reading { memory_used: Some(Mib(900)), ..idle() };
        assert_eq!(health.look(&more, &[], NOBODY), [], "it is the same fault");
    }

    #[test]
    fn memory_of_a_job_or_of_a_process_is_not_left_over() {
        let process = Process { pid: 7, memory: None, busy: None };
        let used = Reading { memory_used: Some(Mib(9000)), ..idle() };
        let outsiders = Reading { processes: Some(vec![process]), ..used.clone() };
        let unlisted = Reading { processes: None, ..used.clone() };
        let mut health = Health::default();
        for _ in 0..=SAMPLES {
            assert_eq!(health.look(&used, &[], (Use::Job, Time(0))), []);
            assert_eq!(health.look(&outsiders, &[], NOBODY), []);
            assert_eq!(health.look(&unlisted, &[], NOBODY), []);
        }
    }

    #[test]
    fn a_clock_that_is_held_down_for_more_than_five_minutes_is_worth_a_look() {
        let hot = Reading { brake: Some(Brake::Heat), ..idle() };
        let mut health = Health::default();
        let at = |minutes| Time(Span::minutes(minutes).0);
        for minute in 0..=5 {
            health.look(&hot, &[], (Use::Job, at(minute)));
            assert_eq!(health.warnings(None, at(minute)), []);
        }
        health.look(&hot, &[], (Use::Job, at(6)));
        assert_eq!(health.warnings(None, at(6)), [Warning::Heat]);
        health.look(&idle(), &[], (Use::Job, at(7)));
        assert_eq!(health.warnings(None, at(7)), []);
        let capped = Reading { brake: Some(Brake::Cap), ..idle() };
        for minute in 8..20 {
            health.look(&capped, &[], (Use::Job, at(minute)));
        }
        assert_eq!(health.warnings(None, at(20)), [], "full load is no fault");
    }

    #[test]
    fn a_driver_that_does_not_stay_loaded_is_worth_a_look() {
        let health = Health::default();
        assert_eq!(health.warnings(Some(false), Time(0)), [Warning::PersistenceOff]);
        assert_eq!(health.warnings(Some(true), Time(0)), []);
    }
}
