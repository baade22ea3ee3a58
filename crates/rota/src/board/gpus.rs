//! The upper part of the board: what each GPU does, in as many lines as there are.
//!
//! A line for all GPUs of a node that do the same; where there are too many, a line for each node; where there are too many of
//! those, a line for each model.

use crate::cli::gpus::{self, memory_of, whose};
use crate::fitness_text as fitness;
use crate::show;
use crate::text::{safe, tr};
use rota_api::{GpuRow, Inventory, NodeRow};
use rota_core::units::{Mib, Time};

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A job uses them.
    Used,
    /// They are free.
    Free,
    /// They are held and not used, or somebody uses them without a turn.
    Odd,
    /// They take no job.
    Closed,
}

/// A table of GPUs.
pub struct Table {
    /// Its header.
    pub header: Vec<String>,
    /// Cells, and how they look.
    pub rows: Vec<(Vec<String>, Tone)>,
}

/// The finest table of no more lines than that; the coarsest, where none is so short.
pub fn table(all: &Inventory, now: Time, lines: usize) -> Table {
    let alike = by_use(all, now);
    if alike.rows.len() <= lines {
        return alike;
    }
    if all.nodes.len() <= lines {
        let (header, rows) = gpus::nodes(all);
        let tone = |node: &NodeRow| if node.up { Tone::Used } else { Tone::Closed };
        let rows = rows.into_iter().zip(all.nodes.iter().map(tone)).collect();
        return Table { header, rows };
    }
    by_model(all)
}

/// GPUs of a node that do the same.
struct Alike<'i> {
    cards: Vec<&'i GpuRow>,
    whose: String,
    turn: String,
    tone: Tone,
}

fn by_use(all: &Inventory, now: Time) -> Table {
    let is_read = all.nodes.iter().flat_map(|n| &n.cards).any(|card| card.reading.is_some());
    let groups =
        all.nodes.iter().flat_map(|node| alike(node, now).into_iter().map(move |a| (node, a)));
    let rows = groups.map(|(node, group)| {
        let indexes: Vec<u32> = group.cards.iter().map(|card| card.gpu).collect();
        let mut row = vec![
            format!("{}:{}", safe(&node.name), ranges(&indexes)),
            node.model.as_deref().map_or_else(|| "-".into(), safe),
        ];
        if is_read {
            row.extend([busy(&group.cards), memory(&group.cards)]);
        }
        row.extend([group.whose, group.turn]);
        (row, group.tone)
    });
    let mut header = vec![tr!("column-gpu"), tr!("column-model")];
    if is_read {
        header.extend([tr!("column-utilization"), tr!("column-gpu-memory")]);
    }
    header.extend([tr!("column-used-by"), tr!("column-turn")]);
    Table { header, rows: rows.collect() }
}

/// The GPUs of a node, those together that do the same.
fn alike(node: &NodeRow, now: Time) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike> = Vec::new();
    for (at, card) in node.cards.iter().enumerate() {
        let (whose, turn, tone) = doing(node, at, card, now);
        match groups.iter_mut().find(|g| g.whose == whose && g.turn == turn) {
            Some(group) => group.cards.push(card),
            None => groups.push(Alike { cards: vec![card], whose, turn, tone }),
        }
    }
    groups
}

/// Who uses a GPU or why nobody may, until when, and how that looks.
fn doing(node: &NodeRow, at: usize, card: &GpuRow, now: Time) -> (String, String, Tone) {
    let job = node.gpus.get(at).and_then(Option::as_ref);
    let turn = job.and_then(|using| using.until).map_or_else(String::new, |until| {
        if until > now {
            tr!("turn-until", when = show::minute(until))
        } else {
            tr!("turn-is-over")
        }
    });
    let said = whose(node, at, card);
    match (job, &card.drained) {
        _ if !node.up => (tr!("node-down"), turn, Tone::Closed),
        (_, Some(drain)) => (format!("{said}: {}", fitness::fault(&drain.why)), turn, Tone::Closed),
        (None, None) if card.outsiders.is_empty() => (tr!("gpu-free"), turn, Tone::Free),
        (Some(using), None) if using.idle.is_some() => {
            (format!("{said}, {}", tr!("state-idle")), turn, Tone::Odd)
        }
        _ if !card.outsiders.is_empty() => (said, turn, Tone::Odd),
        _ => (said, turn, Tone::Used),
    }
}

/// The mean of those that are read.
fn busy(cards: &[&GpuRow]) -> String {
    let read: Vec<u32> =
        cards.iter().filter_map(|card| card.reading.as_ref()?.utilization).collect();
    let count = u32::try_from(read.len()).unwrap_or(u32::MAX);
    let mean = read.iter().sum::<u32>().checked_div(count);
    mean.map_or_else(|| "-".into(), |percent| format!("{percent}%"))
}

/// What is in use of all of it.
fn memory(cards: &[&GpuRow]) -> String {
    let used = cards.iter().filter_map(|card| card.reading.as_ref()?.memory_used);
    let all = cards.iter().filter_map(|card| Some(card.card.as_ref()?.memory));
    let sum = |parts: &mut dyn Iterator<Item = Mib>| parts.fold(Mib(0), Mib::plus);
    let is_read = cards.iter().any(|c| c.reading.as_ref().is_some_and(|r| r.memory_used.is_some()));
    memory_of(is_read.then(|| sum(&mut { used })), sum(&mut { all }))
}

/// `0-3,6`.
fn ranges(indexes: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for index in indexes {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => parts.push((*index, *index)),
        }
    }
    let said = parts.into_iter().map(|(first, last)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    });
    said.collect::<Vec<_>>().join(",")
}

fn by_model(all: &Inventory) -> Table {
    let mut models: Vec<Option<&str>> = all.nodes.iter().map(|n| n.model.as_deref()).collect();
    models.sort_unstable();
    models.dedup();
    let rows = models.into_iter().map(|model| {
        let nodes = || all.nodes.iter().filter(|n| n.model.as_deref() == model);
        let free: u32 = nodes().map(|n| n.free).sum();
        let gpus: usize = nodes().map(|n| n.gpus.len()).sum();
        let closed = nodes().flat_map(|n| &n.cards).filter(|c| c.drained.is_some()).count();
        let down = nodes().filter(|n| !n.up).count();
        let odd = |count: usize, word: String| (count > 0).then(|| format!("{count} {word}"));
        let notes = [odd(down, tr!("node-down")), odd(closed, tr!("used-by-drained"))];
        let row = vec![
            model.map_or_else(|| "-".into(), safe),
            nodes().count().to_string(),
            format!("{free}/{gpus}"),
            notes.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ];
        (row, if free > 0 { Tone::Free } else { Tone::Used })
    });
    let header = vec![tr!("column-model"), tr!("column-nodes"), tr!("column-free"), String::new()];
    Table { header, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn neighbours_are_written_as_one() {
        assert_eq!(ranges(&[0, 1, 2, 3, 6, 8, 9]), "0-3,6,8-9");
    }
}
