//! How many jobs a second one machine starts and ends: `cargo run --release -p rota-engine --example throughput`.

use rota_core::id::JobId;
use rota_core::launch::Launch;
use rota_core::observation::Seen;
use rota_core::units::Mib;
use rota_engine::local::{Deed, LocalEngine, Start, What, spawner};
use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;

const JOBS: u64 = 5000;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("spawner") {
        spawner::main();
        return Ok(());
    }
    let folder = std::env::temp_dir().join(format!("rota-throughput-{}", std::process::id()));
    let (tell, seen) = channel();
    let engine = LocalEngine::open(&folder, &std::env::current_exe()?, &["spawner"], move |o| {
        drop(tell.send(o))
    })?;
    let launch = Arc::new(Launch {
        argv: vec!["/bin/true".into()],
        cwd: "/".into(),
        stdout: "/dev/null".into(),
        ..Launch::default()
    });
    let began = Instant::now();
    for job in 1..=JOBS {
        let (launch, name, node) = (Arc::clone(&launch), "true".to_string(), "h1".to_string());
        let start = Start {
            launch,
            name,
            gpus: vec![],
            node,
            simulated: true,
            cpus: 1,
            mem: Mib(1),
            gpu_mem: None,
            mps: None,
            keeps_checkpoint: false,
            switch_user: false,
        };
        let what = What::Start(Box::new(start));
        engine.carry_out(Deed { job: JobId::single(job), run: 1, turn: 1, what })?;
    }
    let mut ended = std::collections::BTreeSet::new();
    while u64::try_from(ended.len())? < JOBS {
        for sighting in seen.recv()?.jobs {
            if matches!(sighting.seen, Seen::Exited { code: Some(0), .. }) {
                ended.insert(sighting.job);
            }
        }
    }
    let took = began.elapsed();
    println!(
        "{JOBS} jobs in {took:?}: {:.0} a second",
        f64::from(u32::try_from(JOBS)?) / took.as_secs_f64()
    );
    drop(engine);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
