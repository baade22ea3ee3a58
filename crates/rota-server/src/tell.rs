//! Messages to people, beside the standard error of their jobs: on the terminal they used last, and through the site's own
//! program. Both may take their time, in a thread of their own; the writer never waits.

use rota_api::Notice;
use rota_core::launch::User;
use rota_engine::local::terminal;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// The site's program ends within this time, or is ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// A message, for whom.
pub struct Told {
    /// What it is about.
    pub notice: Notice,
    /// In the person's language.
    pub text: String,
    /// Their account.
    pub user: User,
}

/// Starts to tell people; what is sent into it is told.
pub fn open(program: &Path, hook: Option<PathBuf>) -> Sender<Told> {
    let (sender, receiver) = channel();
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let life = move || tell_all(&receiver, &name, hook.as_deref());
    let thread = std::thread::Builder::new().name("tell people".into()).spawn(life);
    if let Err(why) = thread {
        tracing::error!("people are told nothing: {why}");
    }
    sender
}

fn tell_all(receiver: &Receiver<Told>, name: &str, hook: Option<&Path>) {
    for told in receiver {
        // On a terminal of its own the job has said it.
        if !told.notice.at_terminal {
            terminal::tell(told.user.uid, name, &told.text);
        }
        if let Some(hook) = hook
            && let Err(why) = run(hook, &told)
        {
            tracing::error!("{}, which tells people, failed: {why}", hook.display());
        }
    }
}

/// Runs the site's program: the message in its environment, all of it as JSON on its standard input.
fn run(hook: &Path, told: &Told) -> Result<(), String> {
    let Notice { job, name, person, lab, .. } = &told.notice;
    let mut child = Command::new(hook)
        .env("ROTA_MESSAGE", &told.text)
        .env("ROTA_PERSON", person)
        .env("ROTA_LAB", lab)
        .env("ROTA_JOB_ID", job)
        .env("ROTA_JOB_NAME", name)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|why| why.to_string())?;
    let json = serde_json::to_vec(&told.notice).map_err(|why| why.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        // It is short enough for the pipe; who reads nothing need not.
        let _ = input.write_all(&json);
    }
    let status = wait(&mut child)?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}

fn wait(child: &mut Child) -> Result<std::process::ExitStatus, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().map_err(|why| why.to_string())? {
            return Ok(status);
        }
        if Instant::now() >= until {
            // It fails where it has just ended.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it had not ended after {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
