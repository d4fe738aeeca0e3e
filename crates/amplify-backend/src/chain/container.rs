//! What a container is given: ECS, EKS, and whatever speaks as they do.

use std::path::Path;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, StatusCode, Uri};

use super::context::Context;
use super::wire::Patience;
use super::{Found, absent, json, wire};
use crate::CredentialsError;

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const PATIENCE: Patience = Patience {
    attempts: 3,
    limit: Duration::from_secs(2),
    with_silence: true,
};

pub(super) async fn ask(context: &Context) -> Found {
    let (variable, url) = match (context.variable(RELATIVE_URI), context.variable(FULL_URI)) {
        (Some(path), _) => (RELATIVE_URI, format!("http://169.254.170.2{path}")),
        (None, Some(url)) => (FULL_URI, url),
        (None, None) => return absent(format!("neither {RELATIVE_URI} nor {FULL_URI} is set")),
    };
    let mut request = wire::get(variable, &url)?;
    if !may_have_the_token(request.uri()) {
        return Err(CredentialsError::new(format!(
            "{variable} names a host that may not be asked: it is https://, or http:// to this \
             machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]"
        ))
        .into());
    }
    let accept = HeaderValue::from_static("application/json");
    request.headers_mut().insert(ACCEPT, accept);
    // The file is read each time: what stands there is replaced before it expires.
    let token = match (context.variable(TOKEN_FILE), context.variable(TOKEN)) {
        (Some(path), _) => {
            let what = "the container's authorization token";
            let token = context.read(what, Path::new(&path)).await?;
            Some(wire::secret(TOKEN_FILE, token.trim_end())?)
        }
        (None, Some(token)) => Some(wire::secret(TOKEN, &token)?),
        (None, None) => None,
    };
    if let Some(token) = token {
        request.headers_mut().insert(AUTHORIZATION, token);
    }
    let failed = |why: &str| CredentialsError::new(format!("the container's {variable}: {why}"));
    let response = context.metadata.send(&request, &PATIENCE).await;
    let response = response.map_err(|error| failed("no answer").with_source(error))?;
    if response.status() != StatusCode::OK {
        return Err(failed(&format!("it answered {}", response.status().as_u16())).into());
    }
    let keys = json::parse(response.body()).and_then(|json| json::keys(&json, "Token"));
    Ok(keys.map_err(|why| failed(&format!("what it answered is no key: {why}")))?)
}

/// Whether the token may go there: where nobody else can read it.
fn may_have_the_token(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => match address.parse::<std::net::IpAddr>() {
            Ok(address) => {
                address.is_loopback()
                    || ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
                        .into_iter()
                        .any(|allowed| allowed.parse() == Ok(address))
            }
            Err(_) => host.eq_ignore_ascii_case("localhost"),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_to_no_host_but_those_that_are_allowed() {
        for (url, allowed) in [
            ("https://example.com/keys", true),
            ("http://127.0.0.1:8080/keys", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://169.254.170.2/", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/", true),
            ("http://[fd00:0ec2:0:0::23]/", true),
            ("http://169.254.169.254/", false),
            ("http://example.com/", false),
            ("http://localhost.example.com/", false),
            ("http://192.168.1.1/", false),
            ("ftp://127.0.0.1/", false),
            ("/keys", false),
        ] {
            assert_eq!(may_have_the_token(&url.parse().unwrap()), allowed, "{url}");
        }
    }
}
