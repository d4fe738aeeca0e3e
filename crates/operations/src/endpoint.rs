//! Where requests go.

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use http::uri::{Authority, PathAndQuery, Scheme, Uri};

use crate::Region;

/// The scheme, host, port and path prefix that requests go to.
///
/// Made from a region, or from a URL. Either way it is valid from then on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    /// Empty, or `/` and more, without a slash at the end.
    path: Box<str>,
}

impl Endpoint {
    /// A custom endpoint, such as `http://127.0.0.1:8080`. A path is kept as a prefix.
    ///
    /// # Errors
    ///
    /// See [`EndpointError`]; `http` is for loopback hosts alone. Where clear text shall go further,
    /// [`builder`](Self::builder) allows it.
    pub fn new(url: &str) -> Result<Self, EndpointError> {
        Self::builder().url(url).build()
    }

    /// The service's endpoint in `region`.
    pub fn for_region(region: &Region) -> Self {
        Self::regional(region, false, false)
    }

    /// All there is to choose.
    pub fn builder() -> EndpointBuilder {
        EndpointBuilder::default()
    }

    /// The host, without the port; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The path that stands before every operation's: empty, or `/…` without a slash at the end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The URI of `target`, which begins with [`path`](Self::path).
    pub(crate) fn uri(&self, target: PathAndQuery) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).expect("scheme, authority and path are all there")
    }

    fn regional(region: &Region, use_fips: bool, use_dual_stack: bool) -> Self {
        let fips = if use_fips { "-fips" } else { "" };
        let suffix = region.dns_suffix(use_dual_stack);
        let authority = format!("amplifybackend{fips}.{region}.{suffix}")
            .parse()
            .expect("a region is a host label, and a suffix has only those");
        Self {
            scheme: Scheme::HTTPS,
            authority,
            path: "".into(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

impl std::str::FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(url: &str) -> Result<Self, EndpointError> {
        Self::new(url)
    }
}

/// Collects what an [`Endpoint`] is made from.
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is made before `build`"]
pub struct EndpointBuilder {
    region: Option<Region>,
    use_fips: bool,
    use_dual_stack: bool,
    url: Option<String>,
    allow_clear_text: bool,
}

impl EndpointBuilder {
    /// The region. Not needed with a [`url`](Self::url).
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Whether to use the endpoint that meets FIPS 140. Default `false`.
    pub fn use_fips(mut self, use_fips: bool) -> Self {
        self.use_fips = use_fips;
        self
    }

    /// Whether to use the endpoint that has IPv4 and IPv6. Default `false`.
    pub fn use_dual_stack(mut self, use_dual_stack: bool) -> Self {
        self.use_dual_stack = use_dual_stack;
        self
    }

    /// A custom endpoint, which takes the place of the region's.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Whether `http` may go to hosts other than this one. Default `false`: whoever is in between
    /// could read the request and change the answer.
    pub fn allow_clear_text(mut self, allow: bool) -> Self {
        self.allow_clear_text = allow;
        self
    }

    /// Makes the endpoint.
    ///
    /// # Errors
    ///
    /// See [`EndpointError`].
    pub fn build(self) -> Result<Endpoint, EndpointError> {
        // In the order of the service's endpoint rules.
        match (self.url, self.region) {
            (Some(_), _) if self.use_fips => Err(EndpointError::FipsWithUrl),
            (Some(_), _) if self.use_dual_stack => Err(EndpointError::DualStackWithUrl),
            (Some(url), _) => custom(&url, self.allow_clear_text),
            (None, None) => Err(EndpointError::MissingRegion),
            (None, Some(region)) => Ok(Endpoint::regional(
                &region,
                self.use_fips,
                self.use_dual_stack,
            )),
        }
    }
}

/// Why there is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// A custom endpoint and FIPS exclude each other.
    FipsWithUrl,
    /// A custom endpoint and dual-stack exclude each other.
    DualStackWithUrl,
    /// There is neither a region nor a custom endpoint.
    MissingRegion,
    /// The custom endpoint is not a URL.
    NotAUrl,
    /// The URL's scheme is neither `https` nor `http`.
    Scheme,
    /// The URL has a user or a password, which would end up in logs.
    UserInfo,
    /// The URL's port is not a number from 1 to 65535.
    Port,
    /// The URL has a query, in which operations have nothing.
    Query,
    /// The URL has a fragment, which is never sent.
    Fragment,
    /// The URL's path has `.` or `..` in it, which servers and proxies rewrite.
    DotSegment,
    /// The scheme is `http` and the host is not this one.
    ClearText,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FipsWithUrl => "a custom endpoint cannot be combined with FIPS",
            Self::DualStackWithUrl => "a custom endpoint cannot be combined with dual-stack",
            Self::MissingRegion => "no region is set",
            Self::NotAUrl => "the custom endpoint is not a URL such as https://host:port/path",
            Self::Scheme => "the custom endpoint does not begin with https:// or http://",
            Self::UserInfo => "the custom endpoint has a user or password before its host",
            Self::Port => "the custom endpoint's port is not a number from 1 to 65535",
            Self::Query => "the custom endpoint has a query",
            Self::Fragment => "the custom endpoint has a fragment",
            Self::DotSegment => "the custom endpoint's path has . or .. in it",
            Self::ClearText => {
                "the custom endpoint is http:// and not on this machine: use https://, or allow \
                 clear text"
            }
        })
    }
}

impl Error for EndpointError {}

fn custom(url: &str, allow_clear_text: bool) -> Result<Endpoint, EndpointError> {
    // `Uri` drops a fragment without a word.
    if url.contains('#') {
        return Err(EndpointError::Fragment);
    }
    let (scheme, rest) = url.split_once("://").ok_or(EndpointError::NotAUrl)?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "https" => Scheme::HTTPS,
        "http" => Scheme::HTTP,
        _ => return Err(EndpointError::Scheme),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err(EndpointError::UserInfo);
    }
    if target.contains('?') {
        return Err(EndpointError::Query);
    }
    let port = port_of(authority);
    if port.is_some_and(|port| !is_port(port)) {
        return Err(EndpointError::Port);
    }
    let authority: Authority = authority.parse().map_err(|_| EndpointError::NotAUrl)?;
    if !is_host(authority.host()) {
        return Err(EndpointError::NotAUrl);
    }
    let path = target.trim_end_matches('/');
    if !path.is_empty() && path.parse::<PathAndQuery>().is_err() {
        return Err(EndpointError::NotAUrl);
    }
    if path.split('/').any(is_dot_segment) {
        return Err(EndpointError::DotSegment);
    }
    if scheme == Scheme::HTTP && !allow_clear_text && !is_loopback(authority.host()) {
        return Err(EndpointError::ClearText);
    }
    Ok(Endpoint {
        scheme,
        authority,
        path: path.into(),
    })
}

/// The text after the host's colon. In an IPv6 address colons count only behind the bracket.
fn port_of(authority: &str) -> Option<&str> {
    let address_end = authority.rfind(']').unwrap_or(0);
    let (_, port) = authority.get(address_end..)?.split_once(':')?;
    Some(port)
}

fn is_port(text: &str) -> bool {
    // `parse` would take a leading plus.
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Host names and addresses as resolvers take them. `Authority` alone would let `a!b` pass.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    name.len() <= 253
        && name.split('.').all(|label| {
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(inside)
        })
}

/// `.` and `..`, also where a dot is written as `%2e`.
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

/// Whether requests to `host` stay on this machine.
fn is_loopback(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    if let Some(address) = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback());
    }
    name.parse::<Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback())
}
