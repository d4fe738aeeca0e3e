//! Where requests go: what is configured, or else the service in the region.

use operations::{Endpoint, EndpointError, Region};

use super::lookup::{Lookup, variable};
use super::names::{ENDPOINT_URL, Names, USE_DUALSTACK_ENDPOINT, USE_FIPS_ENDPOINT};
use super::{ConfigError, Conflict, Origin, Section, Setting};

/// What the service is called in a `services` section.
const SERVICE: &str = "amplifybackend";

pub(super) struct Choice<'a> {
    pub(super) code: Option<Endpoint>,
    pub(super) region: Option<&'a Region>,
    pub(super) use_fips: &'a Setting<bool>,
    pub(super) use_dual_stack: &'a Setting<bool>,
    pub(super) ignore_configured: bool,
    pub(super) allow_clear_text: bool,
}

/// The endpoint; `None` when there is neither a region nor a custom one.
pub(super) fn endpoint(
    lookup: &Lookup<'_>,
    choice: Choice<'_>,
) -> Result<Option<Setting<Endpoint>>, ConfigError> {
    let builder = Endpoint::builder().allow_clear_text(choice.allow_clear_text);
    let custom = match (choice.code, choice.ignore_configured) {
        (Some(endpoint), _) => Some(Setting::new(Ok(endpoint), Origin::Code)),
        (None, true) => None,
        (None, false) => configured(lookup, &ENDPOINT_URL, SERVICE)?
            .map(|url| Setting::new(builder.clone().url(url.value).build(), url.origin)),
    };
    let Some(Setting { value, origin }) = custom else {
        let endpoint = choice.region.map(|region| {
            builder
                .region(region.clone())
                .use_fips(choice.use_fips.value)
                .use_dual_stack(choice.use_dual_stack.value)
                .build()
                .expect("a region has an endpoint of each kind")
        });
        return Ok(endpoint.map(|endpoint| Setting::new(endpoint, Origin::Default)));
    };
    for (flag, names, error) in [
        (
            choice.use_fips,
            &USE_FIPS_ENDPOINT,
            EndpointError::FipsWithUrl,
        ),
        (
            choice.use_dual_stack,
            &USE_DUALSTACK_ENDPOINT,
            EndpointError::DualStackWithUrl,
        ),
    ] {
        if flag.value {
            return Err(ConfigError::Conflict(Box::new(Conflict {
                endpoint_url: origin,
                setting: names.name,
                origin: flag.origin.clone(),
                source: error,
            })));
        }
    }
    match value {
        Ok(endpoint) => Ok(Some(Setting::new(endpoint, origin))),
        Err(error) => Err(ConfigError::invalid(&ENDPOINT_URL, origin, error)),
    }
}

/// The URL that is configured for a service, which a `services` section calls `service`: in the
/// environment for this service, for all; in the profile's `services` section, in the profile.
pub(crate) fn configured(
    lookup: &Lookup<'_>,
    names: &Names,
    service: &str,
) -> Result<Option<Setting<String>>, ConfigError> {
    if let Some(url) = variable(lookup.environment, names)? {
        return Ok(Some(url));
    }
    let Some(section) = lookup.section()? else {
        return Ok(None);
    };
    let of_this_service = services(lookup, section)?
        .and_then(|services| services.property(service)?.sub_property(names.name));
    let of_all = section.property(names.name);
    Ok([of_this_service, of_all]
        .into_iter()
        .flatten()
        .find(|property| !property.value().is_empty())
        .map(|property| Setting::new(property.value().to_owned(), property.origin())))
}

/// The `services` section that the profile names.
fn services<'a>(
    lookup: &'a Lookup<'_>,
    section: &Section,
) -> Result<Option<&'a Section>, ConfigError> {
    let Some(property) = section
        .property("services")
        .filter(|it| !it.value().is_empty())
    else {
        return Ok(None);
    };
    match lookup.files.profiles()?.services(property.value()) {
        Some(services) => Ok(Some(services)),
        None => Err(ConfigError::UnknownServices {
            name: property.value().to_owned(),
            origin: property.origin(),
        }),
    }
}
