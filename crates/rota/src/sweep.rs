//! `--sweep "lr=1e-3,1e-4 seed=1-3"`: every combination is one task, with the variables in its environment and in
//! place of `{lr}` in the command.

use crate::words;
use std::collections::BTreeMap;

/// Variables in the order in which they were written, each with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep(pub Vec<(String, Vec<String>)>);

/// More combinations than any server takes.
const MOST: usize = 100_000;

impl Sweep {
    /// Reads `name=value,value` and `name=1-3`, several of them.
    pub fn parse(texts: &[String]) -> Result<Sweep, String> {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for text in texts {
            for word in words::split(text).map_err(|q| format!("a quote is not closed: {q}"))? {
                let (name, values) = word
                    .split_once('=')
                    .filter(|(name, _)| is_name(name))
                    .ok_or_else(|| format!("'{}' is not NAME=VALUES", word.escape_debug()))?;
                if all.iter().any(|(known, _)| known == name) {
                    return Err(format!("{name} has values twice"));
                }
                all.push((name.into(), values_of(name, values)?));
            }
        }
        let combinations = all.iter().try_fold(1usize, |n, (_, v)| n.checked_mul(v.len()));
        match combinations {
            Some(n) if n <= MOST && !all.is_empty() => Ok(Sweep(all)),
            _ if all.is_empty() => Err("there is no NAME=VALUES".into()),
            _ => Err(format!("there are more than {MOST} combinations")),
        }
    }

    /// The environment of each task, from 0; the last variable changes fastest.
    pub fn tasks(&self) -> BTreeMap<u32, BTreeMap<String, String>> {
        let mut all: Vec<BTreeMap<String, String>> = vec![BTreeMap::new()];
        for (name, values) in &self.0 {
            let with = |known: &BTreeMap<String, String>, value: &String| {
                let mut next = known.clone();
                next.insert(name.clone(), value.clone());
                next
            };
            all = all.iter().flat_map(|known| values.iter().map(move |v| with(known, v))).collect();
        }
        (0u32..).zip(all).collect()
    }

    /// The command that fills in `{name}` when a task begins; unchanged where it names no variable.
    pub fn command(&self, argv: Vec<String>) -> Vec<String> {
        let names = |word: &String| self.0.iter().any(|(n, _)| word.contains(&format!("{{{n}}}")));
        if !argv.iter().any(names) {
            return argv;
        }
        let words: Vec<String> = argv.iter().map(|word| self.filled(word)).collect();
        vec!["/bin/sh".into(), "-c".into(), format!("exec {}", words.join(" "))]
    }

    /// The word for a shell, with variables in place of placeholders.
    fn filled(&self, word: &str) -> String {
        let mut pieces = words::quote(word);
        if self.0.iter().any(|(n, _)| word.contains(&format!("{{{n}}}"))) {
            pieces = format!("'{}'", word.replace('\'', r"'\''"));
        }
        for (name, _) in &self.0 {
            pieces = pieces.replace(&format!("{{{name}}}"), &format!("'\"${{{name}}}\"'"));
        }
        pieces
    }
}

fn is_name(name: &str) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(start) && name.chars().all(|c| start(c) || c.is_ascii_digit())
}

/// `1e-3,1e-4` or `1-3`, each part a value or a range of whole numbers.
fn values_of(name: &str, text: &str) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    for part in text.split(',') {
        let ends = part.split_once('-').and_then(|(a, b)| Some((number(a)?, number(b)?)));
        match ends {
            Some((first, last)) if first > last => {
                return Err(format!("{name}: the range {part} runs backwards"));
            }
            Some((first, last)) if last - first >= 100_000 => {
                return Err(format!("{name}: there are more than {MOST} combinations"));
            }
            Some((first, last)) => values.extend((first..=last).map(|n| n.to_string())),
            None if part.is_empty() => return Err(format!("{name} has an empty value")),
            None => values.push(part.into()),
        }
    }
    Ok(values)
}

fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sweep(text: &str) -> Sweep {
        Sweep::parse(&[text.to_string()]).expect("a sweep")
    }

    #[test]
    fn every_combination_is_one_task() {
        let tasks = sweep("lr=1e-3,1e-4 seed=1-3").tasks();
        assert_eq!(tasks.len(), 6);
        assert_eq!((tasks[&0]["lr"].as_str(), tasks[&0]["seed"].as_str()), ("1e-3", "1"));
        assert_eq!((tasks[&5]["lr"].as_str(), tasks[&5]["seed"].as_str()), ("1e-4", "3"));
    }

    #[test]
    fn placeholders_are_filled_in_by_the_task() {
        let argv = ["echo", "it's", "--lr={lr}", "{other}"].map(String::from).to_vec();
        let command = sweep("lr=a,b").command(argv);
        let out = std::process::Command::new(&command[0])
            .args(&command[1..])
            .env("lr", "b c")
            .output()
            .expect("sh runs");
        assert_eq!(String::from_utf8_lossy(&out.stdout), "it's --lr=b c {other}\n");
    }

    #[test]
    fn a_command_without_placeholders_is_left_alone() {
        let argv = vec!["python".to_string(), "{x}".to_string()];
        assert_eq!(sweep("lr=1").command(argv.clone()), argv);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "lr", "1r=2", "lr=", "lr=1,,2", "lr=3-1", "lr=1 lr=2", "a=1-99999 b=1-99999"] {
            assert!(Sweep::parse(&[text.to_string()]).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "[a-z0-9=, '-]{0,24}") {
            let _ = Sweep::parse(&[text]);
        }
    }
}
