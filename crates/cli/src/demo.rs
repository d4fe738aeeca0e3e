//! `amplify-backend demo`: the life of a storage resource, against the service in this process.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use clap::Parser as _;
use emulator::{Credentials, Emulator, Snapshot};

use crate::Arguments;
use crate::failure::{Failure, Kind};
use crate::global::Global;
use crate::output::{self, Format};
use crate::session::Session;

/// What there is before the first command: a bucket from other times.
const SEED: &str = "[[buckets]]\nname = \"holiday-2021\"\ncreationDate = 1617375907613";

/// The commands, as anybody could type them.
const COMMANDS: [(&str, &str); 8] = [
    (
        "A storage resource is created, and its job followed to its end.",
        "storage create --app-id d1a2b3c4d5e6f7 --env staging --name photos \
         --authenticated read,write --wait --wait-interval 100ms",
    ),
    (
        "It is read.",
        "storage get --app-id d1a2b3c4d5e6f7 --env staging --name photos",
    ),
    (
        "Everybody may read now.",
        "storage update --app-id d1a2b3c4d5e6f7 --env staging --name photos \
         --authenticated read,write,delete --unauthenticated read --wait --wait-interval 100ms",
    ),
    ("The buckets are listed.", "buckets list"),
    (
        "A bucket that was there before is imported.",
        "storage import --app-id d1a2b3c4d5e6f7 --env staging --bucket holiday-2021 --wait \
         --wait-interval 100ms",
    ),
    (
        "The resource is deleted.",
        "storage delete --app-id d1a2b3c4d5e6f7 --env staging --name photos --yes --wait \
         --wait-interval 100ms",
    ),
    (
        "It is gone: this is what an error looks like.",
        "storage get --app-id d1a2b3c4d5e6f7 --env staging --name photos",
    ),
    (
        "What was done is in the list of jobs.",
        "jobs list --app-id d1a2b3c4d5e6f7 --env staging --query Jobs[].[Operation,Status]",
    ),
];

/// Runs the commands, and shows what each prints.
pub(crate) async fn run(global: &Global) -> Result<(), Failure> {
    let unexpected = |error: &dyn std::fmt::Display| Failure::unexpected(error.to_string());
    // The same in each run: ids come from a seed, and time goes on with each look at the clock.
    let looks = AtomicU32::new(0);
    let clock = move || START + LOOK * looks.fetch_add(1, Ordering::Relaxed);
    let emulator = Emulator::builder()
        .credentials([Credentials::new("local", "local")])
        .seed(Snapshot::from_toml(SEED).map_err(|error| unexpected(&error))?)
        .clock(move || SystemTime::UNIX_EPOCH + clock())
        .job_time(LOOK * 4)
        .random_seed(1)
        .build()
        .map_err(|error| unexpected(&error))?;
    for (what, command) in COMMANDS {
        output::write(&format!("# {what}\n> amplify-backend {command}\n"))?;
        let words = ["amplify-backend"]
            .into_iter()
            .chain(command.split_whitespace());
        let arguments = Arguments::try_parse_from(words).map_err(|error| unexpected(&error))?;
        let global = Global {
            output: Some(global.output.unwrap_or(Format::Table)),
            query: arguments.global.query.clone(),
            sign_time: Some(SystemTime::UNIX_EPOCH + START),
            ..Global::default()
        };
        let session = Session::over(&emulator, &global)?;
        let task = crate::task(arguments.command, &global)?;
        match task.run(&session, &global).await {
            Ok(()) => {}
            // The one that is shown on purpose.
            Err(failure) if failure.kind == Kind::Service => {
                output::write(&format!("amplify-backend: {}\n", failure.paragraph()))?;
            }
            Err(failure) => return Err(failure),
        }
        output::write("\n")?;
    }
    output::write(
        "The same commands with --local keep their state on this machine; without it they go to \
         AWS.\n",
    )
}

/// 2026-01-01T00:00:00Z
const START: Duration = Duration::from_secs(1_767_225_600);

/// How far time goes on with each look at the clock; a request looks twice.
const LOOK: Duration = Duration::from_millis(250);
