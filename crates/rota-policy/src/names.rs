//! Names that nothing defines and that may be misspelt: labs that appear once and nearly as another does, and GPU models.

use crate::Reading;
use crate::fault::Said;
use crate::near::{distance, nearest};
use rota_core::gpu::names as model_names;
use rota_core::policy::verify::{Line, Severity, Word};
use rota_core::policy::who::{Scope, Who};
use rota_core::slice::named;
use std::collections::BTreeMap;
use std::ops::Range;

/// Warns of names that look misspelt.
pub(crate) fn check(reading: &mut Reading) {
    labs(reading);
    models(reading);
}

/// Where each lab appears.
fn labs(reading: &mut Reading) {
    let mut all: BTreeMap<String, Vec<Option<Range<usize>>>> = BTreeMap::new();
    for (line, key, who) in lines(reading) {
        let (Who::Lab(lab) | Who::Grant(lab, _)) = who else { continue };
        let row = reading.places.get(&line);
        let at = row.map(|(row, values)| values.get(key).unwrap_or(row).clone());
        all.entry(lab).or_default().push(at);
    }
    let names: Vec<String> = all.keys().cloned().collect();
    for (lab, places) in &all {
        let [at] = places.as_slice() else { continue };
        let often = names.iter().filter(|other| all.get(*other).is_some_and(|p| p.len() > 1));
        let Some(other) = often.into_iter().find(|other| looks_like(lab, other)) else { continue };
        let message =
            format!("'{lab}' appears only here, and '{other}' elsewhere: is it the same lab?");
        let args = [("lab", lab.clone()), ("other", other.clone())];
        let said =
            Said::new("policy-lab-once", args, message).meant(Some(format!("\"lab/{other}\"")));
        reading.faults.add(Severity::Warning, at.as_ref(), said);
    }
}

/// One letter apart or two swapped, in more than a number.
fn looks_like(a: &str, b: &str) -> bool {
    let letters = |t: &str| t.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let chars = |t: &str| t.to_lowercase().chars().collect::<Vec<char>>();
    a.len().min(b.len()) > 2 && letters(a) != letters(b) && distance(&chars(a), &chars(b)) == 1
}

fn lines(reading: &Reading) -> Vec<(Line, &'static str, Who)> {
    let policy = &reading.policy;
    let line = |word, at| Line { word, at };
    let shares = policy.shares.iter().enumerate();
    let shares = shares.map(|(at, s)| (line(Word::Share, at), "who", s.who.clone()));
    let claims = policy.claims.iter().enumerate().flat_map(|(at, claim)| {
        let key = if claim.who.len() > 1 { "rotate" } else { "who" };
        claim.who.iter().map(move |who| (line(Word::Claim, at), key, who.clone()))
    });
    let boosts = policy.boosts.iter().enumerate();
    let boosts = boosts.map(|(at, b)| (line(Word::Boost, at), "who", b.who.clone()));
    let limits = policy.limits.iter().map(|l| &l.who).enumerate();
    let limits =
        limits.filter_map(|(at, who)| one(who).map(|who| (line(Word::Limit, at), "who", who)));
    let budgets = policy.budgets.iter().map(|b| &b.who).enumerate();
    let budgets =
        budgets.filter_map(|(at, who)| one(who).map(|who| (line(Word::Budget, at), "who", who)));
    shares.chain(claims).chain(boosts).chain(limits).chain(budgets).collect()
}

fn one(scope: &Scope) -> Option<Who> {
    match scope {
        Scope::One(who) => Some(who.clone()),
        _ => None,
    }
}

/// Models that the table does not know, and nearly does. Their price counts only if a node says that name.
fn models(reading: &mut Reading) {
    let Some((_, values)) = reading.places.get(&Line { word: Word::Price, at: 0 }).cloned() else {
        return;
    };
    let times: Vec<&str> = reading.policy.prices.times.iter().map(|t| t.name.as_str()).collect();
    let odd = values.iter().filter(|(model, _)| {
        !is_known(model) && *model != "booking" && !times.contains(&model.as_str())
    });
    let odd: Vec<(String, Range<usize>)> = odd.map(|(m, at)| (m.clone(), at.clone())).collect();
    for (model, at) in odd {
        let Some(meant) = nearest(&model, model_names()) else { continue };
        let message = format!("no GPU model is known as '{}'", model.escape_debug());
        let said = Said::new("policy-odd-model", [("model", model)], message).meant(Some(meant));
        reading.faults.add(Severity::Warning, Some(&at), said);
    }
}

fn is_known(model: &str) -> bool {
    let model = crate::words::canonical(model);
    named(&model).is_some() || model_names().any(|known| known == model)
}
