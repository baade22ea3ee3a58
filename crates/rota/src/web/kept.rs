//! What was seen last, for all browsers. One thread asks the server, and only while somebody looks; who looks waits for it, but
//! not for a server that hangs.

use crate::board::seen::{REST, Seen, Source, Wanted};
use crate::fault::Fault;
use rota_api::Score;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// What a page is drawn from.
pub struct Picture<'k> {
    kept: MutexGuard<'k, Last>,
}

impl Picture<'_> {
    /// What was seen.
    pub fn seen(&self) -> &Seen {
        &self.kept.seen
    }

    /// How often forecasts were right.
    pub fn score(&self) -> &Score {
        &self.kept.score
    }

    /// Why it is not of this moment.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.kept.trouble.as_ref()
    }
}

/// Why nothing newer was seen.
pub enum Trouble {
    /// The server hangs.
    Late,
    /// It cannot be asked.
    Fault(Fault),
}

struct Last {
    seen: Seen,
    score: Score,
    trouble: Option<Trouble>,
    /// When to ask again.
    due: Instant,
    /// Somebody waits for a look.
    is_asked: bool,
}

/// When to look at all of it, and when it was last asked how often forecasts were right.
struct Times {
    look: Instant,
    scored: Instant,
}

/// Shared by who asks the server and those who look.
pub struct Kept {
    last: Mutex<Last>,
    changed: Condvar,
}

/// Between two looks at how often forecasts were right.
const SCORE: Duration = Duration::from_secs(600);

impl Kept {
    /// What was seen first.
    pub fn new(seen: Seen, score: Score) -> Kept {
        let last = Last { seen, score, trouble: None, due: Instant::now(), is_asked: false };
        Kept { last: Mutex::new(last), changed: Condvar::new() }
    }

    /// The server takes long: nobody waits for it any more.
    pub fn is_late(&self) {
        if let Ok(mut last) = self.last.lock() {
            last.trouble = Some(Trouble::Late);
            self.changed.notify_all();
        }
    }

    /// As it is now, or as it was where the server does not answer.
    pub fn fresh(&self) -> Option<Picture<'_>> {
        let mut last = self.last.lock().ok()?;
        if last.due <= Instant::now() {
            last.is_asked = true;
            self.changed.notify_all();
        }
        let waits = |last: &mut Last| last.is_asked && !matches!(last.trouble, Some(Trouble::Late));
        Some(Picture { kept: self.changed.wait_while(last, waits).ok()? })
    }

    /// Asks the server whenever somebody looks, on a thread of its own.
    pub fn follow(self: Arc<Kept>, mut source: Source) {
        std::thread::spawn(move || {
            let now = Instant::now();
            let mut times = Times { look: now, scored: now };
            while self.refresh(&mut source, &mut times).is_some() {}
        });
    }

    /// Waits until somebody looks, and looks; none where another thread has broken what is shared.
    fn refresh(&self, source: &mut Source, times: &mut Times) -> Option<()> {
        drop(self.changed.wait_while(self.last.lock().ok()?, |last| !last.is_asked).ok()?);
        if Instant::now() < times.look && source.answers_at_once() {
            return self.is_seen();
        }
        let looked = source.look(&Wanted::default());
        times.look = Instant::now() + source.rest();
        let wants_score = times.scored.elapsed() > SCORE;
        let score = if wants_score { source.get("/v1/score") } else { None };
        let mut last = self.last.lock().ok()?;
        if let Some(score) = score {
            (last.score, times.scored) = (score, Instant::now());
        }
        match looked {
            Ok(seen) => (last.seen, last.trouble) = (seen, None),
            Err(fault) => last.trouble = Some(Trouble::Fault(fault)),
        }
        drop(last);
        self.is_seen()
    }

    /// Whoever waits has what there is.
    fn is_seen(&self) -> Option<()> {
        let mut last = self.last.lock().ok()?;
        (last.is_asked, last.due) = (false, Instant::now() + REST);
        self.changed.notify_all();
        Some(())
    }
}
