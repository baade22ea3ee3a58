//! Bookings: GPUs for a person at a time of their own.

use super::Global;
use super::jobs::json;
use super::moment::moment;
use super::options::{JobOptions, parse_models, read_span};
use crate::fault::{Fault, usage};
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use jiff::Zoned;
use rota_api::{Book, BookingRow, Bookings, Unbooked};
use std::process::ExitCode;

/// `rota book`
#[derive(Args)]
pub struct BookArgs {
    /// GPUs
    #[arg(long, value_name = "N")]
    gpus: u32,
    /// Of this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<String>,
    /// Of these models: H100,A100
    #[arg(long, value_name = "MODELS")]
    gpu: Option<String>,
    /// When it begins, in local time: "2026-11-27 13:00", 13:00, or now
    #[arg(long, value_name = "WHEN", default_value = "now")]
    from: String,
    /// For how long: 3h
    #[arg(long = "for", value_name = "TIME")]
    length: String,
    /// What for; everyone can read it
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
    /// For another lab that you belong to, or a grant of it: LAB, LAB/GRANT
    #[arg(long, value_name = "LAB")]
    account: Option<String>,
    /// The grant that pays
    #[arg(long, value_name = "GRANT")]
    grant: Option<String>,
    /// Simulated campus only
    #[arg(long, hide = true)]
    person: Option<String>,
}

/// Books GPUs.
pub fn book(global: &Global, args: BookArgs) -> Result<ExitCode, Fault> {
    let models = args.gpu.as_deref().map(parse_models).transpose()?.unwrap_or_default().0;
    let length = read_span("--for", Some(&args.length))?.unwrap_or_default();
    let from = match args.from.as_str() {
        "now" => None,
        text => {
            Some(moment(text, &Zoned::now()).ok_or_else(|| usage!("bad-moment", value = text))?)
        }
    };
    let (account, grant, person) = (args.account, args.grant, args.person);
    let who = JobOptions { account, grant, person, ..JobOptions::default() };
    let (gpus, pool, why, account) = (args.gpus, args.pool, args.why, who.charged());
    let body = Book { gpus, pool, models, from, length, why, account };
    let row: BookingRow = global.client()?.post("/v1/bookings", &body)?;
    if global.json {
        return json(&row);
    }
    let text = tr!(
        "booked",
        number = row.number,
        gpus = places(&row),
        from = show::clock(row.from),
        until = show::clock(row.until),
        cost = show::gpu_hours(row.cost)
    );
    show::print(&[show::wrapped("", &text), show::wrapped("", &tr!("booked-note"))].concat())?;
    Ok(ExitCode::SUCCESS)
}

/// `h100-1 0,1`
fn places(row: &BookingRow) -> String {
    let one = |(node, gpus): &(String, Vec<u32>)| {
        let gpus: Vec<String> = gpus.iter().map(u32::to_string).collect();
        tr!("node-gpus", node = node, gpus = gpus.join(","))
    };
    row.gpus.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What is booked.
pub fn bookings(global: &Global) -> Result<ExitCode, Fault> {
    let all: Bookings = global.client()?.get("/v1/bookings")?;
    if global.json {
        return json(&all);
    }
    let banner = show::banner(all.simulated);
    if all.bookings.is_empty() {
        show::print(&format!("{banner}{}\n", tr!("bookings-empty")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |row: &BookingRow| {
        let until = show::clock(row.until);
        let until = if row.begun { tr!("begun-until", when = until) } else { until };
        let who = if row.lab == row.person {
            safe(&row.person)
        } else {
            format!("{}/{}", safe(&row.lab), safe(&row.person))
        };
        let from = show::clock(row.from);
        vec![row.number.to_string(), who, places(row), from, until, safe(&row.why)]
    };
    let header = [
        tr!("column-number"),
        tr!("column-who"),
        tr!("column-gpus"),
        tr!("column-from"),
        tr!("column-until"),
        tr!("column-why"),
    ];
    let mut rows: Vec<Vec<String>> = all.bookings.iter().map(row).collect();
    show::fit(&header, &mut rows, (&[1, 2, 5], show::NARROW));
    show::print(&format!("{banner}{}", show::table(&header, rows, None)))?;
    Ok(ExitCode::SUCCESS)
}

/// Gives a booking back.
pub fn unbook(global: &Global, booking: u64) -> Result<ExitCode, Fault> {
    let done: Unbooked = global.client()?.post(&format!("/v1/bookings/{booking}/unbook"), &())?;
    if global.json {
        return json(&done);
    }
    let text = match done.refund {
        0 => tr!("unbooked-unpaid", number = booking),
        refund => tr!("unbooked", number = booking, hours = show::gpu_hours(refund)),
    };
    show::print(&show::wrapped("", &text))?;
    Ok(ExitCode::SUCCESS)
}
