//! `counts.toml`, what each stage is known to need: read, written, and compared with what it needs
//! now.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// By how many percent a count may grow before it is a failure.
pub const TOLERANCE: f64 = 2.0;

/// What doing a stage once needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Count {
    /// Blocks of memory.
    pub allocations: u64,
    /// Their sizes added up.
    pub bytes: u64,
    /// Instructions outside of the kernel. `None`: valgrind is not installed.
    pub instructions: Option<u64>,
}

impl Count {
    /// One without instructions.
    pub fn of(allocations: u64, bytes: u64) -> Self {
        Self {
            allocations,
            bytes,
            instructions: None,
        }
    }
}

/// The counts of all stages, and what they were made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Counts {
    /// The compiler and its target.
    pub toolchain: String,
    /// The model of the processor: the C library chooses its copying loops by it.
    pub processor: String,
    /// The version of valgrind, where there are instructions.
    pub valgrind: Option<String>,
    /// By the name of the stage.
    pub stages: BTreeMap<String, Count>,
}

/// What comparing came to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Comparison {
    /// Why the check fails. Empty: it does not.
    pub failures: Vec<String>,
    /// What is worth knowing.
    pub remarks: Vec<String>,
}

impl Counts {
    /// Reads the kept file.
    ///
    /// # Errors
    ///
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The kept file: a line a stage, so that a difference shows which one changed.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(
            "# What each stage needs, once: blocks of memory, bytes of them, instructions.\n\
             # Kept by `cargo run --release -p amplify-backend-benches --bin counts -- --write`.\n\n",
        );
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line(format!("toolchain = \"{}\"", self.toolchain));
        line(format!("processor = \"{}\"", self.processor));
        if let Some(valgrind) = &self.valgrind {
            line(format!("valgrind = \"{valgrind}\""));
        }
        line("\n[stages]".to_owned());
        for (name, count) in &self.stages {
            let Count {
                allocations, bytes, ..
            } = count;
            let mut entry = format!("\"{name}\" = {{ allocations = {allocations}, bytes = {bytes}");
            if let Some(instructions) = count.instructions {
                let _ = write!(entry, ", instructions = {instructions}");
            }
            line(entry + " }");
        }
        text
    }

    /// What is more, and what is less, now than it was.
    ///
    /// Instructions depend on the compiler, and a little on processor and valgrind: where one of them
    /// is another, a growth of theirs is a remark. A count that fell is one too, since whoever made something
    /// faster shall not have to mend the build; until the file is renewed, though, it may grow back
    /// unnoticed.
    pub fn compare(&self, now: &Self) -> Comparison {
        let mut comparison = Comparison::default();
        let same_tools = self.toolchain == now.toolchain
            && self.processor == now.processor
            && (now.valgrind.is_none() || self.valgrind == now.valgrind);
        if !same_tools {
            comparison.remarks.push(format!(
                "counted with {}, kept with {}: instructions are compared, and do not fail",
                tools(now),
                tools(self)
            ));
        }
        if now.valgrind.is_none() {
            let remark = "valgrind is not installed: instructions are not compared";
            comparison.remarks.push(remark.to_owned());
        }
        for (name, count) in &now.stages {
            let Some(kept) = self.stages.get(name) else {
                let failure = format!("{name}: it is not in the kept file");
                comparison.failures.push(failure);
                continue;
            };
            let pairs = [
                (
                    "allocations",
                    Some(kept.allocations),
                    Some(count.allocations),
                ),
                ("bytes", Some(kept.bytes), Some(count.bytes)),
                ("instructions", kept.instructions, count.instructions),
            ];
            for (what, old, new) in pairs {
                let (Some(old), Some(new)) = (old, new) else {
                    continue;
                };
                let percent = growth(old, new);
                let line =
                    format!("{name}: {old} {what} were kept, {new} are needed ({percent:+.1} %)");
                if percent > TOLERANCE && (same_tools || what != "instructions") {
                    comparison.failures.push(line);
                } else if percent.abs() > TOLERANCE {
                    comparison.remarks.push(line);
                }
            }
        }
        for name in self
            .stages
            .keys()
            .filter(|name| !now.stages.contains_key(*name))
        {
            let failure = format!("{name}: it is in the kept file, and no stage any more");
            comparison.failures.push(failure);
        }
        comparison
    }
}

/// In percent.
#[expect(clippy::cast_precision_loss, reason = "counts for a figure")]
fn growth(old: u64, new: u64) -> f64 {
    match (old, new) {
        (0, 0) => 0.0,
        (0, _) => f64::INFINITY,
        _ => (new as f64 - old as f64) * 100.0 / old as f64,
    }
}

fn tools(counts: &Counts) -> String {
    let valgrind = counts.valgrind.as_deref().unwrap_or("no valgrind");
    format!("{}, {} and {valgrind}", counts.toolchain, counts.processor)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails the short way")]
mod tests {
    use super::*;

    fn counts(instructions: Option<u64>, allocations: u64) -> Counts {
        let mut count = Count::of(allocations, 1_000);
        count.instructions = instructions;
        Counts {
            toolchain: "rustc 1".to_owned(),
            processor: "any".to_owned(),
            valgrind: instructions.map(|_| "valgrind-3".to_owned()),
            stages: [("encode/X".to_owned(), count)].into(),
        }
    }

    #[test]
    fn the_kept_file_reads_back_as_it_was() {
        for counts in [counts(Some(10_000), 4), counts(None, 4)] {
            assert_eq!(Counts::parse(&counts.to_toml()).unwrap(), counts);
        }
    }

    #[test]
    fn growing_by_more_than_two_percent_fails_and_names_the_stage_and_both_counts() {
        let kept = counts(Some(10_000), 4);
        assert!(kept.compare(&counts(Some(10_200), 4)).failures.is_empty());
        assert_eq!(
            kept.compare(&counts(Some(10_201), 4)).failures,
            ["encode/X: 10000 instructions were kept, 10201 are needed (+2.0 %)"]
        );
        assert_eq!(
            kept.compare(&counts(Some(10_000), 5)).failures,
            ["encode/X: 4 allocations were kept, 5 are needed (+25.0 %)"]
        );
    }

    #[test]
    fn what_fell_is_said_and_does_not_fail() {
        let comparison = counts(Some(10_000), 4).compare(&counts(Some(9_000), 4));
        assert!(comparison.failures.is_empty());
        assert_eq!(
            comparison.remarks,
            ["encode/X: 10000 instructions were kept, 9000 are needed (-10.0 %)"]
        );
    }

    #[test]
    fn other_tools_may_need_other_instructions_but_no_more_memory() {
        let kept = counts(Some(10_000), 4);
        let mut compiler = counts(Some(20_000), 5);
        compiler.toolchain = "rustc 2".to_owned();
        let mut processor = counts(Some(20_000), 5);
        processor.processor = "another".to_owned();
        for now in [compiler, processor] {
            let comparison = kept.compare(&now);
            assert_eq!(
                comparison.failures,
                ["encode/X: 4 allocations were kept, 5 are needed (+25.0 %)"]
            );
            assert_eq!(comparison.remarks.len(), 2, "{comparison:?}");
        }
    }

    #[test]
    fn without_valgrind_memory_is_compared_and_that_is_said() {
        let comparison = counts(Some(10_000), 4).compare(&counts(None, 4));
        assert!(comparison.failures.is_empty());
        assert_eq!(
            comparison.remarks,
            ["valgrind is not installed: instructions are not compared"]
        );
    }

    #[test]
    fn a_stage_that_only_one_side_has_fails() {
        let (with, mut without) = (counts(None, 4), counts(None, 4));
        without.stages.clear();
        assert_eq!(with.compare(&without).failures.len(), 1);
        assert_eq!(without.compare(&with).failures.len(), 1);
    }
}
