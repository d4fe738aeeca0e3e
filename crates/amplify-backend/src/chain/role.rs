//! A role that a profile assumes, and the profiles or sources that it starts from.

use operations::Region;
use signing::Credentials;

use super::context::Context;
use super::profile::Profile;
use super::{Asked, CredentialChain, Found, absent, sts};
use crate::CredentialsError;
use crate::config::Origin;

/// A role as a profile describes it.
struct Role<'a> {
    /// Where it stands, for errors.
    place: Origin,
    arn: &'a str,
    session_name: Option<&'a str>,
    external_id: Option<&'a str>,
    duration: Option<u32>,
}

/// What the first role is assumed with.
enum Start<'a> {
    Profile(Profile<'a>),
    Environment,
    Container,
    InstanceMetadata,
}

impl CredentialChain {
    /// Assumes the profile's role, with what it starts from.
    pub(super) async fn role_of(&self, profile: &Profile<'_>) -> Found {
        if !assumes_a_role(profile) {
            return match profile.get("web_identity_token_file") {
                Some(_) => absent(format!(
                    "the role of profile {} is for its web identity",
                    profile.name
                )),
                None => profile.lacks("role_arn"),
            };
        }
        // All of it is checked before anybody is asked.
        let (roles, start) = plan(&self.context, profile)?;
        let region = sts::region(&self.context)?;
        let mut credentials = self.start(&start).await?;
        for role in roles.into_iter().rev() {
            credentials = assume(&self.context, &region, &credentials, role).await?;
        }
        Ok(credentials)
    }

    async fn start(&self, start: &Start<'_>) -> Result<Credentials, CredentialsError> {
        let (who, sources) = match start {
            Start::Profile(profile) => {
                let who = format!("profile {}, which is a source_profile,", profile.name);
                (who, self.sources_of(profile, false).into())
            }
            Start::Environment => ("Environment".to_owned(), vec![self.environment()]),
            Start::Container => ("EcsContainer".to_owned(), vec![self.container()]),
            Start::InstanceMetadata => ("Ec2InstanceMetadata".to_owned(), vec![self.instance()]),
        };
        let mut asked = Asked::default();
        let found = asked.ask(sources).await?;
        found.ok_or_else(|| {
            let what = format!("{who} has no credentials");
            CredentialsError::new(asked.nobody(&what))
        })
    }
}

/// The roles of a profile and of those it starts from, the last to be assumed first.
fn plan<'a>(
    context: &'a Context,
    profile: &Profile<'a>,
) -> Result<(Vec<Role<'a>>, Start<'a>), CredentialsError> {
    let mut profile = profile.clone();
    let mut roles = Vec::new();
    let mut visited = vec![profile.name.clone()];
    loop {
        roles.push(role(&profile)?);
        let source = match (
            profile.get("source_profile"),
            profile.get("credential_source"),
        ) {
            (Some(name), None) => name,
            (None, Some(source)) => {
                let start = match source.to_ascii_lowercase().as_str() {
                    "environment" => Start::Environment,
                    "ecscontainer" => Start::Container,
                    "ec2instancemetadata" => Start::InstanceMetadata,
                    _ => {
                        return Err(CredentialsError::new(format!(
                            "{}: credential_source is Environment, EcsContainer or \
                             Ec2InstanceMetadata",
                            profile.origin("credential_source")
                        )));
                    }
                };
                return Ok((roles, start));
            }
            (both, _) => {
                let problem = match both {
                    Some(_) => "has both source_profile and credential_source",
                    None => "has neither source_profile nor credential_source",
                };
                let place = profile.origin("role_arn");
                let message = format!("{place}: a profile with role_arn {problem}");
                return Err(CredentialsError::new(message));
            }
        };
        let origin = profile.origin("source_profile");
        let place = origin.to_string();
        let is_itself = source == profile.name;
        let was_there = visited.iter().any(|visited| visited == source);
        visited.push(source.to_owned());
        profile = context.profile_named(source, origin)?;
        if was_there && !(is_itself && profile.has_keys()) {
            return Err(CredentialsError::new(format!(
                "{place}: source_profile goes round in a circle: {}",
                visited.join(" -> ")
            )));
        }
        if profile.has_keys() || !assumes_a_role(&profile) {
            return Ok((roles, Start::Profile(profile)));
        }
    }
}

/// A role for a web identity is none of these.
fn assumes_a_role(profile: &Profile<'_>) -> bool {
    profile.get("role_arn").is_some() && profile.get("web_identity_token_file").is_none()
}

fn role<'a>(profile: &Profile<'a>) -> Result<Role<'a>, CredentialsError> {
    if profile.get("mfa_serial").is_some() {
        return Err(CredentialsError::new(format!(
            "{}: a role with mfa_serial needs a code that nobody can be asked for here; get a \
             session with `aws sts get-session-token` or let a credential_process ask",
            profile.origin("mfa_serial")
        )));
    }
    let duration = match profile.get("duration_seconds") {
        None => None,
        Some(seconds) => Some(seconds.parse().map_err(|_| {
            let place = profile.origin("duration_seconds");
            CredentialsError::new(format!(
                "{place}: duration_seconds is not a number of seconds"
            ))
        })?),
    };
    Ok(Role {
        place: profile.origin("role_arn"),
        arn: profile.get("role_arn").unwrap_or_default(),
        session_name: profile.get("role_session_name"),
        external_id: profile.get("external_id"),
        duration,
    })
}

async fn assume(
    context: &Context,
    region: &Region,
    credentials: &Credentials,
    role: Role<'_>,
) -> Result<Credentials, CredentialsError> {
    let session_name = sts::session_name(context, role.session_name);
    let duration = role.duration.map(|seconds| seconds.to_string());
    let call = sts::Call {
        action: "AssumeRole",
        parameters: &[
            ("RoleArn", Some(role.arn)),
            ("RoleSessionName", Some(&session_name)),
            ("DurationSeconds", duration.as_deref()),
            ("ExternalId", role.external_id),
        ],
        signed_by: Some(credentials),
        place: &role.place.to_string(),
    };
    call.send(context, region).await
}
