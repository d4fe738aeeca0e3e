//! Where STS and SSO are.

use operations::{Endpoint, Region};

use super::context::Context;
use crate::CredentialsError;
use crate::config::{Names, configured, names};

/// A service that credentials are asked of.
pub(super) struct Service {
    /// What its host begins with.
    host: &'static str,
    /// What a `services` section calls it.
    name: &'static str,
    endpoint_url: Names,
}

pub(super) const STS: Service = Service {
    host: "sts",
    name: "sts",
    endpoint_url: Names::new(
        "endpoint_url",
        &["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"],
    ),
};

pub(super) const SSO: Service = Service {
    host: "portal.sso",
    name: "sso",
    endpoint_url: Names::new(
        "endpoint_url",
        &["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL"],
    ),
};

pub(super) const SSO_OIDC: Service = Service {
    host: "oidc",
    name: "sso_oidc",
    endpoint_url: Names::new(
        "endpoint_url",
        &["AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL"],
    ),
};

/// The region of STS's endpoint for all regions.
pub(super) const GLOBAL: &str = "aws-global";

impl Service {
    /// The URL of the service in `region`, without a slash at its end.
    pub(super) fn url(
        &self,
        context: &Context,
        region: &Region,
    ) -> Result<String, CredentialsError> {
        let code = &context.code;
        let ignored = code.ignore_configured_endpoint_urls;
        let ignored = context.is_on(&names::IGNORE_CONFIGURED_ENDPOINT_URLS, ignored)?;
        if !ignored && let Some(url) = configured(&context.lookup(), &self.endpoint_url, self.name)?
        {
            let endpoint = Endpoint::new(&url.value).map_err(|error| {
                let message = format!("endpoint_url from {} is not valid", url.origin);
                CredentialsError::new(message).with_source(error)
            })?;
            return Ok(endpoint.to_string());
        }
        let fips = context.is_on(&names::USE_FIPS_ENDPOINT, code.use_fips)?;
        let dual_stack = context.is_on(&names::USE_DUALSTACK_ENDPOINT, code.use_dual_stack)?;
        Ok(self.regional(region, fips, dual_stack))
    }

    fn regional(&self, region: &Region, fips: bool, dual_stack: bool) -> String {
        let host = self.host;
        if host == STS.host && region.as_str() == GLOBAL && !fips && !dual_stack {
            return "https://sts.amazonaws.com".to_owned();
        }
        // The endpoints of GovCloud meet FIPS without saying so.
        let says_so = fips && (dual_stack || !region.as_str().starts_with("us-gov-"));
        let fips = if says_so { "-fips" } else { "" };
        let suffix = region.dns_suffix(dual_stack);
        format!("https://{host}{fips}.{region}.{suffix}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_services_endpoint_rules() {
        for (service, region, fips, dual_stack, host) in [
            (
                STS,
                "eu-west-1",
                false,
                false,
                "sts.eu-west-1.amazonaws.com",
            ),
            (
                STS,
                "eu-west-1",
                true,
                false,
                "sts-fips.eu-west-1.amazonaws.com",
            ),
            (STS, "eu-west-1", false, true, "sts.eu-west-1.api.aws"),
            (
                STS,
                "us-gov-west-1",
                true,
                false,
                "sts.us-gov-west-1.amazonaws.com",
            ),
            (
                STS,
                "us-gov-west-1",
                true,
                true,
                "sts-fips.us-gov-west-1.api.aws",
            ),
            (STS, GLOBAL, false, false, "sts.amazonaws.com"),
            (
                STS,
                GLOBAL,
                true,
                false,
                "sts-fips.aws-global.amazonaws.com",
            ),
            (
                SSO,
                "cn-north-1",
                false,
                false,
                "portal.sso.cn-north-1.amazonaws.com.cn",
            ),
            (
                SSO,
                "us-east-2",
                true,
                true,
                "portal.sso-fips.us-east-2.api.aws",
            ),
            (
                SSO_OIDC,
                "us-gov-east-1",
                true,
                false,
                "oidc.us-gov-east-1.amazonaws.com",
            ),
        ] {
            let region = Region::new(region).unwrap();
            let url = service.regional(&region, fips, dual_stack);
            assert_eq!(url, format!("https://{host}"));
        }
    }
}
