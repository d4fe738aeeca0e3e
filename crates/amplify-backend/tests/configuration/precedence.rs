//! Which of several places counts, and that it is named.

use amplify_backend::config::{Config, Origin, RetryMode};
use amplify_backend::{Endpoint, Proxy, Region};

use crate::{CONFIG, chain, home, listed, load, with_config};

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
