//! The spawner by itself, for the tests, and the helper that supervisors start from it.

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(rota_engine::gpu::HELPER) => rota_engine::gpu::helper::main(),
        _ => rota_engine::local::spawner::main(),
    }
}
