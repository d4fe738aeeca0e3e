//! IAM Identity Center: the token that `aws sso login` left behind, and a role's keys for it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use operations::Region;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json as object};
use sha1::{Digest as _, Sha1};
use signing::Credentials;

use super::context::Context;
use super::profile::Profile;
use super::service::{SSO, SSO_OIDC};
use super::wire::{ESCAPED, PATIENT};
use super::{Found, json, wire};
use crate::CredentialsError;
use crate::client::user_agent;
use crate::config::shown;

/// What a profile says of SSO.
struct Sso<'a> {
    profile: &'a Profile<'a>,
    session: Option<&'a str>,
    start_url: &'a str,
    region: Region,
    account: &'a str,
    role: &'a str,
}

static BEARER_TOKEN: HeaderName = HeaderName::from_static("x-amz-sso_bearer_token");

/// How long before it expires a token is refreshed.
const EARLY: Duration = Duration::from_secs(15 * 60);

pub(super) async fn ask(context: &Context, profile: &Profile<'_>) -> Found {
    if profile.get("sso_account_id").is_none() && profile.get("sso_role_name").is_none() {
        return profile.lacks("sso_account_id");
    }
    let sso = Sso::of(context, profile)?;
    let token = sso.token(context).await?;
    Ok(sso.keys(context, &token).await?)
}

impl<'a> Sso<'a> {
    fn of(context: &'a Context, profile: &'a Profile<'a>) -> Result<Self, CredentialsError> {
        let session = match profile.get("sso_session") {
            None => None,
            Some(name) => {
                let section = context.profiles()?.sso_session(name);
                let section = section.ok_or_else(|| {
                    let place = profile.origin("sso_session");
                    CredentialsError::new(format!("{place}: there is no [sso-session {name}]"))
                })?;
                Some((name, section))
            }
        };
        // What stands in both places is the same, or one of them is a mistake.
        let get = |name: &str| {
            let of_profile = profile.get(name);
            let of_session = session.and_then(|(_, section)| section.get(name));
            match (of_profile, of_session) {
                (Some(one), Some(other)) if one != other => Err(CredentialsError::new(format!(
                    "{}: {name} is another in its sso-session",
                    profile.origin(name)
                ))),
                (one, other) => one.or(other).ok_or_else(|| {
                    let (profile, session) = (&profile.name, session.map(|(name, _)| name));
                    let session = session.map(|name| format!(" or its sso-session {name}"));
                    CredentialsError::new(format!(
                        "SSO needs {name}, which profile {profile}{} does not have",
                        session.unwrap_or_default()
                    ))
                }),
            }
        };
        let region = Region::new(get("sso_region")?).map_err(|error| {
            CredentialsError::new("sso_region is not a region").with_source(error)
        })?;
        Ok(Self {
            profile,
            start_url: get("sso_start_url")?,
            region,
            account: get("sso_account_id")?,
            role: get("sso_role_name")?,
            session: session.map(|(name, _)| name),
        })
    }

    /// The access token: as it is kept, or if it can be renewed and is about to expire, a new one.
    async fn token(&self, context: &Context) -> Result<String, CredentialsError> {
        let path = self.token_path(context)?;
        let text = context.read("the SSO token", &path).await;
        let text = text.map_err(|error| self.log_in("there is no SSO token").with_source(error))?;
        let wrong = |why: String| {
            self.log_in(&format!(
                "the SSO token {} is broken: {why}",
                shown::path(&path)
            ))
        };
        let token = json::parse(text.as_bytes()).map_err(wrong)?;
        let access = json::text(&token, "accessToken").map_err(wrong)?;
        let expires_at = json::text(&token, "expiresAt").map_err(wrong)?;
        let expires_at = json::time(expires_at)
            .ok_or_else(|| wrong("its expiresAt is not a time".to_owned()))?;
        let now = context.clock.now();
        let is_late = now.checked_add(EARLY).is_none_or(|soon| soon >= expires_at);
        if self.session.is_some() && is_late {
            let renewed = self.renew(context, &token, now).await;
            if let Some((access, renewed)) = renewed {
                context.replace(path, renewed).await;
                return Ok(access);
            }
        }
        if now >= expires_at {
            return Err(self.log_in("the SSO token has expired"));
        }
        Ok(access.to_owned())
    }

    /// Where the AWS CLI keeps the token.
    fn token_path(&self, context: &Context) -> Result<PathBuf, CredentialsError> {
        let hash = Sha1::digest(self.session.unwrap_or(self.start_url));
        let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        context.in_home(&[".aws", "sso", "cache", &format!("{name}.json")])
    }

    /// A new access token and what to keep of it; `None` when there is none, for which logging in
    /// is the cure, whatever the reason.
    async fn renew(
        &self,
        context: &Context,
        token: &Value,
        now: SystemTime,
    ) -> Option<(String, String)> {
        let text = |name| json::text(token, name).ok();
        let (id, secret) = (text("clientId")?, text("clientSecret")?);
        if now >= json::time(text("registrationExpiresAt")?)? {
            return None;
        }
        let ask = object!({
            "grantType": "refresh_token",
            "clientId": id,
            "clientSecret": secret,
            "refreshToken": text("refreshToken")?,
        });
        let url = SSO_OIDC.url(context, &self.region).ok()?;
        let mut request = wire::get("the URL of SSO OIDC", &format!("{url}/token")).ok()?;
        *request.method_mut() = Method::POST;
        *request.body_mut() = ask.to_string().into();
        let content_type = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        request.headers_mut().insert(USER_AGENT, user_agent(None));
        // Once: a refresh token may be good for one use.
        let response = context
            .services
            .send(&request, &PATIENT.once())
            .await
            .ok()?;
        if response.status() != StatusCode::OK {
            return None;
        }
        let answer = json::parse(response.body()).ok()?;
        let access = json::text(&answer, "accessToken").ok()?;
        let seconds = answer.get("expiresIn")?.as_i64()?;
        let expires_at = jiff::Timestamp::try_from(now).ok()?;
        let expires_at = expires_at
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .ok()?;
        let mut kept = token.clone();
        let members = kept.as_object_mut()?;
        members.insert("accessToken".to_owned(), access.into());
        members.insert("expiresAt".to_owned(), format!("{expires_at:.0}").into());
        match json::text(&answer, "refreshToken") {
            Ok(next) => members.insert("refreshToken".to_owned(), next.into()),
            Err(_) => members.remove("refreshToken"),
        };
        Some((access.to_owned(), kept.to_string()))
    }

    /// `GET /federation/credentials`
    async fn keys(&self, context: &Context, token: &str) -> Result<Credentials, CredentialsError> {
        let failed = |why: &str| {
            CredentialsError::new(format!("SSO of profile {}: {why}", self.profile.name))
        };
        let url = SSO.url(context, &self.region)?;
        let url = format!(
            "{url}/federation/credentials?account_id={}&role_name={}",
            utf8_percent_encode(self.account, ESCAPED),
            utf8_percent_encode(self.role, ESCAPED),
        );
        let mut request = wire::get("the URL of SSO", &url)?;
        let token = wire::secret("the SSO token", token)?;
        request.headers_mut().insert(&BEARER_TOKEN, token);
        request.headers_mut().insert(USER_AGENT, user_agent(None));
        let response = context.services.send(&request, &PATIENT).await;
        let response = response.map_err(|error| failed("no answer").with_source(error))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(self.log_in("SSO refuses the token")),
            StatusCode::FORBIDDEN => {
                return Err(failed(&format!(
                    "the token is good, and not for role {} in account {}",
                    self.role.escape_debug(),
                    self.account.escape_debug()
                )));
            }
            status => return Err(failed(&format!("it answered {}", status.as_u16()))),
        }
        let keys = json::parse(response.body()).and_then(|answer| {
            let keys = answer
                .get("roleCredentials")
                .ok_or("it has no roleCredentials")?;
            let text = |name| json::text(keys, name);
            let expires_at = keys.get("expiration").and_then(Value::as_u64);
            let expires_at = expires_at.and_then(json::from_milliseconds);
            Ok(
                Credentials::new(text("accessKeyId")?, text("secretAccessKey")?)
                    .with_session_token(text("sessionToken")?)
                    .with_expiry(expires_at.ok_or("its expiration is not a time")?),
            )
        });
        keys.map_err(|why| failed(&format!("what it answered is no key: {why}")))
    }

    fn log_in(&self, why: &str) -> CredentialsError {
        let name = &self.profile.name;
        let quote = if name.contains(char::is_whitespace) {
            "'"
        } else {
            ""
        };
        let message = format!("{why}; run: aws sso login --profile {quote}{name}{quote}");
        CredentialsError::new(message)
    }
}
