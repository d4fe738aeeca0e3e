//! The servers, each in a process of its own that ends with its [`Server`].

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use amplify_backend_benches::load::Outcome;
use amplify_backend_benches::raw;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// The emulator, with what is in `seed`.
    pub(crate) fn emulator(
        program: &Path,
        arguments: &[&str],
        seed: Option<&Value>,
    ) -> Outcome<Self> {
        Self::started(Command::new(program), program, arguments, seed)
    }

    /// The same, started by `command`, which ends in the program.
    fn started(
        mut command: Command,
        program: &Path,
        arguments: &[&str],
        seed: Option<&Value>,
    ) -> Outcome<Self> {
        command
            .args(["emulator", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
        let folder = tempfile::tempdir()?;
        if let Some(seed) = seed {
            let path = folder.path().join("seed.json");
            fs::write(&path, seed.to_string())?;
            command.arg("--seed").arg(path);
        }
        Self::announced(command).map_err(|error| {
            let program = program.display();
            format!("{program}: {error}; `cargo build --release -p amplify-backend-cli` builds it")
                .into()
        })
    }

    /// The emulator under callgrind, which counts its instructions into the file `counts`.
    pub(crate) fn counted(program: &Path, seed: &Value, counts: &Path) -> Outcome<Self> {
        let command = callgrind(program, counts);
        Self::started(command, program, &[], Some(seed))
    }

    /// The bare hyper server under callgrind.
    pub(crate) fn bare_counted(body: u64, counts: &Path) -> Outcome<Self> {
        let mut command = callgrind(&std::env::current_exe()?, counts);
        command.args(["bare", &body.to_string()]);
        Self::announced(command)
    }

    /// Ends the server as a user would, so that what it counted is written down.
    pub(crate) fn end(mut self) -> Outcome<()> {
        Command::new("kill")
            .arg(self.process.id().to_string())
            .status()?;
        self.process.wait()?;
        Ok(())
    }

    /// The bare hyper server, with a body of this length.
    pub(crate) fn bare(body: u64) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", &body.to_string()]);
        Self::announced(command)
    }

    /// A server whose first line ends in its URL.
    fn announced(mut command: Command) -> Outcome<Self> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address = line.trim().rsplit('/').next().map(str::parse);
        match address {
            Some(Ok(address)) => Ok(Self { process, address }),
            _ => {
                process.kill()?;
                process.wait()?;
                Err(format!("it did not name its endpoint: {line:?}").into())
            }
        }
    }

    /// moto's server, of all services in one.
    pub(crate) fn moto(program: &Path, runtime: &Runtime) -> Outcome<Self> {
        // Free now, and nobody else's by the time it is used.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let server = Self { process, address };
        let patience = Instant::now() + Duration::from_secs(60);
        runtime.block_on(async {
            let mut often = tokio::time::interval(Duration::from_millis(50));
            while TcpStream::connect(address).await.is_err() {
                if Instant::now() > patience {
                    return Err("moto takes no connection within a minute");
                }
                often.tick().await;
            }
            Ok(())
        })?;
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The memory that is resident, in bytes.
    pub(crate) fn resident(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024.0)
    }

    /// What all its threads have used of the processors so far.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).ok()?;
        threads
            .map(|thread| {
                let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
                let nanoseconds = text.split(' ').next()?.parse().ok()?;
                Some(Duration::from_nanos(nanoseconds))
            })
            .sum()
    }
}

fn callgrind(program: &Path, counts: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is the bare hyper server, on as many threads as the emulator has, until it is killed.
pub(crate) fn serve_bare(body: usize) -> Outcome<()> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = raw::listen().await;
        println!("bare hyper at http://{}", listener.local_addr()?);
        // It reads what was sent, as any server does.
        raw::accept(listener, vec![b' '; body].into(), true).await;
        Ok(())
    })
}
