//! What people see while a command runs: the standard error, and the terminal behind it.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Says a line.
pub(crate) fn say(line: &str) {
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Asks a question that wants a yes. `None`: there is nobody to ask.
pub(crate) fn ask(question: &str) -> Option<bool> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return None;
    }
    let mut err = io::stderr().lock();
    let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).ok()?;
    Some(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

/// A line that tells how far a job is, where a terminal shows it.
pub(crate) struct Progress {
    shown: bool,
    started: Instant,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            shown: io::stderr().is_terminal(),
            started: Instant::now(),
        }
    }

    /// Writes the line anew.
    pub(crate) fn show(&self, status: &str) {
        if self.shown {
            let seconds = self.started.elapsed().as_secs();
            let mut err = io::stderr().lock();
            // To the start of the line, and what is left of the old one away.
            let _ = write!(err, "\r{status} {seconds} s\u{1b}[K").and_then(|()| err.flush());
        }
    }

    /// Ends the line, and says how long it took.
    pub(crate) fn end(&self, result: &str) {
        if self.shown {
            let time = Duration::from_millis(
                u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            );
            say(&format!("\r{result} after {time:.1?}\u{1b}[K"));
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.shown {
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\u{1b}[K").and_then(|()| err.flush());
        }
    }
}
