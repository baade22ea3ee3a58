//! Every fault, as it is said.

use rota_core::calendar::Zone;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::node::Node;
use rota_core::policy::verify::verify;
use rota_core::units::{Mib, Time};
use rota_policy::check::check;

/// Where no claim is written.
const NO_CLAIM: &str = "";

/// 2026-11-25.
const NOW: Time = Time(1_795_651_200_000);

/// What is said of a file: line, column, width, code, sentence, and what was meant.
fn said(text: &str, site: Option<&Cluster>) -> String {
    let checked = check(text, &Zone::default(), |policy| Ok::<_, ()>(verify(policy, site, NOW)));
    let checked = checked.expect("nothing fails");
    let lines = checked.faults.iter().map(|f| {
        let kind = if f.is_error() { "" } else { "warning " };
        let meant = f.meant.as_ref().map_or_else(String::new, |m| format!(" [{m}]"));
        format!("{}:{}+{} {kind}{}: {}{meant}\n", f.line, f.column, f.width, f.code, f.message)
    });
    lines.collect()
}

fn site(nodes: &[(&str, u32)]) -> Cluster {
    let mut c = Cluster::default();
    for (id, (name, gpus)) in (0..).zip(nodes) {
        let (name, model) = ((*name).to_owned(), Some("H100".to_owned()));
        let (gpus, price, cpus, mem) = (*gpus, 2200, 64, Mib(1 << 20));
        let node = Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() };
        c.apply(Time(0), &Event::NodeAdded { node });
    }
    c
}

#[track_caller]
fn says(text: &str, wanted: &str) {
    page(text, None, wanted);
}

#[track_caller]
fn says_at(nodes: &[(&str, u32)], text: &str, wanted: &str) {
    page(text, Some(&site(nodes)), wanted);
}

#[track_caller]
fn page(text: &str, site: Option<&Cluster>, wanted: &str) {
    let trimmed = |t: &str| {
        t.lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(|l| format!("{l}\n"))
            .collect::<String>()
    };
    let found = said(&trimmed(text), site);
    assert!(found == trimmed(wanted), "\n{text}\nfound:\n{found}");
}

#[test]
fn what_is_no_toml_is_shown_where_it_breaks() {
    says(
        "pool = [\n{ name = \"a\" nodes = [\"n\"] },\n]",
        r##"
        2:14+1 policy-no-toml: this is no TOML: missing comma between key-value pairs, expected `,`
        "##,
    );
    says(
        "site = \"x",
        r##"
        1:10+1 policy-no-toml: this is no TOML: invalid basic string, expected `"`
        "##,
    );
}

#[test]
fn all_faults_are_found_in_one_reading() {
    says(
        r#"
        memmory = "14d"
        charge = "alocated"
        zone = "Asia/Soul"
        pool = [{ name = "h100", nodes = ["h1", "g[9-1]"], own_leger = true }]
        share = [{ who = "kim", share = -1 }, { who = "labs/lee", weight = 2 }]
        turn = [{ pool = "h10", slice = "4 hours", max_wait = 24 }]
        "#,
        r##"
        1:1+7 policy-unknown-key: a policy has no 'memmory'; it has zone, site, unit, memory, charge, reserved, pool, share, class, limit, budget, price, speed, idle, claim, turn [memory]
        2:10+10 policy-bad-choice: charge = "alocated" is not one of "allocated", "used" ["allocated"]
        3:8+11 policy-bad-zone: zone = "Asia/Soul" is not a time zone, such as "Asia/Seoul" ["Asia/Seoul"]
        4:41+8 policy-bad-nodes: nodes = "g[9-1]" is not a list of nodes, such as "h1", "g[01-36]" or "gpu-*"
        4:52+9 policy-unknown-key: a pool has no 'own_leger'; it has name, nodes, own_ledger, whole_only, mps [own_ledger]
        5:18+5 policy-bad-who: who = "kim" is not a place in the tree, such as "lab/kim", "lab/kim/GRANT", "class/CS470", "person/ana" or "everyone" ["lab/kim"]
        5:33+2 policy-bad-decimal: share = -1 is not a number from 0 on with at most three decimals, such as 2 or 0.35
        5:47+10 policy-bad-who: who = "labs/lee" is not a place in the tree, such as "lab/kim", "lab/kim/GRANT", "class/CS470", "person/ana" or "everyone" ["lab/lee"]
        5:59+6 policy-unknown-key: a share has no 'weight'; it has who, share, until [share]
        6:18+5 policy-unknown-pool: no pool is called 'h10'; this policy has h100 ["h100"]
        6:33+9 policy-bad-time: slice = "4 hours" is not a time above zero, such as "90s", "15m", "4h" or "1d12h" ["4h"]
        6:55+2 policy-bad-time: max_wait = 24 is not a time above zero, such as "90s", "15m", "4h" or "1d12h"
        "##,
    );
}

#[test]
fn values_that_do_not_fit_say_what_would() {
    says(
        r#"
        reserved = 2.5
        site = 3
        share = [{ who = "lab/kim", share = 1, until = "soon" }]
        claim = [
        { who = "everyone", pool = 1, gpus = "some", lend = "yes", reclaim = "suspent" },
        { who = "lab/a", rotate = ["lab/b", "lab/c"], pool = "p", gpus = 1, when = "someday" },
        { who = "lab/a", boost = "big", from = 2026-05-02, until = 2026-05-01 },
        { who = "lab/b", pool = "p" },
        ]
        class = [{ name = "a", rank = 300, protected = "no" }]
        limit = [{ who = "each people", pool = "x" }, "each lab"]
        budget = [{ who = "each lab", gpu_hours = "many", per = "decade", when_spent = "halt" }]
        price = 3
        idle = { never_used = "1h" }
        turn = { slice = "4h", max_wait = "1d" }
        "#,
        r##"
        1:12+3 policy-bad-count: reserved = 2.5 is not a whole number, such as 4
        2:8+1 policy-bad-text: site = 3 is not text in quotes
        3:48+6 policy-bad-date: until = "soon" is not a date or a moment, such as 2026-12-31 or "2026-12-31 18:00"
        5:28+1 policy-bad-text: pool = 1 is not text in quotes
        5:38+6 policy-bad-gpus: gpus = "some" is not a number of GPUs or "all"
        5:53+5 policy-bad-lend: lend = "yes" is not true, false or "owners"
        5:70+9 policy-bad-choice: reclaim = "suspent" is not one of "suspend", "requeue", "wait" ["suspend"]
        6:9+7 policy-who-and-rotate: a claim is of one ('who') or rotates ('rotate'); leave one of them out
        6:54+3 policy-unknown-pool: no pool is called 'p'; this policy has none
        6:76+9 policy-bad-when: when = "someday" is not days and hours, such as "Tue,Thu 13:00-16:00" or "daily 22:00-08:00"
        7:26+5 policy-bad-decimal: boost = "big" is not a number from 0 on with at most three decimals, such as 2 or 0.35
        7:60+10 policy-ends-before-it-begins: it ends before it begins; 'until' must come after 'from'
        8:1+29 policy-missing-key: this claim says no gpus; write for example gpus = 8, or gpus = "all"
        8:25+3 policy-unknown-pool: no pool is called 'p'; this policy has none
        10:31+3 policy-bad-rank: rank = 300 is not a number from 0 to 255; higher goes first
        10:48+4 policy-bad-flag: protected = "no" is not true or false
        11:47+10 policy-no-table: a limit is a table, such as limit = [ { … } ] or [[limit]]
        12:43+6 policy-bad-decimal: gpu_hours = "many" is not a number from 0 on with at most three decimals, such as 12000 or 0.5
        12:57+8 policy-bad-period: per = "decade" is not "month", "quarter", "year", a year such as "2026", or dates such as "2026-03-01..2027-02-28"
        12:80+6 policy-bad-choice: when_spent = "halt" is not one of "spare", "stop", "show"
        13:9+1 policy-bad-table: price = 3 is not a table, such as [price]
        14:23+4 policy-bad-table: never_used = "1h" is not a table, such as { warn = "30m", stop = "1h" }
        15:35+4 policy-promise-needs-pool: a promise is about one pool; say which: pool = "h100"
        "##,
    );
}

#[test]
fn what_looks_misspelt_is_only_a_warning() {
    says(
        r#"
        share = [{ who = "lab/kim", share = 2 }, { who = "lab/kmi", share = 1 }, { who = "lab/kim/nrf", share = 1 }]
        [price]
        A10O = 1
        MyOwnGPU = 2
        "#,
        r##"
        1:50+9 warning policy-lab-once: 'kmi' appears only here, and 'kim' elsewhere: is it the same lab? ["lab/kim"]
        3:8+1 warning policy-odd-model: no GPU model is known as 'A10O' [A100]
        "##,
    );
    says(
        "share = [{ who = \"lab/lab1\", share = 2 }, { who = \"lab/lab2\", share = 1 }, { who = \"lab/lab1/a\", share = 1 }]",
        "",
    );
}

#[test]
fn names_point_at_what_is_there() {
    says(
        r#"
        pool = [{ name = "h100", nodes = ["h1"] }, { name = "h100", nodes = ["h*"] }]
        class = [{ name = "short", rank = 1, pools = ["h200"], default = true }, { name = "long", rank = 1, default = true }]
        limit = [{ who = "each lab", pool = "h200", class = "shorty", gpus = 3 }]
        turn = [{ pool = "h100", slice = "4h" }, { pool = "h100", slice = "2h" }]
        "#,
        r##"
        1:53+6 policy-named-twice: a pool 'h100' was named before; keep one of them
        1:69+6 policy-node-in-two-pools: node 'h*' is in pool 'h100' already; a node is in one pool: take it out of one of them
        2:46+8 policy-unknown-pool: no pool is called 'h200'; this policy has h100, h100 ["h100"]
        2:111+4 policy-two-defaults: 'short' and 'long' are both the default class; one can be
        3:37+6 policy-unknown-pool: no pool is called 'h200'; this policy has h100, h100 ["h100"]
        3:53+8 policy-unknown-class: no class is called 'shorty'; this policy has short, long ["short"]
        4:51+6 policy-named-twice: a turn 'h100' was named before; keep one of them
        "##,
    );
}

#[test]
fn claims_give_out_no_more_than_there_is() {
    let nodes = [("h1", 8), ("h2", 8)];
    says_at(
        &nodes,
        r#"
        pool = [{ name = "h", nodes = ["h*"] }, { name = "a100", nodes = ["a1"] }]
        claim = [
        { who = "lab/kim", pool = "h", gpus = 10, when = "Mon 09:00-12:00" },
        { who = "lab/lee", pool = "h", gpus = 10, when = "Mon 11:00-13:00" },
        { who = "lab/lee", pool = "h", gpus = 10, when = "Tue 11:00-13:00" },
        { who = "nobody", pool = "h", gpus = 16 },
        ]
        "#,
        r##"
        1:66+6 warning policy-pool-without-nodes: no node here is in pool 'a100'; nodes here are h1, h2 ["h1"]
        4:39+2 policy-claims-too-large: lab/lee and lab/kim claim 20 GPUs of pool 'h' at one time; it has 16: make one smaller, or let them be at other times
        "##,
    );
    says_at(
        &nodes,
        r#"
        pool = [{ name = "h", nodes = ["h*"] }]
        claim = [{ who = "lab/kim", pool = "h", gpus = 17 }]
        "#,
        r##"
        2:48+2 policy-claim-too-large: lab/kim claims 17 GPUs of pool 'h', which has 16; claim at most 16
        "##,
    );
    says(
        r#"
        pool = [{ name = "h", nodes = ["h*"] }]
        claim = [{ who = "lab/kim", pool = "h", gpus = "all" }, { who = "lab/lee", pool = "h", gpus = 1 }]
        "#,
        r##"
        2:95+1 policy-claims-all-twice: lab/lee and lab/kim claim GPUs of pool 'h' at one time, and one of them all: say how many each has
        "##,
    );
}

#[test]
fn a_promise_that_cannot_be_kept_is_refused_with_the_numbers() {
    let labs: Vec<String> =
        (0..20).map(|n| format!("{{ who = \"lab/{n}\", share = 1 }}")).collect();
    let file = |promise: &str| {
        format!(
            r#"
        pool = [{{ name = "h", nodes = ["h*"] }}]
        share = [{}]
        limit = [{{ who = "each person", pool = "h", gpus = 4, max_time = "4h" }}]
        turn = {{ pool = "h", slice = "4h", max_wait = "{promise}" }}
        "#,
            labs.join(",")
        )
    };
    let nodes = [("h1", 8), ("h2", 8)];
    says_at(
        &nodes,
        &file("12h"),
        r##"
        4:47+5 policy-promise-too-short: pool h: 20 grants x 4 GPUs on 16: 5 turns of 4h and 5m to leave = 20h5m, more than max_wait 12h; a slice of 2h23m would keep it, or max_wait = "20h5m"
        "##,
    );
    says_at(&nodes, &file("21h"), "");
    // Jobs that are longer than a turn are suspended, each where it is.
    let long = |promise| file(promise).replace("max_time = \"4h\"", "max_time = \"5h\"");
    says_at(
        &nodes,
        &long("21h"),
        r##"
        4:47+5 warning policy-promise-suspended: pool h has several nodes: who is suspended goes on on their own GPUs alone, and may wait up to 4h longer than 21h; max_wait = "1d1h" is always kept
        "##,
    );
    says_at(&nodes, &long("1d1h"), "");
    says_at(&nodes[..1], &long("41h"), "");
    says(
        &file("2h"),
        r##"
        4:47+4 policy-promise-below-a-turn: pool h: whoever holds it may do so for 4h, so nobody can be promised a turn within 2h; write max_wait = "4h5m" or more, or shorter turns
        "##,
    );
    says(&file("12h"), "");
}

#[test]
fn what_is_protected_is_counted() {
    let nodes = [("h1", 8)];
    let file = |class: &str, claim: &str| {
        format!(
            r#"
        pool = [{{ name = "h", nodes = ["h*"] }}]
        claim = [{claim}]
        class = [{class}]
        turn = {{ pool = "h", slice = "4h", max_wait = "9h" }}
        "#
        )
    };
    let open = file(r#"{ name = "a", rank = 1, protected = true }"#, NO_CLAIM);
    says_at(
        &nodes,
        &open,
        r##"
        3:46+4 policy-protected-without-end: jobs of 'a' are never stopped and have no max_time, so nobody can be promised a turn in pool 'h'; give the class a max_time
        "##,
    );
    let long = file(r#"{ name = "a", rank = 1, protected = true, max_time = "9h" }"#, NO_CLAIM);
    says_at(
        &nodes,
        &long,
        r##"
        4:47+4 policy-promise-below-a-turn: pool h: whoever holds it may do so for 9h, so nobody can be promised a turn within 9h; write max_wait = "9h5m" or more, or shorter turns
        "##,
    );
    let five_days = file(r#"{ name = "a", rank = 1, max_time = "5d" }"#, NO_CLAIM);
    says_at(
        &nodes,
        &five_days,
        r##"
        "##,
    );
    let claim = r#"{ who = "lab/kim", pool = "h", gpus = 4 }"#;
    let claimed = file(r#"{ name = "a", rank = 1, max_time = "4h" }"#, claim);
    says_at(
        &nodes,
        &claimed,
        r##"
        4:47+4 policy-promise-without-room: pool h: beside its claims no node has 8 GPUs left, so nobody can be promised a turn there; limit jobs to fewer GPUs (gpus_per_job), or claim fewer
        "##,
    );
}

#[test]
fn who_names_a_scarce_model_may_wait_longer_than_the_pool_promises() {
    let file = |share: &str| {
        format!(
            r#"
        pool = [{{ name = "h", nodes = ["h*"] }}]
        share = [{share}]
        turn = {{ pool = "h", slice = "4h", max_wait = "9h" }}
        "#
        )
    };
    let labs = |count: u32| {
        let lab = |n: u32| format!(r#"{{ who = "lab/l{n}", share = 1 }}"#);
        (0..count).map(lab).collect::<Vec<String>>().join(", ")
    };
    let mut site = site(&[("h1", 8), ("h2", 8), ("h3", 8)]);
    let mut old = site.nodes[&NodeId(2)].node.clone();
    (old.model, old.gpus) = (Some("A100".to_owned()), 8);
    site.apply(Time(0), &Event::NodeAdded { node: old });
    page(&file(&labs(2)), Some(&site), "");
    // Nobody but its holder is promised anything of a model that is claimed.
    let claimed = format!(
        r#"
        pool = [{{ name = "h", nodes = ["h*"] }}]
        share = [{}]
        claim = [{{ who = "lab/l0", pool = "h", gpus = 16 }}]
        turn = {{ pool = "h", slice = "4h", max_wait = "13h" }}
        "#,
        labs(3)
    );
    page(&claimed, Some(&site), "");
    page(
        &file(&labs(3)),
        Some(&site),
        r##"
        3:47+4 warning policy-promise-by-model: pool h: if all 3 grants name A100, of which it has 8, they wait up to 12h5m, longer than max_wait 9h; A100 in a pool of its own can have a max_wait that is always kept
        "##,
    );
}

#[test]
fn lines_that_cannot_be_meant_are_named() {
    says(
        r#"
        charge = "used"
        pool = [{ name = "h", nodes = ["h*"] }]
        claim = [{ who = "lab/park", boost = 2.0 }]
        class = [{ name = "a", rank = 1, max_time = "5d" }, { name = "b", rank = 2, gpus_per_person = 0 }]
        limit = [{ who = "each lab", booked_gpu_days = 3 }, { who = "each lab", gpus = 0 }]
        budget = [{ who = "lab/kim/nrf", gpu_hours = 10, per = "2020", stop_at = 0.5 }]
        turn = [{ pool = "h", slice = "10m" }]
        idle = { sm_below = 0.7 }
        "#,
        r##"
        1:10+6 policy-charge-used: charge = "used" needs measured GPU use, which this engine does not have yet; write "allocated"
        3:38+3 warning policy-boost-unexplained: the boost of lab/park says no until, why, approved_by; others will ask
        4:10+41 warning policy-no-default: no class is the default: jobs that name none are 'a'; write default = true
        4:95+1 warning policy-nothing-fits: with gpus_per_person = 0 nothing of theirs ever starts
        5:48+1 warning policy-books-too-little: a job of one GPU that names no walltime books 5 GPU-days and could never start; allow at least 5
        5:80+1 warning policy-nothing-fits: with gpus = 0 nothing of theirs ever starts
        6:56+6 warning policy-is-over: this line is over and does nothing any more; take it out
        6:74+3 policy-stops-too-early: stop_at is a part of the purse at which even spare use ends, and it ends before the purse is spent (50 %); write 1 or more
        7:31+5 warning policy-turn-short: with turns of 10m much time goes into switching; 1h or more is usual
        8:21+3 policy-sm-below: sm_below = 0.7 takes GPUs from jobs that use them well; 0.01 finds those that use next to nothing
        "##,
    );
}

#[test]
fn mps_where_nobody_shares_a_gpu_is_named() {
    says(
        r#"
        pool = [{ name = "h", nodes = ["h*"], whole_only = true, mps = true }]
        "#,
        r##"
        1:64+4 warning policy-mps-whole: nobody shares a GPU in pool 'h', so mps does nothing there
        "##,
    );
}

#[test]
fn a_turn_that_never_ends_is_named() {
    says(
        r#"
        pool = [{ name = "h", nodes = ["h*"] }]
        class = [{ name = "a", rank = 1, max_time = "3h" }]
        turn = { pool = "h", slice = "4h", max_wait = "9h" }
        "#,
        r##"
        3:30+4 warning policy-turn-never-ends: no job may run longer than 3h in pool 'h', so a turn of 4h never ends there; with slice = "3h" nobody loses anything, and a shorter wait can be promised
        "##,
    );
}

#[test]
fn other_values_that_do_not_fit() {
    says(
        r#"
        pool = [{ name = "h", nodes = [] }]
        limit = [{ who = "everyone" }]
        claim = [{ rotate = ["lab/a", "lab"], pool = "h", gpus = 1, every = "weekly" }]
        [price]
        night = { when = "daily 22:00-08:00" }
        H100 = "cheap"
        "#,
        r##"
        1:31+2 policy-bad-list: nodes = [] is not a list, such as ["a", "b"]
        2:10+20 policy-limits-nothing: this limit limits nothing; say one of gpus, jobs, gpus_per_job, max_time, booked_gpu_days
        3:31+5 policy-bad-who: rotate = "lab" is not a place in the tree, such as "lab/kim", "lab/kim/GRANT", "class/CS470", "person/ana" or "everyone" ["lab/lab"]
        3:69+8 policy-bad-time: every = "weekly" is not a time above zero, such as "90s", "15m", "4h" or "1d12h"
        5:9+30 policy-missing-key: this time says no factor; write for example factor = 0.7
        6:8+7 policy-bad-decimal: H100 = "cheap" is not a number from 0 on with at most three decimals, such as 2 or 0.35
        "##,
    );
}

#[test]
fn the_example_of_the_guide_can_be_applied() {
    let guide = include_str!("../../../docs/guide/policy.md");
    let example = guide.split("```toml").nth(1).and_then(|rest| rest.split("```").next());
    says_at(&[("h1", 8), ("h2", 8), ("lee-a6000", 4)], example.expect("an example"), "");
}
