//! A table of the file: each value is asked for by its key, and what nobody asked for is a fault.

use crate::fault::{Faults, Said};
use crate::near::nearest;
use crate::value::{large, meant_time, meant_who, number, other_word, whole};
use crate::{Places, hosts, moment, when};
use rota_core::calendar::{Period, Weekly, Zone};
use rota_core::policy::verify::{Line, Word};
use rota_core::policy::who::{Scope, Who};
use rota_core::units::{Span, Thousandths, Time};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// What is read, and what was found wrong.
pub(crate) struct Reader<'t> {
    pub faults: Faults<'t>,
    pub zone: Zone,
    pub places: Places,
}

/// A table that is being read.
pub(crate) struct Row<'r, 't> {
    pub reader: &'r mut Reader<'t>,
    table: &'r DeTable<'t>,
    /// Where it stands.
    pub at: Range<usize>,
    word: &'static str,
    known: Vec<&'static str>,
    missing: Vec<(&'static str, Said)>,
}

/// Which end of a day a date is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// From its first moment.
    Start,
    /// Up to its last.
    End,
}

type Value<'r, 't> = &'r Spanned<DeValue<'t>>;
type Table<'r, 't> = (&'r DeTable<'t>, Range<usize>);

impl<'r, 't> Row<'r, 't> {
    pub fn new(
        reader: &'r mut Reader<'t>,
        table: &'r DeTable<'t>,
        at: Range<usize>,
        word: &'static str,
    ) -> Row<'r, 't> {
        Row { reader, table, at, word, known: Vec::new(), missing: Vec::new() }
    }

    /// Notes where its values stand, for faults that are found later.
    pub fn note(&mut self, word: Word, at: usize) {
        let values = self.table.iter().map(|(k, v)| (k.get_ref().to_string(), v.span()));
        let line = (self.at.clone(), values.collect());
        self.reader.places.insert(Line { word, at }, line);
    }

    pub fn value(&mut self, key: &'static str) -> Option<Value<'r, 't>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key)
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Says that a key must be there.
    pub fn need(&mut self, key: &'static str, example: &str) {
        if self.has(key) {
            return;
        }
        let word = self.word;
        let args =
            [("word", word.to_owned()), ("key", key.to_owned()), ("example", example.to_owned())];
        let message = format!("this {word} says no {key}; write for example {example}");
        self.missing.push((key, Said::new("policy-missing-key", args, message)));
    }

    /// Says that a value is not what belongs there.
    pub fn wrong(&mut self, key: &str, at: &Range<usize>, (code, wanted): (&'static str, &str)) {
        self.wrong_meant(key, at, (code, wanted), None);
    }

    pub fn wrong_meant(
        &mut self,
        key: &str,
        at: &Range<usize>,
        (code, wanted): (&'static str, &str),
        meant: Option<String>,
    ) {
        let value = self.reader.faults.source(at);
        let message = format!("{key} = {value} is not {wanted}");
        let wanted = wanted.strip_prefix("one of ").unwrap_or(wanted).to_owned();
        let args = [("key", key.to_owned()), ("value", value), ("wanted", wanted)];
        self.reader.faults.error(at, Said::new(code, args, message).meant(meant));
    }

    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.wrong(key, &value.span(), ("policy-bad-text", "text in quotes"));
                None
            }
        }
    }

    /// A text that means something; `code` and `wanted` say what, where it does not.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        fault: (&'static str, &str),
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let found = value.get_ref().as_str().and_then(read);
        if found.is_none() {
            self.wrong(key, &value.span(), fault);
        }
        found
    }

    pub fn span(&mut self, key: &'static str) -> Option<Span> {
        let wanted = "a time above zero, such as \"90s\", \"15m\", \"4h\" or \"1d12h\"";
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        let found = text.and_then(|t| Span::parse(t).ok());
        if found.is_none() {
            let meant = text.and_then(meant_time);
            self.wrong_meant(key, &value.span(), ("policy-bad-time", wanted), meant);
        }
        found
    }

    pub fn count(&mut self, key: &'static str) -> Option<u32> {
        let value = self.value(key)?;
        let found = whole(value.get_ref());
        if found.is_none() {
            self.wrong(key, &value.span(), ("policy-bad-count", "a whole number, such as 4"));
        }
        found
    }

    /// A decimal in thousandths.
    pub fn decimal(&mut self, key: &'static str) -> Option<u32> {
        let value = self.value(key)?;
        self.decimal_of(key, value)
    }

    pub fn decimal_of(&mut self, key: &str, value: Value<'r, 't>) -> Option<u32> {
        let found = number(value.get_ref()).and_then(Thousandths::parse);
        if found.is_none() {
            let wanted = "a number from 0 on with at most three decimals, such as 2 or 0.35";
            self.wrong(key, &value.span(), ("policy-bad-decimal", wanted));
        }
        found.map(|t| t.0)
    }

    /// A decimal in thousandths that may be large.
    pub fn large_decimal(&mut self, key: &'static str) -> Option<u64> {
        let value = self.value(key)?;
        let found = number(value.get_ref()).and_then(large);
        if found.is_none() {
            let wanted = "a number from 0 on with at most three decimals, such as 12000 or 0.5";
            self.wrong(key, &value.span(), ("policy-bad-decimal", wanted));
        }
        found
    }

    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(key, &value.span(), ("policy-bad-flag", "true or false"));
        }
        found
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, of: &[(&'static str, T)]) -> Option<T> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        let found = of.iter().find(|(word, _)| Some(*word) == text);
        if found.is_none() {
            let words: Vec<String> = of.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let meant = text.and_then(|t| nearest(t, of.iter().map(|(word, _)| *word)));
            let meant = meant.map(|m| format!("\"{m}\""));
            let wanted = words.join(", ");
            self.wrong_meant(
                key,
                &value.span(),
                ("policy-bad-choice", &format!("one of {wanted}")),
                meant,
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// A date or a moment.
    pub fn moment(&mut self, key: &'static str, edge: Edge) -> Option<Time> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(moment) => moment.to_string(),
            _ => String::new(),
        };
        let found = moment::read(&text, &self.reader.zone, edge);
        if found.is_none() {
            let wanted = "a date or a moment, such as 2026-12-31 or \"2026-12-31 18:00\"";
            self.wrong(key, &value.span(), ("policy-bad-date", wanted));
        }
        found
    }

    pub fn weekly(&mut self, key: &'static str) -> Option<Weekly> {
        let wanted = "days and hours, such as \"Tue,Thu 13:00-16:00\" or \"daily 22:00-08:00\"";
        self.parsed(key, ("policy-bad-when", wanted), when::read)
    }

    pub fn period(&mut self, key: &'static str) -> Option<Period> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Integer(year) => year.as_str().to_owned(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let found = moment::period(&text, &self.reader.zone);
        if found.is_none() {
            let wanted = "\"month\", \"quarter\", \"year\", a year such as \"2026\", \
                 or dates such as \"2026-03-01..2027-02-28\"";
            self.wrong(key, &value.span(), ("policy-bad-period", wanted));
        }
        found
    }

    /// A place in the tree.
    pub fn who(&mut self, key: &'static str) -> Option<Who> {
        let value = self.value(key)?;
        self.who_of(key, value)
    }

    pub fn who_of(&mut self, key: &str, value: Value<'r, 't>) -> Option<Who> {
        let text = value.get_ref().as_str();
        let found = text.and_then(Who::parse);
        if found.is_none() {
            let meant = text.and_then(|t| meant_who(t, &["everyone", "nobody"]));
            let wanted = "a place in the tree, such as \"lab/kim\", \"lab/kim/GRANT\", \
                 \"class/CS470\", \"person/ana\" or \"everyone\"";
            self.wrong_meant(key, &value.span(), ("policy-bad-who", wanted), meant);
        }
        found
    }

    /// A place in the tree, or each one of a level.
    pub fn scope(&mut self, key: &'static str) -> Option<Scope> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        let found = text.and_then(Scope::parse);
        if found.is_none() {
            let each = ["everyone", "each person", "each grant", "each lab"];
            let meant = text.and_then(|t| meant_who(t, &each));
            let wanted = "\"each person\", \"each grant\", \"each lab\", \
                 or a place in the tree such as \"lab/kim\"";
            self.wrong_meant(key, &value.span(), ("policy-bad-scope", wanted), meant);
        }
        found
    }

    /// Several values.
    pub fn list(&mut self, key: &'static str) -> &'r [Spanned<DeValue<'t>>] {
        let Some(value) = self.value(key) else { return &[] };
        match value.get_ref() {
            DeValue::Array(array) if !array.is_empty() => array,
            _ => {
                self.wrong(
                    key,
                    &value.span(),
                    ("policy-bad-list", "a list, such as [\"a\", \"b\"]"),
                );
                &[]
            }
        }
    }

    /// Names of nodes, with Slurm's ranges spelled out.
    pub fn nodes(&mut self, key: &'static str) -> Vec<String> {
        let mut all = Vec::new();
        for value in self.list(key) {
            match value.get_ref().as_str().and_then(hosts::expand) {
                Some(names) => all.extend(names),
                None => {
                    let wanted = "a list of nodes, such as \"h1\", \"g[01-36]\" or \"gpu-*\"";
                    self.wrong(key, &value.span(), ("policy-bad-nodes", wanted));
                }
            }
        }
        all
    }

    /// A table in it.
    pub fn table(&mut self, key: &'static str, example: &str) -> Option<Row<'_, 't>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Row::new(&mut *self.reader, table, value.span(), key)),
            _ => {
                self.wrong(key, &value.span(), ("policy-bad-table", example));
                None
            }
        }
    }

    /// The keys that nobody asked for so far, in the order of the file.
    pub fn rest(&self) -> Vec<(&'r str, Range<usize>, Value<'r, 't>)> {
        let rest =
            self.table.iter().filter(|(key, _)| !self.known.contains(&key.get_ref().as_ref()));
        let mut rest: Vec<_> =
            rest.map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        rest.sort_by_key(|(_, at, _)| at.start);
        rest
    }

    /// Says of every key that nobody asked for that it means nothing, and which keys are missing.
    pub fn finish(mut self) {
        let word = self.word;
        let rest = self.rest();
        let Row { reader, known, missing, .. } = &mut self;
        for (key, at, _) in rest {
            let meant = nearest(key, known.iter().copied()).or(other_word(key, known));
            // A misspelt key is not missing as well.
            missing.retain(|(wanted, _)| Some(*wanted) != meant);
            let list = known.join(", ");
            let args =
                [("word", word.to_owned()), ("key", key.to_owned()), ("known", list.clone())];
            let message = format!("a {word} has no '{}'; it has {list}", key.escape_debug());
            let said = Said::new("policy-unknown-key", args, message);
            reader.faults.error(&at, said.meant(meant));
        }
        let at = &self.at;
        self.missing.into_iter().for_each(|(_, said)| self.reader.faults.error(at, said));
    }
}

/// The tables of a word: `word = [{ … }]`, `[[word]]`, or one `[word]`.
pub(crate) fn tables<'r, 't>(
    value: Value<'r, 't>,
) -> Result<Vec<Table<'r, 't>>, Vec<Range<usize>>> {
    let of_list = |list: &'r DeArray<'t>| {
        let not = list.iter().filter(|v| !v.get_ref().is_table()).map(Spanned::span);
        let not: Vec<_> = not.collect();
        let tables = list.iter().filter_map(|v| Some((v.get_ref().as_table()?, v.span())));
        if not.is_empty() { Ok(tables.collect()) } else { Err(not) }
    };
    match value.get_ref() {
        DeValue::Table(table) => Ok(vec![(table, value.span())]),
        DeValue::Array(list) => of_list(list),
        _ => Err(vec![value.span()]),
    }
}
