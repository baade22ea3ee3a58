//! The spawner by itself, for the tests.

fn main() -> std::process::ExitCode {
    rota_engine::local::spawner::main()
}
