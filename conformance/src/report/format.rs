//! Reports as text, and as the documents that CI systems read.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;

use super::{CaseResult, Report, Verdict};

/// How reports are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// For people: the sums, and what is not as it should be.
    #[default]
    Text,
    /// One JSON document with every case.
    Json,
    /// JUnit's XML, which most CI systems show as a table.
    Junit,
    /// The text, after an annotation for each failure, as GitHub Actions reads them.
    Github,
}

impl Format {
    /// Tells `reports` to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(self, reports: &[Report], out: &mut impl io::Write) -> io::Result<()> {
        match self {
            Self::Text => out.write_all(text(reports).as_bytes()),
            Self::Json => {
                serde_json::to_writer_pretty(&mut *out, &json!({ "suites": reports }))?;
                out.write_all(b"\n")
            }
            Self::Junit => {
                let document = junit(reports).to_string().map_err(io::Error::other)?;
                out.write_all(document.as_bytes())
            }
            Self::Github => {
                out.write_all(annotations(reports).as_bytes())?;
                out.write_all(text(reports).as_bytes())
            }
        }
    }
}

pub(super) fn text(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        for result in &report.results {
            if let Verdict::Failed { difference } = &result.verdict {
                let difference = located(result, difference.trim_end());
                let difference = difference.replace('\n', "\n    ");
                _ = writeln!(text, "FAILED {}\n    {difference}", result.name);
            }
        }
    }
    for report in reports {
        _ = write!(
            text,
            "{}: {} held, {} failed",
            report.suite,
            report.held().count(),
            report.failed().count()
        );
        for (count, what) in [
            (report.known().count(), "depart as known"),
            (report.not_applicable().count(), "do not apply"),
        ] {
            if count > 0 {
                _ = write!(text, ", {count} {what}");
            }
        }
        text.push('\n');
        for Group { names, reason, .. } in by_reason(report) {
            _ = writeln!(text, "    {}: {reason}", names.join(", "));
        }
        for note in &report.notes {
            _ = writeln!(text, "    {note}");
        }
    }
    text
}

/// The cases that depart as known or do not apply, by reason.
fn by_reason(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for result in &report.results {
        let (name, reason) = match &result.verdict {
            Verdict::Known {
                pattern, reason, ..
            } => (pattern, reason),
            Verdict::NotApplicable { reason } => (&result.name, reason),
            _ => continue,
        };
        let group = match groups.iter_mut().find(|group| group.reason == reason) {
            Some(group) => group,
            None => groups.push_mut(Group {
                reason,
                names: Vec::new(),
                count: 0,
            }),
        };
        group.count += 1;
        if !group.names.contains(&name.as_str()) {
            group.names.push(name);
        }
    }
    groups
}

/// Cases of which the same is said.
struct Group<'a> {
    reason: &'a str,
    /// Of the cases, or as they were written down: one may stand for several.
    names: Vec<&'a str>,
    /// How many cases.
    count: usize,
}

/// The tables, in Markdown, of where each client departs, and why.
pub fn results(reports: &[Report]) -> String {
    let mut page = String::from(
        "| client | cases that hold | that depart | that fail |\n| --- | ---: | ---: | ---: |\n",
    );
    for report in reports {
        _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            report.suite,
            report.held().count(),
            report.known().count(),
            report.failed().count()
        );
    }
    for report in reports {
        let mut groups = by_reason(report);
        if groups.is_empty() && report.notes.is_empty() {
            continue;
        }
        _ = write!(page, "\n## {}\n", report.suite);
        for note in &report.notes {
            _ = write!(page, "\n{note}\n");
        }
        if !groups.is_empty() {
            page +=
                "\n| what it does instead, and why | how many | cases |\n| --- | ---: | --- |\n";
        }
        groups.sort_by_key(|group| Reverse(group.count));
        for group in groups {
            let names = group.names.iter().map(|name| format!("`{name}`"));
            let names = names.collect::<Vec<_>>().join(", ");
            let reason = group.reason.replace('|', "\\|");
            _ = writeln!(page, "| {reason} | {} | {names} |", group.count);
        }
    }
    page
}

fn junit(reports: &[Report]) -> quick_junit::Report {
    let mut document = quick_junit::Report::new("conformance");
    document.add_test_suites(reports.iter().map(|report| {
        let mut suite = TestSuite::new(report.suite.as_str());
        suite.add_test_cases(report.results.iter().map(|result| {
            let status = match &result.verdict {
                Verdict::Held => TestCaseStatus::success(),
                Verdict::Failed { difference } => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status
                        .set_message(first_line(difference))
                        .set_description(located(result, difference));
                    status
                }
                Verdict::Known { reason, .. } | Verdict::NotApplicable { reason } => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(reason.as_str());
                    status
                }
            };
            let mut case = TestCase::new(result.name.as_str(), status);
            case.set_classname(report.suite.as_str());
            case
        }));
        suite
    }));
    document
}

fn located(result: &CaseResult, difference: &str) -> String {
    match &result.place {
        Some(place) => format!("{place}: {difference}"),
        None => difference.to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Workflow commands. Their values end at a line's end, and their properties at a comma or colon.
fn annotations(reports: &[Report]) -> String {
    let value = |text: &str| {
        let text = text.replace('%', "%25").replace('\r', "%0D");
        text.replace('\n', "%0A")
    };
    let property = |text: &str| value(text).replace(':', "%3A").replace(',', "%2C");
    let mut text = String::new();
    for report in reports {
        for result in &report.results {
            let Verdict::Failed { difference } = &result.verdict else {
                continue;
            };
            let file = match &result.place {
                Some(place) => format!("file={},line={},", property(&place.file), place.line),
                None => String::new(),
            };
            let title = property(&format!("{}: {}", report.suite, result.name));
            _ = writeln!(text, "::error {file}title={title}::{}", value(difference));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_reason_and_names_as_they_were_written_down() {
        let departs = |pattern: &str, reason: &str| Verdict::Known {
            difference: "sent".to_owned(),
            pattern: pattern.to_owned(),
            reason: reason.to_owned(),
        };
        let mut report = Report::new("theirs");
        report.notes.push("It is one sentence.".to_owned());
        report.file("A/two-dots", departs("*/two-dots", "it | sends them"));
        report.file("A/null", departs("A/null", "it stumbles"));
        report.file("B/null", departs("B/null", "it stumbles"));
        report.file("C/null", departs("C/null", "it stumbles"));
        report.file("B/two-dots", departs("*/two-dots", "it | sends them"));
        report.record("B/full", Ok(()));
        let ours = Report::new("ours");
        assert_eq!(
            results(&[ours, report]),
            "\
| client | cases that hold | that depart | that fail |
| --- | ---: | ---: | ---: |
| ours | 0 | 0 | 0 |
| theirs | 1 | 5 | 0 |

## theirs

It is one sentence.

| what it does instead, and why | how many | cases |
| --- | ---: | --- |
| it stumbles | 3 | `A/null`, `B/null`, `C/null` |
| it \\| sends them | 2 | `*/two-dots` |
"
        );
    }
}
