//! Every word for people, in English and Korean. Only the language that is asked for is read.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::fmt::Display;

const ENGLISH: &str = include_str!("en.ftl");
const KOREAN: &str = include_str!("ko.ftl");

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    En,
    Ko,
}

impl Lang {
    /// From `LC_ALL`, `LC_MESSAGES`, `LANG`: the first that is set decides.
    pub fn of_environment() -> Lang {
        let set = |name: &&str| std::env::var_os(name).filter(|v| !v.is_empty());
        let value = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        match value {
            Some(value) if value.to_string_lossy().starts_with("ko") => Lang::Ko,
            _ => Lang::En,
        }
    }
}

/// The texts of one language.
pub struct Text(FluentBundle<FluentResource>);

impl Text {
    pub fn load(lang: Lang) -> Text {
        let (name, source) = match lang {
            Lang::En => ("en", ENGLISH),
            Lang::Ko => ("ko", KOREAN),
        };
        // A text that cannot be read is left out and shows its key; a test finds it.
        let resource = FluentResource::try_new(source.into()).unwrap_or_else(|(rest, _)| rest);
        let mut bundle = FluentBundle::new(name.parse().into_iter().collect());
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Text(bundle)
    }

    /// The text; its key where there is none.
    pub fn get(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        self.find(key, args).unwrap_or_else(|| key.to_string())
    }

    /// The text, if there is one.
    pub fn find(&self, key: &str, args: &[(&str, &dyn Display)]) -> Option<String> {
        let pattern = self.0.get_message(key)?.value()?;
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            values.set(*name, value(safe(&arg.to_string())));
        }
        Some(self.0.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
    }
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
    let odd = |c: char| c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(odd) {
        return text.into();
    }
    text.chars().map(|c| if odd(c) { c.escape_default().to_string() } else { c.into() }).collect()
}

#[cfg(test)]
mod tests;
