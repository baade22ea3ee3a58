//! GPUs that do nothing for a time, and people who type now and then.

use crate::dice::Dice;
use crate::run::{Arrival, Behaviour};
use rota_core::id::JobId;
use rota_core::idle::{Unused, UseSeen};
use rota_core::request::{Asker, Request};
use rota_core::units::{Span, Time};

/// Every third job runs on its person's terminal.
pub(super) fn is_interactive(number: u32) -> bool {
    number.is_multiple_of(3)
}

/// What is seen of the use of GPUs during four days, and pins.
pub(super) fn arrivals(dice: &mut Dice, begins: Time, jobs: u32) -> Vec<(Time, Arrival)> {
    let mut all = Vec::new();
    for _ in 0..jobs * 3 {
        let at = begins.after(dice.minutes(0, 4 * 24 * 60));
        let job = JobId::single(u64::from(dice.from_to(1, jobs)));
        let gpus = if dice.once_in(4) { 1 } else { u32::MAX };
        let unused = UseSeen::Unused(Unused { gpus, since: at, empty: false });
        all.push((at, Arrival::Use(job, unused)));
        if dice.once_in(2) {
            all.push((at.after(dice.minutes(5, 300)), Arrival::Use(job, UseSeen::Works)));
        }
        if dice.once_in(6) {
            all.push((at, ask(Request::Pin { job, why: "demo".into() })));
            all.push((at.after(dice.minutes(60, 600)), ask(Request::Unpin(job))));
        }
    }
    for number in (1..=jobs).filter(|number| is_interactive(*number)) {
        let typed = Arrival::Use(JobId::single(u64::from(number)), UseSeen::Typed);
        all.extend((1..20).map(|day| (begins.after(Span::hours(24 * day)), typed.clone())));
    }
    all
}

fn ask(request: Request) -> Arrival {
    let root = String::from("root");
    let asker = Asker { person: root.clone(), lab: root, grant: String::new(), admin: true };
    Arrival::Ask(asker, Box::new(request), Behaviour::default())
}
