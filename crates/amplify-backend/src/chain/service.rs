//! Where STS and SSO are.

use operations::{Endpoint, Region};

use super::context::Context;
use crate::CredentialsError;

/// A service that credentials are asked of.
#[derive(Clone, Copy)]
pub(super) struct Service {
    /// What its host begins with.
    host: &'static str,
    /// What settings call it: `AWS_ENDPOINT_URL_…`.
    variable: &'static str,
    /// What a `services` section calls it.
    name: &'static str,
}

pub(super) const STS: Service = Service {
    host: "sts",
    variable: "AWS_ENDPOINT_URL_STS",
    name: "sts",
};

pub(super) const SSO: Service = Service {
    host: "portal.sso",
    variable: "AWS_ENDPOINT_URL_SSO",
    name: "sso",
};

pub(super) const SSO_OIDC: Service = Service {
    host: "oidc",
    variable: "AWS_ENDPOINT_URL_SSO_OIDC",
    name: "sso_oidc",
};

impl Service {
    /// The URL of the service in `region`, without a slash at its end.
    pub(super) async fn url(
        self,
        context: &Context,
        region: &Region,
    ) -> Result<String, CredentialsError> {
        if let Some((url, origin)) = self.custom(context).await? {
            let url = Endpoint::new(&url).map_err(|error| {
                CredentialsError::new(format!("{origin} is no endpoint")).with_source(error)
            })?;
            return Ok(url.to_string());
        }
        let fips = context.is_on("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        let fips = fips.await?;
        let dual_stack = context.is_on("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        Ok(self.regional(region, fips, dual_stack.await?))
    }

    fn regional(self, region: &Region, fips: bool, dual_stack: bool) -> String {
        let host = self.host;
        if host == "sts" && region.as_str() == GLOBAL && !fips && !dual_stack {
            return "https://sts.amazonaws.com".to_owned();
        }
        // The endpoints of GovCloud meet FIPS without saying so.
        let says_so = fips && (dual_stack || !region.as_str().starts_with("us-gov-"));
        let fips = if says_so { "-fips" } else { "" };
        let suffix = region.dns_suffix(dual_stack);
        format!("https://{host}{fips}.{region}.{suffix}")
    }

    /// A URL that was configured, and where.
    async fn custom(self, context: &Context) -> Result<Option<(String, String)>, CredentialsError> {
        let ignored = "ignore_configured_endpoint_urls";
        let ignored = context.is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignored);
        if ignored.await? {
            return Ok(None);
        }
        for variable in [self.variable, "AWS_ENDPOINT_URL"] {
            if let Some(url) = context.variable(variable) {
                return Ok(Some((url, variable.to_owned())));
            }
        }
        let profile = context.profile().await?;
        let services = match profile.get("services") {
            Some(name) => context.profiles().await?.services(name),
            None => None,
        };
        let of_service = services
            .and_then(|services| services.property(self.name))
            .and_then(|service| service.sub_property("endpoint_url"));
        let of_profile = profile
            .section
            .and_then(|section| section.property("endpoint_url"));
        let url = of_service.or(of_profile);
        let url = url.filter(|url| !url.value().is_empty());
        Ok(url.map(|url| (url.value().to_owned(), url.origin().to_string())))
    }
}

/// The region of STS's endpoint for all regions.
pub(super) const GLOBAL: &str = "aws-global";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_services_endpoint_rules() {
        let host = |service: Service, region: &str, fips, dual_stack| {
            service.regional(&Region::new(region).unwrap(), fips, dual_stack)
        };
        for (service, region, fips, dual_stack, url) in [
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
            assert_eq!(
                host(service, region, fips, dual_stack),
                format!("https://{url}")
            );
        }
    }
}
