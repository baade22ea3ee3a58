//! Terms of a job as people write them: dependencies, warning signal, walltime, turns, GPU models.

use nix::sys::signal::Signal;
use rota_api::Submit;
use rota_core::job::{Dependency, DependencyKind, TurnMode, Warning};
use rota_core::units::Span;
use std::fmt;
use std::str::FromStr;

/// `--time`: a walltime, or none on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub Option<Span>);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Limit, String> {
        match text.to_ascii_lowercase().as_str() {
            "none" | "unlimited" | "infinite" => Ok(Limit(None)),
            _ => Span::parse(text).map(|s| Limit(Some(s))).map_err(|e| e.to_string()),
        }
    }
}

/// `--after ok:12,any:13:14,notok:15`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After(pub Vec<Dependency>);

impl FromStr for After {
    type Err = String;

    fn from_str(text: &str) -> Result<After, String> {
        let bad = || {
            format!("'{}' is no dependency; write for example ok:12, any:13 or notok:14", text.escape_debug())
        };
        let mut all = Vec::new();
        for part in text.split(',') {
            let (kind, numbers) = part.trim().split_once(':').ok_or_else(bad)?;
            let kind = match kind {
                "ok" | "afterok" => DependencyKind::Ok,
                "any" | "afterany" => DependencyKind::Any,
                "notok" | "afternotok" => DependencyKind::NotOk,
                _ => return Err(bad()),
            };
            for number in numbers.split(':') {
                let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
                let number = plain.then(|| number.parse().ok()).flatten().ok_or_else(bad)?;
                all.push(Dependency { kind, number });
            }
        }
        Ok(After(all))
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, d) in self.0.iter().enumerate() {
            let kind = match d.kind {
                DependencyKind::Ok => "ok",
                DependencyKind::Any => "any",
                DependencyKind::NotOk => "notok",
            };
            write!(f, "{}{kind}:{}", if i == 0 { "" } else { "," }, d.number)?;
        }
        Ok(())
    }
}

/// `USR1@120` or `SIGUSR1@2m`; a bare number is seconds, as in Slurm, whose `B:` is understood.
pub fn warning(text: &str) -> Result<Warning, String> {
    let bad = || {
        format!("'{}' is no warning signal; write for example USR1@120 or TERM@5m", text.escape_debug())
    };
    let plain = text.strip_prefix("B:").unwrap_or(text);
    let (name, before) = plain.split_once('@').unwrap_or((plain, "60"));
    let before = match before.parse::<u32>() {
        Ok(0) => return Err(bad()),
        Ok(seconds) => Span::seconds(seconds.into()),
        Err(_) => Span::parse(before).map_err(|_| bad())?,
    };
    let known = match name.parse::<i32>() {
        Ok(number) => Signal::try_from(number),
        Err(_) => {
            let upper = name.to_ascii_uppercase();
            let long = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
            Signal::from_str(&long)
        }
    };
    Ok(Warning { signal: known.map_err(|_| bad())? as i32, before })
}

/// A grace: as a walltime, but a bare number is seconds and 0 is possible.
pub fn grace(text: &str) -> Result<Span, String> {
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Span::seconds(seconds.into())),
        Err(_) => Span::parse(text).map_err(|e| e.to_string()),
    }
}

pub fn turns(text: &str) -> Result<TurnMode, String> {
    match text {
        "suspend" => Ok(TurnMode::Suspend),
        "requeue" => Ok(TurnMode::Requeue),
        "never" => Ok(TurnMode::Never),
        _ => Err("write suspend, requeue or never".into()),
    }
}

/// `LAB/PERSON`.
pub fn account(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((lab, person)) if !lab.is_empty() && !person.is_empty() => {
            Ok((lab.into(), person.into()))
        }
        _ => Err("write LAB/PERSON".into()),
    }
}

/// How many GPUs are asked, when a model implies one.
pub fn gpus(asked: Option<u32>, models: &[String]) -> u32 {
    asked.unwrap_or(u32::from(!models.is_empty()))
}

/// The first word for people of what a submit runs.
pub fn default_name(submit: &Submit) -> String {
    let program = submit.launch.argv.first().map_or("job", String::as_str);
    let file = program.rsplit('/').next().unwrap_or(program);
    let clean: String = file.chars().filter(|c| !c.is_control()).take(60).collect();
    if clean.is_empty() { "job".into() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slurm_and_rota_words_for_dependencies_mean_the_same() {
        let slurm: Result<After, _> = "afterok:1:2,afterany:3".parse();
        assert_eq!(slurm, "ok:1,ok:2,any:3".parse());
        assert_eq!(slurm.map(|a| a.to_string()), Ok("ok:1,ok:2,any:3".to_string()));
        assert!("ok".parse::<After>().is_err() && "ok:x".parse::<After>().is_err());
    }

    #[test]
    fn warning_signals_have_many_spellings() {
        let expected = Ok(Warning { signal: 10, before: Span::seconds(120) });
        for text in ["USR1@120", "SIGUSR1@2m", "10@120", "B:USR1@120", "usr1@120"] {
            assert_eq!(warning(text), expected, "{text}");
        }
        assert!(warning("NONE@3").is_err() && warning("USR1@0").is_err());
    }

    proptest! {
        #[test]
        fn parsers_never_panic(text in "\\PC{0,20}") {
            let _ = (text.parse::<Limit>(), text.parse::<After>(), warning(&text), grace(&text), account(&text));
        }

        #[test]
        fn a_printed_walltime_of_two_units_reads_back(minutes in 1u64..200, unit in 0usize..2) {
            let span = if unit == 0 { Span::minutes(minutes) } else { Span::seconds(minutes) };
            prop_assert_eq!(span.to_string().parse::<Limit>(), Ok(Limit(Some(span))));
        }
    }
}
