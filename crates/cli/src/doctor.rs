//! `amplify-backend doctor`: what a call needs, one after the other, and what to do where it fails.

use std::time::{Duration, SystemTime};

use amplify_backend::config::Config;
use amplify_backend::{Transport as _, TransportErrorKind};
use bytes::Bytes;
use http::Request;
use http::header::DATE;
use http::uri::Scheme;

use crate::failure::{Failure, Kind, with_causes};
use crate::global::Global;
use crate::output;
use crate::session::{self, Session};

/// A clock that is off by more than this has its signatures refused.
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// Looks at one thing after the other; the first failure is what the command fails with, since what
/// comes behind would fail for it too. With `--local` there is only the state file to look at.
pub(crate) async fn run(global: &Global) -> Result<(), Failure> {
    if global.local.is_some() {
        let session = checked("state file", Session::open(global), |session| {
            let file = session.local.as_deref();
            file.map_or_else(String::new, |file| file.display().to_string())
        })?;
        return signed_call(&session).await;
    }
    let config = checked("configuration", session::config(global), |config| {
        let region = config
            .region
            .as_ref()
            .map(|it| format!("region {} from {}", it.value, session::origin(&it.origin)));
        let endpoint = config
            .endpoint
            .as_ref()
            .map(|it| format!("endpoint {}", it.value));
        let facts: Vec<_> = region.into_iter().chain(endpoint).collect();
        match facts.is_empty() {
            true => "neither region nor endpoint is set".to_owned(),
            false => facts.join(", "),
        }
    })?;
    let session = checked("client", Session::open(global), |_| "set up".to_owned())?;
    let credentials = config.credentials();
    let found = credentials
        .at(SystemTime::now())
        .await
        .map_err(|error| Failure::new(Kind::Credentials, with_causes(&error)));
    checked("credentials", found, |found| {
        format!("access key {}", found.access_key_id())
    })?;

    let uri = session.client.endpoint().to_string();
    let uri: http::Uri = uri
        .parse()
        .map_err(|_| Failure::unexpected("the endpoint is no URL"))?;
    let host = uri.host().unwrap_or_default().to_owned();
    let uses_proxy = config.proxies.https.is_some() || config.proxies.all.is_some();
    let usual = if uri.scheme() == Some(&Scheme::HTTP) {
        80
    } else {
        443
    };
    let port = uri.port_u16().unwrap_or(usual);
    if uses_proxy {
        line("name resolution", "left to the proxy")?;
    } else {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port))
            .await
            .map(Iterator::collect::<Vec<_>>);
        let found = found.map_err(|error| {
            Failure::new(Kind::Transport, format!("{host} is not known: {error}"))
                .hint("check the region, the endpoint and the network's name server")
        });
        checked("name resolution", found, |found| {
            format!("{host} has {} addresses", found.len())
        })?;
    }
    let date = checked(
        "connection",
        connect(&config, &uri).await,
        |_| match usual {
            443 => "TLS agreed on".to_owned(),
            _ => "in clear text, to this machine".to_owned(),
        },
    )?;
    checked("clock", clock(date.as_deref()), Clone::clone)?;
    signed_call(&session).await
}

async fn signed_call(session: &Session) -> Result<(), Failure> {
    let listed = session.client.list_s3_buckets().send().await;
    checked("signed call", listed.map_err(Failure::from), |page| {
        let count = page.buckets.as_ref().map_or(0, Vec::len);
        format!("ListS3Buckets answered with {count} buckets")
    })?;
    Ok(())
}

/// Any answer will do; its `Date` is wanted.
async fn connect(config: &Config, uri: &http::Uri) -> Result<Option<String>, Failure> {
    let transport = config.transport_builder()?.build();
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri.clone();
    let answer = transport.send(request).await.map_err(|error| {
        let failure = Failure::new(Kind::Transport, with_causes(&error));
        failure.hint(match error.kind() {
            TransportErrorKind::Tls => "check the trusted roots (--ca-bundle) and the local clock",
            TransportErrorKind::Proxy(_) => "check HTTPS_PROXY, or name the host in NO_PROXY",
            _ => "check the endpoint, the network and its firewall",
        })
    })?;
    let date = answer.headers().get(DATE);
    Ok(date.and_then(|date| date.to_str().ok()).map(str::to_owned))
}

fn clock(date: Option<&str>) -> Result<String, Failure> {
    let Some(there) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
        return Ok("the other side does not tell the time".to_owned());
    };
    let here = SystemTime::now();
    let (off, way) = match there.duration_since(here) {
        Ok(ahead) => (ahead, "behind"),
        Err(behind) => (behind.duration(), "ahead"),
    };
    let off = Duration::from_secs(off.as_secs());
    if off > WINDOW {
        let message = format!(
            "the local clock is {} {way}",
            humantime::format_duration(off)
        );
        return Err(Failure::new(Kind::Config, message).hint("set it: signatures are refused"));
    }
    Ok(format!(
        "within {} s of the other side's",
        off.as_secs() + 1
    ))
}

fn checked<T>(
    what: &str,
    found: Result<T, Failure>,
    shown: impl FnOnce(&T) -> String,
) -> Result<T, Failure> {
    match found {
        Ok(found) => {
            line(what, &shown(&found))?;
            Ok(found)
        }
        Err(failure) => {
            output::write(&format!("{what:16} FAILED\n"))?;
            Err(failure)
        }
    }
}

fn line(what: &str, fact: &str) -> Result<(), Failure> {
    output::write(&format!("{what:16} ok      {fact}\n"))
}
