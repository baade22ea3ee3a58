use rota_core::cluster::Cluster;
use rota_core::plan::plan;
use rota_core::units::Time;
use rota_sim::workload::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let seed: u64 = a[1].parse().unwrap();
    let mix = match a[2].as_str() {
        "nolimits" => Mix { limits: May::No, ..Mix::ALL },
        "nodates" => Mix { dates: May::No, ..Mix::ALL },
        "noasks" => Mix { asks: May::No, losses: May::No, ..Mix::ALL },
        "plain" => Mix::PLAIN,
        _ => Mix::ALL,
    };
    let at = Time(a[3].parse().unwrap());
    let w = Workload::of(seed, &mix);
    let world = w.play(None);
    let mut c = Cluster::default();
    for (t, e) in &world.log {
        if *t > at {
            break;
        }
        c.apply(*t, e);
    }
    println!("policy {}", serde_json::to_string(&c.policy).unwrap());
    for n in c.nodes.values() {
        println!(
            "{:?} up {} pool {:?} busy {:?} kept {:?} pins {:?} cpus {} mem {:?}",
            n.node, n.up, n.pool, n.busy, n.kept, n.pins, n.cpus_used, n.mem_used
        );
    }
    for j in c.jobs.values() {
        println!(
            "{} {:?} ready {} used {:?} ran {:?} sc {:?} {:?} {:?} class {:?} {:?} lim {:?} pool {:?} models {:?} gpus {} nodes {} cpus {} mem {:?} sub {}",
            j.id,
            c.accounts.account(j.owner),
            j.is_ready(),
            j.used,
            j.ran,
            j.switch_cost,
            j.state,
            j.turn_mode(),
            j.spec.class,
            j.owner,
            j.spec.limit,
            j.spec.pool,
            j.spec.models,
            j.spec.gpus,
            j.spec.nodes,
            j.spec.cpus,
            j.spec.mem,
            j.submitted.0
        );
    }
    for t in [at.0].into_iter().chain(a[4..].iter().map(|t| t.parse().unwrap())) {
        println!("plan at {t}: {:#?}", plan(&c, Time(t)));
    }
}
