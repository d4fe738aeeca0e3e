//! Departures that are known, and why: those of other people's programs, which are not ours to mend.

use serde::Deserialize;
use wildmatch::WildMatch;

use super::{Report, Verdict};

/// Departures that somebody wrote down.
///
/// ```toml
/// [[departure]]
/// cases = ["*/dot-*", "GetBackendStorage/two-objects"]
/// reason = "what it does instead, and why"
///
/// # What of an error the program never tells.
/// [untold]
/// members = ["status"]
/// reason = "why not"
/// ```
///
/// A name may have `*` and `?` in it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    departures: Vec<Departure>,
    untold: Option<Untold>,
}

#[derive(Clone, Debug)]
struct Departure {
    cases: Vec<(String, WildMatch)>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    departure: Vec<Form>,
    untold: Option<Untold>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Untold {
    members: Vec<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    cases: Vec<String>,
    reason: String,
}

impl Known {
    /// Reads a file of departures.
    ///
    /// # Errors
    ///
    /// What is wrong, with its line.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let departures = file.departure.into_iter().map(|form| {
            let cases = form.cases.into_iter().map(|name| {
                let pattern = WildMatch::new(&name);
                (name, pattern)
            });
            Departure {
                cases: cases.collect(),
                reason: form.reason,
            }
        });
        Ok(Self {
            departures: departures.collect(),
            untold: file.untold,
        })
    }

    /// The members of `error.json` that the program never tells.
    pub fn untold(&self) -> &[String] {
        self.untold.as_ref().map_or(&[], |it| &it.members)
    }

    /// The first name that is written down and belongs to none of `cases`.
    pub fn stranger<'a>(&self, cases: impl Iterator<Item = &'a str> + Clone) -> Option<&str> {
        let mut names = self.departures.iter().flat_map(|it| &it.cases);
        let stranger = names.find(|(_, pattern)| !cases.clone().any(|case| pattern.matches(case)));
        stranger.map(|(name, _)| name.as_str())
    }

    /// Turns what failed, and is written down, into known departures; and what is written down and
    /// holds into a failure, so that the list stays true.
    pub fn apply(&self, report: &mut Report) {
        if let Some(Untold { members, reason }) = &self.untold {
            let members = members.join(", ");
            let note = format!("Of an error it does not tell {members}: {reason}.");
            report.notes.push(note);
        }
        for result in &mut report.results {
            let Some((name, reason)) = self.of(&result.name) else {
                continue;
            };
            match &result.verdict {
                Verdict::Failed { difference } => {
                    result.verdict = Verdict::Known {
                        difference: difference.clone(),
                        pattern: name.to_owned(),
                        reason: reason.to_owned(),
                    };
                }
                Verdict::Held => {
                    let difference = format!(
                        "it holds, and is a known departure by the name {name}: take it off that list"
                    );
                    result.verdict = Verdict::Failed { difference };
                }
                Verdict::Known { .. } | Verdict::NotApplicable { .. } => {}
            }
        }
    }

    fn of(&self, case: &str) -> Option<(&str, &str)> {
        self.departures.iter().find_map(|departure| {
            let (name, _) = departure.cases.iter().find(|(_, it)| it.matches(case))?;
            Some((name.as_str(), departure.reason.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[departure]]
        cases = ["*/dot-*"]
        reason = "it sends them"

        [untold]
        members = ["status"]
        reason = "it is one sentence"
    "#;

    #[test]
    fn a_departure_is_known_only_as_long_as_it_departs() -> Result<(), String> {
        let known = Known::read(FILE)?;
        let mut report = Report::new("client");
        report.record("A/dot-label", Err("sent".to_owned()));
        report.record("B/dot-label", Ok(()));
        report.record("A/empty-label", Err("sent".to_owned()));
        known.apply(&mut report);
        assert_eq!(report.known().collect::<Vec<_>>(), ["A/dot-label"]);
        let failed: Vec<_> = report.failed().collect();
        assert_eq!(failed, ["B/dot-label", "A/empty-label"]);
        Ok(())
    }

    #[test]
    fn a_name_of_no_case_is_found() -> Result<(), String> {
        let known = Known::read(FILE)?;
        let stranger = |cases: &[&'static str]| {
            let stranger = known.stranger(cases.iter().copied());
            stranger.map(str::to_owned)
        };
        assert_eq!(stranger(&["A/dot-label", "A/empty-label"]), None);
        assert_eq!(stranger(&["A/empty-label"]).as_deref(), Some("*/dot-*"));
        Ok(())
    }

    #[test]
    fn what_is_never_told_stands_in_the_report() -> Result<(), String> {
        let known = Known::read(FILE)?;
        let mut report = Report::new("client");
        known.apply(&mut report);
        assert_eq!(known.untold(), ["status"]);
        let note = "Of an error it does not tell status: it is one sentence.";
        assert_eq!(report.notes, [note]);
        assert!(report.to_string().contains(note), "{report}");
        Ok(())
    }
}
