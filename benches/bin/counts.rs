//! What each stage of a call needs: allocations, bytes and, where valgrind is installed,
//! instructions. None of them depends on how busy the machine is.
//!
//! ```text
//! cargo run --release -p amplify-backend-benches --bin counts              # prints them
//! cargo run --release -p amplify-backend-benches --bin counts -- --check   # against counts.toml
//! cargo run --release -p amplify-backend-benches --bin counts -- --write   # into counts.toml
//! ```
//!
//! A count is that of doing a stage once, after what is set up once has been set up: doing it often,
//! less doing it less often, divided by the difference. The check fails when one has grown by more
//! than 2 %; see `kept.rs`.
//!
//! callgrind's processor has no SHA extensions: what hashes, needs more instructions there than on a
//! processor that has them. How many, the last line says.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use allocation_counter::AllocationInfo;
use amplify_backend_benches::kept::{Count, Counts};
use amplify_backend_benches::machine;
use amplify_backend_benches::signers::SMALL;
use amplify_backend_benches::stages::{self, Stage};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// So often before anything counts.
const WARM: u64 = 100;

/// Stages whose count is not ours to keep: the official SDK's.
const PEER: &str = "call-official-sdk";

fn main() -> Outcome<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let what = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => "print",
        [what @ ("--check" | "--write")] => what,
        _ => return Err("usage: counts [--check | --write]".into()),
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.toml");
    let valgrind = machine::valgrind();
    if what == "--write" && valgrind.is_none() {
        return Err("the kept file has instructions: install valgrind to renew it".into());
    }
    let mut counts = Counts::default();
    counts.toolchain = machine::toolchain();
    counts.processor = machine::processor();
    counts.stages = allocations();
    if valgrind.is_some() {
        for (name, instructions) in instructions()? {
            let count = counts.stages.entry(name).or_default();
            count.instructions = Some(instructions);
        }
    }
    counts.valgrind = valgrind;
    print(&counts);

    counts.stages.remove(PEER);
    match what {
        "--write" => fs::write(file, counts.to_toml())?,
        "--check" => {
            let kept = fs::read_to_string(&file)?;
            let kept = Counts::parse(&kept).map_err(|error| format!("counts.toml: {error}"))?;
            let comparison = kept.compare(&counts);
            for remark in &comparison.remarks {
                println!("note: {remark}");
            }
            for failure in &comparison.failures {
                println!("FAILED: {failure}");
            }
            if !comparison.failures.is_empty() {
                println!(
                    "Where that is as it should be, renew the kept counts, and say why in the \
                     commit:\n  cargo run --release -p amplify-backend-benches --bin counts -- --write"
                );
                return Ok(ExitCode::FAILURE);
            }
            println!("no count has grown by more than 2 %");
        }
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn print(counts: &Counts) {
    println!(
        "{:48} {:>11} {:>9} {:>12}",
        "once", "allocations", "bytes", "instructions"
    );
    for (name, count) in &counts.stages {
        let instructions = count
            .instructions
            .map_or("-".to_owned(), |it| it.to_string());
        println!(
            "{name:48} {:>11} {:>9} {instructions:>12}",
            count.allocations, count.bytes
        );
    }
    let instructions = |name: &str| counts.stages.get(name)?.instructions;
    if let (Some(large), Some(small)) = (instructions("sign-64-KiB"), instructions("sign")) {
        println!(
            "Without SHA extensions, as under callgrind, a block of 64 bytes takes {} instructions.",
            large.saturating_sub(small) / ((1 << 16) - SMALL as u64).div_ceil(64)
        );
    }
}

/// Allocations and bytes of each stage.
fn allocations() -> BTreeMap<String, Count> {
    let counted = |mut stage: Stage| {
        stage.run(WARM, |work| work());
        let [few, many] = [100, 300].map(|times| {
            let mut total = AllocationInfo::default();
            stage.run(times, |work| total += allocation_counter::measure(work));
            total
        });
        let each = |few: u64, many: u64| (many.saturating_sub(few) + 100) / 200;
        let count = Count::of(
            each(few.count_total, many.count_total),
            each(few.bytes_total, many.bytes_total),
        );
        (stage.name, count)
    };
    stages::all().into_iter().map(counted).collect()
}

/// Instructions of each stage: the program `stages` under callgrind, which writes down what it
/// counted after doing a stage few times and after doing it many times.
fn instructions() -> Outcome<Vec<(String, u64)>> {
    const FEW: u64 = 80;
    const MANY: u64 = 240;
    let program = build("stages")?;
    let folder = tempfile::tempdir()?;
    let profile = folder.path().join("profile");
    let run = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--combine-dumps=yes"])
        .args([
            "--toggle-collect=stages::measured",
            "--dump-before=stages::done",
        ])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args([FEW.to_string(), MANY.to_string()])
        .output()?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into());
    }
    let text = fs::read_to_string(profile)?;
    let totals = text
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "));
    let totals = totals.map(|total| total.trim().parse());
    let totals = totals.collect::<Result<Vec<u64>, _>>()?;
    let names: Vec<_> = stages::all().into_iter().map(|stage| stage.name).collect();
    // What follows the last stage is in one of its own.
    if totals.len() / 2 != names.len() {
        return Err(format!("{} totals for {} stages", totals.len(), names.len()).into());
    }
    let each = |pair: &[u64; 2]| {
        let [few, many] = pair;
        many.saturating_sub(*few) / (MANY - FEW)
    };
    let (pairs, _) = totals.as_chunks();
    Ok(names.into_iter().zip(pairs.iter().map(each)).collect())
}

/// Another program of this package, built as this one is.
fn build(program: &str) -> Outcome<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--locked", "--release"]);
    command.args(["-p", env!("CARGO_PKG_NAME"), "--bin", program]);
    if cfg!(feature = "peers") {
        command.args(["--features", "peers"]);
    }
    if !command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?
        .success()
    {
        return Err(format!("{program} could not be built").into());
    }
    Ok(env::current_exe()?.with_file_name(program))
}
