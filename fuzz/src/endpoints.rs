//! `endpoints`: whatever is set as a region or as an endpoint's URL.
//!
//! Input: a text, which is taken for a region and for a URL.
//!
//! - A region is one label of a host name, and stays one: the host is the service's, in a
//!   partition's domain. What is refused names itself in one line, and what is suggested instead is
//!   accepted.
//! - A URL that is accepted is `https`, or `http` to this machine unless clear text is allowed; it
//!   has no user, query, fragment or dot segments; written out it is the same endpoint. Requests go
//!   to its host, below its path.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::uri::Scheme;
use operations::models::ListS3BucketsInput;
use operations::{Endpoint, EndpointError, Operation, Region};

use crate::is_one_line;

/// Checks one text.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    region(text);
    url(text);
}

fn region(text: &str) {
    let label = text.len() <= 63
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.is_empty();
    assert_eq!(Region::unlisted(text).is_ok(), label);
    match Region::new(text) {
        Ok(region) => {
            assert_eq!(region.as_str(), text);
            assert!(label);
            in_region(&region);
        }
        Err(error) => {
            assert!(is_one_line(&error.to_string()));
            // A label is refused only for another that was probably meant.
            assert!(!label || error.suggestion().is_some());
            if let Some(suggestion) = error.suggestion() {
                assert!(Region::new(suggestion).is_ok());
            }
        }
    }
    if let Ok(region) = Region::unlisted(text) {
        in_region(&region);
    }
}

fn in_region(region: &Region) {
    for (use_fips, use_dual_stack) in [(false, false), (true, false), (false, true), (true, true)] {
        let builder = Endpoint::builder().region(region.clone());
        let builder = builder.use_fips(use_fips).use_dual_stack(use_dual_stack);
        let endpoint = builder.build().expect("a region has an endpoint");
        let fips = if use_fips { "-fips" } else { "" };
        let suffix = region.dns_suffix(use_dual_stack);
        let host = format!("amplifybackend{fips}.{region}.{suffix}");
        assert_eq!(endpoint.host(), host);
        assert_eq!(endpoint.to_string(), format!("https://{host}"));
        goes_to(&endpoint);
        // As a URL it is refused where a resolver would, and else the same.
        if host.len() <= 253 {
            assert_eq!(Endpoint::new(&endpoint.to_string()).as_ref(), Ok(&endpoint));
        }
    }
}

fn url(text: &str) {
    let strict = Endpoint::new(text);
    let open = Endpoint::builder().url(text).allow_clear_text(true).build();
    let endpoint = match (strict, open) {
        (Ok(endpoint), open) => {
            assert_eq!(open.as_ref(), Ok(&endpoint));
            let is_clear = endpoint.to_string().starts_with("http://");
            assert!(!is_clear || is_this_machine(endpoint.host()));
            endpoint
        }
        (Err(EndpointError::ClearText), Ok(endpoint)) => {
            assert!(!is_this_machine(endpoint.host()));
            endpoint
        }
        (Err(strict), open) => {
            assert!(is_one_line(&strict.to_string()));
            return assert_eq!(open, Err(strict));
        }
    };
    let written = endpoint.to_string();
    let again = Endpoint::builder().url(&written).allow_clear_text(true);
    assert_eq!(again.build().as_ref(), Ok(&endpoint));
    assert!(!written.contains(['?', '#']), "{written}");
    let authority = written.split('/').nth(2);
    assert!(authority.is_some_and(|authority| !authority.contains('@')));
    assert!(
        written.bytes().all(|byte| byte > b' ' && byte != 0x7f),
        "{written}"
    );
    let path = endpoint.path();
    assert!(path.is_empty() || path.starts_with('/') && !path.ends_with('/'));
    assert!(
        !path
            .split('/')
            .any(|segment| segment == "." || segment == "..")
    );
    goes_to(&endpoint);
}

/// A request is for this endpoint and for nowhere else.
fn goes_to(endpoint: &Endpoint) {
    let request = match ListS3BucketsInput::default().to_request(endpoint) {
        Ok(request) => request,
        // The path that was given is as long as a target may be.
        Err(_) => return assert!(endpoint.path().len() > 60_000),
    };
    let uri = request.uri();
    assert_eq!(uri.to_string(), format!("{endpoint}/s3Buckets"));
    assert_eq!(uri.host(), Some(endpoint.host()));
    assert!(uri.scheme() == Some(&Scheme::HTTPS) || uri.scheme() == Some(&Scheme::HTTP));
    assert_eq!(uri.path(), format!("{}/s3Buckets", endpoint.path()));
    assert_eq!(uri.query(), None);
    // Any other reader of URLs finds the same in it.
    let read: http::Uri = uri.to_string().parse().expect("what was written is a URI");
    assert_eq!(&read, uri);
    assert_ne!(uri.port().map(|port| port.as_u16()), Some(0));
}

fn is_this_machine(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address
        .parse::<Ipv4Addr>()
        .map(IpAddr::from)
        .or_else(|_| address.parse::<Ipv6Addr>().map(IpAddr::from));
    match address {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
