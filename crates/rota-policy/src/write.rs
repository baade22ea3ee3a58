//! Writes a policy as a file that reads back the same, with a line for each word that says what it is.

use crate::rows::{self, Keys};
use rota_core::policy::Policy;

/// The file of a policy.
pub fn write(policy: &Policy) -> String {
    let zone = &policy.zone;
    let claims = policy.claims.iter().map(|c| rows::claim(c, zone));
    let boosts = policy.boosts.iter().map(|b| rows::boost(b, zone));
    [
        lines(&rows::head(policy)),
        list("pool", POOL, policy.pools.iter().map(rows::pool)),
        list("share", SHARE, policy.shares.iter().map(|s| rows::share(s, zone))),
        list("claim", CLAIM, claims.chain(boosts)),
        list("class", CLASS, policy.classes.iter().map(rows::class)),
        list("limit", LIMIT, policy.limits.iter().map(rows::limit)),
        list("budget", BUDGET, policy.budgets.iter().map(|b| rows::budget(b, zone))),
        table("price", PRICE, &rows::prices(&policy.prices, zone)),
        if policy.prices.speeds.is_empty() {
            String::new()
        } else {
            table("speed", SPEED, &rows::speeds(&policy.prices))
        },
        format!("\n# {TURN}\n"),
        std::iter::once(rows::default_turn(policy))
            .chain(policy.turns.iter().map(rows::turn))
            .map(|keys| format!("[[turn]]\n{}", lines(&keys)))
            .collect(),
        table("idle", IDLE, &rows::idle(&policy.idle)),
    ]
    .concat()
}

const POOL: &str =
    r#"1 sets of nodes: { name = "h100", nodes = ["h1", "g[01-36]"], own_ledger = true }"#;
const SHARE: &str =
    r#"2 weights in the tree university > lab > grant > person: { who = "lab/kim", share = 2 }"#;
const CLAIM: &str =
    r#"3 rights to GPUs: { who = "lab/lee", pool = "h100", gpus = 8, lend = true }"#;
const CLASS: &str = r#"4 kinds of job: { name = "short", rank = 2, max_time = "3h" }"#;
const LIMIT: &str = r#"5 never more than: { who = "each person", gpus = 4 }"#;
const BUDGET: &str =
    r#"6 purses: { who = "lab/kim/nrf-1", gpu_hours = 12000, per = "2026", stop_at = 1.25 }"#;
const PRICE: &str = "7 price of a GPU hour, A100 = 1; times of day are factors: night = 0.7";
const SPEED: &str = "7 how fast models are, A100 = 1, where this site knows better";
const TURN: &str =
    "8 how long a job holds its GPUs before it must let others in: everywhere, and by pool";
const IDLE: &str = r#"9 GPUs held and not used: never_used = { warn = "30m", stop = "1h" }"#;

fn lines(keys: &Keys) -> String {
    keys.0.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

fn list(word: &str, says: &str, rows: impl Iterator<Item = Keys>) -> String {
    let rows: String = rows.map(|row| format!("  {{ {} }},\n", row.line())).collect();
    format!("\n# {says}\n{word} = [\n{rows}]\n")
}

fn table(word: &str, says: &str, keys: &Keys) -> String {
    format!("\n# {says}\n[{word}]\n{}", lines(keys))
}
