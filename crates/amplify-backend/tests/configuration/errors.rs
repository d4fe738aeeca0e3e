//! What is wrong is said with its place, and without secrets.

use std::fmt::Write as _;
use std::io;

use amplify_backend::Canned;
use amplify_backend::config::{Config, Environment};

use crate::{CONFIG, CREDENTIALS, chain, home, load, why_no_keys, with_config};

#[test]
fn a_file_that_cannot_be_used_says_where_and_what_is_wrong() {
    let rows: &[(&[u8], &str)] = &[
        (
            b"# one\n[profile dev\nregion = x",
            ":2: profile definition must end with ']'",
        ),
        (
            b"[default] x",
            ":1: profile definition must end with ']': only a comment may come after it",
        ),
        (
            b"[default]\n[ ]",
            ":2: profile definition must have a name in its brackets",
        ),
        (
            b"region = x\n[default]",
            ":1: expected a profile definition, such as [default], before this line",
        ),
        (
            b"[default]\r\nregion: x",
            ":2: expected an '=' sign defining a property, as in `region = us-east-1`; what goes \
             on with the line above is indented further",
        ),
        (
            b"[default]\n  a = b\n  x",
            ":3: expected an '=' sign defining a property, as in `region = us-east-1`; what goes \
             on with the line above is indented further",
        ),
        (
            b"[default]\n\n= x",
            ":3: property did not have a name before its '=' sign",
        ),
        (
            b"[default]\n  x",
            ":2: expected a property definition, found continuation: the line is indented, and \
             there is no property above it",
        ),
        (
            b"[default]\ns3 =\n  x",
            ":3: expected an '=' sign defining a sub-property: the property above has no value of \
             its own, so that what is indented below it is `name = value`",
        ),
        (
            b"[default]\ns3 =\n  = x",
            ":3: sub-property did not have a name before its '=' sign",
        ),
        (
            b"[default]\n# fine\nregion = \xff\n",
            ":3: the file is not UTF-8 from this line on",
        ),
    ];
    for (content, expected) in rows {
        for path in [CONFIG, CREDENTIALS] {
            let environment = home().with_file(path, *content);
            let error = chain(&load(&environment).unwrap_err());
            let start = "a shared configuration file cannot be used: ";
            assert_eq!(error, format!("{start}{path}{expected}"));
        }
    }
    let error = |environment: Environment| chain(&load(&environment).unwrap_err());
    let large = vec![b'#'; 1024 * 1024 + 1];
    assert_eq!(
        error(home().with_file(CREDENTIALS, large)),
        format!(
            "a shared configuration file cannot be used: {CREDENTIALS}: the file is larger than \
             1 MiB"
        )
    );
    load(&home().with_file(CONFIG, vec![b'#'; 1024 * 1024])).unwrap();
    let denied = io::ErrorKind::PermissionDenied;
    assert_eq!(
        error(home().with_unreadable_file(CONFIG, denied)),
        format!(
            "a shared configuration file cannot be used: {CONFIG}: the file cannot be read: \
             permission denied"
        )
    );
}

#[test]
fn a_value_that_cannot_be_says_where_it_stands() {
    let rows = [
        (
            "AWS_REGION",
            "us-esat-1",
            "region from AWS_REGION is not valid: there is no region \"us-esat-1\"; did you mean \
             us-east-1?",
        ),
        (
            "AWS_ENDPOINT_URL",
            "localhost:80",
            "endpoint_url from AWS_ENDPOINT_URL is not valid: the custom endpoint is not a URL \
             such as https://host:port/path",
        ),
        (
            "AWS_ENDPOINT_URL_AMPLIFYBACKEND",
            "http://x.example",
            "endpoint_url from AWS_ENDPOINT_URL_AMPLIFYBACKEND is not valid: the custom endpoint \
             is http:// and not on this machine: use https://, or allow clear text",
        ),
        (
            "AWS_USE_FIPS_ENDPOINT",
            "yes",
            "use_fips_endpoint from AWS_USE_FIPS_ENDPOINT is not valid: \"yes\" is not true or \
             false",
        ),
        (
            "AWS_MAX_ATTEMPTS",
            "0",
            "max_attempts from AWS_MAX_ATTEMPTS is not valid: \"0\" is not a number of attempts, \
             1 or more, the first one counted",
        ),
        (
            "AWS_RETRY_MODE",
            "standart",
            "retry_mode from AWS_RETRY_MODE is not valid: \"standart\" is not one of standard, \
             legacy and adaptive",
        ),
        (
            "HTTPS_PROXY",
            "ftp://x",
            "https_proxy from HTTPS_PROXY is not valid: ",
        ),
    ];
    for (variable, value, expected) in rows {
        let environment = home().with_variable(variable, value);
        let error = chain(&load(&environment).unwrap_err());
        assert!(error.starts_with(expected), "{error}");
    }
    let error = load(&with_config("[default]\n\nretry_mode =x")).unwrap_err();
    assert_eq!(
        chain(&error),
        format!(
            "retry_mode from {CONFIG}:3 [default] is not valid: \"x\" is not one of standard, \
             legacy and adaptive"
        )
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let value = std::ffi::OsString::from_vec(vec![0xff]);
    for (variable, name) in [("AWS_PROFILE", "profile"), ("no_proxy", "no_proxy")] {
        let environment = home().with_variable(variable, value.clone());
        assert_eq!(
            chain(&load(&environment).unwrap_err()),
            format!("{name} from {variable} is not valid: it is not UTF-8")
        );
    }
}

#[test]
fn an_endpoint_and_a_choice_among_the_services_own_exclude_each_other() {
    let environment = with_config("[default]\nuse_fips_endpoint = true")
        .with_variable("AWS_ENDPOINT_URL", "https://x.example");
    assert_eq!(
        chain(&load(&environment).unwrap_err()),
        format!(
            "endpoint_url from AWS_ENDPOINT_URL and use_fips_endpoint from {CONFIG}:2 [default] \
             exclude each other: a custom endpoint cannot be combined with FIPS"
        )
    );
    let environment = with_config("[default]\nendpoint_url = https://x.example")
        .with_variable("AWS_USE_DUALSTACK_ENDPOINT", "true");
    assert_eq!(
        chain(&load(&environment).unwrap_err()),
        format!(
            "endpoint_url from {CONFIG}:2 [default] and use_dualstack_endpoint from \
             AWS_USE_DUALSTACK_ENDPOINT exclude each other: a custom endpoint cannot be combined \
             with dual-stack"
        )
    );
}

#[test]
fn a_profile_that_somebody_named_has_to_be_there() {
    let rows = [
        (
            "[profile staging]",
            "stagin",
            "which AWS_PROFILE names; did you mean staging?",
        ),
        (
            "[profile Staging]",
            "staging",
            "which AWS_PROFILE names; did you mean Staging?",
        ),
        ("[profile staging]", "dev", "which AWS_PROFILE names"),
        ("[profile a]", "b", "which AWS_PROFILE names"),
        (
            "\n[dev]",
            "dev",
            "which AWS_PROFILE names; /home/u/.aws/config:2 [dev] is no profile: there it is \
             written [profile dev]",
        ),
        ("", "default", "which AWS_PROFILE names"),
    ];
    for (config, name, expected) in rows {
        let environment = with_config(config).with_variable("AWS_PROFILE", name);
        let error = load(&environment).unwrap_err();
        let start = format!("there is no profile {name:?} in {CONFIG} or {CREDENTIALS}, ");
        assert_eq!(chain(&error), start + expected);
    }
    let environment = home().with_file(CREDENTIALS, "[profile dev]");
    let error = Config::builder().environment(environment).profile("dev");
    assert_eq!(
        chain(&error.load().unwrap_err()),
        format!(
            "there is no profile \"dev\" in {CONFIG} or {CREDENTIALS}, which code names; \
             {CREDENTIALS}:1 [profile dev] is no profile: there it is written [dev]"
        )
    );
    let error = load(&with_config("[default]\nservices = x")).unwrap_err();
    assert_eq!(
        chain(&error),
        format!("there is no section [services x], which {CONFIG}:2 [default] names")
    );
}

#[test]
fn certificates_that_cannot_be_used_say_where_they_are() {
    let named = home()
        .with_variable("AWS_REGION", "us-east-1")
        .with_variable("AWS_CA_BUNDLE", "/ca.pem");
    let error = |environment: &Environment| {
        let config = load(environment).unwrap();
        chain(&config.client().unwrap_err())
    };
    let start = "the certificates in /ca.pem, ca_bundle from AWS_CA_BUNDLE, cannot be used: ";
    assert_eq!(error(&named), format!("{start}entity not found"));
    let empty = named.clone().with_file("/ca.pem", "no certificate");
    assert_eq!(
        error(&empty),
        format!("{start}there is no certificate in the PEM text")
    );
}

#[test]
fn no_secret_is_printed() {
    let secret = "CANARY";
    let files = [
        secret.to_owned(),
        format!("[default]\n{secret}"),
        format!("[default]\naws_secret_access_key: {secret}"),
        format!("[default]\n  {secret}"),
        format!("[default]\ns3 =\n  {secret}"),
        format!("[default]\n= {secret}"),
        format!("[default]\naws_secret_access_key = {secret}\n{secret}="),
        format!("[default]\naws_access_key_id = a\naws_session_token = {secret}\n {secret}"),
        format!("[default]\naws_secret_access_key = {secret}"),
        format!("[default]\nrole_arn = {secret}"),
        format!("[default]\ncredential_process = {secret}"),
    ];
    let mut printed = String::new();
    for content in &files {
        for path in [CONFIG, CREDENTIALS] {
            let environment = home()
                .with_file(path, content.as_str())
                .with_variable("AWS_REGION", "us-east-1")
                .with_variable("AWS_SESSION_TOKEN", secret)
                .with_variable("HTTPS_PROXY", format!("http://{secret}:{secret}@x"));
            write!(printed, "{environment:?} ").unwrap();
            let config = match load(&environment) {
                Ok(config) => config,
                Err(error) => {
                    write!(printed, "{error:?} {} ", chain(&error)).unwrap();
                    continue;
                }
            };
            write!(printed, "{config:?} {:?} ", config.files().profiles()).unwrap();
            for setting in config.settings() {
                write!(printed, "{setting:?} ").unwrap();
            }
            for (_, section) in config.files().profiles().unwrap().profiles() {
                write!(printed, "{section:?} ").unwrap();
                for (_, property) in section.properties() {
                    write!(printed, "{property:?} ").unwrap();
                }
            }
            let client = config.client_builder(Canned::new()).unwrap().build();
            write!(printed, "{client:?} ").unwrap();
            if let Some(error) = why_no_keys(&config) {
                write!(printed, "{error:?} {} ", chain(&error)).unwrap();
            }
        }
    }
    for proxy in [
        format!("{secret}://x"),
        format!("http://u:{secret}@"),
        format!("http://u:{secret}@x:x"),
    ] {
        let error = load(&home().with_variable("HTTPS_PROXY", proxy)).unwrap_err();
        write!(printed, "{error:?} {} ", chain(&error)).unwrap();
    }
    for url in [
        format!("https://u:{secret}@x"),
        format!("https://x?{secret}"),
    ] {
        let error = load(&home().with_variable("AWS_ENDPOINT_URL", url)).unwrap_err();
        write!(printed, "{error:?} {} ", chain(&error)).unwrap();
    }
    assert!(printed.len() > 10_000, "{printed}");
    // Names are printed in lower case.
    assert!(!printed.to_uppercase().contains(secret), "{printed}");
}

#[test]
fn what_moves_a_terminals_cursor_is_shown_escaped_in_paths_and_sections() {
    let path = "/a\\b/\u{1b}[31m\nconfig";
    let named = |content: &str| {
        let environment = home().with_variable("AWS_CONFIG_FILE", path);
        load(&environment.with_file(path, content))
    };
    let shown = r"/a\b/\u{1b}[31m\nconfig";
    let error = named("[default]\nx\n").unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with(&format!("{shown}:2: ")), "{source}");
    let error = named("[profile\u{b}default]\nregion = \u{1b}\n").unwrap_err();
    let origin = format!(r"{shown}:2 [profile\u{{b}}default]");
    assert!(error.to_string().contains(&origin), "{error}");
}
