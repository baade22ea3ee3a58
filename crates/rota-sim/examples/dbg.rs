use rota_sim::workload::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let seed: u64 = a[1].parse().unwrap();
    let mix = match a.get(2).map(String::as_str) {
        Some("nodates") => Mix { dates: May::No, ..Mix::ALL },
        Some("noasks") => Mix { asks: May::No, losses: May::No, ..Mix::ALL },
        Some("plain") => Mix::PLAIN,
        _ => Mix::ALL,
    };
    let w = Workload::of(seed, &mix);
    println!("{:#?}", w.policy);
    for n in &w.nodes {
        println!("{n:?}");
    }
    let world = w.play(None);
    println!("WRONG {:?}", world.wrong);
    let n = a.get(3).and_then(|n| n.parse().ok()).unwrap_or(60);
    let mut l: Vec<_> = world.log.iter().collect();
    let from: u64 = a.get(4).and_then(|n| n.parse().ok()).unwrap_or(0);
    l.retain(|(t, _)| t.0 >= from);
    for (t, e) in l.iter().take(n) {
        println!(
            "{} {:.3}h {}",
            t.0,
            (t.0 as f64 - monday().0 as f64) / 3.6e6,
            serde_json::to_string(e).unwrap()
        );
    }
}
