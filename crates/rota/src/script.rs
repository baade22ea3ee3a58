//! `#SBATCH` and `#ROTA` lines of a script, before its first command, as Rota's own options.

use crate::cli::options::JobOptions;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::words;
use clap::Parser;

/// One line of a script.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Line {
    #[command(flatten)]
    options: JobOptions,
}

/// What a flag of Slurm becomes.
enum Meaning {
    Options(Vec<String>),
    /// Understood, and of no use here.
    Ignored,
    /// What is wrong: a text key and the value it is about.
    Refused(&'static str, String),
}

/// The options that the lines ask for; a later line wins over an earlier one.
pub fn options(ctx: &Ctx, file: &str, script: &str) -> Result<JobOptions, Error> {
    let mut all = JobOptions::default();
    for (number, line) in (1..).zip(script.lines()) {
        let line = line.trim_start();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        let place = format!("{file}:{number}");
        let (rest, slurm) = match (directive(line, "#SBATCH"), directive(line, "#ROTA")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => continue,
        };
        let found = words::split(rest).map_err(|quote| {
            Error::usage("script-quote", [("place", place.clone()), ("quote", quote.into())])
        })?;
        let found = if slurm { translate(ctx, &place, &found)? } else { found };
        let line = Line::try_parse_from(&found).map_err(|e| {
            let said = e.to_string();
            let said = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
            Error::usage("script-value", [("place", place), ("why", said.into())])
        })?;
        all = line.options.over(all);
    }
    Ok(all)
}

fn directive<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix(word).filter(|rest| rest.starts_with(char::is_whitespace))
}

/// All flags of one `#SBATCH` line.
fn translate(ctx: &Ctx, place: &str, found: &[String]) -> Result<Vec<String>, Error> {
    let mut options = Vec::new();
    let mut rest = found.iter();
    while let Some(word) = rest.next() {
        let (flag, mut value) = split_flag(word);
        if value.is_none() && needs_value(&flag) {
            value = rest.next().cloned();
        }
        match meaning(&flag, value.as_deref()) {
            Meaning::Options(some) => options.extend(some),
            Meaning::Ignored => {
                ctx.note("script-ignored", &[("place", &place), ("flag", &flag)]);
            }
            Meaning::Refused(key, value) => {
                let args = [("place", place.to_string()), ("flag", flag), ("value", value)];
                return Err(Error::usage(key, args));
            }
        }
    }
    Ok(options)
}

/// `--time=4h`, `-t4h` or `-t`: the long flag and what is stuck to it.
fn split_flag(word: &str) -> (String, Option<String>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((flag, value)) => (flag.into(), Some(value.into())),
            None => (word.into(), None),
        };
    }
    let mut chars = word.chars();
    if chars.next() != Some('-') {
        return (word.into(), None);
    }
    let flag = chars.next().map_or("-", |letter| match letter {
        'a' => "--array",
        'A' => "--account",
        'c' => "--cpus-per-task",
        'd' => "--dependency",
        'D' => "--chdir",
        'e' => "--error",
        'G' => "--gpus",
        'H' => "--hold",
        'i' => "--input",
        'J' => "--job-name",
        'n' => "--ntasks",
        'N' => "--nodes",
        'o' => "--output",
        'p' => "--partition",
        'q' => "--qos",
        't' => "--time",
        _ => word,
    });
    let stuck = Some(chars.as_str()).filter(|s| !s.is_empty() && flag != word);
    (flag.into(), stuck.map(|s| s.trim_start_matches('=').into()))
}

fn needs_value(flag: &str) -> bool {
    !matches!(flag, "--requeue" | "--no-requeue" | "--hold" | "--exclusive" | "--parsable")
        && flag.starts_with('-')
}

fn meaning(flag: &str, value: Option<&str>) -> Meaning {
    let one = |option: &str| match value {
        Some(value) => Meaning::Options(vec![format!("{option}={value}")]),
        None => Meaning::Refused("script-no-value", String::new()),
    };
    match flag {
        "--gres" => gpus(value.unwrap_or_default(), true),
        "--gpus" | "--gpus-per-node" | "--gpus-per-task" => gpus(value.unwrap_or_default(), false),
        "--time" | "--mem" | "--mem-per-cpu" | "--output" | "--error" | "--array" | "--signal"
        | "--chdir" => one(flag),
        "--cpus-per-task" => one("--cpus"),
        "--job-name" => one("--name"),
        "--input" => one("--stdin"),
        "--dependency" => one("--after"),
        "--requeue" => Meaning::Options(vec!["--turns=requeue".into()]),
        "--hold" => Meaning::Options(vec!["--hold".into()]),
        "--ntasks" | "--nodes" | "--ntasks-per-node" => match value {
            Some("1" | "1-1") => Meaning::Options(Vec::new()),
            _ => Meaning::Refused("script-only-one", value.unwrap_or_default().into()),
        },
        "--partition" | "--account" | "--qos" | "--no-requeue" | "--export" | "--comment"
        | "--parsable" => Meaning::Ignored,
        _ if flag.starts_with("--mail-") => Meaning::Ignored,
        _ => Meaning::Refused("script-unknown", value.unwrap_or_default().into()),
    }
}

/// `gpu:h100:2`, `gpu:2`, `gpu`; without `gpu:` where the flag says so itself.
fn gpus(text: &str, gres: bool) -> Meaning {
    let refused = || Meaning::Refused("script-gpus", text.into());
    let mut parts = text.split(':');
    if gres && parts.next() != Some("gpu") {
        return refused();
    }
    let parts: Vec<&str> = parts.collect();
    let count = |n: &str| n.parse::<u32>().is_ok();
    match parts.as_slice() {
        [] if gres => Meaning::Options(vec!["--gpus=1".into()]),
        [n] if count(n) => Meaning::Options(vec![format!("--gpus={n}")]),
        [model] if !model.is_empty() && !model.contains(',') => {
            Meaning::Options(vec![format!("--gpu={model}")])
        }
        [model, n] if count(n) && !model.is_empty() => {
            Meaning::Options(vec![format!("--gpu={model}"), format!("--gpus={n}")])
        }
        _ => refused(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;
    use proptest::prelude::*;
    use rota_core::units::{Mib, Span};

    fn read(script: &str) -> Result<JobOptions, Error> {
        options(&Ctx::new(false, true, None, Lang::En), "job.sh", script)
    }

    #[test]
    fn the_usual_lines_of_slurm_are_understood() {
        let script = "#!/bin/bash\n#SBATCH --gres=gpu:h100:2 -t 4:00:00\n#SBATCH --mem=40G -c8 -J 'my job'\n\
             #SBATCH --array=0-9%2 --dependency=afterok:1:2 -N 1 -n1 --mail-type=END --requeue\n\necho\n#SBATCH --bad\n";
        let found = read(script).expect("understood");
        assert_eq!((found.gpus, found.gpu, found.cpus), (Some(2), vec!["h100".to_string()], Some(8)));
        assert_eq!(found.time.and_then(|t| t.0), Some(Span::hours(4)));
        assert_eq!((found.mem, found.name.as_deref()), (Some(Mib(40 * 1024)), Some("my job")));
        assert_eq!(found.after.map(|a| a.0.len()), Some(2));
        assert_eq!(found.array.map(|a| a.tasks.len()), Some(10));
    }

    #[test]
    fn an_unknown_flag_is_an_error_with_its_place() {
        let said = read("#!/bin/sh\n\n#SBATCH --licenses=a\n").err().map(|e| e.to_string());
        assert!(said.is_some_and(|s| s.contains("job.sh:3") && s.contains("--licenses")));
    }

    #[test]
    fn more_than_one_node_is_an_error() {
        assert!(read("#SBATCH -N 2\n").is_err() && read("#SBATCH --ntasks=8\n").is_err());
    }

    #[test]
    fn own_lines_take_own_options_and_later_lines_win() {
        let found = read("#ROTA --gpus 1 --time 4h # a note\n#ROTA --time 2h\n").expect("understood");
        assert_eq!(found.gpus, Some(1));
        assert_eq!(found.time.and_then(|t| t.0), Some(Span::hours(2)));
        assert!(read("#ROTA --gpsu 1\n").is_err());
    }

    proptest! {
        #[test]
        fn no_script_makes_it_panic(line in "\\PC{0,40}") {
            let _ = read(&format!("#SBATCH {line}\n#ROTA {line}\n"));
        }
    }
}
