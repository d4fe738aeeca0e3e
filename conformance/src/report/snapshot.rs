//! How known departures look, so that one that changes is seen.

use std::collections::BTreeMap;
use std::fmt;

use super::{Report, Verdict};
use crate::case::escaped;
use crate::compare::LEGEND;

/// How known departures looked when somebody saw to them last: a line for each case, with its name,
/// two spaces, and the difference without what is the same on both sides.
///
/// ```text
/// GetBackendJob/request-id-amz  error differs: - "request_id": "7QK2EXAMPLE5V1R9"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<String, String>);

impl Snapshot {
    /// Reads the lines. Empty ones, and those that begin with `#`, are passed over.
    ///
    /// # Errors
    ///
    /// The first line that is none of these, with its number.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = BTreeMap::new();
        for (line, number) in text.lines().zip(1_usize..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, seen) = line.split_once("  ").ok_or_else(|| {
                format!("line {number}: between a case and how it departs stand two spaces")
            })?;
            lines.insert(name.to_owned(), seen.to_owned());
        }
        Ok(Self(lines))
    }

    /// The first case in it that is none of `cases`.
    pub fn stranger<'a>(&self, cases: impl Iterator<Item = &'a str> + Clone) -> Option<&str> {
        let mut names = self.0.keys().map(String::as_str);
        names.find(|name| !cases.clone().any(|case| case == *name))
    }

    /// Turns known departures that do not look as they did, and cases that depart no more, into
    /// failures.
    pub fn apply(&self, report: &mut Report) {
        for result in &mut report.results {
            let kept = self.0.get(&result.name);
            let difference = match (&result.verdict, kept) {
                (Verdict::Known { difference, .. }, Some(kept)) => {
                    if in_one_line(difference) == *kept {
                        continue;
                    }
                    let difference = difference.trim_end();
                    format!("{difference}\nIt departs in another way than before: {kept}")
                }
                (Verdict::Known { difference, .. }, None) => {
                    let difference = difference.trim_end();
                    format!("{difference}\nIt is a known departure, and not in the snapshot")
                }
                (Verdict::Held, Some(kept)) => {
                    format!("it holds, and the snapshot has it: {kept}")
                }
                _ => continue,
            };
            result.verdict = Verdict::Failed { difference };
        }
    }

    /// Takes the known departures of `report`, in place of all that is there about its cases.
    pub fn renew(&mut self, report: &Report) {
        for result in &report.results {
            self.0.remove(&result.name);
            if let Verdict::Known { difference, .. } = &result.verdict {
                self.0.insert(result.name.clone(), in_one_line(difference));
            }
        }
    }

    /// Keeps the cases that are among `cases`.
    pub fn retain<'a>(&mut self, cases: impl Iterator<Item = &'a str> + Clone) {
        self.0
            .retain(|name, _| cases.clone().any(|case| case == name));
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# How each known departure looks: - expected, + actual.")?;
        let mut lines = self.0.iter();
        lines.try_for_each(|(name, seen)| writeln!(f, "{name}  {seen}"))
    }
}

fn in_one_line(difference: &str) -> String {
    let line = match difference.split_once(LEGEND) {
        Some((what, hunks)) => {
            let changed = hunks.lines().filter(|line| line.starts_with(['-', '+']));
            let changed = changed.map(|line| {
                let (sign, text) = line.split_at_checked(1).unwrap_or_default();
                format!(" {sign} {}", text.trim())
            });
            format!("{what} differs:{}", changed.collect::<String>())
        }
        None => difference.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    escaped(&line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compare;

    /// A client that departs in two cases, in one of them with this output.
    fn report(output: &str) -> Report {
        let differs = |output| {
            let expected = json!({ "appId": "a", "jobId": output });
            compare::json("output", &expected, &json!({ "appId": "a", "jobId": 1 }))
        };
        let mut report = Report::new("client");
        for (name, outcome) in [
            ("A/number", differs(output)),
            ("A/sent", Err("it was sent:\tPOST /\u{1b}\n".to_owned())),
        ] {
            report.file(
                name,
                Verdict::Known {
                    difference: outcome.expect_err("it departs"),
                    pattern: "A/*".to_owned(),
                    reason: "it is so".to_owned(),
                },
            );
        }
        report.record("B/held", Ok(()));
        report
    }

    const KEPT: &str = "\
# How each known departure looks: - expected, + actual.
A/number  output differs: - \"jobId\": \"x\" + \"jobId\": 1
A/sent  it was sent: POST /\\u{1b}
";

    fn kept() -> Snapshot {
        Snapshot::read(KEPT).expect("it is in form")
    }

    #[test]
    fn it_has_a_line_for_each_known_departure_and_reads_back_as_it_was() {
        let mut snapshot = Snapshot::default();
        snapshot.renew(&report("x"));
        assert_eq!(snapshot.to_string(), KEPT);
        assert_eq!(kept(), snapshot);
    }

    #[test]
    fn departures_that_look_as_they_did_stay_known() {
        let mut report = report("x");
        kept().apply(&mut report);
        assert!(report.all_hold(), "{report}");
        assert_eq!(report.known().count(), 2);
    }

    #[test]
    fn one_that_changed_fails_and_so_does_one_that_is_new_or_gone() {
        let mut report = report("y");
        let kept = KEPT.replace("A/sent", "B/held");
        let kept = Snapshot::read(&kept).expect("it is in form");
        kept.apply(&mut report);
        assert!(report.failed().eq(["A/number", "A/sent", "B/held"]));
        let said = report.to_string();
        let before = "in another way than before: output differs: - \"jobId\": \"x\"";
        assert!(said.contains(before), "{said}");
        assert!(said.contains("not in the snapshot"), "{said}");
    }

    #[test]
    fn a_part_is_renewed_and_the_rest_stays() {
        let mut snapshot = kept();
        let mut part = report("y");
        part.results.retain(|result| result.name == "A/number");
        snapshot.renew(&part);
        assert_eq!(snapshot.to_string(), KEPT.replace("\"x\"", "\"y\""));
        assert_eq!(snapshot.stranger(["A/number"].into_iter()), Some("A/sent"));
        snapshot.retain(["A/number"].into_iter());
        assert_eq!(snapshot.stranger(["A/number"].into_iter()), None);
    }

    #[test]
    fn a_line_that_says_nothing_has_its_number() {
        let error = Snapshot::read("# what\n\nA/number output").expect_err("one space is not two");
        assert!(error.starts_with("line 3: "), "{error}");
    }
}
