//! Traces of every format: what is read of a line, and what becomes of lines that cannot be used.

mod formats;
mod sacct;

use proptest::prelude::*;
use rota_core::calendar::Zone;
use rota_core::units::Time;
use rota_sim::trace::{Format, Trace, guess, read};

/// Nine hours east of UTC.
fn seoul() -> Zone {
    Zone { name: "Asia/Seoul".into(), offsets: vec![(Time(0), 540)] }
}

fn of(format: Format, text: &str) -> Trace {
    let lines: String = text.lines().map(|l| format!("{}\n", l.trim())).collect();
    assert_eq!(guess(lines.as_bytes()), Some(format), "the format is not recognised");
    read(format, &mut lines.as_bytes(), &seoul()).expect("bytes can be read")
}

/// One line for each job and each reason, such as `7 at=60 2xA100 1n ann/vision resnet runs=30 completed`.
fn said(trace: &Trace) -> Vec<String> {
    let job = |j: &rota_sim::trace::TraceJob| {
        let model = j.model.as_ref().map_or(String::new(), |m| format!("x{m}"));
        let nodes = j.nodes.map_or(String::new(), |n| format!(" {n}n"));
        let limit = j.walltime.map_or(String::new(), |l| format!(" limit={l}"));
        let more: String = [&j.name, &j.class, &j.pool]
            .into_iter()
            .filter(|t| !t.is_empty())
            .map(|t| format!(" {t}"))
            .collect();
        let (id, at, gpus, person, lab) = (&j.id, j.submitted.0 / 1000, j.gpus, &j.person, &j.lab);
        let state = format!("{:?}", j.state).to_lowercase();
        format!(
            "{id} at={at} {gpus}{model}{nodes} {person}/{lab}{more}{limit} runs={} {state}",
            j.runtime
        )
    };
    let reason = |l: &rota_sim::trace::LeftOut| {
        let field = Some(l.why.field())
            .filter(|f| !f.is_empty())
            .map_or(String::new(), |f| format!(" {f}"));
        format!("left out: {} {}{field}, lines {:?}", l.count, l.why.word(), l.first)
    };
    trace.jobs.iter().map(job).chain(trace.reasons().iter().map(reason)).collect()
}

proptest! {
    #[test]
    fn no_bytes_of_any_format_stop_the_reading(bytes: Vec<u8>, text in "[0-9:|,.;\\[\\]{}\"a-zA-Z \\n-]{0,200}") {
        for format in Format::ALL {
            let headings = ["", "JobID|State|Submit|Start|Elapsed|AllocTRES\n", "job_id,submit_s,num_gpus,duration_s\n"];
            for heading in headings {
                for rest in [bytes.as_slice(), text.as_bytes()] {
                    let all = [heading.as_bytes(), rest].concat();
                    let trace = read(format, &mut all.as_slice(), &seoul()).expect("bytes can be read");
                    prop_assert!(trace.jobs.iter().all(|j| j.gpus > 0));
                    guess(&all);
                }
            }
        }
    }
}

#[test]
fn only_the_first_lines_of_each_reason_are_named() {
    let rows: String = (0..9).map(|i| format!("{i},0,zero,1\n")).collect();
    let trace = of(Format::Csv, &format!("job_id,submit_s,num_gpus,duration_s\n{rows}"));
    assert_eq!(said(&trace), ["left out: 9 unreadable num_gpus, lines [2, 3, 4]"]);
}

#[test]
fn a_line_that_never_ends_is_one_bad_line() {
    let long = "x".repeat(3 << 20);
    let text = format!("job_id,submit_s,num_gpus,duration_s\n{long}\n1,0,2,60\n");
    let trace = of(Format::Csv, &text);
    assert_eq!(said(&trace), ["1 at=0 2 / runs=1m completed", "left out: 1 too-long, lines [2]"]);
}
