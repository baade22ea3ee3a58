//! One job's start, as it is and with other shapes, in one pass that goes only as far as the job's place.
//!
//! What is ahead of a job does not depend on its shape. So wherever the pass comes to the job, a copy of the pass visits
//! it in each other shape: the same as a pass of its own for each, at the price of one.

use super::order::{Asked, visit_job};
use super::{Pass, run};
use crate::cluster::Cluster;
use crate::decision::{Decision, PlannedStart};
use crate::id::JobId;
use crate::queue::Shape;
use crate::units::Time;
use std::sync::Arc;

/// What is asked of a pass, and what it has answered.
#[derive(Clone)]
pub(super) struct Question<'c> {
    /// The job.
    pub job: JobId,
    shapes: &'c [Arc<Shape>],
    starts: Vec<Option<PlannedStart>>,
}

/// The planned start of one job as the [`super::outlook`] has it.
pub fn start_of(c: &Cluster, now: Time, job: JobId) -> Option<PlannedStart> {
    starts_of(c, now, job, &[]).0
}

/// The same, and its start with each of other shapes of the same class, visited in the same ledgers.
pub(crate) fn starts_of(
    c: &Cluster,
    now: Time,
    job: JobId,
    shapes: &[Arc<Shape>],
) -> (Option<PlannedStart>, Vec<Option<PlannedStart>>) {
    let mut pass = Pass::new(c, now, u32::MAX);
    pass.question = Some(Question { job, shapes, starts: vec![None; shapes.len()] });
    run(&mut pass);
    let starts = pass.question.take().map_or(Vec::new(), |question| question.starts);
    (start_in(pass, job), starts)
}

fn start_in(mut pass: Pass, job: JobId) -> Option<PlannedStart> {
    let (now, place) = (pass.now, pass.place);
    let starts_now = pass.plan.decisions.into_iter().find_map(|decision| match decision {
        Decision::Start { job: started, placement, .. } if started == job => {
            Some(PlannedStart { at: now, placement, place })
        }
        _ => None,
    });
    starts_now.or(pass.plan.starts.remove(&job))
}

/// Visits the job that is asked for in the other shapes, each in a copy of the pass.
pub(super) fn ask<'c>(pass: &mut Pass<'c>, id: JobId, asked: &Asked<'c>) {
    let Some(mut question) = pass.question.take() else { return };
    if question.job == id {
        let open = question.shapes.iter().zip(&mut question.starts);
        for (shape, start) in open.filter(|(_, start)| start.is_none()) {
            let mut copy = pass.clone();
            visit_job(&mut copy, id, shape, Asked { shape, ..*asked });
            *start = start_in(copy, id);
        }
    }
    pass.question = Some(question);
}
