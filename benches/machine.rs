//! What figures were taken on: the processor and the toolchain, and nothing that tells whose.

use std::num::NonZero;
use std::process::Command;
use std::{env, fs, thread};

use serde::{Deserialize, Serialize};

/// A machine and a toolchain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Machine {
    /// How many cores this process may use, and of which processor.
    pub processor: String,
    /// The operating system.
    pub system: String,
    /// The compiler and its target.
    pub toolchain: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            processor: format!("{cores} cores of {}", processor()),
            system: env::consts::OS.to_owned(),
            toolchain: toolchain(),
        }
    }
}

/// Such as `Intel(R) Xeon(R) Processor`.
pub fn processor() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| {
        let (_, model) = line.strip_prefix("model name")?.split_once(':')?;
        Some(model.trim())
    });
    model.unwrap_or(env::consts::ARCH).to_owned()
}

/// Such as `rustc 1.95.0 (59807616e 2026-04-14), x86_64-unknown-linux-gnu`.
pub fn toolchain() -> String {
    let text = said(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let mut lines = text.lines();
    let version = lines.next().unwrap_or("an unknown compiler");
    let host = lines.find_map(|line| line.strip_prefix("host: "));
    format!("{version}, {}", host.unwrap_or(env::consts::ARCH))
}

/// Such as `valgrind-3.19.0`; `None`: it is not installed.
pub fn valgrind() -> Option<String> {
    let text = said(Command::new("valgrind").arg("--version"))?;
    Some(text.trim().to_owned())
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let said = output.status.success().then_some(output.stdout)?;
    String::from_utf8(said).ok()
}
