//! GPUs that do nothing for a time.

use crate::dice::Dice;
use crate::run::{Arrival, Behaviour};
use rota_core::id::JobId;
use rota_core::request::{Asker, Request};
use rota_core::units::Time;

/// What is seen of the use of GPUs during four days, and pins.
pub(super) fn arrivals(dice: &mut Dice, begins: Time, jobs: u32) -> Vec<(Time, Arrival)> {
    let mut all = Vec::new();
    for _ in 0..jobs * 3 {
        let at = begins.after(dice.minutes(0, 4 * 24 * 60));
        let job = JobId::single(u64::from(dice.from_to(1, jobs)));
        let some = dice.once_in(4).then_some(1);
        all.push((at, Arrival::Use(job, Some(some.unwrap_or(u32::MAX)))));
        if dice.once_in(2) {
            all.push((at.after(dice.minutes(5, 300)), Arrival::Use(job, None)));
        }
        if dice.once_in(6) {
            all.push((at, ask(Request::Pin { job, why: "demo".into() })));
            all.push((at.after(dice.minutes(60, 600)), ask(Request::Unpin(job))));
        }
    }
    all
}

fn ask(request: Request) -> Arrival {
    let root = String::from("root");
    let asker = Asker { person: root.clone(), lab: root, grant: String::new(), admin: true };
    Arrival::Ask(asker, Box::new(request), Behaviour::default())
}
