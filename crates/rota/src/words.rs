//! A line split into words as a shell does: quotes and backslashes, no expansion. A `#` between words ends the line.

/// The words, or what is wrong with the quotes.
pub fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '#' if word.is_none() => break,
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("'")? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().ok_or("\\")?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// The rest of a text in double quotes.
fn quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), &'static str> {
    loop {
        match chars.next().ok_or("\"")? {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or("\"")? {
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// The word in single quotes, where a shell would need them.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_keep_spaces_and_a_comment_ends_the_line() {
        let words = split(r#"--job-name="my job" -o 'a b'.out c\ d # why"#);
        assert_eq!(words, Ok(vec!["--job-name=my job".into(), "-o".into(), "a b.out".into(), "c d".into()]));
    }

    #[test]
    fn open_quotes_are_refused() {
        assert!(split("'a").is_err() && split("\"a").is_err() && split("a\\").is_err());
    }

    proptest! {
        #[test]
        fn splitting_never_panics(line in "\\PC{0,40}") {
            let _ = split(&line);
        }

        #[test]
        fn quoted_words_read_back(words in proptest::collection::vec("\\PC{0,12}", 0..6)) {
            let line = words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(&line), Ok(words));
        }
    }
}
