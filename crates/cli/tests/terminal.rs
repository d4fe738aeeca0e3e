//! What is only there on a terminal: progress, the question before a deletion, Ctrl-C, tables.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails the short way"
)]

use std::io::{Read as _, Write};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

mod support;

use support::{Running, program};

const PLACE: [&str; 4] = ["--app-id", "d1", "--env", "staging"];

/// The program on a terminal of its own.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn std::io::Read + Send>,
    writer: Box<dyn Write + Send>,
    seen: String,
}

impl Terminal {
    fn start(running: &Running, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 120,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_amplify-backend"));
        command.env_clear();
        for (name, value) in [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_AMPLIFYBACKEND", &running.endpoint),
        ] {
            command.env(name, value);
        }
        command.args(arguments);
        command.args(PLACE);
        Self {
            child: pair.slave.spawn_command(command).unwrap(),
            reader: pair.master.try_clone_reader().unwrap(),
            writer: pair.master.take_writer().unwrap(),
            seen: String::new(),
        }
    }

    /// Reads until `text` was seen, and gives all that was up to then.
    fn until(&mut self, text: &str) -> &str {
        let mut buffer = [0; 1_024];
        while !self.seen.contains(text) {
            // A terminal whose program has gone gives an error.
            let read = self.reader.read(&mut buffer).unwrap_or(0);
            assert!(read > 0, "{text:?} does not come: {:?}", self.seen);
            self.seen += &String::from_utf8_lossy(&buffer[..read]);
        }
        &self.seen
    }

    fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Reads to the end, and gives the exit code and all that was seen.
    fn end(mut self) -> (u32, String) {
        let mut buffer = [0; 1_024];
        while let Ok(read @ 1..) = self.reader.read(&mut buffer) {
            self.seen += &String::from_utf8_lossy(&buffer[..read]);
        }
        (self.child.wait().unwrap().exit_code(), self.seen)
    }
}

fn create(name: &str) -> Vec<&str> {
    let mut arguments = vec![
        "storage",
        "create",
        "--authenticated",
        "none",
        "--wait",
        "--name",
    ];
    arguments.push(name);
    arguments.extend(["--wait-interval", "20ms"]);
    arguments
}

#[test]
fn progress_is_one_line_with_status_and_time_and_then_a_table() {
    let running = Running::start(program().args(["--job-time", "300ms"]));
    let mut terminal = Terminal::start(&running, &create("photos"));
    let seen = terminal.until(" is RUNNING 0 s").to_owned();
    assert!(seen.contains('\r') && !seen.contains('\n'), "{seen:?}");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains(" is COMPLETED after "), "{seen:?}");
    assert!(
        seen.contains("Operation") && seen.contains("CreateBackendStorage"),
        "{seen:?}"
    );
    assert!(!seen.contains('{'), "a terminal gets a table: {seen:?}");
}

#[test]
fn nothing_is_deleted_without_a_yes() {
    let running = Running::start(&mut program());
    let (code, seen) = Terminal::start(&running, &create("photos")).end();
    assert_eq!(code, 0, "{seen}");
    let delete = ["storage", "delete", "--name", "photos"];
    for (answer, expected, part) in [
        ("\n", 2, "nothing was deleted"),
        ("no\n", 2, "nothing was deleted"),
        ("y\n", 0, "RUNNING"),
    ] {
        let mut terminal = Terminal::start(&running, &delete);
        terminal.until("Delete storage photos of d1/staging? [y/N] ");
        terminal.press(answer);
        let (code, seen) = terminal.end();
        assert_eq!(code, expected, "{answer:?}: {seen:?}");
        assert!(seen.contains(part), "{answer:?}: {seen:?}");
    }
}

#[test]
fn ctrl_c_ends_the_waiting_and_says_that_the_job_goes_on() {
    let running = Running::start(program().args(["--job-time", "1h"]));
    let mut terminal = Terminal::start(&running, &create("photos"));
    terminal.until(" is RUNNING");
    terminal.press("\u{3}");
    let (code, seen) = terminal.end();
    assert_eq!(code, 130, "{seen:?}");
    assert!(
        seen.contains(" goes on; to wait for it again: amplify-backend jobs wait"),
        "{seen:?}"
    );
}

#[test]
fn ctrl_c_in_a_call_says_that_the_change_may_have_been_made() {
    let folder = tempfile::tempdir().unwrap();
    let faults = folder.path().join("faults.toml");
    std::fs::write(&faults, "[[faults]]\ndelayMilliseconds = 60000\n").unwrap();
    let running = Running::start(program().arg("--faults").arg(&faults));
    let mut terminal = Terminal::start(&running, &create("photos"));
    // The call has arrived once the emulator has it in its log.
    let log = format!("{}/_emulator/requests", running.endpoint);
    while !support::get(&log).contains("CreateBackendStorage") {
        std::thread::yield_now();
    }
    terminal.press("\u{3}");
    let (code, seen) = terminal.end();
    assert_eq!(code, 130, "{seen:?}");
    assert!(
        seen.contains("interrupted; the change may have been made"),
        "{seen:?}"
    );
}

#[test]
fn names_from_the_service_cannot_move_the_cursor() {
    let running = Running::start(&mut program());
    let name = "red\u{1b}[31m\nnext";
    let (code, seen) = Terminal::start(&running, &create(name)).end();
    assert_eq!(code, 0, "{seen}");
    let get = ["storage", "get", "--name", name];
    let (code, seen) = Terminal::start(&running, &get).end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("red\\u{1b}[31m\\nnext"), "{seen:?}");
    assert!(!seen.contains("\u{1b}[31m"), "{seen:?}");
}
