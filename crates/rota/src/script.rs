//! `#SBATCH` and `#ROTA` lines of a script, up to the first command.

use crate::cli::options::JobOptions;
use crate::fault::{Fault, usage};
use crate::show;
use crate::text::tr;
use clap::Parser;

/// Lines as options: `#SBATCH` translated, `#ROTA` as they are. Of two lines that say the same, the last holds.
pub fn options(name: &str, text: &str) -> Result<JobOptions, Fault> {
    let mut all = JobOptions::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let at = format!("{name}:{number}");
        let after = |mark| line.strip_prefix(mark).filter(|rest| !rest.starts_with(is_of_a_word));
        let (rest, slurm) = match (after("#SBATCH"), after("#ROTA")) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ if line.is_empty() || line.starts_with('#') => continue,
            _ => break,
        };
        let words = split(rest).ok_or_else(|| usage!("script-open-quote", at = at))?;
        let words = if slurm { translate(&at, &words)? } else { words };
        let typed = std::iter::once("rota".to_owned()).chain(words);
        let read = Alone::try_parse_from(typed)
            .map_err(|e| Fault::Said(format!("{at}: {}", first_line(&e))))?;
        let wrong = |why: Fault| Fault::Said(format!("{at}: {}", why.text()));
        read.options.check().map_err(wrong)?;
        all = read.options.or(all);
    }
    Ok(all)
}

/// `#SBATCHX` is a comment.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What clap says, without its name and its hints of how a command line looks.
fn first_line(error: &clap::Error) -> String {
    let text = crate::text::help::error_text(error);
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").trim_start_matches("rota: ").to_owned()
}

#[derive(Parser)]
#[command(no_binary_name = false)]
struct Alone {
    #[command(flatten)]
    options: JobOptions,
}

/// Shell words: blanks separate, quotes and backslashes keep together. None where a quote is left open.
pub fn split(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => word.push(c),
            (_, '\\') => {
                word.push(chars.next()?);
                begun = true;
            }
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (None, '#') if !begun => break,
            (None, c) if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    quote.is_none().then_some(words)
}

fn translate(at: &str, flags: &[String]) -> Result<Vec<String>, Fault> {
    let mut out = Vec::new();
    let mut rest = flags.iter();
    while let Some(flag) = rest.next() {
        let short = flag.len() > 2 && flag.starts_with('-') && !flag.starts_with("--");
        let (name, inline) = match flag.split_once('=') {
            Some((name, value)) if flag.starts_with("--") => (name, Some(value.to_owned())),
            _ if short => (flag.get(..2).unwrap_or(flag), flag.get(2..).map(str::to_owned)),
            _ => (flag.as_str(), None),
        };
        match name {
            "--requeue" => out.extend(["--turns".into(), "requeue".into()]),
            "--hold" | "-H" => out.push("--hold".into()),
            _ => {
                let value = inline.or_else(|| rest.next().cloned());
                out.extend(with_value(at, name, value.as_deref())?);
            }
        }
    }
    Ok(out)
}

fn with_value(at: &str, name: &str, value: Option<&str>) -> Result<Vec<String>, Fault> {
    let value = || value.ok_or_else(|| usage!("script-needs-value", at = at, flag = name));
    let one = |option: &str| Ok(vec![format!("{option}={}", value()?)]);
    match name {
        "--time" | "-t" => one("--time"),
        "--mem" => one("--mem"),
        "--mem-per-cpu" => one("--mem-per-cpu"),
        "--cpus-per-task" | "-c" => one("--cpus"),
        "--job-name" | "-J" => one("--name"),
        "--output" | "-o" => one("--output"),
        "--error" | "-e" => one("--error"),
        "--array" | "-a" => one("--array"),
        "--signal" => Ok(vec![format!("--signal={}", value()?.trim_start_matches("B:"))]),
        "--chdir" | "-D" => one("--chdir"),
        "--begin" | "-b" => one("--begin"),
        "--gpus" | "-G" | "--gres" | "--gpus-per-node" => Ok(gres(at, value()?)?),
        "--dependency" | "-d" => Ok(vec![format!("--after={}", dependency(at, value()?)?)]),
        "--nodes" | "-N" | "--ntasks" | "-n" | "--ntasks-per-node" => match value()? {
            "1" => Ok(Vec::new()),
            other => {
                let key = if matches!(name, "--nodes" | "-N") {
                    "script-nodes"
                } else {
                    "script-one-task"
                };
                Err(usage!(key, at = at, flag = name, value = other))
            }
        },
        // Names of another system's accounts and partitions; `#ROTA` lines name those of this one.
        "--partition" | "-p" | "--account" | "-A" | "--mail-type" | "--mail-user" | "--qos"
        | "-q" => {
            value()?;
            show::aside(&tr!("script-left-out", at = at, flag = name));
            Ok(Vec::new())
        }
        _ => Err(usage!("script-unknown", at = at, flag = name)),
    }
}

/// `gpu:h100:2`, `gpu:2`, `h100:2`, `2`.
fn gres(at: &str, value: &str) -> Result<Vec<String>, Fault> {
    let parts: Vec<&str> = value.trim_start_matches("gpu:").split(':').collect();
    let count = |text: &str| text.parse::<u32>().is_ok();
    match parts.as_slice() {
        [n] if count(n) => Ok(vec![format!("--gpus={n}")]),
        ["gpu"] => Ok(vec!["--gpus=1".into()]),
        [model] => Ok(vec![format!("--gpu={model}")]),
        [model, n] if count(n) => Ok(vec![format!("--gpu={model}"), format!("--gpus={n}")]),
        _ => Err(usage!("script-bad-gres", at = at, value = value)),
    }
}

/// `afterok:1:2,afterany:3` as `ok:1,ok:2,any:3`.
fn dependency(at: &str, value: &str) -> Result<String, Fault> {
    let bad = || usage!("script-bad-dependency", at = at, value = value);
    let mut out = Vec::new();
    for part in value.split(',') {
        let (kind, jobs) = part.split_once(':').ok_or_else(bad)?;
        let kind = match kind {
            "afterok" => "ok",
            "afterany" => "any",
            "afternotok" => "notok",
            _ => return Err(bad()),
        };
        out.extend(jobs.split(':').map(|job| format!("{kind}:{job}")));
    }
    Ok(out.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sbatch_lines_become_options() {
        let text = "#!/bin/sh\n#SBATCH --gres=gpu:h100:2 -t 4:00:00\n#SBATCH -J 'my job' --mem 40G\n#SBATCH -b now+1hour\necho\n#SBATCH --bad";
        let o = options("x.sh", text).expect("understood");
        assert_eq!(
            (o.gpus, o.gpu.as_deref(), o.name.as_deref()),
            (Some(2), Some("h100"), Some("my job"))
        );
        assert_eq!((o.mem.as_deref(), o.begin.as_deref()), (Some("40G"), Some("now+1hour")));
    }

    #[test]
    fn an_unknown_flag_names_file_line_and_flag() {
        for (line, flag) in [
            ("#SBATCH --exclusive=yes", "--exclusive"),
            ("#SBATCH --oversubscribe", "--oversubscribe"),
            ("#ROTA --gpuss 1", "--gpuss"),
        ] {
            let said = options("x.sh", &format!("#!/bin/sh\n{line}")).err().map(|e| e.text());
            let said = said.unwrap_or_default();
            assert!(said.contains("x.sh:2") && said.contains(flag), "{said}");
            assert!(!said.contains("value"), "{said}");
        }
        let comments = options("x.sh", "#SBATCHX --exclusive\n#SBATCH --time 1h\n#ROTATE it")
            .expect("comments");
        assert_eq!(comments.time.as_deref(), Some("1h"));
    }

    #[test]
    fn a_bad_value_names_file_line_and_value() {
        let values = [
            "--time=-4h",
            "--mem 0",
            "--array 5-1",
            "--begin soon",
            "--signal NOSUCH@1",
            "--cpus-per-task x",
            "--gres gpu:a:b:c",
        ];
        for value in values {
            let text = format!("#!/bin/sh\n\n#SBATCH {value}\n");
            let said = options("x.sh", &text).err().map(|e| e.text()).unwrap_or_default();
            assert!(said.starts_with("x.sh:3: "), "{value}: {said}");
        }
    }

    proptest! {
        #[test]
        fn no_script_panics(text in "\\PC*") {
            let _ = options("x", &format!("#SBATCH {text}\n#ROTA {text}"));
        }

        #[test]
        fn quoted_words_come_back_whole(word in "[^'\\\\]*") {
            prop_assert_eq!(split(&format!("'{word}'")), Some(vec![word]));
        }

        #[test]
        fn a_command_is_shown_as_it_would_be_typed(argv in prop::collection::vec("\\PC{0,12}", 0..5)) {
            prop_assert_eq!(split(&show::command(&argv)), Some(argv));
        }
    }
}
