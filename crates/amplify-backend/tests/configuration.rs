//! Settings are found where they stand, once, and say where they came from; files that cannot be
//! used say what is wrong with them.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use amplify_backend::config::{
    Config, ConfigError, Environment, Origin, ProfileCredentials, RetryMode,
};
use amplify_backend::{
    Canned, Credentials, Endpoint, Error, ProvideCredentials as _, Proxy, Region,
};
use http::header::AUTHORIZATION;

const CONFIG: &str = "/home/u/.aws/config";
const CREDENTIALS: &str = "/home/u/.aws/credentials";

fn home() -> Environment {
    Environment::empty()
        .with_windows(false)
        .with_variable("HOME", "/home/u")
}

/// The home folder of somebody with this shared config file.
fn with_config(text: &str) -> Environment {
    home().with_file(CONFIG, text)
}

fn load(environment: &Environment) -> Result<Config, ConfigError> {
    Config::builder().environment(environment.clone()).load()
}

/// The error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").unwrap();
        source = cause.source();
    }
    text
}

/// Name, value and origin of one setting.
fn listed(config: &Config, name: &str) -> (Option<String>, String) {
    let setting = config.settings().find(|setting| setting.name == name);
    let setting = setting.unwrap();
    (setting.value, setting.origin.to_string())
}

/// What a client with this configuration signs with: key id, day and region are in the header.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

fn authorization(config: &Config) -> Result<String, Error> {
    let client = config.client_builder(Canned::new().respond(http::Response::new("{}".into())))?;
    let client = client.build();
    runtime().block_on(async { client.list_s3_buckets().send().await })?;
    let sent = client.transport().requests();
    let header = sent.first().unwrap().headers().get(AUTHORIZATION);
    Ok(header.unwrap().to_str().unwrap().to_owned())
}

#[test]
fn the_variable_comes_before_the_profile_and_each_says_where_it_stood() {
    let all = with_config(
        "[default]\n\
         region = eu-west-1\n\
         max_attempts = 5\n\
         retry_mode = Adaptive\n\
         ca_bundle = ~/ca.pem\n\
         sdk_ua_app_id = of-the-file\n\
         use_fips_endpoint = TRUE\n\
         use_dualstack_endpoint = true\n\
         ignore_configured_endpoint_urls = true\n",
    );
    let rows = [
        ("region", "AWS_REGION", "cn-north-1", "eu-west-1", 2),
        ("max_attempts", "AWS_MAX_ATTEMPTS", "7", "5", 3),
        ("retry_mode", "AWS_RETRY_MODE", "legacy", "adaptive", 4),
        ("ca_bundle", "AWS_CA_BUNDLE", "/c", "/home/u/ca.pem", 5),
        (
            "sdk_ua_app_id",
            "AWS_SDK_UA_APP_ID",
            "app",
            "of-the-file",
            6,
        ),
        (
            "use_fips_endpoint",
            "AWS_USE_FIPS_ENDPOINT",
            "false",
            "true",
            7,
        ),
        (
            "use_dualstack_endpoint",
            "AWS_USE_DUALSTACK_ENDPOINT",
            "False",
            "true",
            8,
        ),
        (
            "ignore_configured_endpoint_urls",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "false",
            "true",
            9,
        ),
    ];
    for (name, variable, in_variable, in_file, line) in rows {
        let of_file = load(&all).unwrap();
        let expected = format!("{CONFIG}:{line} [default]");
        assert_eq!(listed(&of_file, name), (Some(in_file.to_owned()), expected));
        let of_variable = load(&all.clone().with_variable(variable, in_variable)).unwrap();
        let expected = Some(in_variable.to_lowercase());
        assert_eq!(listed(&of_variable, name), (expected, variable.to_owned()));
        // An empty variable counts as unset.
        let of_file = load(&all.clone().with_variable(variable, "")).unwrap();
        assert_eq!(listed(&of_file, name).0, Some(in_file.to_owned()));
    }
}

#[test]
fn code_comes_first() {
    let environment = with_config("[dev]\n[profile dev]\nregion = eu-west-1")
        .with_variable("AWS_PROFILE", "staging")
        .with_variable("AWS_REGION", "eu-west-2")
        .with_variable("AWS_ENDPOINT_URL", "https://of-the-variable.example")
        .with_variable("AWS_MAX_ATTEMPTS", "7")
        .with_variable("AWS_RETRY_MODE", "nonsense")
        .with_variable("https_proxy", "http://of-the-variable.example");
    let config = Config::builder()
        .environment(environment)
        .profile("dev")
        .region(Region::new("us-east-1").unwrap())
        .endpoint(Endpoint::new("https://of-code.example/x").unwrap())
        .use_fips(false)
        .use_dual_stack(false)
        .ignore_configured_endpoint_urls(true)
        .allow_clear_text(true)
        .max_attempts(2)
        .retry_mode(RetryMode::Standard)
        .ca_bundle("/ca.pem")
        .https_proxy(Proxy::new("http://u:p@of-code.example").unwrap())
        .http_proxy(Proxy::new("http://of-code.example:1").unwrap())
        .no_proxy("*")
        .user_agent_app("app")
        .load()
        .unwrap();
    let values = config.settings().map(|setting| {
        let value = setting.value.as_deref().unwrap_or("-").to_owned();
        (setting.name, value, setting.origin)
    });
    let values: Vec<_> = values.collect();
    for (name, value, origin) in &values {
        let expected = if *name == "all_proxy" {
            &Origin::Default
        } else {
            &Origin::Code
        };
        assert_eq!(origin, &expected, "{name} is {value}");
    }
    let value = |name| &values.iter().find(|it| it.0 == name).unwrap().1;
    assert_eq!(value("region"), "us-east-1");
    assert_eq!(value("endpoint_url"), "https://of-code.example/x");
    assert_eq!(value("https_proxy"), "http://of-code.example:80");
}

#[test]
fn nothing_said_means_the_defaults() {
    let config = load(&home()).unwrap();
    let lines: Vec<_> = config
        .settings()
        .map(|setting| {
            assert_eq!(setting.origin, &Origin::Default);
            format!(
                "{} {}",
                setting.name,
                setting.value.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "profile default",
            "region -",
            "endpoint_url -",
            "ignore_configured_endpoint_urls false",
            "use_fips_endpoint false",
            "use_dualstack_endpoint false",
            "allow_clear_text false",
            "max_attempts 3",
            "retry_mode standard",
            "ca_bundle -",
            "https_proxy -",
            "http_proxy -",
            "all_proxy -",
            "no_proxy -",
            "sdk_ua_app_id -",
        ]
    );
    assert_eq!(config.client().unwrap_err().to_string(), "no region is set");
}

#[test]
fn the_first_of_two_variables_counts() {
    for (first, second, name, value) in [
        ("AWS_REGION", "AWS_DEFAULT_REGION", "region", "eu-west-1"),
        ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "profile", "dev"),
        (
            "AWS_ENDPOINT_URL_AMPLIFYBACKEND",
            "AWS_ENDPOINT_URL",
            "endpoint_url",
            "https://x.example",
        ),
        ("https_proxy", "HTTPS_PROXY", "https_proxy", "http://x:1"),
        ("http_proxy", "HTTP_PROXY", "http_proxy", "http://x:1"),
        ("all_proxy", "ALL_PROXY", "all_proxy", "http://x:1"),
        ("no_proxy", "NO_PROXY", "no_proxy", "x"),
    ] {
        let environment = with_config("[profile dev]");
        let both = environment
            .clone()
            .with_variable(first, value)
            .with_variable(second, "nonsense://");
        let config = load(&both).unwrap();
        let expected = (Some(value.to_owned()), first.to_owned());
        assert_eq!(listed(&config, name), expected);
        let config = load(&environment.with_variable(second, value)).unwrap();
        let expected = (Some(value.to_owned()), second.to_owned());
        assert_eq!(listed(&config, name), expected);
    }
}

#[test]
fn endpoint_url_of_the_services_section_says_its_own_line() {
    let config = load(&with_config(
        "[default]\n\
         region = us-east-1\n\
         endpoint_url = https://all.example\n\
         services = local\n\
         [services local]\n\
         s3 =\n  endpoint_url = https://s3.example\n\
         amplifybackend =\n  endpoint_url = https://ours.example\n",
    ))
    .unwrap();
    assert_eq!(
        listed(&config, "endpoint_url"),
        (
            Some("https://ours.example".to_owned()),
            format!("{CONFIG}:9 [services local]")
        )
    );
}

#[test]
fn proxies_of_the_environment() {
    let set = |pairs: &[(&str, &str)]| {
        let environment = pairs
            .iter()
            .fold(home(), |all, (name, value)| all.with_variable(name, value));
        load(&environment)
    };
    let value = |pairs: &[(&str, &str)], name| listed(&set(pairs).unwrap(), name).0;
    // Empty in lower case hides the other, as for the AWS CLI.
    let both = [("https_proxy", ""), ("HTTPS_PROXY", "http://x:1")];
    assert_eq!(value(&both, "https_proxy"), None);
    // A CGI program gets the request's header `Proxy` as HTTP_PROXY.
    let cgi = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://x:1")];
    assert_eq!(value(&cgi, "http_proxy"), None);
    assert_eq!(value(&cgi[1..], "http_proxy").unwrap(), "http://x:1");
    let cgi = [("REQUEST_METHOD", "GET"), ("http_proxy", "http://x:1")];
    assert_eq!(value(&cgi, "http_proxy").unwrap(), "http://x:1");
    // What nothing goes through is not looked at.
    let socks = ("ALL_PROXY", "socks5://x:1");
    let beside = [("HTTPS_PROXY", "http://x:1"), socks];
    assert_eq!(value(&beside, "all_proxy"), None);
    let error = chain(&set(&[socks]).unwrap_err());
    assert!(
        error.starts_with("all_proxy from ALL_PROXY is not valid: "),
        "{error}"
    );
}

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
             on with the line above is indented",
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
fn keys_come_from_the_environment_and_then_from_the_profile() {
    let files = with_config(
        "[default]\nregion = us-east-1\naws_access_key_id = AKIDCONFIG\n\
         aws_secret_access_key = s\n[profile dev]\nregion = us-east-1",
    )
    .with_file(
        CREDENTIALS,
        "[dev]\naws_access_key_id = AKIDDEV\naws_secret_access_key = s",
    );
    let id = |config: Result<Config, ConfigError>| {
        let header = authorization(&config.unwrap()).unwrap();
        let (_, rest) = header.split_once("Credential=").unwrap();
        rest.split_once('/').unwrap().0.to_owned()
    };
    let in_variables = files
        .clone()
        .with_variable("AWS_ACCESS_KEY_ID", "AKIDENV")
        .with_variable("AWS_SECRET_ACCESS_KEY", "s")
        .with_variable("AWS_PROFILE", "dev");
    assert_eq!(id(load(&files)), "AKIDCONFIG");
    assert_eq!(
        id(load(&files.clone().with_variable("AWS_PROFILE", "dev"))),
        "AKIDDEV"
    );
    assert_eq!(id(load(&in_variables)), "AKIDENV");
    // Code that names a profile wants its keys.
    let of_code = Config::builder().environment(in_variables.clone());
    assert_eq!(id(of_code.profile("dev").load()), "AKIDDEV");
    let of_code = Config::builder().environment(in_variables);
    let keys = Credentials::new("AKIDCODE", "s");
    assert_eq!(id(of_code.credentials(keys).load()), "AKIDCODE");
}

#[test]
fn a_profile_without_keys_says_what_it_lacks() {
    let chain_is_needed = "for which amplify-backend must be built with its feature \
                           credential-chain";
    let rows = [
        (
            "",
            format!(
                "AWS_ACCESS_KEY_ID is not set, and there is no profile default in {CONFIG} or {CREDENTIALS}"
            ),
        ),
        (
            "[default]",
            format!(
                "AWS_ACCESS_KEY_ID is not set, and profile default has no aws_access_key_id in {CONFIG} or {CREDENTIALS}"
            ),
        ),
        (
            "[default]\naws_access_key_id = a",
            format!(
                "aws_access_key_id is set in {CONFIG}:2 [default] and aws_secret_access_key is not"
            ),
        ),
        (
            "[default]\nrole_arn = a\naws_access_key_id = a\naws_secret_access_key = s",
            format!("{CONFIG}:2 [default] gets its credentials with role_arn, {chain_is_needed}"),
        ),
        (
            "[default]\n\nsso_session = a",
            format!(
                "{CONFIG}:3 [default] gets its credentials with sso_session, {chain_is_needed}"
            ),
        ),
        (
            "[default]\ncredential_process = a\naws_access_key_id = a\naws_secret_access_key = s",
            format!(
                "{CONFIG}:2 [default] gets its credentials with credential_process, {chain_is_needed}"
            ),
        ),
    ];
    for (config, expected) in rows {
        let environment = with_config(config).with_variable("AWS_REGION", "us-east-1");
        let keys = ProfileCredentials::of(&load(&environment).unwrap());
        let error = runtime().block_on(keys.provide()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    // Keys in the credentials file go before a process.
    let environment = with_config("[default]\nregion = us-east-1\ncredential_process = a")
        .with_file(
            CREDENTIALS,
            "[default]\naws_access_key_id = AKID\naws_secret_access_key = s",
        );
    let header = authorization(&load(&environment).unwrap()).unwrap();
    assert!(header.contains("Credential=AKID/"), "{header}");
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
fn no_secret_is_printed() {
    let secret = "CANARY";
    let files = [
        format!("{secret}"),
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
            let keys = ProfileCredentials::of(&config);
            if let Err(error) = runtime().block_on(keys.provide()) {
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
