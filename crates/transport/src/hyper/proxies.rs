//! Which proxy for which request.

use super::{
    no_proxy::NoProxy,
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
    no_proxy: NoProxy,
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
        self.no_proxy.add(hosts);
        self
    }

    /// The proxy for requests to `target`, if they go through one.
    pub(super) fn route(&self, target: Target<&str>) -> Option<&Proxy> {
        let of_its_own = if target.tls { &self.https } else { &self.http };
        let proxy = of_its_own.as_ref().or(self.all.as_ref())?;
        let without = is_loopback(target.host) || self.no_proxy.matches(target);
        (!without).then_some(proxy)
    }

    /// Whether TLS to a proxy may be needed.
    pub(super) fn any_over_tls(&self) -> bool {
        let all = [&self.http, &self.https, &self.all];
        all.into_iter().flatten().any(|proxy| proxy.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(url: &str) -> bool {
        let proxies = Proxies::new().all(Proxy::new("http://proxy:3128").unwrap());
        let uri = url.parse().unwrap();
        proxies.route(Target::of(&uri, true).unwrap()).is_some()
    }

    #[test]
    fn this_machine_goes_without_and_its_lookalikes_do_not() {
        for url in [
            "http://localhost:8080",
            "https://LocalHost",
            "https://127.0.0.1",
            "https://127.9.9.9",
            "https://[::1]:8443",
        ] {
            assert!(!through(url), "{url}");
        }
        for url in [
            "https://localhost.example.com",
            "https://128.0.0.1",
            "https://[::2]",
        ] {
            assert!(through(url), "{url}");
        }
    }

    #[test]
    fn each_scheme_has_its_own_proxy_or_the_one_for_all() {
        let proxy = |name| Proxy::new(name).unwrap();
        let chosen = |proxies: &Proxies, url: &str| {
            let uri = url.parse().unwrap();
            let proxy = proxies.route(Target::of(&uri, true).unwrap());
            proxy.map(|proxy| proxy.host.to_string())
        };
        let (http, https) = ("http://example.com", "https://example.com");
        let none = Proxies::new();
        assert_eq!((chosen(&none, http), chosen(&none, https)), (None, None));
        let one = Proxies::new().https(proxy("s"));
        assert_eq!(chosen(&one, http), None);
        assert_eq!(chosen(&one, https).as_deref(), Some("s"));
        let both = one.clone().http(proxy("h"));
        assert_eq!(chosen(&both, http).as_deref(), Some("h"));
        for rest in [
            one.clone().all(proxy("a")),
            Proxies::new().all(proxy("a")).https(proxy("s")),
        ] {
            assert_eq!(chosen(&rest, http).as_deref(), Some("a"));
            assert_eq!(chosen(&rest, https).as_deref(), Some("s"));
        }
        assert!(!both.any_over_tls());
        assert!(both.http(proxy("https://h")).any_over_tls());
    }

    #[test]
    fn lists_add_up() {
        let proxies = Proxies::new()
            .no_proxy("a.com")
            .all(Proxy::new("proxy").unwrap())
            .no_proxy("b.com");
        for (url, through) in [
            ("https://a.com", false),
            ("https://b.com", false),
            ("https://c.com", true),
        ] {
            let uri = url.parse().unwrap();
            assert_eq!(
                proxies.route(Target::of(&uri, false).unwrap()).is_some(),
                through
            );
        }
    }
}
