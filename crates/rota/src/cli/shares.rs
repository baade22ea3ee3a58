//! The tree of shares as text.

use super::Global;
use super::jobs::json;
use crate::fault::{Fault, failed};
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::{PoolTurn, Shares};
use rota_core::policy::promise::Bound;
use rota_core::shares::{Branch, LedgerShares, WHOLE};
use std::process::ExitCode;

/// `rota shares`
#[derive(Args)]
pub struct SharesArgs {
    /// Only the ledger of this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<String>,
}

/// Columns of names.
const NAMES: usize = 25;
/// Columns of a bar.
const BAR: usize = 14;

/// The tree, ledger by ledger.
pub fn shares(global: &Global, args: &SharesArgs) -> Result<ExitCode, Fault> {
    let mut answer: Shares = global.client()?.get("/v1/shares")?;
    let ledgers = &mut answer.shares.ledgers;
    if let Some(pool) = &args.pool {
        let known: Vec<&str> = ledgers.iter().map(|l| l.pool.as_str()).collect();
        let known = known.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
        let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
        ledgers.retain(|l| l.pool == *pool);
        if ledgers.is_empty() {
            return Err(failed!("unknown-pool", pool = pool, known = known));
        }
    }
    if global.json {
        return json(&answer);
    }
    let texts = answer.shares.ledgers.iter().map(|ledger| text(ledger, &answer.shares.unit));
    let texts: Vec<String> = texts.collect();
    let wanted = |turn: &&PoolTurn| args.pool.as_ref().is_none_or(|pool| turn.pool == *pool);
    let turns: String = answer.turns.iter().filter(wanted).map(turn).collect();
    let gap = if turns.is_empty() { "" } else { "\n" };
    let trees = texts.join("\n");
    show::print(&format!("{}{trees}{gap}{turns}", show::banner(answer.simulated)))?;
    Ok(ExitCode::SUCCESS)
}

/// How long nobody waits longer than.
fn turn(turn: &PoolTurn) -> String {
    let Bound { grants, gang, gpus, slice, .. } = turn.bound;
    let (pool, slice) = (safe(&turn.pool), show::span(slice));
    let wait = turn.wait.map_or_else(|| tr!("not-known"), show::span);
    let promise =
        turn.promise.map_or(String::new(), |most| tr!("turn-promise", most = show::span(most)));
    let bound = tr!(
        "turn-bound",
        pool = pool,
        grants = grants,
        gang = gang,
        gpus = gpus,
        slice = slice,
        wait = wait
    );
    show::wrapped("", &(bound + &promise))
}

fn text(ledger: &LedgerShares, unit: &str) -> String {
    let pool = if ledger.pool.is_empty() { tr!("shares-common") } else { safe(&ledger.pool) };
    let used = show::decimal(ledger.delivered);
    let (pool, unit) = (show::shorten(&pool, 20), show::shorten(&safe(unit), 20));
    let title = tr!("shares-title", pool = pool, used = used, unit = unit);
    if ledger.labs.is_empty() {
        return format!("{title}\n{}\n", tr!("shares-none"));
    }
    let header = [
        show::label(&tr!("column-who"), NAMES),
        show::right(&tr!("column-share"), 8),
        show::right(&tr!("column-used"), 10),
        show::right(&tr!("column-owed"), 10),
        show::right(&tr!("column-holds"), 6),
        show::right(&tr!("column-waits"), 6),
        format!(" {}", tr!("column-used-share")),
    ];
    let mut out = format!("{title}\n{}\n", header.concat().trim_end());
    for lab in &ledger.labs {
        branch(&mut out, lab, ledger.delivered, 0);
    }
    out
}

fn branch(out: &mut String, b: &Branch, of: u64, depth: usize) {
    let name = if b.name.is_empty() { tr!("share-no-grant") } else { safe(&b.name) };
    let name = show::shorten(&name, NAMES - 1 - 2 * depth);
    let share = tr!("percent", value = show::decimal(b.share));
    let owed = show::decimal(b.owed.unsigned_abs());
    let sign = match b.owed {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    let line = [
        show::label(&format!("{}{name}", "  ".repeat(depth)), NAMES),
        show::right(&share, 8),
        show::right(&show::decimal(b.used), 10),
        show::right(&format!("{sign}{owed}"), 10),
        show::right(&show::decimal(b.holds), 6),
        show::right(&b.waiting.to_string(), 6),
        format!(" {}", bar(b, of)),
    ];
    out.push_str(line.concat().trim_end());
    out.push('\n');
    // Work on no grant needs no line of its own where there is no other.
    let below = match b.below.as_slice() {
        [only] if only.name.is_empty() && depth == 0 => &only.below,
        below => below,
    };
    for inner in below {
        branch(out, inner, b.used, depth + 1);
    }
}

/// What was used of what the parent had; `|` is where the share ends.
fn bar(b: &Branch, of: u64) -> String {
    let cells = |part: u64, whole: u64| {
        let width = u128::try_from(BAR).unwrap_or(0);
        let scaled = u128::from(part) * width / u128::from(whole.max(1));
        usize::try_from(scaled).unwrap_or(BAR).min(BAR)
    };
    let (used, share) = (cells(b.used, of), cells(b.share, WHOLE).min(BAR - 1));
    let cell = |at: usize| match at {
        at if at == share => '|',
        at if at < used => '#',
        _ => '.',
    };
    (0..BAR).map(cell).collect()
}
