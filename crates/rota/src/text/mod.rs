//! Every word for people, in English and Korean. Only the language that is asked for is read.

pub mod help;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::cell::Cell;
use std::sync::OnceLock;

const ENGLISH: &str = include_str!("en.ftl");
const KOREAN: &str = include_str!("ko.ftl");

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// 한국어
    Ko,
}

impl Lang {
    /// As HTML and browsers name it.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    /// `--lang` among the words typed; else the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    pub fn of(words: &[String]) -> Lang {
        let own = words.iter().take_while(|w| *w != "--");
        let pairs = own.clone().zip(own.clone().skip(1).map(Some).chain([None]));
        let asked = pairs
            .filter_map(|(word, next)| match word.strip_prefix("--lang") {
                Some("") => next.map(String::as_str),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            })
            .last();
        let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let found = asked
            .map(str::to_owned)
            .or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set));
        if found.is_some_and(|l| l.starts_with("ko")) { Lang::Ko } else { Lang::En }
    }
}

static CHOSEN: OnceLock<Lang> = OnceLock::new();

thread_local! {
    /// The language of somebody else, whom this thread is talking to.
    static OTHER: Cell<Option<Lang>> = const { Cell::new(None) };
}

/// Makes texts in the language of somebody else.
pub fn speaking<T>(lang: Lang, say: impl FnOnce() -> T) -> T {
    let before = OTHER.replace(Some(lang));
    let said = say();
    OTHER.set(before);
    said
}

/// The words of a language, read when they are first needed.
fn words(lang: Lang) -> &'static FluentBundle<FluentResource> {
    static WORDS: [OnceLock<FluentBundle<FluentResource>>; 2] = [OnceLock::new(), OnceLock::new()];
    let [english, korean] = &WORDS;
    let own = if lang == Lang::En { english } else { korean };
    own.get_or_init(|| bundle(lang))
}

/// Sets the language of this process, once.
pub fn choose(lang: Lang) {
    CHOSEN.get_or_init(|| lang);
}

/// The language of this process, unless it is talking to somebody else.
pub fn lang() -> Lang {
    OTHER.get().or(CHOSEN.get().copied()).unwrap_or(Lang::En)
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let source = match lang {
        Lang::En => ENGLISH,
        Lang::Ko => KOREAN,
    };
    // A text that cannot be read is left out and shows its key; a test finds it.
    let resource = FluentResource::try_new(source.into()).unwrap_or_else(|(rest, _)| rest);
    let mut bundle = FluentBundle::new_concurrent(lang.code().parse().into_iter().collect());
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// A text with its values; its key where there is none.
pub fn get(key: &str, args: &[(&str, String)]) -> String {
    find(key, args).unwrap_or_else(|| key.to_owned())
}

/// A text with its values, if there is one.
pub fn find(key: &str, args: &[(&str, String)]) -> Option<String> {
    let bundle = words(lang());
    let pattern = bundle.get_message(key)?.value()?;
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, text) in args {
        values.set(*name, value(safe(text)));
    }
    Some(bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
}

/// Small whole numbers choose plurals; everything else is text.
fn value(text: String) -> FluentValue<'static> {
    let plain = text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if plain && (text == "0" || !text.starts_with('0')) => FluentValue::from(number),
        _ => FluentValue::from(text),
    }
}

/// Text of others that cannot move the cursor, break the line or turn the direction of writing.
pub fn safe(text: &str) -> String {
    let odd = |c: char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
    };
    if !text.contains(odd) {
        return text.into();
    }
    text.chars().map(|c| if odd(c) { c.escape_default().to_string() } else { c.into() }).collect()
}

/// A text by its key, with its values: `tr!("submitted", job = 3)`.
macro_rules! tr {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::text::get($key, &[$((stringify!($name), $value.to_string())),*])
    };
}
pub(crate) use tr;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn keys(source: &str) -> BTreeSet<String> {
        let first = |line: &str| {
            let (key, _) = line.split_once(" =")?;
            key.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                .then_some(key.to_owned())
        };
        source.lines().filter(|l| !l.starts_with([' ', '#'])).filter_map(first).collect()
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        let (english, korean) = (keys(ENGLISH), keys(KOREAN));
        let missing: Vec<_> = english.difference(&korean).collect();
        assert!(missing.is_empty(), "without Korean: {missing:?}");
        let only =
            |k: &&&String| !["help-", "opt-", "clap-", "problem-"].iter().any(|p| k.starts_with(p));
        let extra: Vec<_> = korean.difference(&english).collect();
        let extra: Vec<_> = extra.iter().filter(only).collect();
        assert!(extra.is_empty(), "without English: {extra:?}");
    }

    #[test]
    fn both_files_are_read_whole_and_no_text_is_written_twice() {
        for source in [ENGLISH, KOREAN] {
            let messages = source.lines().filter(|l| !l.starts_with([' ', '#', '}', '.']));
            let all: Vec<&str> = messages.filter_map(|l| Some(l.split_once(" =")?.0)).collect();
            let once: BTreeSet<&str> = all.iter().copied().collect();
            assert_eq!(all.len(), once.len());
            let errors = FluentResource::try_new(source.into()).err().map(|(_, e)| e);
            assert_eq!(errors, None);
        }
    }

    #[test]
    fn every_key_in_the_program_has_a_text() {
        let mut sources = Vec::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                match path.extension() {
                    None => folders.push(path),
                    Some(kind) if kind == "rs" => {
                        sources.push(std::fs::read_to_string(path).expect("a source"))
                    }
                    Some(_) => {}
                }
            }
        }
        let known = keys(ENGLISH);
        let marks = [
            "tr!(\"",
            "usage!(\"",
            "failed!(\"",
            "tr!(\n",
            "usage!(\n",
            "failed!(\n",
            "file(\"",
            "get(\"",
        ];
        for source in sources {
            for mark in marks {
                for (at, _) in source.match_indices(mark) {
                    let (before, rest) = source.split_at(at);
                    // Another function, or a method of something else.
                    if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.') {
                        continue;
                    }
                    let rest = rest.trim_start_matches(mark).trim_start().trim_start_matches('"');
                    let key = rest.split('"').next().unwrap_or_default();
                    if key.is_empty() || key.contains(['/', '{', '(', '.']) {
                        continue;
                    }
                    assert!(known.contains(key), "no text for {key:?}");
                }
            }
        }
    }

    #[test]
    fn every_refusal_of_the_server_is_said_in_korean() {
        let korean = keys(KOREAN);
        let missing: Vec<_> =
            rota_api::CODES.iter().filter(|c| !korean.contains(&format!("problem-{c}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_measure_of_fairness_has_a_name() {
        let known = keys(ENGLISH);
        let missing: Vec<_> = rota_core::report::MEASURES
            .iter()
            .filter(|m| !known.contains(&format!("measure-{m}")))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_fault_of_a_policy_is_said_in_korean() {
        let sources = [
            include_str!("../../../rota-policy/src/lib.rs"),
            include_str!("../../../rota-policy/src/names.rs"),
            include_str!("../../../rota-policy/src/table.rs"),
            include_str!("../../../rota-policy/src/words/mod.rs"),
            include_str!("../../../rota-policy/src/words/claim.rs"),
            include_str!("../../../rota-policy/src/words/class.rs"),
            include_str!("../../../rota-policy/src/words/limit.rs"),
            include_str!("../../../rota-policy/src/words/price.rs"),
            include_str!("../../../rota-policy/src/words/turn.rs"),
            include_str!("../../../rota-core/src/policy/verify/claims.rs"),
            include_str!("../../../rota-core/src/policy/verify/classes.rs"),
            include_str!("../../../rota-core/src/policy/verify/lines.rs"),
            include_str!("../../../rota-core/src/policy/verify/names.rs"),
            include_str!("../../../rota-core/src/policy/verify/promise.rs"),
        ];
        let korean = keys(KOREAN);
        let codes = sources.iter().flat_map(|source| source.split("\"policy-").skip(1));
        let codes = codes.filter_map(|rest| rest.split('"').next());
        let missing: Vec<_> =
            codes.filter(|code| !korean.contains(&format!("problem-policy-{code}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn text_of_others_cannot_disturb_a_terminal() {
        assert_eq!(safe("한글 a\u{1b}[2J\u{202e}b\n"), "한글 a\\u{1b}[2J\\u{202e}b\\n");
    }
}
