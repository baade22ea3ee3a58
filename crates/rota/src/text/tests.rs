use super::*;
use std::collections::BTreeSet;
use std::path::Path;

fn keys(source: &str) -> BTreeSet<String> {
    let head = |line: &str| {
        let (key, _) = line.split_once(" =")?;
        key.starts_with(|c: char| c.is_ascii_lowercase()).then(|| key.to_string())
    };
    source.lines().filter_map(head).collect()
}

/// `{ $name }` of each key.
fn names(source: &str) -> BTreeSet<(String, String)> {
    let (mut key, mut all) = (String::new(), BTreeSet::new());
    for line in source.lines() {
        if let Some((head, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key = head.into();
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            all.insert((key.clone(), name));
        }
    }
    all
}

fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push_str(&std::fs::read_to_string(path).expect("a source"));
        }
    }
}

#[test]
fn both_languages_can_be_read_and_have_the_same_texts() {
    for source in [ENGLISH, KOREAN] {
        assert!(FluentResource::try_new(source.into()).is_ok());
    }
    assert_eq!(keys(ENGLISH), keys(KOREAN));
    assert_eq!(names(ENGLISH), names(KOREAN));
}

#[test]
fn every_text_is_used() {
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let made = ["problem-", "state-", "blocker-", "outcome-", "about-", "demo-"];
    for key in keys(ENGLISH).iter().filter(|k| !made.iter().any(|m| k.starts_with(m))) {
        assert!(all.contains(&format!("\"{key}\"")), "nobody says {key}");
    }
}

#[test]
fn every_text_that_is_said_exists() {
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let known = keys(ENGLISH);
    for call in [".say(", ".note(", ".tell(", "::failed(", "::usage(", "Refused("] {
        for after in all.split(call).skip(1) {
            let Some(rest) = after.trim_start().strip_prefix('"') else { continue };
            let Some((key, _)) = rest.split_once('"') else { continue };
            assert!(known.contains(key) || key.contains('{'), "{key} has no text");
        }
    }
}

#[test]
fn words_of_others_cannot_break_a_line() {
    assert_eq!(safe("김\n\u{1b}[2J"), "김\\n\\u{1b}[2J");
    let text = Text::load(Lang::Ko);
    let said = text.get("error-file", &[("path", &"a\nb"), ("why", &"x")]);
    assert!(!said.contains('\n') && said.contains("a\\nb"));
}
