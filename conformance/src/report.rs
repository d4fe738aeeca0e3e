//! What became of each case, and how it is told.

mod format;
mod known;
mod snapshot;

use std::fmt;

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

pub use self::format::{Format, results};
pub use self::known::Known;
pub use self::snapshot::Snapshot;

/// What became of the cases of one suite.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What was judged, in a few words: `codecs`, `restjson1`.
    pub suite: String,
    /// What is to be known beside the cases, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The cases, in the order in which they were filed.
    pub results: Vec<CaseResult>,
}

/// What became of one case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[non_exhaustive]
pub struct CaseResult {
    /// What the case is called.
    pub name: String,
    /// What was seen.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The line that a failure is about, where it is about one.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
}

/// What was seen of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The case holds.
    Held,
    /// It does not.
    Failed {
        /// The first difference.
        difference: String,
    },
    /// It does not, as somebody wrote down before.
    Known {
        /// The first difference.
        difference: String,
        /// The name by which it was written down, which may stand for several cases.
        pattern: String,
        /// Why it is so.
        reason: String,
    },
    /// The case is not about what was judged.
    NotApplicable {
        /// Why not.
        reason: String,
    },
}

impl Report {
    /// A report on nothing yet.
    pub fn new(suite: impl Into<String>) -> Self {
        Self {
            suite: suite.into(),
            notes: Vec::new(),
            results: Vec::new(),
        }
    }

    /// Files the outcome of the case `name`.
    pub fn record(&mut self, name: impl Into<String>, outcome: Result<(), String>) {
        self.file(name, Verdict::of(outcome));
    }

    /// Notes that the case `name` does not apply, and why.
    pub fn skip(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        let reason = reason.into();
        self.file(name, Verdict::NotApplicable { reason });
    }

    /// Files a failure that is about a line of a file.
    pub fn fail_at(&mut self, name: impl Into<String>, place: Place, difference: String) {
        self.results.push(CaseResult {
            name: name.into(),
            verdict: Verdict::Failed { difference },
            place: Some(place),
        });
    }

    /// Files what was seen of the case `name`.
    pub fn file(&mut self, name: impl Into<String>, verdict: Verdict) {
        self.results.push(CaseResult {
            name: name.into(),
            verdict,
            place: None,
        });
    }

    /// The names of the cases that hold.
    pub fn held(&self) -> impl Iterator<Item = &str> {
        self.with(|verdict| *verdict == Verdict::Held)
    }

    /// The names of the cases that fail.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        self.with(|verdict| matches!(verdict, Verdict::Failed { .. }))
    }

    /// The names of the cases that depart as was known.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.with(|verdict| matches!(verdict, Verdict::Known { .. }))
    }

    /// The names of the cases that do not apply.
    pub fn not_applicable(&self) -> impl Iterator<Item = &str> {
        self.with(|verdict| matches!(verdict, Verdict::NotApplicable { .. }))
    }

    /// Whether no case fails.
    pub fn all_hold(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Keeps the cases that `filter` takes.
    pub fn retain(&mut self, filter: &Filter) {
        self.results.retain(|result| filter.takes(&result.name));
    }

    fn with(&self, wanted: impl Fn(&Verdict) -> bool) -> impl Iterator<Item = &str> {
        let results = self.results.iter();
        results
            .filter(move |result| wanted(&result.verdict))
            .map(|result| result.name.as_str())
    }
}

impl Verdict {
    /// What is seen of a case of which `outcome` is the first difference.
    pub fn of(outcome: Result<(), String>) -> Self {
        match outcome {
            Ok(()) => Self::Held,
            Err(difference) => Self::Failed { difference },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The sums, and each failure with its first difference.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format::text(std::slice::from_ref(self)))
    }
}

/// Which cases are wanted, by name.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<WildMatch>);

impl Filter {
    /// The cases that one of `patterns` takes: part of a name, or the whole of it with `*` and `?`
    /// in it. Without a pattern, all.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let patterns = patterns.into_iter().map(|pattern| {
            if pattern.contains(['*', '?']) {
                WildMatch::new(pattern)
            } else {
                WildMatch::new(&format!("*{pattern}*"))
            }
        });
        Self(patterns.collect())
    }

    /// Whether the case `name` is wanted.
    pub fn takes(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(name))
    }
}
