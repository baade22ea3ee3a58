//! Files that list nodes: CSV as spreadsheets write it, or TOML with `node = [{ model = "h100", gpus = 8 }]`.

use crate::fault::{Fault, failed};
use crate::files;
use rota_sim::trace::fields;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Spanned, Value};

/// A node of a file, or several of a kind.
pub struct Listed {
    path: PathBuf,
    line: usize,
    /// What is said of it; nothing is an empty text.
    said: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Table {
    node: Vec<Spanned<BTreeMap<String, Value>>>,
}

/// All nodes of a file.
pub fn read(path: &Path) -> Result<Vec<Listed>, Fault> {
    let text = files::text(path)?;
    let listed = |(line, said)| Listed { path: path.to_owned(), line, said };
    let rows = match path.extension().is_some_and(|e| e == "toml") {
        true => of_table(&text).map_err(|why| {
            let line = why.span().map_or(1, |span| line_of(&text, span.start));
            failed!("nodes-no-toml", path = path.display(), line = line, why = why.message())
        })?,
        false => of_rows(&text),
    };
    Ok(rows.into_iter().map(listed).collect())
}

type Said = (usize, BTreeMap<String, String>);

/// Rows under a heading, in any order of columns; `#` begins a comment.
fn of_rows(text: &str) -> Vec<Said> {
    let lines = (1..).zip(text.lines().map(str::trim));
    let mut lines =
        lines.filter(|(_, l)| !l.starts_with('#') && l.contains(|c| !matches!(c, ',' | ' ')));
    let heading = lines.next().map(|(_, line)| fields(line)).unwrap_or_default();
    let names: Vec<String> = heading.iter().map(|name| name.trim().to_lowercase()).collect();
    let said = |line| fields(line).into_iter().map(|field| field.trim().to_owned());
    lines.map(|(at, line)| (at, names.iter().cloned().zip(said(line)).collect())).collect()
}

fn of_table(text: &str) -> Result<Vec<Said>, toml::de::Error> {
    let table: Table = toml::from_str(text)?;
    let written = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let row = |node: Spanned<BTreeMap<String, Value>>| {
        let line = line_of(text, node.span().start);
        let said = node.into_inner().into_iter().map(|(name, value)| (name, written(value)));
        (line, said.collect())
    };
    Ok(table.node.into_iter().map(row).collect())
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

impl Listed {
    /// What is said of it under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.said.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The same where it has to be said.
    pub fn needed(&self, name: &str) -> Result<&str, Fault> {
        let missing =
            || failed!("nodes-missing", path = self.path.display(), line = self.line, name = name);
        self.get(name).ok_or_else(missing)
    }

    /// What is said cannot be meant.
    pub fn bad(&self, name: &str) -> Fault {
        let value = self.get(name).unwrap_or_default();
        failed!(
            "nodes-bad",
            path = self.path.display(),
            line = self.line,
            name = name,
            value = value
        )
    }

    /// A number of things from 1 to as many.
    pub fn count(&self, name: &str, most: u32) -> Result<u32, Fault> {
        let number = self.needed(name)?.parse().ok().filter(|n| (1..=most).contains(n));
        number.ok_or_else(|| self.bad(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_writes_is_read_as_a_table_is() {
        let rows = of_rows("# an offer\nModel,GPUs,price\n\n\"H100\",8,\"480,000,000 KRW\"\n,,\n");
        let table = "node = [\n { model = \"H100\", gpus = 8, price = \"480,000,000 KRW\" },\n]";
        let table = of_table(table).expect("a table");
        assert_eq!(rows.first().map(|row| &row.1), table.first().map(|row| &row.1));
        assert_eq!((rows.len(), rows[0].0, table[0].0), (1, 4, 2), "with its line");
    }
}
