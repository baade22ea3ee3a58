//! Nodes of a replay: a text as for `--simulate`, with a number of nodes behind, or a file.

use crate::fault::{Fault, failed, usage};
use crate::nodes_file;
use rota_core::id::GpuSet;
use rota_core::node::Node;
use std::path::Path;

/// The most nodes.
const MOST: u32 = 10_000;

/// Nodes from a text, or from a file of that name.
pub fn read(text: &str) -> Result<Vec<Node>, Fault> {
    let path = Path::new(text);
    if matches!(path.extension().and_then(|e| e.to_str()), Some("csv" | "toml")) {
        return listed(path);
    }
    let bad = || usage!("replay-bad-inventory", text = text, most = MOST);
    simulated(&repeated(text).ok_or_else(bad)?).map_err(|_| bad())
}

/// Nodes of a file: `model`, `gpus` and, where wanted, how many `nodes`, and a `name`, with which those of several begin.
fn listed(path: &Path) -> Result<Vec<Node>, Fault> {
    let (mut kinds, mut names) = (Vec::new(), Vec::new());
    for line in nodes_file::read(path)? {
        let (model, gpus) = (line.needed("model")?, line.count("gpus", GpuSet::MOST)?);
        if model.contains([',', '*']) {
            return Err(line.bad("model"));
        }
        let count = if line.get("nodes").is_some() { line.count("nodes", MOST)? } else { 1 };
        if kinds.len() + count as usize > MOST as usize {
            return Err(failed!("nodes-too-many", path = path.display(), most = MOST));
        }
        kinds.extend(std::iter::repeat_n(format!("{model}*{gpus}"), count as usize));
        let number = |n: u32| if count > 1 { n.to_string() } else { String::new() };
        names
            .extend((1..=count).map(|n| line.get("name").map(|name| name.to_owned() + &number(n))));
    }
    if kinds.is_empty() {
        return Err(failed!("nodes-none", path = path.display()));
    }
    let mut nodes = simulated(&kinds.join(","))?;
    for (node, name) in nodes.iter_mut().zip(names) {
        node.name = name.unwrap_or_else(|| std::mem::take(&mut node.name));
    }
    Ok(nodes)
}

fn simulated(text: &str) -> Result<Vec<Node>, Fault> {
    let mut nodes = rota_server::inventory::simulated(text)?;
    // A trace says nothing of cores and memory: they are never what a job waits for.
    nodes.iter_mut().for_each(|node| node.cpus = u32::MAX / 2);
    Ok(nodes)
}

/// `v100*8*50` as fifty times `v100*8`; none where there are too many, or no number of them.
fn repeated(text: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(',') {
        let words: Vec<&str> = part.trim().split('*').collect();
        let (kind, count) = match words.as_slice() {
            [model, gpus, nodes] => (format!("{model}*{gpus}"), nodes.parse().ok()?),
            _ => (part.to_owned(), 1),
        };
        if !(1..=MOST).contains(&count) || parts.len() + count as usize > MOST as usize {
            return None;
        }
        parts.extend(std::iter::repeat_n(kind, count as usize));
    }
    Some(parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(nodes: &[Node]) -> Vec<&str> {
        nodes.iter().map(|node| node.name.as_str()).collect()
    }

    fn listed_in(kind: &str, text: &str) -> Result<Vec<Node>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("nodes.{kind}"));
        std::fs::write(&path, text).expect("a file");
        read(&path.display().to_string()).map_err(|fault| fault.text())
    }

    #[test]
    fn nodes_are_listed_as_text_as_table_and_as_rows() {
        let text = read("h100*8*2, a100*4").expect("nodes");
        assert_eq!(names(&text), ["h100-1", "h100-2", "a100-1"]);
        assert!(read("h100*8*0").is_err() && read("h100*8*99999").is_err());
        let rows = listed_in("csv", "model,gpus,nodes,name\nh100,8,2,\na100,4,,\n").expect("rows");
        let table =
            "node = [{ model = \"h100\", gpus = 8, nodes = 2 }, { model = \"a100\", gpus = 4 }]";
        let table = listed_in("toml", table).expect("a table");
        assert_eq!((&rows, &table), (&text, &text));
        let named = listed_in("csv", "model,gpus,nodes,name\nh100,8,2,big\na100,4,1,old\n");
        assert_eq!(names(&named.expect("rows")), ["big1", "big2", "old"]);
    }

    #[test]
    fn a_file_that_cannot_be_meant_is_refused_with_the_line_and_what_is_wrong_there() {
        for (kind, text, said) in [
            ("csv", "model,gpus\n\nh100,many\n", ":3: gpus 'many' cannot be"),
            ("csv", "model,gpus\nh100,65\n", ":2: gpus '65' cannot be"),
            ("csv", "model,gpus\n\"h100,a100\",8\n", ":2: model 'h100,a100' cannot be"),
            ("csv", "model\nh100\n", ":2: 'gpus' is missing"),
            ("csv", "model,gpus,nodes\nh100,8,10001\n", ":2: nodes '10001' cannot be"),
            ("csv", "model,gpus\n", "lists no node"),
            ("toml", "node = [\n{ model = \"h100\" }]", ":2: 'gpus' is missing"),
            ("toml", "\nnode = h100", ":2: this is no TOML"),
        ] {
            let refused = listed_in(kind, text).expect_err("refused");
            assert!(refused.contains(said), "{refused}");
        }
    }
}
