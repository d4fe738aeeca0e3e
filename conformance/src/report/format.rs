//! Reports as text, and as the documents that CI systems read.

use std::fmt::Write as _;
use std::io;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

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
            Self::Json => writeln!(out, "{:#}", json_document(reports)),
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
            if let Verdict::Failed(difference) = &result.verdict {
                let place = match &result.place {
                    Some((file, line)) => format!("{file}:{line}: "),
                    None => String::new(),
                };
                let difference = difference.trim_end().replace('\n', "\n    ");
                _ = writeln!(text, "FAILED {}\n    {place}{difference}", result.name);
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
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for result in &report.results {
            let (Verdict::Known { reason, .. } | Verdict::NotApplicable(reason)) = &result.verdict
            else {
                continue;
            };
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, names)) => names.push(&result.name),
                None => reasons.push((reason, vec![&result.name])),
            }
        }
        for (reason, names) in reasons {
            _ = writeln!(text, "    {}: {reason}", names.join(", "));
        }
    }
    text
}

fn json_document(reports: &[Report]) -> Value {
    let suites = reports.iter().map(|report| {
        let cases = report.results.iter().map(|result| {
            let mut case = json!({ "name": result.name });
            let (verdict, difference, reason) = match &result.verdict {
                Verdict::Held => ("held", None, None),
                Verdict::Failed(difference) => ("failed", Some(difference), None),
                Verdict::Known { difference, reason } => ("known", Some(difference), Some(reason)),
                Verdict::NotApplicable(reason) => ("not_applicable", None, Some(reason)),
            };
            case["verdict"] = verdict.into();
            for (name, text) in [("difference", difference), ("reason", reason)] {
                if let Some(text) = text {
                    case[name] = text.as_str().into();
                }
            }
            if let Some((file, line)) = &result.place {
                case["file"] = file.as_str().into();
                case["line"] = (*line).into();
            }
            case
        });
        json!({
            "suite": report.suite,
            "held": report.held().count(),
            "failed": report.failed().count(),
            "known": report.known().count(),
            "notApplicable": report.not_applicable().count(),
            "cases": cases.collect::<Vec<_>>(),
        })
    });
    json!({ "suites": suites.collect::<Vec<_>>() })
}

fn junit(reports: &[Report]) -> quick_junit::Report {
    let mut document = quick_junit::Report::new("conformance");
    document.add_test_suites(reports.iter().map(|report| {
        let mut suite = TestSuite::new(report.suite.as_str());
        suite.add_test_cases(report.results.iter().map(|result| {
            let status = match &result.verdict {
                Verdict::Held => TestCaseStatus::success(),
                Verdict::Failed(difference) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status
                        .set_message(first_line(difference))
                        .set_description(located(result, difference));
                    status
                }
                Verdict::Known { reason, .. } | Verdict::NotApplicable(reason) => {
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
        Some((file, line)) => format!("{file}:{line}: {difference}"),
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
            let Verdict::Failed(difference) = &result.verdict else {
                continue;
            };
            let file = match &result.place {
                Some((file, line)) => format!("file={},line={line},", property(file)),
                None => String::new(),
            };
            let title = property(&format!("{}: {}", report.suite, result.name));
            _ = writeln!(text, "::error {file}title={title}::{}", value(difference));
        }
    }
    text
}
