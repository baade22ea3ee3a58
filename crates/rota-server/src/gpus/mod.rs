//! The GPUs of this machine: found when the server starts, then read by a process of their own and heard in a thread. The
//! writer never waits for a driver.

mod board;
mod view;

use crate::message::Message;
use crate::{ServeOptions, ServerError};
pub use board::Board;
use rota_engine::gpu::{Heard, Machine, Reader, Said, Watch};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
pub use view::inventory;

/// A reader that says nothing for so long hangs in the driver.
const PATIENCE: Duration = Duration::from_secs(30);

/// After so many failures in a row the GPUs are said to be unreadable.
const FAILURES: u32 = 3;

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
    let first = first(&heard);
    // Where there is no GPU, nobody need listen.
    let is_empty = matches!(&first, First::Machine(machine) if machine.gpus.is_empty());
    Ok((Some(Ears { watch, heard }).filter(|_| !is_empty), first))
}

fn first(heard: &Receiver<Heard>) -> First {
    let until = Instant::now() + PATIENCE + Duration::from_secs(10);
    let mut last = "it has not answered yet".to_owned();
    loop {
        match heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Heard::Said(Said::Machine(machine))) => return First::Machine(machine),
            Ok(Heard::Said(_)) => {}
            Ok(Heard::Failed { why, times }) if times < FAILURES => last = why,
            Ok(Heard::Failed { why, .. }) => return First::Unreadable(why),
            Err(_) => return First::Unreadable(last),
        }
    }
}

impl Ears {
    /// Listens in a thread until the returned guard is dropped.
    pub fn listen(self, board: Arc<Board>, writer: Sender<Message>) -> Watch {
        let Ears { watch, heard } = self;
        let life = move || {
            // It ends with the watch, whose callback holds the other end.
            for heard in heard {
                hear(&board, &writer, heard);
            }
        };
        let thread = std::thread::Builder::new().name("hear gpus".into());
        if let Err(why) = thread.spawn(life) {
            tracing::error!("GPUs are not watched: {why}");
        }
        watch
    }
}

fn hear(board: &Board, writer: &Sender<Message>, heard: Heard) {
    match heard {
        Heard::Said(Said::Machine(machine)) => {
            board.answers();
            if board.machine() != machine {
                // Nobody need know where the server ends.
                drop(writer.send(Message::Machine(Box::new(machine))));
            }
        }
        Heard::Said(Said::Sample(sample)) => board.read(sample),
        Heard::Said(Said::Fault { why }) => tracing::warn!("GPUs cannot be read: {why}"),
        Heard::Failed { why, times } if times >= FAILURES => board.fails(&why),
        Heard::Failed { .. } => {}
    }
}
