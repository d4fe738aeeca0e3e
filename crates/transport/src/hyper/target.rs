//! Where a request goes, as its URI says.

use std::net::IpAddr;

use http::{
    Uri,
    uri::{Authority, Parts},
};

use crate::{TransportError, TransportErrorKind as Kind};

/// What a connection is opened for, and which connection serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target<Host = Box<str>> {
    pub(super) tls: bool,
    /// Without the brackets around an IPv6 address.
    pub(super) host: Host,
    pub(super) port: u16,
}

impl<'a> Target<&'a str> {
    /// Refuses what this transport does not send, clear text to other machines first of all.
    pub(super) fn of(uri: &'a Uri, clear_text: bool) -> Result<Self, TransportError> {
        let refuse =
            |message: String| Err(TransportError::new(Kind::Other, message).nothing_sent());
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return refuse("the request's URI has no scheme and host".to_owned());
        };
        let tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return refuse(format!("{scheme}: is neither https: nor http:")),
        };
        let (host, port) = host_port(authority);
        if !tls && !clear_text && !is_loopback(host) {
            return refuse(format!(
                "http: would send the request to {host} in clear text: use https:, or allow clear text"
            ));
        }
        match port {
            Ok(port) => Ok(Self {
                tls,
                host,
                port: port.unwrap_or(default_port(tls)),
            }),
            Err(port) => refuse(format!("{port} is not a port")),
        }
    }

    pub(super) fn to_owned(self) -> Target {
        Target {
            tls: self.tls,
            host: self.host.into(),
            port: self.port,
        }
    }
}

impl Target {
    pub(super) fn serves(&self, target: Target<&str>) -> bool {
        self.tls == target.tls
            && self.port == target.port
            && self.host.eq_ignore_ascii_case(target.host)
    }
}

impl Copy for Target<&str> {}

pub(super) fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

pub(super) fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// The host, without the brackets around an IPv6 address, and the port if there is one; as an
/// error, what stands in its place. The port is read here, because Uri takes `:99999` for none.
pub(super) fn host_port(authority: &Authority) -> (&str, Result<Option<u16>, &str>) {
    let host = authority.host();
    let port = host_and_port(authority).strip_prefix(host);
    let port = match port.and_then(|it| it.strip_prefix(':')) {
        None | Some("") => Ok(None),
        Some(port) => port.parse().map(Some).map_err(|_| port),
    };
    (host.trim_start_matches('[').trim_end_matches(']'), port)
}

/// `authority` without the user name that Uri lets it begin with.
pub(super) fn host_and_port(authority: &Authority) -> &str {
    authority.as_str().rsplit('@').next().unwrap_or_default()
}

/// The URI without the user name in front of the host, which neither HTTP/2 nor a proxy may see.
pub(super) fn without_user(mut uri: Parts) -> Uri {
    if let Some(authority) = &uri.authority
        && authority.as_str().contains('@')
        && let Ok(authority) = host_and_port(authority).parse()
    {
        uri.authority = Some(authority);
    }
    Uri::from_parts(uri).unwrap_or_default()
}
