//! The nodes a server has: this machine, or a simulated campus.

use crate::ServerError;
use rota_core::gpu::known_model;
use rota_core::id::{GpuSet, NodeId};
use rota_core::node::Node;
use rota_core::units::Mib;
use std::process::Command;

/// Two H100 nodes of 8 among older ones.
const CAMPUS: &str = "h100*8,h100*8,a100*4,v100*4,rtx3090*2,rtx3090*2";

/// Simulated nodes from `h100*8,a100*4`, or `campus`.
pub fn simulated(text: &str) -> Result<Vec<Node>, ServerError> {
    let bad = |why: &str| ServerError::Simulate { text: text.to_owned(), why: why.to_owned() };
    let list = if text == "campus" { CAMPUS } else { text };
    let mut nodes: Vec<Node> = Vec::new();
    for part in list.split(',').map(str::trim) {
        let (name, count) = part.split_once('*').ok_or_else(|| bad("each node is MODEL*GPUS"))?;
        let gpus: u32 = count.parse().map_err(|_| bad("the number of GPUs is not a number"))?;
        if gpus == 0 || gpus > GpuSet::MOST || name.is_empty() {
            return Err(bad("a node has 1 to 64 GPUs of a named model"));
        }
        let known = known_model(name);
        let model = known.map_or_else(|| name.to_uppercase(), |m| m.name.to_owned());
        let same = nodes.iter().filter(|n| n.model.as_ref() == Some(&model)).count();
        let id = NodeId(u32::try_from(nodes.len()).map_err(|_| bad("too many nodes"))?);
        nodes.push(Node {
            id,
            name: format!("{}-{}", model.to_lowercase(), same + 1),
            model: Some(model),
            gpus,
            price: known.map_or(1000, |m| m.price),
            cpus: gpus * 8,
            mem: Mib(u64::from(gpus) * 64 * 1024),
        });
    }
    Ok(nodes)
}

/// This machine as one node.
pub fn this_machine() -> Node {
    let name = nix::unistd::gethostname().ok().and_then(|n| n.into_string().ok());
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let products = gpu_products();
    let known = products.first().and_then(|p| known_model(p));
    let model = products.first().map(|p| known.map_or_else(|| p.clone(), |m| m.name.to_owned()));
    Node {
        id: NodeId(0),
        name: name.unwrap_or_else(|| "localhost".into()),
        model,
        gpus: u32::try_from(products.len()).unwrap_or(GpuSet::MOST).min(GpuSet::MOST),
        price: known.map_or(1000, |m| m.price),
        cpus: u32::try_from(cpus).unwrap_or(1),
        mem: memory(),
    }
}

/// Product names of the GPUs, as the driver's own tool lists them; empty without a driver.
fn gpu_products() -> Vec<String> {
    let listed =
        Command::new("nvidia-smi").args(["--query-gpu=name", "--format=csv,noheader"]).output();
    let Ok(listed) = listed else { return Vec::new() };
    if !listed.status.success() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&listed.stdout);
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

fn memory() -> Mib {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("MemTotal:")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok());
    Mib(kib.unwrap_or(0) / 1024)
}
