//! Listens to a reader in a thread, and replaces one that is silent or gone. Whoever asked hears every line; nobody ever
//! waits for the driver.

use super::reading::{Machine, Said};
use crate::EngineError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How to start a reader.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The program.
    pub program: PathBuf,
    /// Its arguments; they must lead to [`super::reader::main`].
    pub args: Vec<String>,
    /// A reader that says nothing for so long is replaced.
    pub patience: Duration,
    /// Time before the second start; twice as long before each further one, up to a minute.
    pub pause: Duration,
}

/// What is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What a reader said.
    Said(Said),
    /// A reader fell silent or ended; another one follows.
    Failed {
        /// What happened.
        why: String,
        /// How often in a row.
        times: u32,
    },
}

/// After so many failures in a row the GPUs are said to be unreadable.
pub const FAILURES: u32 = 3;

/// What there is, as soon as a reader says it.
///
/// # Errors
/// What was said last, where [`FAILURES`] failed or time is over; none where nothing was.
pub fn first(heard: &Receiver<Heard>, patience: Duration) -> Result<Machine, Option<String>> {
    let (until, mut last) = (Instant::now() + patience, None);
    loop {
        match heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Heard::Said(Said::Machine(machine))) => return Ok(machine),
            Ok(Heard::Said(Said::Fault { why })) => last = Some(why),
            Ok(Heard::Said(Said::Sample(_))) => {}
            Ok(Heard::Failed { why, times }) => {
                // What the driver itself said tells more.
                last = last.or(Some(why));
                if times >= FAILURES {
                    return Err(last);
                }
            }
            Err(_) => return Err(last),
        }
    }
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Watch {
    /// Shut down when this is dropped.
    asks: UnixStream,
    thread: Option<JoinHandle<()>>,
}

/// Asks a reader for a sample at once, not only when the next is due.
#[derive(Debug)]
pub struct Asker(UnixStream);

impl Asker {
    /// Asks, and does not wait for the answer.
    pub fn ask(&self) {
        // Where nobody listens any more, or so many have asked that no more can, nothing is lost.
        let _ = (&self.0).write(b"\n");
    }
}

impl Watch {
    /// Starts to listen. `hear` is called from a thread of its own.
    pub fn open(
        reader: Reader,
        hear: impl FnMut(Heard) + Send + 'static,
    ) -> Result<Watch, EngineError> {
        let failed = |source| EngineError::Watch { source };
        let (asks, asked) = UnixStream::pair().map_err(failed)?;
        [&asks, &asked]
            .into_iter()
            .try_for_each(|end| end.set_nonblocking(true))
            .map_err(failed)?;
        let mut listener = Listener { reader, asked, hear, times: 0, left: Vec::new() };
        let thread = std::thread::Builder::new().name("watch gpus".into());
        let thread = thread.spawn(move || listener.run()).map_err(failed)?;
        Ok(Watch { asks, thread: Some(thread) })
    }

    /// Who asks its readers for samples.
    pub fn asker(&self) -> Result<Asker, EngineError> {
        let asks = self.asks.try_clone().map_err(|source| EngineError::Watch { source })?;
        Ok(Asker(asks))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It fails where the listener has ended already.
        let _ = self.asks.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            // A panic of the listener was reported where it happened.
            let _ = thread.join();
        }
    }
}

struct Listener<F> {
    reader: Reader,
    /// Who listens is asked for a sample here, and told to stop by its end.
    asked: UnixStream,
    hear: F,
    times: u32,
    /// Readers that were told to end and have not: they hang in the driver.
    left: Vec<Child>,
}

/// Why a reader is listened to no longer.
enum End {
    Stopped,
    Failed(String),
}

impl<F: FnMut(Heard)> Listener<F> {
    fn run(&mut self) {
        loop {
            let why = match self.listen() {
                Ok(End::Stopped) => return,
                Ok(End::Failed(why)) => why,
                Err(why) => format!("it cannot be run: {why}"),
            };
            self.times += 1;
            tracing::warn!(times = self.times, "the process that reads GPUs failed: {why}");
            (self.hear)(Heard::Failed { why, times: self.times });
            let doubled = 1u32 << (self.times - 1).min(16);
            let pause = self.reader.pause.saturating_mul(doubled).min(Duration::from_secs(60));
            let until = Instant::now() + pause;
            loop {
                match self.wait(None, until.saturating_duration_since(Instant::now())) {
                    Some(Woken::Stopped) => return,
                    // The next reader begins with a sample.
                    Some(_) => {}
                    None => break,
                }
            }
        }
    }

    /// The life of one reader.
    fn listen(&mut self) -> io::Result<End> {
        let Reader { program, args, .. } = &self.reader;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .current_dir("/")
            .spawn()?;
        let mut out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        // Who hangs in the driver reads nothing: asking must not wait for it.
        rustix::io::ioctl_fionbio(&input, true)?;
        let end = self.hear_all(&mut out, &mut input);
        let said = if matches!(end, End::Failed(_)) { how_it_ended(&mut child) } else { None };
        self.leave(child);
        Ok(match (end, said) {
            (End::Failed(why), Some(how)) => End::Failed(format!("{why}: {how}")),
            (end, _) => end,
        })
    }

    fn hear_all(
        &mut self,
        out: &mut (impl Read + std::os::fd::AsFd),
        input: &mut impl Write,
    ) -> End {
        let (mut kept, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
        let mut until = Instant::now() + self.reader.patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.wait(Some(out.as_fd()), left) {
                Some(Woken::Stopped) => return End::Stopped,
                None => {
                    let seconds = self.reader.patience.as_secs_f32();
                    return End::Failed(format!("it said nothing for {seconds} s"));
                }
                Some(Woken::Asked) => {
                    // Where it fails the reader has ended, which is heard next, or it was asked often enough.
                    let _ = input.write(b"\n");
                    continue;
                }
                Some(Woken::Readable) => {}
            }
            match out.read(&mut buffer) {
                Ok(0) => return End::Failed("it ended".into()),
                Ok(length) => kept.extend(buffer.get(..length).unwrap_or_default()),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                Err(why) => return End::Failed(why.to_string()),
            }
            while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = kept.drain(..=end).collect();
                match serde_json::from_slice(&line) {
                    Ok(Said::Fault { why }) => return End::Failed(why),
                    Ok(said) => {
                        self.times = 0;
                        (self.hear)(Heard::Said(said));
                    }
                    Err(why) => {
                        return End::Failed(format!("what it said is not understood: {why}"));
                    }
                }
                until = Instant::now() + self.reader.patience;
            }
        }
    }

    fn wait(&self, out: Option<std::os::fd::BorrowedFd<'_>>, most: Duration) -> Option<Woken> {
        let until = Instant::now() + most;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).ok();
            let mut fds = vec![PollFd::new(&self.asked, PollFlags::IN)];
            fds.extend(out.map(|out| PollFd::from_borrowed_fd(out, PollFlags::IN)));
            match poll(&mut fds, left.as_ref()) {
                Ok(0) => return None,
                Ok(_) if !fds[0].revents().is_empty() => {
                    // However often it was asked meanwhile, one sample answers all.
                    return match (&self.asked).read(&mut [0; 4096]) {
                        Ok(0) | Err(_) => Some(Woken::Stopped),
                        Ok(_) => Some(Woken::Asked),
                    };
                }
                Ok(_) => return Some(Woken::Readable),
                // An interrupted wait only means another one.
                Err(_) => {}
            }
        }
    }

    /// Ends a reader, which only reads. One that hangs in the driver cannot end; nobody waits for it.
    fn leave(&mut self, mut child: Child) {
        // It fails where the reader has ended already.
        let _ = child.kill();
        if let Ok(end) = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()) {
            let moment = Timespec { tv_sec: 1, tv_nsec: 0 };
            // Whether it ended is asked below.
            let _ = poll(&mut [PollFd::new(&end, PollFlags::IN)], Some(&moment));
        }
        self.left.push(child);
        self.left.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    }
}

#[derive(PartialEq, Eq)]
enum Woken {
    Stopped,
    Asked,
    Readable,
}

/// What became of a reader whose output has ended.
fn how_it_ended(child: &mut Child) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    let status = child.try_wait().ok().flatten()?;
    let signal = status.signal().map(|signal| format!("signal {signal}"));
    signal.or_else(|| status.code().map(|code| format!("exit code {code}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::{Machine, Sample};
    use std::sync::mpsc::{Receiver, channel};

    /// Listens to a shell script in the place of a reader.
    fn listen(script: &str) -> (Watch, Receiver<Heard>) {
        let (sender, receiver) = channel();
        let reader = Reader {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            patience: Duration::from_millis(300),
            pause: Duration::from_millis(1),
        };
        let watch = Watch::open(reader, move |heard| drop(sender.send(heard)));
        (watch.expect("a thread"), receiver)
    }

    fn next(heard: &Receiver<Heard>) -> Heard {
        heard.recv_timeout(Duration::from_secs(20)).expect("something is heard")
    }

    fn line(said: &Said) -> String {
        serde_json::to_string(said).expect("plain data")
    }

    #[test]
    fn a_reader_that_falls_silent_is_replaced_and_its_successor_is_heard() {
        let machine = line(&Said::Machine(Machine::default()));
        let (_watch, heard) = listen(&format!("echo '{machine}'; exec sleep 1000"));
        for _ in 0..2 {
            assert_eq!(next(&heard), Heard::Said(Said::Machine(Machine::default())));
            let why = "it said nothing for 0.3 s".into();
            assert_eq!(next(&heard), Heard::Failed { why, times: 1 });
        }
    }

    #[test]
    fn failures_are_counted_until_a_reader_answers() {
        let script = "kill -SEGV $$";
        let (_watch, heard) = listen(script);
        for times in 1..=3 {
            let Heard::Failed { why, times: counted } = next(&heard) else {
                panic!("a dead reader says nothing")
            };
            assert_eq!(counted, times);
            assert!(why.starts_with("it ended"), "{why}");
        }
    }

    #[test]
    fn what_the_driver_says_of_its_own_failure_is_the_reason() {
        let fault = line(&Said::Fault { why: "GPU is lost".into() });
        let (_watch, heard) = listen(&format!("echo '{fault}'; exec sleep 1000"));
        assert_eq!(next(&heard), Heard::Failed { why: "GPU is lost".into(), times: 1 });
    }

    #[test]
    fn a_reader_that_is_asked_answers_at_once_and_many_asks_have_one_answer_at_least() {
        let sample = line(&Said::Sample(Sample::default()));
        let (watch, heard) = listen(&format!("while read asked; do echo '{sample}'; done"));
        let asker = watch.asker().expect("who asks");
        for _ in 0..3 {
            asker.ask();
            assert_eq!(next(&heard), Heard::Said(Said::Sample(Sample::default())));
        }
        for _ in 0..100_000 {
            asker.ask();
        }
        assert_eq!(next(&heard), Heard::Said(Said::Sample(Sample::default())));
        // Who asks does not keep who listens from ending.
        drop(watch);
        asker.ask();
    }

    #[test]
    fn lines_are_heard_whole_however_they_are_cut() {
        let sample = line(&Said::Sample(Sample::default()));
        let (first, second) = sample.split_at(9);
        let script = format!(
            "printf '%s' '{first}'; printf '%s\\n%s' '{second}' '{first}'; printf '%s\\n' '{second}'; exec sleep 1000"
        );
        let (_watch, heard) = listen(&script);
        for _ in 0..2 {
            assert_eq!(next(&heard), Heard::Said(Said::Sample(Sample::default())));
        }
    }
}
