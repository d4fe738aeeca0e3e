//! Files are read once and up to a limit, and not before they are needed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use amplify_backend::config::{Config, Environment, Profiles, RetryMode};
use proptest::prelude::*;

use crate::{CONFIG, CREDENTIALS, authorization, listed, load, with_config};

#[test]
fn the_files_are_read_once_and_not_before() {
    let environment = with_config("[default]\nregion = eu-west-1").with_file(
        CREDENTIALS,
        "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s",
    );
    let builder = Config::builder().environment(environment.clone());
    assert_eq!(environment.files_read(), [""; 0].map(PathBuf::from));
    let config = builder.load().unwrap();
    for _ in 0..2 {
        let header = authorization(&config).unwrap();
        assert!(header.contains("Credential=AKIDFILE/"), "{header}");
        assert!(header.contains("/eu-west-1/"), "{header}");
    }
    let expected = [CONFIG, CREDENTIALS].map(PathBuf::from);
    assert_eq!(environment.files_read(), expected);
}

#[test]
fn no_file_is_read_where_code_and_environment_say_all() {
    let environment = with_config("[broken")
        .with_variable("AWS_REGION", "us-east-1")
        .with_variable("AWS_ENDPOINT_URL", "https://x.example")
        .with_variable("AWS_USE_FIPS_ENDPOINT", "false")
        .with_variable("AWS_USE_DUALSTACK_ENDPOINT", "false")
        .with_variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")
        .with_variable("AWS_MAX_ATTEMPTS", "1")
        .with_variable("AWS_SDK_UA_APP_ID", "app")
        .with_variable("AWS_ACCESS_KEY_ID", "AKIDENV")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s");
    let config = Config::builder()
        .environment(environment.clone())
        .retry_mode(RetryMode::Standard)
        .ca_bundle("/ca.pem")
        .load()
        .unwrap();
    let header = authorization(&config).unwrap();
    assert!(header.contains("Credential=AKIDENV/"), "{header}");
    assert_eq!(environment.files_read(), [""; 0].map(PathBuf::from));
}

#[test]
fn what_the_cli_takes_beyond_the_shared_cases_is_taken() {
    let config = load(
        &with_config(
            "\u{feff}  [profile \"dev\"] # comment\n\
         \t# comment\n\
         \tregion = eu-west-1\n\
         \t  # an indented comment is no continuation\n\
         \tmax_attempts = 4\n\
         [default]",
        )
        .with_variable("AWS_PROFILE", "dev"),
    )
    .unwrap();
    let expected = (
        Some("eu-west-1".to_owned()),
        format!("{CONFIG}:3 [profile \"dev\"]"),
    );
    assert_eq!(listed(&config, "region"), expected);
    assert_eq!(config.max_attempts.value, 4);
}

#[test]
fn the_files_of_this_machine_are_read_up_to_the_limit() {
    let folder = std::env::temp_dir().join(format!("amplify-backend-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("file");
    std::fs::write(&file, "12345").unwrap();
    let process = Environment::process();
    let error = |path: &std::path::Path, limit| process.read(path, limit).unwrap_err().kind();
    assert_eq!(process.read(&file, 5).unwrap(), b"12345");
    assert_eq!(error(&file, 4), io::ErrorKind::FileTooLarge);
    assert_eq!(error(&folder.join("none"), 4), io::ErrorKind::NotFound);
    assert_ne!(error(&folder, 4), io::ErrorKind::NotFound);
    std::fs::remove_dir_all(&folder).unwrap();
}

type Written = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Profiles, each with properties of one or more lines.
fn written() -> impl Strategy<Value = Written> {
    let value = proptest::collection::vec("[!-~&&[^#;]]([ -~]{0,8}[!-~])?", 1..4)
        // A comment would begin behind white space.
        .prop_map(|lines| {
            lines
                .iter()
                .map(|line| line.replace(['#', ';'], "x"))
                .collect()
        });
    let properties = proptest::collection::btree_map("[a-z0-9_-]{1,8}", value, 0..5);
    proptest::collection::btree_map("[A-Za-z0-9/.%@_:+-]{1,8}", properties, 0..5)
}

proptest! {
    #[test]
    fn what_was_written_is_read(written in written(), indent in 0_usize..3) {
        let indent = " ".repeat(indent);
        let mut text = String::new();
        for (name, properties) in &written {
            text += &format!("# {name}\n[profile {name}]\r\n");
            for (name, lines) in properties {
                let value = lines.join(&format!("\n\n{indent}\t"));
                text += &format!("{indent}{} =  {value}\n", name.to_uppercase());
            }
        }
        let nothing = (Path::new("credentials"), "");
        let profiles = Profiles::parse((Path::new("config"), &text), nothing).unwrap();
        let read = profiles.profiles().map(|(name, section)| {
            let properties = section.properties().map(|(name, property)| {
                let lines = property.value().split('\n').map(str::to_owned);
                (name.to_owned(), lines.collect())
            });
            (name.to_owned(), properties.collect())
        });
        prop_assert_eq!(read.collect::<Written>(), written);
    }

    #[test]
    fn any_text_is_read_or_refused_with_its_line(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("["), Just("]"), Just("="), Just("\n"), Just(" "), Just("#"), Just("profile "),
                Just("default"), Just("a"), Just("\r\n"), Just("\t"), Just("é"), Just("\u{2028}"),
            ],
            0..40,
        ),
    ) {
        let text = pieces.concat();
        for (config, credentials) in [(text.as_str(), ""), ("", &text)] {
            let files = ((Path::new("config"), config), (Path::new("credentials"), credentials));
            if let Err(error) = Profiles::parse(files.0, files.1) {
                let line = error.line().unwrap();
                prop_assert!((1..=text.lines().count()).contains(&line), "{error}");
            }
        }
    }
}

#[test]
fn a_value_of_many_lines_is_read_in_one_go() {
    // With a copy for each line, this would take minutes.
    let text = format!("[default]\na = b\n{}", " c\n".repeat(300_000));
    let environment = with_config(&text);
    let config = load(&environment).unwrap();
    let default = config
        .files()
        .profiles()
        .unwrap()
        .profile("default")
        .unwrap();
    assert_eq!(default.get("a").unwrap().lines().count(), 300_001);
}
