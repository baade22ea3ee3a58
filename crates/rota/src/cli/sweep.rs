//! `--sweep lr=1e-3,1e-4 seed=1-3`: an array of all combinations, and their values in the command.

use crate::fault::{Fault, usage};
use std::collections::{BTreeMap, BTreeSet};

/// The variables of each task.
pub type Sweep = BTreeMap<u32, BTreeMap<String, String>>;

/// All combinations, numbered from 0; the last variable changes fastest.
pub fn parse(texts: &[String]) -> Result<Sweep, Fault> {
    let mut all: Vec<BTreeMap<String, String>> = vec![BTreeMap::new()];
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(usage!("bad-sweep", value = ""));
    }
    for part in texts.iter().flat_map(|t| t.split_whitespace()) {
        let bad = || usage!("bad-sweep", value = part);
        let (name, values) = part.split_once('=').ok_or_else(bad)?;
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(bad());
        }
        let values: Vec<String> = values.split(',').flat_map(value_or_range).collect();
        let most = rota_core::admit::MOST_TASKS;
        if values.iter().any(String::is_empty) || all.len() * values.len() > most {
            return Err(bad());
        }
        if all.iter().any(|one| one.contains_key(name)) {
            return Err(usage!("sweep-twice", name = name));
        }
        let with = |one: &BTreeMap<String, String>, value: &String| {
            let mut one = one.clone();
            one.insert(name.to_owned(), value.clone());
            one
        };
        all = all.iter().flat_map(|one| values.iter().map(move |v| with(one, v))).collect();
    }
    Ok((0..).zip(all).collect())
}

fn value_or_range(text: &str) -> Vec<String> {
    let ends = text
        .split_once('-')
        .and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)));
    match ends {
        Some((from, to)) if from <= to && to - from < 100_000 => {
            (from..=to).map(|n| n.to_string()).collect()
        }
        _ => vec![text.to_owned()],
    }
}

/// The command with `{lr}` left to the task's own shell, which has the variable; every other brace stays as it is.
pub fn fill_in(argv: Vec<String>, sweep: &Sweep) -> Vec<String> {
    let names: BTreeSet<&str> =
        sweep.values().flat_map(|task| task.keys().map(String::as_str)).collect();
    let used = |word: &String| names.iter().any(|n| word.contains(&format!("{{{n}}}")));
    if !argv.iter().any(used) {
        return argv;
    }
    let words: Vec<String> = argv.iter().map(|word| quote(word, &names)).collect();
    vec!["/bin/sh".into(), "-c".into(), format!("exec {}", words.join(" "))]
}

/// A word for sh: everything quoted but `{name}` of a variable of the sweep.
fn quote(word: &str, names: &BTreeSet<&str>) -> String {
    let mut out = String::from("\"");
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(&escape(before));
        match after.split_once('}').filter(|(name, _)| names.contains(name)) {
            Some((name, tail)) => {
                out.push_str(&format!("${{{name}}}"));
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(&escape(rest));
    out.push('"');
    out
}

fn escape(text: &str) -> String {
    text.chars().flat_map(|c| if "\"\\$`".contains(c) { vec!['\\', c] } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_combination_is_a_task() {
        let sweep = parse(&["lr=1e-3,1e-4 seed=1-3".into()]).expect("a sweep");
        assert_eq!(sweep.len(), 6);
        assert_eq!((sweep[&5]["lr"].as_str(), sweep[&5]["seed"].as_str()), ("1e-4", "3"));
        assert!(parse(&[" ".into()]).is_err(), "of nothing there is none");
    }

    proptest! {
        /// What a real shell makes of it is what was typed, with only the sweep's own names filled in.
        #[test]
        fn only_the_names_of_the_sweep_are_filled_in(word in "[ -~가-힣]{0,12}", tail in "[ -~]{0,6}") {
            let sweep = parse(&["lr=1e-3".into()]).expect("a sweep");
            let argv = vec!["printf".into(), "%s".into(), format!("{word}{{lr}}{tail}")];
            let filled = fill_in(argv, &sweep);
            let said = std::process::Command::new(&filled[0]).args(&filled[1..]).env("lr", "1e-3").output();
            let wanted = format!("{word}{{lr}}{tail}").replace("{lr}", "1e-3");
            let said = said.expect("sh runs");
            prop_assert_eq!(String::from_utf8_lossy(&said.stdout), wanted);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(std::slice::from_ref(&text));
        }
    }
}
