//! What happens on a page at some moment.

use super::{Story, number, number_of, set, span_of};
use crate::run::{Arrival, Behaviour};
use rota_core::fitness::{Fault, Outsider};
use rota_core::id::{JobId, NodeId};
use rota_core::idle::{Unused, UseSeen};
use rota_core::job::JobSpec;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_core::request::{Asker, Change, Gpus, Request};
use rota_core::units::{Mib, Time};
use std::collections::BTreeMap;

pub(super) fn happens(
    story: &mut Story,
    at: &str,
    what: &str,
    whom: &str,
    fields: &[&str],
) -> Result<(), String> {
    let at = story.begins.after(span_of(at)?);
    let node =
        story.nodes.iter().position(|n| n == whom).map(|n| NodeId(u32::try_from(n).unwrap_or(0)));
    let job = number_of(story, whom).map(JobId::single);
    let request = match (what, node, job) {
        ("down" | "up", Some(node), _) => {
            story.arrivals.push((at, Arrival::Node(node, what == "up")));
            return Ok(());
        }
        ("lost" | "xid" | "outsider" | "gone" | "uses", ..) => {
            story.arrivals.push((at, Arrival::Gpu(sighting(story, what, whom, fields)?)));
            return Ok(());
        }
        ("idle" | "busy" | "types", _, Some(id)) => {
            let gpus = fields.iter().find_map(|f| f.strip_prefix("gpus=")).map(number);
            let gpus = gpus.transpose()?.unwrap_or(u32::MAX);
            let seen = match what {
                "idle" => UseSeen::Unused(Unused { gpus, since: at, empty: false }),
                "busy" => UseSeen::Works,
                _ => UseSeen::Typed,
            };
            story.arrivals.push((at, Arrival::Use(id, seen)));
            return Ok(());
        }
        ("pin", _, Some(job)) => Request::Pin { job, why: "demo at noon".into() },
        ("unpin", _, Some(id)) => Request::Unpin(id),
        ("drain", ..) => Request::Drain { gpus: gpus(whom)?, why: "fan broken".into() },
        ("resume", ..) => Request::Resume { gpus: gpus(whom)?, why: String::new() },
        ("unbook", ..) => Request::Unbook(u64::from(number(whom)?)),
        ("cancel", _, Some(id)) => Request::Cancel(id),
        ("hold", _, Some(id)) => Request::Hold(id),
        ("release", _, Some(id)) => Request::Release(id),
        ("change", _, Some(job)) => {
            let mut spec = JobSpec::default();
            for field in fields {
                let (name, value) = field.split_once('=').unwrap_or((field, ""));
                set(story, &mut spec, name, value)?;
            }
            let named = |name: &str| fields.iter().any(|f| f.starts_with(&format!("{name}=")));
            let change = Change {
                gpus: named("gpus").then_some(spec.gpus),
                models: named("gpu").then_some(spec.models),
                limit: spec.limit,
                after: named("after").then_some(spec.after),
                begin: spec.begin,
                pool: named("pool").then_some(spec.pool),
                class: spec.class,
                ..Change::default()
            };
            Request::Change { job, change, ended: BTreeMap::new() }
        }
        _ => return Err("nothing like that can happen".into()),
    };
    let asker =
        Asker { person: "root".into(), lab: "root".into(), grant: String::new(), admin: true };
    story.arrivals.push((at, Arrival::Ask(asker, Box::new(request), Behaviour::default())));
    Ok(())
}

/// `NAME` or `NAME:GPU`.
fn gpus(text: &str) -> Result<Gpus, String> {
    let (node, gpu) = text.split_once(':').map_or((text, None), |(node, gpu)| (node, Some(gpu)));
    Ok(Gpus { node: node.to_owned(), gpu: gpu.map(number).transpose()? })
}

fn sighting(story: &Story, what: &str, whom: &str, fields: &[&str]) -> Result<GpuSighting, String> {
    let Gpus { node, gpu: Some(gpu) } = gpus(whom)? else { return Err("write NAME:GPU".into()) };
    let at = story.nodes.iter().position(|known| *known == node).ok_or("no such node")?;
    let (user, command) = ("mina".to_owned(), "python".to_owned());
    let seen = match (what, fields) {
        ("lost", _) => GpuSeen::Unfit(Fault::Lost),
        ("xid", [xid]) => GpuSeen::Unfit(Fault::Xid { xid: u64::from(number(xid)?) }),
        ("outsider", _) => GpuSeen::Outsider(Outsider { pid: 7, user, command, since: Time(0) }),
        ("gone", _) => GpuSeen::Gone(7),
        ("uses", [letter, memory]) => {
            let job = number_of(story, letter).ok_or("no such job")?;
            GpuSeen::Used(JobId::single(job), Mib::parse(memory).map_err(|why| why.to_string())?)
        }
        _ => return Err("write xid NAME:GPU 79".into()),
    };
    Ok(GpuSighting { node: NodeId(u32::try_from(at).unwrap_or(0)), gpu, seen })
}
