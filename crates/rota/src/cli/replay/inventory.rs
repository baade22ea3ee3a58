//! Nodes of a replay: a text as for `--simulate`, with a number of nodes behind, or a file.

use crate::fault::{Fault, failed};
use crate::files;
use rota_core::node::Node;
use serde::Deserialize;
use std::path::Path;

/// The most nodes.
const MOST: u32 = 10_000;

/// A line of a file: so many nodes of a model.
#[derive(Deserialize)]
struct Line {
    /// Name of the node; of several nodes, what it begins with.
    name: Option<String>,
    model: String,
    gpus: u32,
    #[serde(default = "one")]
    nodes: u32,
}

fn one() -> u32 {
    1
}

/// `node = [{ name, model, gpus, nodes }]`
#[derive(Deserialize)]
struct Table {
    node: Vec<Line>,
}

/// Nodes from a text, or from a file of that name.
pub fn read(text: &str) -> Result<Vec<Node>, Fault> {
    let path = Path::new(text);
    let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let bad = |why: String| failed!("replay-bad-inventory", text = text, why = why);
    let lines = match kind {
        "csv" | "toml" => {
            let all = files::text(path)?;
            if kind == "csv" { csv(&all) } else { table(&all) }.map_err(bad)?
        }
        _ => return simulated(&repeated(text).map_err(bad)?),
    };
    let parts: Vec<String> = lines.iter().flat_map(each).take(MOST as usize + 1).collect();
    if parts.len() > MOST as usize || parts.is_empty() {
        return Err(bad(format!("1 to {MOST} nodes are possible")));
    }
    let mut nodes = simulated(&parts.join(","))?;
    let named = lines.iter().flat_map(|line| (1..=line.nodes).map(move |n| (line, n)));
    for (node, (line, number)) in nodes.iter_mut().zip(named) {
        match (&line.name, line.nodes) {
            (Some(name), 1) => node.name.clone_from(name),
            (Some(name), _) => node.name = format!("{name}{number}"),
            (None, _) => {}
        }
    }
    Ok(nodes)
}

fn simulated(text: &str) -> Result<Vec<Node>, Fault> {
    let mut nodes = rota_server::inventory::simulated(text)?;
    // A trace says nothing of cores and memory: they are never what a job waits for.
    nodes.iter_mut().for_each(|node| node.cpus = u32::MAX / 2);
    Ok(nodes)
}

fn each(line: &Line) -> impl Iterator<Item = String> {
    let part = format!("{}*{}", line.model, line.gpus);
    std::iter::repeat_n(part, line.nodes.min(MOST + 1) as usize)
}

/// `v100*8*50` as fifty times `v100*8`.
fn repeated(text: &str) -> Result<String, String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(',') {
        let words: Vec<&str> = part.trim().split('*').collect();
        match words.as_slice() {
            [model, gpus, nodes] => {
                let count = nodes.parse::<u32>().ok().filter(|n| (1..=MOST).contains(n));
                let count = count.ok_or_else(|| format!("'{nodes}' is no number of nodes"))?;
                parts.extend((0..count).map(|_| format!("{model}*{gpus}")));
            }
            _ => parts.push(part.to_owned()),
        }
        if parts.len() > MOST as usize {
            return Err(format!("at most {MOST} nodes are possible"));
        }
    }
    Ok(parts.join(","))
}

fn table(text: &str) -> Result<Vec<Line>, String> {
    toml::from_str::<Table>(text).map(|t| t.node).map_err(|why| why.message().to_owned())
}

/// A heading with `name`, `model`, `gpus`, `nodes` in any order; `name` and `nodes` may be missing.
fn csv(text: &str) -> Result<Vec<Line>, String> {
    let mut rows = text.lines().map(|l| l.split(',').map(str::trim).collect::<Vec<_>>());
    let names = rows.next().unwrap_or_default();
    let column = |row: &[&str], name: &str| {
        let at = names.iter().position(|n| n.eq_ignore_ascii_case(name))?;
        row.get(at).filter(|t| !t.is_empty()).map(|t| (*t).to_owned())
    };
    let mut lines = Vec::new();
    for row in rows.filter(|row| row.iter().any(|field| !field.is_empty())) {
        let need = |name: &str| column(&row, name).ok_or_else(|| format!("'{name}' is missing"));
        let number = |text: String| text.parse().map_err(|_| format!("'{text}' is no number"));
        lines.push(Line {
            name: column(&row, "name"),
            model: need("model")?,
            gpus: number(need("gpus")?)?,
            nodes: column(&row, "nodes").map_or(Ok(1), number)?,
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lines: &[Line]) -> Vec<String> {
        lines.iter().flat_map(each).collect()
    }

    #[test]
    fn nodes_are_listed_as_text_as_table_and_as_rows() {
        assert_eq!(repeated("h100*8*2, a100*4").as_deref(), Ok("h100*8,h100*8, a100*4"));
        assert!(repeated("h100*8*0").is_err() && repeated("h100*8*99999").is_err());
        let rows = csv("model,gpus,nodes\nh100,8,2\na100,4,\n").expect("rows");
        let toml =
            "node = [{ model = \"h100\", gpus = 8, nodes = 2 }, { model = \"a100\", gpus = 4 }]";
        let table = table(toml).expect("a table");
        assert_eq!(names(&rows), ["h100*8", "h100*8", "a100*4"]);
        assert_eq!(names(&table), names(&rows));
        assert!(csv("model,gpus\nh100,many\n").is_err());
    }
}
