//! One proxy: its URL, and what its faults mean.

use std::{error::Error, fmt};

use http::{HeaderMap, HeaderValue, header::PROXY_AUTHENTICATE, uri::Authority};

use super::{
    basic::basic,
    target::{default_port, host_port},
};
use crate::{ProxyFault as Fault, TransportError, TransportErrorKind as Kind};

/// An HTTP proxy: where it is, and the credentials for it.
///
/// ```
/// use amplify_backend_transport::{HyperTransport, Proxies, Proxy};
///
/// # fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let proxy = Proxy::new("http://user:password@proxy.example.com:3128")?;
/// let proxies = Proxies::new().all(proxy).no_proxy("10.0.0.0/8, .internal.example.com");
/// let transport = HyperTransport::builder().proxies(proxies).build();
/// # Ok(())
/// # }
/// # run().unwrap();
/// ```
///
/// Displays as its URL without the credentials, and neither does `Debug` show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) tls: bool,
    /// Without the brackets around an IPv6 address.
    pub(super) host: Box<str>,
    pub(super) port: u16,
    /// The value of the header `proxy-authorization`.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy at `url`: `http://` or, for TLS to the proxy itself, `https://`, then
    /// `user:password@` if it asks for credentials, host, and `:port`.
    ///
    /// - Without a scheme it is `http://`. Without a port it is 80, or 443 for `https://`.
    /// - The user name and the password are percent-decoded. They are sent as `Basic`
    ///   (RFC 7617), to an `http://` proxy in clear text.
    /// - A path is passed over, and so is white space around the URL.
    ///
    /// Fails for other schemes, SOCKS among them, and for what is no URL. The error prints nothing
    /// of the URL.
    pub fn new(url: &str) -> Result<Self, InvalidProxy> {
        let url = url.trim();
        if url.is_empty() {
            return Err(InvalidProxy(Flaw::Empty));
        }
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                return Err(InvalidProxy(Flaw::Socks));
            }
            _ => return Err(InvalidProxy(Flaw::Scheme)),
        };
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(end) => rest.split_at_checked(end).unwrap_or((rest, "")),
            None => (rest, ""),
        };
        if path.contains('@') {
            // What precedes it would be taken for the host, and tried.
            return Err(InvalidProxy(Flaw::NotEncoded));
        }
        let (credentials, address) = match authority.rsplit_once('@') {
            Some((credentials, address)) => (Some(credentials), address),
            None => (None, authority),
        };
        let address: Authority = address.parse().map_err(|_| InvalidProxy(Flaw::Host))?;
        let (host, port) = host_port(&address);
        if host.is_empty() {
            return Err(InvalidProxy(Flaw::Host));
        }
        let port = port.map_err(|_| InvalidProxy(Flaw::Port))?;
        Ok(Self {
            tls,
            host: host.into(),
            port: port.unwrap_or(default_port(tls)),
            authorization: credentials.filter(|it| !it.is_empty()).map(basic),
        })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy(")?;
        self.write(f, self.authorization.as_ref().map_or("", |_| "..@"))?;
        f.write_str(")")
    }
}

impl Proxy {
    /// What this proxy did: `message` goes on after its name.
    pub(super) fn fault(&self, fault: Fault, message: &str) -> TransportError {
        TransportError::new(Kind::Proxy(fault), format!("the proxy {self} {message}"))
    }

    /// What it means that this proxy answered 407 with `headers`.
    pub(super) fn wants_credentials(&self, headers: &HeaderMap) -> TransportError {
        let mut schemes = headers
            .get_all(PROXY_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|challenge| challenge.split_whitespace().next())
            .peekable();
        let takes_basic =
            schemes.peek().is_none() || schemes.any(|it| it.eq_ignore_ascii_case("basic"));
        let (fault, message) = match &self.authorization {
            Some(_) => (
                Fault::CredentialsRefused,
                "refused the user name and password of its URL",
            ),
            None => (
                Fault::CredentialsRequired,
                "asks for credentials: put user:password@ in front of the host in its URL",
            ),
        };
        if takes_basic {
            self.fault(fault, message)
        } else {
            let message = "asks for credentials of another kind than Basic, which is not supported";
            self.fault(fault, message)
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, credentials: &str) -> fmt::Result {
        let Self { host, port, .. } = self;
        let scheme = if self.tls { "https" } else { "http" };
        match host.contains(':') {
            true => write!(f, "{scheme}://{credentials}[{host}]:{port}"),
            false => write!(f, "{scheme}://{credentials}{host}:{port}"),
        }
    }
}

/// What is no proxy this transport can use. Displays as what is wrong, without anything of the
/// URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidProxy(Flaw);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Empty,
    Socks,
    Scheme,
    NotEncoded,
    Host,
    Port,
}

impl fmt::Display for InvalidProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Flaw::Empty => "the proxy's URL is empty: write http://host:port",
            Flaw::Socks => "SOCKS proxies are not supported: use an http:// or https:// proxy",
            Flaw::Scheme => "the proxy's URL begins with neither http:// nor https://",
            Flaw::NotEncoded => {
                "the proxy's URL has an @ after a /, ? or #: in a user name or password write these as %2F, %3F and %23"
            }
            Flaw::Host => {
                "the proxy's URL has no valid host: write http://host:port or http://user:password@host:port"
            }
            Flaw::Port => "the proxy's port is not a number from 0 to 65535",
        })
    }
}

impl Error for InvalidProxy {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_the_proxy_is() {
        for (url, shown) in [
            (
                "http://proxy.example.com:3128",
                "http://proxy.example.com:3128",
            ),
            (
                "http://proxy.example.com:3128/",
                "http://proxy.example.com:3128",
            ),
            (
                "HTTP://Proxy:3128/a/path?and=more#than",
                "http://Proxy:3128",
            ),
            ("proxy:3128", "http://proxy:3128"),
            ("proxy", "http://proxy:80"),
            ("http://proxy:", "http://proxy:80"),
            ("https://proxy", "https://proxy:443"),
            ("https://proxy:80", "https://proxy:80"),
            ("  http://proxy:1 \n", "http://proxy:1"),
            ("10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("http://[fd00::1]:8080", "http://[fd00::1]:8080"),
            ("https://[fd00::1]", "https://[fd00::1]:443"),
            ("http://user:p@ss@proxy:3128", "http://proxy:3128"),
            ("user:password@proxy:3128", "http://proxy:3128"),
            ("http://@proxy", "http://proxy:80"),
        ] {
            assert_eq!(Proxy::new(url).unwrap().to_string(), shown, "{url}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_what_is_wrong() {
        let empty = "the proxy's URL is empty: write http://host:port";
        let socks = "SOCKS proxies are not supported: use an http:// or https:// proxy";
        let scheme = "the proxy's URL begins with neither http:// nor https://";
        let host = "the proxy's URL has no valid host: write http://host:port or \
                    http://user:password@host:port";
        let port = "the proxy's port is not a number from 0 to 65535";
        let encode = "the proxy's URL has an @ after a /, ? or #: in a user name or password \
                      write these as %2F, %3F and %23";
        for (url, expected) in [
            ("", empty),
            (" ", empty),
            ("socks5://canary:canary@proxy:1080", socks),
            ("SOCKS5H://proxy", socks),
            ("socks4://proxy", socks),
            ("ftp://canary:canary@proxy", scheme),
            ("canary://proxy", scheme),
            ("canary:canary://canary@proxy", scheme),
            ("://proxy", scheme),
            ("http://", host),
            ("http://:3128", host),
            ("http:///canary", host),
            ("http://canary:canary@", host),
            ("http://[fd00::1", host),
            ("http://two words:3128", host),
            ("http://proxy:canary", port),
            ("http://proxy:65536", port),
            ("http://user:12/canary@proxy:3128", encode),
            ("http://user:12#canary@proxy:3128", encode),
            ("user:12?canary@proxy:3128", encode),
        ] {
            let error = Proxy::new(url).unwrap_err();
            assert_eq!(error.to_string(), expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{url}");
        }
    }

    #[test]
    fn credentials_do_not_print() {
        let proxy = Proxy::new("https://canary:canary@proxy:1").unwrap();
        assert_eq!(format!("{proxy:?}"), "Proxy(https://..@proxy:1)");
        assert_eq!(proxy.to_string(), "https://proxy:1");
        let authorization = proxy.authorization.unwrap();
        assert_eq!(format!("{authorization:?}"), "Sensitive");
        let proxy = Proxy::new("proxy:1").unwrap();
        assert_eq!(format!("{proxy:?}"), "Proxy(http://proxy:1)");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_or_prints(text in ".{0,30}", canary in "[g-z]{12}") {
            for url in [text.clone(), format!("{text}{canary}@proxy"), format!("http://{canary}{text}@{text}")] {
                let shown = match Proxy::new(&url) {
                    Ok(proxy) => format!("{proxy:?} {proxy}"),
                    Err(error) => format!("{error:?} {error}"),
                };
                assert!(!shown.contains(&canary), "{url}: {shown}");
            }
        }
    }
}
