//! The GPUs of this machine: found when the server starts, then read by a process of their own and heard in a thread. The
//! writer never waits for a driver.

mod board;
mod divide;
mod idle;
mod keep;
mod outsiders;
mod owners;
mod seats;
pub mod series;
mod view;
mod watchdog;

use crate::{ServeOptions, ServerError};
pub use board::Board;
pub use keep::Keeper;
use rota_engine::gpu::{Heard, Machine, Reader, Watch, first};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;
pub use view::{inventory, job_use, past};

/// A reader that says nothing for so long hangs in the driver.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time between two samples, where the environment says nothing else.
const BETWEEN: Duration = Duration::from_secs(2);

/// What names another time, in milliseconds.
const BETWEEN_VARIABLE: &str = "ROTA_GPU_SAMPLE_MS";

/// Who listens to the GPUs of this machine.
pub struct Ears {
    watch: Watch,
    heard: Receiver<Heard>,
}

/// What a server knows of its GPUs when it starts.
pub enum First {
    /// What there is.
    Machine(Machine),
    /// There is a driver, and it does not answer.
    Unreadable(String),
}

/// Asks the driver what there is; waits for its first answer, and no longer than a reader may take.
pub fn find(options: &ServeOptions) -> Result<(Option<Ears>, First), ServerError> {
    let (sender, heard) = channel();
    let between = std::env::var(BETWEEN_VARIABLE).ok().and_then(|text| text.parse().ok());
    let between = between.map_or(BETWEEN, Duration::from_millis);
    let between = between.clamp(Duration::from_millis(20), PATIENCE / 3);
    let mut args = options.reader_args.clone();
    args.push(between.as_millis().to_string());
    let program = options.program.clone();
    let reader = Reader { program, args, patience: PATIENCE, pause: Duration::from_secs(1) };
    let watch = Watch::open(reader, move |heard| drop(sender.send(heard)))?;
    let first = match first(&heard, PATIENCE + Duration::from_secs(10)) {
        Ok(machine) => First::Machine(machine),
        Err(why) => First::Unreadable(why.unwrap_or_else(|| "it has not answered yet".into())),
    };
    // Where there is no GPU, nobody need listen.
    let is_empty = matches!(&first, First::Machine(machine) if machine.gpus.is_empty());
    Ok((Some(Ears { watch, heard }).filter(|_| !is_empty), first))
}

impl Ears {
    /// Listens in a thread until what is returned is dropped.
    pub fn listen(self, mut keeper: Keeper) -> Listening {
        let Ears { watch, heard } = self;
        match watch.asker() {
            Ok(asker) => keeper.board().can_ask(asker),
            Err(why) => tracing::error!("GPUs are read only when it is time: {why}"),
        }
        let life = move || {
            // It ends with the watch, whose callback holds the other end.
            for heard in heard {
                keeper.hear(heard);
            }
        };
        let thread = std::thread::Builder::new().name("hear gpus".into());
        let thread = thread.spawn(life).inspect_err(|why| {
            tracing::error!("GPUs are not watched: {why}");
        });
        Listening { watch: Some(watch), thread: thread.ok() }
    }
}

/// Who listens; dropped when nobody answers for the state any more.
pub struct Listening {
    watch: Option<Watch>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.watch.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was reported where it happened.
            let _ = thread.join();
        }
    }
}
