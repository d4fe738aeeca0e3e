//! Which proxy for which request.

use std::net::IpAddr;

use super::{
    proxy::Proxy,
    target::{Target, is_loopback},
};

/// Which proxy for which request: one for `http:`, one for `https:`, and what goes without.
///
/// A request for this machine (`localhost`, 127.0.0.0/8, ::1) never goes through a proxy. Go's
/// programs have the same rule; those that do not, curl and the AWS CLI among them, hand requests
/// for a server on this machine to a proxy on another one.
///
/// A request for `https:` goes through a tunnel (`CONNECT`), so that the proxy sees host and port
/// and no more. One for `http:`, where it is [allowed](super::HyperTransportBuilder::allow_clear_text),
/// goes to the proxy as it is. The proxy resolves the name of the host.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    all: Option<Proxy>,
    exceptions: Vec<Exception>,
}

impl Proxies {
    /// None: every request goes straight to its host.
    pub fn new() -> Self {
        Self::default()
    }

    /// The proxy for `http:`, as `HTTP_PROXY` names it.
    #[must_use]
    pub fn http(mut self, proxy: Proxy) -> Self {
        self.http = Some(proxy);
        self
    }

    /// The proxy for `https:`, as `HTTPS_PROXY` names it. How the proxy itself is spoken to is
    /// another matter, and its own URL's.
    #[must_use]
    pub fn https(mut self, proxy: Proxy) -> Self {
        self.https = Some(proxy);
        self
    }

    /// The proxy for whichever of the two has none of its own, as `ALL_PROXY` names it.
    #[must_use]
    pub fn all(mut self, proxy: Proxy) -> Self {
        self.all = Some(proxy);
        self
    }

    /// Which hosts go without a proxy, as `NO_PROXY` names them: a list with commas or white space
    /// between its entries. May be called again for more. An entry is one of
    ///
    /// | entry | matches |
    /// | --- | --- |
    /// | `example.com`, `.example.com`, `*.example.com` | the host itself and all below it, in upper or lower case |
    /// | `10.1.2.3`, `fd00::1`, `[fd00::1]` | the address |
    /// | `10.0.0.0/8`, `fd00::/8` | the addresses of the network |
    /// | one of the first two with `:8443` | the same, on this port alone; an IPv6 address stands in brackets |
    /// | `*` | everything |
    ///
    /// An entry that is none of these matches nothing. Names are not resolved: an address in the
    /// list says nothing about the name of its host.
    #[must_use]
    pub fn no_proxy(mut self, hosts: &str) -> Self {
        let entries = hosts.split(|it: char| it == ',' || it.is_whitespace());
        self.exceptions.extend(entries.filter_map(Exception::read));
        self
    }

    /// The proxy for requests to `target`, if they go through one.
    pub(super) fn route(&self, target: Target<&str>) -> Option<&Proxy> {
        let of_its_own = if target.tls { &self.https } else { &self.http };
        let proxy = of_its_own.as_ref().or(self.all.as_ref())?;
        let without =
            is_loopback(target.host) || self.exceptions.iter().any(|it| it.matches(target));
        (!without).then_some(proxy)
    }

    /// Whether TLS to a proxy may be needed.
    pub(super) fn any_over_tls(&self) -> bool {
        let all = [&self.http, &self.https, &self.all];
        all.into_iter().flatten().any(|proxy| proxy.tls)
    }
}

/// An entry of the list.
#[derive(Clone, Debug)]
struct Exception {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    All,
    /// A host and those below it.
    Domain(Box<str>),
    /// The addresses that share the first `prefix` bits.
    Network {
        address: IpAddr,
        prefix: u32,
    },
}

impl Exception {
    fn read(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self {
                hosts: Hosts::All,
                port: None,
            });
        }
        if let Some((address, prefix)) = entry.split_once('/') {
            let address: IpAddr = address.parse().ok()?;
            let prefix = prefix
                .parse()
                .ok()
                .filter(|prefix| *prefix <= bits(address).1)?;
            return Some(Self {
                hosts: Hosts::Network { address, prefix },
                port: None,
            });
        }
        let (host, port) = match entry.rsplit_once(':') {
            // The last part of an IPv6 address.
            _ if entry.ends_with(']') || entry.parse::<IpAddr>().is_ok() => (entry, None),
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        let in_brackets = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let hosts = match in_brackets.unwrap_or(host).parse::<IpAddr>() {
            Ok(address) => {
                let address = address.to_canonical();
                Hosts::Network {
                    address,
                    prefix: bits(address).1,
                }
            }
            Err(_) => {
                let host = host.strip_prefix('*').unwrap_or(host);
                let domain = host.trim_start_matches('.').trim_end_matches('.');
                if domain.is_empty() {
                    return None;
                }
                Hosts::Domain(domain.into())
            }
        };
        Some(Self { hosts, port })
    }

    fn matches(&self, target: Target<&str>) -> bool {
        if self.port.is_some_and(|port| port != target.port) {
            return false;
        }
        match &self.hosts {
            Hosts::All => true,
            Hosts::Domain(domain) => {
                let host = target.host.trim_end_matches('.');
                let Some((above, end)) = host
                    .len()
                    .checked_sub(domain.len())
                    .and_then(|start| host.split_at_checked(start))
                else {
                    return false;
                };
                end.eq_ignore_ascii_case(domain)
                    && (above.is_empty() || above.ends_with('.'))
                    // `0.0.1` is no domain that 10.0.0.1 is below of.
                    && host.parse::<IpAddr>().is_err()
            }
            Hosts::Network { address, prefix } => {
                let Ok(host) = target.host.parse::<IpAddr>() else {
                    return false;
                };
                let ((network, width), (host, host_width)) =
                    (bits(*address), bits(host.to_canonical()));
                let differing = (network ^ host).checked_shr(width - prefix);
                width == host_width && differing.unwrap_or(0) == 0
            }
        }
    }
}

/// The address as a number, and of how many bits.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}
