//! Weighted max-min with demand: everyone gets their part by weight, and what someone does not want goes to the others.

/// One who wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Weight.
    pub weight: u64,
    /// As much as they want.
    pub most: u64,
}

/// Divides `all`; who has a right to some of it first, says `rights`.
///
/// Three with weights 2, 1, 1 and 8 to divide, of whom the first wants 1: it gets 1, the others 3.5 each.
///
/// ```
/// use rota_sim::metrics::maxmin::{Wish, divide};
/// let wish = |weight, most| Wish { weight, most };
/// assert_eq!(divide(8000, &[wish(2, 1000), wish(1, 8000), wish(1, 8000)]), [1000, 3500, 3500]);
/// assert_eq!(divide(6000, &[wish(2, 9000), wish(1, 9000)]), [4000, 2000]);
/// ```
pub fn divide(all: u64, wishes: &[Wish]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    let per_weight = |at: &usize| {
        let wish = wishes.get(*at).copied().unwrap_or(Wish { weight: 1, most: 0 });
        // In millionths, so that whole numbers order as fractions do.
        wish.most.saturating_mul(1_000_000) / wish.weight.max(1)
    };
    order.sort_by_key(|at| (per_weight(at), *at));
    let mut weights: u64 = wishes.iter().map(|w| w.weight).sum();
    let mut left = all;
    let mut given = vec![0; wishes.len()];
    for at in order {
        let (Some(wish), Some(slot)) = (wishes.get(at), given.get_mut(at)) else { continue };
        let part = part(left, wish.weight, weights.max(1));
        let gets = part.min(wish.most);
        *slot = gets;
        left -= gets;
        weights -= wish.weight;
    }
    given
}

/// `all` × weight ÷ weights; in narrow numbers where they do, which is nearly always.
fn part(all: u64, weight: u64, weights: u64) -> u64 {
    let wide = || u128::from(all) * u128::from(weight) / u128::from(weights);
    let narrow = all.checked_mul(weight).map(|product| product / weights);
    narrow.unwrap_or_else(|| u64::try_from(wide()).unwrap_or(u64::MAX))
}

/// The same where some have a right to a part whatever the weights: `(right, wish)`. Nobody gets less than their right as
/// far as they want it; it counts towards what they get. Rights beyond what there is are cut alike.
///
/// An owner of 4 of 6, as heavy as another: they get 4 and 2. An owner of 2 gets 3, as without.
///
/// ```
/// use rota_sim::metrics::maxmin::{Wish, divide_by_right};
/// let wish = Wish { weight: 1, most: 9000 };
/// assert_eq!(divide_by_right(6000, &[(4000, wish), (0, wish)]), [4000, 2000]);
/// assert_eq!(divide_by_right(6000, &[(2000, wish), (0, wish)]), [3000, 3000]);
/// ```
pub fn divide_by_right(all: u64, wishes: &[(u64, Wish)]) -> Vec<u64> {
    let firsts: Vec<u64> = wishes.iter().map(|(right, wish)| (*right).min(wish.most)).collect();
    let sum: u128 = firsts.iter().map(|f| u128::from(*f)).sum();
    if sum > u128::from(all) {
        let cut = |f: &u64| u64::try_from(u128::from(*f) * u128::from(all) / sum);
        return firsts.iter().map(|f| cut(f).unwrap_or(u64::MAX)).collect();
    }
    // Who would get less than their right keeps it, and the others divide the rest.
    let mut settled = vec![false; wishes.len()];
    loop {
        let kept = settled.iter().zip(&firsts).filter(|(is, _)| **is).map(|(_, first)| first);
        let rest = all.saturating_sub(kept.sum());
        let open: Vec<usize> = (0..wishes.len()).filter(|at| !settled[*at]).collect();
        let of_open: Vec<Wish> = open.iter().map(|at| wishes[*at].1).collect();
        let parts = divide(rest, &of_open);
        let short: Vec<usize> = open
            .iter()
            .zip(&parts)
            .filter(|(at, part)| **part < firsts[**at])
            .map(|(at, _)| *at)
            .collect();
        if short.is_empty() {
            let mut given = firsts;
            open.into_iter().zip(parts).for_each(|(at, part)| given[at] = part);
            return given;
        }
        short.into_iter().for_each(|at| settled[at] = true);
    }
}
