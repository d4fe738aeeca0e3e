//! Running a program: once for each case, or once for all with a line for each.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::{Program, Task};

/// In bytes, of what a program says in one case.
const LONGEST: u64 = 16 << 20;

/// How a program is given its cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Way {
    /// It runs once for each case, with `CASE_OPERATION` and `CASE_INPUT` in its environment. On
    /// success it exits with 0 and prints the output; on failure it exits with another code, and the
    /// last line that it prints is the error. Both are JSON; an error may also be printed to the
    /// standard error.
    #[default]
    Once,
    /// It runs on, and is given a line of JSON for each case, with `operation`, `input`, `endpoint`,
    /// `region`, `accessKeyId`, `secretAccessKey` and, where there is one, `sessionToken`. It answers
    /// each with a line, `{"output": …}` or `{"error": …}`. None of a case is in its environment.
    Lines,
}

/// What a client says of a case.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Said {
    /// It gave an output.
    Output(Value),
    /// It gave an error, in the words of `error.json`.
    Error(Value),
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(output) => write!(f, "the program gave the output {output}"),
            Self::Error(error) => write!(f, "the program gave the error {error}"),
        }
    }
}

/// The program cannot be started.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartError {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// What the system says of it.
    pub source: io::Error,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not start {}", self.command.join(" "))
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Runs a program, one case after another.
pub(super) struct Runner {
    program: Program,
    running: Option<Running>,
}

struct Running {
    child: Child,
    tell: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Runner {
    pub(super) fn new(program: Program) -> Self {
        Self {
            program,
            running: None,
        }
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    /// What the program says of a case, or how it failed to say anything.
    pub(super) async fn run(&mut self, task: &Task) -> Result<Result<Said, String>, StartError> {
        let limit = self.program.limit;
        let said = match self.program.way {
            Way::Once => match self.start_once(task) {
                Ok(child) => timeout(limit, ended(child)).await,
                // The limit is that of one variable: it is this case that is too long.
                Err(error) if error.kind() == io::ErrorKind::ArgumentListTooLong => {
                    let why = "the input is too long for an environment variable; a program that \
                               is run with --lines can take it";
                    return Ok(Err(why.to_owned()));
                }
                Err(source) => return Err(self.not_started(source)),
            },
            Way::Lines => {
                let running = match self.running.take() {
                    Some(running) => running,
                    None => self.start_lines().map_err(|it| self.not_started(it))?,
                };
                timeout(limit, self.running.insert(running).ask(task)).await
            }
        };
        let said =
            said.unwrap_or_else(|_| Err(format!("the program did not end within {limit:?}")));
        if said.is_err() {
            // Who knows what it would say next.
            self.running = None;
        }
        Ok(said)
    }

    fn start_once(&self, task: &Task) -> io::Result<Child> {
        let mut command = self.command();
        if let Some(token) = task.credentials.session_token() {
            command.env("AWS_SESSION_TOKEN", token);
        }
        let secret = task.credentials.secret_access_key();
        command
            .env("AWS_ENDPOINT_URL_AMPLIFYBACKEND", &task.endpoint)
            .env("AWS_ACCESS_KEY_ID", task.credentials.access_key_id())
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", &task.region)
            .env("AWS_DEFAULT_REGION", &task.region)
            .env("CASE_OPERATION", task.operation)
            .env("CASE_INPUT", task.input.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
    }

    fn start_lines(&self) -> io::Result<Running> {
        let mut child = self.command().stdin(Stdio::piped()).spawn()?;
        let tell = child.stdin.take().expect("its standard input is a pipe");
        let hear = child.stdout.take().expect("its standard output is a pipe");
        let hear = BufReader::new(hear);
        Ok(Running { child, tell, hear })
    }

    /// The program, in an environment without AWS settings but those that are the same in all cases.
    fn command(&self) -> Command {
        let mut words = self.program.command.iter();
        let mut command = Command::new(words.next().map_or("", String::as_str));
        command.args(words);
        let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        for name in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ] {
            command.env_remove(name);
        }
        command
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("AWS_CONFIG_FILE", nothing)
            .env("AWS_SHARED_CREDENTIALS_FILE", nothing)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn not_started(&self, source: io::Error) -> StartError {
        let command = self.program.command.clone();
        StartError { command, source }
    }
}

impl Running {
    async fn ask(&mut self, task: &Task) -> Result<Said, String> {
        let mut line = json!({
            "operation": task.operation,
            "input": task.input,
            "endpoint": task.endpoint,
            "region": task.region,
            "accessKeyId": task.credentials.access_key_id(),
            "secretAccessKey": task.credentials.secret_access_key(),
        });
        if let (Some(token), Some(members)) =
            (task.credentials.session_token(), line.as_object_mut())
        {
            members.insert("sessionToken".to_owned(), token.into());
        }
        let told = self.tell.write_all(format!("{line}\n").as_bytes()).await;
        let mut answer = Vec::new();
        let mut hear = (&mut self.hear).take(LONGEST);
        let heard = hear.read_until(b'\n', &mut answer).await;
        if told.is_err() || heard.is_err() || answer.is_empty() {
            let status = self.child.wait().await.map_err(|error| error.to_string())?;
            return Err(format!("the program ended, {status}"));
        }
        let shown = || {
            format!(
                "the program's line is neither an output nor an error: {}",
                start(&answer)
            )
        };
        let answer: Map<String, Value> = serde_json::from_slice(&answer).map_err(|_| shown())?;
        match (answer.get("output"), answer.get("error")) {
            (Some(output @ Value::Object(_)), None) => Ok(Said::Output(output.clone())),
            (None, Some(error @ Value::Object(_))) => Ok(Said::Error(error.clone())),
            _ => Err(shown()),
        }
    }
}

/// What a program says that runs for one case.
async fn ended(mut child: Child) -> Result<Said, String> {
    let (out, err) = tokio::join!(read(child.stdout.take()), read(child.stderr.take()));
    let status = child.wait().await.map_err(|error| error.to_string())?;
    outcome(status, &out?, &err?)
}

/// What a program said that ended with `status`.
fn outcome(status: ExitStatus, out: &[u8], err: &[u8]) -> Result<Said, String> {
    if status.success() {
        let empty = out.trim_ascii().is_empty();
        let output = if empty {
            Ok(Map::new())
        } else {
            serde_json::from_slice(out)
        };
        return output
            .map(|output| Said::Output(Value::Object(output)))
            .map_err(|_| {
                format!(
                    "the program succeeded, and what it printed is no JSON object: {}",
                    start(out)
                )
            });
    }
    for printed in [out, err] {
        let last = printed.trim_ascii().rsplit(|byte| *byte == b'\n').next();
        for text in [Some(printed), last].into_iter().flatten() {
            if let Ok(error) = serde_json::from_slice::<Map<String, Value>>(text) {
                return Ok(Said::Error(Value::Object(error)));
            }
        }
    }
    let said = [start(out), start(err)].join(" ");
    Err(match said.trim() {
        "" => format!("the program failed, {status}, and printed nothing"),
        said => format!("the program failed, {status}, without an error in JSON: {said}"),
    })
}

async fn read(pipe: Option<impl tokio::io::AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    let mut read = Vec::new();
    if let Some(pipe) = pipe {
        let done = pipe.take(LONGEST).read_to_end(&mut read).await;
        done.map_err(|error| format!("what the program says cannot be read: {error}"))?;
    }
    Ok(read)
}

/// The start of what a program printed, for a message.
fn start(printed: &[u8]) -> String {
    let printed = printed.trim_ascii();
    let start = printed.get(..1000).unwrap_or(printed);
    String::from_utf8_lossy(start).into_owned()
}
