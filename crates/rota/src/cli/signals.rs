//! Signals that come here for a job: kept from before it is sent, and passed on one after the other.

use super::Global;
use super::follow::{News, SayLate};
use crate::client::{Client, How, PATIENCE, Server};
use crate::fault::Fault;
use nix::sys::signal::{SigSet, Signal};
use rota_api::{Done, SendSignal};
use std::sync::mpsc::{Sender, channel};

const PASSED: [Signal; 4] = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGUSR2];
const OWN: [Signal; 2] = [Signal::SIGINT, Signal::SIGTSTP];

/// Signals that are kept until somebody waits for them.
#[derive(Clone, Copy)]
pub struct Signals(SigSet);

impl Signals {
    /// Those of the terminal, and those that are passed on.
    pub fn all() -> Result<Signals, Fault> {
        Signals::keep(PASSED.into_iter().chain(OWN).collect())
    }

    /// Those of the terminal.
    pub fn of_terminal() -> Result<Signals, Fault> {
        Signals::keep(OWN.into_iter().collect())
    }

    /// Those that end a shell, and the size of its window.
    pub fn of_shell() -> Result<Signals, Fault> {
        let ending = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
        Signals::keep(ending.into_iter().chain([Signal::SIGWINCH]).collect())
    }

    /// After a server was started: it inherits what is kept.
    fn keep(set: SigSet) -> Result<Signals, Fault> {
        set.thread_block().map_err(|why| Fault::Output(why.into()))?;
        Ok(Signals(set))
    }

    /// Those that end programs end us while the server does not answer: nobody could pass them on.
    pub fn release_when_late(self, client: &mut Client, say: fn(&Server, How)) {
        client.when_late(PATIENCE, move |server, how| {
            say(server, how);
            let ending = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGTSTP];
            let ours = ending.into_iter().filter(|signal| self.0.contains(*signal));
            // Only a set that is none could be refused.
            let _ = ours.collect::<SigSet>().thread_unblock();
        });
    }

    /// Says which come, from now on.
    pub fn hear(self, news: Sender<News>) -> Result<(), Fault> {
        let Signals(set) = Signals::keep(self.0)?;
        std::thread::spawn(move || {
            while let Ok(signal) = set.wait() {
                if news.send(News::Signal(signal)).is_err() {
                    return;
                }
            }
        });
        Ok(())
    }
}

/// Passes on what it is given; whoever follows the job goes on meanwhile, also where the server does not answer.
pub fn pass_on(
    global: Global,
    job: String,
    (news, late): (Sender<News>, SayLate),
) -> Sender<Signal> {
    let (give, given) = channel();
    std::thread::spawn(move || {
        for signal in given {
            if let Err(fault) = pass(&global, &job, (signal, late))
                && news.send(News::Broken(fault)).is_err()
            {
                return;
            }
        }
    });
    give
}

/// On a connection of its own: the server may have been restarted since.
pub fn pass(global: &Global, job: &str, (signal, late): (Signal, SayLate)) -> Result<(), Fault> {
    let mut client = global.client()?;
    let name = job.to_owned();
    client.when_late(PATIENCE, move |server, how| late(server, how, &name));
    let done: Result<Done, Fault> = if signal == Signal::SIGINT {
        client.post(&format!("/v1/jobs/{job}/cancel"), &())
    } else {
        let body = SendSignal { signal: signal as i32 };
        client.post(&format!("/v1/jobs/{job}/signal"), &body)
    };
    match done {
        // It ended at the same moment; its end is on its way here.
        Err(Fault::Refused(problem)) if problem.code == "already-ended" => Ok(()),
        other => other.map(drop),
    }
}
