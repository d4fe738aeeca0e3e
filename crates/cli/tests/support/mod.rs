//! The program, and an emulator of it that runs beside a test.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};

use amplify_backend::{Client, Credentials, Endpoint, Region, RetryPolicy};

/// The program, in an environment that has nothing to say.
pub(crate) fn amplify_backend() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amplify-backend"));
    command.env_clear().env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// What the program prints, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Ran {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

pub(crate) fn program() -> Command {
    let mut command = amplify_backend();
    command.arg("emulator");
    command
}

/// An emulator that runs, and is killed with the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) endpoint: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let endpoint = line.trim_end().rsplit(' ').next().unwrap().to_owned();
        assert_eq!(line, format!("amplify-backend emulator at {endpoint}\n"));
        Self { child, endpoint }
    }

    pub(crate) fn client(&self, id: &str, secret: &str) -> Client {
        Client::builder()
            .region(Region::new("eu-central-1").unwrap())
            .credentials(Credentials::new(id, secret))
            .endpoint(Endpoint::new(&self.endpoint).unwrap())
            .retry(RetryPolicy::never())
            .build()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer to a GET, as bytes come.
pub(crate) fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
