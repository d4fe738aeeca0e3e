//! `profiles`: whatever the shared config file, the shared credentials file and the environment
//! hold.
//!
//! Input: the config file, a line `%%`, the credentials file, a line `%%`, variables as
//! `NAME=value`, one a line.
//!
//! - Nothing panics. An error shows itself in one line, names the file and, where it is about one, a
//!   line that the file has; it says nothing of what stands there.
//! - The same files read as the same; so do the files that are written from what was read.
//! - A file that is larger than the limit is not read.
//! - The settings in them are found, or are an error that shows itself in one line.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use amplify_backend::config::{Config, Environment, ProfileFiles, Profiles, Section};

use crate::is_one_line;
use crate::message::line;

const CONFIG: &str = "/home/u/.aws/config";
const CREDENTIALS: &str = "/home/u/.aws/credentials";

/// Checks two files and some variables.
pub fn check(input: &[u8]) {
    let (config, rest) = until_mark(input);
    let (credentials, variables) = until_mark(rest);
    let mut environment = Environment::empty()
        .with_variable("HOME", "/home/u")
        .with_file(CONFIG, config)
        .with_file(CREDENTIALS, credentials);
    limited(&environment, config);

    let files = ProfileFiles::new(environment.clone());
    match files.profiles() {
        Ok(profiles) => stable(profiles, config, credentials),
        Err(error) => {
            let of = [(CONFIG, config), (CREDENTIALS, credentials)];
            let file = of
                .into_iter()
                .find(|(path, _)| error.path() == Path::new(path));
            let (_, content) = file.expect("it is one of the two files");
            let lines = content.split(|byte| *byte == b'\n').count();
            assert!(error.line().is_none_or(|line| (1..=lines).contains(&line)));
            assert!(is_one_line(&error.to_string()));
            let again = ProfileFiles::new(environment.clone());
            let again = again.profiles().expect_err("it was one before");
            assert_eq!(again.to_string(), error.to_string());
        }
    }

    for variable in variables.split(|byte| *byte == b'\n') {
        if let Ok(variable) = str::from_utf8(variable)
            && let Some((name, value)) = variable.split_once('=')
        {
            environment = environment.with_variable(name, value);
        }
    }
    match Config::builder().environment(environment).load() {
        Ok(config) => drop(format!("{config:?}")),
        Err(error) => assert!(is_one_line(&error.to_string()), "{error}"),
    }
}

/// What stands before the line `%%`, and what behind it.
fn until_mark(text: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = text;
    while !rest.is_empty() {
        let (this, after) = line(rest);
        if this == b"%%" {
            return (&text[..text.len() - rest.len()], after);
        }
        rest = after;
    }
    (text, &[])
}

fn limited(environment: &Environment, content: &[u8]) {
    let path = Path::new(CONFIG);
    let whole = environment.read(path, content.len());
    assert_eq!(whole.expect("it is no larger"), content);
    if let Some(less) = content.len().checked_sub(1) {
        let error = environment.read(path, less).expect_err("it is larger");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}

fn stable(profiles: &Profiles, config: &[u8], credentials: &[u8]) {
    let parse = |config: &[u8], credentials: &[u8]| {
        let text = |bytes| String::from_utf8(Vec::from(bytes)).expect("it was read as text");
        Profiles::parse(
            (Path::new(CONFIG), &text(config)),
            (Path::new(CREDENTIALS), &text(credentials)),
        )
    };
    let read = flat(profiles);
    let again = parse(config, credentials).expect("it was read before");
    assert_eq!(flat(&again), read);
    let written = written(&read);
    let again = parse(written.as_bytes(), b"").expect("what we write is a config file");
    assert_eq!(flat(&again), read, "{written}");
}

type Sections = BTreeMap<(&'static str, String), BTreeMap<String, String>>;

/// All there is but the `services` sections, which cannot be listed.
fn flat(profiles: &Profiles) -> Sections {
    let properties = |section: &Section| {
        let properties = section.properties();
        properties
            .map(|(name, property)| (name.to_owned(), property.value().to_owned()))
            .collect()
    };
    let profile = profiles.profiles().map(|it| ("profile", it));
    let session = profiles.sso_sessions().map(|it| ("sso-session", it));
    let both = profile.chain(session);
    both.map(|(kind, (name, section))| ((kind, name.to_owned()), properties(section)))
        .collect()
}

/// The config file that says the same.
fn written(sections: &Sections) -> String {
    let mut text = String::new();
    for ((kind, name), properties) in sections {
        text += &format!("[{kind} {name}]\n");
        for (name, value) in properties {
            // A value that goes on does so in lines that are indented. No space before the value:
            // behind one, a `#` begins a comment.
            text += &format!("{name}={}\n", value.replace('\n', "\n "));
        }
    }
    text
}
