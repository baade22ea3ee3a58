//! How faults of a policy file and changes of a policy look.

use crate::show;
use crate::text::{find, get, safe, tr};
use rota_core::units::Span;
use rota_policy::Fault;
use rota_policy::diff::{Diff, Entitled, LineChange, Wait};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a line.
const COLUMNS: usize = 80;

/// All faults as a compiler shows them: where, the line, what is wrong, what was probably meant.
pub fn faults(file: &str, text: &str, faults: &[Fault]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let errors = faults.iter().filter(|f| f.is_error()).count();
    let each = faults.iter().map(|fault| one(file, &lines, fault)).collect::<String>();
    let sum = match (errors, faults.len() - errors) {
        (0, _) => String::new(),
        (errors, warnings) => tr!("policy-faults", errors = errors, warnings = warnings) + "\n",
    };
    each + &sum
}

fn one(file: &str, lines: &[&str], fault: &Fault) -> String {
    let kind = if fault.is_error() { tr!("policy-error") } else { tr!("policy-warning") };
    let place = match fault.line {
        0 => file.to_owned(),
        line => format!("{file}:{line}:{}", fault.column),
    };
    let mut out = format!("{kind}: {place}\n");
    if let Some(line) = fault.line.checked_sub(1).and_then(|n| lines.get(n)) {
        out += &shown(line, fault);
    }
    out += &wrapped("  ", &sentence(fault));
    if let Some(meant) = &fault.meant {
        out += &wrapped("  ", &tr!("policy-meant", meant = meant));
    }
    out + "\n"
}

/// The sentence in the person's language.
fn sentence(fault: &Fault) -> String {
    let args: Vec<(&str, String)> =
        fault.args.iter().map(|(key, value)| (key.as_ref(), value.clone())).collect();
    find(&format!("problem-{}", fault.code), &args).unwrap_or_else(|| safe(&fault.message))
}

/// The line with a caret below; of a long line, what is around the place.
fn shown(line: &str, fault: &Fault) -> String {
    let margin = format!("{:>5} | ", fault.line);
    let room = COLUMNS - margin.len();
    let chars: Vec<char> = line.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let at = (fault.column - 1).min(chars.len());
    let end = (at + fault.width).min(chars.len().max(at + 1));
    // Begin where the place and what is before it still fit.
    let mut start = 0;
    while start < at && width(&chars[start..end.min(chars.len())]) > room - 2 {
        start += 1;
    }
    let mut text = if start > 0 { "…".to_owned() } else { String::new() };
    let before = text.width() + width(&chars[start..at]);
    for c in &chars[start..] {
        if text.width() + c.width().unwrap_or(0) > room - 1 {
            text.push('…');
            break;
        }
        text.push(*c);
    }
    let under =
        width(&chars[at..end.min(chars.len())]).max(1).min(room.saturating_sub(before).max(1));
    let blank = " ".repeat(margin.len() - 2);
    format!("{margin}{}\n{blank}| {}{}\n", safe(&text), " ".repeat(before), "^".repeat(under))
}

fn width(chars: &[char]) -> usize {
    chars.iter().map(|c| c.width().unwrap_or(0)).sum()
}

/// Words in lines of at most 80 columns.
pub fn wrapped(indent: &str, text: &str) -> String {
    let (mut out, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && indent.len() + line.width() + 1 + word.width() > COLUMNS {
            out += &format!("{indent}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    out + &format!("{indent}{line}\n")
}

/// What a policy changes, and for whom.
pub fn changes(diff: &Diff) -> String {
    if diff.is_empty() {
        return tr!("policy-nothing-changes") + "\n";
    }
    let mut out = String::new();
    if !diff.entitled.is_empty() {
        out += &(tr!("policy-entitled") + "\n");
        out += &diff.entitled.iter().map(entitled).collect::<String>();
    }
    if !diff.waits.is_empty() {
        out += &(tr!("policy-waits") + "\n");
        out += &diff.waits.iter().map(wait).collect::<String>();
    }
    if !diff.lines.is_empty() {
        out += &(tr!("policy-lines") + "\n");
        out += &diff.lines.iter().map(line).collect::<String>();
    }
    out
}

fn entitled(change: &Entitled) -> String {
    let part = |part: u32| format!("{}.{} %", part / 10, part % 10);
    let pool = if change.pool.is_empty() { tr!("policy-no-pool") } else { safe(&change.pool) };
    let lab = safe(&format!("lab/{}", change.lab));
    let (pool, lab) = (show::label(&pool, 12), show::label(&lab, 20));
    format!("  {pool}{lab}{:>8} → {}\n", part(change.before), part(change.after))
}

fn wait(change: &Wait) -> String {
    let span = |span: Option<Span>| span.map_or_else(|| tr!("policy-none"), show::span);
    let pool = show::label(&safe(&change.pool), 12);
    let mut out = String::new();
    if change.bound_before != change.bound_after {
        let (before, after) = (span(change.bound_before), span(change.bound_after));
        out += &format!("  {pool}{}\n", tr!("policy-bound", before = before, after = after));
    }
    if change.promise_before != change.promise_after {
        let (before, after) = (span(change.promise_before), span(change.promise_after));
        out += &format!("  {pool}{}\n", tr!("policy-promise", before = before, after = after));
    }
    out
}

fn line(change: &LineChange) -> String {
    let word = format!("{:?}", change.word).to_lowercase();
    let about = match change.about.as_str() {
        "" => word,
        about => format!("{word} {}", safe(about)),
    };
    let mut out = match (change.key.as_str(), &change.before, &change.after) {
        ("", None, Some(line)) => {
            format!("  + {about}\n{}", wrapped("      ", &safe(line)))
        }
        ("", Some(line), _) => format!("  - {about}\n{}", wrapped("      ", &safe(line))),
        (key, before, after) => {
            let value = |v: &Option<String>| v.as_deref().map_or_else(|| tr!("policy-none"), safe);
            wrapped("  ", &format!("{about}: {} {} → {}", safe(key), value(before), value(after)))
        }
    };
    if change.jobs > 0 {
        out += &wrapped("      ", &get("policy-jobs-pass", &[("jobs", change.jobs.to_string())]));
    }
    out
}
