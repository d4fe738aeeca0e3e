//! The shared config and credentials files as AWS's SDKs read them, `config/profile-parser-tests`.

use std::collections::BTreeMap;
use std::path::Path;

use amplify_backend::config::{Profiles, Section};
use serde_json::Value;

use super::{run_cases, same, text};
use crate::report::Report;

/// Runs the suite in the folder `vectors`.
pub fn run(vectors: &Path) -> Report {
    let path = vectors.join("config/profile-parser-tests.json");
    run_cases("profiles", &path, "/tests", "/name", check)
}

fn check(case: &Value) -> Result<(), String> {
    let file = |pointer| text(case, pointer).unwrap_or_default();
    let ours = Profiles::parse(
        (Path::new("config"), file("/input/configFile")),
        (Path::new("credentials"), file("/input/credentialsFile")),
    );
    match (ours, text(case, "/output/errorContaining")) {
        (Ok(ours), Err(_)) => {
            let theirs = |pointer| sections(case.pointer(pointer));
            same(
                "profiles",
                flat(ours.profiles()),
                theirs("/output/config/profiles")?,
            )?;
            same(
                "SSO sessions",
                flat(ours.sso_sessions()),
                theirs("/output/config/sso_sessions")?,
            )
        }
        (Err(ours), Ok(theirs)) => {
            // Our errors are in lower case throughout.
            let contained = ours
                .to_string()
                .to_lowercase()
                .contains(&theirs.to_lowercase());
            match contained {
                true => Ok(()),
                false => Err(format!("{ours:?} does not say {theirs:?}: {ours}")),
            }
        }
        (ours, theirs) => Err(format!("ours is {ours:?}, their error {theirs:?}")),
    }
}

type Sections = BTreeMap<String, BTreeMap<String, String>>;

fn flat<'a>(sections: impl Iterator<Item = (&'a str, &'a Section)>) -> Sections {
    let properties = |section: &Section| {
        section
            .properties()
            .map(|(name, property)| (name.to_owned(), property.value().to_owned()))
            .collect()
    };
    sections
        .map(|(name, section)| (name.to_owned(), properties(section)))
        .collect()
}

fn sections(theirs: Option<&Value>) -> Result<Sections, String> {
    let mut sections = Sections::new();
    for (name, properties) in theirs.and_then(Value::as_object).into_iter().flatten() {
        let section = sections.entry(name.clone()).or_default();
        for (name, value) in properties.as_object().ok_or("a profile is no object")? {
            let value = value.as_str().ok_or("a value is no text")?;
            section.insert(name.clone(), value.to_owned());
        }
    }
    Ok(sections)
}
