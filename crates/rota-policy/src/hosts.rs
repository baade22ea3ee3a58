//! Slurm's lists of nodes: `g[01-36]`, `r[1-2]n[1-4,7]`, `h1,h2`; `*` at the end stands for any text.

/// The most names that one text may stand for.
const MOST: usize = 100_000;

/// All names of a list; none where it cannot be read.
///
/// ```
/// use rota_policy::hosts::expand;
/// assert_eq!(expand("g[08-10]").unwrap(), ["g08", "g09", "g10"]);
/// assert_eq!(expand("r[1-2]n[1,3],h1").unwrap(), ["r1n1", "r1n3", "r2n1", "r2n3", "h1"]);
/// assert_eq!(expand("g[10-08]"), None);
/// ```
pub fn expand(text: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for part in split(text)? {
        let names = names(part)?;
        if all.len() + names.len() > MOST {
            return None;
        }
        all.extend(names);
    }
    Some(all)
}

/// At commas that are in no brackets.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            '[' if !inside => inside = true,
            ']' if inside => inside = false,
            '[' | ']' => return None,
            ',' if !inside => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!inside).then(|| parts.into_iter().map(str::trim).collect())
}

fn names(part: &str) -> Option<Vec<String>> {
    let star = part.find('*').is_none_or(|i| i + 1 == part.len());
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '"';
    if part.is_empty() || part.contains(odd) || !star {
        return None;
    }
    let mut all = vec![String::new()];
    let mut rest = part;
    while let Some((fixed, after)) = rest.split_once('[') {
        let (ranges, after) = after.split_once(']')?;
        let numbers: Vec<String> =
            ranges.split(',').map(range).collect::<Option<Vec<_>>>()?.concat();
        if all.len().saturating_mul(numbers.len()) > MOST {
            return None;
        }
        let each = |name: &String| {
            let name = format!("{name}{fixed}");
            numbers.iter().map(move |n| format!("{name}{n}")).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(each).collect();
        rest = after;
    }
    Some(all.into_iter().map(|name| name + rest).collect())
}

/// `01-36` with its leading zeros, or one number.
fn range(text: &str) -> Option<Vec<String>> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let number = |t: &str| {
        let plain = !t.is_empty() && t.len() <= 9 && t.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| t.parse::<usize>().ok()).flatten()
    };
    let (first, last) = (number(from)?, number(to)?);
    if first > last || last - first >= MOST {
        return None;
    }
    let width = from.len();
    Some((first..=last).map(|n| format!("{n:0width$}")).collect())
}

/// Shorter texts for the same names in the same order.
///
/// ```
/// use rota_policy::hosts::fold;
/// let names = ["h1", "g08", "g09", "g10"].map(str::to_owned);
/// assert_eq!(fold(&names), ["h1", "g[08-10]"]);
/// ```
pub fn fold(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut rest = names;
    while let Some(first) = rest.first() {
        let run = run(rest);
        all.push(match (numbered(first), rest.get(run - 1).and_then(|n| numbered(n))) {
            (Some((stem, from)), Some((_, to))) if run > 1 => format!("{stem}[{from}-{to}]"),
            _ => first.clone(),
        });
        rest = &rest[run..];
    }
    all
}

/// How many names from the first on count up by one.
fn run(names: &[String]) -> usize {
    let follows = |pair: &[String]| {
        let (Some((stem, a)), Some((other, b))) = (numbered(&pair[0]), numbered(&pair[1])) else {
            return false;
        };
        let next = a.parse::<u64>().map(|n| format!("{:0width$}", n + 1, width = a.len()));
        stem == other && a.len() == b.len() && next.is_ok_and(|next| next == b)
    };
    1 + names.windows(2).take_while(|pair| follows(pair)).count()
}

/// What is before the number at the end of a name, and the number.
fn numbered(name: &str) -> Option<(&str, &str)> {
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    (1..=9).contains(&digits).then(|| name.split_at(name.len() - digits))
}
