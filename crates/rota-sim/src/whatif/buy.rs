//! What money buys: nodes of one kind, or of two.

use super::change::{Change, Nodes};
use std::collections::BTreeSet;

/// The most purchases that are played.
pub const MOST: usize = 60;

/// An amount of money in whole units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money {
    /// How much.
    pub amount: u64,
    /// Of what: `KRW`.
    pub currency: String,
}

/// Units of won.
const WON: [(&str, u64); 5] = [
    ("천만", 10_000_000),
    ("백만", 1_000_000),
    ("만", 10_000),
    ("억", 100_000_000),
    ("조", 1_000_000_000_000),
];

impl Money {
    /// Reads `500M-KRW`, `1.5G KRW`, `300K-USD`, `1200`; `1.2조`, `5억` and `4천만` are won.
    ///
    /// ```
    /// use rota_sim::whatif::buy::Money;
    /// let money = Money::parse("500M-KRW").expect("money");
    /// assert_eq!((money.amount, money.currency.as_str()), (500_000_000, "KRW"));
    /// assert_eq!(Money::parse("5억"), Some(money));
    /// let won = |text| Money::parse(text).map(|money| money.amount);
    /// assert_eq!((won("1.2조"), won("4천만"), won("4000만원")), (Some(1_200_000_000_000), Some(40_000_000), Some(40_000_000)));
    /// assert_eq!(Money::parse("1.25K-USD").map(|m| m.amount), Some(1250));
    /// assert_eq!(Money::parse("much"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Money> {
        let text = text.trim().replace([',', '_'], "");
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        let units = [("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];
        let units = units.into_iter().chain(WON);
        let mut scaled =
            units.filter_map(|(unit, scale)| Some((scale, unit, rest.strip_prefix(unit)?)));
        let is_unit = |after: &str| !after.starts_with(|c: char| c.is_ascii_alphabetic());
        let found = scaled.find(|(_, _, after)| is_unit(after));
        let (scale, unit, rest) = found.unwrap_or((1, "", rest));
        let won = WON.iter().any(|(known, _)| *known == unit);
        let currency = match rest.trim_matches(['-', ' ']).trim_end_matches('원') {
            "" if won || rest.ends_with('원') => "KRW".to_owned(),
            other => other.to_ascii_uppercase(),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let decimals = u32::try_from(part.len()).ok().filter(|n| *n <= 9)?;
        let digits: u64 = format!("{whole}{part}").parse().ok()?;
        let amount = digits.checked_mul(scale)? / 10u64.checked_pow(decimals)?;
        let is_word = currency.chars().all(|c| c.is_ascii_alphabetic());
        (amount > 0 && is_word).then_some(Money { amount, currency })
    }
}

/// A node that can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Model of its GPUs.
    pub model: String,
    /// GPUs of a node.
    pub gpus: u32,
    /// What a node costs.
    pub price: Money,
}

/// Nodes for the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// What.
    pub nodes: Vec<Nodes>,
    /// What all of it costs.
    pub price: u64,
}

impl Purchase {
    /// The same as changes of a site.
    pub fn changes(&self) -> Vec<Change> {
        self.nodes.iter().cloned().map(Change::Add).collect()
    }
}

/// What the money buys: as many as possible of each kind, and of each two kinds a quarter, half and three quarters of the
/// money for the one, the rest for the other. At most [`MOST`], single kinds first.
pub fn purchases(money: &Money, offers: &[Offer]) -> Vec<Purchase> {
    let payable = |offer: &&Offer| {
        offer.price.currency == money.currency && (1..=money.amount).contains(&offer.price.amount)
    };
    let offers: Vec<&Offer> = offers.iter().filter(payable).collect();
    let single = offers.iter().map(|offer| buy(&[(offer, money.amount / offer.price.amount)]));
    let mut all: Vec<Purchase> = single.collect();
    let mut seen: BTreeSet<Vec<Nodes>> = all.iter().map(|p| p.nodes.clone()).collect();
    for (at, first) in offers.iter().enumerate() {
        for second in offers.iter().skip(at + 1) {
            let mixes = [3, 2, 1].map(|quarters| {
                let some = money.amount / 4 * quarters / first.price.amount;
                let some = some.max(1);
                let rest = money.amount.saturating_sub(some * first.price.amount);
                (some, rest / second.price.amount)
            });
            for (some, rest) in mixes.into_iter().filter(|(_, rest)| *rest > 0) {
                let purchase = buy(&[(first, some), (second, rest)]);
                if purchase.price <= money.amount && seen.insert(purchase.nodes.clone()) {
                    all.push(purchase);
                }
            }
        }
    }
    all.truncate(MOST);
    all
}

fn buy(parts: &[(&Offer, u64)]) -> Purchase {
    let most = u64::from(super::change::MOST_NODES);
    let count = |n: u64| u32::try_from(n.min(most)).unwrap_or(1);
    let nodes = parts.iter().map(|(offer, n)| {
        let (count, model, gpus) = (count(*n), offer.model.clone(), offer.gpus);
        Nodes { count, model, gpus }
    });
    let price = parts.iter().map(|(offer, n)| u64::from(count(*n)) * offer.price.amount).sum();
    Purchase { nodes: nodes.collect(), price }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_buys_each_kind_and_mixes_of_two_and_never_more_than_there_is() {
        let offer = |model: &str, price: &str| {
            let price = Money::parse(price).expect("money");
            Offer { model: model.into(), gpus: 8, price }
        };
        let money = Money::parse("1G-KRW").expect("money");
        let offers =
            [offer("H100", "400M-KRW"), offer("L40S", "150M-KRW"), offer("B200", "2G-KRW")];
        let all = purchases(&money, &[&offers[..], &[offer("A100", "1K-USD")]].concat());
        let names: Vec<String> = all
            .iter()
            .map(|p| p.nodes.iter().map(Nodes::to_string).collect::<Vec<_>>().join("+"))
            .collect();
        assert_eq!(names, ["2xH100x8", "6xL40Sx8", "1xH100x8+4xL40Sx8"]);
        assert!(all.iter().all(|p| p.price <= money.amount));
    }
}
