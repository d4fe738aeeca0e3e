//! Does each stage so many times, for callgrind, which `counts` runs it under. With nothing else in
//! the process: `counts` itself counts allocations, which takes instructions too.
//!
//! ```text
//! cargo build --release -p amplify-backend-benches --bin stages
//! valgrind --tool=callgrind --toggle-collect=stages::measured target/release/stages 1000 call
//! callgrind_annotate callgrind.out.*
//! ```

use std::env;
use std::error::Error;
use std::hint::black_box;

use amplify_backend_benches::stages::{self, Stage};

/// So often before anything counts: connections, keys and caches are there then.
const WARM: u64 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut times, mut names) = (Vec::new(), Vec::new());
    for argument in env::args().skip(1) {
        match argument.parse::<u64>() {
            Ok(number) => times.push(number),
            Err(_) => names.push(argument),
        }
    }
    if times.is_empty() {
        return Err("usage: stages TIMES... [STAGE]...".into());
    }
    let wanted = |stage: &Stage| names.is_empty() || names.contains(&stage.name);
    for mut stage in stages::all().into_iter().filter(wanted) {
        stage.run(WARM, |work| work());
        for &times in &times {
            stage.run(times, measured);
            done();
        }
    }
    Ok(())
}

/// What callgrind counts is what happens in here.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    work();
    // So that the call above is not the last thing, which would be a jump.
    black_box(());
}

/// Where callgrind writes down what it counted since the last time.
#[inline(never)]
fn done() {
    black_box(());
}
