//! Regions and custom endpoints that are refused, and what is said about them.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_operations::{Endpoint, EndpointError, Operation, Region};
use models::ListS3BucketsInput;
use proptest::prelude::*;

#[test]
fn what_is_not_a_host_label_is_not_a_region() {
    let long = "a".repeat(64);
    for text in [
        "us-east-1.evil.com",
        "x@attacker.com:443/#",
        "us_east_1",
        "-us-east-1-",
        "us east 1",
        "us-east-1\r\n",
        "us-east-1/",
        "ü",
        "%75s-east-1",
        "",
        &long,
    ] {
        let error = Region::new(text).unwrap_err();
        assert!(Region::unlisted(text).is_err());
        assert!(!error.to_string().contains(['\r', '\n']), "{error}");
    }
}

#[test]
fn a_typing_error_gets_a_suggestion() {
    for (typed, meant) in [
        ("US-EAST-1", "us-east-1"),
        ("us-esat-1", "us-east-1"),
        ("us-east1", "us-east-1"),
        ("eu-cental-1", "eu-central-1"),
        ("ap-souteast-2", "ap-southeast-2"),
        (" us-west-2", "us-west-2"),
        ("us_west_2", "us-west-2"),
    ] {
        let error = Region::new(typed).unwrap_err();
        assert_eq!(error.suggestion(), Some(meant), "{typed}");
        assert!(
            error
                .to_string()
                .ends_with(&format!("did you mean {meant}?")),
            "{error}"
        );
    }
    let error = Region::new("us-esat-1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no region \"us-esat-1\"; did you mean us-east-1?"
    );
    let error = Region::new("us-east-1.evil.com").unwrap_err();
    assert_eq!(error.suggestion(), None);
    let unlisted = Region::unlisted("us-esat-1").unwrap();
    assert_eq!(unlisted.as_str(), "us-esat-1");
    assert_eq!(format!("{unlisted:?}"), "Region(us-esat-1)");
}

#[test]
fn a_text_longer_than_a_host_label_may_be_is_not_compared_with_regions() {
    for (length, meant) in [(64, Some("us-east-1")), (65, None)] {
        let typed = format!("{:length$}", "us-esat-1");
        assert_eq!(Region::new(&typed).unwrap_err().suggestion(), meant);
    }
}

#[test]
fn a_region_that_aws_may_add_is_taken() {
    for (region, host) in [
        ("us-east-3", "amplifybackend.us-east-3.amazonaws.com"),
        (
            "eu-southwest-1",
            "amplifybackend.eu-southwest-1.amazonaws.com",
        ),
        ("cn-south-9", "amplifybackend.cn-south-9.amazonaws.com.cn"),
        (
            "us-isob-south-12",
            "amplifybackend.us-isob-south-12.sc2s.sgov.gov",
        ),
        (
            "eusc-de-west-1",
            "amplifybackend.eusc-de-west-1.amazonaws.eu",
        ),
        (
            "eu-isoe-north-1",
            "amplifybackend.eu-isoe-north-1.cloud.adc-e.uk",
        ),
        (
            "moon-base-one",
            "amplifybackend.moon-base-one.amazonaws.com",
        ),
        (
            "us-isob-south-",
            "amplifybackend.us-isob-south-.amazonaws.com",
        ),
    ] {
        match Region::new(region) {
            Ok(region) => assert_eq!(Endpoint::for_region(&region).host(), host),
            Err(error) => assert!(region.ends_with('-'), "{error}"),
        }
    }
}

#[test]
fn a_custom_endpoint_with_more_or_less_than_a_host_is_refused() {
    for (url, error) in [
        ("https://user@example.com", EndpointError::UserInfo),
        ("https://user:secret@example.com/", EndpointError::UserInfo),
        ("https://example.com?x=1", EndpointError::Query),
        ("https://example.com/path?", EndpointError::Query),
        ("https://example.com/#top", EndpointError::Fragment),
        ("https://example.com#", EndpointError::Fragment),
        ("https://example.com:", EndpointError::Port),
        ("https://example.com:0", EndpointError::Port),
        ("https://example.com:65536", EndpointError::Port),
        ("https://example.com:http", EndpointError::Port),
        ("https://example.com:+80", EndpointError::Port),
        ("https://example.com:80:80", EndpointError::Port),
        ("https://[::1]:99999", EndpointError::Port),
        ("https://[2001:db8::]:", EndpointError::Port),
        ("https://[::1", EndpointError::Port),
        ("https://::1", EndpointError::Port),
        ("https://", EndpointError::NotAUrl),
        ("https:///path", EndpointError::NotAUrl),
        ("https://:443", EndpointError::NotAUrl),
        ("https://a b", EndpointError::NotAUrl),
        ("https://a!b", EndpointError::NotAUrl),
        ("https://a..b", EndpointError::NotAUrl),
        ("https://exämple.com", EndpointError::NotAUrl),
        ("https://example.com/a b", EndpointError::NotAUrl),
        ("https://example.com/\r\nhost: x", EndpointError::NotAUrl),
        ("example.com", EndpointError::NotAUrl),
        ("", EndpointError::NotAUrl),
        ("/path", EndpointError::NotAUrl),
        ("ftp://example.com", EndpointError::Scheme),
        ("unix:///var/run/socket", EndpointError::Scheme),
        ("https://example.com/a/../b", EndpointError::DotSegment),
        ("https://example.com/%2E%2e", EndpointError::DotSegment),
        ("http://example.com", EndpointError::ClearText),
        ("http://10.0.0.1:8080", EndpointError::ClearText),
        ("http://localhost.example.com", EndpointError::ClearText),
        ("http://127.0.0.1.example.com", EndpointError::ClearText),
        ("http://[2001:db8::1]/", EndpointError::ClearText),
        ("http://0.0.0.0:80", EndpointError::ClearText),
    ] {
        assert_eq!(Endpoint::new(url), Err(error), "{url:?}");
        assert!(!error_text(url).contains("secret"));
    }
}

fn error_text(url: &str) -> String {
    Endpoint::new(url).unwrap_err().to_string()
}

#[test]
fn a_custom_endpoint_keeps_its_path_with_one_slash_between() {
    for (url, uri) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/s3Buckets"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/s3Buckets"),
        ("http://localhost/stage", "http://localhost/stage/s3Buckets"),
        (
            "http://app.localhost:1/a/b/",
            "http://app.localhost:1/a/b/s3Buckets",
        ),
        ("http://[::1]:8080/x//", "http://[::1]:8080/x/s3Buckets"),
        ("https://[2001:db8::]", "https://[2001:db8::]/s3Buckets"),
        (
            "https://my_stage-1.internal",
            "https://my_stage-1.internal/s3Buckets",
        ),
        (
            "HTTPS://Example.com.:443/%41",
            "https://Example.com.:443/%41/s3Buckets",
        ),
    ] {
        let request = ListS3BucketsInput::default()
            .to_request(&url.parse().unwrap())
            .unwrap();
        assert_eq!(request.uri().to_string(), uri);
    }
}

#[test]
fn clear_text_goes_further_only_when_allowed() {
    let endpoint = Endpoint::builder()
        .url("http://proxy.internal:3128")
        .allow_clear_text(true)
        .build();
    assert_eq!(endpoint.unwrap().to_string(), "http://proxy.internal:3128");
}

#[test]
fn a_url_stands_alone_and_a_region_can_have_fips_and_dual_stack() {
    let region = || Endpoint::builder().region(Region::new("eu-west-1").unwrap());
    for (builder, endpoint) in [
        (region(), "https://amplifybackend.eu-west-1.amazonaws.com"),
        (
            region().use_fips(true),
            "https://amplifybackend-fips.eu-west-1.amazonaws.com",
        ),
        (
            region().use_dual_stack(true),
            "https://amplifybackend.eu-west-1.api.aws",
        ),
        (
            region().use_fips(true).use_dual_stack(true),
            "https://amplifybackend-fips.eu-west-1.api.aws",
        ),
        (region().url("http://[::1]:80/a/"), "http://[::1]:80/a"),
    ] {
        let built = builder.build().unwrap();
        assert_eq!(built.to_string(), endpoint);
        assert_eq!(format!("{built:?}"), format!("Endpoint({endpoint})"));
    }
    let url = || region().url("https://example.com");
    for (builder, error) in [
        (url().use_fips(true), EndpointError::FipsWithUrl),
        (url().use_dual_stack(true), EndpointError::DualStackWithUrl),
        (Endpoint::builder(), EndpointError::MissingRegion),
    ] {
        assert_eq!(builder.build(), Err(error));
    }
}

#[test]
fn each_reason_for_no_endpoint_is_one_line_of_its_own() {
    let reasons = [
        EndpointError::FipsWithUrl,
        EndpointError::DualStackWithUrl,
        EndpointError::MissingRegion,
        EndpointError::NotAUrl,
        EndpointError::Scheme,
        EndpointError::UserInfo,
        EndpointError::Port,
        EndpointError::Query,
        EndpointError::Fragment,
        EndpointError::DotSegment,
        EndpointError::ClearText,
    ]
    .map(|reason| reason.to_string());
    for (index, reason) in reasons.iter().enumerate() {
        assert!(reason.starts_with(|first: char| first.is_ascii_lowercase()));
        assert!(!reason.contains('\n') && !reason.ends_with('.'), "{reason}");
        assert!(!reasons[..index].contains(reason), "{reason}");
    }
    assert_eq!(
        error_text("http://example.com"),
        "the custom endpoint is http:// and not on this machine: use https://, or allow clear text"
    );
}

#[test]
fn a_target_that_no_uri_can_hold_is_an_error() {
    let input = models::GetBackendJobInput::builder()
        .app_id("a".repeat(70_000))
        .backend_environment_name("staging")
        .job_id("j")
        .build();
    let error = input
        .to_request(&Endpoint::new("https://example.com").unwrap())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the target is 70023 bytes long, more than a URI takes"
    );
}

proptest! {
    #[test]
    fn whatever_is_taken_for_a_region_stays_in_its_place_in_the_host(text in "\\PC{0,20}|[a-z0-9.@:/#-]{1,30}") {
        if let Ok(region) = Region::unlisted(&text) {
            let endpoint = Endpoint::for_region(&region);
            prop_assert_eq!(endpoint.host().split('.').nth(1), Some(text.as_str()));
            prop_assert!(endpoint.host().starts_with("amplifybackend."));
        }
    }

    #[test]
    fn whatever_is_taken_for_an_endpoint_gives_a_valid_uri(text in "https?://(\\PC{0,12}|[a-z0-9.@:/#?%\\[\\]-]{1,30})") {
        if let Ok(endpoint) = Endpoint::new(&text) {
            let request = ListS3BucketsInput::default().to_request(&endpoint).unwrap();
            let shown = request.uri().to_string();
            prop_assert!(shown.ends_with("/s3Buckets"), "{}", shown);
            prop_assert_eq!(request.uri().host(), Some(endpoint.host()));
            prop_assert_eq!(request.uri().query(), None);
        }
    }
}
