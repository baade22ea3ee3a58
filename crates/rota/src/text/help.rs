//! The help of the command line in Korean; in English it is what the derive macros read from the comments.

use super::{Lang, find, lang, tr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

/// The command line in the language of this process.
pub fn localized(command: Command) -> Command {
    if lang() == Lang::En { command } else { korean(command, "rota") }
}

fn korean(command: Command, path: &str) -> Command {
    let template = "{about-with-newline}\n사용법: {usage}\n\n{all-args}{after-help}";
    let mut command = command
        .help_template(template)
        .subcommand_help_heading("명령")
        .subcommand_value_name("명령")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true);
    if let Some(about) = find(&format!("help-{path}"), &[]) {
        command = command.about(about);
    }
    let named = path.to_owned();
    command = command.mut_args(move |arg| korean_arg(arg, &named));
    let own: Vec<String> = command.get_subcommands().map(|s| s.get_name().to_owned()).collect();
    for name in own {
        let below = if path == "rota" { name.clone() } else { format!("{path}-{name}") };
        command = command.mut_subcommand(name, |sub| korean(sub, &below));
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    command = command.arg(help.help("도움말을 보여 줍니다").help_heading("옵션"));
    if path == "rota" {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        command = command.arg(version.help("버전을 보여 줍니다").help_heading("옵션"));
    }
    command
}

fn korean_arg(arg: Arg, path: &str) -> Arg {
    let id = arg.get_id().as_str().to_owned();
    let text = find(&format!("help-{path}-{id}"), &[]).or_else(|| find(&format!("opt-{id}"), &[]));
    let heading = match (arg.is_positional(), arg.is_global_set()) {
        (true, _) => "인자",
        (_, true) => "공통 옵션",
        _ => "옵션",
    };
    let arg = arg.help_heading(heading);
    match text {
        Some(text) => arg.help(text),
        None => arg,
    }
}

/// What was typed wrongly, in the language of this process.
pub fn error_text(error: &clap::Error) -> String {
    let known = |kind| {
        error.get(kind).map(|value| match value {
            ContextValue::String(s) => s.clone(),
            ContextValue::Strings(all) => all.join(", "),
            other => other.to_string(),
        })
    };
    let key = match error.kind() {
        ErrorKind::UnknownArgument => "clap-unknown-argument",
        ErrorKind::InvalidSubcommand => "clap-invalid-subcommand",
        ErrorKind::MissingRequiredArgument => "clap-missing-argument",
        ErrorKind::ArgumentConflict => "clap-conflict",
        ErrorKind::ValueValidation if is_no_number(error) => "clap-no-number",
        ErrorKind::InvalidValue
            if known(ContextKind::InvalidValue).is_none_or(|v| v.is_empty()) =>
        {
            "clap-no-value"
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "clap-invalid-value",
        ErrorKind::MissingSubcommand => "clap-missing-subcommand",
        _ => return error.render().to_string(),
    };
    let what = known(ContextKind::InvalidArg).or(known(ContextKind::InvalidSubcommand));
    let values = [
        ("what", what.unwrap_or_default()),
        ("value", known(ContextKind::InvalidValue).unwrap_or_default()),
        ("other", known(ContextKind::PriorArg).unwrap_or_default()),
    ];
    let Some(text) = find(key, &values) else { return error.render().to_string() };
    let is_like =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let hints = [
        ("clap-like", is_like.into_iter().find_map(known)),
        ("clap-values", known(ContextKind::ValidValue).filter(|all| !all.is_empty())),
    ];
    let hints = hints.into_iter().filter_map(|(key, what)| find(key, &[("what", what?)]));
    let lines = [format!("rota: {text}")].into_iter().chain(hints).chain([tr!("see-help")]);
    lines.map(|line| line + "\n").collect()
}

fn is_no_number(error: &clap::Error) -> bool {
    std::error::Error::source(error).is_some_and(|why| why.is::<std::num::ParseIntError>())
}

#[cfg(test)]
mod tests {
    use super::super::{Lang, speaking};
    use super::*;

    fn visit(command: &Command, path: &str, missing: &mut Vec<String>) {
        let has =
            |key: &str| super::super::KOREAN.lines().any(|l| l.starts_with(&format!("{key} =")));
        if !has(&format!("help-{path}")) {
            missing.push(format!("help-{path}"));
        }
        for arg in command.get_arguments().filter(|a| !a.is_hide_set()) {
            let id = arg.get_id().as_str();
            if !has(&format!("help-{path}-{id}")) && !has(&format!("opt-{id}")) {
                missing.push(format!("help-{path}-{id}"));
            }
        }
        for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
            let name = sub.get_name();
            let below = if path == "rota" { name.to_owned() } else { format!("{path}-{name}") };
            visit(sub, &below, missing);
        }
    }

    #[test]
    fn who_types_a_word_for_a_number_is_told_so() {
        let typed = ["rota", "submit", "--gpus", "banana", "true"];
        let error = crate::cli::command().try_get_matches_from(typed).expect_err("no number");
        let said = error_text(&error);
        assert!(said.starts_with("rota: --gpus <N>: 'banana' is not a whole number"), "{said}");
    }

    #[test]
    fn who_types_almost_an_option_is_told_which_one_there_is() {
        for (typed, wanted) in [
            (&["rota", "submit", "--gpuss", "2", "true"][..], "--gpus"),
            (&["rota", "queu"], "queue"),
            (&["rota", "submit", "--gpus"], "--gpus <N>"),
            (&["rota", "completions", "basch"], "bash"),
        ] {
            let error = crate::cli::command().try_get_matches_from(typed).expect_err("wrong");
            for lang in [Lang::En, Lang::Ko] {
                let said = speaking(lang, || error_text(&error));
                assert!(said.contains(wanted), "{lang:?}: {said}");
            }
        }
    }

    #[test]
    fn change_shows_no_option_that_it_refuses() {
        for lang in [Lang::En, Lang::Ko] {
            let said = speaking(lang, || {
                let mut all = localized(crate::cli::command());
                all.find_subcommand_mut("change").expect("a verb").render_help().to_string()
            });
            assert!(said.contains("--time") && !said.contains("--grant"), "{said}");
        }
    }

    #[test]
    fn every_verb_and_option_is_explained_in_korean() {
        let mut missing = Vec::new();
        visit(&crate::cli::command(), "rota", &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
    }
}
