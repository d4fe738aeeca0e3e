//! Which hosts go without a proxy: the list of `NO_PROXY`.

use std::net::IpAddr;

use super::target::Target;

/// The list, whose forms are those of [`Proxies::no_proxy`](super::Proxies::no_proxy).
#[derive(Clone, Debug, Default)]
pub(super) struct NoProxy(Vec<Exception>);

impl NoProxy {
    /// Adds the entries of `list`; what is none is left out.
    pub(super) fn add(&mut self, list: &str) {
        let entries = list.split(|it: char| it == ',' || it.is_whitespace());
        self.0.extend(entries.filter_map(Exception::read));
    }

    pub(super) fn matches(&self, target: Target<&str>) -> bool {
        self.0.iter().any(|exception| exception.matches(target))
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
                let host = host.strip_prefix("*.").unwrap_or(host);
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

#[cfg(test)]
mod tests {
    use hyper_util::client::proxy::matcher::Matcher;
    use proptest::prelude::*;

    use super::*;

    fn goes_through_a_proxy(list: &str, url: &str) -> bool {
        let mut no_proxy = NoProxy::default();
        no_proxy.add(list);
        let uri = url.parse().unwrap();
        !no_proxy.matches(Target::of(&uri, true).unwrap())
    }

    #[test]
    fn an_entry_matches_what_its_form_says() {
        let (direct, proxied) = (false, true);
        for (entry, url, expected) in [
            // Names: the host and those below it.
            ("example.com", "https://example.com", direct),
            ("example.com", "https://EXAMPLE.com", direct),
            ("EXAMPLE.COM", "https://a.b.example.com", direct),
            ("example.com", "https://example.com.:443", direct),
            ("example.com.", "https://example.com", direct),
            ("example.com", "https://notexample.com", proxied),
            ("example.com", "https://example.com.org", proxied),
            ("example.com", "https://com", proxied),
            (".example.com", "https://example.com", direct),
            (".example.com", "https://a.example.com", direct),
            (".example.com", "https://notexample.com", proxied),
            ("*.example.com", "https://example.com", direct),
            ("*.example.com", "https://a.example.com", direct),
            ("*example.com", "https://example.com", proxied),
            ("*example.com", "https://notexample.com", proxied),
            ("a.*.com", "https://a.b.com", proxied),
            ("com", "https://example.com", direct),
            // Addresses.
            ("10.1.2.3", "https://10.1.2.3", direct),
            ("10.1.2.3", "https://10.1.2.4", proxied),
            ("2.3", "https://10.1.2.3", proxied),
            ("fd00::1", "https://[fd00::1]", direct),
            ("FD00:0:0::1", "https://[fd00::1]", direct),
            ("[fd00::1]", "https://[fd00::1]:8443", direct),
            ("fd00::1", "https://[fd00::2]", proxied),
            ("10.1.2.3", "https://[::ffff:10.1.2.3]", direct),
            ("::ffff:10.1.2.3", "https://10.1.2.3", direct),
            // Networks.
            ("10.0.0.0/8", "https://10.255.0.1", direct),
            ("10.9.9.9/8", "https://10.255.0.1", direct),
            ("10.0.0.0/8", "https://11.0.0.1", proxied),
            ("10.1.2.3/32", "https://10.1.2.3", direct),
            ("10.1.2.3/32", "https://10.1.2.2", proxied),
            ("10.1.2.2/31", "https://10.1.2.3", direct),
            ("0.0.0.0/0", "https://10.1.2.3", direct),
            ("0.0.0.0/0", "https://[fd00::1]", proxied),
            ("0.0.0.0/0", "https://example.com", proxied),
            ("fd00::/8", "https://[fdff::1]", direct),
            ("fd00::/8", "https://[fe80::1]", proxied),
            ("::/0", "https://[2001:db8::1]", direct),
            ("::/0", "https://10.1.2.3", proxied),
            ("2001:db8::1/128", "https://[2001:db8::1]", direct),
            // Ports.
            ("example.com:443", "https://example.com", direct),
            ("example.com:443", "http://example.com:443", direct),
            ("example.com:80", "http://example.com", direct),
            ("example.com:80", "https://example.com", proxied),
            (".example.com:8443", "https://a.example.com:8443", direct),
            ("10.1.2.3:8443", "https://10.1.2.3:8443", direct),
            ("10.1.2.3:8443", "https://10.1.2.3", proxied),
            ("[fd00::1]:8443", "https://[fd00::1]:8443", direct),
            ("[fd00::1]:8443", "https://[fd00::1]", proxied),
            // Everything.
            ("*", "https://example.com", direct),
            ("*", "https://10.1.2.3", direct),
            ("*", "http://[fd00::1]", direct),
            // Lists.
            ("a.com,b.com", "https://b.com", direct),
            (" a.com , b.com ", "https://b.com", direct),
            ("a.com b.com", "https://b.com", direct),
            (",,a.com,\t\nb.com,", "https://a.com", direct),
            ("a.com,*", "https://c.com", direct),
            ("a.com,b.com", "https://c.com", proxied),
            // What is none of these.
            ("", "https://example.com", proxied),
            (",", "https://example.com", proxied),
            (".", "https://example.com", proxied),
            ("*.", "https://example.com", proxied),
            (":443", "https://example.com", proxied),
            ("http://example.com", "https://example.com", proxied),
            ("example.com:http", "https://example.com", proxied),
            ("example.com:99999", "https://example.com", proxied),
            ("10.0.0.0/33", "https://10.0.0.1", proxied),
            ("10.0.0.0/-1", "https://10.0.0.1", proxied),
            ("10.0.0.0/", "https://10.0.0.1", proxied),
            ("fd00::/129", "https://[fd00::1]", proxied),
            ("[fd00::1", "https://[fd00::1]", proxied),
            ("[example.com]", "https://other.com", proxied),
        ] {
            assert_eq!(
                goes_through_a_proxy(entry, url),
                expected,
                "{entry:?} {url}"
            );
        }
    }

    /// Few names and addresses, so that hosts and entries meet.
    fn host() -> impl Strategy<Value = String> {
        prop_oneof![
            proptest::collection::vec("[ab]{1,2}|com", 1..4).prop_map(|labels| labels.join(".")),
            (0_u8..3, 0_u8..3).prop_map(|(c, d)| format!("10.0.{c}.{d}")),
            (0_u8..3, 0_u8..3).prop_map(|(c, d)| format!("fd00::{c}:{d}")),
        ]
    }

    fn entry() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => host(),
            2 => "[ab]{1,2}|com".prop_map(|name| format!(".{name}")),
            2 => (0_u8..3, 0_u8..=32).prop_map(|(c, prefix)| format!("10.0.{c}.1/{prefix}")),
            2 => (0_u8..3, 0_u8..=128).prop_map(|(c, prefix)| format!("fd00::{c}:1/{prefix}")),
            1 => Just(String::new()),
        ]
    }

    fn url(host: &str) -> String {
        match host.contains(':') {
            true => format!("https://[{host}]/"),
            false => format!("https://{host}/"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Without ports, of which it knows nothing, hyper-util decides as curl does.
        #[test]
        fn the_list_is_read_as_hyper_util_reads_it(
            entries in proptest::collection::vec(entry(), 0..4),
            host in host(),
        ) {
            let list = entries.join(", ");
            let url = url(&host);
            let theirs = Matcher::builder().all("http://proxy:3128").no(list.clone()).build();
            let through = theirs.intercept(&url.parse().unwrap()).is_some();
            prop_assert_eq!(goes_through_a_proxy(&list, &url), through, "{} {}", list, url);
        }

        #[test]
        fn a_port_narrows_an_entry(host in host(), port: u16, other: u16) {
            let bare = host.trim_start_matches('.');
            let entry = match bare.contains(':') {
                true => format!("[{bare}]:{port}"),
                false => format!("{bare}:{port}"),
            };
            let at = |port: u16| format!("{}:{port}/", url(bare).trim_end_matches('/'));
            prop_assert!(!goes_through_a_proxy(&entry, &at(port)));
            prop_assert_eq!(goes_through_a_proxy(&entry, &at(other)), other != port);
        }

        #[test]
        fn no_list_panics(list in ".{0,40}", host in host()) {
            goes_through_a_proxy(&list, &url(&host));
        }
    }
}
