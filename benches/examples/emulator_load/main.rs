//! What load the emulator bears: the program `amplify-backend emulator`, with signatures enforced
//! and the log of requests on, beside a bare hyper server that answers fixed bytes of the same
//! size. Each is a process of its own; this one sends both the same signed requests, in short
//! rounds that take turns, and checks that each answer is 200. Then: how long a start takes, what
//! memory it needs, and what an operation costs among 10 resources and among 10,000.
//!
//! ```text
//! cargo build --release -p amplify-backend-cli
//! cargo run --release -p amplify-backend-benches --example emulator_load
//! ```
//!
//! `--keep` puts the figures into `results/emulator.json`, for the report. `benches/moto.sh` runs the
//! same beside moto's S3. Memory and processor time are read from `/proc`, on Linux only.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

mod servers;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use amplify_backend_benches::load::requests::{
    self, mixes, s3_list_buckets, seed, sign_again, sizes,
};
use amplify_backend_benches::load::{End, Outcome, Script, load};
use amplify_backend_benches::raw;
use amplify_backend_benches::results::{Results, median};
use tokio::runtime::Runtime;

use self::servers::{Server, serve_bare};

const CONNECTIONS: [usize; 5] = [1, 8, 64, 512, 1_000];

/// So many turns each, of this length.
const ROUNDS: usize = 11;
const ROUND: Duration = Duration::from_millis(400);

const STARTS: usize = 20;

const MILLION: u64 = 1_000_000;

/// Where requests go round to measure memory: the jobs that each environment keeps count too.
const MILLION_CONNECTIONS: usize = 64;

struct Options {
    emulator: PathBuf,
    moto: Option<PathBuf>,
    /// The sections to run. Empty: all.
    only: Vec<String>,
    /// Connections at once, one after the other.
    connections: Vec<usize>,
}

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let mut options = Options {
        // Beside the folder of the examples.
        emulator: env::current_exe()?.with_file_name("../amplify-backend"),
        moto: None,
        only: Vec::new(),
        connections: Vec::new(),
    };
    let (mut keep, mut results) = (false, Results::here());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            // This very program is the bare server, too.
            "bare" => return serve_bare(value()?.parse()?),
            "--emulator" => options.emulator = value()?.into(),
            "--keep" => keep = true,
            "--moto" => options.moto = Some(value()?.into()),
            "start" | "hyper" | "instructions" | "moto" | "million" | "sizes" => {
                options.only.push(argument)
            }
            _ if let Ok(connections @ 1..) = argument.parse() => {
                options.connections.push(connections);
            }
            _ => {
                return Err(
                    "usage: emulator_load [--keep] [--emulator PROGRAM] [--moto MOTO_SERVER] \
                            [start] [hyper] [instructions] [moto] [million] [sizes] [CONNECTIONS]..."
                        .into(),
                );
            }
        }
    }
    if options.connections.is_empty() {
        options.connections = CONNECTIONS.to_vec();
    }
    let runtime = raw::runtime();
    let wanted =
        |section: &str| options.only.is_empty() || options.only.iter().any(|only| only == section);
    if wanted("start") {
        start(&options, &runtime, &mut results)?;
    }
    if wanted("hyper") {
        beside_hyper(&options, &runtime, &mut results)?;
    }
    if wanted("instructions") && Command::new("valgrind").arg("--version").output().is_ok() {
        instructions(&options, &runtime, &mut results)?;
    }
    if wanted("moto")
        && let Some(moto) = &options.moto
    {
        beside_moto(&options, moto, &runtime, &mut results)?;
    }
    if wanted("million") {
        million(&options, &runtime, &mut results)?;
    }
    if wanted("sizes") {
        among_many(&options, &runtime, &mut results)?;
    }
    if keep {
        results.keep("emulator")?;
    }
    Ok(())
}

/// From the start of the process to its first line, and to its first answer.
fn start(options: &Options, runtime: &Runtime, results: &mut Results) -> Outcome<()> {
    let (mut lines, mut answers, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begin = Instant::now();
        let server = Server::emulator(&options.emulator, &[], None)?;
        lines.push(begin.elapsed().as_secs_f64() * 1e3);
        memory.extend(server.resident());
        // It is signed outside of the time that is measured.
        let script = Script::new(requests::list_buckets(server.address())?);
        let signed = Instant::now();
        load(
            runtime,
            server.address(),
            &mut vec![script],
            End::Requests(1),
        )?;
        answers.push(lines.last().unwrap_or(&0.0) + signed.elapsed().as_secs_f64() * 1e3);
    }
    results.add(
        "start to the line with the endpoint",
        median(lines.clone()) / 1e3,
    );
    results.add("start to the first answer", median(answers.clone()) / 1e3);
    if !memory.is_empty() {
        results.add("resident, idle", median(memory.clone()));
    }
    println!("start, median of {STARTS}");
    println!("  to the line with the endpoint  {:6.2} ms", median(lines));
    println!(
        "  to the first answer            {:6.2} ms",
        median(answers)
    );
    println!("  resident, idle                 {}", mebibytes(memory));
    println!();
    Ok(())
}

/// Requests a second, for more and more connections.
fn beside_hyper(options: &Options, runtime: &Runtime, results: &mut Results) -> Outcome<()> {
    println!(
        "requests a second, median of {ROUNDS} rounds of {ROUND:?} each; µs of processor time"
    );
    println!("connections   emulator        bare hyper      ratio");
    for &connections in &options.connections {
        let emulator = Server::emulator(&options.emulator, &[], Some(&seed(10, connections)))?;
        let mut scripts = mixes(emulator.address(), connections)?;
        let warm = load(runtime, emulator.address(), &mut scripts, End::After(ROUND))?;
        // As large as the emulator's answers are on average.
        let bare = Server::bare(warm.mean_body())?;
        load(
            runtime,
            bare.address(),
            &mut scripts.clone(),
            End::After(ROUND),
        )?;

        let (mut ours, mut theirs) = (Figures::default(), Figures::default());
        for _ in 0..ROUNDS {
            sign_again(&mut scripts, emulator.address())?;
            ours.round(runtime, &emulator, &mut scripts)?;
            theirs.round(runtime, &bare, &mut scripts.clone())?;
        }
        results.add(
            format!("requests a second, {connections}"),
            median(ours.rates.clone()),
        );
        results.add(
            format!("requests a second of bare hyper, {connections}"),
            median(theirs.rates.clone()),
        );
        for (whose, figures) in [("", &ours), (" of bare hyper", &theirs)] {
            if !figures.costs.is_empty() {
                let cost = median(figures.costs.clone()) / 1e6;
                results.add(format!("processor time{whose}, {connections}"), cost);
            }
        }
        let ratios = ours.rates.iter().zip(&theirs.rates).map(|(a, b)| a / b);
        println!(
            "{connections:11} {ours}  {theirs}  {:.2}",
            median(ratios.collect())
        );
    }
    println!();
    Ok(())
}

/// Instructions of both servers for a request, which do not depend on how busy the machine is.
/// callgrind's processor has no instructions for SHA-256, so that it counts a few thousand more.
fn instructions(options: &Options, runtime: &Runtime, results: &mut Results) -> Outcome<()> {
    const CONNECTIONS: usize = 8;
    const FEW: u64 = 1_000;
    const MANY: u64 = 3_000;
    let folder = tempfile::tempdir()?;
    let counts = folder.path().join("counts");
    let seed = seed(10, CONNECTIONS);
    let mut body = 0;
    let mut counted = |bare: bool, requests| -> Outcome<f64> {
        let server = if bare {
            Server::bare_counted(body, &counts)?
        } else {
            Server::counted(&options.emulator, &seed, &counts)?
        };
        let mut scripts = mixes(server.address(), CONNECTIONS)?;
        let end = End::Requests(requests);
        body = load(runtime, server.address(), &mut scripts, end)?.mean_body();
        server.end()?;
        let text = fs::read_to_string(&counts)?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        Ok(total.ok_or("callgrind counted nothing")?.trim().parse()?)
    };
    // What a start takes is in both.
    let mut each = |bare| -> Outcome<f64> {
        let few = counted(bare, FEW)?;
        #[expect(clippy::cast_precision_loss, reason = "a count for a figure")]
        Ok((counted(bare, MANY)? - few) / (MANY - FEW) as f64)
    };
    println!("instructions outside of the kernel for a request, by callgrind");
    for (name, bare) in [("emulator", false), ("bare hyper", true)] {
        let instructions = each(bare)?;
        results.add(format!("instructions, {name}"), instructions);
        println!("  {name:10} {instructions:7.0}");
    }
    println!();
    Ok(())
}

/// Requests a second with 8 connections, and what moto answers in the same run.
fn beside_moto(
    options: &Options,
    moto: &std::path::Path,
    runtime: &Runtime,
    results: &mut Results,
) -> Outcome<()> {
    const CONNECTIONS: usize = 8;
    let emulator = Server::emulator(&options.emulator, &[], Some(&seed(10, CONNECTIONS)))?;
    let mut ours = mixes(emulator.address(), CONNECTIONS)?;
    let moto = Server::moto(moto, runtime)?;
    let [make, list] = s3_list_buckets(moto.address(), 10)?;
    let length = u64::try_from(make.len())?;
    load(
        runtime,
        moto.address(),
        &mut vec![Script::new(make)],
        End::Requests(length),
    )?;
    let mut theirs = vec![Script::new(list); CONNECTIONS];

    let (mut emulated, mut peers) = (Figures::default(), Figures::default());
    for _ in 0..ROUNDS {
        sign_again(&mut ours, emulator.address())?;
        emulated.round(runtime, &emulator, &mut ours)?;
        peers.round(runtime, &moto, &mut theirs)?;
    }
    results.add(
        "beside moto, requests a second",
        median(emulated.rates.clone()),
    );
    results.add("moto, requests a second", median(peers.rates.clone()));
    if let Some(resident) = moto.resident() {
        results.add("moto, resident", resident);
    }
    println!("{CONNECTIONS} connections    emulator        moto, S3's list of 10 buckets");
    println!(
        "            {emulated}  {peers}  {:.0} times",
        median(emulated.rates.clone()) / median(peers.rates.clone())
    );
    println!(
        "  resident   {}   {}",
        mebibytes(emulator.resident()),
        mebibytes(moto.resident())
    );
    println!();
    Ok(())
}

/// Memory after a million requests, and whether the last ones cost more than the first.
fn million(options: &Options, runtime: &Runtime, results: &mut Results) -> Outcome<()> {
    const PART: u64 = MILLION / 10;
    let seed = seed(10, MILLION_CONNECTIONS);
    let emulator = Server::emulator(&options.emulator, &[], Some(&seed))?;
    let idle = emulator.resident();
    let mut scripts = mixes(emulator.address(), MILLION_CONNECTIONS)?;
    let mut costs = Vec::new();
    for _ in 0..10 {
        sign_again(&mut scripts, emulator.address())?;
        let mut figures = Figures::default();
        figures.part(runtime, &emulator, &mut scripts, End::Requests(PART))?;
        costs.extend(figures.costs);
    }
    if let (Some(before), Some(after)) = (idle, emulator.resident()) {
        results.add("resident before a million requests", before);
        results.add("resident after a million requests", after);
    }
    if let [first, .., last] = costs[..] {
        results.add("processor time, first tenth of a million", first / 1e6);
        results.add("processor time, last tenth of a million", last / 1e6);
    }
    println!("{MILLION} requests over {MILLION_CONNECTIONS} connections, the log on");
    println!("  resident before    {}", mebibytes(idle));
    println!("  resident after     {}", mebibytes(emulator.resident()));
    let costs: Vec<_> = costs.iter().map(|cost| format!("{cost:.2}")).collect();
    println!(
        "  processor time of a request in each tenth, µs: {}",
        costs.join(" ")
    );
    println!();
    Ok(())
}

/// What one call costs, among 10 resources of the environment and among 10,000.
fn among_many(options: &Options, runtime: &Runtime, results: &mut Results) -> Outcome<()> {
    const CONNECTIONS: usize = 8;
    let few = Server::emulator(&options.emulator, &[], Some(&seed(10, 0)))?;
    let many = Server::emulator(&options.emulator, &[], Some(&seed(10_000, 0)))?;
    let page = ["--page-size", "10"];
    let few_paged = Server::emulator(&options.emulator, &page, Some(&seed(10, 0)))?;
    let many_paged = Server::emulator(&options.emulator, &page, Some(&seed(10_000, 0)))?;
    // Processor time: how long one client waits is mostly how far its processor has gone to sleep.
    println!(
        "processor time of a call, median of {ROUNDS} rounds; a list gives 10 buckets either way"
    );
    println!("         among 10  among 10,000  ratio");
    let names = ["get", "update", "list"];
    let pairs = [(&few, &many), (&few, &many), (&few_paged, &many_paged)];
    for (row, (name, (few, many))) in names.into_iter().zip(pairs).enumerate() {
        let signed = |server: &Server, resources| -> Outcome<_> {
            let [get, update, list] = sizes(server.address(), resources)?;
            Ok(match row {
                0 => get,
                1 => update,
                _ => list,
            })
        };
        let sides = [signed(few, 10)?, signed(many, 10_000)?];
        let mut costs = [Figures::default(), Figures::default()];
        for _ in 0..ROUNDS {
            for ((figures, server), requests) in costs.iter_mut().zip([few, many]).zip(&sides) {
                let mut scripts = vec![Script::new(requests.clone()); CONNECTIONS];
                figures.part(runtime, server, &mut scripts, End::Requests(5_000))?;
            }
        }
        let [few, many] = costs.map(|figures| median(figures.costs));
        results.add(format!("{name}, among 10"), few / 1e6);
        results.add(format!("{name}, among 10,000"), many / 1e6);
        println!(
            "{name:7} {few:6.1} µs     {many:6.1} µs   {:5.2}",
            many / few
        );
    }
    Ok(())
}

/// What rounds against one server gave.
#[derive(Default)]
struct Figures {
    /// Requests a second.
    rates: Vec<f64>,
    /// Processor time of the server for a request, in µs.
    costs: Vec<f64>,
}

impl Figures {
    fn round(
        &mut self,
        runtime: &Runtime,
        server: &Server,
        scripts: &mut Vec<Script>,
    ) -> Outcome<()> {
        self.part(runtime, server, scripts, End::After(ROUND))
    }

    fn part(
        &mut self,
        runtime: &Runtime,
        server: &Server,
        scripts: &mut Vec<Script>,
        end: End,
    ) -> Outcome<()> {
        let before = server.processor_time();
        let loaded = load(runtime, server.address(), scripts, end)?;
        self.rates.push(loaded.rate());
        if let (Some(before), Some(after)) = (before, server.processor_time()) {
            self.costs
                .push((after - before).as_secs_f64() * 1e6 / loaded.requests());
        }
        Ok(())
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rate = median(self.rates.clone());
        let cost = median(self.costs.clone());
        write!(f, "{rate:7.0} ({cost:5.1})")
    }
}

fn mebibytes(bytes: impl IntoIterator<Item = f64>) -> String {
    let bytes: Vec<_> = bytes.into_iter().collect();
    if bytes.is_empty() {
        return "unknown: read from /proc, on Linux only".to_owned();
    }
    format!("{:6.1} MiB", median(bytes) / (1024.0 * 1024.0))
}
