//! REPORT.md.

use std::fmt::{Display, Write as _};

use crate::charts::{Chart, is_peer};
use crate::figures::Figures;
use crate::requirements::{self, Bound, Requirement, TRIED};

/// How each chart's figures were measured.
const MEASURED: &[(&str, &str)] = &[
    (
        "stages.svg",
        "criterion, bench `request_path`: each stage alone, from inputs that were made before. `send` \
         is a signed request out and its response in over a kept connection, the server in the same \
         thread. The rest of a call is what the call takes beyond the stages: the client's decisions, \
         and giving memory back. An input is built before a call.",
    ),
    (
        "instructions.svg",
        "`counts`, by callgrind, which counts outside of the kernel. Its processor has no SHA \
         extensions: most of `sign` is SHA-256 in plain instructions, of which processors with the \
         extensions need a fraction. What signing takes in time, the example `signing` prints.",
    ),
    (
        "call.svg",
        "Example `p50`: one process, one connection each, all to the same server on a thread of its \
         own, client and server on a core each; turns of a hundred calls. Raw hyper sends a prebuilt, \
         unsigned request. With feature `peers` the official SDK takes its turns too. A first call is \
         that of a client that was just made, connecting included.",
    ),
    (
        "program.svg",
        "`conformance/clients/startup.py`: processes from start to end, in turns, both calling the \
         emulator on this machine.",
    ),
    (
        "build.svg",
        "`build-cost`: a clean release build in a folder of its own, one after the other. The client and \
         the official SDK, which are compared, stand next to each other in a run. Processor time is that \
         of all compilers together, and depends less than wall time on what else the machine does.",
    ),
    (
        "size.svg",
        "`build-cost`: Cargo's usual release profile with `strip`.",
    ),
    (
        "in-flight.svg",
        "Example `growth`: as many callers as there are calls in flight on one thread, each waiting \
         for its answer before the next call; the server is on another thread. Raw hyper has a \
         connection for each caller, and sends a prebuilt, unsigned request; raw hyper that signs sends \
         all headers and the body of our client's, and our signer signs each. Turns; medians of them.",
    ),
    (
        "buckets.svg",
        "Example `growth`: a response of so many buckets decoded to an output, beside serde_json \
         alone on the same struct. Turns; medians of them, divided by the buckets.",
    ),
    (
        "emulator.svg",
        "Example `emulator_load`: the program in a process of its own, signatures enforced and the log \
         on, beside a bare hyper server that answers fixed bytes of the same size. Turns.",
    ),
];

pub(crate) fn report(figures: &Figures, charts: &[Chart]) -> String {
    let mut text = String::from(
        "# What the request path costs\n\n\
         Made by `cargo run -p amplify-backend-benches --bin report` of what the benches and programs \
         measured last. Times are of a shared machine, and change from run to run: what counts is a \
         ratio of figures that were taken in one run, in turns. Counts do not depend on the machine's \
         load.\n\n",
    );
    machines(&mut text, figures);
    required(&mut text, figures);
    for Chart { file, title } in charts {
        let measured = MEASURED.iter().find(|(name, _)| name == file);
        let measured = measured.map_or("", |(_, how)| how);
        line(
            &mut text,
            format_args!("## {title}\n\n![{title}](charts/{file})\n\n{measured}\n"),
        );
    }
    builds(&mut text, figures);
    counts(&mut text, figures);
    while text.ends_with("\n\n") {
        text.pop();
    }
    text
}

fn machines(text: &mut String, figures: &Figures) {
    let mut machines: Vec<_> = figures.results.values().map(|it| &it.machine).collect();
    machines.sort_by(|a, b| (&a.processor, &a.toolchain).cmp(&(&b.processor, &b.toolchain)));
    machines.dedup();
    for machine in machines {
        line(
            text,
            format_args!(
                "- {}, {}, {}",
                machine.processor, machine.system, machine.toolchain
            ),
        );
    }
    line(text, "");
}

fn required(text: &mut String, figures: &Figures) {
    line(text, "## What is required, and what is measured\n");
    line(
        text,
        "| | required | measured | | by |\n| --- | --- | --- | --- | --- |",
    );
    let requirements = requirements::all(figures);
    for requirement in &requirements {
        let (word, bound) = match requirement.bound {
            Bound::AtMost(bound) => ("at most", bound),
            Bound::AtLeast(bound) => ("at least", bound),
        };
        let measured = requirement.measured.map_or("-".to_owned(), rounded);
        let (what, unit) = (requirement.what, requirement.unit);
        let verdict = requirement.verdict();
        let by = requirement.by;
        line(
            text,
            format_args!(
                "| {what} | {word} {bound} {unit} | {measured} {unit} | {verdict} | `{by}` |"
            ),
        );
    }
    line(text, "");
    tried(text, &requirements);
    in_flight(text, figures);
    shared_core(text, figures);
}

/// What of a call under load is the signature, which raw hyper's has not.
fn in_flight(text: &mut String, figures: &Figures) {
    let figure = |name: &str| figures.get("growth", &format!("in flight, {name}, 512"));
    if let (Some(bare), Some(signing), Some(ratio)) = (
        figure("raw hyper"),
        figure("raw hyper that signs"),
        figure("ratio that signs"),
    ) {
        let (bare, signing, more) = (bare * 1e3, signing * 1e3, signing / bare);
        line(
            text,
            format_args!(
                "With 512 in flight, raw hyper that signs each request, and sends the headers that \
                 ours has, needs {signing:.2} ms where it needed {bare:.2} ms, {more:.2} of it: what a \
                 client of this API needs there before it encodes and decodes. Ours is {ratio:.2} of that.\n"
            ),
        );
    }
}

/// The other half of the truth about p50.
fn shared_core(text: &mut String, figures: &Figures) {
    let ratio = |suffix: &str| {
        let (ours, bare) = (format!("ours{suffix}"), format!("raw hyper{suffix}"));
        let (ours, bare) = (figures.get("p50", &ours)?, figures.get("p50", &bare)?);
        Some((ours * 1e6, bare * 1e6, ours / bare))
    };
    if let (Some((ours, bare, each)), Some((ours_one, bare_one, one))) =
        (ratio(""), ratio(", one core"))
    {
        line(
            text,
            format_args!(
                "p50 depends on where the two ends run. On a core each, either goes to sleep while \
                 the other works, and waking it is most of a call: {ours:.1} µs beside raw hyper's \
                 {bare:.1} µs, {each:.2} of it. On one core nothing sleeps, and what is left is \
                 processor time: {ours_one:.1} µs beside {bare_one:.1} µs, {one:.2} of it.\n"
            ),
        );
    }
}

/// What was tried where a bound is missed.
fn tried(text: &mut String, requirements: &[Requirement]) {
    for requirement in requirements.iter().filter(|it| it.misses()) {
        let tried = TRIED.iter().find(|(what, _)| *what == requirement.what);
        let tried = tried.map_or("Nothing has been tried yet.", |(_, tried)| tried);
        line(text, format_args!("{}: {tried}\n", requirement.what));
    }
}

fn builds(text: &mut String, figures: &Figures) {
    if figures.builds.programs.is_empty() {
        return;
    }
    line(text, "## What a build costs\n");
    line(
        text,
        "| program | crates | wall | processor | stripped |\n| --- | --- | --- | --- | --- |",
    );
    let mut programs: Vec<_> = figures.builds.programs.iter().collect();
    programs.sort_by_key(|(name, build)| (is_peer(name), build.crates));
    for (name, build) in programs {
        line(
            text,
            format_args!(
                "| {name} | {} | {:.0} s | {:.0} s | {:.2} MB |",
                build.crates,
                build.wall_seconds,
                build.processor_seconds,
                build.bytes / 1e6
            ),
        );
    }
    line(text, "");
}

fn counts(text: &mut String, figures: &Figures) {
    line(text, "## Counts\n");
    line(
        text,
        format_args!(
            "What each stage needs, once, as `counts.toml` keeps it: {}.\n",
            figures.counts.toolchain
        ),
    );
    line(
        text,
        "| stage | allocations | bytes | instructions |\n| --- | --- | --- | --- |",
    );
    for (name, count) in &figures.counts.stages {
        let instructions = count
            .instructions
            .map_or("-".to_owned(), |it| it.to_string());
        line(
            text,
            format_args!(
                "| {name} | {} | {} | {instructions} |",
                count.allocations, count.bytes
            ),
        );
    }
}

fn line(text: &mut String, line: impl Display) {
    let _ = writeln!(text, "{line}");
}

/// Three digits that count, or four where the first is a one.
fn rounded(figure: f64) -> String {
    match figure.abs() {
        _ if figure.fract() == 0.0 => format!("{figure}"),
        ..2.0 => format!("{figure:.3}"),
        ..10.0 => format!("{figure:.2}"),
        ..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_three_digits_or_four_and_a_whole_number_no_decimals() {
        let rounded: Vec<_> = [1.1454, 2.634, 23.04, 63.0, 102_853.4]
            .into_iter()
            .map(rounded)
            .collect();
        assert_eq!(rounded, ["1.145", "2.63", "23.0", "63", "102853"]);
    }

    #[test]
    fn a_report_of_nothing_claims_nothing() {
        let text = report(&Figures::default(), &[]);
        assert!(text.contains("not measured"), "{text}");
        assert!(!text.contains("holds"), "{text}");
    }
}
