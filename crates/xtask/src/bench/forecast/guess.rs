//! What a site could say without looking ahead: the last wait, or the waits of late (as QBETS does).

use rota_core::event::Event;
use rota_core::forecast::Band;
use rota_core::id::JobId;
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, VecDeque};

/// Waits that are remembered.
const LATE: usize = 200;

/// Waits of those who have started, by lab and size.
#[derive(Default)]
pub struct Guesses {
    waiting: BTreeMap<JobId, (Time, (String, u32))>,
    waits: BTreeMap<(String, u32), VecDeque<Span>>,
}

/// How long someone may wait.
#[derive(Clone, Copy)]
pub struct Point {
    waits: [Span; 3],
}

impl Point {
    /// From a moment on.
    pub fn band(self, now: Time) -> Band {
        let [p10, p50, p90] = self.waits.map(|wait| now.after(wait));
        Band { p10, p50, p90 }
    }
}

impl Guesses {
    /// Takes a fact into account.
    pub fn note(&mut self, at: Time, fact: &Event) {
        match fact {
            Event::Submitted { number, lab, spec, .. } => {
                let group = (lab.clone(), size(spec.all_gpus()));
                self.waiting.insert(JobId::single(*number), (at, group));
            }
            Event::Started { job, .. } => {
                if let Some((since, group)) = self.waiting.remove(job) {
                    let waits = self.waits.entry(group).or_default();
                    waits.push_back(at.since(since));
                    if waits.len() > LATE {
                        waits.pop_front();
                    }
                }
            }
            _ => {}
        }
    }

    /// By the last wait, and by those of late.
    pub fn of(&self, lab: &str, gpus: u32) -> Vec<Option<Point>> {
        let waits = self.waits.get(&(lab.to_owned(), size(gpus)));
        let last = waits.and_then(|w| w.back()).map(|last| Point { waits: [*last; 3] });
        let late = waits.map(|waits| {
            let mut sorted: Vec<Span> = waits.iter().copied().collect();
            sorted.sort_unstable();
            let at = |tenths: usize| sorted[(sorted.len() * tenths / 10).min(sorted.len() - 1)];
            Point { waits: [at(1), at(5), at(9)] }
        });
        vec![last, late]
    }
}

fn size(gpus: u32) -> u32 {
    gpus.next_power_of_two()
}
