//! STS: credentials of a role. `POST /`, a form in and XML out.

use std::fmt::Write as _;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Response};
use operations::Region;
use percent_encoding::utf8_percent_encode;
use roxmltree::Document;
use signing::{Credentials, Signer};

use super::context::Context;
use super::service::{GLOBAL, STS};
use super::wire::{ESCAPED, PATIENT};
use super::{json, wire};
use crate::CredentialsError;
use crate::client::user_agent;

pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    /// Those without a value are left out.
    pub(super) parameters: &'a [(&'a str, Option<&'a str>)],
    pub(super) signed_by: Option<&'a Credentials>,
    /// Where the role stands, for errors.
    pub(super) place: &'a str,
}

/// The region whose STS is asked.
pub(super) fn region(context: &Context) -> Result<Region, CredentialsError> {
    let region = context.region()?;
    Ok(region.unwrap_or_else(|| Region::unlisted(GLOBAL).expect("it is a host label")))
}

/// The name that was chosen, or one that tells when the session began.
pub(super) fn session_name(context: &Context, chosen: Option<&str>) -> String {
    chosen.map_or_else(
        || {
            let since = context.clock.now().duration_since(SystemTime::UNIX_EPOCH);
            format!("amplify-backend-{}", since.unwrap_or_default().as_millis())
        },
        str::to_owned,
    )
}

impl Call<'_> {
    pub(super) async fn send(
        &self,
        context: &Context,
        region: &Region,
    ) -> Result<Credentials, CredentialsError> {
        let url = STS.url(context, region)?;
        let mut request = wire::get("the URL of STS", &format!("{url}/"))?;
        *request.method_mut() = Method::POST;
        *request.body_mut() = self.form();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        request.headers_mut().insert(USER_AGENT, user_agent(None));
        if let Some(credentials) = self.signed_by {
            let region = match region.as_str() {
                GLOBAL => "us-east-1",
                region => region,
            };
            Signer::new(region, "sts")
                .sign(&mut request, credentials, context.clock.now())
                .map_err(|error| {
                    self.failed("the request cannot be signed")
                        .with_source(error)
                })?;
        }
        let response = context.services.send(&request, &PATIENT).await;
        let response = response.map_err(|error| self.failed("no answer").with_source(error))?;
        self.read(&response)
    }

    fn form(&self) -> Bytes {
        let mut form = format!("Action={}&Version=2011-06-15", self.action);
        for (name, value) in self.parameters {
            if let Some(value) = value {
                let value = utf8_percent_encode(value, ESCAPED);
                write!(form, "&{name}={value}").expect("a String takes all text");
            }
        }
        form.into()
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Credentials, CredentialsError> {
        let status = response.status();
        let text = std::str::from_utf8(response.body()).unwrap_or_default();
        // A document type, and with it entities, is refused by default.
        let document = Document::parse(text).ok();
        let text_of = |name: &str| {
            let nodes = document.as_ref()?.descendants();
            let node = nodes
                .into_iter()
                .find(|node| node.tag_name().name() == name)?;
            node.text().map(str::trim).filter(|text| !text.is_empty())
        };
        if !status.is_success() {
            let code = text_of("Code").unwrap_or("without a code");
            let mut message = format!("STS answered {}, {}", status.as_u16(), code.escape_debug());
            if let Some(words) = text_of("Message") {
                let words: String = words.chars().take(300).collect();
                message.push_str(&format!(": {}", words.escape_debug()));
            }
            return Err(self.failed(&message));
        }
        let keys = || {
            let keys = Credentials::new(text_of("AccessKeyId")?, text_of("SecretAccessKey")?);
            let expiry = json::time(text_of("Expiration")?)?;
            Some(
                keys.with_session_token(text_of("SessionToken")?)
                    .with_expiry(expiry),
            )
        };
        keys().ok_or_else(|| self.failed("what STS answered are no credentials"))
    }

    fn failed(&self, why: &str) -> CredentialsError {
        CredentialsError::new(format!("{}: {} failed: {why}", self.place, self.action))
    }
}
